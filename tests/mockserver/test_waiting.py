"""Waiting for a mock: it believes only a mock that says it is ready, and tells what stood in the way."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.readiness import Ready
from mockserver.session_request import UnusableRequest
from mockserver.waiting import NotReady, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GONE = 2**22 + 5
"""An id that no process of Linux has."""


@contextmanager
def answering(*answers: tuple[int, bool, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve answers in turn, the last one for ever: status, whether it is a mock's, body. Give what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, is_mock, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(f"{self.path} {self.headers.get('Authorization', '')}".strip())
            self.send_response(status)
            if is_mock:
                self.send_header("X-Mock-Version", "1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def why(wait: Wait, seconds: float = 0) -> str:
    with pytest.raises(NotReady) as given_up:
        wait.until_ready(seconds)
    return str(given_up.value)


def test_mock_that_becomes_ready_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering((503, True, b""), (404, False, b""), (200, True, b"{}")) as (url, asked):
        assert Wait(f"{url}/base/", control_token="open-sesame").until_ready(10) == f"{url}/base/"
        assert asked == ["/base/_mock/ready Bearer open-sesame"] * 3
        assert Wait(url).until_ready(0) == url
        assert asked[-1] == "/_mock/ready"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, False, b"{}"), "answers 200 and is not this mock. Correct the URL."),
        ((302, False, b"{}"), "answers 302 and is not this mock."),
        (
            (503, True, json.dumps({"error": {"message": "The store is gone.\x1b[2J"}}).encode()),
            "answers 503. The store is gone.[2J",
        ),
        ((500, True, b"\xff"), "answers 500."),
    ],
)
def test_what_stood_in_the_way_last_is_told(answer: tuple[int, bool, bytes], told: str) -> None:
    with answering(answer) as (url, asked):
        said = why(Wait(url), 0.12)
    assert said.startswith("No mock was ready within 0.12 s: ")
    assert said.endswith(told) or told in said
    assert len(asked) > 1


def test_token_that_is_asked_for_ends_the_waiting_at_once() -> None:
    with answering((401, True, b"")) as (url, asked):
        assert "asks for its control token. Say --control-token" in why(Wait(url), 30)
        assert "refuses the control token that was given" in why(Wait(url, control_token="guessed"), 30)
    assert len(asked) == 2


def test_nothing_that_listens_is_told() -> None:
    with answering((200, True, b"")) as (url, _):
        pass
    assert f"nothing listens at {url}." in why(Wait(url))


def test_ready_file_says_where_and_when_to_ask(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    assert f"{path} is not there. Start the mock with 'mockserver serve --ready-file FILE'." in why(Wait("x", path))
    with answering((200, True, b"{}")) as (url, _):
        path.write_text(Ready(url, GONE, "k").as_text(), encoding="utf-8")
        assert f"{path} was left by a mock that is gone." in why(Wait("x", path))

        def start() -> None:
            time.sleep(0.1)
            path.write_text(Ready(url, os.getpid(), "k").as_text(), encoding="utf-8")

        starting = threading.Thread(target=start)
        starting.start()
        assert Wait("x", path).until_ready(10) == url
        starting.join()


def test_what_is_no_url_is_a_mistake_and_not_waited_for() -> None:
    with pytest.raises(UnusableRequest):
        Wait("127.0.0.1:8080").until_ready(30)


def test_command_says_it_and_ends_with_a_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANYFAST_BASE_URL", "ANYFAST_MOCK_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["wait", *arguments], catch_exceptions=False)
        return result.exit_code, result.output

    with answering((200, True, b"{}")) as (url, asked):
        assert run(url) == (0, f"{url} is ready\n")
        monkeypatch.setenv("ANYFAST_BASE_URL", url)
        monkeypatch.setenv("ANYFAST_MOCK_CONTROL_TOKEN", "open-sesame")
        assert run() == (0, f"{url} is ready\n")
    assert asked == ["/_mock/ready", "/_mock/ready Bearer open-sesame"]
    code, said = run("--timeout", "0")
    assert (code, said) == (1, f"mockserver: No mock was ready within 0 s: nothing listens at {url}.\n")
    assert run(url, "--ready-file", str(tmp_path / "r"))[0] == run("--ca-bundle", "x", "--insecure")[0] == 2
    assert run("ftp://127.0.0.1")[0] == 2
