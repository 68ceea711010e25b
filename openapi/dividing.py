"""Divide the text of a parameter or a form into pieces, and read JSON in it. Knows no schema."""

from __future__ import annotations

import json
import re
from itertools import zip_longest
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from openapi.escapes import protected

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["form_pairs", "in_twos", "listed_in_header", "named_parts", "pair", "read_json_text", "unquoted"]

_QUOTED_PARTS = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')


def form_pairs(text: str) -> list[tuple[str, str]]:
    """Read `a=1&b=2` as names and protected values, in order; a blank may be written as `+`."""
    found = (part.partition("=") for part in text.replace("+", " ").split("&") if part)
    return [(unquote(name), protected(value)) for name, _, value in found]


def listed_in_header(text: str) -> list[str]:
    """Split a header at its commas, those in quotes aside; nothing between two of them is no item (RFC 9110 5.6.1)."""
    return [part for found in _QUOTED_PARTS.findall(text) if (part := found.strip(" \t"))]


def named_parts(text: str, separator: str) -> list[tuple[str, str]]:
    """Read `R=1.5.G=2`: what has no name of its own belongs to the value before it, as the point of a number does."""
    whole: list[list[str]] = []
    for part in text.split(separator):
        if whole and part and "=" not in part:
            whole[-1].append(part)
        elif part:
            whole.append([part])
    pairs = (pair(separator.join(parts)) for parts in whole)
    return [(name.strip(), value.strip(" \t") if separator == "," else value) for name, value in pairs]


def in_twos(parts: list[str]) -> list[tuple[str, str]]:
    """Read `R,1,G,2` as pairs; a name without a value has an empty one."""
    return list(zip_longest(parts[::2], parts[1::2], fillvalue=""))


def pair(part: str) -> tuple[str, str]:
    """Read `R=1`."""
    name, _, value = part.partition("=")
    return name, value


def unquoted(text: str) -> str:
    """Take off the quotes that a text stands in."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def read_json_text(text: str) -> Json:
    """Read JSON; what is none stays text: also a number beyond all bounds, and half of a surrogate pair."""
    try:
        value: Json = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return text
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)
