"""Names that schemas give themselves: `$id`, `$anchor` and `$dynamicAnchor`, and which of them a reference means.

A schema that uses them, or that refers to itself as if it were a whole file (`#/$defs/...`), is a resource of its own:
its address is that of its document with the pointer as query. Follows nothing over the network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from openapi.keywords import DATA, LISTS, MEMBERS, NAMED, SINGLE
from openapi.pointers import child, parents, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

__all__ = ["Names", "address", "inside", "is_address", "is_schema", "join", "mappings", "uses_names", "whole_schemas"]

_MAY_NAME = re.compile(
    rb"""\$(?:id|anchor|dynamicAnchor|dynamicRef)["']?\s*:|\$ref["']?\s*:\s*["']?(?:#(?!/(?:components|paths)/)|https?:)"""
)
_OUTWARD = ("#/components/", "#/paths/")
_NO_SCHEMA = frozenset(
    ["openapi", "swagger", "paths", "components", "overlay", "responses", "requestBody", "content", "schema"]
)
"""Keys at the top of a file that is no schema: a document, an operation, a response, a parameter."""

_SCHEMA = frozenset(
    ["$schema", "$id", "$ref", "$defs", "$anchor", "$dynamicAnchor", "$dynamicRef", "definitions", "properties",
     "patternProperties", "additionalProperties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "not", "if",
     "enum", "const", "required", "minimum", "maximum", "minLength", "maxLength", "pattern", "format"]
)  # fmt: skip
"""Keywords of which a file that is a schema has one; others hold parameters or schemas by their names."""

_ANCHORS = ("$anchor", "$dynamicAnchor")
_IN_FRAGMENTS = "/~!$&'()*+,;=:@"
"""Marks that stand in the fragment of an address as they are (RFC 3986 3.5)."""


def address(uri: str, pointer: str) -> str:
    """Write the address of a place in a document."""
    return f"{uri}#{quote(pointer, safe=_IN_FRAGMENTS)}"


def uses_names(raw: bytes) -> bool:
    """Tell from its bytes whether a file may hold schemas that name themselves; at times it does not after all."""
    return _MAY_NAME.search(raw) is not None


class Names:
    """The names in one document.

    Attributes: `ids` (absolute `$id` -> pointer), `used` (whether there are any names, or references that may mean a
    schema in which they stand). Two schemas may well have the same names, each for itself: of these, a reference means
    the one in the schema that it stands in.
    """

    def __init__(self, uri: str, tree: Json) -> None:
        self.uri = uri
        self.ids: dict[str, str] = {}
        self._all: dict[tuple[str, str], list[str]] = {}
        self._in_whole: dict[tuple[str, str, str], list[str]] = {}
        self._in_resource: dict[tuple[str, str], str] = {}
        self._bases: dict[str, str] = {}
        self._wholes = frozenset(pointer for pointer, _ in whole_schemas(tree))
        self.used = False
        for pointer, base, value in mappings(uri, tree):
            if _own_base(base, value) is not None:
                self.ids.setdefault(base, pointer)
                self._add(base, "", pointer)
                self._bases[pointer] = base
            for keyword in _ANCHORS:
                name = value.get(keyword)
                if isinstance(name, str) and name:
                    self._add(base, name, pointer)
                    self._in_resource.setdefault((self.resource(pointer), name), pointer)
            reference = value.get("$ref")
            if isinstance(reference, str):
                inward = reference[:1] == "#" and not reference.startswith(_OUTWARD)
                self.used |= inward or reference.startswith(("http:", "https:"))
            self.used |= isinstance(value.get("$dynamicRef"), str)
        self.used |= bool(self._all)

    def _add(self, base: str, name: str, pointer: str) -> None:
        self._all.setdefault((base, name), []).append(pointer)
        self._in_whole.setdefault((base, name, self._whole(pointer)), []).append(pointer)

    def base(self, pointer: str) -> str:
        """Give the address that relative references at a pointer start from: the nearest `$id`, else the document."""
        if not self._bases:
            return self.uri
        return next((self._bases[known] for known in parents(pointer) if known in self._bases), self.uri)

    def resource(self, pointer: str) -> str:
        """Name the resource that a pointer stands in: the nearest `$id`, else its whole schema, else the document."""
        base = self.base(pointer)
        return base if base != self.uri else f"{base}?{self._whole(pointer)}"

    def find(self, base: str, anchor: str, near: str = "") -> str | None:
        """Find what an address names, without an anchor or with one: near a pointer, where several have the name."""
        found = self._all.get((base, anchor), ())
        if len(found) > 1:
            here = self._in_whole.get((base, anchor, self._whole(near)), found)
            return next((pointer for pointer in here if self._may_be_schema(pointer)), here[0])
        return found[0] if found else None

    def _may_be_schema(self, pointer: str) -> bool:
        """Tell whether keywords of schemas lead to a place: within others `$id` is no name (2020-12 Core, 8.2.1)."""
        steps = iter(tokens(pointer[len(self._whole(pointer)) :]))
        for step in steps:
            if step in MEMBERS:
                next(steps, None)
            elif step not in SINGLE and step not in LISTS and not step.isdigit():
                return False
        return True

    def anchored(self, resource: str, anchor: str) -> str | None:
        """Find an anchor in a resource itself."""
        return self._in_resource.get((resource, anchor))

    def _whole(self, pointer: str) -> str:
        return next((known for known in parents(pointer) if known in self._wholes), "")


