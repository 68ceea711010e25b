"""The documents of a contract and what they refer to: within and between files on disk, never over the network.

It does not know what an operation is.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from openapi.errors import ContractError, Notice, Place, nearest
from openapi.naming import inside, is_schema, join
from openapi.nodes import Document, Node
from openapi.pointers import child, tokens
from openapi.provenance import DOCUMENTED, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.reading import Json

__all__ = ["DOCUMENTED", "Document", "Fact", "Library", "Node", "Origin", "facts", "read_document"]


_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")

_MOST_COMPARED = 500_000
"""Names in all that are compared to find the nearest to what is missing: a large document may lack very much."""


class Library:
    """The documents of one contract, and those that they refer to, each read once.

    `notices` collects what was found wrong while they were used, and was passed over.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self.documents = {document.uri: document for document in documents}
        self.notices: list[Notice] = []
        self._hints: dict[tuple[str, str], str] = {}
        self._compared = 0

    def warn(self, code: str, what: str, node: Node, remedy: str = "") -> None:
        """Note that something is wrong and is served all the same."""
        self.notices.append(Notice("warning", code, what, node.place, remedy))

    def follow(self, node: Node) -> Node:
        """Follow `$ref` until something else stands there. Raises `ContractError` for a dead end or a circle."""
        return self.followed(node)[-1]

    def followed(self, node: Node) -> list[Node]:
        """Follow `$ref` likewise, and give each place on the way, the last included."""
        way = [node]
        seen: set[tuple[str, str]] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            if node.spot in seen:
                raise ContractError("The reference leads back to itself.", node.place, "Point it at a definition.")
            seen.add(node.spot)
            node = self.resolve(str(node.value["$ref"]), node)
            way.append(node)
        return way

    def reached(self, node: Node) -> Node | None:
        """Follow `$ref` as `follow` does; None for a dead end, of which those who need it tell."""
        try:
            return self.follow(node)
        except ContractError:
            return None

    def follow_anyway(self, node: Node) -> Node:
        """Follow a reference where OpenAPI allows none, with a warning: most tools do."""
        if isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            self.warn(
                "ref-out-of-place", "OpenAPI allows no '$ref' here; it is followed.", node, "Write out what it names."
            )
        return self.follow(node)

    def spread(self, document: Document) -> None:
        """Write out a `$ref` in the place of all components, or of all of one kind: their names are then found.

        Documents of several files are often written so. One that leads nowhere stays: who uses it is told.
        """
        self._spread(document, document.tree, "", "components")
        components = document.tree.get("components")
        for kind in tuple(components) if isinstance(components, dict) else ():
            self._spread(document, components, "/components", kind)

    def _spread(self, document: Document, holder: Json, pointer: str, name: str) -> None:
        value = holder.get(name) if isinstance(holder, dict) else None
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(holder, dict) or not isinstance(reference, str):
            return
        with suppress(ContractError):
            target = self.follow_anyway(Node(document, child(pointer, name), value))
            address, _, fragment = reference.partition("#")
            if isinstance(target.value, dict):
                holder[name] = {
                    one: {"$ref": f"{address}#{quote(child(unquote(fragment), one), safe='/~')}"}
                    for one in target.value
                }

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
            document, start = self._named(address, origin) or (self._beside(address, reference, origin), "")
        if pointer and not pointer.startswith("/"):
            near = origin.pointer if document is origin.document else ""
            known = document.names.find(address, pointer, near) if document.names is not None else None
            if known is None:
                what = f"{reference!r} is not a JSON pointer, and there is no '$anchor' of that name."
                raise ContractError(what, origin.place, "Write '#/components/...' after the file name.")
            return self.at(document, known, origin, reference)
        if reference[:1] == "#" and not start:
            start = self._own_root(document, pointer, origin)
        elif reference[:2] == "#/" and not inside(document.tree, start + pointer) and inside(document.tree, pointer):
            start = ""  # by the letter it counts from the `$id` around it, and leads nowhere; from the top is meant
        return self.at(document, start + pointer, origin, reference)

    def _named(self, address: str, origin: Node) -> tuple[Document, str] | None:
        """Find the schema whose `$id` is an address, in the document that refers to it before all others."""
        for document in (origin.document, *tuple(self.documents.values())):
            found = None if document.names is None else document.names.find(address, "", origin.pointer)
            if found is not None:
                return document, found
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
        if not whole or not inside(self.at(document, whole, origin, whole).value, pointer):
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
                hint = self._hint((document.uri, pointer), token, value) or "Define it or correct the reference."
                raise ContractError(f"{reference!r} leads nowhere: there is no {token!r}.", origin.place, hint)
        return Node(document, pointer, value)

    def _hint(self, target: tuple[str, str], token: str, value: Json) -> str:
        """Name the key of a value that is nearest to one that a target needs; each target is looked at once."""
        known = self._hints.get(target)
        if known is None:
            names = value if isinstance(value, dict) and self._compared < _MOST_COMPARED else ()
            self._compared += len(names)
            known = self._hints[target] = nearest(token, names)
        return known

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
