"""Where it may be sent: other methods and unknown paths."""

import pytest


@pytest.mark.contract_cases("method", "path")
def test_nothing_else_answers(case, contract_run, settle):
    settle(contract_run.check_case, case)
