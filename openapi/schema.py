"""Compile a schema once and say what is wrong with a value as `Violation`s; an empty tuple means valid.

Validation is jsonschema-rs: Draft 4 rules for OpenAPI 3.0, 2020-12 for 3.1, formats asserted, nothing fetched.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from openapi.errors import ContractError
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import jsonschema_rs

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["Schema", "Schemas", "Violation", "json_type"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a message breaks the contract. It never holds the value itself, which may be a secret.

    place: `body`, `path`, `query`, `header`, `cookie`. pointer: into the value, RFC 6901. keyword: of JSON Schema.
    clause: JSON pointer of the keyword in the document, which leads to its basis.
    """

    place: str
    pointer: str
    keyword: str
    expected: str
    received: str
    clause: str = ""

    @property
    def field(self) -> str:
        """Name the value as a person would: `CallbackURL`, `Filter.GroupIds[0]`, or the place when it is the whole."""
        name = ""
        for token in self.pointer.split("/")[1:]:
            text = token.replace("~1", "/").replace("~0", "~")
            name += f"[{text}]" if text.isdigit() else f".{text}"
        return name.lstrip(".") or self.place

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, received {self.received}"


class Schema:
    """One compiled schema. Compiling happens at the first use, so a large document starts quickly."""

    __slots__ = ("_validator", "node", "schemas")

    def __init__(self, schemas: Schemas, node: Node) -> None:
        self.schemas = schemas
        self.node = node
        self._validator: jsonschema_rs.Validator | None = None

    @property
    def validator(self) -> jsonschema_rs.Validator:
        """The compiled validator. Raises `ContractError` when the schema cannot be compiled."""
        if self._validator is None:
            self._validator = self.schemas.compile(self.node)
        return self._validator

    def check(self, value: Json, place: str = "body") -> tuple[Violation, ...]:
        """Check a value; all that is wrong with it, in the order of the schema."""
        validator = self._validator or self.validator
        if validator.is_valid(value):
            return ()
        return tuple(_violation(error, place) for error in validator.iter_errors(value))


class Schemas:
    """Makes `Schema`s over the documents of one contract; `version` is `3.0` or `3.1`."""

    def __init__(self, library: Library, version: str) -> None:
        self.library = library
        self.version = version
        self._registry: jsonschema_rs.Registry | None = None

    def at(self, node: Node) -> Schema:
        """Make the schema that stands at a node; reads nothing yet."""
        return Schema(self, node)

    def compile(self, node: Node) -> jsonschema_rs.Validator:
        """Compile the schema at a node, its references resolved within the library and never fetched."""
        import jsonschema_rs  # 20 ms; paid by the first contract, not by `mockserver --help`

        validator = jsonschema_rs.Draft4Validator if self.version == "3.0" else jsonschema_rs.Draft202012Validator
        reference: dict[str, Json] = {"$ref": f"{node.document.uri}#{_fragment(node.pointer)}"}
        try:
            return validator(
                reference, registry=self.registry(), validate_formats=True, formats=dict(FORMATS), offline=True
            )
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            why = str(error).splitlines()[0]
            raise ContractError(f"This schema cannot be compiled: {why}.", node.place, "Correct the schema.") from None

    def registry(self) -> jsonschema_rs.Registry:
        """Give the one set of resources that all schemas of this contract refer to."""
        import jsonschema_rs

        if self._registry is None:
            draft = jsonschema_rs.Draft4 if self.version == "3.0" else jsonschema_rs.Draft202012
            documents = self.library.documents.values()
            trees = [(one.uri, nullable(one.tree) if self.version == "3.0" else one.tree) for one in documents]
            self._registry = jsonschema_rs.Registry(trees, draft=draft)
        return self._registry


def nullable(value: Json) -> Json:
    """Rewrite OpenAPI 3.0's `nullable: true` as the JSON Schema that means the same, in a copy."""
    if isinstance(value, list):
        return [nullable(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: item if key in _DATA else nullable(item) for key, item in value.items()}
    kind = copy.get("type")
    if value.get("nullable") is True and isinstance(kind, str):
        copy["type"] = [kind, "null"]
        choices = copy.get("enum")
        if isinstance(choices, list) and None not in choices:
            # OpenAPI 3.0.3 proposal 'clarify nullable': null must be listed to be allowed by an enum; most authors
            # forget it and mean it, and every generator accepts it, so it is allowed here.
            copy["enum"] = [*choices, None]
    return copy


_DATA = frozenset({"enum", "default", "example", "examples", "const"})


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {"byte": _is_base64}
"""Formats of OpenAPI that JSON Schema does not define and that can be decided from the text alone."""


def json_type(value: Json) -> str:
    """Name the JSON type of a value; for text also its length, never the text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return f"string of {len(value)} characters"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return f"array of {len(value)} items" if isinstance(value, list) else "object"


def _fragment(pointer: str) -> str:
    return pointer.replace("%", "%25").replace(" ", "%20").replace('"', "%22").replace("{", "%7B").replace("}", "%7D")


def _violation(error: jsonschema_rs.ValidationError, place: str) -> Violation:
    keyword = error.kind.name
    pointer = child("", *error.instance_path)
    clause = child("", *error.schema_path)
    arguments = error.kind.as_dict()
    received = json_type(cast("Json", error.instance))
    if keyword == "required":
        missing = str(arguments["property"])
        return Violation(place, child(pointer, missing), keyword, "a value", "nothing", clause)
    unexpected = arguments.get("unexpected")
    if isinstance(unexpected, list) and unexpected:
        return Violation(place, child(pointer, unexpected[0]), keyword, "no such member", "one", clause)
    return Violation(place, pointer, keyword, _expected(keyword, arguments), received, clause)


def _expected(keyword: str, arguments: Mapping[str, object]) -> str:
    value = next(iter(arguments.values()), None)
    if keyword == "type" and isinstance(value, list):
        return " or ".join(str(name) for name in value)
    if keyword in ("anyOf", "oneOf", "not", "contains", "uniqueItems", "falseSchema") or value is None:
        return f"what {keyword!r} asks for"
    if isinstance(value, list):
        return "one of " + ", ".join(repr(item) for item in value[:20])
    return f"{keyword} {value}"
