"""Find where values stand in the text of a JSON file: JSON pointers and lines, which the parser itself does not tell.

Takes text that is JSON but for what it is asked for. It judges nothing and knows no OpenAPI.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Spot", "joined_halves", "json_spots", "whole_characters"]

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+')
_ESCAPE = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_REPLACEMENT = "\\ufffd"
"""U+FFFD, as an escape, which is as long as what it stands for."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands. text: the value itself, of an object or array the bracket alone. twice: its key was there.

    halves: whether half of a surrogate pair stands in it, or in its key.
    """

    pointer: str
    line: int
    text: str
    twice: bool
    halves: bool


class _Frame:
    """An object or array that is still open."""

    __slots__ = ("halves", "index", "key", "keys", "pointer")

    def __init__(self, pointer: str, *, listed: bool) -> None:
        self.pointer = pointer
        self.index = 0 if listed else -1
        self.key: str | None = None
        self.keys: set[str] = set()
        self.halves = False


def json_spots(text: str) -> Iterator[Spot]:
    """Give the place of each value of a text, in its order."""
    line = 1
    frames: list[_Frame] = []
    for found in _PIECE.finditer(text):
        piece = found[0]
        if piece == "\n":
            line += 1
        elif piece in ("}", "]"):
            del frames[-1:]
        elif piece == ",":
            if frames:
                frames[-1].key = None
                frames[-1].index += frames[-1].index >= 0
        elif piece != ":":
            frame = frames[-1] if frames else None
            if frame is not None and frame.index < 0 and frame.key is None:
                frame.key, frame.halves = _read(piece)
                continue
            step = "" if frame is None else child(frame.pointer, frame.key if frame.index < 0 else frame.index)  # type: ignore[arg-type]
            yield Spot(step, line, piece, *_twice(frame, piece))
            if piece in ("{", "["):
                frames.append(_Frame(step, listed=piece == "["))


def _twice(frame: _Frame | None, piece: str) -> tuple[bool, bool]:
    """Tell whether the key of a value was there before, and whether the value or its key has half a character."""
    halves = whole_characters(piece) != piece
    if frame is None or frame.key is None:
        return False, halves
    twice = frame.key in frame.keys
    frame.keys.add(frame.key)
    return twice, halves or frame.halves


def _read(piece: str) -> tuple[str, bool]:
    """Read the text of a key; tell whether half a character stands in it."""
    if "\\" not in piece:
        return piece[1:-1] if piece[:1] == '"' else piece, False
    whole = whole_characters(piece)
    try:
        return str(json.loads(whole)), whole != piece
    except ValueError:
        return piece, False


def whole_characters(text: str) -> str:
    """Put U+FFFD for each escape that is half of a surrogate pair; all else stays in its place."""
    if not _HALF.search(text):
        return text
    return _ESCAPE.sub(lambda found: _REPLACEMENT if len(found[0]) == len(_REPLACEMENT) else found[0], text)


def joined_halves(text: str) -> str:
    """Write each pair of escapes that is one character beyond U+FFFF as one escape, as YAML has it."""
    if not _HALF.search(text):
        return text
    return _ESCAPE.sub(lambda found: _joined(found[0]) if len(found[0]) > len(_REPLACEMENT) else found[0], text)


def _joined(pair: str) -> str:
    high, low = int(pair[2:6], 16), int(pair[8:], 16)
    return f"\\U{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):08X}"
