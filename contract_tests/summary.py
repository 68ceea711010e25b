"""The writer for the terminal: what a run came to, in a few lines. It knows no pytest."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from contract_tests.codes import CODES
from contract_tests.planning import GROUP_TITLES
from contract_tests.report import WEIGHTS, contract_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.event_parts import Noted, Verdict, Weight
    from contract_tests.events import ItemSettled
    from contract_tests.report import Report

__all__ = ["Line", "fitted", "named", "summary"]

Style = Literal["", "good", "bad", "unclear"]
STYLES: dict[Verdict | Weight, Style] = {
    "broken": "bad",
    "failed": "bad",
    "known deviation": "unclear",
    "known": "unclear",
    "warned": "unclear",
    "reported": "",
    "passed": "good",
    "inconclusive": "unclear",
    "not run": "unclear",
}
"""How verdicts and findings are coloured."""

OPERATIONS = 8
"""So many operations are named in one place."""

SHOWN = 4
"""So many items of a kind are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the summary and how to colour it."""

    text: str
    style: Style = ""


def summary(report: Report) -> Iterator[Line]:
    """Write the summary, the verdict last."""
    started = report.started
    yield Line(f"target    {started.target}{', our mock' if started.is_mock else ''}")
    for number, text in enumerate(contract_lines(report)):
        yield Line(f"{'' if number else 'contract':<10}{text}")
    if started.profile:
        yield Line(f"profile   {started.profile}")
    price = "of a kind that costs on a real host" if started.is_mock else "of them may have cost something"
    yield Line(f"requests  {report.sent} sent{f', {report.paid} {price}' if report.paid else ''}")
    yield from _generated(report)
    yield from (Line(text, "unclear") for text in (report.budget.lines() if report.budget else ()))
    yield Line("")
    yield from _groups(report)
    for weight in WEIGHTS:
        yield from _known(report) if weight == "known" else _findings(weight, report)
    yield from _changes(report)
    for verdict in ("inconclusive", "not run"):
        yield from _reasons(verdict, report)
    codes = dict.fromkeys(one.first.code for one in report.issues if one.weight in ("failed", "warned"))
    codes |= dict.fromkeys(one.code for one in report.differences)
    if codes:
        yield Line("")
        yield Line(f"contract-tests explain {' '.join(list(codes)[:SHOWN])} says what that means")
    yield Line("")
    word, sentence = report.verdict
    yield Line(sentence, STYLES[word])


def fitted(line: Line, width: int) -> list[Line]:
    """Break a line for a terminal of so many columns, the rest of it below its text."""
    label = re.match(r"(?: {4}|)[a-z]+ {2,}| {10}| *", line.text)
    indent = " " * min(len(label[0]) if label else 0, 22)
    parts = textwrap.wrap(line.text, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    return [Line(part, line.style) for part in parts] or [line]


def _generated(report: Report) -> Iterator[Line]:
    """Say how many requests were generated, and how to get the same again."""
    seeds = dict.fromkeys(one.seed for one in report.items if one.seed is not None)
    total = sum(one.generated for one in report.items)
    if seeds:
        again = ", ".join(f"--contract-fuzz-seed {seed}" for seed in seeds)
        yield Line(f"fuzz      {total} requests generated; {again} generates them again")


def _groups(report: Report) -> Iterator[Line]:
    counted: dict[str, Counter[str]] = {}
    for one in report.items:
        tally = counted.setdefault(one.item.group, Counter())
        tally["passed" if one.verdict == "warned" else one.verdict] += 1
        tally.update({noted.weight for noted in one.findings if noted.weight in ("warned", "reported")})
    for group in sorted(counted, key=lambda name: [*GROUP_TITLES, name].index(name)):
        tally = counted[group]
        parts = [
            f"{tally[word]} {word}"
            for word in ("passed", "failed", "known deviation", "inconclusive", "not run")
            if tally[word]
        ]
        noted = [f"{tally[word]} {word}" for word in ("warned", "reported") if tally[word]]
        style: Style = "bad" if tally["failed"] else "good" if len(parts) == 1 and tally["passed"] else "unclear"
        yield Line(f"  {GROUP_TITLES.get(group, group):<20} {', '.join(parts + noted)}", style)


def _findings(weight: Weight, report: Report) -> Iterator[Line]:
    """Write each finding once, whatever it was received for: code, sentence and expectation make it the same.

    What failed stands above in full: the code is enough, and what it means where the sentences differ.
    """
    same: dict[tuple[str, ...], list[tuple[Noted, str]]] = {}
    for one in report.items:
        for noted in one.findings:
            if noted.weight == weight:
                key = (noted.code,) if weight == "failed" else (noted.code, noted.basis, noted.sentence, noted.expected)
                same.setdefault(key, []).append((noted, one.item.id))
    for pairs in same.values():
        noted = pairs[0][0]
        first, *rest = "\n".join(noted.lines()[: 1 if weight == "failed" else None]).splitlines()
        if len({one.sentence for one, _ in pairs}) > 1 and noted.code in CODES:
            first = f"{noted.code} {CODES[noted.code].sentence}"
        yield Line("")
        yield Line(f"{weight}: {first}", STYLES[weight])
        yield from (Line(line) for line in rest)
        yield Line(f"    in        {named(item for _, item in pairs)}")


def _known(report: Report) -> Iterator[Line]:
    """Write each known deviation once, with the items that it excused and what they found."""
    for excuse, items in report.excused.items():
        noted = [noted for one in items for noted in one.findings if noted.weight == "known"]
        yield Line("")
        yield Line(f"known deviation: {excuse}", STYLES["known"])
        for code in dict.fromkeys(one.code for one in noted):
            sentences = list(dict.fromkeys(one.sentence for one in noted if one.code == code))
            yield Line(f"    {code}   {sentences[0] if len(sentences) == 1 else _sentence(code)}")
        yield Line(f"    in        {named(one.item.id for one in items)}")


def _sentence(code: str) -> str:
    """Say what a code means where the sentences of its findings differ."""
    return CODES[code].sentence if code in CODES else ""


def _changes(report: Report) -> Iterator[Line]:
    """Write where the target answers otherwise than was recorded, each change once."""
    for one, cases in report.apart:
        yield Line("")
        yield Line(f"changed: {one.code} {one.place}", "unclear")
        yield Line(f"    recorded  {one.left}")
        yield Line(f"    received  {one.right}")
        yield Line(f"    in        {named(cases)}")


def _reasons(verdict: str, report: Report) -> Iterator[Line]:
    by_reason: dict[tuple[str, str], list[ItemSettled]] = {}
    for one in report.items:
        if one.verdict == verdict:
            reason = CODES[one.code].sentence if one.remedy and one.code in CODES else one.reason
            by_reason.setdefault((reason, one.code), []).append(one)
    for (reason, code), items in by_reason.items():
        yield Line("")
        yield Line(f"{verdict}: {reason} ({code})", "unclear")
        if items[0].remedy:
            yield from _missed(items)
        else:
            yield Line(f"    in        {named(one.item.id for one in items)}")


def _missed(items: Sequence[ItemSettled]) -> Iterator[Line]:
    """Write what keeps items from being run, and the overlay that lets them: of the first, and how to have all."""
    reasons: dict[str, list[str]] = {}
    for one in items:
        reasons.setdefault(one.reason, []).append(one.item.id)
    for reason, ids in sorted(reasons.items(), key=lambda pair: -len(pair[1]))[:OPERATIONS]:
        yield Line(f"    {len(ids):<9} {reason}")
        yield Line(f"              in {named(ids, SHOWN)}")
    if len(reasons) > OPERATIONS:
        yield Line(f"    {'more':<9} {len(reasons) - OPERATIONS} other reasons of this kind are in the reports")
    first = next(one for one in items if one.remedy)
    yield Line(f"    remedy    an overlay with values that exist; of {first.item.operation}:")
    yield Line("              overlay: 1.0.0")
    yield Line("              info: {title: examples, version: 1.0.0}")
    yield Line("              actions:")
    yield from (Line(f"              {line}") for line in first.remedy.splitlines())
    yield Line("    all       contract-tests examples writes it; --contract-overlay FILE applies it")


def named(items: Iterable[str], most: int = OPERATIONS) -> str:
    """Name items by operation: the first operations, and the first items of each."""
    by_operation: dict[str, list[str]] = {}
    for item in dict.fromkeys(items):
        operation, name = _parted(item)
        by_operation.setdefault(operation, []).append(name)
    shown = [f"{operation}: {_some(names)}" for operation, names in islice(by_operation.items(), most)]
    more = len(by_operation) - len(shown)
    return "; ".join([*shown, *([f"and {more} more operations"] if more else [])])


_GROUP = re.compile(rf"/(?=(?:{'|'.join(map(re.escape, GROUP_TITLES))}|AFC[0-9]{{3}})/)")
"""What parts an item in its id from its operation, which may have slashes of its own."""


def _parted(item: str) -> tuple[str, str]:
    """Part the id of an item behind its operation."""
    operation, name = [*_GROUP.split(item, maxsplit=1), ""][:2]
    return (operation, name) if name else item.partition("/")[::2]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
