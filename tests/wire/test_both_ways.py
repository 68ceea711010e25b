"""Sends every request of the transcripts both ways into the engine: through the lane and through Flask's URL rules.

With the same seed and a clock that stands still both answer with the same status, headers and body, to the byte.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import pytest

from mockserver.app import MockApp, create_app
from mockserver.clock import FrozenClock, read_rfc3339
from mockserver.engine import Engine
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.wire.comparing import Expected
from tests.wire.transcripts import Exchange, read_transcript

if TYPE_CHECKING:
    from openapi.contract import Contract

NOT_OURS = "http_server.txt"
"""What the HTTP server refuses never becomes a WSGI request."""

FILES = [file for file in sorted(Path(__file__).parent.glob("*.txt")) if file.name != NOT_OURS]
EXCHANGES = [one for file in FILES for one in read_transcript(file)]


@dataclass(frozen=True, slots=True)
class WsgiAnswer:
    """An answer as a WSGI server gets it, header names in lower case and in their order."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@cache
def contract_of(profile: str) -> Contract:
    return packaged_contract(profile)


def application(options: tuple[str, ...]) -> MockApp:
    """Make the application that the command makes of these options, with a seed and a clock that stands still."""
    profile, tokens = "published", list[str]()
    settings = Settings(seed="both ways")
    rest = iter(options)
    for name in rest:
        if name == "--profile":
            profile = next(rest)
        elif name == "--token":
            tokens.append(next(rest))
        elif name == "--body-limit":
            settings = replace(settings, body_limit=int(next(rest)))
        elif name == "--clock":
            settings = replace(settings, frozen_at=read_rfc3339(next(rest)))
        elif name == "--accept-any-token":
            settings = replace(settings, accept_any_token=True)
        else:
            raise AssertionError(f"this test does not know what {name} means for the application: teach it")
    engine = Engine(contract_of(profile), replace(settings, tokens=tuple(tokens)), FrozenClock(1_790_000_000))
    return create_app(engine=engine)


def environ_of(request: bytes, more: bytes) -> dict[str, Any]:
    """Make of a raw request the environ that the server makes of it; `more` is what the client sends afterwards."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = line.split(" ")
    path, _, query = re.sub(r"^http://[^/]+", "", target).partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": version,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.input_terminated": True,
    }
    for name, _, value in (one.partition(":") for one in lines):
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.strip(" \t")
        environ[key] = f"{environ[key]},{text}" if key in environ and key != "CONTENT_TYPE" else text
    body += more
    environ["wsgi.input"] = io.BytesIO(_unchunked(body) if "HTTP_TRANSFER_ENCODING" in environ else body)
    return environ


def _unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        found, body = found + rest[:length], rest[length + 2 :]
    return found


def ask(app: MockApp, request: bytes, more: bytes = b"") -> WsgiAnswer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> object:
        started.append((status, headers))
        return None

    chunks = app.wsgi_app(environ_of(request, more), start)  # type: ignore[arg-type]
    body = b"".join(chunks)
    ((status, headers),) = started
    return WsgiAnswer(status, tuple((name.lower(), value) for name, value in headers), body)


def requests_of(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    """Give the requests of an exchange, each with the bytes that are sent later for it."""
    found: list[tuple[bytes, bytes]] = []
    for step in exchange.steps:
        if isinstance(step, Expected):
            continue
        if step.method:
            found.append((step.data, b""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + step.data)
    return found


@pytest.mark.parametrize("exchange", [pytest.param(one, id=one.id) for one in EXCHANGES])
def test_lane_and_url_rule_give_the_same_answer(exchange: Exchange) -> None:
    lane, rule = application(exchange.options), application(exchange.options)
    hooked: list[None] = []
    rule.before_request(lambda: hooked.append(None))  # a hook closes the lane
    for request, more in requests_of(exchange):
        assert ask(rule, request, more) == ask(lane, request, more)
    assert len(hooked) == len(requests_of(exchange))


def test_without_a_hook_the_lane_answers_and_flask_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(())
    monkeypatch.setattr(app, "dispatching", None)
    request = b"POST /volc/asset/CreateVisualValidateSession HTTP/1.1\r\nHost: mock\r\n\r\n"
    assert ask(app, request).status.startswith("401 ")


def test_phone_page_of_a_link_that_is_none_shows_nothing_of_it() -> None:
    app = application(())
    page = "GET /en/liveness-face-manage/authorization{} HTTP/1.1\r\nHost: mock\r\n\r\n"
    plain, marked = (ask(app, page.format(query).encode()) for query in ("", "?pl=marked&uid=%3Cmarked%3E#marked"))
    assert plain.status == "404 NOT FOUND"
    assert plain == marked
