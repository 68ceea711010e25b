"""The command: exit codes, where options come from, and what each subcommand prints."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mockserver import __version__, starting
from mockserver.cli import COMMANDS, main
from mockserver.configuration import ConfigurationError
from mockserver.credentials import WORKING
from mockserver.watching import Asked
from openapi.contract import load_contract, packaged_contract
from openapi.document import read_document
from tests.documents.making import CREATE, DOCUMENTS

if TYPE_CHECKING:
    from click.testing import Result

    from mockserver.settings import Settings
    from mockserver.starting import Start
    from openapi.contract import Contract

PYTHONPATH = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
CONTRACTS = {profile: packaged_contract(profile) for profile in ("published", "observed")}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ANYFAST_MOCK_")]:
        monkeypatch.delenv(name)


def run(*arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, env=environment, catch_exceptions=False)


def printed(result: Result) -> tuple[str, dict[str, str], str]:
    head, _, body = result.stdout.partition("\n\n")
    line, *headers = head.splitlines()
    return line, dict(text.split(": ", 1) for text in headers), body


# --- serve: where options come from -----------------------------------------------------------------------------------

Started = list[tuple["Contract", "Settings", "Start"]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What would be served, instead of serving it."""
    seen: Started = []

    def start(contract: Contract, settings: Settings, options: Start) -> int:
        seen.append((contract, settings, options))
        return 0

    monkeypatch.setattr(starting, "start", start)
    return seen


def test_command_without_anything_serves_the_packaged_contract(started: Started) -> None:
    for arguments in ((), ("serve",), ("--port", "9000")):
        assert run(*arguments).exit_code == 0
    contract, settings, options = started[0]
    assert (contract.profile, settings.seed, options.host, options.port, options.workers) == (
        "published", None, "127.0.0.1", 8080, 1,
    )  # fmt: skip
    assert started[2][2].port == 9000


