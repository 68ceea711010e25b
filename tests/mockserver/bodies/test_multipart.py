"""Multipart bodies: parts become properties or items; their types and headers are held against the encoding object."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from mockserver.bodies.multipart import split_parts
from tests.mockserver.bodies.judging import judged, taking

if TYPE_CHECKING:
    from openapi.reading import Json

FORM = "multipart/form-data"
HEADER = f"{FORM}; boundary=XX"
FILE: Json = {"type": "string", "format": "binary", "maxLength": 4}
META: Json = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}
SCHEMA: Json = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": FILE,
        "files": {"type": "array", "items": FILE},
        "meta": META,
        "metas": {"type": "array", "items": META},
        "count": {"type": "integer"},
        "note": {"type": "string", "maxLength": 4},
        "sizes": {"type": "array", "items": {"type": "integer"}},
    },
}
OPERATION = taking({FORM: {"schema": SCHEMA}})


def part(name: str, body: str | bytes, *more: str, filename: str | None = None) -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    head = "\r\n".join([said, *more, "", ""]).encode()
    return head + (body.encode() if isinstance(body, str) else body)


def multipart(*parts: bytes) -> bytes:
    return b"".join(b"--XX\r\n" + one + b"\r\n" for one in parts) + b"--XX--\r\n"


PNG = part("file", b"\x89PNG", "Content-Type: image/png", filename="a.png")
JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    ("parts", "value"),
    [
        ([PNG], {"file": "\x89PNG"}),
        ([part("file", "abcd")], {"file": "abcd"}),
        ([PNG, part("count", "5")], {"file": "\x89PNG", "count": 5}),
        ([PNG, part("note", "é")], {"file": "\x89PNG", "note": "é"}),
        ([PNG, part("meta", '{"size": 1}', JSON)], {"file": "\x89PNG", "meta": {"size": 1}}),
        ([PNG, part("meta", '{"size": 1}', JSON, filename="blob")], {"file": "\x89PNG", "meta": {"size": 1}}),
        ([PNG, part("meta", '{"size": 1}')], {"file": "\x89PNG", "meta": {"size": 1}}),
        ([PNG, part("meta", '{"size": 1}', "Content-Type: text/plain")], {"file": "\x89PNG", "meta": {"size": 1}}),
        ([PNG, part("files", "a", filename="a"), part("files", "b", filename="b")],
         {"file": "\x89PNG", "files": ["a", "b"]}),
        ([PNG, part("files[]", "a"), part("files[1]", "b")], {"file": "\x89PNG", "files": ["a", "b"]}),
        ([PNG, part("metas", '{"size": 1}', JSON), part("metas", '{"size": 2}', JSON)],
         {"file": "\x89PNG", "metas": [{"size": 1}, {"size": 2}]}),
        ([PNG, part("metas", '[{"size": 1}]', JSON)], {"file": "\x89PNG", "metas": [{"size": 1}]}),
        ([PNG, part("sizes", "1"), part("sizes", "2")], {"file": "\x89PNG", "sizes": [1, 2]}),
        ([part("file", "{}", JSON, filename="a.json")], {"file": "{}"}),
    ],
)  # fmt: skip
def test_part_becomes_what_its_schema_asks_for(parts: list[bytes], value: Json) -> None:
    assert judged(OPERATION, multipart(*parts), HEADER) == value


BROKEN_JSON = (
    "!body.json: The part 'meta' is not JSON: Expecting property name enclosed in double quotes at line 1 column 2."
)
BROKEN_XML = "!body.xml: The part 'meta' is not XML: no element found at line 1 column 7."


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ([], "!/file required"),
        ([part("count", "5")], "!/file required"),
        ([part("file", b"\xff" * 5)], "!/file maxLength"),
        ([PNG, part("count", "many")], "!/count type"),
        ([PNG, PNG], "!/file type"),
        ([PNG, part("meta", "{}", JSON)], "!/meta/size required"),
        ([PNG, part("meta", "none", "Content-Type: text/plain")], "!/meta type"),
        ([PNG, part("meta", b"\xff", "Content-Type: text/plain")], "!/meta type"),
        ([PNG, part("meta", b"\xff")], "!body.encoding: The part 'meta' is not UTF-8: byte 0 does not belong."),
        ([PNG, part("metas", '{"size": 1}', JSON), part("metas", "{}", JSON)], "!/metas/1/size required"),
        ([PNG, part("files", "a"), part("files", "abcde")], "!/files/1 maxLength"),
        ([PNG, part("note", "éééé")], None),
        ([PNG, part("note", "ééééé")], "!/note maxLength"),
        ([PNG, part("other", "1")], "!/other additionalProperties"),
        ([PNG, part("meta", "{", JSON)], BROKEN_JSON),
        ([PNG, part("note", b"\xff")], "!body.encoding: The part 'note' is not UTF-8: byte 0 does not belong."),
        ([b"\r\nx"], "!body.multipart: Part 1 of the body has no name."),
        ([PNG, b"Content-Disposition: form-data\r\n\r\nx"], "!body.multipart: Part 2 of the body has no name."),
        ([PNG, b"nothing"], "!body.multipart: The body has no blank line behind the headers of part 2."),
    ],
)  # fmt: skip
def test_part_that_breaks_its_schema_is_named(parts: list[bytes], wrong: str | None) -> None:
    found = judged(OPERATION, multipart(*parts), HEADER)
    assert found == wrong if wrong else isinstance(found, dict)


@pytest.mark.parametrize(
    ("raw", "header", "told"),
    [
        (multipart(PNG), FORM, "The body has no boundary: its Content-Type has to name one."),
        (multipart(PNG), f"{FORM}; boundary=Y", "The body does not have the boundary that its Content-Type names."),
        (multipart(PNG)[:-5], HEADER, "The body ends without its closing boundary."),
        (b"", HEADER, None),
        (b"--XX", HEADER, "The body ends without its closing boundary."),
    ],
)
def test_body_without_its_boundaries_is_refused(raw: bytes, header: str, told: str | None) -> None:
    assert judged(OPERATION, raw, header) == f"!body.multipart: {told}" if told else True


def test_more_parts_than_a_thousand_are_refused() -> None:
    assert (
        judged(OPERATION, multipart(*[part("a", "")] * 1001), HEADER)
        == "!body.size: The body has more than 1000 parts."
    )


def test_names_are_read_as_browsers_write_them() -> None:
    operation = taking({FORM: {}})
    raw = multipart(
        part("größe", "1"), part("a%22b", "2", filename="ü.txt"), b"content-disposition:form-data;name=c\r\n\r\n3"
    )
    assert judged(operation, raw, f'{FORM}; charset=utf-8; boundary="XX"') == {"größe": "1", 'a"b': "2", "c": "3"}


ENCODED = taking(
    {
        FORM: {
            "schema": {"type": "object", "properties": {"image": {}, "meta": META}},
            "encoding": {
                "image": {
                    "contentType": "image/png, image/x-*",
                    "headers": {
                        "X-Size": {"required": True, "schema": {"type": "integer"}},
                        "Content-Type": {"required": True, "schema": {"type": "integer"}},
                    },
                },
                "meta": {"contentType": "application/xml"},
            },
        }
    }
)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([part("image", "a", "Content-Type: image/png", "x-size: 1")], {"image": "a"}),
        ([part("image", "a", "X-Size: 1")], {"image": "a"}),
        ([part("image", "a", "Content-Type: text/html", "X-Size: 1")], "!/image contentType"),
        ([part("image", "a", "Content-Type: image/png")], "!/image required"),
        ([part("image", "a", "Content-Type: image/png", "X-Size: big")], "!/image type"),
        ([part("meta", "<meta><size>1</size></meta>")], {"meta": {"size": 1}}),
        ([part("meta", "<meta/>", "Content-Type: application/xml")], "!/meta/size required"),
        ([part("meta", "<meta>", "Content-Type: application/xml")], BROKEN_XML),
    ],
)  # fmt: skip
def test_encoding_object_says_which_type_and_headers_a_part_has(parts: list[bytes], found: Json) -> None:
    assert judged(ENCODED, multipart(*parts), HEADER) == found


def test_parts_of_mixed_are_the_items_of_a_list() -> None:
    schema: Json = {"type": "array", "prefixItems": [META], "items": {"type": "string"}, "minItems": 2}
    operation = taking({"multipart/mixed": {"schema": schema}})
    first, second = b"Content-Type: application/json\r\n\r\n", b"Content-Type: text/plain\r\n\r\nword"
    header = "multipart/mixed; boundary=XX"
    assert judged(operation, multipart(first + b'{"size": 1}', second), header) == [{"size": 1}, "word"]
    assert judged(operation, multipart(first + b"{}", second), header) == "!/0/size required"
    assert judged(operation, multipart(first + b'{"size": 1}'), header) == "! minItems"
    assert judged(operation, multipart(first + b"{"), header).startswith("!body.json: Part 1 of the body")  # type: ignore[union-attr]


def test_mixed_of_a_schema_of_an_object_is_judged_when_its_parts_have_names() -> None:
    operation = taking({"multipart/mixed": {"schema": META}})
    header = "multipart/mixed; boundary=XX"
    assert judged(operation, multipart(part("size", "x")), header) == "!/size type"
    assert isinstance(judged(operation, multipart(b"\r\nx"), header), str), "it has no names: nothing can judge it"


def test_body_of_parts_within_a_part_is_bounded() -> None:
    raw = b"x"
    for _ in range(50):
        raw = multipart(b"Content-Type: multipart/mixed; boundary=XX\r\n\r\n" + raw)
    operation = taking({"multipart/mixed": {}})
    judged(operation, raw, "multipart/mixed; boundary=XX")


@pytest.mark.parametrize(
    "raw", [b"\r\n--XX" * 170_000, b"\n" * 1_000_000, b"--XX\r\n" + b"a:b\r\n" * 180_000, b"-" * 1_000_000]
)
def test_body_that_was_made_to_take_long_is_told_soon(raw: bytes) -> None:
    began = time.perf_counter()
    judged(OPERATION, raw, HEADER)
    assert time.perf_counter() - began < 2.0  # a quadratic search takes minutes here


WORDS = [
    b"--XX", b"--XX--", b"\r\n", b"\n", b"a", b": b", b'Content-Disposition: form-data; name="a"', b"\r\n\r\n", b"\xff",
    b"content-type: text/plain;charset*=x'y'%zz", b";name*0*=utf-8''%ff;name*1=a",
]  # fmt: skip
PIECES = st.lists(st.sampled_from(WORDS), max_size=30)


@given(
    PIECES.map(b"".join),
    st.sampled_from([HEADER, f"{FORM};boundary*=u''X%58", f"{FORM};boundary", "multipart/mixed;boundary=XX"]),
)
def test_any_parts_are_read_without_an_exception(raw: bytes, header: str) -> None:
    judged(OPERATION if header.startswith(FORM) else taking({"multipart/*": {}}), raw, header)


@given(
    st.lists(
        st.tuples(
            st.text("ab cé", min_size=1, max_size=5),
            st.one_of(st.none(), st.text("ab.", min_size=1)),
            st.binary(max_size=30),
        ),
        max_size=5,
    )
)
def test_parts_are_split_as_werkzeug_does(parts: list[tuple[str, str | None, bytes]]) -> None:
    raw = multipart(*[part(name, body, filename=filename) for name, filename, body in parts])
    assume(raw.count(b"--XX") == len(parts) + 1)
    decoder = MultipartDecoder(b"XX")
    decoder.receive_data(raw)
    decoder.receive_data(None)
    theirs: list[tuple[str, str | None, bytes]] = []
    while not isinstance(event := decoder.next_event(), Epilogue):
        assert not isinstance(event, NeedData)
        if isinstance(event, Field | File):
            theirs.append((event.name, event.filename if isinstance(event, File) else None, b""))
        elif isinstance(event, Data):
            theirs[-1] = (*theirs[-1][:2], theirs[-1][2] + event.data)
    ours = split_parts(raw, b"XX")
    assert not isinstance(ours, str)
    assert [(one.name, one.headers.get_filename(), one.raw) for one in ours] == theirs
