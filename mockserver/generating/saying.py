"""Read what a keyword of a schema says; one that says what it cannot mean says nothing."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["count_in", "less", "list_in", "mapping_in", "number_in", "plain_number"]


def list_in(value: dict[str, Json], name: str) -> list[Json]:
    """Give the list that a keyword holds, else an empty one."""
    found = value.get(name)
    return found if isinstance(found, list) else []


def mapping_in(value: dict[str, Json], name: str) -> dict[str, Json]:
    """Give the mapping that a keyword holds, else an empty one."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def number_in(value: dict[str, Json], name: str) -> Fraction | None:
    """Give the number that a keyword holds as it is written, not as the float next to it."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if isinstance(found, float) and not math.isfinite(found):
        return None
    return Fraction(str(found)) if isinstance(found, float) else Fraction(found)


def count_in(value: dict[str, Json], name: str) -> int | None:
    """Give the number of things that a keyword holds."""
    found = number_in(value, name)
    return None if found is None else max(0, int(found))


def plain_number(value: Fraction | int) -> str:
    """Write a number as people do."""
    return str(value) if value.denominator == 1 else str(float(value))


def less(one: int | None, other: int | None) -> int | None:
    """Give the lower of two upper bounds, where None is no bound."""
    return other if one is None else one if other is None else min(one, other)
