"""Chance that is the same again for the same key: a keyed hash, read as a stream. No shared generator, no clock."""

from __future__ import annotations

from hashlib import shake_128
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Dice"]

_T = TypeVar("_T")
_BLOCK = 1024
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Dice:
    """A stream of choices that one key decides."""

    __slots__ = ("_at", "_blocks", "_key", "_known")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known = b""
        self._at = 0
        self._blocks = 0

    def bytes(self, count: int) -> bytes:
        """Give the next bytes of the stream."""
        while len(self._known) - self._at < count:
            block = shake_128(b"%d " % self._blocks + self._key).digest(_BLOCK)
            self._known = self._known[self._at :] + block
            self._at = 0
            self._blocks += 1
        self._at += count
        return self._known[self._at - count : self._at]

    def below(self, count: int) -> int:
        """Give a number from 0 to one less than `count`, which is at least 1."""
        if count <= 1:
            return 0
        size = 2 if count <= 256 else (count.bit_length() + 15) // 8
        return int.from_bytes(self.bytes(size), "big") % count

    def between(self, low: int, high: int) -> int:
        """Give a whole number from `low` to `high`."""
        return low + self.below(high - low + 1)

    def one_of(self, values: Sequence[_T]) -> _T:
        """Choose one of some values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Sequence[_T]) -> list[_T]:
        """Give some values in another order."""
        rest = list(values)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]

    def letters(self, count: int, of: str = _LETTERS) -> str:
        """Give a text of some letters."""
        size = len(of)
        return "".join(of[byte % size] for byte in self.bytes(count))

    def chance(self, of: int) -> bool:
        """Tell whether something happens that does so once in `of` times."""
        return self.below(of) == 0
