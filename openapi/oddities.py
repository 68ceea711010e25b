"""Say what stands in a document where OpenAPI has no place for it, and which examples their schemas do not allow.

Follows no reference and refuses nothing: it returns notices. What schemas may say is judged by `checking.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import Notice, nearest
from openapi.pointers import child
from openapi.walking import schema_starts, schemas_behind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi.document import Document, Library
    from openapi.operation import Operation

__all__ = ["example_notices", "field_notices", "sample_notices"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of object of OpenAPI: what it is called, its fields, and the kinds of those that stand in them."""

    name: str
    fields: frozenset[str]
    one: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, str] = field(default_factory=dict)


def _kind(name: str, fields: str, **parts: Mapping[str, str]) -> _Kind:
    return _Kind(name, frozenset(fields.split()), **parts)


_EXAMPLED = "schema example examples"
_KINDS = {
    "document": _kind(
        "a document",
        "openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs $self $schema",
        one={"info": "info", "components": "components"},
        lists={"servers": "server"},
        maps={"paths": "path item"},
    ),
    "info": _kind("the info", "title summary description termsOfService contact license version"),
    "server": _kind("a server", "url name description variables"),
    "components": _kind(
        "the components",
        "schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems "
        "mediaTypes",
        maps={"responses": "response", "parameters": "parameter", "requestBodies": "request body", "headers": "header"},
    ),
    "path item": _kind(
        "a path item",
        f"$ref summary description servers parameters query additionalOperations {' '.join(METHODS)}",
        one=dict.fromkeys(METHODS, "operation"),
        lists={"parameters": "parameter", "servers": "server"},
    ),
    "operation": _kind(
        "an operation",
        "tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated "
        "security servers $ref",
        one={"requestBody": "request body"},
        lists={"parameters": "parameter", "servers": "server"},
        maps={"responses": "response"},
    ),
    "parameter": _kind(
        "a parameter",
        f"name in description required deprecated allowEmptyValue style explode allowReserved content {_EXAMPLED}",
        maps={"content": "media type"},
    ),
    "header": _kind(
        "a header",
        f"description required deprecated style explode content {_EXAMPLED}",
        maps={"content": "media type"},
    ),
    "request body": _kind("a request body", "description content required", maps={"content": "media type"}),
    "response": _kind(
        "a response",
        "summary description headers content links",
        maps={"headers": "header", "content": "media type"},
    ),
    "media type": _kind(
        "a media type", f"encoding itemSchema prefixEncoding itemEncoding description {_EXAMPLED}"
    ),
}  # fmt: skip
"""By OpenAPI 3.0, 3.1 and 3.2 together: what an older version does not have is in nobody's way."""

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


def field_notices(document: Document) -> list[Notice]:
    """Say which fields OpenAPI does not know where they stand; one that stands in many places is told once."""
    found: dict[tuple[str, str], list[Node]] = {}
    for kind, node in _objects(document):
        for name, member in node.members():
            if name not in _KINDS[kind].fields and not name.startswith("x-"):
                found.setdefault((kind, name), []).append(member)
    return [_unknown(kind, name, nodes) for (kind, name), nodes in found.items()]


def _unknown(kind: str, name: str, nodes: list[Node]) -> Notice:
    more = f", nor at {len(nodes) - 1} more places" if len(nodes) > 1 else ""
    what = f"OpenAPI has no field {name!r} in {_KINDS[kind].name}{more}; it is ignored."
    known = _KINDS[kind].fields
    lower = f"Write {name.lower()!r}." if name.lower() in known else ""
    hint = _INSTEAD.get((kind, name)) or lower or nearest(name, known) or "Remove it, or let its name begin with 'x-'."
    return Notice("warning", "field-unknown", what, nodes[0].place, hint)


def _objects(document: Document) -> Iterator[tuple[str, Node]]:
    """Find the objects of a document, each with its kind; a reference is none."""
    waiting = [("document", Node(document, "", document.tree))]
    while waiting:
        name, node = waiting.pop()
        value = node.value
        if not isinstance(value, dict) or ("$ref" in value and name not in ("path item", "operation", "document")):
            continue
        kind = _KINDS[name]
        yield name, node
        inner: list[tuple[str, Node]] = []
        for key, member in node.members():
            if key in kind.one:
                inner.append((kind.one[key], member))
            elif key in kind.lists and isinstance(member.value, list):
                inner += [(kind.lists[key], one) for one in member.items()]
            elif key in kind.maps and isinstance(member.value, dict):
                inner += [(kind.maps[key], one) for spot, one in member.members() if not spot.startswith("x-")]
        waiting += reversed(inner)


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
