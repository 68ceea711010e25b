"""The schema objects that hold of a value, as nodes of the document: for writers, who ask a schema how and not what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi.document import Library, Node

__all__ = ["schemas_of", "schemas_of_member"]

_DEEPEST = 20


def schemas_of(library: Library, node: Node | None, depth: int = 0) -> list[Node]:
    """Give the schema objects that hold of a value: itself, what it refers to, the parts of its `allOf`."""
    if node is None or not isinstance(node.value, dict) or depth > _DEEPEST:
        return []
    found = [node]
    if isinstance(node.value.get("$ref"), str):
        found += schemas_of(library, library.reached(node), depth + 1)
    for keyword in ("allOf", "oneOf", "anyOf"):
        parts = node.get(keyword)
        if parts is not None and isinstance(parts.value, list):
            for part in parts.items():
                found += schemas_of(library, part, depth + 1)
    return found


def schemas_of_member(library: Library, nodes: list[Node], name: str) -> list[Node]:
    """Give the schema objects that hold of a member of a value: of its name, else of any other one."""
    for node in nodes:
        properties = node.get("properties")
        if properties is not None and isinstance(properties.value, dict) and name in properties.value:
            return schemas_of(library, properties.get(name))
    for node in nodes:
        rest = node.get("additionalProperties")
        if rest is not None and isinstance(rest.value, dict):
            return schemas_of(library, rest)
    return []
