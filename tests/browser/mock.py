"""The real command in a process of its own, and a small web server that the phone page sends the browser to."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "sk-mock-byteplus-direct"


@dataclass(frozen=True, slots=True)
class Created:
    """A session as its caller knows it."""

    token: str
    link: str


@dataclass(frozen=True, slots=True)
class Mock:
    """A running mock, and what a caller asks of it."""

    url: str

    def create(self, callback_url: str | None) -> Created:
        body: dict[str, object] = {} if callback_url is None else {"CallbackURL": callback_url}
        answer = self.post("/volc/asset/CreateVisualValidateSession", body)
        return Created(str(answer["BytedToken"]), str(answer["H5Link"]))

    def group(self, token: str) -> str:
        return str(self.post("/volc/asset/GetVisualValidateResult", {"BytedToken": token})["GroupId"])

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        with closing(connection):
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            found: dict[str, object] = json.load(answer)
        return found


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Mock]:
    """Run the mock on a free port until the end of the block."""
    port_file = folder / "port"
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(port_file), *options]
    with (folder / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 30
            while not (port_file.exists() and port_file.read_text(encoding="ascii").strip()):
                assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
                assert time.monotonic() < deadline, "no port file after 30 s"
                time.sleep(0.02)
            yield Mock(f"http://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}")
        finally:
            process.terminate()
            process.wait(timeout=10)


@dataclass(slots=True)
class Receiver:
    """The caller's own web server: it shows a page for whatever is asked, and remembers what was."""

    url: str = ""
    visits: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def last(self) -> tuple[str, list[tuple[str, str]], dict[str, str]]:
        """Give path, query and headers (names in lower case) of the last visit."""
        target, headers = self.visits[-1]
        parts = urlsplit(target)
        return parts.path, parse_qsl(parts.query, keep_blank_values=True), headers


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port until the end of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            receiver.visits.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            page = b'<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>Back</h1>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, name="receiver")
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
