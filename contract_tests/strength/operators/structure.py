"""Operators over the structure of a body: members are lost, renamed, exchanged or added, bodies are wrapped."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from contract_tests.strength.answers import objects, without, written
from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.operators.changing import WHOLE, because, place_of, to_bytes, to_fixed, to_member, to_value
from openapi.pointers import child, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.reading import Json


@operator("drop")
def drop(kind: Kind) -> Iterator[Mutation]:
    """A member is missing."""
    for pointer in kind.leaves:
        yield Mutation(place_of(pointer), pointer, because(kind, pointer), to_value(partial(without, pointer=pointer)))


def renamed(kind: Kind, name: Callable[[str], str]) -> Iterator[Mutation]:
    """Call each member otherwise."""
    for pointer in kind.leaves:
        above, last = pointer.rpartition("/")[0], tokens(pointer)[-1]

        def rename(holder: Json, last: str = last) -> Json:
            if not isinstance(holder, dict):
                return holder
            return {name(known) if known == last else known: item for known, item in holder.items()}

        if name(last) != last:
            yield Mutation(place_of(pointer), pointer, because(kind, pointer), to_member(above, rename))


@operator("rename")
def rename(kind: Kind) -> Iterator[Mutation]:
    """A member has another name."""
    return renamed(kind, lambda name: f"{name}_1")


@operator("mis-case")
def mis_case(kind: Kind) -> Iterator[Mutation]:
    """The name of a member begins in the other case."""
    return renamed(kind, lambda name: name[:1].swapcase() + name[1:])


@operator("extra")
def extra(kind: Kind) -> Iterator[Mutation]:
    """An object has a member more, which the document does not name."""
    for pointer in dict.fromkeys(pointer for value in kind.values for pointer, _ in objects(value)):
        change = to_member(pointer, lambda holder: {**holder, "Extra": "x"} if isinstance(holder, dict) else holder)
        yield Mutation(place_of(pointer) or WHOLE, pointer or WHOLE, because(kind), change)


@operator("unasked")
def unasked(kind: Kind) -> Iterator[Mutation]:
    """A member that belongs to another request is in every answer, with the value of the example."""
    example = kind.example()
    for name, item in example.items() if isinstance(example, dict) else ():
        if kind.asked(f"/{name}"):

            def add(value: Json, name: str = name, item: Json = item) -> Json:
                return {name: item, **value} if isinstance(value, dict) else value

            yield Mutation(name, f"/{name}", "prose", to_value(add))


@operator("swap")
def swap(kind: Kind) -> Iterator[Mutation]:
    """Two members have each other's values."""
    for pointer in dict.fromkeys(pointer for value in kind.values for pointer, _ in objects(value)):
        names = [tokens(known)[-1] for known in kind.leaves if known.rpartition("/")[0] == pointer]
        for one, other in pairwise(names):

            def exchange(holder: Json, one: str = one, other: str = other) -> Json:
                if not isinstance(holder, dict) or one not in holder or other not in holder:
                    return holder
                return {**holder, one: holder[other], other: holder[one]}

            place = f"{place_of(child(pointer, one))}+{other}"
            yield Mutation(place, child(pointer, one), because(kind, child(pointer, one)), to_member(pointer, exchange))


WRAPPERS: dict[str, Callable[[Json], Json]] = {
    "data": lambda value: {"data": value},
    "code-and-data": lambda value: {"code": 0, "message": "ok", "data": value},
    "upstream": lambda value: {"ResponseMetadata": {"RequestId": "x"}, "Result": value},
    "array": lambda value: [value],
    "text": lambda value: json.dumps(value, ensure_ascii=False),
}
"""Envelopes by name; `upstream` is that of the layer behind the vendor's [U]."""


@operator("wrap")
def wrap(kind: Kind) -> Iterator[Mutation]:
    """The body stands in an envelope."""
    for name, envelope in WRAPPERS.items() if kind.values else ():
        yield Mutation(name, WHOLE, because(kind), to_value(envelope))


@operator("unwrap")
def unwrap(kind: Kind) -> Iterator[Mutation]:
    """A member stands in the place of the body."""
    for name in dict.fromkeys(name for value in kind.values if isinstance(value, dict) for name in value):

        def inner(value: Json, name: str = name) -> Json:
            return value.get(name, value) if isinstance(value, dict) else value

        yield Mutation(name, WHOLE, because(kind), to_value(inner))


@operator("replace")
def replace_whole(kind: Kind) -> Iterator[Mutation]:
    """The body is null, or has nothing in it."""
    bodies: dict[str, Json] = {"null": None, "empty-object": {}, "empty-array": [], "empty-text": ""}
    for name, body in bodies.items() if kind.values else ():
        yield Mutation(name, WHOLE, because(kind), to_value(to_fixed(body)))


@operator("empty-body")
def empty_body(kind: Kind) -> Iterator[Mutation]:
    """There is no body."""
    if any(one.answer.body for one in kind.seen):
        yield Mutation(
            WHOLE, WHOLE, because(kind), lambda right, _: replace(right.having("Content-Type", None), body=b"")
        )


@operator("other-answer")
def other_answer(kind: Kind) -> Iterator[Mutation]:
    """The body is that of another answer of the same host."""
    for other in kind.others:
        bodies = other.values
        if other.id != kind.id and bodies and kind.values:
            basis = "example" if kind.succeeds or other.succeeds else ""
            yield Mutation(other.id.replace("/", "-"), WHOLE, basis, to_value(to_fixed(bodies[0])))


# --- what changes nothing ---------------------------------------------------------------------------------------------


@operator("reorder")
def reorder(kind: Kind) -> Iterator[Mutation]:
    """The members stand in another order."""
    if kind.values:
        change = to_value(lambda value: dict(reversed(value.items())) if isinstance(value, dict) else value)
        yield Mutation(WHOLE, WHOLE, "", change)


@operator("rewrite")
def rewrite(kind: Kind) -> Iterator[Mutation]:
    """The same JSON is written otherwise: indented, or with everything beyond ASCII escaped."""
    writers: dict[str, Callable[[Json], bytes]] = {
        "indented": lambda value: json.dumps(value, indent=2, ensure_ascii=False).encode(),
        "escaped": lambda value: json.dumps(value).encode(),
        "line-end": lambda value: written(value) + b"\n",
    }
    for name, writer in writers.items() if kind.values else ():

        def again(body: bytes, writer: Callable[[Json], bytes] = writer) -> bytes:
            return writer(json.loads(body))

        yield Mutation(name, WHOLE, "", to_bytes(again))
