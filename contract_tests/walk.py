"""The steps of a journey as values, and the walk along them: each is checked once, after all that it needs.

It knows no step by name: `journey.py` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract_tests.codes import define_by_docstring
from contract_tests.failures import ContractFailure, Finding
from contract_tests.run import Inconclusive, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.run import Verdict
    from contract_tests.traveller import Traveller

    Function = Callable[[Traveller], Iterator["Missed | Finding"]]

__all__ = ["STEPS", "Missed", "Step", "Walk", "step"]


@dataclass(frozen=True, slots=True)
class Missed:
    """What a step expected and did not get. pointer: into the body that was received."""

    expected: str
    received: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it expects, in a sentence, and on which basis. cost: `paid` where it creates a session.

    needs: steps that must have passed. after: steps whose requests are sent before. sends: the requests that it is the
    first to need, by name. by: who has to help, a `person` (or a mock, which plays one), a `mock`, or a person
    whose browser comes to our `callback`; '' for nobody.
    """

    name: str
    code: str
    basis: str
    sentence: str
    cost: Literal["free", "paid"]
    needs: tuple[Step, ...]
    after: tuple[Step, ...]
    function: Callable[[Traveller], Iterator[Missed | Finding]]
    sends: tuple[str, ...] = ()
    by: Literal["", "person", "mock", "callback"] = ""

    @property
    def id(self) -> str:
        """The stable id, such as `journey/pending`."""
        return f"journey/{self.name}"

    def finding(self, missed: Missed) -> Finding:
        """Make the finding of what was missed."""
        return Finding(self.code, self.basis, self.sentence, missed.expected, missed.received, missed.pointer)


STEPS: list[Step] = []
"""The steps, in the order in which they are walked."""

COSTS = {
    "free": "Nothing beyond the session of the journey, which it needs.",
    "paid": "It creates a session.",
}


def step(
    code: str,
    *,
    basis: str,
    cost: Literal["free", "paid"] = "free",
    needs: tuple[Step, ...] = (),
    after: tuple[Step, ...] = (),
    sends: tuple[str, ...] = (),
    by: Literal["", "person", "mock", "callback"] = "",
) -> Callable[[Function], Step]:
    """Register a step. Its docstring begins with its sentence, and goes on with why it is checked.

    Raises `ValueError` naming both when a code is used twice.
    """

    def register(function: Function) -> Step:
        sentence = define_by_docstring(code, function, basis=basis, cost=COSTS[cost]).sentence
        name = function.__name__.replace("_", "-")
        STEPS.append(Step(name, code, basis, sentence, cost, needs, after, function, sends, by))
        return STEPS[-1]

    return register


class Walk:
    """The walk of one run. In a distributed run each worker walks, and all of them share every request."""

    def __init__(self, traveller: Traveller) -> None:
        self._traveller = traveller
        self._known: dict[str, Verdict | Exception] = {}  # by the id of the step

    def check(self, step: Step) -> Verdict:
        """Check one step, having walked to it. Raises `ContractFailure`, `Inconclusive` or `NotRun`.

        A step whose predecessor did not pass is not run: one cause, one failure.
        """
        if step.id not in self._known:
            try:
                self._known[step.id] = self._check(step)
            except (ContractFailure, Inconclusive, NotRun) as error:
                self._known[step.id] = error
        known = self._known[step.id]
        if isinstance(known, Exception):
            raise known
        return known

    def _check(self, step: Step) -> Verdict:
        for one in step.needs:
            if why := self._trouble(one):
                raise NotRun(why)
        for one in step.after:
            self._trouble(one)
        found = [one if isinstance(one, Finding) else step.finding(one) for one in step.function(self._traveller)]
        return self._traveller.settle(found, step.id)

    def _trouble(self, step: Step) -> str:
        """Say why nothing can follow on a step; empty when it passed."""
        try:
            self.check(step)
        except ContractFailure:
            return f"{step.id} failed"
        except Inconclusive:
            return f"{step.id} was inconclusive"
        except NotRun as error:
            return str(error)
        return ""
