"""One run of the suite: contract, target, cases, exchanges, and the verdict on each item. It knows no pytest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from contract_tests.cases import cases_of
from contract_tests.failures import ContractFailure, Finding, severity
from contract_tests.invariants import INVARIANTS, Observation, View
from contract_tests.judge import Judge
from contract_tests.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract_tests.cases import Case
    from contract_tests.exchanges import Exchanges
    from contract_tests.invariants import Invariant
    from contract_tests.targets import Ask, Exchange, Sender, Target
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["Check", "Inconclusive", "NotRun", "Run", "Verdict", "checks_of", "unanswered"]

_STATUS = {"unauthorized": 401, "no_method": 405, "no_path": 404}
_EXPECTED = {
    "accepted": ("AFC111", "a documented 2xx"),
    "invalid": ("AFC112", "400, or the documented 4xx"),
    "unauthorized": ("AFC113", "401"),
    "no_method": ("AFC114", "405"),
    "no_path": ("AFC115", "404"),
}


SHOWN = 5
"""So many findings of one invariant are told; the first has its request in the curl line."""


class Inconclusive(Exception):
    """The exchange says nothing about the contract; `str()` says why."""


class NotRun(Exception):
    """The item was not run; `str()` says why and what would let it run."""


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant, of one operation."""

    invariant: Invariant
    operation: Operation

    @property
    def id(self) -> str:
        """The stable id, such as `createVisualValidateSession/AFC304/tokens_are_new_with_every_call`."""
        return f"{self.operation.id}/{self.invariant.code}/{self.invariant.name}"


@dataclass(slots=True)
class Verdict:
    """What an item came to, when it did not fail."""

    warned: list[Finding] = field(default_factory=list)
    reported: list[Finding] = field(default_factory=list)


def checks_of(contract: Contract) -> list[Check]:
    """Give the invariants that apply, of each operation that has cases."""
    return [
        Check(one, operation)
        for operation in contract.documented_operations
        for one in INVARIANTS
        if one.operation in ("", operation.id)
    ]


