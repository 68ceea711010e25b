"""Tell that no value of one shape can be one of another, from what both require: a constant, a type, a missing member.

It decides by little and looks at little: where it says no, there may be no such value all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.equality import same
from mockserver.generating.negation import EXCLUDED, UNLIKE, UNLIKE_STEP

if TYPE_CHECKING:
    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape

__all__ = ["are_apart", "broken_anyway"]

_DEEP = 3
_GUESSED = ("not", "if", "dependentSchemas", "dependencies", EXCLUDED, UNLIKE, UNLIKE_STEP)
"""Keywords of which a shape holds one way to keep them, rather than all of them."""


def are_apart(draft: Draft, shape: Shape, given: tuple[Part, ...], deep: int = _DEEP) -> bool:
    """Tell whether what some parts allow has no value in common with a shape, as far as it is easily seen."""
    known = shape.apart.get(given)
    if known is None:
        shape.apart[given] = False  # while it is looked at: schemas may hold themselves
        known = shape.apart[given] = _are_apart(draft, shape, given, (), deep)
    return known


_Settled = tuple[tuple[int, str], ...]


def _are_apart(draft: Draft, shape: Shape, given: tuple[Part, ...], settled: _Settled, deep: int) -> bool:
    other = draft.shape(given, settled)
    draft.spend(0.05)
    if any(isinstance(part.value, dict) and any(word in part.value for word in _GUESSED) for part in other.parts):
        return False
    common = [kind for kind in other.kinds if kind in shape.kinds]
    if not common:
        return True
    if shape.listed is not None and other.listed is not None:
        return not any(same(one, two) for one in shape.listed for two in other.listed)
    if deep and common == ["object"] and _members_apart(draft, shape, other, deep - 1):
        return True
    if deep and common == ["array"] and shape.fewest_items:
        items, others = shape.item(0), other.item(0)
        if others is None or (items and others and are_apart(draft, draft.shape(items), others, deep - 1)):
            return True
    # Every branch of a union within it may be apart, each for a reason of its own.
    return any(
        all(_are_apart(draft, shape, (*given, *option), (*settled, choice.key), deep - 1) for option in choice.untagged)
        for choice in other.choices[: deep and 2]
    )


def _members_apart(draft: Draft, shape: Shape, other: Shape, deep: int) -> bool:
    if any(shape.member(name) is None for name in other.required):
        return True
    if other.fences and any(other.member(name) is None for name in shape.required):
        return True
    for name in shape.required:
        theirs = other.properties.get(name)
        mine = shape.member(name)
        if theirs and mine and are_apart(draft, draft.shape(mine), tuple(theirs), deep):
            return True
    return False


def broken_anyway(draft: Draft, shape: Shape) -> list[tuple[int, str]]:
    """Give the keys of the choices how to break a schema that nothing of this shape satisfies anyway."""
    return [
        choice.key
        for choice in shape.choices
        if choice.against is not None and are_apart(draft, shape, (choice.against,))
    ]
