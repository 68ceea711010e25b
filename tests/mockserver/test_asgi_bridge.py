"""The way from granian's ASGI interface to WSGI, with a granian of one thread: whoever waits in it waits for ever."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from mockserver import intake
from mockserver.asgi_bridge import GATHERED, answer_watchers
from mockserver.exchange import LATER
from mockserver.wsgi_bridge import answer_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication

PATIENCE = 10.0
GONE: dict[str, Any] = {"type": "http.disconnect"}


class Done:
    """What granian did at once: there is nothing to ask it."""


class Later:
    """What granian will have done: its callback comes in the one thread that granian has."""

    def __init__(self) -> None:
        self._message: dict[str, Any] | None = None
        self._callback: Callable[[Later], object] | None = None

    def add_done_callback(self, callback: Callable[[Later], object]) -> None:
        self._callback = callback
        if self._message is not None:
            callback(self)

    def done(self) -> bool:
        return self._message is not None

    def result(self) -> dict[str, Any]:
        assert self._message is not None
        return self._message

    def finish(self, message: dict[str, Any]) -> None:
        self._message = message
        if self._callback is not None:
            self._callback(self)


class Granian:
    """One thread for all that it has to call."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def call(self, task: Callable[[], object]) -> None:
        self._tasks.put(task)

    def end(self) -> None:
        """Have everything done that was to do."""
        self._tasks.put(None)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the thread of granian waits for granian"

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()


