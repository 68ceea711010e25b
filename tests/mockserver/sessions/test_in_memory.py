"""The store in memory: what it holds beside the sessions stays as small as they are."""

from __future__ import annotations

import tracemalloc

from mockserver.sessions import InMemory
from tests.mockserver.sessions.making import made, passed


def test_what_is_held_about_one_owner_does_not_grow_with_the_sessions_that_went() -> None:
    store = InMemory(10)
    for number in range(1000):
        store.add(made(str(number)))
        store.replace(passed(made(str(number)), f"group-{number}"))
    assert len(store._owners["anna"]._tokens) <= 21
    assert len(store._sessions) == len(store._links) == len(store._groups) == 10


def test_what_is_held_about_owners_does_not_grow_with_those_that_went() -> None:
    store = InMemory(10)
    for number in range(1000):
        store.add(made(str(number), f"owner{number % 400}"))
    assert len(store._owners) == sum(len(owners) for owners in store._sizes.values()) <= 10
    for owner in list(store._owners):
        store.reset(owner)
    held = (store._owners, store._sizes, store._sessions, store._links, store._groups)
    assert [len(one) for one in held] == [0] * 5
    assert store._largest == 0


def test_session_takes_less_than_700_bytes() -> None:
    store = InMemory()
    tokens = [f"20260702221526{number:020X}" for number in range(3000)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for token in tokens:
        store.add(made(token))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken / len(tokens) < 700
