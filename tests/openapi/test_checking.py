"""What is said at load: keywords and formats that would be ignored, and what a document leaves unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from openapi.checking import FORMATS, KNOWN, LABELS, document_notices, unsaid
from openapi.contract import load_contract
from openapi.document import Library
from tests.documents.making import contract, document, operation_tree, read

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json


def said(schema: Json, version: str = "3.1") -> list[tuple[str, str, str]]:
    made = contract({**operation_tree({}), "components": {"schemas": {"S": schema, "T": {}}}}, f"{version}.0")
    return [(one.level, one.code, one.place.pointer.removeprefix("/components/schemas/S")) for one in made.notices]


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_keyword_that_nobody_knows_is_said_with_the_nearest(version: str) -> None:
    made = contract({"components": {"schemas": {"S": {"minLenght": 3}}}, **operation_tree({})}, f"{version}.0")
    (notice,) = made.notices
    assert (notice.level, notice.code) == ("warning", "schema-keyword-ignored")
    assert notice.what == "The schema keyword 'minLenght' is ignored."
    assert "'minLength'" in notice.remedy
    assert (notice.place.file, notice.place.pointer) == ("made.json", "/components/schemas/S/minLenght")
    assert notice.place.line


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_known_keywords_and_extensions_are_not_said(version: str) -> None:
    values: dict[str, Json] = {
        "type": "string", "enum": ["a"], "format": "uri", "nullable": True, "exclusiveMinimum": version == "3.0" or 3,
        "exclusiveMaximum": version == "3.0" or 3, "required": ["a"], "pattern": "a", "x-any": 1,
        "discriminator": {"propertyName": "a"},
    }  # fmt: skip
    known = {name: value for name, value in values.items() if name in KNOWN[version] or name.startswith("x-")}
    assert said(known, version) == []


@pytest.mark.parametrize(
    ("schema", "version", "other"),
    [
        ({"nullable": True, "type": "string"}, "3.1", "3.0"),
        ({"const": 1}, "3.0", "3.1"),
        ({"examples": [1]}, "3.0", "3.1"),
        ({"patternProperties": {}}, "3.0", "3.1"),
        ({"if": {}}, "3.0", "3.1"),
    ],
)
def test_keyword_of_the_other_version_is_said_to_be_of_that(schema: Json, version: str, other: str) -> None:
    made = contract({"components": {"schemas": {"S": schema}}, **operation_tree({})}, f"{version}.0")
    assert [one.remedy for one in made.notices] == [f"It is understood in OpenAPI {other}."]


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"properties": {"a": {"oops": 1}}}, "/properties/a/oops"),
        ({"properties": {"oops": {"type": "string"}}}, None),
        ({"items": {"items": {"oops": 1}}}, "/items/items/oops"),
        ({"allOf": [{}, {"oops": 1}]}, "/allOf/1/oops"),
        ({"additionalProperties": {"oops": 1}}, "/additionalProperties/oops"),
        ({"not": {"oops": 1}}, "/not/oops"),
        ({"$defs": {"a": {"oops": 1}}}, "/$defs/a/oops"),
        ({"enum": [{"oops": 1}], "default": {"oops": 1}, "example": {"oops": 1}}, None),
        (True, None),
    ],
)
def test_keyword_is_looked_for_in_every_schema_and_in_no_value(schema: Json, pointer: str | None) -> None:
    assert [one[2] for one in said(schema)] == ([pointer] if pointer else [])


@pytest.mark.parametrize("status", ["200", "default", "4XX"])
def test_schema_of_every_response_is_looked_at(status: str) -> None:
    content: Json = {"application/json": {"schema": {"oops": 1}}}
    made = contract(operation_tree({"responses": {status: {"description": "", "content": content}}}))
    assert [one.code for one in made.notices] == ["schema-keyword-ignored"]


def test_schema_that_is_met_often_is_said_once_even_in_a_circle() -> None:
    assert len(said({"oops": 1, "items": {"$ref": "#/components/schemas/S"}})) == 1


def test_schema_in_a_file_that_is_referred_to_is_looked_at() -> None:
    other = document({"T": {"oops": 1}}, "other.json")
    main = document({"components": {"schemas": {"S": {"$ref": "memory:other.json#/T"}}}}, "main.json")
    (notice,) = document_notices(Library([main, other]), main, "3.1")
    assert (notice.place.file, notice.place.pointer) == ("other.json", "/T/oops")


@pytest.mark.parametrize(
    ("schema", "pointers"),
    [
        ({"$ref": "#/components/schemas/T", "nullable": True, "minLength": 3, "description": "x", "x-a": 1},
         ["/minLength", "/nullable"]),
        ({"nullable": True, "allOf": [{"type": "string"}]}, ["/nullable"]),
        ({"nullable": True, "enum": ["a"]}, ["/nullable"]),
        ({"nullable": False}, []),
        ({"nullable": True, "type": "string"}, []),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": 5}, ["/exclusiveMinimum"]),
        ({"type": "integer", "exclusiveMaximum": True, "maximum": 5}, []),
    ],
)  # fmt: skip
def test_keyword_of_3_0_without_effect_where_it_stands_is_said(schema: Json, pointers: list[str]) -> None:
    found = said(schema, "3.0")
    assert sorted(one[2] for one in found) == pointers
    assert {one[1] for one in found} <= {"schema-keyword-ignored", "schema-keyword-broken"}


def test_keyword_beside_a_reference_counts_in_3_1() -> None:
    assert said({"$ref": "#/components/schemas/T", "minLength": 3}) == []


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_format_that_is_checked_is_not_said(name: str) -> None:
    assert said({"format": name}) == []


@pytest.mark.parametrize("name", [*sorted(LABELS), "made-up", "date_time"])
def test_format_that_is_not_checked_is_noted(name: str) -> None:
    assert said({"format": name}) == [("note", "format-not-checked", "/format")]


def test_format_with_a_slip_names_the_nearest() -> None:
    made = contract({"components": {"schemas": {"S": {"format": "date_time"}}}, **operation_tree({})})
    assert "'date-time'" in made.notices[0].remedy


@pytest.mark.parametrize(
    ("name", "schema", "count"),
    [
        ("text/csv", {"type": "object"}, 1),
        ("image/png", {"type": "object"}, 1),
        ("multipart/form-data", {"type": "object"}, 0),
        ("application/xml", {"type": "object"}, 0),
        ("application/x-ndjson", {"type": "array"}, 0),
        ("text/plain", {"type": "integer"}, 0),
        ("application/json", {"type": "object"}, 0),
        ("text/plain", {"type": "string"}, 0),
        ("*/*", {"type": "object"}, 0),
    ],
)
def test_schema_of_a_body_that_is_no_value_is_said_to_be_ignored(name: str, schema: Json, count: int) -> None:
    made = contract(operation_tree({"requestBody": {"content": {name: {"schema": schema}}}}, method="post"))
    assert [one.code for one in made.notices] == ["body-not-checked"] * count


# --- unsaid -----------------------------------------------------------------------------------------------------------


def codes(operation: dict[str, Json], **others: Json) -> set[str]:
    return {
        note.code for note in unsaid(contract({**operation_tree(operation, method="post"), **others}).operations[0])
    }


def test_operation_that_says_nothing_is_told_all_of_it() -> None:
    content: Json = {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}
    found = codes({"responses": {"200": {"description": "", "content": content}, "400": {"description": ""}},
                   "requestBody": {"content": {"application/json": {}}}})  # fmt: skip
    assert found == {"no-operation-id", "no-security", "no-response-body", "nothing-required", "body-optional"}


def test_operation_that_says_everything_is_told_nothing() -> None:
    content: Json = {"application/json": {"schema": {"type": "object", "required": ["a"]}, "example": {"a": 1}}}
    operation: dict[str, Json] = {
        "operationId": "all",
        "security": [{"bearer": []}],
        "requestBody": {"required": True, "content": {"application/json": {}}},
        "responses": {
            "200": {"description": "", "content": content},
            "204": {"description": ""},
            "4XX": {"description": "", "content": content},
        },
    }
    assert codes(operation, components={"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}) == set()


def test_credential_without_a_documented_401_is_told() -> None:
    schemes: Json = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    assert "no-401" in codes({"security": [{"bearer": []}]}, components=schemes)


def test_success_without_an_example_is_told_and_an_error_without_one_is_not() -> None:
    content: Json = {"application/json": {"schema": {"type": "string"}}}
    told = [
        note.place.pointer
        for operation in contract(
            operation_tree(
                {"responses": {s: {"description": "", "content": content} for s in ("200", "404", "default")}}
            )
        ).operations
        for note in unsaid(operation)
        if note.code == "no-example"
    ]
    assert [pointer.split("/")[5] for pointer in told] == ["200", "default"]


def test_places_of_what_is_unsaid_have_lines() -> None:
    notes = [note for operation in read("pets-3.1.yaml").operations for note in unsaid(operation)]
    assert notes
    assert all(note.level == "note" and note.place.line for note in notes)


def test_place_of_what_a_shared_response_leaves_unsaid_is_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(
        "openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {$ref: 'shared.yaml#/Ok'}}}}}\n", encoding="utf-8"
    )
    (tmp_path / "shared.yaml").write_text("Ok:\n  description: ok\n", encoding="utf-8")
    (operation,) = load_contract([tmp_path / "main.yaml"]).operations
    (note,) = [one for one in unsaid(operation) if one.code == "no-response-body"]
    assert str(note.place) == f"{tmp_path / 'shared.yaml'}:2 at /Ok"
