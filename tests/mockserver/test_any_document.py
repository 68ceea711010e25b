"""Answers of documents that are not ours: what a status, a header and a broken keyword allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.engine import Engine
from mockserver.settings import Settings
from tests.documents.making import ask, contract, header, operation_tree

if TYPE_CHECKING:
    from openapi.reading import Json


def engine(operation: dict[str, Json], version: str = "3.1.0", method: str = "get") -> Engine:
    return Engine(contract(operation_tree(operation, method=method), version), Settings())


@pytest.mark.parametrize(("status", "length"), [("204", None), ("205", "0"), ("304", None)])
def test_status_without_content_has_none_whatever_the_document_says(status: str, length: str | None) -> None:
    content: Json = {"application/json": {"example": {"a": 1}}}
    answer = ask(engine({"responses": {status: {"description": "", "content": content}}}), "GET", "/thing")
    assert (answer.status, answer.body) == (int(status), b"")
    assert header(answer, "content-type") is None
    assert header(answer, "content-length") == length


@pytest.mark.parametrize("content", [{}, {"image/png": {}}, {"application/json": {}}], ids=["none", "file", "any"])
def test_required_header_is_made_by_its_schema_beside_any_body(content: Json) -> None:
    headers: Json = {"X-Rate": {"required": True, "schema": {"type": "integer", "minimum": 5}}}
    answer = ask(
        engine({"responses": {"200": {"description": "", "headers": headers, "content": content}}}), "GET", "/thing"
    )
    assert int(header(answer, "x-rate") or "") >= 5


def test_header_whose_reference_leads_nowhere_is_left_out_with_a_warning() -> None:
    headers: Json = {"X-Gone": {"$ref": "#/components/headers/Gone"}, "X-Here": {"required": True, "example": "a"}}
    made = engine({"responses": {"200": {"description": "", "headers": headers}}})
    answer = ask(made, "GET", "/thing")
    assert (answer.status, header(answer, "x-gone"), header(answer, "x-here")) == (200, None, "a")
    assert [notice.code for notice in made.contract.notices] == ["header-ignored"]


@pytest.mark.parametrize("keyword", ["$schema", "$id"])
def test_address_that_is_none_stops_no_schema(keyword: str) -> None:
    schema: Json = {keyword: "parameter $schema", "$anchor": "here", "type": "integer"}
    content: Json = {"application/json": {"schema": schema}}
    made = engine({"responses": {"200": {"description": "", "content": content}}})
    assert ask(made, "GET", "/thing").body.isdigit()


@pytest.mark.parametrize("kind", ["any", "file", "float", ["string", "text"]], ids=str)
def test_type_that_json_does_not_have_leaves_any_value(kind: Json) -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"type": kind}}}
    content: Json = {"application/json": {"schema": schema}}
    answer = ask(engine({"responses": {"200": {"description": "", "content": content}}}), "GET", "/thing")
    assert answer.status == 200
    assert b'"a"' in answer.body


def test_body_that_is_missing_is_told_by_a_member_that_may_be_sent() -> None:
    schema: Json = {
        "type": "object", "required": ["id", "name"], "properties": {"id": {"readOnly": True, "type": "integer"}},
    }  # fmt: skip
    body: Json = {"required": True, "content": {"application/json": {"schema": schema}}}
    answer = ask(engine({"requestBody": body}, "3.0.3", "post"), "POST", "/thing")
    assert answer.status == 400
    assert b"Invalid value for name in the body:" in answer.body


@pytest.mark.parametrize(
    ("status", "content"),
    [("204", {}), ("200", {}), ("302", {}), ("204", {"application/json": {"example": 1}}), ("304", {})],
)
def test_answer_without_content_is_given_whatever_is_accepted(status: str, content: Json) -> None:
    made = engine({"responses": {status: {"description": "", "content": content}}})
    assert ask(made, "GET", "/thing", headers={"accept": "text/html"}).status == int(status)


@pytest.mark.parametrize(
    ("documented", "schema", "accepted", "sent"),
    [
        ("*/*", {"type": "string"}, "text/plain", "text/plain"),
        ("text/*", {"type": "string"}, "application/json;q=0.9, text/csv;q=0.1", "text/csv"),
        ("application/*", {"type": "object"}, "application/xml", "application/xml"),
        ("*/*", {"type": "object"}, "image/png, application/vnd.a+json;q=0.1", "application/vnd.a+json"),
        ("*/*", {"type": "object"}, "text/html", None),
        ("text/*", {"type": "string"}, "application/json", None),
    ],
)
def test_type_within_a_documented_range_is_answered_where_the_schema_means_it(
    documented: str, schema: Json, accepted: str, sent: str | None
) -> None:
    made = engine({"responses": {"200": {"description": "", "content": {documented: {"schema": schema}}}}})
    answer = ask(made, "GET", "/thing", headers={"accept": accepted})
    assert (answer.status, header(answer, "content-type")) == (
        (200, sent) if sent else (406, "application/problem+json")
    )


@pytest.mark.parametrize("dead", [{"$ref": "#/nowhere"}, {"required": True, "schema": {"$ref": "https://a.example/b"}}])
def test_header_that_leads_nowhere_is_told_and_left_out(dead: Json) -> None:
    made = contract(operation_tree({"responses": {"200": {"description": "", "headers": {"X-Dead": dead}}}}))
    assert [one.code for one in made.notices] == ["header-ignored"]
    answer = ask(Engine(made, Settings()), "GET", "/thing")
    assert (answer.status, header(answer, "x-dead")) == (200, None)


def test_header_with_content_is_sent_in_its_media_type() -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"const": 5}}}
    headers: Json = {"X-Data": {"required": True, "content": {"application/json": {"schema": schema}}}}
    made = engine({"responses": {"200": {"description": "", "headers": headers}}})
    assert header(ask(made, "GET", "/thing"), "x-data") == '{"a": 5}'


def test_headers_behind_a_reference_are_sent() -> None:
    shared: Json = {"X-Rate": {"required": True, "schema": {"const": 5}}}
    tree = operation_tree({"responses": {"200": {"description": "", "headers": {"$ref": "#/x-shared"}}}})
    answer = ask(Engine(contract({**tree, "x-shared": shared}), Settings()), "GET", "/thing")
    assert header(answer, "x-rate") == "5"


def test_example_that_leads_nowhere_takes_no_operation_with_it() -> None:
    media: Json = {"examples": {"gone": {"$ref": "#/nowhere"}, "here": {"value": 5}}}
    made = contract(operation_tree({"responses": {"200": {"description": "", "content": {"application/json": media}}}}))
    assert [one.code for one in made.notices] == ["example-ignored"]
    assert ask(Engine(made, Settings()), "GET", "/thing").body == b"5"
