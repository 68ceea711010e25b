"""The journal: what came, what was decided by which rule on which basis, what went out; to be found, counted, cleared.

It lies in the store, so that all workers show the same one. Taking an exchange down must not slow the answer; reading
may take its time. Nothing that it gives shows a secret unless it is asked for the raw values of this process.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from mockserver.credentials import owner_of
from mockserver.recording import BODY, Entry, ExchangeCounts, Recorded, sandbox_of
from mockserver.sessions import StoreUnavailable

if TYPE_CHECKING:
    from mockserver.exchange import Request, Response
    from mockserver.expectations import Expectation, Verdict
    from mockserver.sessions import Store
    from mockserver.writer import Decision, Observer
    from openapi.contract import Contract

__all__ = ["EVERYTHING", "Filter", "Journal"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which exchanges are meant; what is not said does not matter.

    operation: operationId or `METHOD /path` of the contract. method: also in lower case. path: all of it, or its
    beginning and `*`. status: `401` or a class such as `4xx`. rule: a rule or the first parts of one, such as `auth`.
    owner: digest of a key (`Filter.of` takes the key). sandbox: the name that the journal shows for a key. since_ns: by
    the mock's clock, in nanoseconds since 1970. after: the number of an exchange.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    status: str | None = None
    rule: str | None = None
    sandbox: str | None = None
    since_ns: int | None = None
    after: int = 0

    def of(self, key: str) -> Filter:
        """Narrow it to the exchanges of a key."""
        from dataclasses import replace

        return replace(self, sandbox=sandbox_of(owner_of(key)))

    def admits(self, entry: Entry) -> bool:
        """Tell whether an exchange is meant."""
        return (
            self.operation in (None, entry.operation)
            and (self.method is None or self.method.upper() == entry.method)
            and (self.path is None or _path_fits(self.path, entry.shown_path))
            and (self.status is None or _status_fits(self.status, entry.status))
            and (self.rule is None or f"{entry.rule}.".startswith(f"{self.rule}."))
            and self.sandbox in (None, entry.sandbox)
            and (self.since_ns is None or entry.time_ns >= self.since_ns)
        )


EVERYTHING = Filter()


class Journal:
    """The exchanges of one mock. Whatever reads may raise `StoreUnavailable`."""

    def __init__(self, store: Store, contract: Contract, most: int) -> None:
        """Make the journal of a contract. most: exchanges that are kept; 0: none are, and nothing is slowed."""
        self.most = most
        self.lost = 0
        self._store = store
        self._contract = contract

    def of(self, contract: Contract) -> Journal:
        """Give the same journal under another contract, which knows operations by other names."""
        other = copy(self)
        other._contract = contract  # noqa: SLF001 - it is one of our own kind
        return other

    def beside(self, observe: Observer | None) -> Observer:
        """Give an observer that takes exchanges down, and then tells another one."""
        if not self.most:
            return observe or _unobserved
        if observe is None:
            return self.record

        def both(request: Request, response: Response, decision: Decision) -> None:
            self.record(request, response, decision)
            observe(request, response, decision)

        return both

    def record(self, request: Request, response: Response, decision: Decision) -> None:
        """Take an exchange down. An answer does not fail because it could not be written down: that is counted."""
        seconds = perf_counter() - request.began
        request.let_go()
        exchange = Recorded(request, response, decision, seconds)
        if len(response.body) > BODY or len(request.body or b"") > BODY:
            exchange.shorten()
        try:
            self._store.record(exchange, self.most)
        except StoreUnavailable:
            self.lost += 1

    def find(self, wanted: Filter = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> list[Entry]:
        """Find exchanges, the newest first. Raises `ContractError` naming the nearest for an unknown operation."""
        found = self._all(wanted)
        return found[offset : None if limit is None else offset + limit]

    def count(self, wanted: Filter = EVERYTHING) -> int:
        """Count exchanges. Raises as `find` does."""
        return len(self._all(wanted))

    def entry(self, request_id: str) -> Entry | None:
        """Find the exchange that was answered with a request id."""
        return next((one for one in self._store.exchanges() if one.id == request_id), None)

    def clear(self, key: str | None = None, *, sandbox: str | None = None) -> int:
        """Forget the exchanges of a key, of a sandbox by its shown name, or all; tell how many went."""
        if sandbox is not None:
            return self._store.forget_exchanges(sandbox)
        return self._store.forget_exchanges(None if key is None else sandbox_of(owner_of(key)))

    def counts(self) -> ExchangeCounts:
        """Count what is kept and what had to go."""
        return self._store.exchange_counts()

    def verify(self, expected: Expectation, wanted: Filter = EVERYTHING, times: int | None = None) -> Verdict:
        """Compare an expectation with the exchanges of a filter: so many times, or at least once. Raises as `find`."""
        from mockserver.expectations import verify  # only for those who ask

        operation = expected.operation
        if operation is not None:
            operation = self._contract.operation(operation).id
        return verify(expected.named(operation), self.find(wanted), times, self.counts().dropped)

    def _all(self, wanted: Filter) -> list[Entry]:
        if wanted.operation is not None:
            from dataclasses import replace

            wanted = replace(wanted, operation=self._contract.operation(wanted.operation).id)
        return [one for one in self._store.exchanges(wanted.after) if wanted.admits(one)]


def _path_fits(wanted: str, path: str) -> bool:
    return path.startswith(wanted[:-1]) if wanted.endswith("*") else path == wanted


def _status_fits(wanted: str, status: int) -> bool:
    return wanted.lower() in (str(status), f"{status // 100}xx")


def _unobserved(_: Request, __: Response, ___: Decision) -> None:
    """Take note of nothing."""
