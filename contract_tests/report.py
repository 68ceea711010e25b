"""What a run came to, folded from its events: the verdict on each item, the exchanges, and the verdict on the target.

Every writer of a report starts here. It writes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from contract_tests.deviations import EXPIRED, GONE, STALE
from contract_tests.events import (
    BrowserArrived,
    BudgetKept,
    CoverageMeasured,
    DifferenceFound,
    ExchangeMade,
    ItemSettled,
    RunEnded,
    RunStarted,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.event_parts import Covered, Excuse, Noted, Verdict, Weight
    from contract_tests.events import Event

__all__ = ["WEIGHTS", "Issue", "Report", "contract_lines"]

WEIGHTS: tuple[Weight, ...] = ("broken", "failed", "known", "warned", "reported")
"""What findings do, worst first."""

VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "known deviation", "warned", "inconclusive", "not run")


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong, with all items that found it: all but what was received makes it the same."""

    weight: Weight
    first: Noted
    found: tuple[tuple[str, Noted], ...]

    @property
    def items(self) -> list[str]:
        """The ids of the items, each once."""
        return list(dict.fromkeys(item for item, _ in self.found))


@dataclass(frozen=True)
class Report:
    """A run, as far as its events tell. ended: None while it runs."""

    started: RunStarted
    items: tuple[ItemSettled, ...]
    exchanges: dict[str, ExchangeMade]
    coverage: tuple[Covered, ...] = ()
    differences: tuple[DifferenceFound, ...] = ()
    ended: RunEnded | None = None
    budget: BudgetKept | None = None
    arrivals: tuple[BrowserArrived, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Event]) -> Report:
        """Fold events, in whatever order they came: items stand as the run has them, exchanges by time.

        Of two verdicts on an item the later one counts. Raises `ValueError` when no run started.
        """
        started: RunStarted | None = None
        ended: RunEnded | None = None
        budget: BudgetKept | None = None
        items: dict[str, ItemSettled] = {}
        exchanges: dict[str, ExchangeMade] = {}
        coverage: tuple[Covered, ...] = ()
        differences: list[DifferenceFound] = []
        arrivals: list[BrowserArrived] = []
        for event in events:
            if isinstance(event, RunStarted):
                started = event
            elif isinstance(event, ItemSettled):
                items[event.item.id] = event
            elif isinstance(event, ExchangeMade):
                exchanges.setdefault(event.name, event)
            elif isinstance(event, CoverageMeasured):
                coverage = event.clauses
            elif isinstance(event, BrowserArrived):
                arrivals.append(event)
            elif isinstance(event, BudgetKept):
                budget = event
            elif isinstance(event, DifferenceFound):
                differences.append(event)
            else:
                ended = event
        if started is None:
            raise ValueError("There is no report of a run that did not start.")
        order = {item.id: number for number, item in enumerate(started.items)}
        ordered = sorted(items.values(), key=lambda one: order.get(one.item.id, len(order)))
        by_time = dict(sorted(exchanges.items(), key=lambda pair: pair[1].at))
        return cls(started, tuple(ordered), by_time, coverage, tuple(differences), ended, budget, tuple(arrivals))

    @cached_property
    def tally(self) -> Counter[str]:
        """How many items came to each verdict."""
        return Counter(one.verdict for one in self.items)

    @property
    def sent(self) -> int:
        """How many requests left for the target, those that were sent again included."""
        return self.budget.sent if self.budget else sum(one.sent for one in self.exchanges.values())

    @property
    def paid(self) -> int:
        """How many of them may have cost something."""
        return self.budget.paid if self.budget else sum(one.paid and one.sent for one in self.exchanges.values())

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """Everything that was found, the worst first, each thing once."""
        same: dict[tuple[str, ...], list[tuple[str, Noted]]] = {}
        for one in self.items:
            for noted in one.findings:
                key = (noted.weight, noted.code, noted.basis, noted.sentence, noted.expected, noted.pointer)
                same.setdefault(key, []).append((one.item.id, noted))
        found = [Issue(pairs[0][1].weight, pairs[0][1], tuple(pairs)) for pairs in same.values()]
        return tuple(sorted(found, key=lambda issue: WEIGHTS.index(issue.weight)))

    @property
    def excused(self) -> dict[Excuse, list[ItemSettled]]:
        """The known deviations that excused items, each with those."""
        found: dict[Excuse, list[ItemSettled]] = {}
        for one in self.items:
            if one.verdict == "known deviation" and one.excuse is not None:
                found.setdefault(one.excuse, []).append(one)
        return found

    @property
    def apart(self) -> tuple[tuple[DifferenceFound, tuple[str, ...]], ...]:
        """Every difference once, with the cases that show it."""
        same: dict[tuple[str, ...], list[DifferenceFound]] = {}
        for one in self.differences:
            same.setdefault((one.code, one.place, one.left, one.right, one.remedy), []).append(one)
        return tuple((found[0], tuple(one.case for one in found)) for found in same.values())

    @property
    def broken(self) -> int:
        """In how many items the suite itself broke."""
        return sum(any(noted.weight == "broken" for noted in one.findings) for one in self.items)

    @property
    def verdict(self) -> tuple[Verdict, str]:
        """The verdict on the target, and a sentence that says it."""
        tally = self.tally
        if self.started.compared_with:
            return self._likeness()
        known = tally["passed"] + tally["warned"] + tally["failed"]
        if self.broken:
            return "failed", f"The suite itself broke in {self.broken} of {len(self.items)} items: no verdict."
        if tally["failed"] and all(one.verdict != "failed" or _about_entries(one) for one in self.items):
            return "failed", f"Known deviations have to be looked at: {tally['failed']} of {known} items failed."
        if tally["failed"]:
            return "failed", f"The target breaks the contract: {tally['failed']} of {known} items failed."
        if tally["inconclusive"]:
            said = f"Inconclusive: {tally['inconclusive']} of {len(self.items)} items could not be judged."
            return "inconclusive", said
        if deviating := tally["known deviation"]:
            apart = f"{deviating} known deviation{'s' if deviating > 1 else ''}"
            also = f", {tally['warned']} of them with a warning" if tally["warned"] else ""
            said = f"The target keeps the contract but for {apart}, in {known} other items that were checked{also}."
            return "known deviation", said
        if not known:
            return "not run", "Nothing was checked."
        said = f"The target keeps the contract in all {known} items that were checked"
        if self.differences:
            cases = len({one.case for one in self.differences})
            noun = "case" if cases == 1 else "cases"
            return "warned", f"{said}, and answers {cases} {noun} in another shape than was recorded."
        if tally["warned"]:
            return "warned", f"{said}, {tally['warned']} of them with a warning."
        return "passed", f"{said}."

    def _likeness(self) -> tuple[Verdict, str]:
        """The verdict on two targets that were compared, and a sentence that says it."""
        compared = self.tally["passed"] + self.tally["failed"]
        if self.tally["failed"]:
            return "failed", f"The targets answer {self.tally['failed']} of {compared} requests differently."
        if self.tally["inconclusive"]:
            said = f"Inconclusive: {self.tally['inconclusive']} of {len(self.items)} requests could not be compared."
            return "inconclusive", said
        if not compared:
            return "not run", "Nothing was compared."
        return "passed", f"The targets answer alike to all {compared} requests that were compared."


def _about_entries(one: ItemSettled) -> bool:
    """Tell whether an item failed for what is written down about it, and not for the target."""
    of_entries = {code.code for code in (EXPIRED, GONE, STALE)}
    return {noted.code for noted in one.findings if noted.weight in ("failed", "broken")} <= of_entries


def contract_lines(report: Report) -> list[str]:
    """Name the documents that were checked, each with its hash; reconstructed ones if the journey went there."""
    verdicts = {one.verdict for one in report.items if one.item.group == "journey"}
    walked = verdicts & {"passed", "failed", "warned"}
    lines = []
    for one in report.started.documents:
        if one.reconstructed and not walked:
            continue
        title = " ".join(filter(None, (one.title, one.version)))
        lines.append(f"{title} ({'reconstructed, ' * one.reconstructed}sha256 {one.sha256[:12]})")
    return lines
