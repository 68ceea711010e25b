"""Every word of the faults on a raw socket: against the mock as it is served, and against create_app() under Werkzeug.

The mock has two workers here, so that what is queued lies in a shared store.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from mockserver.app import create_app
from mockserver.credentials import WORKING
from mockserver.faults import CODES, FAULTS
from tests.wire.connection import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE = "/volc/asset/CreateVisualValidateSession"
PATIENCE = 10.0
SHORT = 0.3
LATE = 0.05  # we look at our clock when the request is on its way already
"""Seconds that faults which take time are given here."""


@dataclass
class Heard:
    """What came over a connection until it ended: its pieces with their moments, and how it ended."""

    pieces: list[tuple[float, bytes]]
    end: str
    """`closed`, `reset`, or `open` when nothing more came."""

    @property
    def raw(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def rule(self) -> str:
        return self.headers["x-mock-rule"].partition(";")[0]

    @property
    def announced(self) -> int:
        return int(self.headers["content-length"])


def hear(
    port: int,
    prefer: str = "",
    key: str = WORKING,
    callback: str = "https://app.example/done",
    patience: float = PATIENCE,
    target: str = f"POST {CREATE}",
    body: object = None,
) -> Heard:
    """Ask once on a connection of its own, and listen until it ends, the answer is whole, or patience is over."""
    content = json.dumps({"CallbackURL": callback} if body is None else body).encode()
    head = [
        f"{target} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    head += [f"Authorization: Bearer {key}"] + ([f"Prefer: {prefer}"] if prefer else [])
    pieces: list[tuple[float, bytes]] = []
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        began = time.monotonic()
        connection.sendall("\r\n".join([*head, "", ""]).encode() + content)
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return Heard(pieces, "reset")
            except TimeoutError:
                return Heard(pieces, "open")
            if not piece:
                return Heard(pieces, "closed")
            pieces.append((time.monotonic() - began, piece))
            heard = Heard(pieces, "open")
            if b"\r\n\r\n" in heard.raw and len(heard.body) == heard.announced:
                return heard


class Quiet(WSGIRequestHandler):
    """Werkzeug's handler, without its log; what it would report as a crash is kept."""

    crashes: list[str] = []  # noqa: RUF012 - one list for all connections is what is wanted

    def log(self, type: str, message: str, *arguments: object) -> None:  # noqa: A002 - its name there
        if type == "error":
            self.crashes.append(message % arguments)


class _Telling(ThreadedWSGIServer):
    """Werkzeug's server; what it would print a traceback of is kept as well."""

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - as it is there
        Quiet.crashes.append(repr(sys.exc_info()[1]))


