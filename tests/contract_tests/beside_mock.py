"""A mock of ours, and beside it a host on loopback that answers the same except for what a test plants.

The host is a proxy to the mock that takes away what a mock says of itself.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Reply", "Request", "beside"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. Names of headers are in small letters."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def changed(self, change: Callable[[Any], Any]) -> Reply:
        """Give the reply with another JSON body."""
        return replace(self, body=json.dumps(change(json.loads(self.body))).encode())


@contextmanager
def beside(mock: str, plant: Callable[[Request, Reply], Reply]) -> Iterator[str]:
    """Run the host and give its URL. plant: from a request and the mock's reply to what the host answers."""
    address = urlsplit(mock).netloc

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden
            """Say nothing."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            reply = plant(asked, _forwarded(address, asked))
            self.send_response(reply.status)
            for name, value in {**reply.headers, "content-length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _forwarded(address: str, asked: Request) -> Reply:
    connection = HTTPConnection(address, timeout=5)
    try:
        headers = {name: value for name, value in asked.headers.items() if name not in ("host", "connection")}
        connection.request(asked.method, asked.path, asked.body or None, headers)
        answer = connection.getresponse()
        theirs = {name.lower(): value for name, value in answer.getheaders()}
        kept = {name: value for name, value in theirs.items() if not name.startswith("x-mock-")}
        return Reply(answer.status, kept, answer.read())
    finally:
        connection.close()
