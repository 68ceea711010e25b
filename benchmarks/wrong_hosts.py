"""Hosts for judges, served on loopback: a right one, mutants of the vendor's document, and servers written by hand.

The mutants are those of `contract-tests strength`, the others those of `tests/wrong_servers/`. Every host is the small
server there, with errors that have no body, as the document gives them none.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from contract_tests.strength.answers import Answer as Told
from contract_tests.strength.measuring import mutants_of
from contract_tests.strength.rehearsing import Moment, Rehearsal, Seen
from contract_tests.targets import Ask
from openapi.contract import load_contract
from tests.wrong_servers import callers, requests_taken
from tests.wrong_servers.faults import FAULTS
from tests.wrong_servers.server import KEY, PATH, Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contract_tests.strength.mutating import Mutant
    from tests.wrong_servers.server import Plant, Request, Serve

__all__ = ["KEY", "WrongHost", "bare", "generated", "written_by_hand"]

T = TypeVar("T")

NOT_SERVED = ("accept", "refuse", "delay", "no-answer", "within")
"""Operators that are left out: they name requests of our suite, or make every judge wait. Servers written by hand have
their like."""

BARE = (400, 401, 404, 405)


@dataclass(frozen=True, slots=True)
class WrongHost:
    """A fault. group: where it comes from, and for a mutant whether the document forbids it."""

    name: str
    group: str
    plant: Plant


def bare(request: Request, serve: Serve) -> Answer:
    """Answer rightly, errors without a body."""
    answer = serve(request)
    return replace(answer.having(content_type=None), body=b"") if answer.status in BARE else answer


def generated(document: Path, count: int, seed: int) -> list[WrongHost]:
    """Choose so many mutants of a document, of each basis in proportion, that are no longer right."""
    made = [
        mutant
        for mutant in mutants_of(Rehearsal(load_contract([document])))
        if not mutant.equivalent and not {mutant.operator.name, *mutant.mutation.place.split("/")} & set(NOT_SERVED)
    ]
    by_basis: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in made:
        by_basis["documented" if mutant.basis == "documented" else "sense"].append(mutant)
    found: list[WrongHost] = []
    for group, mutants in by_basis.items():
        share = round(count * len(mutants) / len(made))
        chosen = _chosen(mutants, share, seed)
        found += [WrongHost(mutant.id, f"generated, {group}", partial(_planted, mutant)) for mutant in chosen]
    return found


def written_by_hand(count: int, seed: int) -> list[WrongHost]:
    """Choose so many servers with a fault in who may call and in what is taken, which no mutant of answers has."""
    modules = (callers.__name__, requests_taken.__name__)
    known = [one for one in FAULTS if one.plant.__module__ in modules and one.fails]
    return [WrongHost(one.name, "by hand", partial(_behind, one.plant)) for one in _chosen(known, count, seed)]


def _chosen(known: Sequence[T], count: int, seed: int) -> list[T]:
    return random.Random(seed).sample(known, min(count, len(known)))  # noqa: S311 - a sample, not a secret


def _behind(plant: Plant, request: Request, serve: Serve) -> Answer:
    """Plant a fault, and leave an error that it did not touch without a body."""
    right, answer = serve(replace(request, memory={})), plant(request, serve)
    untouched = answer.status in BARE and answer.status == right.status and answer.body == right.body
    return replace(answer.having(content_type=None), body=b"") if untouched else answer


def _planted(mutant: Mutant, request: Request, serve: Serve) -> Answer:
    """Answer rightly, then change the answer as a mutant does."""
    right = bare(request, serve)
    before: dict[int, list[Told]] = request.memory.setdefault("before", defaultdict(list))
    told = Told(right.status, tuple(right.headers.items()), right.body)
    headers = tuple((name.title(), text) for name, text in request.headers.items())
    ask = Ask(request.method, PATH, headers, request.body or None)
    moment = Moment(Seen(mutant.kind.operation, None, ask, told), before[told.status], KEY)
    made = mutant.plant(moment)
    before[told.status].append(told)
    return Answer(made.status, dict(made.headers), made.body)
