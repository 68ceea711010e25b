"""The forms in which a text may be written so that anybody can read it: what is encoded is not hidden."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["readings"]

_RUNS = (re.compile(r"[A-Za-z0-9_-]{11,}"), re.compile(r"[A-Za-z0-9+/]{11,}"))
"""What may be base64, of URLs and of RFC 4648; a path before it would belong to the second, so both are tried."""

DECODED = 1_000_000
"""Characters of a text that are decoded; of a longer one only the beginning."""

_DIGITS = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_ESCAPED = re.compile(r"\\{1,8}u([0-9A-Fa-f]{4})")


def readings(text: str) -> Iterator[str]:
    """Give a text as it is and as it reads decoded: percent-encoding, JSON's escapes, base64, hexadecimal digits."""
    yield text
    text = text[:DECODED]
    if "%" in text:
        yield unquote(unquote(text))
    if "\\" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    for pattern in _RUNS:
        for run in pattern.findall(text):
            whole = run[: len(run) - (len(run) % 4 == 1)]
            yield base64.urlsafe_b64decode(whole.replace("+", "-").replace("/", "_") + "=" * (-len(whole) % 4)).decode(
                "latin-1"
            )
    for run in _DIGITS.findall(text):
        yield binascii.unhexlify(run).decode("latin-1")
