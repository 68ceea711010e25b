"""A target that a command sends the cases of a contract to: our mock, which it starts and stops, or a host.

Plan, budget and ledger are those of the suite, free requests go first. What the answers mean is not its business.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.cases import cases_of
from contract_tests.failures import ContractFailure
from contract_tests.mock_process import MockProcess, unwind_on_sigterm
from contract_tests.plan import make_plan
from contract_tests.preparing import admitted_target, make_run
from contract_tests.quiet_logs import mask_logs
from contract_tests.steps import steps_of
from contract_tests.targets import RefusedTarget
from contract_tests.traveller import Traveller
from contract_tests.verdicts import Inconclusive, NotRun
from contract_tests.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contract_tests.plan import Plan
    from contract_tests.preparing import Options
    from contract_tests.run import Run
    from openapi.contract import Contract

__all__ = ["Side", "learn", "opened", "plan_for", "send_all", "walk_journey"]


@dataclass(frozen=True, slots=True)
class Side:
    """A target that is ready. name: as the user calls it. is_mock: the one that we started."""

    name: str
    run: Run
    is_mock: bool


def plan_for(options: Options, contract: Contract) -> Plan:
    """Plan every case of a contract, free ones first, and the journey if it is asked for, at one target.

    Raises `RefusedTarget` for a host that is not to be sent to, and for a budget that allows nothing; `CannotRun` when
    a key or another option cannot be used.
    """
    url = admitted_target(options, contract)
    cases = cases_of(contract)
    chosen = [*sorted(cases, key=lambda case: case.cost), *(steps_of(contract) if options.journey else ())]
    plan = make_plan(chosen, cases, url, options.allowance)
    if plan.allows_nothing:
        raise RefusedTarget(f"the budget {options.allowance} allows none of the requests.")
    return plan


@contextmanager
def opened(contract: Contract, sides: Sequence[tuple[str, Options, Mapping[str, str]]]) -> Iterator[list[Side]]:
    """Open targets, each given as its name, options and what is not to be sent there with the reason.

    Our mocks are ended with the block, also by SIGTERM. Raises `CannotRun` when one does not start.
    """
    with ExitStack() as stack:
        stack.callback(unwind_on_sigterm())
        mocks = [_mock(options, stack) if not options.target else None for _, options, _ in sides]
        ready = []
        for (name, options, left_out), mock in zip(sides, mocks, strict=True):
            url = mock.wait() if mock is not None else admitted_target(options, contract)
            run = make_run(options, contract, url, left_out=left_out)
            stack.callback(mask_logs(run))
            ready.append(Side(name, run, mock is not None))
        yield ready


def _mock(options: Options, stack: ExitStack) -> MockProcess:
    documents = [Path(name).absolute() for name in options.documents]
    mock = MockProcess(documents, options.profile or "published")
    stack.callback(mock.stop)
    return mock


def learn(sides: Sequence[Side]) -> None:
    """Let every side know what any of them told in secret places. Call it after the last request, before showing."""
    told = [one for side in sides for one in side.run.exchanges.all().values()]
    for side in sides:
        for one in told:
            side.run.redactor.learn_from(one.headers, one.body)


def send_all(sides: Sequence[Side]) -> None:
    """Send every case to each side, one after the other, free ones first; what is left out is not sent anywhere."""
    for case in sorted(sides[0].run.cases, key=lambda case: case.cost):
        for side in sides:
            if not case.not_run:
                side.run.exchange(case)


def walk_journey(side: Side, contract: Contract) -> None:
    """Walk the journey at a side, as far as it goes there; what its steps come to says nothing here."""
    walk = Walk(Traveller(side.run, own_mock=side.is_mock))
    for step in steps_of(contract):
        with suppress(ContractFailure, Inconclusive, NotRun):
            walk.check(step)
