"""A loaded document: its bytes, its values, and where each value stands.

Follows references within and between files on disk and never over the network. It does not know what an operation is.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from openapi.errors import ContractError, Notice, Place, nearest
from openapi.naming import Names, inside, is_schema, join, uses_names, whole_schemas
from openapi.pointers import child, parents, tokens
from openapi.provenance import BASIS, DOCUMENTED, Origin, stated_origins
from openapi.reading import Json, read_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["DOCUMENTED", "Document", "Fact", "Library", "Node", "Origin", "facts", "read_document"]


MOST_LINED = 1_000_000
"""Largest file, in bytes, for which places name a line: finding lines takes ten times as long as reading JSON."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class Document:
    """One file, or one file with overlays applied.

    Attributes: `name` (as shown to people), `uri` (what its relative references start from), `raw` (the bytes on
    disk), `tree` (the values, overlays included), `origins` (JSON pointer -> `Origin` of what overlays put there),
    `stated` (the same for mappings that name their basis themselves, in `x-basis`), `reconstructed` (whether it is one
    of `openapi/reconstructed/`: written by us from evidence, so nobody promised any of it).
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

        Raises `ContractError` when they are neither, or not a mapping at the top, or state a basis that is none.
        """
        tree = read_value(raw, name)
        if not isinstance(tree, dict):
            raise ContractError(
                "The file does not hold a mapping.", Place(name, line=1), "Start it with 'openapi: 3.1.0'."
            )
        document = cls(name, uri or f"memory:{name}", raw, tree, reconstructed=reconstructed)
        if BASIS.encode() in raw:  # hardly any document states one, and a large one need not be searched for it
            document.stated = stated_origins(tree, document.place)
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
        stated = stated_origins(tree, locate or self.place)
        return Document(self.name, self.uri, self.raw, tree, origins, stated, reconstructed=self.reconstructed)

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


