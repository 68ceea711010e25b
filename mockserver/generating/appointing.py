"""Name members that no schema names: those that there have to be (the keyword SOME), and those that make up the number.

Of the rules that a name has to keep it makes one schema, so that the name is made as any text is. It makes no members.
"""

from __future__ import annotations

import json
from itertools import islice, product
from typing import TYPE_CHECKING

from mockserver.generating.drafting import DEEP, Impossible, Spot, blamed
from mockserver.generating.fitting import fits
from mockserver.generating.negation import EXCLUDED, UNLIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.generating.drafting import Draft
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["appointed", "is_closed", "may_be_named", "new_name"]

_WAYS = 16
"""Ways to share members among what is asked for that are tried, and ways through fences."""

_FEW = 5
"""Demands up to which every way to share members among them is tried."""


def appointed(draft: Draft, shape: Shape, required: Mapping[str, bool]) -> dict[str, tuple[Part, ...]]:
    """Name a member for each demand: what its value has to be, by its name. Raises `Impossible`."""
    if not shape.some:
        return {}
    demands = list(dict.fromkeys(shape.some))
    room = len(demands) if shape.most is None else shape.most - len(required)
    for groups in islice(_shared(len(demands), room, [*required][:_FEW]), _WAYS):
        found: dict[str, tuple[Part, ...]] = {}
        for name, numbers in groups:
            names = tuple(demands[number][0] for number in numbers)
            taken = name or new_name(draft, shape, names)
            if taken is None or taken in found or not all(fits(draft.shape((one,)), taken) for one in names):
                break
            found[taken] = tuple(demands[number][1] for number in numbers)
        else:
            return found
    raise Impossible(blamed(shape), "no name was found for a member that there has to be")


def _shared(count: int, room: int, required: list[str]) -> Iterator[list[tuple[str, list[int]]]]:
    """Give the ways to share members among demands: required ones by their name, at most `room` new ones without."""
    ways: list[list[list[int]]] = [[[number] for number in range(count)], [list(range(count))]]
    if count <= _FEW:
        ways = sorted(_partitions(count), key=len, reverse=True)
    for groups in ways:
        if len(groups) <= room:
            yield [("", numbers) for numbers in groups]
    for groups in ways:
        for names in product(["", *required], repeat=len(groups)):
            used = [name for name in names if name]
            if used and len(set(used)) == len(used) and len(names) - len(used) <= room:
                yield list(zip(names, groups, strict=True))


def _partitions(count: int) -> list[list[list[int]]]:
    if not count:
        return [[]]
    last = count - 1
    found: list[list[list[int]]] = []
    for groups in _partitions(last):
        found.append([*groups, [last]])
        found += [[*groups[:at], [*groups[at], last], *groups[at + 1 :]] for at in range(len(groups))]
    return found


def is_closed(shape: Shape) -> bool:
    """Tell whether rules of names leave but a few of them."""
    closed = any(fence.rule.value is False for fence in shape.fences)
    closed = closed or any(part.value is False for _, part in shape.patterned)
    return bool(shape.names) or closed or shape.ends_unevaluated


def new_name(draft: Draft, shape: Shape, names: tuple[Part, ...] = ()) -> str | None:
    """Make a name that a member may have, and that some schemas allow; None when none was found."""
    for rules in islice(_through_fences(draft, shape), _WAYS):
        wanted = (*dict.fromkeys((*shape.names, *names)), *rules)
        try:
            name = draft.make(wanted, Spot(depth=DEEP))
        except Impossible:
            continue
        if isinstance(name, str) and shape.member(name) is not None and may_be_named(draft, shape, name):
            return name
    return None


def may_be_named(draft: Draft, shape: Shape, name: str) -> bool:
    """Tell whether a name is one that members may have."""
    return all(part.allows(name) for part in shape.names) and (
        not shape.names or fits(draft.shape(tuple(shape.names)), name) or bool(shape.choices)
    )


def _through_fences(draft: Draft, shape: Shape) -> Iterator[tuple[Part, ...]]:
    """Give the ways past all that rules out names: schemas of a name, for each way."""
    if not shape.parts:
        return
    ruled_out: list[Json] = [name for name, parts in shape.properties.items() if _none(parts)]
    never: dict[str, Json] = {"type": "string", EXCLUDED: ruled_out}
    patterns: list[Json] = [{"pattern": pattern} for pattern, part in shape.patterned if part.value is False]
    if patterns:
        never[UNLIKE] = patterns
    fences = [(fence.names, fence.patterns) for fence in shape.fences if fence.rule.value is False]
    if shape.ends_unevaluated:
        open_ = tuple(pattern for pattern, part in shape.patterned if part.value is not False)
        fences.append((frozenset(shape.properties), open_))
    gates: list[list[dict[str, Json]]] = []
    for names, allowed in fences:
        listed: list[Json] = [*sorted(names)]
        gate: list[dict[str, Json]] = [{"pattern": pattern} for pattern in allowed]
        gates.append(draft.dice.shuffled(gate) + ([{"enum": listed}] if listed else []))
    for way in product(*gates):
        yield tuple(draft.parts.made(shape.parts[0], rule, f"\0name/{json.dumps(rule)}") for rule in (never, *way))


def _none(parts: list[Part]) -> bool:
    return any(part.value is False for part in parts)
