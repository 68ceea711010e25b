"""What can be wrong with a contract, and where.

The lowest module: values and exceptions only. It reads no file and knows no OpenAPI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ContractError", "Notice", "Place", "nearest", "shown"]

MOST_SHOWN = 400
"""Longest text of a document that a message repeats; of a longer one the middle is left out."""


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """Write text out of a document for a person: on one line, with nothing that steers a terminal or cannot be sent."""
    if len(text) > most:
        text = f"{text[: most // 2]} ... {text[-most // 2 :]}"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a document: file name as the user gave it, JSON pointer (RFC 6901), line from 1 where it is known."""

    file: str
    pointer: str = ""
    line: int | None = None

    def __str__(self) -> str:
        spot = self.file if self.line is None else f"{self.file}:{self.line}"
        return shown(f"{spot} at {self.pointer}" if self.pointer else spot)


class ContractError(Exception):
    """A document, an overlay or a reference cannot be used: what, where, how to fix.

    Attributes are plain strings and one `Place`, so that it pickles across processes.
    """

    def __init__(self, what: str, place: Place | None = None, remedy: str = "") -> None:
        super().__init__(what, place, remedy)
        self.what = what
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        how = f" {shown(self.remedy)}" if self.remedy else ""
        return f"{where}{shown(self.what)}{how}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the contract should know and that does not stop it from being served.

    `code` is stable and kebab-case, for instance `schema-keyword-ignored`.
    """

    level: Literal["warning", "note"]
    code: str
    what: str
    place: Place
    remedy: str = ""

    def __str__(self) -> str:
        how = f" {shown(self.remedy)}" if self.remedy else ""
        return f"{self.level}: {self.place}: {shown(self.what)}{how} [{self.code}]"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is closest, as `Did you mean 'x'?`, or nothing when none is close."""
    from difflib import get_close_matches  # only on the way to an error: 3 ms that a healthy start does not pay

    matches = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {matches[0]!r}?" if matches else ""
