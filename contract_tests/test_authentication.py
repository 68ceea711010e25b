"""Who may call: each way of not meeting the security of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from contract_tests.checker import Checker


@pytest.mark.contract_cases("auth")
def test_credential(case: Case, contract_checker: Checker) -> None:
    """A credential counts as the document says, and nothing else does."""
    contract_checker.case(case)
