"""Two answers side by side: what changes by itself is no difference, and nothing that is shown is a value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.comparing import differences
from contract_tests.redaction import Redactor
from contract_tests.targets import Ask, Exchange
from tests.contract_tests.test_shapes import VALUES, leaked

if TYPE_CHECKING:
    from openapi.reading import Json

TEXTS = st.text(alphabet="0123456789ABCDEFabcdefghijkl-_ é", min_size=0, max_size=40)


def answer(value: Json, status: int = 200) -> Exchange:
    """Make an answer."""
    return Exchange(Ask("POST", "/x"), status, (("Content-Type", "application/json"),), json.dumps(value).encode())


def apart(left: Json, right: Json, status: int = 200) -> list[tuple[str, str, str]]:
    """Compare two bodies."""
    found = differences(answer(left, status), answer(right, status), frozenset(), Redactor("").text)
    return [(one.place, one.left, one.right) for one in found]


@given(VALUES, st.sampled_from([200, 400]))
def test_an_answer_does_not_differ_from_itself(value: Json, status: int) -> None:
    assert apart(value, value, status) == []


@given(VALUES, VALUES)
def test_what_is_shown_of_a_success_is_no_value(left: Json, right: Json) -> None:
    for _, one, other in apart({"a": left}, {"a": right}):
        assert leaked([left, right], f"{one} {other}") == []


@given(TEXTS, TEXTS)
def test_comparing_is_symmetric(left: str, right: str) -> None:
    assert {row[0] for row in apart(left, right)} == {row[0] for row in apart(right, left)}


ALIKE: dict[str, tuple[Json, Json, int]] = {
    "tokens": ("202611260807286EAACF5E99732CD30AB3", "20251126080728FFAACF5E99732CD30AB3", 200),
    "groups": ("group-20260702221526-x7k2p", "group-20270702221526-abcde", 200),
    "uuids": ("9a4f35d8-adba-4acf-ae19-d33ed4b2d8f7", "11111111-2222-3333-4444-555555555555", 200),
    "links": ("https://a.example/en/x?pl=aaaaaaaaaa1&uid=1", "http://127.0.0.1:1/en/x?uid=2&pl=bbbbbbbbb-1", 200),
    "keys": ({"a": 1, "b": None}, {"b": None, "a": 2}, 200),
    "data as names": ({"a-1-2-3": 1}, {"b-4-5-6": 2}, 200),
    "request id": ("No (20261126000728459314284PpmT3wMV)", "No (20261126000728459314285AAAAAAAA)", 400),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_what_changes_by_itself_is_no_difference(name: str) -> None:
    left, right, status = ALIKE[name]
    assert apart(left, right, status) == []


APART: dict[str, tuple[Json, Json, int, tuple[str, str, str]]] = {
    "type": ({"a": 1}, {"a": "1"}, 200, ("body /a", "integer", "string")),
    "empty list": ([], [1], 200, ("body (root)", "an empty array", "items")),
    "type in a list": ([1], [None], 200, ("body /*", "integer", "null")),
    "path": ("https://a.example/en/x", "https://a.example/zh/x", 200, ("body (root) path", "/en/x", "/zh/x")),
    "id in a path": ("https://a.example/x/9a4f35d8", "https://a.example/x", 200, ("body (root) path", "/x/<id>", "/x")),
    "query": ("https://a.example/?pl=1", "https://a.example/", 200, ("body (root) ?pl", "there", "missing")),
    "length in a query": (
        "https://a.example/?pl=12345678", "https://a.example/?pl=1234", 200,
        ("body (root) ?pl", "[0-9]{8}, 8 characters", "[0-9]{4}, 4 characters"),
    ),
    "number of a refusal": ({"code": 1}, {"code": 2}, 400, ("body /code", "1", "2")),
    "words": ("No.", "Never.", 400, ("body (root)", "'No.'", "'Never.'")),
    "data as names": ({"a-1-2-3": 1}, {}, 200, ("body /*", "members whose names are data", "none")),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_what_does_not_is_told_with_its_place(name: str) -> None:
    left, right, status, row = APART[name]
    assert apart(left, right, status) == [row]


def test_long_words_are_shown_around_what_differs() -> None:
    (row,) = apart("x" * 100 + " one", "x" * 100 + " two", 400)
    assert row[1:] == ("'<id> one'", "'<id> two'")
    (row,) = apart("some words " * 20 + "one", "some words " * 20 + "two", 400)
    assert row[1].endswith("some words one'")
    assert row[1].startswith("'...")
