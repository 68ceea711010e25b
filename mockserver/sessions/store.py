"""Where sessions, counters, the clock's state and the journal live: one small protocol, one conformance test for all.

Nothing here decides about sessions: a store keeps values, bounds them, and changes one only if nobody else did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mockserver.clock import ClockState
    from mockserver.recording import Entry, ExchangeCounts, Recorded
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["JOURNAL", "MOST_COUNTERS", "MOST_SESSIONS", "Counts", "Store", "StoreUnavailable"]

MOST_SESSIONS = 50_000
"""Sessions that are kept at once, unless told otherwise."""

MOST_COUNTERS = 100_000
"""Owners whose counters are kept. When one has to go, the counters of new owners start behind its number."""

JOURNAL = 1000
"""Entries of the journal that are kept, of what happened to sessions and of exchanges each; the oldest go first."""


class StoreUnavailable(Exception):
    """The store cannot be reached or written now; `str()` says which kind and why, without any secret.

    Whether the store did what it was asked for is not known.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason

    def __str__(self) -> str:
        return f"The {self.kind} store is not available: {self.reason}."


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sessions are kept, how many at the most, and how many of them had to go before their time."""

    sessions: int
    most: int
    evicted: int


class Store(Protocol):
    """What all workers of a mock share. Every method may raise `StoreUnavailable`; each is atomic."""

    kind: str
    """The kind, for people: `memory`, `sqlite`, `redis`."""

    def next(self, owner: str) -> tuple[int, ClockState]:
        """Give the next number of an owner, from 0, and what was done to the clock: a new session needs both.

        No number is given twice before a reset, whatever became of the sessions.
        """

    def add(self, session: Session) -> bool:
        """Keep a new session; False when its token or link is taken.

        Beyond the bound, the oldest session of the owner that has the most goes; of several such owners, that of the
        one who has had so many for the longest. It is counted if its life was not over when this one was made.
        """

    def find(self, token: str) -> Session | None:
        """Find a session by its token, whatever text that is."""

    def find_link(self, link: bytes) -> Session | None:
        """Find a session by the digest of its link."""

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""

    def set_clock(self, state: ClockState, known: ClockState | None = None) -> bool:
        """Remember what was done to the clock; False, and nothing is changed, when that is no longer `known`."""

    def faults(self) -> str:
        """Give the queue of faults, one text; '' when it is empty. In memory this must cost nothing."""

    def set_faults(self, text: str, known: str) -> bool:
        """Keep another queue of faults; False, and nothing is changed, when it is no longer `known`."""

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""

    def record(self, exchange: Recorded, most: int) -> None:
        """Keep an exchange, without secrets wherever it leaves this process, under the next number, from 1.

        Beyond `most`, and beyond `JOURNAL_BYTES` of all, the oldest go and are counted.
        """

    def exchanges(self, after: int = 0) -> list[Entry]:
        """List the exchanges behind a number, the newest first."""

    def exchange_counts(self) -> ExchangeCounts:
        """Count the exchanges."""

    def forget_exchanges(self, sandbox: str | None) -> int:
        """Forget the exchanges of a sandbox, or all and how many were dropped; tell how many went."""

    def counts(self) -> Counts:
        """Count."""

    def reset(self, owner: str | None) -> int:
        """Forget an owner's sessions, counter and exchanges, or all but the clock; tell how many sessions went."""

    def close(self) -> None:
        """Let go of files and connections."""
