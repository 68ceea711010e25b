"""The start as a user sees it: what is said of the store and of the control token, and what is left at the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver.app import create_app
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.redis_server import RedisServer
from tests.system.running import CREATE, PATIENCE, Mock, eventually, is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = "2026-07-02T12:00:00+08:00"
BEYOND = "0.0.0.0"


def control_routes() -> list[tuple[str, str]]:
    """Name every control route there is, by method and path; the page shows no state and so asks for nothing."""
    app = create_app(packaged_contract(), Settings())
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("control.")]
    found = [
        (method, re.sub("[<>]", "", rule.rule))
        for rule in rules
        for method in sorted(rule.methods or ())
        if method != "HEAD"
    ]
    assert len(found) >= 10
    return found


def asked_without(mock: Mock, token: str = "") -> set[tuple[int, str]]:
    """Ask every control route, with a token or with none; give the statuses and codes of the errors."""
    with mock.client(control_token=token) as client:
        answers = [
            client.control(path.removeprefix("/_mock/"), {} if method == "POST" else None)
            for method, path in control_routes()
        ]
    return {(answer.status, str(answer.value["error"]["code"])) for answer in answers if answer.status >= 400}


# --- the control token ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["text", "json"])
def test_beyond_loopback_control_asks_for_a_token_that_is_made_and_told_once(tmp_path: Path, style: str) -> None:
    with Mock(tmp_path, "--host", BEYOND, "--log-format", style) as mock:
        if style == "json":
            token = json.loads(mock.out)["control_token"]
        else:
            (token,) = re.findall(r"control     /_mock asks for 'Authorization: Bearer ([\w-]{32})'", mock.out)
        assert mock.out.count(token) == 1
        assert asked_without(mock) == asked_without(mock, "guessed") == {(401, "control_token")}
        with mock.client(control_token=token) as client:
            session, _ = client.create()
            assert client.complete(session).status == 200
        assert (401, "control_token") not in asked_without(mock, token)
        mock.end()
        assert token not in mock.err
    with Mock(tmp_path, "--host", BEYOND) as again:
        assert token not in again.out, "each start makes its own"


@pytest.mark.parametrize("way", ["option", "environment"])
def test_token_that_is_given_is_asked_for_and_not_told(tmp_path: Path, way: str) -> None:
    options = ("--control-token", "open-sesame") if way == "option" else ()
    environment = {"ANYFAST_MOCK_CONTROL_TOKEN": "open-sesame"} if way == "environment" else {}
    for host in (BEYOND, "127.0.0.1"):
        with Mock(tmp_path, "--host", host, *options, environment=environment) as mock:
            assert asked_without(mock) == {(401, "control_token")}
            assert (401, "control_token") not in asked_without(mock, "open-sesame")
            mock.end()
            assert "control     /_mock asks for the token that was given" in mock.out
            assert "open-sesame" not in mock.out + mock.err


def test_on_loopback_control_is_open_and_nothing_is_said(tmp_path: Path) -> None:
    with Mock(tmp_path) as mock:
        assert (401, "control_token") not in asked_without(mock)
        assert "control" not in mock.out


# --- the store --------------------------------------------------------------------------------------------------------


def sessions_line(mock: Mock) -> str:
    (line,) = re.findall(r"^  sessions    (.*)$", mock.out, re.MULTILINE)
    return str(line)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def test_start_says_where_sessions_are(tmp_path: Path, redis: RedisServer) -> None:
    with Mock(tmp_path) as mock:
        assert sessions_line(mock) == "in memory, gone with the mock"
    with Mock(tmp_path, "--workers", "2") as mock:
        assert sessions_line(mock) == "in a temporary file, gone with the mock"
    with Mock(tmp_path, "--store", "sqlite:kept.db") as mock:
        assert sessions_line(mock) == "in kept.db"
    with Mock(tmp_path, "--store", redis.url) as mock:
        assert sessions_line(mock) == f"in Redis at 127.0.0.1:{redis.port}, database 0"
        assert "warning" not in mock.out


@pytest.mark.parametrize(
    ("options", "kind"), [((), "memory"), (("--workers", "2"), "sqlite"), (("--store", "sqlite:kept.db"), "sqlite")]
)
def test_start_tells_a_program_the_kind_of_store(tmp_path: Path, options: tuple[str, ...], kind: str) -> None:
    with Mock(tmp_path, "--log-format", "json", *options) as mock:
        line = json.loads(mock.out)
    assert (line["store"], line["control_token"], line["notices"]) == (kind, None, [])


def test_redis_that_is_not_there_is_warned_of_and_used_when_it_comes(tmp_path: Path, redis: RedisServer) -> None:
    redis.stop()
    warning = "The redis store is not available: no connection. Requests that need a session get 503 until it is."
    with Mock(tmp_path, "--store", redis.url) as mock, mock.client() as client:
        assert f"  warning: {warning}\n" in mock.out
        assert client.call(CREATE, {}).status == client.control("ready").status == 503
        redis.start()
        assert eventually(lambda: client.control("ready").status == 200, 3)
        assert client.result(client.create()[0]) == (200, "")
    redis.stop()
    with Mock(tmp_path, "--store", redis.url, "--log-format", "json") as mock:
        assert json.loads(mock.out)["notices"] == [warning]


def test_clock_that_stands_in_a_kept_store_is_warned_of(tmp_path: Path) -> None:
    with Mock(tmp_path, "--store", "sqlite:kept.db", "--clock", NOON) as mock:
        assert "warning" not in mock.out
    with Mock(tmp_path, "--store", "sqlite:kept.db") as mock, mock.client() as client:
        assert "the clock in this store stands at 2026-07-02T04:00:00.000000Z" in mock.out
        assert client.now() == "2026-07-02T04:00:00.000000Z"
        client.control("reset", {})
        assert client.control("clock").value["frozen"] is False


# --- what cannot be ---------------------------------------------------------------------------------------------------


def refused(folder: Path, *options: str, temporary: Path | None = None) -> tuple[int, str]:
    """Try to start a mock that cannot be; give its exit status and what it says."""
    place = {"TMPDIR": str(temporary)} if temporary else {}
    ran = subprocess.run(
        [sys.executable, "-m", "mockserver", "--port", "0", *options],
        cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE, env={**os.environ, **place},
    )  # fmt: skip
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stderr.strip().splitlines()[-1]


def test_clock_cannot_be_set_in_a_redis_that_is_not_there(tmp_path: Path) -> None:
    status, said = refused(tmp_path, "--store", "redis://ann:PRIVATE@127.0.0.1:1/0", "--clock", NOON)
    assert status == 2
    assert said.endswith("The redis store is not available: no connection. Sessions cannot be kept there.")
    assert "PRIVATE" not in said


def test_file_that_cannot_be_is_said_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.html").write_text("<p>not a database, and long enough to be looked at</p>" * 9, encoding="utf-8")
    for name, reason in {
        "nowhere/kept.db": "there is no folder nowhere; make it, or name another one.",
        "folder": "is a folder; name a file in it.",
        "page.html": "Sessions cannot be kept there.",
    }.items():
        status, said = refused(tmp_path, "--store", f"sqlite:{name}")
        assert status == 2
        assert said.endswith(reason)


# --- what is left -----------------------------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files; nothing of ours may be in it at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


def test_temporary_store_is_its_owners_alone_and_gone_at_the_end(tmp_path: Path, temporary: Path) -> None:
    with Mock(tmp_path, "--workers", "2", environment={"TMPDIR": str(temporary)}) as mock:
        with mock.client() as client:
            client.create()
        (folder,) = temporary.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert mock.end() == 0


def test_start_that_is_given_up_leaves_no_temporary_store(tmp_path: Path, temporary: Path) -> None:
    for options in (("--port", "x"), ("--host", "192.0.2.254"), ("--store", "sqlite:nowhere/x.db"), ("--token", "ä")):
        assert refused(tmp_path, "--workers", "2", *options, temporary=temporary)[0] == 2
    with Mock(tmp_path) as holder:
        assert refused(tmp_path, "--workers", "2", "--port", str(holder.port), temporary=temporary)[0] == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_in_the_middle_of_the_start_leaves_no_temporary_store(
    tmp_path: Path, temporary: Path, number: signal.Signals
) -> None:
    mock = Mock(tmp_path, "--workers", "2", environment={"TMPDIR": str(temporary)})
    assert eventually(lambda: any(temporary.glob("anyfast-mock-*")))
    mock.process.send_signal(number)
    mock.process.wait(PATIENCE)
    assert "Traceback" not in mock.err


def test_killed_server_leaves_its_temporary_store_and_no_process(tmp_path: Path) -> None:
    with Mock(tmp_path, "--workers", "2", environment={"TMPDIR": str(tmp_path)}) as mock:
        workers = mock.workers
        mock.process.kill()
        assert eventually(lambda: all(map(is_gone, workers)))
    (folder,) = tmp_path.glob("anyfast-mock-*")
    assert {path.name.partition("-")[0] for path in folder.iterdir()} == {"sessions.db"}


def test_system_without_a_place_for_temporary_files_is_told_what_to_do() -> None:
    program = (
        "import sys, tempfile; tempfile._candidate_tempdir_list = lambda: ['/nowhere-at-all'];"
        "from mockserver.cli import main; main(['--port', '0', '--workers', '2'])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 2
    assert "--store sqlite:FILE" in ran.stderr
    assert "Traceback" not in ran.stderr
