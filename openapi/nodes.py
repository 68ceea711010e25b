"""One file: its bytes, its values, and where each value stands. Follows no reference."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.errors import ContractError, Place
from openapi.naming import Names, uses_names, whole_schemas
from openapi.pointers import child, parents
from openapi.provenance import BASIS, DOCUMENTED, Origin, stated_origins
from openapi.reading import Json, read_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DOCUMENTED", "Document", "Node", "Origin"]

MOST_LINED = 1_000_000
"""Largest file, in bytes, for which places name a line: finding lines takes ten times as long as reading JSON."""


class Document:
    """One file, or one file with overlays applied.

    Attributes: `name` (as shown to people), `uri` (what its relative references start from), `raw` (the bytes on
    disk), `tree` (the values, overlays included), `origins` (JSON pointer -> `Origin` of what overlays put there),
    `stated` (the same for mappings that name their basis themselves, in `x-basis`), `reconstructed` (whether it is one
    of `openapi/reconstructed/`: written by us from evidence, so nobody promised any of it), `doubts` (a basis stated
    that is none, and does not count).
    """

    def __init__(
        self,
        name: str,
        uri: str,
        raw: bytes,
        tree: dict[str, Json],
        origins: Mapping[str, Origin] | None = None,
        stated: Mapping[str, Origin] | None = None,
        *,
        reconstructed: bool = False,
    ) -> None:
        self.name = name
        self.uri = uri
        self.raw = raw
        self.tree = tree
        self.origins = dict(origins or {})
        self.stated = dict(stated or {})
        self.reconstructed = reconstructed
        self.doubts: list[ContractError] = []
        self._lines: dict[str, int] | None = None
        self._names: Names | None = None
        self._looked = False
        self._starts: frozenset[str] | None = None

    @property
    def names(self) -> Names | None:
        """The names that schemas in it give themselves; None for most documents, in which none does."""
        if not self._looked:
            self._looked = True
            if self.origins or uses_names(self.raw):
                found = Names(self.uri, self.tree)
                self._names = found if found.used else None
        return self._names

    def schema_at(self, pointer: str) -> str | None:
        """Give the pointer of the whole schema that a pointer stands in; None when it stands in none."""
        if self._starts is None:
            self._starts = frozenset(pointer for pointer, _ in whole_schemas(self.tree))
        return next((known for known in parents(pointer) if known in self._starts), None)

    @classmethod
    def parse(cls, raw: bytes, name: str, uri: str = "", *, reconstructed: bool = False) -> Document:
        """Read bytes as YAML or JSON.

        Raises `ContractError` when they are neither, or not a mapping at the top; and when one of ours states a basis
        that is none.
        """
        tree = read_value(raw, name)
        if not isinstance(tree, dict):
            raise ContractError(
                "The file does not hold a mapping.", Place(name, line=1), "Start it with 'openapi: 3.1.0'."
            )
        document = cls(name, uri or f"memory:{name}", raw, tree, reconstructed=reconstructed)
        if BASIS.encode() in raw:  # hardly any document states one, and a large one need not be searched for it
            document.stated = stated_origins(tree, document.place, None if reconstructed else document.doubts)
        return document

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes on disk, as 64 hexadecimal digits; overlays do not change it."""
        return hashlib.sha256(self.raw).hexdigest()

    def overlaid(
        self,
        tree: dict[str, Json],
        origins: Mapping[str, Origin],
        locate: Callable[[str], Place] | None = None,
    ) -> Document:
        """Make the document that results from an overlay; places still point into this file.

        `origins` are all of them, those of earlier overlays included: what was removed has none any more. What the
        tree states about itself is read anew. Raises `ContractError`, with the place that `locate` gives for a pointer,
        when it states a basis that is none.
        """
        wrong: list[ContractError] = []
        stated = stated_origins(tree, locate or self.place, wrong)
        own = [str(one.place and one.place.pointer) for one in self.doubts]
        for error in wrong:
            if str(error.place and error.place.pointer) not in own:
                raise error
        made = Document(self.name, self.uri, self.raw, tree, origins, stated, reconstructed=self.reconstructed)
        made.doubts = wrong
        return made

    def place(self, pointer: str = "") -> Place:
        """Tell where a pointer stands: the line of the value, or of the nearest enclosing one that the file has."""
        if self._lines is None and len(self.raw) > MOST_LINED:
            self._lines = {}
        if self._lines is None:
            # Read a second time, only on the way to a message: a healthy start does not pay for line numbers.
            self._lines = {}
            try:
                read_value(self.raw, self.name, self._lines)
            except ContractError:
                self._lines = {}  # JSON that is not YAML, tabs for instance: the pointer alone has to do
        line = next((self._lines[known] for known in parents(pointer) if known in self._lines), None)
        return Place(self.name, pointer, line)

    def origin(self, pointer: str) -> Origin:
        """Tell on which basis the value at a pointer stands there: that of the nearest enclosing place that has one.

        An overlay has one for each leaf it changed and for the root of all it added, the document for each mapping with
        `x-basis`. Where both have one for the same place, the mapping came with the overlay or was given its words by a
        later one: its own words hold. Where none has one, the document itself is the basis.
        """
        for known in parents(pointer):
            found = self.stated.get(known) or self.origins.get(known)
            if found is not None:
                return found
        return DOCUMENTED


@dataclass(frozen=True, slots=True)
class Node:
    """A value together with where it stands; what a reference leads to."""

    document: Document
    pointer: str
    value: Json

    @property
    def spot(self) -> tuple[str, str]:
        """The address of its document and its pointer, which tell it from every other place."""
        return self.document.uri, self.pointer

    @property
    def place(self) -> Place:
        """Where this value stands, for messages."""
        return self.document.place(self.pointer)

    @property
    def mapping(self) -> dict[str, Json]:
        """The value, which must be a mapping. Raises `ContractError` with the place when it is not."""
        if not isinstance(self.value, dict):
            raise ContractError("An object is expected here.", self.place, "Write a mapping.")
        return self.value

    def get(self, name: str) -> Node | None:
        """Step into a member of a mapping; None when there is none."""
        value = self.mapping
        return Node(self.document, child(self.pointer, name), value[name]) if name in value else None

    def members(self) -> list[tuple[str, Node]]:
        """List the members of a mapping in document order."""
        return [(name, Node(self.document, child(self.pointer, name), value)) for name, value in self.mapping.items()]

    def items(self) -> list[Node]:
        """List the items of a sequence. Raises `ContractError` when it is none."""
        if not isinstance(self.value, list):
            raise ContractError("A list is expected here.", self.place, "Write a sequence.")
        return [Node(self.document, child(self.pointer, index), item) for index, item in enumerate(self.value)]
