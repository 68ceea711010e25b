"""Sessions in the memory of one process: quick, and gone with it."""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice, takewhile
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.clock import ClockState
from mockserver.identifiers import Counters
from mockserver.recording import ABOUT, JOURNAL_BYTES, Entry, ExchangeCounts, sandbox_of
from mockserver.sessions.store import JOURNAL, MOST_COUNTERS, MOST_SESSIONS, Counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.recording import Recorded
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InMemory"]


class InMemory:
    """A store in a few dictionaries; each session costs the same, however many there are."""

    kind = "memory"

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._lock = Lock()
        self._clock = ClockState()
        self._recording = Lock()  # of its own: every exchange takes it
        self._newest = 0
        self._forget_all_exchanges()
        self._clear()

    def _clear(self) -> None:
        self._counters = Counters(MOST_COUNTERS)
        self._sessions: dict[str, Session] = {}  # by token, the oldest first
        self._links: dict[bytes, str] = {}  # link -> token
        self._groups: set[str] = set()
        self._owners: dict[str, _Tokens] = {}
        self._sizes: dict[int, OrderedDict[str, None]] = {}  # number of sessions -> owners that have so many
        self._largest = 0
        self._callback_url: str | None = None
        self._journal: deque[dict[str, Json]] = deque(maxlen=JOURNAL)
        self._evicted = 0
        self._faults = ""

    def _forget_all_exchanges(self) -> None:
        self._exchanges: deque[Recorded] = deque()
        self._bytes = self._dropped = 0

    def next(self, owner: str) -> tuple[int, ClockState]:
        """Give the next number of an owner, from 0, and what was done to the clock."""
        return self._counters.next(owner), self._clock

    def add(self, session: Session) -> bool:
        """Keep a new session; False when its token or link is taken."""
        with self._lock:
            if session.token in self._sessions or session.link in self._links:
                return False
            if session.callback_url == self._callback_url:
                session.callback_url = self._callback_url  # most callers have one, and send it each time
            else:
                self._callback_url = session.callback_url
            self._sessions[session.token] = session
            self._links[session.link] = session.token
            tokens = self._owners.get(session.owner)
            if tokens is None:
                tokens = self._owners[session.owner] = _Tokens()
            tokens.append(session.token)
            self._resize(session.owner, len(tokens) - 1, len(tokens))
            if len(self._sessions) > self._most:
                gone = self._drop_oldest(next(iter(self._sizes[self._largest])))
                self._evicted += session.created_ns < gone.expires_ns
            return True

    def _drop_oldest(self, owner: str) -> Session:
        tokens = self._owners[owner]
        session = self._sessions.pop(tokens.pop_oldest())
        del self._links[session.link]
        self._groups.discard(session.group_id)
        self._resize(owner, len(tokens) + 1, len(tokens))
        if not tokens:
            del self._owners[owner]
        return session

    def _resize(self, owner: str, before: int, after: int) -> None:
        """Move an owner behind the others of its new size."""
        owners = self._sizes.get(before)
        if owners is not None and len(owners) == 1 and after and after not in self._sizes:
            self._sizes[after] = self._sizes.pop(before)  # alone before and after, as the one owner of most mocks is
        else:
            if owners is not None:
                del owners[owner]
                if not owners:
                    del self._sizes[before]
            if after:
                self._sizes.setdefault(after, OrderedDict())[owner] = None
        if after > self._largest:
            self._largest = after
        elif self._largest not in self._sizes:
            self._largest = max(self._sizes, default=0)

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        return self._sessions.get(token)  # one look into one dictionary needs no lock

    def find_link(self, link: bytes) -> Session | None:
        """Find a session by the digest of its link."""
        with self._lock:
            token = self._links.get(link)
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
            if owner is None:
                return list(islice(reversed(self._sessions.values()), max(most, 0)))
            tokens = islice(reversed(self._owners.get(owner, _Tokens())), max(most, 0))
            return [self._sessions[token] for token in tokens]

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        return self._clock

    def set_clock(self, state: ClockState, known: ClockState | None = None) -> bool:
        """Remember what was done to the clock; False, and nothing is changed, when that is no longer `known`."""
        with self._lock:
            if known not in (None, self._clock):
                return False
            self._clock = state
            return True

    def faults(self) -> str:
        """Give the queue of faults."""
        return self._faults

    def set_faults(self, text: str, known: str) -> bool:
        """Keep another queue of faults; False, and nothing is changed, when it is no longer `known`."""
        with self._lock:
            if known != self._faults:
                return False
            self._faults = text
            return True

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        with self._lock:
            self._journal.appendleft(entry)

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        with self._lock:
            return list(islice(self._journal, max(most, 0)))

    def record(self, exchange: Recorded, most: int) -> None:
        """Keep an exchange as it is; beyond the bounds the oldest go and are counted."""
        exchange.size = size = ABOUT + len(exchange.request.body or b"") + len(exchange.response.body)
        with self._recording:
            self._newest = exchange.number = self._newest + 1
            exchanges = self._exchanges
            exchanges.append(exchange)
            self._bytes += size
            while len(exchanges) > most or self._bytes > JOURNAL_BYTES:
                self._bytes -= exchanges.popleft().size
                self._dropped += 1

    def exchanges(self, after: int = 0) -> list[Entry]:
        """List the exchanges behind a number, the newest first."""
        with self._recording:
            found = list(takewhile(lambda one: one.number > after, reversed(self._exchanges)))
        return [Entry(one.number, one) for one in found]

    def exchange_counts(self) -> ExchangeCounts:
        """Count the exchanges."""
        with self._recording:
            return ExchangeCounts(len(self._exchanges), self._bytes, self._dropped, self._newest)

    def forget_exchanges(self, sandbox: str | None) -> int:
        """Forget the exchanges of a sandbox, or all; tell how many went."""
        with self._recording:
            before = len(self._exchanges)
            if sandbox is None:
                self._forget_all_exchanges()
                return before
            self._exchanges = deque(one for one in self._exchanges if one.sandbox != sandbox)
            self._bytes = sum(one.size for one in self._exchanges)
            return before - len(self._exchanges)

    def counts(self) -> Counts:
        """Count."""
        with self._lock:
            return Counts(len(self._sessions), self._most, self._evicted)

    def reset(self, owner: str | None) -> int:
        """Forget sessions, counter and exchanges of an owner, or everything but the clock."""
        self.forget_exchanges(None if owner is None else sandbox_of(owner))
        with self._lock:
            if owner is None:
                gone = len(self._sessions)
                self._clear()
                return gone
            self._counters.forget(owner)
            gone = len(self._owners.get(owner, ()))
            for _ in range(gone):
                self._drop_oldest(owner)
            return gone

    def close(self) -> None:
        """Let go of nothing: there is no file and no connection."""


class _Tokens:
    """The tokens of an owner, the oldest first: cheap at both ends, and small where there is only one."""

    __slots__ = ("_gone", "_tokens")

    def __init__(self) -> None:
        self._tokens: list[str] = []
        self._gone = 0  # so many at the front are no more

    def __len__(self) -> int:
        return len(self._tokens) - self._gone

    def __reversed__(self) -> Iterator[str]:
        return islice(reversed(self._tokens), len(self))

    def append(self, token: str) -> None:
        self._tokens.append(token)

    def pop_oldest(self) -> str:
        token = self._tokens[self._gone]
        self._gone += 1
        if self._gone > len(self):
            del self._tokens[: self._gone]
            self._gone = 0
        return token
