"""From a contract to what its mutants come to: which are found, by a finding of which worth, and which are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import contract_tests.strength.operators  # noqa: F401 - registers them
from contract_tests.failures import severity
from contract_tests.strength.equivalents import Trial, excuse
from contract_tests.strength.forbidding import forbidden
from contract_tests.strength.mutating import OPERATORS, Kind, Mutant, Mutation, Operator, firmest, kinds_of
from contract_tests.strength.rehearsing import Rehearsal
from contract_tests.traveller import CREATE, RESULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi.contract import Contract

__all__ = ["Fate", "Measured", "measure", "mutants_of"]

Fate = Literal["killed", "warned", "noted", "told", "survived"]
"""What a mutant comes to on this machine and on another host: killed on both; killed here and warned of there; killed
here and told of there; told of on both; not noticed."""


@dataclass(frozen=True, slots=True, repr=False)
class Measured:
    """What a contract's mutants came to. fates: in the order of the mutants. equivalent: those that are still right.

    left_out: items that no right answer satisfies, each with what it says.
    """

    fates: tuple[tuple[Mutant, Fate], ...]
    equivalent: tuple[Mutant, ...]
    left_out: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Measured({len(self.fates)} mutants)"


def measure(contract: Contract) -> Measured:
    """Make every mutant of a contract and run the suite over it. Raises `provider.CannotAnswer`."""
    rehearsal = Rehearsal(contract)
    made = tuple(mutants_of(rehearsal))
    live = [mutant for mutant in made if not mutant.equivalent]
    return Measured(
        tuple((mutant, fate_of(rehearsal, mutant)) for mutant in live),
        tuple(mutant for mutant in made if mutant.equivalent),
        rehearsal.alarms,
    )


def fate_of(rehearsal: Rehearsal, mutant: Mutant) -> Fate:
    """Run the suite over a mutant until something fails, or there is nothing more to ask.

    Where the document itself forbids it, until something fails that would fail on any host.
    """
    kind, fates = mutant.kind, set[Fate]()
    for one in rehearsal.noticed(mutant.plant, journey=kind.operation.id in (CREATE, RESULT)):
        elsewhere = severity(one.finding.basis, loopback=False)
        fate: Fate = "killed" if elsewhere == "fail" else "warned" if elsewhere == "warn" else "noted"
        fates.add(fate if one.fails else "told")
        if "killed" in fates or (one.fails and mutant.basis != "documented"):
            break
    return next((fate for fate in get_args(Fate) if fate in fates), "survived")


def mutants_of(rehearsal: Rehearsal) -> Iterator[Mutant]:
    """Make every mutant: each operator at each place of each kind, and each operator once on some answers only."""
    for kind in kinds_of(rehearsal.right):
        for one in OPERATORS:
            first: Mutant | None = None
            for mutation in one.function(kind):
                mutant = _judged(kind, one, mutation)
                yield mutant
                first = first or (None if mutant.equivalent else mutant)
            if first is not None and one.name not in ("accept", "refuse") and len(kind.seen) > 1:
                yield _judged(kind, FLAKY, _flaky(kind, first))


FLAKY = Operator("flaky", "An answer is wrong once in three times.", lambda _: iter(()))


def _flaky(kind: Kind, mutant: Mutant) -> Mutation:
    """Plant a mutation in every third answer, in the last one where there are not so many."""
    turn = 2 if len(kind.seen) > 2 else len(kind.seen) - 1
    change = mutant.mutation.change
    place = f"{mutant.operator.name}/{mutant.mutation.place}"
    return Mutation(
        place,
        mutant.mutation.clause,
        mutant.mutation.basis,
        lambda right, moment: change(right, moment) if moment.number % 3 == turn else right,
    )


def _judged(kind: Kind, one: Operator, mutation: Mutation) -> Mutant:
    """Decide of a mutation whether it is wrong, and on which basis."""
    pairs = tuple((moment.seen.answer, mutation.change(moment.seen.answer, moment)) for moment in kind.moments)
    trial = Trial(kind, one.name, mutation, pairs, forbidden(kind, (wrong for right, wrong in pairs if right != wrong)))
    return Mutant(kind, one, mutation, firmest((trial.forbidden, mutation.basis)), excuse(trial))
