"""Disks that are full, stores that only read, clocks that jump back: what was answered stays, and the rest goes on."""

from __future__ import annotations

import resource
import sys
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import FrozenClock
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.sessions.in_sqlite import InSqlite
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import CREATE as CREATE_PATH
from tests.documents.making import ask, header
from tests.system.running import CREATE, Mock, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.exchange import Response

CONTRACT = packaged_contract()
RESULT = "/volc/asset/GetVisualValidateResult"
NOON = 1_783_001_726
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set by prlimit")


def rule(response: Response) -> str:
    return (header(response, "X-Mock-Rule") or "").partition(";")[0]


def create(engine: Engine) -> Response:
    return ask(engine, "POST", CREATE_PATH, {}, WORKING)


def token_of(response: Response) -> str:
    assert response.status == 200, response.body
    return response.body.decode().split('"BytedToken":"')[1].split('"')[0]


def known(engine: Engine, token: str) -> bool:
    return ask(engine, "POST", RESULT, {"BytedToken": token}, WORKING).status == 200


@LINUX
def test_disk_that_is_full_is_told_and_used_again_when_there_is_room(tmp_path: Path) -> None:
    with Mock(tmp_path, "--store", "sqlite:sessions.db", "--journal", "0") as mock, mock.client() as client:
        before = [client.create()[0] for _ in range(5)]
        (worker,) = mock.workers
        size = max(path.stat().st_size for path in tmp_path.glob("sessions.db*"))
        _, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (size, hard))  # what a file may grow to
        answers = [client.call(CREATE, {}) for _ in range(200)]
        refused = [answer for answer in answers if answer.status != 200]
        assert refused, "the limit was never met"
        assert {(answer.status, answer.rule) for answer in refused} == {(503, "mock.store")}
        assert "store is not available" in refused[0].value["error"]["message"]
        assert client.ask("POST", CREATE, {}).status == 401, "what needs no store is answered as ever"
        kept = [*before, *(str(answer.value["BytedToken"]) for answer in answers if answer.status == 200)]
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
        assert eventually(lambda: client.call(CREATE, {}).status == 200)
        assert mock.workers == [worker]
        assert all(client.result(token)[0] == 200 for token in kept), "an answered session is lost"
        assert "Traceback" not in mock.err


@LINUX
def test_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    with Mock(tmp_path) as mock, mock.client() as client:
        client.create()
        (worker,) = mock.workers
        assert eventually(lambda: CREATE in mock.err)
        _, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, hard))
        tokens = {client.create()[0] for _ in range(50)}
        assert len(tokens) == 50
        assert mock.workers == [worker]
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
        assert mock.end() == 0


def test_store_that_only_reads_refuses_what_it_cannot_keep_and_answers_the_rest(tmp_path: Path) -> None:
    store = InSqlite(tmp_path / "sessions.db")
    engine = Engine(CONTRACT, Settings(), FrozenClock(NOON), store=store)
    token = token_of(create(engine))
    for _ in range(3):
        store._file.connection().execute("PRAGMA query_only = ON")
        refused = create(engine)
        assert (refused.status, rule(refused)) == (503, "mock.store")
    assert known(engine, token), "the next connection may write again"
    assert token_of(create(engine)) != token
    store.close()


def test_journal_that_finds_no_room_does_not_stop_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = InSqlite(tmp_path / "sessions.db")
    engine = Engine(CONTRACT, Settings(), FrozenClock(NOON), store=store)

    def full(*_: object) -> None:
        from mockserver.sessions import StoreUnavailable

        raise StoreUnavailable("sqlite", "database or disk is full")

    monkeypatch.setattr(store, "record", full)
    token = token_of(create(engine))
    assert known(engine, token)
    store.close()


def test_clock_that_jumps_back_makes_no_token_twice_and_ends_no_session() -> None:
    clock = FrozenClock(NOON)
    engine = Engine(CONTRACT, Settings(seed="7"), clock)
    tokens = [token_of(create(engine)) for _ in range(20)]
    clock.advance(-3600)
    tokens += [token_of(create(engine)) for _ in range(20)]
    clock.advance(1200)
    tokens += [token_of(create(engine)) for _ in range(20)]
    assert len(set(tokens)) == 60
    assert all(known(engine, token) for token in tokens)
