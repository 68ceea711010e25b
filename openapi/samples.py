"""Find the example that a document gives for a value. Invents nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

from openapi.errors import ContractError

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
            try:
                entry = library.follow(node).value
            except ContractError as error:
                library.warn("example-ignored", f"The example {name!r} is ignored: {error.what}", node, error.remedy)
                continue
            if isinstance(entry, dict) and "value" in entry:
                found[name] = entry["value"]
    schema = media.get("schema")
    if schema is not None:
        value = schema_example(library, schema)
        if not isinstance(value, Missing):
            found["schema"] = value
    return found


def schema_example(library: Library, schema: Node) -> Json | Missing:
    """Give the example of a schema: its own, else one assembled from those of its properties and items.

    `const`, `default` and the first of an `enum` count as examples. Depth and size are bounded, so circles end.
    """
    return _sample(library, schema, 0)[0]


_DEEPEST = 8
"""Levels that an example is assembled from."""

_LARGEST = 1000
"""Values in an assembled example; what would go beyond is left out."""

_Sample: TypeAlias = "tuple[Json | Missing, int]"
"""An example and how many values are in it."""

_NONE: _Sample = (MISSING, 0)
_known: WeakKeyDictionary[Library, dict[tuple[str, str, int], _Sample]] = WeakKeyDictionary()
"""What was assembled already: in documents full of circles the same few schemas are met a million times."""


def _sample(library: Library, schema: Node, depth: int) -> _Sample:
    try:
        schema = library.follow(schema)
    except ContractError:
        return _NONE  # where it leads nowhere, there is nothing to show; compiling it tells
    value = schema.value
    if not isinstance(value, dict) or depth > _DEEPEST:
        return _NONE
    examples = value.get("examples")
    if isinstance(examples, list) and examples:
        return examples[0], 1
    for keyword in ("example", "const", "default"):
        if keyword in value:
            return value[keyword], 1
    choices = value.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0], 1
    known = _known.setdefault(library, {})
    spot = (schema.document.uri, schema.pointer, depth)
    if spot not in known:
        known[spot] = _assembled(library, schema, depth + 1)
    return known[spot]


def _assembled(library: Library, schema: Node, depth: int) -> _Sample:
    merged, size = _members(library, schema, depth)
    properties = schema.get("properties")
    if merged or (properties is not None and not schema.mapping.get("required")):
        return merged, size
    items = schema.get("items")
    if items is not None:
        piece, inner = _sample(library, items, depth)
        return _NONE if isinstance(piece, Missing) else ([piece], inner + 1)
    for keyword in ("oneOf", "anyOf"):
        choices = schema.get(keyword)
        for choice in choices.items() if choices is not None and isinstance(choices.value, list) else []:
            found = _sample(library, choice, depth)
            if not isinstance(found[0], Missing):
                return found
    return _NONE


def _members(library: Library, schema: Node, depth: int) -> tuple[dict[str, Json], int]:
    """Put together what the parts of `allOf` and the properties have examples for."""
    merged: dict[str, Json] = {}
    size = 1
    whole = schema.get("allOf")
    for part in whole.items() if whole is not None and isinstance(whole.value, list) else []:
        piece, inner = _sample(library, part, depth)
        if isinstance(piece, dict) and size + inner <= _LARGEST:
            merged.update(piece)
            size += inner
    properties = schema.get("properties")
    for name, node in properties.members() if properties is not None and isinstance(properties.value, dict) else []:
        piece, inner = _sample(library, node, depth)
        if not isinstance(piece, Missing) and size + inner <= _LARGEST:
            merged[name] = piece
            size += inner
    return merged, size
