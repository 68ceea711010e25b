"""Numbers within bounds: whole ones and fractions, of several steps at once, as floats that any reader takes alike."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.generating.dice import Dice
    from mockserver.generating.shapes import Shape

__all__ = ["fits_number", "number_for"]

_SAFE = 2**53 - 1
"""Integers beyond this are not the same everywhere (RFC 8259 section 6)."""

_SIZES = {"int32": (-(2**31), 2**31 - 1), "int64": (-_SAFE, _SAFE), "float": (-(2**24), 2**24)}
_TRIES = 30


def number_for(dice: Dice, shape: Shape, *, whole: bool, usual: tuple[int, int] = (1, 1000)) -> int | float | None:
    """Draw a number that fits, of the usual size where it may be; None when none was found."""
    if shape.broken:
        return dice.between(1, 99) + 0.3
    low, high = _bounds(shape, usual)
    step = _step(shape.steps)
    if whole:
        step = Fraction(1) if step is None else _common(step, Fraction(1))
    if step is not None:
        first, last = math.ceil(low / step), math.floor(high / step)
        if shape.low_open and first * step == shape.low:
            first += 1
        if shape.high_open and last * step == shape.high:
            last -= 1
        if first > last:
            return None
        for attempt in range(_TRIES):
            found = (dice.between(first, last) if attempt < _TRIES - 2 else (first, last)[attempt % 2]) * step
            made: int | float = int(found) if found.denominator == 1 else float(found)
            if fits_number(made, shape) and _plain(made, shape):
                return made
        return None
    return _fraction(dice, shape, low, high)


def _fraction(dice: Dice, shape: Shape, low: Fraction, high: Fraction) -> int | float | None:
    for places in (2, 4, 8, 17):
        scale = 10**places
        first, last = math.ceil(low * scale), math.floor(high * scale)
        if first > last:
            continue
        for _ in range(4):
            made = float(Fraction(dice.between(first, last), scale))
            if fits_number(made, shape):
                return made
    middle = float((low + high) / 2)
    for made in (middle, float(low), float(high)):
        if fits_number(made, shape):
            return made
    return None


def fits_number(value: float, shape: Shape) -> bool:
    """Tell whether a number keeps the bounds and steps that are said."""
    exact = Fraction(str(value))  # as it is written, not as the float next to it
    if shape.low is not None and (exact < shape.low or (shape.low_open and exact == shape.low)):
        return False
    if shape.high is not None and (exact > shape.high or (shape.high_open and exact == shape.high)):
        return False
    for name in shape.formats:
        if name == "int32" and not -(2**31) <= exact < 2**31:
            return False
        if name == "int64" and not -(2**63) <= exact < 2**63:
            return False
    return all((exact / step).denominator == 1 for step in shape.steps)


def _plain(value: float, shape: Shape) -> bool:
    """Tell whether readers that divide floats find it a multiple, too: 0.3 / 0.1 is not 3 to them."""
    for step in shape.steps:
        quotient = value / float(step) if step.denominator != 1 else float(Fraction(value) / step)
        if not quotient.is_integer():
            return False
    return True


def _bounds(shape: Shape, usual: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """Give the bounds to draw from: the usual ones as far as they lie within what is said."""
    low, high = shape.low, shape.high
    size = next((_SIZES[name] for name in shape.formats if name in _SIZES), (-_SAFE, _SAFE))[1]
    if low is not None and high is not None:
        if low <= usual[0] and high >= usual[1]:
            return Fraction(usual[0]), Fraction(usual[1])
        return low, high
    width = usual[1] - usual[0] + max([Fraction(1), *shape.steps]) * 4
    if low is not None:
        if low <= usual[0]:
            low = Fraction(usual[0])
        elif usual[1] - low < width / 2:
            return low, low + width
        return low, max(low, min(Fraction(size), low + width))
    if high is None or high >= usual[1]:
        return Fraction(usual[0]), Fraction(usual[0]) + (width if high is None else usual[1] - usual[0])
    return (Fraction(0), high) if high > 0 else (high - width, high)


def _step(steps: list[Fraction]) -> Fraction | None:
    found = None
    for step in steps:
        found = step if found is None else _common(found, step)
    return found


def _common(one: Fraction, other: Fraction) -> Fraction:
    """Give the least number that is a multiple of both."""
    numerator = math.lcm(one.numerator * other.denominator, other.numerator * one.denominator)
    return Fraction(numerator, one.denominator * other.denominator)
