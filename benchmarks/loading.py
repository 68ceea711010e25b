"""Load a running server with wrk and read what came of it. Prints nothing."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.asking import PATH
from benchmarks.running import WrongAnswer

if TYPE_CHECKING:
    from benchmarks.running import Running

__all__ = ["Load", "load", "read_result"]

LONGEST = 30
"""Seconds after which an answer counts as broken: a slow one is slow, and not wrong."""

SCRIPT = Path(__file__).with_name("post.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """One stretch of load. Latencies in milliseconds, CPU time in microseconds for each request."""

    connections: int
    per_second: float
    p50: float
    p99: float
    cpu: float


def load(running: Running, connections: int, seconds: int, warm_up: int) -> Load:
    """Warm a server up, load it, and give the figures of the second stretch.

    Raises `WrongAnswer` when one request was refused or one connection broke, when what came back was shorter than the
    right answer, or when an answer before or afterwards is wrong.
    """
    if warm_up:
        _wrk(running, connections, warm_up)
    answer = running.check()
    before = running.cpu_seconds()
    result = _wrk(running, connections, seconds)
    spent = running.cpu_seconds() - before
    running.check()
    requests = result["requests"]
    if result["bytes"] < requests * len(answer.body):
        raise WrongAnswer(f"{running.peer.name} at {connections} connections: answers shorter than the right one.")
    return Load(
        connections=connections,
        per_second=requests / result["microseconds"] * 1e6,
        p50=result["p50"] / 1000,
        p99=result["p99"] / 1000,
        cpu=spent / requests * 1e6,
    )


def read_result(output: str) -> dict[str, int]:
    """Read the line that the script writes among wrk's own. Raises `ValueError` saying what did not go well."""
    lines = [line for line in output.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise ValueError(f"wrk failed: {output.strip()[-500:]}")
    result: dict[str, int] = json.loads(lines[0].removeprefix("RESULT "))
    if result["refused"] or result["broken"] or not result["requests"]:
        raise ValueError(
            f"of {result['requests']} requests {result['refused']} were refused, {result['broken']} connections broke"
        )
    return result


def _wrk(running: Running, connections: int, seconds: int) -> dict[str, int]:
    url = f"http://127.0.0.1:{running.port}{PATH}"
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        f"--timeout={LONGEST}s",
        "-s",
        str(SCRIPT),
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    try:
        return read_result(done.stdout + done.stderr)
    except ValueError as error:
        raise WrongAnswer(f"{running.peer.name} at {connections} connections: {error}.") from None
