"""Make the choices that a shape leaves, one by one, that first which leaves the fewest ways. Makes no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mockserver.generating.apart import broken_anyway
from mockserver.generating.drafting import Impossible, blamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Choice, Shape

__all__ = ["dead", "reason", "settled_shapes"]

_MOST_CHOICES = 100
_MANY = 1000
_LOOKED_AT = 4


def settled_shapes(
    draft: Draft, shape: Shape, given: tuple[Part, ...], depth: int, settled: tuple[tuple[int, str], ...] = ()
) -> Iterator[Shape]:
    """Yield the shapes in which every choice is made, the likely ones first. Raises `Exhausted`."""
    draft.spend(1)
    if dead(draft, shape) or len(settled) > _MOST_CHOICES:
        return
    if not shape.choices:
        yield shape
        return
    broken = broken_anyway(draft, shape)
    if broken:
        # Most options of a union are ruled out by a constant of the one that was taken: nothing else is looked at then.
        settled = (*settled, *broken)
        yield from settled_shapes(draft, draft.shape(given, settled), given, depth, settled)
        return
    choice = shape.choices[0] if len(shape.choices) == 1 else _narrowest(draft, shape, given, settled)
    for option in _ordered(draft, choice, depth):
        more, also = _taken(choice, option, given, settled)
        yield from settled_shapes(draft, draft.shape(more, also), more, depth, also)


_Settled: TypeAlias = tuple[tuple[int, str], ...]


def _taken(
    choice: Choice, option: tuple[Part, ...], given: tuple[Part, ...], settled: _Settled
) -> tuple[tuple[Part, ...], _Settled]:
    return (*given, *(part for part in option if part not in given)), (*settled, choice.key)


def _narrowest(draft: Draft, shape: Shape, given: tuple[Part, ...], settled: _Settled) -> Choice:
    """Find the choice that leaves the fewest options; the others may well be decided by it."""
    best, fewest = shape.choices[0], _MANY
    for choice in shape.choices:
        alive = 0
        for option in choice.options:
            draft.spend(1)
            alive += not dead(draft, draft.shape(*_taken(choice, option, given, settled)))
            if alive >= fewest:
                break
        if alive < fewest:
            best, fewest = choice, alive
        if fewest <= 1:
            break
    return best


def dead(draft: Draft, shape: Shape, deep: int = 3) -> bool:
    """Tell whether nothing can be made of a shape, as far as it can be seen from what it requires, some levels deep."""
    if not shape.kinds:
        return True
    if shape.dead is None:
        shape.dead = any(_is_dead(draft, parts, deep) for parts in _needed(shape))
    return shape.dead


def _needed(shape: Shape) -> Iterator[tuple[Part, ...] | None]:
    """Yield what has to be made for a value of a shape: its required members, its first items."""
    if shape.kinds == ("object",) and not (shape.choices and shape.unevaluated):
        yield from map(shape.member, shape.required)
    elif shape.kinds == ("array",) and not (shape.choices and shape.unevaluated_items):
        prefix = max((len(row.prefix) for row in shape.rows), default=0)
        contained = [part for part, _, _ in shape.contains]
        yield from (shape.item(index, contained) for index in range(min(shape.fewest_items, prefix + 1)))


def _is_dead(draft: Draft, parts: tuple[Part, ...] | None, deep: int) -> bool:
    if parts is None:
        return True
    if not parts:
        return False
    shape = draft.shape(parts)
    if not deep or not shape.kinds:
        return not shape.kinds
    if dead(draft, shape, deep - 1):
        return True
    for choice in shape.choices[: draft.look(_LOOKED_AT)]:
        # Of a choice every way may lead nowhere: that a member breaks a schema that it also has to satisfy, above all.
        if all(dead(draft, draft.shape(*_taken(choice, one, parts, ())), deep - 1) for one in choice.untagged):
            return True
    return False


def reason(draft: Draft, shape: Shape, deep: int = 3) -> Impossible:
    """Say why nothing can be made of a shape: what stands deepest in the way."""
    if shape.kinds and deep:
        for parts in _needed(shape):
            inner = None if parts is None else draft.shape(parts)
            if inner is not None and dead(draft, inner):
                return reason(draft, inner, deep - 1)
    return Impossible(blamed(shape), shape.why or "no value satisfies all that is said here")


def _ordered(draft: Draft, choice: Choice, depth: int) -> list[tuple[Part, ...]]:
    options = list(choice.options)
    if not depth and not draft.attempt and choice.key[1] in ("anyOf", "oneOf") and not choice.tagged:
        return options + choice.strict + choice.last  # what an answer is as a whole, its author names first
    if draft.attempt % 4 != 1 or choice.key[1] != "not":
        options = draft.dice.shuffled(options)  # else what breaks a schema goes by its likeliest way: another type
    options.sort(key=_is_null)
    if draft.large(depth):
        options.sort(key=lambda option: _weight(draft, option))
    if choice.strict and draft.attempt and draft.attempt % 2 == 0:
        strict = {option[0]: option for option in choice.strict}
        options = [one for option in options for one in (option, strict.get(option[0], option))]
    else:
        options += draft.dice.shuffled(choice.strict)
    return options + choice.last


def _weight(draft: Draft, option: tuple[Part, ...]) -> int:
    shape = draft.shape(option)
    kinds = shape.kinds[:1]
    if kinds == ("object",):
        return 2 + len(shape.required)
    return 1 + bool(shape.fewest_items) if kinds == ("array",) else 0


def _is_null(option: tuple[Part, ...]) -> bool:
    value = option[0].value if option else None
    return isinstance(value, dict) and (value.get("type") == "null" or value.get("const", 0) is None)
