"""The dynamic scope of JSON Schema (2020-12 core, 7.1): the resources on the way to a schema, and what they name.

Only documents whose schemas name themselves have any; for all others it is empty and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from openapi.errors import ContractError

if TYPE_CHECKING:
    from openapi.document import Library, Node

__all__ = ["Scope", "dynamic_target", "scope_at"]

Scope: TypeAlias = tuple[str, ...]
"""Addresses of resources in the order in which they were entered, each at its first place: the outermost one counts."""


def scope_at(node: Node, scope: Scope) -> Scope:
    """Give the scope at a node that was reached with another."""
    names = node.document.names
    if names is None:
        return scope
    resource = names.resource(node.pointer)
    return scope if resource in scope else (*scope, resource)


def dynamic_target(library: Library, node: Node, reference: str, scope: Scope) -> Node:
    """Give what a dynamic reference means that leads to `node` by itself (`$recursiveRef` is its older form)."""
    name = reference.rpartition("#")[2]
    keyword, said = ("$dynamicAnchor", name) if name else ("$recursiveAnchor", True)
    if not isinstance(node.value, dict) or node.value.get(keyword) != said:
        return node
    for base in scope:
        for document in library.documents.values():
            if document.names is None:
                continue
            pointer = document.names.anchored(base, name) if name else document.names.ids.get(base)
            if pointer is None:
                continue
            try:
                found = library.at(document, pointer, node, reference)
            except ContractError:
                continue
            if isinstance(found.value, dict) and found.value.get(keyword) == said:
                return found
    return node
