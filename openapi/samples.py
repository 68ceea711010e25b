"""Find the example that a document gives for a value. Invents nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["MISSING", "Missing", "media_examples", "schema_example"]


class Missing:
    """The type of `MISSING`: there is no example, which is not the same as an example that is null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


def media_examples(library: Library, media: Node) -> dict[str, Json]:
    """Collect the named examples of a media type object (OpenAPI `example` and `examples`).

    The unnamed one is called `example`; one assembled from the schema's own examples is called `schema`.
    """
    found: dict[str, Json] = {}
    single = media.get("example")
    if single is not None:
        found["example"] = single.value
    named = media.get("examples")
    if named is not None and isinstance(named.value, dict):
        for name, node in named.members():
            entry = library.follow(node).value
            if isinstance(entry, dict) and "value" in entry:
                found[name] = entry["value"]
    schema = media.get("schema")
    if schema is not None:
        value = schema_example(library, schema)
        if not isinstance(value, Missing):
            found["schema"] = value
    return found


def schema_example(library: Library, schema: Node, depth: int = 0) -> Json | Missing:
    """Give the example of a schema: its own, else one assembled from those of its properties and items.

    `const`, `default` and the first of an `enum` count as examples. Depth is bounded, so circles end.
    """
    schema = library.follow(schema)
    value = schema.value
    if not isinstance(value, dict) or depth > 12:
        return MISSING
    examples = value.get("examples")
    if isinstance(examples, list) and examples:
        return examples[0]
    for keyword in ("example", "const", "default"):
        if keyword in value:
            return value[keyword]
    choices = value.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    return _assembled(library, schema, depth)


def _assembled(library: Library, schema: Node, depth: int) -> Json | Missing:
    whole = schema.get("allOf")
    merged: dict[str, Json] = {}
    for part in whole.items() if whole is not None else []:
        piece = schema_example(library, part, depth + 1)
        if isinstance(piece, dict):
            merged.update(piece)
    properties = schema.get("properties")
    for name, node in properties.members() if properties is not None else []:
        piece = schema_example(library, node, depth + 1)
        if not isinstance(piece, Missing):
            merged[name] = piece
    if merged or (properties is not None and not schema.mapping.get("required")):
        return merged
    items = schema.get("items")
    if items is not None:
        piece = schema_example(library, items, depth + 1)
        return MISSING if isinstance(piece, Missing) else [piece]
    for keyword in ("oneOf", "anyOf"):
        choices = schema.get(keyword)
        for choice in choices.items() if choices is not None else []:
            piece = schema_example(library, choice, depth + 1)
            if not isinstance(piece, Missing):
                return piece
    return MISSING
