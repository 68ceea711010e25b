"""One schema object where it stands, and how to step from it to those that it names.

A part stands in a document, or was made to say what a document implies (the negation of another). It says nothing about
values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import ContractError
from openapi.pointers import child

if TYPE_CHECKING:
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas

__all__ = ["Part", "Parts"]


class Part:
    """A schema object or a boolean schema. `real`: whether it stands in a document, and can be compiled alone."""

    __slots__ = ("_validator", "absent", "kept", "node", "real", "schemas", "value")

    def __init__(self, schemas: Schemas, node: Node, absent: str, *, real: bool) -> None:
        self.schemas = schemas
        self.absent = absent
        self.node = node
        self.value = node.value
        self.real = real
        self.kept: dict[str, Part] = {}
        self._validator: Schema | None = None

    def allows(self, value: Json) -> bool:
        """Ask the compiled validator about a value; a part that was made allows everything."""
        if not self.real:
            return True
        if self._validator is None:
            self._validator = self.schemas.at(self.node, self.absent)
        try:
            return self._validator.validator.is_valid(value)
        except ContractError:
            return True  # it cannot be compiled alone; the whole is checked in the end

    @property
    def name(self) -> str:
        """The last token of its pointer: of a component its name."""
        return self.node.pointer.rpartition("/")[2]


class Parts:
    """The parts of one contract, each made once, so that they can be told apart by identity.

    absent: `writeOnly` where responses are made, as for `Schemas.at`.
    """

    def __init__(self, schemas: Schemas, absent: str) -> None:
        self.schemas = schemas
        self.absent = absent
        self._known: dict[tuple[str, str], Part] = {}

    def at(self, node: Node) -> Part:
        """Give the part that stands at a node."""
        key = (node.document.uri, node.pointer)
        part = self._known.get(key)
        if part is None:
            part = self._known[key] = Part(self.schemas, node, self.absent, real=True)
        return part

    def step(self, part: Part, *names: str | int) -> Part:
        """Give the part at the end of a way down from another."""
        value = part.value
        for name in names:
            value = value[name]  # type: ignore[index]  # the caller has looked
        node = Node(part.node.document, child(part.node.pointer, *names), value)
        if part.real:
            return self.at(node)
        return self.made(part, value, "/".join(map(str, names)))

    def made(self, beside: Part, value: Json, name: str) -> Part:
        """Make a part that stands in no document; its references start from where `beside` stands.

        name: the same for the same value, so that it is made once.
        """
        part = beside.kept.get(name)
        if part is None:
            node = Node(beside.node.document, beside.node.pointer, value)
            part = beside.kept[name] = Part(self.schemas, node, self.absent, real=False)
        return part

    def target(self, part: Part, keyword: str) -> Part:
        """Follow the reference that a part has. Raises `ContractError` for one that leads nowhere."""
        reference = str(part.value[keyword] if isinstance(part.value, dict) else "")
        library = self.schemas.library
        return self.at(library.resolve(reference, part.node))
