"""What breaks a schema, as schemas: each way to say no to it is an option, and one of them has to hold.

The options are hints to make values by; whether a value does break the schema is for the validator to tell.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from mockserver.generating.parts import REFERENCES
from mockserver.generating.saying import count_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from mockserver.generating.parts import Part, Parts
    from openapi.reading import Json

    Option: TypeAlias = tuple[Part, ...]

__all__ = ["EXCLUDED", "SOME", "UNLIKE", "UNLIKE_STEP", "options_against"]

EXCLUDED = "\0excluded"
"""Keyword of ours: values that it must not be."""

UNLIKE = "\0unlike"
"""Keyword of ours: schemas whose pattern or format the text must not have."""

UNLIKE_STEP = "\0unlikeStep"
"""Keyword of ours: a number that it must not be a multiple of."""

SOME = "\0some"
"""Keyword of ours: members that there have to be, each as a schema of its name and one of its value."""

_FEW = 5

_KINDS = ("string", "integer", "number", "boolean", "object", "array", "null")


def options_against(parts: Parts, part: Part) -> list[Option]:
    """List the ways to break a schema; none when everything satisfies it."""
    if part.against is None:
        part.against = _options_against(parts, part)
    return part.against


def _options_against(parts: Parts, part: Part) -> list[Option]:
    value = part.value
    if isinstance(value, bool):
        return [] if value else [()]
    if not isinstance(value, dict):
        return []
    found: list[Option] = []
    for keyword in REFERENCES:
        if isinstance(value.get(keyword), str):
            found += options_against(parts, parts.target(part, keyword))
            if parts.schemas.version == "3.0":
                return found
    for number, made in enumerate(_plain(value)):
        found.append((parts.made(part, made, f"\0against{number}"),))
    for keyword, wanted in _WITHIN.items():
        if keyword in value:
            found += wanted(parts, part)
    return found


def _plain(value: dict[str, Json]) -> Iterator[dict[str, Json]]:  # noqa: C901, PLR0912 - one list of keywords
    kinds = value.get("type")
    if isinstance(kinds, str | list):
        named = [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds]
        if value.get("nullable") is True:
            named.append("null")
        rest: list[Json] = [
            kind for kind in _KINDS if kind not in named and not (kind == "integer" and "number" in named)
        ]
        if "integer" in named and "number" not in named:
            rest = [kind for kind in rest if kind != "number"]  # most numbers are whole ones
        if rest:
            yield {"type": rest}
        if named == ["integer"]:
            yield {"type": "number", UNLIKE_STEP: 1}
    if "const" in value:
        yield {EXCLUDED: [value["const"]]}
    if isinstance(value.get("enum"), list):
        yield {EXCLUDED: value["enum"]}
    for keyword, made in _LIMITS:
        limit = value.get(keyword)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            broken = made(limit)
            if broken is not None:
                yield broken
    for keyword in ("pattern", "format"):
        if isinstance(value.get(keyword), str):
            yield {"type": "string", UNLIKE: [{keyword: value[keyword]}]}
    if isinstance(value.get("required"), list):
        for name in value["required"]:  # type: ignore[union-attr]
            yield {"type": "object", "properties": {str(name): False}}
    if value.get("uniqueItems") is True:
        yield {"type": "array", "minItems": 2, "\0same": True}
    if isinstance(value.get("multipleOf"), int | float):
        yield {"type": "number", UNLIKE_STEP: value["multipleOf"]}
    dependent = value.get("dependentRequired")
    if isinstance(dependent, dict):
        for name, others in dependent.items():
            for other in others if isinstance(others, list) else ():
                yield {"type": "object", "required": [name], "properties": {str(other): False}}


_LIMITS: tuple[tuple[str, Callable[[float], dict[str, Json] | None]], ...] = (
    ("minimum", lambda n: {"type": "number", "exclusiveMaximum": n}),
    ("maximum", lambda n: {"type": "number", "exclusiveMinimum": n}),
    ("exclusiveMinimum", lambda n: {"type": "number", "maximum": n}),
    ("exclusiveMaximum", lambda n: {"type": "number", "minimum": n}),
    ("minLength", lambda n: {"type": "string", "maxLength": n - 1} if n > 0 else None),
    ("maxLength", lambda n: {"type": "string", "minLength": n + 1}),
    ("minItems", lambda n: {"type": "array", "maxItems": n - 1} if n > 0 else None),
    ("maxItems", lambda n: {"type": "array", "minItems": n + 1}),
    ("minProperties", lambda n: {"type": "object", "maxProperties": n - 1} if n > 0 else None),
    ("maxProperties", lambda n: {"type": "object", "minProperties": n + 1}),
)


def _no(parts: Parts, part: Part, *names: str | int) -> Json:
    """Write `not` around the schema at the end of a way, so that its references still lead where they did."""
    value: Json = parts.step(part, *names).value
    return {"not": value}


def _listed(part: Part, keyword: str) -> list[Json]:
    found = part.value.get(keyword) if isinstance(part.value, dict) else None
    return found if isinstance(found, list) else []


def _named(part: Part, keyword: str) -> dict[str, Json]:
    found = part.value.get(keyword) if isinstance(part.value, dict) else None
    return found if isinstance(found, dict) else {}


def _properties(parts: Parts, part: Part) -> list[Option]:
    return [
        (
            parts.made(
                part,
                {"type": "object", "required": [name], "properties": {name: _no(parts, part, "properties", name)}},
                f"\0not/properties/{name}",
            ),
        )
        for name in _named(part, "properties")
    ]


def _some(names: Json, value: Json) -> dict[str, Json]:
    return {"type": "object", "minProperties": 1, SOME: [{"names": names, "value": value}]}


def _patterned(parts: Parts, part: Part) -> list[Option]:
    found: list[Option] = []
    for pattern in _named(part, "patternProperties"):
        made = _some({"type": "string", "pattern": pattern}, _no(parts, part, "patternProperties", pattern))
        found.append((parts.made(part, made, f"\0not/patternProperties/{pattern}"),))
    return found


def _dependent(parts: Parts, part: Part) -> list[Option]:
    found: list[Option] = []
    for name in _named(part, "dependentSchemas"):
        have = parts.made(part, {"type": "object", "required": [name]}, f"\0have/{name}")
        no = parts.made(part, _no(parts, part, "dependentSchemas", name), f"\0not/dependentSchemas/{name}")
        found.append((have, no))
    return found


def _additional(keyword: str, parts: Parts, part: Part) -> list[Option]:
    names: dict[str, Json] = {"type": "string", EXCLUDED: [*_named(part, "properties")]}
    names[UNLIKE] = [{"pattern": pattern} for pattern in _named(part, "patternProperties")]
    return [(parts.made(part, _some(names, _no(parts, part, keyword)), f"\0not/{keyword}"),)]


def _prefix(parts: Parts, part: Part) -> list[Option]:
    found: list[Option] = []
    for index in range(len(_listed(part, "prefixItems"))):
        row: list[Json] = [True] * index
        row.append(_no(parts, part, "prefixItems", index))
        made: Json = {"type": "array", "minItems": index + 1, "prefixItems": row}
        found.append((parts.made(part, made, f"\0not/prefixItems/{index}"),))
    return found


def _items(keyword: str, parts: Parts, part: Part) -> list[Option]:
    if _listed(part, keyword):
        return []
    row: list[Json] = [True] * len(_listed(part, "prefixItems"))
    row.append(_no(parts, part, keyword))
    made: Json = {"type": "array", "minItems": len(row), "prefixItems": row}
    found: list[Option] = [(parts.made(part, made, f"\0not/{keyword}"),)]
    if keyword == "unevaluatedItems":  # any place will do, where others have what they ask for
        some: Json = {"type": "array", "contains": _no(parts, part, keyword)}
        found.append((parts.made(part, some, f"\0some/{keyword}"),))
    return found


def _contains(parts: Parts, part: Part) -> list[Option]:
    value = part.value if isinstance(part.value, dict) else {}
    least, most = count_in(value, "minContains"), count_in(value, "maxContains")
    options: list[Json] = []
    if least != 0:
        options.append({"type": "array", "items": _no(parts, part, "contains")})
    if most is not None:
        options.append({"type": "array", "contains": value["contains"], "minContains": most + 1})
    return [(parts.made(part, made, f"\0not/contains/{at}"),) for at, made in enumerate(options)]


def _not(parts: Parts, part: Part) -> list[Option]:
    return [(parts.step(part, "not"),)]


def _all_of(parts: Parts, part: Part) -> list[Option]:
    count = len(_listed(part, "allOf"))
    return [(parts.made(part, _no(parts, part, "allOf", index), f"\0not/allOf/{index}"),) for index in range(count)]


def _any_of(keyword: str, parts: Parts, part: Part) -> list[Option]:
    count = len(_listed(part, keyword))
    none = tuple(parts.made(part, _no(parts, part, keyword, at), f"\0not/{keyword}/{at}") for at in range(count))
    found: list[Option] = [none]
    if keyword == "oneOf":
        pairs = combinations(range(count), 2) if count <= _FEW else pairwise(range(count))
        found += [(parts.step(part, keyword, one), parts.step(part, keyword, other)) for one, other in pairs]
    return found


def _if(parts: Parts, part: Part) -> list[Option]:
    found: list[Option] = []
    value = part.value
    if isinstance(value, dict) and "then" in value:
        no = parts.made(part, _no(parts, part, "then"), "\0not/then")
        found.append((parts.step(part, "if"), no))
    if isinstance(value, dict) and "else" in value:
        first = parts.made(part, _no(parts, part, "if"), "\0not/if")
        found.append((first, parts.made(part, _no(parts, part, "else"), "\0not/else")))
    return found


def _names(parts: Parts, part: Part) -> list[Option]:
    made = _some(_no(parts, part, "propertyNames"), True)  # noqa: FBT003 - a schema
    return [(parts.made(part, made, "\0not/propertyNames"),)]


_WITHIN = {
    "properties": _properties,
    "patternProperties": _patterned,
    "dependentSchemas": _dependent,
    "additionalProperties": lambda parts, part: _additional("additionalProperties", parts, part),
    "unevaluatedProperties": lambda parts, part: _additional("unevaluatedProperties", parts, part),
    "prefixItems": _prefix,
    "items": lambda parts, part: _items("items", parts, part),
    "unevaluatedItems": lambda parts, part: _items("unevaluatedItems", parts, part),
    "contains": _contains,
    "not": _not,
    "allOf": _all_of,
    "anyOf": lambda parts, part: _any_of("anyOf", parts, part),
    "oneOf": lambda parts, part: _any_of("oneOf", parts, part),
    "if": _if,
    "propertyNames": _names,
}
