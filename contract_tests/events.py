"""The one stream of events that every report is made of: what a run did, as values that hold no secret.

Raw values get in through the `of` of each event, which takes the redactor with them; a writer sees nothing else. The
events of a worker travel to the controller as JSON.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contract_tests.deviations import Deviation
    from contract_tests.failures import Finding
    from contract_tests.receiver import Arrival
    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange

__all__ = [
    "BrowserArrived",
    "BudgetKept",
    "Content",
    "CoverageMeasured",
    "Covered",
    "DifferenceFound",
    "DocumentRead",
    "Event",
    "ExchangeMade",
    "Excuse",
    "Item",
    "ItemSettled",
    "Noted",
    "RunEnded",
    "RunStarted",
    "Verdict",
    "Weight",
    "from_json",
    "masked",
]

Verdict = Literal["passed", "failed", "known deviation", "warned", "inconclusive", "not run"]
Weight = Literal["broken", "failed", "known", "warned", "reported"]
"""What a finding does: `broken` is a bug of the suite itself, `known` would fail if it were no known deviation."""

MOST = 8192
"""Characters of a body that an event keeps."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
"""What stands in no text that a person reads, but between the letters of one in UTF-16, secrets included."""


class _AsJson:
    """Gives an event as plain values."""

    __slots__ = ()

    def as_json(self) -> dict[str, Any]:
        """Give the event as values of JSON, its name under `event`."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__)
        return {"event": words.lower(), **asdict(self)}  # type: ignore[call-overload]


# --- what events are made of ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document of the contract. sha256: of its file. reconstructed: written from evidence, so nobody promised it."""

    title: str
    version: str
    sha256: str
    reconstructed: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the suite. operation: its operationId, '' of the journey. code: of the check, or of the group."""

    id: str
    code: str
    group: str
    operation: str
    name: str
    cost: Literal["free", "paid"]
    basis: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding as it may be shown, and what it does. exchange: the name of the exchange that it is about."""

    weight: Weight
    code: str
    basis: str
    sentence: str
    expected: str
    received: str
    pointer: str = ""
    group: str = ""
    exchange: str = ""

    @classmethod
    def of(cls, weight: Weight, finding: Finding, redactor: Redactor) -> Noted:
        """Note a finding."""
        return cls(
            weight=weight,
            code=finding.code,
            basis=finding.basis,
            sentence=redactor.text(finding.sentence),
            expected=redactor.text(finding.expected),
            received=redactor.text(finding.received),
            pointer=redactor.text(finding.pointer),
            group=finding.group,
            exchange=finding.exchange,
        )

    def lines(self) -> list[str]:
        """Write the finding for a terminal."""
        about = f"; case: {self.group}" if self.group else ""
        where = f"\n    at        {self.pointer}" if self.pointer else ""
        if self.weight == "broken":
            return [f"{self.code} {self.received}"]
        return [
            f"{self.code} {self.sentence} (basis: {self.basis}{about})",
            f"    expected  {self.expected}",
            f"    received  {self.received}{where}",
        ]


@dataclass(frozen=True, slots=True)
class Excuse:
    """A known deviation as it may be shown. expires: its last day. place: where it is written down, file and line."""

    reason: str
    owner: str
    expires: str
    issue: str
    place: str

    @classmethod
    def of(cls, entry: Deviation, redactor: Redactor) -> Excuse:
        """Tell of an entry."""
        texts = (entry.reason, entry.owner, str(entry.expires), entry.issue, entry.place)
        return cls(*(" ".join(redactor.text(text).split()) for text in texts))

    def __str__(self) -> str:
        about = (self.owner, f"until {self.expires}", *([self.issue] if self.issue else []))
        return f"{self.reason} ({', '.join(about)})"


@dataclass(frozen=True, slots=True)
class Content:
    """A body as it may be shown. size: of all of it, in bytes. note: '', `cut`, or `no text` where nothing is shown."""

    text: str
    size: int
    note: Literal["", "cut", "no text"] = ""

    @classmethod
    def of(cls, raw: bytes, redactor: Redactor) -> Content:
        """Mask a body, then cut it: a secret that was cut first would not be found."""
        text = raw.decode("utf-8", "replace")
        if _NO_TEXT.search(text):
            return cls("", len(raw), "no text")
        shown = redactor.short(text, MOST + 1)
        return cls(shown[:MOST], len(raw), "cut" if len(shown) > MOST else "")


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause of the contract, and how many exchanges went to it.

    kind: what it is. side: whether the request or the answer has it. requested: so many requests had it, or aimed at an
    answer with it. asserted: so many answers that had it, or answered a request that had it, were judged.
    """

    operation: str
    side: Literal["request", "answer"]
    kind: str
    name: str
    requested: int
    asserted: int


# --- the events -------------------------------------------------------------------------------------------------------


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
    requests were generated for it, from this seed; of those only one that failed is told of. remedy: actions of an
    overlay that let it run, '' for none.
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
    remedy: str = ""


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


def from_json(made: Mapping[str, Any]) -> ExchangeMade | ItemSettled:
    """Read what `as_json` of an event of a worker gave. Raises `ValueError` for that of another."""
    values = {name: value for name, value in made.items() if name != "event"}
    if made["event"] == "exchange-made":
        body = values["request_body"]
        values |= {
            "request_headers": _pairs(values["request_headers"]),
            "request_body": None if body is None else Content(**body),
            "headers": _pairs(values["headers"]),
            "body": Content(**values["body"]),
            "requested": tuple(values["requested"]),
            "answered": tuple(values["answered"]),
        }
        return ExchangeMade(**values)
    if made["event"] == "item-settled":
        values |= {
            "item": Item(**values["item"]),
            "findings": tuple(Noted(**one) for one in values["findings"]),
            "exchanges": tuple(values["exchanges"]),
            "judged": tuple(values["judged"]),
            "excuse": None if values["excuse"] is None else Excuse(**values["excuse"]),
        }
        return ItemSettled(**values)
    raise ValueError(f"{made['event']!r} is no event of a worker")


def masked(event: Event, redactor: Redactor) -> Event:
    """Mask what a worker told, by all that is known at the end of the run."""
    if not isinstance(event, ExchangeMade | ItemSettled):
        return event
    made = event.as_json()
    shown = {name: value if name in ("event", "item") else _masked(value, redactor) for name, value in made.items()}
    return event if shown == made else from_json(shown)


def _masked(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return redactor.text(value) if value else value
    if isinstance(value, list | tuple):
        return type(value)(_masked(one, redactor) for one in value)
    if isinstance(value, dict):
        return {name: _masked(one, redactor) for name, one in value.items()}
    return value


def _pairs(pairs: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
