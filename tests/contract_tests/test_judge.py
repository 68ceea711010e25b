"""The judge: openapi-core with every trap closed that was found in it, and nothing an answer holds makes it raise."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.judge import Judge, body_of, is_json
from contract_tests.redaction import Redactor
from contract_tests.targets import Ask, Exchange
from openapi.contract import load_contract, packaged_contract
from tests.documents.making import contract

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.failures import Finding
    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.reading import Json

SECRET = "sk-judge-0123456789"
THING: Json = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "u": {"format": "uri"}}}
ASK = Ask("POST", "/thing")


def made(responses: dict[str, Json], version: str = "3.1.0", method: str = "post", **top: Json) -> Contract:
    """Make a contract with one operation that answers so."""
    return contract({"paths": {"/thing": {method: {"responses": responses}}}, **top}, version)


def answered(schema: Json, media_type: str = "application/json", headers: Json = None) -> dict[str, Json]:
    return {"200": {"description": "ok", "content": {media_type: {"schema": schema}}, "headers": headers or {}}}


def found(
    given_contract: Contract,
    body: bytes = b"",
    content_type: str | None = "application/json",
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
) -> list[Finding]:
    """Judge one answer to the first operation."""
    typed = (("Content-Type", content_type),) if content_type is not None else ()
    exchange = Exchange(ASK, status, (*typed, *headers), body)
    judge = Judge(given_contract.documents[0], Redactor(SECRET))
    return list(judge.judge(given_contract.operations[0], exchange))


def codes(*arguments: object, **named: object) -> list[str]:
    return [one.code for one in found(*arguments, **named)]  # type: ignore[arg-type]


RIGHT = b'{"n": 1}'


# --- status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_right_answer_has_no_findings_and_a_wrong_one_has(version: str) -> None:
    assert found(made(answered(THING), version), RIGHT) == []
    assert found(made(answered(THING), version), b"{}")


def test_undocumented_status_is_found() -> None:
    (one,) = found(made(answered(THING)), RIGHT, status=202)
    assert (one.code, one.basis, one.expected, one.received) == ("AFC101", "documented", "one of 200", "202")


@pytest.mark.parametrize(
    ("status", "content_type", "body", "code", "basis"),
    [
        (202, "application/json", b'{"GroupId": ""}', "AFC101", "elsewhere"),
        (200, "application/json", b"", "AFC102", "observed"),
        (200, "text/plain", b'{"GroupId": ""}', "AFC106", "observed"),
        (200, "application/json", b"{", "AFC105", "observed"),
        (200, "application/json", b"{}", "AFC107", "observed"),
        (200, "application/json", b'{"GroupId": null}', "AFC107", "observed"),
        (200, "application/json", b'{"GroupId": "group-1"}', "AFC107", "assumed"),
        (404, "application/json", b"{}", "AFC107", "assumed"),
        (401, "application/json", b"{}", "AFC107", "elsewhere"),
        (401, "application/json", b"{}", "AFC108", "rfc"),
    ],
)
def test_finding_about_a_reconstructed_operation_has_the_basis_that_is_stated_there(
    status: int, content_type: str, body: bytes, code: str, basis: str
) -> None:
    operation = packaged_contract().operation("getVisualValidateResult")
    judge = Judge(operation.node.document, Redactor(SECRET))
    seen = Exchange(Ask("POST", operation.path), status, (("Content-Type", content_type),), body)
    assert (code, basis) in [(one.code, one.basis) for one in judge.judge(operation, seen)]


def test_exchange_without_an_answer_is_not_judged() -> None:
    default: Json = {"description": "x", "content": {"application/json": {"schema": THING}}}
    assert found(made({"default": default}), status=0) == []


@pytest.mark.parametrize("key", ["200", "2XX", "2xx", "default"])
@pytest.mark.parametrize("body", [RIGHT, b'{"n": "x"}'])
def test_range_and_default_judge_the_statuses_that_have_no_entry(key: str, body: bytes) -> None:
    responses: dict[str, Json] = {key: {"description": "x", "content": {"application/json": {"schema": THING}}}}
    assert codes(made(responses), body) == ([] if body is RIGHT else ["AFC107"])


def test_exact_status_goes_before_range_and_range_before_default() -> None:
    text: Json = {"description": "x", "content": {"application/json": {"schema": {"type": "string"}}}}
    number: Json = {"description": "x", "content": {"application/json": {"schema": {"type": "number"}}}}
    some = made({"default": text, "4XX": number, "404": text})
    assert [codes(some, b"1", status=status) for status in (404, 400, 500)] == [["AFC107"], [], ["AFC107"]]


# --- bodies that are there, or not ------------------------------------------------------------------------------------


def test_missing_body_is_found() -> None:
    (one,) = found(made(answered(THING)), b"", None)
    assert (one.code, one.expected, one.received) == ("AFC102", "application/json", "no body")


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_body_needs_none(status: int) -> None:
    default: Json = {"description": "x", "content": {"application/json": {"schema": THING}}}
    assert found(made({"default": default}), status=status) == []


def test_head_needs_no_body() -> None:
    assert found(made(answered(THING), method="head")) == []


def test_documented_204_without_content_is_right_without_a_body_and_with_one() -> None:
    nothing: dict[str, Json] = {"204": {"description": "nothing"}}
    assert found(made(nothing), status=204, content_type=None) == []
    assert found(made(nothing), b"anything \xff", "a/b", status=204) == []


def test_answer_without_documented_content_may_be_anything() -> None:
    assert found(made({"400": {"description": "no"}}), b"<html>", "text/html; x", status=400) == []


# --- the media type ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"',
     "application/json;", "application/json; ", "application/json; x", "application/json; x; charset=utf-8",
     "application/json; a=b=c", "application/json; schema=x; mimetype=y; spec=z", " application/json ",
     "application/json;;", 'application/json; profile="a=b;c"'],
)  # fmt: skip
@pytest.mark.parametrize("body", [RIGHT, b'{"n": "x"}'])
def test_parameters_of_the_media_type_change_no_verdict(content_type: str, body: bytes) -> None:
    assert codes(made(answered(THING)), body, content_type) == ([] if body is RIGHT else ["AFC107"])


@pytest.mark.parametrize("name", ["content-type", "CONTENT-TYPE", "Content-type"])
def test_name_of_a_header_is_read_in_any_case(name: str) -> None:
    assert found(made(answered(THING)), RIGHT, None, headers=((name, "application/json"),)) == []


def test_body_without_content_type_is_found_and_judged_all_the_same() -> None:
    assert codes(made(answered(THING)), RIGHT, None) == ["AFC103"]
    assert codes(made(answered(THING)), b'{"n": "x"}', None) == ["AFC103", "AFC107"]
    for nothing in ("  ", ";", "; charset=utf-8"):
        assert codes(made(answered(THING)), b"{", nothing) == ["AFC103", "AFC105"]


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/problem+json", "application/jsonx", "json", "/", "*"]
)
def test_undocumented_media_type_is_found(content_type: str) -> None:
    (one,) = found(made(answered(THING)), RIGHT, content_type)
    assert (one.code, one.expected, one.received) == ("AFC106", "application/json", content_type)


@pytest.mark.parametrize(
    "name", ["application/problem+json", "application/vnd.api+json", "text/json", "Application/JSON"]
)
def test_every_json_type_is_read_as_json(name: str) -> None:
    document = made(answered(THING, name))
    assert codes(document, RIGHT, name) == []
    assert codes(document, b'{"n": "x"}', name.lower()) == ["AFC107"]
    assert codes(document, b"{", name) == ["AFC105"]


def test_problem_json_is_not_json_where_only_json_is_documented_and_the_other_way_round() -> None:
    assert codes(made(answered(THING)), RIGHT, "application/problem+json") == ["AFC106"]
    assert codes(made(answered(THING, "application/problem+json")), RIGHT) == ["AFC106"]


def test_documented_name_with_parameters_matches_without_them() -> None:
    document = made(answered(THING, "application/json; charset=utf-8"))
    assert codes(document, RIGHT, "application/json") == []
    assert codes(document, b'{"n": "x"}', "application/json;charset=UTF-8") == ["AFC107"]


@pytest.mark.parametrize("range_", ["application/*", "*/*"])
def test_range_takes_json_and_whatever_else(range_: str) -> None:
    document = made(answered(THING, range_))
    assert codes(document, RIGHT) == []
    assert codes(document, b'{"n": "x"}') == ["AFC107"]
    assert codes(document, b"<n/>", "application/xml") == []
    assert codes(document, b"<n/>", "text/xml") == ([] if range_ == "*/*" else ["AFC106"])


def test_most_specific_range_counts() -> None:
    content: Json = {"*/*": {"schema": {"type": "string"}}, "application/*": {"schema": {"type": "number"}},
                     "application/json": {"schema": THING}}  # fmt: skip
    document = made({"200": {"description": "x", "content": content}})
    assert codes(document, RIGHT) == []
    assert codes(document, b"1", "application/a+json") == []
    assert codes(document, b'"1"', "a/b+json") == []


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("name", ["text/plain", "text/csv", "image/png", "application/octet-stream"])
def test_text_is_judged_as_text_and_bytes_never_fail_a_schema_of_text(version: str, name: str) -> None:
    document = made(answered({"type": "string", "maxLength": 9}, name), version)
    assert codes(document, b"5", name) == []
    assert codes(document, b"\x89PNG\xff", name) == []
    assert codes(document, b"0123456789", name) == ["AFC107"]


@pytest.mark.parametrize("name", ["application/xml", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_is_neither_json_nor_text_is_not_judged_by_its_schema(name: str) -> None:
    assert codes(made(answered(THING, name)), b"<n>x</n>", name) == []


@pytest.mark.parametrize("charset", ["latin-1", "UTF-16", '"iso-8859-1"', "utf-7"])
def test_wrong_charset_of_json_is_found(charset: str) -> None:
    (one,) = found(made(answered(THING)), RIGHT, f"application/json; CharSet = {charset}")
    assert (one.code, one.basis) == ("AFC104", "rfc")


# --- strict JSON ------------------------------------------------------------------------------------------------------

LAX = {
    "duplicate keys": b'{"n": 1, "n": 1}',
    "duplicate keys deep inside": b'{"n": 1, "a": [{"b": 1, "b": 2}]}',
    "NaN": b'{"n": 1, "a": NaN}',
    "Infinity": b'{"n": 1, "a": -Infinity}',
    "a number beyond all bounds": b'{"n": 1, "a": 1e999}',
    "half of a surrogate pair": b'{"n": 1, "a": "\\ud800"}',
    "the other half": b'{"n": 1, "\\udfff": 1}',
    "the halves in the wrong order": b'{"n": 1, "a": "\\udc00\\ud800"}',
    "a byte order mark": b'\xef\xbb\xbf{"n": 1}',
    "UTF-16": '{"n": 1}'.encode("utf-16"),
    "bytes that are not UTF-8": b'{"n": 1, "a": "\xff"}',
    "a surrogate in UTF-8": b'{"n": 1, "a": "\xed\xa0\x80"}',
    "nothing but white space": b"  ",
    "a comma too many": b'{"n": 1,}',
    "single quotes": b"{'n': 1}",
    "a comment": b'{"n": 1} // x',
    "two values": b'{"n": 1}{"n": 1}',
    "a line break in a text": b'{"n": 1, "a": "\n"}',
    "no value": b"undefined",
    "the beginning": b'{"n": 1',
    "depth without end": b"[" * 100_000,
    "closed depth": b'{"n": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of many digits": b'{"n": ' + b"1" * 5000 + b"}",
}  # fmt: skip


@pytest.mark.parametrize("what", LAX)
def test_what_only_a_lax_reader_takes_for_json_is_found(what: str) -> None:
    (one,) = found(made(answered(THING)), LAX[what])
    assert one.code == "AFC105"
    assert len(one.received) < 100


@pytest.mark.parametrize("body", [b'{"n": 1, "a": "\\ud83d\\ude42"}', b' {"n": -0} \n', b'{"n": 1, "\\u0000": 1}',
                                  '{"n": 1, "a": "🙂"}'.encode(), b'{"n": 1, "a": 1e300}'])  # fmt: skip
def test_unusual_json_is_json(body: bytes) -> None:
    assert found(made(answered(THING)), body) == []


def test_body_of_gives_the_value() -> None:
    assert body_of(Exchange(ASK, 200, (), b'{"a": [1, 1.5, null, "\\u00e9"]}')) == {"a": [1, 1.5, None, "é"]}


def test_depth_that_a_recursive_schema_cannot_follow_is_found() -> None:
    tree: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    document = made(answered({"$ref": "#/components/schemas/Tree"}), components={"schemas": {"Tree": tree}})
    assert found(document, b"[" * 20 + b"]" * 20) == []
    for depth in (300, 600, 900, 5000):
        assert set(codes(document, b"[" * depth + b"]" * depth)) <= {"AFC105", "AFC109"}
    assert codes(document, b"[" * 900 + b"]" * 900) != []


@pytest.mark.parametrize(("media_type", "verdict"), [("application/json", True), ("APPLICATION/a+JSON; x", True),
    ("text/json", True), ("application/x-ndjson", False), ("json", False), ("application/jsonp", False), ("", False)],
)  # fmt: skip
def test_json_is_known_by_its_name(media_type: str, verdict: bool) -> None:
    assert is_json(media_type) is verdict


# --- schemas ----------------------------------------------------------------------------------------------------------


def test_violation_names_pointer_clause_and_values() -> None:
    schema: Json = {"type": "object", "properties": {"a/b": {"type": "array", "items": {"maxLength": 3}}}}
    (one,) = found(made(answered(schema)), b'{"a/b": ["ab", "abcd"]}')
    assert (one.code, one.basis, one.pointer) == ("AFC107", "documented", "/a~1b/1")
    assert (one.expected, one.received) == ("maxLength 3", "'abcd'")


def test_violation_of_the_whole_body_has_an_empty_pointer() -> None:
    assert [one.pointer for one in found(made(answered(THING)), b"[]")] == [""]
    assert [one.pointer for one in found(made(answered({"additionalProperties": False})), b'{"": 1}')] == [""]


def test_schema_false_takes_nothing() -> None:
    (one,) = found(made(answered({"properties": {"a": False}})), b'{"a": 1}')
    assert one.expected == "nothing here"


def test_every_violation_is_found_once() -> None:
    every = found(made(answered(THING)), b'{"n": "x", "u": "not a url"}')
    assert sorted(one.pointer for one in every) == ["/n", "/u"]
    nothing = made(answered({"type": "string"}), "3.0.3")
    assert len(found(nothing, b"null")) == 1


@pytest.mark.parametrize(("text", "right"), [("https://a.example/?b", True), ("not a url", False), ("/b", False)])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_format_uri_is_asserted(version: str, text: str, right: bool) -> None:
    document = made(answered({"type": "string", "format": "uri"}), version)
    assert (found(document, json.dumps(text).encode()) == []) is right


def test_text_beyond_ascii_is_no_stumbling_block_for_any_format() -> None:
    for name in ("byte", "uri", "date", "ipv4", "regex", "hostname", "uuid", "idn-email", "time", "duration"):
        one = found(made(answered({"type": "string", "format": name}), "3.0.3"), '"é\u0661回"'.encode())
        assert {finding.code for finding in one} <= {"AFC107"}


def test_pattern_is_read_as_ecma_means_it() -> None:
    document = made(answered({"type": "string", "pattern": r"^\d+$"}))
    assert codes(document, b'"12"') == []
    assert codes(document, b'"12\\n"') == ["AFC107"]
    assert codes(document, '"\u0661"'.encode()) == ["AFC107"]
    assert codes(made(answered({"pattern": r"^\p{L}$"})), b'"1"') == []


def test_nothing_counts_beside_a_reference_in_3_0() -> None:
    components: Json = {"schemas": {"S": {"type": "string"}}}
    schema: Json = {"$ref": "#/components/schemas/S", "maxLength": 1}
    assert codes(made(answered(schema), "3.0.3", components=components), b'"abc"') == []
    assert codes(made(answered(schema), "3.1.0", components=components), b'"abc"') == ["AFC107"]


def test_nullable_counts_in_3_0_only() -> None:
    schema: Json = {"type": "string", "nullable": True}
    assert codes(made(answered(schema), "3.0.3"), b"null") == []
    assert codes(made(answered(schema), "3.1.0"), b"null") == ["AFC107"]


@pytest.mark.parametrize("kind", ["{}", "[]", "null", "5", '"dog"'])
def test_discriminator_of_any_kind_is_no_stumbling_block(kind: str) -> None:
    cat: Json = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["cat"]}}}
    schema: Json = {"oneOf": [{"$ref": "#/components/schemas/cat"}], "discriminator": {"propertyName": "kind"}}
    document = made(answered(schema), components={"schemas": {"cat": cat}})
    assert codes(document, f'{{"kind": {kind}}}'.encode()) == ["AFC107"]
    assert codes(document, b'{"kind": "cat"}') == []


# --- headers ----------------------------------------------------------------------------------------------------------

COUNTED: Json = {"X-Count": {"required": True, "schema": {"type": "integer", "maximum": 9}}}


def test_documented_header_is_read_in_any_case() -> None:
    assert found(made(answered(THING, headers=COUNTED)), RIGHT, headers=(("x-count", "3"),)) == []


@pytest.mark.parametrize(
    ("headers", "expected", "received"),
    [
        ((), "X-Count", "none"),
        ((("X-Count", "12"),), "maximum 9", "12"),
        ((("X-Count", "a"),), "a conforming X-Count", "text of another form"),
    ],
)
def test_wrong_header_is_found_by_its_name(headers: tuple[tuple[str, str], ...], expected: str, received: str) -> None:
    (one,) = found(made(answered(THING, headers=COUNTED)), RIGHT, headers=headers)
    assert (one.code, one.pointer, one.expected, one.received) == ("AFC108", "X-Count", expected, received)


def test_header_is_judged_beside_a_wrong_body_a_missing_one_and_no_documented_one() -> None:
    document = made(answered(THING, headers=COUNTED))
    assert codes(document, b"{") == ["AFC105", "AFC108"]
    assert codes(document, b'{"n": "x"}') == ["AFC107", "AFC108"]
    assert codes(document, b"", None) == ["AFC102", "AFC108"]
    assert codes(document, RIGHT, "text/html") == ["AFC106", "AFC108"]
    assert codes(made({"204": {"description": "x", "headers": COUNTED}}), status=204) == ["AFC108"]


def test_deprecated_header_is_no_warning_of_the_run() -> None:
    deprecated: Json = {"X-Old": {"deprecated": True, "schema": {"type": "string"}}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(made(answered(THING, headers=deprecated)), RIGHT, headers=(("X-Old", "1"),)) == []


def test_header_twice_or_with_a_line_break_is_no_stumbling_block() -> None:
    document = made(answered(THING, headers=COUNTED))
    assert codes(document, RIGHT, headers=(("X-Count", "1"), ("x-count", "2"))) == []
    assert codes(document, RIGHT, headers=(("X-Count", "1"), ("X-Fold", "a\r\n b"))) == []


# --- paths and servers ------------------------------------------------------------------------------------------------


def operation_of(document: Contract, name: str) -> Operation:
    return document.operation(name)


def judged(document: Contract, name: str, body: bytes) -> list[str]:
    exchange = Exchange(ASK, 200, (("Content-Type", "application/json"),), body)
    judge = Judge(document.documents[0], Redactor(""))
    return [one.code for one in judge.judge(operation_of(document, name), exchange)]


def gets(kind: str, **more: Json) -> Json:
    return {"get": {"responses": answered({"type": kind}), **more}}


def parameters(*names: str) -> dict[str, Json]:
    return {
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in names]
    }


def test_operation_is_found_by_its_own_template() -> None:
    paths: Json = {
        "/a": gets("string"),
        "/b/a": gets("integer"),
        "/b/{x}": gets("boolean", **parameters("x")),
        "/b/x": gets("array"),
        "/{x}/{y}": gets("number", **parameters("x", "y")),
        "/b/{x}.json": gets("object", **parameters("x")),
    }
    document = contract({"paths": paths})
    values = {"/a": b'"t"', "/b/a": b"1", "/b/{x}": b"true", "/b/x": b"[]", "/{x}/{y}": b"1.5", "/b/{x}.json": b"{}"}
    for path in values:
        for other, value in values.items():
            right = path == other or (path, other) == ("/{x}/{y}", "/b/a")  # an integer is a number
            assert judged(document, f"GET {path}", value) == ([] if right else ["AFC107"]), (path, other)


@pytest.mark.parametrize(
    "servers",
    [None, [], [{"url": "https://a.example"}], [{"url": "https://a.example/v1/"}], [{"url": "/v1"}],
     [{"url": "https://{where}.example/{v}", "variables": {"where": {"default": "a"}, "v": {"default": "v2"}}}]],
)  # fmt: skip
@pytest.mark.parametrize("level", ["document", "path", "operation"])
def test_servers_of_any_level_change_no_verdict(servers: Json, level: str) -> None:
    more: dict[str, Json] = {} if servers is None else {"servers": servers}
    item = gets("string", **(more if level == "operation" else {}))
    assert isinstance(item, dict)
    tree: dict[str, Json] = {"paths": {"/a": {**item, **(more if level == "path" else {})}}}
    document = contract({**tree, **(more if level == "document" else {})})
    assert judged(document, "GET /a", b'"t"') == []
    assert judged(document, "GET /a", b"1") == ["AFC107"]


def test_security_of_a_document_changes_no_verdict() -> None:
    schemes: Json = {"securitySchemes": {"k": {"type": "http", "scheme": "Bearer"}}}
    assert found(made(answered(THING), security=[{"k": []}], components=schemes), RIGHT) == []


def test_document_in_several_files_is_judged(tmp_path: Path) -> None:
    main = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/thing": {"get": {"responses": {"200": {"$ref": "other.json#/R"}}}}},
    }  # fmt: skip
    other = {"R": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/S"}}}}, "S": THING}
    (tmp_path / "main.json").write_text(json.dumps(main), encoding="utf-8")
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    document = load_contract([tmp_path / "main.json"])
    assert judged(document, "GET /thing", RIGHT) == []
    assert judged(document, "GET /thing", b'{"n": "x"}') == ["AFC107"]


# --- the vendor's contract, and bases ---------------------------------------------------------------------------------


def test_basis_is_that_of_the_clause() -> None:
    vendor = packaged_contract("published")
    body = {"BytedToken": "short", "CallbackURL": 7, "H5Link": "nothing"}
    by_pointer = {one.pointer: one.basis for one in found(vendor, json.dumps(body).encode()) if "type" in one.expected}
    assert by_pointer == {"/CallbackURL": "documented"}
    bases = {(one.pointer, one.expected.split()[0]): one.basis for one in found(vendor, json.dumps(body).encode())}
    assert bases["/BytedToken", "pattern"] == "example"
    missing = found(vendor, b"{}")
    assert {one.code for one in missing} == {"AFC107"}
    assert "documented" not in {one.basis for one in missing}


def test_observed_401_needs_its_challenge() -> None:
    body = b'{"error": {"message": "m", "type": "t", "code": "c"}}'
    (one,) = found(packaged_contract("observed"), body, status=401)
    assert (one.code, one.pointer, one.received) == ("AFC108", "WWW-Authenticate", "none")


# --- whatever comes ---------------------------------------------------------------------------------------------------

TOKENS = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b":", b",", b"1", b"null", b'"n"', b"\\ud800", b"\xff", b"e9", b" "]
)
BODIES = st.binary(max_size=50) | st.lists(TOKENS, max_size=20).map(b"".join) | st.just(RIGHT)
TYPES = st.sampled_from(
    ["application/json", "text/plain", "application/problem+json", "application/json; ", "a/b", "*/*"]
)
HEADERS = st.lists(
    st.tuples(st.sampled_from(["Content-Type", "content-type", "X-Count", "Link"]) | st.text(), TYPES | st.text()),
    max_size=4,
).map(tuple)
VENDOR = packaged_contract("observed")
TWO: Json = {"application/json": {"schema": THING}, "text/*": {"schema": {"type": "string"}}}
ANY: Json = {"*/*": {"schema": {"type": "array", "items": {"format": "byte"}}}}
EVERYTHING = made(
    {
        "2XX": {"description": "x", "content": TWO, "headers": COUNTED},
        "404": {"description": "x"},
        "default": {"description": "x", "content": ANY},
    },
    "3.0.3",
)
JUDGES = [(one, Judge(one.documents[0], Redactor(SECRET))) for one in (VENDOR, EVERYTHING)]


@pytest.mark.parametrize("which", [0, 1])
@given(st.integers(-1, 1100), HEADERS, BODIES)
@settings(deadline=None)
def test_no_answer_makes_the_judge_raise(
    which: int, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    document, judge = JUDGES[which]
    for one in judge.judge(document.operations[0], Exchange(ASK, status, headers, body)):
        assert one.code[:3] == "AFC"
        assert one.code != "AFC109"
        assert "\n" not in one.expected + one.received


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps({"n": SECRET, SECRET: 1, "u": SECRET}).encode(), (("Content-Type", "application/json"),)),
        (RIGHT, (("Content-Type", f"text/{SECRET}"),)),
        (RIGHT, (("Content-Type", f"application/json; charset={SECRET}"),)),
        (RIGHT, (("Content-Type", "application/json"), ("X-Count", SECRET))),
        (SECRET.encode(), (("Content-Type", "application/json"),)),
        (f'{{"{SECRET}": 1, "{SECRET}": 2}}'.encode(), (("Content-Type", "application/json"),)),
    ],
)
def test_no_finding_shows_the_key(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    strict: Json = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}
    findings = found(made(answered(strict, headers=COUNTED)), body, None, headers=headers)
    assert findings != []
    assert SECRET not in "".join("".join(one.lines()) for one in findings)
