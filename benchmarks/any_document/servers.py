"""Starts a mock server on a document, waits for its first right answer, sends requests to it, stops it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.installing import npm_binaries
from benchmarks.running import stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from benchmarks.any_document.asking import Asked

__all__ = ["OURS", "PRISM", "SCALAR", "SERVERS", "Answer", "DidNotStart", "Running", "Server", "started"]

HERE = Path(__file__).resolve().parent
PATIENCE = 120.0
"""Seconds until a server that does not answer is given up."""
PAUSE = 0.01
_ANSWER_IN = 30.0


class DidNotStart(Exception):
    """A server ended or stayed silent; `str()` quotes it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mock server. base_paths: whether it answers below the paths of the server URLs; command: as in `peers.py`."""

    name: str
    version: str
    command: tuple[str, ...]
    base_paths: bool = False
    manifest: str = ""
    environment: tuple[tuple[str, str], ...] = ()


OURS = Server(
    "anyfast-mockserver",
    "",
    ("{python}", "-m", "mockserver", "serve", "{document}", "--port", "{port}"),
    base_paths=True,
)
PRISM = Server(
    "prism",
    "5.14.2",
    ("{bin}/prism", "mock", "-v", "error", "-h", "127.0.0.1", "-p", "{port}", "{document}"),
    manifest='{"private": true, "dependencies": {"@stoplight/prism-cli": "5.14.2"}}',
    environment=(("NODE_ENV", "production"),),
)
PRISM_DYNAMIC = Server(
    "prism -d",
    "5.14.2",
    ("{bin}/prism", "mock", "-d", "-v", "error", "-h", "127.0.0.1", "-p", "{port}", "{document}"),
    manifest=PRISM.manifest,
    environment=(("NODE_ENV", "production"),),
)
SCALAR = Server(
    "scalar",
    "0.3.25",
    ("node", "{here}/scalar.mjs", "{bin}/..", "{port}", "{document}"),
    manifest='{"private": true, "dependencies": {"@scalar/mock-server": "0.3.25", "@hono/node-server": "1.19.19", '
    '"hono": "4.12.5", "yaml": "2.8.1"}}',
    environment=(("NODE_ENV", "production"),),
)
SERVERS = (OURS, PRISM, PRISM_DYNAMIC, SCALAR)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as openapi-core wants to see it; status 0: nothing did, and `failure` says why."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    failure: str = ""

    @property
    def status_code(self) -> int:
        """Give the status."""
        return self.status

    @property
    def content_type(self) -> str:
        """Give the media type, '' when none was sent."""
        return next((value for name, value in self.headers.items() if name.lower() == "content-type"), "")

    @property
    def text(self) -> str:
        """Give the body on one line."""
        return " ".join(self.data.decode("utf-8", "replace").split())


class Running:
    """A server that runs."""

    def __init__(self, server: Server, process: subprocess.Popen[bytes], port: int, spawned: float) -> None:
        self.server = server
        self._process = process
        self._port = port
        self._spawned = spawned
        self._connection: http.client.HTTPConnection | None = None

    def ready(self, requests: Sequence[Asked], right: Callable[[Asked, Answer], bool]) -> float | None:
        """Wait until it answers, and give the seconds from its spawning to the first right answer; None: none is.

        Raises `DidNotStart`.
        """
        self._wait()
        for asked in requests:
            answer = self.send(asked)
            now = time.perf_counter()
            if right(asked, answer):
                return now - self._spawned
        return None

    def send(self, asked: Asked) -> Answer:
        """Send a request, once more on a new connection if the old one was closed. Raises nothing."""
        failure = ""
        for _ in range(2):
            fresh = self._connection is None
            try:
                return self._send(asked)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failure = f"no answer: {type(error).__name__} {error}".strip()
                if fresh:
                    return Answer(0, failure=failure)
        return Answer(0, failure=failure)

    def pss(self) -> float:
        """Give the proportional memory of all its processes in MB."""
        return processes.pss(self._process.pid)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, asked: Asked) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_IN)
        connection = self._connection
        path = (asked.base_path if self.server.base_paths else "") + asked.path
        target = path + (f"?{asked.query}" if asked.query else "")
        connection.putrequest(asked.operation.method.upper(), target, skip_accept_encoding=True)
        for name, value in asked.headers:
            connection.putheader(name, value.encode("utf-8"))
        if asked.media_type:
            connection.putheader("Content-Type", asked.content_type or asked.media_type)
            connection.putheader("Content-Length", str(len(asked.body)))
        elif asked.operation.method in ("post", "put", "patch"):
            connection.putheader("Content-Length", "0")
        connection.endheaders(asked.body or None)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())

    def _wait(self) -> None:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            if self._process.poll() is not None:
                raise DidNotStart(f"ended with status {self._process.returncode}")
            if time.perf_counter() - self._spawned > PATIENCE:
                raise DidNotStart(f"took no connection within {PATIENCE:g} s")
            time.sleep(PAUSE)


@contextmanager
def started(server: Server, document: Path, log: BinaryIO) -> Iterator[Running]:
    """Start a server on a free port, and stop it and its children at the end. Raises `CannotInstall`, `DidNotStart`."""
    binaries = (
        npm_binaries(f"documents-{server.name.partition(' ')[0]}", server.manifest) if server.manifest else Path()
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    places = {"bin": binaries, "python": sys.executable, "document": document, "here": HERE, "port": port}
    command = [word.format_map(places) for word in server.command]
    settings = {key: value for key, value in os.environ.items() if not key.startswith("ANYFAST_MOCK_")}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)  # programs in Python find their bytecode, as installed ones do
    settings.update(server.environment)
    spawned = time.perf_counter()
    process = subprocess.Popen(command, env=settings, stdout=log, stderr=log, start_new_session=True)
    running = Running(server, process, port, spawned)
    try:
        yield running
    except DidNotStart as error:
        log.seek(0)
        said = " ".join(log.read(100_000).decode("utf-8", "replace").split())[-300:]
        raise DidNotStart(f"{error}. It said: {said or 'nothing'}") from None
    finally:
        running.close()
        stop(process)
