"""Operators over how an answer arrives: late, not at all, or one that was meant for somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.rehearsing import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.strength.answers import Answer
    from contract_tests.strength.rehearsing import Moment


@operator("delay")
def delay(_: Kind) -> Iterator[Mutation]:
    """An answer comes later than allowed."""
    yield Mutation("beyond", "time", "asked", lambda right, _: replace(right, seconds=LIMIT + 0.5))


@operator("within")
def within(_: Kind) -> Iterator[Mutation]:
    """An answer takes as long as it may."""
    yield Mutation("limit", "time", "", lambda right, _: replace(right, seconds=LIMIT))


@operator("no-answer")
def no_answer(_: Kind) -> Iterator[Mutation]:
    """No answer comes: the connection ends, or nothing is heard."""
    for label in ("broken", "timeout"):

        def change(right: Answer, _: Moment, label: str = label) -> Answer:
            return replace(right, error=label)

        yield Mutation(label, "answer", "documented", change)


@operator("replay")
def replay(kind: Kind) -> Iterator[Mutation]:
    """The whole answer is that of the request before, as out of a cache."""

    def change(right: Answer, moment: Moment) -> Answer:
        return moment.before[-1] if moment.before else right

    yield Mutation("previous", "body", "prose" if kind.succeeds else "", change)
