"""The tables of an SQLite store, and the changes that take several statements: each within somebody's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.sessions.store import MOST_COUNTERS

if TYPE_CHECKING:
    import sqlite3

__all__ = ["TABLES", "VERSION", "begin_counter", "drop_oldest_exchange", "evict", "forget_exchanges"]

VERSION = 3
"""Version of the tables; a file of another one is refused."""

# Nothing newer than SQLite 3.24 is used: enterprise distributions bring an old one with a new Python.
# A commit costs what its pages cost: there is one row that counts, and an index on what is there alone.
TABLES = """
CREATE TABLE sessions (
  number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, link BLOB NOT NULL UNIQUE, owner TEXT NOT NULL,
  expires_ns INTEGER NOT NULL, group_id TEXT, version INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE INDEX oldest ON sessions (owner, number);
CREATE UNIQUE INDEX groups ON sessions (group_id) WHERE group_id IS NOT NULL;
CREATE TABLE owners (owner TEXT PRIMARY KEY, sessions INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX largest ON owners (sessions DESC, since);
CREATE TABLE counters (number INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL UNIQUE, next INTEGER NOT NULL);
CREATE TABLE journal (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
CREATE TABLE exchanges (number INTEGER PRIMARY KEY AUTOINCREMENT, sandbox TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE recording (entries INTEGER NOT NULL, bytes INTEGER NOT NULL, dropped INTEGER NOT NULL);
INSERT INTO recording VALUES (0, 0, 0);
CREATE TABLE state (
  sessions INTEGER NOT NULL, evicted INTEGER NOT NULL, number INTEGER NOT NULL, floor INTEGER NOT NULL, clock TEXT,
  faults TEXT NOT NULL
);
INSERT INTO state VALUES (0, 0, 0, 0, NULL, '');
"""


def drop_oldest_exchange(connection: sqlite3.Connection) -> int:
    """Drop the oldest exchange, and give its size."""
    number, size = connection.execute("SELECT number, length(text) FROM exchanges ORDER BY number LIMIT 1").fetchone()
    connection.execute("DELETE FROM exchanges WHERE number = ?", (number,))
    return int(size)


def forget_exchanges(connection: sqlite3.Connection, sandbox: str | None) -> int:
    """Forget the exchanges of a sandbox, or all; tell how many went."""
    if sandbox is None:
        connection.execute("UPDATE recording SET entries = 0, bytes = 0, dropped = 0")
        return connection.execute("DELETE FROM exchanges").rowcount
    which = "FROM exchanges WHERE sandbox = ?"
    sums = connection.execute(f"SELECT count(*), coalesce(sum(length(text)), 0) {which}", (sandbox,))
    connection.execute("UPDATE recording SET entries = entries - ?, bytes = bytes - ?", sums.fetchone())
    return connection.execute(f"DELETE {which}", (sandbox,)).rowcount


def begin_counter(connection: sqlite3.Connection, owner: str) -> None:
    """Begin the counter of a new owner; the oldest ones go when there are too many."""
    number = connection.execute("INSERT INTO counters (owner, next) SELECT ?, floor + 1 FROM state", (owner,)).lastrowid
    last = ((number or 0) - MOST_COUNTERS,)
    connection.execute(
        "UPDATE state SET floor = max(floor, (SELECT coalesce(max(next), 0) FROM counters WHERE number <= ?))", last
    )
    connection.execute("DELETE FROM counters WHERE number <= ?", last)


def evict(connection: sqlite3.Connection, number: int, now_ns: int) -> None:
    """Drop the oldest session of the owner that has the most, when the session of a number was added."""
    (owner,) = connection.execute("SELECT owner FROM owners ORDER BY sessions DESC, since LIMIT 1").fetchone()
    oldest, expires_ns = connection.execute(
        "SELECT number, expires_ns FROM sessions WHERE owner = ? ORDER BY number LIMIT 1", (owner,)
    ).fetchone()
    connection.execute("DELETE FROM sessions WHERE number = ?", (oldest,))
    connection.execute("UPDATE owners SET sessions = sessions - 1, since = ? WHERE owner = ?", (2 * number + 1, owner))
    connection.execute("DELETE FROM owners WHERE owner = ? AND sessions = 0", (owner,))
    connection.execute("UPDATE state SET sessions = sessions - 1, evicted = evicted + ?", (now_ns < expires_ns,))
