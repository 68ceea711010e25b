"""Operators over single values of a body: of another type, empty, changed, out of date, or somebody else's."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from contract_tests.strength.answers import Answer, at, leaves
from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.operators.changing import because, place_of, to_fixed, to_member
from contract_tests.strength.traits import trait
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.strength.mutating import Change
    from contract_tests.strength.rehearsing import Moment
    from openapi.reading import Json

_MOMENT = re.compile(r"(?<![0-9])20[0-9]{12}")
"""A time as 14 digits, of this century."""

_FORM = "%Y%m%d%H%M%S"


def mutation(kind: Kind, pointer: str, label: str, change: Change, basis: str | None = None) -> Mutation:
    """Make the mutation of one member."""
    place = f"{place_of(pointer)}/{label}" if label else place_of(pointer)
    return Mutation(place, pointer, because(kind, pointer) if basis is None else basis, change)


def texts(kind: Kind) -> Iterator[str]:
    """Give the places at which texts stand."""
    return (pointer for pointer, item in kind.leaves.items() if isinstance(item, str))


OTHERS: dict[str, Callable[[Json], Json]] = {
    "number": lambda _: 7,
    "boolean": lambda _: True,
    "text": str,
    "array": lambda item: [item],
    "object": lambda item: {"value": item},
}
"""A value of each JSON type in place of another one."""

_TYPES: dict[type, str] = {int: "number", float: "number", bool: "boolean", str: "text", list: "array", dict: "object"}


@operator("retype")
def retype(kind: Kind) -> Iterator[Mutation]:
    """A value is of another JSON type."""
    for pointer, item in kind.leaves.items():
        for label, other in OTHERS.items():
            if label != _TYPES.get(type(item), "null"):
                yield mutation(kind, pointer, label, to_member(pointer, other))


@operator("null")
def null(kind: Kind) -> Iterator[Mutation]:
    """A value is null."""
    for pointer, item in kind.leaves.items():
        if item is not None:
            yield mutation(kind, pointer, "", to_member(pointer, to_fixed(None)))


@operator("empty")
def empty(kind: Kind) -> Iterator[Mutation]:
    """A value is empty, or blank."""
    blanks: dict[type, dict[str, Json]] = {str: {"": "", "blank": " "}, list: {"": []}, dict: {"": {}}}
    for pointer, item in kind.leaves.items():
        for label, blank in blanks.get(type(item), {}).items():
            yield mutation(kind, pointer, label, to_member(pointer, to_fixed(blank)))


# --- values of other answers ------------------------------------------------------------------------------------------


def borrowed(kind: Kind, choose: Callable[[Moment], Answer | None]) -> Iterator[Mutation]:
    """Give each member the value that it has in another answer, where both have it."""
    for pointer in kind.leaves:

        def change(right: Answer, moment: Moment, pointer: str = pointer) -> Answer:
            lender = choose(moment)
            known = {} if lender is None else dict(leaves(lender.value))
            if pointer not in known:
                return right
            return right.saying(at(right.value, pointer, lambda _: known[pointer]))

        basis = trait(kind.operation.id, pointer, "new") if kind.succeeds else None
        yield mutation(kind, pointer, "", change, basis)


@operator("constant")
def constant(kind: Kind) -> Iterator[Mutation]:
    """A value is always that of the first answer."""
    return borrowed(kind, lambda moment: moment.before[0] if moment.before else None)


@operator("previous")
def previous(kind: Kind) -> Iterator[Mutation]:
    """A value is that of the answer before, which may be another caller's."""
    return borrowed(kind, lambda moment: moment.before[-1] if moment.before else None)


@operator("example")
def example(kind: Kind) -> Iterator[Mutation]:
    """A value is always that of the document's example."""
    known = kind.example()
    if isinstance(known, Missing):
        return
    for pointer, item in leaves(known):
        if pointer in kind.leaves:
            basis = trait(kind.operation.id, pointer, "new") if kind.succeeds else None
            yield mutation(kind, pointer, "", to_member(pointer, to_fixed(item)), basis)


# --- times ------------------------------------------------------------------------------------------------------------


def moved(kind: Kind, shifts: dict[str, timedelta]) -> Iterator[Mutation]:
    """Move the time that stands in a text."""
    for pointer, item in kind.leaves.items():
        if not isinstance(item, str) or not _MOMENT.search(item):
            continue
        for label, shift in shifts.items():

            def change(item: Json, shift: timedelta = shift) -> Json:
                return _MOMENT.sub(lambda found: _shifted(found[0], shift), item) if isinstance(item, str) else item

            yield mutation(kind, pointer, label, to_member(pointer, change), trait(kind.operation.id, pointer, "dated"))


def _shifted(text: str, shift: timedelta) -> str:
    moment = datetime.strptime(text, _FORM).replace(tzinfo=timezone.utc)
    return (moment + shift).strftime(_FORM)


@operator("stale")
def stale(kind: Kind) -> Iterator[Mutation]:
    """The time in a text is long ago, or that of another time zone."""
    return moved(kind, {"year": timedelta(days=-365), "day": timedelta(days=-1), "zone": timedelta(hours=-13)})


@operator("future")
def future(kind: Kind) -> Iterator[Mutation]:
    """The time in a text is still to come."""
    return moved(kind, {"year": timedelta(days=365), "hour": timedelta(hours=1)})


# --- texts ------------------------------------------------------------------------------------------------------------


def rewritten(kind: Kind, ways: dict[str, Callable[[str], str]]) -> Iterator[Mutation]:
    """Write each text otherwise."""
    for pointer in texts(kind):
        for label, way in ways.items():

            def change(item: Json, way: Callable[[str], str] = way) -> Json:
                return way(item) if isinstance(item, str) else item

            yield mutation(kind, pointer, label, to_member(pointer, change))


@operator("case")
def case(kind: Kind) -> Iterator[Mutation]:
    """A text is in another case."""
    return rewritten(kind, {"lower": str.lower, "upper": str.upper})


@operator("truncate")
def truncate(kind: Kind) -> Iterator[Mutation]:
    """A text lacks its end, its second half, or its beginning, or is cut to what a column of a database holds."""
    return rewritten(
        kind,
        {
            "end": lambda text: text[:-1],
            "half": lambda text: text[: len(text) // 2],
            "beginning": lambda text: text[1:],
            "255": lambda text: text[:255],
        },
    )


@operator("lengthen")
def lengthen(kind: Kind) -> Iterator[Mutation]:
    """A text has something behind it, or a blank or a line end around it."""
    return rewritten(
        kind,
        {
            "letter": lambda text: f"{text}x",
            "digit": lambda text: f"{text}0",
            "line-end": lambda text: f"{text}\n",
            "blank": lambda text: f" {text}",
            "quotes": lambda text: f'"{text}"',
        },
    )


@operator("recode")
def recode(kind: Kind) -> Iterator[Mutation]:
    """A text went through a wrong coding: of URLs, of HTML, of characters."""
    return rewritten(
        kind,
        {
            "percent": lambda text: quote(text, safe=":/?#[]@!$&'()*+,;=%"),
            "unpercent": unquote,
            "html": html.escape,
            "latin-1": lambda text: text.encode().decode("latin-1"),
            "ascii": lambda text: text.encode("ascii", "replace").decode(),
            "plus": lambda text: text.replace("%20", "+"),
            "backslash": lambda text: text.replace("/", "\\/"),
        },
    )
