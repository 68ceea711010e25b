"""The one scanner for secrets: finds marked values, and parts of them, in every form that somebody could read.

It shares no code with what masks them, so that it cannot be blind in the same eye.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["PART", "Leak", "files_below", "leaks"]

PART = 12
"""A part of a secret is found from so many characters on."""

ANCHOR, EVERY = 4, PART - 3
"""Each part of that length holds one of the anchors whole: so many characters, one each so many."""

GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that was found. where: a file or a stream. form: how it was written there."""

    where: str
    secret: str
    form: str


def files_below(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder, and write down all names: secrets may be in those too."""
    found = sorted(folder.rglob("*"))
    names = "\n".join(str(path.relative_to(folder)) for path in found)
    read = {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}
    return {**read, "names of files": names.encode("utf-8", "surrogateescape")}


def leaks(places: Mapping[str, bytes | str], secrets: Mapping[str, str]) -> list[Leak]:
    """Find secrets, by what they are called, in places, by where they are. Each form of a secret is told once."""
    found = []
    for where, text in places.items():
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        for form, reading in _readings(raw):
            small = reading.lower()
            found += [Leak(where, name, form) for name, secret in secrets.items() if _holds(small, secret.encode())]
    return list(dict.fromkeys(found))


def _holds(small: bytes, secret: bytes) -> bool:
    """Tell whether a text in small letters holds a secret, or a part of it that is more than a date."""
    wanted = secret.lower()
    if len(wanted) < PART:
        return wanted in small
    parts = {wanted[at : at + PART] for at in range(len(wanted) - PART + 1)}
    parts = {part for part in parts if not part.isdigit()}
    for start in range(0, len(wanted) - ANCHOR + 1, EVERY):
        anchor = wanted[start : start + ANCHOR]
        at = small.find(anchor)
        while at >= 0:
            if any(small[one : one + PART] in parts for one in range(max(0, at - EVERY + 1), at + 1)):
                return True
            at = small.find(anchor, at + 1)
    return False


def _readings(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what a file says in every form, each with the name of the form."""
    if raw.startswith(GZIP):
        try:
            unpacked = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            return
        yield from ((f"gzip, {form}", reading) for form, reading in _readings(unpacked))
        return
    plain = {"as it is": raw, "UTF-16": raw.replace(b"\0", b"")} if b"\0" in raw else {"as it is": raw}
    for form, text in list(plain.items()):
        undone: bytes = text
        names: list[str] = []
        for name, undo in 3 * tuple(_UNDO.items()):
            if (more := undo(undone)) != undone:
                undone, names = more, [*dict.fromkeys([*names, name])]
                plain[", ".join([*names] if form == "as it is" else [form, *names])] = undone
    for form, text in plain.items():
        yield form, text
        # A separator that no alphabet has: words decoded one after the other make no new ones.
        yield f"{form}, base64", b"\n\n".join(_base64(text))
        yield f"{form}, hexadecimal", b"\n\n".join(_hexadecimal(text))


def _base64(text: bytes) -> Iterable[bytes]:
    for alphabet in (rb"[A-Za-z0-9+/]{16,}", rb"[A-Za-z0-9_-]{16,}"):
        for word in re.findall(alphabet, text):
            for start in range(4):
                part = word[start:].replace(b"-", b"+").replace(b"_", b"/")
                yield base64.b64decode(part[: len(part) // 4 * 4])


def _hexadecimal(text: bytes) -> Iterable[bytes]:
    for word in re.findall(rb"[0-9A-Fa-f]{24,}", text):
        for start in range(2):
            yield binascii.unhexlify(word[start : start + (len(word) - start) // 2 * 2])


def _json(text: bytes) -> bytes:
    text = re.sub(rb"\\+u00([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), text)
    return re.sub(rb"\\+(.)", rb"\1", text)


def _entities(text: bytes) -> bytes:
    return html.unescape(text.decode("latin-1")).encode("latin-1", "replace")


_UNDO = {"percent-encoded": unquote_to_bytes, "JSON-escaped": _json, "HTML-escaped": _entities}
