"""What a mutant is, and how all of them are made: each operator over each kind of answer. It judges nothing.

An operator is one function with a decorator and a sentence, in a module of `operators/`; a rule for what is still right
is one in `equivalents.py`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from contract_tests.strength.answers import leaves
from contract_tests.strength.rehearsing import Moment
from openapi.provenance import BASES
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from contract_tests.strength.answers import Answer
    from contract_tests.strength.rehearsing import Seen
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

__all__ = ["OPERATORS", "Change", "Kind", "Mutant", "Mutation", "Operator", "firmest", "kinds_of", "operator"]


class Change(Protocol):
    """How an answer is made wrong."""

    def __call__(self, right: Answer, moment: Moment, /) -> Answer:
        """Give the wrong answer for a right one."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to make the answers of a kind wrong.

    place: what is changed, the end of the mutant's id. clause: what part of the contract that is about. basis: why it
    is wrong, beside what the document says itself; '' for nothing beside that.
    """

    place: str
    clause: str
    basis: str
    change: Change


@dataclass(frozen=True)
class Kind:
    """The answers of one operation with one status: what an operator works on."""

    operation: Operation
    status: int
    seen: tuple[Seen, ...]
    others: tuple[Kind, ...] = ()
    """All kinds, for operators that give the answer of another one."""

    @property
    def id(self) -> str:
        """The beginning of the ids of its mutants."""
        return f"{self.operation.id}/{self.status}"

    @property
    def succeeds(self) -> bool:
        """Whether these answers are successes."""
        return 200 <= self.status < 300

    @property
    def of_a_route(self) -> bool:
        """Whether no operation answers here: a path or a method that the document does not have."""
        return all(one.case is not None and one.case.expect in ("no_path", "no_method") for one in self.seen)

    @property
    def response(self) -> Response | None:
        """What documents these answers; nothing does where no operation answers."""
        return None if self.of_a_route else self.operation.response(self.status)

    @cached_property
    def values(self) -> list[Json]:
        """The JSON bodies of the right answers."""
        values = (one.answer.value for one in self.seen)
        return [value for value in values if not isinstance(value, Missing)]

    @cached_property
    def leaves(self) -> dict[str, Json]:
        """Every place in any of the bodies, with a value that stands there, one that says something if there is one."""
        found: dict[str, Json] = {}
        for value in self.values:
            for pointer, item in leaves(value):
                found[pointer] = found.get(pointer) or item
        return found

    @cached_property
    def moments(self) -> list[Moment]:
        """When each answer was given."""
        answers = [one.answer for one in self.seen]
        return [Moment(one, answers[:number]) for number, one in enumerate(self.seen)]

    def asked(self, pointer: str) -> bool:
        """Tell whether a member comes back only because the request has it."""
        from contract_tests.strength.provider import property_names

        return self.succeeds and pointer.lstrip("/") in property_names(self.operation)

    def example(self) -> Json | Missing:
        """Give the document's example of the body."""
        media = self.json_media()
        return Missing() if media is None else media.valid_example()

    def json_media(self) -> MediaType | None:
        """Give what documents the body."""
        types = self.response.media_types if self.response is not None else ()
        return next((media for media in types if media.is_json), None)


def kinds_of(seen: Iterable[Seen]) -> tuple[Kind, ...]:
    """Sort right answers by operation and status, in the order of the first of each."""
    sorted_out: dict[tuple[str, int], list[Seen]] = defaultdict(list)
    for one in seen:
        sorted_out[one.operation.id, one.answer.status].append(one)
    plain = tuple(Kind(all_of[0].operation, status, tuple(all_of)) for (_, status), all_of in sorted_out.items())
    return tuple(Kind(kind.operation, kind.status, kind.seen, plain) for kind in plain)


@dataclass(frozen=True, slots=True)
class Operator:
    """A registered way to make mutations."""

    name: str
    sentence: str
    function: Callable[[Kind], Iterator[Mutation]]


OPERATORS: list[Operator] = []


def operator(
    name: str,
) -> Callable[[Callable[[Kind], Iterator[Mutation]]], Callable[[Kind], Iterator[Mutation]]]:
    """Register an operator. Its docstring is its sentence. Raises `ValueError` when the name is used twice."""

    def register(function: Callable[[Kind], Iterator[Mutation]]) -> Callable[[Kind], Iterator[Mutation]]:
        if any(known.name == name for known in OPERATORS):
            raise ValueError(f"There are two operators {name!r}.")
        OPERATORS.append(Operator(name, (function.__doc__ or "").strip().partition("\n")[0], function))
        return function

    return register


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong provider. basis: the firmest reason why it is wrong. equivalent: the rule by which it is right."""

    kind: Kind
    operator: Operator
    mutation: Mutation
    basis: str
    equivalent: str

    @property
    def id(self) -> str:
        """The stable id, such as `createVisualValidateSession/200/drop/BytedToken`."""
        return f"{self.kind.id}/{self.operator.name}/{self.mutation.place}"

    def plant(self, moment: Moment) -> Answer:
        """Give the answer that is sent instead of the right one."""
        right, kind = moment.seen.answer, self.kind
        same = (moment.seen.operation.id, right.status) == (kind.operation.id, kind.status)
        return self.mutation.change(right, moment) if same else right


def firmest(bases: Iterable[str]) -> str:
    """Choose the firmest of some bases; '' of none. What was asked for stands behind the RFCs."""
    order: Sequence[str] = ("documented", "example", "prose", "rfc", "asked", *BASES[4:])
    return min(filter(None, bases), key=order.index, default="")
