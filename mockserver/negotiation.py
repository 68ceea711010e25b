"""Which media type a caller accepts, and which of several it would rather have (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["accepts", "choose", "named"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9a-z-]+"  # noqa: S105 - no password: a word of the grammar of headers
_RANGE = re.compile(rf"{_TOKEN}/{_TOKEN}")
_QUOTED = r'"(?:[^"\\]|\\.)*"?'
_QUALITY = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}")
_PARTS = re.compile(rf'(?:[^",]|{_QUOTED})+')
_PARAMETERS = re.compile(rf'(?:[^";]|{_QUOTED})+')


def accepts(header: str | None, media_type: str) -> bool:
    """Tell whether an Accept header admits a media type; the most specific range decides, `q=0` rules it out.

    What is no media range is ignored; a header without any rules nothing out.
    """
    return choose(header, (media_type,)) is not None


def choose(header: str | None, offered: Sequence[str]) -> str | None:
    """Choose the media type that an Accept header gives the highest quality, the first of equals; None: it admits none.

    The most specific range that fits a type decides its quality, parameters such as `charset` counting most. What is no
    media range is ignored; a header without any rules nothing out.
    """
    if not offered:
        return None
    if header is None or header in ("*/*", offered[0]) or not header.strip():
        return offered[0]
    ranges = _ranges(header)
    if not ranges:
        return offered[0]
    qualities = [_quality(one, ranges) for one in offered]
    best = max(qualities)
    return offered[qualities.index(best)] if best > 0 else None


def named(header: str | None) -> list[str]:
    """List the media types that an Accept header names, no ranges, by their quality, the best first."""
    found = {name: quality for (name, _), quality in _ranges(header or "").items() if "*" not in name and quality > 0}
    return sorted(found, key=lambda name: -found[name])


def _ranges(header: str) -> dict[tuple[str, frozenset[str]], float]:
    """Read the ranges of an Accept header with their parameters, and the quality of each."""
    found: dict[tuple[str, frozenset[str]], float] = {}
    for part in _PARTS.findall(header.lower()):
        name, *rest = _pieces(part)
        if not _RANGE.fullmatch(name):
            continue
        quality, parameters = 1.0, []
        for parameter in rest:
            if parameter[:2] == "q=":
                quality = _number(parameter[2:])
                break  # what follows a quality is no part of the type
            parameters.append(_unquoted(parameter))
        key = (name, frozenset(filter(None, parameters)))
        found[key] = max(found.get(key, 0.0), quality)
    return found


def _quality(offered: str, ranges: dict[tuple[str, frozenset[str]], float]) -> float:
    name, *rest = _pieces(offered.lower())
    own = {_unquoted(parameter) for parameter in rest}
    major, _, minor = name.partition("/")
    # `application/*+json` is no range of RFC 9110; many clients send it, and mean it.
    suffix = [f"{major}/*+{minor.rpartition('+')[2]}"] if "+" in minor else []
    for wanted in (name, *suffix, f"{major}/*", "*/*"):
        fitting = [(len(more), quality) for (one, more), quality in ranges.items() if one == wanted and more <= own]
        if fitting:
            return max(fitting)[1]
        if wanted == name and not own:
            # A charset or the like is asked for and the document names none: nothing speaks against it.
            asked = [quality for (one, more), quality in ranges.items() if one == name and more]
            if asked:
                return max(asked)
    return 0.0


def _pieces(text: str) -> list[str]:
    """Split a media range into its name and its parameters."""
    name, mark, rest = text.partition(";")
    return [name.strip(), *(piece.strip() for piece in _PARAMETERS.findall(rest))] if mark else [name.strip()]


def _unquoted(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    return f"{name.strip()}={value.strip().strip(chr(34))}" if name.strip() else ""


def _number(text: str) -> float:
    """Read a quality; what is none counts as 1, as if nothing was said."""
    found = _QUALITY.fullmatch(text)
    return min(float(text), 1.0) if found else 1.0
