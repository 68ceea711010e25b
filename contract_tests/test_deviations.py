"""What is known to deviate: each entry of the user's file still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.checker import Checker
    from contract_tests.deviations import Deviation


@pytest.mark.contract_cases("deviation")
def test_known_deviation(entry: Deviation, contract_checker: Checker) -> None:
    """An entry has not expired, and is about an item that there is."""
    contract_checker.deviation(entry)
