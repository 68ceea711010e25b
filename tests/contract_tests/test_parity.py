"""Two targets side by side: each planted difference is found, alone, and the file to open is the right one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract_tests import parity
from contract_tests.comparing import Apart
from contract_tests.mock_process import MOCK_KEY, MockProcess
from contract_tests.remedies import BEHAVIOURS, HEADERS, WRITER, Remedies
from contract_tests.targets import Ask, Exchange
from mockserver.behaviours import registered
from openapi.contract import load_contract, packaged_contract
from tests.contract_tests.beside_mock import Reply, Request, beside
from tests.contract_tests.far_host import HOST, far_host
from tests.contract_tests.standing_in import KEY, ROOT, SUITE, standing_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.contract import Contract
    from tests.contract_tests.far_host import Answer

SESSION = "createVisualValidateSession"


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """Start one mock for all tests here."""
    process = MockProcess([], "published")
    try:
        yield process.wait()
    finally:
        process.stop()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", MOCK_KEY)
    monkeypatch.delenv("ANYFAST_API_KEY_2", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


def planted(asked: Request, reply: Reply) -> Reply:
    """Plant one difference of each kind, each in a case of its own."""
    if reply.status == 200:
        return planted_in_a_session(asked.body, reply)
    if asked.path.endswith("/contract-unknown-path") and "CreateVisual" not in asked.path:
        return replace(reply, status=200)
    if reply.status == 401:
        return planted_in_a_401(asked, reply)
    by_method = {
        "GET": lambda: replace(reply, headers={**reply.headers, "allow": "POST, PATCH"}),
        "PUT": lambda: without(reply, "allow"),
        "DELETE": lambda: replace(reply, headers={**reply.headers, "content-type": "text/html"}, body=b"<p>405</p>"),
    }
    by_body = {
        b"null": lambda: replace(reply, status=422),
        b"7": lambda: reply.changed(lambda body: {"error": {**body["error"], "param": "x"}}),
        b"[]": lambda: replace(reply, status=200),
    }
    return by_method.get(asked.method, by_body.get(asked.body, lambda: reply))()


def planted_in_a_session(sent: bytes, reply: Reply) -> Reply:
    """Plant differences in what a valid request comes to."""
    if sent == b"{}":
        return replace(reply, status=400)
    if not sent:
        return reply.changed(lambda body: {**body, "BytedToken": body["BytedToken"].lower(), "Extra": None})
    if len(sent) > 1000:
        return reply.changed(lambda body: {**body, "H5Link": re.sub("&uid=[^&]*", "", body["H5Link"]) + "&lng=zh"})
    return reply


def planted_in_a_401(asked: Request, reply: Reply) -> Reply:
    """Plant differences in the answers to two of the bad credentials."""
    if "authorization" not in asked.headers and "?" not in asked.path:
        return without(reply, "www-authenticate")
    if asked.headers.get("authorization", "").startswith("Basic"):
        words = "Invalid token (request id: 20261126abc)"
        return reply.changed(lambda body: {"error": {**body["error"], "message": words}})
    return reply


def without(reply: Reply, header: str) -> Reply:
    """Take a header away."""
    return replace(reply, headers={name: value for name, value in reply.headers.items() if name != header})


@pytest.fixture(scope="module")
def compared(mock: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """Compare the mock with a host in which everything is planted, once for all rows below."""
    file = tmp_path_factory.mktemp("parity") / "parity.json"
    with pytest.MonkeyPatch.context() as patch, beside(mock, planted) as host:
        patch.setenv("ANYFAST_API_KEY", MOCK_KEY)
        status = parity.main(["--left", mock, "--right", host, "--json", str(file)])
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return status, made


def words_at(remedy: str) -> str:
    """Read the file that a remedy names, from the line that it names on to the end of what stands there."""
    name, line = re.match(r"([^ :]+)(?::([0-9]+))?", remedy).groups()  # type: ignore[union-attr]
    text = (ROOT / name).read_text(encoding="utf-8")
    return "\n".join(text.splitlines()[int(line or 1) - 1 :][:8])


ROWS = {
    "status of a refusal": (
        "invalid/body-null", "status", "400", "422", "openapi/overlays/gateway-published.yaml", "body or parameter",
    ),
    "refused here, taken there": (
        "invalid/body-array", "status", "400", "200",
        "openapi/vendor/create-visual-validate-session.yaml", "type: object",
    ),
    "taken here, refused there": (
        "body/empty-object", "status", "200", "400",
        "openapi/vendor/create-visual-validate-session.yaml", "type: object",
    ),
    "unknown path": ("path/unknown", "status", "404", "200", "openapi/overlays/gateway-published.yaml", "unknown path"),
    "media type": (
        "method/delete", "media type", "application/json", "text/html",
        "openapi/overlays/gateway-published.yaml", "wrong method",
    ),
    "kind of body": (
        "method/delete", "body (root)", "JSON", "text", "openapi/overlays/gateway-published.yaml", "wrong method",
    ),
    "words of a refusal": (
        "auth/other-scheme", "body /error/message", "'Invalid API key provided.'", "'Invalid token (request id: <id>)'",
        "openapi/overlays/gateway-published.yaml", "missing, malformed or unknown",
    ),
    "member of a refusal": (
        "invalid/body-integer", "body /error/param", "missing", "there",
        "openapi/overlays/gateway-published.yaml", "body or parameter",
    ),
    "value of a header": ("method/get", "header allow", "OPTIONS, POST", "POST, PATCH", "mockserver/engine.py", ""),
    "missing header": ("method/put", "header allow", "there", "missing", "mockserver/engine.py", ""),
    "challenge": (
        "auth/missing", "header www-authenticate", "there", "missing", "mockserver/credentials.py", "",
    ),
    "characters of a token": (
        "body/none", "body /BytedToken",
        "[0-9]{14}[0-9A-F]{20}, 34 characters", "[0-9]{14}[0-9a-f]{20}, 34 characters",
        "mockserver/behaviours/visual_validate.py", "",
    ),
    "member of an answer": (
        "body/none", "body /Extra", "missing", "there", "mockserver/behaviours/visual_validate.py", "",
    ),
    "parameter of a link": (
        "body/CallbackURL-long", "body /H5Link ?uid", "there", "missing",
        "mockserver/behaviours/visual_validate.py", "",
    ),
    "another parameter of a link": (
        "body/CallbackURL-long", "body /H5Link ?lng", "missing", "there",
        "mockserver/behaviours/visual_validate.py", "",
    ),
}  # fmt: skip
"""Each planted difference: case, place, left, right, the file to open, and words that stand there."""


@pytest.mark.parametrize("name", ROWS)
def test_a_planted_difference_is_found_and_names_its_file(compared: tuple[int, dict[str, Any]], name: str) -> None:
    case, place, left, right, file, words = ROWS[name]
    rows = {(one["case"], one["place"]): one for one in compared[1]["differences"]}
    row = rows[f"{SESSION}/{case}", place]
    assert (row["left"], row["right"], row["code"]) == (left, right, "AFC944")
    assert row["remedy"].startswith(file), row
    assert words in words_at(row["remedy"])


def test_what_only_the_host_refuses_names_the_overlay_that_can_say_so(compared: tuple[int, dict[str, Any]]) -> None:
    (row,) = [one for one in compared[1]["differences"] if one["case"] == f"{SESSION}/body/empty-object"]
    assert row["remedy"].endswith("(the mock lets it pass; forbid it in openapi/overlays/published.yaml)")


def test_nothing_else_is_found(compared: tuple[int, dict[str, Any]]) -> None:
    status, made = compared
    assert status == 1
    assert {(one["case"].partition("/")[2], one["place"]) for one in made["differences"]} == {
        row[:2] for row in ROWS.values()
    }
    failed = {item["id"] for item in made["items"] if item["verdict"] == "failed"}
    assert failed == {f"{SESSION}/{row[0]}" for row in ROWS.values()}


def test_the_report_follows_its_schema_and_says_what_was_compared(compared: tuple[int, dict[str, Any]]) -> None:
    made = compared[1]
    schema = json.loads((SUITE / "report-schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(made)
    assert made["target"]["compared_with"].startswith("http://127.0.0.1:")
    assert made["run"]["sentence"] == f"The targets answer 12 of {len(made['items'])} requests differently."
    names = [one["name"] for one in made["exchanges"]]
    assert f"{SESSION}/auth/missing" in names
    assert f"{SESSION}/auth/missing (left)" in names


def test_no_secret_is_in_the_report(compared: tuple[int, dict[str, Any]]) -> None:
    text = json.dumps(compared[1])
    assert MOCK_KEY not in text
    assert re.search(r"[0-9]{14}[0-9A-Fa-f]{20}", text) is None
    assert re.search(r"pl=[^*]", text) is None


def test_a_host_that_answers_like_the_mock_has_no_differences(mock: str, capsys: pytest.CaptureFixture[str]) -> None:
    with beside(mock, lambda _, reply: reply) as host:
        assert parity.main(["--left", mock, "--right", host, "--contract-journey"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"The targets answer alike to all 4\d requests that were compared\.", said)
    assert "place " not in said


def test_a_table_says_each_difference_once_with_its_cases(mock: str, capsys: pytest.CaptureFixture[str]) -> None:
    def other_words(_: Request, reply: Reply) -> Reply:
        named = {"error": {"message": "Who?", "type": "authentication_error", "code": "invalid_api_key"}}
        return reply.changed(lambda _: named) if reply.status == 401 else reply

    with beside(mock, other_words) as host:
        assert parity.main(["--left", mock, "--right", host, "--html", "parity.html"]) == 1
    said = capsys.readouterr().out
    assert said.count("body /error/message") == 1
    assert "'Invalid API key provided.'" in said
    assert "auth/missing, auth/empty, auth/other-scheme, auth/unknown and 4 more" in said
    assert re.search(r"open {2}openapi/overlays/gateway-published\.yaml:[0-9]+ \(rule auth\.missing, auth\.empty", said)
    page = Path("parity.html").read_text(encoding="utf-8")
    assert "openapi/overlays/gateway-published.yaml:" in page
    assert "compared with" in page


def test_two_hosts_of_one_make_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    with standing_in() as left, standing_in() as right:
        assert parity.main(["--left", left.url, "--right", right.url]) == 0


def test_two_hosts_are_compared_without_any_mock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    with standing_in() as left, standing_in("open") as right:
        assert parity.main(["--left", left.url, "--right", right.url]) == 1
    said = capsys.readouterr().out
    assert "it is no mock of this project" in said
    assert "openapi/vendor/create-visual-validate-session.yaml:" in said


def test_a_host_that_puts_secrets_everywhere_has_none_of_them_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    with standing_in() as left, standing_in("echo") as right:
        for pair in ((left, right), (right, left), (right, right)):
            parity.main(
                ["--left", pair[0].url, "--right", pair[1].url, "--json", "parity.json", "--html", "parity.html"]
            )
            said = "".join(capsys.readouterr())
            for text in (said, *(Path(name).read_text(encoding="utf-8") for name in ("parity.json", "parity.html"))):
                assert "MARKED" not in text.replace("$ANYFAST_API_KEY", "").upper()
                assert [one for one in (*left.tokens, *right.tokens) if one in text or one[:20] in text] == []


def test_a_silent_host_is_inconclusive_and_no_difference(mock: str, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(503) as right:
        assert parity.main(["--left", mock, "--right", right.url]) == 10
    said = capsys.readouterr().out
    assert "inconclusive: right: the target answered 503 (AFC912)" in said
    assert "Inconclusive: 40 of 40 requests could not be compared." in said


def test_beyond_this_machine_the_budget_holds_on_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lost(name: str, _: int, right: Answer) -> Answer | None:
        return (429, {"Retry-After": "0"}, {}) if name.endswith("body/documented") else right

    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    with far_host(tmp_path, lost) as far, standing_in() as left:
        assert parity.main(["--left", left.url, "--right", f"https://{HOST}", *far.options[2:]]) == 10
        paid_left = sum("POST" in one and KEY in one for one in left.requests)
    said = capsys.readouterr().out
    assert len(far.paid) == 2
    assert far.names.count(f"{SESSION}/body/documented") == 1, "a paid request was sent again"
    assert paid_left < 30
    assert "9 not run" in said
    assert "no room in the budget paid=2,total=40" in said


REFUSED = {
    "host": (["--right", "https://other.example"], 14, "add --contract-allow-host other.example"),
    "budget": (["--right", "http://127.0.0.1:9", "--contract-budget", "total=0"], 14, "allows none of the requests"),
    "profile": (["--right", "mock:publisht"], 4, "Did you mean 'published'?"),
    "profile of documents": (["--right", "mock:observed", "--contract-document", "x.yaml"], 4, "leave it out"),
    "document": (["--right", "mock", "--contract-document", "none.yaml"], 4, "none.yaml"),
    "file": (["--right", "mock", "--json", "."], 4, "it is a folder"),
    "word": (["--right", "observed"], 4, "--right is neither mock nor mock:PROFILE nor a URL"),
    "no side": ([], 4, "--right"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_compared_is_said_before_anything_is_sent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, status, said = REFUSED[name]
    try:
        ended = parity.main(arguments)
    except SystemExit as end:  # of the parser
        ended = int(str(end.code))
    assert ended == status
    assert said in capsys.readouterr().err


def test_a_plan_shows_both_sides_and_sends_nothing(mock: str, capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as right:
        assert parity.main(["--left", mock, "--right", right.url, "--contract-plan"]) == 0
        assert right.connections == 0
    assert capsys.readouterr().out.count("nothing is sent now") == 2


# --- the tables that remedies are taken from --------------------------------------------------------------------------


def test_every_behaviour_of_the_mock_is_in_the_table_with_its_file() -> None:
    files = {name: f"{one.function.__module__.replace('.', '/')}.py" for name, one in registered().items()}
    assert files == BEHAVIOURS


RULES = (
    "",
    "auth.missing",
    "body.required",
    "body.size",
    "route.path",
    "mock.bug",
    "session.unknown",
    "prefer",
    "a..b",
)
PETS = ROOT / "tests" / "documents" / "pets-3.1.yaml"


@pytest.mark.parametrize("rule", [*RULES, "operation", "operation.pending"])
@pytest.mark.parametrize("made", [packaged_contract(), packaged_contract("observed"), load_contract([PETS])])
def test_every_remedy_names_a_file_that_is_there(rule: str, made: Contract) -> None:
    remedies = Remedies(made, made.profile)
    places = (
        Apart("status", "1", "2"),
        Apart("media type", "a", "b"),
        Apart("header", "there", "missing", name="allow"),
        Apart("header", "there", "missing", name="x-new"),
        Apart("body", "a", "b", pointer="/error/message"),
    )
    for operation in (None, *made.operations):
        decided = rule.replace("operation", operation.id) if operation else rule
        said = (("X-Mock-Rule", f"{decided}; basis=rfc"),) if decided else ()
        for status, other in ((200, 400), (400, 200), (404, 405)):
            mock, host = (Exchange(Ask("POST", "/"), *one) for one in ((status, said), (other, ())))
            for apart in places:
                file = re.split("[: ]", remedies.of(apart, mock, host, operation))[0]
                assert (ROOT / file).is_file(), file


def test_every_header_of_the_table_stands_in_its_file() -> None:
    assert (ROOT / WRITER).is_file()
    for header, file in HEADERS.items():
        assert re.search(header, (ROOT / file).read_text(encoding="utf-8"), re.IGNORECASE), (header, file)
