"""Writes texts that a regular expression finds, by the tree that Python's own parser makes of it."""

from __future__ import annotations

import re
import string
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

__all__ = ["Unwritable", "matching"]

_LETTERS = string.ascii_letters + string.digits + "-_.:/ @"
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": string.ascii_letters + string.digits,
    "CATEGORY_WORD": string.ascii_letters + string.digits,
    "CATEGORY_NOT_WORD": "-",
}
_ECMA = (
    ("\\p{XDigit}", "[0-9a-fA-F]"),
    ("\\p{Alnum}", "[0-9a-zA-Z]"),
    ("\\p{Lu}", "[A-Z]"),
    ("\\p{Ll}", "[a-z]"),
    ("\\p{L}", "[a-zA-Z]"),
    ("\\p{N}", "[0-9]"),
    ("\\p{Alpha}", "[a-zA-Z]"),
    ("\\/", "/"),
    ("(?<", "(?P<"),
)


class Unwritable(Exception):
    """A pattern was not understood, or no text of the wanted length was found."""


def matching(pattern: str, dice: random.Random, least: int, most: int) -> str:
    """Write a text that a pattern finds and whose length is between two bounds. Raises `Unwritable`."""
    for ours, theirs in _ECMA:
        if ours != "(?<" or re.search(r"\(\?<[A-Za-z]", pattern):
            pattern = pattern.replace(ours, theirs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree, compiled = _parsed(pattern), re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise Unwritable(f"the pattern {pattern!r} was not understood") from None
    for more in range(40):
        text = _written(tree, dice, more)
        if len(text) < least and not pattern.endswith("$"):
            text += "a" * (least - len(text))
        if least <= len(text) <= most and compiled.search(text):
            return text
    raise Unwritable(f"no text for the pattern {pattern!r}")


def _parsed(pattern: str) -> Any:  # noqa: ANN401 - the parser of the standard library has no types
    try:
        from re import _parser as parser  # type: ignore[attr-defined]
    except ImportError:  # Python 3.10
        import sre_parse as parser  # type: ignore[import-not-found,unused-ignore]
    return parser.parse(pattern)


def _written(tree: Any, dice: random.Random, more: int) -> str:  # noqa: ANN401
    return "".join(_part(str(kind), value, dice, more) for kind, value in tree)


def _part(kind: str, value: Any, dice: random.Random, more: int) -> str:  # noqa: ANN401
    if kind == "LITERAL":
        return chr(value)
    if kind == "NOT_LITERAL":
        return next(letter for letter in "ab" if ord(letter) != value)
    if kind == "ANY":
        return dice.choice(string.ascii_lowercase)
    if kind == "IN":
        return dice.choice(_class(value))
    if kind == "BRANCH":
        return _written(dice.choice(value[1]), dice, more)
    if kind == "SUBPATTERN":
        return _written(value[3], dice, more)
    if kind == "ATOMIC_GROUP":
        return _written(value, dice, more)
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = value
        times = min(int(high), int(low) + dice.randint(0, more))
        return "".join(_written(inner, dice, more) for _ in range(times))
    return ""  # anchors, and what looks around: the text is tried against the whole pattern


def _class(members: Any) -> str:  # noqa: ANN401
    allowed, negated = "", False
    for kind, value in members:
        if str(kind) == "NEGATE":
            negated = True
        elif str(kind) == "LITERAL":
            allowed += chr(value)
        elif str(kind) == "RANGE":
            allowed += "".join(map(chr, range(value[0], min(value[1], value[0] + 200) + 1)))
        elif str(kind) == "CATEGORY":
            allowed += _CATEGORIES.get(str(value), "a")
    if negated:
        allowed = "".join(letter for letter in _LETTERS if letter not in allowed) or "~"
    readable = "".join(letter for letter in allowed if letter in _LETTERS and letter not in "/ ")
    return readable or allowed
