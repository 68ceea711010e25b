"""The objects of OpenAPI: which fields each kind has, what may stand in them, which have to be there.

By 3.0, 3.1 and 3.2 together: what an older version does not have is in nobody's way. Schemas are judged elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi.document import Document
    from openapi.reading import Json

__all__ = ["KINDS", "METHODS", "REFERENCE", "Kind", "Misplaced", "find_objects"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: what it is called, what stands in each of its fields, and which of them have to be there.

    What stands in a field is a word of `WORDS` or the name of a kind; in brackets a list of those, in braces a mapping.
    """

    name: str
    fields: Mapping[str, str]
    required: tuple[str, ...] = ()


def _kind(name: str, fields: str, **more: str) -> Kind:
    """Read `url! name variables={variable}`: a field with its form, text if it has none; `!` has to be there."""
    found: dict[str, str] = {}
    required = []
    for one in fields.split():
        field, _, form = one.partition("=")
        if field.endswith("!"):
            field = field[:-1]
            required.append(field)
        found[field] = form or "text"
    return Kind(name, {**found, **more}, tuple(required))


_VALUED = "schema=schema example=any examples={example} content={media}"
_WRITTEN = f"description required=flag deprecated=flag style explode=flag allowReserved=flag {_VALUED}"
KINDS = {
    "document": _kind(
        "a document",
        "openapi=any info!=info jsonSchemaDialect servers=[server] paths={item} webhooks={item} components=components "
        "security=[any] tags=[tag] externalDocs=docs $self $schema",
    ),
    "info": _kind(
        "the info", "title! summary description termsOfService contact=contact license=license version!"
    ),
    "contact": _kind("the contact", "name url email"),
    "license": _kind("the license", "name! identifier url"),
    "tag": _kind("a tag", "name! summary description externalDocs=docs parent kind"),
    "docs": _kind("the external docs", "description url!"),
    "server": _kind("a server", "url! name description variables={variable}"),
    "variable": _kind("a server variable", "enum=[any] default!=any description"),
    "components": _kind(
        "the components",
        "schemas={schema} responses={response} parameters={parameter} examples={example} requestBodies={body} "
        "headers={header} securitySchemes={scheme} links={link} callbacks={callback} pathItems={item} "
        "mediaTypes={media}",
    ),
    "item": _kind(
        "a path item",
        "$ref summary description servers=[server] parameters=[parameter] query=any "
        f"additionalOperations=any {' '.join(f'{method}=operation' for method in METHODS)}",
    ),
    "operation": _kind(
        "an operation",
        "$ref tags=[text] summary description externalDocs=docs operationId parameters=[parameter] requestBody=body "
        "responses={response} callbacks={callback} deprecated=flag security=[any] servers=[server]",
    ),
    "parameter": _kind("a parameter", f"name! in! allowEmptyValue=flag {_WRITTEN}"),
    "header": _kind("a header", _WRITTEN),
    "body": _kind("a request body", "description content!={media} required=flag"),
    "response": _kind("a response", "summary description! headers={header} content={media} links={link}"),
    "media": _kind(
        "a media type",
        "schema=schema itemSchema=schema example=any examples={example} encoding={encoding} "
        "prefixEncoding=[encoding] itemEncoding=encoding description",
    ),
    "encoding": _kind(
        "an encoding",
        "contentType headers={header} style explode=flag allowReserved=flag encoding={encoding} "
        "prefixEncoding=[encoding] itemEncoding=encoding",
    ),
    "example": _kind("an example", "summary description value=any externalValue dataValue=any serializedValue"),
    "scheme": _kind(
        "a security scheme",
        "type! description name in scheme bearerFormat flows=flows openIdConnectUrl oauth2MetadataUrl deprecated=flag",
    ),
    "flows": _kind(
        "the flows",
        "implicit=flow password=flow clientCredentials=flow authorizationCode=flow deviceAuthorization=flow",
    ),
    "flow": _kind(
        "a flow", "authorizationUrl tokenUrl refreshUrl deviceAuthorizationUrl scopes!={any}"
    ),
    "link": _kind("a link", "operationRef operationId parameters={any} requestBody=any description server=server"),
    "callback": Kind("a callback", {}),
}  # fmt: skip

WORDS = {"text": "text", "flag": "true or false", "schema": "a schema"}
"""Words for what stands in a field -> what a person calls it. `any` stands for anything."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A value of the wrong form: in which field of which kind of object, and what is taken there."""

    kind: str
    field: str
    taken: str
    node: Node


REFERENCE = "reference"
"""The kind of an object that is a reference to another."""


def find_objects(document: Document) -> Iterator[tuple[str, Node] | Misplaced]:
    """Find the objects of a document, each with its kind, and what stands where one should."""
    waiting: list[tuple[str, Node]] = [("document", Node(document, "", document.tree))]
    while waiting:
        kind, node = waiting.pop()
        value = node.value
        if not isinstance(value, dict):
            continue
        reference = value.get("$ref")
        if isinstance(reference, str) and kind not in ("item", "operation", "document"):
            yield REFERENCE, node
            continue
        if "$ref" in value and not isinstance(reference, str):
            yield Misplaced(kind, "$ref", "text", Node(document, child(node.pointer, "$ref"), reference))
            continue
        yield kind, node
        inner: list[tuple[str, Node]] = []
        for field, member in node.members():
            form = "{item}" if kind == "callback" else KINDS[kind].fields.get(field, "any")
            if kind == "callback":
                inner += [] if field.startswith("x-") else [("item", member)]
            elif form != "any":
                yield from _looked_at(kind, field, form, member, inner)
        waiting += reversed(inner)


def _looked_at(kind: str, field: str, form: str, node: Node, inner: list[tuple[str, Node]]) -> Iterator[Misplaced]:
    """Tell what is misplaced in a field; the objects in it go to `inner`."""
    value = node.value
    one = form.strip("[]{}")
    parts = [node]
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        parts = []  # told where it is followed, and where it leads nowhere
    elif form[0] == "[":
        if not isinstance(value, list):
            yield Misplaced(kind, field, "a list", node)
            return
        parts = node.items()
    elif form[0] == "{":
        if not isinstance(value, dict):
            yield Misplaced(kind, field, "a mapping", node)
            return
        parts = [member for name, member in node.members() if not (name.startswith("x-") and one in _EXTENDED)]
    for part in parts:
        if one in KINDS:
            inner.append((one, part))
        if not _fits(one, part.value):
            listed = "" if form == one else ": each is to be"
            yield Misplaced(kind, f"{field}{listed}", WORDS.get(one, "a mapping"), part)


_EXTENDED = ("item", "response")
"""Kinds that stand in a mapping which may have extensions beside them: `paths`, `responses`."""


def _fits(one: str, value: Json) -> bool:
    if one == "any":
        return True
    if one == "text":
        return isinstance(value, str)
    if one == "flag":
        return isinstance(value, bool)
    return isinstance(value, dict) or (one == "schema" and isinstance(value, bool))
