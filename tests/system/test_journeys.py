"""A thousand verifications over several processes on one store: none lost, none mixed, and one state for all."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.redis_server import RedisServer
from tests.system.journeys import KEYS, travel
from tests.system.running import Client, Mock, all_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOURNEYS = 1000
NOON = "2026-07-02T12:00:00+08:00"


@pytest.fixture(scope="module", params=["two servers on one Redis", "four workers on a file"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Mock]]:
    """Servers on one store, in either of the two ways to have several processes."""
    folder = tmp_path_factory.mktemp("servers")
    with ExitStack() as stack:
        if "Redis" in request.param:
            redis = RedisServer(folder)
            stack.callback(redis.stop)
            redis.start()
            yield [stack.enter_context(Mock(folder, "--store", redis.url)) for _ in range(2)]
        else:
            yield [stack.enter_context(Mock(folder, "--workers", "4"))]


@pytest.fixture
def mocks(servers: list[Mock]) -> Iterator[list[Mock]]:
    """These servers, fresh."""
    with servers[0].client() as client:
        assert client.control("reset", {}).status == 200
    yield servers
    assert all("Traceback" not in mock.err for mock in servers)


@pytest.fixture
def everywhere(mocks: list[Mock]) -> Iterator[list[Client]]:
    """Connections that reach every process there is."""
    with ExitStack() as stack:
        yield [client for mock in mocks for client in stack.enter_context(mock.a_connection_to_each_worker())]


def test_a_thousand_interleaved_journeys_are_neither_lost_nor_mixed(
    mocks: list[Mock], everywhere: list[Client]
) -> None:
    journeys = travel(JOURNEYS, [mock.port for mock in mocks])
    passed = [one for one in journeys if one.outcome == "pass"]
    assert len({one.token for one in journeys}) == len({one.link for one in journeys}) == JOURNEYS
    assert len({one.group for one in passed}) == len(passed) == 666
    assert {one.group for one in journeys if one.outcome == "fail"} == {""}
    for client in everywhere:
        store = client.control("health").value["store"]
        assert (store["sessions"], store["evicted"], store["available"]) == (JOURNEYS, 0, True)
        for one in journeys[:: len(everywhere)]:
            assert client.result(one.token, one.key) == (200, one.group)
    listings = [client.control("sessions?limit=1000").value["sessions"] for client in everywhere]
    assert all(listing == listings[0] for listing in listings)
    assert len(listings[0]) == JOURNEYS
    assert {one["GroupId"] for one in listings[0]} == {one.group for one in journeys}


def test_journal_is_one_for_all_and_misses_nothing(mocks: list[Mock], everywhere: list[Client]) -> None:
    journeys = travel(100, [mock.port for mock in mocks])
    journals = [client.control("journal?limit=1000").value["entries"] for client in everywhere]
    assert all(journal == journals[0] for journal in journals)
    finished = [entry for entry in journals[0] if entry["event"] == "finished"]
    assert sorted(entry["outcome"] for entry in finished) == sorted(one.outcome for one in journeys)


def test_clock_set_through_one_process_is_that_of_all_at_once(everywhere: list[Client]) -> None:
    token, _ = everywhere[0].create()
    for number, client in enumerate(everywhere):
        client.control("clock", {"set": NOON, "freeze": True})
        client.control("clock", {"advance": number})
        expected = f"2026-07-02T04:00:{number:02d}.000000Z"
        assert {one.now() for one in everywhere} == {expected}
    token, _ = everywhere[0].create()
    assert {client.result(token) for client in everywhere} == {(200, "")}
    everywhere[-1].control("clock", {"advance": 1799})
    assert {client.result(token) for client in everywhere} == {(200, "")}
    everywhere[-1].control("clock", {"advance": 1})
    assert {client.result(token) for client in everywhere} == {(404, "")}
    assert {client.complete(token).status for client in everywhere} == {410}


def test_clock_advanced_by_all_at_once_misses_no_step(everywhere: list[Client]) -> None:
    everywhere[0].control("clock", {"set": NOON, "freeze": True})

    def advance(client: Client) -> None:
        for _ in range(10):
            assert client.control("clock", {"advance": 1}).status == 200

    all_at_once([partial(advance, client) for client in everywhere[:6]])
    minutes, seconds = divmod(10 * len(everywhere[:6]), 60)
    assert everywhere[-1].now() == f"2026-07-02T04:{minutes:02d}:{seconds:02d}.000000Z"


def test_reset_through_one_process_is_one_of_all(everywhere: list[Client]) -> None:
    tokens = [client.create(key=KEYS[1])[0] for client in everywhere]
    kept, _ = everywhere[0].create(key=KEYS[2])
    assert everywhere[-1].control("reset", {"credential": KEYS[1]}).value == {"sessions": len(everywhere)}
    assert {client.result(token, KEYS[1]) for client in everywhere for token in tokens} == {(404, "")}
    assert {client.result(kept, KEYS[2]) for client in everywhere} == {(200, "")}
    assert everywhere[-1].control("reset", {}).value == {"sessions": 1}
    assert {client.result(kept, KEYS[2]) for client in everywhere} == {(404, "")}
    assert {client.control("health").value["store"]["sessions"] for client in everywhere} == {0}


def test_session_completed_by_all_at_once_is_completed_once(everywhere: list[Client]) -> None:
    for _ in range(20):
        token, _ = everywhere[0].create()
        answers: list[tuple[int, str]] = []

        def complete(client: Client, token: str = token, into: list[tuple[int, str]] = answers) -> None:
            answer = client.complete(token)
            into.append((answer.status, str(answer.value.get("GroupId"))))

        all_at_once([partial(complete, client) for client in everywhere[:8]])
        groups = [group for status, group in answers if status == 200]
        assert sorted(status for status, _ in answers)[1:] == [409] * (len(answers) - 1)
        assert everywhere[-1].result(token) == (200, groups[0])


def tokens_by_key(mock: Mock) -> dict[str, list[str]]:
    """Make sessions of several credentials over many connections at once; give the tokens of each credential."""
    made: dict[str, list[str]] = {key: [] for key in KEYS[:3]}
    lock = threading.Lock()

    def make(client: Client) -> None:
        with client:
            for key in list(made) * 25:
                token, _ = client.create(key=key)
                with lock:
                    made[key].append(token)

    all_at_once([partial(make, mock.client()) for _ in range(8)])
    return {key: sorted(tokens) for key, tokens in made.items()}


def test_same_seed_and_clock_give_each_credential_the_same_tokens_again_over_four_workers(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        with Mock(tmp_path, "--workers", "4", "--seed", "42", "--clock", NOON) as mock:
            runs.append(tokens_by_key(mock))
    assert runs[0] == runs[1]
    assert [len(set(tokens)) for tokens in runs[0].values()] == [200, 200, 200]
    assert {token[:14] for tokens in runs[0].values() for token in tokens} == {"20260702120000"}
