"""What operators are built of: changes of a body, of one member, of the bytes; and why a body looks as it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.strength.answers import Answer, at
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.strength.mutating import Change, Kind
    from contract_tests.strength.rehearsing import Moment
    from openapi.reading import Json

__all__ = ["WHOLE", "because", "place_of", "to_bytes", "to_fixed", "to_member", "to_value"]

WHOLE = "body"
"""The clause and place of what is about the whole body."""


def to_value(change: Callable[[Json], Json | Missing]) -> Change:
    """Make a change of an answer from a change of its JSON body."""

    def changed(right: Answer, _: Moment) -> Answer:
        value = right.value
        return right if isinstance(value, Missing) else right.saying(change(value))

    return changed


def to_member(pointer: str, change: Callable[[Json], Json]) -> Change:
    """Make a change of an answer from a change of one member, where there is one."""
    return to_value(lambda value: at(value, pointer, change))


def to_fixed(value: Json) -> Callable[[Json], Json]:
    """Make a change that gives one value, whatever was there."""
    return lambda _: value


def to_bytes(change: Callable[[bytes], bytes]) -> Change:
    """Make a change of an answer from a change of the bytes of its body."""
    return lambda right, _: replace(right, body=change(right.body))


def place_of(pointer: str) -> str:
    """Write a JSON pointer as the end of an id."""
    return pointer.lstrip("/")


def because(kind: Kind, pointer: str = "") -> str:
    """Tell why a body may look as it does and no other way, beside its schema: by its example, or by what was asked."""
    if not kind.succeeds:
        return ""
    if kind.operation.reconstructed and kind.response is not None:  # nobody promised its examples
        return kind.response.node.document.origin(kind.response.node.pointer).basis
    return "prose" if pointer and kind.asked(pointer) else "example"
