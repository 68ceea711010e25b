"""`python -m benchmarks.soak`: many requests, good and bad mixed; what grows, gets lost or comes twice fails it.

It starts a mock with default settings and looks at its workers through /proc: Linux only. The figures of a run stand in
docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.processes import pss_of
from mockserver.credentials import WORKING
from mockserver.sessions.store import MOST_SESSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Sample", "Soak", "main", "verdict"]

CREATE, RESULT = "/volc/asset/CreateVisualValidateSession", "/volc/asset/GetVisualValidateResult"
BATCH = 16
"""Requests that are sent on a connection before an answer is read."""

CONNECTIONS = 8
LOOK = 5.0
"""Seconds between two samples."""

GROWTH = 1.1
"""The last third of the samples may have so many times the memory of the middle third, in the median."""

KEPT = MOST_SESSIONS * 9 // 10
"""So many of the newest sessions are asked for: fewer than the store keeps."""

HEAD = re.compile(
    rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?content-length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n", re.IGNORECASE
)
TOKEN = re.compile(rb'"BytedToken":"([^"]+)"')


def _post(target: str, body: str, key: str = WORKING, kind: str = "application/json") -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Host: mock", f"Authorization: Bearer {key}", f"Content-Type: {kind}"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


GOOD = _post(CREATE, '{"CallbackURL": "https://example.com/callback"}')
BAD = (
    (401, _post(CREATE, "{}", "sk-unknown")),
    (400, _post(CREATE, "{")),
    (400, _post(CREATE, '{"CallbackURL": 5}')),
    (400, _post(CREATE, "{}", kind="text/plain")),
    (400, _post(CREATE, "[" * 3000)),
    (404, _post("/volc/asset/Nothing", "{}")),
    (405, _post(CREATE, "{}").replace(b"POST", b"PUT", 1)),
    (404, _post(RESULT, '{"BytedToken": "20260702221526F6CB5BFCAA7AC5D1C3C5"}')),
    (200, b"GET /_mock/health HTTP/1.1\r\nHost: mock\r\n\r\n"),
)
"""Status -> a request that gets it; the last one is not wrong, but goes another way."""

MALFORMED = b"GET / HTTP/9.9\r\nHost: mock\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of the workers at one moment. pss in KiB; seconds since the beginning."""

    seconds: float
    requests: int
    pss: int
    files: int
    threads: int


@dataclass
class Soak:
    """Clients of one mock, and what they were answered."""

    port: int
    chance: random.Random
    requests: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    newest: deque[bytes] = field(default_factory=lambda: deque(maxlen=KEPT))
    asked: int = 0

    def run(self, most: int, seconds: float) -> Iterator[None]:
        """Send until so many were answered or so much time is over; pause after each round, to be looked at."""
        end = time.monotonic() + seconds
        connections = [self._connect() for _ in range(CONNECTIONS)]
        while self.requests < most and time.monotonic() < end and len(self.wrong) < 10:
            batches = [self._batch() for _ in connections]
            for connection, batch in zip(connections, batches, strict=True):
                connection.sendall(b"".join(sent for _, sent in batch))
            for connection, batch in zip(connections, batches, strict=True):
                self._read(connection, [status for status, _ in batch])
            if self.chance.random() < 0.05:
                self._break_one(connections)
            yield
        for connection in connections:
            connection.close()

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def _batch(self) -> list[tuple[int, bytes]]:
        chosen = []
        for _ in range(BATCH):
            turn = self.chance.random()
            if turn < 0.7:
                chosen.append((200, GOOD))
            elif turn < 0.8 and self.newest:
                self.asked += 1
                token = self.newest[self.chance.randrange(len(self.newest))]
                chosen.append((200, _post(RESULT, f'{{"BytedToken": "{token.decode()}"}}')))
            else:
                chosen.append(self.chance.choice(BAD))
        return chosen

    def _read(self, connection: socket.socket, expected: list[int]) -> None:
        received = bytearray()
        place = 0
        for status in expected:
            while (head := HEAD.match(received, place)) is None or len(received) < head.end() + int(head[2]):
                piece = connection.recv(1 << 18)
                if not piece:
                    self.wrong.append(f"a connection ended; expected {status}")
                    return
                received += piece
            body = bytes(received[head.end() : head.end() + int(head[2])])
            place = head.end() + int(head[2])
            self.requests += 1
            self.answers[int(head[1])] += 1
            if int(head[1]) != status:
                self.wrong.append(f"{int(head[1])} instead of {status}: {body[:200]!r}")
            elif token := TOKEN.search(body):
                self._take(token[1])

    def _take(self, token: bytes) -> None:
        mark = hash(token)  # of 64 bits: two of a million collide with a chance of 1 in 37 million
        if mark in self.seen:
            self.wrong.append("a token came twice")
        self.seen.add(mark)
        self.newest.append(token)

    def _break_one(self, connections: list[socket.socket]) -> None:
        """Send what ends a connection, or leave in the middle of a body, and come again."""
        victim = self.chance.randrange(len(connections))
        connections[victim].sendall(MALFORMED if self.chance.random() < 0.5 else GOOD[:-5])
        connections[victim].close()
        connections[victim] = self._connect()
        self.requests += 1


