"""Shapes of texts: how many characters of which classes follow on each other, written as a regular expression.

No part of a text gets into its shape. `merge_text` is commutative, associative and idempotent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Range", "Segment", "Text", "is_name", "merge_text", "once", "read_segments", "span", "text_of", "wider"]

Range = tuple[int, int]

MOST_SEGMENTS = 12
"""A text of more parts than this is prose, or random: only its characters and its length are kept."""

EVIDENT = 16
"""From this length on, a run of hexadecimal digits is taken for one; a shorter one may be a word."""

_RUN = re.compile(r"[0-9A-Za-z]+|(.)\1*", re.DOTALL)
_DATED = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
)
_FORMATS = {
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s]+"),
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
_ATOMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("0-9", re.compile(r"[0-9]")),
    ("A-F", re.compile(r"[A-F]")),
    ("G-Z", re.compile(r"[G-Z]")),
    ("a-f", re.compile(r"[a-f]")),
    ("g-z", re.compile(r"[g-z]")),
    (r"\x00-\x1f\x7f", re.compile(r"[\x00-\x1f\x7f]")),
    (r"\x80-\U0010ffff", re.compile(r"[^\x00-\x7f]")),
)
"""Classes of characters, as a regular expression writes them; what is in none of them is punctuation, by itself."""

_ORDER = [name for name, _ in _ATOMS]
_WORD = frozenset(_ORDER[:5])


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text: the classes of its characters, and how many there are."""

    classes: frozenset[str]
    length: Range

    @property
    def kind(self) -> str:
        """What decides which parts of two texts belong together: a run of letters and digits, or punctuation."""
        return "w" if self.classes <= _WORD else "".join(sorted(self.classes))

    @property
    def pattern(self) -> str:
        """The segment as a regular expression."""
        low, high = self.length
        times = "" if self.length == (1, 1) else f"{{{low}{'' if low == high else f',{high}'}}}"
        return f"[{_written(self.classes)}]{times}"


@dataclass(frozen=True, slots=True)
class Text:
    """Texts: so many characters, in segments that follow on each other; one segment is any order of its classes.

    form: `uri` or `uuid` where all of them are one, else ''.
    """

    length: Range
    segments: tuple[Segment, ...]
    form: str = ""

    @property
    def pattern(self) -> str:
        """The texts as a regular expression."""
        return "".join(segment.pattern for segment in self.segments)

    @property
    def classes(self) -> frozenset[str]:
        """The classes of all characters."""
        return frozenset[str]().union(*(segment.classes for segment in self.segments))


# --- from a text ------------------------------------------------------------------------------------------------------


def text_of(value: str) -> Text:
    """Give the shape of a text."""
    form = next((name for name, pattern in _FORMATS.items() if pattern.fullmatch(value)), "")
    segments: list[Segment] = []
    for run in (found[0] for found in _RUN.finditer(value)):
        parts = [run]
        if _DATED.match(run) and len(run) > 14:  # a date and what follows on it are two things
            parts = [run[:14], run[14:]]
        segments += [Segment(_classes(part, evident=form == "uuid"), once(len(part))) for part in parts]
    text = Text(once(len(value)), tuple(segments), form)
    prose = " " in value or not value.isascii() or not value.isprintable() or form == "uri"
    return _flat(text) if prose or len(segments) > MOST_SEGMENTS else text


def _classes(run: str, *, evident: bool) -> frozenset[str]:
    found = frozenset(next((name for name, one in _ATOMS if one.match(letter)), letter) for letter in set(run))
    if evident and run != "-":  # of a uuid every part may have all digits
        return found | {"0-9", "a-f" if run.lower() == run else "A-F"}
    if len(run) >= EVIDENT and "0-9" in found:
        return found
    for some, all_of_it in (("A-F", "G-Z"), ("a-f", "g-z")):  # such as "face"
        if some in found or all_of_it in found:
            found |= {some, all_of_it}
    return found


def _flat(text: Text) -> Text:
    segments = (Segment(text.classes, text.length),) if text.classes else ()
    return Text(text.length, segments, text.form)


def is_name(name: str) -> bool:
    """Tell whether the name of a member is a word of a programmer, and not an id or another value.

    Words of letters, with two digits at most in all, none of them a scramble of cases.
    """
    letters = re.fullmatch(r"(?=.{1,32}\Z)[A-Za-z_$@](?:[A-Za-z_]*[0-9]?){0,2}[A-Za-z_]*", name)
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)
    return letters is not None and 5 * len(parts) <= 2 * max(5, len(name))


# --- together ---------------------------------------------------------------------------------------------------------


def merge_text(one: Text, other: Text) -> Text:
    """Give the shape that both texts have: segment by segment where they are built alike."""
    form = one.form if one.form == other.form else ""
    length = span(one.length, other.length)
    if [part.kind for part in one.segments] != [part.kind for part in other.segments]:
        return _flat(Text(length, (*one.segments, *other.segments), form))
    pairs = zip(one.segments, other.segments, strict=True)
    parts = [Segment(left.classes | right.classes, span(left.length, right.length)) for left, right in pairs]
    return Text(length, tuple(parts), form)


def once(number: int) -> Range:
    """Give the range of one number."""
    return number, number


def span(one: Range, other: Range) -> Range:
    """Give the least range that holds both."""
    return min(one[0], other[0]), max(one[1], other[1])


# --- how far apart ----------------------------------------------------------------------------------------------------


def wider(now: Range, before: Range) -> bool:
    """Tell whether a range leaves another by more than that one is wide: what varied says less of what may come."""
    width = before[1] - before[0]
    return now[0] < before[0] - width or now[1] > before[1] + width


# --- classes of characters as text ------------------------------------------------------------------------------------


def _written(classes: Iterable[str]) -> str:
    """Write classes as the inside of brackets of a regular expression; the hyphen by itself stands last."""
    left = set(classes)
    for some, rest, both in (("A-F", "G-Z", "A-Z"), ("a-f", "g-z", "a-z")):
        if {some, rest} <= left:
            left = left - {some, rest} | {both}
    order = ["0-9", "A-F", "A-Z", "G-Z", "a-f", "a-z", "g-z", *_ORDER[5:]]
    ranges = "".join(name for name in order if name in left)
    marks = sorted(left - set(order), key=lambda mark: (mark == "-", mark))
    return ranges + "".join(f"\\{mark}" if mark in r"\]^-[" else mark for mark in marks)


_CLASS = re.compile(r"0-9|A-F|A-Z|G-Z|a-f|a-z|g-z|\\x00-\\x1f\\x7f|\\x80-\\U0010ffff|\\(?P<mark>.)|(?P<plain>.)")
_SEGMENT = re.compile(r"\[((?:\\.|[^\]\\])+)\](?:\{([0-9]{1,9})(?:,([0-9]{1,9}))?\})?")


def read_segments(pattern: str) -> tuple[Segment, ...]:
    """Read what `Text.pattern` gives. Raises `ValueError` for anything else."""
    segments, at = [], 0
    while at < len(pattern):
        found = _SEGMENT.match(pattern, at)
        if found is None:
            raise ValueError(f"{pattern[at:][:40]!r} is no class of characters with a length")
        classes: set[str] = set()
        for one in _CLASS.finditer(found[1]):
            mark = one["mark"] or one["plain"]
            both = {"A-Z": {"A-F", "G-Z"}, "a-z": {"a-f", "g-z"}}
            classes |= {mark} if mark else both.get(one[0], {one[0]})
        segments.append(Segment(frozenset(classes), (int(found[2] or 1), int(found[3] or found[2] or 1))))
        at = found.end()
    return tuple(segments)
