"""A clock that a test holds in its hand: it runs with the machine's until it is told to stand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mockserver.clock import ClockState, SystemClock, nanoseconds, read_rfc3339

__all__ = ["SteeredClock"]


class SteeredClock:
    """The time of a mock. Standing or running, it can be moved; all tokens, group ids and expiries follow it."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._state = ClockState()

    def now_ns(self) -> int:
        """Give the time in nanoseconds since 1970 UTC."""
        return self._state.apply(self._real.now_ns())

    @property
    def now(self) -> datetime:
        """The time, in UTC, to the microsecond."""
        return datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=self.now_ns() // 1000)

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stand still, now or at a moment: a `datetime` with its zone, or a text such as `2026-07-02T22:15:26+08:00`.

        Raises `ValueError` for a moment without a zone.
        """
        self._state = self._state.frozen(self.now_ns() if at is None else _moment(at))

    def tick(self, seconds: float | timedelta = 1.0) -> None:
        """Move the time forward, or back when it is negative; it stands afterwards if it stood before."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        self._move(self.now_ns() + nanoseconds(step))

    def move_to(self, at: datetime | str) -> None:
        """Show another moment from now on; written as for `freeze`, with the same errors."""
        self._move(_moment(at))

    def reset(self) -> None:
        """Run with the time of the machine again."""
        self._state = ClockState()

    def _move(self, to_ns: int) -> None:
        self._state = self._state.moved(to_ns, self._real.now_ns())


def _moment(at: datetime | str) -> int:
    seconds = read_rfc3339(at) if isinstance(at, str) else at.timestamp() if at.tzinfo is not None else None
    if seconds is None:
        raise ValueError(f"{at!r} is no moment with a zone, such as 2026-07-02T22:15:26+08:00.")
    return nanoseconds(seconds)
