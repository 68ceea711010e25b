"""Find the schemas of an OpenAPI document, wherever they stand. Judges nothing and compiles nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Library, Node

__all__ = ["inner_schemas", "is_schema", "schema_starts", "schemas_behind"]

MEMBERS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
SINGLE = (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema", "additionalItems",
)  # fmt: skip
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


def is_schema(node: Node) -> bool:
    """Tell whether a whole file is one schema, rather than an OpenAPI document with schemas in it."""
    value = node.value
    return not (isinstance(value, dict) and value.keys() & {"openapi", "swagger", "paths", "components", "overlay"})


def schema_starts(root: Node) -> Iterator[Node]:
    """Find where schemas stand in a document: under `schema`, and in `components/schemas`; or the file itself."""
    if is_schema(root):
        yield root
        return
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, list):
            waiting += node.items()
        elif isinstance(node.value, dict):
            for name, member in node.members():
                if name in ("example", "examples") or name.startswith("x-"):
                    continue  # a `default` is not passed over: here it is a response
                if name == "schema":
                    yield member
                elif node.pointer == "/components" and name == "schemas" and isinstance(member.value, dict):
                    yield from (schema for _, schema in member.members())
                else:
                    waiting.append(member)


def inner_schemas(node: Node) -> Iterator[Node]:
    """Give the schemas that stand directly in a schema."""
    for name, member in node.members():
        if name in SINGLE:
            yield member
        elif name in LISTS and isinstance(member.value, list):
            yield from member.items()
        elif name in MEMBERS and isinstance(member.value, dict):
            yield from (schema for _, schema in member.members())


def schemas_behind(library: Library, start: Node, seen: set[tuple[str, str]]) -> Iterator[Node]:
    """Yield a schema and all schemas inside it, following references, each once."""
    waiting = [start]
    while waiting:
        node = waiting.pop()
        spot = (node.document.uri, node.pointer)
        if spot in seen or not isinstance(node.value, dict):
            continue
        seen.add(spot)
        yield node
        if isinstance(node.value.get("$ref"), str):
            try:
                waiting.append(library.follow(node))
            except ContractError:
                continue  # a dead end, which compiling reports with its place
        waiting += inner_schemas(node)
