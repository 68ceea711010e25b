"""What holds of every answer and between answers."""

import pytest


@pytest.mark.contract_cases("invariant")
def test_invariant(check, contract_run, settle):
    settle(contract_run.check_invariant, check)
