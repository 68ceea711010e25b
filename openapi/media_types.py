"""What a document says of one media type: its schema, its examples, and how the parts of a form are written.

Knows which kinds of body there are; reads none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from openapi.document import Node
from openapi.errors import ContractError
from openapi.parameters import STYLES, Parameter, compile_header, flag
from openapi.samples import MISSING, Missing, media_examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.document import Library
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas

__all__ = ["Encoding", "Kind", "MediaType", "compile_media_types", "essence", "fits", "kind_of", "specificity"]

Kind: TypeAlias = Literal["json", "lines", "form", "multipart", "xml", "text", "bytes"]
"""How a body is read. `lines`: one JSON value a line, or after each record separator."""

FORM = "application/x-www-form-urlencoded"

_LINES = frozenset(
    ["application/ndjson", "application/x-ndjson", "application/jsonl", "application/x-jsonl", "application/jsonlines",
     "application/x-jsonlines", "application/json-lines", "application/json-seq", "application/x-json-stream",
     "application/stream+json", "text/x-ndjson", "text/ndjson", "text/jsonl"]
)  # fmt: skip
_LINES_SUFFIXES = ("+ndjson", "+jsonl", "+json-seq")
_TEXTS = frozenset(
    ["application/graphql", "application/javascript", "application/jwt", "application/sql", "application/toml",
     "application/yaml", "application/x-yaml"]
)  # fmt: skip


def kind_of(name: str) -> Kind:
    """Tell how a body of a media type (as `essence` gives it) is read."""
    if name in _LINES or name.endswith(_LINES_SUFFIXES):
        return "lines"
    major, _, subtype = name.partition("/")
    if subtype.startswith("json") or subtype.endswith("json"):
        return "json"
    if name == FORM:
        return "form"
    if major == "multipart":
        return "multipart"
    if name.endswith(("/xml", "+xml")):
        return "xml"
    return "text" if major == "text" or name in _TEXTS or name.endswith("+yaml") else "bytes"


def essence(media_type: str) -> str:
    """Strip parameters and case: `Application/JSON; charset=utf-8` is `application/json`."""
    return media_type.partition(";")[0].strip().lower()


def fits(declared: str, sent: str) -> bool:
    """Tell whether a media type is of a declared one, which may be a range; both as `essence` gives them."""
    major, _, minor = declared.partition("/")
    if minor.startswith("*+"):  # `application/*+json`, as some frameworks write it
        return sent.startswith(f"{major}/") and sent.endswith(minor[1:])
    return declared in (sent, "*/*", "*") or (minor == "*" and sent.startswith(f"{major}/"))


def specificity(declared: str) -> int:
    """Tell how much a media type or range says; more is more."""
    return 3 - declared.count("*") - ("*" in declared and "+" not in declared)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form is written (OpenAPI 3.1.1, 4.8.15).

    content_types: of its part, as `essence` gives them; none when the document leaves that to its schema. style: None
    when it goes by a content type instead. headers: that its part carries.
    """

    node: Node
    content_types: tuple[str, ...] = ()
    style: str | None = None
    explode: bool = True
    headers: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a body: its range as written, its schema if any, and its examples by name.

    encodings: of the properties of a form that the document says more of. item: the schema of each line (3.2).
    """

    name: str
    node: Node
    schema: Schema | None
    examples: dict[str, Json]
    encodings: Mapping[str, Encoding] = field(default_factory=dict)
    item: Schema | None = None

    @property
    def kind(self) -> Kind:
        """How its bodies are read; of a range, those that are sent decide."""
        return kind_of(essence(self.name))

    @property
    def schemas(self) -> list[Schema]:
        """Its schemas: of the whole, of each line, of the headers of its parts."""
        found = [self.schema, self.item]
        if self.encodings:
            found += [header.schema for one in self.encodings.values() for header in one.headers]
        return [schema for schema in found if schema is not None]

    @property
    def is_json(self) -> bool:
        """Whether its values are JSON: they are read as such and checked against the schema."""
        return self.kind == "json"

    @property
    def is_judged(self) -> bool:
        """Whether its bodies become values that its schema can judge."""
        if self.schema is None or self.kind not in ("text", "bytes"):
            return True
        return self.schema.shape.is_scalar

    @property
    def is_text(self) -> bool:
        """Whether its schema asks for text, which a body of any type is."""
        return self.said.get("type") == "string"

    @property
    def said(self) -> dict[str, Json]:
        """What its schema says, references followed; nothing where there is no schema, or none is reached."""
        found = None if self.schema is None else self.schema.schemas.library.reached(self.schema.node)
        return found.value if found is not None and isinstance(found.value, dict) else {}

    def valid_example(self) -> Json | Missing:
        """Choose the first example that the schema allows; `MISSING` when there is none."""
        wanted = self.examples.values()
        return next((one for one in wanted if self.schema is None or not self.schema.check(one)), MISSING)

    def verify(self) -> None:
        """Compile the schema; when that cannot be done, warn instead, and find any value in order."""
        for schema in self.schemas:
            try:
                schema.validator  # noqa: B018 - compiling it is what this is for
            except ContractError as error:
                schema.give_up(f"{error.what} Any value is taken in its place.", error.remedy)


def compile_media_types(library: Library, schemas: Schemas, content: Node | None, absent: str) -> tuple[MediaType, ...]:
    """Compile a `content` mapping; what is none is no content. absent: see `Schemas.at`.

    Raises `ContractError` for a reference that leads nowhere.
    """
    if content is None or not isinstance(content.value, dict):
        return ()
    found = []
    for written, entry in library.follow_anyway(content).members():
        name = _name(library, written, entry)
        if name is None:
            continue
        media = library.follow(entry)
        if not isinstance(media.value, dict):
            library.warn("media-type-empty", f"Nothing is said about {name}; any body of it conforms.", entry)
            media = Node(media.document, media.pointer, {})
        schema, item = media.get("schema"), media.get("itemSchema")
        compiled = None if schema is None else schemas.at(schema, absent)
        lines = None if item is None else schemas.at(item, absent)
        found.append(
            MediaType(name, media, compiled, media_examples(library, media), _encodings(library, schemas, media), lines)
        )
    return tuple(found)


_WRITTEN = re.compile(r"\*|[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*(;.*)?")
"""A media type with its parameters, or a range of them (RFC 9110 8.3.1, 12.5.1)."""


def _name(library: Library, written: str, entry: Node) -> str | None:
    """Read the name of a media type, with a warning for one that is none; None if no header can have it."""
    name = written.strip()
    if not (name.isascii() and name.isprintable() and name):
        what = f"{written!r} is no media type, and no header can have it; it is ignored."
        library.warn("media-type-broken", what, entry, "Write application/json, for instance.")
        return None
    if name != written or not _WRITTEN.fullmatch(name):
        what = f"{written!r} is not written as a media type is."
        library.warn(
            "media-type-broken", what, entry, "Write application/json, for instance, without blanks around it."
        )
    return name


def _encodings(library: Library, schemas: Schemas, media: Node) -> dict[str, Encoding]:
    encoding = media.get("encoding")
    if encoding is None or not isinstance(encoding.value, dict):
        return {}
    return {
        name: _encoding(library, schemas, node) for name, node in encoding.members() if isinstance(node.value, dict)
    }


def _encoding(library: Library, schemas: Schemas, node: Node) -> Encoding:
    mapping = node.mapping
    written, style = mapping.get("contentType"), mapping.get("style")
    types = [essence(one) for one in written.split(",")] if isinstance(written, str) else []
    if style is not None and (not isinstance(style, str) or style not in STYLES["query"]):
        what = f"The style {style!r} is not for a field of a form; form is taken."
        library.warn("parameter-style", what, node, f"Use {', '.join(sorted(STYLES['query']))}.")
        style = "form"
    if style is None and ("explode" in mapping or "allowReserved" in mapping):
        style = "form"
    headers = node.get("headers")
    named = headers.members() if headers is not None and isinstance(headers.value, dict) else []
    return Encoding(
        node,
        tuple(filter(None, types)),
        None if style is None else str(style),
        flag(mapping, "explode", default=style in (None, "form")),
        tuple(compile_header(library, schemas, name, one) for name, one in named if name.lower() != "content-type"),
    )
