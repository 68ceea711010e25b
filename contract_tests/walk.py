"""The steps of a journey as values, and the walk along them: each is checked once, after all that it needs.

It knows no step by name: `journey.py` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract_tests.failures import ContractFailure, Finding
from contract_tests.run import Inconclusive, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.run import Verdict
    from contract_tests.traveller import Traveller

__all__ = ["Missed", "Step", "Walk"]


@dataclass(frozen=True, slots=True)
class Missed:
    """What a step expected and did not get. pointer: into the body that was received."""

    expected: str
    received: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it expects, in a sentence, and on which basis. cost: `paid` where it creates a session.

    needs: steps that must have passed. after: steps whose requests are sent before.
    """

    name: str
    code: str
    basis: str
    sentence: str
    cost: Literal["free", "paid"]
    needs: tuple[Step, ...]
    after: tuple[Step, ...]
    function: Callable[[Traveller], Iterator[Missed | Finding]]

    @property
    def id(self) -> str:
        """The stable id, such as `journey/pending`."""
        return f"journey/{self.name}"

    def finding(self, missed: Missed) -> Finding:
        """Make the finding of what was missed."""
        return Finding(self.code, self.basis, self.sentence, missed.expected, missed.received, missed.pointer)


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
