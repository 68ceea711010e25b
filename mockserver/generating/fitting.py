"""Tell whether a value fits what its shape says of it; what the shape does not hold is for the validator to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.equality import kind_of, same
from mockserver.generating.numbers import fits_number
from mockserver.generating.texts import fits_text

if TYPE_CHECKING:
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["fits"]


def fits(shape: Shape, value: Json) -> bool:
    """Tell whether a value may stand where a shape is asked for."""
    kind = kind_of(value)
    if kind not in shape.kinds or any(same(value, one) for one in shape.excluded):
        return False
    if shape.listed is not None and not any(same(value, one) for one in shape.listed):
        return False
    if isinstance(value, str):
        return fits_text(value, shape)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return fits_number(value, shape)
    if isinstance(value, dict | list):
        return all(part.allows(value) for part in shape.parts)
    return True
