"""From granian's ASGI interface to what answers WSGI: it tells the path as it was sent. Nothing here is asynchronous.

granian calls us in a thread of its own, and needs such a thread again to say what anybody waits for. So no thread of
granian's may wait for granian: a body is gathered as it comes, and whatever has to wait does so in a thread of ours.
It is written for the objects that granian hands out, and imports nothing of granian.
"""

from __future__ import annotations

import io
import re
import threading
import time
from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_to_bytes

from mockserver import intake
from mockserver.errands import Errands
from mockserver.exchange import is_length
from mockserver.wsgi_bridge import Exchange, give_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import WriteableBuffer

    from mockserver.intake import Timers
    from mockserver.wsgi_bridge import Headers, Pieces

__all__ = ["Immediately", "Watcher", "answer_watchers", "environ_of"]

GATHERED = 64 * 1024
"""Octets of a body that are gathered before it is answered; a longer one is read as WSGI does, by who waits for it."""

LOOK = 0.25
"""Seconds between two looks at the bodies that are being gathered, as long as there are any."""


class Awaited(Protocol):
    """What granian will have done, or got; it is known by this method whether that may take time."""

    def add_done_callback(self, callback: Callable[[Awaited], object]) -> None:
        """Have the one function that is remembered called when it is done: at once when it is done already."""

    def done(self) -> bool:
        """Whether it is done."""

    def result(self) -> dict[str, Any]:
        """Give what was got, once it is done."""


class Proto(Protocol):
    """One request's two ways, as ASGI has them."""

    def receive(self) -> Awaited:
        """Have the next piece of the body read."""

    def send(self, message: dict[str, Any]) -> Awaited:
        """Send a piece of the answer."""


class Watcher(Protocol):
    """A request, as granian hands it to what it believes to be its scheduler."""

    scope: dict[str, Any]
    proto: Proto

    def done(self) -> None:
        """Have granian let go of what it still has of the request: answered it must be by now, or that is a 500."""


class Immediately:
    """Stands in for the event loop: calls back at once, in the thread that has something to say."""

    def call_soon(self, callback: Callable[..., object], *arguments: object, **_context: object) -> None:
        """Call back."""
        callback(*arguments)

    call_soon_threadsafe = call_soon


def answer_watchers(
    handle: Callable[[Exchange, dict[str, Any]], None],
    timers: Timers,
    report: Callable[[str], None],
    readers: int,
    body_limit: int,
) -> Callable[[Watcher], None]:
    """Build what granian calls for every request, from what answers one of WSGI.

    handle: may wait for a body, except for one that is an `io.BytesIO`. readers: threads that may wait for bodies.
    body_limit: octets beyond which `handle` wants to see an announced body before any of it is read.
    """
    reading, streaming = Errands("bodies", readers), Errands("streams")
    gatherings, most = _Gatherings(timers, report), min(GATHERED, body_limit)

    def answer(watcher: Watcher) -> None:
        try:
            scope, proto = watcher.scope, watcher.proto
            environ, exchange = environ_of(scope), _Exchange(watcher, streaming)

            def go_on(body: bytes) -> None:
                environ["wsgi.input"] = io.BytesIO(body)
                handle(exchange, environ)

            length = _announced(environ)
            if length == 0:
                go_on(b"")
            elif length is not None and length <= most and "HTTP_EXPECT" not in environ:
                gatherings.begin(_Gathering(proto, exchange, length, go_on))
            else:  # a client that asks is told to go on by the first read
                environ["wsgi.input"] = io.BufferedReader(_Coming(proto), GATHERED)
                reading.add(lambda: handle(exchange, environ))
        except BaseException as error:  # noqa: BLE001  # granian would leave it for somebody else's code to trip over
            report(f"a request was not answered: {type(error).__name__}")

    return answer


def _announced(environ: Mapping[str, Any]) -> int | None:
    """Tell how many octets of a body may come; None when nobody knows."""
    length = environ.get("CONTENT_LENGTH")
    if length is None:
        return None if "HTTP_TRANSFER_ENCODING" in environ else 0
    return int(length) if is_length(length) else None