def join(base: str, reference: str) -> str:
    """Resolve a reference; a fragment alone stays in its document, whatever the scheme of that is."""
    return urldefrag(base)[0] + reference if reference[:1] == "#" else urljoin(base, reference)


def mappings(uri: str, tree: Json) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield the mappings of a document in its order, with their pointer and the base that holds in them."""
    waiting: list[tuple[str, str, Json, bool]] = [("", uri, tree, False)]
    while waiting:
        pointer, base, value, names = waiting.pop()
        if isinstance(value, list):
            waiting += [(child(pointer, index), base, item, False) for index, item in enumerate(value)][::-1]
        elif isinstance(value, dict):
            if not names:
                base = _own_base(base, value) or base
                yield pointer, base, value
            waiting += [
                (child(pointer, name), base, item, name in NAMED and not names)
                for name, item in value.items()
                if names or name not in DATA
            ][::-1]


def _own_base(base: str, value: dict[str, Json]) -> str | None:
    """Give the address that a schema gives itself within a base; None when it gives none, or what is no address."""
    identifier = value.get("$id")
    if not isinstance(identifier, str) or identifier[:1] == "#" or not is_address(identifier):
        return None
    return urldefrag(join(base, identifier))[0]


_UNIT = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = rf"(?:(?:{_UNIT}|:)*@)?(?:\[[0-9A-Fa-f:.]+\]|{_UNIT}*)(?::[0-9]*)?(?=[/?#]|$)"
_ADDRESS = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))(?://{_AUTHORITY}|(?!//))(?:{_UNIT}|[:@/])*"
    rf"(?:\?(?:{_UNIT}|[:@/?])*)?(?:#(?:{_UNIT}|[:@/?])*)?"
)


def is_address(text: str) -> bool:
    """Tell whether a text can be read as an address, or a part of one (RFC 3986)."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return _ADDRESS.fullmatch(text) is not None


def is_schema(tree: Json) -> bool:
    """Tell whether a whole file is one schema, rather than a document with schemas in it, or a part of one."""
    if not isinstance(tree, dict):
        return True
    if tree.keys() & _NO_SCHEMA:
        return False
    return isinstance(tree.get("type"), str | list) or not tree.keys().isdisjoint(_SCHEMA)


def whole_schemas(tree: Json) -> Iterator[tuple[str, Json]]:
    """Find the schemas of a document that stand in no other one, with their pointers; a file may be one itself."""
    if is_schema(tree):
        yield "", tree
        return
    waiting = [("", tree)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(child(pointer, index), item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            for name, item in value.items():
                if name in ("example", "examples") or name.startswith("x-"):
                    continue  # a `default` is not passed over: here it is a response
                if name == "schema":
                    yield child(pointer, name), item
                elif pointer == "/components" and name == "schemas" and isinstance(item, dict):
                    yield from ((child("/components/schemas", one), schema) for one, schema in item.items())
                else:
                    waiting.append((child(pointer, name), item))


def inside(tree: Json, pointer: str) -> bool:
    """Tell whether a pointer leads to something in a value."""
    for token in tokens(pointer):
        if isinstance(tree, dict) and token in tree:
            tree = tree[token]
        elif isinstance(tree, list) and token.isascii() and token.isdigit() and int(token) < len(tree):
            tree = tree[int(token)]
        else:
            return False
    return True
