"""An answer as a value that can be changed: status, headers, a body as bytes or as JSON. It judges nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contract_tests.targets import Ask, Exchange
from openapi.pointers import child, tokens
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.reading import Json

__all__ = ["Answer", "at", "leaves", "objects", "without", "written"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers. seconds: that it takes. error: one of those of `Exchange`, and nothing is answered."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""

    @property
    def value(self) -> Json | Missing:
        """The body as a JSON value; `MISSING` when it is none."""
        try:
            value: Json = json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING
        return value

    def saying(self, value: Json | Missing) -> Answer:
        """Give the answer with another JSON body; without one for `MISSING`."""
        return self if isinstance(value, Missing) else replace(self, body=written(value))

    def having(self, name: str, value: str | None) -> Answer:
        """Give the answer with another value of a header, or without it."""
        known = any(header.lower() == name.lower() for header, _ in self.headers)
        pairs = [(header, value if header.lower() == name.lower() else text) for header, text in self.headers]
        pairs += [] if known else [(name, value)]
        return replace(self, headers=tuple((header, text) for header, text in pairs if text is not None))

    def header(self, name: str) -> str | None:
        """Give the value of a header by its name in any case."""
        return next((text for header, text in self.headers if header.lower() == name.lower()), None)

    @property
    def _cannot_be_decoded(self) -> bool:
        """Whether the body is called compressed and is not: no client can read it."""
        return bool(self.body) and self.header("content-encoding") == "gzip" and self.body[:2] != b"\x1f\x8b"

    def exchange(self, ask: Ask, sent_at: float) -> Exchange:
        """Give the exchange that the suite sees. sent_at: seconds since 1970."""
        error = self.error or ("broken" if self._cannot_be_decoded else "")
        if error:
            return Exchange(ask, 0, seconds=self.seconds, sent_at=sent_at, error=error)
        return Exchange(ask, self.status, self.headers, self.body, self.seconds, sent_at)


def written(value: Json) -> bytes:
    """Write JSON as most servers do."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


# --- places in a JSON value -------------------------------------------------------------------------------------------


def leaves(value: Json | Missing, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Give every member and item at any depth, as JSON pointer and value; not the whole."""
    members: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        members += value.items()
    elif isinstance(value, list):
        members += enumerate(value)
    for name, item in members:
        at_item = child(pointer, name)
        yield at_item, item
        yield from leaves(item, at_item)


def objects(value: Json | Missing, pointer: str = "") -> Iterator[tuple[str, dict[str, Json]]]:
    """Give every object in a value, itself included, as JSON pointer and value."""
    if isinstance(value, dict):
        yield pointer, value
    for at_item, item in leaves(value, pointer):
        if isinstance(item, dict):
            yield at_item, item


def at(value: Json | Missing, pointer: str, change: Callable[[Json], Json]) -> Json | Missing:
    """Give a value with what stands at a pointer changed; the same when nothing stands there."""
    names = tokens(pointer)
    if isinstance(value, Missing):
        return value
    return _at(value, names, change)


def _at(value: Json, names: list[str], change: Callable[[Json], Json]) -> Json:
    if not names:
        return change(value)
    first, rest = names[0], names[1:]
    if isinstance(value, dict) and first in value:
        return {name: _at(item, rest, change) if name == first else item for name, item in value.items()}
    if isinstance(value, list) and first.isdigit() and int(first) < len(value):
        return [_at(item, rest, change) if index == int(first) else item for index, item in enumerate(value)]
    return value


def without(value: Json | Missing, pointer: str) -> Json | Missing:
    """Give a value without the member or item at a pointer."""
    above, _, _ = pointer.rpartition("/")
    last = tokens(pointer)[-1]

    def drop(holder: Json) -> Json:
        if isinstance(holder, dict):
            return {name: item for name, item in holder.items() if name != last}
        if isinstance(holder, list):
            return [item for index, item in enumerate(holder) if str(index) != last]
        return holder

    return at(value, above, drop)
