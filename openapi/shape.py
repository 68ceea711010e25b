"""What the schemas of one value say about its types, looked up only as far as reading text needs it. Judges nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["SCALARS", "TEXT", "Shape"]

SCALARS = frozenset(["string", "integer", "number", "boolean", "null"])
"""The types that are one piece of text."""

DEEPEST = 50
"""Levels of names that are read as such; what is deeper stays one name."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,3})?")


class Shape:
    """The schemas that hold of one value: those that are given, what they refer to, the parts of `allOf` and choices.

    Attributes: `nodes` (the schema objects, the given ones first), `kinds` (the JSON types it may have; none when
    nothing is said). typed: text that may be a number or a word is read as the number; else it stays text.
    """

    __slots__ = ("_items", "_library", "_members", "_names", "_typed", "kinds", "nodes")

    def __init__(self, library: Library | None = None, *starts: Node, typed: bool = False) -> None:
        self._library = library
        self._typed = typed
        self.nodes: list[Node] = []
        self._members: dict[str, Shape | None] = {}
        self._items: Shape | None = None
        self._names: dict[str, list[Node]] | None = None
        seen: set[tuple[str, str]] = set()
        self.kinds = frozenset[str](_agreed([self._kinds(start, seen) for start in starts]))

    def _kinds(self, node: Node, seen: set[tuple[str, str]]) -> set[str]:
        """Take note of a schema and of those in it that hold of the same value; tell the types it leaves."""
        if not isinstance(node.value, dict) or node.spot in seen or self._library is None:
            return set()
        seen.add(node.spot)
        self.nodes.append(node)
        limits = [_own_kinds(node.value)]
        if isinstance(node.value.get("$ref"), str):
            try:
                limits.append(self._kinds(self._library.follow(node), seen))
            except ContractError:
                return set()  # told when the schema is compiled
        for keyword in ("allOf", "anyOf", "oneOf"):
            parts = node.get(keyword)
            if parts is not None and isinstance(parts.value, list):
                found = [self._kinds(part, seen) for part in parts.items()]
                limits += found if keyword == "allOf" else [set().union(*found)] if all(found) else []
        return _agreed(limits)

    @property
    def is_scalar(self) -> bool:
        """Whether one piece of text can be such a value."""
        return not self.kinds or bool(self.kinds & SCALARS)

    @property
    def is_string(self) -> bool:
        """Whether it is text and nothing else."""
        return self.kinds - {"null"} == {"string"}

    @property
    def others(self) -> Iterator[Shape]:
        """The other ways to read the same text: a number where text would do as well, one value instead of several."""
        yield Shape(self._library, *self.nodes, typed=True)
        scalars = self.kinds & SCALARS
        if scalars and scalars != self.kinds:
            for typed in (False, True):
                single = Shape(self._library, *self.nodes, typed=typed)
                single.kinds = scalars
                yield single

    @property
    def names(self) -> dict[str, list[Node]]:
        """The schemas of each property that is named."""
        if self._names is None:
            found: dict[str, list[Node]] = {}
            for node in self.nodes:
                properties = node.get("properties")
                if properties is None or not isinstance(properties.value, dict):
                    continue
                for name, one in properties.members():
                    found.setdefault(name, []).append(one)
            self._names = found  # whole: other threads may ask at the same time
        return self._names

    def member(self, name: str) -> Shape:
        """Give the shape of a member, one that is not named included."""
        if name not in self.names:
            return self.rest or TEXT
        found = self._members.get(name)
        if found is None:
            found = self._members[name] = Shape(self._library, *self.names[name], typed=self._typed)
        return found

    @property
    def rest(self) -> Shape | None:
        """The shape of the members that are not named; None when there are no others, or nothing is said of any."""
        extra = [one for node in self.nodes if (one := node.get("additionalProperties")) is not None]
        if any(one.value is False for one in extra):
            return None
        if not extra:
            return TEXT if "object" in self.kinds and not self.names else None
        if "" not in self._members:
            self._members[""] = Shape(self._library, *extra, typed=self._typed)
        return self._members[""]

    @property
    def items(self) -> Shape:
        """The shape of the items of an array."""
        if self._items is None:
            found = [one for node in self.nodes if (one := node.get("items")) is not None]
            self._items = Shape(self._library, *found, typed=self._typed)
        return self._items

    def item(self, index: int) -> Shape:
        """Give the shape of one item, counted from 0: its own where `prefixItems` has one."""
        listed = [one for node in self.nodes if (one := node.get("prefixItems")) is not None]
        own = [one.items()[index] for one in listed if isinstance(one.value, list) and index < len(one.value)]
        return Shape(self._library, *own, typed=self._typed) if own else self.items

    def says(self, word: str) -> Json:
        """Give what the first schema that has a keyword says there; None when none has it."""
        return next((node.mapping[word] for node in self.nodes if word in node.mapping), None)

    def value(self, text: str) -> Json:
        """Read one piece of text as the type that the schema wants, if it is of that type."""
        if not self.kinds or ("string" in self.kinds and not self._typed):
            return text
        if "integer" in self.kinds and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in self.kinds and _NUMBER.fullmatch(text) and abs(float(text)) < float("inf"):
            return float(text) if any(mark in text for mark in ".eE") else int(text)
        if "boolean" in self.kinds and text in ("true", "false"):
            return text == "true"
        return None if "null" in self.kinds and text in ("", "null") else text

    def array(self, parts: list[str]) -> Json:
        """Read pieces of text as the items of an array."""
        return [self.item(index).value(part) for index, part in enumerate(parts)]

    def mapping(self, pairs: list[tuple[str, str]]) -> Json:
        """Read pairs of text as the properties of an object; of a property that is a list, each pair is an item."""
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            texts.setdefault(name, []).append(text)
        return {name: self.member(name).one_or_more(found) for name, found in texts.items()}

    def one_or_more(self, texts: list[str]) -> Json:
        """Read what came under one name: a list where it is one, else the last."""
        if "array" in self.kinds and (len(texts) > 1 or not self.kinds & SCALARS):
            return self.array(texts)
        return self.value(texts[-1])

    def tree(self, pairs: list[tuple[list[str], str]], depth: int = 0) -> Json:
        """Read `a[b][c]=text`: each text with the names that lead to it; numbers and `[]` count the items of arrays."""
        inner: dict[str, list[tuple[list[str], str]]] = {}
        for path, text in pairs:
            if len(path) > 1 and depth >= DEEPEST:
                path = ["][".join(path)]  # noqa: PLW2901 - the rest as one name
            if path:
                inner.setdefault(path[0], []).append((path[1:], text))
        if not inner:
            texts = [text for _, text in pairs]
            return self.array(texts) if "array" in self.kinds else self.value(texts[-1] if texts else "")
        if "array" not in self.kinds:
            return {name: self.member(name).tree(below, depth + 1) for name, below in inner.items()}
        listed = [self.items.tree([one], depth + 1) for one in inner.pop("", [])]
        counted = sorted(inner, key=lambda name: (len(name), name))
        return listed + [self.items.tree(inner[name], depth + 1) for name in counted]


def _own_kinds(schema: dict[str, Json]) -> set[str]:
    kind = schema.get("type")
    kinds = {kind} if isinstance(kind, str) else {str(one) for one in kind} if isinstance(kind, list) else set()
    if schema.get("nullable") is True and kinds:
        kinds.add("null")
    if kinds:
        return kinds
    if "properties" in schema:  # the keywords tell what is meant
        return {"object"}
    if "items" in schema or "prefixItems" in schema:
        return {"array"}
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return {_kind(one) for one in choices} if isinstance(choices, list) else set()


def _kind(value: Json) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"


def _agreed(limits: Iterable[set[str]]) -> set[str]:
    """Tell which types several schemas leave together; all that they name where they exclude each other."""
    said = [one for one in limits if one]
    if not said:
        return set()
    wide = [one | {"integer"} if "number" in one else one for one in said]
    common = set.intersection(*wide)
    if "number" in common:
        common -= {"integer"} - set().union(*([one for one in said if "integer" in one]))
    return common or set().union(*said)


TEXT = Shape()
"""The shape of what nothing is said about."""
