"""A small right server for the vendor's page, in which a test can plant one fault at a time.

It is written from the vendor's document alone, on the standard library's http.server, and shares no code with the mock.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-right-key-0123456789abcdef"
PATH = "/volc/asset/CreateVisualValidateSession"
JSON = "application/json"

Asked = tuple[str, str, dict[str, str], bytes, frozenset[str]]
Serve = Callable[["Request"], "Answer"]
Plant = Callable[["Request", Serve], "Answer"]
"""A fault: it sees the request and may change it, asks the right server or not, and may change the answer."""


@dataclass(frozen=True)
class Request:
    """What was asked. Header names are in lower case; spelled: as they came.

    memory: lasts as long as the planted fault.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    spelled: frozenset[str]
    memory: dict[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def having(self, **headers: str) -> Request:
        """Give the request with other headers; `content_type` is Content-Type."""
        changed = {name.replace("_", "-"): text for name, text in headers.items()}
        return replace(self, headers={**self.headers, **changed})

    def value(self) -> Any:  # noqa: ANN401 - any JSON
        """Read the body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Answer:
    """What is answered. cut: how the wire betrays it: '' not at all, 'closed' nothing sent, 'short' half a body.

    reason: the words behind the status, '' for the usual ones.
    """

    status: int
    headers: dict[str, str]
    body: bytes = b""
    cut: str = ""
    reason: str = ""

    def having(self, **headers: str | None) -> Answer:
        """Give the answer with other headers; None removes one."""
        changed = {name.replace("_", "-").title(): text for name, text in headers.items()}
        kept = {**self.headers, **changed}
        return replace(self, headers={name: text for name, text in kept.items() if text is not None})

    def value(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.body)

    def saying(self, value: object) -> Answer:
        """Give the answer with another JSON body."""
        return replace(self, body=json.dumps(value, ensure_ascii=False).encode())


def serve(request: Request) -> Answer:
    """Answer as the vendor's document says; errors have a JSON body, which the document leaves open."""
    if request.path != PATH:
        return refusal(404, "no such path")
    if request.method != "POST":
        return refusal(405, "no such method").having(allow="POST")
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or credential != KEY:
        return refusal(401, "who are you").having(www_authenticate='Bearer realm="assets"')
    asked: object = {}
    if request.body:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return refusal(400, "only JSON")
        try:
            asked = json.loads(request.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return refusal(400, "no JSON")
    if not isinstance(asked, dict) or not isinstance(asked.get("CallbackURL", ""), str):
        return refusal(400, "not as documented")
    return Answer(200, {"Content-Type": JSON}).saying(session(asked))


def session(asked: dict[str, Any]) -> dict[str, Any]:
    """Make the body of a 200."""
    now = datetime.now(timezone.utc) + timedelta(hours=8)
    made = {"BytedToken": f"{now:%Y%m%d%H%M%S}{secrets.token_hex(10).upper()}"}
    if "CallbackURL" in asked:
        made["CallbackURL"] = asked["CallbackURL"]
    link = "https://www.byteplus.com/en/liveness-face-manage/authorization?pl="
    return {**made, "H5Link": link + secrets.token_urlsafe(30)}


def refusal(status: int, words: str) -> Answer:
    """Make an error."""
    return Answer(status, {"Content-Type": JSON}).saying({"error": {"message": words}})


def right(request: Request, serve: Serve) -> Answer:
    """Plant nothing."""
    return serve(request)


class Host:
    """The server in a thread, with a fault that can be exchanged. serve: what answers rightly."""

    def __init__(self, serve: Serve = serve) -> None:
        self.plant: Plant = right
        self.memory: dict[str, Any] = {}
        host = self

        class Handler(_Handler):
            def answer(self, asked: Asked) -> Answer:
                return host.plant(Request(*asked, host.memory), serve)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Host]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    @contextmanager
    def planting(self, plant: Plant) -> Iterator[str]:
        """Serve with a fault until the end of the block; gives the URL."""
        self.plant, self.memory = plant, {}
        try:
            yield self.url
        finally:
            self.plant = right


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment per answer: two would wait for each other's acknowledgement

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        answer = self.answer((self.command, self.path, headers, body, frozenset(self.headers)))
        if answer.cut == "closed":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status, answer.reason or None)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.cut == "short":
            self.close_connection = True
        if answer.status != 204 and self.command != "HEAD":
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut == "short" else answer.body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handle every method, whatever its name: http.server would answer 501 to those that it does not know."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing."""
