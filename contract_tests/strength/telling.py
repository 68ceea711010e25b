"""The score for a person: tables per basis and per clause, and the survivors with what would kill them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contract_tests.strength.equivalents import RULES
from contract_tests.strength.measuring import Measured
from contract_tests.strength.scoring import Tally, tallies
from openapi.provenance import BASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.strength.measuring import Fate
    from contract_tests.strength.mutating import Mutant

__all__ = ["every_mutant", "told"]

ORDER = (*BASES[:4], "asked", *BASES[4:])
"""The bases, the firmest first; `asked` is what the user of the suite asked for."""


def told(name: str, measured: Measured) -> Iterator[str]:
    """Write the report on one contract. name: its profile."""
    kinds = Counter(mutant.kind.operation.id for mutant, _ in measured.fates)
    shares = ", ".join(f"{operation} {number}" for operation, number in kinds.items())
    yield f"contract {name}: {len(measured.fates)} mutants ({shares})"
    yield ""
    by_basis = tallies(measured, lambda mutant: mutant.basis)
    yield from _table("basis", {basis: by_basis[basis] for basis in ORDER if basis in by_basis})
    yield ""
    for operation in kinds:
        yield from _table(f"{operation}, by clause", tallies(_of(measured, operation), _clause))
        yield ""
    yield from _equivalent(measured)
    yield ""
    yield from _survivors(measured)
    if measured.left_out:
        yield ""
        yield f"  left out, for no answer to them is right by the document: {len(measured.left_out)}"
        yield from (f"    {item}: {said}" for item, said in measured.left_out.items())


def _of(measured: Measured, operation: str) -> Measured:
    """Take the mutants of one operation."""
    return Measured(tuple(pair for pair in measured.fates if pair[0].kind.operation.id == operation), (), {})


def _clause(mutant: Mutant) -> str:
    return mutant.mutation.clause.lstrip("/")


def _table(title: str, rows: Mapping[str, Tally]) -> Iterator[str]:
    """Write one row per label, and the sum: what is killed here, and what of that fails or warns on another host."""
    width = max(len(title), *map(len, rows), 5)
    yield f"  {title:<{width}}  mutants  killed         told of  survived   other hosts: fails  warns  tells"
    total: Counter[Fate] = Counter()
    for label, tally in rows.items():
        yield f"  {label:<{width}}  {_row(tally.mutants, tally.killed, Counter(tally.counts))}"
        total.update(tally.counts)
    yield f"  {'all':<{width}}  {_row(total.total(), Tally(total).killed, total)}"


def _row(mutants: int, killed: int, counts: Counter[Fate]) -> str:
    share = f"{100 * killed / mutants:.1f} %" if mutants else ""
    here = f"{mutants:>7}  {killed:>6} {share:>7}  {counts['told']:>7}  {counts['survived']:>8}"
    return f"{here}  {counts['killed']:>18}  {counts['warned']:>5}  {counts['noted'] + counts['told']:>5}"


def _equivalent(measured: Measured) -> Iterator[str]:
    """Count what is still right, by rule."""
    counted = Counter(mutant.equivalent for mutant in measured.equivalent)
    yield f"  not counted, still right: {counted.total()}"
    for rule in RULES:
        if counted[rule.name]:
            yield f"    {counted[rule.name]:>5}  {rule.name}: {rule.sentence}"


def _survivors(measured: Measured) -> Iterator[str]:
    alive = [mutant for mutant, fate in measured.fates if fate == "survived"]
    yield f"  survivors: {len(alive) or 'none'}"
    for mutant in alive:
        yield f"    {mutant.id}"
        yield f"      {mutant.operator.sentence}"
        yield f"      Would be killed by a check of {_about(mutant.mutation.clause)} (basis: {mutant.basis})."


def _about(clause: str) -> str:
    return f"the member {clause}" if clause.startswith("/") else f"the {clause}"


def every_mutant(measured: Measured) -> Iterator[str]:
    """Write a line for each mutant, those that are still right at the end."""
    words = {
        "killed": "killed",
        "warned": "killed here",
        "noted": "killed here",
        "told": "told of",
        "survived": "SURVIVED",
    }
    for mutant, fate in measured.fates:
        yield f"  {words[fate]:<11}  {mutant.basis:<10}  {mutant.id}"
    for mutant in measured.equivalent:
        yield f"  {'still right':<11}  {mutant.equivalent:<10}  {mutant.id}"
