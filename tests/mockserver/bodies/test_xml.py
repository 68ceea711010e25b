"""XML: elements and attributes become what the schema describes, and nothing hostile in them is followed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.generating.xml import xml_text
from tests.mockserver.bodies.judging import judged, taking

if TYPE_CHECKING:
    from openapi.reading import Json

XML = "application/xml"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
PET: Json = {
    "type": "object",
    "xml": {"name": "pet"},
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {**INTEGER, "xml": {"attribute": True}},  # type: ignore[dict-item]
        "name": {"type": "string", "minLength": 2, "xml": {"name": "called"}},
        "weight": {"type": ["number", "null"]},
        "tags": {"type": "array", "items": {**TEXT, "xml": {"name": "tag"}}, "xml": {"wrapped": True}},  # type: ignore[dict-item]
        "sizes": {"type": "array", "items": INTEGER},
        "owner": {"type": "object", "properties": {"age": INTEGER}, "xml": {"namespace": "urn:o", "prefix": "o"}},
        "friends": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}, "xml": {"wrapped": True}},
    },
}
SCHEMAS: Json = {"Pet": PET}
OPERATION = taking({XML: {"schema": {"$ref": "#/components/schemas/Pet"}}}, schemas=SCHEMAS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('<pet id="1"/>', {"id": 1}),
        ("<?xml version='1.0' encoding='utf-8'?>\n<!-- x --><pet id='1'/>", {"id": 1}),
        ('<pet id="1"><called>T&amp;&#111;<![CDATA[<m>]]></called></pet>', {"id": 1, "name": "T&o<m>"}),
        ('<pet id="1"><weight> 1.5 </weight></pet>', {"id": 1, "weight": 1.5}),
        ('<pet id="1"><weight/></pet>', {"id": 1, "weight": None}),
        (f'<pet id="1" xmlns:i="{INSTANCE}"><weight i:nil="true"/></pet>', {"id": 1, "weight": None}),
        ('<pet id="1"><tags><tag>a</tag><tag>b</tag></tags></pet>', {"id": 1, "tags": ["a", "b"]}),
        ('<pet id="1"><tags/></pet>', {"id": 1, "tags": []}),
        ('<pet id="1"><sizes>1</sizes><sizes>2</sizes></pet>', {"id": 1, "sizes": [1, 2]}),
        ('<pet id="1"><o:owner xmlns:o="urn:o"><age>3</age></o:owner></pet>', {"id": 1, "owner": {"age": 3}}),
        ('<pet id="1"><friends><pet id="2"/></friends></pet>', {"id": 1, "friends": [{"id": 2}]}),
    ],
)  # fmt: skip
def test_xml_becomes_what_its_schema_describes(text: str, value: Json) -> None:
    assert judged(OPERATION, text, XML) == value


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("<pet/>", "!/id required"),
        ('<pet id="one"/>', "!/id type"),
        ('<dog id="1"/>', "! xml"),
        ('<pet id="1"><called>T</called></pet>', "!/name minLength"),
        ('<pet id="1"><called>Tom</called><called>Tim</called></pet>', "!/name type"),
        ('<pet id="1"><called><b/></called></pet>', "!/name type"),
        ('<pet id="1"><sizes>1</sizes><sizes>b</sizes></pet>', "!/sizes/1 type"),
        ('<pet id="1"><owner><age>3</age></owner></pet>', "!/owner xml"),
        ('<pet id="1"><owner xmlns="urn:other"><age>3</age></owner></pet>', "!/owner xml"),
        ('<pet id="1"><more/></pet>', "!/more additionalProperties"),
        ('<pet id="1" more="1"/>', "!/more additionalProperties"),
        ('<pet id="1"><friends><pet/></friends></pet>', "!/friends/0/id required"),
        ("<pet>text</pet>", "! type"),
        ('<pet id="1"><tags>text</tags></pet>', "!/tags type"),
    ],
)
def test_xml_that_breaks_its_schema_is_told_at_its_place(text: str, wrong: str) -> None:
    assert judged(OPERATION, text, XML) == wrong


UNREAD = "!body.encoding: The body is in an encoding that is not read; send UTF-8."


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"<pet>", "!body.xml: The body is not XML: no element found at line 1 column 6."),
        (b"<pet></dog>", "!body.xml: The body is not XML: mismatched tag at line 1 column 8."),
        (b"{}", "!body.xml: The body is not XML: not well-formed (invalid token) at line 1 column 1."),
        (b"<a>&nbsp;</a>", "!body.xml: The body is not XML: undefined entity at line 1 column 4."),
        (b"<a:b/>", "!body.xml: The body is not XML: unbound prefix at line 1 column 1."),
        (b"<a>\xff</a>", "!body.xml: The body is not XML: not well-formed (invalid token) at line 1 column 4."),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', None),
        (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>', None),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', None),
        (b"<!DOCTYPE a><a/>", None),
        (b"<a>" * 101 + b"</a>" * 101, "!body.depth: The body nests deeper than 100 levels."),
        (b"<a>" + b"<b/>" * 100_000 + b"</a>", "!body.size: The body has more than 100000 elements."),
        (b"<?xml version='1.0' encoding='none'?><a/>", UNREAD),
    ],
)  # fmt: skip
def test_xml_that_is_broken_or_hostile_is_refused(raw: bytes, told: str | None) -> None:
    document_type = "!body.xml: The body has a document type (DOCTYPE), which is not read: it may define entities."
    assert judged(OPERATION, raw, XML) == (told or document_type)


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        ("<a>\u00e9</a>".encode("utf-16"), XML),
        ("<a>\u00e9</a>".encode("latin-1"), f"{XML}; charset=iso-8859-1"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", XML),
        (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "text/xml"),
        ("<a>\u00e9</a>".encode(), "application/vnd.a+xml"),
    ],
)
def test_xml_is_read_in_the_encoding_that_it_says(raw: bytes, header: str) -> None:
    operation = taking({"*/*": {"schema": {"type": "object", "properties": {"b": {}}}}, "application/pdf": {}})
    assert judged(operation, raw, header) == "! type", "text where an object is asked for"
    assert judged(taking({"*/*": {}}), raw, header) == "\u00e9"


def test_root_may_be_an_array_or_one_value() -> None:
    assert judged(taking({XML: {"schema": {"type": "array", "items": INTEGER}}}), "<a><i>1</i><i>2</i></a>", XML) == [
        1,
        2,
    ]
    assert judged(taking({XML: {"schema": INTEGER}}), "<a> 5 </a>", XML) == 5
    assert judged(taking({XML: {"schema": TEXT}}), "<a>raw</a>", XML) == "<a>raw</a>"


def test_properties_that_share_an_element_name_are_told_apart_by_their_order() -> None:
    both: dict[str, Json] = {
        "all": {"type": "array", "items": {"$ref": "#/components/schemas/One"}},
        "first": {"$ref": "#/components/schemas/One"},
    }
    schemas: Json = {"One": {"type": "object", "properties": {"n": INTEGER}, "xml": {"name": "Uno"}}}
    operation = taking(
        {XML: {"schema": {"type": "object", "required": ["first"], "properties": both}}}, schemas=schemas
    )
    text = "<r><Uno><n>1</n></Uno><Uno><n>2</n></Uno><Uno><n>3</n></Uno></r>"
    assert judged(operation, text, XML) == {"first": {"n": 1}, "all": [{"n": 2}, {"n": 3}]}
    assert judged(operation, "<r><first><n>1</n></first></r>", XML) == {"first": {"n": 1}}, (
        "by the name of the property"
    )


def test_array_that_is_not_wrapped_and_is_needed_may_be_empty() -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": TEXT}}}
    assert judged(taking({XML: {"schema": schema}}), "<r/>", XML) == {"a": []}


VALUES = st.fixed_dictionaries(
    {"id": st.integers()},
    optional={
        "name": st.text("aé<&\"' ]>", min_size=2, max_size=9),
        "tags": st.lists(st.text("ab &", min_size=1)),
        "sizes": st.lists(st.integers(), min_size=1),
        "owner": st.fixed_dictionaries({"age": st.integers()}),
        "friends": st.lists(st.fixed_dictionaries({"id": st.integers()})),
    },
)


@given(VALUES)
def test_what_the_mock_writes_it_reads_again(value: Json) -> None:
    schema = OPERATION.body[0].schema
    assert schema is not None
    assert judged(OPERATION, xml_text(schema, value), XML) == value


WORDS = [
    "<pet", " id='1'", ">", "<called>", "</called>", "</pet>", "<tags>", "</tags>", "x", "<!DOCTYPE", "&#0;",
    "<o:owner", " xmlns:o='urn:o'", "]]>",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=20))
def test_any_xml_is_read_without_an_exception(parts: list[str]) -> None:
    judged(OPERATION, "".join(parts), XML)


@pytest.mark.parametrize("raw", [b"<a>" * 300_000, b"<a " + b"b='' " * 200_000, b"<a>" + b"]" * 1_000_000 + b"</a>"])
def test_xml_that_was_made_to_take_long_is_told_soon(raw: bytes) -> None:
    began = time.perf_counter()
    judged(OPERATION, raw, XML)
    assert time.perf_counter() - began < 2.0
