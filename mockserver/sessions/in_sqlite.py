"""Sessions in a file, for several workers of one machine, or to keep them over restarts.

What was answered is in the file before the answer goes out, so that no killed process takes a session with it. A
power cut may: the file is not synced at every commit.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

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
    from pathlib import Path

    from mockserver.clock import ClockState
    from mockserver.sessions.model import Session
    from openapi.reading import Json

__all__ = ["InSqlite"]

VERSION = 1
"""Version of the tables; a file of another one is refused."""

BUSY = 5.0
"""Seconds to wait for another process that writes."""

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, uid TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, number INTEGER NOT NULL UNIQUE,
  expires_ns INTEGER NOT NULL, group_id TEXT UNIQUE, version INTEGER NOT NULL, text TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS oldest ON sessions (owner, number);
CREATE TABLE IF NOT EXISTS owners (owner TEXT PRIMARY KEY, sessions INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS largest ON owners (sessions);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS counted AFTER INSERT ON sessions BEGIN
  INSERT INTO owners VALUES (new.owner, 1) ON CONFLICT DO UPDATE SET sessions = sessions + 1;
  UPDATE facts SET value = value + 1 WHERE name = 'sessions';
END;
CREATE TRIGGER IF NOT EXISTS discounted AFTER DELETE ON sessions BEGIN
  UPDATE owners SET sessions = sessions - 1 WHERE owner = old.owner;
  DELETE FROM owners WHERE owner = old.owner AND sessions = 0;
  UPDATE facts SET value = value - 1 WHERE name = 'sessions';
END;
INSERT OR IGNORE INTO facts VALUES ('sessions', 0), ('evicted', 0), ('number', 0), ('clock', NULL);
"""


