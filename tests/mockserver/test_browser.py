"""The mock as a browser: it brings the five parameters to the CallbackURL, when it is due and if nobody else did."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from unittest.mock import Mock
from urllib.parse import parse_qsl, urlsplit

import pytest

from mockserver.addresses import AllowList
from mockserver.browser import Browser
from mockserver.clock import ClockState
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.errands import MOST_THREADS
from mockserver.sessions import StoreUnavailable
from mockserver.settings import Settings
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.sessions import Keeper
    from openapi.reading import Json

NOW = 1_783_001_726


@contextmanager
def receiver(arrived: list[str]) -> Iterator[str]:
    """Take callbacks; give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrived.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.fixture
def sessions() -> Keeper:
    return Engine(packaged_contract(), Settings(frozen_at=NOW)).sessions


def advance(sessions: Keeper, seconds: float) -> None:
    sessions.store.set_clock(ClockState(NOW * 10**9 + round(seconds * 1e9)))


def wait_for(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def test_visit_brings_the_five_parameters_and_keeps_what_the_caller_had(sessions: Keeper) -> None:
    arrived: list[str] = []
    with receiver(arrived) as url:
        token = sessions.create(WORKING, f"{url}/done?user=7&a=%20#top").token
        result = Browser(sessions, AllowList()).visit(sessions.complete(token, "fail"))
    assert (result["status"], result["error"], result["hops"]) == (204, "", 0)
    (path,) = arrived
    assert urlsplit(path).path == "/done"
    assert parse_qsl(urlsplit(path).query) == [
        ("user", "7"),
        ("a", " "),
        ("bytedToken", token),
        ("resultCode", "20001"),
        ("algorithmBaseRespCode", "0"),
        ("reqMeasureInfoValue", "0"),
        ("verify_type", "real_time"),
    ]
    (visit,) = [one for one in sessions.store.journal(10) if one["event"] == "visit"]
    assert visit["status"] == 204
    assert token not in str(visit)
    assert "user=7" not in str(visit)


@pytest.mark.parametrize(
    ("callback", "why"),
    [(None, "the session has no CallbackURL"), ("javascript:alert(1)", "the CallbackURL is no http(s) address")],
)
def test_session_without_an_address_is_not_visited_and_the_journal_says_why(
    sessions: Keeper, callback: str | None, why: str
) -> None:
    token = sessions.create(WORKING, callback).token
    result = Browser(sessions, AllowList()).visit(sessions.complete(token, "pass"))
    assert result == {"error": f"not visited: {why}"}
    assert sessions.store.journal(1)[0]["error"] == f"not visited: {why}"


def test_host_off_loopback_is_refused_unless_it_is_allowed(sessions: Keeper) -> None:
    token = sessions.create(WORKING, "http://192.0.2.1/done").token
    result = Browser(sessions, AllowList()).visit(sessions.complete(token, "pass"))
    assert (result["status"], result["address"]) == (0, "")
    assert "--allow-callback-host" in str(result["error"])


def test_visit_that_is_due_later_waits_for_the_clock_of_the_mock(sessions: Keeper) -> None:
    arrived: list[str] = []
    with receiver(arrived) as url:
        browser = Browser(sessions, AllowList())
        for delay in (60, 30):
            token = sessions.create(WORKING, f"{url}/{delay}").token
            browser.visit_when_due(token, due(sessions, token, delay))
        advance(sessions, 29)
        time.sleep(0.15)
        assert arrived == []
        advance(sessions, 31)
        wait_for(lambda: len(arrived) == 1)
        assert arrived[0].startswith("/30?")
        advance(sessions, 61)
        wait_for(lambda: len(arrived) == 2)
        wait_for(lambda: not any(thread.name.startswith("visit") for thread in threading.enumerate()))
    assert len([one for one in sessions.store.journal(10) if one["event"] == "visit"]) == 2


def due(sessions: Keeper, token: str, seconds: float) -> int:
    plan = sessions.plan(token, "pass", seconds).plan
    assert plan is not None
    assert plan.at_ns is not None
    return plan.at_ns


def test_session_that_a_person_ended_before_is_not_visited_again(sessions: Keeper) -> None:
    arrived: list[str] = []
    with receiver(arrived) as url:
        token = sessions.create(WORKING, url).token
        Browser(sessions, AllowList()).visit_when_due(token, due(sessions, token, 10))
        sessions.complete(token, "fail")
        advance(sessions, 11)
        wait_for(lambda: not any(thread.name.startswith("visit") for thread in threading.enumerate()))
    assert arrived == []


def test_session_that_is_gone_when_the_visit_is_due_is_told_in_the_journal(sessions: Keeper) -> None:
    token = sessions.create(WORKING, "http://127.0.0.1:9/").token
    Browser(sessions, AllowList()).visit_when_due(token, due(sessions, token, 10))
    sessions.forget(WORKING)
    advance(sessions, 11)
    wait_for(lambda: sessions.store.journal(1))
    (entry,) = sessions.store.journal(10)
    assert entry["error"] == "not made: There is no session of this token or link."
    wait_for(lambda: not any(thread.name.startswith("visit") for thread in threading.enumerate()))


def test_outcome_that_was_put_off_beyond_the_life_of_its_session_is_told_in_the_journal(sessions: Keeper) -> None:
    token = sessions.create(WORKING, "http://127.0.0.1:9/").token
    Browser(sessions, AllowList()).visit_when_due(token, due(sessions, token, 1800))
    advance(sessions, 1800)
    wait_for(lambda: sessions.store.journal(1))
    assert sessions.store.journal(1)[0]["error"] == "not made: The session has expired."
    wait_for(lambda: not any(thread.name.startswith("visit") for thread in threading.enumerate()))


def test_many_visits_that_are_due_at_once_take_a_bounded_number_of_threads(
    sessions: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[int] = []
    browser = Browser(sessions, AllowList())

    def visit(_: object) -> dict[str, Json]:
        at_once.append(sum(thread.name == "visit" for thread in threading.enumerate()))
        time.sleep(0.01)
        return {}

    monkeypatch.setattr(browser, "visit", visit)
    for _ in range(200):
        token = sessions.create(WORKING, "http://127.0.0.1/").token
        browser.visit_when_due(token, due(sessions, token, 10))
    advance(sessions, 11)
    wait_for(lambda: len(at_once) == 200)
    assert max(at_once) <= MOST_THREADS
    wait_for(lambda: not any(thread.name.startswith("visit") for thread in threading.enumerate()))


def test_visit_whose_entry_cannot_be_written_is_told_all_the_same(
    sessions: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived: list[str] = []
    with receiver(arrived) as url:
        session = sessions.complete(sessions.create(WORKING, url).token, "pass")
        monkeypatch.setattr(sessions.store, "note", Mock(side_effect=StoreUnavailable("memory", "taken away")))
        assert Browser(sessions, AllowList()).visit(session)["status"] == 204
    assert len(arrived) == 1