class Run:
    """Checks items. Every request is sent once, whichever items ask for it."""

    def __init__(self, contract: Contract, target: Target, sender: Sender, exchanges: Exchanges) -> None:
        self.contract = contract
        self.target = target
        self.exchanges = exchanges
        self.cases = cases_of(contract)
        self._sender = sender
        sent = {text for case in self.cases if isinstance(case.sent, dict) for text in case.sent.values()
                if isinstance(text, str)}  # fmt: skip
        self.redactor = Redactor(target.key, frozenset(sent), target.other_secrets)
        self._judges = {document.uri: Judge(document, self.redactor) for document in contract.documents}
        self._answered = False

    @property
    def checks(self) -> list[Check]:
        """The invariants that apply, of each operation."""
        return checks_of(self.contract)

    def check_case(self, case: Case) -> Verdict:
        """Check one case. Raises `ContractFailure`, `Inconclusive` or `NotRun`."""
        if case.not_run:
            raise NotRun(case.not_run)
        exchange = self.exchange(case)
        self.stop_if_inconclusive(exchange)
        findings = list(self._expectation(case, exchange))
        if case.group not in ("method", "path"):
            findings += self.judged(case.operation, exchange)
        return self.settle(findings, case.operation.name, case.id, exchange)

    def judged(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Judge an answer by the document of its operation, or by the one that refers to its path item there."""
        own = operation.node.document.uri
        paths = ((one.uri, one.tree.get("paths")) for one in self.contract.documents)
        named = [uri for uri, known in paths if isinstance(known, dict) and operation.path in known]
        return self._judges[own if own in named else named[0]].judge(operation, exchange)

    def check_invariant(self, check: Check) -> Verdict:
        """Check one invariant over all answers of its kind. Raises `ContractFailure`, `Inconclusive` or `NotRun`."""
        cases = [case for case in self.cases if case.operation is check.operation and not case.not_run]
        if check.invariant.over != "all":
            accepted = check.invariant.over == "accepted"
            cases = [case for case in cases if (case.expect == "accepted") == accepted]
        if not cases:
            raise NotRun("no case of its kind could be derived from the document")
        exchanges = [(case, self.exchange(case)) for case in cases]
        answered = [Observation.of(case, one) for case, one in exchanges if not one.inconclusive]
        if not answered:
            raise Inconclusive(exchanges[0][1].inconclusive)
        found = list(islice(check.invariant.findings(View(answered, self.target, self.redactor)), SHOWN))
        seen = found[0][1] if found else answered[0]
        return self.settle([finding for finding, _ in found], check.operation.name, check.id, seen.exchange)

    def exchange(self, case: Case) -> Exchange:
        """Give the exchange of a case, sending its request if nobody has."""
        # What was expected to create something, or did so against expectation, is counted as paid.
        return self.once(case.id, lambda: case.ask, paid=case.cost == "paid", creates=case.group != "path")

    def once(self, name: str, ask: Callable[[], Ask], *, paid: bool = False, creates: bool = False) -> Exchange:
        """Give the exchange of a name, sending its request if nobody has.

        paid: success is expected to create something. creates: whatever is answered with success has.
        """

        def perform() -> Exchange:
            made = self._sender.send(ask())
            expected = paid and made.error not in ("unreachable", "untrusted", "not sent")
            return replace(made, paid=expected or (creates and 200 <= made.status < 300))

        return self.exchanges.once(name, perform)

    def stop_if_inconclusive(self, exchange: Exchange) -> None:
        """Raise `Inconclusive` when an exchange says nothing about the contract."""
        never_there = exchange.error in ("unreachable", "untrusted", "lost", "not sent")
        if exchange.inconclusive and (exchange.status or never_there or not self._answered_at_all()):
            raise Inconclusive(exchange.inconclusive)

    def _answered_at_all(self) -> bool:
        self._answered = self._answered or any(one.status for one in self.exchanges.all().values())
        return self._answered

    def _expectation(self, case: Case, exchange: Exchange) -> Iterator[Finding]:
        code, expected = _EXPECTED[case.expect]
        status = exchange.status
        if status == 0:
            yield unanswered(exchange)
        elif case.expect == "accepted":
            documented = case.operation.response(status) is not None
            if not (200 <= status < 300 and documented):
                yield Finding(code, case.basis, case.sentence, expected, str(status))
        elif case.expect == "invalid":
            if status not in _refusals(case.operation):
                yield Finding(code, case.basis, case.sentence, expected, str(status))
        elif status != _STATUS[case.expect]:
            yield Finding(code, case.basis, case.sentence, expected, str(status))

    def settle(
        self, findings: Iterable[Finding], operation: str, item: str, shown: Exchange, *, promised: bool = False
    ) -> Verdict:
        """Give the verdict on an item; raises `ContractFailure`, which shows the request of an exchange, if it failed.

        promised: the target says of itself that it does all that was asked of it here.
        """
        by_severity: dict[str, list[Finding]] = {"fail": [], "warn": [], "report": []}
        for finding in findings:
            worth = severity(finding.basis, loopback=self.target.loopback, promised=promised)
            by_severity[worth].append(finding)
        if by_severity["fail"]:
            curl = shown.ask.curl(self.target.url, self.redactor.text)
            raise ContractFailure(operation, item, tuple(by_severity["fail"]), curl)
        return Verdict(by_severity["warn"], by_severity["report"])


def unanswered(exchange: Exchange) -> Finding:
    """Say that a request got no answer."""
    return Finding("AFC116", "documented", "Every request is answered.", "an answer", exchange.trouble)


def _refusals(operation: Operation) -> set[int]:
    """Name the statuses that may refuse an invalid request: 400, else what is documented of 4xx but 401 to 404."""
    documented = {int(one.status) for one in operation.responses if one.status.isdigit()}
    if 400 in documented or not documented:
        return {400}
    return {status for status in documented if 400 < status < 500 and status not in (401, 403, 404)} or {400, 422}
