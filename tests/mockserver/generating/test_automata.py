"""Texts in which several patterns are found and others are not: each is right, and none is said to be where none is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.generating.automata import _Machine, text_in
from mockserver.generating.dice import Dice
from mockserver.generating.pattern_tree import Unreadable
from mockserver.generating.patterns import matches, text_for


def text(
    patterns: tuple[str, ...], unlike: tuple[str, ...] = (), lengths: tuple[int, int | None] = (0, None), seed: int = 0
) -> str | None:
    dice = Dice(b"%d" % seed)
    return text_in(dice, patterns, unlike, lengths, dice.one_of)


@pytest.mark.parametrize(
    ("patterns", "unlike", "lengths"),
    [
        (("^....$", "a1", "b2", "2a"), (), (0, None)),
        (("^(\\w\\d)+$", "a5b", "(^[^5]*$)|7", "(^[^7]*$)|9"), (), (0, None)),
        (("^([a-z][0-9])+$", "^((c1d3g3).{4,8}){6,6}", "(t|8){10,10}$"), (), (1000, None)),
        (("^(?=.*[A-Z])(?=.*\\d)(?!.*aa)[A-Za-z\\d]{4,6}$",), ("Z",), (5, 5)),
        ((), ("^[ab]", "^[cde]", "[xyz]"), (10, 20)),
        (("^a*$",), ("^a?$", "^aaa$"), (0, None)),
        (("^[a-z0-9]{3}$",), ("^(?!a).*$", "^(?=.*b)(?=.*c).*$", "^(?=a)[a-z]+$"), (0, None)),
        (("^(^a|b)c$",), (), (0, None)),
        (("(a|^)b$",), ("a",), (0, None)),
        (("^(a|b$)+$",), ("^a*$",), (0, None)),
    ],
)
def test_text_of_several_patterns_has_them_all_and_none_of_the_others(
    patterns: tuple[str, ...], unlike: tuple[str, ...], lengths: tuple[int, int | None]
) -> None:
    for seed in range(4):
        made = text(patterns, unlike, lengths, seed)
        assert made is not None
        assert all(matches(one, made) for one in patterns), made
        assert not any(matches(one, made) for one in unlike), made
        assert lengths[0] <= len(made) <= (lengths[1] or len(made))


@pytest.mark.parametrize(
    ("patterns", "unlike", "lengths"),
    [
        (("^a+$", "^b+$"), (), (0, None)),
        (("^a{3}$",), (), (4, None)),
        (("^(ab)+$",), (), (3, 3)),
        (("^[0-9]+$",), ("\\d",), (0, None)),
        (("b^a",), (), (0, None)),
    ],
)
def test_patterns_that_no_text_has_are_told_at_once(
    patterns: tuple[str, ...], unlike: tuple[str, ...], lengths: tuple[int, int | None]
) -> None:
    assert text(patterns, unlike, lengths) is None
    assert text_for(Dice(b"1"), list(patterns), *lengths, unlike) is None


@pytest.mark.parametrize("pattern", ["^(a)\\1$", "\\bword\\b", "^a(?=b)b$", "^(?:[ab]{1000}){1000}$"])
def test_what_no_automaton_can_tell_is_refused(pattern: str) -> None:
    with pytest.raises(Unreadable):
        text((pattern,))


def test_search_that_cannot_come_to_an_end_is_given_up_soon_and_not_begun_again() -> None:
    wide = tuple(f"^.*{letter}.{{{count}}}$" for letter, count in zip("abcdefgh", range(12, 20), strict=True))
    began = time.perf_counter()
    for _ in range(50):
        with pytest.raises(Unreadable):
            text(wide, ("^a", "z", "y"), (300, 400))
    assert time.perf_counter() - began < 10


def test_threads_that_walk_the_same_automata_find_what_one_alone_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    after = _Machine.after

    def slow(machine: _Machine, states: frozenset[int], char: str, number: int) -> frozenset[int]:
        time.sleep(0)  # lets another thread go on in the midst of a walk
        return after(machine, states, char, number)

    monkeypatch.setattr(_Machine, "after", slow)
    patterns, lengths = ("^[a-f][0-9]+[g-m]$", "b|5", "4|h"), (4, 6)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: text(patterns, ("zz",), lengths), range(8)))
    assert found == [text(patterns, ("zz",), lengths)] * 8


_PIECES = st.sampled_from(["a", "b", "[ab]", "[^a]", "a*", "b+", "(ab)?", "a{2}", "(a|bb)", ".", "^", "$"])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(_PIECES, min_size=1, max_size=4).map("".join), min_size=1, max_size=3), st.data())
def test_text_is_found_exactly_where_a_search_of_short_ones_finds_one(patterns: list[str], data: st.DataObject) -> None:
    unlike = data.draw(st.lists(st.sampled_from(patterns), max_size=1))
    wanted = [one for one in patterns if one not in unlike]
    short = map("".join, (*product("abc", repeat=3), *product("abc", repeat=2), *product("abc"), ()))
    made = text_for(Dice(b"1"), wanted, 0, 3, unlike)
    if made is None:
        fit = (one for one in short if all(matches(p, one) for p in wanted))
        assert all(any(matches(p, one) for p in unlike) for one in fit)