class InSqlite:
    """A store in an SQLite file (WAL mode). One connection for a process; make it after a fork."""

    kind = "sqlite"

    def __init__(self, path: Path, most: int = MOST_SESSIONS) -> None:
        self._path = path
        self._most = most
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)

    # --- the file -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; whatever SQLite says against it becomes `StoreUnavailable`."""
        with self._lock:
            try:
                yield self._opened()
            except (sqlite3.Error, OSError) as error:
                self._drop()
                reason = getattr(error, "strerror", None) or str(error)
                raise StoreUnavailable(self.kind, reason) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _opened(self) -> sqlite3.Connection:
        """Open the file, or see that it is still the one that is open: one that was removed has no other reader."""
        if self._connection is not None:
            found = self._path.stat()
            if (found.st_dev, found.st_ino) == self._file:
                return self._connection
            self._drop()
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # tokens are secrets
        connection = sqlite3.connect(self._path, timeout=BUSY, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        found = self._path.stat()
        self._file = (found.st_dev, found.st_ino)
        self._connection = connection
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._drop()

    # --- sessions -----------------------------------------------------------------------------------------------------

    def add(self, session: Session, now_ns: int) -> bool:
        """Keep a new session; False when its token or link is taken."""
        with self._writing() as connection:
            try:
                connection.execute(
                    "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, NULL, ?, ?)",
                    (
                        session.token,
                        session.uid,
                        session.owner,
                        _fact(connection, "number"),
                        session.expires_ns,
                        session.version,
                        session_text(session),
                    ),
                )
            except sqlite3.IntegrityError:
                return False
            connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'number'")
            while _fact(connection, "sessions") > self._most:
                self._evict(connection, now_ns)
            return True

    def _evict(self, connection: sqlite3.Connection, now_ns: int) -> None:
        token, expires_ns = connection.execute(
            "SELECT token, expires_ns FROM sessions"
            " WHERE owner = (SELECT owner FROM owners ORDER BY sessions DESC LIMIT 1) ORDER BY number LIMIT 1"
        ).fetchone()
        connection.execute("DELETE FROM sessions WHERE token = ?", (token,))
        if now_ns < expires_ns:
            connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'evicted'")

    def find(self, token: str) -> Session | None:
        """Find a session by its token."""
        return self._one("SELECT text FROM sessions WHERE token = ?", token)

    def find_link(self, uid: str) -> Session | None:
        """Find a session by the uid of its link."""
        return self._one("SELECT text FROM sessions WHERE uid = ?", uid)

    def _one(self, statement: str, value: str) -> Session | None:
        if not value.isascii():
            return None  # also a lone surrogate, which SQLite cannot be asked for
        with self._reading() as connection:
            row = connection.execute(statement, (value,)).fetchone()
        return None if row is None else session_from_text(row[0])

    def replace(self, session: Session) -> bool:
        """Keep the next version of a session; False when it is not the next, or when its group id is taken."""
        with self._writing() as connection:
            try:
                changed = connection.execute(
                    "UPDATE sessions SET version = ?, text = ?, group_id = ? WHERE token = ? AND version = ?",
                    (
                        session.version,
                        session_text(session),
                        session.group_id or None,
                        session.token,
                        session.version - 1,
                    ),
                )
            except sqlite3.IntegrityError:
                return False
            return changed.rowcount == 1

    def newest(self, owner: str | None, most: int) -> list[Session]:
        """List sessions, of one owner or of all, the newest first."""
        which, values = ("", (most,)) if owner is None else ("WHERE owner = ? ", (owner, most))
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT text FROM sessions {which}ORDER BY number DESC LIMIT ?",  # noqa: S608 - our own words
                values,
            ).fetchall()
        return [session_from_text(text) for (text,) in rows]

    # --- everything else that workers share ---------------------------------------------------------------------------

    def next(self, name: str) -> int:
        """Give the next number of a counter, from 0."""
        with self._reading() as connection:
            cursor = connection.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET next = next + 1 RETURNING next - 1",
                (name,),
            )
            number: int = cursor.fetchall()[0][0]
            return number

    def clock(self) -> ClockState:
        """Tell what was done to the clock."""
        with self._reading() as connection:
            return clock_from_text(_fact(connection, "clock"))

    def set_clock(self, state: ClockState) -> None:
        """Remember what was done to the clock."""
        with self._reading() as connection:
            connection.execute("UPDATE facts SET value = ? WHERE name = 'clock'", (clock_text(state),))

    def note(self, entry: dict[str, Json]) -> None:
        """Write an entry into the journal."""
        with self._writing() as connection:
            cursor = connection.execute("INSERT INTO journal (text) VALUES (?)", (entry_text(entry),))
            connection.execute("DELETE FROM journal WHERE number <= ?", ((cursor.lastrowid or 0) - JOURNAL,))

    def journal(self, most: int) -> list[dict[str, Json]]:
        """Read the journal, the newest entry first."""
        with self._reading() as connection:
            rows = connection.execute("SELECT text FROM journal ORDER BY number DESC LIMIT ?", (most,)).fetchall()
        return [entry_from_text(text) for (text,) in rows]

    def counts(self) -> Counts:
        """Count."""
        with self._reading() as connection:
            return Counts(_fact(connection, "sessions"), self._most, _fact(connection, "evicted"))

    def reset(self, owner: str | None) -> int:
        """Forget the sessions and the counter of an owner, or everything but the clock."""
        with self._writing() as connection:
            if owner is not None:
                connection.execute("DELETE FROM counters WHERE name = ?", (owner,))
                return connection.execute("DELETE FROM sessions WHERE owner = ?", (owner,)).rowcount
            gone = connection.execute("DELETE FROM sessions WHERE true").rowcount
            connection.execute("DELETE FROM counters")
            connection.execute("DELETE FROM journal")
            connection.execute("UPDATE facts SET value = 0 WHERE name IN ('evicted', 'number')")
            return gone


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file. Raises `sqlite3.Error` for a file of something else."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if (version, bool(tables)) not in ((0, False), (VERSION, True)):
        raise sqlite3.DatabaseError("the file is not a store of this version; name another one")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if not tables:
        connection.executescript(f"BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {VERSION};COMMIT;")


def _fact(connection: sqlite3.Connection, name: str) -> Any:  # noqa: ANN401 - a column holds what was put there
    value: Any = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]
    return value
