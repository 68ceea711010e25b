"""Work for threads of its own: a bounded number of them, started when there is work and gone when there is none."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_THREADS", "Errands"]

MOST_THREADS = 64


class Errands:
    """Does work in the order it comes; what comes while all threads are busy waits for one."""

    def __init__(self, name: str, most: int = MOST_THREADS) -> None:
        self._name = name
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._threads = 0

    def add(self, work: Callable[[], None]) -> None:
        """Have work done soon; it must not raise. It is done before this returns where the system gives no thread."""
        with self._lock:
            self._waiting.append(work)
            if self._threads == self._most:
                return
            self._threads += 1
        try:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                work = self._waiting.popleft()
            work()
