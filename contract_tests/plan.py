"""The plan of a run: every request in the order in which it will be sent, its price, and what a budget leaves out.

It sends nothing. A person reads it before anything is spent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract_tests.budget import BEYOND_LOOPBACK, UNLIMITED, WITH_JOURNEY, Budget, Request, left_out, read_budget
from contract_tests.fuzzing.fuzz import Fuzz
from contract_tests.run import Check, by_operation, looked_at
from contract_tests.targets import is_loopback
from contract_tests.verdicts import KEPT
from contract_tests.walk import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contract_tests.case import Case

__all__ = ["Plan", "budget_for", "make_plan", "plan_lines"]

LISTED = 200
"""So many requests are listed one by one; of more, operations."""

LACKING = 6
"""So many operations are named that lack something."""

NO_PERSON, NO_MOCK = "needs a person: --contract-interactive", "needs a mock of this project"
NO_CALLBACK = "needs a way to this machine: --contract-callback-url"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run means to send. requests: of the cases, in their order. journey: of the steps, in theirs.

    left_out: names and reasons. steps: those that were chosen and those that they need, each with why it will not be
    run, or ''. fuzzes: what is generated, within what the others leave of the budget. operations: of each request, the
    name. not_run: the names of operations to which nothing can be sent.
    """

    target: str
    budget: Budget
    requests: tuple[Request, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[tuple[Step, str], ...] = ()
    journey: tuple[Request, ...] = ()
    fuzzes: tuple[Fuzz, ...] = ()
    operations: Mapping[str, str] = field(default_factory=dict)
    not_run: tuple[str, ...] = ()

    @property
    def sent(self) -> list[Request]:
        """The requests that will be sent."""
        return [one for one in (*self.requests, *self.journey) if one.name not in self.left_out]

    @property
    def allows_nothing(self) -> bool:
        """Whether the budget leaves out everything that was chosen."""
        return bool(self.requests or self.journey) and not self.sent


def budget_for(target: str, asked: str, *, journey: bool) -> Budget:
    """Tell which budget holds at a target, '' for our mock. asked: as the user wrote it, '' for no word about it."""
    if asked:
        return read_budget(asked)
    if not target or is_loopback(target):
        return UNLIMITED
    return WITH_JOURNEY if journey else BEYOND_LOOPBACK


def make_plan(
    chosen: Iterable[Case | Check | Step | Fuzz],
    cases: Sequence[Case],
    target: str,
    budget: Budget,
    *,
    person: bool = False,
    callback: bool = False,
    delete: bool = False,
) -> Plan:
    """Plan the requests of items, in their order.

    cases: all of the contract, for invariants send what they look at. target: '' for our mock. person: one comes.
    callback: their browser can come to us. delete: whether DELETE may be sent beyond this machine.
    """
    requests: dict[str, Request] = {}
    held: dict[str, str] = {}
    operations: dict[str, str] = {}
    lacking: dict[str, None] = {}
    groups = by_operation(cases)
    steps: list[Step] = []
    fuzzes: list[Fuzz] = []
    for one in chosen:
        if isinstance(one, Fuzz):
            fuzzes.append(one)
            continue
        if isinstance(one, Step):
            steps.append(one)
            continue
        for case in looked_at(one, groups.get(one.operation, ())) if isinstance(one, Check) else [one]:
            if case.not_run:
                lacking.setdefault(case.operation.name)
            else:
                operations[case.id] = case.operation.name
                requests.setdefault(case.id, Request(case.id, case.cost, case.basis))
                if case.ask.method == "DELETE" and not (delete or not target or is_loopback(target)):
                    held[case.id] = KEPT
    mock = not target or is_loopback(target)
    walked = _walked(steps, person=person, mock=mock, callback=callback)
    ready = (Request("journey/ready", "free", "asked"),) if target and mock and steps else ()
    journey = tuple(
        Request(f"journey/{name}", "paid" if name.rpartition("/")[2] == "create" else "free", step.basis)
        for step, why in walked.items()
        if not why
        for name in step.sends
    )
    journey = (*journey[:1], *ready, *journey[1:])  # the first answer makes us ask whether it is a mock of ours
    sendable = [one for one in requests.values() if one.name not in held]
    fits_not = left_out([*journey, *sendable], budget, first=len(journey))
    reasons = {
        name: f"no room in the budget {budget} ({limit}); see --contract-budget" for name, limit in fits_not.items()
    }
    # A step of the journey follows on others: what is sent of it is up to the ledger.
    own = held | {name: why for name, why in reasons.items() if name in requests}
    said = tuple((step, reasons.get(f"journey/{(step.sends or ('',))[0]}", why)) for step, why in walked.items())
    found = tuple(requests.values())
    return Plan(target, budget, found, own, said, journey, tuple(fuzzes), operations, tuple(lacking))


def _walked(steps: Iterable[Step], *, person: bool, mock: bool, callback: bool) -> dict[Step, str]:
    """Give steps and those that they need, in the order in which they are walked, each with why it cannot be, or ''."""
    found: dict[Step, str] = {}

    def visit(step: Step) -> None:
        if step in found:
            return
        why = NO_MOCK if step.by == "mock" and not mock else ""
        for one in step.needs:
            visit(one)
            why = why or found[one]
        for one in step.after if not why else ():
            visit(one)
        if not why and step.by == "callback" and not callback:
            why = NO_CALLBACK
        if not why and step.by == "person" and not (person or mock):
            why = NO_PERSON
        found[step] = why

    for step in steps:
        visit(step)
    return found


def plan_lines(plan: Plan, *, detailed: bool = False) -> Iterator[str]:
    """Write the plan for a person, in 80 columns as long as names are not longer than usual.

    Of many requests, so many of each operation; detailed: each of them.
    """
    paid = sum(one.cost == "paid" for one in plan.sent)
    yield f"plan      {plan.target or 'our mock'}; nothing is sent now"
    yield f"budget    {plan.budget}"
    left = f"; {len(plan.left_out)} left out" if plan.left_out else ""
    yield f"requests  {len(plan.sent)}: {len(plan.sent) - paid} free, {paid} paid{left}"
    sent = [one for one in plan.requests if one.name not in plan.left_out]
    if plan.not_run:
        yield f"not run   {len(plan.not_run)} operations lack what only you know, an id for instance"
    if len(plan.requests) > LISTED and not detailed:
        yield from _by_operation(plan)
        yield from _journey_lines(plan, len(sent))
        return
    if sent:
        yield ""
        yield "   # cost basis      request"
    for number, one in enumerate(sent, start=1):
        yield f"{number:4} {one.cost} {one.basis:<10} {one.name}"
    by_reason: dict[str, list[Request]] = {}
    for one in plan.requests:
        if one.name in plan.left_out:
            by_reason.setdefault(plan.left_out[one.name], []).append(one)
    for why, requests in by_reason.items():
        yield ""
        yield f"left out: {why}"
        yield from (f"   - {one.cost} {one.basis:<10} {one.name}" for one in requests)
    yield from _journey_lines(plan, len(sent))
    if plan.fuzzes:
        yield ""
        yield f"fuzz      up to {sum(one.number for one in plan.fuzzes)} more, and 300 to make a failure small"
        yield from (f"{one.number:4} {one.cost} documented {one.id}" for one in plan.fuzzes)


def _by_operation(plan: Plan) -> Iterator[str]:
    """Write how many requests go to each operation, those that none goes to last."""
    counted: dict[str, Counter[str]] = {}
    for one in plan.requests:
        tally = counted.setdefault(plan.operations.get(one.name, ""), Counter())
        tally["left out" if one.name in plan.left_out else one.cost] += 1
    yield ""
    yield " free  paid  left out  operation"
    for name, tally in sorted(counted.items(), key=lambda pair: not (pair[1]["free"] or pair[1]["paid"])):
        yield f"{tally['free']:5} {tally['paid']:5} {tally['left out']:9}  {name}"
    for why, number in Counter(plan.left_out.values()).items():
        yield f"left out: {number} requests: {why}"
    if plan.not_run:
        names = ", ".join(plan.not_run[:LACKING]) + (", ..." if len(plan.not_run) > LACKING else "")
        yield f"not run:  {names}"
        yield "          contract-tests examples writes the overlay that says what they lack"
    yield "with -v, each request; --contract-operations chooses"


def _journey_lines(plan: Plan, number: int) -> Iterator[str]:
    if not plan.steps:
        return
    yield ""
    yield f"journey   {len(plan.journey)} requests, if every step is reached"
    yield "   # cost basis      step"
    for step, why in plan.steps:
        mark = "   -" if why else f"{number + 1:4}" if step.sends else "    "
        number += 0 if why else len(step.sends)
        requests = f" ({len(step.sends)} requests)" if len(step.sends) > 1 and not why else ""
        yield f"{mark} {step.cost} {step.basis:<10} {step.id}{requests}"
        if why:
            yield f"{'':21}{why}"
