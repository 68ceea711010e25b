"""All schemas that the bodies and parameters of a contract may have, compiled into one validator.

A schema that is compiled alone takes a copy of all that it refers to, which may be the whole document. In a tree of
properties they stand beside each other, and a value goes in at the leaf of its schema. Decides nothing about when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from openapi.document import Node
from openapi.walking import schema_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import jsonschema_rs

    from openapi.document import Library
    from openapi.reading import Json

__all__ = ["Shared", "Together", "side_by_side", "used_schemas"]

_OF_REQUESTS = ("/requestBody/", "/requestBodies/", "/parameters/")

_LETTERS = "0123456789abcdef"


class Shared:
    """One schema among many that were compiled together: reads a value as that schema does."""

    __slots__ = ("_at", "_together")

    def __init__(self, together: jsonschema_rs.Validator, at: str) -> None:
        self._together = together
        self._at = at

    @property
    def depth(self) -> int:
        """How many names stand before the path of an error."""
        return len(self._at)

    def _placed(self, value: Json) -> Json:
        for name in reversed(self._at):
            value = {name: value}
        return value

    def is_valid(self, value: Json) -> bool:
        """Tell whether the schema allows a value."""
        return self._together.is_valid(self._placed(value))

    def iter_errors(self, value: Json) -> Iterator[jsonschema_rs.ValidationError]:
        """Give all that is wrong with a value."""
        return self._together.iter_errors(self._placed(value))


@dataclass(frozen=True, slots=True)
class Together:
    """Many schemas in one validator, which is None where they do not compile; the way to each by its place."""

    validator: jsonschema_rs.Validator | None
    ways: dict[tuple[str, str], str]

    def find(self, node: Node) -> Shared | None:
        """Give the schema at a place, if it is one of them."""
        way = self.ways.get(node.spot)
        return None if self.validator is None or way is None else Shared(self.validator, way)


def used_schemas(library: Library, directions: Collection[str]) -> Iterator[Node]:
    """Find the schemas that bodies and parameters may have, in the directions that are named by what is absent there.

    Components and whole files are schemas that others refer to.
    """
    for document in tuple(library.documents.values()):
        for start in schema_starts(Node(document, "", document.tree)):
            if start.value is None or not start.pointer or start.pointer.startswith("/components/schemas/"):
                continue
            sent = "readOnly" in directions and "/responses/" not in start.pointer
            if sent or ("writeOnly" in directions and not any(name in start.pointer for name in _OF_REQUESTS)):
                yield start


def side_by_side(references: Mapping[tuple[str, str], str]) -> tuple[dict[str, Json], dict[tuple[str, str], str]]:
    """Put schemas into a tree of properties: it, and the way to each as one letter for each level."""
    level: list[Json] = [{"$ref": one} for one in references.values()]
    ways = [""] * len(references)
    step = 1
    while len(level) > 1:
        ways = [_LETTERS[number // step % len(_LETTERS)] + way for number, way in enumerate(ways)]
        chunks = [level[start : start + len(_LETTERS)] for start in range(0, len(level), len(_LETTERS))]
        level = [{"properties": dict(zip(_LETTERS, chunk, strict=False))} for chunk in chunks]
        step *= len(_LETTERS)
    return cast("dict[str, Json]", level[0] if level else {}), dict(zip(references, ways, strict=True))
