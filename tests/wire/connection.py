"""A mock server as a subprocess, and a raw socket to it: nothing that is sent or received is made any nicer."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.wire.comparing import Expected, Mismatch, compare, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.wire.transcripts import Exchange, Sent

__all__ = ["Answer", "Connection", "play", "serving"]

ROOT = Path(__file__).parent.parent.parent

PATIENCE = 5.0
"""Seconds to wait for an answer, or for the end of a connection."""

PAUSE = 0.02
"""Seconds before raw bytes are sent, so that they do not arrive together with what was sent before."""

PROBE = b"GET /_mock/health HTTP/1.1\r\nHost: mock\r\n\r\n"
"""Sent after every exchange: a connection that was not closed has to be in order."""


class Answer(NamedTuple):
    """One answer as it came: status line, headers in order, body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def __str__(self) -> str:
        lines = [self.status, *(f"{name}: {value}" for name, value in self.headers), ""]
        return "\n".join(lines) + "\n" + self.body[:2000].decode("utf-8", "backslashreplace")


class Connection:
    """A connection on which answers are read one after the other. Works as a context manager."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._received = b""
        self._waiting = b""

    def __enter__(self) -> Connection:  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()

    def put(self, sent: Sent) -> None:
        """Take requests to be sent in one go; raw bytes, and the end, go out by themselves a moment later."""
        if not sent.method:
            self.flush()
            time.sleep(PAUSE)
        self._waiting += sent.data
        if sent.ends:
            self.flush()
            self._socket.shutdown(socket.SHUT_WR)

    def flush(self) -> None:
        """Send what waits; a server that stops listening in the middle is no failure, its answer is what counts."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(self._waiting)
        self._waiting = b""

    def receive(self, method: str) -> Answer:
        """Read one answer to a request of that method. Raises `Mismatch` when none comes, or half of one."""
        head, _, _ = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        self._received = self._received[len(head) + 4 :]
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        fields = {name.lower(): value for name, value in headers}
        code = status.split(" ")[1]
        if method == "HEAD" or code[0] == "1" or code in ("204", "304"):
            return Answer(status, headers, b"")
        if "content-length" not in fields:
            raise Mismatch(f"an answer without Content-Length: {status}")
        length = int(fields["content-length"])
        while len(self._received) < length:
            self._more(f"{length} bytes of body")
        body, self._received = self._received[:length], self._received[length:]
        return Answer(status, headers, body)

    def await_end(self) -> None:
        """Wait until the server closes the connection. Raises `Mismatch` when it does not, or says more."""
        with contextlib.suppress(ConnectionResetError):
            try:
                self._received += self._socket.recv(65536)
            except TimeoutError:
                raise Mismatch("the connection stays open, expected: closed") from None
        if self._received:
            raise Mismatch(f"more than was expected: {self._received[:600]!r}")

    def probe(self) -> None:
        """Use the connection once more. Raises `Mismatch` when it is out of order."""
        if self._received:
            raise Mismatch(f"more than was expected: {self._received[:600]!r}")
        self._waiting += PROBE
        self.flush()
        try:
            answer = self.receive("GET")
        except Mismatch as problem:
            raise Mismatch(f"the connection is not usable afterwards (if so it must be: closed); {problem}") from None
        if not answer.status.startswith("HTTP/1.1 200 "):
            raise Mismatch(f"the next request on the connection got {answer.status!r} with {answer.body!r}")

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            self._more("an answer")
        return self._received

    def _more(self, what: str) -> None:
        try:
            piece = self._socket.recv(1 << 20)
        except TimeoutError:
            raise Mismatch(f"no answer within {PATIENCE:g} s, expected {what}") from None
        except ConnectionResetError:
            piece = b""
        if not piece:
            raise Mismatch(f"the connection ended, expected {what}; received {self._received[:600]!r}")
        self._received += piece


def play(exchange: Exchange, port: int) -> None:
    """Play an exchange on a new connection. Raises `AssertionError` with line, sent, expected and received."""
    sent, received, line = b"", "", exchange.line
    methods: list[str] = []
    try:
        with Connection(port) as connection:
            for step in exchange.steps:
                line = step.line
                if not isinstance(step, Expected):
                    methods += [step.method] if step.method else []
                    sent += step.data
                    connection.put(step)
                    continue
                connection.flush()
                answer = connection.receive(methods[0])
                received = f"{answer}"
                compare(step, answer.status, answer.headers, answer.body)
                if not step.interim:
                    methods.pop(0)
            line, received = exchange.line, ""
            connection.await_end() if exchange.closes else connection.probe()
    except Mismatch as problem:
        told = sent.decode("utf-8", "backslashreplace")
        parts = [f"{exchange.path}:{line}: {exchange.title}", str(problem), "--- sent", shortened(told, raw=True)]
        raise AssertionError("\n".join([*parts, *(["--- received", received] if received else [])])) from None


@contextlib.contextmanager
def serving(options: Sequence[str], folder: Path) -> Iterator[int]:
    """Serve in a subprocess until the block ends; give the port. MOCKSERVER_COMMAND names another command than ours.

    Raises `AssertionError` when it does not start, does not end with status 0, or logs a stack trace.
    """
    command = shlex.split(os.environ.get("MOCKSERVER_COMMAND", ""))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANYFAST_MOCK_")}
    if not command:
        command = [sys.executable, "-m", "mockserver"]
        environment["PYTHONPATH"] = str(ROOT)
    port_file = folder / "port"
    log = folder / "log"
    arguments = ["--port", "0", "--port-file", str(port_file), *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, *arguments], stdout=stream, stderr=subprocess.STDOUT, cwd=folder, env=environment
        )
    try:
        yield _port(process, port_file, log)
        assert process.poll() is None, f"the server ended by itself:\n{log.read_text()}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    text = log.read_text(encoding="utf-8", errors="replace")
    assert status == 0, f"the server ended with status {status}:\n{text[-5000:]}"
    for sign in ("Traceback", "panicked", "mock.bug", "raised"):
        assert sign not in text, f"the server logged {sign!r}:\n{text[:5000]}"


def _port(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> int:
    deadline = time.monotonic() + 20
    while not port_file.exists():
        assert process.poll() is None, f"the server did not start:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"the server is not ready after 20 s:\n{log.read_text()}"
        time.sleep(0.01)
    return int(port_file.read_text())
