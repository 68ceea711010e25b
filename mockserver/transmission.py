"""Send an answer as badly as it was asked for, through WSGI: late, slowly, not to its end, or not at all.

Our own server does what takes time without holding a thread; elsewhere the thread is held. It decides nothing.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mockserver.exchange import LATER, SOCKET, reason, slow_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from _typeshed.wsgi import StartResponse

    from mockserver.exchange import Response

__all__ = ["CLOSE", "hold", "send_badly"]

CLOSE = ("Connection", "close")

LOOK = 0.25
"""Seconds between two looks whether a client has given up."""


def send_badly(response: Response, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Send an answer that has a `transport`. Raises `ConnectionResetError` after a reset, for the server to end it."""
    transport, later = response.transport, environ.get(LATER)
    connection: socket.socket | None = environ.get(SOCKET)
    assert transport is not None
    status, headers, body, lasting = reason(response.status), response.headers, response.body, 0.0
    if transport.kind == "truncated-body":
        # The announced rest never comes: a server closes such a connection once the body that it was given is sent.
        headers, body = [CLOSE, *(one for one in headers if one != CLOSE)], body[: len(body) // 2]
    elif transport.kind == "slow-body":
        lasting = transport.lasting
    if later is not None and transport.kind != "reset":
        answer: Iterable[bytes] = later(response.delay, status, headers, body, lasting)
        return answer
    hold(response.delay, connection)
    if transport.kind == "reset":
        if connection is not None:
            _reset(connection)
        raise ConnectionResetError("reset, as it was asked for")
    start_response(status, headers)
    return slow_pieces(body, lasting, time.sleep) if lasting else [body]


def hold(seconds: float, connection: socket.socket | None) -> None:
    """Hold this thread, no longer than somebody waits at the other end. Raises `ConnectionAbortedError` then."""
    if connection is None:
        time.sleep(seconds)
        return
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if _is_readable(connection, min(left, LOOK)):
            with suppress(ValueError, BlockingIOError):  # TLS cannot be looked into without reading it
                if not connection.recv(1, socket.MSG_PEEK):
                    raise ConnectionAbortedError("the client gave up")
            time.sleep(min(left, LOOK))


def _is_readable(connection: socket.socket, seconds: float) -> bool:
    poll = select.poll()  # select() takes no descriptor beyond 1023
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _reset(connection: socket.socket) -> None:
    """Close a connection so that the other end is told of a reset, whoever else still holds it here.

    They find one that has ended in its place, and say nothing about that.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    ended, other_end = socket.socketpair()
    other_end.close()
    with ended:
        os.dup2(ended.fileno(), connection.fileno(), inheritable=False)  # its last one: what is closed by this is reset
