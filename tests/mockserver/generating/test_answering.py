"""What an operation without a behaviour answers: valid examples, else what its schema allows, in every type."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest

from mockserver.clock import FrozenClock
from mockserver.engine import Engine
from mockserver.settings import Settings
from tests.documents.making import ask, contract, header, operation_tree

if TYPE_CHECKING:
    from mockserver.exchange import Response
    from openapi.reading import Json

CLOCK = FrozenClock(1_783_001_726)
PET: dict[str, Json] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "tag": {"type": "string"},
        "createdAt": {"type": "string", "format": "date-time"},
    },
}


def engine(
    schema: Json, media_type: str = "application/json", *, version: str = "3.1.0", seed: str = "s", **others: Json
) -> Engine:
    """Make a mock of GET, POST and GET by id of pets, which answer by a schema; `others` stand beside it."""
    answer: Json = {"description": "", "content": {media_type: {"schema": schema, **others}}}
    body: Json = {"content": {"application/json": {"schema": {"type": "object"}}}}
    identified: Json = [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}]
    limit: Json = [
        {"name": name, "in": "query", "schema": {"type": kind}}
        for name, kind in (("limit", "integer"), ("tag", "string"))
    ]
    tree: dict[str, Json] = {
        "paths": {
            "/pets": {
                "get": {"parameters": limit, "responses": {"200": answer}},
                "post": {"requestBody": body, "responses": {"201": answer}},
            },
            "/pets/{petId}": {"get": {"parameters": identified, "responses": {"200": answer}}},
        }
    }
    return Engine(contract(tree, version), Settings(seed=seed), CLOCK)


def value(response: Response) -> dict[str, Json]:
    found = json.loads(response.body)
    assert isinstance(found, dict), found
    return found


def detail(response: Response) -> str:
    return str(value(response)["detail"])


def test_values_that_were_sent_come_back_in_fields_of_their_name_and_type() -> None:
    made = engine(PET)
    created = value(ask(made, "POST", "/pets", {"name": "Rex", "tag": 5}))
    assert created["name"] == "Rex"
    assert isinstance(created["tag"], str), "it was sent as a number"
    assert value(ask(made, "GET", "/pets/77"))["id"] == 77


def test_body_wrapped_in_the_answer_comes_back_inside_it() -> None:
    wrapped: Json = {"type": "object", "required": ["data"], "properties": {"data": PET}}
    answered = value(ask(engine(wrapped), "POST", "/pets", {"name": "Rex"}))
    assert isinstance(answered["data"], dict)
    assert answered["data"]["name"] == "Rex"


def test_what_is_write_only_does_not_come_back_in_a_list() -> None:
    signer: dict[str, Json] = {
        "type": "object",
        "required": ["role"],
        "properties": {"email": {"type": "string"}, "role": {"enum": ["reader"]}, "pin": {"writeOnly": True}},
    }
    made = engine({"type": "object", "properties": {"signers": {"type": "array", "items": signer}}}, version="3.0.3")
    found = value(ask(made, "POST", "/pets", {"signers": [{"email": "a@example.com", "pin": "1234"}]}))
    assert found == {"signers": [{"email": "a@example.com", "role": "reader"}]}


def test_operation_with_an_empty_schema_is_served() -> None:
    made = engine(None)
    assert ask(made, "GET", "/pets").status == 200
    assert any("no schema here" in str(one) for one in made.contract.notices)


def test_list_has_no_more_items_than_asked_for_and_what_it_was_filtered_by() -> None:
    made = engine({"type": "array", "items": PET})
    assert len(json.loads(ask(made, "GET", "/pets?limit=1").body)) == 1
    pets = json.loads(ask(made, "GET", "/pets?tag=old").body)
    assert [pet["tag"] for pet in pets] == ["old", "old"]
    assert len({pet["id"] for pet in pets}) == 2


def one_path(path: str, schema: Json) -> Engine:
    names = [part[1:-1] for part in path.split("/") if part[:1] == "{"]
    parameters: Json = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    answers: Json = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    return Engine(contract({"paths": {path: {"get": {"parameters": parameters, "responses": answers}}}}), Settings())


THING: dict[str, Json] = {
    "type": "object",
    "properties": {
        "owner": {"type": "object", "properties": {"id": {"type": "string"}, "number": {"type": "string"}}},
        "id": {"type": "string"},
        "number": {"type": "string"},
    },
}


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        ("/pets/{petId}", "/pets/x7", "id"),
        ("/customers/{customer}", "/customers/x7", "id"),
        ("/issues/{issue_number}", "/issues/x7", "number"),
    ],
)
def test_answer_is_about_what_the_path_names_and_what_is_in_it_is_not(path: str, asked: str, field: str) -> None:
    thing = value(ask(one_path(path, THING), "GET", asked))
    assert thing[field] == "x7"
    assert isinstance(thing["owner"], dict)
    assert "x7" not in thing["owner"].values()
    wrapped = value(ask(one_path(path, {"type": "object", "properties": {"data": THING}}), "GET", asked))["data"]
    assert isinstance(wrapped, dict)
    assert wrapped[field] == "x7"


def test_items_belong_to_what_the_path_names_and_have_ids_of_their_own() -> None:
    order: Json = {"type": "object", "properties": {"id": {"type": "string"}, "userId": {"type": "string"}}}
    lists: Json = {"type": "object", "properties": {"orders": {"type": "array", "minItems": 2, "items": order}}}
    orders = value(ask(one_path("/users/{userId}/orders", lists), "GET", "/users/u1/orders"))["orders"]
    assert isinstance(orders, list)
    assert [order["userId"] for order in orders if isinstance(order, dict)] == ["u1", "u1"]
    assert len({str(order["id"]) for order in orders if isinstance(order, dict)} - {"u1"}) == 2


def test_first_of_several_kinds_of_answer_is_given() -> None:
    deleted: Json = {"type": "object", "required": ["deleted"], "properties": {"deleted": {"const": True}}}
    for number in range(5):
        answered = value(ask(engine({"anyOf": [PET, deleted]}, seed=str(number)), "GET", "/pets"))
        assert "name" in answered


def test_ids_and_times_are_unique_and_by_the_clock() -> None:
    made = engine(PET)
    pets = [value(ask(made, "POST", "/pets", {})) for _ in range(20)]
    assert len({str(pet["id"]) for pet in pets}) == 20
    assert all(str(pet["createdAt"]).startswith("2026-07-02T14:15:2") for pet in pets)


def test_id_of_something_new_is_like_the_example_and_not_it() -> None:
    schema: Json = {
        "type": "object",
        "properties": {"id": {"type": "string", "example": "cus_9XyZ1", "pattern": "^cus_"}},
    }
    made = engine(schema)
    ids = {str(value(ask(made, "POST", "/pets", {}))["id"]) for _ in range(5)}
    assert len(ids) == 5
    assert all(one.startswith("cus_") and len(one) == 9 for one in ids)
    assert value(ask(made, "GET", "/pets"))["id"] == "cus_9XyZ1"


def test_same_seed_gives_the_same_answers_and_another_others() -> None:
    first, second, other = (
        [ask(engine(PET, seed=seed), "POST", "/pets", {}).body for _ in range(3)] for seed in ("a", "a", "b")
    )
    assert first == second
    assert first != other


def test_example_that_breaks_its_schema_is_passed_over() -> None:
    made = engine(PET, examples={"bad": {"value": {"id": "x"}}, "good": {"value": {"id": 1, "name": "Rex"}}})
    assert value(ask(made, "GET", "/pets")) == {"id": 1, "name": "Rex"}
    alone = ask(engine(PET, example={"id": "x"}), "GET", "/pets")
    assert isinstance(value(alone)["id"], int)
    assert header(alone, "X-Mock-Rule") == "GET /pets.generated; basis=assumed"


def test_example_that_breaks_its_schema_is_refused_when_it_is_asked_for() -> None:
    made = engine(PET, examples={"bad": {"value": {"id": "x", "name": ""}}, "good": {"value": {"id": 1, "name": ""}}})
    refused = ask(made, "GET", "/pets", headers={"Prefer": "example=bad"})
    assert refused.status == 501
    assert "breaks its schema: id: expected integer" in detail(refused)
    assert value(ask(made, "GET", "/pets", headers={"Prefer": "example=good"}))["id"] == 1


def test_dynamic_makes_an_answer_though_there_is_an_example() -> None:
    made = engine(PET, example={"id": 1, "name": "Rex"})
    answered = ask(made, "GET", "/pets", headers={"Prefer": "dynamic=true"})
    assert value(answered)["name"] != "Rex"
    assert header(answered, "Preference-Applied") == "dynamic=true"
    assert value(ask(made, "GET", "/pets", headers={"Prefer": "dynamic=false"}))["name"] == "Rex"
    both = ask(made, "GET", "/pets", headers={"Prefer": "dynamic=true, example=example"})
    assert both.status == 400


def test_schema_that_nothing_satisfies_is_a_refusal_that_says_where_and_what_to_do() -> None:
    schema: Json = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "maxLength": 1, "minLength": 2}},
    }
    refused = ask(engine(schema), "GET", "/pets")
    assert refused.status == 501
    for said in ("GET /pets", "/schema/properties/a", "Give it an example with an overlay."):
        assert said in detail(refused)


def test_null_is_sent_as_such() -> None:
    assert ask(engine({"type": "null"}), "GET", "/pets").body == b"null"


def test_header_that_the_document_requires_is_sent() -> None:
    headers: Json = {
        "X-Rate-Limit": {"required": True, "schema": {"type": "integer", "minimum": 5, "maximum": 5}},
        "X-Ids": {"required": True, "schema": {"type": "array", "items": {"enum": ["\u00e9"]}, "minItems": 2}},
        "X-Other": {"schema": {"type": "string"}},
    }
    answer: Json = {"description": "", "headers": headers, "content": {"application/json": {"schema": PET}}}
    response = ask(Engine(contract(operation_tree({"responses": {"200": answer}})), Settings()), "GET", "/thing")
    assert header(response, "X-Rate-Limit") == "5"
    assert header(response, "X-Ids") == "%C3%A9,%C3%A9"
    assert header(response, "X-Other") is None


def test_xml_goes_by_what_the_schema_says_of_it() -> None:
    properties: Json = {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "enum": ["a<b"], "xml": {"name": "title", "namespace": "urn:n", "prefix": "n"}},
        "tags": {
            "type": "array",
            "minItems": 2,
            "items": {"enum": ["x"], "xml": {"name": "tag"}},
            "xml": {"wrapped": True},
        },
        "sizes": {"type": "array", "minItems": 2, "items": {"type": "integer"}},
    }
    response = ask(
        engine({"type": "object", "properties": properties, "xml": {"name": "pet"}}, "application/xml"), "GET", "/pets"
    )
    assert header(response, "Content-Type") == "application/xml"
    root = ET.fromstring(response.body)  # noqa: S314 - our own
    assert root.tag == "pet"
    assert root.attrib["id"].isdigit()
    assert [one.text for one in root.findall("{urn:n}title")] == ["a<b"]
    assert [one.text for one in root.findall("tags/tag")] == ["x", "x"]
    assert len(root.findall("sizes")) == 2


def test_form_and_multipart_are_written() -> None:
    schema: Json = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"enum": ["x y&"]}, "b": {"type": "array", "items": {"enum": [1]}, "minItems": 2}},
    }
    form = ask(engine(schema, "application/x-www-form-urlencoded"), "GET", "/pets")
    assert parse_qs(form.body.decode()) == {"a": ["x y&"], "b": ["1", "1"]}
    parts = ask(engine(schema, "multipart/form-data"), "GET", "/pets")
    boundary = (header(parts, "Content-Type") or "").partition("boundary=")[2]
    assert parts.body.count(f"--{boundary}\r\n".encode()) == 3
    assert b'name="a"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx y&\r\n' in parts.body


@pytest.mark.parametrize(
    ("media_type", "begins", "sent"),
    [
        ("image/png", b"\x89PNG\r\n", "image/png"),
        ("image/*", b"\x89PNG\r\n", "image/png"),
        ("video/*", b"", "video/mp4"),
        ("font/*", b"", "font/woff2"),
        ("image/jpeg", b"\xff\xd8\xff", "image/jpeg"),
        ("application/pdf", b"%PDF-", "application/pdf"),
        ("application/zip", b"PK", "application/zip"),
        ("text/csv", b"id,name\r\n", "text/csv"),
        ("text/html; charset=utf-8", b"<!doctype html>", "text/html; charset=utf-8"),
        ("application/octet-stream", b"example", "application/octet-stream"),
        ("text/event-stream", b"data: ", "text/event-stream"),
    ],
)
def test_file_is_what_its_type_says(media_type: str, begins: bytes, sent: str) -> None:
    response = ask(engine({"type": "string", "format": "binary"}, media_type), "GET", "/pets")
    assert response.status == 200, response.body
    assert response.body.startswith(begins)
    assert header(response, "Content-Type") == sent


ROWS: Json = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {"const": "x,y"}, "b": {"const": [1]}},
    },
}


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("application/x-ndjson", '{"a":"x,y","b":[1]}\n{"a":"x,y","b":[1]}\n'),
        ("application/jsonl; charset=utf-8", '{"a":"x,y","b":[1]}\n{"a":"x,y","b":[1]}\n'),
        ("application/json-seq", '\x1e{"a":"x,y","b":[1]}\n\x1e{"a":"x,y","b":[1]}\n'),
        ("text/event-stream", 'data: {"a":"x,y","b":[1]}\n\ndata: {"a":"x,y","b":[1]}\n\n'),
        ("text/csv", 'a,b\r\n"x,y",[1]\r\n"x,y",[1]\r\n'),
        ("text/tab-separated-values", "a\tb\r\nx,y\t[1]\r\nx,y\t[1]\r\n"),
        ("text/plain", '[{"a":"x,y","b":[1]},{"a":"x,y","b":[1]}]'),
    ],
)
def test_list_is_written_as_its_type_has_it(media_type: str, text: str) -> None:
    response = ask(engine(ROWS, media_type), "GET", "/pets")
    assert (response.body.decode(), header(response, "Content-Type")) == (text, media_type)


def test_part_that_is_a_file_says_so() -> None:
    properties: dict[str, Json] = {
        "note": {"type": "string"},
        "file": {"type": "string", "format": "binary"},
        "image": {"type": "string", "contentMediaType": "image/png"},
    }
    properties["sound"] = {"type": "string", "format": "binary"}
    schema: Json = {"type": "object", "properties": properties}
    made = engine(schema, "multipart/form-data", encoding={"sound": {"contentType": "audio/ogg, audio/wav"}})
    body = ask(made, "GET", "/pets").body
    assert b'name="sound"; filename="sound"\r\nContent-Type: audio/ogg\r\n' in body
    assert b'name="note"\r\nContent-Type: text/plain' in body
    assert b'name="file"; filename="file"\r\nContent-Type: application/octet-stream' in body
    assert b'name="image"; filename="image"\r\nContent-Type: image/png' in body


def test_example_that_is_empty_is_no_file() -> None:
    content: Json = {"image/gif": {"examples": {"one": {"value": ""}}}}
    tree = operation_tree({"responses": {"200": {"description": "", "content": content}}})
    assert ask(Engine(contract(tree), Settings()), "GET", "/thing").body.startswith(b"GIF89a")


def test_text_is_sent_as_it_is() -> None:
    response = ask(engine({"type": "string", "enum": ["pong"]}, "text/plain"), "GET", "/pets")
    assert (response.body, header(response, "Content-Type")) == (b"pong", "text/plain")


def test_answer_without_content_has_no_body() -> None:
    made = Engine(contract(operation_tree({"responses": {"204": {"description": ""}}})), Settings())
    response = ask(made, "GET", "/thing")
    assert (response.status, response.body, header(response, "Content-Type")) == (204, b"", None)


@pytest.mark.parametrize("media_type", ["application/octet-stream", "image/png", "application/pdf"])
def test_file_that_the_document_wants_in_base64_is_sent_so(media_type: str) -> None:
    plain = engine({"type": "string", "format": "binary"}, media_type, version="3.0.3")
    encoded = engine({"type": "string", "format": "byte"}, media_type, version="3.0.3")
    assert b64decode(ask(encoded, "GET", "/pets").body, validate=True) == ask(plain, "GET", "/pets").body


SECRET: dict[str, Json] = {
    "type": "object",
    "required": ["id", "pin"],
    "properties": {"id": {"type": "integer"}, "pin": {"type": "string", "writeOnly": True}},
}
TOLD: Json = {"id": 1, "pin": "1234"}


@pytest.mark.parametrize(
    ("schema", "example", "sent"),
    [
        (SECRET, TOLD, {"id": 1}),
        ({"type": "array", "items": SECRET}, [TOLD], [{"id": 1}]),
        (
            {"type": "object", "properties": {"one": SECRET}},
            {"one": TOLD, "more": TOLD},
            {"one": {"id": 1}, "more": TOLD},
        ),
        ({"oneOf": [{"type": "string"}, {"anyOf": [SECRET]}]}, TOLD, {"id": 1}),
        ({"allOf": [SECRET, {"type": "object"}], "example": TOLD}, None, {"id": 1}),
        ({"type": "object", "properties": {"one": SECRET | {"example": TOLD}}}, None, {"one": {"id": 1}}),
    ],
)
def test_example_is_sent_without_what_is_for_requests_alone(schema: Json, example: Json, sent: Json) -> None:
    made = engine(schema, version="3.0.3", examples={} if example is None else {"one": {"value": example}})
    wishes = ["dynamic=false"] if example is None else ["dynamic=false", "example=one"]
    for wish in wishes:
        answer = ask(made, "GET", "/pets", headers={"Prefer": wish})
        assert answer.status == 200
        assert json.loads(answer.body) == sent


def test_example_that_is_left_too_small_without_what_is_for_requests_is_passed_over() -> None:
    made = engine(SECRET | {"minProperties": 2}, examples={"one": {"value": TOLD}}, version="3.0.3")
    assert "pin" not in value(ask(made, "GET", "/pets"))
    assert ask(made, "GET", "/pets", headers={"Prefer": "example=one"}).status != 200


def test_example_keeps_in_3_1_what_is_required_of_it_though_it_is_for_requests() -> None:
    assert value(ask(engine(SECRET, example=TOLD), "GET", "/pets")) == TOLD
