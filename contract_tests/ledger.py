"""What a run has spent: each request is booked before it is sent, in one ledger for all processes of the run.

It holds names of requests and numbers, nothing of what was sent or received.
"""

from __future__ import annotations

import fcntl
import json
import math
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract_tests.budget import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_tests.budget import Budget

__all__ = ["Account", "FolderLedger", "Ledger"]

BEGUN = "it was sent before and nobody knows its end: it may have cost something and is not sent again"


@dataclass(slots=True)
class Account:
    """The state of a ledger.

    sent: the requests by name, each with what is known of it: `paid`, `free`, or `begun` while nobody knows its end.
    counted: how many more ended `paid` and `free`, whose names nobody needs any longer.
    left_out: requests that were not sent, by name, each with the reason. stopped: groups in which nothing more is sent.
    free_at: when the next request may be sent, and waited: seconds that the target made us wait.
    """

    sent: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    free_at: float = 0.0
    waited: float = 0.0
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All requests that were sent."""
        return len(self.sent) + sum(self.counted.values())

    @property
    def paid(self) -> int:
        """Requests that cost something, or may have: also such that nobody knows the end of."""
        return sum(state in ("paid", "begun") for state in self.sent.values()) + self.counted.get("paid", 0)

    @property
    def open_ends(self) -> int:
        """Paid requests whose end nobody knows."""
        return sum(state == "begun" for state in self.sent.values())


class Ledger:
    """The ledger of a run in one process. rate: requests in a second, 0 for as many as go.

    A limited budget also stops the group of a request that was to be refused and was answered with success.
    """

    def __init__(self, budget: Budget = UNLIMITED, rate: float = 0.0) -> None:
        self.budget = budget
        self._rate = rate
        self._account = Account()
        self._lock = threading.Lock()

    @property
    def one_at_a_time(self) -> bool:
        """Whether nobody can send while somebody else waits for an answer."""
        return False

    def read(self) -> Account:
        """Give the state so far."""
        return self._account

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn to send: within a limited budget one request goes at a time, or the last one could be two."""
        yield

    def book(self, name: str, group: str, *, paid: bool, creates: bool = False) -> str:
        """Book a request that is about to be sent. Gives why it must not be, '' if it may; waits for its time then.

        paid: success is expected to create something. creates: whatever is answered with success has.
        """
        with self._opened() as account:
            if account.sent.get(name) == "begun":
                return BEGUN
            why = self._refusal(account, group, costly=paid or (creates and bool(account.stopped)))
            if why:
                account.left_out[name] = why
                return why
            account.sent[name] = "begun" if paid else "free"
            now = time.time()
            start = max(now, account.free_at)
            account.free_at = max(account.free_at, start + 1 / self._rate if self._rate else 0.0)
        time.sleep(max(0.0, start - now))
        return ""

    def settle(self, name: str, group: str, *, was_sent: bool, paid: bool, expected: bool, keep: bool = True) -> None:
        """Book the end of a request: whether it left us, whether it cost or may have, and whether that was expected.

        keep: whether its name is kept; one of thousands is only counted.
        """
        with self._opened() as account:
            if not was_sent:
                account.sent.pop(name, None)
                return
            state = "paid" if paid else "free"
            if keep:
                account.sent[name] = state
            else:
                account.sent.pop(name, None)
                account.counted[state] = account.counted.get(state, 0) + 1
            if paid and not expected and self.budget.is_limited and group not in account.stopped:
                account.stopped.append(group)

    def wait(self, seconds: float, most: float) -> bool:
        """Let nothing be sent for so long, because the target asked for it; False if that is too long for this run.

        most: seconds that a run waits in all.
        """
        with self._opened() as account:
            free_at = max(account.free_at, time.time() + seconds)
            waited = free_at - max(account.free_at, time.time())
            if account.waited + waited > most:
                return False
            account.free_at, account.waited = free_at, account.waited + waited
            return True

    def room(self) -> float:
        """Tell how many requests may still be sent; infinite without a limit."""
        return math.inf if self.budget.total is None else max(0, self.budget.total - self.read().total)

    def leave_out(self, name: str, why: str) -> None:
        """Note that a request is not sent, and why."""
        with self._opened() as account:
            account.left_out[name] = why

    def _refusal(self, account: Account, group: str, *, costly: bool) -> str:
        # Where one free request was not free, the next may not be either: it needs room among the paid ones.
        limit = self.budget.refusal(account.paid, account.total, is_paid=costly)
        if limit:
            return f"the budget is spent: {limit}={getattr(self.budget, limit)}; see --contract-budget"
        if group in account.stopped:
            return f"{group} is stopped: a request that was to be free was answered with success"
        return ""

    @contextmanager
    def _opened(self) -> Iterator[Account]:
        with self._lock:  # the browser of a person comes while somebody asks for the result
            yield self._account


class FolderLedger(Ledger):
    """The ledger of a run in several processes: a file in the folder that they share, behind a lock."""

    def __init__(self, folder: Path, budget: Budget = UNLIMITED, rate: float = 0.0) -> None:
        super().__init__(budget, rate)
        self._file = folder / "ledger.json"

    @property
    def one_at_a_time(self) -> bool:
        """Whether nobody can send while somebody else waits for an answer: so it is within a budget."""
        return self.budget.is_limited

    def read(self) -> Account:
        """Give the state so far, of all processes."""
        if not self._file.exists():
            return Account()
        return Account(**json.loads(self._file.read_text(encoding="utf-8")))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn to send, over all processes; the turn of one that died ends with it."""
        if not self.budget.is_limited:
            yield
            return
        with self._locked("turn"):
            yield

    @contextmanager
    def _opened(self) -> Iterator[Account]:
        with self._locked("lock"):
            account = self.read()
            yield account
            part = self._file.with_suffix(".part")
            values = {name: getattr(account, name) for name in Account.__slots__}
            part.write_text(json.dumps(values), encoding="utf-8")
            part.replace(self._file)

    @contextmanager
    def _locked(self, what: str) -> Iterator[None]:
        with self._file.with_suffix(f".{what}").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
