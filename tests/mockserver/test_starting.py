"""What is told at the start: what runs and where, and a command that works when it is pasted."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Literal
from unittest.mock import Mock
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from mockserver import starting
from mockserver.announcing import startup_lines
from mockserver.credentials import WORKING
from mockserver.curl import curl
from mockserver.engine import Engine
from mockserver.serving import Address, Manner
from mockserver.sessions.opening import PreparedStore
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import CREATE, ask, contract, operation_tree, read

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.reading import Json

HERE = Address("127.0.0.1", 8080)
URL = "http://127.0.0.1:8080"


def told(
    made: Contract, address: Address = HERE, *, style: Literal["text", "json"] = "text", **settings: str
) -> list[str]:
    return startup_lines(made, Settings(**{"base_url": URL, **settings}), address, style=style)  # type: ignore[arg-type]


def pasted(operation: Operation, made: Contract) -> tuple[int, list[str]]:
    """Do what the command does, without a shell and without curl."""
    words = shlex.split(curl(operation, URL))
    assert words[:2] == ["curl", "-X"]
    method, url = words[2:4]
    headers: dict[str, str] = {}
    body = b""
    for option, value in zip(words[4::2], words[5::2], strict=True):
        if option == "-H":
            name, _, text = value.partition(": ")
            headers[name] = text
        elif option == "-u":
            import base64

            headers["Authorization"] = "Basic " + base64.b64encode(value.encode()).decode()
        elif option == "-b":
            headers["Cookie"] = value
        else:
            assert option == "-d"
            body = value.encode()
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return ask(Engine(made, Settings()), method, target, body, None, headers).status, words


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_command_for_the_packaged_contract_answers_200(profile: str) -> None:
    made = packaged_contract(profile)
    status, words = pasted(made.operations[0], made)
    assert status == 200
    assert f"{URL}{CREATE}" in words


def test_reconstructed_document_is_marked_and_the_command_is_of_the_vendors() -> None:
    made = packaged_contract()
    lines = [line for line in told(made) if line.startswith("  contract ")]
    assert [("reconstructed by us, sha256" in line) for line in lines] == [False, True]
    assert CREATE in told(made)[-1]
    (line,) = told(made, style="json")
    assert [one["reconstructed"] for one in json.loads(line)["documents"]] == [False, True]


@pytest.mark.parametrize("path", [one.path for one in read("keys.yaml").operations])
def test_command_carries_the_key_wherever_it_belongs(path: str) -> None:
    made = read("keys.yaml")
    assert pasted(made.operation(f"GET {path}"), made)[0] == 200


def test_command_fills_in_what_an_operation_requires() -> None:
    parameters: Json = [
        {"name": "id", "in": "path", "schema": {"type": "integer"}},
        {"name": "name", "in": "path", "schema": {"type": "string", "example": "a b/ä'"}},
        {"name": "q", "in": "query", "required": True, "example": "x & y"},
        {"name": "flag", "in": "query", "required": True, "schema": {"type": "boolean", "default": False}},
        {"name": "X-Kind", "in": "header", "required": True, "schema": {"enum": ["$(a)"]}},
        {"name": "c", "in": "cookie", "required": True},
        {"name": "other", "in": "query"},
    ]
    made = contract({**operation_tree({"parameters": parameters}, "/a/{id}/{name}"), "servers": [{"url": "/v1"}]})
    command = curl(made.operations[0], URL)
    assert shlex.split(command)[3] == f"{URL}/v1/a/1/a%20b%2F%C3%A4%27?q=x+%26+y&flag=false"
    assert shlex.split(command)[4:] == ["-H", "X-Kind: $(a)", "-b", "c=1"]


def test_lines_tell_what_runs_where_and_with_what() -> None:
    lines = told(packaged_contract("observed"), seed="s")
    assert lines[0].endswith(f"at {URL}")
    text = "\n".join(lines)
    for part in ("Create Visual Validate Session 1.0.0 (sha256 ", "observed", "seed        s", WORKING, "curl -X POST"):
        assert part in text
    assert "warning" not in text


def test_warnings_of_the_contract_are_told_and_notes_are_not() -> None:
    schemas: Json = {"S": {"oops": 1, "format": "made-up"}}
    lines = "\n".join(told(contract({**operation_tree({}), "components": {"schemas": schemas}})))
    assert "schema-keyword-ignored" in lines
    assert "format-not-checked" not in lines
    assert "profile" not in lines


@pytest.mark.parametrize(
    ("host", "warned"), [("0.0.0.0", True), ("::", True), ("127.0.0.1", False), ("localhost", False)]
)
def test_address_that_no_phone_can_open_is_warned_of(host: str, warned: bool) -> None:
    made = packaged_contract()
    lines = told(made, address=Address(host, 8080))
    assert any("--public-url" in line for line in lines) is warned
    named = told(made, Address(host, 8080), base_url="http://phone.example")
    assert not any("warning" in line for line in named)


def test_control_token_is_told_when_it_was_made_here_and_not_when_it_was_given() -> None:
    made = packaged_contract()
    settings = Settings(base_url=URL, control_token="open-sesame")
    told_made = "\n".join(startup_lines(made, settings, HERE, made_token="open-sesame"))
    assert "  control     /_mock asks for 'Authorization: Bearer open-sesame'" in told_made
    told_given = "\n".join(startup_lines(made, settings, HERE))
    assert "  control     /_mock asks for the token that was given" in told_given
    assert "open-sesame" not in told_given
    assert "  control " not in "\n".join(told(made))
    for token, expected in (("open-sesame", "open-sesame"), ("", None)):
        (line,) = startup_lines(made, settings, HERE, style="json", made_token=token)
        assert json.loads(line)["control_token"] == expected


def test_store_and_its_warnings_are_told_without_what_is_secret_in_it() -> None:
    made = packaged_contract()
    store = PreparedStore("rediss://ann:hunter2@r.example/1", "in Redis at r.example:6379, database 1", ("it stands",))
    text = "\n".join(startup_lines(made, Settings(), HERE, store=store))
    assert "  sessions    in Redis at r.example:6379, database 1\n" in text
    assert "  warning: it stands\n" in text
    (line,) = startup_lines(made, Settings(), HERE, style="json", store=store)
    assert (json.loads(line)["store"], json.loads(line)["notices"]) == ("redis", ["it stands"])
    assert "hunter2" not in text + line + repr(store)


def test_one_line_of_json_tells_the_same_to_a_program() -> None:
    (line,) = told(packaged_contract(), style="json")
    found = json.loads(line)
    assert (found["event"], found["url"], found["profile"], found["notices"]) == ("started", URL, "published", [])
    assert len(found["documents"][0]["sha256"]) == 64


def serve_in_process(folder: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
    """Start the mock; give the process and its base URL."""
    port_file = folder / "port"
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(port_file), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    limit = time.monotonic() + 20
    while not port_file.exists() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.01)
    return process, f"http://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}" if port_file.exists() else ""


def test_lines_of_the_last_requests_are_in_the_log_when_the_mock_is_stopped(tmp_path: Path) -> None:
    process, url = serve_in_process(tmp_path)
    for _ in range(5):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{url}/volc/asset/CreateVisualValidateSession", method="POST"))  # noqa: S310 - our own mock
        refused.value.close()
    process.terminate()
    _, log = process.communicate(timeout=10)
    assert log.count("401 auth.missing") == 5, log


def test_port_file_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    port_file = tmp_path / "nowhere" / "port"
    ran = subprocess.run(
        [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(port_file)],
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "cannot be written: No such file or directory. Name a file in a folder that is there." in ran.stderr
    assert ran.stdout == ""


def test_port_of_a_killed_run_is_not_left_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1\n", encoding="ascii")
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(tmp_path / "port")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    started = process.stdout.readline()
    limit = time.monotonic() + 5
    while not (tmp_path / "port").exists() and time.monotonic() < limit:
        time.sleep(0.01)
    port = (tmp_path / "port").read_text(encoding="ascii").strip()
    process.terminate()
    process.communicate(timeout=10)
    assert started.strip().endswith(f":{port}")


def test_public_url_is_printed_beside_the_address_that_is_listened_on(tmp_path: Path) -> None:
    process, url = serve_in_process(tmp_path, "--public-url", "https://mock.example/base")
    process.terminate()
    lines, _ = process.communicate(timeout=10)
    assert "at https://mock.example/base\n" in lines
    assert f"  listening   {url}\n" in lines


def test_paths_are_raw_where_parameters_are_in_them_or_may_come(monkeypatch: pytest.MonkeyPatch) -> None:
    manners: list[Manner] = []

    def remember(_reservation: object, _load: object, manner: Manner, **_: object) -> int:
        manners.append(manner)
        return 0

    monkeypatch.setattr(starting, "serve", remember)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for path, watch in (("/a", None), ("/a", Mock()), ("/a/{id}", None)):
        made, settings = contract(operation_tree({}, path)), Settings(body_limit=7)
        starting.start(made, settings, starting.Start(port=0, watch=watch))
    assert [manner.raw_paths for manner in manners] == [False, True, True]
    assert {manner.body_limit for manner in manners} == {7}
