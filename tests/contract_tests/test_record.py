"""Recorded shapes: what a host was seen to answer, without a value, within the budget, and told when it changes."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract_tests import record
from contract_tests.outcomes import seen, together
from contract_tests.redaction import Redactor
from contract_tests.shape_changes import changed_since
from contract_tests.shape_files import Recorded, as_json, read_shapes, recorded_for, written
from contract_tests.targets import Ask, Exchange
from contract_tests.terms import UnusableFile
from tests.contract_tests.far_host import HOST, far_host
from tests.contract_tests.standing_in import KEY, SUITE, run_suite, standing_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract_tests.far_host import Answer

SESSION = "createVisualValidateSession"
TOKEN = re.compile(r"[0-9]{14}[0-9A-Fa-f]{20}")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    monkeypatch.delenv("ANYFAST_API_KEY_2", raising=False)
    monkeypatch.chdir(tmp_path)


def read(path: str = "contract-shapes.json") -> dict[str, Any]:
    """Read a file of shapes and check it against its schema."""
    made: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    schema = json.loads((SUITE / "shapes-schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(made)
    return made


def test_a_host_is_recorded_without_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as host:
        assert record.main(["--target", host.url]) == 0
    made = read()
    assert made["host"] == host.url.removeprefix("http://")
    session = made["cases"][f"{SESSION}/body/documented"]["200"]
    today = datetime.now(timezone.utc).date().isoformat()
    assert (session["count"], session["first"], session["last"]) == (1, today, today)
    assert (session["media_types"], session["bodies"]) == (["application/json"], ["JSON"])
    members = session["shape"]["object"]["members"]
    assert members["BytedToken"] == {
        "there": "always",
        "shape": {"string": {"length": [34, 34], "pattern": "[0-9]{14}[0-9A-F]{20}"}},
    }
    assert members["H5Link"]["shape"]["string"]["format"] == "uri"
    assert made["cases"][f"{SESSION}/auth/missing"]["401"]["headers"] == {"www-authenticate": "always"}
    text = Path("contract-shapes.json").read_text(encoding="utf-8")
    assert [token for token in host.tokens if token[:8] in text or token[20:] in text] == []
    assert KEY not in text
    assert "h5.example" not in text
    said = capsys.readouterr().out
    assert "40 cases of 127.0.0.1:" in said
    assert TOKEN.search(said) is None


def test_further_observations_widen_the_file_and_count(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as host:
        for _ in range(2):
            assert record.main(["--target", host.url]) == 0
        capsys.readouterr()
        first = read()["cases"]
        host.manner = "open"
        assert record.main(["--target", host.url]) == 0
    cases = read()["cases"]
    assert {name: sorted(cases[name]) for name in cases if "/auth/" in name} != {
        name: sorted(first[name]) for name in first if "/auth/" in name
    }
    missing = cases[f"{SESSION}/auth/missing"]
    assert (missing["401"]["count"], missing["200"]["count"]) == (2, 1)
    assert f"widened   {SESSION}/auth/missing: status: 401 was recorded, 200 came" in capsys.readouterr().out


def test_the_same_answers_give_the_same_text_in_whatever_order_they_came() -> None:
    answers = [answer({"a": number, "b": "x" * number}, status) for number in (1, 2, 300) for status in (200, 400)]
    known, redactor = frozenset[str](), Redactor("")
    observed = [("op/body/x", one.status, seen(one, "2026-01-01", known, redactor)) for one in answers]
    texts = {
        written(Recorded("h", "", (), together(some)))
        for some in (observed, observed[::-1], observed[3:] + observed[:3])
    }
    assert len(texts) == 1


def answer(value: object, status: int = 200, **headers: str) -> Exchange:
    """Make an answer."""
    typed = (("Content-Type", "application/json"), *((name.replace("_", "-"), text) for name, text in headers.items()))
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Exchange(Ask("POST", "/x"), status, typed, body, name="op/body/x")


def test_a_host_that_puts_secrets_everywhere_has_none_of_them_recorded() -> None:
    with standing_in("echo") as host:
        assert record.main(["--target", host.url]) == 0
    read()
    text = Path("contract-shapes.json").read_text(encoding="utf-8")
    assert KEY not in text
    assert "4242" not in text
    assert [token for token in host.tokens if token[:8] in text or token[20:] in text] == []


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    value = {"a": [1, None, 2.5, True], "b": {"id-1-2": "x-[]{}\\^ é"}, "c": "", "d": [], "e": "a-b"}
    one = seen(answer(value, X_Thing="1"), "2026-01-01", frozenset(), Redactor(""))
    made = Recorded("h", "observed", ("0" * 64,), {"op/body/x": {200: one}})
    (tmp_path / "s.json").write_text(written(made), encoding="utf-8")
    assert read_shapes(tmp_path / "s.json") == made
    read("s.json")
    assert made.and_also(made).cases["op/body/x"][200].shape == one.shape


UNUSABLE: dict[str, Callable[[dict[str, Any]], object]] = {
    "version": lambda made: {**made, "version": 2},
    "format": lambda made: {**made, "format": "x"},
    "cases": lambda made: {**made, "cases": {"a": {"200": {}}}},
    "pattern": lambda made: json.loads(json.dumps(made).replace("[0-9]", "(?:")),
    "list": lambda made: [made],
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_is_none_is_refused_before_anything_is_sent(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    good = as_json(
        Recorded("h", "", (), {"a": {200: seen(answer("12345678"), "2026-01-01", frozenset(), Redactor(""))}})
    )
    Path("contract-shapes.json").write_text(json.dumps(UNUSABLE[name](good)), encoding="utf-8")
    with standing_in() as host:
        assert record.main(["--target", host.url]) == 4
        assert host.connections == 0
    assert "contract-shapes.json has no shapes of version 1" in capsys.readouterr().err


def test_the_file_of_another_host_is_not_widened(capsys: pytest.CaptureFixture[str]) -> None:
    Path("contract-shapes.json").write_text(written(Recorded("other.example", "", ())), encoding="utf-8")
    with standing_in() as host:
        assert record.main(["--target", host.url]) == 4
        assert host.connections == 0
    assert "has the shapes of other.example: name another file with --output" in capsys.readouterr().err
    assert recorded_for("https://other.example") is not None
    assert recorded_for("https://host.example") is None
    with pytest.raises(UnusableFile, match=r"of other\.example, not of host\.example"):
        recorded_for("https://host.example", "contract-shapes.json")


def test_a_host_that_gives_nothing_is_inconclusive_and_leaves_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(503) as host:
        assert record.main(["--target", host.url]) == 10
    assert not list(Path().iterdir())
    assert "Nothing came that could be recorded." in capsys.readouterr().out


def test_trouble_of_the_host_is_no_shape(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in(500) as host:
        assert record.main(["--target", host.url]) == 10
    assert "no shape  40 requests: the target answered 500" in capsys.readouterr().out


def test_beyond_this_machine_the_budget_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "far"
    folder.mkdir()
    with far_host(folder) as far:
        assert record.main([*far.options]) == 0
    assert len(far.paid) == 2
    assert len(far.names) == 31
    said = capsys.readouterr().out
    assert "requests  31, 2 of them may have cost something" in said
    assert "left out  9 requests: " in said
    assert len(read()["cases"]) == 31


def test_a_plan_is_shown_without_sending_and_another_host_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert record.main(["--target", "https://www.anyfast.ai", "--contract-plan"]) == 0
    assert "requests  31: 29 free, 2 paid; 9 left out" in capsys.readouterr().out
    assert record.main(["--target", f"https://{HOST}"]) == 14
    assert f"add --contract-allow-host {HOST}. (AFC901)" in capsys.readouterr().err


# --- what changed -----------------------------------------------------------------------------------------------------

BEFORE = {"id": "group-20260702221526-x7k2p", "n": 1, "list": [{"a": 1}], "more": {"x": None}, "code": "AAAA"}
CHANGES: dict[str, tuple[Exchange, tuple[str, str, str]]] = {
    "status": (answer(BEFORE, 201), ("status", "200", "201")),
    "media type": (
        Exchange(
            Ask("POST", "/x"), 200, (("Content-Type", "text/html"), ("X-Thing", "1")), json.dumps(BEFORE).encode()
        ),
        ("media type", "application/json", "text/html"),
    ),
    "kind": (answer(b"{", X_Thing="1"), ("body", "JSON", "text")),
    "header": (answer(BEFORE), ("header x-thing", "always there", "missing")),
    "member gone": (
        answer({key: BEFORE[key] for key in BEFORE if key != "n"}, X_Thing="1"),
        ("body /n", "always there", "missing"),
    ),
    "member new": (answer({**BEFORE, "new": ""}, X_Thing="1"), ("body /new", "never there", "string")),
    "data as a name": (
        answer({**BEFORE, "a-1-b-2-c-3": ""}, X_Thing="1"),
        ("body /*", "never there", "members whose names are data"),
    ),
    "type": (answer({**BEFORE, "n": "1"}, X_Thing="1"), ("body /n", "integer", "string")),
    "type within": (answer({**BEFORE, "list": [{"a": "1"}]}, X_Thing="1"), ("body /list/*/a", "integer", "string")),
    "length": (
        answer({**BEFORE, "code": "AAAAA"}, X_Thing="1"),
        ("body /code", "[A-Z]{4} (4 characters)", "[A-Z]{5} (5 characters)"),
    ),
    "characters": (
        answer({**BEFORE, "code": "AA4A"}, X_Thing="1"),
        ("body /code", "[A-Z]{4} (4 characters)", "[0-9A-Z]{4} (4 characters)"),
    ),
    "build": (
        answer({**BEFORE, "id": "group_20260702221526_x7k2p"}, X_Thing="1"),
        (
            "body /id",
            r"[a-z]{5}[\-][0-9]{14}[\-][0-9a-z]{5} (26 characters)",
            "[a-z]{5}[_][0-9]{14}[_][0-9a-z]{5} (26 characters)",
        ),
    ),
}


def changes(now: Exchange, times: int = 3) -> list[tuple[str, str, str]]:
    """Tell what changed since the answer was observed so many times."""
    one = seen(answer(BEFORE, X_Thing="1"), "2026-01-01", frozenset(), Redactor(""))
    before = Recorded("h", "", (), together([("op/body/x", 200, one)] * times))
    new = together([("op/body/x", now.status, seen(now, "2026-01-02", frozenset(), Redactor("")))])
    return [(one.place, one.left, one.right) for one in changed_since(before, new, "file.json")]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_with_its_place(name: str) -> None:
    now, told = CHANGES[name]
    assert changes(now) == [told]


def test_the_same_shape_with_other_values_is_no_change() -> None:
    other = {"id": "group-20270101000000-abcde", "n": 7, "list": [], "more": {"x": None}, "code": "BCDE"}
    assert changes(answer(other, X_Thing="2", X_New="3")) == []


def test_after_few_observations_lengths_and_characters_say_nothing() -> None:
    assert changes(answer({**BEFORE, "code": "AAAA7"}), times=2) == []


# --- told in a run of the suite ---------------------------------------------------------------------------------------


def other_shape(name: str, _: int, right: Answer) -> Answer | None:
    """Answer one case in another shape that no clause of the contract forbids."""
    return (right[0], right[1], {"why": "another shape"}) if name.endswith("auth/empty") else right


def other_status(name: str, times: int, right: Answer) -> Answer | None:
    """Answer another case with a status that fails, too."""
    return (403, {}, {}) if name.endswith("auth/missing") else other_shape(name, times, right)


def test_a_run_tells_what_changed_since_and_ends_with_12_unless_something_fails(tmp_path: Path) -> None:
    folder = tmp_path / "far"
    folder.mkdir()
    options = ("-q", "-k", "auth", "--contract-report=report.json")
    with far_host(folder) as far:
        assert record.main([*far.options]) == 0
    with far_host(folder, other_shape) as far:
        ran = run_suite(tmp_path, *options, *far.options)
    assert ran.status == 12, ran.out
    assert "changed: AFC942 body /why" in ran.out
    assert "answers 1 case in another shape than was recorded." in ran.out
    (row,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["differences"]
    assert (row["case"], row["left"], row["right"]) == (f"{SESSION}/auth/empty", "never there", "string")
    with far_host(folder, other_status) as far:
        failing = run_suite(tmp_path, *options, *far.options)
    assert failing.status == 1, "a failure comes before a change"
    assert "changed: AFC942 body /why" in failing.out


def test_a_run_with_a_file_of_shapes_that_is_none_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "contract-shapes.json").write_text("{}", encoding="utf-8")
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "--contract-target", host.url)
        assert host.connections == 0
    assert ran.status == 4
    assert "has no shapes of version 1" in ran.out
