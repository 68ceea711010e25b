"""The contract: all documents of a run, their operations compiled, and where each path leads.

`load_contract` reads documents from disk; `packaged_contract` gives the vendor's, in one of its profiles.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from openapi.checking import body_notices, document_notices
from openapi.document import Library, Node, read_document
from openapi.errors import ContractError, Notice, Place, nearest
from openapi.escapes import plain
from openapi.operation import METHODS, Operation
from openapi.pointers import child
from openapi.profiles import PROFILES, overlaid, packaged_documents, read_overlays
from openapi.routing import Match, Router
from openapi.schema import Schemas
from openapi.servers import base_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from openapi.document import Document
    from openapi.reading import Json

__all__ = [
    "PROFILES",
    "Contract",
    "Unserved",
    "compile_contract",
    "document_files",
    "document_names",
    "load_contract",
    "packaged_contract",
    "served_at",
]

EAGER = 20
"""Up to this many operations, every schema gets its validator at the start; beyond it, when it is first used."""

LARGE = 1_000_000
"""From this many bytes on, documents are not looked through before they are served; `Contract.verify` does it."""


@dataclass(frozen=True, slots=True)
class Unserved:
    """An operation that cannot be served, and why; `method` is `*` when what its path takes cannot be read."""

    method: str
    path: str
    reason: ContractError


class Contract:
    """Documents with their operations, which are compiled when they are first used.

    Attributes: `documents`, `operations` (in document order), `profile` (`published`, `observed`, or '' for documents
    of the user's own), `unserved` (operations that turned out not to be servable; no other is affected).
    """

    def __init__(
        self,
        documents: tuple[Document, ...],
        operations: Iterable[Operation],
        router: Router,
        library: Library,
        profile: str,
        notices: Iterable[Notice] = (),
        unserved: Iterable[Unserved] = (),
    ) -> None:
        self.documents = documents
        self.operations = tuple(operations)
        self.unserved = tuple(unserved)
        self.profile = profile
        self._router = router
        self._library = library
        self._said = list(notices)
        self._verified = False
        self._wanted: Callable[[Operation], bool] = lambda _: True

    @property
    def read(self) -> tuple[Document, ...]:
        """The documents and all that they refer to."""
        return tuple(self._library.documents.values())

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was found so far; of a large document only `verify` finds all."""
        return tuple(dict.fromkeys([*self._said, *self._library.notices]))

    def verify(self, *, judged: bool = False) -> None:
        """Look through everything now: compile each operation, and find all that there is to notice.

        What cannot be served leaves `operations` for `unserved`. judged: the schemas were looked through before, when
        the documents were made.
        """
        if self._verified:
            return
        self._verified = True
        find_troubles(self.operations)
        troubled = [one for one in self.operations if one.trouble is not None]
        self.operations = tuple(one for one in self.operations if one.trouble is None)
        for one in troubled:
            assert one.trouble is not None
            self.unserved += (Unserved(one.method, one.base_paths[0] + one.path, one.trouble),)
        for operation in self.operations:
            self._said += body_notices(operation)
        for document in self.documents if not judged else ():
            self._said += document_notices(self._library, document, _version(document))
        self.__dict__.pop("_by_name", None)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of what is served, as 64 hexadecimal digits: documents, with overlays and their reasons."""
        trees = [
            [one.tree, {pointer: [origin.basis, origin.evidence] for pointer, origin in one.origins.items()}]
            for one in self.read or self.documents
        ]
        return hashlib.sha256(json.dumps(trees).encode()).hexdigest()

    @property
    def documented_operations(self) -> tuple[Operation, ...]:
        """The operations that somebody promised, as far as chosen: all but those of reconstructed documents."""
        return tuple(one for one in self.operations if not one.reconstructed and self._wanted(one))

    def choose(self, wanted: Callable[[Operation], bool]) -> None:
        """Leave `documented_operations` those that a function wants; the others are still known, and found."""
        self._wanted = wanted

    @property
    def first(self) -> Operation:
        """The first operation that can be read: to show how one is called. A large document is not verified yet."""
        return next((one for one in self.operations if one.compiles), self.operations[0])

    def find(self, path: str) -> Match | None:
        """Find the operations at a request path (decoded, perhaps `protected`, with the server's base path)."""
        found = self._router.find(path)
        return found if found is not None or path.isascii() else self._router.find(plain(path))

    def operation(self, identifier: str) -> Operation:
        """Give the operation of an operationId or `METHOD /path`. Raises `ContractError` naming the nearest."""
        found = self._by_name.get(identifier)
        if found is not None:
            return found
        known = [operation.id or operation.name for operation in self.operations]
        more = ", ..." if len(known) > 20 else ""
        hint = nearest(identifier, known) or f"There are: {', '.join(known[:20])}{more}."
        raise ContractError(f"There is no operation {identifier!r}.", None, hint)

    @cached_property
    def _by_name(self) -> dict[str, Operation]:
        named = {one.name: one for one in reversed(self.operations)}
        return {**named, **{one.id: one for one in reversed(self.operations)}}

    def nearest_operations(self, path: str, most: int = 3) -> list[str]:
        """Name the operations whose paths are most like a path, best first."""
        from difflib import SequenceMatcher  # only for a refusal

        matcher = SequenceMatcher(b=path[:200].lower())
        found = []
        for operation in self.operations:
            matcher.set_seq1((operation.base_paths[0] + operation.path).lower())
            found.append((matcher.quick_ratio(), operation))
        found.sort(key=lambda one: -one[0])
        return [f"{one.method} {one.base_paths[0]}{one.path}" for likeness, one in found[:most] if likeness > 0.5]


def packaged_contract(profile: str = "published", overlays: Sequence[Path] = ()) -> Contract:
    """Give the vendor's contract as packaged. Raises `ContractError` for an unknown profile or a broken overlay."""
    if profile not in PROFILES:
        hint = nearest(profile, PROFILES) or f"Choose one of {', '.join(PROFILES)}."
        raise ContractError(f"There is no profile {profile!r}.", None, hint)
    documents, notices = packaged_documents(profile)
    return compile_contract(documents, overlays, profile, notices)


def load_contract(sources: Sequence[Path], overlays: Sequence[Path] = ()) -> Contract:
    """Read documents, or all documents of folders, and compile them. Raises `ContractError`."""
    documents: dict[str, Document] = {}
    notices: list[Notice] = []
    schemas: list[Document] = []
    for source in sources:
        for document in _folder(source, notices, schemas) if source.is_dir() else [read_document(source)]:
            documents.setdefault(document.uri, document)  # a file named twice, or beside its folder, is one document
    return compile_contract(documents.values(), overlays, "", notices, schemas)


def compile_contract(
    documents: Iterable[Document],
    overlays: Sequence[Path] = (),
    profile: str = "",
    notices: Iterable[Notice] = (),
    schemas: Iterable[Document] = (),
) -> Contract:
    """Apply overlays and find every operation. Raises `ContractError` for what cannot be served.

    schemas: files of schemas that may be referred to by their `$id`, or by the address that they are known under.
    """
    said = list(notices)
    if overlays:
        changed, new = overlaid(tuple(documents), read_overlays(overlays))
        documents = changed
        said += new
    documents = tuple(documents)
    library = Library([*documents, *schemas])
    router = Router()
    operations: list[Operation] = []
    unserved: list[Unserved] = []
    by_id: dict[str, Operation] = {}
    makers = {version: Schemas(library, version) for version in ("3.0", "3.1")}
    for document in documents:
        for operation in _operations(document, library, makers[_version(document)], unserved):
            lost = _route(router, operation, document)
            if lost is not None:
                unserved.append(Unserved(operation.method, operation.base_paths[0] + operation.path, lost))
                continue
            _let_span(router, operation)
            _tell_apart(by_id, operation)
            operations.append(operation)
    library.load_references()
    contract = Contract(documents, operations, router, library, profile, said, unserved)
    if sum(len(document.raw) for document in library.documents.values()) < LARGE:
        contract.verify(judged=bool(profile) and not overlays)
    if not contract.operations:
        place = documents[0].place() if documents else Place("the contract")
        first = contract.unserved[0].reason if contract.unserved else None
        raise first or ContractError("No operation is defined.", place, "Add a path with a method under 'paths'.")
    return contract


def _folder(folder: Path, notices: list[Notice], schemas: list[Document]) -> list[Document]:
    found = []
    for path in document_files(folder):
        document = read_document(path)
        if "openapi" in document.tree or "swagger" in document.tree:
            found.append(document)
        elif isinstance(document.tree.get("$id"), str):
            schemas.append(document)
        else:
            what = "This file has no 'openapi' at its top and is not served."
            notices.append(Notice("note", "file-passed-over", what, document.place()))
    if not found:
        raise ContractError("The folder holds no OpenAPI document.", Place(str(folder)), "Put one into it.")
    return found


def document_files(folder: Path) -> Iterator[Path]:
    """Give the files of a folder, and of those in it, that may be documents; what is hidden is passed over."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in (".yaml", ".yml", ".json") and path.is_file():
            yield path


def _version(document: Document) -> str:
    version = document.tree.get("openapi")
    if isinstance(version, str | float) and str(version).startswith(("3.0", "3.1")):
        return str(version)[:3]
    if "swagger" in document.tree:
        what, remedy = "This is a Swagger 2.0 document.", "Convert it to OpenAPI 3, for instance with swagger2openapi."
    elif isinstance(version, str) and version.startswith("3.2"):
        what, remedy = "OpenAPI 3.2 is not supported yet.", "Write 'openapi: 3.1.1' if it uses nothing new of 3.2."
    elif version is None:
        what, remedy = "The document has no 'openapi' version.", "Add 'openapi: 3.1.0' at its top."
    else:
        what, remedy = (
            f"{version!r} is not a supported OpenAPI version.",
            "Write 3.0.x or 3.1.x, in quotes if it is a number.",
        )
    raise ContractError(what, document.place("/openapi" if version is not None else ""), remedy)


def _operations(
    document: Document, library: Library, schemas: Schemas, unserved: list[Unserved]
) -> Iterable[Operation]:
    root = Node(document, "", document.tree)
    paths = root.get("paths")
    for path, entry in paths.members() if paths is not None and isinstance(paths.value, dict) else []:
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            library.warn(
                "path-without-slash", f"The path {path!r} does not start with '/'; it is put there.", entry, "Add it."
            )
        path = "/" + path.removeprefix("/")  # noqa: PLW2901 - the same path, as it has to be written
        method = "*"
        try:
            item = library.follow(entry)
            for method in METHODS:
                node = item.get(method)
                if node is not None:
                    bases = base_paths(node.get("servers") or item.get("servers") or root.get("servers"), library)
                    yield Operation(schemas, root, method, path, item, bases)
        except ContractError as error:
            unserved.append(Unserved(method.upper(), path, error))


def document_names(documents: Sequence[Document]) -> dict[str, Document]:
    """Name each document by as much of the end of its path as tells it from the others; the rest stays private."""
    paths = [unquote(document.uri).split("/") for document in documents]
    for length in range(1, max(map(len, paths)) + 1):
        names = {"/".join(path[-length:]): document for path, document in zip(paths, documents, strict=True)}
        if len(names) == len(documents):
            return names
    return {document.uri: document for document in documents}


def served_at(document: Document, url: str) -> dict[str, Json]:
    """Give the tree of a document with every server moved to `url`, behind which its base path stays."""
    root = Node(document, "", document.tree)
    tree: dict[str, Json] = {**document.tree, "servers": _servers(root.get("servers"), url)}
    paths = root.get("paths")
    if paths is not None:
        tree["paths"] = {path: _moved(entry, url) for path, entry in paths.members()}
    return tree


def _moved(item: Node, url: str) -> Json:
    """Move the servers that a path item, or an operation in it, has of its own."""
    if not isinstance(item.value, dict):
        return item.value
    own: dict[str, Json] = {"servers": _servers(item.get("servers"), url)} if "servers" in item.value else {}
    return {**item.value, **{name: _moved(node, url) for name, node in item.members() if name in METHODS}, **own}


def _servers(servers: Node | None, url: str) -> list[Json]:
    return [{"url": url + base} for base in base_paths(servers)]


def _route(router: Router, operation: Operation, document: Document) -> ContractError | None:
    """Give an operation its places; tell why when another one of its document has them all.

    Raises `ContractError` when one of another document has one: which of the two should answer, nobody said.
    """
    lost = []
    for base in operation.base_paths:
        holder = router.add(base + operation.path, operation)
        if holder is not operation:
            what = f"{operation.name} is also defined at {holder.node.place}."
            if holder.document is not document:
                remedy = "Serve the two documents apart, or remove one of the operations with an overlay."
                if operation.reconstructed and not holder.reconstructed:
                    remedy = "Delete the reconstructed one: the vendor's own document comes first."
                raise ContractError(what, operation.node.place, remedy)
            remedy = "Make the paths differ, or remove one of the two with an overlay."
            lost.append(ContractError(f"{what} No request can tell the two apart.", operation.node.place, remedy))
    return lost[0] if len(lost) == len(operation.base_paths) else None


def _let_span(router: Router, operation: Operation) -> None:
    """Find the path parameters that may hold a slash: by `allowReserved`, or by a pattern with one in it."""
    if "{" in operation.path and (names := operation.spanning):
        for base in operation.base_paths:
            router.let_span(base + operation.path, names)


def _tell_apart(known: dict[str, Operation], operation: Operation) -> None:
    """Let an operation whose operationId is taken go by its method and path."""
    if "operationId" not in operation.node.mapping:
        return
    first = known.setdefault(operation.id, operation)
    if first is not operation:
        what = (
            f"The operationId {operation.id!r} of {operation.name} is also that of {first.name}; it goes by its path."
        )
        at = Node(operation.node.document, child(operation.node.pointer, "operationId"), operation.id)
        operation.library.warn("operation-id-twice", what, at, "Rename one of the two, with an overlay if need be.")
        operation.id = operation.name


def find_troubles(operations: Sequence[Operation]) -> None:
    """Compile every operation and find out which cannot be served; each then knows its `trouble`.

    Schemas are compiled together, which is quick; if there are few, each for its use as well.
    """
    compiled = [one for one in operations if one.compiles]
    _vouch(compiled)
    if len(operations) <= EAGER:
        for operation in compiled:
            if operation.trouble is None:
                operation.compile_schemas()


def _vouch(operations: Sequence[Operation]) -> None:
    """Find out of which operations all schemas compile, in halves where they do not."""
    if not operations:
        return
    found = [schema for operation in operations for schema in operation.schemas]
    if all(makers.verify([one for one in found if one.schemas is makers]) for makers in {one.schemas for one in found}):
        for operation in operations:
            operation.vouch()
    elif len(operations) > 1:
        middle = len(operations) // 2
        _vouch(operations[:middle])
        _vouch(operations[middle:])
