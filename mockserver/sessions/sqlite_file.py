"""The file of an SQLite store: made, opened, and followed when its name comes to mean another one.

It knows no sessions. A file that disappears is not made again behind the back of its user: a store whose file is gone
is unavailable until it is back, and a mock that is started makes a new one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SqliteFile"]

BUSY = 5.0
"""Seconds to wait for another process that writes."""

CHECKPOINT = 4000
"""Pages of the log after which it is brought into the file; that waits for the disk, and others wait too."""


class SqliteFile:
    """One connection to a file with certain tables, in WAL mode. Not to be used by two threads at once."""

    def __init__(self, path: Path, tables: str, version: int) -> None:
        self._path = path.resolve()  # SQLite puts its logs beside the file itself, not beside a link to it
        self._tables = tables
        self._version = version
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._inherited: sqlite3.Connection | None = None
        self._files: dict[Path, tuple[int, int]] = {}  # which ones they were when we opened them last

    def connection(self) -> sqlite3.Connection:
        """Give the connection to the file that has the name now; one that lost its name has no other reader.

        Raises `sqlite3.Error` or `OSError`; `FileNotFoundError` when the file is gone.
        """
        if self._connection is not None and self._process != os.getpid():
            # After a fork. It is our parent's: not to be used here, nor closed, which could remove files in use.
            self._inherited, self._connection = self._connection, None
        if self._connection is not None:
            if _identity(self._path) == self._files[self._path]:
                return self._connection
            with _alone_in(self._path.parent):
                _remove_logs(self._path, self._files)
            self.close()
        with _alone_in(self._path.parent):
            if not self._files:
                _make(self._path)
            identity = _identity(self._path)  # raises when there is none; SQLite would only say that it cannot open it
            self._connection = self._connect()
            self._process = os.getpid()
            self._files = {self._path: identity}
            for log in _logs(self._path):
                with suppress(FileNotFoundError):
                    self._files[log] = _identity(log)
        return self._connection

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        if not os.access(self._path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # or it would make logs of that mode
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw", timeout=BUSY, isolation_level=None, check_same_thread=False, uri=True
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file. Raises `sqlite3.Error` for a file of something else."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if (version, bool(tables)) not in ((0, False), (self._version, True)):
            raise sqlite3.DatabaseError("the file is not a store of this version; name another one")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        if not tables:
            connection.executescript(f"BEGIN IMMEDIATE;{self._tables}PRAGMA user_version = {self._version};COMMIT;")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time make or open a file in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        limit = time.monotonic() + BUSY
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise TimeoutError(errno.ETIMEDOUT, "another process has locked its folder") from None
            time.sleep(0.005)
        yield
    finally:
        os.close(handle)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _logs(path: Path) -> tuple[Path, Path]:
    """Name the files in which SQLite keeps what is not yet in the file itself."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _remove_logs(path: Path, known: dict[Path, tuple[int, int]]) -> None:
    """Remove the logs of a file that lost its name to another: SQLite would read them into the other one.

    They must still be open here, or their numbers could be those of new files.
    """
    for log in _logs(path):
        with suppress(FileNotFoundError):
            if _identity(log) == known.get(log):
                log.unlink()


def _make(path: Path) -> None:
    """Make an empty file that only its owner may read, if there is none: tokens are secrets."""
    if path.exists():
        return
    for log in _logs(path):  # of a file that is gone; some process may still hold them
        log.unlink(missing_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
