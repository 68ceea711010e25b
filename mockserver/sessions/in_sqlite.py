"""Sessions in a file, for several workers of one machine, or to keep them over restarts.

What was answered is in the file before the answer goes out, so that no killed process takes a session with it. A
power cut may: the file is not synced at every commit.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.recording import JOURNAL_BYTES, ExchangeCounts, sandbox_of
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
from mockserver.sessions.sqlite_file import SqliteFile
from mockserver.sessions.sqlite_tables import (
    TABLES,
    VERSION,
    begin_counter,
    drop_oldest_exchange,
    evict,
    forget_exchanges,
)
from mockserver.sessions.store import JOURNAL, MOST_SESSIONS, Counts, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mockserver.clock import ClockState
    from mockserver.recording import Entry, Recorded
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InSqlite"]


class InSqlite:
    """A store in an SQLite file (WAL mode), with one connection for a process."""

    kind = "sqlite"

    def __init__(self, path: Path, most: int = MOST_SESSIONS) -> None:
        self._file = SqliteFile(path, TABLES, VERSION)
        self._most = most
        self._lock = Lock()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; whatever SQLite says against it becomes `StoreUnavailable`."""
        with self._lock:
            try:
                yield self._file.connection()
            except (sqlite3.Error, OSError) as error:
                if not isinstance(error, FileNotFoundError):
                    self._file.close()  # to begin afresh; a file that was moved away may come back as it was
                raise StoreUnavailable(self.kind, _words(error)) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    # --- sessions -----------------------------------------------------------------------------------------------------

    def next(self, owner: str) -> tuple[int, ClockState]:
        """Give the next number of an owner, from 0, and what was done to the clock."""
        with self._writing() as connection:
            if not connection.execute("UPDATE counters SET next = next + 1 WHERE owner = ?", (owner,)).rowcount:
                begin_counter(connection, owner)
            number, clock = connection.execute(
                "SELECT next - 1, clock FROM counters, state WHERE owner = ?", (owner,)
            ).fetchone()
        return number, clock_from_text(clock)

    def add(self, session: Session) -> bool:
        """Keep a new session; False when its token or link is taken."""
        text = session_text(session)
        with self._writing() as connection:
            sessions, number = connection.execute("SELECT sessions + 1, number + 1 FROM state").fetchone()
            try:
                connection.execute(
                    "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL, ?, ?)",
                    (number, session.token, session.link, session.owner, session.expires_ns, session.version, text),
                )
            except sqlite3.IntegrityError:
                return False
            connection.execute("UPDATE state SET sessions = ?, number = ?", (sessions, number))
            connection.execute(
                "INSERT INTO owners VALUES (?, 1, ?)"
                " ON CONFLICT (owner) DO UPDATE SET sessions = sessions + 1, since = excluded.since",
                (session.owner, 2 * number),  # an even moment; one who loses a session by it comes after, at an odd one
            )
            for _ in range(sessions - self._most):
                evict(connection, number, session.created_ns)
            return True

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        return self._one("token", token) if token.isascii() else None  # SQLite cannot be asked for a lone surrogate

    def find_link(self, link: bytes) -> Session | None:
        """Find a session by the digest of its link."""
        return self._one("link", link)

    def _one(self, column: str, value: str | bytes) -> Session | None:
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT text FROM sessions WHERE {column} = ?",  # noqa: S608 - our own word
                (value,),
            ).fetchone()
        return None if row is None else session_from_text(row[0])

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""
        values = (session.version, session_text(session), session.group_id or None, session.token, session.version - 1)
        with self._writing() as connection:
            try:
                changed = connection.execute(
                    "UPDATE sessions SET version = ?, text = ?, group_id = ? WHERE token = ? AND version = ?", values
                )
            except sqlite3.IntegrityError:
                return False
            return changed.rowcount == 1

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""
        which = "" if owner is None else "WHERE owner = :owner "
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT text FROM sessions {which}ORDER BY number DESC LIMIT :most",  # noqa: S608 - our own words
                {"owner": owner, "most": max(0, min(most, self._most))},
            ).fetchall()
        return [session_from_text(text) for (text,) in rows]

    # --- everything else that workers share ---------------------------------------------------------------------------

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        with self._reading() as connection:
            text = connection.execute("SELECT clock FROM state").fetchone()[0]
        return clock_from_text(text)

    def set_clock(self, state: ClockState, known: ClockState | None = None) -> bool:
        """Remember what was done to the clock; False, and nothing is changed, when that is no longer `known`."""
        with self._writing() as connection:
            text = connection.execute("SELECT clock FROM state").fetchone()[0]
            if known not in (None, clock_from_text(text)):
                return False
            connection.execute("UPDATE state SET clock = ?", (clock_text(state),))
            return True

    def faults(self) -> str:
        """Give the queue of faults."""
        with self._reading() as connection:
            return str(connection.execute("SELECT faults FROM state").fetchone()[0])

    def set_faults(self, text: str, known: str) -> bool:
        """Keep another queue of faults; False, and nothing is changed, when it is no longer `known`."""
        with self._writing() as connection:
            return connection.execute("UPDATE state SET faults = ? WHERE faults = ?", (text, known)).rowcount == 1

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        with self._writing() as connection:
            number = connection.execute("INSERT INTO journal (text) VALUES (?)", (entry_text(entry),)).lastrowid or 0
            connection.execute("DELETE FROM journal WHERE number <= ?", (number - JOURNAL,))

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT text FROM journal ORDER BY number DESC LIMIT ?", (max(0, min(most, JOURNAL)),)
            ).fetchall()
        return [entry_from_text(text) for (text,) in rows]

    def record(self, exchange: Recorded, most: int) -> None:
        """Keep an exchange, without secrets; beyond the bounds the oldest go and are counted."""
        text = exchange_text(exchange)
        with self._writing() as connection:
            connection.execute("INSERT INTO exchanges (sandbox, text) VALUES (?, ?)", (exchange.sandbox, text))
            entries, size = connection.execute("SELECT entries + 1, bytes + ? FROM recording", (len(text),)).fetchone()
            dropped = 0
            while entries > most or size > JOURNAL_BYTES:
                size -= drop_oldest_exchange(connection)
                entries, dropped = entries - 1, dropped + 1
            connection.execute(
                "UPDATE recording SET entries = ?, bytes = ?, dropped = dropped + ?", (entries, size, dropped)
            )

    def exchanges(self, after: int = 0) -> list[Entry]:
        """List the exchanges behind a number, the newest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, text FROM exchanges WHERE number > ? ORDER BY number DESC", (after,)
            ).fetchall()
        return [exchange_from_text(number, text) for number, text in rows]

    def exchange_counts(self) -> ExchangeCounts:
        """Count the exchanges."""
        with self._reading() as connection:
            counts = connection.execute(
                "SELECT *, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'exchanges'), 0) FROM recording"
            ).fetchone()
        return ExchangeCounts(*counts)

    def forget_exchanges(self, sandbox: str | None) -> int:
        """Forget the exchanges of a sandbox, or all; tell how many went."""
        with self._writing() as connection:
            return forget_exchanges(connection, sandbox)

    def counts(self) -> Counts:
        """Count."""
        with self._reading() as connection:
            sessions, evicted = connection.execute("SELECT sessions, evicted FROM state").fetchone()
        return Counts(sessions, self._most, evicted)

    def reset(self, owner: str | None) -> int:
        """Forget sessions, counter and exchanges of an owner, or everything but the clock."""
        with self._writing() as connection:
            forget_exchanges(connection, None if owner is None else sandbox_of(owner))
            if owner is not None:
                connection.execute("DELETE FROM counters WHERE owner = ?", (owner,))
                connection.execute("DELETE FROM owners WHERE owner = ?", (owner,))
                gone = connection.execute("DELETE FROM sessions WHERE owner = ?", (owner,)).rowcount
                connection.execute("UPDATE state SET sessions = sessions - ?", (gone,))
                return gone
            gone = connection.execute("DELETE FROM sessions").rowcount
            for table in ("owners", "counters", "journal"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own words
            connection.execute("UPDATE state SET sessions = 0, evicted = 0, floor = 0, faults = ''")
            return gone


def _words(error: sqlite3.Error | OSError) -> str:
    """Say what went wrong; the name of the file stays out of answers to whoever calls the mock."""
    if isinstance(error, FileNotFoundError):
        return "its file or folder is not there; put it back, or start the mock again to begin a new file"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
