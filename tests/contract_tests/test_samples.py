"""Valid and invalid request bodies: the same words as the mock's validators, from other code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.samples import broken_clauses, is_valid, valid_body
from openapi.samples import Missing
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.operation import Operation
    from openapi.reading import Json


def operation(media: dict[str, Json], version: str = "3.1.0", **components: Json) -> Operation:
    """Make an operation whose request body is one media type object."""
    body: Json = {"content": {"application/json": media}}
    tree = operation_tree({"requestBody": body}, method="post")
    (made,) = contract({**tree, "components": {"schemas": components}}, version).operations
    return made


def valid(schema: Json, value: Json, version: str = "3.1.0", **components: Json) -> bool:
    return is_valid(operation({"schema": schema}, version, **components).body[0], value)


# --- the body to start from -------------------------------------------------------------------------------------------


def test_documented_example_is_the_body() -> None:
    made = operation({"schema": {"type": "object"}, "example": {"a": 1}})
    assert valid_body(made.body[0]) == {"a": 1}


def test_example_that_the_schema_forbids_is_passed_over() -> None:
    schema: Json = {"type": "object", "properties": {"a": {"type": "integer", "example": 7}}}
    examples: Json = {"bad": {"value": {"a": "x"}}, "good": {"value": {"a": 2}}}
    assert valid_body(operation({"schema": schema, "examples": examples}).body[0]) == {"a": 2}
    assert valid_body(operation({"schema": schema, "example": {"a": "x"}}).body[0]) == {"a": 7}


def test_empty_object_is_the_last_resort() -> None:
    assert valid_body(operation({"schema": {"type": "object"}}).body[0]) == {}
    assert valid_body(operation({}).body[0]) == {}


def test_schema_without_any_valid_example_gives_nothing() -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    assert isinstance(valid_body(operation({"schema": schema}).body[0]), Missing)


# --- what is valid ----------------------------------------------------------------------------------------------------


def test_without_a_schema_everything_is_valid() -> None:
    assert is_valid(operation({}).body[0], [None])


@pytest.mark.parametrize(
    ("version", "schema", "good", "bad"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, None, 1),
        ("3.1.0", {"type": "string", "nullable": True}, "a", None),
        ("3.1.0", {"type": ["string", "null"]}, None, 1),
        ("3.0.3", {"minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ("3.1.0", {"exclusiveMinimum": 1}, 2, 1),
        ("3.1.0", {"format": "uri"}, "https://a.example", "not a url"),
        ("3.0.3", {"type": "string", "format": "uri"}, "https://a.example", "not a url"),
        ("3.1.0", {"format": "date-time"}, "2026-07-02T22:15:26Z", "2026-07-02"),
        ("3.1.0", {"pattern": "^a$"}, "a", "a\n"),
        ("3.1.0", {"pattern": r"^\d$"}, "1", "\u0661"),
    ],
)
def test_validity_follows_the_version(version: str, schema: Json, good: Json, bad: Json) -> None:
    assert valid(schema, good, version)
    assert not valid(schema, bad, version)


def test_reference_is_followed_in_a_circle() -> None:
    tree: Json = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/A"}, "n": {"type": "integer"}},
    }
    schema: Json = {"$ref": "#/components/schemas/A"}
    assert valid(schema, {"next": {"next": {"n": 1}}}, A=tree)
    assert not valid(schema, {"next": {"next": {"n": "x"}}}, A=tree)


def test_nothing_counts_beside_a_reference_in_3_0() -> None:
    schema: Json = {"$ref": "#/components/schemas/S", "maxLength": 1}
    assert valid(schema, "abc", "3.0.3", S={"type": "string"})
    assert not valid(schema, "abc", "3.1.0", S={"type": "string"})


def test_read_only_property_may_be_left_out_and_may_be_sent_in_3_0() -> None:
    schema: Json = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}
    assert valid(schema, {}, "3.0.3")
    assert valid(schema, {"id": 1}, "3.0.3")
    assert not valid(schema, {"id": "x"}, "3.0.3")
    assert not valid(schema, {}, "3.1.0")


@pytest.mark.parametrize("kind", [{}, [], None, 5, "cat", "dog"])
def test_discriminator_of_any_kind_is_no_stumbling_block(kind: Json) -> None:
    cat: Json = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["cat"]}}}
    schema: Json = {"oneOf": [{"$ref": "#/components/schemas/cat"}], "discriminator": {"propertyName": "kind"}}
    assert valid(schema, {"kind": kind}, "3.0.3", cat=cat) is (kind == "cat")


# --- which clauses are broken -----------------------------------------------------------------------------------------

AT = "/paths/~1thing/post/requestBody/content/application~1json/schema"


def test_broken_clause_is_named_where_it_stands() -> None:
    schema: Json = {"type": "object", "properties": {"a/b": {"type": "integer"}}, "required": ["c"]}
    media = operation({"schema": schema}).body[0]
    assert sorted(broken_clauses(media, {"a/b": "x"})) == [f"{AT}/properties/a~1b/type", f"{AT}/required"]
    assert broken_clauses(media, {"c": 1}) == []


def test_broken_clause_behind_a_reference_is_named_below_the_reference() -> None:
    schema: Json = {"properties": {"a": {"$ref": "#/components/schemas/S"}}}
    media = operation({"schema": schema}, S={"type": "integer"}).body[0]
    assert broken_clauses(media, {"a": "x"}) == [f"{AT}/properties/a/type"]


def test_without_a_schema_no_clause_is_broken() -> None:
    assert broken_clauses(operation({}).body[0], 1) == []
