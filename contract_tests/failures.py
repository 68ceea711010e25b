"""What the suite finds: findings with a code and a basis, what a basis may do, and the failure that a person reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contract_tests.codes import Code

__all__ = ["ContractFailure", "Finding", "Severity", "Verdict", "severity"]

Severity = Literal["fail", "warn", "report"]

_FAIL_EVERYWHERE = frozenset({"documented"})
_FAIL_ON_LOOPBACK = frozenset({"example", "prose", "rfc", "asked"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which an answer is not what the contract lets us expect.

    code: stable. basis: why we may expect it (docs/FIDELITY.md). expected, received: for a person, without any secret.
    pointer: into the body that was received, or the name of a header. group: the code of the case's group, where it is
    the case that expected something else. exchange: the name of the one that it is about.
    """

    code: str
    basis: str
    sentence: str
    expected: str
    received: str
    pointer: str = ""
    group: str = ""
    exchange: str = ""

    @classmethod
    def of(cls, code: Code, basis: str, expected: str, received: str, pointer: str = "") -> Finding:
        """Make the finding of a code, with its sentence."""
        return cls(code.code, basis, code.sentence, expected, received, pointer)

    def lines(self) -> list[str]:
        """Write the finding for a terminal."""
        where = f"\n    at        {self.pointer}" if self.pointer else ""
        return [
            f"{self.code} {self.sentence} (basis: {self.basis}{f'; case: {self.group}' if self.group else ''})",
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


@dataclass(slots=True)
class Verdict:
    """What an item came to beside failing: findings that warn, and such that are only reported."""

    warned: list[Finding] = field(default_factory=list)
    reported: list[Finding] = field(default_factory=list)


class ContractFailure(AssertionError):
    """The target broke the contract in one case. `str()` is what a person reads: no secret is in it.

    beside: what was found that does not fail. again: arguments of the suite that bring it about again, if it was found
    by chance.
    """

    def __init__(
        self,
        operation: str,
        case: str,
        findings: tuple[Finding, ...],
        curl: str,
        beside: Verdict | None = None,
        again: str = "",
    ) -> None:
        super().__init__(operation, case, findings, curl, beside, again)
        self.operation = operation
        self.case = case
        self.findings = findings
        self.curl = curl
        self.beside = beside or Verdict()
        self.again = again

    def __str__(self) -> str:
        lines = [f"{self.operation}, case {self.case}"]
        for finding in self.findings:
            lines += finding.lines()
        if self.curl:
            lines += ["try it:", f"    {self.curl}"]
        if self.again:
            lines += ["find it again:", f"    contract-tests {self.again}"]
        return "\n".join(lines)
