"""Between a server and a WSGI application: answers that hold no serving thread, and a last net for exceptions.

It is written for the protocol object that granian hands out, and imports nothing of granian.
"""

from __future__ import annotations

import heapq
import io
import itertools
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.errands import Errands
from mockserver.exchange import ELSEWHERE, LATER, slow_pieces
from mockserver.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import InputStream, WSGIApplication

    Headers = list[tuple[str, str]]

__all__ = ["LATER", "Delays", "Exchange", "Pieces", "answer_through", "give_up"]

LONGEST_DELAY = 24 * 3600.0


class Pieces(Protocol):
    """A body that is sent piece by piece."""

    def __next__(self) -> bytes:
        """Give the next piece; raise `StopIteration` at the end, anything else to cut the answer short."""

    def close(self) -> None:
        """Let go of what it comes from."""


class Exchange(Protocol):
    """One request's way back to the client, as granian hands it out; the first answer wins, later ones are dropped."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a whole body."""

    def response_iter(self, status: int, headers: Headers, body: Pieces) -> None:
        """Send status and headers, then what the body's `__next__` gives until it stops; close it."""


class Delays:
    """Answers that wait for their moment, in one thread, however many they are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._ended = False
        self._over = threading.Event()
        threading.Thread(target=self._run, name="delayed-answers", daemon=True).start()

    def add(self, seconds: float, answer: Callable[[], None]) -> None:
        """Call `answer` after that many seconds (at most a day; at once when the server is being stopped)."""
        due = self._clock() + (min(seconds, LONGEST_DELAY) if seconds > 0 else 0.0)
        with self._changed:
            heapq.heappush(self._waiting, (due, next(self._order), answer))
            if self._waiting[0][2] is answer:
                self._changed.notify()

    def end(self) -> None:
        """Let every waiting answer go at once, and each later one too."""
        self._over.set()
        with self._changed:
            self._ended = True
            self._changed.notify()

    @property
    def ended(self) -> bool:
        """Whether the server is being stopped."""
        return self._ended

    def pause(self, seconds: float) -> None:
        """Hold this very thread for some seconds; not at all when the server is being stopped."""
        self._over.wait(seconds)

    def _run(self) -> None:
        while True:
            for answer in self._wait_for_due():
                answer()

    def _wait_for_due(self) -> list[Callable[[], None]]:
        with self._changed:
            while True:
                now = self._clock()
                due = []
                while self._waiting and (self._ended or self._waiting[0][0] <= now):
                    due.append(heapq.heappop(self._waiting)[2])
                if due:
                    return due
                self._changed.wait(self._waiting[0][0] - now if self._waiting else None)


def answer_through(
    application: WSGIApplication,
    delays: Delays,
    report: Callable[[str], None],
    *,
    multiprocess: bool,
    threads: tuple[int, int],
) -> Callable[[Exchange, dict[str, Any]], None]:
    """Build what granian calls for every request: the WSGI application with delays and a last net for exceptions.

    Unlike granian's own wrapper it keeps the process environment out of the environ: there a variable named
    HTTP_AUTHORIZATION looks like a header. A body that is an `io.BytesIO` is there already, so nobody waits for it.
    threads: how many should serve at once, and how many the server has.
    """
    constant = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "granian",
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multiprocess": multiprocess,
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }

    errands, slow = Errands("elsewhere"), Errands("slow-bodies")
    intake = Intake(delays, *threads)

    def handle(exchange: Exchange, environ: dict[str, Any]) -> None:
        call = _Call(exchange, delays, errands, slow, report)
        environ.update(constant)
        environ[LATER] = call.later
        environ[ELSEWHERE] = call.elsewhere
        announced = "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ
        if announced and not isinstance(environ["wsgi.input"], io.BytesIO):
            body = environ["wsgi.input"] = Body(environ["wsgi.input"])

            def work() -> bool:
                call.run(application, environ)
                return body.is_read

            intake.serve(work, partial(give_up, exchange, report))
        else:
            call.run(application, environ)

    return handle


class Body:
    """The input of WSGI; knows whether it was read to its end."""

    __slots__ = ("_source", "is_read")

    def __init__(self, source: InputStream) -> None:
        self._source = source
        self.is_read = False

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            data: bytes = self._source.read()
            self.is_read = True
            return data
        data = self._source.read(size)
        if len(data) < size:
            self.is_read = True
        return data

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._source.readline(size) if size >= 0 else self._source.readline()
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        lines: list[bytes] = self._source.readlines(hint) if hint >= 0 else self._source.readlines()
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._source)


class _Call:
    """One request on its way through the application."""

    __slots__ = ("delayed", "delays", "errands", "exchange", "headers", "report", "slow", "status")

    def __init__(
        self, exchange: Exchange, delays: Delays, errands: Errands, slow: Errands, report: Callable[[str], None]
    ) -> None:
        self.exchange = exchange
        self.delays = delays
        self.errands = errands
        self.slow = slow
        self.report = report
        self.delayed = False
        self.status = 0
        self.headers: Headers = []

    def run(self, application: WSGIApplication, environ: dict[str, Any]) -> None:
        try:
            self.finish(application(environ, self.start_response))
        except BaseException as error:  # noqa: BLE001  # the last net: granian would answer with an empty body
            self.fail(error)

    def start_response(self, status: str, headers: Headers, _exc_info: object = None) -> Callable[[bytes], object]:
        self.status = _status_code(status)
        self.headers = headers
        return _refuse_write

    def later(
        self, seconds: float, status: str, headers: Headers, body: bytes, lasting: float = 0.0
    ) -> Iterable[bytes]:
        code = _status_code(status)
        self.delayed = True
        if lasting:
            self.delays.add(seconds, lambda: self.slow.add(lambda: self.drip(code, headers, body, lasting)))
        else:
            self.delays.add(seconds, lambda: self.answer(code, headers, body))
        return ()

    def drip(self, code: int, headers: Headers, body: bytes, lasting: float) -> None:
        pieces = slow_pieces(body, lasting, self.delays.pause)
        try:
            self.exchange.response_iter(code, headers, _Stream(pieces, pieces, self.report))  # until the last piece
        except Exception as error:  # noqa: BLE001  # as in `answer`; nothing can be sent any more
            self.report(f"a slow body was not sent: {type(error).__name__}")

    def elsewhere(self, work: Callable[[], tuple[str, Headers, bytes]]) -> Iterable[bytes]:
        self.delayed = True
        self.errands.add(lambda: self.work(work))
        return ()

    def work(self, work: Callable[[], tuple[str, Headers, bytes]]) -> None:
        try:
            status, headers, body = work()
            code = _status_code(status)
        except BaseException as error:  # noqa: BLE001  # as in `answer_through`
            self.fail(error)
        else:
            self.answer(code, headers, body)

    def answer(self, code: int, headers: Headers, body: bytes) -> None:
        try:
            self.exchange.response_bytes(code, headers, body)
        except Exception as error:  # noqa: BLE001  # headers that granian does not take; the timer must live on
            self.fail(error)

    def finish(self, chunks: Iterable[bytes]) -> None:
        if self.delayed:
            _close(chunks)
        elif isinstance(chunks, list):
            self.exchange.response_bytes(self.started(), self.headers, b"".join(chunks))
        else:
            self.stream(chunks)

    def started(self) -> int:
        if not self.status:
            raise RuntimeError("start_response was not called")
        return self.status

    def stream(self, chunks: Iterable[bytes]) -> None:
        # The first piece is fetched before anything is sent: until then an exception can still become a plain 500.
        iterator = iter(chunks)
        try:
            first = next(iterator, b"")
            status = self.started()
        except BaseException:
            _close(chunks)
            raise
        rest = _Stream(itertools.chain((first,), iterator), chunks, self.report)
        self.exchange.response_iter(status, self.headers, rest)

    def fail(self, error: BaseException) -> None:
        self.report(f"the application raised {type(error).__name__}")
        body = b'{"error":"internal server error"}\n'
        headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
        self.exchange.response_bytes(500, headers, body)


def give_up(exchange: Exchange, report: Callable[[str], None]) -> None:
    """Answer that the body did not come, and end the connection.

    An answer that is whole leaves the connection open for the rest of the body. One that ends too early closes it,
    which frees the thread that reads: so the line feed that is announced is never sent.
    """
    body = b'{"error":"the body did not arrive in time"}'
    headers = [
        ("connection", "close"),
        ("content-type", "application/json"),
        ("content-length", f"{len(body) + 1}"),
    ]
    pieces = _ending_late(body)
    try:
        exchange.response_iter(408, headers, _Stream(pieces, pieces, report))
    except Exception as error:  # noqa: BLE001  # as in `drip`
        report(f"a request was not given up: {type(error).__name__}")


def _ending_late(body: bytes) -> Iterator[bytes]:
    yield body
    time.sleep(0.05)  # what is not on its way when an answer ends too early is lost


class _Stream:
    """The pieces of a body, as granian pulls them; one that raises cuts the answer short."""

    def __init__(self, pieces: Iterator[bytes], source: Iterable[bytes], report: Callable[[str], None]) -> None:
        self._pieces = pieces
        self._source = source
        self._report = report

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except BaseException as error:
            self._report(f"the application raised {type(error).__name__} in the middle of its answer")
            raise

    def close(self) -> None:
        _close(self._source)


def _close(chunks: object) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


def _status_code(status: str) -> int:
    code = int(status[:3])
    if not 200 <= code <= 999:  # below, hyper takes it for an interim answer; above, it panics
        raise ValueError("a status is a number from 200 to 999")
    return code


def _refuse_write(_data: bytes) -> object:
    raise NotImplementedError("return the body; the write callable is not supported")
