"""Times in the formats of JSON Schema, by the clock that is handed in: no two of an answer alike."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.generating.dice import Dice

__all__ = ["Moments"]

_DAY = 86_400
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FUTURE = ("expir", "due", "until", "next", "end", "renew", "deliver", "ship", "valid", "deadline", "eta", "scheduled")
_LONG_AGO = ("birth", "born", "dob", "founded")


class Moments:
    """The moments of one answer. `now_ns`: by the clock."""

    __slots__ = ("_count", "now_ns")

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns
        self._count = 0

    def of(self, name: str, dice: Dice) -> int:
        """Give a moment in nanoseconds since 1970: now, or what the name of the field speaks of."""
        self._count += 1
        now = self.now_ns - self._count * 1_000_000 * dice.between(1, 9)
        if any(word in name for word in _LONG_AGO):
            return now - dice.between(20 * 365, 60 * 365) * _DAY * 10**9
        if any(name.startswith(word) or f"{word}s" in name or word == name for word in _FUTURE):
            return now + dice.between(1, 30) * _DAY * 10**9
        return now

    def date_time(self, name: str, dice: Dice) -> str:
        """Write a moment as RFC 3339, with milliseconds."""
        moment = self.of(name, dice)
        seconds, rest = divmod(moment, 10**9)
        return f"{time.strftime('%Y-%m-%dT%H:%M:%S', _utc(seconds))}.{rest // 1_000_000:03d}Z"

    def date(self, name: str, dice: Dice) -> str:
        """Write a day as RFC 3339."""
        return time.strftime("%Y-%m-%d", _utc(self.of(name, dice) // 10**9))

    def time(self, name: str, dice: Dice) -> str:
        """Write a time of day as RFC 3339."""
        return time.strftime("%H:%M:%SZ", _utc(self.of(name, dice) // 10**9))

    def http_date(self, name: str, dice: Dice) -> str:
        """Write a moment as RFC 9110 has it in headers, in English whatever the locale."""
        moment = _utc(self.of(name, dice) // 10**9)
        day, month = _DAYS[moment.tm_wday], _MONTHS[moment.tm_mon - 1]
        return time.strftime(f"{day}, %d {month} %Y %H:%M:%S GMT", moment)

    def seconds(self, name: str, dice: Dice) -> int:
        """Give whole seconds since 1970."""
        return self.of(name, dice) // 10**9


def _utc(seconds: int) -> time.struct_time:
    return time.gmtime(min(max(seconds, 0), 253_402_300_799))  # the years that four digits write
