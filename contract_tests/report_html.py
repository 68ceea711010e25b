"""The writer of HTML: one page that needs nothing but itself, for a person.

It asks no host for anything, and says so to the browser: style and script are named by their hashes. What is shown is
chosen here; how it looks stands in the folder `html`. Everything is escaped by the template engine.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_tests.codes import CODES
from contract_tests.coverage import KINDS
from contract_tests.explain import silence_of
from contract_tests.planning import GROUP_TITLES
from contract_tests.report import VERDICTS, Report, contract_lines
from contract_tests.report_json import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.event_parts import Covered, Noted
    from contract_tests.events import Event, ExchangeMade, ItemSettled
    from contract_tests.report import Issue

__all__ = ["MARKS", "write"]

MARKS = {
    "passed": "✓",
    "failed": "✗",
    "known deviation": "§",
    "known": "§",
    "warned": "!",
    "inconclusive": "?",
    "not run": "∅",
    "broken": "✗",
    "reported": "i",
}
"""The marks of verdicts and findings."""

MANY = 20
"""With more operations each has a table of its own, which is open only where something of it did not pass."""

LARGE = 1500
"""With more exchanges the page has what did not pass and what findings refer to: a browser takes no page of all."""

MOST = 400
"""So many exchanges a page of a large run has."""

RECEIVED, NAMED = 20, 8
"""So many answers of one finding are shown, and so many items of each."""

COLUMNS = 5
"""So many operations stand beside each other in a table; more make further tables."""

_HOME = Path(__file__).parent / "html"


def write(events: Sequence[Event]) -> str:
    """Write the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HOME), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    report = Report.of(events)
    shown = _shown(report)
    places = _Places.of(report, shown)
    style, script = ((_HOME / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return environment.get_template("report.html.jinja").render(
        report=report,
        style=style,
        script=script,
        policy=_policy(style, script),
        marks=MARKS,
        verdicts=VERDICTS,
        time_of=time_of,
        contract=contract_lines(report),
        operations=_operations(report),
        groups=_groups(report),
        tables=list(_tables(report, places)),
        steps=[_cell(one, places) for one in report.items if one.item.group == "journey"],
        issues=[_issue(issue, number, report) for number, issue in enumerate(report.issues, start=1)],
        received=RECEIVED,
        named=NAMED,
        excused=report.excused,
        coverage=list(_coverage(report)),
        large=_is_large(report),
        exchanges=shown,
        numbers=places.exchanges,
    )


def _is_large(report: Report) -> bool:
    return len(report.exchanges) > LARGE


def _shown(report: Report) -> dict[str, ExchangeMade]:
    """Choose the exchanges that the page has: all, or those of a large run that somebody will want to look at."""
    if not _is_large(report):
        return report.exchanges
    wanted: dict[str, None] = {}
    for one in report.items:
        if one.verdict not in ("passed", "not run"):
            wanted.update(dict.fromkeys((one.item.id, *(noted.exchange for noted in one.findings))))
    for issue in report.issues:
        for _, items, exchange in _received(issue, report)[:RECEIVED]:
            wanted.update(dict.fromkeys((*([] if exchange is None else [exchange.name]), *items[:NAMED])))
    chosen = set(islice((name for name in wanted if name in report.exchanges), MOST))
    return {name: one for name, one in report.exchanges.items() if name in chosen}


def _policy(style: str, script: str) -> str:
    """Allow this style and this script, and nothing else at all."""
    of_style, of_script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{of_style}'; script-src 'sha256-{of_script}'; "
        "base-uri 'none'; form-action 'none'"
    )


# --- items ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """An item in a table. exchange: the number of its own, 0 for none. issues: the numbers of what it found."""

    name: str
    code: str
    sentence: str
    verdict: str
    reason: str
    remedy: str
    cost: str
    exchange: int
    issues: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the matrix: what one case came to, by operation. code: of an invariant.

    sentence: '' where it differs between operations.
    """

    name: str
    code: str
    sentence: str
    cells: tuple[Cell | None, ...]

    @property
    def quiet(self) -> bool:
        """Whether everything in it passed."""
        return all(cell is None or cell.verdict == "passed" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the matrix: some operations, and the rows of each group. is_brief: what passed is only counted."""

    operations: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    is_open: bool = True
    is_brief: bool = False

    @property
    def tally(self) -> dict[str, int]:
        """How many items of it came to each verdict, the worst first."""
        counted = Counter(cell.verdict for _, rows in self.groups for row in rows for cell in row.cells if cell)
        return {word: counted[word] for word in (*VERDICTS[1:], VERDICTS[0]) if counted[word]}

    @property
    def shown(self) -> list[tuple[str, list[Row]]]:
        """The groups with the rows that stand on the page."""
        kept = [(title, [row for row in rows if not (self.is_brief and row.quiet)]) for title, rows in self.groups]
        return [(title, rows) for title, rows in kept if rows]

    @property
    def quiet(self) -> bool:
        """Whether everything in it passed."""
        return all(row.quiet for _, rows in self.groups for row in rows)


def _operations(report: Report) -> list[str]:
    return list(dict.fromkeys(one.item.operation for one in report.items if one.item.operation))


def _groups(report: Report) -> list[tuple[str, str, dict[str, Counter[str]]]]:
    """Count verdicts by group and operation, '' for those of none."""
    found = []
    for group, title in GROUP_TITLES.items():
        counted: dict[str, Counter[str]] = {}
        for one in report.items:
            if one.item.group == group:
                counted.setdefault(one.item.operation, Counter())[one.verdict] += 1
        if counted:
            found.append((group, title, counted))
    return found


def _tables(report: Report, places: _Places) -> Iterator[Table]:
    operations = _operations(report)
    by_place: dict[tuple[str, str], dict[str, Cell]] = {}
    for one in report.items:
        if one.item.group != "journey":
            by_place.setdefault((one.item.group, one.item.name), {})[one.item.operation] = _cell(one, places)
    columns, opened = 1 if len(operations) > MANY else COLUMNS, 0
    known: dict[str, dict[tuple[str, str], None]] = {}
    for place, cells in by_place.items():
        for operation in cells:
            known.setdefault(operation, {})[place] = None
    for start in range(0, len(operations), columns):
        some = tuple(operations[start : start + columns])
        wanted = dict.fromkeys(place for operation in some for place in known.get(operation, ()))
        groups = []
        for group, title in GROUP_TITLES.items():
            rows = [
                _row(name, group, tuple(by_place[group, name].get(operation) for operation in some))
                for its_group, name in wanted
                if its_group == group
            ]
            if rows:
                groups.append((title, tuple(rows)))
        table = Table(some, tuple(groups), is_brief=_is_large(report) and columns == 1)
        if columns == 1:  # of many, the first that failed are open: more would be a page without end
            failed = bool({"failed", "inconclusive"} & table.tally.keys())
            opened += failed
            table = replace(table, is_open=failed and opened <= COLUMNS)
        else:
            table = replace(table, is_open=not start or not table.quiet)
        yield table


def _row(name: str, group: str, cells: tuple[Cell | None, ...]) -> Row:
    sentences = {cell.sentence for cell in cells if cell is not None}
    codes = {cell.code for cell in cells if cell is not None} if group == "invariant" else {""}
    return Row(name.replace("_", " "), codes.pop(), sentences.pop() if len(sentences) == 1 else "", cells)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things stand on the page. exchanges: their numbers, by name. issues: number and code, by item."""

    exchanges: dict[str, int]
    issues: dict[str, dict[int, str]]

    @classmethod
    def of(cls, report: Report, exchanges: Iterable[str]) -> _Places:
        """Number everything once: in a large report, for each item would take hours. exchanges: those on the page."""
        issues: dict[str, dict[int, str]] = {}
        for number, issue in enumerate(report.issues, start=1):
            for item, _ in issue.found:
                issues.setdefault(item, {})[number] = issue.first.code
        return cls({name: number for number, name in enumerate(exchanges, start=1)}, issues)


def _cell(one: ItemSettled, places: _Places) -> Cell:
    numbers = places.exchanges
    own = numbers.get(one.item.id, 0) or next((numbers.get(noted.exchange, 0) for noted in one.findings), 0)
    issues = tuple(places.issues.get(one.item.id, {}).items())
    item = one.item
    reason = f"{one.reason} ({one.code})" if one.reason else ""
    return Cell(item.name, item.code, item.sentence, one.verdict, reason, one.remedy, item.cost, own, issues)


# --- findings ---------------------------------------------------------------------------------------------------------


def _issue(issue: Issue, number: int, report: Report) -> dict[str, Any]:
    """Give what is shown of an issue: itself, what its codes mean, and where it was found."""
    known = [CODES[code] for code in (issue.first.code, issue.first.group) if code in CODES]
    return {
        "number": number,
        "issue": issue,
        "found": _received(issue, report),
        "codes": [(code, silence_of(code)) for code in known],
    }


def _received(issue: Issue, report: Report) -> list[tuple[Noted, list[str], ExchangeMade | None]]:
    """Give each answer of an issue once, with the items that got it and the exchange of the first."""
    found: dict[str, tuple[Noted, list[str]]] = {}
    for item, noted in issue.found:
        found.setdefault(noted.received, (noted, []))[1].append(item)
    return [(noted, items, report.exchanges.get(noted.exchange)) for noted, items in found.values()]


# --- coverage ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one kind of clauses was gone to."""

    kind: str
    clauses: tuple[Covered, ...]

    @property
    def requested(self) -> int:
        """So many were requested."""
        return sum(one.requested > 0 for one in self.clauses)

    @property
    def asserted(self) -> int:
        """So many were asserted."""
        return sum(one.asserted > 0 for one in self.clauses)

    @property
    def all(self) -> int:
        """So many there are."""
        return len(self.clauses)

    def percent(self, number: int) -> float:
        """Give a part of all in percent."""
        return round(100 * number / len(self.clauses), 1)


def _coverage(report: Report) -> Iterator[tuple[str, tuple[Share, ...]]]:
    by_operation: dict[str, list[Covered]] = {}
    for one in report.coverage:
        by_operation.setdefault(one.operation, []).append(one)
    for operation, clauses in by_operation.items():
        shares = (Share(kind, tuple(one for one in clauses if one.kind == kind)) for kind in KINDS)
        yield operation, tuple(share for share in shares if share.clauses)
