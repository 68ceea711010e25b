"""Read the keywords that leave a choice: `anyOf`, `oneOf`, `not`, `if` and `dependentSchemas`. Makes none of them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mockserver.generating.negation import options_against
from mockserver.generating.saying import list_in, mapping_in
from mockserver.generating.shapes import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.generating.parts import Part, Parts
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["read_choices"]

_FEW = 4

_ASKING_IF = ("then", "else", "unevaluatedProperties", "unevaluatedItems")
"""Keywords for which it matters whether `if` holds: what it says counts as evaluated if it does."""


def read_choices(
    parts: Parts, shape: Shape, part: Part, value: dict[str, Json], settled: frozenset[tuple[int, str]]
) -> None:
    """Add the choices that a schema leaves, but for those that are settled."""
    found = [_among(parts, shape, part, value, keyword) for keyword in ("anyOf", "oneOf") if list_in(value, keyword)]
    if isinstance(value.get("not"), dict | bool):
        if (id(part), "not") not in settled:
            against = parts.step(part, "not")
            found.append(Choice((id(part), "not"), options_against(parts, against), against=against))
        shape.hard = True
    if parts.schemas.version != "3.0":
        if isinstance(value.get("if"), dict | bool) and any(word in value for word in _ASKING_IF):
            found.append(_conditions(parts, part, value))
            shape.hard = True
        found += _dependent(parts, shape, part, value)
    shape.choices += [choice for choice in found if choice.key not in settled]


def _dependent(parts: Parts, shape: Shape, part: Part, value: dict[str, Json]) -> Iterator[Choice]:
    """Yield a choice for each member that brings a schema with it; `dependencies` is what older drafts call it."""
    for keyword in ("dependentSchemas", "dependencies"):
        for name, then in mapping_in(value, keyword).items():
            if not isinstance(then, dict | bool):
                continue
            have = parts.made(part, {"required": [name]}, f"\0have/{name}")
            lack = parts.made(part, {"properties": {name: False}}, f"\0lack/{name}")
            yield Choice((id(part), f"{keyword}/{name}"), [(have, parts.step(part, keyword, name)), (lack,)])
            shape.hinted.add("object")


def _among(parts: Parts, shape: Shape, part: Part, value: dict[str, Json], keyword: str) -> Choice:
    count = len(list_in(value, keyword))
    options: list[tuple[Part, ...]] = [(parts.step(part, keyword, at),) for at in range(count)]
    tagged = list(_tagged(parts, part, value, keyword))
    if len(tagged) < count:
        tagged = []  # one that is no reference has no name to be told by
    choice = Choice((id(part), keyword), tagged or options, tagged=bool(tagged))
    if keyword == "oneOf":
        against = [
            parts.made(part, {"not": list_in(value, keyword)[at]}, f"\0not/{keyword}/{at}") for at in range(count)
        ]
        choice.strict = _alone(choice.options, against)
        choice.last = _alone(options, against) if tagged else []  # for tags that contradict their schemas
        shape.hard = shape.hard or count > 1
    else:
        choice.strict = options if tagged else []
        choice.last = [tuple(one for option in some for one in option) for some in _several(options)]
    return choice


def _alone(options: list[tuple[Part, ...]], against: list[Part]) -> list[tuple[Part, ...]]:
    """Give each option with what rules out the others."""
    return [(*one, *against[:at], *against[at + 1 :]) for at, one in enumerate(options)]


def _several(options: list[tuple[Part, ...]]) -> list[tuple[tuple[Part, ...], ...]]:
    """List all options together and, of few, each two of them."""
    pairs = list(combinations(options, 2)) if 2 < len(options) <= _FEW else []
    return [*pairs, tuple(options)] if len(options) > 1 else []


def _tagged(parts: Parts, part: Part, value: dict[str, Json], keyword: str) -> Iterator[tuple[Part, ...]]:
    """Give the options of a choice that a discriminator tells apart, each with the value that names it."""
    said = mapping_in(value, "discriminator")
    name = said.get("propertyName")
    if not isinstance(name, str):
        return
    mapping = mapping_in(said, "mapping")
    for at, one in enumerate(list_in(value, keyword)):
        reference = one.get("$ref") if isinstance(one, dict) else None
        if not isinstance(reference, str):
            return
        short = reference.rpartition("/")[2]
        tag = next((tag for tag, target in mapping.items() if target in (reference, short)), short)
        option = parts.step(part, keyword, at)
        if not _may_be(parts.target(option, "$ref").value, name, tag):
            yield (option,)  # it names itself otherwise, and that is what is checked
            continue
        made: Json = {"type": "object", "required": [name], "properties": {name: {"enum": [tag]}}}
        yield option, parts.made(part, made, f"\0tag/{keyword}/{at}")


def _may_be(schema: Json, name: str, tag: Json) -> bool:
    """Tell whether a schema lets a member have a value, as far as it lists those that the member may have."""
    said = mapping_in(schema, "properties").get(name) if isinstance(schema, dict) else None
    if not isinstance(said, dict):
        return True
    return said.get("const", tag) == tag and tag in (list_in(said, "enum") or [tag])


def _conditions(parts: Parts, part: Part, value: dict[str, Json]) -> Choice:
    met = parts.step(part, "if")
    unmet = parts.made(part, {"not": value["if"]}, "\0not/if")
    first = (met, parts.step(part, "then")) if isinstance(value.get("then"), dict | bool) else (met,)
    second = (unmet, parts.step(part, "else")) if isinstance(value.get("else"), dict | bool) else (unmet,)
    return Choice((id(part), "if"), [first, second])
