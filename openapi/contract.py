"""The contract: all documents of a run, their operations compiled, and where each path leads.

`load_contract` reads documents from disk; `packaged_contract` gives the vendor's, in one of its profiles.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from openapi.checking import body_notices, document_notices
from openapi.document import Library, Node, read_document
from openapi.errors import ContractError, Notice, Place, nearest
from openapi.operation import METHODS, Operation, compile_operation
from openapi.pointers import child
from openapi.profiles import PROFILES, overlaid, packaged_documents, read_overlays
from openapi.routing import Match, Router
from openapi.schema import Schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from openapi.document import Document
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = [
    "PROFILES",
    "Contract",
    "compile_contract",
    "document_files",
    "document_names",
    "load_contract",
    "packaged_contract",
    "served_at",
]

EAGER = 20
"""Up to this many operations, every schema gets its validator at the start; beyond it, when it is first used."""


class Contract:
    """Documents with their operations compiled.

    Attributes: `documents`, `operations` (in document order), `notices`, `profile` (`published`, `observed`, or ''
    for documents of the user's own), `read` (the documents and all that they refer to).
    """

    def __init__(
        self,
        documents: tuple[Document, ...],
        operations: tuple[Operation, ...],
        router: Router,
        notices: tuple[Notice, ...],
        profile: str,
        read: Iterable[Document] = (),
    ) -> None:
        self.read = tuple(read)
        self.documents = documents
        self.operations = operations
        self.notices = notices
        self.profile = profile
        self._router = router

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
        """The operations that somebody promised: all but those of reconstructed documents."""
        return tuple(operation for operation in self.operations if not operation.reconstructed)

    def find(self, path: str) -> Match | None:
        """Find the operations at a request path (decoded, with the server's base path)."""
        return self._router.find(path)

    def operation(self, identifier: str) -> Operation:
        """Give the operation of an operationId or `METHOD /path`. Raises `ContractError` naming the nearest."""
        for operation in self.operations:
            if identifier in (operation.id, operation.name):
                return operation
        known = [operation.id or operation.name for operation in self.operations]
        hint = nearest(identifier, known) or f"There are: {', '.join(known)}."
        raise ContractError(f"There is no operation {identifier!r}.", None, hint)

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
    for source in sources:
        for document in _folder(source, notices) if source.is_dir() else [read_document(source)]:
            documents.setdefault(document.uri, document)  # a file named twice, or beside its folder, is one document
    return compile_contract(documents.values(), overlays, "", notices)


def compile_contract(
    documents: Iterable[Document], overlays: Sequence[Path] = (), profile: str = "", notices: Iterable[Notice] = ()
) -> Contract:
    """Apply overlays and compile every operation. Raises `ContractError` for what cannot be served."""
    said = list(notices)
    if overlays:
        changed, new = overlaid(tuple(documents), read_overlays(overlays))
        documents = changed
        said += new
    documents = tuple(documents)
    library = Library(documents)
    router = Router()
    operations: list[Operation] = []
    by_id: dict[str, Operation] = {}
    schemas = {version: Schemas(library, version) for version in ("3.0", "3.1")}
    for document in documents:
        for operation in _operations(document, library, schemas[_version(document)]):
            _route(router, operation)
            _refuse_same_id(by_id, operation)
            said += body_notices(operation)
            operations.append(operation)
        if not profile or overlays:
            said += document_notices(library, document, _version(document))
    if not operations:
        place = documents[0].place() if documents else Place("the contract")
        raise ContractError("No operation is defined.", place, "Add a path with a method under 'paths'.")
    library.load_references()
    _compile_schemas(operations)
    return Contract(
        documents, tuple(operations), router, tuple(dict.fromkeys(said)), profile, library.documents.values()
    )


def _folder(folder: Path, notices: list[Notice]) -> list[Document]:
    found = []
    for path in document_files(folder):
        document = read_document(path)
        if "openapi" in document.tree or "swagger" in document.tree:
            found.append(document)
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
    if isinstance(version, str) and version.startswith(("3.0.", "3.1.")):
        return version[:3]
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


def _operations(document: Document, library: Library, schemas: Schemas) -> Iterable[Operation]:
    root = Node(document, "", document.tree)
    paths = root.get("paths")
    for path, entry in paths.members() if paths is not None else []:
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            raise ContractError(f"The path {path!r} does not start with '/'.", entry.place, "Add the slash.")
        item = library.follow(entry)
        for method in METHODS:
            node = item.get(method)
            if node is not None:
                bases = base_paths(node.get("servers") or item.get("servers") or root.get("servers"))
                yield compile_operation(library, schemas, root, method, path, item, bases)


def base_paths(servers: Node | None) -> tuple[str, ...]:
    """Give the path parts of server URLs, decoded, variables at their defaults: clients change only the host."""
    found = dict.fromkeys(_base_path(server) for server in (servers.items() if servers is not None else []))
    return tuple(found) or ("",)


def _base_path(server: Node) -> str:
    url = str(server.mapping.get("url") or "")
    variables = server.get("variables")
    for name, node in variables.members() if variables is not None else []:
        url = url.replace(f"{{{name}}}", str(node.mapping.get("default", "")))
    try:
        path = unquote(urlsplit(url).path).rstrip("/")
    except ValueError as error:
        raise ContractError(f"{url!r} is not a URL: {error}.", server.place, "Correct it.") from None
    if "{" in path:
        what = f"The server path {path} has a variable that is not defined."
        raise ContractError(what, server.place, "Give it a default under 'variables'.")
    return path if path[:1] in ("", "/") else "/" + path.lstrip("./")


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


def _route(router: Router, operation: Operation) -> None:
    for base in operation.base_paths:
        holder = router.add(base + operation.path, operation)
        if holder is not operation:
            remedy = "Serve the two documents apart, or remove one of the operations with an overlay."
            if operation.reconstructed and not holder.reconstructed:
                remedy = "Delete the reconstructed one: the vendor's own document comes first."
            raise ContractError(
                f"{operation.name} is also defined at {holder.node.place}.", operation.node.place, remedy
            )


def _refuse_same_id(known: dict[str, Operation], operation: Operation) -> None:
    if "operationId" not in operation.node.mapping:
        return
    first = known.setdefault(operation.id, operation)
    if first is not operation:
        raise ContractError(
            f"The operationId {operation.id!r} of {operation.name} is also that of {first.name} at {first.node.place}.",
            operation.node.document.place(child(operation.node.pointer, "operationId")),
            "Rename one of the two, with an overlay if the file is not yours.",
        )


def _compile_schemas(operations: Sequence[Operation]) -> None:
    """Make sure that every schema compiles: all at once, which is quick, and, if there are few, each for its use."""
    found: list[Schema] = []
    for operation in operations:
        media = [*operation.body, *(one for response in operation.responses for one in response.media_types)]
        declared = [*(one.schema for one in media), *(one.schema for one in operation.parameters)]
        found += [schema for schema in declared if schema is not None]
    for makers in {schema.schemas for schema in found}:
        makers.verify([schema for schema in found if schema.schemas is makers])
    if len(operations) <= EAGER:
        for schema in found:
            schema.validator  # noqa: B018 - compiling is what this loop is for
