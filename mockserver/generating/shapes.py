"""What the schemas that hold of one value say together: references followed, `allOf` joined, choices set out.

A normal form to make values by, and no judge: it may allow what a schema forbids, and the validator has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from mockserver.generating.negation import EXCLUDED, UNLIKE, options_against
from mockserver.generating.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.parts import Part, Parts
    from openapi.reading import Json

__all__ = ["KINDS", "Choice", "Fence", "Row", "Shape", "kind_of", "same", "shape_of"]

KINDS = ("object", "string", "integer", "number", "array", "boolean", "null")
"""JSON types, those first that a schema without a type is most likely meant for."""

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


@dataclass(slots=True)
class Choice:
    """Options of which one has to hold. strict: the same options, each with what rules out the others (`oneOf`).

    key: tells it from other choices, once it is settled.
    """

    key: tuple[int, str]
    options: list[tuple[Part, ...]]
    strict: list[tuple[Part, ...]] = field(default_factory=list)


@dataclass(slots=True)
class Fence:
    """What one schema says of members that it does not name itself."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    rule: Part


@dataclass(slots=True)
class Row:
    """What one schema says of items: the first ones by their place, then all others."""

    prefix: tuple[Part, ...]
    rest: Part | None


@dataclass(slots=True)
class Shape:
    """All that is said of one value. `hard`: whether a value made by it may well break it, and should be checked."""

    parts: list[Part] = field(default_factory=list)
    kinds: tuple[str, ...] = KINDS
    typed: bool = False
    hinted: set[str] = field(default_factory=set)
    listed: list[Json] | None = None
    excluded: list[Json] = field(default_factory=list)
    examples: list[Json] = field(default_factory=list)
    defaults: list[Json] = field(default_factory=list)
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    steps: list[Fraction] = field(default_factory=list)
    broken: bool = False
    shortest: int = 0
    longest: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    unlike: list[Json] = field(default_factory=list)
    media: str = ""
    encoding: str = ""
    rows: list[Row] = field(default_factory=list)
    fewest_items: int = 0
    most_items: int | None = None
    unique: bool = False
    same: bool = False
    contains: list[tuple[Part, int, int | None]] = field(default_factory=list)
    properties: dict[str, list[Part]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    patterned: list[tuple[str, Part]] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    names: list[Part] = field(default_factory=list)
    fewest: int = 0
    most: int | None = None
    dependent: dict[str, list[str]] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    unevaluated: list[Part] = field(default_factory=list)
    unevaluated_items: list[Part] = field(default_factory=list)
    hidden: bool = False
    hard: bool = False
    title: str = ""
    members: dict[str, tuple[Part, ...] | None] = field(default_factory=dict)

    def member(self, name: str) -> tuple[Part, ...] | None:
        """Give the schemas that hold of a member of that name; None when there may be none."""
        if name not in self.members:
            self.members[name] = self._member(name)
        return self.members[name]

    def _member(self, name: str) -> tuple[Part, ...] | None:
        found = list(self.properties.get(name, ()))
        found += [part for pattern, part in self.patterned if matches(pattern, name)]
        for fence in self.fences:
            if name not in fence.names and not any(matches(one, name) for one in fence.patterns):
                found.append(fence.rule)
        if self.unevaluated and not found:
            found += self.unevaluated
        if any(part.value is False for part in found):
            return None
        return tuple(dict.fromkeys(found))

    def item(self, index: int, *, contained: bool = False) -> tuple[Part, ...] | None:
        """Give the schemas that hold of the item at a place; None when there may be none.

        contained: whether it is one that `contains` asks for, which counts as evaluated.
        """
        found = []
        for row in self.rows:
            if index < len(row.prefix):
                found.append(row.prefix[index])
            elif row.rest is not None:
                found.append(row.rest)
        if self.unevaluated_items and not found and not contained:
            found += self.unevaluated_items
            if self.contains and any(part.value is False for part in found):
                found = [part for part, _, _ in self.contains[:1]]
        if any(part.value is False for part in found):
            return None
        return tuple(dict.fromkeys(found))


def kind_of(value: Json) -> str:
    """Name the JSON type of a value; a number without a fraction is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def same(one: Json, other: Json) -> bool:
    """Tell whether two values are equal in JSON, where 1 is 1.0 and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return one == other


def shape_of(parts: Parts, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...] = ()) -> Shape:
    """Join what some schemas say. settled: keys of choices that need not be set out any more.

    Raises `ContractError` for a reference that leads nowhere.
    """
    shape = Shape()
    reader = _Reader(parts, shape, frozenset(settled))
    for part in given:
        reader.read(part)
    reader.finish()
    return shape


