"""Reads XML back into the value that a schema speaks of, by its XML Objects: neither judge knows XML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from benchmarks.any_document.description import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from benchmarks.any_document.description import Description
    from openapi.reading import Json

__all__ = ["read_xml", "together"]


def read_xml(description: Description, schema: Json, body: bytes) -> Json:
    """Give the value. Raises `ValueError` for what is no XML."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - it comes from a server that we started
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    return _value(description, [root], schema, outermost=True)


def _value(description: Description, elements: list[Element], schema: Json, *, outermost: bool = False) -> Json:
    node = together(description, schema)
    kinds = node.get("type")
    kind = kinds if isinstance(kinds, str) else next((one for one in _listed(kinds) if one != "null"), "")
    if kind == "array" or (not kind and "items" in node):
        items = node.get("items", {})
        wrapped = mapping(node.get("xml")).get("wrapped") is True or outermost
        inner = [child for element in elements for child in element] if wrapped else elements
        return [_value(description, [one], items) for one in inner]
    element = elements[0]
    if kind == "object" or "properties" in node:
        return dict(_members(description, element, node))
    return _scalar(str(kind), element.text or "")


def _members(description: Description, element: Element, node: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    known: set[str] = set()
    for name, schema in mapping(node.get("properties")).items():
        member = together(description, schema)
        said = mapping(member.get("xml"))
        shown = str(said.get("name") or name)
        if said.get("attribute") is True:
            known.add(shown)
            found = {_plain(key): value for key, value in element.attrib.items()}
            if shown in found:
                yield name, _scalar(str(member.get("type")), found[shown])
            continue
        if member.get("type") == "array" and said.get("wrapped") is not True:
            # Beside the type `array`, the name counts for what wraps it only.
            shown = str(mapping(together(description, member.get("items", {})).get("xml")).get("name") or name)
        known.add(shown)
        children = [child for child in element if _plain(child.tag) == shown]
        if children:
            yield name, _value(description, children, schema)
    extra = node.get("additionalProperties")
    for child in element:
        if _plain(child.tag) not in known:
            yield _plain(child.tag), _value(description, [child], extra if isinstance(extra, dict) else {})


def together(description: Description, schema: Json) -> dict[str, Json]:
    """Give a schema with what it is composed of, properties put together."""
    node = description.resolved(schema)
    found: dict[str, Json] = {}
    for union in ("allOf", "anyOf", "oneOf"):
        for branch in _listed(node.get(union)):
            part = together(description, branch)
            xml = {**mapping(found.get("xml")), **mapping(part.get("xml"))}
            part = {**part, **({"xml": xml} if xml else {})}
            properties = {**mapping(found.get("properties")), **mapping(part.get("properties"))}
            found = {**found, **part, **({"properties": properties} if properties else {})}
    properties = {**mapping(found.get("properties")), **mapping(node.get("properties"))}
    return {**found, **node, **({"properties": properties} if properties else {})}


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _plain(name: str) -> str:
    return name.rpartition("}")[2]


def _scalar(kind: str, text: str) -> Json:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
