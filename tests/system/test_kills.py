"""Workers, servers and stores that die in the middle of the work: what was answered is kept, and the rest goes on."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.redis_server import RedisServer
from tests.system.journeys import KEYS
from tests.system.load import Load
from tests.system.receiver import integrator
from tests.system.running import CREATE, RESULT, Client, Mock, eventually, is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = "2026-07-02T12:00:00+08:00"
BETWEEN_KILLS = 6.0
"""Seconds in which at most one worker may die: granian_worker.CRASH_LOOP, and a little for the start of the next."""

NO_HANG = 3.0
"""Seconds within which a request is answered though the store does not answer."""


@contextmanager
def clients_of(*mocks: Mock) -> Iterator[list[Client]]:
    with ExitStack() as stack:
        yield [client for mock in mocks for client in stack.enter_context(mock.a_connection_to_each_worker())]


def test_worker_killed_under_load_takes_no_answered_session_with_it(tmp_path: Path) -> None:
    with Mock(tmp_path, "--workers", "4", "--store", "sqlite:sessions.db") as mock:
        first = mock.workers
        victim = first[0]
        with Load([mock.port]) as load:
            load.go_on()
            for pause in (BETWEEN_KILLS, 0):
                os.kill(victim, signal.SIGKILL)
                assert eventually(lambda: len(set(mock.workers) - {victim}) == 4)  # noqa: B023 - called at once
                (victim,) = set(mock.workers) - set(first)  # the next to die is the one that took its place
                load.go_on()
                time.sleep(pause)
        assert len(mock.workers) == 4
        with clients_of(mock) as clients:
            load.check(clients)
        assert mock.end() == 0
        assert mock.err.count("was killed by SIGKILL; starting another one") == 2
        assert "Traceback" not in mock.err


def test_worker_killed_takes_the_visits_that_wait_in_it_and_no_outcome(tmp_path: Path) -> None:
    with Mock(tmp_path, "--store", "sqlite:sessions.db", "--clock", NOON) as mock, integrator() as receiver:
        with mock.client() as client:
            token, _ = client.create(receiver.url)
            assert client.complete(token, delay=60, visit_callback=True).status == 202
        (victim,) = mock.workers
        os.kill(victim, signal.SIGKILL)
        assert eventually(lambda: mock.workers not in ([], [victim]))
        with clients_of(mock) as clients:
            clients[0].control("clock", {"advance": 60})
            assert clients[0].result(token)[1].startswith("group-20260702120100-")
        time.sleep(0.2)
        assert receiver.arrived == []


def test_server_killed_under_load_and_started_again_on_its_file_knows_every_answered_session(tmp_path: Path) -> None:
    options = ("--workers", "4", "--store", "sqlite:sessions.db")
    with Mock(tmp_path, *options) as mock, Load([mock.port]) as load:
        load.go_on()
        workers = mock.workers
        mock.process.kill()
        assert eventually(lambda: all(map(is_gone, workers)))
    with Mock(tmp_path, *options) as mock, clients_of(mock) as clients:
        load.check(clients)
        assert clients[0].control("health").value["store"]["sessions"] >= len(load.told)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path, keeps=True)
    server.start()
    yield server
    server.stop()


def test_one_of_two_servers_killed_under_load_leaves_its_sessions_to_the_other(
    redis: RedisServer, tmp_path: Path
) -> None:
    options = ("--store", redis.url)
    with Mock(tmp_path, *options) as one, Mock(tmp_path, *options) as other:
        with Load([one.port, other.port]) as both, Load([other.port], threads=1) as undisturbed:
            both.go_on()
            one.kill()
            undisturbed.go_on()
            with Mock(tmp_path, *options, port=both.ports[0]) as again:
                broken = len(both.breaks)
                both.go_on()
                assert broken > 0
                with clients_of(again, other) as clients:
                    both.stop()
                    both.check(clients)
        assert undisturbed.breaks == []
        with clients_of(other) as clients:
            undisturbed.check(clients)


def refusal(client: Client) -> float:
    """Ask for what needs the store and is refused; give the seconds until the answer."""
    began = time.monotonic()
    answer = client.call(CREATE, {})
    assert answer.status == 503, answer
    assert answer.rule == "mock.store"
    error = answer.value["error"]
    assert set(error) >= {"message", "type", "code"}
    assert "store is not available" in error["message"]
    return time.monotonic() - began


def test_redis_that_is_stopped_is_told_and_used_again_when_it_is_back(redis: RedisServer, tmp_path: Path) -> None:
    with Mock(tmp_path, "--store", redis.url) as mock:
        with Load([mock.port], may_refuse=True) as load, mock.client() as client:
            token, _ = client.create()
            load.go_on()
            redis.stop()
            assert eventually(lambda: len(load.refused) > 10)
            assert refusal(client) < NO_HANG
            assert client.ask("POST", CREATE, {}).status == 401, "what needs no store is answered as ever"
            assert client.call(CREATE, {"CallbackURL": 5}).status == 400
            assert client.call(RESULT, {"BytedToken": token}).status == 503
            assert client.control("ready").status == client.complete(token).status == 503
            health = client.control("health")
            assert (health.status, health.value["store"]["available"]) == (200, False)
            redis.start()
            assert eventually(lambda: client.control("ready").status == 200, NO_HANG)
            load.go_on()
            assert max(load.refused) < NO_HANG
        with clients_of(mock) as clients:
            load.check(clients)
            assert clients[0].result(token) == (200, "")


def test_redis_that_takes_requests_and_answers_none_holds_up_nobody_for_long(
    redis: RedisServer, tmp_path: Path
) -> None:
    with Mock(tmp_path, "--store", redis.url) as mock, mock.client() as client:
        with Load([mock.port], may_refuse=True, threads=6) as load:
            load.go_on()
            redis.pause()
            time.sleep(3)
            began = time.monotonic()
            assert client.ask("POST", CREATE, {}).status == 401
            assert time.monotonic() - began < NO_HANG
            redis.resume()
            assert eventually(lambda: client.control("ready").status == 200, NO_HANG)
            load.go_on()
        assert len(load.refused) > 6
        assert max(load.refused) < NO_HANG
        load.check([client])


def test_folder_of_the_file_that_is_taken_away_is_told_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with Mock(tmp_path, "--workers", "4", "--store", "sqlite:kept/sessions.db") as mock, clients_of(mock) as clients:
        token, _ = clients[0].create()
        folder.rename(tmp_path / "away")
        for client in clients:
            assert refusal(client) < NO_HANG
            assert client.ask("POST", CREATE, {}).status == 401
        (tmp_path / "away").rename(folder)
        assert {client.result(token) for client in clients} == {(200, "")}
        assert clients[-1].complete(token).status == 200


def test_file_that_is_removed_is_told_of_and_begun_anew_by_the_next_start(tmp_path: Path) -> None:
    options = ("--workers", "2", "--store", "sqlite:sessions.db")
    with Mock(tmp_path, *options) as mock, clients_of(mock) as clients:
        old, _ = clients[0].create()
        for path in tmp_path.glob("sessions.db*"):
            path.unlink()
        for client in clients * 2:
            assert refusal(client) < NO_HANG
            assert client.ask("POST", CREATE, {}).status == 401
    with Mock(tmp_path, *options) as mock, clients_of(mock) as clients:
        token, _ = clients[0].create(key=KEYS[1])
        assert {client.result(token, KEYS[1]) for client in clients} == {(200, "")}
        assert {client.result(old) for client in clients} == {(404, "")}
