"""The suite against the model provider, in memory: the same run, judge and invariants as against a host.

What an answer does not touch is not judged again: a run over one wrong answer takes milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from contract_tests.cases import cases_of
from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure, Finding
from contract_tests.run import Inconclusive, NotRun, Run
from contract_tests.steps import steps_of
from contract_tests.strength.provider import Provider
from contract_tests.targets import Target
from contract_tests.traveller import Traveller
from contract_tests.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from contract_tests.cases import Case
    from contract_tests.invariants import Observation
    from contract_tests.run import Verdict
    from contract_tests.strength.answers import Answer
    from contract_tests.targets import Ask, Exchange
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["KEY", "LIMIT", "Moment", "Noticed", "Plant", "Rehearsal", "Seen"]

KEY = "sk-model-5Vq8Xw2Zr7Kp4Tn9"
"""The key that the model takes. It opens nothing."""

OTHER_KEY = "sk-model-9Hd3Lm6Ws1Bf7Gy2"
"""That of another caller."""

LIMIT = 2.0
"""Seconds that an answer may take: the suite's default."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A right answer and what it was for. case: None for a request that belongs to none."""

    operation: Operation
    case: Case | None
    ask: Ask
    answer: Answer


@dataclass(slots=True)
class Moment:
    """When an answer is given: the right ones of its kind before it, and the key of the caller whom it is for."""

    seen: Seen
    before: list[Answer] = field(default_factory=list)
    key: str = field(default=KEY, repr=False)

    @property
    def number(self) -> int:
        """The number of the answer among those of its operation and status, from 0."""
        return len(self.before)


class Plant(Protocol):
    """What makes answers wrong."""

    def __call__(self, moment: Moment, /) -> Answer:
        """Give the answer that is sent instead of the right one."""


class _InMemory:
    """Sends to the model provider, and plants a fault in its answers."""

    def __init__(self, contract: Contract, cases: tuple[Case, ...]) -> None:
        self._contract = contract
        self._cases = cases
        self._of = {case.ask: case for case in cases}
        self._known: dict[tuple[Ask, int], Answer] = {}
        self.begin(None)

    def begin(self, plant: Plant | None) -> None:
        """Begin anew, with a plant."""
        self.plant = plant
        self.seen: list[Seen] = []
        self._provider = Provider(self._contract, self._cases, self._known)
        self._kinds: dict[tuple[str, int], list[Answer]] = defaultdict(list)

    def send(self, ask: Ask) -> Exchange:
        """Answer a request."""
        operation, right = self._provider.answer(ask)
        if operation is None:  # a control route of the mock: no part of the contract
            return right.exchange(ask, self._provider.now.timestamp())
        seen = Seen(operation, self._of.get(ask), ask, right)
        self.seen.append(seen)
        before = self._kinds[operation.id, right.status]
        answer = right if self.plant is None else self.plant(Moment(seen, before))
        before.append(right)
        self._provider.note(ask, answer)
        return answer.exchange(ask, self._provider.now.timestamp())


class _Run(Run):
    """A run that remembers what the judge said: it looks at status, headers and body alone."""

    def __init__(self, contract: Contract, sender: _InMemory) -> None:
        target = Target("http://127.0.0.1:9", KEY, LIMIT, OTHER_KEY)
        super().__init__(contract, target, sender, MemoryExchanges())
        self._said: dict[tuple[object, ...], list[Finding]] = {}
        self._observed: dict[tuple[str, Exchange], Observation] = {}

    def judged(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Judge an answer, once."""
        spot = (operation.id, exchange.status, exchange.headers, exchange.body)
        if spot not in self._said:
            self._said[spot] = list(super().judged(operation, exchange))
        yield from self._said[spot]

    def observed(self, case: Case, exchange: Exchange) -> Observation:
        """Give what invariants see of an exchange, read once."""
        spot = (case.id, exchange)
        if spot not in self._observed:
            self._observed[spot] = super().observed(case, exchange)
        return self._observed[spot]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the suite notices of an answer. fails: whether an item fails for it, here."""

    item: str
    finding: Finding
    fails: bool


class Rehearsal:
    """Runs the suite of a contract over and over, its journey included. right: what the model answered.

    alarms: the items that find fault with the right answers, and what they say. They are left out: a document may
    forbid every answer to a request by what it leaves unsaid, such as a 401.
    """

    def __init__(self, contract: Contract) -> None:
        # The order of the plugin: what costs nothing first.
        self._cases = tuple(sorted(cases_of(contract), key=lambda case: case.cost == "paid"))
        self._sender = _InMemory(contract, self._cases)
        self._run = _Run(contract, self._sender)
        self._cases = tuple(case for case in self._cases if not case.not_run)
        self.alarms: dict[str, str] = {}
        self._right: dict[str, Exchange] = {}
        self._right = self._exchanges(None)
        self._steps = steps_of(contract)
        alarms = [*self._of_cases(self._cases), *self._of_invariants(self._cases), *self._of_journey()]
        self.alarms = {one.item: f"{one.finding.code} {one.finding.sentence}" for one in alarms}
        self.right: tuple[Seen, ...] = tuple(
            one for one in self._sender.seen if one.case is None or one.case.id not in self.alarms
        )

    def noticed(self, plant: Plant, *, journey: bool) -> Iterator[Noticed]:
        """Run the suite over planted answers; give what it notices, as it does. journey: whether to walk it."""
        made = self._exchanges(plant)
        changed = [case for case in self._cases if made[case.id] != self._right[case.id]]
        yield from self._of_cases(changed)
        yield from self._of_invariants(changed)
        if journey:
            yield from self._of_journey()

    def _of_cases(self, cases: Iterable[Case]) -> Iterator[Noticed]:
        for case in cases:
            yield from self._settled(case.id, lambda case=case: self._run.check_case(case))  # type: ignore[misc]

    def _of_invariants(self, cases: Sequence[Case]) -> Iterator[Noticed]:
        names = {case.id for case in cases}
        scopes = {"all"} | {"accepted" if case.expect == "accepted" else "refused" for case in cases}
        for check in self._run.checks:
            concerned = any(case.operation is check.operation for case in cases)
            if concerned and check.invariant.over in scopes:
                yield from self._settled(check.id, lambda check=check: self._run.check_invariant(check, names))  # type: ignore[misc]

    def _of_journey(self) -> Iterator[Noticed]:
        walk = Walk(Traveller(self._run, own_mock=True))
        for step in self._steps:
            yield from self._settled(step.id, lambda step=step: walk.check(step))  # type: ignore[misc]

    def _exchanges(self, plant: Plant | None) -> dict[str, Exchange]:
        self._sender.begin(plant)
        self._run.exchanges = MemoryExchanges()
        for case in self._cases:
            self._run.exchange(case)
        self._run.take_trace()  # nobody reports of it
        return self._run.exchanges.all()

    def _settled(self, item: str, settle: Callable[[], Verdict]) -> Iterator[Noticed]:
        if item in self.alarms:
            return
        try:
            verdict = settle()
        except ContractFailure as failure:
            yield from (Noticed(item, finding, fails=True) for finding in failure.findings)
        except (Inconclusive, NotRun):
            pass
        else:
            yield from (Noticed(item, finding, fails=False) for finding in (*verdict.warned, *verdict.reported))