@contextmanager
def under_werkzeug(*, hooked: bool) -> Iterator[int]:
    """Serve create_app() in threads; with a hook, Flask's own dispatch answers in the place of the lane."""
    app = create_app()
    if hooked:
        app.after_request(lambda response: response)
    server = _Telling("127.0.0.1", 0, app, handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        assert Quiet.crashes == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with ThreadPoolExecutor(2) as pool:
        with serving(("--workers", "2"), tmp_path_factory.mktemp("mock")) as port:
            yield port
            held = [pool.submit(hear, port, f"fault={one}, lasting=600") for one in ("no-answer", "slow-body")]
            time.sleep(0.3)
        heard = [one.result() for one in held]
        assert [one.status for one in heard] == [504, 200], "the end of the mock lets them go at once"
        assert [len(one.body) for one in heard] == [one.announced for one in heard], "and whole"


@pytest.fixture(scope="module", params=["served", "lane under Werkzeug", "Flask under Werkzeug"])
def port(request: pytest.FixtureRequest, served: int) -> Iterator[int]:
    """Each way to serve the mock."""
    if request.param == "served":
        yield served
        return
    with under_werkzeug(hooked=request.param.startswith("Flask")) as port:
        yield port


ANSWERS: dict[str, tuple[int, str]] = {
    "fault=401-invalid-api-key": (
        401,
        '"Invalid API key provided.","type":"authentication_error","code":"invalid_api_key"',
    ),
    "fault=401-invalid-token": (401, '"Invalid token (request id: '),
    "fault=401-no-token": (401, '{"error":{"message":"No token provided"}}'),
    "fault=429-model-limit": (429, "You have reached the request limit: maximum 3 requests in 1 minutes"),
    "fault=502-html": (502, "<title>502 Bad Gateway</title>"),
    "code=500": (500, "Database error, please try again later"),
    "code=502": (502, "upstream asset error: Face consistency verification failed"),
    "code=503": (503, "No available channel for model"),
    "code=504": (504, "upstream request timeout"),
}


@pytest.mark.parametrize("asked", ANSWERS)
def test_answer_that_was_asked_for_comes_whole(port: int, asked: str) -> None:
    status, text = ANSWERS[asked]
    heard = hear(port, asked)
    assert (heard.status, len(heard.body)) == (status, heard.announced)
    assert text in heard.body.decode()
    assert heard.rule == "fault." + asked.partition("=")[2]
    assert heard.headers["preference-applied"] == asked
    assert heard.headers["content-type"] == ("text/html" if asked == "fault=502-html" else "application/json")


@pytest.mark.parametrize(("asked", "retry"), [("code=429", None), ("fault=429-retry-after", "1")])
def test_429_has_no_body_and_a_retry_after_only_when_asked(port: int, asked: str, retry: str | None) -> None:
    heard = hear(port, asked)
    assert (heard.status, heard.body, heard.announced) == (429, b"", 0)
    assert heard.headers.get("retry-after") == retry


def test_invalid_json_is_whole_and_is_no_json(port: int) -> None:
    heard = hear(port, "fault=invalid-json")
    assert (heard.status, len(heard.body)) == (200, heard.announced)
    with pytest.raises(json.JSONDecodeError):
        json.loads(heard.body)
    assert json.loads(heard.body + b"}")["BytedToken"]


def test_empty_body_has_the_type_of_the_answer_and_nothing_in_it(port: int) -> None:
    heard = hear(port, "fault=empty-body")
    assert (heard.status, heard.announced, heard.headers["content-type"]) == (200, 0, "application/json")


def test_wrong_content_type_is_json_that_says_it_is_text(port: int) -> None:
    heard = hear(port, "fault=wrong-content-type")
    assert (heard.status, heard.headers["content-type"]) == (200, "text/plain")
    assert json.loads(heard.body)["BytedToken"]


def test_delay_comes_before_the_first_byte(port: int) -> None:
    heard = hear(port, f"delay={SHORT}")
    assert heard.status == 200
    assert SHORT - LATE <= heard.pieces[0][0] < SHORT + 5


def test_slow_body_comes_in_ten_pieces_behind_its_head(port: int) -> None:
    heard = hear(port, f"fault=slow-body, lasting={2 * SHORT}")
    assert json.loads(heard.body)["BytedToken"]
    moments = [moment for moment, _ in heard.pieces]
    assert moments[0] < SHORT, "the head comes at once"
    assert moments[-1] >= 2 * SHORT - LATE
    assert len(moments) >= 9


@pytest.mark.parametrize(
    "asked", ["fault=truncated-body", "code=400, fault=truncated-body", "fault=truncated-body, delay=0.02"]
)
def test_truncated_body_is_half_of_what_is_announced_and_then_the_end(port: int, asked: str) -> None:
    for _ in range(5):
        heard = hear(port, asked)
        assert heard.end == "closed"
        assert len(heard.body) == heard.announced // 2 > 0
        assert heard.rule == "fault.truncated-body"


def test_no_answer_is_silence_until_the_client_gives_up(port: int) -> None:
    assert hear(port, "fault=no-answer, lasting=5", patience=SHORT).pieces == []


def test_no_answer_is_a_504_when_nobody_gave_up(port: int) -> None:
    heard = hear(port, f"fault=no-answer, lasting={SHORT}")
    assert heard.pieces[0][0] >= SHORT
    assert (heard.status, heard.rule) == (504, "fault.no-answer")


def test_reset_is_a_reset_where_the_server_can_and_else_a_refusal_that_says_so(port: int, served: int) -> None:
    heard = hear(port, "fault=reset")
    if port == served:
        assert (heard.status, heard.rule) == (400, "request.fault")
        assert b"fault=reset cannot be done here" in heard.body
        queued = hear(port, target="POST /_mock/faults", body={"fault": "reset"})
        assert (queued.status, b"cannot be done here" in queued.body) == (400, True)
    else:
        assert (heard.pieces, heard.end) == ([], "reset")
    assert hear(port).status == 200


def test_every_word_has_a_test_here() -> None:
    tested = {word.partition("=")[2] for word in ANSWERS} | {"429", "429-retry-after", "invalid-json", "empty-body"}
    tested |= {"wrong-content-type", "slow-body", "truncated-body", "no-answer", "reset"}
    assert tested == {*FAULTS, *map(str, CODES)}


def test_all_channels_say_the_same_words_at_the_wire(port: int) -> None:
    key = f"{WORKING}-channels"
    hear(port, target="POST /_mock/faults", body={"code": 429, "credential": key})
    heard = [
        hear(port, "code=429"),
        hear(port, key=f"{key}~~code-429"),
        hear(port, key=key, callback="https://code-429.mock.invalid/done"),
        hear(port, key=key),
    ]
    assert [(one.status, one.body) for one in heard] == [(429, b"")] * 4
    assert [one.headers["x-mock-rule"] for one in heard] == [
        "fault.429; basis=asked; reply=assumed",
        *(f"fault.code; basis=asked; reply=assumed; by={by}; answer=fault.429" for by in ("key", "callback", "queue")),
    ]
    assert hear(port, key=key).status == 200


def test_faults_that_take_time_hold_up_nobody_else(served: int) -> None:
    asked = ["fault=no-answer, lasting=2", "fault=slow-body, lasting=2", "delay=2, fault=truncated-body"] * 12
    with ThreadPoolExecutor(len(asked)) as pool:
        slow = [pool.submit(hear, served, one) for one in asked]
        time.sleep(0.2)
        began = time.monotonic()
        assert [hear(served).status for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < 1.5, "they waited for the slow ones"
        assert {one.result().status for one in slow} == {200, 504}


def test_next_three_are_exactly_three_over_two_workers(served: int) -> None:
    key = f"{WORKING}-exactly"
    added: dict[str, Any] = {"sequence": [{"code": 503}, {"fault": "429-retry-after"}], "times": 3, "credential": key}
    assert hear(served, target="POST /_mock/faults", body=added).status == 201
    with ThreadPoolExecutor(8) as pool:
        statuses = [one.status for one in pool.map(lambda _: hear(served, key=key), range(40))]
    assert (statuses.count(503), statuses.count(429), statuses.count(200)) == (3, 3, 34)
