"""Stores that several processes share: each sees at once what the others did, and nothing is lost or doubled."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import ClockState
from mockserver.sessions import Counts
from mockserver.sessions.in_sqlite import InSqlite
from tests.mockserver.sessions.making import CREATED, link_of, looked_at, made, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.sessions import Store
    from tests.mockserver.sessions.making import OpenStore

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(durable_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The store of `open_durable`, as written after `--store`."""
    if durable_kind == "redis":
        return str(request.getfixturevalue("redis_server").url)
    return f"sqlite:{tmp_path}/sessions.db"


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """Where processes meet before they begin."""
    folder = tmp_path / "meeting"
    folder.mkdir()
    return folder


def working(task: str, place: str, name: str, times: int, meeting: Path) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "tests.mockserver.sessions.working", task, place, name, str(times), str(meeting)]
    pipe = subprocess.PIPE
    return subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)


def together(task: str, place: str, names: str, times: int, meeting: Path) -> dict[str, list[int]]:
    """Let a process for each name work at the same time; give the numbers that each told."""
    told = {}
    with ExitStack() as stack:
        processes = {name: stack.enter_context(working(task, place, name, times, meeting)) for name in names}
        limit = time.monotonic() + 60
        while len(list(meeting.glob("ready-*"))) < len(names):
            assert time.monotonic() < limit, "they do not start"
            time.sleep(0.01)
        (meeting / "go").touch()
        for name, process in processes.items():
            out, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            told[name] = [int(line) for line in out.split()]
    return told


# --- two instances, as two workers have -------------------------------------------------------------------------------


def test_each_sees_at_once_what_the_other_did(open_durable: OpenStore) -> None:
    one, other = open_durable(5), open_durable(5)
    assert (one.next("anna")[0], other.next("anna")[0], one.next("anna")[0]) == (0, 1, 2)
    assert one.add(made("t"))
    assert not other.add(made("t"))
    assert other.find("t") == other.find_link(link_of("t")) == made("t")
    assert other.replace(looked_at(made("t")))
    assert not one.replace(looked_at(made("t"))), "it is the next of a version that is no more"
    assert one.find("t") == looked_at(made("t"))
    one.set_clock(ClockState(CREATED))
    assert other.clock() == ClockState(CREATED)
    other.note({"event": "seen"})
    assert one.journal(1) == [{"event": "seen"}]
    assert one.add(made("u", "bert"))
    assert other.replace(passed(made("u", "bert"), "group-1"))
    assert not one.replace(passed(looked_at(made("t")), "group-1"))
    assert other.newest(None, 9) == one.newest(None, 9)
    assert one.counts() == other.counts() == Counts(2, 5, 0)
    assert other.reset("anna") == 1
    assert one.find("t") is None
    assert one.reset(None) == 1
    assert other.counts() == Counts(0, 5, 0)


def test_what_was_kept_is_there_after_a_restart(open_durable: OpenStore) -> None:
    before = open_durable()
    before.next("anna")
    before.add(made("t"))
    before.replace(passed(made("t"), "group-1"))
    before.note({"event": "finished"})
    before.set_clock(ClockState(CREATED))
    before.close()
    after = open_durable()
    assert after.find("t") == passed(made("t"), "group-1")
    assert after.next("anna") == (1, ClockState(CREATED))
    assert after.journal(9) == [{"event": "finished"}]
    assert after.counts().sessions == 1


def test_closed_store_opens_itself_again(open_durable: OpenStore) -> None:
    store = open_durable()
    store.add(made("t"))
    store.close()
    store.close()
    assert store.find("t") == made("t")


def test_child_after_a_fork_uses_the_store_beside_its_parent(open_durable: OpenStore) -> None:
    store = open_durable()
    store.add(made("before"))

    def child() -> None:
        assert store.find("before") == made("before")
        assert store.add(made("of-the-child"))
        assert store.next("anna")[0] == 0
        store.close()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    process.close()
    assert store.next("anna")[0] == 1
    assert store.add(made("after"))
    other = open_durable()
    for token in ("before", "of-the-child", "after"):
        assert other.find(token) == store.find(token) == made(token)


