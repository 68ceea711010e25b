"""Make an array: how long it is, where the items stand that `contains` asks for, and items that differ."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mockserver.generating.drafting import DEEP, IN_LIST, Impossible, Spot, blamed, sent_as
from mockserver.generating.equality import canonical
from mockserver.generating.fitting import fits
from mockserver.generating.names import plain_name
from mockserver.generating.numbers import numbers_upwards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["array_of"]

_MOST_ITEMS = 5_000

_MORE = 200
"""Values that are made in search of one more that differs."""

_ITEMS = 2
"""Items of an array that says nothing of its length."""


def array_of(draft: Draft, shape: Shape, spot: Spot) -> Json:
    """Make an array of a shape. Raises `Impossible`."""
    sent = sent_as(spot.name, spot.sent)
    items = sent if isinstance(sent, list) else []
    least = shape.fewest_items
    needed = [(part, count) for part, count, _ in shape.contains if count]
    size = _size(draft, shape, spot, len(items), sum(count for _, count in needed))
    if least > _MOST_ITEMS:
        raise Impossible(
            blamed(shape, "minItems"), f"{least} items are asked for, of which no more than {_MOST_ITEMS} are made"
        )
    draft.grant(2 * least)
    made: list[Json] = []
    known: set[str] = set()
    spots, outer = _places(draft, shape, size, needed), draft.index
    for index in range(size):
        parts = shape.item(index, spots.get(index, ()))
        if parts is None:
            break
        one = items[index] if index < len(items) else None
        wanted = spots.get(index, [])
        item = (*parts, *(part for part in wanted if part not in parts), *_kept_out(draft, shape, index, made, spots))
        inside = spot.inside(spot.name, "", one if isinstance(one, dict) else IN_LIST)
        draft.index = index
        try:
            value = _item(draft, item, inside, known if shape.unique else None)
        except Impossible:
            if index < least or wanted:
                raise
            break
        if shape.same and made:
            value = made[0]
        made.append(value)
    draft.index = outer
    if len(made) < least:
        raise Impossible(blamed(shape), "too few items can be made")
    return made


def _size(draft: Draft, shape: Shape, spot: Spot, sent: int, needed: int) -> int:
    least, most = shape.fewest_items, shape.most_items
    prefix = max((len(row.prefix) for row in shape.rows), default=0)
    crowded = draft.crowded(shape, spot)
    if crowded:
        prefix = 0
    usual = 0 if crowded else _ITEMS
    if draft.given.most_items is not None and spot.depth <= 1:
        usual = min(usual, draft.given.most_items)
    size = max(least, sent or usual, prefix, needed)
    if needed and draft.attempt % 2 == 0:
        size = max(size, prefix + needed)
    if shape.same:
        size = max(size, 2)
    return size if most is None else min(size, max(most, 0))


def _places(draft: Draft, shape: Shape, size: int, needed: list[tuple[Part, int]]) -> dict[int, list[Part]]:
    """Choose the places of items that `contains` asks for: behind the prefix where that may be."""
    found: dict[int, list[Part]] = {}
    prefix = max((len(row.prefix) for row in shape.rows), default=0)
    places = [*range(prefix, size), *range(min(prefix, size))]
    if draft.attempt % 2:
        places = draft.dice.shuffled(range(size))
    for part, count in needed:
        for index in places[:count]:
            found.setdefault(index, []).append(part)
        if count < len(places) and draft.attempt % 3 != 2:
            places = places[count:] + places[:count]
    return found


def _kept_out(draft: Draft, shape: Shape, index: int, made: list[Json], spots: dict[int, list[Part]]) -> Iterator[Part]:
    """Yield what keeps an item from being one too many of those that `contains` counts."""
    for part, _, most in shape.contains:
        if most is None or part in spots.get(index, ()):
            continue
        planned = sum(part in wanted for place, wanted in spots.items() if place > index)
        if planned + (sum(map(part.allows, made)) if part.real else 0) >= most:
            yield draft.parts.made(part, {"not": part.value}, "\0not")


def _item(draft: Draft, parts: tuple[Part, ...], spot: Spot, known: set[str] | None) -> Json:
    """Make an item. spot: of the item, but for the list's name. known: the items that it must not be equal to."""
    one = spot.name.removesuffix("s")
    called, around = "", spot.sent
    if draft.shape(parts).kinds[:1] not in (("object",), ("array",)):
        called, around = one, None  # it reads as its list is called, and is nothing that was sent
    inside = Spot(called, plain_name(one), around, spot.depth, spot.above)
    if known is None:
        return draft.make(parts, inside)
    for _ in range(12):
        value = draft.make(parts, inside)
        key = canonical(value)
        if key not in known:
            known.add(key)
            return value
    found = _another(draft, parts, known)
    if found is None:
        raise Impossible(parts[0] if parts else None, "no more items can be told apart")
    return found[0]


def _larger(draft: Draft, parts: tuple[Part, ...], number: int) -> tuple[Part, ...]:
    """Ask for more members or items than there have to be, by turns: of empty ones there is one."""
    least = number % 4
    if not least or not parts:
        return ()
    rule: Json = {"minProperties": least, "minItems": least}
    return (draft.parts.made(parts[0], rule, f"\0larger/{least}"),)


def _another(draft: Draft, parts: tuple[Part, ...], known: set[str]) -> tuple[Json] | None:
    """Find a value that is not yet among some: a listed or a simple one, a number in turn, else one more made."""
    shape = draft.shape(parts)
    simple: list[Json] = [True, False, None, "", 0, 1, -1, [], {}]
    for value in chain(shape.listed or [], simple, numbers_upwards(shape)):
        key = canonical(value)
        if key not in known and fits(shape, value) and all(part.allows(value) for part in parts):
            known.add(key)
            return (value,)
    for number in range(_MORE):
        draft.spend(1)
        try:
            value = draft.make((*parts, *_larger(draft, parts, number)), Spot(depth=DEEP))
        except Impossible:
            continue
        key = canonical(value)
        if key not in known:
            known.add(key)
            return (value,)
    return None
