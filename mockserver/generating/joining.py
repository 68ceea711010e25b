"""Make the shape of one value: references followed, `allOf` joined, what each keyword says put in its place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mockserver.generating.choices import read_choices
from mockserver.generating.containers import read_array, read_object
from mockserver.generating.equality import kind_of, same
from mockserver.generating.negation import EXCLUDED, UNLIKE
from mockserver.generating.parts import REFERENCES
from mockserver.generating.saying import list_in, plain_number
from mockserver.generating.scalars import read_number, read_text
from mockserver.generating.shapes import KINDS, Shape

if TYPE_CHECKING:
    from mockserver.generating.parts import Part, Parts
    from mockserver.generating.shapes import Choice
    from openapi.reading import Json

__all__ = ["Shapes"]

_KNOWN = frozenset(KINDS)
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties", "patternProperties",
               "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "discriminator"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
"""Keywords that speak of one type, where none is named."""

_NUMBER_FORMATS = ("int32", "int64", "float", "double", "integer", "number", "decimal")
_MOST_PARTS = 500

_MOST_KEPT = 60_000
"""Schemas in the shapes that are kept, some 30 MB."""


class Shapes:
    """The shapes of one contract: each is made once, unless there are too many to keep them all.

    read: how many schemas were read for them. lock: held while a value is made: what another thread reads meanwhile
    would be counted as its work, and a schema be given up that is not hopeless.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.lock = threading.Lock()
        self._known: dict[tuple[object, ...], Shape] = {}
        self._kept = 0
        self.read = 0

    def of(self, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...] = ()) -> Shape:
        """Give the shape of some parts."""
        key = (given, settled)
        found = self._known.get(key)
        if found is None:
            found = shape_of(self.parts, given, settled)
            size = 1 + len(found.parts)
            self.read += size
            self._kept += size
            if self._kept > _MOST_KEPT:
                self._known.clear()
                self._kept = size
            self._known[key] = found
        return found


def shape_of(parts: Parts, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...] = ()) -> Shape:
    """Join what some schemas say. settled: keys of choices that need not be set out any more.

    Raises `ContractError` for a reference that leads nowhere.
    """
    shape = Shape()
    reader = _Reader(parts, shape, frozenset(settled))
    for part in given:
        reader.read(part)
    reader.take_what_leaves_no_choice()
    _conclude(shape)
    return shape


class _Reader:
    """Reads parts into one shape."""

    def __init__(self, parts: Parts, shape: Shape, settled: frozenset[tuple[int, str]]) -> None:
        self.parts = parts
        self.shape = shape
        self._settled = settled
        self._seen: set[int] = set()
        self._old = parts.schemas.version == "3.0"

    def read(self, part: Part) -> None:
        if id(part) in self._seen or len(self._seen) > _MOST_PARTS:
            return
        self._seen.add(id(part))
        shape, value = self.shape, part.value
        shape.parts.append(part)
        if value is False:
            shape.kinds = ()
        if not isinstance(value, dict):
            return
        if value.get("writeOnly") is True:
            shape.hidden = True  # in 3.0 beside `$ref`, too, where it means nothing to some readers and much to others
        for keyword in REFERENCES:
            if isinstance(value.get(keyword), str):
                self.read(self.parts.target(part, keyword))
                if self._old:
                    return
        self._types(value)
        self._listed(value)
        self._notes(value)
        read_text(shape, value)
        read_number(shape, value)
        read_array(self.parts, shape, part, value)
        read_object(self.parts, shape, part, value)
        read_choices(self.parts, shape, part, value, self._settled)
        for index in range(len(list_in(value, "allOf"))):
            self.read(self.parts.step(part, "allOf", index))

    def take_what_leaves_no_choice(self) -> None:
        """Read the choices that have one option alone, and those that come of it; one that has none allows nothing."""
        open_: list[Choice] = []
        while self.shape.choices:
            waiting, self.shape.choices = self.shape.choices, []
            for choice in waiting:
                if len(choice.options) > 1:
                    open_.append(choice)
                    continue
                if not choice.options:
                    self.shape.kinds = ()
                for part in choice.options[0] if choice.options else ():
                    self.read(part)
        self.shape.choices = open_

    def _types(self, value: dict[str, Json]) -> None:
        shape = self.shape
        named = value.get("type")
        kinds = {named} if isinstance(named, str) else set(map(str, named)) if isinstance(named, list) else set()
        if kinds and kinds <= _KNOWN:  # of any other the validator has left the keyword out
            if value.get("nullable") is True:
                kinds.add("null")
            if "number" in kinds:
                kinds.add("integer")
            shape.kinds = tuple(kind for kind in shape.kinds if kind in kinds)
            shape.typed = True
        else:
            shape.hinted |= {kind for kind, words in _HINTS.items() if any(word in value for word in words)}

    def _listed(self, value: dict[str, Json]) -> None:
        if "const" in value and not self._old:
            self._list(value["const"])
        if isinstance(value.get("enum"), list):
            self._list(*list_in(value, "enum"))  # of `nullable` beside it, only what is listed is beyond dispute
        self.shape.excluded += list_in(value, EXCLUDED)

    def _list(self, *values: Json) -> None:
        known = self.shape.listed
        found = list(values) if known is None else [one for one in known if any(same(one, other) for other in values)]
        self.shape.listed = found

    def _notes(self, value: dict[str, Json]) -> None:
        shape = self.shape
        shape.examples += list_in(value, "examples")
        if "example" in value:
            shape.examples.append(value["example"])
        if "default" in value:
            shape.defaults.append(value["default"])
        if isinstance(value.get("title"), str):
            shape.title = str(value["title"])
        shape.same = shape.same or value.get("\0same") is True
        shape.unlike += list_in(value, UNLIKE)