class Library:
    """The documents of one contract, and those that they refer to, each read once.

    `notices` collects what was found wrong while they were used, and was passed over.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self.documents = {document.uri: document for document in documents}
        self.notices: list[Notice] = []

    def warn(self, code: str, what: str, node: Node, remedy: str = "") -> None:
        """Note that something is wrong and is served all the same."""
        self.notices.append(Notice("warning", code, what, node.place, remedy))

    def follow(self, node: Node) -> Node:
        """Follow `$ref` until something else stands there. Raises `ContractError` for a dead end or a circle."""
        seen: set[tuple[str, str]] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            spot = (node.document.uri, node.pointer)
            if spot in seen:
                raise ContractError("The reference leads back to itself.", node.place, "Point it at a definition.")
            seen.add(spot)
            node = self.resolve(str(node.value["$ref"]), node)
        return node

    def resolve(self, reference: str, origin: Node) -> Node:
        """Find what a reference written at `origin` names. Raises `ContractError` when there is nothing."""
        document, names = origin.document, origin.document.names
        base = names.base(origin.pointer) if names is not None else document.uri
        try:
            address, fragment = urldefrag(join(base, reference))
        except ValueError as error:
            raise ContractError(f"{reference!r} is not an address: {error}.", origin.place, "Correct it.") from None
        pointer = unquote(fragment)
        if address == document.uri:
            start = ""
        else:
            document, start = self._named(address) or (self._beside(address, reference, origin), "")
        if pointer and not pointer.startswith("/"):
            known = document.names.anchors.get((address, pointer)) if document.names is not None else None
            if known is None:
                what = f"{reference!r} is not a JSON pointer, and there is no '$anchor' of that name."
                raise ContractError(what, origin.place, "Write '#/components/...' after the file name.")
            return self.at(document, known, origin, reference)
        if reference[:1] == "#" and not start:
            start = self._own_root(document, pointer, origin)
        return self.at(document, start + pointer, origin, reference)

    def _named(self, address: str) -> tuple[Document, str] | None:
        """Find the schema whose `$id` is an address."""
        for document in tuple(self.documents.values()):
            if document.names is not None and address in document.names.ids:
                return document, document.names.ids[address]
        return None

    def _beside(self, address: str, reference: str, origin: Node) -> Document:
        """Open a file; one whose name is relative to an `$id` may well lie beside the file that names it."""
        try:
            return self.open(address, reference, origin)
        except ContractError:
            near = urldefrag(urljoin(origin.document.uri, reference))[0]
            if near == address or near not in self.documents:
                raise
            return self.documents[near]

    def _own_root(self, document: Document, pointer: str, origin: Node) -> str:
        """Tell where a pointer starts that leads nowhere in the document but somewhere in the schema it is used in.

        Many documents have schemas in them that were written as files of their own: they say `#/$defs/...`.
        """
        if inside(document.tree, pointer) and (pointer or is_schema(document.tree)):
            return ""
        whole = document.schema_at(origin.pointer)
        if not whole or not inside(Library().at(document, whole, origin, whole).value, pointer):
            return ""
        return whole

    def at(self, document: Document, pointer: str, origin: Node, reference: str) -> Node:
        """Walk a pointer down a document, naming the nearest key when a step is missing."""
        value: Json = document.tree
        for token in tokens(pointer):
            if isinstance(value, dict) and token in value:
                value = value[token]
            elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
                value = value[int(token)]
            else:
                known = value.keys() if isinstance(value, dict) else ()
                hint = nearest(token, known) or "Define it or correct the reference."
                raise ContractError(f"{reference!r} leads nowhere: there is no {token!r}.", origin.place, hint)
        return Node(document, pointer, value)

    def load_references(self) -> None:
        """Read every file that a document here refers to, so that schemas can be compiled over all of them.

        A reference that leads nowhere is passed over: it is reported with its place when something uses it.
        """
        waiting = list(self.documents.values())
        while waiting:
            document = waiting.pop()
            known = set(self.documents)
            for reference in _references(document.tree):
                origin = Node(document, "", document.tree)
                with suppress(ContractError, ValueError):  # in an example, even what is no address at all may stand
                    self.open(urldefrag(urljoin(document.uri, reference))[0], reference, origin)
            waiting += [self.documents[uri] for uri in self.documents.keys() - known]

    def open(self, address: str, reference: str, origin: Node) -> Document:
        """Give the document at an address, reading it when it is a file beside the ones we have."""
        if address in self.documents:
            return self.documents[address]
        if address == origin.document.uri:
            return origin.document
        parts = urlsplit(address)
        if parts.scheme not in ("file", "memory", "") or parts.netloc or urlsplit(reference).scheme:
            raise ContractError(
                f"{reference!r} is a remote reference; those are never fetched.",
                origin.place,
                "Save that document beside this one and refer to the file, or serve a folder that has it by its '$id'.",
            )
        from urllib.request import url2pathname  # it brings an HTTP client: 20 ms that other starts do not pay

        path = Path(url2pathname(parts.path))
        if parts.scheme != "file" or not path.is_file():
            raise ContractError(f"{reference!r} names a file that is not there.", origin.place, "Correct the path.")
        # Spaces and links: one file may be addressed in several ways, and overlays belong to all of them.
        known = self.documents.get(path.resolve().as_uri())
        document = self.documents[address] = known or read_document(path)
        return self.documents.setdefault(document.uri, document)


def _references(tree: Json) -> Iterator[str]:
    """Yield every `$ref` of a tree that leaves its document."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference[:1] != "#":
                yield reference
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a document states with a basis of its own: in its words, and where it stands."""

    what: str
    origin: Origin
    place: Place


def facts(document: Document) -> list[Fact]:
    """List what a document states with `x-basis`, in its order; the whole document goes by its `info`."""
    found = []
    for pointer, origin in document.stated.items():
        value: Json = document.tree.get("info", {}) if not pointer else _value(document.tree, pointer)
        words = value if isinstance(value, dict) else {}
        what = words.get("description") or words.get("summary") or words.get("title") or pointer
        found.append(Fact(str(what), origin, document.place(pointer)))
    return found


def _value(tree: Json, pointer: str) -> Json:
    for token in tokens(pointer):
        tree = tree[int(token)] if isinstance(tree, list) else tree[token]  # type: ignore[index]
    return tree


def read_document(path: Path) -> Document:
    """Read a document from disk. Raises `ContractError` when it cannot be read or parsed."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ContractError(
            f"The file cannot be read: {error.strerror}.", Place(str(path)), "Check the path."
        ) from None
    return Document.parse(raw, str(path), path.resolve().as_uri())
