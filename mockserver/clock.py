"""The time, handed in to whoever needs it: no answer depends on any other clock."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "FrozenClock", "SystemClock", "digits"]


class Clock(Protocol):
    """Tells the time in nanoseconds since 1970 UTC."""

    def now_ns(self) -> int:
        """Give the time in nanoseconds."""


class SystemClock:
    """The time of the machine."""

    now_ns = staticmethod(time.time_ns)


class FrozenClock:
    """A time that stands still until it is told to move."""

    def __init__(self, seconds: float) -> None:
        self._ns = _nanoseconds(seconds)

    def now_ns(self) -> int:
        """Give the frozen time in nanoseconds."""
        return self._ns

    def advance(self, seconds: float) -> None:
        """Move the time, backwards too."""
        self._ns += _nanoseconds(seconds)


def _nanoseconds(seconds: float) -> int:
    """Give whole microseconds: a float of today's time in seconds holds no more."""
    return round(seconds * 1_000_000) * 1000


_UTC, _UTC8 = 0, 8 * 3600
_last: dict[int, tuple[int, str]] = {_UTC: (-1, ""), _UTC8: (-1, "")}


def digits(seconds: int, *, utc8: bool) -> str:
    """Write a time as `YYYYMMDDhhmmss`, in UTC or, as the vendor's tokens and ids do [V10, I], in UTC+8."""
    offset = _UTC8 if utc8 else _UTC
    known, text = _last[offset]
    if known != seconds:
        text = time.strftime("%Y%m%d%H%M%S", time.gmtime(seconds + offset))
        _last[offset] = (seconds, text)
    return text
