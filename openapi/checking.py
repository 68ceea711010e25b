"""Say what a document leaves unsaid, and what in it would be ignored. Refuses nothing: it returns notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import Notice, nearest
from openapi.pointers import child
from openapi.walking import schema_starts, schemas_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Document, Library
    from openapi.operation import Operation, Response

__all__ = ["body_notices", "document_notices", "unsaid"]

_SHARED = frozenset(
    [
        "$ref",
        "type",
        "enum",
        "title",
        "description",
        "default",
        "example",
        "format",
        "multipleOf",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "maxProperties",
        "minProperties",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "allOf",
        "oneOf",
        "anyOf",
        "not",
        "readOnly",
        "writeOnly",
        "deprecated",
        "discriminator",
        "xml",
        "externalDocs",
    ]
)
KNOWN = {
    "3.0": _SHARED | {"nullable"},
    "3.1": _SHARED
    | frozenset(
        [
            "$id",
            "$schema",
            "$anchor",
            "$dynamicRef",
            "$dynamicAnchor",
            "$vocabulary",
            "$comment",
            "$defs",
            "const",
            "examples",
            "if",
            "then",
            "else",
            "dependentSchemas",
            "dependentRequired",
            "dependencies",
            "definitions",
            "prefixItems",
            "contains",
            "minContains",
            "maxContains",
            "propertyNames",
            "patternProperties",
            "unevaluatedItems",
            "unevaluatedProperties",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
        ]
    ),
}
"""Schema keywords that are understood, by OpenAPI version."""

FORMATS = frozenset(
    [
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
        "byte",
    ]
)
"""Formats that are checked."""

LABELS = frozenset({"int32", "int64", "float", "double", "password", "binary"})
"""Formats of OpenAPI that describe and are not checked."""


def document_notices(library: Library, document: Document, version: str) -> list[Notice]:
    """Say which schema keywords and formats of a document are ignored; of an unknown version, nothing."""
    if version not in KNOWN:
        return []
    seen: set[tuple[str, str]] = set()
    notices: list[Notice] = []
    for start in schema_starts(Node(document, "", document.tree)):
        for schema in schemas_behind(library, start, seen):
            notices += _schema_notices(schema, version)
    return notices


def body_notices(operation: Operation) -> list[Notice]:
    """Say which schemas of request bodies are ignored: those of types whose text is no value that they could judge."""
    return [
        Notice(
            "warning",
            "body-not-checked",
            f"{operation.name}: a body of {media.name} is taken as it is.",
            media.schema.node.place,
            "Describe it as a string: that is what such a body is.",
        )
        for media in operation.body
        if media.schema is not None and not (media.is_judged or "*" in media.name)
    ]


def unsaid(operation: Operation) -> list[Notice]:
    """Say what the document leaves unsaid about one operation, as notes: nobody promised it."""
    node = operation.node
    found: list[tuple[str, str, Node]] = []
    if "operationId" not in node.mapping:
        found.append(("no-operation-id", "no operationId; it goes by its method and path.", node))
    if not operation.security:
        found.append(("no-security", "no security: anyone may call it.", node))
    elif not {response.status for response in operation.responses} & {"401", "4XX", "default"}:
        found.append(("no-401", "it needs a credential and documents no 401.", node))
    body = node.get("requestBody")
    if operation.body and not operation.body_required and body is not None:
        found.append(("body-optional", "the body may be left out.", body))
    for response in operation.responses:
        found += _unsaid_of(response)
    return [Notice("note", code, f"{operation.name}: {what}", at.place) for code, what, at in found]


def _unsaid_of(response: Response) -> Iterator[tuple[str, str, Node]]:
    at = response.node
    if not response.media_types and response.status not in ("204", "205", "304"):
        yield "no-response-body", f"{response.status} has no content: any body conforms.", at
    for media in response.media_types:
        if media.said.get("type") == "object" and not media.said.get("required"):
            what = f"{response.status} {media.name}: no property is required; an empty object conforms."
            yield "nothing-required", what, at
        if not media.examples and response.status[0] in "2d":
            yield "no-example", f"{response.status} {media.name}: no example to answer with.", at


def _schema_notices(schema: Node, version: str) -> Iterator[Notice]:
    yield from _without_effect(schema) if version == "3.0" else ()
    yield from _of_another_version(schema, version)
    for name, member in schema.members():
        if name not in KNOWN[version] and not name.startswith("x-"):
            other = "3.1" if version == "3.0" else "3.0"
            hint = f"It is understood in OpenAPI {other}." if name in KNOWN[other] else nearest(name, KNOWN[version])
            what = f"The schema keyword {name!r} is ignored."
            yield Notice("warning", "schema-keyword-ignored", what, member.place, hint)
    style = schema.mapping.get("format")
    if isinstance(style, str) and style not in FORMATS:
        hint = "" if style in LABELS else nearest(style, FORMATS)
        at = child(schema.pointer, "format")
        yield Notice(
            "note", "format-not-checked", f"The format {style!r} is not checked.", schema.document.place(at), hint
        )


def _without_effect(schema: Node) -> Iterator[Notice]:
    """Say which keywords of a 3.0 schema have no effect where they stand."""
    mapping = schema.mapping
    referring = isinstance(mapping.get("$ref"), str)
    for name, member in schema.members():
        what, remedy = "", ""
        if referring and name in KNOWN["3.0"] - _DESCRIBING:
            what, remedy = "has no effect beside '$ref'", "Put the reference into 'allOf'."
        elif name == "nullable" and member.value is True and not isinstance(mapping.get("type"), str):
            what, remedy = "has no effect without 'type'", "Say it where the type stands."
        if what:
            what = f"The schema keyword {name!r} {what}; it is ignored."
            yield Notice("warning", "schema-keyword-ignored", what, member.place, remedy)


def _of_another_version(schema: Node, version: str) -> Iterator[Notice]:
    """Say where a list stands that another version of OpenAPI or of JSON Schema takes there."""
    lists = [
        ("3.0", "type", "one name", "Write one, and 'nullable: true' for null."),
        ("3.0", "items", "one schema", "Write what any of the items may be under 'oneOf'."),
        ("3.1", "items", "one schema", "Write the list as 'prefixItems'."),
    ]
    for known, name, takes, remedy in lists:
        if known == version and isinstance(schema.mapping.get(name), list):
            what = f"The schema keyword {name!r} takes {takes} in OpenAPI {version}; this is a list."
            yield Notice(
                "warning", "schema-keyword-list", what, schema.document.place(child(schema.pointer, name)), remedy
            )


_DESCRIBING = frozenset(["$ref", "title", "description", "summary", "example", "deprecated", "externalDocs", "xml"])
"""Keywords that say something to readers only."""
