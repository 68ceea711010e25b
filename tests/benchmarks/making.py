"""A result as a run of the comparison gives it, made by hand."""

from __future__ import annotations

from benchmarks.figures import CONNECTIONS, Figures, Growth, Result
from benchmarks.loading import Load
from benchmarks.peers import PEERS
from benchmarks.probing import PROBES


def figures(name: str, factor: float = 1.0) -> Figures:
    """Make the figures of a server of `PEERS`, in three rounds; all are so many times those of the fastest."""
    peer = next(one for one in PEERS if one.name == name)
    loads = [
        Load(count, 20_000 * speed / factor, 0.1 * factor, 2.0 * factor, 50.0 * factor)
        for speed in (1.0, 0.9, 1.1)
        for count in CONNECTIONS
    ]
    starts = [0.2 * factor, 9.0 * factor, 0.1 * factor]
    memory = [30.0 * factor, 40.0 * factor, 20.0 * factor]
    probes = dict(zip(PROBES, ("401", "400", "400", "no", "no"), strict=True))
    return Figures(peer.name, peer.version, peer.role, peer.does, starts, loads, memory, memory, probes)


def result() -> Result:
    """Make a result in which all servers were measured, each somewhat slower than the one before it in the table."""
    servers = [figures(peer.name, 1.0 + 7 * place) for place, peer in enumerate(PEERS)]
    return Result(
        {"began": "2026-07-02T22:15:26+00:00", "processor": "2 x Some Processor & Co"},
        servers,
        [Growth("empty store", "100,000 sessions", [40.0, 41.0, 39.0], [42.0, 44.0, 46.0])],
    )
