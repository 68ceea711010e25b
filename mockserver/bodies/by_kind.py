"""Choose the reader of a body that is not JSON, and hold what it reads against the schema."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.bodies.part import Part
from mockserver.credentials import Refusal
from openapi.media_types import kind_of
from openapi.samples import MISSING, Missing
from openapi.shape import TEXT

if TYPE_CHECKING:
    from mockserver.bodies.reading import Body
    from openapi.media_types import MediaType
    from openapi.reading import Json
    from openapi.schema import Violation

__all__ = ["read_other", "read_part"]


def read_other(raw: bytes, header: str, media: MediaType) -> Body | Refusal:
    """Read and judge a body of any type but JSON."""
    schema = media.schema
    part = Part(raw, header, TEXT if schema is None else schema.shape, encodings=media.encodings)
    if kind_of(part.essence) == "lines" and not part.shape.is_string:
        from mockserver.bodies.lines import read_lines

        return read_lines(part, media)
    wrong: list[Violation] = []
    value = read_part(part, wrong)
    if isinstance(value, Refusal):
        return value
    if isinstance(value, Missing):
        return raw.decode("utf-8", "replace"), None, tuple(wrong)
    found = () if schema is None else schema.check(value)
    if schema is not None and found and not wrong:
        for shape in part.shape.others:
            other = read_part(replace(part, shape=shape), [])
            if not isinstance(other, Refusal | Missing) and not schema.check(other):
                return other, None, ()
    return value, None, (*wrong, *found)


def read_part(part: Part, wrong: list[Violation], depth: int = 0) -> Json | Missing | Refusal:
    """Read a body or a part of one as a value; `MISSING` when it is none that a schema could judge.

    wrong: takes what is found wrong beside the value. depth: how many bodies it lies in.
    """
    kind = kind_of(part.essence)
    if part.shape.is_string or depth > 1:
        kind = "bytes" if kind == "bytes" or part.is_binary else "text"
    if kind == "json":
        return part.json()
    if kind == "form":
        from mockserver.bodies.form import read_form

        return read_form(part)
    if kind == "multipart":
        from mockserver.bodies.multipart import read_multipart

        return read_multipart(part, wrong, depth)
    if kind == "xml":
        from mockserver.bodies.xml import read_xml

        return read_xml(part, wrong)
    return _read_text(part, is_text=kind == "text")


def _read_text(part: Part, *, is_text: bool) -> Json | Missing | Refusal:
    if part.is_binary or (not is_text and not part.shape.is_string):
        return part.octets() if part.shape.is_scalar else MISSING
    text = part.text()
    if isinstance(text, Refusal):
        if is_text:
            return text
        return part.octets()
    return part.shape.value(text) if part.shape.is_scalar else MISSING
