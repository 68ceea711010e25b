"""What a host answers to a case, without a value: by status the media types, headers' names and the shape of the body.

The same for one answer and for many: `merge_seen` brings observations together. It reads and writes no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract_tests.judge import body_of
from contract_tests.shapes import NOTHING, Shape, merge, shape_of
from contract_tests.texts import is_name
from openapi.operation import essence
from openapi.reading import deeper_than
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange
    from openapi.contract import Contract
    from openapi.reading import Json

__all__ = [
    "Kind",
    "Seen",
    "case_of",
    "documented_names",
    "headers_that_matter",
    "kind_of",
    "merge_seen",
    "seen",
    "together",
    "value_of",
]

Kind = Literal["JSON", "text", "empty"]

_PASSING = re.compile(
    r"(?:x-mock-|cf-|x-amz-|x-envoy-|x-ratelimit-|ratelimit|access-control-|sec-|nel|report-to|server-timing|x-cache).*"
    r"|age|alt-svc|cache-control|connection|content-length|content-encoding|date|etag|expires|keep-alive|last-modified"
    r"|pragma|server|set-cookie|strict-transport-security|trailer|transfer-encoding|vary|via|x-powered-by"
    r"|x-content-type-options|x-frame-options|x-xss-protection|x-response-time|x-request-id|content-type"
)
"""Headers that say something about the way, the server or the moment; the media type is looked at by itself."""

DEEPEST = 60
"""Levels of a body that is looked into."""

_MEDIA_TYPE = re.compile(r"[a-z]{3,12}/[a-z][a-z.+-]{0,40}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What answers of one status had in common. first, last: days, YYYY-MM-DD. headers: with whether always there."""

    count: int
    first: str
    last: str
    media_types: frozenset[str]
    headers: tuple[tuple[str, bool], ...]
    kinds: frozenset[Kind]
    shape: Shape = NOTHING


def seen(exchange: Exchange, day: str, known: frozenset[str], redactor: Redactor) -> Seen:
    """Observe one answer. day: when, as YYYY-MM-DD. known: names that a document gives to members."""
    value = value_of(exchange)
    shape = NOTHING if isinstance(value, Missing) else shape_of(value, known, redactor.text)
    media = essence(exchange.header("content-type") or "").lower()
    plain = media if _MEDIA_TYPE.fullmatch(media) and redactor.text(media) == media else "other"
    names = [name for name in headers_that_matter(exchange) if redactor.text(name) == name]
    return Seen(
        count=1,
        first=day,
        last=day,
        media_types=frozenset([plain] if media else []),
        headers=tuple((name, True) for name in names),
        kinds=frozenset([kind_of(exchange, value)]),
        shape=shape,
    )


def merge_seen(one: Seen, other: Seen) -> Seen:
    """Bring observations together: counts add up, everything else widens."""
    left, right = dict(one.headers), dict(other.headers)
    names = sorted(left.keys() | right.keys())
    return Seen(
        count=one.count + other.count,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        media_types=one.media_types | other.media_types,
        headers=tuple((name, left.get(name, False) and right.get(name, False)) for name in names),
        kinds=one.kinds | other.kinds,
        shape=merge(one.shape, other.shape),
    )


def value_of(exchange: Exchange) -> Json | Missing:
    """Read the body as JSON; `MISSING` where it is none, or nests deeper than anybody reads."""
    try:
        value = body_of(exchange)
        return MISSING if deeper_than(value, DEEPEST) else value
    except (ValueError, RecursionError):
        return MISSING


def kind_of(exchange: Exchange, value: Json | Missing) -> Kind:
    """Tell what kind of body an answer has."""
    if not exchange.body:
        return "empty"
    return "text" if isinstance(value, Missing) else "JSON"


def headers_that_matter(exchange: Exchange) -> list[str]:
    """Name the headers that a caller may build on, in small letters, sorted; names that look like data are none."""
    names = {name.lower() for name, _ in exchange.headers}
    return sorted(
        name for name in names if not _PASSING.fullmatch(name) and all(is_name(part) for part in name.split("-"))
    )


def case_of(exchange: Exchange) -> str:
    """Name the case of an exchange: that of the first where a request was sent again."""
    return exchange.name.partition(" (")[0]


def documented_names(contract: Contract) -> frozenset[str]:
    """Collect the names that the documents of a contract give to members of bodies."""
    return frozenset(name for document in contract.documents for name in _property_names([document.tree]))


def _property_names(waiting: list[Json]) -> Iterator[str]:
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            properties = value.get("properties")
            if isinstance(properties, dict):
                yield from properties
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def together(observed: Iterable[tuple[str, int, Seen]]) -> dict[str, dict[int, Seen]]:
    """Gather observations by case and status."""
    found: dict[str, dict[int, Seen]] = {}
    for case, status, one in observed:
        known = found.setdefault(case, {})
        known[status] = merge_seen(known[status], one) if status in known else one
    return found
