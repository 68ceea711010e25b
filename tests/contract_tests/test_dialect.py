"""Patterns as ECMA 262 means them, whatever Python thinks of them; formats are compared in tests/agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.dialect import FORMATS, format_checker, python_pattern, tree_for, validator_class
from openapi.document import Library
from tests.documents.making import document

if TYPE_CHECKING:
    from openapi.reading import Json


def rewritten(version: str, tree: dict[str, Json]) -> dict[str, Json]:
    made = document(tree)
    return tree_for(version, Library([made]), made)


@pytest.mark.parametrize(
    ("pattern", "found", "not_found"),
    [
        ("^a$", "a", "a\n"),
        (r"^a\$$", "a$", "a"),
        ("^[$]$", "$", "a"),
        (r"^\d+$", "12", "\u0661"),
        (r"^[\d-]+$", "1-2", "\u0661"),
        (r"^\D$", "\u0661", "1"),
        (r"^\w$", "_", "é"),
        (r"^[\w]$", "a", "é"),
        (r"^\W$", "é", "a"),
        (r"^https:\/\/", "https://a", "http://a"),
        ("^(?<year>[0-9]{4})$", "2026", "20"),
        ("(?<=a)b", "ab", "b"),
        ("(?<!a)b", "b", "ab"),
        ("^[[]$", "[", "a"),
        (r"^\u0041$", "A", "a"),
        (r"^[^\]]$", "a", "]"),
        ("b", "abc", "ac"),
    ],
)
def test_pattern_means_what_ecma_says(pattern: str, found: str, not_found: str) -> None:
    compiled = python_pattern(pattern)
    assert compiled is not None
    assert compiled.search(found)
    assert not compiled.search(not_found)


@pytest.mark.parametrize("pattern", [r"\p{L}", "(", "[a", "a**"])
def test_pattern_that_python_cannot_read_fails_nothing(pattern: str) -> None:
    assert python_pattern(pattern) is None
    validator = validator_class("3.1", "response")({"pattern": pattern, "patternProperties": {pattern: {}}})
    assert validator.is_valid("x")
    assert validator.is_valid({"x": 1})


@given(st.text(max_size=10))
def test_any_text_is_a_pattern_or_none(pattern: str) -> None:
    compiled = python_pattern(pattern)
    assert compiled is None or compiled.pattern is not None


@given(st.sampled_from(sorted(FORMATS)), st.none() | st.booleans() | st.integers() | st.lists(st.text()) | st.text())
def test_format_never_raises_and_says_nothing_about_what_is_no_text(name: str, value: object) -> None:
    verdict = FORMATS[name](value)
    assert isinstance(verdict, bool)
    assert verdict or isinstance(value, str)


@given(st.text())
def test_no_format_at_all_raises_for_a_text(text: str) -> None:
    for name in format_checker().checkers:
        assert isinstance(format_checker().conforms(text, name), bool)


def test_neighbours_of_a_reference_count_in_3_1_and_not_in_3_0() -> None:
    tree: dict[str, Json] = {"a": [{"$ref": "#/b", "maxLength": 1}], "properties": {"$ref": {"type": "string"}}}
    neighbours: Json = {"maxLength": 1, "allOf": [{"$ref": "#/b"}]}
    assert rewritten("3.0", tree) == {"a": [{"$ref": "#/b"}], "properties": {"$ref": {"type": "string"}}}
    assert rewritten("3.1", tree) == {"a": [neighbours], "properties": {"$ref": {"type": "string"}}}
    assert rewritten("3.1", {"$ref": "#/b", "allOf": [{"type": "string"}]}) == {
        "allOf": [{"$ref": "#/b"}, {"type": "string"}]
    }


@pytest.mark.parametrize(
    "other",
    [{"description": "d", "summary": "s"}, {"get": {}, "parameters": []}, {"required": True}, {"title": "t"}, {}],
)
def test_reference_that_is_no_schema_stays_as_it_is(other: dict[str, Json]) -> None:
    tree: dict[str, Json] = {"x": {"$ref": "#/b", **other}}
    assert rewritten("3.1", tree) == tree
