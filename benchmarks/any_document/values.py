"""Makes values that a schema allows, for requests. Each is proved by a validator that is handed in, never trusted.

Shares nothing with the makers of the rooms: what they get wrong must not be sent by them, too.
"""

from __future__ import annotations

import math
import random
import string
from typing import TYPE_CHECKING

from benchmarks.any_document.description import HERE, mapping
from benchmarks.any_document.matching import Unwritable, matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.any_document.description import Description
    from openapi.reading import Json

__all__ = ["Unmakeable", "Values"]

_TRIES = 12
_DEEP = 3
"""Levels on which optional properties are sent; below, what is required only."""
_TOO_DEEP = 20

_FORMATS: dict[str, str] = {
    "date": "2026-07-02",
    "date-time": "2026-07-02T14:15:26Z",
    "time": "14:15:26Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "uri-reference": "https://example.com/a",
    "iri": "https://example.com/a",
    "iri-reference": "https://example.com/a",
    "uri-template": "https://example.com/a",
    "uuid": "6f1c1e52-6b44-4c0e-9b6e-0d4c1f6f2a11",
    "guid": "6f1c1e52-6b44-4c0e-9b6e-0d4c1f6f2a11",
    "byte": "aGVsbG8=",
    "json-pointer": "/a",
    "relative-json-pointer": "0",
    "regex": "a+",
    "decimal": "1.5",
}
_UNIONS = ("oneOf", "anyOf")
_LOWER = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_UPPER = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")


class Unmakeable(Exception):
    """No value was found for a schema; `str()` says what stood in the way."""


class Values:
    """Makes values for the schemas of one document, always the same for the same schema."""

    def __init__(self, description: Description) -> None:
        self._description = description

    def value(self, schema: Json, examples: list[Json], wrong: Callable[[Json], str]) -> Json:
        """Give the first of the examples, or of what can be made, in which nothing is wrong. Raises `Unmakeable`."""
        found = ""
        for candidate in self.candidates(schema, examples):
            found = wrong(candidate)
            if not found:
                return candidate
        raise Unmakeable(found or "nothing could be made")

    def candidates(self, schema: Json, examples: list[Json]) -> Iterator[Json]:
        """Give the examples, then values of different shape. Raises `Unmakeable` when none can be made."""
        yield from examples
        reason, made = "", False
        for number in range(_TRIES):
            maker = _Maker(self._description, number)
            try:
                yield maker.make(schema, 0)
                made = True
            except (Unmakeable, Unwritable) as error:
                reason = str(error)
        if not made and not examples:
            raise Unmakeable(reason)


