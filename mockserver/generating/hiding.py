"""Leave out of an example what is for requests alone: a `writeOnly` member is not sent in a response (3.0.3, 4.7.24).

One that is required all the same, as 3.1 has it, stays. It judges nothing: what is left may break its schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["without_hidden"]

_NESTED = 8
"""Unions within unions that are looked into."""


def without_hidden(shape_of: Callable[..., Shape], parts: tuple[Part, ...], value: Json) -> Json:
    """Copy a value without the members that no response has. shape_of: gives the shape of some parts."""
    if not parts or not isinstance(value, dict | list):
        return value
    shape = _shape_for(shape_of, parts, value)
    if isinstance(value, list):
        return [without_hidden(shape_of, shape.item(index) or (), one) for index, one in enumerate(value)]
    left: dict[str, Json] = {}
    for name, member in value.items():
        inner = shape.member(name) or ()
        if shape.required.get(name) or not shape_of(inner).hidden:
            left[name] = without_hidden(shape_of, inner, member)
    return left


def _shape_for(shape_of: Callable[..., Shape], parts: tuple[Part, ...], value: Json) -> Shape:
    """Give the shape with those options of each union that allow the value."""
    shape = shape_of(parts)
    settled: tuple[tuple[int, str], ...] = ()
    for _ in range(_NESTED):
        unions = [choice for choice in shape.choices if choice.key[1] in ("anyOf", "oneOf")]
        if not unions:
            break
        options = [option[0] for choice in unions for option in choice.options if option[0].allows(value)]
        parts = (*parts, *options)
        settled = (*settled, *(choice.key for choice in unions))
        shape = shape_of(parts, settled)
    return shape
