"""A receiver of callbacks on loopback, as rude as a test wants it: raw sockets, one connection after the other."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["CERTIFICATE", "Play", "Receiver", "answer", "dripping"]

CERTIFICATE = str(Path(__file__).with_name("receiver.pem"))
"""Key and certificate, signed by itself, of localhost, receiver.test and 127.0.0.1, until the year 2120."""

Play: TypeAlias = "bytes | Callable[[socket.socket, threading.Event], None]"
"""What is done with a connection once the request is read: something sent, then closed; or anything else, until the
event says that the test is over."""


def answer(status: str = "200 OK", *headers: str, body: bytes = b"") -> bytes:
    """Write an answer; its Content-Length is right unless headers are given."""
    lines = [f"HTTP/1.1 {status}", *(headers or (f"Content-Length: {len(body)}",)), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def dripping(start: bytes, drop: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Make a play that never ends by itself: each pause is shorter than any timeout for a single read."""

    def play(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.01):
            connection.sendall(drop)

    return play


class Receiver:
    """Plays its plays, one for each connection, the last one for all that follow."""

    def __init__(self, *plays: Play, tls: bool = False, reads: bool = True) -> None:
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        self.plays = list(plays) or [answer()]
        self._reads = reads
        self._context = self._tls_context() if tls else None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.port: int = self._listener.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="receiver")

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        return context

    def url(self, rest: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._context else 'http'}://{host}:{self.port}{rest}"

    def __enter__(self) -> Receiver:  # noqa: PYI034 # nobody inherits, and Self is newer than Python 3.10
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                # a visitor that hangs up in the middle is what many tests are about
                with contextlib.suppress(OSError), connection:
                    connection.settimeout(2)
                    self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        if self._context is None:
            self._play(connection)
            return
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self._play(secured)

    def _play(self, connection: socket.socket) -> None:
        request = b""
        while self._reads and not request.endswith(b"\r\n\r\n"):
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        self.requests.append(request)
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if callable(play):
            play(connection, self._closing)
        else:
            connection.sendall(play)
