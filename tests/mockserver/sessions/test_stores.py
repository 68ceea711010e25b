"""What every store does, whatever it is made of: the sentences of the protocol, for each kind."""

from __future__ import annotations

import gc
import sys
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.clock import ClockState
from mockserver.credentials import owner_of
from mockserver.exchange import Decision, PlainHeaders, Request, Response
from mockserver.expectations import Expectation, differences
from mockserver.recording import Entry, ExchangeCounts, Recorded, sandbox_of
from mockserver.sessions import Counts, InMemory, in_memory, in_redis, in_sqlite, sqlite_tables
from mockserver.sessions.in_redis import InRedis
from mockserver.sessions.in_sqlite import InSqlite
from mockserver.sessions.model import Plan, Session
from mockserver.sessions.store import JOURNAL
from tests.mockserver.sessions.making import CREATED, LIFE, SECOND, link_of, looked_at, made, passed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.sessions import Store
    from tests.mockserver.sessions.making import OpenStore


def tokens(sessions: list[Session]) -> list[str]:
    return [session.token for session in sessions]


def in_threads(number: int, work: Callable[[int], object]) -> None:
    """Run the same work in several threads that begin together."""
    barrier = threading.Barrier(number)
    failures: list[BaseException] = []

    def run(which: int) -> None:
        barrier.wait()
        try:
            work(which)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# --- sessions are kept as they are ------------------------------------------------------------------------------------


def test_empty_store_finds_nothing_and_counts_nothing(open_store: OpenStore) -> None:
    store = open_store(7)
    assert store.find("t") is None
    assert store.find_link(link_of("t")) is None
    assert store.newest(None, 10) == store.newest("anna", 10) == []
    assert store.journal(10) == []
    assert store.counts() == Counts(0, 7, 0)
    assert store.clock() == ClockState()


def test_added_session_is_found_by_token_and_by_link_and_by_nothing_else(store: Store) -> None:
    session = made("t")
    assert store.add(session)
    assert store.find("t") == session
    assert store.find_link(link_of("t")) == session
    for other in ("", "T", "t ", "tt", "%", "*", link_of("t").hex()):
        assert store.find(other) is None
    for link in (b"", b"t", link_of("T"), link_of("t")[:-1], link_of("t") + b"\0"):
        assert store.find_link(link) is None


FULL = Session(
    token="20260702221526" + "0123456789ABCDEF0123",
    link=bytes(range(240, 256)),
    owner="0f" * 16,
    callback_url="https://app.example/done?user=7&x=%20#top",
    created_ns=CREATED,
    life_ns=LIFE,
    opened_ns=CREATED + 1,
    ended_ns=CREATED + 2,
    outcome="pass",
    group_id="group-20260702221526-a1b2c",
    polls=3,
    plan=Plan("fail", at_ns=CREATED + 3),
    version=0,
)
KEPT = [
    pytest.param(FULL, id="every-field"),
    pytest.param(replace(FULL, plan=Plan("server-error", polls=2)), id="plan-by-polls"),
    pytest.param(replace(FULL, plan=None, opened_ns=None, ended_ns=None, outcome="", group_id=""), id="bare"),
    pytest.param(replace(FULL, callback_url=None), id="no-callback"),
    pytest.param(replace(FULL, callback_url=""), id="empty-callback"),
    pytest.param(replace(FULL, callback_url="x" * 100_000), id="long-callback"),
    pytest.param(replace(FULL, callback_url="a\0b\r\n\x1b[31m'\";--%s{}"), id="control-characters"),
    pytest.param(replace(FULL, callback_url="\ud800 \udfff \ufffe"), id="lone-surrogates"),
    pytest.param(replace(FULL, callback_url="https://例え.jp/🙂"), id="beyond-ascii"),
    pytest.param(replace(FULL, created_ns=0, life_ns=1), id="1970"),
    pytest.param(replace(FULL, created_ns=7_258_118_400 * SECOND, life_ns=100_000_000 * SECOND), id="2200"),
]


