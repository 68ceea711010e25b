"""Parameters: every place, style and explode, the types that text becomes, and text that is of none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.document import Library
from openapi.escapes import plain, protected
from openapi.parameters import Texts, compile_parameter
from openapi.samples import MISSING
from openapi.schema import Schemas
from tests.documents.making import at, contract, document, operation_tree

if TYPE_CHECKING:
    from openapi.parameters import Parameter
    from openapi.reading import Json

ARRAY: Json = {"type": "array", "items": {"type": "integer"}}
NAMED: Json = {"type": "array", "items": {"type": "string"}}
LISTS: Json = {"type": "object", "properties": {"tags": ARRAY, "tag": ARRAY}}
OBJECT: Json = {"type": "object", "properties": {"R": {"type": "integer"}, "G": {"type": "string"}}}
WORDS: Json = {"type": "array", "items": {"type": "string"}}
PAGE: Json = {"type": "object", "properties": {"page": {"type": "integer"}, "sort": WORDS}}


def parameter(place: str, schema: Json = None, version: str = "3.1", **fields: Json) -> Parameter:
    tree: dict[str, Json] = {"name": "color", "in": place, "required": place == "path", **fields}
    if schema is not None:
        tree["schema"] = schema
    made = document({"openapi": f"{version}.0", "p": tree, "components": {"schemas": {"Int": {"type": "integer"}}}})
    library = Library([made])
    found = compile_parameter(library, Schemas(library, version), at(made, "/p"))
    assert found is not None
    return found


def texts(place: str, text: str | None) -> Texts:
    headers = {"color": text} if place == "header" else {"cookie": text} if place == "cookie" else {}
    path = {"color": text} if place == "path" and text is not None else {}
    return Texts(path, text or "" if place == "query" else "", headers.get)


def value(found: Parameter, text: str | None) -> object:
    read, wrong = found.check(texts(found.place, text))
    assert wrong == (), wrong
    return read


# --- style and explode: the table of OpenAPI 3.1.1, 4.8.12 -----------------------------------------------------------

STYLES: list[tuple[str, str, bool, Json, str, Json]] = [
    ("path", "simple", False, {}, "blue", "blue"),
    ("path", "simple", False, ARRAY, "1,2", [1, 2]),
    ("path", "simple", True, ARRAY, "1,2", [1, 2]),
    ("path", "simple", False, OBJECT, "R,100,G,x", {"R": 100, "G": "x"}),
    ("path", "simple", True, OBJECT, "R=100,G=x", {"R": 100, "G": "x"}),
    ("path", "label", False, {}, ".blue", "blue"),
    ("path", "label", False, ARRAY, ".1,2", [1, 2]),
    ("path", "label", True, ARRAY, ".1.2", [1, 2]),
    ("path", "label", False, OBJECT, ".R,100,G,x", {"R": 100, "G": "x"}),
    ("path", "label", True, OBJECT, ".R=100.G=x", {"R": 100, "G": "x"}),
    ("path", "matrix", False, {}, ";color=blue", "blue"),
    ("path", "matrix", True, {}, ";color=blue", "blue"),
    ("path", "matrix", False, ARRAY, ";color=1,2", [1, 2]),
    ("path", "matrix", True, ARRAY, ";color=1;color=2", [1, 2]),
    ("path", "matrix", False, OBJECT, ";color=R,100,G,x", {"R": 100, "G": "x"}),
    ("path", "matrix", True, OBJECT, ";R=100;G=x", {"R": 100, "G": "x"}),
    ("query", "form", True, {}, "color=blue", "blue"),
    ("query", "form", True, {}, "color=", ""),
    ("query", "form", True, ARRAY, "color=1&color=2", [1, 2]),
    ("query", "form", False, ARRAY, "color=1,2", [1, 2]),
    ("query", "form", False, ARRAY, "color=", []),
    ("query", "form", True, OBJECT, "R=100&G=x&other=1", {"R": 100, "G": "x"}),
    ("query", "form", True, PAGE, "page=1&sort=name,asc", {"page": 1, "sort": ["name,asc"]}),
    ("query", "form", True, PAGE, "sort=a&page=1&sort=b", {"page": 1, "sort": ["a", "b"]}),
    ("query", "form", False, OBJECT, "color=R,100,G,x", {"R": 100, "G": "x"}),
    ("query", "spaceDelimited", False, ARRAY, "color=1%202", [1, 2]),
    ("query", "spaceDelimited", False, ARRAY, "color=1+2", [1, 2]),
    ("query", "spaceDelimited", True, ARRAY, "color=1&color=2", [1, 2]),
    ("query", "pipeDelimited", False, ARRAY, "color=1%7C2", [1, 2]),
    ("query", "pipeDelimited", False, ARRAY, "color=1|2", [1, 2]),
    ("path", "label", False, {}, ".", ""),
    ("path", "matrix", False, {}, ";color", ""),
    ("path", "matrix", True, {}, ";color=", ""),
    ("path", "matrix", False, NAMED, ";color", []),
    ("path", "matrix", True, NAMED, ";color;color=x", ["", "x"]),
    ("path", "label", True, OBJECT, ".G=1.5.R=100", {"G": "1.5", "R": 100}),
    ("header", "simple", False, NAMED, '"a, b" ,c,,W/"d"', ['"a, b"', "c", 'W/"d"']),
    ("header", "simple", True, OBJECT, 'G="x,y", R=1', {"G": '"x,y"', "R": 1}),
    ("query", "form", False, OBJECT, "color=R,100,G", {"R": 100, "G": ""}),
    ("query", "form", True, LISTS, "tags=1&tags=2&tag=3", {"tags": [1, 2], "tag": [3]}),
    ("cookie", "form", True, {}, "color=a%20b%3Bc", "a b;c"),
    ("cookie", "form", False, NAMED, "color=a%2Cb,c", ["a,b", "c"]),
    ("cookie", "form", True, {"type": "integer"}, 'a="1"; color = "5"', 5),
    ("cookie", "cookie", True, {}, "color=a%20b", "a%20b"),
    ("cookie", "cookie", True, ARRAY, "color=1; color=2", [1, 2]),
    ("cookie", "cookie", True, OBJECT, "R=1; G=%41", {"R": 1, "G": "%41"}),
    ("query", "spaceDelimited", False, OBJECT, "color=R%20100%20G%20x", {"R": 100, "G": "x"}),
    ("query", "pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7Cx", {"R": 100, "G": "x"}),
    ("query", "pipeDelimited", True, ARRAY, "color=1&color=2", [1, 2]),
    ("query", "deepObject", True, OBJECT, "color[R]=100&color%5BG%5D=x", {"R": 100, "G": "x"}),
    ("header", "simple", False, {}, "blue", "blue"),
    ("header", "simple", False, ARRAY, "1, 2", [1, 2]),
    ("header", "simple", False, OBJECT, "R,100,G,x", {"R": 100, "G": "x"}),
    ("header", "simple", False, OBJECT, "R, 100, G, x", {"R": 100, "G": "x"}),
    ("header", "simple", True, OBJECT, "R=100, G=x", {"R": 100, "G": "x"}),
    ("cookie", "form", True, {}, "a=b; color=blue", "blue"),
    ("cookie", "form", True, {}, "a=b; color=", ""),
    ("cookie", "form", True, ARRAY, "a=b; color=1&color=2", [1, 2]),
    ("cookie", "form", True, ARRAY, "color=1; color=2", [1, 2]),
    ("cookie", "form", True, OBJECT, "a=b; R=100&G=x", {"R": 100, "G": "x"}),
    ("cookie", "form", False, ARRAY, "color=1,2; a=b", [1, 2]),
    ("cookie", "form", False, OBJECT, "color=R,100,G,x", {"R": 100, "G": "x"}),
]


@pytest.mark.parametrize(("place", "style", "explode", "schema", "text", "wanted"), STYLES)
def test_style_is_read_as_the_specification_shows_it(
    place: str, style: str, explode: bool, schema: Json, text: str, wanted: Json
) -> None:
    assert value(parameter(place, schema, style=style, explode=explode), text) == wanted


@pytest.mark.parametrize(
    ("place", "style", "explode"),
    [("path", "simple", False), ("query", "form", True), ("header", "simple", False), ("cookie", "form", True)],
)
def test_style_and_explode_have_the_defaults_of_their_place(place: str, style: str, explode: bool) -> None:
    found = parameter(place, {})
    assert (found.style, found.explode) == (style, explode)


@pytest.mark.parametrize(
    ("place", "style"), [("path", "form"), ("query", "simple"), ("header", "form"), ("cookie", "deepObject")]
)
def test_style_of_another_place_is_ignored_and_those_that_fit_are_named(place: str, style: str) -> None:
    found = parameter(place, {}, style=style)
    assert found.style == parameter(place, {}).style
    assert found.schema is not None
    (notice,) = found.schema.schemas.library.notices
    assert style in notice.what
    assert found.style in notice.remedy


# --- types ------------------------------------------------------------------------------------------------------------

READ: list[tuple[Json, str, Json]] = [
    ({"type": "integer"}, "5", 5),
    ({"type": "integer"}, "-0", 0),
    ({"type": "number"}, "5", 5),
    ({"type": "number"}, "-1.5e3", -1500.0),
    ({"type": "boolean"}, "true", True),
    ({"type": "boolean"}, "false", False),
    ({"type": "string"}, "5", "5"),
    ({"type": ["integer", "null"]}, "null", None),
    ({"type": ["integer", "string"]}, "5", "5"),
    ({"$ref": "#/components/schemas/Int"}, "5", 5),
    ({"allOf": [{"$ref": "#/components/schemas/Int"}, {"minimum": 3}]}, "5", 5),
    ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "true", True),
    ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "5", 5),
    ({}, "5", "5"),
    ({"enum": ["5"]}, "5", "5"),
    ({"enum": [5, 6]}, "5", 5),
    ({"const": True}, "true", True),
    ({"anyOf": [{"type": "integer"}, {"type": "string", "format": "date"}]}, "5", 5),
    ({"anyOf": [{"type": "integer"}, {"type": "string", "format": "date"}]}, "2026-01-02", "2026-01-02"),
    ({"oneOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "integer"}], "maximum": 9}, "5", [5]),
    ({"oneOf": [{"type": "array", "minItems": 2}, {"type": "integer"}]}, "5", 5),
    ({"allOf": [{"type": ["integer", "string"]}, {"type": "number"}]}, "5", 5),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}]}, "5,true", [5, True]),
]


@pytest.mark.parametrize(("schema", "text", "wanted"), READ)
def test_text_becomes_what_the_schema_asks_for(schema: Json, text: str, wanted: Json) -> None:
    found = value(parameter("path", schema), text)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        *(
            ({"type": "integer"}, text)
            for text in ("", "5.0", "5e1", "0x5", " 5", "05", "+5", "\u0665", "1" * 402, "5\n", "1_000")
        ),
        *(({"type": "number"}, text) for text in ("", "NaN", "Infinity", "1e999", "-1e999", ".5", "5.", "1e1000")),
        *(({"type": "boolean"}, text) for text in ("", "True", "1", "yes")),
        ({"type": "null"}, "x"),
    ],
)
def test_text_of_another_type_is_a_violation_that_does_not_hold_it(schema: Json, text: str) -> None:
    _, (wrong,) = parameter("query", schema).check(texts("query", f"color={quote(text)}"))
    assert (wrong.place, wrong.pointer, wrong.keyword) == ("query", "/color", "type")
    assert wrong.received == f"string of {len(text)} character{'s' * (len(text) != 1)}"


def test_null_of_3_0_is_read_where_nullable_allows_it() -> None:
    assert value(parameter("query", {"type": "integer", "nullable": True}, "3.0"), "color=") is None


def test_violation_in_an_array_points_at_the_item() -> None:
    _, (wrong,) = parameter("query", ARRAY).check(texts("query", "color=1&color=x"))
    assert (wrong.pointer, wrong.field, wrong.clause) == ("/color/1", "color[1]", "/p/schema/items/type")


# --- presence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "text"), [("query", "other=1"), ("header", None), ("cookie", "other=1"), ("path", None)]
)
def test_absent_parameter_is_missing_and_a_violation_only_when_required(place: str, text: str | None) -> None:
    if place != "path":
        assert value(parameter(place, {}), text) is MISSING
    read, (wrong,) = parameter(place, {}, required=True).check(texts(place, text))
    assert read is MISSING
    assert (wrong.place, wrong.pointer, wrong.keyword, wrong.clause) == (place, "/color", "required", "/p/required")


@pytest.mark.parametrize(("coding", "read"), [(None, 0), ("chunked", MISSING)])
def test_length_that_is_not_sent_is_that_of_no_body(coding: str | None, read: object) -> None:
    made = Texts({}, "", {"transfer-encoding": coding}.get)
    one = replace(parameter("header", {"type": "integer"}, required=True), name="Content-Length")
    found, wrong = one.check(made)
    assert (found, len(wrong)) == (read, read is MISSING)


@pytest.mark.parametrize("schema", [OBJECT, ARRAY, {"type": "string"}])
@pytest.mark.parametrize("style", ["form", "deepObject"])
def test_absent_query_parameter_is_missing_whatever_its_shape(schema: Json, style: str) -> None:
    assert value(parameter("query", schema, style=style), "colors=1&other[R]=2") is MISSING


def test_repeated_parameter_that_is_no_array_counts_once_by_its_first_value() -> None:
    assert value(parameter("query", {"type": "integer"}), "color=1&color=2") == 1


def test_name_of_a_header_is_read_in_any_case() -> None:
    found = parameter("header", {}, name="X-Color")
    assert found.read(Texts({}, "", {"x-color": "blue"}.get)) == "blue"


def test_parameter_without_a_schema_is_taken_as_it_is() -> None:
    assert value(parameter("query"), "color=blue") == "blue"


# --- percent-encoding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%41", "A"),
        ("%2541", "%41"),
        ("a+b", "a b"),
        ("%zz", "%zz"),
        ("%", "%"),
        ("%e5%88%9b", "创"),
        ("%ff", "\ufffd"),
        ("%00", "\0"),
    ],
)
def test_query_text_is_decoded_once_and_malformed_encoding_stays(text: str, wanted: str) -> None:
    assert value(parameter("query", {"type": "string"}), f"color={text}") == wanted


@pytest.mark.parametrize("place", ["path", "header"])
@pytest.mark.parametrize("text", ["%41", "100%", "%zz", "a%2Cb"])
def test_path_and_header_text_is_not_decoded_again(place: str, text: str) -> None:
    assert value(parameter(place, {"type": "string"}), text) == text
    assert value(parameter(place, {"type": "array"}), text) == [text]


# --- content ----------------------------------------------------------------------------------------------------------

JSON_CONTENT: Json = {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}


@pytest.mark.parametrize(
    ("place", "text"),
    [("query", "color=%7B%22a%22%3A1%7D"), ("header", '{"a":1}'), ("path", '{"a":1}'), ("cookie", 'color={"a":1}')],
)
def test_json_content_is_parsed_and_checked(place: str, text: str) -> None:
    assert value(parameter(place, content=JSON_CONTENT), text) == {"a": 1}
    _, (wrong,) = parameter(place, content=JSON_CONTENT).check(texts(place, text.replace("1", "true")))
    assert (wrong.pointer, wrong.keyword) == ("/color/a", "type")


@pytest.mark.parametrize(
    "text", ["{", "NaN", '{"a": Infinity}', '{"a": 1e999}', '"\\ud800"', "[" * 100_000, '{"a":' + "1" * 5000 + "}"]
)
def test_content_that_is_not_json_stays_text_and_is_a_violation(text: str) -> None:
    read, (wrong,) = parameter("header", content=JSON_CONTENT).check(texts("header", text))
    assert read == text
    assert (wrong.pointer, wrong.keyword) == ("/color", "type")


@pytest.mark.parametrize(
    ("place", "text"), [("query", "color=a,1"), ("path", "a,1"), ("header", "a,1"), ("cookie", "color=a,1")]
)
@pytest.mark.parametrize("schema", [{"type": "string"}, OBJECT, ARRAY])
def test_other_content_is_text_that_no_style_divides(place: str, text: str, schema: Json) -> None:
    assert value(parameter(place, content={"text/csv": {"schema": schema}}), text) == "a,1"


def test_content_of_a_form_is_read_as_one() -> None:
    found = parameter("query", content={"application/x-www-form-urlencoded": {"schema": OBJECT}})
    assert value(found, "color=R%3D1%26G%3Da%252Cb") == {"R": 1, "G": "a,b"}
    _, (wrong,) = found.check(texts("query", "color=R%3Dx"))
    assert wrong.pointer == "/color/R"


def test_json_of_a_cookie_may_be_encoded_as_cookies_mostly_are() -> None:
    found = parameter("cookie", content=JSON_CONTENT)
    assert value(found, "color=%7B%22a%22%3A%201%7D") == {"a": 1}
    assert value(parameter("cookie", content={"application/json": {}}), 'color="a%41"') == "a%41"


def test_cookie_of_plain_text_is_not_decoded() -> None:
    assert value(parameter("cookie", content={"text/plain": {"schema": {"type": "string"}}}), "color=%41") == "%41"


@pytest.mark.parametrize(
    ("schema", "version", "wanted"),
    [
        ({"type": "integer", "default": 5}, "3.1", 5),
        ({"allOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Int"}, {"default": 7}]}, "3.1", 7),
        ({"$ref": "#/components/schemas/Int", "default": 6}, "3.1", 6),
        ({"$ref": "#/components/schemas/Int", "default": 6}, "3.0", MISSING),
        ({"$ref": "#/p/schema"}, "3.1", MISSING),
        ({"default": None}, "3.1", None),
    ],
)
def test_default_of_an_absent_parameter_is_found_where_its_schema_says_it(
    schema: Json, version: str, wanted: object
) -> None:
    assert parameter("query", schema, version).default == wanted


# --- what cannot be compiled ------------------------------------------------------------------------------------------

MALFORMED: list[tuple[dict[str, Json], bool, str]] = [
    ({"name": ""}, False, "name"),
    ({"name": 5}, False, "name"),
    ({"in": "body"}, False, "place"),
    ({"in": None}, False, "place"),
    ({"content": {"a/b": {}, "c/d": {}}}, True, "exactly one"),
    ({"style": 5}, True, "style"),
]


@pytest.mark.parametrize(("fields", "taken", "told"), MALFORMED)
def test_malformed_parameter_is_told_with_its_place(fields: dict[str, Json], told: str, *, taken: bool) -> None:
    made = document({"openapi": "3.1.0", "p": {"name": "color", "in": "query", **fields}})
    library = Library([made])
    assert (compile_parameter(library, Schemas(library, "3.1"), at(made, "/p")) is not None) is taken
    (notice,) = library.notices
    assert told in notice.what
    assert notice.place.pointer.startswith("/p")
    assert notice.remedy


def test_shape_of_a_recursive_schema_is_told_as_deep_as_somebody_looks() -> None:
    properties: Json = {f"p{number}": {"$ref": "#/p/schema"} for number in range(30)}
    shape = parameter("query", {"type": "object", "properties": properties}).shape
    for _ in range(50):
        assert shape.kinds == {"object"}
        shape = shape.member("p1")


# --- any text ---------------------------------------------------------------------------------------------------------

SCHEMAS: list[Json] = [
    {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "string", "format": "uri"}, ARRAY, OBJECT,
    {"type": ["null", "integer"]},
]  # fmt: skip
COMPILED = [
    parameter(place, schema, style=style, explode=explode)
    for place, style, explode in dict.fromkeys((one[0], one[1], one[2]) for one in STYLES)
    for schema in SCHEMAS
] + [parameter(place, content=JSON_CONTENT) for place in ("path", "query", "header", "cookie")]


@given(st.sampled_from(COMPILED), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_without_an_exception(found: Parameter, text: str) -> None:
    for whole in (text, f"color={text}", f"color[R]={text}", f"R={text}"):
        _, wrong = found.check(texts(found.place, whole))
        assert all(one.pointer.startswith("/color") for one in wrong)


@given(st.integers(-(10**300), 10**300))
def test_any_integer_comes_back(number: int) -> None:
    assert value(parameter("query", {"type": "integer"}), f"color={number}") == number


@given(st.lists(st.integers(), min_size=1))
def test_any_array_comes_back_in_every_style(numbers: list[int]) -> None:
    for style, mark in (("form", ","), ("spaceDelimited", "%20"), ("pipeDelimited", "|")):
        found = parameter("query", ARRAY, style=style, explode=False)
        assert value(found, "color=" + mark.join(map(str, numbers))) == numbers


# --- marks that were encoded, deep objects, defaults ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "fields", "text", "wanted"),
    [
        ("query", {"explode": False}, "color=a%2Cb,c", ["a,b", "c"]),
        ("query", {"explode": False}, "color=a%2Cb", ["a", "b"]),
        ("query", {"explode": True}, "color=a%2Cb&color=c+d", ["a,b", "c d"]),
        ("query", {"explode": True}, "color=a,b", ["a,b"]),
        ("query", {"explode": False, "style": "pipeDelimited"}, "color=a%7Cb|c", ["a|b", "c"]),
        ("query", {"explode": False, "style": "pipeDelimited"}, "color=a%7Cb", ["a", "b"]),
        ("query", {"explode": False, "style": "spaceDelimited"}, "color=a%20b", ["a", "b"]),
        ("query", {"style": "deepObject"}, "color[]=a&color%5B%5D=b", ["a", "b"]),
        ("query", {"style": "deepObject"}, "color[1]=b&color[0]=a&color[10]=c", ["a", "b", "c"]),
        ("query", {"allowReserved": True}, "color=a/b?c:d", ["a/b?c:d"]),
        ("path", {}, protected("a%2Cb,c"), ["a,b", "c"]),
        ("path", {}, protected("a%2Fb"), ["a/b"]),
        ("path", {"style": "label", "explode": True}, protected(".a%2Eb.c"), ["a.b", "c"]),
        ("path", {"style": "matrix", "explode": True}, protected(";color=a%3Bb;color=c"), ["a;b", "c"]),
        ("path", {"style": "matrix"}, protected(";color=a%2Cb,c"), ["a,b", "c"]),
    ],
)
def test_mark_that_was_encoded_is_part_of_an_item_when_others_separate(
    place: str, fields: dict[str, Json], text: str, wanted: Json
) -> None:
    assert value(parameter(place, NAMED, **fields), text) == wanted  # type: ignore[arg-type]


def test_deep_object_is_read_as_deep_as_its_schema() -> None:
    number: Json = {"type": "object", "properties": {"gte": {"type": "integer"}}}
    inner: Json = {"type": "object", "properties": {"created": number, "tags": ARRAY}}
    found = value(
        parameter("query", {"type": "object", "properties": {"filter": inner}}, style="deepObject"),
        "color[filter][created][gte]=5&color[filter][tags][]=1&color[filter][tags][]=2&color[else]=x&colors[a]=1",
    )
    assert found == {"filter": {"created": {"gte": 5}, "tags": [1, 2]}, "else": "x"}


def test_names_of_any_depth_and_number_are_read_soon() -> None:
    found = parameter("query", {"type": "object"}, style="deepObject")
    began = time.perf_counter()
    for text in ("color" + "[a]" * 20_000 + "=1", "&".join(f"color[{number}]=1" for number in range(9_000))):
        assert isinstance(value(found, text), dict)
    assert time.perf_counter() - began < 2.0  # it was a recursion without end, and a search that was quadratic


def test_free_form_object_takes_the_names_that_no_other_parameter_has() -> None:
    listed: Json = [
        {"name": "page", "in": "query"},
        {"name": "filter", "in": "query", "schema": {"type": "object", "additionalProperties": {"type": "integer"}}},
    ]
    operation = contract(operation_tree({"parameters": listed})).operations[0]
    values, wrong = operation.check_parameters(Texts({}, "page=2&a=1&b=x", lambda _: None))
    assert values == {"page": "2", "filter": {"a": 1, "b": "x"}}
    assert [one.field for one in wrong] == ["filter.b"]


def test_parameter_that_is_absent_has_its_default_and_an_empty_one_that_may_be_empty_is_in_order() -> None:
    texts = Texts({}, "", lambda _: None)
    assert parameter("query", {"type": "integer", "default": 5}).check(texts) == (5, ())
    assert parameter("query", {"$ref": "#/components/schemas/Int"}).check(texts) == (MISSING, ())
    empty = Texts({}, "color=", lambda _: None)
    assert parameter("query", {"type": "integer"}, allowEmptyValue=True).check(empty) == ("", ())
    assert parameter("query", {"type": "integer"}).check(empty)[1]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_what_it_was_before_it_was_encoded(text: str) -> None:
    assert plain(protected(quote(text, safe=""))) == text
