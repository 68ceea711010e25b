"""What a value that is made depends on beside its schema, and what comes of it. Light: every start imports it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.reading import Json

__all__ = ["Circumstances", "Made", "NoValue"]


class NoValue(Exception):
    """No value was found. `where`: the schema in the way, as file and pointer; `why`: in words."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"{self.why} ({self.where})"


@dataclass(slots=True)
class Circumstances:
    """What an answer depends on beside its schema.

    key: decides every choice. number: of this answer, for integers that identify. sent: what the caller sent, by the
    plain names of its fields. body: the body that the caller sent, if it is an object. examples: whether those of the
    schema are used. fresh: whether the answer is about something new, whose id nobody had before. root_id: the id that
    the path names. root_name: the plain name of the field that has it. most_items: how many items the caller wants.
    """

    key: bytes
    now_ns: int
    number: int = 0
    sent: Mapping[str, Json] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)
    root_id: Json = None
    root_name: str = "id"
    most_items: int | None = None
    examples: bool = True
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A value that was made. invented: whether anything in it is neither an example, listed, nor sent by the caller."""

    value: Json
    invented: bool
