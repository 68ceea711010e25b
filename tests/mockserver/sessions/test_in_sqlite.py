"""The SQLite store whose file is gone, full, foreign or forbidden: a clear sentence, and used again when it is back."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import resource
import shutil
import sqlite3
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver.sessions import StoreUnavailable, sqlite_file
from mockserver.sessions.in_sqlite import InSqlite
from mockserver.sessions.sqlite_tables import VERSION
from mockserver.sessions.store import JOURNAL
from tests.mockserver.sessions.making import looked_at, made

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[InSqlite]:
    store = InSqlite(path)
    yield store
    store.close()


def refusal(store: InSqlite) -> str:
    """Give what a store says that cannot be used, for reading as well as for writing."""
    with pytest.raises(StoreUnavailable) as reading:
        store.find("t")
    with pytest.raises(StoreUnavailable) as writing:
        store.add(made("new"))
    assert str(reading.value) == str(writing.value)
    return str(writing.value)


def logs(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}-*"))


GONE = (
    "The sqlite store is not available: its file or folder is not there;"
    " put it back, or start the mock again to begin a new file."
)


# --- gone and back ----------------------------------------------------------------------------------------------------


def test_file_that_was_moved_away_is_used_again_when_it_is_back(store: InSqlite, path: Path) -> None:
    store.add(made("t"))
    path.rename(path.with_name("away.db"))
    assert refusal(store) == GONE
    assert not path.exists(), "no new one is made behind the back of the user"
    path.with_name("away.db").rename(path)
    assert store.find("t") == made("t")
    assert store.add(made("new"))


def test_file_that_was_removed_is_made_by_a_new_start_and_then_by_all_seen(store: InSqlite, path: Path) -> None:
    store.add(made("t"))
    path.unlink()
    assert refusal(store) == GONE
    restarted = InSqlite(path)
    assert restarted.counts().sessions == 0
    assert restarted.add(made("new"))
    assert store.find("new") == made("new")
    assert store.find("t") is None
    assert store.add(made("of-the-other"))
    assert restarted.find("of-the-other") is not None
    restarted.close()
    _assert_sound(path, 2)


def test_folder_that_is_not_there_yet_is_told_and_used_once_it_is(tmp_path: Path) -> None:
    store = InSqlite(tmp_path / "later" / "sessions.db")
    assert refusal(store) == GONE
    (tmp_path / "later").mkdir()
    assert store.add(made("t"))
    shutil.rmtree(tmp_path / "later")
    assert refusal(store) == GONE
    store.close()


def test_another_store_in_place_of_the_file_is_used_without_a_trace_of_the_old(store: InSqlite, path: Path) -> None:
    for number in range(50):
        store.add(made(f"old{number}"))
    second = InSqlite(path)
    assert second.counts().sessions == 50
    other = InSqlite(path.with_name("other.db"))
    other.add(made("other"))
    other.close()
    assert logs(path), "what is not yet in the file itself"
    path.with_name("other.db").replace(path)
    for one in (store, second, store):
        assert one.newest(None, 99) == [made("other")]
    assert store.add(made("new"))
    assert second.replace(looked_at(made("new")))
    assert store.find("new") == looked_at(made("new"))
    second.close()
    store.close()
    _assert_sound(path, 2)


def test_another_store_put_in_place_after_the_file_was_missed_is_used_without_a_trace_of_the_old(
    store: InSqlite, path: Path
) -> None:
    for number in range(50):
        store.add(made(f"old{number}"))
    other = InSqlite(path.with_name("other.db"))
    other.add(made("other"))
    other.close()
    path.unlink()
    assert refusal(store) == GONE
    path.with_name("other.db").rename(path)
    assert store.newest(None, 99) == [made("other")]
    assert store.add(made("new"))
    store.close()
    _assert_sound(path, 2)


def test_file_that_is_gone_when_a_closed_store_is_used_again_is_not_made_again(store: InSqlite, path: Path) -> None:
    store.add(made("t"))
    store.close()
    path.unlink()
    assert refusal(store) == GONE
    assert not path.exists()


def test_store_with_logs_put_in_place_while_the_file_was_away_is_used_whole(store: InSqlite, path: Path) -> None:
    store.add(made("old"))
    other = InSqlite(path.with_name("other.db"))
    other.add(made("other"))
    path.unlink()
    assert refusal(store) == GONE
    for log in logs(path):
        log.unlink()
    for part in (*logs(path.with_name("other.db")), path.with_name("other.db")):
        shutil.copy(part, path.with_name(part.name.replace("other", "sessions")))
    other.close()
    assert store.newest(None, 9) == [made("other")]


def _assert_sound(path: Path, sessions: int) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (sessions,)
    connection.close()


# --- what is no store -------------------------------------------------------------------------------------------------


def test_file_of_something_else_is_refused_and_left_as_it_is(store: InSqlite, path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 1000)
    assert refusal(store) == "The sqlite store is not available: file is not a database."
    assert path.read_bytes() == b"Dear diary, " * 1000
    path.unlink()
    assert store.add(made("t")), "it never was ours, so a new one may be made"


def test_garbage_in_place_of_the_file_is_told_and_the_file_used_again_when_back(store: InSqlite, path: Path) -> None:
    store.add(made("t"))
    store.close()
    shutil.copy(path, path.with_name("kept.db"))
    path.with_name("garbage").write_bytes(os.urandom(20_000))
    path.with_name("garbage").replace(path)
    assert refusal(store) == "The sqlite store is not available: file is not a database."
    path.with_name("kept.db").replace(path)
    assert store.find("t") == made("t")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES ('monday')", id="another-program"),
        pytest.param("CREATE TABLE sessions (x); PRAGMA user_version = 1", id="another-version"),
        pytest.param(f"PRAGMA user_version = {VERSION}", id="tables-missing"),
    ],
)
def test_database_of_something_else_is_refused_and_left_as_it_is(store: InSqlite, path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    before = path.read_bytes()
    sentence = "The sqlite store is not available: the file is not a store of this version; name another one."
    assert refusal(store) == sentence
    assert path.read_bytes() == before


def test_empty_file_is_taken_as_a_new_one(store: InSqlite, path: Path) -> None:
    path.touch()
    assert store.add(made("t"))


def test_folder_in_place_of_the_file_is_told(store: InSqlite, path: Path) -> None:
    path.mkdir()
    assert refusal(store) == "The sqlite store is not available: unable to open database file."


# --- forbidden --------------------------------------------------------------------------------------------------------


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that a user without rights reaches."""
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody for a while, where the tests run as root, whom no mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folder_that_may_not_be_written_is_told_and_used_once_it_may(public: Path) -> None:
    store = InSqlite(public / "sessions.db")
    public.chmod(0o555)
    with without_rights():
        assert refusal(store) == "The sqlite store is not available: Permission denied."
    public.chmod(0o777)
    with without_rights():
        assert store.add(made("t"))
        store.close()


