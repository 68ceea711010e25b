"""Values for schemas: valid by a judge of others, the same for the same key, made within a bound of work."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract_tests.dialect import format_checker, validator_class
from mockserver.generating.circumstances import Circumstances, NoValue
from mockserver.generating.dice import Dice
from mockserver.generating.formats import FORMATS
from mockserver.generating.joining import Shapes
from mockserver.generating.making import Plan
from mockserver.generating.parts import Parts
from mockserver.generating.patterns import matches, text_for
from openapi.document import Document, Library, Node
from openapi.schema import Schemas
from tests.mockserver.generating.schemas import satisfiable

if TYPE_CHECKING:
    from openapi.reading import Json

NOW = 1_783_001_726 * 10**9


def plan(schema: Json, version: str = "3.1", **components: Json) -> Plan:
    tree: dict[str, Json] = {"schema": schema, "components": {"schemas": components}}
    document = Document("it.yaml", "memory:it.yaml", json.dumps(tree).encode(), tree)
    schemas = Schemas(Library([document]), version)
    return Plan(Shapes(Parts(schemas, "writeOnly")), schemas.at(Node(document, "/schema", schema), "writeOnly"))


def circumstances(number: int = 0, **others: object) -> Circumstances:
    return Circumstances(b"key %d" % number, NOW, number, **others)  # type: ignore[arg-type]


def values(schema: Json, version: str = "3.1", count: int = 6, **components: Json) -> list[Json]:
    made = plan(schema, version, **components)
    return [made.value(circumstances(number)).value for number in range(count)]


def judged(schema: Json, version: str, value: Json, **components: Json) -> bool:
    whole = {**schema, "components": {"schemas": components}} if isinstance(schema, dict) else schema
    return bool(validator_class(version, "response")(whole, format_checker=format_checker()).is_valid(value))


@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(satisfiable())
def test_schema_that_a_value_satisfies_gets_a_value_that_another_validator_takes(schema: Json) -> None:
    for value in values(schema, count=2):
        assert Draft202012Validator(schema).is_valid(value), (schema, value)


NEW: list[Json] = [
    {  # members that have to be there, one for each, or one for both where there is room for no more
        "type": "object",
        "not": {
            "anyOf": [
                {"propertyNames": {"not": {"enum": ["1", "3"]}}},
                {"propertyNames": {"not": {"enum": ["2", "3"]}}},
                {"propertyNames": {"not": {"enum": ["1", "3"]}}},
            ]
        },
        "minProperties": 3,
    },
    {
        "type": "object",
        "allOf": [{"not": {"propertyNames": {"not": {"pattern": pattern}}}} for pattern in ("a1", "b2", "2a")],
        "propertyNames": {"pattern": "^....$"},
        "maxProperties": 1,
    },
    {
        "type": "object",
        "patternProperties": {"^[0-9]$": {"type": "array", "minItems": 2}},
        "additionalProperties": False,
        "not": {"anyOf": [{"patternProperties": {p: False}} for p in ("^(1|3|4)$", "^(2|5|11)$", "^(1|2)$")]},
        "dependentSchemas": {"3": {"not": {"required": ["2"]}}},
        "maxProperties": 2,
    },
    {
        "type": "object",
        "allOf": [
            {"patternProperties": {"^.{1,3}$": False}},
            {"patternProperties": {"a": True}, "additionalProperties": False},
            {"patternProperties": {"b": True}, "additionalProperties": False},
        ],
        "not": {"patternProperties": {"c": {"type": "string"}}},
        "minProperties": 2,
    },
    {
        "type": "object",
        "required": ["a1b2"],
        "maxProperties": 1,
        "not": {"patternProperties": {"a1": {"type": ["object", "array", "number", "null", "boolean"]}}},
    },
    {
        "type": "object",
        "properties": {"a": True},
        "not": {"properties": {"a": True}, "additionalProperties": {"type": "null"}},
    },
    {"type": "number", "maximum": 1, "not": {"type": "integer"}},
    {
        "unevaluatedProperties": False,
        "oneOf": [{"type": "object", "unevaluatedProperties": {"type": "string"}}, {"type": "null", "minLength": 1}],
        "minProperties": 1,
        "type": "object",
    },
    {"type": "array", "minItems": 4, "uniqueItems": True, "items": {"type": "object", "maxProperties": 1}},
    {"type": "array", "minItems": 5, "uniqueItems": True, "items": {"type": "array", "items": {"type": "boolean"}}},
    {"type": "object", "unevaluatedProperties": False, "minProperties": 1, "if": {"properties": {"a": {"const": 1}}}},
    {
        "type": "array",
        "contains": {"type": "integer", "minimum": 3},
        "maxItems": 1,
        "allOf": [{"unevaluatedItems": {"multipleOf": 2}}],
    },
    {
        "type": "object",
        "unevaluatedProperties": False,
        "allOf": [{"additionalProperties": {"type": "integer"}, "minProperties": 2}],
    },
    {"type": "object", "patternProperties": {"^(?=.*[0-9])(?=.*[a-z]).{3,}$": False}, "minProperties": 2},
    {"type": "string", "not": {"pattern": "^(?!a).*$"}, "pattern": "[0-9]$"},
    {
        "type": "object",
        "propertyNames": {"not": {"pattern": "^.{2,4}$"}},
        "properties": {"c": True},
        "dependentRequired": {"c": ["x-1"]},
        "minProperties": 2,
    },
    {
        "type": "array",
        "prefixItems": [{"type": ["string", "null"]}],
        "not": {"type": "array", "unevaluatedItems": {"multipleOf": 2}},
    },
    {  # what stands beside a schema evaluates nothing for it
        "type": "array",
        "minItems": 1,
        "prefixItems": [{"type": ["string", "integer"]}],
        "oneOf": [{"type": "array", "unevaluatedItems": {"type": "integer", "minimum": 3}}],
    },
    {
        "type": "object",
        "properties": {"abc": {"type": ["string", "null"]}, "12": True},
        "unevaluatedProperties": False,
        "not": {"patternProperties": {"^.{2}$": False}},
    },
    {
        "type": "array",
        "contains": {"type": "integer"},
        "unevaluatedItems": {"type": "string"},
        "minItems": 3,
        "not": {"prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}},
    },
    {
        "type": "object",
        "unevaluatedProperties": {"type": "integer"},
        "minProperties": 1,
        "not": {"properties": {"a": {"type": "string"}}},
    },
    {
        "type": "integer",
        "multipleOf": 420,
        "not": {"multipleOf": 9},
        "minimum": 10000,
        "allOf": [{"not": {"enum": [10500, 10920, 11760]}}],
    },
    {
        "type": "string",
        "allOf": [{"pattern": "^([a-z][0-9])+$"}, {"pattern": "(t|8){10}$"}],
        "minLength": 100,
        "not": {"pattern": "^a"},
    },
    {"type": ["string", "null"], "minLength": 3},
    {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
    {"type": "number", "minimum": 0.1, "maximum": 0.2, "multipleOf": 0.05},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    {"type": "number", "multipleOf": 0.01, "minimum": 19.9, "maximum": 20},
    {"type": "integer", "minimum": 2**53 - 3, "maximum": 2**53 - 1},
    {"type": "integer", "minimum": -(10**30), "maximum": -(10**30) + 5},
    {"const": {"a": [1, None]}},
    {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["b"]}]},
    {"oneOf": [{"minimum": 10}, {"multipleOf": 7}], "type": "integer"},
    {"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}]},
    {"not": {"enum": ["a", 1, None]}, "enum": ["a", 1, None, "b"]},
    {"type": "string", "not": {"pattern": "^[a-z]"}},
    {"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}, "b": {"const": 1}}},
    {
        "if": {"properties": {"kind": {"const": "x"}}, "required": ["kind"]},
        "then": {"required": ["size"]},
        "else": {"required": ["note"]},
        "type": "object",
        "properties": {"kind": {"enum": ["x", "y"]}},
        "required": ["kind"],
    },
    {
        "type": "object",
        "properties": {"a": {}, "b": {}, "c": {}},
        "required": ["a"],
        "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"b": {"properties": {"c": {"const": 3}}, "required": ["c"]}},
    },
    {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{2}$"},
        "minProperties": 3,
        "additionalProperties": {"type": "integer"},
    },
    {
        "type": "object",
        "patternProperties": {"^n_[a-z]+$": {"type": "number"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    {"type": "object", "properties": {"a": True, "b": True, "c": True}, "maxProperties": 1, "minProperties": 1},
    {
        "allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"minimum": 7}}, "required": ["a"]}],
        "unevaluatedProperties": False,
        "type": "object",
    },
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
    {
        "type": "array",
        "contains": {"const": 5},
        "minContains": 2,
        "maxContains": 2,
        "minItems": 4,
        "items": {"type": "integer"},
    },
    {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": ["a", "b", "c"]}},
    {"type": "array", "uniqueItems": True, "minItems": 2, "items": {"type": "boolean"}},
    {"type": "array", "prefixItems": [{"const": 1}], "contains": {"type": "string"}, "unevaluatedItems": False},
    {"type": "string", "contentEncoding": "base64", "minLength": 8},
    {"type": "string", "format": "date", "pattern": "^2024-0[1-3]-"},
    {"type": "string", "format": "no-such-format", "maxLength": 4},
    {"$ref": "#/components/schemas/Tree"},
    True,
    {},
]
TREE: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "parent": {"$ref": "#/components/schemas/Tree"},
    },
}


@pytest.mark.parametrize("schema", NEW, ids=lambda schema: json.dumps(schema)[:60])
def test_schema_of_2020_12_gets_valid_values(schema: Json) -> None:
    for value in values(schema, "3.1", Tree=TREE):
        assert judged(schema, "3.1", value, Tree=TREE), value
        json.dumps(value, allow_nan=False)


OLD: list[Json] = [
    {"type": "integer", "minimum": 5, "exclusiveMinimum": True, "maximum": 7, "exclusiveMaximum": True},
    {"type": "string", "nullable": True, "enum": ["a"]},
    {
        "type": "object",
        "required": ["a", "secret"],
        "properties": {"a": {"type": "string", "format": "uuid"}, "secret": {"type": "string", "writeOnly": True}},
        "additionalProperties": False,
    },
    {"type": "object", "additionalProperties": {"type": "integer", "format": "int32"}, "minProperties": 2},
    {
        "allOf": [
            {"$ref": "#/components/schemas/Tree"},
            {"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}},
        ]
    },
    {"type": "number", "format": "float", "minimum": 0, "maximum": 1},
]


@pytest.mark.parametrize("schema", OLD, ids=lambda schema: json.dumps(schema)[:60])
def test_schema_of_openapi_3_0_gets_valid_values(schema: Json) -> None:
    for value in values(schema, "3.0", Tree=TREE):
        assert judged({"allOf": [schema]}, "3.0", value, Tree=TREE), value


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_text_is_of_its_format_at_every_length(name: str) -> None:
    for least, most in ((0, None), (0, 12), (25, None), (30, 60)):
        schema: dict[str, Json] = {"type": "string", "format": name, "minLength": least}
        if most:
            schema["maxLength"] = most
        try:
            found = values(schema, count=3)
        except NoValue:
            assert name in {"date", "time", "date-time", "ipv4", "ipv6", "uuid"}, (name, least, most)
            continue
        assert all(judged(schema, "3.1", value) for value in found), found


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("int64", "^[0-9]+$"),
        ("decimal", r"^[0-9]+\.[0-9]{2}$"),
        ("datetime", "^2026-07-02T"),
        ("http-date", "^Thu, 02 Jul 2026 .* GMT$"),
        ("google-duration", "^[0-9]+s$"),
        ("guid", "^[0-9a-f]{8}-"),
        ("phone", "^[+]1202555"),
        ("color", "^#[0-9a-f]{6}$"),
        ("mac", "^00:00:5e:00:53:"),
        ("base64url", "^[A-Za-z0-9_-]+$"),
        ("char", "^[a-z]$"),
        ("html", "^<p>"),
    ],
)
def test_format_that_nobody_checks_is_taken_for_what_it_most_likely_means(name: str, pattern: str) -> None:
    for value in values({"type": "string", "format": name}):
        assert re.search(pattern, str(value)), value


PATTERNS = [
    "^[A-Z]{3}-[0-9]{4}$",
    "^(foo|bar)+$",
    r"^\d{3}-\d{2}-\d{4}$",
    "abc",
    "^$",
    r"^\+?[1-9]\d{1,14}$",
    r"^[^\s@]+@[^\s@]+$",
    r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^A-Za-z0-9]).{8,20}$",
    r"^(?!0000)\d{4}$",
    r"^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$",
    r"^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$",
    r"^\p{Lu}\p{L}*$",
    r"^[\u4e00-\u9fa5]{2,4}$",
    r"^\w+\.\w{2,3}$",
    "^a{2,}$",
    r"^([a-z])\1$",
    r"\bword\b",
    r"^[\w.\-]{1,64}$",
    r"^.{5}$",
    "^[a-z]|[0-9]$",
    r"^\x41\u0042\/$",
    r"^(?:[a-z]+/)*[a-z]+$",
    r"^(a+)+$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^[\d]{2}[.]?[\d]{2}$",
    "^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|$)){4}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_text_is_found_by_its_pattern(pattern: str) -> None:
    began = time.perf_counter()
    for number in range(5):
        text = text_for(Dice(b"%d" % number), [pattern])
        assert text is not None
        assert matches(pattern, text)
    assert time.perf_counter() - began < 1


def test_pattern_that_the_validator_cannot_read_stops_no_value() -> None:
    halves = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*"
    assert all(isinstance(value, str) for value in values({"type": "string", "pattern": halves, "minLength": 1}))


def test_text_of_a_pattern_has_no_odd_letters_where_plain_ones_do() -> None:
    for number in range(20):
        text = text_for(Dice(b"%d" % number), [r"^on\s[^a-z]+\S.\W$"])
        assert text is not None
        assert text.isascii()
        assert text.isprintable(), text


def test_text_of_a_pattern_keeps_its_length() -> None:
    for least, most in ((1, 3), (10, 10), (40, 60)):
        for number in range(5):
            text = text_for(Dice(b"%d" % number), ["^[a-z]+(-[a-z]+)*$"], least, most)
            assert text is not None
            assert least <= len(text) <= most


def test_same_key_gives_the_same_value_and_another_another() -> None:
    schema: Json = {"type": "object", "properties": {name: {"type": "string"} for name in ("id", "name", "email")}}
    assert values(schema) == values(schema)
    assert len({json.dumps(value) for value in values(schema)}) == 6


def test_fields_read_as_they_are_called() -> None:
    names = ("id", "email", "firstName", "city", "currency", "createdAt", "phone", "website", "countryCode")
    schema: Json = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    value = values(schema, count=1)[0]
    assert isinstance(value, dict)
    assert str(value["email"]).endswith("@example.com")
    assert str(value["createdAt"]).startswith("2026-07-02T14:15:2")
    assert str(value["website"]).startswith("https://example.com/")
    assert value["currency"] in ("EUR", "USD", "GBP", "JPY")
    assert len(str(value["countryCode"])) == 2


def test_numbers_are_as_large_and_as_exact_as_they_are_called() -> None:
    names = ("price", "latitude", "total_count", "weight", "score", "ratio")
    schema: Json = {"type": "object", "properties": {name: {"type": "number"} for name in names}}
    found = [value for value in values(schema, count=20) if isinstance(value, dict)]
    for value in found:
        assert isinstance(value["total_count"], int)
        assert 1 <= float(str(value["price"])) <= 200
        assert -80 <= float(str(value["latitude"])) <= 80
        assert 0 <= float(str(value["score"])) <= 100
        assert 0 <= float(str(value["ratio"])) <= 1
    assert any(isinstance(value["price"], float) for value in found)
    assert all(round(float(str(value["weight"])), 2) == value["weight"] for value in found)


def test_what_nothing_satisfies_is_told_with_its_place_and_at_once_the_second_time() -> None:
    never = plan({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/Never"}}},
                 Never={"type": "integer", "minimum": 5, "maximum": 4})  # fmt: skip
    for _ in range(2):
        with pytest.raises(NoValue, match=r"it\.yaml#/components/schemas/Never"):
            never.value(circumstances())


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "integer", "minimum": 5, "maximum": 4.5}, "no number is at least 5 and at most 4.5"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "no text has a length of at least 3 and at most 2"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "no array has a number of items of at least 3 and at most 2"),
        ({"type": "object", "minProperties": 3, "maxProperties": 2}, "no object has a number of members of at least 3"),
        ({"type": "object", "required": ["a", "b"], "maxProperties": 1}, "2 members are required, and at most 1"),
        ({"type": "string", "minLength": 5_000_000}, "5000000 characters are asked for, of which no more than 100000"),
        ({"type": "array", "minItems": 100_000}, "100000 items are asked for, of which no more than 5000 are made"),
        ({"type": "object", "minProperties": 100_000}, "100000 members are asked for: too many to make"),
        ({"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "boolean"}}, "can be told apart"),
    ],
)  # fmt: skip
def test_what_nothing_satisfies_or_is_too_large_is_told_in_words(schema: Json, why: str) -> None:
    with pytest.raises(NoValue, match=why):
        plan(schema).value(circumstances())


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 900, "uniqueItems": True, "items": {"type": "integer", "minimum": 1,
                                                                          "maximum": 1000}},
        {"type": "array", "minItems": 26, "uniqueItems": True, "items": {"type": "string", "pattern": "^[a-z]$"}},
        {"type": "array", "minItems": 4000, "items": {"type": "integer"}},
        {"type": "object", "minProperties": 100},
        {"type": "string", "minLength": 50_000},
        {"type": "integer", "format": "int64", "exclusiveMinimum": 2**63 - 2},
        {"type": "number", "minimum": 1e308},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1e-300},
        {"type": "number", "minimum": 1, "exclusiveMaximum": 1.5, "multipleOf": 0.5, "not": {"multipleOf": 3}},
        {"type": "integer", "minimum": 1, "maximum": 6, "not": {"multipleOf": 2}, "multipleOf": 3},
    ],
    ids=lambda schema: json.dumps(schema)[:60],
)  # fmt: skip
def test_bounds_at_the_edge_are_kept(schema: Json) -> None:
    for value in values(schema, count=2):
        assert judged(schema, "3.1", value)


def test_type_of_which_there_is_no_value_leaves_the_others() -> None:
    bounded: Json = {"type": ["integer", "null"], "exclusiveMinimum": 3, "exclusiveMaximum": 4}
    nameless: Json = {"type": ["object", "null"], "required": ["a"], "propertyNames": {"maxLength": 0}}
    for schema in (bounded, nameless):
        assert values(schema) == [None] * 6


def test_schema_that_holds_itself_ends_with_null_where_it_may() -> None:
    node: Json = {
        "type": ["object", "null"],
        "required": ["next"],
        "properties": {"next": {"$ref": "#/components/schemas/Node"}},
    }
    assert values({"$ref": "#/components/schemas/Node"}, Node=node, count=1) == [{"next": {"next": None}}]


def test_conditions_that_one_member_decides_are_met_one_at_a_time() -> None:
    kinds = [f"kind{number}" for number in range(30)]
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {"type": {"enum": [*kinds]}},
        "required": ["type"],
        "allOf": [
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"required": [kind]}} for kind in kinds
        ],
    }  # fmt: skip
    for value in values(schema, count=3):
        assert judged(schema, "3.1", value), value


def test_dynamic_reference_means_the_outermost_of_its_name() -> None:
    tree: dict[str, Json] = {
        "$id": "https://example.com/tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"anyOf": [
            {"$dynamicRef": "#node"}, {"const": "leaf"}]}}},
    }  # fmt: skip
    strict: Json = {
        "$id": "https://example.com/strict",
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "required": ["name"],
        "$defs": {"tree": tree},
    }
    for value in values(strict, count=8):
        assert Draft202012Validator(strict).is_valid(value), value


def test_anchors_of_one_name_in_two_schemas_are_each_for_their_own() -> None:
    template: dict[str, Json] = {
        "$id": "https://example.com/page", "$dynamicAnchor": "item", "type": "object", "required": ["items"],
        "properties": {"items": {"type": "array", "minItems": 1, "items": {"$dynamicRef": "#item"}}},
    }  # fmt: skip

    def page(kind: str) -> Json:
        return {"$defs": {"it": {"$dynamicAnchor": "item", "const": kind}}, "$ref": "#/components/schemas/Page"}

    for kind in ("A", "B"):
        for value in values({"$ref": f"#/components/schemas/{kind}"}, Page=template, A=page("A"), B=page("B")):
            assert isinstance(value, dict)
            assert set(value["items"]) == {kind}  # type: ignore[arg-type]


def test_schema_that_stands_twice_with_its_own_address_is_understood_in_both_places() -> None:
    schema: Json = {
        "$id": "https://example.com/main",
        "if": {"$id": "first", "$defs": {"it": {"$dynamicAnchor": "it", "const": 1}}},
        "then": {"$id": "second", "$ref": "start", "$defs": {"it": {"$dynamicAnchor": "it", "const": None}}},
        "$defs": {
            "start": {"$id": "start", "$dynamicRef": "inner#it"},
            "it": {"$id": "inner", "$dynamicAnchor": "it", "type": "string"},
        },
    }  # fmt: skip
    assert values(schema, count=1, Again=schema) == [None]


def test_reference_to_the_schema_of_schemas_gets_a_schema() -> None:
    for value in values({"$ref": "https://json-schema.org/draft/2020-12/schema"}):
        Draft202012Validator.check_schema(value)


def test_items_as_a_list_are_what_drafts_before_2020_12_meant() -> None:
    schema: Json = {"type": "array", "items": [{"const": 1}, {"const": 2}], "additionalItems": False}
    assert all(value == [1, 2][: len(value)] and value for value in values(schema) if isinstance(value, list))


def test_schema_that_needs_itself_without_end_is_told() -> None:
    endless: Json = {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"$ref": "#/components/schemas/Endless"}},
    }
    with pytest.raises(NoValue, match="it needs itself"):
        plan({"$ref": "#/components/schemas/Endless"}, Endless=endless).value(circumstances())


def test_many_ways_that_lead_nowhere_end_within_the_bound_of_work() -> None:
    same: list[Json] = [{"type": "object", "properties": {name: {"type": "string"} for name in "abcdefgh"}}] * 6
    began = time.perf_counter()
    with pytest.raises(NoValue):
        plan({"oneOf": same, "type": "object", "maxProperties": 0}).value(circumstances())
    assert time.perf_counter() - began < 10


def test_choice_with_a_discriminator_carries_the_name_that_the_mapping_has() -> None:
    kinds: list[Json] = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    kind: Json = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    mapped: Json = {"propertyName": "kind", "mapping": {"meow": "#/components/schemas/Cat"}}
    for value in values({"anyOf": kinds, "discriminator": mapped}, Cat=kind, Dog=kind):
        assert isinstance(value, dict)
        assert value["kind"] in ("meow", "Dog")


@pytest.mark.parametrize("closed", [False, True])
def test_options_that_look_alike_keep_the_name_of_the_discriminator_where_they_may(closed: bool) -> None:
    kinds: list[Json] = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    rest: dict[str, Json] = {"type": "object", "additionalProperties": not closed}
    cat: Json = {**rest, "properties": {"lives": {"type": "object"}}}
    dog: Json = {**rest, "properties": {"bark": {"type": "object"}}}
    schema: Json = {"oneOf": kinds, "discriminator": {"propertyName": "kind"}}
    for value in values(schema, Cat=cat, Dog=dog):
        assert isinstance(value, dict)
        assert value.get("kind") in ([None] if closed else ["Cat", "Dog"])


def test_what_is_for_requests_alone_is_in_no_response() -> None:
    schema: Json = {
        "type": "object",
        "properties": {"password": {"type": "string", "writeOnly": True}, "id": {"readOnly": True}},
    }
    for version in ("3.0", "3.1"):
        assert all(set(value) == {"id"} for value in values(schema, version) if isinstance(value, dict))
