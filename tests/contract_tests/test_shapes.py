"""Shapes: no value is in them, every value fits its own, and the order of observations decides nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.outcomes import Seen, merge_seen
from contract_tests.shape_files import Recorded, as_json
from contract_tests.shapes import NOTHING, fits, merge, shape_of
from contract_tests.texts import is_name, read_segments, text_of, wider

if TYPE_CHECKING:
    from contract_tests.shapes import Shape
    from openapi.reading import Json

NAMES = st.sampled_from(["BytedToken", "id", "error", "202611260807286EAACF", "sk-4242MARKED4242", "Ünwort"])
TEXTS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9A-Fa-f_ :/?=-]{0,40}", fullmatch=True),
    st.from_regex(r"20[12][0-9]0[1-9]1[0-9]1[0-9][0-5][0-9][0-5][0-9][0-9A-F]{0,20}", fullmatch=True),
    st.uuids().map(str),
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def recorded(shape: Shape) -> str:
    """Write a shape as it stands in the file."""
    one = Seen(1, "2026-01-01", "2026-01-01", frozenset(), (), frozenset({"JSON"}), shape)
    return json.dumps(as_json(Recorded("h", "", (), {"c": {200: one}})), ensure_ascii=False)


@given(VALUES, VALUES, VALUES)
def test_merging_is_commutative_associative_and_idempotent(first: Json, second: Json, third: Json) -> None:
    one, two, three = shape_of(first), shape_of(second), shape_of(third)
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, one) == one
    assert merge(one, NOTHING) == one


@given(VALUES, VALUES)
def test_a_value_fits_its_own_shape_and_every_wider_one(value: Json, other: Json) -> None:
    assert fits(value, shape_of(value))
    assert fits(value, merge(shape_of(other), shape_of(value)))


@given(TEXTS, TEXTS)
def test_the_pattern_of_a_text_is_a_regular_expression_that_it_matches(text: str, other: str) -> None:
    assert re.fullmatch(text_of(text).pattern, text, re.DOTALL)
    assert read_segments(text_of(text).pattern) == text_of(text).segments
    both = merge(shape_of(text), shape_of(other)).text
    assert both is not None
    assert re.fullmatch(both.pattern, text, re.DOTALL)
    assert re.fullmatch(both.pattern, other, re.DOTALL)


VOCABULARY = (
    recorded(shape_of([None, True, 1.5, 1, "\x00é Zz9f-Aa!", {"id": "https://a.b/c", "Ü-9": "x"}, []])) + "uuid"
)
"""What is in every file, whatever the values were."""


def texts_of(value: Json) -> list[str]:
    """Collect every text and number of a value, the names of members that look like data too."""
    if isinstance(value, dict):
        strange = [name for name in value if not is_name(name)]
        return strange + [text for item in value.values() for text in texts_of(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return [str(value)] if isinstance(value, str | int | float) and not isinstance(value, bool) else []


def leaked(value: Json, written: str) -> list[str]:
    """Find parts of a value in what was written: letters and digits in a row, for marks meet by chance."""
    parts = {text[at : at + 4] for text in texts_of(value) for at in range(len(text) - 3)}
    return sorted(part for part in parts - _USUAL if re.fullmatch(r"[^\W_]{4}", part) and part in written)


_USUAL = {VOCABULARY[at : at + 4] for at in range(len(VOCABULARY) - 3)}


@given(VALUES)
def test_no_part_of_a_value_is_in_its_shape(value: Json) -> None:
    assert leaked(value, recorded(shape_of(value))) == []


def test_a_part_of_a_value_that_is_in_a_file_is_found() -> None:
    token = "202611260807286EAACF5E99732CD30AB3"
    assert "EAAC" in leaked({"BytedToken": token}, recorded(shape_of({"BytedToken": token})) + token[10:22])


PATTERNS = {
    "202611260807286EAACF5E99732CD30AB3": "[0-9]{14}[0-9A-F]{20}",
    "group-20260702221526-x7k2p": r"[a-z]{5}[\-][0-9]{14}[\-][0-9a-z]{5}",
    "Invalid API key provided.": "[A-Za-z .]{25}",
    "9a4f35d8-adba-4acf-ae19-d33ed4b2d8f7": r"[0-9a-f]{8}[\-][0-9a-f]{4}[\-][0-9a-f]{4}[\-][0-9a-f]{4}[\-][0-9a-f]{12}",
    "invalid_api_key": "[a-z]{7}[_][a-z]{3}[_][a-z]{3}",
    "https://a.b/c?d=e": "[a-z./:=?]{17}",
    "": "",
}


@pytest.mark.parametrize("text", PATTERNS)
def test_a_text_is_written_as_what_it_is_made_of(text: str) -> None:
    assert text_of(text).pattern == PATTERNS[text]


def test_tokens_of_several_answers_have_the_shape_of_one() -> None:
    tokens = [
        "202611260807286EAACF5E99732CD30AB3",
        "20261126080729FFFFFFFFFFFFFFFFFFFF0A",
        "2026112608073012345678901234567890",
    ]
    shape = NOTHING
    for token in tokens:
        shape = merge(shape, shape_of(token))
    assert shape.text is not None
    assert shape.text.pattern == "[0-9]{14}[0-9A-F]{20,22}"


NAMED = {
    "BytedToken": True,
    "H5Link": True,
    "request_id": True,
    "algorithmBaseRespCode": True,
    "": False,
    "group-20260702221526-x7k2p": False,
    "202611260807286EAACF5E99732CD30AB3": False,
    "kJhGfDsAqWeRtY": False,
    "sk-4242MARKED4242": False,
    "a" * 33: False,
    "Ünwort": False,
}


@pytest.mark.parametrize("name", NAMED)
def test_a_member_keeps_its_name_only_where_it_looks_like_one(name: str) -> None:
    assert is_name(name) is NAMED[name]
    members = shape_of({name: 1}).members
    assert members is not None
    assert [one for one, *_ in members.named] == ([name] if NAMED[name] else [])


def test_a_documented_name_is_kept_and_one_with_a_secret_is_not() -> None:
    known = shape_of({"x-1-2-3": 1}, frozenset({"x-1-2-3"})).members
    assert known is not None
    assert [name for name, *_ in known.named] == ["x-1-2-3"]
    masked = shape_of({"secretword": 1}, clean=lambda text: text.replace("secretword", "***")).members
    assert masked is not None
    assert (masked.named, masked.others is None) == ((), False)


def test_an_object_with_a_crowd_of_members_is_a_map() -> None:
    members = shape_of({f"name{chr(97 + number // 26)}{chr(97 + number % 26)}": 1 for number in range(60)}).members
    assert members is not None
    assert members.named == ()
    assert members.others is not None


@given(st.integers(1, 5), st.integers(1, 5), VALUES, VALUES)
def test_observations_add_up_and_their_order_decides_nothing(times: int, more: int, value: Json, other: Json) -> None:
    json_kind = frozenset({"JSON"})
    one = Seen(times, "2026-01-02", "2026-01-03", frozenset({"a/b"}), (("allow", True),), json_kind, shape_of(value))  # type: ignore[arg-type]
    two = Seen(more, "2026-01-01", "2026-01-02", frozenset({"c/d"}), (), json_kind, shape_of(other))  # type: ignore[arg-type]
    both = merge_seen(one, two)
    assert both == merge_seen(two, one)
    assert (both.count, both.first, both.last) == (times + more, "2026-01-01", "2026-01-03")
    assert (both.media_types, both.headers) == (frozenset({"a/b", "c/d"}), (("allow", False),))


@pytest.mark.parametrize(("now", "is_wider"), [((5, 5), False), ((3, 8), False), ((1, 5), True), ((5, 10), True)])
def test_a_length_that_varied_says_less_of_what_may_come(now: tuple[int, int], is_wider: bool) -> None:
    assert wider(now, (4, 6)) is is_wider
    assert wider((6, 6), (5, 5))
