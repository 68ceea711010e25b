"""Schemas of any keywords in any combination, by a seed. Nothing promises that one of them can be satisfied.

Names and constants are few, so that what is drawn meets: most schemas that are drawn speak twice of the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.equality import kind_of

if TYPE_CHECKING:
    from random import Random

    from openapi.reading import Json

__all__ = ["CONSTANTS", "NAMES", "random_components", "random_schema"]

NAMES = ("a", "b", "c", "kind", "x-1", "id", "name")
CONSTANTS: tuple[Json, ...] = (
    None, True, False, 0, 1, 2, -1, 0.5, 10, "", "a", "b", "abc", "x-1", "A1", [], [1], ["a"], {}, {"a": 1},
    {"a": "b", "b": None},
)  # fmt: skip
_PATTERNS = (
    "^a", "b$", "^[a-z]+$", "^x-", "[0-9]", "^.{2,4}$", "^(?!a).*$", "^(a|b|abc)$", "^$", r"^\d{3}-\w+$",
    "^(?=.*[0-9])(?=.*[A-Z]).{3,}$",
)  # fmt: skip
_FORMATS = (
    "date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid",
    "json-pointer", "regex", "int32", "no-such-format",
)  # fmt: skip
_KINDS = ("string", "integer", "number", "boolean", "null", "array", "object")
_COMPONENTS = ("A", "B", "Tree", "List")
_SMALL: tuple[Json, ...] = (
    {"type": "string"}, {"type": "integer"}, {"enum": ["a", "b", 1]}, {"const": 1}, {"type": "boolean"}, True,
    {"minLength": 2}, {"type": "integer", "minimum": 3}, {"type": ["string", "null"]}, {"multipleOf": 2},
)  # fmt: skip
_SMALL_OLD: tuple[Json, ...] = (
    {"type": "string"}, {"type": "integer"}, {"enum": ["a", "b", 1]}, {"type": "boolean", "nullable": True},
    {"minLength": 2}, {"type": "integer", "minimum": 3}, {"multipleOf": 2},
)  # fmt: skip
_OF_NAMES: tuple[Json, ...] = (
    {"pattern": "^[a-z]"}, {"pattern": "^.{2,4}$"}, {"maxLength": 3}, {"enum": ["a", "b", "x-1", "zz"]},
    {"not": {"const": "a"}}, {"format": "uuid"},
)  # fmt: skip


class _Drawing:
    """Draws one schema. old: as OpenAPI 3.0 has them."""

    def __init__(self, random: Random, *, old: bool) -> None:
        self.random = random
        self.old = old

    def maybe(self, of: int = 2) -> bool:
        return self.random.randrange(of) == 0

    def schema(self, depth: int) -> Json:
        one = self.random.randrange(24)
        if one == 0 and not self.old:
            return self.random.random() < 0.7
        if one <= 1:
            return {}
        if one <= 3:
            return {"$ref": f"#/components/schemas/{self.random.choice(_COMPONENTS)}"}
        found: dict[str, Json] = {}
        kinds = self.kinds(found)
        for kind in kinds:
            self.of_kind(kind, found, depth)
        self.listed(found, kinds)
        if depth > 0:
            for _ in range(self.random.choice((0, 0, 0, 1, 1, 2))):
                self.combined(found, depth - 1)
        if self.maybe(25) and not self.old:
            found["$ref"] = f"#/components/schemas/{self.random.choice(_COMPONENTS)}"
        return found

    def kinds(self, found: dict[str, Json]) -> list[str]:
        kinds = self.random.sample(_KINDS, 1 if self.old else self.random.choice((1, 1, 1, 2, 3)))
        if self.old and kinds == ["null"]:
            kinds = ["object"]
        if not self.maybe(4):
            found["type"] = kinds[0] if len(kinds) == 1 else [*kinds]
            if self.old and self.maybe(5):
                found["nullable"] = True
        return kinds

    def listed(self, found: dict[str, Json], kinds: list[str]) -> None:
        if self.maybe(8) and "nullable" not in found:
            of_kind = [one for one in CONSTANTS if "type" not in found or kind_of(one) in kinds or self.maybe(9)]
            among = of_kind or list(CONSTANTS)
            found["enum"] = self.random.sample(among, min(len(among), self.random.randint(1, 5)))
        elif self.maybe(12) and not self.old:
            found["const"] = self.random.choice(CONSTANTS)

    def of_kind(self, kind: str, found: dict[str, Json], depth: int) -> None:
        if kind == "string":
            self.text(found)
        elif kind in ("integer", "number"):
            self.number(found)
        elif kind == "array":
            self.array(found, max(depth - 1, 0))
        elif kind == "object":
            self.object(found, depth - 1)

    def text(self, found: dict[str, Json]) -> None:
        if self.maybe(3):
            found["minLength"] = self.random.choice((0, 1, 2, 3, 8, 20))
        if self.maybe(3):
            found["maxLength"] = self.random.choice((1, 2, 3, 5, 12, 40))
        if self.maybe(4):
            found["pattern"] = self.random.choice(_PATTERNS)
        if self.maybe(5):
            found["format"] = self.random.choice(_FORMATS)

    def number(self, found: dict[str, Json]) -> None:
        low = self.random.choice((-10, -1, 0, 0.5, 1, 3, 1e3))
        high = low + self.random.choice((0, 0.5, 1, 2, 7, 1000))
        if self.maybe():
            found["minimum"] = low
        if self.maybe():
            found["maximum"] = high
        if self.maybe(3):
            found["exclusiveMinimum"] = self.maybe() if self.old else low
        if self.maybe(3):
            found["exclusiveMaximum"] = self.maybe() if self.old else high
        if self.maybe(4):
            found["multipleOf"] = self.random.choice((1, 2, 3, 0.5, 0.1, 0.01, 7, 1.5))

    def array(self, found: dict[str, Json], depth: int) -> None:
        if self.maybe(3):
            found["minItems"] = self.random.randint(0, 3)
        if self.maybe(3):
            found["maxItems"] = self.random.randint(0, 4)
        if self.maybe(4):
            found["uniqueItems"] = True
        if self.maybe() or self.old:
            found["items"] = self.inner(depth)
        if self.old:
            return
        if self.maybe(3):
            found["prefixItems"] = [self.inner(depth) for _ in range(self.random.randint(1, 3))]
        if self.maybe(3):
            self.contains(found, depth)
        if self.maybe(6):
            found["unevaluatedItems"] = self.inner(depth) if self.maybe() else False

    def contains(self, found: dict[str, Json], depth: int) -> None:
        found["contains"] = self.inner(depth)
        if self.maybe():
            found["minContains"] = self.random.randint(0, 3)
        if self.maybe():
            found["maxContains"] = self.random.randint(1, 3)

    def inner(self, depth: int) -> Json:
        return self.schema(depth) if depth > 0 else self.random.choice(_SMALL_OLD if self.old else _SMALL)

    def object(self, found: dict[str, Json], depth: int) -> None:
        names = self.random.sample(NAMES, self.random.randint(0, 4))
        if names:
            found["properties"] = {name: self.member(depth) for name in names}
        if self.maybe():
            among = names if names and not self.maybe(4) else NAMES
            found["required"] = [*self.random.sample(among, min(len(among), self.random.randint(1, 3)))]
        if self.maybe(4):
            found["minProperties"] = self.random.randint(0, 4)
        if self.maybe(5):
            found["maxProperties"] = self.random.randint(0, 4)
        if self.maybe(3):
            found["additionalProperties"] = self.random.choice((False, True)) if self.maybe() else self.inner(depth)
        if not self.old:
            self.object_of_2020(found, depth)

    def object_of_2020(self, found: dict[str, Json], depth: int) -> None:
        if self.maybe(5):
            patterns = self.random.sample(_PATTERNS[:6], self.random.randint(1, 2))
            found["patternProperties"] = {pattern: self.inner(depth) for pattern in patterns}
        if self.maybe(6):
            found["propertyNames"] = self.random.choice(_OF_NAMES)
        if self.maybe(6):
            some: Json = [*self.random.sample(NAMES, self.random.randint(1, 2))]
            found["dependentRequired"] = {self.random.choice(NAMES): some for _ in range(2)}
        if self.maybe(6):
            dependent: dict[str, Json] = {}
            self.object(dependent, depth)
            found["dependentSchemas"] = {self.random.choice(NAMES): dependent}
        if self.maybe(6):
            found["unevaluatedProperties"] = self.inner(depth) if self.maybe() else False

    def member(self, depth: int) -> Json:
        found = self.inner(depth)
        if isinstance(found, dict) and self.maybe(10) and not self.old:
            return {**found, self.random.choice(("readOnly", "writeOnly")): True}
        return found

    def combined(self, found: dict[str, Json], depth: int) -> None:
        word = self.random.choice(("allOf", "anyOf", "oneOf", "not", "tagged", *([] if self.old else ["if"])))
        if word in found or (word == "tagged" and "oneOf" in found):
            return
        if word == "not":
            found[word] = self.schema(min(depth, 1))
        elif word == "if":
            found["if"] = self.schema(min(depth, 1))
            for then in ("then", "else"):
                if not self.maybe(3):
                    found[then] = self.schema(depth)
        elif word == "tagged":
            found["oneOf"] = [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
            found["discriminator"] = {"propertyName": "kind", "mapping": {"first": "#/components/schemas/A"}}
        else:
            found[word] = [self.schema(depth) for _ in range(self.random.randint(1, 3))]


def random_schema(random: Random, depth: int = 2, *, old: bool = False) -> dict[str, Json]:
    """Draw a schema of 2020-12, or of OpenAPI 3.0; it may refer to `random_components`."""
    while True:
        found = _Drawing(random, old=old).schema(depth)
        if isinstance(found, dict) and found and "$ref" not in found:
            return found


def random_components(random: Random, *, old: bool = False) -> dict[str, Json]:
    """Draw what the schemas refer to: two that a discriminator may tell apart, and two that hold themselves."""
    drawing = _Drawing(random, old=old)
    found: dict[str, Json] = {}
    for name, tag in (("A", "first"), ("B", "B")):
        kind: dict[str, Json] = {"kind": {"type": "string"}}
        if drawing.maybe():
            kind = {"kind": {"enum": [tag]}, "a": drawing.inner(0)}
        found[name] = {"type": "object", "required": ["kind"], "properties": kind}
    tree: Json = {"$ref": "#/components/schemas/Tree"}
    trees: Json = {"type": "array", "items": tree}
    members: Json = {"name": {"type": "string", "minLength": 1}, "a": tree, "b": trees}
    found["Tree"] = {"type": "object", "required": ["name"], "properties": members}
    some: Json = {"anyOf": [{"$ref": "#/components/schemas/List"}, {"type": "integer"}]}
    found["List"] = {"type": "array", "items": some}
    return found
