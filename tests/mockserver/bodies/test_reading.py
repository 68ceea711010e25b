"""Bodies: read within the limit, of a documented type, as strict JSON, and no bytes yield an exception."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.bodies import MAX_DEPTH, NO_BODY, parse_json, read_body
from mockserver.credentials import Refusal
from mockserver.exchange import BodyError, PlainHeaders, Request
from openapi.contract import packaged_contract
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openapi.operation import Operation
    from openapi.reading import Json

CREATE = packaged_contract().operations[0]
LIMIT = 1000


def taking(*types: str, schema: Json = None) -> Operation:
    content: Json = {name: {} if schema is None else {"schema": schema} for name in types}
    return contract(operation_tree({"requestBody": {"content": content}}, method="post")).operations[0]


def read(
    raw: bytes,
    content_type: str | None = "application/json",
    headers: Mapping[str, str] | None = None,
    operation: Operation = CREATE,
    source: Callable[[int], bytes] | None = None,
) -> object:
    sent = {"Content-Length": str(len(raw)), **(headers or {})}
    if content_type is not None:
        sent["Content-Type"] = content_type
    request = Request("POST", "/", "", PlainHeaders(sent), source or io.BytesIO(raw).read)
    found = read_body(operation, request, LIMIT)
    return found.rule if isinstance(found, Refusal) else found[0]


# --- strict JSON ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b' \t\r\n{"a": [1, 1.5, true, null, "\\u00e4"]} \n', {"a": [1, 1.5, True, None, "ä"]}),
        ('"创"'.encode(), "创"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b"5", 5),
        (b"-0", 0),
        (b"1" * 400, int("1" * 400)),
        (b"1e-999", 0.0),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
        (b'"' + b"[" * 500 + b'"', "[" * 500),
        (b'"\\"' + b"[" * 500 + b'"', '"' + "[" * 500),
    ],
)
def test_json_is_read(raw: bytes, value: Json) -> None:
    assert parse_json(raw) == value


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"{", "body.json"),
        (b"{'a': 1}", "body.json"),
        (b'{"a": 1,}', "body.json"),
        (b"{} {}", "body.json"),
        (b"// no\n{}", "body.json"),
        (b'"\t"', "body.json"),
        (b'"\\x"', "body.json"),
        (b"01", "body.json"),
        (b"tru", "body.json"),
        (b"\xa0{}", "body.encoding"),
        (b"\xc2\xa0{}", "body.json"),
        (b"a=b", "body.json"),
        (b"NaN", "body.number"),
        (b'{"a": -Infinity}', "body.number"),
        (b"1e999", "body.number"),
        (b"-1e999", "body.number"),
        (b"1" * 5000, "body.number"),
        (b"\xff", "body.encoding"),
        (b'"\xed\xa0\x80"', "body.encoding"),
        (b'"\xc0\x80"', "body.encoding"),
        (b"\xef\xbb\xbf{}", "body.encoding"),
        ("{}".encode("utf-16"), "body.encoding"),
        ("{}".encode("utf-16-le"), "body.encoding"),
        ("{}".encode("utf-16-be"), "body.encoding"),
        ("{}".encode("utf-32"), "body.encoding"),
        (b'"\\ud800"', "body.encoding"),
        (b'{"\\udc00": 1}', "body.encoding"),
        (b'"\\ude00\\ud83d"', "body.encoding"),
        (b'{"a": 1, "a": 1}', "body.duplicate"),
        (b'{"a": 1, "\\u0061": 2}', "body.duplicate"),
        (b'[{"b": {"a": 1, "a": 2}}]', "body.duplicate"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "body.depth"),
        (b'{"a":' * (MAX_DEPTH + 1), "body.depth"),
        (b"[" * 500_000, "body.depth"),
        (b'["\\"", ' * 400, "body.depth"),
    ],
)
def test_what_is_not_strict_json_is_refused(raw: bytes, rule: str) -> None:
    found = parse_json(raw)
    assert isinstance(found, Refusal)
    assert found.rule == rule


def test_refusal_names_the_spot_and_not_the_text() -> None:
    found = parse_json(b'{"key":\n  sk-secret}')
    assert isinstance(found, Refusal)
    assert found.detail == "The body is not JSON: Expecting value at line 2 column 3."


@pytest.mark.parametrize("raw", [b'"' + b"\\" * 900_000, b'"' * 900_000, b"[]" * 400_000, b'{"":' * 200_000 + b'"'])
def test_body_that_was_made_to_take_long_is_told_soon(raw: bytes) -> None:
    began = time.perf_counter()
    assert isinstance(parse_json(raw), Refusal)
    assert time.perf_counter() - began < 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values, st.booleans(), st.sampled_from([None, 1]))
def test_any_json_is_read_as_it_was_written(value: Json, ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert parse_json(raw) == value


nearly_json = st.text(st.sampled_from('{}[]",:\\ud8d0 0123eE+-.tfnNI')).map(str.encode)


@given(st.binary() | nearly_json)
@example(b'"\\ud83d\\ude00"')
@example(b"-0.0")
def test_any_bytes_yield_a_refusal_or_what_json_says_and_that_is_utf8(raw: bytes) -> None:
    found = parse_json(raw)
    if isinstance(found, Refusal):
        assert found.rule.startswith("body.")
        return
    assert repr(found) == repr(json.loads(raw))
    json.dumps(found, ensure_ascii=False, allow_nan=False).encode("utf-8")


# --- the limit --------------------------------------------------------------------------------------------------------


class Source:
    """A body that counts how much of it was asked for."""

    def __init__(self, raw: bytes) -> None:
        self.stream = io.BytesIO(raw)
        self.asked: list[int] = []

    def __call__(self, limit: int) -> bytes:
        self.asked.append(limit)
        return self.stream.read(limit)


def test_body_at_the_limit_is_read_and_one_byte_more_is_refused() -> None:
    assert read(b'"' + b"a" * (LIMIT - 2) + b'"') == "a" * (LIMIT - 2)
    assert read(b'"' + b"a" * (LIMIT - 1) + b'"') == "body.size"


def test_body_announced_over_the_limit_is_not_read_at_all() -> None:
    source = Source(b"x" * 2 * LIMIT)
    assert read(b"", headers={"Content-Length": str(LIMIT + 1)}, source=source) == "body.size"
    assert source.asked == []


def test_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    source = Source(b"x" * 10 * LIMIT)
    headers = PlainHeaders({"transfer-encoding": "chunked", "content-type": "application/json"})
    found = read_body(CREATE, Request("POST", "/", "", headers, source), LIMIT)
    assert isinstance(found, Refusal)
    assert found.rule == "body.size"
    assert source.asked == [LIMIT + 1]


@pytest.mark.parametrize("length", ["", "abc", "-1", "+1", "1 ", "0x1", "1,1", "\u00b2", "\u0661", "1" * 20])
def test_length_that_is_no_number_is_refused(length: str) -> None:
    assert read(b"{}", headers={"Content-Length": length}) == "body.incomplete"


def test_body_that_ends_early_is_refused() -> None:
    assert read(b"{}", headers={"Content-Length": "3"}) == "body.incomplete"


def test_body_that_breaks_off_is_refused() -> None:
    def broken(_: int) -> bytes:
        raise BodyError("The body ended before its announced length.")

    assert read(b"{}", source=broken) == "body.incomplete"


@pytest.mark.parametrize("headers", [{}, {"content-length": "0"}, {"content-length": "0", "content-type": "nonsense"}])
def test_no_bytes_are_no_body_whatever_their_type(headers: dict[str, str]) -> None:
    request = Request("POST", "/", "", PlainHeaders(headers), io.BytesIO().read)
    assert read_body(CREATE, request, LIMIT) == NO_BODY


def test_body_of_an_operation_without_one_is_ignored_but_bounded() -> None:
    operation = contract(operation_tree({})).operations[0]
    assert read(b"\xff", "nonsense", operation=operation) == NO_BODY[0]
    assert read(b"x" * 2 * LIMIT, operation=operation) == "body.size"


# --- media types ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"',
        "application/json ; charset=utf8", "application/json;", "application/json; a=b; charset=us-ascii",
        " application/json ", 'application/json; a="\\";b=c"',
    ],
)  # fmt: skip
def test_documented_type_is_read_however_it_is_written(written: str) -> None:
    assert read(b"{}", written) == {}


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        (None, "body.media_type"),
        ("", "body.media_type"),
        ("  ", "body.media_type"),
        ("json", "body.media_type"),
        ("application/", "body.media_type"),
        ("/json", "body.media_type"),
        ("application/json/x", "body.media_type"),
        ("application/json, application/json", "body.media_type"),
        ("application/json; charset", "body.media_type"),
        ('application/json; charset="', "body.media_type"),
        ("text/plain", "body.media_type"),
        ("application/*", "body.media_type"),
        ("application/jsonp", "body.media_type"),
        ("application/vnd.a+json", "body.media_type"),
        ("application/x-www-form-urlencoded", "body.media_type"),
        ("application/json; charset=latin-1", "body.encoding"),
        ('application/json; charset="utf-16"', "body.encoding"),
        ("äpplication/json", "body.media_type"),
    ],
)
def test_other_or_malformed_type_is_refused(written: str | None, rule: str) -> None:
    assert read(b"{}", written) == rule


@pytest.mark.parametrize("declared", ["*/*", "application/*"])
def test_range_is_read_by_the_type_that_was_sent(declared: str) -> None:
    operation = taking(declared)
    assert read(b'{"a": 1}', "application/json", operation=operation) == {"a": 1}
    assert read(b"a=1", "application/x-www-form-urlencoded", operation=operation) == {"a": "1"}
    assert read(b"{", "application/vnd.a+json", operation=operation) == "body.json"


latin = st.text(st.characters(max_codepoint=255))


@given(st.binary(max_size=50), latin, st.one_of(st.none(), latin, st.integers(0, 60).map(str)))
def test_any_body_and_headers_are_judged_without_an_exception(raw: bytes, written: str, length: str | None) -> None:
    read(raw, written, {} if length is None else {"Content-Length": length})


@pytest.mark.parametrize("header", ["application/json" + "; " * 20_000 + "@", "application/json" + ";\t a" * 20_000])
def test_hostile_content_type_is_refused_at_once(header: str) -> None:
    began = time.perf_counter()
    assert read(b"{}", header) == "body.media_type"
    assert time.perf_counter() - began < 2.0  # exponential or quadratic search takes minutes here
