"""Read the keywords that say something of texts and of numbers into a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.negation import UNLIKE_STEP
from mockserver.generating.saying import count_in, less, number_in

if TYPE_CHECKING:
    from fractions import Fraction

    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["read_number", "read_text"]


def read_text(shape: Shape, value: dict[str, Json]) -> None:
    """Add what a schema says of texts."""
    shape.shortest = max(shape.shortest, count_in(value, "minLength") or 0)
    shape.longest = less(shape.longest, count_in(value, "maxLength"))
    for keyword, known in (("pattern", shape.patterns), ("format", shape.formats)):
        said = value.get(keyword)
        if isinstance(said, str) and said not in known:
            known.append(said)
    if isinstance(value.get("contentMediaType"), str):
        shape.media = str(value["contentMediaType"])
    if isinstance(value.get("contentEncoding"), str):
        shape.encoding = str(value["contentEncoding"])


def read_number(shape: Shape, value: dict[str, Json]) -> None:
    """Add what a schema says of numbers; exclusive bounds in the way of 3.0 and in that of 3.1."""
    low, high = number_in(value, "minimum"), number_in(value, "maximum")
    if low is not None:
        _least(shape, low, open_=value.get("exclusiveMinimum") is True)
    if high is not None:
        _greatest(shape, high, open_=value.get("exclusiveMaximum") is True)
    low, high = number_in(value, "exclusiveMinimum"), number_in(value, "exclusiveMaximum")
    if low is not None:
        _least(shape, low, open_=True)
    if high is not None:
        _greatest(shape, high, open_=True)
    step = number_in(value, "multipleOf")
    if step is not None and step > 0:
        shape.steps.append(step)
    unlike = number_in(value, UNLIKE_STEP)
    if unlike is not None and unlike > 0:
        shape.unlike_steps.append(unlike)
        shape.hard = True


def _least(shape: Shape, low: Fraction, *, open_: bool) -> None:
    if shape.low is None or low > shape.low:
        shape.low, shape.low_open = low, open_
    elif low == shape.low:
        shape.low_open = shape.low_open or open_


def _greatest(shape: Shape, high: Fraction, *, open_: bool) -> None:
    if shape.high is None or high < shape.high:
        shape.high, shape.high_open = high, open_
    elif high == shape.high:
        shape.high_open = shape.high_open or open_
