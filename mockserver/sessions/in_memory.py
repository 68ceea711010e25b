"""Sessions in the memory of one process: quick, and gone with it."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.clock import ClockState
from mockserver.identifiers import Counters
from mockserver.sessions.store import JOURNAL, MOST_SESSIONS, Counts

if TYPE_CHECKING:
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InMemory"]


class InMemory:
    """A store in a few dictionaries; each session costs the same, however many there are."""

    kind = "memory"

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._lock = Lock()
        self._counters = Counters()
        self._clock = ClockState()
        self._journal: deque[dict[str, Json]] = deque(maxlen=JOURNAL)
        self._evicted = 0
        self._clear()

    def _clear(self) -> None:
        self._sessions: dict[str, Session] = {}  # by token, the oldest first
        self._links: dict[str, str] = {}  # uid -> token
        self._groups: set[str] = set()
        self._owners: dict[str, dict[str, None]] = {}  # owner -> its tokens, the oldest first
        self._sizes: dict[int, dict[str, None]] = {}  # number of sessions -> owners that have so many
        self._largest = 0

    def add(self, session: Session, now_ns: int) -> bool:
        """Keep a new session; False when its token or link is taken."""
        with self._lock:
            if session.token in self._sessions or session.uid in self._links:
                return False
            if len(self._sessions) >= self._most:
                self._evict(now_ns)
            self._sessions[session.token] = session
            self._links[session.uid] = session.token
            tokens = self._owners.setdefault(session.owner, {})
            tokens[session.token] = None
            self._resize(session.owner, len(tokens) - 1, len(tokens))
            return True

    def _evict(self, now_ns: int) -> None:
        owner = next(iter(self._sizes[self._largest]))
        session = self._sessions[next(iter(self._owners[owner]))]
        self._evicted += now_ns < session.expires_ns
        self._drop(session)

    def _drop(self, session: Session) -> None:
        del self._sessions[session.token], self._links[session.uid]
        self._groups.discard(session.group_id)
        tokens = self._owners[session.owner]
        del tokens[session.token]
        self._resize(session.owner, len(tokens) + 1, len(tokens))
        if not tokens:
            del self._owners[session.owner]

    def _resize(self, owner: str, before: int, after: int) -> None:
        """Move an owner among the sizes; a size changes by one, so the largest is never far."""
        if before:
            del self._sizes[before][owner]
            if not self._sizes[before]:
                del self._sizes[before]
        if after:
            self._sizes.setdefault(after, {})[owner] = None
        if after > self._largest or self._largest not in self._sizes:
            self._largest = after

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        return self._sessions.get(token)

    def find_link(self, uid: str) -> Session | None:
        """Find a session by the uid of its link."""
        with self._lock:
            token = self._links.get(uid)
            return None if token is None else self._sessions[token]

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""
        with self._lock:
            known = self._sessions.get(session.token)
            if known is None or known.version + 1 != session.version:
                return False
            if session.group_id != known.group_id:
                if session.group_id in self._groups:
                    return False
                self._groups.add(session.group_id)
            self._sessions[session.token] = session
            return True

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""
        with self._lock:
            tokens = self._sessions if owner is None else self._owners.get(owner, {})
            return [self._sessions[token] for token, _ in zip(reversed(tokens), range(most), strict=False)]

    def next(self, name: str) -> int:
        """Give the next number of a counter, from 0."""
        return self._counters.next(name)

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        return self._clock

    def set_clock(self, state: ClockState) -> None:
        """Remember what was done to the clock."""
        self._clock = state

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        self._journal.appendleft(entry)

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        return list(self._journal)[:most]

    def counts(self) -> Counts:
        """Count."""
        return Counts(len(self._sessions), self._most, self._evicted)

    def reset(self, owner: str | None) -> int:
        """Forget the sessions and the counter of an owner, or everything but the clock."""
        with self._lock:
            if owner is None:
                gone = len(self._sessions)
                self._clear()
                self._counters = Counters()
                self._journal.clear()
                self._evicted = 0
                return gone
            tokens = list(self._owners.get(owner, {}))
            for token in tokens:
                self._drop(self._sessions[token])
            self._counters.forget(owner)
            return len(tokens)

    def close(self) -> None:
        """Let go of nothing: there is no file and no connection."""
