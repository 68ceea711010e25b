"""What the suite finds: findings with a code and a basis, what a basis may do, and the failure that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ContractFailure", "Finding", "Severity", "severity"]

Severity = Literal["fail", "warn", "report"]

_FAIL_EVERYWHERE = frozenset({"documented"})
_FAIL_ON_LOOPBACK = frozenset({"example", "prose", "rfc", "asked"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which an answer is not what the contract lets us expect.

    code: stable. basis: why we may expect it (docs/FIDELITY.md). expected, received: for a person, without any secret.
    pointer: into the body that was received, or the name of a header.
    """

    code: str
    basis: str
    sentence: str
    expected: str
    received: str
    pointer: str = ""

    def lines(self) -> list[str]:
        """Write the finding for a terminal."""
        where = f"\n    at        {self.pointer}" if self.pointer else ""
        return [
            f"{self.code} {self.sentence} (basis: {self.basis})",
            f"    expected  {self.expected}",
            f"    received  {self.received}{where}",
        ]


def severity(basis: str, *, loopback: bool, promised: bool = False) -> Severity:
    """Tell what a finding of a basis does: what is documented fails, the rest depends on where the target is.

    On the mock or a loopback host an example, a sentence or an RFC fails too; on a remote host it warns. What other
    pages say, what was observed and what is assumed is only reported. promised: the target says of itself that it
    does so, as a mock of this project does of the journey; then all of it fails.
    """
    if promised or basis in _FAIL_EVERYWHERE or (loopback and basis in _FAIL_ON_LOOPBACK):
        return "fail"
    return "warn" if basis in _FAIL_ON_LOOPBACK else "report"


class ContractFailure(AssertionError):
    """The target broke the contract in one case. `str()` is what a person reads: no secret is in it."""

    def __init__(self, operation: str, case: str, findings: tuple[Finding, ...], curl: str) -> None:
        super().__init__(operation, case, findings, curl)
        self.operation = operation
        self.case = case
        self.findings = findings
        self.curl = curl

    def __str__(self) -> str:
        lines = [f"{self.operation}, case {self.case}"]
        for finding in self.findings:
            lines += finding.lines()
        return "\n".join([*lines, "try it:", f"    {self.curl}"])
