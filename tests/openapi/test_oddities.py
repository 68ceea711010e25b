"""What stands where OpenAPI has no place for it, and examples that break their schemas: served, and told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mockserver.engine import Engine
from mockserver.settings import Settings
from openapi.contract import load_contract
from tests.documents.making import ask, contract, operation_tree

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json

INTEGER: Json = {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}}


def told(tree: dict[str, Json], version: str = "3.1.0") -> dict[str, str]:
    """Compile a document and give what is told of it: code and place -> text."""
    made = contract(tree, version)
    made.verify()
    return {f"{one.code} {one.place.pointer}": f"{one.what} {one.remedy}" for one in made.notices}


@pytest.mark.parametrize(
    ("parts", "at", "remedy"),
    [
        pytest.param({"security ": []}, "/paths/~1thing/get/security ", "Did you mean 'security'?", id="misspelled"),
        pytest.param({"produces": ["a/b"]}, "/paths/~1thing/get/produces", "content of each response", id="swagger"),
        pytest.param(
            {"parameters": [{"name": "q", "in": "query", "type": "integer"}]},
            "/paths/~1thing/get/parameters/0/type",
            "Put it into 'schema'.",
            id="parameter",
        ),
        pytest.param(
            {"responses": {"200": {"description": "", "schema": {}}}},
            "/paths/~1thing/get/responses/200/schema",
            "Put it under 'content', in a media type.",
            id="response",
        ),
        pytest.param(
            {"requestBody": {"content": {"application/json": {"scheme": {}}}}},
            "/paths/~1thing/get/requestBody/content/application~1json/scheme",
            "Did you mean 'schema'?",
            id="media-type",
        ),
    ],
)
def test_field_that_openapi_does_not_know_is_told_with_what_was_meant(
    parts: dict[str, Json], at: str, remedy: str
) -> None:
    found = told(operation_tree(parts))
    assert remedy in found[f"field-unknown {at}"]


def test_method_in_capitals_is_told_rather_than_lost() -> None:
    tree: dict[str, Json] = {"paths": {"/a": {"GET": {}, "x-mine": 1}, "/b": {"get": {"responses": {"200": INTEGER}}}}}
    assert "Write 'get'." in told(tree)["field-unknown /paths/~1a/GET"]


def test_field_that_is_unknown_in_many_places_is_told_once() -> None:
    one: Json = {"get": {"produces": [], "responses": {"200": INTEGER}}}
    paths: Json = {f"/{number}": one for number in range(7)}
    found = told({"paths": paths})
    (text,) = [text for code, text in found.items() if code.startswith("field-unknown")]
    assert text.startswith("OpenAPI has no field 'produces' in an operation, nor at 6 more places; it is ignored.")


def test_what_openapi_knows_is_not_told() -> None:
    parts: dict[str, Json] = {
        "tags": ["a"], "deprecated": True, "callbacks": {"c": {"{$url}": {"post": {}}}}, "x-more": {"unknown": 1},
        "parameters": [{"$ref": "#/components/parameters/q", "description": "beside it"}],
    }  # fmt: skip
    tree: dict[str, Json] = {
        **operation_tree(parts),
        "components": {"parameters": {"q": {"name": "q", "in": "query", "schema": {}}}},
        "webhooks": {"w": {"post": {}}},
    }
    assert [code for code in told(tree) if "field-unknown" in code] == []


@pytest.mark.parametrize(
    ("media", "at"),
    [
        pytest.param({"schema": {"type": "integer"}, "example": "a"}, "/example", id="example"),
        pytest.param(
            {"schema": {"type": "integer"}, "examples": {"good": {"value": 1}, "bad": {"value": {}}}},
            "/examples/bad",
            id="named",
        ),
        pytest.param({"schema": {"type": "string", "maxLength": 2, "example": "abc"}}, "/schema/example", id="schema"),
        pytest.param({"schema": {"items": {"enum": [1], "default": 2}}}, "/schema/items/default", id="default"),
        pytest.param({"schema": {"items": {"type": "null", "examples": [2]}}}, "/schema/items/examples", id="3.1"),
    ],
)
def test_example_that_breaks_its_schema_is_told_with_its_place(media: Json, at: str) -> None:
    tree = operation_tree({"responses": {"200": {"description": "", "content": {"application/json": media}}}})
    found = [code for code in told(tree) if code.startswith("example-broken")]
    assert found == [f"example-broken /paths/~1thing/get/responses/200/content/application~1json{at}"]


def test_null_is_an_example_of_what_is_nullable() -> None:
    media: Json = {"schema": {"type": "string", "nullable": True, "example": None}}
    tree = operation_tree({"responses": {"200": {"description": "", "content": {"application/json": media}}}})
    assert [code for code in told(tree, "3.0.3") if code.startswith("example-broken")] == []


def test_of_many_broken_examples_of_schemas_ten_are_told_and_the_rest_counted() -> None:
    schemas: Json = {f"s{number}": {"type": "integer", "example": "x"} for number in range(13)}
    found = [text for code, text in told({**operation_tree({}), "components": {"schemas": schemas}}).items()
             if code.startswith("example-broken")]  # fmt: skip
    assert len(found) == 10
    assert "So do 3 more." in found[-1]


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"$ref": "#/x-there/operation"}, id="operation"),
        pytest.param({"responses": {"$ref": "#/x-there/operation/responses"}}, id="responses"),
        pytest.param(
            {"responses": {"200": {"content": {"$ref": "#/x-there/operation/responses/200/content"}}}}, id="content"
        ),
    ],
)
def test_reference_where_none_is_allowed_is_followed_and_told(operation: Json) -> None:
    there: Json = {"operation": {"responses": {"200": INTEGER}}}
    made = contract({"paths": {"/thing": {"get": operation}}, "x-there": there})
    answer = ask(Engine(made, Settings()), "GET", "/thing")
    assert answer.status == 200
    assert answer.body.isdigit()
    assert "ref-out-of-place" in {one.code for one in made.notices}


def test_paths_that_are_a_reference_are_followed() -> None:
    paths: Json = {"/thing": {"get": {"responses": {"200": INTEGER}}}}
    made = contract({"paths": {"$ref": "#/x-paths"}, "x-paths": paths})
    assert ask(Engine(made, Settings()), "GET", "/thing").status == 200


@pytest.mark.parametrize("path", ["/thing?kind=a", "/thing#part"])
def test_path_that_no_request_has_is_told(path: str) -> None:
    found = told(operation_tree({}, path))
    assert "in: query" in found[f"path-with-query /paths/{path.replace('/', '~1')}"]


@pytest.mark.parametrize(
    ("version", "schema", "at"),
    [
        ("3.0.3", {"type": ["string", "null"]}, "/type"),
        ("3.0.3", {"items": [{}]}, "/items"),
        ("3.1.0", {"items": [{}]}, "/items"),
    ],
)
def test_list_where_the_version_takes_none_is_told(version: str, schema: Json, at: str) -> None:
    found = told({**operation_tree({}), "components": {"schemas": {"S": schema}}}, version)
    assert "this is a list" in found[f"schema-keyword-list /components/schemas/S{at}"]


def test_parameter_that_stands_twice_is_told_and_one_that_overrides_another_is_not() -> None:
    one: Json = {"name": "q", "in": "query", "schema": {"type": "integer"}}
    item: dict[str, Json] = {"parameters": [one], "get": {"parameters": [one], "responses": {"200": INTEGER}}}
    assert not any(code.startswith("parameter-twice") for code in told({"paths": {"/a": item}}))
    found = told(operation_tree({"parameters": [one, one]}))
    assert "the last counts" in found["parameter-twice /paths/~1thing/get/parameters/1"]


@pytest.mark.parametrize("kind", ["", "/schemas"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_components_that_are_a_reference_are_found_by_their_names(tmp_path: Path, version: str, kind: str) -> None:
    many: Json = {"type": "array", "minItems": 1, "items": {"$ref": "#/schemas/B"}}
    elsewhere: Json = {"schemas": {"A b": many, "B": {"enum": [7]}}}
    reference: Json = {"$ref": f"other.json#{kind}"}
    media: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/A%20b"}}}
    tree: Json = {
        "openapi": version,
        "components": {"schemas": reference} if kind else reference,
        **operation_tree({"responses": {"200": {"description": "", "content": media}}}),
    }
    (tmp_path / "other.json").write_text(json.dumps(elsewhere), encoding="utf-8")
    (tmp_path / "api.json").write_text(json.dumps(tree), encoding="utf-8")
    made = load_contract([tmp_path / "api.json"])
    answer = ask(Engine(made, Settings()), "GET", "/thing")
    assert (answer.status, set(json.loads(answer.body))) == (200, {7})
    assert "ref-out-of-place" in {one.code for one in made.notices}
