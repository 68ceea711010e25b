"""What a run came to, in a few lines: what was checked, against what, what was not and why. It knows no pytest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openapi.contract import Contract

__all__ = ["Facts", "Line", "Outcome", "Record", "contract_lines", "summary"]

Outcome = Literal["passed", "failed", "inconclusive", "not run"]
Style = Literal["", "good", "bad", "unclear"]

GROUPS = {
    "auth": "credentials",
    "body": "documented requests",
    "invalid": "invalid bodies",
    "media-type": "other media types",
    "method": "other methods",
    "path": "unknown paths",
    "invariant": "invariants",
    "journey": "journey",
}
"""The groups of items, in the order in which the summary has them."""

KINDS: tuple[tuple[str, Style], ...] = (("broken", "bad"), ("failed", "bad"), ("warned", "unclear"), ("reported", ""))
"""The kinds of findings and their colours, worst first."""

SHOWN = 4
"""So many items of a kind are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one item came to. findings: kind (one of KINDS) and text, as `Finding.lines` writes it."""

    item: str
    group: str
    outcome: Outcome
    reason: str = ""
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What was checked, and at which price. contract: one line for each document. profile: '' for own documents."""

    target: str
    is_mock: bool
    contract: tuple[str, ...]
    profile: str
    sent: int
    paid: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary and how to colour it."""

    text: str
    style: Style = ""


def contract_lines(contract: Contract, *, reconstructed: bool = False) -> tuple[str, ...]:
    """Name the documents that were checked, each with its hash.

    reconstructed: whether operations of reconstructed documents were checked too; these are marked.
    """
    lines = []
    for document in contract.documents:
        if document.reconstructed and not reconstructed:
            continue
        info = document.tree.get("info")
        title = f"{info.get('title')} {info.get('version')}" if isinstance(info, dict) else document.name
        lines.append(f"{title} ({'reconstructed, ' * document.reconstructed}sha256 {document.sha256[:12]})")
    return tuple(lines)


def summary(facts: Facts, records: Sequence[Record]) -> Iterator[Line]:
    """Write the summary, the verdict last."""
    yield Line(f"target    {facts.target}{', our mock' if facts.is_mock else ''}")
    for label, text in zip(["contract  "] + [" " * 10] * len(facts.contract), facts.contract, strict=False):
        yield Line(label + text)
    if facts.profile:
        yield Line(f"profile   {facts.profile}")
    price = "of a kind that costs on a real host" if facts.is_mock else "of them may have cost something"
    yield Line(f"requests  {facts.sent} sent{f', {facts.paid} {price}' if facts.paid else ''}")
    yield Line("")
    yield from _groups(records)
    for kind, style in KINDS:
        yield from _findings(kind, style, records)
    for outcome in ("inconclusive", "not run"):
        yield from _reasons(outcome, records)
    yield Line("")
    yield _verdict(records)


def _groups(records: Iterable[Record]) -> Iterator[Line]:
    counted: dict[str, Counter[str]] = {}
    for record in records:
        tally = counted.setdefault(record.group, Counter())
        tally[record.outcome] += 1
        tally.update({kind for kind, _ in record.findings if kind in ("warned", "reported")})
    for group in sorted(counted, key=lambda name: [*GROUPS, name].index(name)):
        tally = counted[group]
        parts = [f"{tally[word]} {word}" for word in ("passed", "failed", "inconclusive", "not run") if tally[word]]
        noted = [f"{tally[word]} {word}" for word in ("warned", "reported") if tally[word]]
        style: Style = "bad" if tally["failed"] else "good" if len(parts) == 1 and tally["passed"] else "unclear"
        yield Line(f"  {GROUPS.get(group, group):<20} {', '.join(parts + noted)}", style)


def _findings(kind: str, style: Style, records: Iterable[Record]) -> Iterator[Line]:
    """Write each finding once, whatever it was received for: code, sentence and expectation make it the same.

    What failed stands above in full: the code is enough.
    """
    same: dict[str, tuple[str, list[str]]] = {}
    for record in records:
        for known, text in record.findings:
            if known == kind:
                key = text.partition(" ")[0] if kind == "failed" else text.partition("\n    received")[0]
                same.setdefault(key, (text, []))[1].append(record.item)
    for text, items in same.values():
        first, *rest = text.splitlines()[: 1 if kind == "failed" else None]
        yield Line("")
        yield Line(f"{kind}: {first}", style)
        yield from (Line(line) for line in rest)
        yield Line(f"    in        {_named(items)}")


def _reasons(outcome: str, records: Iterable[Record]) -> Iterator[Line]:
    by_reason: dict[str, list[str]] = {}
    for record in records:
        if record.outcome == outcome:
            by_reason.setdefault(record.reason, []).append(record.item)
    for reason, items in by_reason.items():
        yield Line("")
        yield Line(f"{outcome}: {reason}", "unclear")
        yield Line(f"    in        {_named(items)}")


def _named(items: Sequence[str]) -> str:
    by_operation: dict[str, list[str]] = {}
    for item in dict.fromkeys(items):
        operation, _, name = item.partition("/")
        by_operation.setdefault(operation, []).append(name)
    parts = []
    for operation, names in by_operation.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        parts.append(f"{operation}: {', '.join(names[:SHOWN])}{more}")
    return "; ".join(parts)


def _verdict(records: Sequence[Record]) -> Line:
    tally = Counter(record.outcome for record in records)
    known = tally["passed"] + tally["failed"]
    broken = sum(any(kind == "broken" for kind, _ in record.findings) for record in records)
    if broken:
        return Line(f"The suite itself broke in {broken} of {len(records)} items: no verdict.", "bad")
    if tally["failed"]:
        return Line(f"The target breaks the contract: {tally['failed']} of {known} items failed.", "bad")
    if tally["inconclusive"]:
        return Line(f"Inconclusive: {tally['inconclusive']} of {len(records)} items could not be judged.", "unclear")
    if not known:
        return Line("Nothing was checked.", "unclear")
    return Line(f"The target keeps the contract in all {known} items that were checked.", "good")
