"""What may be sent: requests that the document allows, and such that it forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from contract_tests.checker import Checker


@pytest.mark.contract_cases("body")
def test_documented_request_is_accepted(case: Case, contract_checker: Checker) -> None:
    """What the document allows is answered as documented."""
    contract_checker.case(case)


@pytest.mark.contract_cases("invalid", "media-type")
def test_undocumented_request_is_refused(case: Case, contract_checker: Checker) -> None:
    """What the document forbids is refused."""
    contract_checker.case(case)


@pytest.mark.contract_cases("parameter")
def test_query_is_read_as_documented(case: Case, contract_checker: Checker) -> None:
    """What may stand in a query is taken, and what may not is refused."""
    contract_checker.case(case)
