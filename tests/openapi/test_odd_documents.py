"""Documents with anything anywhere: each is served but for what is odd, and no request to one is answered 500."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.engine import Engine
from mockserver.settings import Settings
from tests.documents.making import contract, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

ODD: tuple[Json, ...] = (None, 5, "x", [], {}, True, [5], {"a": 5})
WHOLE: Json = {"get": {"responses": {"200": {"description": ""}}}}
AT_THE_TOP = ("info", "servers", "tags", "security", "components", "webhooks", "x-mock-group")
IN_AN_OPERATION = (
    "parameters", "requestBody", "responses", "security", "servers", "operationId", "summary", "tags", "callbacks",
)  # fmt: skip
IN_A_SCHEMA = (
    "type", "properties", "items", "allOf", "anyOf", "not", "required", "enum", "pattern", "format", "$ref",
    "additionalProperties", "discriminator", "minimum", "maxLength", "example", "examples", "default", "if", "$id",
    "$anchor", "$dynamicRef", "$defs", "patternProperties", "dependentSchemas", "dependentRequired", "prefixItems",
    "contains", "nullable", "readOnly", "exclusiveMinimum", "uniqueItems", "multipleOf", "unevaluatedProperties",
)  # fmt: skip


def operation(**parts: Json) -> Json:
    return {"post": {"responses": {"200": {"description": ""}}, **parts}}


def trees(odd: Json) -> Iterator[dict[str, Json]]:
    for name in AT_THE_TOP:
        yield {name: odd, "paths": {"/a": operation()}}
    yield {"components": {"securitySchemes": odd}, "security": [{"a": []}], "paths": {"/a": operation()}}
    yield {"components": {"securitySchemes": {"a": odd}}, "security": [{"a": []}], "paths": {"/a": operation()}}
    yield {"servers": [{"url": odd, "variables": odd}, {"url": "/{v}", "variables": {"v": odd}}], "paths": {}}
    yield {"paths": {"/a": odd}}
    yield {"paths": {"/a": {"post": odd}}}
    for name in IN_AN_OPERATION:
        yield {"paths": {"/a": operation(**{name: odd})}}
    for content in (odd, {"application/json": odd}):
        yield {"paths": {"/a": operation(requestBody={"content": content})}}
        yield {"paths": {"/a": operation(responses={"200": {"content": content, "headers": odd}})}}
    for name in IN_A_SCHEMA:
        schema: Json = {name: odd}
        media: Json = {"application/json": {"schema": schema}}
        listed: Json = [{"name": "q", "in": "query", "style": "deepObject", "schema": schema}]
        yield {"paths": {"/a": operation(requestBody={"content": media}, parameters=listed)}}
        yield {"paths": {"/a": operation(responses={"200": {"content": media}})}}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_is_odd_stops_nothing_else(odd: Json, version: str) -> None:
    for tree in trees(odd):
        paths = tree["paths"]
        assert isinstance(paths, dict)
        made = contract({**tree, "paths": {**paths, "/whole": WHOLE}}, version)
        engine = Engine(made, Settings())
        whole = next(one for one in made.operations if one.path == "/whole")
        assert engine.answer(request("GET", whole.base_paths[0] + "/whole")).status in (200, 401), tree
        assert engine.answer(request("POST", "/a?q[a]=1&q=2", b"{}")).status != 500, tree


def answered(schema: Json) -> int:
    answers: Json = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    return (
        Engine(contract({"paths": {"/a": {"get": {"responses": answers}}}}), Settings())
        .answer(request("GET", "/a"))
        .status
    )


def test_broken_keyword_within_one_that_is_left_out_stops_nothing() -> None:
    inner: Json = {"type": "object", "patternProperties": {"^${{a}}$": {"pattern": "["}, "^b$": True}}
    assert answered({"type": "object", "patternProperties": {"^${{if}}$": inner}, "properties": {"a": inner}}) == 200


def test_id_that_is_a_fragment_alone_leaves_references_where_they_lead() -> None:
    text: Json = {"$id": "#/properties/text", "type": "string"}
    schema: Json = {
        "$id": "https://example.com/it.json",
        "properties": {"text": text, "same": {"$ref": "#/properties/text"}},
    }
    assert answered(schema) == 200
    assert (
        answered({"properties": {"text": text, "same": {"$ref": "#/definitions/a"}}, "definitions": {"a": text}}) == 200
    )


def test_name_that_no_address_can_hold_is_found() -> None:
    kinds: Json = {"Map<Key, {v?:string}>": {"type": "integer"}}
    assert answered({"$ref": "#/definitions/Map<Key, {v?:string}>", "definitions": kinds}) == 200
