"""The suite against a right server and against wrong ones: each fault fails exactly the items listed for it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.run import Inconclusive, Run
from contract_tests.sending import Sender
from contract_tests.targets import Target
from openapi.contract import packaged_contract
from tests.wrong_servers import answers, bodies, callers, requests_taken
from tests.wrong_servers.answers import ALLOWED, SLOW
from tests.wrong_servers.faults import FAULTS, GENEROUS, Fault
from tests.wrong_servers.server import KEY, Host, right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.run import Verdict
    from openapi.contract import Contract
    from tests.wrong_servers.server import Plant

MODULES = (answers, bodies, callers, requests_taken)
EXPECTATIONS = {"AFC111", "AFC112", "AFC113", "AFC114", "AFC115"}
"""Codes for another status than expected. What is reported of error bodies, the right server has too."""

PIECES = [KEY[at : at + 8] for at in range(len(KEY) - 7)]
"""Parts of the key, none of which may be shown: the beginning of a key is as good as a hint at all of it."""

assert SLOW > ALLOWED


@pytest.fixture(scope="module")
def contract() -> Contract:
    return packaged_contract()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host().running() as running:
        yield running


def outcome(contract: Contract, url: str, limit: float = GENEROUS) -> tuple[set[str], set[str], set[str]]:
    """Run the whole suite; give the items that failed, that warned, and that reported."""
    target = Target(url, KEY, limit)
    sender = Sender(target)
    run = Run(contract, target, sender, MemoryExchanges())
    failed: set[str] = set()
    warned: set[str] = set()
    reported: set[str] = set()
    texts: list[str] = []

    def settle(name: str, check: Callable[[], Verdict]) -> None:
        try:
            verdict = check()
        except ContractFailure as failure:
            failed.add(name)
            texts.append(str(failure))
            return
        except Inconclusive:  # an invariant over answers of which none came
            return
        if verdict.warned:
            warned.add(name)
        if any(finding.code in EXPECTATIONS for finding in verdict.reported):
            reported.add(name)

    for case in sorted(run.cases, key=lambda case: case.cost == "paid"):  # as the plugin has them
        settle(case.id.partition("/")[2], lambda case=case: run.check_case(case))  # type: ignore[misc]
    for check in run.checks:
        settle(check.invariant.code, lambda check=check: run.check_invariant(check))  # type: ignore[misc]
    sender.close()
    if any(made.error for made in run.exchanges.all().values()):
        gc.collect()  # a connection that broke is held by its exception
    assert [piece for piece in PIECES for text in texts if piece in text] == []
    return failed, warned, reported


def test_the_right_server_passes_everything(contract: Contract, host: Host) -> None:
    with host.planting(right) as url:
        assert outcome(contract, url) == (set(), set(), set())


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_wrong_server_fails_exactly_what_is_listed(fault: Fault, contract: Contract, host: Host) -> None:
    with host.planting(fault.plant) as url:
        found = outcome(contract, url, fault.limit)
    assert found == (set(fault.fails), set(), set(fault.reports)), fault.sentence


def test_every_item_is_killed_by_a_wrong_server(contract: Contract) -> None:
    target = Target("http://127.0.0.1:9", KEY)
    run = Run(contract, target, Sender(target), MemoryExchanges())
    items = {case.id.partition("/")[2] for case in run.cases} | {check.invariant.code for check in run.checks}

    assert items - {item for fault in FAULTS for item in fault.fails} == set()
    assert {item for fault in FAULTS for item in fault.fails | fault.reports} <= items


def test_no_fault_is_planted_twice_or_for_nothing() -> None:
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names))
    assert all(fault.sentence.endswith(".") and (fault.fails or fault.reports) for fault in FAULTS)
    assert {fault.plant.__module__ for fault in FAULTS} == {module.__name__ for module in MODULES}


def suite(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "contract_tests.cli", "--contract-target", url, "-q", *arguments]
    command += ["--contract-max-response-time", f"{GENEROUS:g}"]
    environment = {**os.environ, "ANYFAST_API_KEY": KEY}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_a_right_server_ends_the_command_with_status_0(host: Host) -> None:
    with host.planting(right) as url:
        ended = suite(url)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "keeps the contract" in ended.stdout


@pytest.mark.parametrize(
    ("plant", "code", "words"),
    [
        (bodies.callback_made_up, "AFC302", ("expected  no CallbackURL", "body/none", "/CallbackURL")),
        (callers.any_token_admitted, "AFC113", ("auth/unknown", "expected  401", "received  200")),
        (answers.created, "AFC101", ("body/documented", "received  201", "basis: documented")),
        (requests_taken.null_accepted, "AFC112", ("invalid/body-null", "--data-raw null", "Bearer $ANYFAST_API_KEY")),
    ],
    ids=["body", "caller", "answer", "request"],
)
def test_a_wrong_server_ends_the_command_with_status_1(
    plant: Plant, code: str, words: tuple[str, ...], host: Host
) -> None:
    with host.planting(plant) as url:
        ended = suite(url)

    assert ended.returncode == 1, ended.stdout + ended.stderr
    for word in (code, *words):
        assert word in ended.stdout
    assert KEY not in ended.stdout + ended.stderr
