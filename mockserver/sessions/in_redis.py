"""Sessions in Redis, for mocks on several hosts behind a load balancer.

Redis itself drops what is past its life. What must happen as one step is a small script that runs in Redis.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mockserver.sessions.encoding import (
    clock_from_text,
    clock_text,
    entry_from_text,
    entry_text,
    session_from_text,
    session_text,
)
from mockserver.sessions.store import JOURNAL, MOST_SESSIONS, Counts, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.clock import ClockState
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InRedis"]

PREFIX = "anyfast-mock:{sessions}:"
"""Before every key of ours. What stands in braces keeps all keys in one slot of a cluster."""

KEPT = 3600.0
"""Seconds that Redis keeps a session beyond twice its life: the mock's clock may stand while that of Redis goes on."""

COUNTER_KEPT = 7 * 24 * 3600
"""Seconds that Redis keeps the counter of a credential that makes no session."""

PATIENCE = 2.0
"""Seconds to wait for Redis."""

PAUSE = 0.25
"""Seconds after a failure in which nothing is asked: a request has several questions, and each would wait."""

# KEYS: prefix. Sessions are kept as `s:TOKEN`, with `l:UID` and `g:GROUP` leading to the token; `all` and `o:OWNER` are
# sorted sets of tokens by the moment they go, `owners` counts the tokens of each owner, `of` names that of a token.
_DROP = """
local function drop(token)
  local owner = redis.call('HGET', p .. 'of', token)
  if not owner then return end
  redis.call('HDEL', p .. 'of', token)
  redis.call('ZREM', p .. 'all', token)
  redis.call('ZREM', p .. 'o:' .. owner, token)
  if tonumber(redis.call('ZINCRBY', p .. 'owners', -1, owner)) <= 0 then redis.call('ZREM', p .. 'owners', owner) end
  local kept = redis.call('HMGET', p .. 's:' .. token, 'uid', 'group')
  if kept[1] then redis.call('DEL', p .. 'l:' .. kept[1]) end
  if kept[2] and kept[2] ~= '' then redis.call('DEL', p .. 'g:' .. kept[2]) end
  redis.call('DEL', p .. 's:' .. token)
end
local function purge(now, most)
  for _, token in ipairs(redis.call('ZRANGEBYSCORE', p .. 'all', '-inf', now, 'LIMIT', 0, most)) do drop(token) end
end
"""
_ADD = f"""
local p, token, uid, owner, text, now, goes, most = KEYS[1], unpack(ARGV)
{_DROP}
purge(now, 100)
if redis.call('EXISTS', p .. 's:' .. token, p .. 'l:' .. uid) > 0 then return 0 end
drop(token)
while redis.call('ZCARD', p .. 'all') >= tonumber(most) do
  local largest = redis.call('ZREVRANGE', p .. 'owners', 0, 0)[1]
  local oldest = redis.call('ZRANGE', p .. 'o:' .. largest, 0, 0)[1]
  local expires = redis.call('HGET', p .. 's:' .. oldest, 'expires')
  if expires and expires > ARGV[8] then redis.call('INCR', p .. 'evicted') end
  drop(oldest)
end
redis.call('HSET', p .. 's:' .. token, 'text', text, 'version', 0, 'uid', uid, 'group', '', 'expires', ARGV[9])
redis.call('PEXPIREAT', p .. 's:' .. token, goes)
redis.call('SET', p .. 'l:' .. uid, token, 'PXAT', goes)
redis.call('ZADD', p .. 'all', goes, token)
redis.call('ZADD', p .. 'o:' .. owner, goes, token)
redis.call('ZINCRBY', p .. 'owners', 1, owner)
redis.call('HSET', p .. 'of', token, owner)
return 1
"""
_REPLACE = """
local p, token, text, version, group = KEYS[1], unpack(ARGV)
local key = p .. 's:' .. token
local kept = redis.call('HMGET', key, 'version', 'group')
if not kept[1] or tonumber(kept[1]) + 1 ~= tonumber(version) then return 0 end
if group ~= kept[2] then
  if not redis.call('SET', p .. 'g:' .. group, token, 'NX', 'PXAT', redis.call('PEXPIRETIME', key)) then return 0 end
end
redis.call('HSET', key, 'text', text, 'version', version, 'group', group)
return 1
"""
_RESET = f"""
local p, owner = KEYS[1], ARGV[1]
{_DROP}
local tokens = redis.call('ZRANGE', p .. 'o:' .. owner, 0, -1)
for _, token in ipairs(tokens) do drop(token) end
redis.call('DEL', p .. 'n:' .. owner)
return #tokens
"""


