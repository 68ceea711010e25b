"""Tokens, links, group and request ids: in the vendor's shapes, unique, and the same again for the same seed.

The random part is a keyed hash over the credential and its call counter, so no generator is shared; where several
processes share a store, they share its counters too. Without a seed the key is the machine's own randomness.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b, shake_128
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.clock import digits

if TYPE_CHECKING:
    from mockserver.clock import Clock

__all__ = ["Counters", "Identifiers", "SessionIdentifiers"]

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHANUMERIC = bytes(_LETTERS[byte % 62] for byte in range(256))  # a table for bytes.translate
_LOWER_ALPHANUMERIC = bytes(b"0123456789abcdefghijklmnopqrstuvwxyz"[byte % 36] for byte in range(256))
_MOST_COUNTERS = 100_000


@dataclass(slots=True)
class SessionIdentifiers:
    """The identifiers of one session; all of them are secrets of its owner.

    token: 34 characters, 14 digits of time in UTC+8 and 20 upper-case hexadecimal digits [V example, I]. pl: 900
    base64url characters, uid: a UUID, both for the link [U1].
    """

    token: str = field(repr=False)
    pl: str = field(repr=False)
    uid: str = field(repr=False)


class Counters:
    """A call counter for each credential, bounded: the oldest is dropped, and no number is given out twice."""

    def __init__(self, most: int = _MOST_COUNTERS) -> None:
        self._most = most
        self._counters: OrderedDict[str, int] = OrderedDict()  # a dict is slow to give up its oldest again and again
        self._floor = 0
        self._lock = Lock()

    def next(self, name: str) -> int:
        """Give the next number for a name, from 0."""
        with self._lock:
            number = self._counters.get(name)
            if number is None:
                if len(self._counters) >= self._most:
                    self._floor = max(self._floor, self._counters.popitem(last=False)[1])
                number = self._floor
            self._counters[name] = number + 1
            return number

    def forget(self, name: str) -> None:
        """Let a name start again."""
        with self._lock:
            self._counters.pop(name, None)


class Identifiers:
    """Makes identifiers from a clock and a seed."""

    def __init__(self, clock: Clock, seed: str | None = None, worker: int = 0) -> None:
        self.clock = clock
        self._key = blake2b(seed.encode(), digest_size=32).digest() if seed is not None else os.urandom(32)
        self._fresh = count() if seed is None else None  # what makes two alike only if that was asked for
        self._requests = count()
        self._tails: list[str] = []
        self._answers = count(worker * 50_000)
        self._worker = b"%d " % worker if worker else b""

    def session(self, credential: str, number: int, moment_ns: int) -> SessionIdentifiers:
        """Make the identifiers of a credential's session of that number, made at a time."""
        numbers = b"%d " % number if self._fresh is None else b"%d %d " % (number, next(self._fresh))
        material = shake_128(self._key + numbers + credential.encode("utf-8", "replace")).digest(701)
        text = material[:26].hex()
        time = digits(moment_ns // 1_000_000_000, utc8=True)
        return SessionIdentifiers(
            token=time + text[:20].upper(),
            pl=urlsafe_b64encode(material[26:]).decode("ascii"),
            uid=f"{text[20:28]}-{text[28:32]}-4{text[33:36]}-a{text[37:40]}-{text[40:]}",
        )

    def group(self, token: str, moment_ns: int, attempt: int) -> str:
        """Make the id of the group of a session: `group-`, 14 digits of time in UTC+8, 5 of `[a-z0-9]` [V3, I].

        There are only 60 million of a second: when one is taken, another attempt gives another.
        """
        material = blake2b(b"%d " % attempt + token.encode(), digest_size=5, key=self._key).digest()
        time = digits(moment_ns // 1_000_000_000, utc8=True)
        return f"group-{time}-{material.translate(_LOWER_ALPHANUMERIC).decode('ascii')}"

    def answer(self, operation: str) -> tuple[bytes, int, int]:
        """Give what an answer that is made depends on: a key for its choices, a number of its own, the time in ns."""
        number = next(self._answers)
        material = self._worker + b"%d " % number + operation.encode("utf-8", "replace")
        return blake2b(material, digest_size=32, key=self._key).digest(), number, self.clock.now_ns()

    def request_id(self) -> str:
        """Make a request id: 14 digits of time in UTC, 9 of nanoseconds, 8 alphanumerics [G10, V8]."""
        seconds, nanoseconds = divmod(self.clock.now_ns(), 1_000_000_000)
        try:
            tail = self._tails.pop()
        except IndexError:
            tail = self._more_tails()
        return f"{digits(seconds, utc8=False)}{nanoseconds:09d}{tail}"

    def _more_tails(self) -> str:
        """Make the tails of eight request ids, which one hash has room for; give one of them and keep the others."""
        material = self._worker + b"%d" % next(self._requests)
        made = blake2b(material, digest_size=64, key=self._key).digest().translate(_ALPHANUMERIC).decode("ascii")
        self._tails += [made[start : start + 8] for start in range(8, 64, 8)]
        return made[:8]
