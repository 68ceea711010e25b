"""Say what stands in a document where OpenAPI has no place for it, what is missing, and what leads nowhere.

Refuses nothing: it returns notices. What schemas may say is judged by `checking.py`. The packaged documents were looked
at when they were made, so this is imported for documents of the user's own alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import ContractError, Notice, Place, nearest
from openapi.json_places import json_spots, whole_characters
from openapi.naming import mappings
from openapi.object_kinds import KINDS, REFERENCE, Misplaced, find_objects
from openapi.pointers import tokens
from openapi.units import is_known
from openapi.violations import json_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Document, Library
    from openapi.told import Told

__all__ = ["dead_ends", "field_notices"]

_INSTEAD = {
    ("document", "swagger"): "Remove it: the document is OpenAPI 3.",
    ("document", "host"): "Write it as 'servers'.",
    ("document", "basePath"): "Write it as 'servers'.",
    ("document", "definitions"): "Put them under components/schemas.",
    ("document", "securityDefinitions"): "Put them under components/securitySchemes.",
    ("operation", "consumes"): "Name the types under requestBody/content.",
    ("operation", "produces"): "Name the types under the content of each response.",
    ("parameter", "type"): "Put it into 'schema'.",
    ("parameter", "format"): "Put it into 'schema'.",
    ("parameter", "enum"): "Put it into 'schema'.",
    ("parameter", "default"): "Put it into 'schema'.",
    ("parameter", "items"): "Put it into 'schema'.",
    ("header", "type"): "Put it into 'schema'.",
    ("response", "schema"): "Put it under 'content', in a media type.",
    ("response", "examples"): "Put them under 'content', into a media type.",
}
"""What people mean who write such a field, which Swagger 2.0 had."""


def field_notices(document: Document, told: Told) -> list[Notice]:
    """Say which fields OpenAPI does not know where they stand, which are of another form, and which are missing.

    What is so in many places is told once, and nothing of a place of which something was told.
    """
    unknown: dict[tuple[str, str], list[Node]] = {}
    missing: dict[tuple[str, str], list[Node]] = {}
    misplaced: dict[tuple[str, str, str, str], list[Node]] = {}
    for found in find_objects(document):
        if isinstance(found, Misplaced):
            if not told.has(document.name, found.node.pointer):
                kind = (found.kind, found.field, found.taken, json_type(found.node.value).partition(" ")[0])
                misplaced.setdefault(kind, []).append(found.node)
            continue
        kind_name, node = found
        if kind_name == REFERENCE:
            continue
        kind_of = KINDS[kind_name]
        for name, member in node.members() if kind_name != "callback" else ():
            if name not in kind_of.fields and not name.startswith("x-"):
                unknown.setdefault((kind_name, name), []).append(member)
        for name in kind_of.required:
            lacks = name not in node.mapping and "$ref" not in node.mapping
            if lacks and not told.has(document.name, node.pointer):
                missing.setdefault((kind_name, name), []).append(node)
    return [
        *(_unknown(kind, name, nodes) for (kind, name), nodes in unknown.items()),
        *(_misplaced(*key, nodes) for key, nodes in misplaced.items()),
        *(_missing(kind, name, nodes) for (kind, name), nodes in missing.items()),
        *_half_characters(document),
    ]


def dead_ends(library: Library, document: Document, told: Told) -> Iterator[Notice]:
    """Say which references of a document lead nowhere and were not told of, since nothing that is served needs them."""
    fresh: set[tuple[str, str]] = set()
    good: set[tuple[str, str]] = set()
    examples = [  # which the walk below takes for data
        (one[1].pointer, document.uri, one[1].mapping)
        for one in find_objects(document)
        if not isinstance(one, Misplaced) and one[0] == REFERENCE and "/examples/" in one[1].pointer
    ]
    for pointer, base, mapping in (*mappings(document.uri, document.tree), *examples):
        reference = mapping.get("$ref")
        if not isinstance(reference, str) or (base, reference) in good or is_known(reference):
            continue
        try:
            library.follow(Node(document, pointer, mapping))
            good.add((base, reference))
        except ContractError as error:
            place = error.place or document.place(pointer)
            spot = place.file, place.pointer
            known = spot in fresh or told.has(*spot) or any(error.what in what for what in told.around(place))
            if not known and not any(step.startswith("x-") for step in tokens(pointer)):
                fresh.add(spot)
                yield Notice("warning", "ref-dead-end", error.what, place, error.remedy)


def _more(nodes: list[Node]) -> str:
    return f" (so at {len(nodes) - 1} more places)" if len(nodes) > 1 else ""


def _unknown(kind: str, name: str, nodes: list[Node]) -> Notice:
    more = f", nor at {len(nodes) - 1} more places" if len(nodes) > 1 else ""
    what = f"OpenAPI has no field {name!r} in {KINDS[kind].name}{more}; it is ignored."
    known = KINDS[kind].fields
    lower = f"Write {name.lower()!r}." if name.lower() in known else ""
    hint = _INSTEAD.get((kind, name)) or lower or nearest(name, known) or "Remove it, or let its name begin with 'x-'."
    return Notice("warning", "field-unknown", what, nodes[0].place, hint)


def _misplaced(kind: str, field: str, taken: str, received: str, nodes: list[Node]) -> Notice:
    received = {"null": "nothing", "string": "text", "array": "a list", "object": "a mapping"}.get(received, received)
    name, _, each = field.partition(":")
    each = f"of which{each} " if each else "which takes "
    what = f"In {KINDS[kind].name} stands {name!r}, {each}{taken}; this is {received}.{_more(nodes)}"
    return Notice("warning", "field-form", what, nodes[0].place, "Correct or remove it.")


def _missing(kind: str, name: str, nodes: list[Node]) -> Notice:
    what = f"OpenAPI asks for {name!r} in {KINDS[kind].name}; here is none.{_more(nodes)}"
    return Notice("warning", "field-missing", what, nodes[0].place, "Add it.")


def _half_characters(document: Document) -> Iterator[Notice]:
    """Say where half of a surrogate pair stands: JSON can write it, and no text can hold it."""
    text = document.raw.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return  # YAML has no such escape
    for spot in json_spots(text) if whole_characters(text) != text else ():
        if spot.halves:
            what = "Half of a surrogate pair is no character; it is read as U+FFFD."
            place = Place(document.name, spot.pointer, spot.line)
            yield Notice("warning", "half-character", what, place, "Write both halves, or the character itself.")
