"""The Redis store: what Redis drops by itself, and trouble with Redis told in a clear sentence without any secret."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
import traceback
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import ClockState
from mockserver.sessions import Counts, StoreUnavailable, in_redis, redis_scripts
from mockserver.sessions.in_redis import PREFIX, InRedis
from tests.mockserver.sessions.making import CREATED, LIFE, SECOND, link_of, looked_at, made, passed
from tests.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

    from mockserver.sessions import Session

PASSWORD = "open-sesame"


@pytest.fixture
def store(redis_server: RedisServer) -> Iterator[InRedis]:
    store = InRedis(redis_server.url)
    yield store
    store.close()


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[redis.Redis]:
    client = redis_server.client()
    yield client
    client.close()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Redis drop a session 0.1 s after twice its life."""
    monkeypatch.setattr(in_redis, "KEPT", 0.1)


def living(token: str, seconds: float, owner: str = "anna") -> Session:
    return made(token, owner, life_ns=round(seconds * SECOND))


def lives(client: redis.Redis) -> dict[str, int]:
    """Give the milliseconds that Redis keeps each key, -1 for one that stays."""
    return {name.removeprefix(PREFIX): client.pttl(name) for name in names(client)}


def names(client: redis.Redis) -> set[str]:
    return {key.decode() if isinstance(key, bytes) else key for key in client.keys("*")}


def refusal(store: InRedis) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        store.add(made("new"))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert PASSWORD not in told
    assert "redis://" not in told
    return str(caught.value)


# --- what goes by itself ----------------------------------------------------------------------------------------------


