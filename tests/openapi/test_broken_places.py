"""What is wrong in one place of a document: told there, and nobody else pays for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from contract_tests.oracle import open_document
from contract_tests.samples import is_valid
from mockserver.engine import Engine
from mockserver.settings import Settings
from openapi.checking import unsaid
from openapi.contract import compile_contract, load_contract
from openapi.document import Document
from openapi.errors import ContractError, Notice, Place, shown
from tests.documents.making import ask, contract, document, header, operation_tree

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.contract import Contract
    from openapi.reading import Json

OK: Json = {"200": {"description": "ok"}}
INFO: Json = {"title": "Made", "version": "1"}
DEAD: Json = {"$ref": "#/components/schemas/NoSuch"}


def told(made: Contract) -> dict[str, Notice]:
    return {f"{one.code} {one.place.pointer}": one for one in made.notices if one.level == "warning"}


def answering(content: Json) -> dict[str, Json]:
    return operation_tree({"responses": {"200": {"description": "", "content": content}}})


# --- messages ---------------------------------------------------------------------------------------------------------


def test_text_of_a_document_stays_on_one_line_and_steers_no_terminal() -> None:
    place = Place("a\x1b[31m.json", "/a\nb")
    error = ContractError("'\ud800' is wrong.", place, "Write\tit.")
    assert str(error) == "a\\x1b[31m.json at /a\\nb: '\\ud800' is wrong. Write\\tit."
    assert str(Notice("warning", "c", "\r", place)) == "warning: a\\x1b[31m.json at /a\\nb: \\r [c]"
    assert shown("é😀") == "é😀"


def test_long_text_loses_its_middle() -> None:
    text = str(ContractError("a" * 300 + "b" * 5000 + "c" * 300, None))
    assert text == "a" * 200 + " ... " + "c" * 200


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [1, "\t"], ids=["spaces", "tabs"])
def test_json_has_lines_whatever_it_is_indented_with_and_however_its_text_is_escaped(indent: int | str) -> None:
    tree: Json = {"x-a": "😀", "x" * 2000: 1, "x-b/~": [{"c\\": '"{'}, 2]}
    made = Document.parse(json.dumps(tree, indent=indent).encode(), "a.json")
    pointers = ["/x-a", f"/{'x' * 2000}", "/x-b~1~0", "/x-b~1~0/0", "/x-b~1~0/0/c\\", "/x-b~1~0/1"]
    assert [made.place(one).line for one in pointers] == [2, 3, 4, 5, 6, 8]


def test_what_json_cannot_have_is_named_at_its_place() -> None:
    for text, spot in (
        ('{\n\t"a": 1,\n\t"b": {"c": 1,\n\t"c": 2}}', "a.json:4 at /b/c"),
        ('{"a":\n[1, -Infinity]}', "a.json:2 at /a/1"),
        ('{"a":\n[1, 1e999]}', "a.json:2 at /a/1"),
        ('{"a":\n[' + "9" * 5000 + "]}", "a.json:2 at /a/0"),
    ):
        with pytest.raises(ContractError) as caught:
            Document.parse(text.encode(), "a.json")
        assert str(caught.value.place) == spot


def test_half_of_a_surrogate_pair_is_told_and_stops_nothing() -> None:
    text: Json = {"type": "string", "enum": ["\ud800a"]}
    made = contract({**answering({"application/json": {"schema": text}}), "x-\udfff": 1, "x-b": "\\ud800 😀"})
    assert {one for one in told(made) if one.startswith("half-character")} == {
        "half-character /x-\ufffd",
        "half-character /paths/~1thing/get/responses/200/content/application~1json/schema/enum/0",
    }
    assert json.loads(ask(Engine(made, Settings()), "GET", "/thing").body) == "\ufffda"


def test_character_in_two_escapes_is_read_in_yaml_as_in_json() -> None:
    made = Document.parse(b'a: "\\ud83d\\ude00 \\\\ud83d"\nb: \\u0041\n', "a.yaml")
    assert made.tree == {"a": "😀 \\ud83d", "b": "\\u0041"}


# --- operations and their parts ---------------------------------------------------------------------------------------


def test_method_that_is_no_object_leaves_the_others_of_its_path() -> None:
    made = contract({"paths": {"/a": {"get": {"responses": OK}, "put": "x", "delete": {"responses": OK}}}})
    assert [one.method for one in made.operations] == ["GET", "DELETE"]
    assert [str(one) for one in made.unserved] == [
        "PUT /a: made.json:16 at /paths/~1a/put: An object is expected here. Write a mapping."
    ]


@pytest.mark.parametrize("name", ["é/ü", "a\r\n/b", "", "\x00"])
def test_media_type_that_no_header_can_have_is_told_and_not_sent(name: str) -> None:
    made = contract(answering({name: {"schema": {"type": "object"}}}))
    assert [one for one in told(made) if one.startswith("media-type-broken")]
    answer = ask(Engine(made, Settings()), "GET", "/thing")
    assert (answer.status, header(answer, "content-type")) == (200, None)
    body: Json = {"required": True, "content": {name: {}}}
    taking = contract(operation_tree({"requestBody": body}, method="post"))
    assert ask(Engine(taking, Settings()), "POST", "/thing", {"a": 1}).status == 200


def test_media_type_with_blanks_around_it_is_told_and_means_what_it_says() -> None:
    made = contract(answering({" application/json ": {"schema": {"type": "integer"}}}))
    (notice,) = told(made).values()
    assert (notice.code, notice.place.line is None) == ("media-type-broken", False)
    assert header(ask(Engine(made, Settings()), "GET", "/thing"), "content-type") == "application/json"


@pytest.mark.parametrize(
    ("parts", "notice"),
    [
        ({"/upload}": {"get": {"responses": OK}}}, "path-brace /paths/~1upload}"),
        ({"/users/:id": {"get": {"responses": OK}}}, "path-colon /paths/~1users~1:id"),
        ({"/a": {"get": {"responses": {"2xx": {"description": ""}}}}}, "status-range /paths/~1a/get/responses/2xx"),
        ({"/a": {"get": {"responses": OK, "servers": [{"url": "/v1?a=b"}]}}}, "server-query /paths/~1a/get/servers/0"),
    ],
)
def test_what_is_written_as_no_client_would_is_told(parts: Json, notice: str) -> None:
    assert list(told(contract({"paths": parts}))) == [notice]


def test_dots_in_a_server_are_resolved_as_clients_do() -> None:
    made = contract({"servers": [{"url": "./v1/../v2/"}], "paths": {"/a": {"get": {"responses": OK}}}})
    assert made.operations[0].base_paths == ("/v2",)


def test_explode_that_is_neither_true_nor_false_counts_as_absent() -> None:
    listed: Json = {"type": "array", "items": {"type": "integer"}}
    one: Json = {"name": "q", "in": "query", "schema": listed, "explode": "yes"}
    made = contract(operation_tree({"parameters": [one]}))
    assert "field-form /paths/~1thing/get/parameters/0/explode" in told(made)
    assert made.operations[0].parameters[0].explode is True


@pytest.mark.parametrize(("good", "lost"), [("200", "default"), ("200", "201"), ("204", "2XX")])
def test_response_that_no_valid_request_gets_takes_out_itself_alone(good: str, lost: str) -> None:
    dead: Json = {"$ref": "#/components/responses/NoSuch"}
    made = contract(operation_tree({"responses": {lost: dead, good: {"description": "ok"}}}))
    assert [one.partition(" ")[0] for one in told(made)] == ["response-ignored"]
    assert ask(Engine(made, Settings()), "GET", "/thing").status == int(good)
    with pytest.raises(ContractError, match="leads nowhere"):
        contract(operation_tree({"responses": {good: dead, lost: {"description": "ok"}}}))


@pytest.mark.parametrize(
    ("tree", "remedy"),
    [
        ({"paths": {"/a": {"Post": {"responses": OK}}}}, "Write 'post'."),
        ({"Paths": {"/a": {"post": {"responses": OK}}}}, "Write 'paths'."),
    ],
)
def test_document_without_operations_is_refused_with_the_slip_that_hides_them(
    tree: dict[str, Json], remedy: str
) -> None:
    with pytest.raises(ContractError, match="No operation is defined") as caught:
        contract(tree)
    assert caught.value.remedy == remedy


# --- objects and references -------------------------------------------------------------------------------------------


def test_field_of_another_form_is_told_with_what_it_takes() -> None:
    parts: dict[str, Json] = {"deprecated": "no", "tags": ["a", 5], "servers": None, "summary": {}}
    found = told(contract(operation_tree(parts)))
    at = "/paths/~1thing/get"
    assert {one: notice.what for one, notice in found.items()} == {
        f"field-form {at}/deprecated": "In an operation stands 'deprecated', which takes true or false; this is text.",
        f"field-form {at}/tags/1": "In an operation stands 'tags', of which each is to be text; this is integer.",
        f"field-form {at}/servers": "In an operation stands 'servers', which takes a list; this is nothing.",
        f"field-form {at}/summary": "In an operation stands 'summary', which takes text; this is a mapping.",
    }


def test_field_that_is_missing_in_many_places_is_told_once() -> None:
    paths: Json = {f"/{number}": {"get": {"responses": {"200": {}}}} for number in range(4)}
    made = compile_contract([document({"openapi": "3.0.3", "paths": paths})])
    assert {one: notice.what for one, notice in told(made).items()} == {
        "field-missing ": "OpenAPI asks for 'info' in a document; here is none.",
        "field-missing /paths/~10/get/responses/200": "OpenAPI asks for 'description' in a response; here is none."
        " (so at 3 more places)",
    }


@pytest.mark.parametrize(
    "parts",
    [
        {"components": {"schemas": {"A": {"items": DEAD}}}},
        {"components": {"responses": {"A": {"$ref": "absent.yaml"}}}},
        {"components": {"schemas": {"A": {"properties": {"example": {"$ref": "https://example.com/a"}}}}}},
        operation_tree({"responses": {"200": {"description": "", "content": {"a/b": {"examples": {"a": DEAD}}}}}}),
    ],
    ids=["schema", "response", "property", "example"],
)
def test_reference_that_leads_nowhere_is_told_though_nothing_needs_it(parts: dict[str, Json]) -> None:
    made = contract({**operation_tree({}), **parts})
    ((code, notice),) = told(made).items()
    assert code.partition(" ")[0] in ("ref-dead-end", "example-ignored")
    assert notice.remedy
    assert len(made.operations) == 1


def test_dead_end_in_an_error_is_told_once_and_the_check_goes_on() -> None:
    error: Json = {"description": "", "content": {"application/json": {"schema": DEAD}}}
    made = contract(operation_tree({"responses": {"200": {"description": ""}, "400": error}}))
    assert [one.partition(" ")[0] for one in told(made)] == ["schema-given-up"]
    assert [one.code for one in unsaid(made.operations[0])] == [
        "no-operation-id", "no-security", "no-response-body", "no-example",
    ][:3]  # fmt: skip


def test_security_scheme_that_leads_nowhere_asks_for_nothing() -> None:
    made = contract(
        {**operation_tree({"security": [{"a": []}]}), "components": {"securitySchemes": {"a": {"$ref": "#/no"}}}}
    )
    assert {one.partition(" ")[0] for one in told(made)} == {"security-scheme-not-played"}
    assert ask(Engine(made, Settings()), "GET", "/thing").status == 200


# --- schemas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("readOnly", "yes"), ("title", 5), ("examples", 5), ("$anchor", "a b"), ("dependentRequired", {"a": 5}),
        ("discriminator", {}), ("xml", 5), ("$id", "http://["), ("multipleOf", 0), ("required", ["a", "a"]),
        ("contentEncoding", 5), ("$schema", "a b"), ("enum", "a"), ("type", "any"), ("deprecated", 1),
    ],
)  # fmt: skip
def test_keyword_of_a_wrong_form_is_left_out_and_the_rest_still_holds(name: str, value: Json) -> None:
    schema: Json = {"properties": {"a": {"type": "integer"}}, name: value}
    body: Json = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    tree = operation_tree({"requestBody": body}, method="post")
    made = contract({**tree, "components": {"schemas": {"A": schema, "Unused": {name: value}}}})
    spots = [one for one in told(made) if one.startswith("schema-keyword-broken")]
    assert [one.split("/")[3] for one in spots] == ["A", "Unused"]
    engine = Engine(made, Settings())
    assert [ask(engine, "POST", "/thing", {"a": one}).status for one in (5, "x")] == [200, 400]
    media = made.operations[0].body[0]
    assert [is_valid(media, {"a": one}) for one in (5, "x")] == [True, False]


# --- versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, 3, "", "3.3.0", "v3", [], "latest"])
def test_version_that_cannot_be_told_is_read_as_3_1_if_there_are_paths(version: Json) -> None:
    tree: dict[str, Json] = {"info": INFO, **operation_tree({}), **({} if version is None else {"openapi": version})}
    made_document = document(tree)
    made = compile_contract([made_document])
    (notice,) = told(made).values()
    assert notice.code == "openapi-version"
    assert "is read as 3.1" in notice.what
    assert open_document(made_document) is not None


@pytest.mark.parametrize("version", ["4.0.0", "2.0", 1])
def test_version_that_is_another_one_is_refused(version: Json) -> None:
    with pytest.raises(ContractError, match="is not a supported"):
        compile_contract([document({"openapi": version, "info": INFO, **operation_tree({})})])


def test_keyword_of_a_wrong_form_in_another_file_is_left_out_too(tmp_path: Path) -> None:
    reference: Json = {"$ref": "other.json#/Odd"}
    body: Json = {"content": {"application/json": {"schema": reference}}}
    tree: Json = {"openapi": "3.0.3", "info": INFO, **operation_tree({"requestBody": body}, method="post")}
    (tmp_path / "api.json").write_text(json.dumps(tree), encoding="utf-8")
    odd: Json = {"type": "any", "properties": {"a": {"type": "integer", "pattern": "["}}}
    (tmp_path / "other.json").write_text(json.dumps({"Odd": odd}), encoding="utf-8")
    made = load_contract([tmp_path / "api.json"])
    assert list(told(made)) == ["schema-keyword-broken /Odd/type", "schema-keyword-broken /Odd/properties/a/pattern"]
    assert [ask(Engine(made, Settings()), "POST", "/thing", {"a": one}).status for one in (5, "x")] == [200, 400]
    assert [is_valid(made.operations[0].body[0], {"a": one}) for one in (5, "x")] == [True, False]
