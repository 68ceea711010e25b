"""The score as data: how many mutants come to what, per basis and per clause; and whether one is worse than another."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from contract_tests.strength.measuring import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from contract_tests.strength.measuring import Measured
    from contract_tests.strength.mutating import Mutant
    from openapi.contract import Contract

__all__ = ["FATES", "NoScore", "Score", "Tally", "falls", "read_scores", "tallies", "written_scores"]

FATES: tuple[Fate, ...] = get_args(Fate)
"""What a mutant may come to, the best first."""

FORMAT, VERSION = "anyfast-contract-strength", 1


class NoScore(Exception):
    """A file holds no scores that can be read; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mutants came to what. counts: by fate."""

    counts: Mapping[Fate, int]

    @property
    def mutants(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def killed(self) -> int:
        """Those that fail on this machine."""
        return sum(self.counts.get(fate, 0) for fate in FATES[:3])


@dataclass(frozen=True, slots=True)
class Score:
    """What the mutants of one contract came to. documents: name and hash. fates, bases: by the id of the mutant."""

    documents: tuple[str, ...]
    fates: Mapping[str, Fate]
    bases: Mapping[str, str]
    equivalent: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, contract: Contract, measured: Measured) -> Score:
        """Make the score of what was measured."""
        return cls(
            tuple(f"{document.name} {document.sha256}" for document in contract.documents),
            {mutant.id: fate for mutant, fate in measured.fates},
            {mutant.id: mutant.basis for mutant, _ in measured.fates},
            dict(sorted(Counter(mutant.equivalent for mutant in measured.equivalent).items())),
            tuple(measured.left_out),
        )

    def per_basis(self) -> dict[str, Tally]:
        """Count the fates by basis."""
        return _counted((self.bases[name], fate) for name, fate in self.fates.items())


def tallies(measured: Measured, label: Callable[[Mutant], str]) -> dict[str, Tally]:
    """Count the fates of mutants by a label, in the order in which the labels come up."""
    return _counted((label(mutant), fate) for mutant, fate in measured.fates)


def _counted(pairs: Iterable[tuple[str, Fate]]) -> dict[str, Tally]:
    counts: dict[str, Counter[Fate]] = {}
    for label, fate in pairs:
        counts.setdefault(label, Counter())[fate] += 1
    return {label: Tally(tally) for label, tally in counts.items()}


# --- as a file --------------------------------------------------------------------------------------------------------


def written_scores(scores: Mapping[str, Score]) -> str:
    """Write scores, by the name of their contract, so that a change of one mutant is one changed line."""
    contracts: dict[str, Any] = {}
    for name, score in scores.items():
        by_fate: dict[str, dict[str, list[str]]] = {fate: {} for fate in FATES}
        for mutant, fate in sorted(score.fates.items()):
            by_fate[fate].setdefault(score.bases[mutant], []).append(mutant)
        counted = {basis: _as_json(tally) for basis, tally in sorted(score.per_basis().items())}
        contracts[name] = {
            "documents": list(score.documents),
            "score": counted,
            "equivalent": dict(score.equivalent),
            "left_out": list(score.left_out),
            "mutants": by_fate,
        }
    content = {"format": FORMAT, "version": VERSION, "contracts": contracts}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _as_json(tally: Tally) -> dict[str, int]:
    """Give the counts of a basis. Those that are only warned of on another host are among the killed ones, too."""
    return {"mutants": tally.mutants, "killed": tally.killed, **{fate: tally.counts.get(fate, 0) for fate in FATES[1:]}}


def read_scores(path: Path) -> dict[str, Score]:
    """Read what `written_scores` wrote. Raises `NoScore`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if (content["format"], content["version"]) != (FORMAT, VERSION):
            raise NoScore(f"{path} is of another version; write it anew with --write {path}.")
        return {name: _read(found) for name, found in content["contracts"].items()}
    except OSError as error:
        raise NoScore(f"{path}: {error.strerror}; --write {path} makes it.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoScore(f"{path} holds no scores of this command; write it anew with --write {path}.") from None


def _read(found: dict[str, Any]) -> Score:
    fates: dict[str, Fate] = {}
    bases: dict[str, str] = {}
    for fate in FATES:
        for basis, names in found["mutants"][fate].items():
            fates |= dict.fromkeys(names, fate)
            bases |= dict.fromkeys(names, basis)
    return Score(tuple(found["documents"]), fates, bases, found["equivalent"], tuple(found["left_out"]))


# --- two scores -------------------------------------------------------------------------------------------------------


def falls(before: Score, now: Score) -> list[str]:
    """Say in what a score is worse than one before: a share that fell, a mutant that fares better or is gone."""
    said = [f"{item} is left out" for item in now.left_out if item not in before.left_out]
    known, new = before.per_basis(), now.per_basis()
    for basis, tally in known.items():
        other = new.get(basis, Tally({}))
        if other.killed * tally.mutants < tally.killed * other.mutants or other.mutants == 0:
            said.append(
                f"{basis}: {other.killed} of {other.mutants} are killed, which were {tally.killed} of {tally.mutants}"
            )
    words = {"killed": "was killed on any host", "warned": "was killed", "noted": "was killed", "told": "was told of"}
    better = {
        "warned": "is only warned of on another host",
        "noted": "is only told of on another host",
        "told": "is only told of",
        "survived": "survives",
    }
    for mutant, fate in before.fates.items():
        became = now.fates.get(mutant)
        if became is None:
            said.append(f"{mutant} is not made any more")
        elif FATES.index(became) > FATES.index(fate):
            said.append(f"{mutant} {words[fate]} and {better[became]} now")
    return said
