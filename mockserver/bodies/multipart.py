"""Read `multipart/*`: `form-data` as an object of its parts, others as the list of them.

RFC 2046 5.1 and RFC 7578 for the bytes, OpenAPI 3.1.1, 4.8.15.1 for what they mean. Headers are read by the standard
library; the boundaries are found here, for `werkzeug` reads forms alone and takes 0.2 s to import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value
from itertools import pairwise
from typing import TYPE_CHECKING

from mockserver.bodies.part import MOST_PARTS, Part, escaped
from mockserver.credentials import Refusal
from openapi.media_types import Encoding, fits, kind_of
from openapi.parameters import Texts
from openapi.samples import MISSING, Missing
from openapi.schema import Violation

if TYPE_CHECKING:
    from email.message import Message

    from openapi.reading import Json
    from openapi.shape import Shape

__all__ = ["Piece", "read_multipart", "split_parts"]

_LARGEST_HEADER = 16_384
_BLANK_LINE = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_COUNTED = re.compile(r"(.+)\[[0-9]{0,6}\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part as it was sent: its name in a form ('' when it has none), its headers and its bytes."""

    name: str
    headers: Message
    raw: bytes

    @property
    def is_file(self) -> bool:
        """Whether it was sent as a file: it has a name of one."""
        return self.headers.get_param("filename", header="content-disposition") is not None


def read_multipart(part: Part, wrong: list[Violation], depth: int) -> Json | Missing | Refusal:
    """Read a body of parts; what is wrong with the type or the headers of a part goes to `wrong`."""
    boundary = part.parameter("boundary")
    if not 1 <= len(boundary) <= 200:
        return Refusal("body.multipart", f"{part.what} has no boundary: its Content-Type has to name one.")
    pieces = split_parts(part.raw, boundary.encode("utf-8", "replace"))
    if isinstance(pieces, str):
        rule = "body.size" if pieces.startswith("has more") else "body.multipart"
        return Refusal(rule, f"{part.what} {pieces}")
    if part.essence == "multipart/form-data":
        for number, piece in enumerate(pieces, start=1):
            if not piece.name:
                return Refusal("body.multipart", f"Part {number} of {_small(part.what)} has no name.")
    elif not pieces or not all(piece.name for piece in pieces):
        return _listed(part, pieces, wrong, depth)
    if part.shape.kinds and "object" not in part.shape.kinds:
        return _listed(part, pieces, wrong, depth)
    return _object(part, pieces, wrong, depth)


def split_parts(raw: bytes, boundary: bytes) -> list[Piece] | str:
    """Split a multipart body at its boundary; a text says what is wrong with it, as the end of a sentence."""
    delimiter = rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    marks: list[re.Match[bytes]] = []
    for mark in re.finditer(delimiter, raw):
        marks.append(mark)
        if mark[1] or len(marks) > MOST_PARTS + 1:
            break
    if not marks:
        return "does not have the boundary that its Content-Type names."
    if len(marks) > MOST_PARTS + 1:
        return f"has more than {MOST_PARTS} parts."
    if not marks[-1][1]:
        return "ends without its closing boundary."
    found: list[Piece] = []
    for number, (mark, after) in enumerate(pairwise(marks), start=1):
        whole = raw[mark.end() : after.start()]
        whole = whole[2:] if whole[:2] == b"\r\n" else whole[1:]
        blank = _BLANK_LINE.search(whole[:_LARGEST_HEADER])
        if blank is None:
            return f"has no blank line behind the headers of part {number}."
        headers = HeaderParser().parsestr(_text(whole[: blank.start()]))
        found.append(Piece(_name(headers), headers, whole[blank.end() :]))
    return found


def _text(header: bytes) -> str:
    try:
        return header.decode("utf-8")  # as browsers and most libraries write it
    except UnicodeDecodeError:
        return header.decode("latin-1")


def _name(headers: Message) -> str:
    """Give the name in Content-Disposition; quotes and line breaks in it are written as `%22` and so on."""
    found = headers.get_param("name", "", header="content-disposition") or ""
    try:
        name = collapse_rfc2231_value(found)
    except ValueError:  # a charset that is none
        name = found[2] if isinstance(found, tuple) else found
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _small(what: str) -> str:
    return what[:1].lower() + what[1:]


