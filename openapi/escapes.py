"""Percent-decoding that remembers which marks were encoded: `a%2Cb` is one item, `a,b` are two.

A reserved mark that was encoded becomes a lone surrogate, which no decoded text holds; `plain` makes the mark of it.
"""

from __future__ import annotations

import re

__all__ = ["either_way", "literal", "plain", "protected", "split", "with_encoded_slashes"]

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SHIFT = 0xDC00
_PROTECT = {ord(mark): _SHIFT + ord(mark) for mark in "/,;=.|& "}
_PLAIN = {shifted: mark for mark, shifted in _PROTECT.items()}
_LITERAL = {shifted: mark for shifted, mark in _PLAIN.items() if mark != ord("/")}
_MARKED = re.compile(f"[{''.join(map(chr, _PLAIN))}]")


def protected(raw: str) -> str:
    """Decode text, reserved marks that were encoded kept apart from those that were not."""
    if "%" not in raw:
        return raw
    return _ENCODED.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace").translate(_PROTECT), raw
    )


def plain(text: str) -> str:
    """Give the text that protected text stands for."""
    return text if text.isascii() or not _MARKED.search(text) else text.translate(_PLAIN)


def literal(text: str) -> str:
    """Give what a text of a path stands for, an encoded slash apart: that is no step to the next segment."""
    return text if text.isascii() or not _MARKED.search(text) else text.translate(_LITERAL)


def with_encoded_slashes(text: str) -> str:
    """Give the text that protected text stands for.

    Where slashes in it were encoded they stay `%2F`, and its percent signs become `%25`.
    """
    slash = chr(_PROTECT[ord("/")])
    return plain(text.replace("%", "%25").replace(slash, "%2F") if slash in text else text)


def either_way(text: str) -> str:
    """Write a pattern for a text in which each mark may be encoded or not."""
    return "".join(f"[{re.escape(one)}{chr(_PROTECT[ord(one)])}]" if ord(one) in _PROTECT else re.escape(one)
                   for one in text)  # fmt: skip


def split(text: str, mark: str) -> list[str]:
    """Split protected text at a mark, into plain texts; where none stands as itself, at the encoded ones.

    By the letter of RFC 6570 an encoded comma belongs to an item. Many clients encode them all, and then mean the list.
    """
    if not text:
        return []
    return [plain(part) for part in text.split(mark)] if mark in text else plain(text).split(mark)
