"""The one stream of events that every report is made of: what a run did, as values that hold no secret.

Raw values get in through the `of` of each event, which takes the redactor with them; a writer sees nothing else. The
events of a worker travel to the controller as JSON.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from contract_tests.event_parts import MOST, Content

if TYPE_CHECKING:
    from contract_tests.event_parts import Covered, DocumentRead, Excuse, Item, Noted, Verdict
    from contract_tests.receiver import Arrival
    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange

__all__ = [
    "BrowserArrived",
    "BudgetKept",
    "CoverageMeasured",
    "DifferenceFound",
    "Event",
    "ExchangeMade",
    "ItemSettled",
    "RunEnded",
    "RunStarted",
]


class _AsJson:
    """Gives an event as plain values."""

    __slots__ = ()

    def as_json(self) -> dict[str, Any]:
        """Give the event as values of JSON, its name under `event`."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__)
        return {"event": words.lower(), **asdict(self)}  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class RunStarted(_AsJson):
    """A run begins. at: seconds since 1970. profile: '' for documents of the user's. versions: of what by number.

    compared_with: the other target, where two are compared.
    """

    at: float
    target: str
    is_mock: bool
    loopback: bool
    profile: str
    documents: tuple[DocumentRead, ...]
    versions: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    compared_with: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeMade(_AsJson):
    """A request was sent. status: 0 when nothing came back, and `trouble` says why. paid: it may have cost something.

    requested, answered: the clauses of its operation (contract_tests/coverage.py) that it went to and came back with.
    """

    name: str
    operation: str
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: Content | None
    status: int
    headers: tuple[tuple[str, str], ...]
    body: Content
    trouble: str
    seconds: float
    at: float
    paid: bool
    sent: bool
    curl: str
    requested: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        exchange: Exchange,
        target: str,
        redactor: Redactor,
        operation: str = "",
        clauses: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    ) -> ExchangeMade:
        """Tell of an exchange with the target at a base URL. clauses: what it requested, and what answered."""
        ask = exchange.ask
        return cls(
            name=exchange.name,
            operation=operation,
            method=ask.method,
            url=ask.shown(target + ask.path, redactor.text),
            request_headers=tuple((header, ask.shown(value, redactor.text)) for header, value in ask.headers),
            request_body=None if ask.body is None else Content.of(ask.body, redactor),
            status=exchange.status,
            headers=tuple(redactor.header(*pair) for pair in exchange.headers),
            body=Content.of(exchange.body, redactor),
            trouble=exchange.trouble,
            seconds=round(exchange.seconds, 6),
            at=exchange.sent_at,
            paid=exchange.paid,
            sent=exchange.was_sent,
            curl=ask.curl(target, redactor.text, MOST),
            requested=clauses[0],
            answered=clauses[1],
        )


@dataclass(frozen=True, slots=True)
class ItemSettled(_AsJson):
    """An item came to its verdict. code: of `reason`, where it has one. seconds: it took, requests of its own included.

    exchanges: the names of those that it looked at. judged: of those that were judged by the document. excuse: the
    known deviation that the verdict stands on, or that an item of the group `deviation` is about. generated: so many
    requests were generated for it, from this seed; of those only one that failed is told of.
    """

    item: Item
    verdict: Verdict
    reason: str = ""
    code: str = ""
    findings: tuple[Noted, ...] = ()
    exchanges: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    seconds: float = 0.0
    excuse: Excuse | None = None
    generated: int = 0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class BrowserArrived(_AsJson):
    """A request came to the CallbackURL of a session. at: seconds since 1970. body: its length in bytes.

    fragment: None when the browser told of none.
    """

    session: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: int
    fragment: str | None
    at: float

    @classmethod
    def of(cls, arrival: Arrival, fragment: str | None, redactor: Redactor) -> BrowserArrived:
        """Tell of an arrival."""
        return cls(
            session=arrival.session,
            method=redactor.short(arrival.method, 20),
            target=redactor.short(arrival.target, MOST),
            headers=tuple(redactor.header(*pair) for pair in arrival.headers),
            body=arrival.body,
            fragment=None if fragment is None else redactor.text(fragment),
            at=arrival.at,
        )


@dataclass(frozen=True, slots=True)
class CoverageMeasured(_AsJson):
    """What of the contract was gone to, clause by clause in the order of the documents."""

    clauses: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class DifferenceFound(_AsJson):
    """Two targets answered a case differently, or a target (right) otherwise than was recorded of it (left).

    place: in the answer. remedy: which file to open. code: of what was found.
    """

    case: str
    place: str
    left: str
    right: str
    remedy: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class BudgetKept(_AsJson):
    """What was spent. sent: requests, such that were sent again included. paid: those that cost something, or may have.

    most_paid, most: the budget, None without a limit. left_out: requests that it left out, each with the reason.
    stopped: groups that were given up, after a success that was to be a refusal. open_ends: paid requests whose end
    nobody knows. notes: about a confirmation that does not count.
    """

    sent: int
    paid: int
    most_paid: int | None = None
    most: int | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    stopped: tuple[str, ...] = ()
    open_ends: int = 0
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Write it for a terminal; nothing where there is no budget and nothing to tell."""
        parts = [f"{self.paid} of paid={self.most_paid}"] if self.most_paid is not None else []
        parts += [f"{self.sent} of total={self.most}"] if self.most is not None else []
        left = f"; {len(self.left_out)} requests left out" if self.left_out else ""
        said = [f"{', '.join(parts)}{left}"] if parts else []
        said += ["Invariants looked at the answers to what was sent."] if self.left_out else []
        said += [f"{self.open_ends} paid without a known end: booked as spent."] if self.open_ends else []
        said += [f"{one} stopped: what was to be refused there was answered with success." for one in self.stopped]
        return [f"{'' if number else 'budget':<10}{text}" for number, text in enumerate(said)] + list(self.notes)


@dataclass(frozen=True, slots=True)
class RunEnded(_AsJson):
    """The run ended. interrupted: before its end. exit_status: of the process. said: the last words of a dead mock."""

    at: float
    seconds: float
    exit_status: int
    interrupted: bool = False
    said: str = ""


Event: TypeAlias = (
    RunStarted
    | ExchangeMade
    | ItemSettled
    | BrowserArrived
    | CoverageMeasured
    | DifferenceFound
    | BudgetKept
    | RunEnded
)
