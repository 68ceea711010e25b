"""What was measured of each server, as values that a JSON file holds and gives back. Measures and draws nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Literal

from benchmarks.loading import Load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "COLUMNS",
    "CONNECTIONS",
    "Column",
    "Figures",
    "Growth",
    "Result",
    "Role",
    "column",
    "from_json",
    "in_order",
    "to_json",
]

CONNECTIONS = (2, 32)
Role = Literal["ours", "peer", "limit"]
"""Ours, a peer, or what is no mock and stands beside them as a limit."""


@dataclass(slots=True)
class Figures:
    """What was measured of one server; one entry for each round. Cold starts in seconds, memory in MB.

    probes: what it did with other calls.
    slips: what went wrong in turns that were repeated. why_not: why there are no figures; '' when there are.
    """

    name: str
    version: str
    role: Role
    does: str
    cold_starts: list[float] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    probes: dict[str, str] = field(default_factory=dict)
    slips: list[str] = field(default_factory=list)
    why_not: str = ""

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".rstrip()

    def take(self, turn: Figures) -> None:
        """Add the figures of one more turn."""
        self.cold_starts += turn.cold_starts
        self.loads += turn.loads
        self.idle += turn.idle
        self.after += turn.after
        self.probes = turn.probes

    def give_up(self, reason: str) -> None:
        """Drop all figures: a server that answers wrongly has none."""
        for one in (self.cold_starts, self.loads, self.idle, self.after, self.probes):
            one.clear()
        self.why_not = reason

    def at(self, connections: int, what: str) -> list[float]:
        """Give one column of the loads: `per_second`, `p50`, `p99` or `cpu`."""
        return [getattr(one, what) for one in self.loads if one.connections == connections]


@dataclass(frozen=True, slots=True)
class Growth:
    """What a request to ours costs in one state and in another, in microseconds of CPU time; one entry a repetition."""

    small: str
    large: str
    before: list[float]
    after: list[float]


@dataclass(slots=True)
class Result:
    """A whole run. about: when and on what."""

    about: dict[str, str]
    servers: list[Figures]
    growth: list[Growth] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of the table. values: of a server, a number for each round. more: whether more is better."""

    title: str
    digits: int
    values: Callable[[Figures], Sequence[float]]
    more: bool = False

    def best(self, servers: Sequence[Figures]) -> Figures | None:
        """Find the server with the best median; None when nobody has one."""
        having = [one for one in servers if self.values(one)]
        choose = max if self.more else min
        return choose(having, key=lambda one: median(self.values(one)), default=None)

    def ratio(self, ours: Figures, other: Figures) -> float | None:
        """Divide medians so that above 1 means that ours is better; None where one is missing or would divide by 0."""
        above, below = (ours, other) if self.more else (other, ours)
        if not self.values(above) or not self.values(below) or not median(self.values(below)):
            return None
        return median(self.values(above)) / median(self.values(below))


def _loaded(connections: int, what: str) -> Callable[[Figures], Sequence[float]]:
    return lambda one: one.at(connections, what)


COLUMNS = (
    Column("cold start s", 3, lambda one: one.cold_starts),
    *(
        one
        for count in CONNECTIONS
        for one in (
            Column(f"{count}c requests/s", 0, _loaded(count, "per_second"), more=True),
            Column(f"{count}c p50 ms", 2, _loaded(count, "p50")),
            Column(f"{count}c p99 ms", 2, _loaded(count, "p99")),
            Column(f"{count}c CPU us/request", 0, _loaded(count, "cpu")),
        )
    ),
    Column("memory idle MB", 0, lambda one: one.idle),
    Column("memory after MB", 0, lambda one: one.after),
)
"""All of the table, from left to right; `c` means connections."""


def column(title: str) -> Column:
    """Find a column by its title."""
    return next(one for one in COLUMNS if one.title == title)


def in_order(servers: Sequence[Figures]) -> list[Figures]:
    """Sort for reading: ours, peers by requests a second at most connections, the limits, and who has no figures."""

    def place(one: Figures) -> tuple[bool, int, float]:
        speed = one.at(CONNECTIONS[-1], "per_second")
        return bool(one.why_not), ("ours", "peer", "limit").index(one.role), -median(speed) if speed else 0.0

    return sorted(servers, key=place)


def to_json(result: Result) -> dict[str, object]:
    """Give everything that was measured as plain values."""
    return asdict(result)


def from_json(text: str) -> Result:
    """Read a file of `to_json`. Raises `ValueError`, saying why, for one of another form."""
    try:
        content = json.loads(text)
        servers = [Figures(**{**one, "loads": [Load(**each) for each in one["loads"]]}) for one in content["servers"]]
        return Result(content["about"], servers, [Growth(**one) for one in content["growth"]])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"no result of this comparison: {error!r}") from None
