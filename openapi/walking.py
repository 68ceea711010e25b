"""Find the schemas of an OpenAPI document, wherever they stand. Judges nothing and compiles nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import ContractError
from openapi.keywords import LISTS, MEMBERS, SINGLE
from openapi.naming import whole_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Library

__all__ = ["inner_schemas", "schema_starts", "schemas_behind"]


def schema_starts(root: Node) -> Iterator[Node]:
    """Find where schemas stand in a document: under `schema`, and in `components/schemas`; or the file itself."""
    for pointer, value in whole_schemas(root.value):
        yield Node(root.document, pointer, value)


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
        if node.spot in seen or not isinstance(node.value, dict):
            continue
        seen.add(node.spot)
        yield node
        if isinstance(node.value.get("$ref"), str):
            try:
                waiting.append(library.follow(node))
            except ContractError:
                continue  # a dead end, which compiling reports with its place
        waiting += inner_schemas(node)
