"""A process that works on a store beside others. Arguments: what to do, the store, a name, how often, where to meet."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.sessions.opening import open_store
from tests.mockserver.sessions.making import looked_at, made

if TYPE_CHECKING:
    from mockserver.sessions import Store


def add(store: Store, name: str, times: int) -> None:
    """Make sessions, each of a number of the shared counter; tell each number once the session is kept."""
    for _ in range(times):
        number = store.next("anna")[0]
        assert store.add(made(f"{name}-{number}", "anna"))
        print(number, flush=True)


def look(store: Store, _: str, times: int) -> None:
    """Count looks at one session that everybody looks at."""
    for _turn in range(times):
        while True:
            session = store.find("shared")
            assert session is not None
            if store.replace(looked_at(session)):
                break


def finish(store: Store, name: str, times: int) -> None:
    """Try to be the one that ends each of so many sessions; tell which ones it ended."""
    for number in range(times):
        session = store.find(f"t{number}")
        assert session is not None
        if not session.outcome and store.replace(replace(session, outcome=name, version=session.version + 1)):
            print(number, flush=True)


def hold(store: Store, name: str, times: int) -> None:
    """Keep a store open: make sessions, tell so, wait for a line, and make as many again."""
    for turn in range(2):
        for number in range(times):
            assert store.add(made(f"{name}{turn}-{number}"))
        print(turn, flush=True)
        sys.stdin.readline()


def make_files(folder: Path, times: int) -> None:
    """Take a number from each of several new stores."""
    for which in range(times):
        store = open_store(f"sqlite:{folder}/{which}.db", 10)
        print(store.next("anna")[0], flush=True)
        store.close()


def meet(folder: Path, name: str) -> None:
    """Say that this process is ready, and wait for the others."""
    (folder / f"ready-{name}").touch()
    while not (folder / "go").exists():
        time.sleep(0.001)


def work(task: str, place: str, name: str, times: int) -> None:
    if task == "make_files":
        make_files(Path(place), times)
        return
    store = open_store(place, 100_000)
    {"add": add, "look": look, "finish": finish, "hold": hold}[task](store, name, times)
    store.close()


if __name__ == "__main__":
    meet(Path(sys.argv[5]), sys.argv[3])
    work(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
