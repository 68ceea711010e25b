"""One request's way back to the client through granian's ASGI interface. No thread of granian's ever waits here."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from mockserver.asgi_objects import GONE, received, takes_time, wait_for

if TYPE_CHECKING:
    from mockserver.asgi_objects import Awaited, Proto, Watcher
    from mockserver.errands import Errands
    from mockserver.wsgi_bridge import Headers, Pieces

__all__ = ["Answering"]


class Answering:
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
            sent, client = self._send(b""), _Client(self._proto)  # nothing is enough to make the head go
            self._streaming.add(partial(self._stream, body, sent, client))

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

    def _stream(self, body: Pieces, sent: Awaited, client: _Client) -> None:
        """Send pieces as the client takes them, in a thread of ours: granian needs its own to say that it left."""
        try:
            while not client.is_gone():
                wait_for(sent)
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
        while not takes_time(self._news):
            if received(self._news) == GONE:
                return True
            self._news = self._proto.receive()
        return False
