"""The suite against a right server and against wrong ones: each fault fails exactly the items listed for it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.run import Run
from contract_tests.targets import Sender, Target
from openapi.contract import packaged_contract
from tests.wrong_servers import answers, bodies, callers, requests_taken
from tests.wrong_servers.answers import SLOW
from tests.wrong_servers.faults import FAULTS, Fault
from tests.wrong_servers.server import KEY, Host, right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.run import Verdict
    from openapi.contract import Contract

MODULES = (answers, bodies, callers, requests_taken)
PATIENCE = 0.1
"""Seconds that an answer may take in these runs."""

assert SLOW > PATIENCE


@pytest.fixture(scope="module")
def contract() -> Contract:
    return packaged_contract()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host().running() as running:
        yield running


def outcome(contract: Contract, url: str) -> tuple[set[str], set[str], set[str]]:
    """Run the whole suite; give the items that failed, that warned, and that reported."""
    target = Target(url, KEY, PATIENCE)
    sender = Sender(target)
    run = Run(contract, target, sender, MemoryExchanges())
    failed: set[str] = set()
    warned: set[str] = set()
    reported: set[str] = set()

    def settle(name: str, check: Callable[[], Verdict]) -> None:
        try:
            verdict = check()
        except ContractFailure as failure:
            assert KEY not in str(failure)
            failed.add(name)
            return
        if verdict.warned:
            warned.add(name)
        if verdict.reported:
            reported.add(name)

    for case in run.cases:
        settle(case.id.partition("/")[2], lambda case=case: run.check_case(case))  # type: ignore[misc]
    for check in run.checks:
        settle(check.invariant.code, lambda check=check: run.check_invariant(check))  # type: ignore[misc]
    sender.close()
    return failed, warned, reported


def test_the_right_server_passes_everything(contract: Contract, host: Host) -> None:
    with host.planting(right) as url:
        failed, warned, _ = outcome(contract, url)

    assert (failed, warned) == (set(), set())


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_wrong_server_fails_exactly_what_is_listed(fault: Fault, contract: Contract, host: Host) -> None:
    with host.planting(right) as url:
        _, _, always = outcome(contract, url)
    with host.planting(fault.plant) as url:
        failed, _, reported = outcome(contract, url)

    assert failed == fault.fails, fault.sentence
    assert fault.reports <= reported - (always - fault.reports)
