"""Receives the browser at the CallbackURL of a session: a server on this machine that writes down what came.

It knows nothing of what is right. What came holds a token: it stays in memory or in the folder of the run, and is shown
through a redactor alone. Whoever does not know the path of this run gets 404.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["FRAGMENT", "OWN_QUERY", "Arrival", "Callback", "CannotListen", "Receiver"]

OWN_QUERY = "state=a%20b%26c&lang=en"
"""The query that our CallbackURLs have themselves; a reader that decodes too much splits it elsewhere."""

FRAGMENT = "end-of-verification"
"""Their fragment. Browsers send none, so the page that they get tells it."""

LONGEST, MOST = 65536, 50
"""Bytes of a body that are read, and requests that are written down for each session."""

PATIENCE = 5.0
"""Seconds that the browser is waited for once the person has finished."""

LOOK = 0.02
"""Seconds between two looks at what came."""

TELL = "/fragment"
PAGE = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Received</title>
<p>The contract suite has received this. You can close the page.</p>
<script>fetch(location.pathname + "{TELL}", {{method: "POST", body: location.hash}})</script>
</html>
""".encode("ascii")


class CannotListen(Exception):
    """The receiver cannot listen where it should; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came to the CallbackURL of a session. at: seconds since 1970. body: its length in bytes."""

    session: str
    method: str
    target: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: int
    at: float

    @property
    def query(self) -> str:
        """The query as it came, still encoded."""
        return urlsplit(self.target).query

    def header(self, name: str) -> str:
        """Give the value of a header by its name in any case, '' when it is not there."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")


class Callback:
    """The CallbackURLs of a run, and what came to them.

    base: where they begin, without a slash at the end. folder: what the processes of a distributed run share; None for
    a run in one process. patience: seconds to wait for a browser, once for each session; None for
    `PATIENCE`.
    """

    def __init__(self, base: str, folder: Path | None = None, patience: float | None = None) -> None:
        self.base = base
        self.patience = PATIENCE if patience is None else patience
        self._waited: set[str] = set()
        self._folder = folder
        self._arrivals: list[Arrival] = []
        self._fragments: dict[str, str] = {}

    def url(self, session: str) -> str:
        """Give the CallbackURL of a session, with a query and a fragment of its own."""
        return f"{self.base}/{session}?{OWN_QUERY}#{FRAGMENT}"

    def arrivals(self, session: str) -> list[Arrival]:
        """Give what came so far for a session, in order."""
        return [one for one in self._all() if one.session == session]

    def fragment(self, session: str) -> str | None:
        """Give the fragment that the browser had at the end; None when it did not tell."""
        if self._folder is not None:
            path = self._folder / f"{session}.fragment"
            return path.read_text(encoding="utf-8") if path.exists() else None
        return self._fragments.get(session)

    def wait(self, session: str) -> list[Arrival]:
        """Wait until something came for a session, as long as patience lasts; give it. A second call waits no more."""
        end = time.monotonic() + (0.0 if session in self._waited else self.patience)
        self._waited.add(session)
        while not (found := self.arrivals(session)) and time.monotonic() < end:
            time.sleep(LOOK)
        return found

    def add(self, arrival: Arrival) -> None:
        """Write down what came."""
        if len(self.arrivals(arrival.session)) >= MOST:
            return
        if self._folder is None:
            self._arrivals.append(arrival)
            return
        path = self._folder / f"{time.time_ns()}-{secrets.token_hex(4)}.part"
        path.write_text(json.dumps(asdict(arrival)), encoding="utf-8")
        path.rename(path.with_suffix(".arrival"))

    def tell_fragment(self, session: str, text: str) -> None:
        """Write down the fragment that a browser told of."""
        self._fragments.setdefault(session, text)
        if self._folder is not None:
            part = self._folder / f"{session}.{secrets.token_hex(4)}"
            part.write_text(self._fragments[session], encoding="utf-8")
            part.rename(self._folder / f"{session}.fragment")

    def all(self) -> list[Arrival]:
        """Give everything that came so far, in order."""
        return self._all()

    def _all(self) -> list[Arrival]:
        if self._folder is None:
            return list(self._arrivals)
        found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(self._folder.glob("*.arrival")))
        return [Arrival(**{**one, "headers": tuple((name, text) for name, text in one["headers"])}) for one in found]


class Receiver:
    """Listens on this machine until it is stopped.

    address: host and port to listen on, port 0 for a free one. url: what leads there from where the browser is, '' for
    the address itself. on_arrival: is called with the name of a session while its browser waits for the page.

    Raises `CannotListen`.
    """

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0), url: str = "", folder: Path | None = None) -> None:
        self.on_arrival: Callable[[str], object] = lambda _: None
        receiver = self

        class Handler(_Handler):
            here = receiver

        try:
            self._server = _Server(address, Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise CannotListen(f"The callback receiver cannot listen on {address[0]}:{address[1]}: {why}.") from None
        self._path = f"/contract-callback/{secrets.token_hex(8)}"
        here = "127.0.0.1" if address[0] == "0.0.0.0" else address[0]  # noqa: S104 - nobody can go to all addresses
        base = url.rstrip("/") or f"http://{here}:{self._server.server_port}"
        self.callback = Callback(base + self._path, folder)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOK,), name="callback", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def receive(self, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> int:
        """Take a request; give the status of the answer."""
        path = urlsplit(target).path
        before, found, session = path.partition(self._path + "/")  # a tunnel may have put something before it
        session, _, more = session.partition("/")
        if not found or not session.replace("-", "").isalnum() or len(session) > 40:
            return 404
        if more:
            told = f"/{more}" == TELL and method == "POST"
            if told:
                self.callback.tell_fragment(session, body.decode("utf-8", "replace")[:200].removeprefix("#"))
            return 204 if told else 404
        own = target.removeprefix(before)
        self.callback.add(Arrival(session, method, own, headers, len(body), time.time()))
        self.on_arrival(session)
        return 200


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that goes away is no error, and a traceback would hold a token."""


class _Handler(BaseHTTPRequestHandler):
    here: Receiver
    protocol_version = "HTTP/1.1"
    timeout = 10
    wbufsize = -1

    def _handle(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        self.close_connection = True
        size = int(length) if length.isascii() and length.isdigit() else 0
        body = self.rfile.read(min(size, LONGEST))
        status = self.here.receive(self.command, self.path, tuple(self.headers.items()), body)
        page = PAGE if status == 200 else b""
        self.send_response(status)
        self.send_header("Connection", "close")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if page:
            self.send_header("Content-Type", "text/html; charset=utf-8")
        if status != 204:
            self.send_header("Content-Length", str(len(page)))
        with suppress(OSError):  # the browser may be gone
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(page)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Handle every method: which one came is for the steps to judge."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def version_string(self) -> str:
        """Name no version."""
        return "contract-tests"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: a request line holds a token."""
