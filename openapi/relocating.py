"""Write a document anew with its servers moved, for who serves it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.operation import METHODS
from openapi.servers import base_paths

if TYPE_CHECKING:
    from openapi.document import Document
    from openapi.reading import Json

__all__ = ["served_at"]


def served_at(document: Document, url: str) -> dict[str, Json]:
    """Give the tree of a document with every server moved to `url`, behind which its base path stays."""
    root = Node(document, "", document.tree)
    tree: dict[str, Json] = {**document.tree, "servers": _servers(root.get("servers"), url)}
    paths = root.get("paths")
    if paths is not None:
        tree["paths"] = {path: _moved(entry, url) for path, entry in paths.members()}
    return tree


def _moved(item: Node, url: str) -> Json:
    """Move the servers that a path item, or an operation in it, has of its own."""
    if not isinstance(item.value, dict):
        return item.value
    own: dict[str, Json] = {"servers": _servers(item.get("servers"), url)} if "servers" in item.value else {}
    return {**item.value, **{name: _moved(node, url) for name, node in item.members() if name in METHODS}, **own}


def _servers(servers: Node | None, url: str) -> list[Json]:
    return [{"url": url + base} for base in base_paths(servers)]
