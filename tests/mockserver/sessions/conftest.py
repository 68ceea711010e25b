"""The three stores, each made fresh for a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.sessions import MOST_SESSIONS, InMemory
from mockserver.sessions.in_redis import InRedis
from mockserver.sessions.in_sqlite import InSqlite
from tests.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mockserver.sessions import Store
    from tests.mockserver.sessions.making import OpenStore


@pytest.fixture(scope="session")
def running_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(running_redis: RedisServer) -> RedisServer:
    """The Redis server, empty, and as it is started."""
    with running_redis.client() as client:
        client.flushall()
    return running_redis


@pytest.fixture(scope="session", params=["memory", "sqlite", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    """Name each kind of store in turn. Redis is started here, before a test begins, or it would count as its leak."""
    return _ready(request)


@pytest.fixture(scope="session", params=["sqlite", "redis"])
def durable_kind(request: pytest.FixtureRequest) -> str:
    """Name in turn the kinds of store that processes share."""
    return _ready(request)


@pytest.fixture
def open_store(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Open a store of each kind in turn."""
    yield from _opening(kind, request, tmp_path)


@pytest.fixture
def open_durable(durable_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Open a store, in turn of each kind that processes share."""
    yield from _opening(durable_kind, request, tmp_path)


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


def _ready(request: pytest.FixtureRequest) -> str:
    if request.param == "redis":
        request.getfixturevalue("running_redis")
    return str(request.param)


def _opening(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[OpenStore]:
    opened: list[Store] = []
    url = request.getfixturevalue("redis_server").url if kind == "redis" else ""

    def open_one(most: int = MOST_SESSIONS) -> Store:
        if kind == "memory":
            store: Store = InMemory(most)
        elif kind == "sqlite":
            store = InSqlite(folder / "sessions.db", most)
        else:
            store = InRedis(url, most)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        store.close()
