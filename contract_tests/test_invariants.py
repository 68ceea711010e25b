"""What holds of every answer and between answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.checker import Checker
    from contract_tests.run import Check


@pytest.mark.contract_cases("invariant")
def test_invariant(check: Check, contract_checker: Checker) -> None:
    """What has to hold of all answers of an operation does."""
    contract_checker.invariant(check)
