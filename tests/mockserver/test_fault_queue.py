"""The queue, in the order of its entries and for the requests it is for; and what the other channels do to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.exchange import Transport
from mockserver.fault_queue import MOST_ENTRIES, MOST_TIMES
from mockserver.faults import Wish, WrongWish
from mockserver.sessions import InMemory, StoreUnavailable
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import CREATE, ask, header

if TYPE_CHECKING:
    from collections.abc import Callable

CONTRACT = packaged_contract()
RESULT = "/volc/asset/GetVisualValidateResult"
OTHER = f"{WORKING}-other"


def engine(store: InMemory | None = None) -> Engine:
    return Engine(CONTRACT, Settings(frozen_at=1_783_001_726), store=store)


def create(asked: Engine, key: str = WORKING, callback: str = "https://app.example/", **headers: str) -> int:
    return ask(asked, "POST", CREATE, {"CallbackURL": callback}, key, headers).status


def statuses(asked: Engine, times: int, key: str = WORKING) -> list[int]:
    return [create(asked, key) for _ in range(times)]


# --- who gets what ----------------------------------------------------------------------------------------------------


def test_next_requests_get_the_entries_in_their_order_and_then_nothing() -> None:
    asked = engine()
    asked.faults.add("code=429", "code=503", times=2)
    asked.faults.add("fault=502-html")
    assert statuses(asked, 7) == [429, 429, 503, 503, 502, 200, 200]
    assert asked.faults.list() == []


def test_entry_can_be_given_as_a_value() -> None:
    asked = engine()
    asked.faults.add(Wish(code=429, delay=1.5), times=2)
    assert [one.wish for one in asked.faults.list()] == [Wish(429, None, 1.5, channel="queue")]
    assert statuses(asked, 3) == [429, 429, 200]


def test_entry_without_an_end_goes_on_until_it_is_cleared() -> None:
    asked = engine()
    asked.faults.add("code=500", times=None)
    assert statuses(asked, 4) == [500] * 4
    assert asked.faults.clear() == 1
    assert statuses(asked, 1) == [200]


def test_entry_of_a_credential_is_for_its_requests_alone() -> None:
    asked = engine()
    asked.faults.add("code=429", credential=OTHER)
    assert create(asked) == 200
    assert statuses(asked, 2, OTHER) == [429, 200]


@pytest.mark.parametrize("name", ["getVisualValidateResult", f"POST {RESULT}"])
def test_entry_of_an_operation_is_for_its_requests_alone(name: str) -> None:
    asked = engine()
    asked.faults.add("code=404", operation=name)
    assert create(asked) == 200
    response = ask(asked, "POST", RESULT, {"BytedToken": "t"}, WORKING)
    assert header(response, "X-Mock-Rule") == "fault.code; basis=asked; by=queue"


def test_earlier_entry_for_others_does_not_keep_a_later_one_back() -> None:
    asked = engine()
    asked.faults.add("code=503", credential=OTHER)
    asked.faults.add("code=429")
    assert (create(asked), create(asked, OTHER)) == (429, 503)


def test_request_that_is_wrong_takes_nothing() -> None:
    asked = engine()
    asked.faults.add("code=503")
    assert ask(asked, "POST", CREATE, {"CallbackURL": 5}, WORKING).status == 400
    assert create(asked, "sk-unknown") == 401
    assert statuses(asked, 2) == [503, 200]


def test_example_and_delay_are_queued_too() -> None:
    asked = engine()
    asked.faults.add("example=schema, delay=2", operation="createVisualValidateSession")
    response = ask(asked, "POST", CREATE, {}, WORKING)
    assert (response.status, response.delay) == (200, 2.0)
    assert b"2026070222152680501D985EA34A3BE3D8" in response.body
    assert header(response, "X-Mock-Rule") == "fault.example; basis=asked; by=queue"
    assert header(response, "Preference-Applied") is None


def test_example_that_there_is_not_is_refused_and_nothing_is_said_to_be_done() -> None:
    response = ask(engine(), "POST", CREATE, {}, f"{WORKING}~~delay-2~example-nope")
    assert (response.status, response.delay) == (400, 0.0)
    assert (header(response, "X-Mock-Rule") or "").startswith("request.fault; ")
    assert b"There is no example 'nope' for 200; there are: schema." in response.body


# --- the order of the channels ----------------------------------------------------------------------------------------


def test_header_wins_over_key_over_callback_over_queue_and_each_leaves_the_queue_alone() -> None:
    asked = engine()
    asked.faults.add("code=500", times=None)
    magic, host = f"{WORKING}~~code-503", "https://code-504.mock.invalid/"
    assert create(asked, magic, host, Prefer="code=429") == 429
    assert create(asked, magic, host) == 503
    assert create(asked, WORKING, host) == 504
    (entry,) = asked.faults.list()
    assert entry.seen == 0
    assert create(asked) == 500


def test_header_with_unknown_preferences_alone_does_not_count() -> None:
    asked = engine()
    asked.faults.add("code=503")
    assert create(asked, Prefer="respond-async") == 503


def test_only_the_header_is_obeyed_before_the_key_is_looked_at() -> None:
    asked = engine()
    assert create(asked, "sk-unknown", Prefer="fault=429-retry-after") == 429
    assert create(asked, "sk-unknown", "https://code-429.mock.invalid/") == 401
    assert create(asked, "sk-unknown~~code-429") == 401


def test_key_that_asks_is_the_sandbox_before_its_tildes() -> None:
    asked = engine()
    token = ask(asked, "POST", CREATE, {}, f"{OTHER}~~delay-1").body[15:49].decode()
    assert ask(asked, "POST", RESULT, {"BytedToken": token}, OTHER).status == 200
    assert ask(asked, "POST", RESULT, {"BytedToken": token}, WORKING).status == 404


# --- what callers in the same process get -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "transport", "status", "delay"),
    [
        ("fault=truncated-body", Transport("truncated-body"), 200, 0),
        ("fault=slow-body", Transport("slow-body", 2.0), 200, 0),
        ("fault=slow-body, lasting=7, delay=1", Transport("slow-body", 7.0), 200, 1),
        ("fault=no-answer, lasting=3", Transport("no-answer", 3.0), 504, 3),
        ("fault=no-answer, delay=1", Transport("no-answer", 600.0), 504, 601),
        ("fault=reset", Transport("reset"), 200, 0),
        ("code=401, fault=reset", Transport("reset"), 401, 0),
        ("fault=invalid-json", None, 200, 0),
        ("code=503", None, 503, 0),
    ],
)
def test_response_says_what_goes_wrong_on_its_way(
    wish: str, transport: Transport | None, status: int, delay: float
) -> None:
    asked = engine()
    asked.faults.add(wish)
    response = ask(asked, "POST", CREATE, {}, WORKING)
    assert (response.status, response.delay, response.transport) == (status, delay, transport)
    assert header(response, "Content-Length") == str(len(response.body))


def test_session_is_made_also_when_its_answer_is_lost() -> None:
    asked = engine()
    asked.faults.add("fault=no-answer")
    create(asked)
    assert asked.sessions.store.counts().sessions == 1


# --- by chance --------------------------------------------------------------------------------------------------------


def draws(seed: str, chance: float, times: int = 200) -> list[int]:
    asked = engine()
    asked.faults.add("code=503", times=None, chance=chance, seed=seed)
    return statuses(asked, times)


def test_chance_hits_the_same_requests_again_and_others_with_another_seed() -> None:
    first = draws("a", 0.1)
    assert first == draws("a", 0.1)
    assert first != draws("b", 0.1)
    assert 5 <= first.count(503) <= 40
    assert set(draws("a", 1.0, 20)) == {503}


def test_chance_and_times_count_the_answers_and_not_the_requests() -> None:
    asked = engine()
    asked.faults.add("code=503", times=3, chance=0.3, seed="s")
    assert statuses(asked, 60).count(503) == 3
    assert asked.faults.list() == []


def test_request_that_is_not_hit_gets_no_later_entry_by_accident() -> None:
    asked = engine()
    asked.faults.add("code=503", times=None, chance=0.000001, seed="s")
    asked.faults.add("code=429")
    assert statuses(asked, 2) == [429, 200]


# --- together ---------------------------------------------------------------------------------------------------------


def test_engines_that_share_a_store_give_out_exactly_what_was_queued() -> None:
    store = InMemory()
    workers = [engine(store) for _ in range(4)]
    workers[0].faults.add("code=503", times=25)
    found: list[int] = []
    threads = [threading.Thread(target=lambda one=one: found.extend(statuses(one, 25))) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found.count(503), found.count(200)) == (25, 75)


class Contested(InMemory):
    """A store in which somebody else is quicker, just before a change of the queue."""

    quicker: Callable[[], object] | None = None

    def set_faults(self, text: str, known: str) -> bool:
        quicker, self.quicker = self.quicker, None
        if quicker is not None:
            quicker()
        return super().set_faults(text, known)


def test_one_who_was_slower_takes_what_the_other_left() -> None:
    store = Contested()
    asked, other = engine(store), engine(store)
    asked.faults.add("code=429", "code=503", "code=504")
    found: list[int] = []
    store.quicker = lambda: found.extend(statuses(other, 1))
    found += statuses(asked, 2)
    assert found == [429, 503, 504]
    store.quicker = lambda: other.faults.add("code=429")
    asked.faults.add("code=503")
    assert [one.wish.code for one in asked.faults.list()] == [429, 503]


@pytest.mark.parametrize("credential", [None, OTHER])
def test_reset_clears_the_entries_of_a_credential_or_all(credential: str | None) -> None:
    asked = engine()
    asked.faults.add("code=503", credential=OTHER)
    asked.faults.add("code=429")
    asked.reset(credential)
    assert [one.wish.applied for one in asked.faults.list()] == ([] if credential is None else ["code=429"])


def test_clearing_one_credential_counts_its_entries() -> None:
    asked = engine()
    for key in (OTHER, OTHER, None):
        asked.faults.add("code=503", credential=key)
    assert (asked.faults.clear(OTHER), asked.faults.clear(OTHER), asked.faults.clear()) == (2, 0, 1)


class Gone(InMemory):
    """A store that loses its queue, for reading or for changing it."""

    gone = ""

    def faults(self) -> str:
        if self.gone == "faults":
            raise StoreUnavailable("test", "gone")
        return super().faults()

    def set_faults(self, text: str, known: str) -> bool:
        if self.gone == "set_faults":
            raise StoreUnavailable("test", "gone")
        return super().set_faults(text, known)


@pytest.mark.parametrize("what", ["faults", "set_faults"])
def test_store_that_is_gone_is_a_503_of_the_mock(what: str) -> None:
    store = Gone()
    asked = engine(store)
    asked.faults.add("code=429")
    store.gone = what
    response = ask(asked, "POST", CREATE, {}, WORKING)
    assert (response.status, (header(response, "X-Mock-Rule") or "").partition(";")[0]) == (503, "mock.store")


# --- what cannot be queued --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "options", "sentence"),
    [
        ("", {}, "Say what to answer: code, example, delay or fault."),
        ("respond-async", {}, "Say what to answer: code, example, delay or fault."),
        ("fault=rest", {}, "There is no fault 'rest'. Did you mean 'reset'?"),
        ("code=418", {"operation": "createVisualValidateSession"}, "code=418 is not documented here; documented: 200"),
        ("code=201", {}, "Session: code=201 is not documented here; documented: 200, 400, 401; of a gateway: 404, "),
        ("example=schema", {}, "there are: finished, unfinished. Name the operation that it is for."),
        ("code=429", {"operation": "createVisualSession"}, "Did you mean 'createVisualValidateSession'?"),
        (Wish(code=99), {}, "code= takes a status from 200 to 599."),
        (Wish(delay=-1.0), {}, "delay= takes seconds"),
        (Wish(fault="rest"), {}, "Did you mean 'reset'?"),
        ("code=429", {"times": 0}, f"times is a number from 1 to {MOST_TIMES}."),
        ("code=429", {"chance": 0.5}, "chance needs a seed"),
        ("code=429", {"chance": 0.0, "seed": "s"}, "chance is a number above 0, and at most 1."),
        ("code=429", {"chance": float("nan"), "seed": "s"}, "chance is a number above 0, and at most 1."),
    ],
)
def test_entry_that_cannot_be_is_refused_and_nothing_is_added(
    wish: str | Wish, options: dict[str, object], sentence: str
) -> None:
    asked = engine()
    with pytest.raises(WrongWish) as refused:
        asked.faults.add("code=503", wish, **options)  # type: ignore[arg-type]
    assert sentence in str(refused.value)
    assert asked.faults.list() == []


def test_queue_is_bounded() -> None:
    asked = engine()
    asked.faults.add(*["code=503"] * MOST_ENTRIES)
    with pytest.raises(WrongWish, match=r"1000 entries at most"):
        asked.faults.add("code=503")
    assert len(asked.faults.list()) == MOST_ENTRIES


def test_no_credential_is_shown_or_kept() -> None:
    asked = engine()
    asked.faults.add("code=503", credential=OTHER)
    assert OTHER not in repr(asked.faults.list()) + asked.sessions.store.faults()
