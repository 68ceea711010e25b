"""Where it may be sent: other methods and unknown paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from contract_tests.checker import Checker


@pytest.mark.contract_cases("method", "path")
def test_nothing_else_answers(case: Case, contract_checker: Checker) -> None:
    """A method or a path that the document does not have is refused."""
    contract_checker.case(case)
