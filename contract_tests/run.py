"""One run of the suite: contract, target, cases, exchanges, and the verdict on each item. It knows no pytest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from contract_tests.cases import cases_of
from contract_tests.expectations import expectation
from contract_tests.failures import ContractFailure, Verdict, severity
from contract_tests.invariants import INVARIANTS, Observation, View
from contract_tests.judge import Judge
from contract_tests.redaction import Redactor
from contract_tests.spending import Sends, Spending
from contract_tests.targets import LONGEST
from contract_tests.terms import Terms
from contract_tests.verdicts import AMBIGUOUS, LEFT_OUT, NOTHING_TO_SEND, Inconclusive, NotRun, inconclusive

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from contract_tests.cases import Case
    from contract_tests.exchanges import Exchanges
    from contract_tests.failures import Finding
    from contract_tests.invariants import Invariant
    from contract_tests.shape_files import Recorded
    from contract_tests.targets import Ask, Exchange, Target
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["Check", "Inconclusive", "NotRun", "Run", "Sends", "Trace", "Verdict", "checks_of", "looked_at"]

PUBLIC = 2000
"""Bytes of a body of ours that no answer can make a secret of."""

WHOLE = 8192
"""Characters of a generated body that a curl line shows: there is no other place where it could be looked up."""

SHOWN = 5
"""So many findings of one invariant are told; the first has its request in the curl line."""


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
class Trace:
    """What was done for an item. made: exchanges performed by this process. seen, judged: names of exchanges.

    generated: so many requests were generated for it, from this seed; of those, `made` has the one that failed.
    """

    made: list[Exchange] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    generated: int = 0
    seed: int | None = None


def checks_of(contract: Contract) -> list[Check]:
    """Give the invariants that apply, of each operation that has cases."""
    return [
        Check(one, operation)
        for operation in contract.documented_operations
        for one in INVARIANTS
        if one.operation in ("", operation.id)
    ]


def looked_at(check: Check, cases: Iterable[Case]) -> list[Case]:
    """Give the cases whose answers an invariant looks at, those that cost nothing first."""
    found = [case for case in cases if case.operation is check.operation and not case.not_run]
    if check.invariant.over != "all":
        accepted = check.invariant.over == "accepted"
        found = [case for case in found if (case.expect == "accepted") == accepted]
    return sorted(found, key=lambda case: case.cost)


def _public(cases: Iterable[Case], target: Target) -> Iterator[str]:
    """Give what we say ourselves: no target makes a secret of it by naming it one."""
    yield target.url
    for case in cases:
        yield from (case.id, case.operation.name, case.ask.path, *(value for _, value in case.ask.headers))
        yield (case.ask.body or b"")[:PUBLIC].decode("utf-8", "replace")


class Run:
    """Checks items. Every request is sent once, whichever items ask for it."""

    def __init__(
        self,
        contract: Contract,
        target: Target,
        sender: Sends,
        exchanges: Exchanges,
        spending: Spending | None = None,
        terms: Terms | None = None,
        recorded: Recorded | None = None,
    ) -> None:
        self.contract = contract
        self.target = target
        self.exchanges = exchanges
        self.cases = cases_of(contract)
        self.spending = spending or Spending(sender)
        self._terms = terms or Terms()
        self.recorded = recorded
        sent = {text for case in self.cases if isinstance(case.sent, dict) for text in case.sent.values()
                if isinstance(text, str)}  # fmt: skip
        self.redactor = Redactor(target.key, frozenset(sent), target.other_secrets, _public(self.cases, target))
        self._judges = {document.uri: Judge(document, self.redactor) for document in contract.documents}
        self._answered = False
        self._trace = Trace()

    @property
    def checks(self) -> list[Check]:
        """The invariants that apply, of each operation."""
        return checks_of(self.contract)

    @property
    def warning(self) -> str:
        """Say which confirmation does not count here, and why; '' when there is none."""
        return f"confirmed {self._terms.warning}" if self._terms.warning else ""

    def check_case(self, case: Case) -> Verdict:
        """Check one case. Raises `ContractFailure`, `Inconclusive` or `NotRun`."""
        if case.not_run:
            raise NotRun(case.not_run, NOTHING_TO_SEND)
        exchange = self.exchange(case)
        self.stop_if_inconclusive(exchange)
        findings = list(expectation(case, exchange))
        if case.group not in ("method", "path"):
            findings += self.judged(case.operation, exchange)
        return self.settle(findings, case.operation.name, case.id, exchange)

    def judged(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Judge an answer by the document of its operation, or by the one that refers to its path item there."""
        self._trace.judged.append(exchange.name)
        own = operation.node.document.uri
        paths = ((one.uri, one.tree.get("paths")) for one in self.contract.documents)
        named = [uri for uri, known in paths if isinstance(known, dict) and operation.path in known]
        return self._judges[own if own in named else named[0]].judge(operation, exchange)

    def check_invariant(self, check: Check, among: Container[str] | None = None) -> Verdict:
        """Check one invariant over all answers of its kind. Raises `ContractFailure`, `Inconclusive` or `NotRun`.

        among: ids of cases; one that looks at each answer alone needs to see no other answers.
        """
        cases = looked_at(check, self.cases)
        if among is not None and not check.invariant.between:
            cases = [case for case in cases if case.id in among]
        if not cases:
            raise NotRun("no case of its kind could be derived from the document", NOTHING_TO_SEND)
        exchanges = [(case, self.exchange(case)) for case in cases]
        answered = [self.observed(case, one) for case, one in exchanges if not one.inconclusive]
        if not answered:
            first = next((one for _, one in exchanges if not one.left_out), exchanges[0][1])
            raise NotRun(first.left_out, LEFT_OUT) if first.left_out else inconclusive(first)
        found = list(islice(check.invariant.findings(View(answered, self.target, self.redactor)), SHOWN))
        seen = found[0][1] if found else answered[0]
        return self.settle([finding for finding, _ in found], check.operation.name, check.id, seen.exchange)

    def observed(self, case: Case, exchange: Exchange) -> Observation:
        """Give what invariants see of an exchange."""
        return Observation.of(case, exchange)

    def exchange(self, case: Case) -> Exchange:
        """Give the exchange of a case, sending its request if nobody has."""
        # What was expected to create something, or did so against expectation, is counted as paid.
        return self.once(case.id, lambda: case.ask, paid=case.cost == "paid", creates=case.group != "path")

    def once(self, name: str, ask: Callable[[], Ask], *, paid: bool = False, creates: bool = False) -> Exchange:
        """Give the exchange of a name, sending its request if nobody has.

        paid: success is expected to create something. creates: whatever is answered with success has.
        """

        def perform() -> Exchange:
            made = self.spending.send(name, ask, paid=paid, creates=creates)
            cost = (paid and made.was_sent) or (creates and 200 <= made.status < 300)
            made = replace(made, name=name, paid=cost)
            self._trace.made.append(made)
            return made

        self._trace.seen.append(name)
        return self.exchanges.once(name, perform)

    def learn(self) -> None:
        """Let the redactor know what the answers so far told, also those to other workers. Call it before showing."""
        for exchange in self.exchanges.fresh():
            self.redactor.learn_from(exchange.headers, exchange.body)
        self.redactor.learn(self.exchanges.told())

    def learn_from(self, exchange: Exchange) -> None:
        """Let every worker know what the answer of an exchange tells that is not among those of the run."""
        self.exchanges.tell(self.redactor.learn_from(exchange.headers, exchange.body))

    def take_trace(self) -> Trace:
        """Give what was done since the last call."""
        taken, self._trace = self._trace, Trace()
        return taken

    def keep(self, exchange: Exchange) -> None:
        """Let reports tell of an exchange that was not made by `once`."""
        self._trace.made.append(exchange)
        self._trace.seen.append(exchange.name)

    def count_generated(self, requests: int, seed: int) -> None:
        """Note how many requests were generated for the item, and from which seed."""
        self._trace.generated, self._trace.seed = requests, seed

    def stop_if_inconclusive(self, exchange: Exchange) -> None:
        """Raise `Inconclusive` when an exchange says nothing about the contract, `NotRun` when none was allowed.

        So does the end of a paid request that nobody knows, where that costs something: it is not sent again.
        """
        if exchange.left_out:
            raise NotRun(exchange.left_out, LEFT_OUT)
        if exchange.paid and not exchange.status and self.spending.ledger.budget.is_limited:
            why = f"{exchange.trouble}; the request may have cost something and is not sent again"
            raise Inconclusive(why, AMBIGUOUS)
        never_there = exchange.error in ("unreachable", "untrusted", "lost", "not sent")
        if exchange.inconclusive and (exchange.status or never_there or not self.has_answered):
            raise inconclusive(exchange)

    @property
    def has_answered(self) -> bool:
        """Whether the target has answered any request so far."""
        self._answered = self._answered or any(one.status for one in self.exchanges.all().values())
        return self._answered

    def settle(
        self,
        findings: Iterable[Finding],
        operation: str,
        item: str,
        shown: Exchange,
        *,
        promised: bool = False,
        again: str = "",
    ) -> Verdict:
        """Give the verdict on an item; raises `ContractFailure`, which shows the request of an exchange, if it failed.

        promised: the target says of itself that it does all that was asked of it here. again: arguments of the suite
        that generate the request again; it is shown whole then.
        """
        by_severity: dict[str, list[Finding]] = {"fail": [], "warn": [], "report": []}
        for finding in findings:
            strict = self.target.loopback or self._terms.hold(item, finding.code)
            worth = severity(finding.basis, loopback=strict, promised=promised)
            by_severity[worth].append(replace(finding, exchange=finding.exchange or shown.name))
        verdict = Verdict(by_severity["warn"], by_severity["report"])
        if by_severity["fail"]:
            curl = shown.ask.curl(self.target.url, self.redactor.text, WHOLE if again else LONGEST)
            raise ContractFailure(operation, item, tuple(by_severity["fail"]), curl, verdict, again)
        return verdict