def test_every_option_reaches_what_is_started(started: Started) -> None:
    result = run(
        "serve", "--host", "0.0.0.0", "--port", "0", "--port-file", "p", "--public-url", "https://a.example/",
        "--profile", "observed", "--seed", "s", "--clock", "2026-07-02T22:15:26+08:00", "--accept-any-token",
        "--token", "a", "--token", "b", "--h5-links", "vendor", "--body-limit", "99", "--check-answers",
        "--log-format", "json", "--store", "redis://r.example/1", "--workers", "3", "--session-life", "0.5",
        "--max-sessions", "7", "--auto-complete", "fail:2polls", "--allow-callback-host", "a.example",
        "--allow-callback-host", "10.0.0.0/8", "--control-token", "sesame", "--ready-file", "r", "--watch",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    ((contract, settings, options),) = started
    assert contract.profile == "observed"
    assert (settings.seed, settings.frozen_at, settings.accept_any_token, settings.tokens) == (
        "s",
        1_783_001_726,
        True,
        ("a", "b"),
    )
    assert (settings.h5_links, settings.body_limit, settings.check_answers) == ("vendor", 99, True)
    assert (options.host, options.port, options.port_file, options.public_url, options.log_format) == (
        "0.0.0.0", 0, Path("p"), "https://a.example", "json",
    )  # fmt: skip
    assert (settings.session_life, settings.most_sessions, settings.callback_hosts, settings.control_token) == (
        0.5, 7, ("a.example", "10.0.0.0/8"), "sesame",
    )  # fmt: skip
    assert settings.auto_complete is not None
    assert (settings.auto_complete.outcome, settings.auto_complete.polls) == ("fail", 2)
    assert (options.store, options.workers, options.ready_file) == ("redis://r.example/1", 3, Path("r"))
    assert options.watch is not None
    assert options.watch.asked == options.watch.read() == Asked((), (), "observed", {})
    assert "sesame" not in repr(settings)


def test_command_line_wins_over_environment_over_file_over_default(started: Started, tmp_path: Path) -> None:
    def port(*arguments: str, **environment: str) -> int:
        assert run("serve", *arguments, **environment).exit_code == 0
        return started[-1][2].port

    environment = {"ANYFAST_MOCK_PORT": "9002"}
    assert port() == 8080
    (tmp_path / "anyfast-mock.toml").write_text("port = 9003\n", encoding="utf-8")
    assert port() == 9003
    assert port(**environment) == 9002
    assert port("--port", "9001", **environment) == 9001
    (tmp_path / "other.toml").write_text("port = 9004\n", encoding="utf-8")
    assert port("--config", "other.toml") == 9004
    assert port(ANYFAST_MOCK_CONFIG="other.toml") == 9004
    assert port(ANYFAST_MOCK_PORT="") == 9003


def test_watching_reads_the_file_again_and_the_command_line_still_wins(started: Started, tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text((DOCUMENTS / "pets-3.1.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    config = tmp_path / "anyfast-mock.toml"
    config.write_text("documents = ['one.yaml']\nwatch = true\nport = 9\n", encoding="utf-8")
    assert run("serve").exit_code == run("serve", "two.yaml").exit_code == 0
    by_file, by_line = (options.watch for _, _, options in started)
    assert by_file is not None
    assert by_line is not None
    config.write_text("documents = ['two.yaml']\nprofile = 'observed'\nport = 10\n", encoding="utf-8")
    assert by_file.read() == Asked((Path("two.yaml"),), (), "observed", {"port": 10})
    assert by_line.asked.documents == by_line.read().documents == (Path("two.yaml"),)
    assert {path.name for path in by_file.held} == {"one.yaml", "anyfast-mock.toml"}
    config.write_text("nonsense = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="there is no option 'nonsense'"):
        by_file.read()


def test_file_names_documents_tokens_and_overlays(started: Started, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "mock.toml").write_text(
        "documents = 'api.yaml'\noverlay = ['o.yaml']\ntoken = 'one'\naccept-any-token = true\n", encoding="utf-8"
    )
    (tmp_path / "inner" / "api.yaml").write_bytes((DOCUMENTS / "pets-3.0.yaml").read_bytes())
    (tmp_path / "inner" / "o.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: o, version: '1'}\nactions: [{target: $.info, update: {title: Changed}}]\n",
        encoding="utf-8",
    )
    result = run("serve", "--config", "inner/mock.toml")
    assert result.exit_code == 0, result.output
    ((contract, settings, _),) = started
    info = contract.documents[0].tree["info"]
    assert isinstance(info, dict)
    assert info["title"] == "Changed"
    assert (settings.tokens, settings.accept_any_token) == (("one",), True)


def test_environment_sets_switches_and_lists(started: Started) -> None:
    assert (
        run("serve", ANYFAST_MOCK_ACCEPT_ANY_TOKEN="1", ANYFAST_MOCK_TOKEN="a b", ANYFAST_MOCK_SEED="").exit_code == 0
    )
    ((_, settings, _),) = started
    assert (settings.accept_any_token, settings.tokens) == (True, ("a", "b"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serve", "--port", "0", "--store", "memory", "--workers", "2"], "Workers cannot share memory"),
        (["serve", "--store", "mysql://x"], "--store takes memory, sqlite:FILE, or redis://host:port/0."),
        (["serve", "--store", "redis://user:hunter2@host:port/0"], "no such form of redis://"),
        (["serve", "--auto-complete", "done"], "'done' is not OUTCOME[:WHEN]: pass, pass:5s, pass:3polls"),
        (["serve", "--allow-callback-host", "http://x"], "neither a host name"),
        (["serve", "--control-token", "two words"], "--control-token takes one token"),
        (["serve", "--session-life", "0"], "session-life"),
        (["serve", "--public-url", "a.example"], "'a.example' is none"),
        (["serve", "--port", "99999"], "99999 is not in the range"),
        (["serve", "--port", "x"], "'x' is not a valid integer"),
        (["serve", "--workers", "0"], "0 is not in the range"),
        (["serve", "--profile", "observd"], "'observd' is not one of"),
        (["serve", "--clock", "yesterday"], "--clock"),
        (["serve", "--clock", "2026-07-02T22:15:26"], "--clock"),
        (["serve", "--prot", "1"], "No such option"),
        (["--prot", "1"], "--port"),
        (["serve", "--config", "none.toml"], "none.toml cannot be read"),
        (["serv"], "There is no command 'serv'. Did you mean 'serve'?"),
        (["zzz"], "There is no command 'zzz'."),
        (["request", "GET"], "PATH"),
        (["request", "GET", "/", "-H", "nocolon"], "'Name: value'"),
        (["contract", "exprot"], "exprot"),
        (["contract", "export", "--format", "xml"], "'xml' is not one of"),
        (["contract", "export", str(DOCUMENTS / "keys.yaml"), str(DOCUMENTS / "pets-3.0.yaml")], "with --document"),
        (
            ["contract", "export", "--document", "get-visual-result.yaml"],
            "Did you mean 'get-visual-validate-result.yaml'?",
        ),
        (["contract", "export", "-o", "no/such/folder"], "cannot be written"),
    ],
)
def test_mistake_in_the_usage_is_told_and_ends_with_2(arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.output


def test_document_where_a_command_is_expected_is_told_how_to_serve_it(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_bytes((DOCUMENTS / "keys.yaml").read_bytes())
    result = run("api.yaml")
    assert result.exit_code == 2
    assert "mockserver serve api.yaml" in result.stderr


@pytest.mark.parametrize("key", ["prot = 1", "port = '1'", "port = "])
def test_mistake_in_the_file_ends_with_2(tmp_path: Path, key: str) -> None:
    (tmp_path / "anyfast-mock.toml").write_text(key, encoding="utf-8")
    result = run("serve")
    assert result.exit_code == 2
    assert "anyfast-mock.toml" in result.stderr


BROKEN = {
    "empty.yaml": "",
    "broken.yaml": "openapi: [\n",
    "swagger.yaml": "swagger: '2.0'\n",
    "later.yaml": "openapi: 3.2.0\n",
    "number.yaml": "openapi: 3.1\n",
    "nothing.yaml": "openapi: 3.1.0\npaths: {}\n",
    "list.json": "[]",
    "schema.yaml": (
        "openapi: 3.1.0\n"
        "paths: {/a: {get: {responses: {'200': {content: {application/json: {schema: {$ref: b.yaml}}}}}}}}\n"
    ),
    "reference.yaml": "openapi: 3.1.0\npaths: {/a: {$ref: '#/nowhere'}}\n",
}


@pytest.mark.parametrize("name", [*BROKEN, "missing.yaml"])
@pytest.mark.parametrize("command", [["serve"], ["routes"], ["check"], ["contract", "export"]])
def test_document_that_cannot_be_used_ends_with_3_and_a_remedy(tmp_path: Path, name: str, command: list[str]) -> None:
    if name in BROKEN:
        (tmp_path / name).write_text(BROKEN[name], encoding="utf-8")
    result = run(*command, name)
    assert result.exit_code == 3
    assert result.stderr.startswith(f"mockserver: {name}")
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    "overlay",
    [
        "",
        "overlay: 1.1.0\n",
        "overlay: 1.1.0\ninfo: {title: o, version: '1'}\nactions: [{target: $.paths.nope, remove: true}]\n",
    ],
)
@pytest.mark.parametrize("command", [["serve"], ["routes"], ["check"], ["request", "GET", "/"], ["contract", "export"]])
def test_overlay_that_cannot_be_used_ends_with_3(tmp_path: Path, overlay: str, command: list[str]) -> None:
    (tmp_path / "o.yaml").write_text(overlay, encoding="utf-8")
    result = run(*command, "--overlay", "o.yaml")
    assert result.exit_code == 3
    assert result.stderr.startswith("mockserver: o.yaml")


def test_empty_folder_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert run("serve", "folder").exit_code == 3


def test_port_that_is_taken_ends_with_4_and_a_host_that_is_not_ours_with_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        result = run("serve", "--port", str(holder.getsockname()[1]))
    assert result.exit_code == 4
    assert "--port 0" in result.stderr
    assert result.stdout == ""
    assert run("serve", "--host", "192.0.2.1", "--port", "0").exit_code == 2


# --- help -------------------------------------------------------------------------------------------------------------


def test_version_and_help_end_with_0() -> None:
    assert run("--version").stdout.split()[-1] == __version__
    for command in (
        (),
        ("serve",),
        ("routes",),
        ("check",),
        ("request",),
        ("contract",),
        ("contract", "export"),
        ("contract", "import"),
    ):
        for option in ("--help", "-h"):
            result = run(*command, option)
            assert result.exit_code == 0
            assert "Usage:" in result.stdout
    assert "ANYFAST_MOCK_PORT" in run("serve", "--help").stdout


def test_help_of_every_command_fits_a_terminal_of_80_columns_and_the_list_names_them_all() -> None:
    for name in ("", *COMMANDS, "contract import", "contract export", "session new"):
        said = CliRunner().invoke(main, [*name.split(), "--help"], terminal_width=80).stdout
        assert f"Usage: {' '.join(['mockserver', *name.split()])} " in said.replace("main", "mockserver", 1)
        assert [line for line in said.splitlines() if len(line) > 80] == []
        assert all(f"  {one}" in said for one in COMMANDS) == (name == "")
        assert name in ("contract", "session") or "Examples:\n" in said or "Exit codes:" in said


# --- routes, check ----------------------------------------------------------------------------------------------------


def test_routes_lists_each_operation_with_what_answers_it() -> None:
    text = run("routes").stdout
    assert re.search(
        rf"POST +{CREATE} +createVisualValidateSession +bearer +200 400 401 +create_visual_validate_session"
        r" +create-visual-validate-session\.yaml *\n",
        text,
    )
    assert re.search(
        r"POST +/volc/asset/GetVisualValidateResult +getVisualValidateResult +bearer +200 400 401 404 .*"
        r" get-visual-validate-result\.yaml, reconstructed *\n",
        text,
    )
    text = run("routes", str(DOCUMENTS / "keys.yaml"), str(DOCUMENTS / "pets-3.0.yaml")).stdout
    assert re.search(r"GET +/either +GET /either +apiKey or bearer and apiKey +200 +its document", text)
    assert re.search(r"GET +/optional +GET /optional +bearer or none", text)
    assert re.search(r"GET +/v1/pets +listPets +none +200 default", text)


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_check_tells_what_the_overlays_add_by_basis_and_what_is_unsaid(profile: str) -> None:
    result = run("check", "--profile", profile)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    order = ["example", "prose", "rfc", "elsewhere", "observed", "assumed"]
    for folder, count in (("overlays", 32 if profile == "published" else 47), ("reconstructed", 13)):
        bases = [line.split()[0] for line in lines if re.search(rf"\({folder}/[a-z-]+\.yaml:[0-9]+\)$", line)]
        assert bases == sorted(bases, key=order.index)
        assert len(bases) == count
        assert ("observed" in bases) is (profile == "observed" or folder == "reconstructed")
    assert lines[1].endswith(", reconstructed: nobody documented it")
    assert "  assumed     Afterwards group-, 14 digits of time" in result.stdout
    assert "A session answer always holds the token and the link. (overlays/published.yaml:" in result.stdout
    assert lines[-1].startswith("2 operations, 0 warnings, ")


def test_check_tells_what_would_be_ignored_and_what_ones_own_overlay_adds(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
        "paths: {/a: {get: {responses: {'200': {description: ''}}}}}\n"
        "components: {schemas: {S: {oops: 1}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "o.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: o, version: '1'}\n"
        "actions: [{target: $, description: A tag., x-basis: observed, update: {tags: []}}]\n",
        encoding="utf-8",
    )
    text = run("check", "api.yaml", "--overlay", "o.yaml").stdout
    assert "  observed    A tag. (o.yaml:3)\n" in text
    assert "warning: api.yaml:4 at /components/schemas/S/oops: The schema keyword 'oops' is ignored." in text
    assert "[no-operation-id]" in text
    assert text.splitlines()[-1].startswith("1 operation, 1 warning, ")


# --- request ----------------------------------------------------------------------------------------------------------


def test_request_prints_status_headers_and_body() -> None:
    fixed = ("--seed", "s", "--clock", "2026-07-02T22:15:26+08:00")
    result = run("request", "post", CREATE, "--json", '{"CallbackURL": "https://a.example/ä"}', *fixed)
    line, headers, body = printed(result)
    assert (result.exit_code, line) == (0, "HTTP/1.1 200 OK")
    assert headers["X-Mock-Rule"] == "createVisualValidateSession; basis=example"
    assert json.loads(body)["CallbackURL"] == "https://a.example/ä"
    assert json.loads(body)["BytedToken"].startswith("20260702221526")
    again = json.loads(printed(run("request", "post", CREATE, "--json", "{}", *fixed))[2])
    assert again["BytedToken"] == json.loads(body)["BytedToken"], "the same seed and time gave another token"


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "rule"),
    [
        (["--json", "-"], '{"CallbackURL": 5}', 400, "body.schema"),
        (["--json", "-"], b"\xff", 400, "body.encoding"),
        (["--json", ""], None, 200, "createVisualValidateSession"),
        (["--json", "{"], None, 400, "body.json"),
        (["--json", "\udcff"], None, 400, "body.encoding"),
        (["--json", "{}", "-H", "content-type: text/plain"], None, 400, "body.media_type"),
        (["--no-token"], None, 401, "auth.missing"),
        (["--token", "sk-mock-aigc"], None, 400, "auth.group"),
        (["--token", "sk-secret"], None, 401, "auth.unknown"),
        (["-H", f"authorization: Token {WORKING}"], None, 401, "auth.scheme"),
        (["-H", "Accept: text/html"], None, 406, "accept"),
        (["-H", "Prefer: code=400"], None, 400, "body.schema"),
        (["--profile", "observed"], None, 400, "body.required"),
    ],
)
def test_request_sends_what_it_is_told_to(
    arguments: list[str], stdin: str | bytes | None, status: int, rule: str
) -> None:
    result = run("request", "POST", CREATE, *arguments, stdin=stdin)
    line, headers, _ = printed(result)
    assert (result.exit_code, int(line.split()[1]), headers["X-Mock-Rule"].partition(";")[0]) == (0, status, rule)
    assert "sk-secret" not in result.output


def test_request_asks_a_document_of_ones_own() -> None:
    line, headers, body = printed(
        run("request", "GET", "/v1/pets?limit=0", "--document", str(DOCUMENTS / "pets-3.0.yaml"))
    )
    assert (line, json.loads(body)) == ("HTTP/1.1 400 Bad Request", {"title": "wrong"})
    assert headers["X-Mock-Rule"] == "request.parameter; basis=documented; reply=example"


# --- export -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["yaml", "json"])
@pytest.mark.parametrize("profile", CONTRACTS)
def test_export_of_a_profile_loads_again_and_is_the_effective_document(
    tmp_path: Path, profile: str, style: str
) -> None:
    result = run("contract", "export", "--profile", profile, "--format", style, "--output", "out")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == run(
        "contract", "export", "--profile", profile, "--format", style
    ).stdout
    assert read_document(tmp_path / "out").tree == CONTRACTS[profile].documents[0].tree
    loaded = load_contract([tmp_path / "out"])
    assert [one.name for one in loaded.operations] == [f"POST {CREATE}"]
    assert [one.code for one in loaded.notices if one.level == "warning"] == []


def test_export_of_the_reconstructed_document_is_asked_for_by_its_name(tmp_path: Path) -> None:
    name = "get-visual-validate-result.yaml"
    result = run("contract", "export", "--document", name, "--profile", "observed", "--output", name)
    assert (result.exit_code, result.stdout) == (0, "")
    loaded = load_contract([tmp_path / name])
    assert loaded.documents[0].tree == CONTRACTS["observed"].documents[1].tree
    assert loaded.documents[0].origin("/info").basis == "assumed", "it still says of itself that it is a guess"
    assert [one.id for one in loaded.operations] == ["getVisualValidateResult"]


def test_export_chooses_among_documents_of_ones_own_by_name() -> None:
    documents = [str(DOCUMENTS / "keys.yaml"), str(DOCUMENTS / "pets-3.0.yaml")]
    text = run("contract", "export", *documents, "--document", "pets-3.0.yaml", "--format", "json").stdout
    assert "/pets" in json.loads(text)["paths"]


def test_export_puts_the_server_of_ones_own_into_the_document() -> None:
    tree = json.loads(run("contract", "export", "--format", "json", "--server", "http://127.0.0.1:9").stdout)
    assert tree["servers"] == [{"url": "http://127.0.0.1:9"}]


def test_export_of_ones_own_document_has_its_overlay_in_it(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: o, version: '1'}\nactions: [{target: $.info, update: {title: Changed}}]\n",
        encoding="utf-8",
    )
    text = run("contract", "export", str(DOCUMENTS / "keys.yaml"), "--overlay", "o.yaml", "--format", "json").stdout
    assert json.loads(text)["info"]["title"] == "Changed"


# --- as a process -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"), [(["check"], 0), (["serve", "missing.yaml"], 3), (["serve", "--port", "x"], 2)]
)
def test_exit_code_is_that_of_the_process(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "mockserver", *arguments]
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr
    assert bool(ran.stderr) is bool(code)


def test_pipe_that_is_closed_early_is_no_traceback() -> None:
    command = f"'{sys.executable}' -m mockserver contract export | head -n 1"
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH}
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert ran.stdout == "openapi: 3.1.0\n"
    assert "Traceback" not in ran.stderr


