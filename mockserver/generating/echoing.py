"""Values that need not be made: what the caller sent under the same name, and the examples of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.drafting import IN_LIST
from mockserver.generating.equality import kind_of
from mockserver.generating.hiding import without_hidden
from mockserver.generating.names import is_id, is_plain_id, plain_name, stem_of_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.drafting import Draft, Spot
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["ready_values"]

_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def ready_values(draft: Draft, shape: Shape, spot: Spot, again: int) -> Iterator[Json]:
    """Yield values that need not be made, the likely ones first; whether one fits is for the caller to see."""
    yield from _sent(draft, spot)
    if draft.given.examples and again < 2:
        new = (spot.sent is IN_LIST and draft.index) or (draft.given.fresh and spot.depth <= 2)
        if is_plain_id(spot.name) and new:
            draft.invented = True
            yield from (_like(draft, one) for one in shape.examples)
        yield from (without_hidden(draft.shape, tuple(shape.parts), one) for one in shape.examples)
        if "object" not in shape.kinds[:1]:
            yield from shape.defaults


def _sent(draft: Draft, spot: Spot) -> Iterator[Json]:
    if not spot.name or spot.sent is None:
        return
    plain = plain_name(spot.name)
    for key, value in spot.sent.items():
        if plain_name(key) == plain and kind_of(value) not in ("object", "null") and not _holds_objects(value):
            yield value
    if plain in draft.given.sent and not (spot.sent is IN_LIST and _identifies(spot)):
        yield draft.given.sent[plain]
    here = spot.depth == draft.root_depth and spot.sent is not IN_LIST
    if here and draft.given.root_id is not None and plain == draft.given.root_name:
        yield draft.given.root_id


def _identifies(spot: Spot) -> bool:
    """Tell whether a member is the id of the item that has it, rather than of something that the item belongs to."""
    if not is_id(spot.name):
        return False
    of = stem_of_id(spot.name)
    return not of or not spot.owner or of in spot.owner


def _like(draft: Draft, example: Json) -> Json:
    """Give another id of the form that one has: its letters and digits changed, behind its prefix."""
    if isinstance(example, str):
        start = max(example.rfind(mark) for mark in "_-:/.") + 1 if len(example) < 32 else 0
        return example[:start] + "".join(_another_letter(draft, one) for one in example[start:])
    if isinstance(example, int) and not isinstance(example, bool):
        return example + draft.next_id()
    return example


def _another_letter(draft: Draft, letter: str) -> str:
    if letter in _HEXADECIMAL:
        return draft.dice.one_of("0123456789" if letter.isdigit() else "abcdef" if letter.islower() else "ABCDEF")
    if "g" <= letter <= "z" or "G" <= letter <= "Z":
        other = draft.dice.letters(1)
        return other if letter.islower() else other.upper()
    return letter


def _holds_objects(value: Json) -> bool:
    """Tell whether a value is a list of objects, each of which is made anew: with all its members, none `writeOnly`."""
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)
