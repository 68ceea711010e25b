"""Tells what was done for an item, as events: on the way from raw values to reports, nothing else sees both.

It knows no pytest, and writes nothing.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from contract_tests.codes import define
from contract_tests.coverage import clauses_touched, measure
from contract_tests.deviations import KNOWN
from contract_tests.event_parts import DocumentRead, Excuse, Noted
from contract_tests.events import BrowserArrived, BudgetKept, ExchangeMade, ItemSettled, RunStarted
from contract_tests.failures import ContractFailure, Verdict
from contract_tests.outcomes import together
from contract_tests.shape_changes import changed_since, observed
from contract_tests.shape_files import SHAPES_FILE
from contract_tests.verdicts import Inconclusive, NotRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.deviations import Deviation
    from contract_tests.event_parts import Item
    from contract_tests.event_parts import Verdict as Word
    from contract_tests.events import CoverageMeasured, DifferenceFound, Event
    from contract_tests.receiver import Callback
    from contract_tests.run import Run
    from contract_tests.targets import Exchange
    from openapi.operation import Operation

__all__ = ["BROKEN", "Teller"]

BROKEN = define(
    "AFC991", "broken", "The suite itself broke.",
    why="It is a bug of the suite, or a worker that was ended, and says nothing about the target. Please report it.",
    silence="Run the item again with --lf; if it breaks again, leave it out with --deselect until it is mended.",
)  # fmt: skip


class Teller:
    """Tells of one run. in_detail: whether a report wants to know what was sent and received."""

    def __init__(self, run: Run, *, in_detail: bool) -> None:
        self._run = run
        self._in_detail = in_detail
        self._cases = {case.id: case for case in run.cases}

    def started(self, items: Iterable[Item], versions: Iterable[tuple[str, str]], *, is_mock: bool) -> RunStarted:
        """Tell that the run starts, with these items: in the order of the contract, whatever that of the run."""
        run = self._run
        names = [*(one.id for one in run.cases), *(one.id for one in run.checks)]
        order = {name: number for number, name in enumerate(names)}
        documents = []
        for one in run.contract.documents:
            info = one.tree.get("info")
            known = info if isinstance(info, dict) else {"title": one.name}
            title, version = str(known.get("title") or one.name), str(known.get("version") or "")
            documents.append(DocumentRead(title, version, one.sha256, one.reconstructed))
        return RunStarted(
            at=time.time(),
            target=run.target.url,
            is_mock=is_mock,
            loopback=run.target.loopback,
            profile=run.contract.profile,
            documents=tuple(documents),
            versions=tuple(versions),
            items=tuple(sorted(items, key=lambda item: order.get(item.id, len(order)))),
        )

    def exchange(self, made: Exchange) -> ExchangeMade:
        """Tell of an exchange; without detail, as if nothing but a status had been sent and received."""
        run, case = self._run, self._cases.get(made.name)
        operation = case.operation if case is not None else self._operation_at(made.ask.path)
        if not self._in_detail:
            ask = replace(made.ask, headers=(), body=None)
            made = replace(made, ask=ask, headers=(), body=b"")
        clauses: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        if operation is not None and self._in_detail:
            clauses = clauses_touched(operation, made, case)
        identifier = "" if operation is None else operation.id
        return ExchangeMade.of(made, run.target.url, run.redactor, identifier, clauses)

    def _operation_at(self, path: str) -> Operation | None:
        """Find the operation that a request of the journey went to."""
        plain = path.partition("?")[0]
        known = (one for one in self._run.contract.operations if one.base_paths[0] + one.path == plain)
        return next(known, None)

    def settled(
        self,
        item: Item,
        came: Verdict | Exception,
        since: float,
        entry: Deviation | None = None,
        *,
        excused: bool = False,
    ) -> tuple[list[ExchangeMade], ItemSettled]:
        """Tell of the exchanges that were made for an item, and what it came to.

        came: the verdict, or what was raised instead. since: when it began, by `time.perf_counter`. entry: the known
        deviation that it is about. excused: whether that makes it fail no run.
        """
        self._run.learn()
        trace, redactor = self._run.take_trace(), self._run.redactor
        verdict: Word = "failed"
        beside: object = came
        noted: list[Noted] = []
        code = ""
        if isinstance(came, ContractFailure):
            beside = came.beside
            noted = [Noted.of("known" if excused else "failed", one, redactor) for one in came.findings]
            verdict = "known deviation" if excused else "failed"
        elif isinstance(came, Inconclusive | NotRun):
            verdict, code = "inconclusive" if isinstance(came, Inconclusive) else "not run", came.code
        elif isinstance(came, Exception):
            noted = [self.broken(f"{type(came).__name__}: {came}")]
        else:
            verdict = "warned" if came.warned else "passed"
        if isinstance(beside, Verdict):
            noted += [Noted.of("warned", one, redactor) for one in beside.warned]
            noted += [Noted.of("reported", one, redactor) for one in beside.reported]
        excuse = None if entry is None else Excuse.of(entry, redactor)
        reason = redactor.text(str(came)) if code else ""
        if excused:
            reason, code = str(excuse), KNOWN.code
        settled = ItemSettled(
            item=item,
            verdict=verdict,
            reason=reason,
            code=code,
            findings=tuple(noted),
            exchanges=tuple(dict.fromkeys(trace.seen)),
            judged=tuple(dict.fromkeys(trace.judged)),
            seconds=round(time.perf_counter() - since, 6),
            excuse=excuse,
            generated=trace.generated,
            seed=trace.seed,
        )
        return [self.exchange(made) for made in trace.made], settled

    def broken(self, said: str) -> Noted:
        """Note that the suite itself broke."""
        return Noted("broken", BROKEN.code, "", BROKEN.sentence, "", self._run.redactor.short(said, 200))

    def spent(self) -> BudgetKept:
        """Tell what was spent."""
        ledger = self._run.spending.ledger
        account, budget = ledger.read(), ledger.budget
        return BudgetKept(
            sent=account.total,
            paid=account.paid,
            most_paid=budget.paid,
            most=budget.total,
            left_out=tuple(account.left_out.items()),
            stopped=tuple(account.stopped),
            open_ends=account.open_ends,
            notes=(self._run.warning,) if self._run.warning else (),
        )

    def arrivals(self, callback: Callback) -> list[BrowserArrived]:
        """Tell of what came to the CallbackURLs of the run."""
        redactor = self._run.redactor
        return [BrowserArrived.of(one, callback.fragment(one.session), redactor) for one in callback.all()]

    def changed(self) -> list[DifferenceFound]:
        """Tell where the target answered otherwise than was recorded of it."""
        run = self._run
        if run.recorded is None:
            return []
        today = datetime.now(timezone.utc).date().isoformat()
        now = together(observed(run.exchanges.all().values(), run.contract, run.redactor, today))
        return changed_since(run.recorded, now, SHAPES_FILE)

    def coverage(self, events: Iterable[Event]) -> CoverageMeasured:
        """Tell what of the contract was gone to."""
        return measure(self._run.contract, events)