# --- documents of others ----------------------------------------------------------------------------------------------

WRONG_IN_PLACES = """\
openapi: 3.1.0
info: {title: Wrong in places, version: '1'}
paths:
  /pets/{id}: {get: {responses: {'200': {description: ok}}}}
  /toys: {get: {responses: {'200': {$ref: 'https://a.example/toys.yaml'}}}}
"""


def test_what_is_not_served_is_told_with_its_reason_and_strict_takes_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(WRONG_IN_PLACES, encoding="utf-8")
    listed, told = (run(command, "api.yaml") for command in ("routes", "check"))
    for result in (listed, told):
        assert result.exit_code == 0
        assert "GET /toys: api.yaml:5 at /paths/~1toys/get/responses/200: " in result.stdout
    assert "1 operation (1 more not served), 1 warning," in told.stdout
    strict = run("check", "--strict", "api.yaml")
    assert (strict.exit_code, strict.stdout) == (3, told.stdout)
    assert strict.stderr == "mockserver: 2 places are wrong, and --strict takes none.\n"
    whole = f"openapi: 3.1.0\n{INFO}paths: {{/a: {{get: {{responses: {{'200': {{description: ''}}}}}}}}}}\n"
    (tmp_path / "api.yaml").write_text(whole, encoding="utf-8")
    assert run("check", "--strict", "api.yaml").exit_code == 0


