"""Lets bodies that are slow in coming hold up nobody, and gives them up after a time.

The server reads a body in the very thread that it calls us in, and nothing interrupts it there. So it has more threads
than work well together; those beyond rest on a bench until the others are held by bodies that do not come. Who takes
too long is answered, which ends the connection and the reading. It knows no HTTP server and no application.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from mockserver.errands import Errands

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BODY_TIME", "SLOW_BODIES", "Intake"]

SLOW_BODIES = 16
"""Half-sent bodies that hold up nobody, in each worker."""

BODY_TIME = 30.0
"""Seconds that a body may take to arrive."""

CROWDED_TIME = 3.0
"""Seconds that it may take while more than SLOW_BODIES are slow, and others wait behind them."""

LOOK = 0.01
"""Seconds between two looks at the threads that serve, as long as any does."""

SLOW = 0.02
"""Seconds after which a thread counts as held: a busy machine may need some for a request whose body is there."""


class Timers(Protocol):
    """What calls back later."""

    @property
    def ended(self) -> bool:
        """Whether the server is being stopped."""

    def add(self, seconds: float, answer: Callable[[], None]) -> None:
        """Call `answer` after that many seconds."""


class Intake:
    """Keeps a serving thread free while others wait for bodies."""

    def __init__(self, timers: Timers, working: int, most: int) -> None:
        """working: threads that should serve at once. most: threads that the server may have, the bench included."""
        self._timers = timers
        self._working = working
        self._most = most
        self._busy: dict[int, tuple[float, Callable[[], None]]] = {}
        self._bench: list[threading.Lock] = []
        self._ends = Errands("given-up")
        self._looking = False
        self._slow = 0

    def serve(self, work: Callable[[], bool], give_up: Callable[[], None]) -> None:
        """Do work that may wait for a body, in this thread, and then let the thread rest when there are enough others.

        work: tells whether it is over with the body. The server waits for this call to return before it drops the rest
        of one, and a thread that rested would keep the connection. give_up: called in another thread when the body did
        not come in time; ends the connection.
        """
        entry = (time.monotonic(), give_up)
        mark = id(entry)
        self._busy[mark] = entry
        if not self._looking:
            self._looking = True
            self._timers.add(LOOK, self._look)
        try:
            may_rest = work()
        finally:
            self._busy.pop(mark, None)
        # Whoever rests saw enough others at work; each of them looks in its turn. So that many never rest.
        if may_rest and len(self._busy) - self._slow >= self._working and not self._timers.ended:
            self._rest()

    def _rest(self) -> None:
        woken = threading.Lock()
        woken.acquire()
        self._bench.append(woken)
        woken.acquire()

    def _look(self) -> None:
        now = time.monotonic()
        busy = list(self._busy.items())
        self._slow = slow = sum(since <= now - SLOW for _, (since, _) in busy)
        if slow == len(busy) and slow >= self._working:
            for _ in range(min(slow, len(self._bench))):  # twice as many each time, and not all at once
                self._bench.pop().release()
        overdue = now - (BODY_TIME if slow < self._most else CROWDED_TIME)
        for mark, (since, give_up) in busy:
            if since <= overdue and self._busy.pop(mark, None) is not None:
                self._ends.add(give_up)
        self._looking = False  # before looking whether anybody is there: who comes from here on starts the next look
        if self._busy and not self._timers.ended:
            self._looking = True
            self._timers.add(LOOK, self._look)
