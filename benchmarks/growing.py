"""What a request to ours costs when its store is full, and when the contract has many operations. Measures no peer."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

from benchmarks.figures import CONNECTIONS, Growth
from benchmarks.loading import load
from benchmarks.running import WrongAnswer, started
from benchmarks.scale import engines, microseconds

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers import Peer
    from benchmarks.running import Running

__all__ = ["full_store", "many_operations"]

OPERATIONS = (1, 1_000)
MOST_STRETCHES = 120
"""Seconds of load after which a store that is not full is given up."""


def full_store(ours: Peer, installed: Path, repetitions: int, seconds: int) -> Growth:
    """Load a server whose store is empty, then the same one with as many sessions and journal entries as it keeps.

    The empty one fills while it is measured. Raises `WrongAnswer`.
    """
    growth = Growth("empty store", "", [], [])
    most = journal = 0
    with started(ours, installed) as running:
        load(running, CONNECTIONS[-1], seconds, 1)
        for _ in range(repetitions):
            _told(running, "POST", "/_mock/reset")
            growth.before.append(load(running, CONNECTIONS[-1], seconds, 0).cpu)
            for _ in range(MOST_STRETCHES):
                store, kept = (_told(running, "GET", "/_mock/health")[one] for one in ("store", "journal"))
                most, journal = store["most"], kept["most"]
                if store["sessions"] == most and kept["entries"] == journal:
                    break
                load(running, CONNECTIONS[-1], 1, 0)
            else:
                raise WrongAnswer(f"{ours.name}: its store is not full after {MOST_STRETCHES} s of load.")
            growth.after.append(load(running, CONNECTIONS[-1], seconds, 0).cpu)
    return Growth(growth.small, f"{most:,} sessions, {journal:,} journal entries", growth.before, growth.after)


def many_operations(repetitions: int) -> Growth:
    """Time a request to the engine alone, in this process, among few operations and among many, by turns."""
    few, many = OPERATIONS
    with engines(OPERATIONS) as made:
        times: dict[int, list[float]] = {count: [] for count in OPERATIONS}
        for _ in range(repetitions):
            for count, engine in made.items():
                times[count].append(microseconds(engine, f"/things{count // 2}/5", 1_000))
    return Growth(f"{few:,} operation (engine alone)", f"{many:,} operations", times[few], times[many])


def _told(running: Running, method: str, path: str) -> dict[str, dict[str, int]]:
    """Ask the mock about itself."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        connection.request(method, path, "{}", {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise WrongAnswer(f"{running.peer.name} answers {response.status} to {method} {path}.")
        told: dict[str, dict[str, int]] = json.loads(answer)
        return told
    finally:
        connection.close()