def _listed(part: Part, pieces: list[Piece], wrong: list[Violation], depth: int) -> Json | Missing | Refusal:
    """Read parts as a list, which only a schema of an array can judge."""
    values: list[Json] = []
    for number, piece in enumerate(pieces, start=1):
        value = _value(piece, part.shape.item(number - 1), None, (f"Part {number} of the body", wrong, depth))
        if isinstance(value, Refusal):
            return value
        values.append(None if isinstance(value, Missing) else value)
    return values if "array" in part.shape.kinds else MISSING


def _object(part: Part, pieces: list[Piece], wrong: list[Violation], depth: int) -> Json | Refusal:
    shape, found = part.shape, dict[str, "Json"]()
    for name, mine in _by_name(shape, pieces).items():
        member, encoding = shape.member(name), part.encodings.get(name)
        at = f"The part {name[:100]!r}"
        values: list[Json] = []
        for index, piece in enumerate(mine):
            wrong += _headers_wrong(name, piece, encoding)
            one = member.item(index) if "array" in member.kinds else member
            value = _value(piece, one, encoding, (at, wrong, depth))
            if isinstance(value, Refusal):
                return value
            if not isinstance(value, Missing):
                values.append(value)
        if "array" in member.kinds:
            whole = values[0] if len(values) == 1 and "array" not in member.items.kinds else None
            found[name] = whole if isinstance(whole, list) else values
        elif values:
            found[name] = values[0] if len(values) == 1 else values
    return found


def _by_name(shape: Shape, pieces: list[Piece]) -> dict[str, list[Piece]]:
    """Collect the parts of each name; `a[]` and `a[0]` are of the list `a`, if the schema has one."""
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        name = piece.name
        counted = _COUNTED.fullmatch(name) if name not in shape.names else None
        if counted and counted[1] in shape.names and "array" in shape.member(counted[1]).kinds:
            name = counted[1]
        found.setdefault(name, []).append(piece)
    return found


def _value(
    piece: Piece, shape: Shape, encoding: Encoding | None, at: tuple[str, list[Violation], int]
) -> Json | Missing | Refusal:
    from mockserver.bodies.by_kind import read_part  # which comes here for a body of parts

    what, wrong, depth = at
    declared = encoding.content_types if encoding is not None else ()
    sent = str(piece.headers.get("content-type") or "").strip()
    inner = Part(piece.raw, sent or _usual(declared, shape), shape, what)
    if shape.is_string:
        return read_part(inner, wrong, depth + 1) if not piece.is_file else inner.octets()
    if kind_of(inner.essence) in ("text", "bytes") and not shape.is_scalar:
        # A client that names no type, or the wrong one, for what the schema says is an object.
        value = inner.json()
        text = inner.text() if isinstance(value, Refusal) else ""
        return value if not isinstance(value, Refusal) else inner.octets() if isinstance(text, Refusal) else text
    return read_part(inner, wrong, depth + 1)


def _usual(declared: tuple[str, ...], shape: Shape) -> str:
    """Give the type of a part that names none: the one that is declared, else by the schema."""
    if declared and "*" not in declared[0]:
        return declared[0]
    return "text/plain" if shape.is_scalar else "application/json"


def _headers_wrong(name: str, piece: Piece, encoding: Encoding | None) -> list[Violation]:
    """Hold a part's type and headers against the encoding object."""
    if encoding is None:
        return []
    pointer, found = f"/{escaped(name)}", list[Violation]()
    sent = piece.headers.get("content-type")
    if encoding.content_types and sent is not None:
        bare = str(sent).partition(";")[0].strip().lower()
        if not any(fits(one, bare) for one in encoding.content_types):
            wanted = f"a part of type {' or '.join(encoding.content_types)}"
            clause = f"{encoding.node.pointer}/contentType"
            found.append(Violation("body", pointer, "contentType", wanted, "another type", clause))
    texts = Texts({}, "", lambda header: _header(piece.headers, header))
    for header in encoding.headers:
        for one in header.check(texts)[1]:
            wanted = f"{one.expected} in its header {header.name}"
            found.append(Violation("body", pointer, one.keyword, wanted, one.received, one.clause))
    return found


def _header(headers: Message, name: str) -> str | None:
    value = headers.get(name)
    return None if value is None else str(value)
