"""What is wrong with a value, in words that hold nothing of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import jsonschema_rs

    from openapi.reading import Json

__all__ = ["Violation", "json_type", "violation_of"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a message breaks the contract. It never holds the value itself, which may be a secret.

    place: `body`, `path`, `query`, `header`, `cookie`. pointer: into the value, RFC 6901. keyword: of JSON Schema.
    clause: JSON pointer of the keyword in the document, which leads to its basis; an address in front of `#` when the
    keyword stands in another file.
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


def json_type(value: Json) -> str:
    """Name the JSON type of a value; for text also its length, never the text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return _one(f"string of {len(value)} characters")
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return _one(f"array of {len(value)} items") if isinstance(value, list) else "object"


def violation_of(
    error: jsonschema_rs.ValidationError,
    place: str,
    uri: str,
    locate: Callable[[jsonschema_rs.ValidationError], tuple[str, str]],
    skipped: int = 0,
) -> Violation:
    """Tell what an error of the validator means, by the document that its schema stands in.

    place: what the value is a part of. uri: of that document. locate: tells the document and pointer of an error's
    keyword. skipped: names that stand before the path of the value.
    """
    keyword = error.kind.name
    pointer = child("", *error.instance_path[skipped:])
    where, clause = locate(error)
    if where != uri:
        clause = f"{where}#{clause}"
    arguments = error.kind.as_dict()
    received = json_type(cast("Json", error.instance))
    if keyword == "required":
        missing = str(arguments["property"])
        return Violation(place, child(pointer, missing), keyword, "a value", "nothing", clause)
    unexpected = arguments.get("unexpected")
    if keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(unexpected, list) and unexpected:
        return Violation(place, child(pointer, unexpected[0]), keyword, "no such member", "one", clause)
    if keyword == "falseSchema" and clause.endswith("/additionalProperties"):
        return Violation(place, pointer, "additionalProperties", "an object without members", "members", clause)
    return Violation(place, pointer, keyword, _expected(keyword, arguments), received, clause)


_LIMITS = {"enum": "options", "const": "expected_value", "type": "types", "multipleOf": "multiple_of"}
"""Keyword -> the argument that holds what the schema asks for; others call it by their own name, or `limit`."""


_WORDS = {
    "minLength": "at least {} characters", "maxLength": "at most {} characters", "minItems": "at least {} items",
    "maxItems": "at most {} items", "minProperties": "at least {} members", "maxProperties": "at most {} members",
    "minimum": "at least {}", "maximum": "at most {}", "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}", "multipleOf": "a multiple of {}", "format": "text of the format {}",
    "pattern": "text of the pattern {}",
}  # fmt: skip
"""Keyword -> what it asks for, around its value in the schema."""

_WITHOUT_VALUE = {
    "uniqueItems": "items that all differ", "anyOf": "what one of the schemas of 'anyOf' allows",
    "oneOf": "what exactly one of the schemas of 'oneOf' allows", "not": "anything but what 'not' describes",
    "contains": "an item that 'contains' allows", "propertyNames": "names that 'propertyNames' allows",
    "falseSchema": "nothing at all, as the schema allows no value",
}  # fmt: skip


def _expected(keyword: str, arguments: Mapping[str, object]) -> str:
    """Say what the schema asks for, from arguments that come from the schema; others may hold the value itself."""
    if keyword in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[keyword]
    value = arguments.get(_LIMITS.get(keyword, keyword), arguments.get("limit"))
    if keyword == "type" and isinstance(value, list):
        return " or ".join(str(name) for name in value)
    if value is None:
        return f"what {keyword!r} asks for"
    if keyword == "enum" and isinstance(value, list):
        return "one of " + ", ".join(repr(item) for item in value[:20]) + (", ..." if len(value) > 20 else "")
    if keyword == "const":
        return repr(value)
    said = _WORDS.get(keyword, f"{keyword} {{}}").format(value)
    return _one(said) if value == 1 else said


def _one(text: str) -> str:
    """Write one of several in the singular."""
    return _ONE.sub(r" 1 \1", text)


_ONE = re.compile(r" 1 (character|item|member)s")