@pytest.mark.parametrize("session", KEPT)
def test_every_field_of_a_session_is_kept(store: Store, session: Session) -> None:
    assert store.add(session)
    for found in (store.find(session.token), store.find_link(session.link), *store.newest(session.owner, 1)):
        assert found == session
    changed = replace(session, polls=9, version=1)
    assert store.replace(changed)
    assert store.find(session.token) == changed


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "\0", "tökén", "🙂", "t\n", "x" * 100_000, "{sessions}", "'; --"])
def test_hostile_text_finds_nothing_and_harms_nothing(store: Store, text: str) -> None:
    assert store.add(made("t"))
    assert store.find(text) is None
    assert store.find_link(text.encode("utf-8", "surrogatepass")) is None
    assert store.find("t") == made("t")


# --- one token, one link ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(made("t", "bert", link=link_of("other")), id="token"),
        pytest.param(made("other", "bert", link=link_of("t")), id="link"),
        pytest.param(made("t"), id="both"),
    ],
)
def test_second_session_of_a_token_or_link_is_not_kept_and_changes_nothing(store: Store, second: Session) -> None:
    first = made("t", callback_url="https://first.example")
    assert store.add(first)
    assert not store.add(second)
    assert store.find("t") == store.find_link(link_of("t")) == first
    assert store.find("other") is None
    assert store.newest(None, 5) == [first]
    assert store.newest("bert", 5) == []
    assert store.counts().sessions == 1


def test_threads_that_add_the_same_token_let_one_win(store: Store) -> None:
    won: list[int] = []
    in_threads(8, lambda which: won.append(which) if store.add(made("t", f"owner{which}")) else None)
    assert len(won) == 1
    assert store.counts().sessions == 1
    found = store.find("t")
    assert found is not None
    assert found.owner == f"owner{won[0]}"


# --- a change is made only to what is known ---------------------------------------------------------------------------


def test_next_version_is_kept_and_any_other_is_refused(store: Store) -> None:
    session = made("t")
    store.add(session)
    second = looked_at(session)
    assert store.replace(second)
    for version in (0, 1, 3, -1):
        assert not store.replace(replace(session, polls=50, version=version))
    assert store.find("t") == store.find_link(link_of("t")) == second
    assert store.replace(looked_at(second))


def test_session_that_is_not_kept_cannot_be_changed_and_does_not_appear(store: Store) -> None:
    assert not store.replace(looked_at(made("t")))
    store.add(made("gone"))
    store.reset(None)
    assert not store.replace(looked_at(made("gone")))
    assert store.find("t") is store.find("gone") is None
    assert store.counts().sessions == 0


def test_threads_that_change_the_same_version_let_one_win(store: Store) -> None:
    session = made("t")
    store.add(session)
    won: list[int] = []
    in_threads(8, lambda which: won.append(which) if store.replace(replace(session, polls=which, version=1)) else None)
    assert len(won) == 1
    assert store.find("t") == replace(session, polls=won[0], version=1)


def test_change_counts_no_session_and_keeps_its_place_in_the_list(store: Store) -> None:
    for token in ("a", "b", "c"):
        store.add(made(token))
    store.replace(looked_at(made("a")))
    assert tokens(store.newest(None, 9)) == tokens(store.newest("anna", 9)) == ["c", "b", "a"]
    assert store.counts().sessions == 3


# --- a group id is given once -----------------------------------------------------------------------------------------


def test_two_sessions_cannot_have_the_same_group_id(store: Store) -> None:
    first, second = made("a"), made("b", "bert")
    store.add(first)
    store.add(second)
    assert store.replace(passed(first, "group-1"))
    assert not store.replace(passed(second, "group-1"))
    assert store.find("b") == second, "a refusal changes nothing"
    assert store.replace(passed(second, "group-2"))
    assert store.replace(looked_at(passed(first, "group-1"))), "its own it keeps"


