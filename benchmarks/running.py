"""Start a server, wait for its first right answer, look at its processes, stop it. Linux only (/proc)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import processes
from benchmarks.asking import Answer, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.peers import Peer

__all__ = ["DOCUMENT", "PATIENCE", "SERVERS", "Running", "WrongAnswer", "started", "stop"]

HERE = Path(__file__).resolve().parent
SERVERS = HERE / "servers"
"""What is ours of the peers: their scripts and mappings."""

DOCUMENT = HERE.parent / "openapi" / "vendor" / "create-visual-validate-session.yaml"
PATIENCE = 60.0
"""Seconds until a server that does not answer rightly is given up."""

PAUSE = 0.002
"""Seconds between two attempts to reach a server that is starting: the error of a cold start."""


LONGEST_QUOTE = 2000
"""Bytes of a server's last words that are shown when it goes wrong."""


class WrongAnswer(Exception):
    """A server did not do what it is measured at; `str()` names it and says how."""


class Running:
    """A server that runs. `cold_start`: seconds from its spawning to its first right answer."""

    def __init__(self, peer: Peer, process: subprocess.Popen[bytes], port: int, spawned: float) -> None:
        self.peer = peer
        self.port = port
        self._process = process
        first = self._first_answer(spawned)
        self.cold_start = time.perf_counter() - spawned
        self._check(first)

    def check(self) -> Answer:
        """Make the call twice, and give the first answer. Raises `WrongAnswer` unless both are right."""
        answer = ask(self.port, 5.0)
        self._check(answer)
        return answer

    def cpu_seconds(self) -> float:
        """Give the CPU time so far of all its living processes: they share the session that was made for it."""
        return processes.cpu_seconds(self._process.pid)

    def pss(self) -> float:
        """Give the proportional memory of all its processes in MB."""
        return processes.pss(self._process.pid)

    def _first_answer(self, spawned: float) -> Answer:
        while True:
            answer = ask(self.port, 1.0)
            if answer.status == 200:
                return answer
            if self._process.poll() is not None:
                raise WrongAnswer(f"{self.peer.name} ended with status {self._process.returncode} while starting.")
            if time.perf_counter() - spawned > PATIENCE:
                raise WrongAnswer(f"{self.peer.name} gives no 200 after {PATIENCE:g} s, but {answer}.")
            time.sleep(PAUSE)

    def _check(self, first: Answer) -> None:
        fault = self.peer.fault(first, ask(self.port, 5.0))
        if fault:
            raise WrongAnswer(f"{self.peer.name}: {fault}.")


@contextmanager
def started(peer: Peer, installed: Path) -> Iterator[Running]:
    """Start a server on a free port, and stop it and its children at the end. Raises `WrongAnswer`.

    It runs in an empty folder, which is its home as well: some write there. What it prints goes to a file, as a CI job
    would keep it. Programs in Python find their bytecode, as installed ones do; the first start of a run writes it.
    """
    port = _free_port()
    places = {"installed": installed, "python": sys.executable, "document": DOCUMENT, "servers": SERVERS, "port": port}
    command = [word.format_map(places) for word in peer.command]
    settings = {key: value for key, value in os.environ.items() if not key.startswith("ANYFAST_MOCK_")}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    settings.update((key, value.format_map(places)) for key, value in peer.environment)
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as log:
        settings["HOME"] = empty
        spawned = time.perf_counter()
        process = subprocess.Popen(command, env=settings, cwd=empty, stdout=log, stderr=log, start_new_session=True)
        try:
            yield Running(peer, process, port, spawned)
        except WrongAnswer as error:
            log.seek(0)
            said = log.read()[-LONGEST_QUOTE:].decode("utf-8", "replace").strip()
            raise WrongAnswer(f"{error}\nIt said: {said or 'nothing'}") from None
        finally:
            stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that leads its own process group, with all its children."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5.0)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # whatever is left of it
    process.wait()
    limit = time.monotonic() + 5.0
    while processes.members(process.pid) and time.monotonic() < limit:  # its end must not slow the next one
        time.sleep(0.01)
