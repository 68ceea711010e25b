"""What the schemas that hold of one value say together: references followed, `allOf` joined, a branch chosen.

It only collects, to generate by; what is valid in the end is decided by the validator of `samples.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["KINDS", "Said", "gather", "kind_of"]

KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")

_HINTS = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "object": ("properties", "required", "additionalProperties", "minProperties", "patternProperties"),
}
"""Keywords that speak of one type, where none is named."""

_DEEPEST = 40
"""Schemas within each other that are looked at: more is a circle."""


@dataclass(slots=True)
class Said:
    """What is said of a value. keywords: each with everything that it says. kinds: the types that are left.

    others: what is said of members that no name or pattern speaks of. closed: that there are none. absent: members that
    a request has not.
    """

    keywords: dict[str, list[Json]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=lambda: set(KINDS))
    properties: dict[str, list[Node]] = field(default_factory=dict)
    patterns: dict[str, list[Node]] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    others: list[Node] = field(default_factory=list)
    closed: bool = False
    absent: set[str] = field(default_factory=set)
    prefix: list[list[Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    contains: list[Node] = field(default_factory=list)
    examples: list[Json] = field(default_factory=list)
    typed: bool = False

    def numbers(self, *keywords: str) -> list[float]:
        """Give the numbers that keywords say."""
        found = (value for keyword in keywords for value in self.keywords.get(keyword, ()))
        return [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]

    def least(self, keyword: str) -> int:
        """Give the least length that a keyword allows, 0 without one."""
        return int(max([0, *self.numbers(keyword)]))

    def most(self, keyword: str) -> int | None:
        """Give the greatest length that a keyword allows, None without one."""
        found = self.numbers(keyword)
        return int(min(found)) if found else None


def kind_of(value: Json) -> str:
    """Name the JSON type of a value."""
    if value is None:
        return "null"
    known = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for python, name in known if isinstance(value, python)), "object")


def gather(
    nodes: Iterable[Node], library: Library, version: str, choose: Callable[[list[Node]], Iterable[Node]]
) -> Said:
    """Collect what schemas say. choose: gives those of the branches of `anyOf` or `oneOf` that are to hold.

    `if` is left alone: both ways out of it are branches.
    """
    said = Said()
    for node in nodes:
        _add(said, node, library, version, choose, 0)
    if not said.typed:
        hinted = {kind for kind, words in _HINTS.items() if any(word in said.keywords for word in words)}
        if hinted:
            said.kinds = hinted
    return said


def _add(
    said: Said,
    node: Node,
    library: Library,
    version: str,
    choose: Callable[[list[Node]], Iterable[Node]],
    depth: int,
) -> None:
    value = node.value
    if value is False or depth > _DEEPEST:
        said.kinds.clear()
        return
    if not isinstance(value, dict):
        return
    if isinstance(value.get("$ref"), str):
        _add(said, library.resolve(str(value["$ref"]), node), library, version, choose, depth + 1)
        if version == "3.0":  # nothing counts beside a reference there
            return
    _keywords(said, node, version)
    _members(said, node, version)
    branches = [_nodes(node, keyword) for keyword in ("anyOf", "oneOf")]
    branches.append([part for word in ("then", "else") if (part := node.get(word)) is not None])
    parts = [*_nodes(node, "allOf"), *(one for some in branches if some for one in choose(some))]
    for part in parts:
        _add(said, part, library, version, choose, depth + 1)


def _nodes(node: Node, keyword: str) -> list[Node]:
    part = node.get(keyword)
    return part.items() if part is not None and isinstance(part.value, list) else []


def _keywords(said: Said, node: Node, version: str) -> None:
    value = node.mapping
    for keyword, says in value.items():
        said.keywords.setdefault(keyword, []).append(says)
    kinds = value.get("type")
    if kinds is not None:
        named = {str(kind) for kind in kinds} if isinstance(kinds, list) else {str(kinds)}
        if version == "3.0" and value.get("nullable") is True:
            named.add("null")
        said.typed = True
        said.kinds = {one for one in said.kinds if one in named or (one == "integer" and "number" in named)}
    if "const" in value:
        said.keywords.setdefault("enum", []).append([value["const"]])
    examples = value.get("examples")
    said.examples += examples if isinstance(examples, list) else []
    said.examples += [value["example"]] if "example" in value else []


def _members(said: Said, node: Node, version: str) -> None:
    """Add what a schema says of the members of an object and of the items of an array."""
    for keyword, known in (("properties", said.properties), ("patternProperties", said.patterns)):
        part = node.get(keyword)
        for name, member in part.members() if part is not None and isinstance(part.value, dict) else ():
            known.setdefault(name, []).append(member)
            if isinstance(member.value, dict) and member.value.get("readOnly") is True:
                said.absent.add(name)
    listed = node.value.get("required") if isinstance(node.value, dict) else None
    for lost in listed if isinstance(listed, list) else ():
        if lost not in said.required and not (version == "3.0" and lost in said.absent):
            said.required.append(str(lost))
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        rest = node.get(keyword)
        if rest is not None:
            said.closed = said.closed or rest.value is False
            said.others.append(rest)
    _items(said, node)


def _items(said: Said, node: Node) -> None:
    prefix = _nodes(node, "prefixItems")
    for index, one in enumerate(prefix):
        if index == len(said.prefix):
            said.prefix.append([])
        said.prefix[index].append(one)
    for keyword, found in (("items", said.items), ("contains", said.contains)):
        inner = node.get(keyword)
        if inner is not None and isinstance(inner.value, dict | bool):
            found.append(inner)
