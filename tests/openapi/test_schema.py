"""Schemas: what 3.0 and 3.1 mean by them, where violations point, what they never tell, and nothing fetched."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.contract import load_contract
from openapi.document import Library
from openapi.errors import ContractError
from openapi.schema import Schemas, Violation, json_type
from tests.documents.making import at, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openapi.reading import Json
    from openapi.schema import Schema


def schema(value: Json, version: str = "3.1", **others: Json) -> Schema:
    made = document({"openapi": f"{version}.0", "components": {"schemas": {"S": value, **others}}})
    return Schemas(Library([made]), version).at(at(made, "/components/schemas/S"))


def keywords(found: tuple[Violation, ...]) -> list[tuple[str, str]]:
    return [(one.pointer, one.keyword) for one in found]


# --- what 3.0 means and 3.1 does not, and the other way round ---------------------------------------------------------

TEXT: Json = {"type": "string"}
NULLABLE: list[tuple[Json, bool]] = [
    ({"type": "string", "nullable": True}, True),
    ({"type": "string", "nullable": False}, False),
    ({"type": "string", "enum": ["a"], "nullable": True}, True),
    ({"type": "string", "enum": ["a", None], "nullable": True}, True),
    ({"type": "string", "enum": ["a"]}, False),
    ({"enum": ["a"], "nullable": True}, False),
    ({"$ref": "#/components/schemas/Text", "nullable": True}, False),
    ({"$ref": "#/components/schemas/MaybeText"}, True),
    ({"allOf": [{"$ref": "#/components/schemas/Text"}], "nullable": True}, False),
    ({"allOf": [{"$ref": "#/components/schemas/MaybeText"}]}, True),
    ({"anyOf": [{"type": "string"}, {"type": "object", "nullable": True}]}, True),
]


@pytest.mark.parametrize(("value", "allowed"), NULLABLE)
def test_nullable_of_3_0_allows_null_where_it_stands_beside_a_type(value: Json, allowed: bool) -> None:
    compiled = schema(value, "3.0", Text=TEXT, MaybeText={"type": "string", "nullable": True})
    assert (compiled.check(None) == ()) is allowed


def test_nullable_means_nothing_in_3_1() -> None:
    assert keywords(schema({"type": "string", "nullable": True}).check(None)) == [("", "type")]


def test_property_named_like_a_keyword_is_a_schema_too() -> None:
    maybe: Json = {"type": "string", "nullable": True}
    names = ("default", "example", "examples", "enum", "properties", "nullable", "patternProperties", "id")
    compiled = schema({"type": "object", "properties": dict.fromkeys(names, maybe)}, "3.0")
    assert compiled.check(dict.fromkeys(names)) == ()
    assert keywords(compiled.check({"default": 5})) == [("/default", "type")]


def test_values_in_a_3_0_document_are_left_as_they_are() -> None:
    value: Json = {"type": "string", "nullable": True}
    compiled = schema({"enum": [value], "default": value, "example": value}, "3.0")
    assert compiled.check(value) == ()
    assert keywords(compiled.check({"type": ["string", "null"], "nullable": True})) == [("", "enum")]


def test_array_of_types_is_understood_in_3_1() -> None:
    compiled = schema({"type": ["string", "null"]})
    assert compiled.check(None) == compiled.check("a") == ()
    assert [one.expected for one in compiled.check(5)] == ["null or string"]


@pytest.mark.parametrize(
    ("version", "value", "good", "bad"),
    [
        ("3.0", {"minimum": 3, "exclusiveMinimum": True}, 4, 3),
        ("3.0", {"maximum": 3, "exclusiveMaximum": True}, 2, 3),
        ("3.0", {"minimum": 3, "exclusiveMinimum": False}, 3, 2),
        ("3.1", {"exclusiveMinimum": 3}, 4, 3),
        ("3.1", {"exclusiveMaximum": 3}, 2, 3),
        ("3.1", {"const": 3}, 3, 4),
        ("3.1", {"prefixItems": [{"type": "integer"}], "items": False}, [1], [1, 2]),
        ("3.1", {"if": {"type": "integer"}, "then": {"minimum": 3}}, 3, 2),
        ("3.1", {"patternProperties": {"^n": {"type": "integer"}}}, {"n": 1}, {"n": "1"}),
        ("3.0", {"type": "integer"}, 2**70, 1.5),
        ("3.1", {"multipleOf": 0.1}, 0.3, 0.35),
    ],
)
def test_keyword_means_what_its_version_says(version: str, value: Json, good: Json, bad: Json) -> None:
    compiled = schema(value, version)
    assert compiled.check(good) == ()
    assert compiled.check(bad) != ()


@pytest.mark.parametrize(
    "value",
    [{"const": 1}, {"patternProperties": {"a": {"type": "string"}}}, {"contains": {"type": "string"}},
     {"if": {}, "then": {"type": "string"}}, {"dependencies": {"a": ["b"]}}],
)  # fmt: skip
def test_keyword_that_3_0_does_not_have_is_ignored_as_the_notice_says(value: Json) -> None:
    assert schema(value, "3.0").check({"a": 2}) == ()
    assert schema(value, "3.0").check([2]) == ()


FORMATS: dict[str, tuple[str, str]] = {
    "date": ("2026-07-02", "2026-02-30"),
    "date-time": ("2026-07-02T22:15:26+08:00", "2026-07-02 22:15:26"),
    "time": ("22:15:26Z", "25:00:00Z"),
    "duration": ("P1D", "1 day"),
    "email": ("a@b.example", "a.b.example"),
    "hostname": ("a.example", "-a-.example"),
    "ipv4": ("127.0.0.1", "127.0.0.256"),
    "ipv6": ("::1", "::g"),
    "uri": ("https://a.example/b?c#d", "/b"),
    "uri-reference": ("/b", "\\b"),
    "iri": ("https://a.example/ä", "/ä"),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000", "123e4567e89b42d3a456426614174000"),
    "json-pointer": ("/a/~1b", "a"),
    "regex": ("^a$", "("),
    "byte": ("YWJj", "YWJ*"),
}


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize("name", FORMATS)
def test_format_is_asserted_in_both_versions(version: str, name: str) -> None:
    good, bad = FORMATS[name]
    compiled = schema({"type": "string", "format": name}, version)
    assert compiled.check(good) == ()
    (wrong,) = compiled.check(bad)
    assert (wrong.keyword, wrong.expected) == ("format", f"text of the format {name}")


@pytest.mark.parametrize("name", ["int32", "int64", "float", "double", "password", "binary", "made-up"])
def test_format_that_only_describes_lets_everything_pass(name: str) -> None:
    assert schema({"format": name}).check("\x00") == ()


# --- references -------------------------------------------------------------------------------------------------------


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "main.yaml"


MAIN = """\
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /p:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '%s'}}}}
      responses: {'200': {description: ok}}