class _Reader:
    """Reads parts into one shape."""

    def __init__(self, parts: Parts, shape: Shape, settled: frozenset[tuple[int, str]]) -> None:
        self.parts = parts
        self._settled = settled
        self.shape = shape
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
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(value.get(keyword), str):
                self.read(self.parts.target(part, keyword))
                if self._old:
                    return
        self._any(value)
        self._text(value)
        self._number(value)
        self._array(part, value)
        self._object(part, value)
        self._choices(part, value)
        for index in range(len(_list(value, "allOf"))):
            self.read(self.parts.step(part, "allOf", index))

    def _any(self, value: dict[str, Json]) -> None:  # noqa: C901 - one list of keywords
        shape = self.shape
        named = value.get("type")
        if isinstance(named, str | list):
            kinds = {named} if isinstance(named, str) else {str(one) for one in named}
            if value.get("nullable") is True:
                kinds.add("null")
            if "number" in kinds:
                kinds.add("integer")
            shape.kinds = tuple(kind for kind in shape.kinds if kind in kinds)
            shape.typed = True
        else:
            shape.hinted |= {kind for kind, words in _HINTS.items() if any(word in value for word in words)}
        if "const" in value and not self._old:
            self._list(value["const"])
        if isinstance(value.get("enum"), list):
            self._list(*_list(value, "enum"))  # of `nullable` beside it, only what is listed is beyond dispute
        if isinstance(value.get(EXCLUDED), list):
            shape.excluded += _list(value, EXCLUDED)
        shape.examples += _list(value, "examples")
        if "example" in value:
            shape.examples.append(value["example"])
        if "default" in value:
            shape.defaults.append(value["default"])
        if value.get("writeOnly") is True:
            shape.hidden = True
        if isinstance(value.get("title"), str):
            shape.title = str(value["title"])
        shape.broken = shape.broken or value.get("\0broken") is True
        shape.same = shape.same or value.get("\0same") is True
        shape.unlike += _list(value, UNLIKE)

    def _list(self, *values: Json) -> None:
        known = self.shape.listed
        found = list(values) if known is None else [one for one in known if any(same(one, other) for other in values)]
        self.shape.listed = found

    def _text(self, value: dict[str, Json]) -> None:
        shape = self.shape
        shape.shortest = max(shape.shortest, _count(value, "minLength") or 0)
        shape.longest = _less(shape.longest, _count(value, "maxLength"))
        for keyword, known in (("pattern", shape.patterns), ("format", shape.formats)):
            said = value.get(keyword)
            if isinstance(said, str) and said not in known:
                known.append(said)
        for keyword in ("contentMediaType", "contentEncoding"):
            if isinstance(value.get(keyword), str):
                setattr(shape, "media" if keyword == "contentMediaType" else "encoding", str(value[keyword]))

    def _number(self, value: dict[str, Json]) -> None:
        low, high = _number(value, "minimum"), _number(value, "maximum")
        if low is not None:
            self._least(low, open_=value.get("exclusiveMinimum") is True)
        if high is not None:
            self._greatest(high, open_=value.get("exclusiveMaximum") is True)
        low, high = _number(value, "exclusiveMinimum"), _number(value, "exclusiveMaximum")
        if low is not None:
            self._least(low, open_=True)
        if high is not None:
            self._greatest(high, open_=True)
        step = _number(value, "multipleOf")
        if step is not None and step > 0:
            self.shape.steps.append(step)

    def _least(self, low: Fraction, *, open_: bool) -> None:
        shape = self.shape
        if shape.low is None or low > shape.low:
            shape.low, shape.low_open = low, open_
        elif low == shape.low:
            shape.low_open = shape.low_open or open_

    def _greatest(self, high: Fraction, *, open_: bool) -> None:
        shape = self.shape
        if shape.high is None or high < shape.high:
            shape.high, shape.high_open = high, open_
        elif high == shape.high:
            shape.high_open = shape.high_open or open_

    def _array(self, part: Part, value: dict[str, Json]) -> None:
        shape, step = self.shape, self.parts.step
        shape.fewest_items = max(shape.fewest_items, _count(value, "minItems") or 0)
        shape.most_items = _less(shape.most_items, _count(value, "maxItems"))
        if value.get("uniqueItems") is True:
            shape.unique = True
        prefix = [] if self._old else _list(value, "prefixItems")
        rest = step(part, "items") if isinstance(value.get("items"), dict | bool) else None
        if prefix or rest is not None:
            shape.rows.append(Row(tuple(step(part, "prefixItems", at) for at in range(len(prefix))), rest))
        if self._old:
            return
        if isinstance(value.get("contains"), dict | bool):
            least = _count(value, "minContains")
            many = (1 if least is None else least, _count(value, "maxContains"))
            shape.contains.append((step(part, "contains"), *many))
            shape.hard = True
        if isinstance(value.get("unevaluatedItems"), dict | bool):
            shape.unevaluated_items.append(step(part, "unevaluatedItems"))
            shape.hard = True

    def _object(self, part: Part, value: dict[str, Json]) -> None:
        shape, step = self.shape, self.parts.step
        named = _dict(value, "properties")
        for name in named:
            shape.properties.setdefault(name, []).append(step(part, "properties", name))
        patterned = {} if self._old else _dict(value, "patternProperties")
        shape.patterned += [(pattern, step(part, "patternProperties", pattern)) for pattern in patterned]
        rest = value.get("additionalProperties")
        if isinstance(rest, dict | bool):
            shape.fences.append(Fence(frozenset(named), tuple(patterned), step(part, "additionalProperties")))
        gone = {
            name for name, one in named.items() if isinstance(one, dict) and one.get(self.parts.absent or "") is True
        }
        for needed in _list(value, "required"):
            if isinstance(needed, str) and not (self._old and needed in gone):
                shape.required[needed] = None
        shape.fewest = max(shape.fewest, _count(value, "minProperties") or 0)
        shape.most = _less(shape.most, _count(value, "maxProperties"))
        if self._old:
            return
        if isinstance(value.get("propertyNames"), dict | bool):
            shape.names.append(step(part, "propertyNames"))
        for name, others in _dict(value, "dependentRequired").items():
            shape.dependent.setdefault(name, []).extend(map(str, others if isinstance(others, list) else ()))
        if isinstance(value.get("unevaluatedProperties"), dict | bool):
            shape.unevaluated.append(step(part, "unevaluatedProperties"))
            shape.hard = True

    def _choices(self, part: Part, value: dict[str, Json]) -> None:
        shape, parts = self.shape, self.parts
        for keyword in ("anyOf", "oneOf"):
            count = len(_list(value, keyword))
            if not count:
                continue
            options: list[tuple[Part, ...]] = [(parts.step(part, keyword, at),) for at in range(count)]
            tagged = list(self._tagged(part, value, keyword))
            choice = Choice((id(part), keyword), tagged or options)
            if keyword == "oneOf":
                against = [
                    parts.made(part, {"not": _list(value, keyword)[at]}, f"\0not/{keyword}/{at}") for at in range(count)
                ]
                choice.strict = [
                    (*options[at], *(no for other, no in enumerate(against) if other != at)) for at in range(count)
                ]
                shape.hard = shape.hard or count > 1
            elif tagged:
                choice.strict = options
            self._offer(choice)
        if isinstance(value.get("not"), dict | bool):
            if (id(part), "not") not in self._settled:
                self._offer(Choice((id(part), "not"), options_against(parts, parts.step(part, "not"))))
            shape.hard = True
        if self._old:
            return
        if isinstance(value.get("if"), dict | bool):
            self._conditions(part, value)
        for name in _dict(value, "dependentSchemas"):
            have = parts.made(part, {"required": [name]}, f"\0have/{name}")
            lack = parts.made(part, {"properties": {name: False}}, f"\0lack/{name}")
            key = (id(part), f"dependentSchemas/{name}")
            self._offer(Choice(key, [(have, parts.step(part, "dependentSchemas", name)), (lack,)]))
            shape.hinted.add("object")

    def _conditions(self, part: Part, value: dict[str, Json]) -> None:
        parts, shape = self.parts, self.shape
        met = parts.step(part, "if")
        unmet = parts.made(part, {"not": value["if"]}, "\0not/if")
        first = (met, parts.step(part, "then")) if isinstance(value.get("then"), dict | bool) else (met,)
        second = (unmet, parts.step(part, "else")) if isinstance(value.get("else"), dict | bool) else (unmet,)
        if "then" in value or "else" in value:
            self._offer(Choice((id(part), "if"), [first, second]))
            shape.hard = True

    def _offer(self, choice: Choice) -> None:
        if choice.key not in self._settled:
            self.shape.choices.append(choice)

    def _tagged(self, part: Part, value: dict[str, Json], keyword: str) -> Iterator[tuple[Part, ...]]:
        """Give the options of a choice that a discriminator tells apart, each with the value that names it."""
        said = _dict(value, "discriminator")
        name = said.get("propertyName")
        if not isinstance(name, str):
            return
        mapping = _dict(said, "mapping")
        for at, one in enumerate(_list(value, keyword)):
            reference = one.get("$ref") if isinstance(one, dict) else None
            if not isinstance(reference, str):
                return
            short = reference.rpartition("/")[2]
            tag = next((tag for tag, target in mapping.items() if target in (reference, short)), short)
            made: Json = {"type": "object", "required": [name], "properties": {name: {"enum": [tag]}}}
            yield self.parts.step(part, keyword, at), self.parts.made(part, made, f"\0tag/{keyword}/{at}")

    def _lacks(self, name: str) -> bool:
        """Whether a member is ruled out by what stands at its own name, or contradicts itself there."""
        found = self.shape.properties.get(name, ())
        if any(part.value is False for part in found):
            return True
        kinds = set(KINDS)
        for part in found:
            said = part.value.get("type") if isinstance(part.value, dict) else None
            if isinstance(said, str | list) and not (
                isinstance(part.value, dict) and part.value.get("nullable") is True
            ):
                named = {said} if isinstance(said, str) else set(map(str, said))
                kinds &= named | ({"integer"} if "number" in named else set())
        return not kinds

    def finish(self) -> None:
        """Draw the conclusions that need all of it."""
        shape = self.shape
        if shape.listed is not None:
            shape.listed = [one for one in shape.listed if kind_of(one) in shape.kinds]
        elif not shape.typed:
            hinted = set(shape.hinted)
            if all(one in _NUMBER_FORMATS for one in shape.formats) and shape.formats:
                hinted = (hinted - {"string"}) | {"number"}
            if "number" in hinted:
                hinted.add("integer")
            first = [kind for kind in shape.kinds if kind in hinted]
            others = ("string", "integer", "number", "boolean", "object", "array", "null")
            shape.kinds = tuple(first or [one for one in others if one in shape.kinds]) + tuple(
                one for one in others if first and one in shape.kinds and one not in first
            )
        if shape.listed == []:
            shape.kinds = ()
        if shape.kinds == ("object",) and any(self._lacks(name) for name in shape.required):
            shape.kinds = ()
        several = len(shape.patterns) > 1 or (shape.patterns and shape.formats)
        shape.hard = bool(shape.hard or several or shape.unlike or shape.broken or shape.excluded or shape.names)
        shape.hard = bool(shape.hard or len(shape.fences) > 1)


def _list(value: dict[str, Json], name: str) -> list[Json]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _dict(value: dict[str, Json], name: str) -> dict[str, Json]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: dict[str, Json], name: str) -> Fraction | None:
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return Fraction(str(found)) if isinstance(found, float) else Fraction(found)


def _count(value: dict[str, Json], name: str) -> int | None:
    found = _number(value, name)
    return None if found is None else max(0, int(found))


def _less(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)
