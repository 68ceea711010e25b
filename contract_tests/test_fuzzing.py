"""What nobody thought of: requests that are generated from the schemas, with --contract-fuzz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.checker import Checker
    from contract_tests.fuzzing.fuzz import Fuzz


@pytest.mark.contract_cases("fuzz-valid", "fuzz-invalid")
def test_generated_requests(fuzz: Fuzz, contract_checker: Checker) -> None:
    """What is generated is accepted or refused as the document says."""
    contract_checker.fuzz(fuzz)
