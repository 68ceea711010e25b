"""Find what in a schema no validator can take, so that it can be left out and the rest still be held to.

Such slips are common: a pattern that is no regular expression, `type: any`, `required: true`. It judges the form of
keywords alone, not whether they make sense together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.keywords import LISTS, MEMBERS, SINGLE
from openapi.naming import is_address
from openapi.pointers import child, tokens
from openapi.walking import schema_starts, schemas_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from openapi.document import Library
    from openapi.reading import Json

__all__ = ["Broken", "broken_keywords", "without"]

TYPES = frozenset(["string", "number", "integer", "boolean", "array", "object", "null"])


@dataclass(frozen=True, slots=True)
class Broken:
    """A keyword, or a member of one, that is left out: what is wrong, and where."""

    what: str
    node: Node
    remedy: str


def broken_keywords(library: Library, version: str) -> Iterator[Broken]:
    """Find what of all schemas has to be left out, those that are only referred to included.

    version: `3.0` or `3.1`.
    """
    seen: set[tuple[str, str]] = set()
    for document in tuple(library.documents.values()):
        for start in schema_starts(Node(document, "", document.tree)):
            for schema in schemas_behind(library, start, seen):
                yield from _broken(schema, version)


def _broken(schema: Node, version: str) -> Iterator[Broken]:
    for name, node in schema.members():
        value = node.value
        if name in LISTS or (name in MEMBERS and isinstance(value, dict)):
            yield from _broken_members(name, node)
            continue
        if name == "dependentRequired" and isinstance(value, dict):
            yield from _broken_lists(node)
        rule = _rule(name, value, version)
        if rule is not None and not rule[0](value):
            remedy = "Correct or remove it."
            if name.startswith("exclusive") and _is_number(value):
                remedy = f"Write the bound as '{name.removeprefix('exclusive').lower()}' and '{name}: true'."
            yield Broken(f"The schema keyword {name!r} takes {rule[1]}; it is left out.", node, remedy)


def _rule(name: str, value: Json, version: str) -> tuple[Callable[[Json], bool], str] | None:
    """Give what a keyword takes: how that is told, and how it is called; None where it takes anything."""
    if name in SINGLE:
        return _is_schema, "a schema"
    if name in MEMBERS:
        return _is_mapping, "a mapping of schemas"
    if name in ("exclusiveMinimum", "exclusiveMaximum"):
        return (_is_boolean, "true or false") if version == "3.0" else (_is_number, "a number")
    if name == "required" and version == "3.0" and value == []:
        return _is_boolean, "a list with at least one name"
    if name in _COUNTS and version == "3.0":
        return _is_whole, _COUNT[1]
    return _RULES.get(name)


def _broken_members(name: str, node: Node) -> Iterator[Broken]:
    """Look at the schemas in a keyword that holds several; and at the names, where those are patterns."""
    if name in LISTS and (not isinstance(node.value, list) or not node.value):
        what = f"The schema keyword {name!r} takes a list of at least one schema; it is left out."
        yield Broken(what, node, "Correct or remove it.")
        return
    members = node.members() if isinstance(node.value, dict) else [(name, item) for item in node.items()]
    for key, member in members:
        if not _is_schema(member.value):
            what = f"A schema is expected in {name!r}; this is left out."
            yield Broken(what, member, "Write a mapping, or true or false.")
        elif name == "patternProperties" and not _is_pattern(key):
            yield Broken(f"{key!r} is no regular expression of ECMA 262; it is left out.", member, "Correct it.")


def _broken_lists(node: Node) -> Iterator[Broken]:
    for _, member in node.members():
        if not _is_names(member.value):
            what = "A list of names, each once, is expected in 'dependentRequired'; this is left out."
            yield Broken(what, member, "Write a list.")


def without(tree: dict[str, Json], pointers: Iterable[str]) -> dict[str, Json]:
    """Copy a tree without what stands at some pointers; what is not on the way to one is shared with the original."""
    copied: dict[str, Json] = {}
    result: dict[str, Json] = tree
    for pointer in pointers:
        result = dict(tree) if result is tree else result
        at: Json = result
        path = ""
        steps = tokens(pointer)
        for step in steps[:-1]:
            path = child(path, step)
            if isinstance(at, dict) and step not in at:
                at = None  # it was left out with what stands around it
                break
            held: Json = at[int(step)] if isinstance(at, list) else at[step]  # type: ignore[index]
            if path not in copied:
                copied[path] = dict(held) if isinstance(held, dict) else list(held)  # type: ignore[arg-type]
                at[int(step) if isinstance(at, list) else step] = copied[path]  # type: ignore[index]
            at = copied[path]
        if isinstance(at, list):
            at[int(steps[-1])] = {}  # an alternative that allows all; the others keep their numbers
        elif isinstance(at, dict):
            at.pop(steps[-1], None)
    return result


def _is_schema(value: Json) -> bool:
    return isinstance(value, dict | bool)


def _is_mapping(value: Json) -> bool:
    return isinstance(value, dict)


def _is_identifier(value: Json) -> bool:
    return isinstance(value, str) and "#" not in value.removesuffix("#") and is_address(value)


def _is_discriminator(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("propertyName"), str)
        and isinstance(value.get("mapping", {}), dict)
    )


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int) and _is_count(value)


def _is_anchor(value: Json) -> bool:
    return isinstance(value, str) and _ANCHOR.fullmatch(value) is not None


def _is_names(value: Json) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(one, str) for one in value)
        and len(set(map(str, value))) == len(value)
    )


def _is_type(value: Json) -> bool:
    if isinstance(value, list):
        return _is_names(value) and bool(value) and all(one in TYPES for one in value)
    return isinstance(value, str) and value in TYPES


@lru_cache(1000)
def _compiles(pattern: str) -> bool:
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _is_pattern(value: Json) -> bool:
    return isinstance(value, str) and _compiles(value)


_ANCHOR = re.compile(r"[A-Za-z_][-A-Za-z0-9._]*")
_COUNTS = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
)  # fmt: skip
_COUNT = (_is_count, "a number of at least 0 without a fraction")
_TEXT = (lambda value: isinstance(value, str), "text")
_RULES: dict[str, tuple[Callable[[Json], bool], str]] = {
    "type": (_is_type, "the names of JSON's types"),
    "pattern": (_is_pattern, "a regular expression of ECMA 262"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of values"),
    "required": (_is_names, "a list of names, each once"),
    "format": _TEXT,
    "$ref": _TEXT,
    "$id": (_is_identifier, "an address without a fragment"),
    "$schema": (lambda value: _is_identifier(value) and ":" in str(value), "the address of a dialect"),
    "uniqueItems": (_is_boolean, "true or false"),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above 0"),  # type: ignore[operator]
    "minimum": (_is_number, "a number"),
    "maximum": (_is_number, "a number"),
    "dependentRequired": (_is_mapping, "a mapping of lists"),
    "dependencies": (_is_mapping, "a mapping"),
    "$vocabulary": (_is_mapping, "a mapping"),
    "xml": (_is_mapping, "a mapping"),
    "discriminator": (_is_discriminator, "a mapping with the text 'propertyName', and perhaps the mapping 'mapping'"),
    "examples": (lambda value: isinstance(value, list), "a list of values"),
    **dict.fromkeys(_COUNTS, _COUNT),
    **dict.fromkeys(("$anchor", "$dynamicAnchor"), (_is_anchor, "a name of letters, digits and ._-")),
    **dict.fromkeys(("readOnly", "writeOnly", "deprecated", "nullable"), (_is_boolean, "true or false")),
    **dict.fromkeys(("title", "description", "$comment", "$dynamicRef", "contentEncoding", "contentMediaType"), _TEXT),
}
