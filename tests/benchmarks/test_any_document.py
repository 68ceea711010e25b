"""Calling public documents: requests are valid and written in their styles, wrong answers are seen, tables tell it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.any_document.asking import Asked, Asking, NotAsked
from benchmarks.any_document.description import Description
from benchmarks.any_document.explanations import reason_for
from benchmarks.any_document.judging import Judge
from benchmarks.any_document.matching import matching
from benchmarks.any_document.quoting import without_discriminators
from benchmarks.any_document.servers import Answer
from benchmarks.any_document.tables import Row, markdown, unexplained
from benchmarks.any_document.trial import Miss, Played, count

if TYPE_CHECKING:
    from openapi.reading import Json

PET: Json = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 2, "pattern": "^[A-Z][a-z]+$"},
        "born": {"type": "string", "format": "date"},
    },
}


def judge(operation: Json, version: str = "3.0.3", path: str = "/pets/{id}", method: str = "post") -> Judge:
    tree: dict[str, Json] = {
        "openapi": version,
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": "https://example.com/v1"}],
        "paths": {path: {method: operation}},
        "components": {
            "schemas": {"Pet": PET},
            "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}},
        },
    }
    return Judge(Description(tree))


def requests(made: Judge) -> list[Asked | NotAsked]:
    (operation,) = made.description.operations
    return list(Asking(made.description, made.wrong_to_send).requests(operation))


def request(made: Judge) -> Asked:
    (asked,) = requests(made)
    assert isinstance(asked, Asked), asked.reason
    return asked


def parameter(name: str, place: str, schema: Json, **others: Json) -> Json:
    return {"name": name, "in": place, "required": True, "schema": schema, **others}


def body(media_type: str, schema: Json) -> Json:
    return {"required": True, "content": {media_type: {"schema": schema}}}


OK: dict[str, Json] = {"200": {"description": "ok"}}
LIST: Json = {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"enum": ["a b", "c"]}}
POINT: Json = {
    "type": "object",
    "required": ["x"],
    "properties": {"x": {"type": "integer", "minimum": 3, "maximum": 3}},
}


@pytest.mark.parametrize(
    ("given", "query"),
    [
        (parameter("q", "query", LIST), {"q=a%20b&q=c", "q=c&q=a%20b"}),
        (parameter("q", "query", LIST, explode=False), {"q=a%20b,c", "q=c,a%20b"}),
        (parameter("q", "query", LIST, style="pipeDelimited", explode=False), {"q=a%20b|c", "q=c|a%20b"}),
        (parameter("q", "query", POINT), {"x=3"}),
        (parameter("q", "query", POINT, style="deepObject"), {"q%5Bx%5D=3"}),
        (parameter("q", "query", {"type": "boolean"}), {"q=true"}),
    ],
)
def test_query_is_written_in_its_style(given: Json, query: set[str]) -> None:
    made = judge({"parameters": [given], "responses": OK}, path="/pets", method="get")
    assert request(made).query in query


def test_request_has_path_base_path_and_credentials_and_is_valid() -> None:
    given = [parameter("id", "path", {"type": "array", "items": POINT["properties"]["x"]}, style="matrix")]  # type: ignore[index,call-overload]
    made = judge({"parameters": list(given), "security": [{"key": []}], "responses": OK})
    asked = request(made)
    assert (asked.base_path, asked.path) == ("/v1", "/pets/;id=3")
    assert asked.query.startswith("key=")


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_body_is_valid_and_without_what_is_read_only_unless_3_1_requires_it(version: str) -> None:
    reference: Json = {"$ref": "#/components/schemas/Pet"}
    made = judge({"requestBody": body("application/json", reference), "responses": OK}, version, "/pets")
    asked = request(made)
    sent = json.loads(asked.body)
    assert ("id" in sent) is (version == "3.1.0")
    assert sent["name"][:1].isupper()
    assert made.doubts(asked) == ""


@pytest.mark.parametrize(
    ("media_type", "written"),
    [
        ("application/x-www-form-urlencoded", b"x=3"),
        ("multipart/form-data", b'name="x"\r\nContent-Type: text/plain\r\n\r\n3\r\n'),
        ("application/xml", b"<root><x>3</x></root>"),
    ],
)
def test_body_is_written_by_its_media_type(media_type: str, written: bytes) -> None:
    asked = request(judge({"requestBody": body(media_type, POINT), "responses": OK}, path="/pets"))
    assert written in asked.body


def test_operation_whose_body_cannot_be_made_is_told() -> None:
    nothing: Json = {"allOf": [{"type": "string"}, {"type": "integer"}]}
    (given,) = requests(judge({"requestBody": body("application/json", nothing), "responses": OK}, path="/pets"))
    assert isinstance(given, NotAsked)
    assert "application/json" in given.reason


@pytest.mark.parametrize("pattern", [r"^[A-Z]{2}\d{3,5}$", r"a|b", r"^(?!x)\w+-[^ ]+$", r"^\p{L}+$", "^.{4}$"])
def test_text_that_a_pattern_finds_is_written(pattern: str) -> None:
    import random

    assert matching(pattern, random.Random(1), 0, 50)  # noqa: S311 - a text, no secret


# --- the judge ---


ANSWERING: dict[str, Json] = {
    "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
    "404": {"description": "none"},
    "default": {"description": "wrong"},
}
RIGHT = b'{"id": 1, "name": "Rex", "born": "2026-07-02"}'


@pytest.mark.parametrize(
    ("status", "media_type", "data", "wrong"),
    [
        (200, "application/json; charset=utf-8", RIGHT, ""),
        (404, "", b"", "status"),
        (500, "application/json", b"{}", "status"),
        (200, "text/html", RIGHT, "body"),
        (200, "application/json", b'{"id": 1}', "body"),
        (200, "application/json", b'{"id": 1, "name": "Rex", "born": "2026-13-02"}', "body"),
        (200, "application/json", b"{", "body"),
        (0, "", b"", "status"),
    ],
)
def test_answer_is_judged_by_status_media_type_and_body(status: int, media_type: str, data: bytes, wrong: str) -> None:
    made = judge({"responses": ANSWERING}, path="/pets", method="get")
    asked = request(made)
    answer = Answer(status, {"Content-Type": media_type} if media_type else {}, data)
    played = Played("ours")
    count(played, asked, answer, made.judge(asked, answer))
    assert [miss.kind for miss in played.misses] == ([wrong] if wrong else [])


def test_xml_is_judged_by_what_its_schema_says() -> None:
    schema: Json = {
        "type": "object",
        "required": ["tag"],
        "properties": {
            "id": {"type": "integer", "xml": {"attribute": True}},
            "tag": {"type": "array", "minItems": 2, "xml": {"wrapped": True}, "items": {"type": "string"}},
        },
    }
    answers: Json = {"200": {"description": "ok", "content": {"application/xml": {"schema": schema}}}}
    made = judge({"responses": answers}, path="/pets", method="get")
    asked = request(made)
    for text, right in (("<p id='1'><tag><tag>a</tag><tag>b</tag></tag></p>", True), ("<p id='x'><tag/></p>", False)):
        answer = Answer(200, {"Content-Type": "application/xml"}, text.encode())
        assert made.judge(asked, answer).right is right


DISCRIMINATED: Json = {
    "oneOf": [
        {
            "type": "object",
            "required": ["parts"],
            "properties": {
                "parts": {
                    "type": "array",
                    "items": {
                        "oneOf": [{"$ref": "#/components/schemas/Pet"}],
                        "discriminator": {"propertyName": "kind"},
                    },
                }
            },
        },
        {"required": ["kind"], "properties": {"kind": {"enum": ["none"]}}},
    ]
}
TWICE: Json = {
    "oneOf": [
        {"required": ["kind"]},
        {
            "oneOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["id"]}],
            "discriminator": {"propertyName": "kind", "mapping": {"pet": "#/components/schemas/Pet"}},
        },
    ]
}
REX: dict[str, Json] = {"id": 1, "name": "Rex"}


@pytest.mark.parametrize(
    ("schema", "body", "reason"),
    [
        (DISCRIMINATED, {"parts": [{**REX, "kind": "dog"}]}, "discriminator without a schema"),
        (DISCRIMINATED, {"parts": [REX]}, "discriminator that is missing"),
        (TWICE, {**REX, "kind": "pet"}, "discriminator that decides"),
        (DISCRIMINATED, {"parts": [{"kind": "Pet"}]}, None),
    ],
)
def test_verdict_that_a_discriminator_made_is_told_from_a_wrong_answer(
    schema: Json, body: Json, reason: str | None
) -> None:
    answers: Json = {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}
    made = judge({"responses": answers}, "3.1.0", "/pets", "get")
    asked = request(made)
    played = Played("ours")
    answer = Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())
    count(played, asked, answer, made.judge(asked, answer))
    (miss,) = played.misses
    found = reason_for(miss)
    assert (found.name if found else None) == reason, miss


def test_property_called_discriminator_stays_when_discriminators_go() -> None:
    told: Json = {"propertyName": "kind"}
    named: Json = {"discriminator": {"properties": {"propertyName": {"type": "string"}}, "discriminator": told}}
    schema: Json = {"oneOf": [{"properties": named, "discriminator": told}], "discriminator": told}
    kept: Json = {"discriminator": {"properties": {"propertyName": {"type": "string"}}}}
    assert without_discriminators(schema) == {"oneOf": [{"properties": kept}]}


# --- what is told ---


def test_exception_without_a_reason_counts_as_ours_and_is_listed() -> None:
    known = Miss(
        "GET /a", "openapi-core alone", "$: {} reference '#/components/schemas/dog' could not be resolved", 200
    )
    new = Miss("GET /b", "body", "$: something | else", 200)
    assert reason_for(known) is not None
    played = (
        Played("ours", ready=0.5, called=3, documented=3, right=1, misses=[known, new]),
        Played("other", failure="no"),
    )
    rows = [Row("Pets", "npm pets 1", "3.0", 2_000_000, 2, 3, 0, 1, played)]
    assert unexplained(rows) == [("Pets", new)]
    text = markdown(rows, {"began": "now"})
    assert "| Pets | npm pets 1 | 3.0 | 2.00 | 2 | 3 | 1, 0.50 s | did not start |" in text
    assert "| Pets: GET /b | 1 | ours | $: something / else |" in text
    assert "discriminator without a schema (Pets 1) | 1 | document" in text
    assert "other did not start on Pets: no" in text
