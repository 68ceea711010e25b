"""Find the operations of documents and give each its place: what cannot have one is told, and takes nobody with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import ContractError
from openapi.operation import METHODS, Operation
from openapi.pointers import child
from openapi.servers import base_paths
from openapi.versions import later_operations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.document import Document, Library
    from openapi.routing import Router
    from openapi.schema import Schemas

__all__ = ["Unserved", "find_operations", "let_span", "route", "tell_apart"]


@dataclass(frozen=True, slots=True)
class Unserved:
    """An operation that cannot be served, and why; `method` is `*` when what its path takes cannot be read."""

    method: str
    path: str
    reason: ContractError


def find_operations(
    document: Document, library: Library, schemas: Schemas, unserved: list[Unserved]
) -> Iterable[Operation]:
    """Yield the operations of a document, in its order; those that cannot be found go to `unserved`."""
    root = Node(document, "", document.tree)
    paths = root.get("paths")
    if paths is not None:
        paths = library.follow_anyway(paths)
    for path, entry in paths.members() if paths is not None and isinstance(paths.value, dict) else []:
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            library.warn(
                "path-without-slash", f"The path {path!r} does not start with '/'; it is put there.", entry, "Add it."
            )
        if "?" in path or "#" in path:
            what = f"No request has the path {path!r}: a path ends before '?' and '#'."
            library.warn("path-with-query", what, entry, "Describe what follows as parameters with 'in: query'.")
        path = "/" + path.removeprefix("/")  # noqa: PLW2901 - the same path, as it has to be written
        method = "*"
        try:
            items = library.followed(entry)
            servers = next((found for item in items if (found := item.get("servers")) is not None), None)
            for method in METHODS:
                # What a path item has beside its `$ref` counts as well as what that leads to (3.1.2, 4.9.1).
                own = next((item for item in items if item.get(method) is not None), None)
                node = own.get(method) if own is not None else None
                if own is not None and node is not None:
                    bases = base_paths(node.get("servers") or servers or root.get("servers"), library)
                    others = tuple(item for item in reversed(items) if item is not own)
                    yield Operation(schemas, root, method, path, own, bases, others)
            unserved += [Unserved(later, path, why) for item in items for later, why in later_operations(item)]
        except ContractError as error:
            unserved.append(Unserved(method.upper(), path, error))


def route(router: Router, operation: Operation, document: Document) -> ContractError | None:
    """Give an operation its places; tell why when another one of its document has them all.

    Raises `ContractError` when one of another document has one: which of the two should answer, nobody said.
    """
    lost = []
    for base in operation.base_paths:
        holder = router.add(base + operation.path, operation)
        if holder is not operation:
            what = f"{operation.method} {base}{operation.path} is also defined at {holder.node.place}."
            if holder.document is not document:
                remedy = "Serve the two documents apart, or remove one of the operations with an overlay."
                if operation.reconstructed and not holder.reconstructed:
                    remedy = "Delete the reconstructed one: the vendor's own document comes first."
                raise ContractError(what, operation.node.place, remedy)
            remedy = "Make the paths differ, or remove one of the two with an overlay."
            lost.append(ContractError(f"{what} No request can tell the two apart.", operation.node.place, remedy))
    return lost[0] if len(lost) == len(operation.base_paths) else None


def let_span(router: Router, operation: Operation) -> None:
    """Find the path parameters that may hold a slash: by `allowReserved`, or by a pattern with one in it."""
    if "{" in operation.path and (names := operation.spanning):
        for base in operation.base_paths:
            router.let_span(base + operation.path, names)


def tell_apart(known: dict[str, Operation], operation: Operation) -> None:
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
