"""Say how a schema changed for a caller: narrower, wider, other, or in its words alone.

Who is hurt depends on the direction. What a caller sends may be allowed more than before, what it receives may be
promised more. So narrower breaks requests and wider breaks responses; an added enum value breaks responses because
clients made by generators refuse values they do not know. References are followed, circles visited once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from openapi.document import Node
from openapi.editing import canonical
from openapi.pointers import child

if TYPE_CHECKING:
    from openapi.document import Library
    from openapi.reading import Json

__all__ = ["Change", "Direction", "Effect", "Report", "SchemaComparison"]

Direction: TypeAlias = Literal["request", "response", "both"]
"""Whether a caller sends the value or receives it; `both` below `not` and `if`, where wider may mean narrower."""

_Spot: TypeAlias = "tuple[str, str, str, str, Direction]"

Effect: TypeAlias = Literal["narrower", "wider", "other", "text"]

_TEXT = ("title", "description", "example", "examples", "externalDocs", "$comment", "deprecated")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_ASSERTIONS = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")
_COVARIANT = {"items": "[]", "additionalProperties": ".*", "unevaluatedProperties": ".*", "propertyNames": ".*"}
_INVARIANT = ("not", "if", "then", "else", "contains")
_MAPPINGS = ("patternProperties", "dependentSchemas")
_BRANCHES = ("allOf", "anyOf", "oneOf", "prefixItems")
_ELSEWHERE = ("type", "nullable", "enum", "const", "properties", "required", "readOnly", "writeOnly", "default")
_MEANINGLESS = ("$schema", "$id", "$anchor", "$defs", "definitions", "$dynamicAnchor", "$vocabulary")
_HANDLED = {*_TEXT, *_LOWER, *_UPPER, *_ASSERTIONS, *_COVARIANT, *_INVARIANT, *_MAPPINGS, *_BRANCHES, *_ELSEWHERE}
_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `operation` is `POST /path`, or empty for the document; `breaking` is meant for a caller.

    `kind` is stable and kebab-case. `pointer` leads into the newer document, for what was removed into the older one.
    """

    kind: str
    operation: str
    what: str
    breaking: bool
    pointer: str


class Report:
    """The changes found so far, in the order in which they were found."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.operation = ""

    def add(self, kind: str, what: str, node: Node, *, breaking: bool) -> None:
        """Note one change of the operation at hand."""
        self.changes.append(Change(kind, self.operation, what, breaking, node.pointer))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two versions of one schema, and the path of the values that it describes."""

    before: Node
    after: Node
    path: str
    direction: Direction


