"""From granian's ASGI interface to what answers WSGI: it tells the path as it was sent. Nothing here is asynchronous.

granian calls us in a thread of its own, and needs such a thread again to say what anybody waits for. So no thread of
granian's may wait for granian: a body is gathered as it comes, and whatever has to wait does so in a thread of ours.
It is written for the objects that granian hands out, and imports nothing of granian.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mockserver.asgi_answers import Answering
from mockserver.asgi_bodies import Coming, Gathering, Gatherings
from mockserver.errands import Errands
from mockserver.exchange import is_length

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.asgi_objects import Watcher
    from mockserver.intake import Timers
    from mockserver.wsgi_bridge import Exchange

__all__ = ["Immediately", "answer_watchers", "environ_of"]

GATHERED = 64 * 1024
"""Octets of a body that are gathered before it is answered; a longer one is read as WSGI does, by who waits for it."""


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
    gatherings, most = Gatherings(timers, report), min(GATHERED, body_limit)

    def answer(watcher: Watcher) -> None:
        try:
            scope, proto = watcher.scope, watcher.proto
            environ, exchange = environ_of(scope), Answering(watcher, streaming)

            def go_on(body: bytes) -> None:
                environ["wsgi.input"] = io.BytesIO(body)
                handle(exchange, environ)

            length = _announced(environ)
            if length == 0:
                go_on(b"")
            elif length is not None and length <= most and "HTTP_EXPECT" not in environ:
                gatherings.begin(Gathering(proto, exchange, length, go_on))
            else:  # a client that asks is told to go on by the first read
                environ["wsgi.input"] = io.BufferedReader(Coming(proto), GATHERED)
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
