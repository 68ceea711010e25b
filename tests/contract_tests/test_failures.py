"""What a finding of a basis does, and how a failure reads."""

from __future__ import annotations

import pickle

import pytest

from contract_tests.failures import ContractFailure, Finding, severity


@pytest.mark.parametrize(
    ("basis", "here", "there"),
    [
        ("documented", "fail", "fail"),
        ("example", "fail", "warn"),
        ("prose", "fail", "warn"),
        ("rfc", "fail", "warn"),
        ("asked", "fail", "warn"),
        ("elsewhere", "report", "report"),
        ("observed", "report", "report"),
        ("assumed", "report", "report"),
        ("a basis of tomorrow", "report", "report"),
    ],
)
def test_basis_decides_what_a_finding_does(basis: str, here: str, there: str) -> None:
    assert severity(basis, loopback=True) == here
    assert severity(basis, loopback=False) == there


@pytest.mark.parametrize("basis", ["documented", "observed", "assumed"])
def test_what_the_target_says_of_itself_fails_on_whatever_basis(basis: str) -> None:
    assert severity(basis, loopback=True, promised=True) == "fail"
    assert severity(basis, loopback=False, promised=True) == "fail"


FINDINGS = (
    Finding("AFC107", "example", "The body conforms to its schema.", 'type "string"', "7", "/CallbackURL"),
    Finding("AFC103", "documented", "A body has a Content-Type.", "application/json", "none"),
)


def test_failure_reads_from_operation_to_curl() -> None:
    failure = ContractFailure("POST /a", "create/body/none", FINDINGS, "curl -i http://127.0.0.1:1/a")
    assert str(failure).splitlines() == [
        "POST /a, case create/body/none",
        "AFC107 The body conforms to its schema. (basis: example)",
        '    expected  type "string"',
        "    received  7",
        "    at        /CallbackURL",
        "AFC103 A body has a Content-Type. (basis: documented)",
        "    expected  application/json",
        "    received  none",
        "try it:",
        "    curl -i http://127.0.0.1:1/a",
    ]


def test_failure_survives_the_way_to_another_process() -> None:
    failure = ContractFailure("POST /a", "case", FINDINGS, "curl")
    again = pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own
    assert (str(again), again.findings, again.operation, again.case, again.curl) == (
        str(failure), FINDINGS, "POST /a", "case", "curl",
    )  # fmt: skip


def test_failure_is_an_assertion() -> None:
    with pytest.raises(AssertionError, match="POST /a, case x"):
        raise ContractFailure("POST /a", "x", (), "curl")
