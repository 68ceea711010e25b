"""One line for each answer of the engine, written by a thread of its own so that no answer waits for it.

A line holds the method, the path without its query, slashes that were encoded as `%2F`, and what was decided. It never
holds a credential or a body.
"""

from __future__ import annotations

import atexit
import json
import sys
import threading
import time
from collections import deque
from functools import lru_cache
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from mockserver.exchange import Request, Response
    from mockserver.writer import Decision

    _Line = tuple[float, str, str, int, Decision]

__all__ = ["RequestLog"]

_PAUSE, _SHORT_PAUSE = 0.05, 0.01
"""Seconds between two looks at what has come: while nothing does, and while answers should not wait for many lines."""

_AT_ONCE = 100
"""Lines written between two chances for those who answer: without one, they wait up to 5 ms for the interpreter."""

_MOST = 100_000
"""Lines kept waiting; when a terminal is slower than the mock, the oldest are dropped."""


class RequestLog:
    """Takes decisions and writes them out."""

    def __init__(self, style: Literal["text", "json"], stream: TextIO | None = None) -> None:
        self._write = _as_json if style == "json" else _as_text
        self._stream = stream or sys.stderr
        self._waiting: deque[_Line] = deque(maxlen=_MOST)
        self._started = False
        self._flushing = threading.Lock()

    def __call__(self, request: Request, response: Response, decision: Decision) -> None:
        """Take an exchange; its line is written a moment later."""
        self._waiting.append((time.time(), request.method, request.told_path, response.status, decision))
        if not self._started:
            self._start()

    def flush(self) -> None:
        """Write what is waiting."""
        with self._flushing:
            while self._waiting:
                lines = [self._write(self._waiting.popleft()) for _ in range(min(len(self._waiting), _AT_ONCE))]
                try:
                    self._stream.write("".join(lines))
                    self._stream.flush()
                except (OSError, ValueError):
                    self._waiting.clear()  # nobody reads the log any more; that is no reason to stop answering

    def _start(self) -> None:
        with self._flushing:
            if self._started:
                return
            self._started = True
        # Started by the first request and so in the worker itself: a thread does not survive a fork.
        threading.Thread(target=self._run, name="request-log", daemon=True).start()
        atexit.register(self.flush)
        Finalize(None, self.flush, exitpriority=10)  # a forked worker runs these at its end, and no atexit before 3.12

    def _run(self) -> None:
        while True:
            busy = bool(self._waiting)
            self.flush()
            time.sleep(_SHORT_PAUSE if busy else _PAUSE)


def _as_text(line: _Line) -> str:
    moment, method, path, status, decision = line
    return f"{_clock(int(moment))} {_what(method, path, status, decision.rule, decision.detail)}"


@lru_cache(1)
def _clock(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


@lru_cache(64)
def _what(method: str, path: str, status: int, rule: str, detail: str) -> str:
    words = f"  {_printable(detail)}" if detail else ""
    return f"{_printable(method)} {_printable(path)} {status} {rule}{words}\n"


def _as_json(line: _Line) -> str:
    moment, method, path, status, decision = line
    fields = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z",
        "method": method,
        "path": path,
        "status": status,
        "rule": decision.rule,
        "basis": decision.basis,
        "detail": decision.detail,
    }
    return json.dumps(fields) + "\n"


def _printable(text: str) -> str:
    """Keep a caller from writing to the terminal: control characters and the like become escapes."""
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")
