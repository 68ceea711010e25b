"""What a run may spend, and which of its requests fit in that: the most telling ones. It sends and writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["BEYOND_LOOPBACK", "UNLIMITED", "WITH_JOURNEY", "Budget", "Request", "left_out", "read_budget", "read_rate"]

Limit = Literal["paid", "total"]


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests at most: paid ones, and all of them. None: no limit."""

    paid: int | None = None
    total: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether there is any limit."""
        return self.paid is not None or self.total is not None

    def __str__(self) -> str:
        parts = (f"{name}={most}" for name, most in (("paid", self.paid), ("total", self.total)) if most is not None)
        return ",".join(parts) or "none"

    def refusal(self, paid: int, total: int, *, is_paid: bool) -> Limit | None:
        """Name the limit that one more request would break, after so many paid ones and so many in all."""
        if self.total is not None and total >= self.total:
            return "total"
        return "paid" if is_paid and self.paid is not None and paid >= self.paid else None


UNLIMITED = Budget()
BEYOND_LOOPBACK = Budget(paid=2, total=40)
"""What holds beyond this machine without a word."""

WITH_JOURNEY = Budget(paid=2, total=70)
"""Likewise, where the journey is walked too: who waits for a person asks for the result again and again."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a run means to send: the name of its exchange, what it costs, and on which basis it stands."""

    name: str
    cost: Literal["free", "paid"]
    basis: str

    @property
    def group(self) -> str:
        """The operation and the group of its case."""
        return self.name.rpartition("/")[0]


def read_budget(text: str) -> Budget:
    """Read `paid=N`, `total=N`, both with a comma between, or `none`. Raises `ValueError` with the remedy."""
    if text == "none":
        return UNLIMITED
    found: dict[str, int] = {}
    for part in text.split(","):
        read = re.fullmatch(r"(paid|total)=([0-9]{1,6})", part.strip())
        if read is None or read[1] in found:
            raise ValueError(f"{text!r} is no budget: write paid=2, total=40, paid=2,total=40 or none")
        found[read[1]] = int(read[2])
    return Budget(**found)


def read_rate(text: str) -> float:
    """Read `N/s` or `N/m` as requests in a second. Raises `ValueError` with the remedy."""
    read = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,4})?)/([sm])", text)
    rate = float(read[1]) / (60 if read[2] == "m" else 1) if read else 0.0
    if rate <= 0:
        raise ValueError(f"{text!r} is no rate: write 2/s or 30/m")
    return rate


_TELLING = (r"documented", r"none", r".*non-ascii", r"unknown-property", r"empty-object", r"example-.*", r".*odd")
"""Paid cases by how much their answers tell, most first; the others follow as they come.

The documented request is what everybody sends. A host that demands a body, or spoils what is not ASCII, is met often;
a charset, a long value or an empty one breaks few.
"""


def left_out(requests: Sequence[Request], budget: Budget, first: int = 0) -> Mapping[str, Limit]:
    """Tell which requests do not fit in a budget, by name, and which limit leaves them out.

    first: so many go before the others, in their order: they were asked for by name.
    """
    paid = total = 0
    found: dict[str, Limit] = {}
    for request in (*requests[:first], *_by_worth(requests[first:])):
        if limit := budget.refusal(paid, total, is_paid=request.cost == "paid"):
            found[request.name] = limit
        else:
            paid, total = paid + (request.cost == "paid"), total + 1
    return {request.name: found[request.name] for request in requests if request.name in found}


def _by_worth(requests: Sequence[Request]) -> Iterator[Request]:
    """Give the documented requests, then free ones, of each group in turn, then paid ones."""
    requests = sorted(requests, key=lambda one: one.name)  # so that the order of the run decides nothing
    yield from (one for one in requests if _rank(one) == 0)
    groups: dict[str, list[Request]] = {}
    for one in requests:
        if one.cost == "free" and _rank(one):
            groups.setdefault(one.group, []).append(one)
    while groups:
        yield from (group.pop(0) for group in groups.values())
        groups = {name: group for name, group in groups.items() if group}
    others = [one for one in requests if one.cost == "paid" and _rank(one)]
    yield from sorted(others, key=lambda one: (_rank(one), one.name))


def _rank(request: Request) -> int:
    name = request.name.rpartition("/")[2]
    if not request.group.endswith("/body"):
        return len(_TELLING)
    return next((rank for rank, pattern in enumerate(_TELLING) if re.fullmatch(pattern, name)), len(_TELLING))
