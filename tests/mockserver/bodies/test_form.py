"""Forms: every field becomes the value that its schema asks for, or a violation that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.samples import MISSING
from tests.documents.making import contract, operation_tree
from tests.mockserver.bodies.judging import judged, taking

if TYPE_CHECKING:
    from openapi.reading import Json

FORM = "application/x-www-form-urlencoded"
INTEGER: Json = {"type": "integer"}
POINT: Json = {"type": "object", "properties": {"x": INTEGER, "y": INTEGER}, "required": ["x"]}
SCHEMA: Json = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "age": {"type": ["integer", "null"]},
        "price": {"type": "number"},
        "open": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": INTEGER},
        "point": POINT,
        "points": {"type": "array", "items": POINT},
        "when": {"anyOf": [INTEGER, {"type": "string", "format": "date"}]},
    },
}
OPERATION = taking({FORM: {"schema": SCHEMA}})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("name=Ada", {"name": "Ada"}),
        ("name=A+d%C3%A9", {"name": "A dé"}),
        ("name=12&age=36&price=1.5&open=true", {"name": "12", "age": 36, "price": 1.5, "open": True}),
        ("name=Ada&age=", {"name": "Ada", "age": None}),
        ("name=Ada&tags=a&tags=b,c", {"name": "Ada", "tags": ["a", "b,c"]}),
        ("name=Ada&tags=a", {"name": "Ada", "tags": ["a"]}),
        ("name=Ada&tags[]=a&tags%5B%5D=b", {"name": "Ada", "tags": ["a", "b"]}),
        ("name=Ada&sizes=[1,2]", {"name": "Ada", "sizes": [1, 2]}),
        ("name=Ada&sizes[1]=2&sizes[0]=1", {"name": "Ada", "sizes": [1, 2]}),
        ('name=Ada&point={"x":1}', {"name": "Ada", "point": {"x": 1}}),
        ("name=Ada&point[x]=1&point[y]=2", {"name": "Ada", "point": {"x": 1, "y": 2}}),
        ('name=Ada&points={"x":1}&points={"x":2}', {"name": "Ada", "points": [{"x": 1}, {"x": 2}]}),
        ("name=Ada&when=5", {"name": "Ada", "when": 5}),
        ("name=Ada&when=2026-01-02", {"name": "Ada", "when": "2026-01-02"}),
        ("name=Ada\r\n", {"name": "Ada"}),
        ("name=100%", {"name": "100%"}),
        ("name=%EF%BF%BD%EF%BF%BD", {"name": "\ufffd\ufffd"}),
    ],
)
def test_field_becomes_what_its_schema_asks_for(text: str, value: Json) -> None:
    assert judged(OPERATION, text, FORM) == value


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("age=3", "!/name required"),
        ("name=A", "!/name minLength"),
        ("name=Ada&age=old", "!/age type"),
        ("name=Ada&name=Bea", "!/name type"),
        ("name=Ada&open=yes", "!/open type"),
        ("name=Ada&sizes=1&sizes=b", "!/sizes/1 type"),
        ("name=Ada&point=1", "!/point type"),
        ("name=Ada&point[y]=1", "!/point/x required"),
        ("name=Ada&point[x]=a", "!/point/x type"),
        ('name=Ada&points={"x":1}&points={}', "!/points/1/x required"),
        ("name=Ada&when=soon", "!/when anyOf"),
        ("name=Ada&more=1", "!/more additionalProperties"),
        ("name", "!/name minLength"),
        ("&&", "!/name required"),
    ],
)
def test_field_that_breaks_its_schema_is_named(text: str, wrong: str) -> None:
    assert judged(OPERATION, text, FORM) == wrong


@pytest.mark.parametrize(
    ("encoding", "text", "value"),
    [
        ({"style": "form", "explode": False}, "sizes=1,2", {"sizes": [1, 2]}),
        ({"explode": False}, "sizes=1,2", {"sizes": [1, 2]}),
        ({"style": "pipeDelimited", "explode": False}, "sizes=1|2", {"sizes": [1, 2]}),
        ({"style": "spaceDelimited", "explode": False}, "sizes=1+2", {"sizes": [1, 2]}),
        ({"contentType": "application/json"}, "sizes=[1,2]", {"sizes": [1, 2]}),
        ({"style": "form", "explode": False}, "sizes=1,b", "!/sizes/1 type"),
        ({"contentType": "application/json"}, "sizes=[1,", "!/sizes/0 type"),
    ],
)
def test_encoding_object_says_how_a_list_is_written(encoding: Json, text: str, value: Json) -> None:
    schema: Json = {"type": "object", "properties": {"sizes": {"type": "array", "items": INTEGER}}}
    operation = taking({FORM: {"schema": schema, "encoding": {"sizes": encoding}}})
    assert judged(operation, text, FORM) == value


@pytest.mark.parametrize(
    ("encoding", "text", "value"),
    [
        ({"style": "deepObject"}, "point[x]=1&point[y]=2&name=a", {"point": {"x": 1, "y": 2}, "name": "a"}),
        ({"style": "form"}, "x=1&y=2&name=a", {"point": {"x": 1, "y": 2}, "name": "a"}),
        ({"style": "form", "explode": False}, "point=x,1,y,2", {"point": {"x": 1, "y": 2}}),
        ({"contentType": "application/json"}, 'point={"x":1}', {"point": {"x": 1}}),
        ({"style": "deepObject"}, "point[x]=a", "!/point/x type"),
        ({"style": "deepObject"}, "x=1", "!/x additionalProperties"),
    ],
)
def test_encoding_object_says_how_an_object_is_written(encoding: Json, text: str, value: Json) -> None:
    schema: Json = {"type": "object", "properties": {"point": POINT, "name": {}}, "additionalProperties": False}
    operation = taking({FORM: {"schema": schema, "encoding": {"point": encoding}}})
    assert judged(operation, text, FORM) == value


def test_style_that_is_none_is_told_and_read_as_form() -> None:
    schema: Json = {"type": "object", "properties": {"a": INTEGER}}
    operation = taking({FORM: {"schema": schema, "encoding": {"a": {"style": "matrix"}}}})
    assert judged(operation, "a=1", FORM) == {"a": 1}
    assert [one.code for one in operation.library.notices] == ["parameter-style"]


def test_schema_behind_references_and_choices_is_read() -> None:
    schemas: Json = {
        "Part": {"properties": {"size": INTEGER}},
        "Whole": {"allOf": [{"$ref": "#/components/schemas/Part"}]},
    }
    choice: Json = {"oneOf": [{"$ref": "#/components/schemas/Whole"}, {"type": "object", "required": ["flag"]}]}
    assert judged(taking({FORM: {"schema": choice}}, schemas=schemas), "size=1", FORM) == {"size": 1}


def test_list_of_lists_has_a_list_in_each_field() -> None:
    rows: Json = {"type": "array", "items": {"type": "array", "items": INTEGER}}
    operation = taking({FORM: {"schema": {"type": "object", "properties": {"rows": rows}}}})
    assert judged(operation, "rows=[1,2]", FORM) == {"rows": [[1, 2]]}
    assert judged(operation, "rows=[1,2]&rows=[3]", FORM) == {"rows": [[1, 2], [3]]}


def test_field_that_is_a_text_or_a_list_of_objects_is_read_as_what_it_is() -> None:
    either: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": POINT}]}
    operation = taking({FORM: {"schema": {"type": "object", "properties": {"at": either}}}})
    assert judged(operation, "at=here", FORM) == {"at": "here"}
    assert judged(operation, 'at={"x":1}', FORM) == {"at": [{"x": 1}]}
    assert judged(operation, 'at={"x":1}&at={"x":2}', FORM) == {"at": [{"x": 1}, {"x": 2}]}


@pytest.mark.parametrize("other", ["null", "string"])
def test_field_that_is_an_object_or_something_simple_is_read_as_what_it_is(other: str) -> None:
    operation = taking(
        {FORM: {"schema": {"type": "object", "properties": {"at": {"anyOf": [POINT, {"type": other}]}}}}}
    )
    assert judged(operation, 'at={"x":1}', FORM) == {"at": {"x": 1}}
    assert judged(operation, "at=", FORM) == {"at": None if other == "null" else ""}
    assert judged(operation, 'at={"x"', FORM) == ("!/at anyOf" if other == "null" else {"at": '{"x"'})


def test_null_of_3_0_and_free_fields_are_read() -> None:
    schema: Json = {
        "type": "object",
        "properties": {"a": {"type": "integer", "nullable": True}},
        "additionalProperties": {"type": "boolean"},
    }
    operation = taking({FORM: {"schema": schema}}, "3.0.3")
    assert judged(operation, "a=&b=true", FORM) == {"a": None, "b": True}
    assert judged(operation, "b=5", FORM) == "!/b type"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"name=%ff", "!body.encoding: The field 'name' of the form is not UTF-8."),
        (b"%ff=1", "!body.encoding: The name of a field of the form is not UTF-8."),
        (b"name=\xff", "!body.encoding: The body is not UTF-8: byte 5 does not belong."),
        (b"a&" * 10_000, "!body.size: The body has more than 10000 fields."),
    ],
)
def test_form_that_cannot_be_read_is_refused(raw: bytes, told: str) -> None:
    assert judged(OPERATION, raw, FORM) == told


def test_charset_of_a_form_is_of_its_bytes_and_its_escapes_are_utf_8() -> None:
    assert judged(OPERATION, "name=%C3%A9%C3%A9", f"{FORM}; charset=ISO-8859-1") == {"name": "éé"}
    assert judged(OPERATION, b"name=\xe9\xe9", f"{FORM}; charset=ISO-8859-1") == {"name": "éé"}


@pytest.mark.parametrize(("needed", "value"), [(True, {}), (False, MISSING)])
def test_form_without_fields_is_a_body_where_one_is_needed(needed: bool, value: object) -> None:
    body: Json = {"required": needed, "content": {FORM: {"schema": {"type": "object"}}}}
    operation = contract(operation_tree({"requestBody": body}, method="post")).operations[0]
    assert judged(operation, "", FORM) == value


def test_form_without_a_schema_is_an_object_of_texts() -> None:
    assert judged(taking({FORM: {}}), "a=1&b=2&b=3", FORM) == {"a": "1", "b": ["2", "3"]}


def test_form_of_a_schema_of_text_is_that_text() -> None:
    assert judged(taking({FORM: {"schema": {"type": "string"}}}), "a=1", FORM) == "a=1"


@given(st.text("abnmet[]=&%5 +,|0zé", max_size=60))
def test_any_form_is_read_without_an_exception(text: str) -> None:
    judged(OPERATION, text, FORM)
