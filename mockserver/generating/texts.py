"""A text that a schema allows: of its format, by its pattern, by what its name means, else some words."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mockserver.generating import words
from mockserver.generating.formats import FORMATS, has_format, of_format
from mockserver.generating.likely_formats import LIKELY
from mockserver.generating.names import texts_by_name
from mockserver.generating.patterns import Unreadable, matches, text_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.dice import Dice
    from mockserver.generating.moments import Moments
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["fits_text", "text_by", "why_no_text"]

_CANDIDATES = 30
_ADDRESSES = frozenset(["uri", "url", "iri", "uri-reference", "iri-reference"])
_LONGEST = 100_000
"""Characters that a text has at most; a schema that asks for more gets no answer."""


def text_by(shape: Shape, name: str, owner: str, dice: Dice, moments: Moments) -> str | None:
    """Draw a text that fits; None when none was found in a bounded number of tries."""
    if shape.shortest > _LONGEST or (shape.longest is not None and shape.longest < shape.shortest):
        return None
    for text in _candidates(shape, name, owner, dice, moments):
        if fits_text(text, shape):
            return text
    return None


def why_no_text(shape: Shape) -> str:
    """Say why no text was found."""
    if shape.shortest > _LONGEST:
        return f"{shape.shortest} characters are asked for, of which no more than {_LONGEST} are made"
    return "no text was found that fits all that is said"


def fits_text(text: str, shape: Shape) -> bool:
    """Tell whether a text is of the length, the patterns and the formats that are said."""
    if len(text) < shape.shortest or (shape.longest is not None and len(text) > shape.longest):
        return False
    if shape.patterns and not all(matches(one, text) for one in shape.patterns):
        return False
    if shape.formats and not all(has_format(one, text) for one in shape.formats):
        return False
    return not (shape.unlike and any(_like(one, text) for one in shape.unlike))


def _like(rule: Json, text: str) -> bool:
    if not isinstance(rule, dict):
        return False
    if "pattern" in rule:
        return matches(str(rule["pattern"]), text)
    return has_format(str(rule.get("format")), text)


def _candidates(  # noqa: C901 - one list, the likely ones first
    shape: Shape, name: str, owner: str, dice: Dice, moments: Moments
) -> Iterator[str]:
    known = [one for one in shape.formats if one in FORMATS]
    least, most = shape.shortest, shape.longest
    for one in known:
        field = (owner + name if one in _ADDRESSES else name).lower()  # `url` of an image leads to one
        yield from islice(of_format(one, dice, moments, field, least, most), _CANDIDATES)
    if shape.patterns:
        if not known:
            yield from islice(texts_by_name(name, owner, dice, moments), 4)
        for _ in range(8 if known or shape.unlike else 2):
            text = _by_patterns(shape, dice)
            if text is not None:
                yield text
        if known:
            yield from islice(of_format(known[0], dice, moments, name.lower()), 400)
        return
    if not known:
        yield from _likely(shape, name, dice, moments)
        if shape.encoding in ("base64", "base64url") and shape.media != "application/json":
            yield from of_format("byte", dice, moments, name)
        if shape.media == "application/json":
            yield '{"ok":true}'
            yield "{}"
            yield "0"
        yield from islice(texts_by_name(name, owner, dice, moments), _CANDIDATES)
    for _ in range(4):
        yield _words(shape, dice)
    yield from ("", "0", "-", "\u00e4", " ")
    if _unlike(shape) and (text := _by_patterns(shape, dice)) is not None:
        yield text


def _likely(shape: Shape, name: str, dice: Dice, moments: Moments) -> Iterator[str]:
    """Yield texts of what formats that nobody checks most likely mean."""
    for one in shape.formats:
        if one in LIKELY:
            yield from islice(LIKELY[one](dice, moments, name.lower(), shape.shortest), _CANDIDATES)


def _by_patterns(shape: Shape, dice: Dice) -> str | None:
    try:
        return text_for(dice, shape.patterns, shape.shortest, shape.longest, _unlike(shape))
    except Unreadable:
        return None


def _unlike(shape: Shape) -> list[str]:
    """List the patterns that a text must not have."""
    return [str(one["pattern"]) for one in shape.unlike if isinstance(one, dict) and "pattern" in one]


def _words(shape: Shape, dice: Dice) -> str:
    text = dice.one_of(words.WORDS)
    while len(text) < shape.shortest:
        text += " " + dice.one_of(words.WORDS)
    if shape.shortest > len(text) - 12 and len(text) > shape.shortest > 12:
        text = text[: shape.shortest].rstrip()
        text += "a" * (shape.shortest - len(text))
    return text if shape.longest is None else text[: shape.longest].rstrip() or dice.letters(min(shape.longest, 4))
