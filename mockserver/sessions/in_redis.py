"""Sessions in Redis, for mocks on several hosts behind a load balancer.

Redis itself drops what is past its life, by its own clock. What must happen as one step is a small script that runs in
Redis; only a reset of more than a thousand sessions is several steps, after which all are gone that were there before.
Nothing is sent twice: when an answer is lost, whether it was done is not known, and the store says so.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mockserver.clock import ClockState
from mockserver.recording import JOURNAL_BYTES, ExchangeCounts, sandbox_of
from mockserver.sessions import redis_scripts
from mockserver.sessions.encoding import (
    clock_from_text,
    clock_text,
    entry_from_text,
    entry_text,
    exchange_from_text,
    exchange_text,
    session_from_text,
    session_text,
)
from mockserver.sessions.store import JOURNAL, MOST_COUNTERS, MOST_SESSIONS, Counts, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.recording import Entry, Recorded
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InRedis"]

PREFIX = "anyfast-mock:2:{sessions}:"
"""Before every key of ours: with the version of what the keys hold, and in braces what keeps them in one slot."""

KEPT = 3600.0
"""Seconds that Redis keeps a session beyond twice its life: the mock's clock may stand while that of Redis goes on."""

UNUSED = 7 * 24 * 3600.0
"""Seconds that Redis keeps counters, the journal and the queue of faults after their last use."""

PATIENCE = 2.0
"""Seconds to wait for Redis."""

PAUSE = 0.25
"""Seconds after a failure in which nothing is asked: a request has several questions, and each would wait."""


