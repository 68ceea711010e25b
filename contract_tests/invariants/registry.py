"""What an invariant is, what it sees, and the list of all: each is a function with a code and a basis.

It knows none of them: those stand in the other modules of this folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract_tests.codes import define_by_docstring
from contract_tests.failures import Finding
from contract_tests.judge import body_of
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract_tests.cases import Case
    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange, Target
    from openapi.operation import Response
    from openapi.reading import Json

__all__ = ["INVARIANTS", "Found", "Invariant", "Observation", "View", "invariant"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One case and what came back for it. `body`: the value of a JSON body, `Missing` when there is none."""

    case: Case
    exchange: Exchange
    body: Json | Missing

    @classmethod
    def of(cls, case: Case, exchange: Exchange) -> Observation:
        """Make the observation of an exchange."""
        try:
            return cls(case, exchange, body_of(exchange) if exchange.body else Missing())
        except (ValueError, RecursionError):
            return cls(case, exchange, Missing())

    @property
    def response(self) -> Response | None:
        """What documents the answer, by its status."""
        return self.case.operation.response(self.exchange.status)

    @property
    def succeeded(self) -> bool:
        """Whether the answer is a documented 2xx."""
        return 200 <= self.exchange.status < 300 and self.response is not None

    def member(self, name: str) -> Json | Missing:
        """Give a member of an object body."""
        return self.body.get(name, Missing()) if isinstance(self.body, dict) else Missing()


@dataclass(frozen=True, slots=True)
class View:
    """What an invariant sees: all observations of one operation, the target, and how values may be shown."""

    observations: Sequence[Observation]
    target: Target
    redactor: Redactor

    @property
    def successes(self) -> list[Observation]:
        """The answers with a documented 2xx."""
        return [one for one in self.observations if one.succeeded]


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong in one answer. pointer: into its body, or the name of a header."""

    seen: Observation
    expected: str
    received: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A registered check. operation: '' for every operation, else its operationId.

    between: it compares answers with each other; the others look at each answer alone. by_example: it takes an example
    for all that there is, as the vendor's pages mean it: documents of others have schemas for that.
    """

    code: str
    name: str
    sentence: str
    basis: str
    operation: str
    over: Literal["all", "accepted", "refused"]
    between: bool
    by_example: bool
    function: Callable[[View], Iterator[Found]]

    def findings(self, view: View) -> Iterator[tuple[Finding, Observation]]:
        """Check what was seen; give each finding with the answer that it is about."""
        for one in self.function(view):
            received = f"{one.received}, in the answer to {one.seen.case.id}"
            about = one.seen.exchange.name
            found = Finding(self.code, self.basis, self.sentence, one.expected, received, one.pointer, exchange=about)
            yield found, one.seen


INVARIANTS: list[Invariant] = []


def invariant(
    code: str,
    *,
    basis: str,
    operation: str = "",
    over: Literal["all", "accepted", "refused"] = "all",
    between: bool = False,
    by_example: bool = False,
) -> Callable[[Callable[[View], Iterator[Found]]], Callable[[View], Iterator[Found]]]:
    """Register a check. Its docstring begins with its sentence, and goes on with why it is checked.

    Raises `ValueError` naming both when a code is used twice.
    """

    def register(function: Callable[[View], Iterator[Found]]) -> Callable[[View], Iterator[Found]]:
        sentence = define_by_docstring(code, function, basis=basis).sentence
        INVARIANTS.append(
            Invariant(code, function.__name__, sentence, basis, operation, over, between, by_example, function)
        )
        return function

    return register
