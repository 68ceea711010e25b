"""What a caller accepts (RFC 9110 12.5.1), and what it asks the mock to do (RFC 7240)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.credentials import Refusal
from mockserver.faults import LONGEST_DELAY, NO_WISH, Wish, read_prefer
from mockserver.negotiation import accepts, choose, named

ACCEPTED = [
    None, "", " ", "*/*", "application/json", "APPLICATION/JSON", "application/*", "text/html, */*;q=0.1",
    "text/html,application/xhtml+xml,*/*;q=0.8", "application/json;q=0.001", "application/json; charset=utf-8",
    "application/*;q=0, application/json", "*/*;q=0,application/*;q=1", "application/json;q=", "application/json;q=x",
    "application/json, application/json;q=0", "text/plain;q=0,*/*", "application", "json", ",", "*", "json, */*",
]  # fmt: skip
RULED_OUT = [
    "text/html", "application/xml", "application/json;q=0", "application/json; q=0.0", "*/*;q=0", "application/*;q=0",
    "application/json;q=0, */*", "text/*", "application/jsonp", "json, text/html",
]  # fmt: skip


@pytest.mark.parametrize("header", ACCEPTED)
def test_type_that_the_header_admits_is_accepted(header: str | None) -> None:
    assert accepts(header, "application/json")


@pytest.mark.parametrize("header", RULED_OUT)
def test_type_that_the_header_rules_out_is_not(header: str) -> None:
    assert not accepts(header, "application/json")


OFFERED = ("application/json", "application/vnd.a+json", "application/problem+json; charset=utf-8")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*;q=0.2", "application/json"),
        ("application/json;q=0.5, application/vnd.a+json", "application/vnd.a+json"),
        ("application/json;q=0.5, */*;q=0.1", "application/json"),
        ("application/json;q=0.1, */*;q=0.5", "application/vnd.a+json"),
        ("application/*;q=0.9, application/json;q=0, application/vnd.a+json;q=0", OFFERED[2]),
        ('application/problem+json;charset="UTF-8", */*;q=0.9', OFFERED[2]),
        ("application/problem+json;charset=latin1, application/json;q=0.1", "application/json"),
        ('text/html;a=",application/json", application/vnd.a+json;q=0.3', "application/vnd.a+json"),
        ("application/json;q=5, application/vnd.a+json", "application/json"),
        ("text/html", None),
        ("application/*+json;q=0.5, application/json;q=0.4", "application/vnd.a+json"),
        ("application/*+json;q=0, */*;q=0.1", "application/json"),
        ("application/*+xml", None),
        ("*/*;q=0", None),
        ("application/json;q=nan, application/vnd.a+json;q=0.9", "application/json"),
        ("application/json;q=0., application/vnd.a+json;q=.5", "application/vnd.a+json"),
        ("application/json;q=-1, application/vnd.a+json;q=0.5", "application/json"),
        ("application/json;q=0.5;ext=1, application/vnd.a+json;q=0.4", "application/json"),
    ],
)
def test_type_of_the_highest_quality_is_chosen_and_the_first_of_equals(header: str | None, chosen: str | None) -> None:
    assert choose(header, OFFERED) == chosen


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose("*/*", ()) is None


@pytest.mark.parametrize("piece", ['",', 'a/b;"', "a/b;a=b,", ";,", '"\\'])
def test_hostile_header_is_judged_at_once(piece: str) -> None:
    start = time.perf_counter()
    choose(piece * 20_000, OFFERED)
    assert time.perf_counter() - start < 1


def test_parameters_of_the_type_that_is_there_do_not_count() -> None:
    assert accepts("application/vnd.a+json", "application/vnd.a+json; charset=utf-8")


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_is_judged_without_an_exception(header: str) -> None:
    assert accepts(header, "application/json") in (True, False)


@given(
    st.lists(st.sampled_from(["text/plain", "application/json", "*/*", "application/*"])), st.text(" ,;", max_size=3)
)
def test_exact_type_wins_wherever_it_stands(ranges: list[str], noise: str) -> None:
    assert accepts(
        ",".join([*(f"{one};q=0" for one in ranges if one != "application/json"), "application/json", noise]),
        "application/json",
    )


def test_types_that_are_named_come_by_their_quality() -> None:
    assert named('text/*, a/b;q=0.2;x="y", c/d;q=0, e/f;level=1, */*') == ["e/f", "a/b"]
    assert named(None) == []


# --- Prefer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("code=404", Wish(404)),
        ("Code = 404", Wish(404)),
        ('code="404"', Wish(404)),
        ("code=404, code=500", Wish(404)),
        ("example=happy", Wish(None, "happy")),
        ('example="two words"', Wish(None, "two words")),
        ("delay=1.5", Wish(None, None, 1.5)),
        ("delay=60", Wish(None, None, 60.0)),
        ('respond-async, code=201; why="a, b", delay=1, example=a-b.c', Wish(201, "a-b.c", 1.0)),
        ("dynamic", Wish(dynamic=True)),
        ("Dynamic=TRUE", Wish(dynamic=True)),
        ('example="say \\"a/b\\""', Wish(None, 'say "a/b"')),
        ("example=Gr\u00fcn", Wish(None, "Gr\u00fcn")),
        ('why="code=500", code=404; example=no', Wish(404)),
        ("respond-async", NO_WISH),
        ("", NO_WISH),
        (",,;=", NO_WISH),
        ("codes=404", NO_WISH),
    ],
)
def test_preference_is_read_and_an_unknown_one_is_ignored(header: str, wish: Wish) -> None:
    assert read_prefer(header) == wish


@pytest.mark.parametrize(
    "header",
    ["code", "delay", "code=", "code=abc", "code=99", "code=600", "code=1000", "code=4 04", "delay=x", "delay=-1",
     "delay=1e3", "delay=61", "delay=99999", "example=a\x00b", "code=404 example=x",
     "example=a b", "dynamic=1", "example=" + "a" * 201],
)  # fmt: skip
def test_known_preference_with_a_bad_value_is_refused(header: str) -> None:
    found = read_prefer(header)
    assert isinstance(found, Refusal)
    assert found.rule == "request.prefer"
    assert len(found.detail) < 100


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (NO_WISH, ""),
        (Wish(404), "code=404"),
        (Wish(200, "a b", 1.5), 'code=200, example="a b", delay=1.5'),
        (Wish(None, None, 60.0), "delay=60"),
    ],
)
def test_what_was_applied_is_told(wish: Wish, text: str) -> None:
    assert wish.applied == text
    assert read_prefer(text) == wish


@given(st.text(st.characters(max_codepoint=255)))
def test_any_preference_yields_a_bounded_wish_or_a_refusal(header: str) -> None:
    found = read_prefer(header)
    if isinstance(found, Wish):
        assert 0 <= found.delay <= LONGEST_DELAY
        assert found.code is None or 200 <= found.code <= 599
        assert found.applied.isascii()
        assert found.applied.isprintable()


@pytest.mark.parametrize("header", [" " * 60_000, 'a="' * 20_000, "a=" * 30_000, "," * 60_000, 'a="' + "\\" * 60_000])
def test_header_that_was_made_to_take_long_is_told_soon(header: str) -> None:
    began = time.perf_counter()
    read_prefer(header)
    accepts(header, "application/json")
    assert time.perf_counter() - began < 1
