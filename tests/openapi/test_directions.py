"""readOnly and writeOnly: in 3.0 such properties are required in one direction only, in 3.1 wherever they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from openapi.contract import compile_contract
from tests.documents.making import document

if TYPE_CHECKING:
    from openapi.operation import MediaType
    from openapi.reading import Json

USER: dict[str, Json] = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "readOnly": False},
        "password": {"type": "string", "writeOnly": True},
        "friend": {"$ref": "#/components/schemas/User"},
    },
}


def bodies(version: str, user: dict[str, Json]) -> tuple[MediaType, MediaType]:
    """Give the media types of a request and of its response, both with the same schema."""
    content: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}
    operation: Json = {
        "requestBody": {"content": content},
        "responses": {"200": {"description": "ok", "content": content}},
    }
    tree: dict[str, Json] = {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/user": {"post": operation}},
        "components": {"schemas": {"User": user}},
    }
    (compiled,) = compile_contract([document(tree)]).operations
    return compiled.body[0], compiled.responses[0].media_types[0]


def missing(media: MediaType, value: Json) -> list[str]:
    assert media.schema is not None
    return sorted(one.pointer for one in media.schema.check(value) if one.keyword == "required")


def test_request_of_3_0_need_not_hold_what_is_read_only() -> None:
    request, _ = bodies("3.0.3", USER)
    assert missing(request, {"name": "a", "password": "p"}) == []
    assert missing(request, {}) == ["/name", "/password"]


def test_response_of_3_0_need_not_hold_what_is_write_only() -> None:
    _, response = bodies("3.0.3", USER)
    assert missing(response, {"id": 1, "name": "a"}) == []
    assert missing(response, {}) == ["/id", "/name"]


def test_direction_counts_behind_references_too() -> None:
    request, response = bodies("3.0.3", USER)
    assert missing(request, {"name": "a", "password": "p", "friend": {}}) == ["/friend/name", "/friend/password"]
    assert missing(response, {"id": 1, "name": "a", "friend": {}}) == ["/friend/id", "/friend/name"]


def test_what_is_read_only_may_be_sent_all_the_same() -> None:
    request, response = bodies("3.0.3", USER)
    whole: Json = {"id": 1, "name": "a", "password": "p"}
    assert missing(request, whole) == missing(response, whole) == []


def test_list_that_becomes_empty_is_no_broken_schema() -> None:
    request, response = bodies("3.0.3", {**USER, "required": ["id"]})
    assert missing(request, {}) == []
    assert missing(response, {}) == ["/id"]


@pytest.mark.parametrize("direction", [0, 1])
def test_both_directions_of_3_1_require_what_is_listed(direction: int) -> None:
    assert missing(bodies("3.1.0", USER)[direction], {}) == ["/id", "/name", "/password"]


def test_compiling_leaves_the_document_as_it_is() -> None:
    before = json.dumps(USER)
    request, response = bodies("3.0.3", USER)
    assert missing(request, {}) != missing(response, {})
    assert json.dumps(USER) == before


def test_null_that_an_enum_of_3_0_leaves_out_is_taken_in_requests_and_not_sent() -> None:
    state: Json = {"type": "string", "nullable": True, "enum": ["open", "shut"]}
    request, response = bodies("3.0.3", {"type": "object", "properties": {"state": state}})
    assert request.schema is not None
    assert response.schema is not None
    assert request.schema.check({"state": None}) == ()
    assert [one.keyword for one in response.schema.check({"state": None})] == ["enum"]
