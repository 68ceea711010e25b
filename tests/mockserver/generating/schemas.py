"""Schemas that can be satisfied: each is drawn together with a value that it allows, and the value is thrown away.

Every keyword of JSON Schema 2020-12 that a document may use is drawn, in and beside every other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from openapi.reading import Json

    Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

__all__ = ["satisfiable"]

_NAMES = st.sampled_from(["id", "name", "email", "createdAt", "price", "a", "b", "x-1", "x-22", "tags"])
_SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-1000, 1000), st.sampled_from([0.5, -2.25, 19.99, 1e6]),
    st.sampled_from(["", "a", "abc", "A1b2", "2024-05-01", "x@example.com", "\u00e9t\u00e9", "foo bar"]),
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=6,
)  # fmt: skip
_MAYBE = st.booleans()
_KINDS = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


@st.composite
def satisfiable(draw: Draw) -> Json:
    """Draw a schema that at least one value satisfies."""
    return _schema(draw, draw(_VALUES), 3)


def _holds(schema: Json, value: Json) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


def _schema(draw: Draw, value: Json, depth: int) -> Json:
    if depth <= 0 or draw(st.integers(0, 11)) == 0:
        return draw(st.sampled_from([True, {}, {"enum": [value, "other"]}, {"const": value}]))  # type: ignore[no-any-return]
    kind = _KINDS.get(type(value), "object")
    schema: dict[str, Json] = {}
    if draw(st.integers(0, 3)):
        kinds = (
            [kind] if draw(_MAYBE) else sorted({kind, draw(st.sampled_from(["string", "null", "object", "number"]))})
        )
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(value, str):
        _of_text(draw, value, schema)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _of_number(draw, value, schema)
    elif isinstance(value, list):
        _of_array(draw, value, schema, depth)
    elif isinstance(value, dict):
        _of_object(draw, value, schema, depth)
    if draw(st.integers(0, 2)) == 0:
        _combined(draw, value, schema, depth)
    return schema


def _of_text(draw: Draw, value: str, schema: dict[str, Json]) -> None:
    if draw(_MAYBE):
        schema["minLength"] = draw(st.integers(0, len(value)))
    if draw(_MAYBE):
        schema["maxLength"] = draw(st.integers(len(value), len(value) + 5))
    if draw(_MAYBE):
        first = re.escape(value[:1]) if value[:1].isascii() else "."
        patterns = [
            f"^{first}.*$",
            r"^[\w@. \u00e9-]*$",
            f"^.{{{len(value)}}}$",
            "^(?!forbidden).*$",
            f"^(?={first}).*",
        ]
        schema["pattern"] = draw(st.sampled_from(patterns if value else ["^$", "^.*$", "(a|b)?"]))


def _of_number(draw: Draw, value: float, schema: dict[str, Json]) -> None:
    bounds: list[tuple[str, Json]] = [
        ("minimum", value), ("minimum", value - 7), ("exclusiveMinimum", value - 0.5), ("maximum", value),
        ("maximum", value + 3), ("exclusiveMaximum", value + 1),
    ]  # fmt: skip
    schema.update(draw(st.lists(st.sampled_from(bounds), max_size=3)))
    steps: list[Json] = [step for step in (0.25, 0.5, 1, 2, 3, 5) if (value / step).is_integer()]
    if steps and draw(_MAYBE):
        schema["multipleOf"] = draw(st.sampled_from(steps))


def _of_array(draw: Draw, value: list[Json], schema: dict[str, Json], depth: int) -> None:
    if draw(_MAYBE):
        schema["minItems"] = draw(st.integers(0, len(value)))
    if draw(_MAYBE):
        schema["maxItems"] = draw(st.integers(len(value), len(value) + 3))
    if draw(_MAYBE) and _holds({"uniqueItems": True}, value):
        schema["uniqueItems"] = True
    prefix = draw(st.integers(0, len(value)))
    if prefix and draw(_MAYBE):
        schema["prefixItems"] = [_schema(draw, item, depth - 1) for item in value[:prefix]]
    else:
        prefix = 0
    rest = value[prefix:]
    closing = draw(st.sampled_from(["items", "unevaluatedItems", "", ""]))
    if closing:
        schema[closing] = False if not rest else _of_all(draw, rest, depth)
    if value and draw(_MAYBE):
        one = draw(st.sampled_from(value))
        schema["contains"] = {"const": one} if draw(_MAYBE) else _schema(draw, one, depth - 1)
        count = sum(_holds(schema["contains"], item) for item in value)
        if draw(_MAYBE):
            schema["maxContains"] = draw(st.integers(count, count + 1))
        if draw(_MAYBE):
            schema["minContains"] = draw(st.integers(0, count))


def _of_all(draw: Draw, values: list[Json], depth: int) -> Json:
    """Draw a schema that all of some values satisfy."""
    return (
        {"anyOf": [_schema(draw, one, depth - 1) for one in values]}
        if len(values) > 1
        else _schema(draw, values[0], depth - 1)
    )


def _of_object(  # noqa: C901 - one list of keywords
    draw: Draw, value: dict[str, Json], schema: dict[str, Json], depth: int
) -> None:
    named = [name for name in value if draw(st.integers(0, 3))]
    properties: dict[str, Json] = {name: _schema(draw, value[name], depth - 1) for name in named}
    if draw(_MAYBE):
        properties.setdefault("missing", draw(st.sampled_from([{"type": "string"}, {"type": "integer"}, False, True])))
    if properties:
        schema["properties"] = properties
    required: list[Json] = [name for name in value if draw(_MAYBE)]
    if required:
        schema["required"] = required
    rest = [item for name, item in value.items() if name not in properties]
    closing = draw(st.sampled_from(["additionalProperties", "unevaluatedProperties", "", ""]))
    if closing:
        schema[closing] = False if not rest else _of_all(draw, rest, depth)
    if draw(_MAYBE):
        schema["minProperties"] = draw(st.integers(0, len(value)))
    if draw(_MAYBE):
        schema["maxProperties"] = draw(st.integers(len(value), len(value) + 2))
    if draw(st.integers(0, 3)) == 0:
        matching = [item for name, item in value.items() if name.startswith("x-")]
        schema["patternProperties"] = {
            "^x-[0-9]+$": _of_all(draw, matching, depth) if matching else {"type": "integer"}
        }
    if draw(st.integers(0, 3)) == 0:
        schema["propertyNames"] = draw(st.sampled_from([{"pattern": "^[A-Za-z0-9-]+$"}, {"maxLength": 9}]))
    if len(value) > 1 and draw(st.integers(0, 3)) == 0:
        first, second = list(value)[:2]
        schema["dependentRequired"] = {first: [second], "missing": [first]}
    if value and draw(st.integers(0, 3)) == 0:
        schema["dependentSchemas"] = {next(iter(value)): _schema(draw, value, depth - 1)}


def _combined(draw: Draw, value: Json, schema: dict[str, Json], depth: int) -> None:
    """Put the value's own schemas, and others, under the keywords that combine schemas."""
    word = draw(st.sampled_from(["allOf", "anyOf", "oneOf", "not", "if"]))
    fits, other = _schema(draw, value, depth - 1), _schema(draw, draw(_VALUES), depth - 1)
    also = _holds(other, value)
    if word == "allOf":
        schema[word] = [fits, *([other] if also else [])]
    elif word == "anyOf":
        schema[word] = [other, fits]
    elif word == "oneOf":
        schema[word] = [fits] if also else [other, fits]
    elif word == "not" and not also:
        schema[word] = other
    elif word == "if":
        schema["if"] = other
        schema["then" if also else "else"] = fits
        if draw(_MAYBE):
            schema["else" if also else "then"] = draw(st.sampled_from([False, {"type": "null"}]))
