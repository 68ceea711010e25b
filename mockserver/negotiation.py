"""Which media type a caller accepts (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import re

__all__ = ["accepts"]

_RANGE = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")
_QUALITY = re.compile(r";\s*q=([0-9.]+)\s*(?:;|$)", re.IGNORECASE)


def accepts(header: str | None, media_type: str) -> bool:
    """Tell whether an Accept header admits a media type; the most specific range decides, `q=0` rules it out.

    What is no media range is ignored; a header without any rules nothing out.
    """
    if header in (None, "*/*", media_type) or not header.strip():
        return True
    wanted = media_type.partition(";")[0].strip().lower()
    ranges = (wanted, wanted.partition("/")[0] + "/*", "*/*")
    qualities: dict[str, float] = {}
    for part in header.lower().split(","):
        name = part.partition(";")[0].strip()
        if not _RANGE.fullmatch(name):
            continue
        quality = _QUALITY.search(part.strip())
        qualities[name] = max(qualities.get(name, 0.0), _number(quality[1]) if quality else 1.0)
    return next((qualities[one] > 0 for one in ranges if one in qualities), not qualities)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
