"""Read the keywords that say something of arrays and of objects into a shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.negation import SOME
from mockserver.generating.saying import count_in, less, list_in, mapping_in
from mockserver.generating.shapes import Fence, Row

if TYPE_CHECKING:
    from mockserver.generating.parts import Part, Parts
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["read_array", "read_object"]


def read_array(parts: Parts, shape: Shape, part: Part, value: dict[str, Json]) -> None:
    """Add what a schema says of arrays; what 3.0 does not know of is nothing there."""
    step, old = parts.step, _is_old(parts, part)
    shape.fewest_items = max(shape.fewest_items, count_in(value, "minItems") or 0)
    shape.most_items = less(shape.most_items, count_in(value, "maxItems"))
    if value.get("uniqueItems") is True:
        shape.unique = True
    # `items` with a list is how drafts before 2020-12 wrote it: no validator asks for it, but the author meant it.
    prefixed, further = ("items", "additionalItems") if list_in(value, "items") else ("prefixItems", "items")
    prefix = [] if old and prefixed != "items" else list_in(value, prefixed)
    rest = step(part, further) if isinstance(value.get(further), dict | bool) else None
    if prefix or rest is not None:
        shape.rows.append(Row(tuple(step(part, prefixed, at) for at in range(len(prefix))), rest))
    if old:
        return
    if isinstance(value.get("contains"), dict | bool):
        least = count_in(value, "minContains")
        many = (1 if least is None else least, count_in(value, "maxContains"))
        shape.contains.append((step(part, "contains"), *many))
        shape.hard = True
    if isinstance(value.get("unevaluatedItems"), dict | bool):
        shape.unevaluated_items.append(step(part, "unevaluatedItems"))
        shape.hard = True


def _is_old(parts: Parts, part: Part) -> bool:
    """Whether a part knows the keywords of 3.0 alone; one that was made says what it means by all there are."""
    return part.real and parts.schemas.version == "3.0"


def read_object(parts: Parts, shape: Shape, part: Part, value: dict[str, Json]) -> None:
    """Add what a schema says of objects; what 3.0 does not know of is nothing there."""
    step, old = parts.step, _is_old(parts, part)
    named = mapping_in(value, "properties")
    for name in named:
        shape.properties.setdefault(name, []).append(step(part, "properties", name))
    patterned = {} if old else mapping_in(value, "patternProperties")
    shape.patterned += [(pattern, step(part, "patternProperties", pattern)) for pattern in patterned]
    rest = value.get("additionalProperties")
    if isinstance(rest, dict | bool):
        shape.fences.append(Fence(frozenset(named), tuple(patterned), step(part, "additionalProperties")))
    gone = {name for name, one in named.items() if isinstance(one, dict) and one.get(parts.absent or "") is True}
    for needed in list_in(value, "required"):
        if isinstance(needed, str) and not (old and needed in gone):
            shape.required[needed] = part.real or shape.required.get(needed, False)
    shape.fewest = max(shape.fewest, count_in(value, "minProperties") or 0)
    shape.most = less(shape.most, count_in(value, "maxProperties"))
    asked = range(len(list_in(value, SOME)))
    shape.some += [(step(part, SOME, at, "names"), step(part, SOME, at, "value")) for at in asked]
    if old:
        return
    if isinstance(value.get("propertyNames"), dict | bool):
        shape.names.append(step(part, "propertyNames"))
    for keyword in ("dependentRequired", "dependencies"):
        for name, others in mapping_in(value, keyword).items():
            shape.dependent.setdefault(name, []).extend(map(str, others if isinstance(others, list) else ()))
    if isinstance(value.get("unevaluatedProperties"), dict | bool):
        shape.unevaluated.append(step(part, "unevaluatedProperties"))
        shape.hard = True
