"""Drift of a host: its answers against the shapes that were recorded, and against what was confirmed of it.

It sends what the suite sends, within the same plan and budget.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from contract_tests.command_line import options_of
from contract_tests.drift_kinds import LIVE_CHANGED, SHAPE_CHANGED, Told
from contract_tests.failures import ContractFailure
from contract_tests.outcomes import together
from contract_tests.preparing import CannotRun, read_contract
from contract_tests.shape_changes import changed_since, observed
from contract_tests.shape_files import SHAPES_FILE, recorded_for
from contract_tests.sides import learn, opened, plan_for, send_all, walk_journey
from contract_tests.terms import Terms, read_terms
from contract_tests.verdicts import Inconclusive, NotRun

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from contract_tests.drift_kinds import Drift
    from contract_tests.failures import Finding, Verdict
    from contract_tests.run import Run

__all__ = ["ask_host"]

SURE = frozenset({"example", "prose", "rfc", "asked"})
"""The bases that a confirmation may have made binding; what is documented fails in a run of the suite."""


def ask_host(asked: argparse.Namespace, found: Drift) -> None:
    """Ask a host, within plan and budget of the suite, and compare with what is recorded and confirmed of it."""
    options = options_of(asked, asked.target)
    contract = read_contract(options)
    plan = plan_for(options, contract)
    recorded = recorded_for(plan.target, asked.shapes)
    hashes = [document.sha256 for document in contract.documents if not document.reconstructed]
    terms = read_terms(plan.target, hashes, contract.profile, named=asked.contract_confirmed)
    if recorded is None and not terms.confirmed:
        why = f"Nothing is recorded of {plan.target}: run `contract-tests record --target {plan.target}` first."
        raise CannotRun(f"{why} {terms.warning}".rstrip())
    with opened(contract, [(asked.target, options, plan.left_out)]) as (side,):
        send_all([side])
        if asked.contract_journey:
            walk_journey(side, contract)
        learn([side])
        run = side.run
        made = list(run.exchanges.all().values())
        today = datetime.now(timezone.utc).date().isoformat()
        now = together(observed(made, contract, run.redactor, today))
        # The suite's own judgement of the same answers; nothing more is sent for it.
        broken = list(_unkept(run, terms))
        sent = len(run.spending.ledger.read().sent)
    found.inconclusive = sum(bool(one.inconclusive) and not one.left_out for one in made)
    found.looked_at.append(f"host      {plan.target}: {sent} requests, {found.inconclusive} inconclusive")
    if recorded is not None:
        for one in changed_since(recorded, now, asked.shapes or SHAPES_FILE):
            line = f"{one.place}: {one.left} was recorded, {one.right} came"
            found.told.append(Told(SHAPE_CHANGED.code, LIVE_CHANGED, one.case, line, (), one.remedy))
    found.told += broken


def _unkept(run: Run, terms: Terms) -> Iterator[Told]:
    """Tell what was confirmed of a host and is no longer kept."""
    for item, check in _judged(run):
        found = _findings(check) if item in terms.confirmed else []
        for finding in {finding.code: finding for finding in found[::-1]}.values():
            if finding.basis in SURE and finding.code not in terms.confirmed[item]:
                what = f"{finding.code} {finding.sentence} Expected {finding.expected}, received {finding.received}."
                remedy = "ask the vendor; if it is right, confirm anew"
                yield Told(SHAPE_CHANGED.code, LIVE_CHANGED, item, f"confirmed, and no longer kept: {what}", (), remedy)


def _judged(run: Run) -> Iterator[tuple[str, Callable[[], Verdict]]]:
    yield from ((case.id, lambda case=case: run.check_case(case)) for case in run.cases)
    yield from ((check.id, lambda check=check: run.check_invariant(check)) for check in run.checks)


def _findings(check: Callable[[], Verdict]) -> list[Finding]:
    try:
        verdict = check()
    except ContractFailure as failure:
        return [*failure.findings, *failure.beside.warned]
    except (Inconclusive, NotRun):
        return []
    return verdict.warned