class _Maker:
    """One attempt: which branches it takes follows from its number."""

    def __init__(self, description: Description, number: int) -> None:
        self._description = description
        self._number = number
        self._random = random.Random(number)  # noqa: S311 - a choice, no secret

    def make(self, schema: Json, depth: int) -> Json:
        if depth > _TOO_DEEP:
            raise Unmakeable("it goes too deep")
        if schema is False:
            raise Unmakeable("the schema is false")
        merged = self._merged(schema, depth)
        if "const" in merged:
            return merged["const"]
        choices = merged.get("enum")
        if isinstance(choices, list) and choices:
            return self._one(choices)
        if self._number % 3 == 0:
            for name in ("example", "default"):
                if merged.get(name) is not None and not isinstance(merged[name], (dict, list)):
                    return merged[name]
        return self._of_type(self._type(merged), merged, depth)

    def _of_type(self, kind: str, schema: dict[str, Json], depth: int) -> Json:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind in ("integer", "number"):
            return self._number_of(schema, whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind == "null" else self._text(schema)

    def _one(self, choices: list[Json]) -> Json:
        return choices[0] if self._number == 0 else self._random.choice(choices)

    # --- what all parts of a schema say together ---

    def _merged(self, schema: Json, depth: int) -> dict[str, Json]:
        parts: list[dict[str, Json]] = []
        self._gather(schema, parts, depth)
        found: dict[str, Json] = {}
        for part in parts:
            for key, value in part.items():
                found[key] = _both(key, found[key], value) if key in found else value
        return found

    def _gather(self, schema: Json, parts: list[dict[str, Json]], depth: int) -> None:
        """List a schema, all that it is composed of, and one of each of its alternatives."""
        if depth + len(parts) > 4 * _TOO_DEEP:
            raise Unmakeable("it is composed of itself")
        own = self._description.resolved(schema)
        parts.append({key: value for key, value in own.items() if key not in ("allOf", *_UNIONS)})
        every = own.get("allOf")
        for part in every if isinstance(every, list) else []:
            self._gather(part, parts, depth + 1)
        for union in _UNIONS:
            branches = own.get(union)
            if isinstance(branches, list) and branches:
                # The last tries take the others; null is no first choice.
                real = [one for one in branches if mapping(one).get("type") != "null"] or branches
                chosen = real[self._number % len(real)] if self._number < _TRIES // 2 else self._random.choice(real)
                self._gather(chosen, parts, depth + 1)
                named = self._named(own.get("discriminator"), chosen)
                name = next(iter(mapping(named.get("properties"))), "")
                said = [mapping(mapping(part.get("properties")).get(name)) for part in parts]
                if named and not any("const" in one or "enum" in one for one in said):
                    parts.append(named)

    def _named(self, discriminator: Json, chosen: Json) -> dict[str, Json]:
        """Write the schema that a discriminator adds to a branch: the property that names it."""
        name = mapping(discriminator).get("propertyName")
        reference = mapping(chosen).get("$ref")
        if not isinstance(name, str) or not isinstance(reference, str):
            return {}
        known = mapping(mapping(discriminator).get("mapping"))
        own = self._description.reference(chosen)
        names = [key for key, value in known.items() if value in (own, reference.removeprefix(HERE))] or [own]
        return {"properties": {name: {"enum": [names[0]]}}, "required": [name]}

    def _type(self, schema: dict[str, Json]) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            real = [one for one in kind if one != "null"]
            kind = self._one(real) if real else "null"
        if isinstance(kind, str):
            return kind
        if any(key in schema for key in ("properties", "required", "additionalProperties", "minProperties")):
            return "object"
        if any(key in schema for key in ("items", "prefixItems", "minItems")):
            return "array"
        if any(key in schema for key in ("minimum", "maximum", "multipleOf")):
            return "number"
        return "string"

    # --- by type ---

    def _object(self, schema: dict[str, Json], depth: int) -> Json:
        properties = mapping(schema.get("properties"))
        required = [name for name in _listed(schema.get("required")) if isinstance(name, str)]
        optional = [] if depth >= _DEEP or self._number % 2 else [name for name in properties if name not in required]
        found: dict[str, Json] = {}
        extra = schema.get("additionalProperties", True)
        for name in [*required, *optional]:
            spared = name not in required or self._description.version == "3.0"
            if spared and self._read_only(properties.get(name, {})):
                continue  # in 3.1 what is required is so in both directions
            try:
                found[name] = self.make(properties.get(name, extra if isinstance(extra, dict) else {}), depth + 1)
            except (Unmakeable, Unwritable):
                if name in required:
                    raise
        least, most = _size(schema, "minProperties", 0), _size(schema, "maxProperties", 10_000)
        if not properties and isinstance(extra, dict) and not found and most > 0 and depth < _DEEP:
            least = max(least, 1)
        names = (f"key{number}" for number in range(least + 1))
        while len(found) < least and extra is not False:
            found.setdefault(next(names), self.make(extra if isinstance(extra, dict) else {}, depth + 1))
        while len(found) > most and any(name not in required for name in found):
            del found[next(name for name in reversed(found) if name not in required)]
        return found

    def _read_only(self, schema: Json, depth: int = 0) -> bool:
        node = self._description.resolved(schema)
        parts = _listed(node.get("allOf")) if depth < _TOO_DEEP else []
        return node.get("readOnly") is True or any(self._read_only(one, depth + 1) for one in parts)

    def _array(self, schema: dict[str, Json], depth: int) -> Json:
        first = _listed(schema.get("prefixItems"))
        items = schema.get("items", {})
        least, most = _size(schema, "minItems", 0), _size(schema, "maxItems", 10_000)
        wanted = min(most, max(least, 1 if depth < _TOO_DEEP // 2 else 0))
        found: list[Json] = [self.make(one, depth + 1) for one in first]
        for number in range(wanted * 5):
            if len(found) >= wanted:
                break
            maker = self if number == 0 else _Maker(self._description, self._number + number)
            try:
                item = maker.make(items, depth + 1)
            except Unmakeable:
                if least == 0:
                    break
                raise
            if schema.get("uniqueItems") is not True or item not in found:
                found.append(item)
        return found

    def _number_of(self, schema: dict[str, Json], *, whole: bool) -> Json:
        low, high = _bounds(schema)
        step = schema.get("multipleOf")
        step = step if isinstance(step, (int, float)) and step > 0 else (1 if whole else None)
        if whole and isinstance(step, float):
            step = max(1, math.ceil(step))
        start = low if low is not None else (min(1, high) if high is not None else 1)
        value: float = start + self._number % 4 if high is None or start + self._number % 4 <= high else start
        if step is not None:
            value = math.ceil(value / step) * step
            if high is not None and value > high:
                value = math.floor(high / step) * step
        return int(value) if whole or (value == int(value) and step == 1) else value

    def _text(self, schema: dict[str, Json]) -> str:
        least, most = _size(schema, "minLength", 0), _size(schema, "maxLength", 1_000_000)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            return matching(pattern, self._random, least, most)
        form = schema.get("format")
        known = _FORMATS.get(form) if isinstance(form, str) else None
        if known is not None:
            return known
        letters = string.ascii_lowercase
        made = "".join(letters[(self._number + at) % 26] for at in range(min(max(least, 4), most)))
        return made[:most]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _size(schema: dict[str, Json], name: str, otherwise: int) -> int:
    value = schema.get(name)
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise


def _bounds(schema: dict[str, Json]) -> tuple[float | None, float | None]:
    """Give the least and the greatest number, what is excluded stepped over by one."""
    found: list[float | None] = []
    for name, excluded, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        bound, other = schema.get(name), schema.get(excluded)
        near = bound if isinstance(bound, (int, float)) and not isinstance(bound, bool) else None
        if other is True and near is not None:
            near += sign
        elif isinstance(other, (int, float)) and not isinstance(other, bool):
            far = other + sign
            near = far if near is None else (max(near, far) if sign > 0 else min(near, far))
        found.append(near)
    low, high = found
    if low is not None and high is not None and low > high:  # an open interval without a whole number
        low = high = (low - 1 + high + 1) / 2
    return low, high


def _both(key: str, one: Json, other: Json) -> Json:
    """Say what two schemas say together in one keyword, as far as a first guess needs it."""
    if key in ("properties", "patternProperties") and isinstance(one, dict) and isinstance(other, dict):
        together: dict[str, Json] = {
            name: {"allOf": [one[name], other[name]]} for name in one if name in other and one[name] != other[name]
        }
        return {**one, **other, **together}
    if key == "required" and isinstance(one, list) and isinstance(other, list):
        return list(dict.fromkeys([*map(str, one), *map(str, other)]))
    if key == "enum" and isinstance(one, list) and isinstance(other, list):
        return [value for value in one if value in other] or other
    if key in _LOWER and isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return max(one, other)
    if key in _UPPER and isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return min(one, other)
    if key == "type":
        left, right = (value if isinstance(value, list) else [value] for value in (one, other))
        return [value for value in left if value in right] or other
    if key == "items" and isinstance(one, dict) and isinstance(other, dict) and one != other:
        return {"allOf": [one, other]}
    if key == "additionalProperties":
        return one if other is True else other
    return other
