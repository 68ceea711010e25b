"""Reads a text as it stands, and again with its escapes undone, and knows where each character came from.

It undoes percent-encoding, JSON's escapes and HTML's, however often they were applied; base64 and hexadecimal words it
decodes apart. It knows nothing of secrets.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Reading", "in_words", "plain", "readings"]

DEPTH = 5
"""So often escapes are undone: each time, whole chains of one kind are."""

_PERCENT = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_ESCAPES = re.compile(
    r"(?P<percent>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
    r"|\\+(?:u(?P<unit>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<octal>[0-3][0-7]{2})|(?P<letter>[^\\])|\Z)"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});",
    re.DOTALL,
)

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{16,}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it reads. starts: where each of its characters begins in the text that was given, and its end."""

    text: str
    starts: Sequence[int]

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Give the place in the text that was given of a part of this one."""
        return self.starts[begin], self.starts[end]


def readings(text: str) -> Iterator[Reading]:
    """Give a text as it is, and each time its escapes are undone once more."""
    reading = Reading(text, range(len(text) + 1))
    yield reading
    for _ in range(DEPTH):
        undone = _undone(reading)
        if undone.text == reading.text:
            return
        reading = undone
        yield reading


def plain(text: str) -> str:
    """Give what a text reads as once all its escapes are undone."""
    for reading in readings(text):
        text = reading.text
    return text


def in_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Decode each word that may be base64 or hexadecimal, from each of its first characters; with its place."""
    for found in _HEXADECIMAL.finditer(text):
        for start in range(2):
            digits = found[0][start:]
            yield (*found.span(), binascii.unhexlify(digits[: len(digits) // 2 * 2]).decode("latin-1"))
    for found in _BASE64.finditer(text):
        word = found[0].rstrip("=").replace("+", "-").replace("/", "_")
        for start in range(4):
            part = word[start:]
            whole = part[: len(part) - (len(part) % 4 == 1)]
            decoded = base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4))
            yield (*found.span(), decoded.decode("latin-1"))


def _undone(reading: Reading) -> Reading:
    """Undo the escapes of a text once."""
    text, starts = reading.text, reading.starts
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for found in _ESCAPES.finditer(text):
        begin, end = found.span()
        parts.append(text[at:begin])
        places.extend(starts[at:begin])
        if found["percent"]:
            for letter, where in _percent(found[0]):
                parts.append(letter)
                places.append(starts[begin + where])
        else:
            letter = _letter(found)
            parts.append(letter)
            places.extend([starts[begin]] * len(letter))
        at = end
    parts.append(text[at:])
    places.extend(starts[at:])
    return Reading("".join(parts), places)


def _letter(found: re.Match[str]) -> str:
    if found[0][0] == "&":
        return html.unescape(found[0])
    if found["unit"] or found["byte"]:
        return chr(int(found["unit"] or found["byte"], 16))
    if found["octal"]:  # as a shell writes bytes, in our curl lines for instance
        return chr(int(found["octal"], 8))
    return found["letter"] or ""


def _percent(run: str) -> Iterator[tuple[str, int]]:
    """Read a run of encoded bytes as UTF-8, each that is none as a character of its own; with their places."""
    found = [(int(one[1], 16), one.start()) for one in _PERCENT.finditer(run)]
    raw = bytes(byte for byte, _ in found)
    if raw.isascii():
        yield from ((chr(byte), where) for byte, where in found)
        return
    at = 0
    while at < len(raw):
        length = 1 + (raw[at] >= 0xC0) + (raw[at] >= 0xE0) + (raw[at] >= 0xF0)
        try:
            letter = raw[at : at + length].decode("utf-8")
        except UnicodeDecodeError:
            letter, length = chr(raw[at]), 1
        yield letter[0], found[at][1]
        at += length
