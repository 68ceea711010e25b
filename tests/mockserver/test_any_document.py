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
def test_address_that_is_none_is_left_out_of_a_schema(keyword: str) -> None:
    schema: Json = {keyword: "parameter $schema", "$anchor": "here", "type": "integer"}
    content: Json = {"application/json": {"schema": schema}}
    made = engine({"responses": {"200": {"description": "", "content": content}}})
    assert ask(made, "GET", "/thing").body.isdigit()
    assert "schema-keyword-broken" in {notice.code for notice in made.contract.notices}


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
    assert b"Invalid value for name:" in answer.body