class InRedis:
    """A store in Redis 7 or newer. Connections are made when they are needed, and anew after trouble."""

    kind = "redis"

    def __init__(self, url: str, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._failed_at = float("-inf")
        self._redis: redis.Redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )
        self._add = self._redis.register_script(_ADD)
        self._replace = self._redis.register_script(_REPLACE)
        self._reset = self._redis.register_script(_RESET)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if time.monotonic() - self._failed_at < PAUSE:
            raise StoreUnavailable(self.kind, "it did not answer a moment ago")
        try:
            yield
        except redis.RedisError as error:
            if isinstance(error, redis.ConnectionError | redis.TimeoutError):
                self._failed_at = time.monotonic()
            raise StoreUnavailable(self.kind, _words(error)) from None

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    # --- sessions -----------------------------------------------------------------------------------------------------

    def add(self, session: Session, now_ns: int) -> bool:
        """Keep a new session; False when its token or link is taken."""
        life = (session.expires_ns - session.created_ns) / 1_000_000_000
        now = time.time()
        goes = round((now + 2 * life + KEPT) * 1000)
        with self._asking():
            kept = self._add(
                [PREFIX],
                [
                    session.token,
                    session.uid,
                    session.owner,
                    session_text(session),
                    round(now * 1000),
                    goes,
                    self._most,
                    f"{now_ns:020d}",
                    f"{session.expires_ns:020d}",
                ],
            )
        return bool(kept)

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        with self._asking():
            text: Any = self._redis.hget(f"{PREFIX}s:{_key(token)}", "text")
        return None if text is None else session_from_text(text)

    def find_link(self, uid: str) -> Session | None:
        """Find a session by the uid of its link."""
        with self._asking():
            token: Any = self._redis.get(f"{PREFIX}l:{_key(uid)}")
        return None if token is None else self.find(token.decode("ascii"))

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""
        with self._asking():
            return bool(
                self._replace([PREFIX], [session.token, session_text(session), session.version, session.group_id])
            )

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""
        with self._asking():
            tokens: Any = self._redis.zrevrange(f"{PREFIX}all" if owner is None else f"{PREFIX}o:{owner}", 0, most - 1)
        found = [self.find(token.decode("ascii")) for token in tokens]
        return [session for session in found if session is not None]

    # --- everything else that workers share ---------------------------------------------------------------------------

    def next(self, name: str) -> int:
        """Give the next number of a counter, from 0."""
        key = f"{PREFIX}n:{name}"
        with self._asking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, COUNTER_KEPT)
            number: Any = pipe.execute()[0]
        return int(number) - 1

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        with self._asking():
            text: Any = self._redis.get(f"{PREFIX}clock")
        return clock_from_text(text)

    def set_clock(self, state: ClockState) -> None:
        """Remember what was done to the clock."""
        with self._asking():
            self._redis.set(f"{PREFIX}clock", clock_text(state))

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        key = f"{PREFIX}journal"
        with self._asking(), self._redis.pipeline() as pipe:
            pipe.lpush(key, entry_text(entry))
            pipe.ltrim(key, 0, JOURNAL - 1)
            pipe.execute()

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        with self._asking():
            texts: Any = self._redis.lrange(f"{PREFIX}journal", 0, most - 1)
        return [entry_from_text(text) for text in texts]

    def counts(self) -> Counts:
        """Count; what Redis dropped counts until the next session is made."""
        with self._asking(), self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(f"{PREFIX}all")
            pipe.get(f"{PREFIX}evicted")
            sessions, evicted = pipe.execute()
        return Counts(sessions, self._most, int(evicted or 0))

    def reset(self, owner: str | None) -> int:
        """Forget the sessions and the counter of an owner, or everything but the clock."""
        with self._asking():
            if owner is not None:
                return int(self._reset([PREFIX], [owner]))
            sessions: Any = self._redis.zcard(f"{PREFIX}all")
            clock = f"{PREFIX}clock".encode()
            for key in self._redis.scan_iter(f"{PREFIX}*", count=1000):
                if key != clock:
                    self._redis.delete(key)
            return int(sessions)


def _key(text: str) -> str:
    """Write what a caller sent as part of a key; what is not ASCII is no token and finds nothing."""
    return text if text.isascii() else "-"


def _words(error: redis.RedisError) -> str:
    """Say what went wrong without an address, which may hold a password."""
    if isinstance(error, redis.AuthenticationError):
        return "the user or the password is wrong"
    if isinstance(error, redis.TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    if isinstance(error, redis.ConnectionError):
        return "no connection"
    return type(error).__name__