def look(pids: list[int], began: float, requests: int) -> Sample:
    """Look at processes: their proportional memory, open files and threads, summed."""
    pss = files = threads = 0
    for pid in pids:
        place = Path(f"/proc/{pid}")
        pss += pss_of(pid)
        files += len(list((place / "fd").iterdir()))
        threads += len(list((place / "task").iterdir()))
    return Sample(time.monotonic() - began, requests, pss, files, threads)


def verdict(samples: list[Sample]) -> list[str]:
    """Tell what grew. Samples of the first third are of a store that fills."""
    third = len(samples) // 3
    if third < 1:
        return ["too short to tell whether anything grows"]
    middle, last = samples[third : 2 * third], samples[-third:]
    found = []
    before, after = (statistics.median(one.pss for one in part) for part in (middle, last))
    if after > before * GROWTH:
        found.append(f"memory grew from {before:.0f} to {after:.0f} KiB")
    most = max(one.files for one in middle) + CONNECTIONS
    if max(one.files for one in last) > most:
        found.append(f"open files grew beyond {most}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run it; give the exit status: 1 when anything grew, was lost, came twice or was answered wrongly."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000, help="how many to send (default: a million)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so long (default: never)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="of the mixture of requests")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        port_file = Path(folder) / "port"
        command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(port_file)]
        process = subprocess.Popen([*command, "--workers", str(options.workers)], stdout=log, stderr=log)
        try:
            while not port_file.exists():
                if process.poll() is not None:
                    print(f"the mock did not start:\n{(Path(folder) / 'log').read_text()}")
                    return 1
                time.sleep(0.01)
            return _soak(options, process.pid, int(port_file.read_text()))
        finally:
            process.terminate()
            process.wait()


def _soak(options: argparse.Namespace, parent: int, port: int) -> int:
    workers = [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    soak = Soak(port, random.Random(options.seed))  # noqa: S311 - a mixture, no secret
    began = time.monotonic()
    samples: list[Sample] = []
    print(f"{'seconds':>8} {'requests':>9} {'PSS KiB':>8} {'files':>6} {'threads':>7}", flush=True)
    for _ in soak.run(options.requests, options.seconds):
        if not samples or time.monotonic() - began > samples[-1].seconds + LOOK:
            samples.append(look(workers, began, soak.requests))
            one = samples[-1]
            print(f"{one.seconds:8.0f} {one.requests:9d} {one.pss:8d} {one.files:6d} {one.threads:7d}", flush=True)
    seconds = time.monotonic() - began
    wrong = soak.wrong + verdict(samples)
    if workers != [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]:
        wrong.append("a worker died")
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(soak.answers.items()))
    print(f"\n{soak.requests} requests in {seconds:.0f} s, {soak.requests / seconds:.0f} a second: {answers}")
    print(
        f"{len(soak.seen)} tokens, {soak.asked} sessions asked for again; {os.cpu_count()} cores, {platform.machine()}"
    )
    print("\n".join(["Wrong:", *wrong]) if wrong else "Nothing grew, nothing was lost, nothing came twice.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
