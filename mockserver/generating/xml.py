"""Write a value as XML by what its schema says: `xml` with name, attribute, wrapped, namespace and prefix.

OpenAPI 3.1.1, 4.8.26. What the schema does not say goes by the names of the properties.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockserver.generating.nodes import schemas_of, schemas_of_member

if TYPE_CHECKING:
    from openapi.document import Library, Node
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["xml_text"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(schema: Schema, value: Json) -> str:
    """Write a document whose root is the schema's `xml.name`, else the name of its component, else `root`."""
    library = schema.schemas.library
    node = schema.node
    name = _component(library, node) or "root"
    nodes = schemas_of(library, node)
    if isinstance(value, list):
        # A body has to have one root: an array has its own, wrapped or not.
        inner = _items(library, nodes, value, "item", "")
        root = str(_said(nodes, "name") or name)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(nodes, root, inner)}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_one(library, nodes, name, value)}'


def _component(library: Library, node: Node) -> str:
    """Give the name of the component that a schema refers to, or whose items it refers to, or that it is."""
    value = node.value
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        return str(value["$ref"]).rpartition("/")[2]
    if isinstance(value, dict) and isinstance(value.get("items"), dict):
        inner = node.get("items")
        found = _component(library, inner) if inner is not None else ""
        return f"{found}s" if found else ""
    return ""


def _said(nodes: list[Node], word: str) -> Json:
    for node in nodes:
        said = node.value.get("xml") if isinstance(node.value, dict) else None
        if isinstance(said, dict) and word in said:
            return said[word]
    return None


def _one(library: Library, nodes: list[Node], name: str, value: Json) -> str:
    """Write one value as an element."""
    named = str(_said(nodes, "name") or name)
    if isinstance(value, dict):
        attributes, inner = [], []
        for key, member in value.items():
            below = schemas_of_member(library, nodes, key)
            if _said(below, "attribute") is True and not isinstance(member, dict | list):
                attributes.append(f" {_qualified(below, str(_said(below, 'name') or key))}={_quoted(_plain(member))}")
            elif isinstance(member, list):
                inner.append(_list(library, below, key, member))
            elif member is not None:
                inner.append(_one(library, below, key, member))
        return _element(nodes, named, "".join(inner), "".join(attributes))
    if isinstance(value, list):
        return _list(library, nodes, name, value)
    return _element(nodes, named, _escaped(_plain(value)))


def _list(library: Library, nodes: list[Node], name: str, values: list[Json]) -> str:
    wrapped = _said(nodes, "wrapped") is True
    named = str(_said(nodes, "name") or name)
    inner = _items(library, nodes, values, named if wrapped else name, named)
    return _element(nodes, named, inner) if wrapped else inner


def _items(library: Library, nodes: list[Node], values: list[Json], name: str, _: str) -> str:
    """Write items as elements: of the name that `items` has in `xml`, else of the array's."""
    items = next((found for node in nodes if (found := node.get("items")) is not None), None)
    below = schemas_of(library, items)
    if items is not None and name == "item":
        name = _component(library, items) or name
    return "".join(_one(library, below, name, value) for value in values)


def _element(nodes: list[Node], name: str, inner: str, attributes: str = "") -> str:
    tag = _qualified(nodes, name)
    namespace, prefix = _said(nodes, "namespace"), _said(nodes, "prefix")
    if isinstance(namespace, str) and namespace:
        attributes = f" xmlns{f':{prefix}' if prefix else ''}={_quoted(namespace)}{attributes}"
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _qualified(nodes: list[Node], name: str) -> str:
    """Write a name with its prefix; what cannot be a name in XML is made one."""
    prefix = _said(nodes, "prefix")
    name = name if _NAME.fullmatch(name) else "_" + re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"{prefix}:{name}" if isinstance(prefix, str) and prefix and _said(nodes, "namespace") else name


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    """Write an attribute's value; breaks and tabs as references, or a reader makes spaces of them."""
    text = _escaped(text).replace('"', "&quot;")
    return '"' + text.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;") + '"'


def _plain(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FORBIDDEN.sub("\ufffd", "" if value is None else str(value))
