"""Tokens, links and request ids: in the vendor's shapes, unique, and the same again for the same seed.

The random part is a keyed hash over the credential and its call counter, so no generator is shared.
Without a seed the key is the machine's own randomness, drawn in each process.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import blake2b, shake_128
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from mockserver.clock import digits

if TYPE_CHECKING:
    from mockserver.clock import Clock

__all__ = ["Identifiers", "SessionIdentifiers"]

_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHANUMERIC = bytes(_LETTERS[byte % 62] for byte in range(256))  # a table for bytes.translate
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
        self._counters: dict[str, int] = {}
        self._floor = 0
        self._lock = Lock()

    def next(self, name: str) -> int:
        """Give the next number for a name, from 0."""
        with self._lock:
            number = self._counters.get(name)
            if number is None:
                if len(self._counters) >= self._most:
                    self._floor = max(self._floor, self._counters.pop(next(iter(self._counters))))
                number = self._floor
            self._counters[name] = number + 1
            return number


class Identifiers:
    """Makes identifiers from a clock and a seed."""

    def __init__(self, clock: Clock, seed: str | None = None) -> None:
        self.clock = clock
        self._key = blake2b(seed.encode(), digest_size=32).digest() if seed is not None else os.urandom(32)
        self._sessions = Counters()
        self._requests = count()

    def session(self, credential: str) -> SessionIdentifiers:
        """Make the identifiers of a new session of a credential."""
        number = self._sessions.next(credential)
        material = shake_128(self._key + b"%d " % number + credential.encode("utf-8", "replace")).digest(701)
        text = material[:26].hex()
        time = digits(self.clock.now_ns() // 1_000_000_000, utc8=True)
        return SessionIdentifiers(
            token=time + text[:20].upper(),
            pl=urlsafe_b64encode(material[26:]).decode("ascii"),
            uid=f"{text[20:28]}-{text[28:32]}-4{text[33:36]}-a{text[37:40]}-{text[40:]}",
        )

    def request_id(self) -> str:
        """Make a request id: 14 digits of time in UTC, 9 of nanoseconds, 8 alphanumerics [G10, V8]."""
        seconds, nanoseconds = divmod(self.clock.now_ns(), 1_000_000_000)
        tail = blake2b(b"%d" % next(self._requests), digest_size=8, key=self._key).digest().translate(_ALPHANUMERIC)
        return f"{digits(seconds, utc8=False)}{nanoseconds:09d}{tail.decode('ascii')}"