def environ_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Make the environ that granian's WSGI makes of the same request, with `RAW_URI`, and without a body.

    Several fields of one name are joined by `,`, cookies by `;`; of Content-Type and Content-Length the first counts. A
    value with an octet outside of ASCII is empty.
    """
    raw: bytes = scope["raw_path"]
    path = raw.decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    name_and_port, client = scope["server"], scope["client"]
    environ = {
        "SERVER_PROTOCOL": "HTTP/" + scope["http_version"],
        "SERVER_NAME": name_and_port[0],
        "SERVER_PORT": name_and_port[1],
        "REMOTE_ADDR": client[0],
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1") if b"%" in raw else path,
        "QUERY_STRING": query,
        "RAW_URI": f"{path}?{query}" if query else path,
        "wsgi.url_scheme": scope["scheme"],
    }
    last = b""
    for name, value in scope["headers"]:
        text = value.decode("ascii") if value.isascii() else ""
        key = _key(name)
        if name != last:  # those of one name come one after another
            environ[key] = text
            last = name
        elif name == b"cookie":
            environ[key] += ";" + text
        elif name not in _FIRST_COUNTS:
            environ[key] += "," + text
    return environ


_FIRST_COUNTS = (b"content-type", b"content-length")


@lru_cache(512)
def _key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if name in _FIRST_COUNTS else "HTTP_" + key


# The body


class _Gathering:
    """One body on its way."""

    __slots__ = ("_left", "_pieces", "_proto", "exchange", "go_on", "since")

    def __init__(self, proto: Proto, exchange: Exchange, length: int, go_on: Callable[[bytes], None]) -> None:
        self.since = time.monotonic()
        self.exchange = exchange
        self.go_on = go_on
        self._proto = proto
        self._left = length
        self._pieces: list[bytes] = []

    def ask(self) -> Awaited | None:
        """Ask for pieces; give the first that is not there yet, or None when there is nothing to ask for any more."""
        while self._left > 0:
            awaited = self._proto.receive()
            if _takes_time(awaited):
                return awaited
            self.take(awaited)
        return None

    def take(self, awaited: Awaited) -> None:
        """Take a piece that was asked for."""
        piece, more = _piece(awaited)
        self._pieces.append(piece)
        self._left = self._left - len(piece) if more else 0

    @property
    def body(self) -> bytes:
        """What came: shorter than announced, when the client left."""
        return b"".join(self._pieces)


class _Gatherings:
    """Bodies on their way, however many: they hold no thread. Those that take too long are given up."""

    def __init__(self, timers: Timers, report: Callable[[str], None]) -> None:
        self._timers = timers
        self._report = report
        self._open: dict[int, _Gathering] = {}
        self._ends = Errands("given-up")
        self._looking = False

    def begin(self, gathering: _Gathering) -> None:
        """Gather a body, and go on with it in whichever thread has its last piece."""
        self._open[id(gathering)] = gathering
        if not self._looking:
            self._looking = True
            self._timers.add(LOOK, self._look)
        self._ask(gathering)

    def _ask(self, gathering: _Gathering) -> None:
        awaited = gathering.ask()
        if awaited is not None:  # nobody may keep it: it would keep us, and granian both
            awaited.add_done_callback(partial(self._came, gathering))
        elif self._open.pop(id(gathering), None) is not None:
            gathering.go_on(gathering.body)

    def _came(self, gathering: _Gathering, awaited: Awaited) -> None:
        gathering.take(awaited)
        self._ask(gathering)

    def _look(self) -> None:
        overdue = time.monotonic() - intake.BODY_TIME
        for mark, gathering in list(self._open.items()):
            if gathering.since <= overdue and self._open.pop(mark, None) is not None:
                self._ends.add(partial(give_up, gathering.exchange, self._report))
        self._looking = False  # before looking whether anybody is there: who comes from here on starts the next look
        if self._open and not self._timers.ended:
            self._looking = True
            self._timers.add(LOOK, self._look)


class _Coming(io.RawIOBase):
    """A body as it comes, for who waits for it in a thread of ours."""

    def __init__(self, proto: Proto) -> None:
        self._proto = proto
        self._piece = memoryview(b"")
        self._more = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        while self._more and not self._piece:
            awaited = self._proto.receive()
            _wait(awaited)
            piece, self._more = _piece(awaited)
            self._piece = memoryview(piece)
        taken = self._piece[: len(room)]
        room[: len(taken)] = taken
        self._piece = self._piece[len(taken) :]
        return len(taken)


def _piece(awaited: Awaited) -> tuple[bytes, bool]:
    """Read what was received: a piece of the body, and whether more may follow; nothing when the client is gone."""
    message = awaited.result() if hasattr(awaited, "result") else _GONE
    return message.get("body", b""), message.get("more_body", False)


_GONE: dict[str, Any] = {"type": "http.disconnect"}
"""What is received when the client is gone; granian says it with an object that cannot be asked when that was known."""


def _takes_time(awaited: Awaited) -> bool:
    """Tell whether something is still to be done; what granian did at once has no such method."""
    return hasattr(awaited, "done") and not awaited.done()


def _wait(awaited: Awaited) -> None:
    """Wait until granian has done something, in a thread of ours."""
    if _takes_time(awaited):
        done = threading.Lock()
        done.acquire()
        awaited.add_done_callback(lambda _: done.release())
        done.acquire()


# The answer


class _Exchange:
    """One request's way back to the client; the first answer wins, later ones are dropped. It waits for nobody."""

    __slots__ = ("_free", "_proto", "_streaming", "_watcher")

    def __init__(self, watcher: Watcher, streaming: Errands) -> None:
        self._watcher = watcher
        self._proto = watcher.proto
        self._streaming = streaming
        self._free = threading.Lock()

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a whole body."""
        if self._starts(status, headers):
            self._end(body)

    def response_iter(self, status: int, headers: Headers, body: Pieces) -> None:
        """Send status and headers, then what the body's `__next__` gives until it stops; close it."""
        if self._starts(status, headers):
            self._stream(body, self._send(b""), _Client(self._proto))  # nothing is enough to make the head go

    def _starts(self, status: int, headers: Headers) -> bool:
        try:
            octets = [(name.encode(), value.encode()) for name, value in headers]
        except AttributeError:
            raise TypeError("a header is text") from None
        if not self._free.acquire(blocking=False):
            return False
        try:
            self._proto.send({"type": "http.response.start", "status": status, "headers": octets})
        except RuntimeError:  # a header that cannot be sent; granian's WSGI leaves those out
            octets = [(name, value) for name, value in octets if _NAME.fullmatch(name) and _VALUE.fullmatch(value)]
            self._proto.send({"type": "http.response.start", "status": status, "headers": octets})
        return True

    def _end(self, piece: bytes) -> None:
        self._proto.send({"type": "http.response.body", "body": piece})
        self._watcher.done()  # a body that nobody read would keep the connection for as long as somebody keeps us

    def _send(self, piece: bytes) -> Awaited:
        return self._proto.send({"type": "http.response.body", "body": piece, "more_body": True})

    def _stream(self, body: Pieces, sent: Awaited, client: _Client, *, may_wait: bool = False) -> None:
        """Send pieces until the client lags behind, and the rest in a thread that may wait for it."""
        try:
            while not client.is_gone():
                if _takes_time(sent):
                    if not may_wait:
                        self._streaming.add(partial(self._stream, body, sent, client, may_wait=True))
                        return
                    _wait(sent)
                sent = self._send(body.__next__())
        except BaseException:  # noqa: BLE001, S110  # it is over, or was cut short; the body told of that itself
            pass
        self._end(b"")
        with suppress(Exception):
            body.close()


_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class _Client:
    """Whether the client is still there, as far as granian has said."""

    __slots__ = ("_news", "_proto")

    def __init__(self, proto: Proto) -> None:
        self._proto = proto
        self._news = proto.receive()

    def is_gone(self) -> bool:
        """Tell whether it left; what it still sends of its body is dropped."""
        while not _takes_time(self._news):
            if not hasattr(self._news, "result") or self._news.result() == _GONE:
                return True
            self._news = self._proto.receive()
        return False
