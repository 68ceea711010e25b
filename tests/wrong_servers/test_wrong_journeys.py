"""The journey against a right mock and against wrong ones: each fault fails exactly the step listed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.receiver import Receiver
from contract_tests.run import NotRun, Run
from contract_tests.sending import Sender
from contract_tests.steps import STEPS
from contract_tests.targets import Target
from contract_tests.traveller import Traveller
from contract_tests.walk import Walk
from openapi.contract import PROFILES, packaged_contract
from tests.wrong_servers.faults import GENEROUS
from tests.wrong_servers.journey import FAULTS, Fault
from tests.wrong_servers.mock import OTHER_KEY, serve_mock
from tests.wrong_servers.server import KEY, Host, right

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.contract import Contract


@pytest.fixture(scope="module")
def contract() -> Contract:
    return packaged_contract()


@pytest.fixture(scope="module")
def mock() -> Iterator[Host]:
    with Host(serve_mock).running() as running:
        yield running


def walked(contract: Contract, url: str) -> dict[str, ContractFailure | str]:
    """Walk the whole journey; give what failed, and what was not run with the reason."""
    sender = Sender(Target(url, KEY, GENEROUS, OTHER_KEY))
    receiver = Receiver()
    receiver.callback.patience = 0.2
    traveller = Traveller(Run(contract, sender.target, sender, MemoryExchanges()), callback=receiver.callback)
    receiver.on_arrival = traveller.at_arrival
    walk = Walk(traveller)
    found: dict[str, ContractFailure | str] = {}
    for step in STEPS:
        try:
            verdict = walk.check(step)
        except ContractFailure as failure:
            found[step.name] = failure
        except NotRun as error:
            found[step.name] = str(error)
        else:
            assert verdict.warned + verdict.reported == []
    receiver.stop()
    sender.close()
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_the_right_mock_passes_every_step(profile: str, mock: Host) -> None:
    with mock.planting(right) as url:
        assert walked(packaged_contract(profile), url) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_wrong_mock_fails_exactly_its_step(fault: Fault, contract: Contract, mock: Host) -> None:
    with mock.planting(fault.plant) as url:
        found = walked(contract, url)
    failures = {name: one for name, one in found.items() if isinstance(one, ContractFailure)}
    assert list(failures) == [fault.fails], fault.sentence
    assert fault.code in [finding.code for finding in failures[fault.fails].findings]
    assert {one for one in found.values() if isinstance(one, str)} <= {f"journey/{fault.fails} failed"}


def test_every_step_is_killed_by_a_wrong_mock() -> None:
    assert {fault.fails for fault in FAULTS} == {step.name for step in STEPS}
    # a step's own code, not only what the judge or the controls say of its answer
    assert {step.code for step in STEPS} <= {fault.code for fault in FAULTS}


def test_no_fault_is_planted_twice_or_for_nothing() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.sentence.endswith(".") for fault in FAULTS)