def _conclude(shape: Shape) -> None:
    """Draw the conclusions that need all of it."""
    _rule_out(shape)
    if shape.listed is not None:
        shape.listed = [one for one in shape.listed if kind_of(one) in shape.kinds]
    elif not shape.typed:
        shape.kinds = _by_hints(shape)
    if shape.listed == []:
        shape.kinds = ()
    if shape.kinds == ("object",) and any(_lacks(shape, name) for name in shape.required):
        shape.kinds = ()
    several = len(shape.patterns) > 1 or (shape.patterns and shape.formats)
    shape.hard = bool(shape.hard or several or shape.unlike or shape.excluded or shape.names)
    shape.hard = bool(shape.hard or len(shape.fences) > 1)


def _rule_out(shape: Shape) -> None:
    """Rule out the types of which there is no value, because one bound lies beyond the other; and say so."""
    for rule in shape.unlike:
        if isinstance(rule, dict) and (rule.get("format") in shape.formats or rule.get("pattern") in shape.patterns):
            shape.kinds = tuple(kind for kind in shape.kinds if kind != "string")
    for kinds, low, high, what in (
        (("integer", "number"), shape.low, shape.high, "no number is"),
        (("string",), shape.shortest, shape.longest, "no text has a length of"),
        (("array",), shape.fewest_items, shape.most_items, "no array has a number of items of"),
        (("object",), shape.fewest, shape.most, "no object has a number of members of"),
    ):
        if low is not None and high is not None and low > high and set(kinds) & set(shape.kinds):
            shape.kinds = tuple(kind for kind in shape.kinds if kind not in kinds)
            shape.why = f"{what} at least {plain_number(low)} and at most {plain_number(high)}"


def _by_hints(shape: Shape) -> tuple[str, ...]:
    """Order the types that a schema without one allows: those first that its keywords speak of."""
    hinted = set(shape.hinted)
    if all(one in _NUMBER_FORMATS for one in shape.formats) and shape.formats:
        hinted = (hinted - {"string"}) | {"number"}
    if "number" in hinted:
        hinted.add("integer")
    first = [kind for kind in shape.kinds if kind in hinted]
    others = ("string", "integer", "number", "boolean", "object", "array", "null")
    return tuple(first or [one for one in others if one in shape.kinds]) + tuple(
        one for one in others if first and one in shape.kinds and one not in first
    )


def _lacks(shape: Shape, name: str) -> bool:
    """Whether a member is ruled out by what stands at its own name, or contradicts itself there."""
    found = shape.properties.get(name, ())
    if any(part.value is False for part in found):
        return True
    kinds = set(KINDS)
    for part in found:
        said = part.value.get("type") if isinstance(part.value, dict) else None
        if isinstance(said, str | list) and not (isinstance(part.value, dict) and part.value.get("nullable") is True):
            named = {said} if isinstance(said, str) else set(map(str, said))
            if named <= _KNOWN:
                kinds &= named | ({"integer"} if "number" in named else set())
    return not kinds
