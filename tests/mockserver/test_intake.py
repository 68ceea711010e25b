"""Which threads serve: two, until they are held by bodies that do not come."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mockserver.intake import SLOW_BODIES, Intake

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0


class Threads:
    """Serving threads that each do one piece of work, and what they did."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.given_up: list[str] = []
        self._running: list[threading.Thread] = []

    def serve(self, name: str, work: Callable[[], bool]) -> threading.Thread:
        thread = threading.Thread(target=self.intake.serve, args=(work, lambda: self.given_up.append(name)))
        self._running.append(thread)
        thread.start()
        return thread

    def join(self) -> None:
        for thread in self._running:
            thread.join(PATIENCE)
            assert not thread.is_alive()


class Looks:
    """Looks are taken when the test says so."""

    def __init__(self) -> None:
        self.looks: list[Callable[[], None]] = []

    @property
    def ended(self) -> bool:
        return False

    def add(self, seconds: float, answer: Callable[[], None]) -> None:
        assert seconds < 1
        self.looks.append(answer)


def test_thread_that_is_not_needed_rests_until_the_others_are_held() -> None:
    delays, arrived = Looks(), threading.Event()
    intake = Intake(delays, 2, 2 + SLOW_BODIES)
    threads = Threads(intake)
    started = threading.Barrier(3)

    def wait_for_a_body() -> bool:
        started.wait(PATIENCE)
        return arrived.wait(PATIENCE)

    threads.serve("one", wait_for_a_body)
    threads.serve("other", wait_for_a_body)
    third = threads.serve("third", lambda: started.wait(PATIENCE) >= 0)
    third.join(0.2)
    assert third.is_alive(), "two are at work, so the third rests"
    assert len(delays.looks) == 1
    delays.looks.pop()()
    third.join(PATIENCE)
    assert not third.is_alive(), "both have been held for long"
    arrived.set()
    threads.join()
    assert threads.given_up == []
    delays.looks.pop()()
    assert delays.looks == [], "nobody is there to look after"


def test_thread_that_left_some_of_a_body_does_not_rest() -> None:
    intake, arrived, started = Intake(Looks(), 2, 2 + SLOW_BODIES), threading.Event(), threading.Barrier(3)
    threads = Threads(intake)

    def wait_for_a_body() -> bool:
        started.wait(PATIENCE)
        return arrived.wait(PATIENCE)

    threads.serve("one", wait_for_a_body)
    threads.serve("other", wait_for_a_body)
    third = threads.serve("third", lambda: started.wait(PATIENCE) < 0)
    third.join(PATIENCE)
    assert not third.is_alive()
    arrived.set()
    threads.join()
