"""The time, handed in to whoever needs it: no answer depends on any other clock."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Clock",
    "ClockState",
    "FrozenClock",
    "ShiftedClock",
    "SystemClock",
    "digits",
    "nanoseconds",
    "read_rfc3339",
    "rfc3339",
]


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
        self._ns = nanoseconds(seconds)

    def now_ns(self) -> int:
        """Give the frozen time in nanoseconds."""
        return self._ns

    def advance(self, seconds: float) -> None:
        """Move the time, backwards too."""
        self._ns += nanoseconds(seconds)


@dataclass(frozen=True, slots=True)
class ClockState:
    """What was done to a clock: it stands at `frozen_ns`, or else is `offset_ns` ahead of the machine's."""

    frozen_ns: int | None = None
    offset_ns: int = 0

    def apply(self, real_ns: int) -> int:
        """Tell the time when the machine says `real_ns`."""
        return real_ns + self.offset_ns if self.frozen_ns is None else self.frozen_ns

    def frozen(self, now_ns: int) -> ClockState:
        """Stand still at a time."""
        return ClockState(now_ns)

    def moved(self, now_ns: int, real_ns: int) -> ClockState:
        """Show another time from now on: standing still if it did, running if it ran."""
        return ClockState(now_ns) if self.frozen_ns is not None else ClockState(None, now_ns - real_ns)

    def running(self, real_ns: int) -> ClockState:
        """Run on from the time that is shown."""
        return ClockState(None, self.apply(real_ns) - real_ns)


class ShiftedClock:
    """A clock behind a state that is kept elsewhere, so that all workers show the same time.

    When the state cannot be read, the last one known holds: a refusal still needs a request id.
    """

    def __init__(self, state: Callable[[], ClockState], base: Clock, trouble: type[Exception]) -> None:
        self._state = state
        self._trouble = trouble
        self._known = ClockState()
        self.base = base

    def now_ns(self) -> int:
        """Give the time in nanoseconds."""
        return self.state().apply(self.base.now_ns())

    def state(self) -> ClockState:
        """Give what was done to the clock."""
        with contextlib.suppress(self._trouble):
            self._known = self._state()
        return self._known


def nanoseconds(seconds: float) -> int:
    """Give whole microseconds in nanoseconds: a float of today's time in seconds holds no more."""
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


def read_rfc3339(text: str) -> float | None:
    """Read a time with its zone as seconds since 1970; None when it is none."""
    from datetime import datetime  # 3 ms, and most starts name no time

    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()


def rfc3339(ns: int) -> str:
    """Write a time for people and programs: `2026-07-02T14:15:26.250000Z`."""
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest // 1000:06d}Z"
