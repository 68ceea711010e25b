"""Make the choices that a shape leaves, one by one, that first which leaves the fewest ways. Makes no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Choice, Shape

__all__ = ["dead", "settled_shapes"]

_MOST_CHOICES = 100
_MANY = 1000


def settled_shapes(
    draft: Draft, shape: Shape, given: tuple[Part, ...], depth: int, settled: tuple[tuple[int, str], ...] = ()
) -> Iterator[Shape]:
    """Yield the shapes in which every choice is made, the likely ones first. Raises `Exhausted`."""
    draft.spend(1 + len(shape.parts) // 10)
    if dead(draft, shape) or len(settled) > _MOST_CHOICES:
        return
    if not shape.choices:
        yield shape
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


def dead(draft: Draft, shape: Shape) -> bool:
    """Tell whether nothing can be made of a shape, as far as it can be seen from above."""
    if not shape.kinds:
        return True
    if shape.kinds != ("object",) or (shape.choices and shape.unevaluated):
        return False
    for name in shape.required:
        parts = shape.member(name)
        if parts is None or (len(parts) > 1 and not draft.shape(parts).kinds):
            return True
    return False


def _ordered(draft: Draft, choice: Choice, depth: int) -> list[tuple[Part, ...]]:
    options = list(choice.options)
    if draft.attempt % 4 != 1 or choice.key[1] != "not":
        options = draft.dice.shuffled(options)  # else what breaks a schema goes by its likeliest way: another type
    options.sort(key=_is_null)
    if draft.large(depth):
        options.sort(key=lambda option: _weight(draft, option))
    if draft.careful and choice.strict:
        strict = {option[0]: option for option in choice.strict}
        options = [one for option in options for one in (option, strict.get(option[0], option))]
    else:
        options += draft.dice.shuffled(choice.strict)
    return options + choice.joint


def _weight(draft: Draft, option: tuple[Part, ...]) -> int:
    shape = draft.shape(option)
    kinds = shape.kinds[:1]
    if kinds == ("object",):
        return 2 + len(shape.required)
    return 1 + bool(shape.fewest_items) if kinds == ("array",) else 0


def _is_null(option: tuple[Part, ...]) -> bool:
    value = option[0].value if option else None
    return isinstance(value, dict) and (value.get("type") == "null" or value.get("const", 0) is None)
