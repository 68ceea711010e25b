"""One schema object where it stands, and how to step from it to those that it names.

A part stands in a document, or was made to say what a document implies (the negation of another). It says nothing about
values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.generating.scopes import dynamic_target, scope_at
from openapi.document import Node
from openapi.errors import ContractError
from openapi.pointers import child
from openapi.units import is_known

if TYPE_CHECKING:
    from mockserver.generating.scopes import Scope
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas

__all__ = ["REFERENCES", "Part", "Parts"]

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
"""Keywords that lead to another schema, which holds, too."""

_SCHEMA_OF_SCHEMAS: Json = {
    "type": ["object", "boolean"],
    "examples": [{"type": "string"}, {"type": "integer", "minimum": 0}, True],
}
"""What stands for the schemas of JSON Schema itself, which every validator knows and nobody has beside the document."""


class Part:
    """A schema object or a boolean schema. `real`: whether it stands in a document, and can be compiled alone.

    scope: the resources that a reader went through to get here, the outermost first; `$dynamicRef` depends on them.
    """

    __slots__ = (
        "_validator", "absent", "against", "alone", "kept", "node", "real", "schemas", "scope", "steps", "value",
    )  # fmt: skip

    def __init__(
        self, schemas: Schemas, node: Node, absent: str, scope: Scope = (), *, real: bool, alone: bool = True
    ) -> None:
        self.schemas = schemas
        self.absent = absent
        self.node = node
        self.value = node.value
        self.scope = scope
        self.real = real
        self.alone = real and alone
        self.kept: dict[str, Part] = {}
        self.steps: dict[tuple[str | int, ...], Part] = {}
        self.against: list[tuple[Part, ...]] | None = None
        """The ways to break it, once they were asked for."""
        self._validator: Schema | None = None

    def allows(self, value: Json) -> bool:
        """Ask the compiled validator about a value; a part that cannot be judged alone allows everything."""
        if not self.alone:
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
        self._known: dict[tuple[str, str, Scope], Part] = {}

    def at(self, node: Node, scope: Scope = ()) -> Part:
        """Give the part that stands at a node; scope: of the part that led there."""
        scope = scope_at(node, scope)
        key = (node.document.uri, node.pointer, scope)
        part = self._known.get(key)
        if part is None:
            alone = len(scope) < 2 or b"$dynamicRef" not in node.document.raw
            part = self._known[key] = Part(self.schemas, node, self.absent, scope, real=True, alone=alone)
        return part

    def step(self, part: Part, *names: str | int) -> Part:
        """Give the part at the end of a way down from another."""
        known = part.steps.get(names)
        if known is None:
            known = part.steps[names] = self._step(part, names)
        return known

    def _step(self, part: Part, names: tuple[str | int, ...]) -> Part:
        value = part.value
        for name in names:
            value = value[name]  # type: ignore[index]  # the caller has looked
        node = Node(part.node.document, child(part.node.pointer, *names), value)
        if part.real:
            return self.at(node, part.scope)
        return self.made(part, value, "/".join(map(str, names)))

    def made(self, beside: Part, value: Json, name: str) -> Part:
        """Make a part that stands in no document; its references start from where `beside` stands.

        name: the same for the same value, so that it is made once.
        """
        part = beside.kept.get(name)
        if part is None:
            node = Node(beside.node.document, beside.node.pointer, value)
            part = beside.kept[name] = Part(self.schemas, node, self.absent, beside.scope, real=False)
        return part

    def target(self, part: Part, keyword: str) -> Part:
        """Follow the reference that a part has. Raises `ContractError` for one that leads nowhere."""
        reference = str(part.value[keyword] if isinstance(part.value, dict) else "")
        if is_known(reference):
            return self.made(part, _SCHEMA_OF_SCHEMAS if "#/" not in reference else {}, f"\0known/{reference}")
        library = self.schemas.library
        node = library.resolve(reference, part.node)
        if keyword != "$ref":
            node = dynamic_target(library, node, reference, part.scope)
        return self.at(node, part.scope)