INFO = "info: {title: t, version: '1'}\n"
OVERLAY = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions: [{target: $.info, update: {title: New}}]\n"


@pytest.mark.parametrize(
    ("name", "text", "printed"),
    [
        ("api.yaml", "openapi: 3.1.0\ninfo: {title: Old}\n", "openapi: 3.1.0\ninfo:\n  title: New\n"),
        ("api.json", '{"info": {"title": "Old"}}', '{\n  "info": {\n    "title": "New"\n  }\n}\n'),
    ],
)
def test_overlay_prints_the_document_that_it_makes_in_its_own_syntax(
    tmp_path: Path, name: str, text: str, printed: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
    result = run("overlay", name, "overlay.yaml")
    assert (result.exit_code, result.stdout, result.stderr) == (0, printed, "")
    again = run("overlay", name, "overlay.yaml")
    assert again.stdout == printed


@pytest.mark.parametrize(
    ("overlay", "told"),
    [
        (OVERLAY.replace("$.info", "$.nothing"), "matches nothing in api.yaml"),
        (OVERLAY.replace("update: {title: New}", "description: later"), "does nothing"),
        (OVERLAY.replace("title: New", "title: Old") + "extends: https://a.example/b.yaml\n", "is taken for a copy"),
    ],
)
def test_overlay_that_the_specification_allows_is_applied_and_what_is_odd_is_told(
    tmp_path: Path, overlay: str, told: str
) -> None:
    (tmp_path / "api.yaml").write_text("info: {title: Old}\n", encoding="utf-8")
    (tmp_path / "overlay.yaml").write_text(overlay, encoding="utf-8")
    result = run("overlay", "api.yaml", "overlay.yaml")
    assert (result.exit_code, result.stdout) == (0, "info:\n  title: Old\n")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("overlay", "told"),
    [
        (OVERLAY.replace("1.1.0", "2.0.0"), "'2.0.0' is not supported"),
        (OVERLAY.replace("$.info", "'$.inf['"), "overlay.yaml:3 at /actions/0/target"),
        (OVERLAY.replace("actions: [{target: $.info, update: {title: New}}]", "actions: []"), "has no actions"),
        (OVERLAY + "extends: other.yaml\n", "extends 'other.yaml'; api.yaml is another document"),
        (OVERLAY + "more: 1\n", "'more' is no field of an overlay"),
    ],
)
def test_overlay_that_cannot_be_applied_ends_with_3_and_its_place(tmp_path: Path, overlay: str, told: str) -> None:
    (tmp_path / "api.yaml").write_text("info: {title: Old}\n", encoding="utf-8")
    (tmp_path / "overlay.yaml").write_text(overlay, encoding="utf-8")
    result = run("overlay", "api.yaml", "overlay.yaml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert told in result.stderr
