"""An answer that is made elsewhere: it holds no serving thread, and what goes wrong there is a plain 500."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from mockserver.errands import MOST_THREADS
from mockserver.exchange import ELSEWHERE, LATER
from mockserver.wsgi_bridge import answer_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Headers = list[tuple[str, str]]
    Work = Callable[[], tuple[str, Headers, bytes]]

PATIENCE = 10.0


@dataclass
class Way:
    """The way back to a client, as the server hands it out."""

    answers: list[tuple[int, Headers, bytes]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    pieces: list[bytes] = field(default_factory=list)
    gives_up: bool = False

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        if any(not isinstance(value, str) for _, value in headers):
            raise TypeError("a header value is text")
        self.answers.append((status, headers, body))
        self.arrived.set()

    def response_iter(self, status: int, headers: Headers, body: object) -> None:
        if self.gives_up:
            raise ConnectionError("sk-secret")
        pieces: list[bytes] = []
        with suppress(StopIteration):
            while True:
                pieces.append(next(body))  # type: ignore[call-overload] # of an iterator granian uses only `__next__`
        body.close()  # type: ignore[attr-defined] # and `close`
        self.pieces = pieces
        self.response_bytes(status, headers, b"".join(pieces))

    def answer(self) -> tuple[int, bytes]:
        assert self.arrived.wait(PATIENCE), "no answer came"
        (status, _, body) = self.answers[0]
        return status, body


@dataclass
class Bridge:
    """An application whose every answer is made elsewhere, by the work that is handed to it."""

    reports: list[str] = field(default_factory=list)
    work: Work = field(default_factory=Mock)

    def __post_init__(self) -> None:
        self._handle = answer_through(
            self._application, Mock(), self.reports.append, multiprocess=False, threads=(2, 4)
        )

    def _application(self, environ: dict[str, Any], _: object) -> Iterable[bytes]:
        answer: Iterable[bytes] = environ[ELSEWHERE](self.work)
        return answer

    def ask(self, work: Work) -> Way:
        way = Way()
        self.work = work
        self._handle(way, {})
        return way


def test_answer_is_made_while_the_serving_thread_goes_on() -> None:
    go_on = threading.Event()

    def work() -> tuple[str, Headers, bytes]:
        assert go_on.wait(PATIENCE)
        return "201 Created", [("X-Made", "elsewhere")], b"done"

    way = Bridge().ask(work)
    assert way.answers == []
    go_on.set()
    assert way.answer() == (201, b"done")
    assert way.answers == [(201, [("X-Made", "elsewhere")], b"done")]


@pytest.mark.parametrize("error", [ValueError("sk-secret"), SystemExit(3)])
def test_exception_of_the_work_is_a_500_that_tells_its_name_alone(error: BaseException) -> None:
    bridge = Bridge()
    way = bridge.ask(Mock(side_effect=error))
    assert way.answer() == (500, b'{"error":"internal server error"}\n')
    assert bridge.reports == [f"the application raised {type(error).__name__}"]


@pytest.mark.parametrize("made", [("99 Odd", [], b""), ("200 OK", [("X-Number", 5)], b"")])
def test_answer_that_cannot_be_sent_is_a_500(made: tuple[str, Headers, bytes]) -> None:
    assert Bridge().ask(lambda: made).answer()[0] == 500


def test_more_work_than_threads_holds_up_no_serving_thread_and_is_all_answered() -> None:
    go_on = threading.Event()
    at_once: list[int] = []

    def work() -> tuple[str, Headers, bytes]:
        at_once.append(sum(thread.name == "elsewhere" for thread in threading.enumerate()))
        assert go_on.wait(PATIENCE)
        return "200 OK", [], b""

    bridge = Bridge()
    ways = [bridge.ask(work) for _ in range(MOST_THREADS + 20)]
    go_on.set()
    assert {way.answer() for way in ways} == {(200, b"")}
    assert 1 < max(at_once) <= MOST_THREADS


# --- slow bodies ------------------------------------------------------------------------------------------------------


def drip(body: bytes, way: Way) -> tuple[list[float], list[str]]:
    """Send a body that lasts 2 seconds after one of delay; give what was waited, and what was reported, in the end."""
    reports: list[str] = []
    waited: list[float] = []

    def add(seconds: float, answer: Callable[[], None]) -> None:
        waited.append(seconds)
        answer()

    delays = Mock(add=add, pause=waited.append)

    def application(environ: dict[str, Any], _: object) -> Iterable[bytes]:
        answer: Iterable[bytes] = environ[LATER](1.0, "200 OK", [], body, 2.0)
        return answer

    answer_through(application, delays, reports.append, multiprocess=False, threads=(2, 4))(way, {})
    for thread in threading.enumerate():
        if thread.name == "slow-bodies":
            thread.join(PATIENCE)
    return waited, reports


@pytest.mark.parametrize(("body", "pieces"), [(b"0123456789" * 3, 10), (b"0123456789a", 6), (b"abc", 3), (b"", 0)])
def test_slow_body_comes_in_at_most_ten_pieces_and_whole(body: bytes, pieces: int) -> None:
    way = Way()
    waited, reports = drip(body, way)
    assert way.answer() == (200, body)
    assert len(way.pieces) == pieces
    assert waited == [1.0, *[pytest.approx(2 / pieces)] * pieces] if pieces else [1.0]
    assert reports == []


def test_slow_body_that_nobody_takes_is_reported_without_a_word_of_it() -> None:
    assert drip(b"0123456789", Way(gives_up=True))[1] == ["a slow body was not sent: ConnectionError"]
