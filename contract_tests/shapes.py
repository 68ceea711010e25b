"""Shapes of JSON values: types, keys, lengths, classes of characters, never a value; and what several have in common.

`merge` is commutative, associative and idempotent, so the order in which answers came shows nowhere. It knows no host.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from contract_tests.texts import Range, Text, is_name, merge_text, once, span, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openapi.reading import Json

__all__ = ["NOTHING", "Array", "Members", "Shape", "fits", "merge", "shape_of"]

_Value = TypeVar("_Value")
MANY = 40
"""An object with more members that no document names holds data, not a structure."""

# --- what a shape is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Array:
    """Arrays: so many items, and the shape of all of them."""

    length: Range
    items: Shape


@dataclass(frozen=True, slots=True)
class Members:
    """Objects: their members by name, each with whether it was always there.

    others: the shape of members whose names look like data: of the names, and of the values.
    """

    named: tuple[tuple[str, bool, Shape], ...] = ()
    others: tuple[Text, Shape] | None = None

    def by_name(self) -> dict[str, tuple[bool, Shape]]:
        """Give the members by name."""
        return {name: (always, shape) for name, always, shape in self.named}


@dataclass(frozen=True, slots=True)
class Shape:
    """What values were seen at a place: of each JSON type the shape, None where there was none of it."""

    null: bool = False
    boolean: bool = False
    number: bool = False
    integer: Range | None = None
    text: Text | None = None
    array: Array | None = field(default=None)
    members: Members | None = field(default=None)

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that were seen."""
        known = {
            "null": self.null, "boolean": self.boolean, "number": self.number, "integer": self.integer is not None,
            "string": self.text is not None, "array": self.array is not None, "object": self.members is not None,
        }  # fmt: skip
        return tuple(name for name, there in known.items() if there)


NOTHING = Shape()
"""No value was seen."""


# --- from a value -----------------------------------------------------------------------------------------------------


def shape_of(value: Json, known: frozenset[str] = frozenset(), clean: Callable[[str], str] = str) -> Shape:
    """Give the shape of a value.

    known: names that a document gives to members. clean: masks secrets; a name that it changes is no name.
    """
    if value is None:
        return Shape(null=True)
    if isinstance(value, bool):
        return Shape(boolean=True)
    if isinstance(value, int):
        return Shape(integer=once(_digits(value)))
    if isinstance(value, float):
        return Shape(number=True)
    if isinstance(value, str):
        return Shape(text=text_of(value))
    if isinstance(value, list):
        items = NOTHING
        for item in value:
            items = merge(items, shape_of(item, known, clean))
        return Shape(array=Array(once(len(value)), items))
    strange = [name for name in value if name not in known]
    crowd = len(strange) > MANY
    named: dict[str, tuple[bool, Shape]] = {}
    others: tuple[Text, Shape] | None = None
    for name, item in value.items():
        shape = shape_of(item, known, clean)
        if name in known or (not crowd and is_name(name) and clean(name) == name):
            named[name] = (True, shape)
        else:
            others = _merge_others(others, (text_of(name), shape))
    return Shape(members=_members(named, others))


def _digits(value: int) -> int:
    count, value = 1, abs(value)
    while value >= 10:
        count, value = count + 1, value // 10
    return count


def _members(named: Mapping[str, tuple[bool, Shape]], others: tuple[Text, Shape] | None) -> Members:
    return Members(tuple((name, *named[name]) for name in sorted(named)), others)


# --- together ---------------------------------------------------------------------------------------------------------


def merge(one: Shape, other: Shape) -> Shape:
    """Give the shape that both values of the one and values of the other have."""
    return Shape(
        null=one.null or other.null,
        boolean=one.boolean or other.boolean,
        number=one.number or other.number,
        integer=_either(one.integer, other.integer, span),
        text=_either(one.text, other.text, merge_text),
        array=_either(one.array, other.array, _merge_arrays),
        members=_either(one.members, other.members, _merge_members),
    )


def _merge_arrays(one: Array, other: Array) -> Array:
    return Array(span(one.length, other.length), merge(one.items, other.items))


def _merge_members(one: Members, other: Members) -> Members:
    left, right = one.by_name(), other.by_name()
    named = {}
    for name in left.keys() | right.keys():
        (always, shape), (too, more) = left.get(name, (False, NOTHING)), right.get(name, (False, NOTHING))
        named[name] = (always and too, merge(shape, more))
    return _members(named, _merge_others(one.others, other.others))


def _merge_others(one: tuple[Text, Shape] | None, other: tuple[Text, Shape] | None) -> tuple[Text, Shape] | None:
    return _either(one, other, lambda left, right: (merge_text(left[0], right[0]), merge(left[1], right[1])))


def _either(one: _Value | None, other: _Value | None, both: Callable[[_Value, _Value], _Value]) -> _Value | None:
    if one is None or other is None:
        return other if one is None else one
    return both(one, other)


def fits(value: Json, shape: Shape, known: frozenset[str] = frozenset()) -> bool:
    """Tell whether a value is of a shape: whether it would not widen it."""
    return merge(shape, shape_of(value, known)) == shape
