"""The journey of a session: link, person, result, end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.checker import Checker
    from contract_tests.walk import Step


@pytest.mark.contract_cases("journey")
def test_journey(step: Step, contract_checker: Checker) -> None:
    """Each step of the journey comes to what is known of it."""
    contract_checker.step(step)