def test_sessions_without_a_group_do_not_stand_in_each_others_way(store: Store) -> None:
    for token in ("a", "b"):
        store.add(made(token))
        assert store.replace(looked_at(made(token)))


@pytest.mark.parametrize("way", ["evicted", "reset of the owner", "reset of everything"])
def test_group_id_is_free_again_when_its_session_is_gone(open_store: OpenStore, way: str) -> None:
    store = open_store(2)
    store.add(made("a"))
    store.replace(passed(made("a"), "group-1"))
    store.add(made("b"))
    if way == "evicted":
        store.add(made("c"))
    else:
        store.reset("anna" if way == "reset of the owner" else None)
        store.add(made("b"))
    assert store.find("a") is None
    assert store.replace(passed(made("b"), "group-1"))


def test_threads_that_want_the_same_group_id_let_one_win(store: Store) -> None:
    for which in range(8):
        store.add(made(str(which)))
    won: list[int] = []
    in_threads(8, lambda which: won.append(which) if store.replace(passed(made(str(which)), "group-1")) else None)
    assert len(won) == 1


# --- lists ------------------------------------------------------------------------------------------------------------


def test_newest_is_first_of_one_owner_and_of_all_within_the_limit(store: Store) -> None:
    for number in range(6):
        store.add(made(str(number), "bert" if number in (1, 4) else "anna"))
    assert tokens(store.newest(None, 99)) == ["5", "4", "3", "2", "1", "0"]
    assert tokens(store.newest(None, 2)) == ["5", "4"]
    assert tokens(store.newest("bert", 99)) == ["4", "1"]
    assert tokens(store.newest("bert", 1)) == ["4"]
    assert store.newest("carl", 9) == []
    for most in (0, -1):
        assert store.newest(None, most) == store.newest("bert", most) == []
    assert len(store.newest(None, 10**12)) == 6


# --- numbers ----------------------------------------------------------------------------------------------------------


def numbers(store: Store, owner: str, times: int) -> list[int]:
    return [store.next(owner)[0] for _ in range(times)]


def test_numbers_go_from_0_for_each_owner(store: Store) -> None:
    assert numbers(store, "anna", 3) == [0, 1, 2]
    assert numbers(store, "bert", 2) == [0, 1]
    assert numbers(store, "anna", 1) == [3]


def test_threads_get_each_number_once(store: Store) -> None:
    found: list[int] = []
    in_threads(8, lambda which: found.extend(numbers(store, "ab"[which % 2], 20)))
    assert sorted(found) == sorted(2 * list(range(80)))


def test_numbers_go_on_when_sessions_are_evicted(open_store: OpenStore) -> None:
    store = open_store(1)
    for token in ("a", "b", "c"):
        store.next("anna")
        store.add(made(token))
    assert store.next("anna")[0] == 3


def test_reset_of_an_owner_restarts_his_numbers_alone(store: Store) -> None:
    numbers(store, "anna", 3)
    numbers(store, "bert", 2)
    store.reset("anna")
    assert (store.next("anna")[0], store.next("bert")[0]) == (0, 2)
    store.reset(None)
    assert (store.next("anna")[0], store.next("bert")[0]) == (0, 0)