class Way:
    """One request, as granian hands it out.

    pieces: of the body, as far as it comes; an empty one is its end. room: what is taken of an answer before the client
    lags behind; then each piece needs the thread of granian once more. leaves: the client is gone already.
    """

    def __init__(self, granian: Granian, *pieces: bytes, room: int = 100, leaves: bool = False, **headers: str) -> None:
        self.proto = self
        self.scope: dict[str, Any] = {
            "raw_path": b"/a%2Fb",
            "query_string": b"",
            "http_version": "1.1",
            "server": ("127.0.0.1", "80"),
            "client": ("127.0.0.1", "1"),
            "method": "POST",
            "scheme": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        self.sent: list[dict[str, Any]] = []
        self.done_after = 0
        self._ended = threading.Event()
        self._granian = granian
        self._pieces = list(pieces)
        self._waiting: list[Later] = []
        self._room = room
        self._leaves = leaves

    def receive(self) -> Done | Later:
        if self._leaves:
            return Done()
        later = Later()
        self._waiting.append(later)
        if self._pieces:
            self.comes(self._pieces.pop(0))
        return later

    @property
    def waits(self) -> bool:
        """Whether somebody waits for more of the body."""
        return bool(self._waiting)

    def wait(self) -> Way:
        """Wait until somebody does."""
        end = time.monotonic() + PATIENCE
        while not self.waits:
            assert time.monotonic() < end, "nobody asks for the body"
            time.sleep(0.001)
        return self

    def comes(self, piece: bytes) -> None:
        """Have another piece of the body arrive."""
        message = {"type": "http.request", "body": piece, "more_body": bool(piece)}
        later = self._waiting.pop()
        self._granian.call(lambda: later.finish(message))

    def leave(self) -> None:
        """Have the client leave."""
        later = self._waiting.pop()
        self._granian.call(lambda: later.finish(GONE))

    def send(self, message: dict[str, Any]) -> Done | Later:
        if any(b"\n" in value for _, value in message.get("headers", ())):
            raise RuntimeError("Unsupported ASGI message")
        self.sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._ended.set()
        self._room -= 1
        if self._room >= 0:
            return Done()
        later = Later()
        self._granian.call(lambda: later.finish({}))
        return later

    def done(self) -> None:
        self.done_after = len(self.sent)

    def answer(self) -> tuple[int, bytes]:
        assert self._ended.wait(PATIENCE), "no answer came"
        return self.sent[0]["status"], b"".join(one["body"] for one in self.sent[1:])


@pytest.fixture
def granian() -> Iterator[Granian]:
    made = Granian()
    yield made
    made.end()


class Looks:
    """Calls back when the test lets it."""

    ended = False

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def add(self, _: float, answer: Callable[[], None]) -> None:
        self.waiting.append(answer)

    def let_go(self) -> None:
        waiting, self.waiting = self.waiting, []
        for answer in waiting:
            answer()


class Bridge:
    """An application behind the bridge, and what was reported."""

    def __init__(self, granian: Granian, application: WSGIApplication, body_limit: int = 1 << 20) -> None:
        self.said: list[str] = []
        self.timers = Looks()
        timers: Any = self.timers
        handle = answer_through(application, timers, self.said.append, multiprocess=False, threads=(99, 99))
        self._answer: Any = answer_watchers(handle, timers, self.said.append, 17, body_limit)
        self._granian = granian

    def ask(self, way: Way) -> Way:
        self._granian.call(lambda: self._answer(way))
        return way


def echo(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    body: bytes = environ["wsgi.input"].read(1 << 20)
    start_response("200 OK", [])
    return [body]


def pour(_: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield from [b"x"] * 20


def test_one_thread_of_granian_is_enough_for_bodies_and_streams_of_every_kind(granian: Granian) -> None:
    echoing, pouring = Bridge(granian, echo), Bridge(granian, pour)
    long = bytes(GATHERED)
    ways = [
        (echoing.ask(Way(granian, b"ab", b"c", content_length="3")), b"abc"),
        (echoing.ask(Way(granian, b"ab", b"c", b"", transfer_encoding="chunked")), b"abc"),
        (echoing.ask(Way(granian, b"a", long, b"", content_length=f"{GATHERED + 1}")), b"a" + long),
        (echoing.ask(Way(granian, b"abc", b"", content_length="3", expect="100-continue")), b"abc"),
        (echoing.ask(Way(granian, content_length="0")), b""),
        (echoing.ask(Way(granian)), b""),
        (pouring.ask(Way(granian, b"", room=3)), b"x" * 20),
    ]
    assert [way.answer() for way, _ in ways] == [(200, body) for _, body in ways]
    assert (echoing.said, pouring.said) == ([], [])


def test_bodies_that_are_slow_leave_the_thread_of_granian_free(granian: Granian) -> None:
    bridge = Bridge(granian, echo)
    gathered = [bridge.ask(Way(granian, b"a", content_length="2")) for _ in range(10)]
    read = [bridge.ask(Way(granian, b"a", transfer_encoding="chunked")) for _ in range(10)]
    assert bridge.ask(Way(granian)).answer() == (200, b"")
    for way in gathered + read:
        way.wait().comes(b"b")
    for way in read:
        way.wait().comes(b"")
    assert [way.answer() for way in gathered + read] == [(200, b"ab")] * 20


def test_body_of_a_client_that_left_is_read_short(granian: Granian) -> None:
    bridge = Bridge(granian, echo)
    assert bridge.ask(Way(granian, leaves=True, content_length="2")).answer() == (200, b"")
    halfway = bridge.ask(Way(granian, b"a", content_length="2"))
    halfway.wait().leave()
    assert halfway.answer() == (200, b"a")


def test_body_in_chunks_that_broke_off_is_none(granian: Granian) -> None:
    heard: list[str] = []

    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        try:
            return echo(environ, start_response)
        except OSError as error:
            heard.append(str(error))
            start_response("400 Bad Request", [])
            return []

    bridge = Bridge(granian, application)
    assert bridge.ask(Way(granian, leaves=True, transfer_encoding="chunked")).answer() == (400, b"")
    halfway = bridge.ask(Way(granian, b"a", transfer_encoding="chunked"))
    halfway.wait().leave()
    assert halfway.answer() == (400, b"")
    assert (heard, bridge.said) == (["the body broke off"] * 2, [])


def test_body_that_does_not_come_in_time_is_answered_once(granian: Granian, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BODY_TIME", 0.0)
    seen: SimpleQueue[bytes] = SimpleQueue()

    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        answer = echo(environ, start_response)
        seen.put(answer[0])
        return answer

    bridge = Bridge(granian, application)
    way = bridge.ask(Way(granian, b"a", content_length="2")).wait()
    bridge.timers.let_go()
    status, body = way.answer()
    assert (status, body) == (408, b'{"error":"the body did not arrive in time"}')
    sent = len(way.sent)
    way.comes(b"b")
    assert seen.get(timeout=PATIENCE) == b"a"  # what it makes of that is in its log
    granian.end()
    assert (len(way.sent), seen.empty(), bridge.said) == (sent, True, [])


def test_body_beyond_the_limit_is_left_for_the_application_to_read(granian: Granian) -> None:
    def refuse(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("413 Content Too Large", [])
        return [b"no"]

    way = Bridge(granian, refuse, body_limit=1).ask(Way(granian, content_length="2"))
    assert way.answer() == (413, b"no")
    assert not way.waits


def test_client_that_leaves_ends_a_stream(granian: Granian) -> None:
    closed = threading.Event()

    def flow(_: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x"
        finally:
            closed.set()

    Bridge(granian, flow).ask(Way(granian, b"", room=3)).wait().leave()
    assert closed.wait(PATIENCE)
    assert Bridge(granian, flow).ask(Way(granian, leaves=True)).answer() == (200, b"")


def test_body_that_raises_is_cut_and_closed(granian: Granian) -> None:
    def break_off(_: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"x"
        raise ValueError("sk-secret")

    bridge = Bridge(granian, break_off)
    assert bridge.ask(Way(granian)).answer() == (200, b"x")
    assert bridge.said == ["the application raised ValueError in the middle of its answer"]


def test_header_that_cannot_be_sent_is_left_out(granian: Granian) -> None:
    def answer(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("X-A", "1\r\nX-B: 2"), ("X-C", "\xe4")])
        return [b""]

    way = Bridge(granian, answer).ask(Way(granian))
    assert way.answer() == (200, b"")
    assert way.sent[0]["headers"] == [(b"X-C", b"\xc3\xa4")]


def test_first_answer_wins(granian: Granian) -> None:
    def answer_late(environ: dict[str, Any], _: StartResponse) -> list[bytes]:
        environ[LATER](0, "201 Created", [], b"late")
        environ[LATER](0, "202 Accepted", [], b"later")
        return []

    bridge = Bridge(granian, answer_late)
    way = bridge.ask(Way(granian))
    granian.end()
    assert way.done_after == 0, "granian would answer for us"
    bridge.timers.let_go()
    assert way.answer() == (201, b"late")
    assert len(way.sent) == way.done_after == 2


def test_request_that_cannot_be_read_is_reported_and_raises_nothing(granian: Granian) -> None:
    bridge = Bridge(granian, echo)
    way = Way(granian)
    del way.scope["raw_path"]
    bridge.ask(way)
    granian.end()
    assert bridge.said == ["a request was not answered: KeyError"]
