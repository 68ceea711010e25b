"""Schemas and all that they refer to, written into one value whose references lead within it. Judges nothing.

A validator compiles a schema once for each way of files that leads to it; many files that refer to each other have more
ways than memory can hold. In one value each schema is compiled once, and what no value is held to is left away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from openapi.document import Node
from openapi.draft4 import draft4
from openapi.keywords import MEMBERS, NAMED
from openapi.naming import address
from openapi.pointers import child
from openapi.units import is_annotation, is_known

if TYPE_CHECKING:
    from openapi.reading import Json
    from openapi.units import Units

__all__ = ["Bundle"]

_ADDRESS = "json-schema:///contract"
"""Of a scheme for which jsonschema-rs writes no address into every keyword that it compiles."""

_KNOWN = "json-schema:///known"

_DEAD_END = "nowhere"
_NAMES = frozenset([*NAMED, *MEMBERS])
_OWN_NAMES = frozenset(["$id", "$anchor", "$dynamicAnchor"])
_VALUES = frozenset(["enum", "const"])
_REFERENCES = ("$ref", "$dynamicRef")


class Bundle:
    """Some schemas of a contract, with all behind them.

    absent: which properties 3.0 does not require, see `Schemas.at`. size: how many mappings were written.
    """

    def __init__(self, units: Units, absent: str = "") -> None:
        self.size = 0
        self._units = units
        self._absent = absent
        self._early = units.version == "3.0"
        self._tree: dict[str, Json] = {_DEAD_END: {"type": "nothing that there is"}}
        self._own: dict[str, Json] = {}
        self._known: dict[str, None] = {}
        self._taken: set[int] = set()
        self._waiting: list[int] = []
        self._led_here: dict[int, set[int]] = {}
        self._dead: set[int] = set()

    @property
    def resources(self) -> list[tuple[str, Json]]:
        """What a validator has to know: addresses with their values."""
        known: Json = {"allOf": [{"$ref": one} for one in self._known]}
        # Where it finds them in a schema, jsonschema-rs brings those it knows; the tree is none.
        return [(_ADDRESS, self._tree), *self._own.items(), *([(_KNOWN, known)] if self._known else [])]

    def reference(self, node: Node) -> str:
        """Take in the schema at a place, and all that it refers to; give the reference that means it."""
        number, rest = self._units.find(node)
        self._take(number)
        while self._waiting:
            self._write(self._waiting.pop())
        return self._absolute(number, rest)

    def doomed(self) -> set[int]:
        """Give the numbers of the schemas from which a reference leads nowhere, at once or later on."""
        found, waiting = set(self._dead), list(self._dead)
        while waiting:
            before = self._led_here.get(waiting.pop(), set()) - found
            found |= before
            waiting += before
        return found

    def _take(self, number: int) -> None:
        if number not in self._taken:
            self._taken.add(number)
            self._waiting.append(number)

    def _absolute(self, number: int, rest: str) -> str:
        if self._units.is_apart(number):
            return address(self._units.address(number), rest)
        return address(_ADDRESS, f"/{number}{rest}")

    def _write(self, number: int) -> None:
        node, value = self._units.places[number], self._units.value(number)
        apart = self._units.is_apart(number)
        copy = self._copy(value, node.pointer, _Writing(number, node, apart, node.document.names is not None))
        if apart:
            self._own[self._units.address(number)] = copy
        else:
            self._tree[str(number)] = copy

    def _copy(self, value: Json, pointer: str, writing: _Writing, *, names: bool = False) -> Json:
        """Copy what stands in a schema. names: the keys of this mapping are names, such as those of properties."""
        exact = writing.exact
        if isinstance(value, list):
            return [
                self._copy(item, child(pointer, index) if exact else pointer, writing)
                if isinstance(item, dict | list)
                else item
                for index, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        self.size += 1
        if names:
            return {
                name: self._copy(item, child(pointer, name) if exact else pointer, writing)
                for name, item in value.items()
            }
        copy: dict[str, Json] = {}
        for name, item in value.items():
            if is_annotation(name) or (name in _OWN_NAMES and not writing.apart):
                continue
            if name in _VALUES or not isinstance(item, dict | list):
                copy[name] = item
            else:
                at = child(pointer, name) if exact else pointer
                copy[name] = self._copy(item, at, writing, names=name in _NAMES)
        self._lead(copy, Node(writing.node.document, pointer, value), writing)
        if self._early:
            draft4(value, copy, self._absent)
        return copy

    def _lead(self, copy: dict[str, Json], origin: Node, writing: _Writing) -> None:
        """Write the references in the copy of a schema anew, and take in what they mean."""
        for keyword in _REFERENCES:
            reference = copy.get(keyword)
            if isinstance(reference, str):
                copy[keyword] = self._led(reference, origin, writing)
        dialect = copy.get("$schema")
        if writing.apart and isinstance(dialect, str) and not is_known(dialect):
            found = self._units.target(dialect, origin)  # it may be written beside the schemas that use it
            if found is not None:
                self._take(found[0])

    def _led(self, reference: str, origin: Node, writing: _Writing) -> str:
        """Write a reference as it is to be read from the bundle, and take in what it means."""
        if is_known(reference):
            self._known[reference] = None
            return reference
        found = self._units.target(reference, origin)
        if found is None:
            # What is not there may stop who refers to it, and nobody else.
            self._dead.add(writing.number)
            return address(_ADDRESS, f"/{_DEAD_END}")
        number, rest = found
        if number == writing.number and writing.apart and not _counts_from_top(reference, writing.node, rest):
            # By the schema's own names; what has no place in an address may well stand in a name: `Map<Key,Value>`.
            return address("", unquote(reference[1:])) if reference[:1] == "#" else reference
        self._take(number)
        self._led_here.setdefault(number, set()).add(writing.number)
        return self._absolute(number, rest)


@dataclass(frozen=True, slots=True)
class _Writing:
    """The schema that is being written. exact: whether it matters where in it a reference stands."""

    number: int
    node: Node
    apart: bool
    exact: bool


def _counts_from_top(reference: str, start: Node, rest: str) -> bool:
    """Tell whether a reference is a pointer into the document, rather than into the schema that it stands in."""
    pointer = start.pointer + rest
    return reference[:1] == "#" and bool(pointer) and unquote(reference[1:]) == pointer
