"""JSON lines, text and bytes; and which declaration of several a body is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.media_types import kind_of
from tests.mockserver.bodies.judging import judged, taking

if TYPE_CHECKING:
    from openapi.reading import Json

LINES = "application/x-ndjson"
ITEM: Json = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize("schema", [ITEM, {"type": "array", "items": ITEM}])
@pytest.mark.parametrize("name", [LINES, "application/jsonl", "application/vnd.a+jsonl"])
def test_each_line_is_judged(name: str, schema: Json) -> None:
    operation = taking({name: {"schema": schema}})
    assert judged(operation, '{"a": 1}\n\n{"a": 2}\r\n', name) == [{"a": 1}, {"a": 2}]
    assert judged(operation, '{"a": 1}\n{"a": "b"}\n', name) == "!/1/a type"
    assert judged(operation, '{"a": 1}\n{}', name) == "!/1/a required"
    assert judged(operation, '{"a": 1}\n\n{"a"', name) == (
        "!body.json: Line 3 of the body is not JSON: Expecting ':' delimiter at line 1 column 5."
    )


def test_lines_that_are_arrays_are_judged_alone_where_that_is_what_the_schema_says() -> None:
    operation = taking({LINES: {"schema": {"type": "array", "items": {"type": "integer"}}}})
    assert judged(operation, "1\n2", LINES) == [1, 2]
    assert judged(operation, "[1]\n[2]", LINES) == [[1], [2]]
    assert judged(operation, '[1]\n["b"]', LINES) == "!/0 type"
    assert judged(taking({LINES: {"itemSchema": ITEM}}, "3.2.0"), '{"a": 1}\n{"a": "b"}', LINES) == "!/1/a type"


def test_records_of_a_sequence_are_judged() -> None:
    operation = taking({"application/json-seq": {"schema": ITEM}})
    assert judged(operation, '\x1e{"a": 1}\n\x1e{"a":\n2}\n', "application/json-seq") == [{"a": 1}, {"a": 2}]
    assert judged(operation, '\x1e{"a": 1}\n\x1e{', "application/json-seq").startswith("!body.json: Record 2")  # type: ignore[union-attr]


def test_lines_are_bounded_and_need_no_schema() -> None:
    assert judged(taking({LINES: {}}), "1\n" * 10_001, LINES) == "!body.size: The body has more than 10000 lines."
    assert judged(taking({LINES: {}}), "1\n2", LINES) == [1, 2]


UNKNOWN = "!body.encoding: The body has a charset that is not read; send UTF-8."


@pytest.mark.parametrize(
    ("schema", "raw", "header", "found"),
    [
        ({"type": "string", "pattern": "^a+$"}, b"aaa", "text/plain", "aaa"),
        ({"type": "string", "pattern": "^a+$"}, b"aab", "text/plain", "! pattern"),
        ({"type": "string", "enum": ["a", "b"]}, b"c", "text/plain", "! enum"),
        ({"type": "string", "maxLength": 1}, "é".encode(), "text/plain", "é"),
        ({"type": "string"}, b"\xe9", "text/plain; charset=iso-8859-1", "é"),
        ({"type": "string"}, "é".encode("utf-16"), "text/plain; charset=utf-16", "é"),
        ({"type": "string"}, b"\xe9", "text/plain", "!body.encoding: The body is not UTF-8: byte 0 does not belong."),
        ({"type": "string"}, b"a", "text/plain; charset=klingon", UNKNOWN),
        ({"type": "integer", "minimum": 3}, b"5", "text/plain", 5),
        ({"type": "integer", "minimum": 3}, b"2", "text/plain", "! minimum"),
        ({"type": "boolean"}, b"yes", "text/plain", "! type"),
        ({}, b"a", "text/plain", "a"),
        ({"type": "object"}, b"a,b", "text/csv", "a,b"),
        ({"type": "string", "maxLength": 3}, b"a: b", "application/yaml", "! maxLength"),
    ],
)  # fmt: skip
def test_text_is_judged_as_the_value_that_it_is(schema: Json, raw: bytes, header: str, found: Json) -> None:
    assert judged(taking({"text/*": {"schema": schema}, "application/yaml": {"schema": schema}}), raw, header) == found


@pytest.mark.parametrize(
    ("version", "schema", "raw", "found"),
    [
        ("3.0.3", {"type": "string", "format": "binary", "maxLength": 2}, b"\xff\xfe", "\xff\xfe"),
        ("3.0.3", {"type": "string", "format": "binary", "maxLength": 1}, "é".encode(), "! maxLength"),
        ("3.1.0", {"contentMediaType": "image/png", "minLength": 3}, b"\xff\xfe", "! minLength"),
        ("3.1.0", {"type": "string", "maxLength": 1}, "é".encode(), "é"),
        ("3.1.0", {"type": "string", "maxLength": 1}, b"\xff", "\xff"),
        ("3.1.0", {}, b"\xff", "\xff"),
        ("3.1.0", {"type": "object"}, b"\xff", "\ufffd"),
    ],
)
def test_octets_count_where_the_schema_says_that_it_is_binary(
    version: str, schema: Json, raw: bytes, found: Json
) -> None:
    operation = taking({"application/octet-stream": {"schema": schema}}, version)
    assert judged(operation, raw, "application/octet-stream") == found


def test_most_specific_declaration_judges() -> None:
    number: dict[str, Json] = {
        "*/*": {"schema": {"minimum": 1}},
        "application/*": {"schema": {"minimum": 2}},
        "application/*+json": {"schema": {"minimum": 3}},
        "application/vnd.a+json": {"schema": {"minimum": 4}},
        "application/json; version=2": {"schema": {"minimum": 6}},
        "application/json": {"schema": {"minimum": 5}},
    }
    operation = taking(number)
    for header, least in [
        ("application/vnd.a+json", 4), ("application/vnd.b+json; charset=utf-8", 3), ("application/x-json", 2),
        ("text/json", 1), ("application/json", 5), ("application/json; charset=utf-8", 5),
        ("Application/JSON;Version=2; charset=utf-8", 6), ("application/json; version=3", 5),
    ]:  # fmt: skip
        assert judged(operation, str(least), header) == least, header
        assert judged(operation, str(least - 1), header) == "! minimum", header


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("application/json", "json"), ("application/problem+json", "json"), ("text/json", "json"),
        ("application/x-ndjson", "lines"), ("application/json-seq", "lines"), ("application/geo+json-seq", "lines"),
        ("application/x-www-form-urlencoded", "form"), ("multipart/form-data", "multipart"), ("text/xml", "xml"),
        ("application/soap+xml", "xml"), ("text/csv", "text"), ("application/yaml", "text"), ("image/png", "bytes"),
        ("application/octet-stream", "bytes"), ("", "bytes"), ("application/x-json", "json"),
        ("application/json-patch", "json"), ("application/x-json-smile", "bytes"), ("application/bson", "bytes"),
    ],
)  # fmt: skip
def test_kind_of_a_media_type_is_told(name: str, kind: str) -> None:
    assert kind_of(name) == kind


ANYTHING = taking(
    {"*/*": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "array"}}}}}
)
TYPES = [
    "text/plain", "text/plain;charset=x", "application/x-ndjson", "application/json-seq", "application/xml",
    "application/x-www-form-urlencoded", "multipart/form-data;boundary=a", "multipart/mixed;boundary=a", "image/png",
]  # fmt: skip


@given(st.binary(max_size=80), st.sampled_from(TYPES))
def test_any_bytes_of_any_type_are_read_without_an_exception(raw: bytes, header: str) -> None:
    judged(ANYTHING, raw, header)
