"""Identifiers and the clock: in the vendor's shapes, never twice, and the same again for the same seed."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.clock import FrozenClock, SystemClock, digits, nanoseconds
from mockserver.identifiers import Counters, Identifiers, SessionIdentifiers

MOMENT = 1_783_001_726.25
"""2026-07-02 22:15:26.25 in UTC+8, the time of the vendor's example."""


class Numbered:
    """Identifiers with the counters that a store has for them."""

    def __init__(self, seed: str | None = None) -> None:
        self.clock = FrozenClock(MOMENT)
        self.identifiers = Identifiers(self.clock, seed)
        self.counters = Counters()
        self.request_id = self.identifiers.request_id

    def session(self, credential: str) -> SessionIdentifiers:
        return self.identifiers.session(credential, self.counters.next(credential), self.clock.now_ns())


def frozen(seed: str | None = None) -> Numbered:
    return Numbered(seed)


def test_session_has_the_shapes_of_the_vendor() -> None:
    made = frozen().session("key")
    assert re.fullmatch(r"[0-9]{14}[0-9A-F]{20}", made.token)
    assert re.fullmatch(r"[A-Za-z0-9_-]{900}", made.pl)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made.uid)


def test_request_id_is_time_nanoseconds_and_eight_alphanumerics() -> None:
    assert re.fullmatch(r"20260702141526250000000[0-9A-Za-z]{8}", frozen().request_id())


def test_token_tells_the_time_in_utc8_and_the_request_id_in_utc() -> None:
    made = frozen()
    assert made.session("key").token[:14] == "20260702221526"
    assert made.request_id()[:14] == "20260702141526"


def test_identifiers_are_kept_out_of_a_repr() -> None:
    made = frozen("seed").session("key")
    assert repr(made) == "SessionIdentifiers()"
    assert made == frozen("seed").session("key"), "they count in a comparison all the same"


# --- never twice ------------------------------------------------------------------------------------------------------


def in_threads(work: list[list[str]], make: object) -> list[str]:
    assert callable(make)
    barrier = threading.Barrier(len(work))

    def run(found: list[str]) -> None:
        barrier.wait()
        found.extend(make() for _ in range(2000))

    threads = [threading.Thread(target=run, args=(found,)) for found in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for found in work for one in found]


@pytest.mark.parametrize("seed", [None, "seed"])
def test_no_identifier_is_made_twice_by_eight_threads_in_one_nanosecond(seed: str | None) -> None:
    made = frozen(seed)
    sessions: list[SessionIdentifiers] = []

    def session() -> str:
        found = made.session("key")
        sessions.append(found)
        return found.token

    assert len(set(in_threads([[] for _ in range(8)], session))) == 16_000
    assert len({one.pl for one in sessions}) == len({one.uid for one in sessions}) == 16_000


def test_no_request_id_is_made_twice_by_eight_threads_in_one_nanosecond() -> None:
    made = frozen("seed")
    assert len(set(in_threads([[] for _ in range(8)], made.request_id))) == 16_000


def test_two_mocks_without_a_seed_make_different_identifiers() -> None:
    one, two = frozen(), frozen()
    assert one.session("key").token != two.session("key").token
    assert one.request_id() != two.request_id()


# --- the same again ---------------------------------------------------------------------------------------------------


def test_same_seed_gives_each_credential_its_sequence_again_whatever_the_others_do() -> None:
    alone, among = frozen("seed"), frozen("seed")
    wanted = [alone.session("a") for _ in range(5)]
    found = []
    for number in range(5):
        among.session(f"other {number}")
        among.request_id()
        found.append(among.session("a"))
    assert found == wanted
    assert len({one.token for one in found}) == 5


def test_other_seed_or_credential_gives_other_identifiers() -> None:
    made = [frozen(seed).session(key) for seed in ("a", "b", "") for key in ("x", "y", "")]
    assert len({one.token for one in made}) == len({one.uid for one in made}) == 9


