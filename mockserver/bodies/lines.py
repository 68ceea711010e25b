"""Read JSON values that follow each other: one a line, or each after a record separator (RFC 7464)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.bodies.part import MOST_FIELDS
from mockserver.credentials import Refusal

if TYPE_CHECKING:
    from mockserver.bodies.part import Part
    from mockserver.bodies.reading import Body
    from openapi.media_types import MediaType
    from openapi.reading import Json

__all__ = ["read_lines"]


def read_lines(part: Part, media: MediaType) -> Body | Refusal:
    """Read and judge all values of a body; blank lines are none.

    A schema of an array judges them together, any other one, or `itemSchema`, each of them. A violation points at the
    value, counted from 0; the first value that is wrong ends the search.
    """
    separator = b"\x1e" if part.essence.endswith("json-seq") else b"\n"
    if part.raw.count(separator) > MOST_FIELDS:
        return Refusal("body.size", f"The body has more than {MOST_FIELDS} lines.")
    values: list[Json] = []
    for number, raw in enumerate(part.raw.split(separator), start=0 if separator == b"\x1e" else 1):
        if raw.strip():
            name = f"Record {number} of the body" if separator == b"\x1e" else f"Line {number} of the body"
            value = replace(part, raw=raw, what=name).json()
            if isinstance(value, Refusal):
                return value
            values.append(value)
    each = media.item
    if each is None and media.schema is not None and "array" not in part.shape.kinds:
        each = media.schema
    for index, value in enumerate(values if each is not None else []):
        found = each.check(value) if each is not None else ()
        if found:
            return values, None, tuple(replace(one, pointer=f"/{index}{one.pointer}") for one in found)
    whole = media.schema
    if each is None and whole is not None and whole.check(values) and values and not any(map(whole.check, values)):
        whole = None  # each line is such an array
    return values, None if each is not None else whole, ()