class InRedis:
    """A store in Redis. Connections are made when they are needed, and anew after trouble."""

    kind = "redis"

    def __init__(self, url: str, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._failure = ("", float("-inf"))  # what went wrong last, and when
        self._redis: redis.Redis = redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._scripts = {
            name: self._redis.register_script(text)
            for name, text in {
                "next": redis_scripts.NEXT,
                "add": redis_scripts.ADD,
                "replace": redis_scripts.REPLACE,
                "set clock": redis_scripts.SET_CLOCK,
                "set faults": redis_scripts.SET_FAULTS,
                "counts": redis_scripts.COUNTS,
                "reset": redis_scripts.RESET,
                "record": redis_scripts.RECORD,
                "forget exchanges": redis_scripts.FORGET_EXCHANGES,
            }.items()
        }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        words, moment = self._failure
        if time.monotonic() - moment < PAUSE:
            raise StoreUnavailable(self.kind, words)
        try:
            yield
        except redis.RedisError as error:
            words = _words(error)
            if isinstance(error, redis.ConnectionError | redis.TimeoutError):
                self._failure = (words, time.monotonic())
            raise StoreUnavailable(self.kind, words) from None

    def _run(self, name: str, *values: str | bytes | int) -> Any:  # noqa: ANN401 - the script decides
        with self._asking():
            return self._scripts[name](keys=[PREFIX], args=values)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    # --- sessions -----------------------------------------------------------------------------------------------------

    def next(self, owner: str) -> tuple[int, ClockState]:
        """Give the next number of an owner, from 0, and what was done to the clock."""
        number, clock = self._run("next", owner, MOST_COUNTERS, _milliseconds(UNUSED))
        return number, clock_from_text(clock)

    def add(self, session: Session) -> bool:
        """Keep a new session; False when its token or link is taken."""
        life = session.life_ns / 1_000_000_000
        added = self._run(
            "add",
            session.token,
            session.link.hex(),
            session.owner,
            session_text(session),
            session.version,
            f"{session.created_ns:020d}",  # of one length, to be compared as texts: Lua has no such numbers
            f"{session.expires_ns:020d}",
            _milliseconds(2 * life + KEPT),
            self._most,
        )
        return bool(added)

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        if not token.isascii():
            return None  # also a lone surrogate, which cannot be sent
        with self._asking():
            kept: Any = self._redis.get(f"{PREFIX}s:{token}")
        return None if kept is None else _session(kept)

    def find_link(self, link: bytes) -> Session | None:
        """Find a session by the digest of its link."""
        with self._asking():
            token: Any = self._redis.get(f"{PREFIX}l:{link.hex()}")
        return None if token is None else self.find(token.decode("ascii"))

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""
        group = session.group_id or "-"
        return bool(self._run("replace", session.token, session_text(session), session.version, group))

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""
        if most < 1:
            return []
        with self._asking():
            found: Any = self._redis.zrevrange(f"{PREFIX}all" if owner is None else f"{PREFIX}o:{owner}", 0, most - 1)
            tokens = [one if owner is not None else one.partition(b":")[2] for one in found]
            kept: Any = self._redis.mget([f"{PREFIX}s:{token.decode('ascii')}" for token in tokens]) if tokens else ()
        return [_session(one) for one in kept if one is not None]

    # --- everything else that workers share ---------------------------------------------------------------------------

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        with self._asking():
            text: Any = self._redis.get(f"{PREFIX}clock")
        return clock_from_text(text)

    def set_clock(self, state: ClockState, known: ClockState | None = None) -> bool:
        """Remember what was done to the clock; False, and nothing is changed, when that is no longer `known`."""
        untouched, expected = clock_text(ClockState()), "" if known is None else clock_text(known)
        return bool(self._run("set clock", clock_text(state), expected, untouched))

    def faults(self) -> str:
        """Give the queue of faults."""
        with self._asking():
            text: Any = self._redis.get(f"{PREFIX}faults")
        return "" if text is None else str(text, "ascii")

    def set_faults(self, text: str, known: str) -> bool:
        """Keep another queue of faults; False, and nothing is changed, when it is no longer `known`."""
        return bool(self._run("set faults", text, known, _milliseconds(UNUSED)))

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        key = f"{PREFIX}journal"
        with self._asking(), self._redis.pipeline() as pipe:
            pipe.lpush(key, entry_text(entry))
            pipe.ltrim(key, 0, JOURNAL - 1)
            pipe.pexpire(key, _milliseconds(UNUSED))
            pipe.execute()

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        if most < 1:
            return []
        with self._asking():
            texts: Any = self._redis.lrange(f"{PREFIX}journal", 0, min(most, JOURNAL) - 1)
        return [entry_from_text(text) for text in texts]

    def record(self, exchange: Recorded, most: int) -> None:
        """Keep an exchange, without secrets; beyond the bounds the oldest go and are counted."""
        self._run(
            "record", exchange_text(exchange), exchange.sandbox or "-", most, JOURNAL_BYTES, _milliseconds(UNUSED)
        )

    def exchanges(self, after: int = 0) -> list[Entry]:
        """List the exchanges behind a number, the newest first."""
        start = 0
        if after > 0:
            behind = self.exchange_counts().newest - after
            if behind < 1:
                return []
            start = -behind  # there may be fewer, never more
        with self._asking():
            kept: Any = self._redis.lrange(f"{PREFIX}exchanges", start, -1)
        parts = (one.split(b" ", 2) for one in reversed(kept))
        return [exchange_from_text(int(number), text) for number, _, text in parts if int(number) > after]

    def exchange_counts(self) -> ExchangeCounts:
        """Count the exchanges."""
        with self._asking(), self._redis.pipeline() as pipe:
            pipe.llen(f"{PREFIX}exchanges")
            pipe.hmget(f"{PREFIX}recording", "bytes", "dropped", "newest")
            entries, counted = pipe.execute()
        return ExchangeCounts(entries, *(int(one or 0) for one in counted))

    def forget_exchanges(self, sandbox: str | None) -> int:
        """Forget the exchanges of a sandbox, or all; tell how many went."""
        return int(self._run("forget exchanges", sandbox or ""))

    def counts(self) -> Counts:
        """Count."""
        sessions, evicted = self._run("counts")
        return Counts(sessions, self._most, int(evicted))

    def reset(self, owner: str | None) -> int:
        """Forget sessions, counter and exchanges of an owner, or everything but the clock."""
        self.forget_exchanges(None if owner is None else sandbox_of(owner))
        gone, part, till = self._run("reset", owner or "", "")
        while part == redis_scripts.PART:  # Redis must not be kept from others for long
            more, part, till = self._run("reset", owner or "", till)
            gone += more
        return int(gone)


def _session(kept: bytes) -> Session:
    return session_from_text(kept.split(b" ", 4)[4])


def _milliseconds(seconds: float) -> int:
    return max(round(seconds * 1000), 1)


_WORDS: tuple[tuple[type[redis.RedisError], str, str], ...] = (
    (redis.AuthenticationError, "", "the user or the password is wrong"),
    (redis.ResponseError, "unauthenticated", "the user or the password is wrong"),
    (redis.TimeoutError, "", f"no answer within {PATIENCE:g} s"),
    (redis.BusyLoadingError, "", "it is loading its data"),
    (redis.ConnectionError, "", "no connection"),
    (redis.ReadOnlyError, "", "it is a replica, which takes no writes"),
    (redis.OutOfMemoryError, "", "its memory is full"),
    (redis.ResponseError, "DB index", "it has no database of that number"),
)
"""Kind of error, what its text has in it, and how we say it."""


def _words(error: redis.RedisError) -> str:
    """Say what went wrong; not as the library does, which may repeat an address with a password, or a token."""
    for kind, part, words in _WORDS:
        if isinstance(error, kind) and part in str(error):
            return words
    code = re.match(r"[A-Z]{3,}\b", str(error))
    return f"it refused with {code[0]}" if code else type(error).__name__