components:
  schemas: {Local: {properties: {n: {type: integer}, self: {$ref: '#/components/schemas/Local'}}}}
"""


def body_schema(path: Path) -> Schema:
    found = load_contract([path]).operations[0].body[0].schema
    assert found is not None
    return found


def test_reference_within_the_file_is_followed_in_a_circle(tmp_path: Path) -> None:
    compiled = body_schema(write(tmp_path, main=MAIN % "#/components/schemas/Local"))
    (wrong,) = compiled.check({"self": {"self": {"n": "x"}}})
    assert wrong.pointer == "/self/self/n"
    assert wrong.clause == "/components/schemas/Local/properties/n/type"


def test_reference_between_files_is_followed_there_and_back(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20ü"
    folder.mkdir()
    other = (
        "T: {properties: {back: {$ref: 'main.yaml#/components/schemas/Local'}, n: {$ref: '#/N'}}}\nN: {type: integer}\n"
    )
    compiled = body_schema(write(folder, main=MAIN % "other.yaml#/T", other=other))
    assert keywords(compiled.check({"back": {"n": "x"}})) == [("/back/n", "type")]
    (wrong,) = compiled.check({"n": "x"})
    assert wrong.clause == f"{(folder / 'other.yaml').as_uri()}#/N/type"


def test_clause_of_another_file_is_documented_there(tmp_path: Path) -> None:
    path = write(tmp_path, main=MAIN % "other.yaml#/T", other="T: {type: integer}\n")
    operation = load_contract([path]).operations[0]
    assert operation.body[0].schema is not None
    (wrong,) = operation.body[0].schema.check("x")
    assert operation.origin(wrong.clause).basis == "documented"


@pytest.mark.parametrize(
    "value",
    [
        {"$ref": "#/components/schemas/S"},
        {"allOf": [{"$ref": "#/components/schemas/S"}]},
        {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "string"}]},
    ],
)
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_schema_that_only_refers_to_itself_ends(version: str, value: Json) -> None:
    compiled = schema(value, version, Other={"anyOf": [{"$ref": "#/components/schemas/S"}]})
    compiled.check("a")
    compiled.check({"a": [1]})


@pytest.fixture
def web() -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps({"A": {"type": "integer"}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("spot", ["#/A", ".json#/A", ""])
def test_remote_reference_is_refused_and_never_fetched(tmp_path: Path, web: tuple[int, list[str]], spot: str) -> None:
    port, asked = web
    with pytest.raises(ContractError, match="never fetched") as caught:
        load_contract([write(tmp_path, main=MAIN % f"http://127.0.0.1:{port}/x{spot}")])
    assert caught.value.place is not None
    assert caught.value.place.line == 6
    assert asked == []


def test_remote_reference_deep_in_a_schema_is_refused_at_its_place(tmp_path: Path, web: tuple[int, list[str]]) -> None:
    port, asked = web
    other = f"T:\n  items:\n    $ref: 'http://127.0.0.1:{port}/x#/A'\n"
    with pytest.raises(ContractError, match="never fetched") as caught:
        load_contract([write(tmp_path, main=MAIN % "other.yaml#/T", other=other)])
    assert str(caught.value.place).endswith("other.yaml:3 at /T/items")
    assert asked == []


# --- what cannot be compiled ------------------------------------------------------------------------------------------

BROKEN: list[tuple[dict[str, Json], str]] = [
    ({"type": "strin"}, "type"),
    ({"type": ["string", "strin"]}, "type"),
    ({"pattern": "("}, "pattern"),
    ({"pattern": 5}, "pattern"),
    ({"required": True}, "required"),
    ({"minLength": "5"}, "minLength"),
    ({"enum": "x"}, "enum"),
    ({"properties": []}, "properties"),
    ({"properties": {"a": {"type": "any"}, "b": {}}}, "properties/a/type"),
    ({"anyOf": [{}, "x"]}, "anyOf/1"),
    ({"not": 5}, "not"),
]


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize(("value", "told"), BROKEN)
def test_broken_keyword_is_left_out_and_told_with_file_line_and_pointer(
    version: str, value: dict[str, Json], told: str
) -> None:
    compiled = schema({"maxLength": 3, **value}, version)
    assert [one.keyword for one in compiled.check("long")] == ["maxLength"]  # what is in order still holds
    assert compiled.check("ok") == ()
    (notice,) = compiled.schemas.library.notices
    assert (notice.place.file, notice.place.pointer) == ("made.json", f"/components/schemas/S/{told}")
    assert notice.place.line
    assert notice.remedy


def test_broken_schema_among_many_is_mended_alone(tmp_path: Path) -> None:
    paths: dict[str, Json] = {
        f"/p{number}": {
            "get": {
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {"minLength": number}}}}
                }
            }
        }
        for number in range(-1, 300)
    }
    (tmp_path / "big.json").write_text(json.dumps({"openapi": "3.1.0", "paths": paths}), encoding="utf-8")
    made = load_contract([tmp_path / "big.json"])
    assert len(made.operations) == 301
    assert ["/paths/~1p-1/get/" in one.place.pointer for one in made.notices] == [True]


def test_dead_reference_in_a_schema_is_named_at_its_place_with_the_nearest() -> None:
    with pytest.raises(ContractError, match="there is no 'Nam'") as caught:
        schema({"properties": {"a": {"$ref": "#/components/schemas/Nam"}}}, Name={}).check({})
    assert caught.value.place is not None
    assert caught.value.place.pointer == "/components/schemas/S/properties/a"
    assert "'Name'" in caught.value.remedy


@pytest.mark.parametrize(
    "value",
    [
        {"$defs": {"x": {"$anchor": "here", "type": "string"}}, "items": {"$ref": "#here"}},
        {"$id": "https://a.example/s", "$defs": {"x": {"type": "string"}}, "items": {"$ref": "#/$defs/x"}},
        {"$id": "https://a.example/s", "$defs": {"x": {"$id": "x", "type": "string"}}, "items": {"$ref": "x"}},
        {"$dynamicAnchor": "node", "type": ["array", "string"], "items": {"$dynamicRef": "#node"}},
        {"$defs": {"x": {"type": "string"}}, "items": {"$ref": "#/$defs/x"}},
        {"type": ["array", "string"], "items": {"$ref": "#"}},
        {"$anchor": "top", "type": ["array", "string"], "items": {"$ref": "#/components/schemas/S"}},
    ],
)
def test_reference_by_a_name_of_the_schema_itself_is_followed(value: Json) -> None:
    compiled = schema(value)
    assert compiled.check(["a"]) == ()
    (wrong,) = compiled.check([5])
    assert (wrong.pointer, wrong.keyword) == ("/0", "type")
    assert wrong.clause.startswith("/components/schemas/S/")


def test_property_that_is_called_like_a_keyword_is_followed_and_a_constant_is_data() -> None:
    constant: Json = {"$ref": "#/$defs/y"}
    compiled = schema({"properties": {"default": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"const": constant}, "y": {}}})
    assert compiled.check({"default": constant}) == ()
    assert [one.keyword for one in compiled.check({"default": 1})] == ["const"]


@pytest.mark.parametrize(
    ("asked", "value", "told"),
    [
        ({"minLength": 1}, "", "at least 1 character"),
        ({"maxLength": 2}, "abc", "at most 2 characters"),
        ({"minItems": 2}, [], "at least 2 items"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "at most 1 member"),
        ({"exclusiveMinimum": 3}, 3, "more than 3"),
        ({"multipleOf": 5}, 3, "a multiple of 5"),
        ({"pattern": "^a{2}$"}, "b", "text of the pattern ^a{2}$"),
        ({"uniqueItems": True}, [1, 1], "items that all differ"),
        ({"anyOf": [{"type": "null"}, {"type": "array"}]}, 1, "what one of the schemas of 'anyOf' allows"),
        ({"oneOf": [{}, {}]}, 1, "what exactly one of the schemas of 'oneOf' allows"),
        ({"not": {}}, 1, "anything but what 'not' describes"),
        ({"const": "a"}, 1, "'a'"),
        ({"enum": list(range(21))}, "x", f"one of {', '.join(map(str, range(20)))}, ..."),
        (False, 1, "nothing at all, as the schema allows no value"),
    ],
)
def test_violation_says_in_words_what_was_expected(asked: Json, value: Json, told: str) -> None:
    assert schema(asked).check(value)[0].expected == told


# --- violations -------------------------------------------------------------------------------------------------------


def test_violation_tells_place_pointer_keyword_expected_received_and_clause() -> None:
    compiled = schema({"type": "object", "properties": {"a/b": {"type": "array", "items": {"maximum": 3}}}})
    assert compiled.check({"a/b": [1, 5]}, "query") == (
        Violation(
            "query", "/a~1b/1", "maximum", "at most 3", "integer",
            "/components/schemas/S/properties/a~1b/items/maximum",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("", "body"),
        ("/CallbackURL", "CallbackURL"),
        ("/Filter/GroupIds/0", "Filter.GroupIds[0]"),
        ("/a~1b~0c", "a/b~c"),
    ],
)
def test_field_is_named_as_a_person_would(pointer: str, name: str) -> None:
    assert Violation("body", pointer, "type", "string", "integer").field == name


def test_missing_and_surplus_members_are_named() -> None:
    compiled = schema({"required": ["a"], "properties": {"a": {}}, "additionalProperties": False})
    found = {(one.pointer, one.expected, one.received) for one in compiled.check({"b": 1})}
    assert found == {("/a", "a value", "nothing"), ("/b", "no such member", "one")}


def test_member_of_an_object_that_has_none_is_surplus() -> None:
    (wrong,) = schema({"additionalProperties": False}).check({"b": 1})
    assert (wrong.keyword, wrong.expected, wrong.received) == (
        "additionalProperties",
        "an object without members",
        "members",
    )


def test_all_that_is_wrong_is_told() -> None:
    compiled = schema({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}})
    assert sorted(keywords(compiled.check({"a": 1, "b": "x"}))) == [("/a", "type"), ("/b", "type")]


SECRET = "sk-secret-1234"
EVERY_KEYWORD: list[Json] = [
    {"type": "integer"}, {"const": "x"}, {"enum": ["x", None]}, {"pattern": "^x$"}, {"format": "uri"},
    {"format": "byte"}, {"minLength": 99}, {"maxLength": 1}, {"oneOf": [{"type": "integer"}, {"const": 1}]},
    {"anyOf": [{"type": "integer"}, {"const": 1}]}, {"not": {"type": "string"}}, {"allOf": [{"const": "x"}]},
    {"if": {"type": "string"}, "then": {"maxLength": 1}}, {"pattern": "^(s|s)*\\1$"}, False,
    {"pattern": "^(?:(?:[a-z0-9-]+)+)+!$"},
]  # fmt: skip


@pytest.mark.parametrize("rule", EVERY_KEYWORD)
@pytest.mark.parametrize("around", ["value", "property", "item", "rest", "contains"])
def test_violation_never_holds_the_value(rule: Json, around: str) -> None:
    wrapped: dict[str, tuple[Json, Json]] = {
        "value": (rule, SECRET),
        "property": ({"properties": {"a": rule}}, {"a": SECRET}),
        "item": ({"items": rule, "uniqueItems": True, "unevaluatedItems": False}, [SECRET, SECRET]),
        "rest": ({"prefixItems": [rule], "unevaluatedItems": False}, [SECRET, SECRET]),
        "contains": ({"contains": rule}, [SECRET]),
    }
    value, sent = wrapped[around]
    found = schema(value).check(sent)
    assert found
    for one in found:
        assert SECRET not in repr(one)
        assert SECRET not in str(one)
        assert len(str(one)) < 200


def test_name_of_a_property_is_not_told_by_the_rule_for_names() -> None:
    (wrong,) = schema({"propertyNames": {"maxLength": 3}}).check({SECRET: 1})
    assert SECRET not in repr(wrong)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
STRICT = schema(
    {
        "type": "object",
        "required": ["a"],
        "additionalProperties": False,
        "properties": {"a": {"type": "string", "format": "uri"}, "b": {"$ref": "#/components/schemas/S"}},
    }
)


@given(values)
def test_any_value_is_judged_without_an_exception_and_twice_alike(value: Json) -> None:
    found = STRICT.check(value)
    assert found == STRICT.check(value)
    assert all(one.expected and one.received and one.clause.startswith("/") for one in found)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"), (True, "boolean"), (5, "integer"), (5.5, "number"), ("ab", "string of 2 characters"),
        ([1], "array of 1 item"), ({}, "object"),
    ],
)  # fmt: skip
def test_json_type_tells_the_length_and_not_the_text(value: Json, name: str) -> None:
    assert json_type(value) == name


# --- patterns that take long ------------------------------------------------------------------------------------------

CATASTROPHIC = ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(?!b)(a+)+$", r"(a*)*\1b", r"(.*)*x\1", "(?=a)(a+)+b"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_pattern_that_could_take_for_ever_is_decided_soon(pattern: str, version: str) -> None:
    checked = schema({"type": "string", "pattern": pattern}, version)
    began = time.monotonic()
    violations = checked.check("a" * 5000 + "!")
    assert time.monotonic() - began < 5, "it takes a hundredth of that"
    assert violations
