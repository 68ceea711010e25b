"""Who may call: each way of not meeting the security of an operation."""

import pytest


@pytest.mark.contract_cases("auth")
def test_credential(case, contract_run, settle):
    settle(contract_run.check_case, case)
