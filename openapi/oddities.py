"""Say what stands in a document where OpenAPI has no place for it, and which examples their schemas do not allow.

Follows no reference and refuses nothing: it returns notices. What schemas may say is judged by `checking.py`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import Notice, Place, nearest
from openapi.json_places import json_spots, whole_characters
from openapi.object_kinds import KINDS, REFERENCE, Misplaced, find_objects
from openapi.pointers import child
from openapi.violations import json_type
from openapi.walking import schema_starts, schemas_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Document, Library
    from openapi.operation import Operation
    from openapi.told import Told

__all__ = ["example_notices", "field_notices", "sample_notices"]

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


def example_notices(operation: Operation) -> Iterator[Notice]:
    """Say which examples of an operation's bodies their schemas do not allow: they are not served."""
    for media in (*operation.body, *(one for response in operation.responses for one in response.media_types)):
        for name, value in media.examples.items() if media.schema is not None and media.is_json else ():
            wrong = media.schema.check(value) if media.schema is not None and name != "schema" else ()
            if wrong:
                at = media.node
                pointer = child(at.pointer, *(("example",) if "example" in at.mapping else ("examples", name)))
                what = f"The example breaks its schema and is not used: {wrong[0]}."
                yield Notice("warning", "example-broken", what, at.document.place(pointer), "Correct one of the two.")


_TOLD = 10
"""Examples of schemas in a document that are told one by one; of more, the number."""

_OWN = ("type", "enum", "const", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern")
"""Keywords that judge a value without a look at any other schema, and mean the same in every version."""


def sample_notices(library: Library, document: Document) -> list[Notice]:
    """Say which `example`, `examples` and `default` of a document's schemas break what stands beside them."""
    seen: set[tuple[str, str]] = set()
    wrong = [
        (keyword, schema)
        for start in schema_starts(Node(document, "", document.tree))
        for schema in schemas_behind(library, start, seen)
        for keyword in ("example", "examples", "default")
        if keyword in schema.mapping and "$ref" not in schema.mapping and _is_broken(schema, keyword)
    ]
    found = []
    for index, (keyword, schema) in enumerate(wrong[:_TOLD], 1):
        more = f" So do {len(wrong) - _TOLD} more." if index == _TOLD and len(wrong) > _TOLD else ""
        what = f"What stands in {keyword!r} breaks the schema that it stands in.{more}"
        place = schema.document.place(child(schema.pointer, keyword))
        found.append(Notice("warning", "example-broken", what, place, "Correct one of the two."))
    return found


def _is_broken(schema: Node, keyword: str) -> bool:
    said = schema.mapping
    values = said[keyword]
    if keyword == "examples" and not isinstance(values, list):
        return False  # `checking.py` tells of it
    own = json.dumps({name: said[name] for name in _OWN if name in said}, default=str)
    return any(
        not (value is None and said.get("nullable") is True) and not _allows(own, json.dumps(value, default=str))
        for value in (values if keyword == "examples" and isinstance(values, list) else [values])
    )


@lru_cache(4096)
def _allows(schema: str, value: str) -> bool:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(json.loads(schema)).is_valid(json.loads(value))
    except ValueError:
        return True  # a keyword that is broken itself is told where it stands
