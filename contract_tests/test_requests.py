"""What may be sent: requests that the document allows, and such that it forbids."""

import pytest


@pytest.mark.contract_cases("body")
def test_documented_request_is_accepted(case, contract_run, settle):
    settle(contract_run.check_case, case)


@pytest.mark.contract_cases("invalid", "media-type")
def test_undocumented_request_is_refused(case, contract_run, settle):
    settle(contract_run.check_case, case)