# --- several processes at work at the same time -----------------------------------------------------------------------


def test_processes_that_add_lose_nothing_and_get_each_number_once(
    open_durable: OpenStore, place: str, meeting: Path
) -> None:
    told = together("add", place, "abcd", 60, meeting)
    assert sorted(number for numbers in told.values() for number in numbers) == list(range(240))
    store = open_durable()
    assert store.counts().sessions == 240
    listed = {session.token for session in store.newest("anna", 999)}
    assert listed == {f"{name}-{number}" for name, numbers in told.items() for number in numbers}


def test_processes_that_change_one_session_lose_no_change(open_durable: OpenStore, place: str, meeting: Path) -> None:
    store = open_durable()
    store.add(made("shared"))
    together("look", place, "abcd", 50, meeting)
    found = store.find("shared")
    assert found is not None
    assert (found.polls, found.version) == (200, 200)


def test_processes_that_end_the_same_sessions_end_each_once(open_durable: OpenStore, place: str, meeting: Path) -> None:
    store = open_durable()
    for number in range(80):
        store.add(made(f"t{number}"))
    told = together("finish", place, "abcd", 80, meeting)
    assert sorted(number for numbers in told.values() for number in numbers) == list(range(80))
    for name, numbers in told.items():
        assert {_outcome(store, number) for number in numbers} <= {name}


def _outcome(store: Store, number: int) -> str:
    session = store.find(f"t{number}")
    assert session is not None
    return session.outcome


def test_killed_process_takes_no_session_with_it_that_was_told(
    open_durable: OpenStore, place: str, meeting: Path
) -> None:
    store = open_durable()
    (meeting / "go").touch()
    for round_ in range(3):
        with working("add", place, f"k{round_}", 100_000, meeting) as process:
            told = [int(number) for number in _first(process, 40)]
            process.kill()
            assert process.stdout is not None
            told += [int(line) for line in process.stdout.read().splitlines()[:-1]]  # the last may be cut
        for number in told:
            assert store.find(f"k{round_}-{number}") is not None
        assert store.next("anna")[0] > max(told)
        assert store.add(made(f"after-{round_}"))


def _first(process: subprocess.Popen[str], lines: int) -> Iterator[str]:
    assert process.stdout is not None
    for _ in range(lines):
        yield process.stdout.readline()


def test_processes_that_make_the_same_files_at_the_same_moment_make_each_once(tmp_path: Path, meeting: Path) -> None:
    told = together("make_files", str(tmp_path), "abcdef", 25, meeting)
    for numbers in zip(*told.values(), strict=True):
        assert sorted(numbers) == list(range(6))


def test_new_file_is_not_mixed_with_the_logs_that_another_process_holds(tmp_path: Path, meeting: Path) -> None:
    path = tmp_path / "sessions.db"
    (meeting / "go").touch()
    with working("hold", f"sqlite:{path}", "held", 50, meeting) as process:
        assert next(_first(process, 1)) == "0\n"
        path.unlink()
        store = InSqlite(path)
        assert store.newest(None, 99) == []
        for number in range(50):
            assert store.add(made(f"new{number}"))
        assert process.stdin is not None
        process.stdin.write("on\n")
        process.stdin.flush()
        assert next(_first(process, 1)) == "1\n", "it goes on in the new file"
        listed = {session.token for session in store.newest(None, 999)}
        process.stdin.write("end\n")
        process.stdin.close()
        assert process.wait(30) == 0
    assert listed == {f"new{number}" for number in range(50)} | {f"held1-{number}" for number in range(50)}
    store.close()
    other = InSqlite(path)
    assert {session.token for session in other.newest(None, 999)} == listed
    other.close()
