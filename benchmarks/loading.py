"""Load a running server with wrk and read what came of it. Prints nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.asking import PATH
from benchmarks.installing import CannotInstall
from benchmarks.running import WrongAnswer

if TYPE_CHECKING:
    from benchmarks.running import Running

__all__ = ["Load", "load", "require_wrk"]

SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """One stretch of load. Latencies in milliseconds, CPU time in microseconds for each request."""

    connections: int
    per_second: float
    p50: float
    p99: float
    cpu: float


def require_wrk() -> None:
    """Raises `CannotInstall` when wrk is missing."""
    if shutil.which("wrk") is None:
        raise CannotInstall("wrk is missing; install it: apt-get install wrk")


def load(running: Running, connections: int, seconds: int, warm_up: int) -> Load:
    """Warm a server up, load it, and give the figures of the second stretch.

    Raises `WrongAnswer` when one request was refused or one connection broke, or when an answer afterwards is wrong.
    """
    if warm_up:
        _wrk(running, connections, warm_up)
    before = running.cpu_seconds()
    result = _wrk(running, connections, seconds)
    spent = running.cpu_seconds() - before
    running.check()
    requests = result["requests"]
    return Load(
        connections=connections,
        per_second=requests / result["microseconds"] * 1e6,
        p50=result["p50"] / 1000,
        p99=result["p99"] / 1000,
        cpu=spent / requests * 1e6,
    )


def _wrk(running: Running, connections: int, seconds: int) -> dict[str, int]:
    url = f"http://127.0.0.1:{running.port}{PATH}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT), url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode or not lines:
        raise WrongAnswer(f"{running.peer.name}: wrk failed: {(done.stdout + done.stderr).strip()[-500:]}")
    result: dict[str, int] = json.loads(lines[0].removeprefix("RESULT "))
    if result["refused"] or result["broken"] or not result["requests"]:
        raise WrongAnswer(f"{running.peer.name} at {connections} connections: {result}; only 2xx may come back.")
    return result