class SchemaComparison:
    """Compare schemas of two documents, each with its own library, into one report."""

    def __init__(self, before: Library, after: Library, report: Report) -> None:
        self.before = before
        self.after = after
        self.report = report
        self.part = ""
        self.pending: deque[_Pair] = deque()
        self.unchanged: set[_Spot] = set()

    def compare(self, before: Node, after: Node, part: str, direction: Direction) -> None:
        """Report how the schema of a part, for instance `request body`, differs.

        Raises `ContractError` when a reference leads nowhere.
        """
        self.part = part
        self.pending.append(_Pair(before, after, "", direction))
        found = len(self.report.changes)
        seen: set[_Spot] = set()
        while self.pending:  # a queue, not recursion: chains of references may be long
            pair = self.pending.popleft()
            old, new = self.before.follow(pair.before), self.after.follow(pair.after)
            spot = (old.document.uri, old.pointer, new.document.uri, new.pointer, pair.direction)
            if spot not in seen and spot not in self.unchanged:
                seen.add(spot)
                self._compare(_Pair(old, new, pair.path, pair.direction))
        if len(self.report.changes) == found:
            self.unchanged |= seen  # nor does anything that these lead to: other operations need not come by again

    def _compare(self, pair: _Pair) -> None:
        closed = (pair.before.value is False, pair.after.value is False)
        if closed[0] != closed[1]:
            effect: Effect = "narrower" if closed[1] else "wider"
            verb = "no longer allowed" if closed[1] else "now allowed"
            self._say(pair, "schema-closed" if closed[1] else "schema-opened", f"values are {verb}", effect)
        if any(closed):
            return
        old, new = _read(pair.before), _read(pair.after)
        text = canonical(old)
        same = text == canonical(new)
        if not same:
            self._types(pair, old, new)
            self._values(pair, old, new)
            self._limits(pair, old, new)
        if not same or '"$ref"' in text:  # the same words may lead to what is different
            self._properties(pair, old, new)
            self._inner(pair, old, new)
            self._branches(pair, old, new)
        if not same:
            self._rest(pair, old, new)

    def _say(self, pair: _Pair, kind: str, what: str, effect: Effect, node: Node | None = None) -> None:
        label = f"{self.part}, {pair.path.lstrip('.')}" if pair.path else self.part
        breaking = (
            effect == "other"
            or (effect == "narrower" and pair.direction != "response")
            or (effect == "wider" and pair.direction != "request")
        )
        self.report.add(kind, f"{label}: {what}.", node or pair.after, breaking=breaking)

    def _types(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        before, after = _type_names(old), _type_names(new)
        if before == after:
            return
        effect: Effect = "narrower" if after < before else "wider" if before < after else "other"
        kind = {"narrower": "type-narrowed", "wider": "type-widened"}.get(effect, "type-changed")
        self._say(pair, kind, f"the type was {_spelled(before)} and is {_spelled(after)}", effect)

    def _values(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        before, after = _allowed(old), _allowed(new)
        if before is None or after is None:
            if before is not None:
                self._say(pair, "enum-removed", "any value is allowed now, not only the listed ones", "wider")
            elif after is not None:
                self._say(pair, "enum-added", f"only {', '.join(after)} allowed now", "narrower")
            return
        for value in after:
            if value not in before:
                self._say(pair, "enum-value-added", f"{value} is a new value", "wider")
        for value in before:
            if value not in after:
                self._say(pair, "enum-value-removed", f"{value} is no value any more", "narrower")

    def _limits(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        for name in (*_LOWER, *_UPPER, *_ASSERTIONS):
            before, after = old.get(name), new.get(name)
            if canonical(before) == canonical(after):
                continue
            effect: Effect = "other"
            if before is None or after is None:
                effect = "narrower" if before is None else "wider"
            elif name not in _ASSERTIONS and isinstance(before, (int, float)) and isinstance(after, (int, float)):
                effect = "narrower" if (after > before) == (name in _LOWER) else "wider"
            kind = "assertion-changed" if name in _ASSERTIONS else "limit-changed"
            self._say(pair, kind, f"{name} was {_shown(before)} and is {_shown(after)}", effect)

    def _properties(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        before = _visible(self.before, pair.before, old, pair.direction)
        after = _visible(self.after, pair.after, new, pair.direction)
        required = _names(new)
        for name, node in after.items():
            if name in before:
                self.pending.append(_Pair(before[name], node, f"{pair.path}.{name}", pair.direction))
                continue
            must = " and required" if name in required else ""
            hurts = pair.direction == "both" or (pair.direction == "request" and name in required)
            self._say(pair, "property-added", f"{name} is new{must}", "other" if hurts else "text", node)
        for name, node in before.items():
            if name not in after:
                # Breaking in a request too: whoever sends it means something by it.
                self._say(pair, "property-removed", f"{name} is gone", "other", node)
        self._required(pair, _names(old) - (before.keys() - after.keys()), required - (after.keys() - before.keys()))

    def _required(self, pair: _Pair, before: set[str], after: set[str]) -> None:
        hidden = _hidden(self.before, pair.before, pair.direction) | _hidden(self.after, pair.after, pair.direction)
        for name in sorted((after - before) - hidden):
            self._say(pair, "required-added", f"{name} is now required", "narrower")
        for name in sorted((before - after) - hidden):
            self._say(pair, "required-removed", f"{name} is no longer required", "wider")

    def _inner(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        for name, suffix in _COVARIANT.items():
            if name in old or name in new:
                before, after = (
                    Node(one.document, child(one.pointer, name), values.get(name, True))
                    for one, values in ((pair.before, old), (pair.after, new))
                )
                self.pending.append(_Pair(before, after, pair.path + suffix, pair.direction))
        for name in _INVARIANT:
            self._members(pair, {name: old[name]} if name in old else {}, {name: new[name]} if name in new else {}, "")
        for name in _MAPPINGS:
            self._members(pair, _mapping(old.get(name)), _mapping(new.get(name)), name)

    def _members(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json], keyword: str) -> None:
        direction: Direction = pair.direction if keyword == "patternProperties" else "both"
        for name in {**old, **new}:
            steps = (keyword, name) if keyword else (name,)
            if name in old and name in new:
                before, after = (
                    Node(one.document, child(one.pointer, *steps), value)
                    for one, value in ((pair.before, old[name]), (pair.after, new[name]))
                )
                self.pending.append(_Pair(before, after, f"{pair.path} ({' '.join(steps)})", direction))
            else:
                effect: Effect = "narrower" if name in new else "wider"
                verb = "is new" if name in new else "is gone"
                self._say(pair, "keyword-changed", f"the rule {' '.join(steps)} {verb}", effect)

    def _branches(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        for name in _BRANCHES:
            before, after = old.get(name), new.get(name)
            if not isinstance(before, list) or not isinstance(after, list):
                if before is not None or after is not None:
                    effect: Effect = "narrower" if before is None else "wider" if after is None else "other"
                    self._say(pair, "keyword-changed", f"{name} is {'gone' if after is None else 'new'}", effect)
                continue
            for one, two in _pairs(before, after):
                nodes = (
                    Node(pair.before.document, child(pair.before.pointer, name, one), before[one]),
                    Node(pair.after.document, child(pair.after.pointer, name, two), after[two]),
                )
                self.pending.append(_Pair(*nodes, f"{pair.path} ({name} {two + 1})", pair.direction))
            more = len(after) - len(before)
            if more:
                alternatives = name in ("anyOf", "oneOf")
                what = f"{name} has {abs(more)} {'more' if more > 0 else 'fewer'}"
                self._say(pair, "branches-changed", what, "wider" if (more > 0) == alternatives else "narrower")

    def _rest(self, pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> None:
        for name in {**old, **new}:
            known = name in _HANDLED and name not in (*_TEXT, "default", "readOnly", "writeOnly")
            if known or name in _MEANINGLESS or canonical(old.get(name)) == canonical(new.get(name)):
                continue
            if name in _TEXT or name.startswith("x-"):
                self._say(pair, "text-changed", f"{name} reads differently", "text")
            elif name == "default":
                what = f"the default was {_shown(old.get(name))} and is {_shown(new.get(name))}"
                self._say(pair, "default-changed", what, "narrower")  # it acts for callers that leave the value out
            else:
                effect: Effect = "text" if name in ("readOnly", "writeOnly") else "other"
                self._say(
                    pair,
                    "keyword-changed",
                    f"{name} was {_shown(old.get(name))} and is {_shown(new.get(name))}",
                    effect,
                )


def _read(node: Node) -> dict[str, Json]:
    """Give a schema as a mapping, in the spelling of OpenAPI 3.1 where 3.0 differs."""
    schema = {} if node.value is True else dict(node.mapping)
    for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(flag), bool):
            exclusive = schema.pop(flag)
            if exclusive and limit in schema:
                schema[flag] = schema.pop(limit)
    if schema.get("uniqueItems") is False:
        del schema["uniqueItems"]
    return schema


def _type_names(schema: dict[str, Json]) -> frozenset[str]:
    kinds = schema.get("type")
    if kinds is None:
        return _TYPES
    names = {str(kind) for kind in kinds} if isinstance(kinds, list) else {str(kinds)}
    if schema.get("nullable") is True:
        names.add("null")
    return frozenset(names | {"integer"} if "number" in names else names)


def _spelled(names: frozenset[str]) -> str:
    if names == _TYPES:
        return "anything"
    return " or ".join(sorted(names - {"integer"} if "number" in names else names))


def _allowed(schema: dict[str, Json]) -> list[str] | None:
    if "const" in schema:
        return [canonical(schema["const"])]
    values = schema.get("enum")
    return [canonical(value) for value in values] if isinstance(values, list) else None


def _hidden(library: Library, node: Node, direction: Direction) -> set[str]:
    """Name the properties that never travel in this direction."""
    flag = {"request": "readOnly", "response": "writeOnly"}.get(direction)
    members = node.get("properties") if isinstance(node.value, dict) else None
    if flag is None or members is None:
        return set()
    found = ((name, library.follow(member).value) for name, member in members.members())
    return {name for name, value in found if isinstance(value, dict) and value.get(flag) is True}


def _visible(library: Library, node: Node, schema: dict[str, Json], direction: Direction) -> dict[str, Node]:
    hidden = _hidden(library, node, direction)
    pointer = child(node.pointer, "properties")
    return {
        name: Node(node.document, child(pointer, name), value)
        for name, value in _mapping(schema.get("properties")).items()
        if name not in hidden
    }


def _names(schema: dict[str, Json]) -> set[str]:
    required = schema.get("required")
    return {str(name) for name in required} if isinstance(required, list) else set()


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _pairs(before: list[Json], after: list[Json]) -> list[tuple[int, int]]:
    """Pair the branches that read alike, then the others in their order; surplus ones stay alone."""
    olds: dict[str, list[int]] = {}
    free: list[int] = []
    for index, one in enumerate(before):
        olds.setdefault(canonical(one), []).append(index)
    pairs: list[tuple[int, int]] = []
    for index, one in enumerate(after):
        alike = olds.get(canonical(one))
        if alike:
            pairs.append((alike.pop(0), index))
        else:
            free.append(index)
    left = sorted(index for indices in olds.values() for index in indices)
    return sorted([*pairs, *zip(left, free, strict=False)], key=lambda pair: pair[1])


def _shown(value: Json) -> str:
    return "absent" if value is None else canonical(value)
