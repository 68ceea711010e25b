"""Make an object: which members it has, and as many as it has to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.appointing import appointed, is_closed, may_be_named, new_name
from mockserver.generating.drafting import Impossible, blamed, sent_as
from mockserver.generating.names import plain_name
from mockserver.generating.patterns import Unreadable, text_for
from mockserver.generating.shapes import Shape
from mockserver.generating.texts import text_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.generating.drafting import Draft, Spot
    from openapi.reading import Json

__all__ = ["object_of"]

_ADDED = 60
"""Members that are tried beyond those that are asked for."""

_MOST_MEMBERS = 2_000


def object_of(draft: Draft, shape: Shape, spot: Spot, again: int) -> Json:
    """Make an object of a shape. again: how often it was made already. Raises `Impossible`."""
    inner = _sent_members(draft, shape, spot)
    required = _required(shape, dict(shape.required))
    appoints = appointed(draft, shape, required)
    required = _required(shape, {**dict.fromkeys(appoints, True), **required}) if appoints else required
    _refuse_numbers(shape, len(required))
    mine = plain_name(shape.title) or plain_name(shape.parts[-1].name if shape.parts else "") or plain_name(spot.name)
    made: dict[str, Json] = {}
    for member in _wanted(draft, shape, required, spot, again):
        parts = shape.member(member)
        if parts is None or not may_be_named(draft, shape, member):
            if member in required:
                raise Impossible(blamed(shape), f"the member {member!r} is required and ruled out")
            continue
        parts = (*parts, *appoints.get(member, ()))
        if not required.get(member) and draft.shape(parts).hidden:
            if member in required:
                raise Impossible(blamed(shape), f"the member {member!r} is for requests alone")
            continue
        try:
            made[member] = draft.make(parts, spot.inside(member, mine, inner))
        except Impossible:
            if member in required:
                raise
    _fill(draft, shape, made, spot)
    order = list(dict.fromkeys([*shape.properties, *made]))
    return {member: made[member] for member in sorted(made, key=order.index)}


def _refuse_numbers(shape: Shape, required: int) -> None:
    if shape.most is not None and required > shape.most:
        what = f"{required} members are required, and at most {shape.most} allowed"
        raise Impossible(blamed(shape, "maxProperties"), what)
    if shape.fewest > _MOST_MEMBERS:
        raise Impossible(blamed(shape, "minProperties"), f"{shape.fewest} members are asked for: too many to make")


def _sent_members(draft: Draft, shape: Shape, spot: Spot) -> Mapping[str, Json]:
    if spot.depth == 0:
        draft.root_depth = 1 if any(plain_name(name) == draft.given.root_name for name in shape.properties) else 2
        return draft.given.body
    value = sent_as(spot.name, spot.sent)
    if isinstance(value, dict):
        return value
    return spot.sent if spot.sent is not None else {}


def _required(shape: Shape, required: dict[str, bool]) -> dict[str, bool]:
    """Add the members that have to be there with some."""
    waiting = list(required)
    while waiting:
        for other in shape.dependent.get(waiting.pop(), ()):
            if other not in required:
                required[other] = True
                waiting.append(other)
    return required


def _wanted(draft: Draft, shape: Shape, required: dict[str, bool], spot: Spot, again: int) -> list[str]:
    """Choose the members: all that are named, or fewer where that was not enough or would be too much."""
    optional = [name for name in shape.properties if name not in required]
    if draft.crowded(shape, spot) or again % 3 == 1:
        optional = []
    elif again % 3 == 2:
        optional = [name for name in optional if draft.dice.chance(2)]
    wanted = list(required)
    for name in optional:
        others = [one for one in _implied(shape, name) if one not in wanted]
        if shape.most is not None and len(wanted) + len(others) > shape.most:
            continue
        wanted += others
    return wanted


def _implied(shape: Shape, name: str) -> list[str]:
    """List a member and those that have to be there with it."""
    found, waiting = [name], [name]
    while waiting:
        for other in shape.dependent.get(waiting.pop(), ()):
            if other not in found:
                found.append(other)
                waiting.append(other)
    return found


def _fill(draft: Draft, shape: Shape, made: dict[str, Json], spot: Spot) -> None:
    """Add members until there are enough."""
    draft.grant(2 * shape.fewest)
    for lacking in range(_ADDED + shape.fewest):
        if len(made) >= shape.fewest:
            return
        _add(draft, shape, made, lacking, spot)
    if len(made) < shape.fewest:
        raise Impossible(blamed(shape, "minProperties"), f"only {len(made)} of {shape.fewest} members can be made")


def _add(draft: Draft, shape: Shape, made: dict[str, Json], lacking: int, spot: Spot) -> None:
    """Add a member that is not required, so that there are enough."""
    rest = [name for name in shape.properties if name not in made]
    name = rest[lacking % len(rest)] if rest and lacking < 2 * len(rest) else _new_name(draft, shape, lacking)
    parts = None if name is None else shape.member(name)
    if name is None or name in made or parts is None or not may_be_named(draft, shape, name):
        return
    if draft.shape(parts).hidden:
        return
    wanted = [(other, shape.member(other)) for other in _implied(shape, name) if other not in made]
    if any(inner is None or not may_be_named(draft, shape, other) for other, inner in wanted):
        return
    for other, inner in wanted:
        try:
            made[other] = draft.make(inner or (), spot.inside(other, "", None))
        except Impossible:
            return


def _new_name(draft: Draft, shape: Shape, lacking: int) -> str | None:
    if is_closed(shape):
        return new_name(draft, shape)
    if shape.patterned and lacking % 4 != 3:
        try:
            return text_for(draft.dice, [shape.patterned[lacking % len(shape.patterned)][0]])
        except Unreadable:
            return None
    return f"{text_by(Shape(), 'slug', '', draft.dice, draft.moments)}-{lacking}"