def test_counters_are_bounded_and_give_no_number_twice(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (in_memory, in_redis, sqlite_tables):
        monkeypatch.setattr(module, "MOST_COUNTERS", 3)
    store = open_store()
    given: dict[str, list[int]] = {}
    for turn in range(60):
        owner = "abcde"[turn * 7 % 5] if turn % 3 else "a"
        given.setdefault(owner, []).append(store.next(owner)[0])
    assert given["a"][:2] == [0, 1]
    assert all(len(set(one)) == len(one) for one in given.values()), given
    assert counters(store) == 3
    store.next("last")
    store.reset("last")
    assert counters(store) == 2
    store.reset(None)
    assert store.next("z")[0] == 0


def counters(store: Store) -> int:
    """Tell how many counters are kept."""
    if isinstance(store, InMemory):
        return len(store._counters._counters)
    if isinstance(store, InSqlite):
        with store._reading() as connection:
            return int(connection.execute("SELECT count(*) FROM counters").fetchone()[0])
    assert isinstance(store, InRedis)
    counted = store._redis.zcard(f"{in_redis.PREFIX}counted")
    assert store._redis.hlen(f"{in_redis.PREFIX}counters") == counted
    return counted


# --- the clock --------------------------------------------------------------------------------------------------------

STATES = [
    ClockState(),
    ClockState(CREATED),
    ClockState(0),
    ClockState(None, 86_400 * SECOND),
    ClockState(None, -CREATED),
]


@pytest.mark.parametrize("state", STATES)
def test_clock_state_is_kept_comes_with_a_number_and_outlives_a_reset(store: Store, state: ClockState) -> None:
    store.set_clock(ClockState(1))
    store.set_clock(state)
    assert store.clock() == state
    assert store.next("anna") == (0, state)
    store.reset("anna")
    store.reset(None)
    assert store.clock() == state
    assert store.next("anna") == (0, state)


def test_clock_is_set_only_if_nobody_else_did(store: Store) -> None:
    assert store.set_clock(ClockState(1), ClockState())
    assert not store.set_clock(ClockState(2), ClockState())
    assert not store.set_clock(ClockState(2), ClockState(None, 1))
    assert store.clock() == ClockState(1)
    assert store.set_clock(ClockState(None, 5), ClockState(1))
    assert store.set_clock(ClockState(3))
    assert store.clock() == ClockState(3)


def test_threads_that_advance_the_clock_miss_no_step(store: Store) -> None:
    def advance() -> None:
        for _ in range(20):
            while True:
                known = store.clock()
                if store.set_clock(known.moved(known.apply(CREATED) + SECOND, CREATED), known):
                    break

    threads = [threading.Thread(target=advance) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.clock() == ClockState(None, 80 * SECOND)


# --- the queue of faults ----------------------------------------------------------------------------------------------


def test_queue_of_faults_is_kept_and_changed_only_if_nobody_else_did(store: Store) -> None:
    assert store.faults() == ""
    assert store.set_faults('["a \\u00e9"]', "")
    assert not store.set_faults("b", "")
    assert not store.set_faults("b", "a")
    assert store.faults() == '["a \\u00e9"]'
    assert store.set_faults("b", '["a \\u00e9"]')
    assert store.set_faults("", "b")
    assert store.faults() == ""
    assert store.set_faults("c", "")


def test_threads_that_take_from_the_queue_of_faults_each_take_their_own(store: Store) -> None:
    store.set_faults("x" * 80, "")

    def take(_: int) -> None:
        for _ in range(10):
            while True:
                known = store.faults()
                if store.set_faults(known[1:], known):
                    break

    in_threads(8, take)
    assert store.faults() == ""


def test_only_a_reset_of_everything_empties_the_queue_of_faults(store: Store) -> None:
    store.set_faults("a", "")
    store.reset("anna")
    assert store.faults() == "a"
    store.reset(None)
    assert store.faults() == ""
    assert store.set_faults("b", "")


# --- the journal ------------------------------------------------------------------------------------------------------


def test_journal_has_the_newest_first_within_the_limit(store: Store) -> None:
    for number in range(4):
        store.note({"event": "visit", "number": number, "nested": [None, True, {"text": "\ud800\0é"}]})
    found = store.journal(9)
    assert [entry["number"] for entry in found] == [3, 2, 1, 0]
    assert found[0] == {"event": "visit", "number": 3, "nested": [None, True, {"text": "\ud800\0é"}]}
    assert [entry["number"] for entry in store.journal(1)] == [3]
    assert store.journal(0) == store.journal(-1) == []
    assert len(store.journal(10**12)) == 4


def test_journal_is_bounded(store: Store) -> None:
    for number in range(JOURNAL + 5):
        store.note({"number": number})
    found = store.journal(JOURNAL + 50)
    assert [entry["number"] for entry in found] == list(range(JOURNAL + 4, 4, -1))


def test_only_a_reset_of_everything_empties_the_journal(store: Store) -> None:
    store.note({"event": "one"})
    store.reset("anna")
    assert store.journal(9) == [{"event": "one"}]
    store.reset(None)
    assert store.journal(9) == []
    store.note({"event": "two"})
    assert store.journal(9) == [{"event": "two"}]


# --- exchanges --------------------------------------------------------------------------------------------------------

KEY = "sk-mock-byteplus-direct-PRIVATE"


def exchange(number: int = 0, key: str = KEY, body: bytes = b"") -> Recorded:
    """Make an exchange; its token and callback are of that number."""
    token = f"20260702221526{number:020X}"
    sent: dict[str, str] = {"Authorization": f"Bearer {key}"} if key else {}
    request = Request("POST", f"/\ud800/{number}", f"token={token}", PlainHeaders(sent), lambda _: b"")
    request.id = f"20260702141526250000000{number:08d}"
    request.body = body or b'{"BytedToken": "%s", "CallbackURL": "https://a/b?user=PRIVATE"}' % token.encode()
    response = Response(200, [("Content-Type", "application/json")], b'{"n": %d}' % number)
    return Recorded(request, response, Decision("rule", "assumed", "\0 because"), 0.25)


def kept(store: Store, after: int = 0) -> list[int]:
    return [one.number for one in store.exchanges(after)]


def test_exchanges_are_numbered_and_the_newest_is_first(store: Store) -> None:
    assert store.exchanges() == []
    assert store.exchange_counts() == ExchangeCounts()
    for number in range(4):
        store.record(exchange(number), 10)
    assert kept(store) == [4, 3, 2, 1]
    assert kept(store, 2) == [4, 3]
    assert kept(store, 4) == kept(store, 99) == []
    counts = store.exchange_counts()
    assert (counts.entries, counts.dropped, counts.newest) == (4, 0, 4)
    assert counts.bytes > 0


def test_exchange_is_shown_the_same_from_every_store(store: Store) -> None:
    there = exchange(7)
    store.record(exchange(7), 10)
    (entry,) = store.exchanges()
    assert entry.sealed == there.sealed()
    assert entry.shown() == Entry(1, there).shown()
    assert entry.shown()["sandbox"] == sandbox_of(owner_of(KEY))
    assert (entry.status, entry.rule, entry.method) == (200, "rule", "POST")
    assert entry.time == "2026-07-02T14:15:26.250000Z"


def test_what_a_test_expects_is_found_in_every_store(store: Store) -> None:
    store.record(exchange(7), 10)
    (entry,) = store.exchanges()
    token, callback = f"20260702221526{7:020X}", "https://a/b?user=PRIVATE"
    right = Expectation(None, {"BytedToken": token, "CallbackURL": callback}, {"authorization": f"Bearer {KEY}"})
    assert list(differences(right, entry)) == []
    wrong = Expectation(None, {"BytedToken": token[:-1] + "8"}, {"authorization": "Bearer other"}, {"token": token})
    assert [one.place for one in differences(wrong, entry)] == ["body", "header"]


def test_no_secret_leaves_the_process(open_durable: OpenStore, tmp_path: Path) -> None:
    store = open_durable()
    store.record(exchange(0xABCDEF), 10)
    if isinstance(store, InRedis):
        raw = b"".join(store._redis.lrange(f"{in_redis.PREFIX}exchanges", 0, -1))  # type: ignore[arg-type]
    else:
        raw = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"***" in raw
    for secret in (b"PRIVATE", b"ABCDEF", b"sk-mock"):
        assert secret not in raw
    raw_values = store.exchanges()[0]
    assert raw_values.json == {"BytedToken": "20260702221526***", "CallbackURL": "https://a/b?***"}
    assert raw_values.headers == {"authorization": "Bearer ***"}
    assert raw_values.query == [("token", "***")]
    assert raw_values.path == "/\ud800/11259375"


def test_oldest_exchanges_go_beyond_the_bounds_and_are_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        store.record(exchange(number), 3)
    assert kept(store) == [7, 6, 5]
    assert store.exchange_counts().dropped == 4
    for module in (in_memory, in_redis, in_sqlite):
        monkeypatch.setattr(module, "JOURNAL_BYTES", 12_000)
    for number in range(9):
        store.record(exchange(number, body=b'{"a": "%s"}' % (b"x y " * 1000)), 1000)
    counts = store.exchange_counts()
    assert 0 < counts.bytes <= 12_000
    assert counts.entries == len(kept(store)) <= 3
    assert counts.entries + counts.dropped == counts.newest == 16
    store.record(exchange(1, body=b'{"a": "%s"}' % (b"x y " * 10_000)), 1000)
    assert store.exchange_counts().entries == 0, "one that is larger than all that may be kept is not"


def test_exchanges_of_a_sandbox_are_forgotten_alone(store: Store) -> None:
    for number, key in enumerate(("a", "b", "", "a")):
        store.record(exchange(number, key), 10)
    before = store.exchange_counts()
    assert store.forget_exchanges(sandbox_of(owner_of("a"))) == 2
    assert store.forget_exchanges(sandbox_of(owner_of("c"))) == 0
    assert kept(store) == [3, 2]
    after = store.exchange_counts()
    assert (after.entries, after.dropped, after.newest) == (2, 0, 4)
    assert 0 < after.bytes < before.bytes
    assert store.forget_exchanges(None) == 2
    assert store.exchange_counts() == ExchangeCounts(0, 0, 0, 4)
    store.record(exchange(9), 10)
    assert kept(store) == kept(store, 4) == [5]


def test_reset_forgets_the_exchanges_of_its_owner_or_all(store: Store) -> None:
    for key in ("a", "b", "a", ""):
        store.record(exchange(0, key), 10)
    store.reset(owner_of("a"))
    assert kept(store) == [4, 2]
    store.reset(None)
    assert kept(store) == []


def test_threads_miss_no_exchange(store: Store) -> None:
    def work(which: int) -> None:
        for _ in range(20):
            store.record(exchange(which, f"key{which}"), 1000)

    in_threads(4, work)
    assert kept(store) == list(range(80, 0, -1))
    assert store.exchange_counts().entries == 80


def test_processes_see_the_same_exchanges(open_durable: OpenStore) -> None:
    one, other = open_durable(), open_durable()
    one.record(exchange(1), 2)
    other.record(exchange(2), 2)
    assert kept(one) == kept(other) == [2, 1]
    other.record(exchange(3), 2)
    assert kept(one) == [3, 2]
    assert one.exchange_counts() == other.exchange_counts()


# --- reset ------------------------------------------------------------------------------------------------------------


def test_reset_of_an_owner_forgets_his_sessions_alone(open_store: OpenStore) -> None:
    store = open_store(4)
    for number in range(5):
        store.add(made(f"a{number}"))
    store.add(made("b", "bert"))
    assert store.counts() == Counts(4, 4, 2)
    assert store.reset("anna") == 3
    assert store.reset("anna") == store.reset("carl") == 0
    assert store.counts() == Counts(1, 4, 2)
    assert store.find("a4") is store.find_link(link_of("a4")) is None
    assert tokens(store.newest(None, 9)) == ["b"]
    assert store.newest("anna", 9) == []
    assert store.add(made("a4")), "token and link are free again"
    assert store.counts().sessions == 2


def test_reset_of_the_largest_credential_leaves_the_next_one_the_largest(open_store: OpenStore) -> None:
    store = open_store(6)
    for number in range(4):
        store.add(made(f"a{number}"))
    store.add(made("b0", "bert"))
    store.add(made("b1", "bert"))
    store.reset("anna")
    for number in range(5):
        assert store.add(made(f"c{number}", f"carl{number}"))
    assert sorted(tokens(store.newest(None, 9))) == ["b1", "c0", "c1", "c2", "c3", "c4"]
    assert store.add(made("a0"))
    assert store.counts().sessions == 6


def test_reset_of_everything_forgets_all_sessions_and_counts(open_store: OpenStore) -> None:
    store = open_store(2)
    for number in range(5):
        store.add(made(str(number), "ab"[number % 2]))
    assert store.reset(None) == 2
    assert store.reset(None) == 0
    assert store.counts() == Counts(0, 2, 0)
    assert store.newest(None, 9) == store.newest("a", 9) == []
    for number in range(5):
        assert store.add(made(str(number)))
    assert store.counts() == Counts(2, 2, 3)


def test_reset_between_threads_that_add_leaves_no_remains(open_store: OpenStore) -> None:
    store = open_store(20)

    def work(which: int) -> None:
        for number in range(30):
            if which == 0:
                store.reset(None if number % 2 else "owner1")
            else:
                session = made(f"{which}-{number}", f"owner{which}")
                store.next(session.owner)
                assert store.add(session)
                store.replace(passed(session, f"group-{which}-{number}"))

    in_threads(4, work)
    _assert_consistent(store)
    store.reset(None)
    assert store.counts() == Counts(0, 20, 0)
    for which in (1, 2, 3):
        for number in range(30):
            session = made(f"{which}-{number}")
            assert store.find(session.token) is store.find_link(session.link) is None
            assert store.add(session)
            assert store.replace(passed(session, f"group-{which}-{number}"))


def _assert_consistent(store: Store) -> None:
    """See that lists, counts and what can be found agree."""
    listed = store.newest(None, 10**6)
    assert store.counts().sessions == len(listed) == len(set(tokens(listed)))
    for session in listed:
        assert store.find(session.token) == store.find_link(session.link) == session
    for owner in {session.owner for session in listed}:
        assert store.newest(owner, 10**6) == [session for session in listed if session.owner == owner]


# --- the bound --------------------------------------------------------------------------------------------------------


def test_beyond_the_bound_the_oldest_goes(open_store: OpenStore) -> None:
    store = open_store(3)
    for number in range(10):
        assert store.add(made(str(number)))
        assert store.counts().sessions == min(number + 1, 3)
    assert tokens(store.newest(None, 9)) == ["9", "8", "7"]
    for gone in range(7):
        assert store.find(str(gone)) is store.find_link(link_of(str(gone))) is None
        assert not store.replace(looked_at(made(str(gone))))


def test_credential_with_the_most_sessions_pays_for_all(open_store: OpenStore) -> None:
    store = open_store(10)
    for number in range(3):
        store.add(made(f"few{number}", "few"))
    for number in range(20):
        store.add(made(f"many{number}", "many"))
    for number in range(2):
        store.add(made(f"late{number}", "late"))
    assert tokens(store.newest("few", 9)) == ["few2", "few1", "few0"], "even the oldest of all"
    assert tokens(store.newest("late", 9)) == ["late1", "late0"]
    assert tokens(store.newest("many", 9)) == [f"many{number}" for number in (19, 18, 17, 16, 15)]
    assert store.counts() == Counts(10, 10, 15)


def test_credential_of_as_many_as_another_takes_nothing_from_it(open_store: OpenStore) -> None:
    store = open_store(4)
    for token, owner in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b")):
        store.add(made(token, owner))
    for number in range(3, 9):
        store.add(made(f"b{number}", "b"))
    assert tokens(store.newest("a", 9)) == ["a2", "a1"]
    assert tokens(store.newest("b", 9)) == ["b8", "b7"]


def test_of_credentials_with_as_many_the_one_waits_least_who_got_there_first(open_store: OpenStore) -> None:
    store = open_store(3)
    for owner in ("x", "a", "z", "m", "b", "y"):
        assert store.add(made(f"of-{owner}", owner))
        assert store.find(f"of-{owner}") is not None, "the new one itself never goes"
    assert tokens(store.newest(None, 9)) == ["of-y", "of-b", "of-m"]


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_of_two_with_as_many_the_one_who_just_lost_a_session_is_spared(
    open_store: OpenStore, first: str, second: str
) -> None:
    store = open_store(4)
    for number in range(3):
        store.add(made(f"first{number}", first))
    for number in range(2):
        store.add(made(f"second{number}", second))
    assert tokens(store.newest(first, 9)) == ["first2", "first1"]
    store.add(made("third", "c"))
    assert tokens(store.newest(None, 9)) == ["third", "second1", "first2", "first1"]


def test_bound_of_one_keeps_the_newest(open_store: OpenStore) -> None:
    store = open_store(1)
    for owner in ("b", "a", "a", "c", "b"):
        token = f"{owner}{store.next(owner)[0]}"
        assert store.add(made(token, owner))
        assert tokens(store.newest(None, 9)) == [token]


def test_only_sessions_that_were_alive_count_as_evicted(open_store: OpenStore) -> None:
    store = open_store(1)
    store.add(made("dead", life_ns=5))
    store.add(made("dying", created_ns=CREATED + 5, life_ns=2))
    assert store.counts().evicted == 0, "its life ended at that very moment"
    store.add(made("last", created_ns=CREATED + 6))
    assert store.counts().evicted == 1, "it had a nanosecond left"


def test_lower_bound_of_a_later_start_is_kept_at_the_next_session(open_durable: OpenStore) -> None:
    before = open_durable(10)
    for number in range(10):
        before.add(made(str(number), "ab"[number % 2]))
    after = open_durable(3)
    assert after.counts() == Counts(10, 3, 0)
    after.add(made("new", "c"))
    assert after.counts() == Counts(3, 3, 8)
    assert sorted(tokens(after.newest(None, 99))) == ["8", "9", "new"]
    _assert_consistent(after)


def test_threads_stay_within_the_bound(open_store: OpenStore) -> None:
    store = open_store(5)
    in_threads(4, lambda which: [store.add(made(f"{which}-{number}", str(which))) for number in range(20)])
    assert store.counts() == Counts(5, 5, 75)
    _assert_consistent(store)


# --- what a session costs ---------------------------------------------------------------------------------------------


def test_session_costs_the_same_in_an_empty_store_and_in_a_full_one(open_store: OpenStore) -> None:
    store = open_store(2000)
    early = [cost(store, made(f"early{number}")) for number in range(10)]
    store.reset(None)
    for number in range(1000):
        store.add(made(str(number), f"owner{number}"))
    for number in range(1000, 2000):
        store.add(made(str(number), "many"))
    late = [cost(store, made(f"late{number}", f"owner{number % 3}")) for number in range(10)]
    assert store.counts() == Counts(2000, 2000, 10)
    assert max(late) < 4 * max(early), "one goes for each that comes, and that is all there is to do more"


def cost(store: Store, session: Session) -> int:
    """Count the steps of adding a session: of Python in memory, of SQLite's engine, commands of Redis."""
    if isinstance(store, InMemory):
        return _python_steps(partial(store.add, session))
    if isinstance(store, InSqlite):
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        with store._reading() as connection:
            connection.set_progress_handler(step, 1)
        assert store.add(session)
        with store._reading() as connection:
            connection.set_progress_handler(None, 0)
        return steps
    assert isinstance(store, InRedis)
    before = _redis_commands(store)
    assert store.add(session)
    return _redis_commands(store) - before


def _python_steps(work: Callable[[], object]) -> int:
    steps = 0

    def trace(frame: Any, event: str, _: object) -> Any:  # noqa: ANN401 - as sys.settrace has it
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    outer = sys.gettrace()
    gc.disable()  # what others do at a collection would count too
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(outer)
        gc.enable()
    return steps


def _redis_commands(store: InRedis) -> int:
    return sum(one["calls"] for one in store._redis.info("commandstats").values())
