"""Make the choices that a shape leaves, one after the other, the likely ways first. Makes no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Choice, Shape

__all__ = ["settled_shapes"]

_MOST_CHOICES = 40


def settled_shapes(
    draft: Draft, shape: Shape, given: tuple[Part, ...], depth: int, settled: tuple[tuple[int, str], ...] = ()
) -> Iterator[Shape]:
    """Yield the shapes in which every choice is made, the likely ones first. Raises `Exhausted`."""
    draft.spend(1 + len(shape.parts) // 2)
    if not shape.kinds or len(settled) > _MOST_CHOICES:
        return
    if not shape.choices:
        yield shape
        return
    choice = shape.choices[0]
    for option in _ordered(draft, choice, depth):
        also = (*settled, choice.key)
        more = (*given, *(part for part in option if part not in given))
        yield from settled_shapes(draft, draft.shape(more, also), more, depth, also)


def _ordered(draft: Draft, choice: Choice, depth: int) -> list[tuple[Part, ...]]:
    options = list(choice.options)
    if draft.attempt % 4 != 1 or choice.key[1] != "not":
        options = draft.dice.shuffled(options)  # else what breaks a schema goes by its likeliest way: another type
    options.sort(key=_is_null)
    if draft.large(depth):
        options.sort(key=lambda option: _weight(draft, option))
    if draft.careful and choice.strict:
        strict = {option[0]: option for option in choice.strict}
        return [one for option in options for one in (option, strict.get(option[0], option))]
    return options + draft.dice.shuffled(choice.strict)


def _weight(draft: Draft, option: tuple[Part, ...]) -> int:
    shape = draft.shape(option)
    kinds = shape.kinds[:1]
    if kinds == ("object",):
        return 2 + len(shape.required)
    return 1 + bool(shape.fewest_items) if kinds == ("array",) else 0


def _is_null(option: tuple[Part, ...]) -> bool:
    value = option[0].value if option else None
    return isinstance(value, dict) and (value.get("type") == "null" or value.get("const", 0) is None)
