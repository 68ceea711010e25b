"""A value for a schema that has no example: the least that says something of every property. It judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.samples import MISSING, Missing, schema_example

if TYPE_CHECKING:
    from openapi.document import Library, Node
    from openapi.operation import MediaType
    from openapi.reading import Json

__all__ = ["valid_value", "value_of"]

_DEEPEST = 6
_TEXTS = {
    "date": "2026-07-02",
    "date-time": "2026-07-02T22:15:26Z",
    "email": "a@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "22:15:26Z",
    "uri": "https://example.com/a?b=c",
    "uuid": "6f1f6d3e-2b0c-4d53-9f0e-0d9a2c1b7e55",
}


def valid_value(media: MediaType) -> Json | Missing:
    """Give a value that a media type allows: an example, else one made up; `MISSING` when none is found."""
    example = media.valid_example()
    if not isinstance(example, Missing):
        return example
    if media.schema is None:
        return {}
    made = value_of(media.schema.schemas.library, media.schema.node)
    return MISSING if isinstance(made, Missing) or media.schema.check(made) else made


def value_of(library: Library, schema: Node) -> Json | Missing:
    """Make a value up for a schema, by its examples where it has some. It may be one that the schema does not allow."""
    return _value(library, schema, 0)


def _value(library: Library, schema: Node, depth: int) -> Json | Missing:
    schema = library.follow(schema)
    if not isinstance(schema.value, dict) or depth > _DEEPEST:
        return MISSING
    known = schema_example(library, schema) if "properties" not in schema.value else MISSING
    if not isinstance(known, Missing):
        return known
    merged = _members(library, schema, depth)
    if merged:
        return merged
    for keyword in ("oneOf", "anyOf", "allOf"):
        choices = schema.get(keyword)
        if choices is not None and choices.items():
            return _value(library, choices.items()[0], depth + 1)
    return _plain(library, schema, depth)


def _members(library: Library, schema: Node, depth: int) -> dict[str, Json]:
    """Put together the properties, those of the parts of `allOf` among them."""
    merged: dict[str, Json] = {}
    whole, properties = schema.get("allOf"), schema.get("properties")
    for part in whole.items() if whole is not None else []:
        merged.update(_members(library, library.follow(part), depth + 1))
    for name, node in properties.members() if properties is not None else []:
        item = _value(library, node, depth + 1)
        if not isinstance(item, Missing):
            merged[name] = item
    return merged


def _plain(library: Library, schema: Node, depth: int) -> Json | Missing:
    kinds = schema.mapping.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind == "array":
        items = schema.get("items")
        item = MISSING if items is None else _value(library, items, depth + 1)
        return [] if isinstance(item, Missing) else [item]
    if kind == "string":
        least = schema.mapping.get("minLength")
        return _TEXTS.get(str(schema.mapping.get("format")), "text").ljust(least if isinstance(least, int) else 0, "x")
    least = schema.mapping.get("minimum")
    plain: dict[str, Json] = {"object": {}, "boolean": True, "null": None}
    if kind in ("integer", "number"):
        return least if isinstance(least, int | float) else 1
    return plain.get(str(kind), MISSING)