def test_number_and_credential_do_not_run_into_each_other() -> None:
    made = frozen("seed")
    keys = ["a", "1a", "1 a", " a"]
    tokens = [made.session(key).token for key in keys for _ in range(20)]
    assert len(set(tokens)) == 80


def test_same_seed_at_another_time_differs_only_in_the_time() -> None:
    identifiers = Identifiers(FrozenClock(MOMENT), "seed")
    early = identifiers.session("a", 0, nanoseconds(MOMENT))
    late = identifiers.session("a", 0, nanoseconds(MOMENT + 1))
    assert (late.token[:14], late.token[14:], late.uid) == ("20260702221527", early.token[14:], early.uid)


@given(st.text())
def test_any_text_is_a_credential_and_a_seed(text: str) -> None:
    assert frozen("seed").session(text) == frozen("seed").session(text)


def test_group_has_the_shape_of_the_vendor_and_another_attempt_gives_another() -> None:
    made = Identifiers(FrozenClock(MOMENT), "seed")
    groups = [made.group("token", round(MOMENT * 1e9), attempt) for attempt in range(50)]
    assert len(set(groups)) == 50
    assert all(re.fullmatch(r"group-20260702221526-[a-z0-9]{5}", group) for group in groups)
    assert groups[0] == Identifiers(FrozenClock(0), "seed").group("token", round(MOMENT * 1e9), 0)


def test_workers_of_one_seed_make_different_request_ids() -> None:
    ids = {Identifiers(FrozenClock(MOMENT), "seed", worker).request_id() for worker in range(4)}
    assert len(ids) == 4


# --- counters ---------------------------------------------------------------------------------------------------------


def test_counter_counts_each_name_from_zero() -> None:
    counters = Counters()
    assert [counters.next(name) for name in "aabab"] == [0, 1, 0, 2, 1]


def test_forgotten_name_starts_again_and_leaves_the_others_alone() -> None:
    counters = Counters()
    assert [counters.next(name) for name in "aab"] == [0, 1, 0]
    counters.forget("a")
    counters.forget("never seen")
    assert [counters.next(name) for name in "ab"] == [0, 1]


def test_bounded_counters_forget_the_oldest_and_give_no_number_twice() -> None:
    counters = Counters(most=3)
    given_out: dict[str, list[int]] = {}
    for number in range(2000):
        name = f"name {number * number % 7}"
        given_out.setdefault(name, []).append(counters.next(name))
    assert len(counters._counters) == 3
    for numbers in given_out.values():
        assert len(set(numbers)) == len(numbers)
        assert numbers == sorted(numbers)


def test_bounded_counters_give_no_number_twice_under_many_threads() -> None:
    counters = Counters(most=2)
    given_out = in_threads([[] for _ in range(8)], lambda: f"{counters.next('hot')}")
    assert len(set(given_out)) == 16_000
    names = iter(f"name {number % 5}" for number in range(10**9))
    lock = threading.Lock()

    def mixed() -> str:
        with lock:
            name = next(names)
        return f"{name} {counters.next(name)}"

    assert len(set(in_threads([[] for _ in range(8)], mixed))) == 16_000


# --- the clock --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 4_000_000_000), st.booleans())
def test_digits_are_the_time_in_its_zone(seconds: int, utc8: bool) -> None:
    zone = timezone(timedelta(hours=8 if utc8 else 0))
    assert digits(seconds, utc8=utc8) == datetime.fromtimestamp(seconds, zone).strftime("%Y%m%d%H%M%S")


def test_system_clock_is_the_time_of_the_machine() -> None:
    before = time.time_ns()
    assert before <= SystemClock().now_ns() <= time.time_ns()


def test_frozen_clock_stands_still_and_moves_both_ways_when_told() -> None:
    clock = FrozenClock(10.5)
    assert clock.now_ns() == clock.now_ns() == 10_500_000_000
    clock.advance(-0.5)
    assert clock.now_ns() == 10_000_000_000
