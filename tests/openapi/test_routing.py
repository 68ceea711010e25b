"""Routing: concrete before templated, the specific before the general, back out of dead ends, quick among thousands."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.escapes import protected
from openapi.routing import Router
from tests.documents.making import contract

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.reading import Json


def routed(*templates: str) -> Contract:
    paths: dict[str, Json] = {
        template: {
            "parameters": [
                {"name": name, "in": "path", "required": True} for name in re.findall(r"\{([^}]*)\}", template)
            ],
            "get": {"responses": {"200": {"description": "ok"}}},
        }
        for template in templates
    }
    return contract({"paths": paths})


def found(made: Contract, path: str) -> tuple[str, dict[str, str]] | None:
    match = made.find(path)
    if match is None:
        return None
    (operation,) = match.operations.values()
    return operation.path, dict(match.values(operation))


def test_concrete_path_is_found_before_a_templated_one_in_either_order() -> None:
    for order in (("/pets/{id}", "/pets/mine"), ("/pets/mine", "/pets/{id}")):
        made = routed(*order)
        assert found(made, "/pets/mine") == ("/pets/mine", {})
        assert found(made, "/pets/1") == ("/pets/{id}", {"id": "1"})


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/my%20pets", "/my%20pets"), ("/my pets", "/my%20pets"), ("/my%20pets", "/my pets"), ("/a%2Fb", "/a%2fb"),
        ("/caf%C3%A9", "/caf\u00e9"), ("/a,b/{x}", "/a%2Cb/%20"), ("/a%2Cb/{x}", "/a,b/1"),
        ("/v{x}.json", "/v1%2Ejson"), ("/x{a}%7C{b}", "/x1|2"),
    ],
)  # fmt: skip
def test_path_is_the_same_whichever_of_the_two_encodes_it(written: str, sent: str) -> None:
    made = routed(written, "/{any}", "/{any}/{other}")
    got = found(made, protected(sent))
    assert got is not None
    assert got[0] == written


def test_encoded_slash_in_a_path_is_no_step() -> None:
    made = routed("/a%2Fb", "/a/b")
    assert found(made, protected("/a%2Fb")) == ("/a%2Fb", {})
    assert found(made, "/a/b") == ("/a/b", {})


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/r/1.json", "/r/{id}.json", {"id": "1"}),
        ("/r/1.2.json", "/r/{id}.json", {"id": "1.2"}),
        ("/r/1.xml", "/r/{id}", {"id": "1.xml"}),
        ("/r/v1-2", "/r/v{major}-{minor}", {"major": "1", "minor": "2"}),
        ("/r/v1", "/r/{id}", {"id": "v1"}),
        ("/r/.json", "/r/{id}", {"id": ".json"}),
        ("/r/a\nb", "/r/{id}", {"id": "a\nb"}),
        ("/r/{id}", "/r/{id}", {"id": "{id}"}),
        ("/r/a.b+c", "/r/{id}", {"id": "a.b+c"}),
    ],
)
def test_more_specific_template_is_found_first(path: str, template: str, values: dict[str, str]) -> None:
    made = routed("/r/{id}", "/r/{id}.json", "/r/v{major}-{minor}")
    assert found(made, path) == (template, values)


def test_last_part_of_a_segment_is_the_shortest() -> None:
    made = routed("/search/{position}.{format}", "/range/{first}-{last}")
    assert found(made, "/search/37.3,-121.8.json") == (
        "/search/{position}.{format}",
        {"position": "37.3,-121.8", "format": "json"},
    )
    assert found(made, "/range/2026-07-02-x") == ("/range/{first}-{last}", {"first": "2026-07-02", "last": "x"})


def test_dead_end_is_left_again() -> None:
    made = routed("/a/b/c", "/{x}/b/d", "/a/{y}/e", "/{x}/{y}/{z}/f")
    assert found(made, "/a/b/c") == ("/a/b/c", {})
    assert found(made, "/a/b/d") == ("/{x}/b/d", {"x": "a"})
    assert found(made, "/a/b/e") == ("/a/{y}/e", {"y": "b"})
    assert found(made, "/a/b/c/f") == ("/{x}/{y}/{z}/f", {"x": "a", "y": "b", "z": "c"})
    assert found(made, "/a/b/g") is None


@pytest.mark.parametrize(
    "path",
    ["", "/", "/pets", "/pets/", "/pets/1/", "//pets/1", "/Pets/1", "pets/1", "x/pets/1", "*", "/pets/1/2", "/pets//"],
)
def test_path_that_is_not_quite_one_is_not_found(path: str) -> None:
    assert found(routed("/pets/{id}"), path) is None


def test_slash_at_the_end_counts() -> None:
    made = routed("/pets/", "/dogs")
    assert found(made, "/pets/") == ("/pets/", {})
    assert found(made, "/pets") is None
    assert found(made, "/dogs/") is None


def test_methods_that_name_a_parameter_differently_both_get_its_text() -> None:
    responses: Json = {"200": {"description": "ok"}}
    one: Json = {"parameters": [{"name": "id", "in": "path", "required": True}], "responses": responses}
    two: Json = {"parameters": [{"name": "petId", "in": "path", "required": True}], "responses": responses}
    made = contract({"paths": {"/pets/{id}": {"get": one}, "/pets/{petId}": {"delete": two}}})
    match = made.find("/pets/7")
    assert match is not None
    values = {method: match.values(operation) for method, operation in match.operations.items()}
    assert values == {"GET": {"id": "7"}, "DELETE": {"petId": "7"}}


def test_router_gives_back_the_operation_that_has_the_place() -> None:
    first, second = routed("/a/{b}").operations[0], routed("/a/{c}").operations[0]
    router = Router()
    assert router.add("/a/{b}", first) is first
    assert router.add("/a/{c}", second) is first


def test_look_up_among_thousands_of_paths_takes_as_long_as_among_a_few() -> None:
    names = [f"/r{number}/{{id}}/part{number % 7}/{{sub}}" for number in range(4000)]
    router = Router()
    operation = routed("/x/{id}/y/{sub}").operations[0]
    for name in names:
        router.add(name, operation)
    began = time.perf_counter()
    for number in range(0, 4000, 4):
        assert router.find(f"/r{number}/a/part{number % 7}/b") is not None
        assert router.find(f"/r{number}/a/part8/b") is None
    assert time.perf_counter() - began < 0.5, "2000 look-ups took longer than they can"


def test_path_of_ten_thousand_segments_is_told_at_once() -> None:
    made = routed("/a/{b}", "/{c}/d/{e}")
    began = time.perf_counter()
    assert made.find("/a" * 10_000) is None
    assert made.find("/" * 10_000) is None
    assert time.perf_counter() - began < 0.5


segments = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(segments, segments)
def test_any_text_in_a_path_comes_back_as_its_parameter(one: str, two: str) -> None:
    made = routed("/a/{b}/c/{d}")
    assert found(made, f"/a/{one}/c/{two}") == ("/a/{b}/c/{d}", {"b": one, "d": two})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_path_is_looked_up_without_an_exception(path: str) -> None:
    routed("/a/{b}", "/{c}-{d}/e").find(path)


def test_encoded_slash_divides_no_segments_and_other_encoded_marks_change_nothing() -> None:
    made = routed("/files/{name}", "/files/{name}/lines", "/a,b")
    assert found(made, protected("/files/a%2Fb")) == ("/files/{name}", {"name": protected("a%2Fb")})
    assert found(made, "/files/a/b") is None
    assert found(made, protected("/a%2Cb")) == ("/a,b", {})


def test_template_that_is_written_encoded_is_found_by_what_it_means() -> None:
    made = routed("/user/%61bc", "/caf%C3%A9/{id}")
    assert found(made, "/user/abc") == ("/user/%61bc", {})
    assert found(made, "/caf\u00e9/1") == ("/caf%C3%A9/{id}", {"id": "1"})


def test_trailing_slash_is_another_path() -> None:
    made = routed("/a", "/b/", "/c/{id}")
    assert [found(made, path) for path in ("/a/", "/b", "/c/1/", "/c/")] == [None] * 4
    assert found(made, "/b/") == ("/b/", {})


@pytest.mark.parametrize(
    "more", [{"schema": {"type": "string", "pattern": "^projects/[^/]+$"}}, {"allowReserved": True}]
)
def test_parameter_that_says_it_may_hold_a_slash_spans_segments_where_nothing_else_fits(more: dict[str, Json]) -> None:
    get: dict[str, Json] = {"get": {"responses": {"200": {"description": ""}}}}
    item: dict[str, Json] = {"parameters": [{"name": "name", "in": "path", "required": True, **more}]}
    paths: dict[str, Json] = {path: {**item, **get} for path in ("/v1/{name}", "/v1/{name}:cancel", "/v1/{name}/jobs")}
    made = contract({"paths": paths})
    assert found(made, "/v1/projects/x") == ("/v1/{name}", {"name": "projects/x"})
    assert found(made, "/v1/projects/x:cancel") == ("/v1/{name}:cancel", {"name": "projects/x"})
    assert found(made, "/v1/x/jobs") == ("/v1/{name}/jobs", {"name": "x"})
    assert found(made, "/v2/projects/x") is None


@pytest.mark.parametrize(
    ("pattern", "spans"),
    [
        ("^.+$", True), (".*", True), ("[a-z/]+", True), (r"^\S{4,}$", True), (r"^[^\s]+$", True), ("^x/.$", True),
        ("^[^/]+$", False), ("^[a-z0-9]+$", False), ("^.{1,2}$", False), ("[a-z]+", False), ("^(", False),
        ("^a.c$", False), (r"^[^\s/]+\.[a-z]+$", False), ("^[^", False),
    ],
)  # fmt: skip
def test_pattern_tells_whether_a_parameter_may_hold_a_slash(pattern: str, *, spans: bool) -> None:
    schema: Json = {"type": "string", "pattern": pattern}
    listed: Json = [{"name": "name", "in": "path", "required": True, "schema": schema}]
    made = contract(
        {"paths": {"/v1/{name}": {"parameters": listed, "get": {"responses": {"200": {"description": ""}}}}}}
    )
    assert (made.find("/v1/projects/x") is not None) is spans
    assert made.find("/v1/x") is not None


@pytest.mark.parametrize("name", ["name+", "name*", "+name"])
def test_name_that_another_dialect_lets_span_does(name: str) -> None:
    made = contract({"paths": {f"/v1/{{{name}}}": {"get": {"responses": {"200": {"description": ""}}}}}})
    assert found(made, "/v1/a/b") == (f"/v1/{{{name}}}", {name: "a/b"})


def test_parameter_spans_a_hundred_segments_at_most_and_long_paths_are_told_soon() -> None:
    listed: Json = [{"name": name, "in": "path", "required": True, "allowReserved": True} for name in "ab"]
    path: Json = {"parameters": listed, "get": {"responses": {"200": {"description": ""}}}}
    made = contract({"paths": {"/{a}/x/{b}/y": path, "/{a}/x/{b}/x/{a2}/x/{b2}/z": path}})
    assert made.find("/1" * 99 + "/x/2/3/y") is not None
    assert made.find("/1" * 101 + "/x/2/3/y") is None
    began = time.perf_counter()
    assert made.find("/1/x" * 8_000) is None
    assert made.find("/x" * 300) is None
    assert len(made.fitting("/x" * 300 + "/y")) == 0
    assert len(made.fitting("/x" * 30 + "/y")) == 1
    assert time.perf_counter() - began < 2.0