def test_file_that_may_not_be_read_is_told_and_used_once_it_may(public: Path) -> None:
    store = InSqlite(public / "sessions.db")
    public.chmod(0o777)
    with without_rights():
        store.add(made("t"))
        store.close()
    (public / "sessions.db").chmod(0)
    with without_rights():
        assert refusal(store) == "The sqlite store is not available: Permission denied."
    (public / "sessions.db").chmod(0o600)
    with without_rights():
        assert store.find("t") == made("t")
        store.close()


def test_file_that_may_only_be_read_is_told_and_used_once_it_may_be_written(public: Path) -> None:
    store = InSqlite(public / "sessions.db")
    public.chmod(0o777)
    with without_rights():
        store.add(made("t"))
        store.close()
    (public / "sessions.db").chmod(0o444)
    with without_rights():
        assert refusal(store) == "The sqlite store is not available: Permission denied."
    (public / "sessions.db").chmod(0o600)
    with without_rights():
        assert store.add(made("new"))
        store.close()


# --- full -------------------------------------------------------------------------------------------------------------


def test_full_disk_is_told_and_takes_nothing_that_was_kept(store: InSqlite) -> None:
    store.add(made("t"))
    with store._reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match=r"^The sqlite store is not available: database or disk is full\.$"):
        store.add(made("new", callback_url="x" * 50_000))
    assert store.find("t") == made("t"), "the limit was the connection's: there is room again"
    assert store.find("new") is None
    assert store.counts().sessions == 1
    assert store.add(made("new", callback_url="x" * 50_000))
    assert store.counts().sessions == 2


