"""Operations: responses by status, bodies by media type, security, parameters, and what cannot be compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from openapi.operation import essence
from openapi.parameters import Texts
from openapi.samples import MISSING
from tests.documents.making import contract, operation_tree, read

if TYPE_CHECKING:
    from openapi.operation import Operation
    from openapi.reading import Json


def compiled(
    operation: dict[str, Json], path: str = "/thing", method: str = "get", components: Json = None
) -> Operation:
    return contract({**operation_tree(operation, path, method), "components": components or {}}).operations[0]


def responses(*statuses: str) -> dict[str, Json]:
    return {"responses": {status: {"description": status} for status in statuses}}


# --- responses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documented", "status", "found"),
    [
        (("200", "4XX", "default"), 200, "200"),
        (("200", "4XX", "404", "default"), 404, "404"),
        (("200", "4XX", "default"), 418, "4XX"),
        (("200", "4xx"), 418, "4XX"),
        (("200", "default"), 503, "default"),
        (("200", "4XX"), 503, None),
    ],
)
def test_response_is_found_by_status_then_range_then_default(
    documented: tuple[str, ...], status: int, found: str | None
) -> None:
    response = compiled(responses(*documented)).response(status)
    assert (response and response.status) == found


@pytest.mark.parametrize(
    ("documented", "wanted"),
    [
        (("202", "201", "404"), (201, "201")),
        (("204", "default"), (204, "204")),
        (("2XX", "404"), (200, "2XX")),
        (("default",), (200, "default")),
        (("404", "default"), (200, "default")),
        (("302", "404"), (302, "302")),
        (("302", "default"), (302, "302")),
        (("3XX", "404"), (300, "3XX")),
        (("404", "401"), (401, "401")),
        (("5XX",), (500, "5XX")),
        (("101", "500", "400"), (400, "400")),
        (("100", "404"), (404, "404")),
        (("101",), None),
    ],
)
def test_success_is_the_lowest_2xx_or_else_a_range_or_the_default(
    documented: tuple[str, ...], wanted: tuple[int, str] | None
) -> None:
    chosen = compiled(responses(*documented)).success()
    assert (chosen and (chosen[0], chosen[1].status)) == wanted


@pytest.mark.parametrize("status", ["20", "2000", "600", "099", "2X", "ok", "Default"])
def test_status_that_is_none_is_passed_over_with_a_warning(status: str) -> None:
    made = contract(operation_tree(responses(status, "200")))
    notice = next(one for one in made.notices if one.code == "no-status")
    assert repr(status) in notice.what
    assert notice.place.pointer.endswith(f"/responses/{status}")
    assert [one.status for one in made.operations[0].responses] == ["200"]


@pytest.mark.parametrize("nothing", [{"responses": {}}, {"responses": None}])
def test_operation_without_a_response_answers_200_without_a_body(nothing: dict[str, Json]) -> None:
    chosen = compiled(nothing).success()
    assert chosen is not None
    assert (chosen[0], chosen[1].media_types) == (200, ())


@pytest.mark.parametrize(("status", "served"), [("200", False), ("default", False), ("404", True)])
def test_response_that_leads_nowhere_matters_when_it_is_the_success(status: str, *, served: bool) -> None:
    tree = operation_tree({"responses": {status: {"$ref": "#/nowhere"}, "204": {"description": ""}}})
    tree["paths"]["/other"] = {"get": {"responses": {"200": {"description": ""}}}}  # type: ignore[call-overload,index]
    made = contract(tree)
    assert [one.path for one in made.operations] == (["/thing", "/other"] if served else ["/other"])
    assert any(one.code == "response-ignored" for one in made.notices) is served


def test_extension_among_responses_is_no_status() -> None:
    assert [one.status for one in compiled({"responses": {"x-note": "hm", "200": {"description": ""}}}).responses] == [
        "200"
    ]


def test_response_by_reference_is_read_with_its_headers() -> None:
    components: Json = {
        "responses": {"Ok": {"description": "fine", "headers": {"X-A": {}}, "content": {"application/json": {}}}}
    }
    (response,) = compiled(
        {"responses": {"200": {"$ref": "#/components/responses/Ok"}}}, components=components
    ).responses
    assert (response.description, response.headers, response.media_types[0].name) == (
        "fine",
        ("X-A",),
        "application/json",
    )


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("application/json", "Application/JSON; charset=utf-8"),
        ("application/xml", "application/*"),
        ("text/plain", "*/*"),
    ],
)
def test_body_type_is_found_from_the_exact_to_the_most_general(sent: str, found: str) -> None:
    content: Json = {"*/*": {}, "application/*": {}, "Application/JSON; charset=utf-8": {}}
    media = compiled({"requestBody": {"content": content}}, method="post").body_type(sent)
    assert media is not None
    assert media.name == found


def test_body_types_that_are_remembered_are_bounded() -> None:
    made = compiled({"requestBody": {"content": {"text/*": {}}}}, method="post")
    assert all(made.body_type(f"text/t{number}") is made.body[0] for number in range(200))
    assert made.body_type("a/b") is made.body_type("a/b") is None
    assert len(made._by_type) <= 50


def test_body_type_that_is_not_documented_is_not_found() -> None:
    assert (
        compiled({"requestBody": {"content": {"application/json": {}}}}, method="post").body_type("text/plain") is None
    )


def test_body_without_content_is_not_read() -> None:
    operation = compiled({"requestBody": {"required": True}})
    assert (operation.body, operation.body_required) == ((), False)
    assert [one.code for one in operation.library.notices] == ["body-without-content"]


@pytest.mark.parametrize(
    ("name", "schema", "as_json", "as_text"),
    [
        ("application/json", {"type": "object"}, True, False),
        ("application/vnd.a+JSON", {}, True, False),
        ("text/plain", {"type": "string"}, False, True),
        ("text/plain", {"$ref": "#/components/schemas/Text"}, False, True),
        ("multipart/form-data", {"type": "object"}, False, False),
        ("text/plain", None, False, False),
    ],
)
def test_media_type_tells_how_it_is_read(name: str, schema: Json, as_json: bool, as_text: bool) -> None:
    content: Json = {name: {} if schema is None else {"schema": schema}}
    components: Json = {"schemas": {"Text": {"type": "string"}}}
    (media,) = compiled({"requestBody": {"content": content}}, method="post", components=components).body
    assert (media.is_json, media.is_text) == (as_json, as_text)


def test_valid_example_passes_over_those_that_break_the_schema() -> None:
    media: Json = {"schema": {"type": "integer"}, "examples": {"bad": {"value": "x"}, "good": {"value": 5}}}
    (response,) = compiled(
        {"responses": {"200": {"description": "", "content": {"application/json": media}}}}
    ).responses
    assert response.media_types[0].valid_example() == 5


def test_valid_example_is_missing_when_none_fits() -> None:
    media: Json = {"schema": {"type": "integer"}, "example": "x"}
    (response,) = compiled(
        {"responses": {"200": {"description": "", "content": {"application/json": media}}}}
    ).responses
    assert response.media_types[0].valid_example() is MISSING


# --- who may call -----------------------------------------------------------------------------------------------------


def test_security_is_alternatives_of_schemes_that_are_all_needed() -> None:
    found = {one.path: one.security for one in read("keys.yaml").operations}
    kinds = {path: [[scheme.kind for scheme in needed] for needed in security] for path, security in found.items()}
    assert kinds == {
        "/bearer": [["bearer"]],
        "/basic": [["basic"]],
        "/header": [["apiKey"]],
        "/query": [["apiKey"]],
        "/cookie": [["apiKey"]],
        "/either": [["apiKey"], ["bearer", "apiKey"]],
        "/optional": [["bearer"], []],
        "/open": [],
        "/grant": [["bearer"]],
    }
    assert (found["/header"][0][0].place, found["/header"][0][0].parameter) == ("header", "x-key")
    assert (found["/cookie"][0][0].place, found["/cookie"][0][0].parameter) == ("cookie", "session")


def test_security_scheme_that_is_not_defined_names_the_nearest() -> None:
    components: Json = {"securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}}}
    (notice,) = compiled({"security": [{"bearerAut": []}]}, components=components).library.notices
    assert "'bearerAut'" in notice.what
    assert "'bearerAuth'" in notice.remedy


@pytest.mark.parametrize(
    ("scheme", "told"),
    [
        ({"type": "http", "scheme": "digest"}, "http digest"),
        ({"type": "mutualTLS"}, "mutualTLS"),
        ({"type": "apiKey", "in": "body", "name": "k"}, "apiKey"),
        ({"type": "apiKey", "in": "header"}, "apiKey"),
        ({}, "cannot be played"),
    ],
)
def test_security_scheme_that_cannot_be_played_asks_for_nothing(scheme: Json, told: str) -> None:
    operation = compiled({"security": [{"auth": []}]}, components={"securitySchemes": {"auth": scheme}})
    assert operation.security == ((),)
    (notice,) = operation.library.notices
    assert told in notice.what


def test_security_scheme_that_nobody_uses_is_not_looked_at() -> None:
    compiled({}, components={"securitySchemes": {"auth": {"type": "http", "scheme": "digest"}}})


# --- parameters -------------------------------------------------------------------------------------------------------


def test_operation_parameter_replaces_that_of_the_path_item() -> None:
    shared: Json = [{"name": "a", "in": "query", "schema": {"type": "integer"}}, {"name": "b", "in": "query"}]
    own: Json = [{"name": "a", "in": "query", "schema": {"type": "boolean"}}]
    tree: Json = {"/thing": {"parameters": shared, "get": {"parameters": own, **responses("200")}}}
    operation = contract({"paths": tree}).operations[0]
    values, wrong = operation.check_parameters(Texts({}, "a=true&b=x", lambda _: None))
    assert (values, wrong) == ({"a": True, "b": "x"}, ())


def test_what_a_path_item_has_beside_its_reference_counts_as_well() -> None:
    number: Json = {"type": "integer"}
    x: Json = {"name": "x", "in": "path", "required": True, "schema": number}
    y: Json = {"name": "y", "in": "query", "schema": number}
    shared: dict[str, Json] = {
        "A": {"$ref": "#/components/pathItems/B", "put": responses("200")},
        "B": {"get": responses("200"), "post": responses("404"), "parameters": [y], "servers": [{"url": "/far"}]},
    }
    item: Json = {
        "$ref": "#/components/pathItems/A", "post": responses("201"), "parameters": [x], "servers": [{"url": "/v1"}],
    }  # fmt: skip
    found = contract({"paths": {"/a/{x}": item}, "components": {"pathItems": shared}}).operations
    assert {one.name: one.responses[0].status for one in found} == {
        "GET /a/{x}": "200", "PUT /a/{x}": "200", "POST /a/{x}": "201",
    }  # fmt: skip
    for one in found:
        assert ({parameter.name for parameter in one.parameters}, one.base_paths) == ({"x", "y"}, ("/v1",))


def test_operation_parameter_replaces_that_of_the_path_item_whatever_the_case_of_its_header() -> None:
    shared: Json = {"name": "X-Page", "in": "header", "required": True, "schema": {"type": "integer"}}
    own: Json = {"name": "x-page", "in": "header", "schema": {"type": "string"}}
    item: Json = {"parameters": [shared], "get": {"parameters": [own], "responses": {"200": {"description": ""}}}}
    (found,) = contract({"paths": {"/a": item}}).operations[0].parameters
    assert (found.name, found.required) == ("x-page", False)


def test_all_parameters_that_are_wrong_are_told() -> None:
    listed: Json = [{"name": "a", "in": "query", "required": True}, {"name": "B", "in": "header", "required": True}]
    values, wrong = compiled({"parameters": listed}).check_parameters(Texts({}, "", lambda _: None))
    assert values == {}
    assert [(one.place, one.field) for one in wrong] == [("query", "a"), ("header", "B")]


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_header_parameter_that_openapi_ignores_is_ignored(name: str) -> None:
    assert compiled({"parameters": [{"name": name, "in": "header", "required": True}]}).parameters == ()


@pytest.mark.parametrize("path", ["/a/{id}", "/a/{id}.json", "/{id}-{b}"])
def test_name_in_the_path_without_a_parameter_takes_any_text(path: str) -> None:
    parameters: Json = [{"name": "b", "in": "path"}] if "{b}" in path else [{"name": "id", "in": "query"}]
    made = contract(operation_tree({"parameters": parameters}, path))
    values, wrong = made.operations[0].check_parameters(Texts({"id": "any", "b": "x"}, "", lambda _: None))
    assert (values["id"], wrong) == ("any", ())
    assert "{id}" in made.notices[0].what


def test_path_parameter_that_the_path_does_not_name_is_ignored_and_the_nearest_named() -> None:
    listed: Json = [{"name": "petId", "in": "path"}, {"name": "pet_id", "in": "path"}]
    (notice,) = contract(operation_tree({"parameters": listed}, "/pets/{petId}")).notices
    assert "'pet_id'" in notice.what
    assert "'petId'" in notice.remedy


# --- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", [{}, {"operationId": ""}, {"operationId": 5}, {"operationId": None}])
def test_operation_without_an_id_goes_by_method_and_path(identifier: dict[str, Json]) -> None:
    operation = compiled(identifier)
    assert operation.id == operation.name == "GET /thing"


def test_extension_is_found_on_the_operation_before_the_top_of_its_document() -> None:
    operation = contract({**operation_tree({"x-a": 1}), "x-a": 2, "x-b": 3}).operations[0]
    found = [operation.extension(name) for name in ("x-a", "x-b", "x-c")]
    assert [node and node.value for node in found] == [1, 3, None]


@pytest.mark.parametrize(
    ("written", "bare"),
    [("Application/JSON; charset=utf-8", "application/json"), (" text/plain ", "text/plain"), ("", ""), (";", "")],
)
def test_essence_of_a_media_type_has_no_parameters_and_no_case(written: str, bare: str) -> None:
    assert essence(written) == bare