def test_every_key_of_a_session_goes_with_it_and_only_clock_and_count_of_evicted_stay(
    redis_server: RedisServer, client: redis.Redis
) -> None:
    store = InRedis(redis_server.url, 2)
    for token in ("a", "b", "c"):
        store.next("anna")
        store.add(made(token))
    store.replace(passed(made("c"), "group-1"))
    store.set_clock(ClockState(CREATED))
    store.note({"event": "finished"})
    store.close()
    kept = lives(client)
    session = {
        "s:b",
        "s:c",
        f"l:{link_of('b').hex()}",
        f"l:{link_of('c').hex()}",
        "g:group-1",
        "all",
        "goes",
        "o:anna",
        "owners",
    }
    while_used = {"counters", "counted", "changes", "journal"}
    stay = {"clock", "evicted"}
    assert set(kept) == session | while_used | stay
    assert {key for key, left in kept.items() if left == -1} == stay
    full = 1000 * (2 * LIFE // SECOND + in_redis.KEPT)
    assert all(full - 20_000 < kept[key] <= full for key in session), kept
    week = 1000 * in_redis.UNUSED
    assert all(week - 20_000 < kept[key] <= week for key in while_used), kept


@pytest.mark.usefixtures("short")
def test_session_that_redis_dropped_leaves_nothing(store: InRedis, client: redis.Redis) -> None:
    for number in range(5):
        assert store.add(living(f"t{number}", 0.05, f"owner{number % 2}"))
    done = passed(living("t1", 0.05, "owner1"), "group-1")
    assert store.replace(done)
    assert store.counts().sessions == 5
    time.sleep(0.4)
    assert store.find("t1") is store.find_link(link_of("t1")) is None
    assert not store.replace(looked_at(done))
    assert store.newest(None, 9) == store.newest("owner1", 9) == []
    assert store.counts().sessions == 0
    assert lives(client) == {}


@pytest.mark.usefixtures("short")
def test_what_redis_dropped_is_taken_from_the_lists_while_others_live(store: InRedis, client: redis.Redis) -> None:
    for number in range(5):
        store.add(living(f"short{number}", 0.05, f"owner{number % 2}"))
    store.replace(passed(living("short1", 0.05, "owner1"), "group-1"))
    store.add(made("long", "owner0"))
    time.sleep(0.4)
    assert [session.token for session in store.newest(None, 9)] == ["long"]
    assert [session.token for session in store.newest("owner0", 9)] == ["long"]
    assert store.counts() == Counts(1, store.counts().most, 0)
    assert set(lives(client)) == {
        "s:long",
        f"l:{link_of('long').hex()}",
        "all",
        "goes",
        "o:owner0",
        "owners",
        "changes",
    }
    assert client.zcard(f"{PREFIX}all") == client.zcard(f"{PREFIX}o:owner0") == client.zcard(f"{PREFIX}owners") == 1
    assert store.add(living("short1", 5)), "its token and link are free again"
    assert store.replace(passed(living("short1", 5), "group-1")), "and its group id"


@pytest.mark.usefixtures("short")
def test_dropped_sessions_among_living_ones_leave_room_for_others(redis_server: RedisServer) -> None:
    store = InRedis(redis_server.url, 3)
    store.add(made("old"))
    for number in range(2):
        store.add(living(f"short{number}", 0.01, "bert"))
    time.sleep(0.2)
    assert store.add(made("new"))
    assert store.add(made("newer", "carl"))
    assert store.counts() == Counts(3, 3, 0)
    assert [session.token for session in store.newest(None, 9)] == ["newer", "new", "old"]
    store.close()


def test_lists_that_redis_threw_away_for_want_of_memory_are_done_without(
    redis_server: RedisServer, client: redis.Redis
) -> None:
    store = InRedis(redis_server.url, 2)
    for lost in ("o:anna", "owners", "goes", "all", "counters", "counted"):
        store.add(made(f"before-{lost}"))
        client.delete(f"{PREFIX}{lost}")
        for number in range(4):
            store.next("anna")
            assert store.add(made(f"{lost}-{number}", "ab"[number % 2]))
    store.close()


@pytest.mark.usefixtures("short")
def test_nothing_grows_with_the_sessions_that_went(redis_server: RedisServer, client: redis.Redis) -> None:
    store = InRedis(redis_server.url, 50)
    store.add(made("stays", "stays"))
    for turn in range(5):
        for number in range(20):
            session = living(f"{turn}-{number}", 0.01, f"owner{turn}-{number % 5}")
            assert store.add(session)
            assert store.replace(passed(session, f"group-{turn}-{number}"))
        time.sleep(0.15)
    time.sleep(0.1)
    store.add(made("last", "stays"))
    assert {name: client.zcard(f"{PREFIX}{name}") for name in ("all", "goes", "owners")} == {
        "all": 2,
        "goes": 2,
        "owners": 1,
    }
    links = {f"l:{link_of(token).hex()}" for token in ("stays", "last")}
    keys = {"s:stays", "s:last", *links, "all", "goes", "o:stays", "owners", "changes"}
    assert set(lives(client)) - {"evicted"} == keys
    store.close()


def test_life_of_the_lists_is_that_of_the_longest_session(store: InRedis, client: redis.Redis) -> None:
    store.add(made("long"))
    store.add(living("short", 1))
    till = {name.removeprefix(PREFIX): client.pexpiretime(name) for name in names(client)}
    lists = {till[one] for one in ("all", "goes", "o:anna", "owners", "changes")}
    assert till["s:short"] < till["s:long"] <= min(lists)
    assert max(lists) - till["s:long"] < 1000


@pytest.mark.usefixtures("short")
def test_clock_of_the_mock_does_not_matter_to_redis(store: InRedis) -> None:
    for created in (0, CREATED - 365 * 86_400 * SECOND, 7_000_000_000 * SECOND):
        session = made(f"at{created}", created_ns=created, life_ns=SECOND)
        assert store.add(session)
        assert store.find(session.token) == session


def test_reset_leaves_what_is_not_ours(store: InRedis, client: redis.Redis) -> None:
    client.set("anyfast-mock", "theirs")
    client.set("other:{sessions}:all", "theirs")
    store.add(made("t"))
    store.next("anna")
    store.set_clock(ClockState(CREATED))
    store.reset(None)
    assert names(client) == {
        "anyfast-mock",
        "other:{sessions}:all",
        f"{PREFIX}clock",
        f"{PREFIX}changes",
    }


def test_reset_of_many_sessions_is_done_in_parts_that_do_not_keep_redis_from_others(
    store: InRedis, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2 * redis_scripts.PART + 5):
        store.add(made(str(number), "ab"[number % 2]))
    calls = commands(client)
    assert store.reset("a") == redis_scripts.PART + 3
    assert commands(client) - calls == 3, "two parts, and the exchanges"
    assert store.counts().sessions == redis_scripts.PART + 2
    real = store._run

    def beside(name: str, *values: str | bytes | int) -> object:
        done = real(name, *values)
        if name == "reset" and not values[1]:
            assert store.add(made("meanwhile", "b"))
        return done

    monkeypatch.setattr(store, "_run", beside)
    assert store.reset(None) == redis_scripts.PART + 2
    assert [session.token for session in store.newest(None, 9)] == ["meanwhile"], "it came after the reset began"


def commands(client: redis.Redis) -> int:
    """Count the scripts that were run."""
    return sum(
        int(client.info("commandstats").get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("evalsha", "eval")
    )


def test_databases_of_one_server_are_stores_of_their_own(store: InRedis, redis_server: RedisServer) -> None:
    other = InRedis(redis_server.url.removesuffix("0") + "1")
    store.add(made("t"))
    assert other.find("t") is None
    assert other.next("anna")[0] == store.next("anna")[0] == 0
    other.close()


# --- gone and back ----------------------------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that a test may stop, and leave in any state."""
    server = RedisServer(tmp_path_factory.mktemp("own"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own(own_server: RedisServer) -> Iterator[InRedis]:
    store = InRedis(own_server.url)
    yield store
    store.close()


def wait_until_back(store: InRedis) -> float:
    """Ask until the store answers; give the seconds that it took."""
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            store.counts()
        except StoreUnavailable:
            time.sleep(0.01)
        else:
            return time.monotonic() - began
    pytest.fail("the store does not come back")


NO_CONNECTION = "The redis store is not available: no connection."


def test_server_that_is_stopped_is_told_and_used_again_once_it_is_back(own_server: RedisServer, own: InRedis) -> None:
    own.add(made("t"))
    own_server.stop()
    assert refusal(own) == refusal(own) == NO_CONNECTION
    own_server.start()
    assert wait_until_back(own) < in_redis.PAUSE + 1
    assert own.find("t") is None, "without persistence it forgot"
    assert own.add(made("t"))


def test_server_that_was_restarted_between_two_requests_is_used_without_a_word(
    own_server: RedisServer, own: InRedis
) -> None:
    own.add(made("t"))
    own_server.stop()
    own_server.start()
    assert own.next("anna")[0] == 0
    assert own.add(made("t"))


def test_server_that_was_never_there_is_told(own_server: RedisServer, own: InRedis) -> None:
    own_server.stop()
    assert refusal(own) == NO_CONNECTION


def test_host_that_does_not_exist_is_told_without_its_address() -> None:
    store = InRedis(f"redis://:{PASSWORD}@no-such-host.invalid:6379/0")
    assert refusal(store) == NO_CONNECTION
    store.close()


def test_server_that_hangs_is_given_up_in_time_and_used_again_once_it_goes_on(
    own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_redis, "PATIENCE", 0.5)
    monkeypatch.setattr(in_redis, "PAUSE", 60.0)
    store = InRedis(own_server.url)
    store.add(made("t"))
    own_server.pause()
    began = time.monotonic()
    assert refusal(store).startswith("The redis store is not available: no answer within ")
    assert 0.4 < time.monotonic() - began < 2
    began = time.monotonic()
    for _ in range(20):
        assert refusal(store).startswith("The redis store is not available: no answer within ")
    assert time.monotonic() - began < 0.4, "what was found out a moment ago is not waited for again"
    monkeypatch.setattr(in_redis, "PAUSE", 0.1)
    own_server.resume()
    assert wait_until_back(store) < 2
    assert store.find("t") == made("t")
    store.close()


def test_threads_find_a_server_again_that_went_away_while_they_asked(own_server: RedisServer, own: InRedis) -> None:
    over = threading.Event()
    strange: list[BaseException] = []
    answered = [0] * 4

    def ask(which: int) -> None:
        while not over.is_set():
            try:
                own.next("anna")
                answered[which] += 1
            except StoreUnavailable:
                time.sleep(0.01)
            except BaseException as error:  # noqa: BLE001 - told below
                strange.append(error)
                return

    threads = [threading.Thread(target=ask, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    own_server.stop()
    own_server.start()
    wait_until_back(own)
    before = list(answered)
    time.sleep(in_redis.PAUSE + 0.3)
    over.set()
    for thread in threads:
        thread.join()
    assert strange == []
    assert all(now > then for now, then in zip(answered, before, strict=True))


class Losing(socketserver.ThreadingTCPServer):
    """Stands before a server, and loses the answer to the next script when it is told to."""

    loses = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), PassOn)
        self.target = ("127.0.0.1", port)


class PassOn(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        losing = self.server
        assert isinstance(losing, Losing)
        with socket.create_connection(losing.target) as server:
            while asked := self.request.recv(65536):
                server.sendall(asked)
                answer = server.recv(65536)
                if losing.loses and b"EVALSHA" in asked:
                    losing.loses = False
                    return
                self.request.sendall(answer)


@pytest.fixture
def losing(redis_server: RedisServer) -> Iterator[Losing]:
    with Losing(redis_server.port) as losing:
        thread = threading.Thread(target=losing.serve_forever, args=(0.01,))
        thread.start()
        yield losing
        losing.shutdown()
        thread.join()


def test_nothing_is_sent_twice_when_an_answer_is_lost(losing: Losing) -> None:
    store = InRedis(f"redis://127.0.0.1:{losing.server_address[1]}/0")
    try:
        store.add(made("t"))
        losing.loses = True
        assert refusal(store) == NO_CONNECTION
        assert not losing.loses
        wait_until_back(store)
        assert store.find("new") == made("new"), "it was done all the same"
    finally:
        store.close()


def test_lost_scripts_are_sent_again(store: InRedis, client: redis.Redis) -> None:
    store.add(made("t"))
    client.script_flush()
    assert store.add(made("u"))
    assert store.counts().sessions == 2


# --- refused ----------------------------------------------------------------------------------------------------------


def test_wrong_or_missing_password_is_told_and_never_shown(redis_server: RedisServer) -> None:
    with redis_server.configured(requirepass=PASSWORD + "-of-the-server"):
        for user in ("", f":{PASSWORD}@", f"{PASSWORD}:{PASSWORD}@"):
            store = InRedis(redis_server.url.replace("//", f"//{user}"))
            assert refusal(store) == "The redis store is not available: the user or the password is wrong."
            assert PASSWORD not in repr(store)
            store.close()


def test_right_password_is_taken(redis_server: RedisServer) -> None:
    with redis_server.configured(requirepass="a/b:c@d?e"):
        store = InRedis(redis_server.url.replace("//", "//:a%2Fb%3Ac%40d%3Fe@"))
        assert store.add(made("t"))
        store.close()


def test_replica_is_told_to_take_no_writes_and_used_once_it_does(store: InRedis, client: redis.Redis) -> None:
    store.add(made("t"))
    client.replicaof("127.0.0.1", 1)
    try:
        assert refusal(store) == "The redis store is not available: it is a replica, which takes no writes."
        assert store.find("t") == made("t")
    finally:
        client.replicaof("NO", "ONE")
    assert store.add(made("u"))


def test_full_memory_is_told_and_used_again_once_there_is_room(store: InRedis, redis_server: RedisServer) -> None:
    store.add(made("t"))
    with redis_server.configured(maxmemory="1"):
        assert refusal(store) == "The redis store is not available: its memory is full."
        assert store.find("t") == made("t")
    assert store.counts().sessions == 1
    assert store.add(made("new"))


def test_user_without_rights_is_told(redis_server: RedisServer, client: redis.Redis) -> None:
    client.acl_setuser("reader", enabled=True, passwords=[f"+{PASSWORD}"], keys=["*"], commands=["+get", "+hget"])
    store = InRedis(redis_server.url.replace("//", f"//reader:{PASSWORD}@"))
    assert refusal(store).startswith("The redis store is not available: ")
    store.close()
    client.acl_deluser("reader")


def test_database_that_does_not_exist_is_told(redis_server: RedisServer) -> None:
    store = InRedis(redis_server.url.removesuffix("0") + "99")
    assert refusal(store) == "The redis store is not available: it has no database of that number."
    store.close()


def test_keys_of_another_kind_are_told_and_no_token_is(store: InRedis, client: redis.Redis) -> None:
    client.set(f"{PREFIX}all", "no sorted set")
    client.hset(f"{PREFIX}clock", "no", "text")
    assert refusal(store) == "The redis store is not available: it refused with WRONGTYPE."
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        store.clock()