def test_file_that_cannot_grow_is_told_and_takes_nothing_that_was_kept(store: InSqlite) -> None:
    store.add(made("t"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StoreUnavailable, match=r"^The sqlite store is not available: disk I/O error\.$"):
            store.add(made("new", callback_url="x" * 200_000))
        assert store.find("t") == made("t")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.add(made("new", callback_url="x" * 200_000))
    assert store.counts().sessions == 2


# --- busy -------------------------------------------------------------------------------------------------------------


def test_writer_that_takes_too_long_is_told_while_reading_goes_on(
    store: InSqlite, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY", 0.05)
    store.add(made("t"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match=r"^The sqlite store is not available: database is locked\.$"):
        store.add(made("new"))
    assert store.find("t") == made("t")
    other.execute("COMMIT")
    other.close()
    assert store.add(made("new"))


def test_folder_that_another_process_locked_is_told(
    store: InSqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY", 0.05)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert refusal(store) == "The sqlite store is not available: another process has locked its folder."
    os.close(handle)
    assert store.add(made("t"))


# --- names and modes --------------------------------------------------------------------------------------------------


def test_only_its_owner_may_read_the_file_and_its_logs(store: InSqlite, path: Path) -> None:
    before = os.umask(0)
    try:
        store.add(made("t"))
    finally:
        os.umask(before)
    assert len(logs(path)) == 2
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, *logs(path))} == {0o600}


def test_link_to_the_file_leads_to_the_same_store(store: InSqlite, path: Path) -> None:
    store.add(made("t"))
    path.with_name("link.db").symlink_to(path)
    other = InSqlite(path.with_name("link.db"))
    assert other.find("t") == made("t")
    assert not logs(path.with_name("link.db"))
    other.close()


def test_link_to_a_file_that_is_not_there_yet_makes_the_file(path: Path) -> None:
    path.symlink_to(path.with_name("later.db"))
    store = InSqlite(path)
    assert store.add(made("t"))
    assert path.with_name("later.db").exists()
    store.close()


def test_name_with_marks_of_urls_and_beyond_ascii_is_a_name(tmp_path: Path) -> None:
    for name in ("a?mode=memory#x%20.db", ":memory:", "sitzungen-ä 🙂.db"):
        store = InSqlite(tmp_path / name)
        store.add(made("t"))
        store.close()
        assert (tmp_path / name).stat().st_size > 0


def test_relative_name_means_the_same_file_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    store = InSqlite(Path("sessions.db"))
    store.add(made("t"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert store.find("t") == made("t")
    store.close()


def test_change_that_cannot_be_written_leaves_no_transaction_open(store: InSqlite) -> None:
    with pytest.raises(OverflowError):
        store.add(made("t", life_ns=2**70))
    assert store.add(made("t"))
    assert store.counts().sessions == 1


def test_child_after_a_fork_neither_uses_nor_closes_the_connection_of_its_parent(store: InSqlite) -> None:
    store.add(made("t"))
    inherited = store._file._connection
    assert inherited is not None

    def child() -> None:
        assert store.find("t") == made("t")
        assert store._file._connection is not inherited
        store.close()
        inherited.execute("SELECT 1")  # raises for a closed one

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    process.close()


def test_tables_hold_no_more_than_is_kept(path: Path) -> None:
    store = InSqlite(path, 20)
    for number in range(JOURNAL + 50):
        store.note({"number": number})
    for number in range(100):
        store.add(made(str(number), f"owner{number}"))
    with store._reading() as connection:
        kept = {table: _rows(connection, table) for table in ("journal", "sessions", "owners", "state")}
    assert kept == {"journal": JOURNAL, "sessions": 20, "owners": 20, "state": 1}
    store.close()


def _rows(connection: sqlite3.Connection, table: str) -> int:
    rows: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own words
    return rows


def test_file_does_not_grow_for_ever(path: Path) -> None:
    store = InSqlite(path, 20)
    sizes = []
    for _ in range(3):
        for number in range(300):
            owner = f"owner{number}"
            store.next(owner)
            store.add(made(str(number), owner))
            store.replace(replace(looked_at(made(str(number), owner)), group_id=f"group-{number}"))
            store.note({"number": number})
        store.reset(None)
        store.close()
        sizes.append(path.stat().st_size)
    assert sizes[2] <= sizes[0] * 1.1
    assert not logs(path), "the last who closes brings them into the file"
