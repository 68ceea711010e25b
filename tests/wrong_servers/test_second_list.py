"""The suite against the second list of wrong servers: something fails for each, but for those that say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from openapi.contract import packaged_contract
from tests.wrong_servers.second_list import PLANTS, UNNOTICED
from tests.wrong_servers.server import Host
from tests.wrong_servers.test_wrong_servers import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.contract import Contract

LIMIT = 1.0
"""Seconds that an answer may take where slowness is the fault; elsewhere it is generous."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return packaged_contract()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host().running() as running:
        yield running


@pytest.mark.parametrize("name", PLANTS)
def test_a_fault_is_noticed_unless_the_list_says_why_not(name: str, contract: Contract, host: Host) -> None:
    with host.planting(PLANTS[name]) as url:
        failed, _, _ = outcome(contract, url, *((LIMIT,) if "late" in name else ()))
    assert bool(failed) is (name not in UNNOTICED), UNNOTICED.get(name, name)


def test_hardly_anything_is_left_unnoticed() -> None:
    assert len(PLANTS) >= 150
    assert len(UNNOTICED) * 20 <= len(PLANTS)
