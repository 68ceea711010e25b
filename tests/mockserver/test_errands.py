"""Work for threads of its own: all of it is done, by no more threads than there may be, and none is left."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from mockserver.errands import Errands

if TYPE_CHECKING:
    import pytest

PATIENCE = 10.0


def running(name: str = "errand") -> int:
    return sum(thread.name == name for thread in threading.enumerate())


def all_gone() -> bool:
    limit = time.monotonic() + PATIENCE
    while running() and time.monotonic() < limit:
        time.sleep(0.005)
    return not running()


def test_work_is_done_in_another_thread_that_ends_with_it() -> None:
    done: list[str] = []
    Errands("errand").add(lambda: done.append(threading.current_thread().name))
    assert all_gone()
    assert done == ["errand"]


def test_work_beyond_the_bound_waits_its_turn_and_is_done() -> None:
    errands = Errands("errand", most=3)
    go_on = threading.Event()
    began: list[int] = []

    def work(number: int) -> None:
        began.append(number)
        go_on.wait(PATIENCE)

    for number in range(10):
        errands.add(partial(work, number))
    limit = time.monotonic() + PATIENCE
    while len(began) < 3 and time.monotonic() < limit:
        time.sleep(0.005)
    assert running() == 3
    assert sorted(began) == [0, 1, 2]
    go_on.set()
    assert all_gone()
    assert sorted(began) == list(range(10))


def test_work_that_comes_when_all_threads_have_ended_gets_a_new_one() -> None:
    errands = Errands("errand", most=1)
    done: list[int] = []
    for number in range(3):
        errands.add(partial(done.append, number))
        assert all_gone()
    assert done == [0, 1, 2]


def test_work_is_done_here_when_the_system_gives_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    errands = Errands("errand")
    done: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", refuse)
    errands.add(lambda: done.append(threading.current_thread()))
    assert done == [threading.current_thread()]
    monkeypatch.undo()
    errands.add(lambda: done.append(threading.current_thread()))
    assert all_gone()
    assert len(done) == 2
