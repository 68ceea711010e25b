"""Numbers within bounds: whole ones and fractions, of several steps at once, as floats that any reader takes alike."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from mockserver.generating.names import ANY_SIZE, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.dice import Dice
    from mockserver.generating.names import Size
    from mockserver.generating.shapes import Shape

__all__ = ["fits_number", "number_by", "numbers_upwards"]

_SAFE = 2**53 - 1
"""Integers beyond this are not the same everywhere (RFC 8259 section 6)."""

_SIZES = {"int32": 2**31 - 1, "float": 2**24}
_TRIES = 30
_FEW = 64
_MOST_AROUND = 200
"""Steps beyond the range to draw from in which a number is sought, when all within it are ruled out."""

_MOST_UPWARDS = 2_000
_NARROW = 10_000
"""Width of a range in which any number is as likely to be meant as any other."""


def number_by(shape: Shape, name: str, dice: Dice, *, whole: bool) -> int | float | None:
    """Draw a number that fits, of the size that its name speaks of where that may be; None when none was found.

    whole: whether it has to be an integer.
    """
    size = size_of(name)
    if not whole and size.places:
        made = number_for(dice, shape, whole=False, usual=size)
        if made is not None:
            return made
    made = number_for(dice, shape, whole=True, usual=size)
    return number_for(dice, shape, whole=False, usual=size) if made is None and not whole else made


def number_for(dice: Dice, shape: Shape, *, whole: bool, usual: Size = ANY_SIZE) -> int | float | None:
    """Draw a number that fits, of the usual size where it may be; None when none was found."""
    step = _step(shape.steps)
    if whole:
        step = Fraction(1) if step is None else _common(step, Fraction(1))
    low, high = _bounds(shape, usual, step)
    if step is None:
        usual_one = _fraction(dice, shape, low, high, usual.places)
        if usual_one is not None:
            return usual_one
        return _fraction(dice, shape, *_around(shape, low, high), usual.places)
    first, last = math.ceil(low / step), math.floor(high / step)
    if shape.low_open and first * step == shape.low:
        first += 1
    if shape.high_open and last * step == shape.high:
        last -= 1
    for times in chain(_numbers_between(dice, first, last), _numbers_around(first, last)):
        found = times * step
        try:
            made: int | float = int(found) if found.denominator == 1 else float(found)
        except OverflowError:
            return None
        if fits_number(made, shape) and _plain(made, shape) and made not in shape.excluded:
            return made
    return None


def numbers_upwards(shape: Shape) -> Iterator[int | float]:
    """Yield the integers, or the multiples that are asked for, of a shape with a lower bound: the lowest first."""
    if shape.low is None or not {"integer", "number"} & set(shape.kinds):
        return
    step = _step(shape.steps)
    step = Fraction(1) if step is None else step if "number" in shape.kinds else _common(step, Fraction(1))
    first = math.ceil(shape.low / step)
    for times in range(first, first + _MOST_UPWARDS):
        found = times * step
        if shape.high is not None and found > shape.high:
            return
        made = int(found) if found.denominator == 1 else _float(found)
        if made is not None and _plain(made, shape):
            yield made


def _numbers_between(dice: Dice, first: int, last: int) -> Iterator[int]:
    """Yield whole numbers of a range: all of a small one, of a large one some and both ends."""
    if last - first < _FEW:
        yield from dice.shuffled(range(first, last + 1))
        return
    for _ in range(_TRIES):
        yield dice.between(first, last)
    yield from (first, last, first + 1, last - 1)


def _around(shape: Shape, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """Give wider bounds than usual ones of which every number is ruled out, as far as what is said lets them be."""
    return low - 4 if shape.low is None else shape.low, high + 4 if shape.high is None else shape.high


def _numbers_around(first: int, last: int) -> Iterator[int]:
    """Yield whole numbers on both sides of a range, the near ones first."""
    for away in range(1, _MOST_AROUND):
        yield last + away
        yield first - away


def _fraction(dice: Dice, shape: Shape, low: Fraction, high: Fraction, usual: int) -> int | float | None:
    for places in dict.fromkeys((usual or 2, 2, 4, 8, 17)):
        scale = 10**places
        first, last = math.ceil(low * scale), math.floor(high * scale)
        if first > last:
            continue
        for _ in range(4):
            made = _float(Fraction(dice.between(first, last), scale))
            if made is not None and fits_number(made, shape):
                return made
    width = high - low
    for one in (low + width / 2, low + width / 3, low, high, low + width / 7):
        made = _float(one)
        if made is not None and fits_number(made, shape):
            return made
    return None


def _float(value: Fraction) -> float | None:
    try:
        return float(value)
    except OverflowError:
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
    if any((exact / step).denominator == 1 for step in shape.unlike_steps):
        return False
    return all((exact / step).denominator == 1 for step in shape.steps)


def _plain(value: float, shape: Shape) -> bool:
    """Tell whether readers that divide floats find it a multiple, too: 0.3 / 0.1 is not 3 to them."""
    for step in shape.steps:
        quotient = value / float(step) if step.denominator != 1 else float(Fraction(value) / step)
        if not quotient.is_integer():
            return False
    return True


def _bounds(shape: Shape, usual: Size, step: Fraction | None) -> tuple[Fraction, Fraction]:
    """Give the bounds to draw from: the usual ones as far as they lie within what is said and leave some choice."""
    low, high = shape.low, shape.high
    first, last = Fraction(usual.low), Fraction(usual.high)
    if low is not None and high is not None and usual is ANY_SIZE and high - low <= _NARROW:
        return low, high
    least = first if low is None else max(low, first)
    most = last if high is None else min(high, last)
    room = 0 if step is None or step == 1 else step * 4
    open_ = (shape.low_open and least == low) or (shape.high_open and most == high)
    if most - least >= room and (most > least or (most == least and not open_)):
        return least, most
    if low is not None and high is not None:
        return low, high
    width = max(last - first, Fraction(room), Fraction(4))
    if low is not None:
        safe = Fraction(_SIZES.get(next((one for one in shape.formats if one in _SIZES), ""), _SAFE))
        return low, (min(low + width, safe) if low < safe else low + width)
    if high is not None:
        return (Fraction(0), high) if high > width else (high - width, high)
    return first, first + width


def _step(steps: list[Fraction]) -> Fraction | None:
    found = None
    for step in steps:
        found = step if found is None else _common(found, step)
    return found


def _common(one: Fraction, other: Fraction) -> Fraction:
    """Give the least number that is a multiple of both."""
    numerator = math.lcm(one.numerator * other.denominator, other.numerator * one.denominator)
    return Fraction(numerator, one.denominator * other.denominator)
