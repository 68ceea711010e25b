"""The contract: all documents of a run, their operations compiled, and where each path leads.

`load_contract` reads documents from disk; `packaged_contract` gives the vendor's, in one of its profiles.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from openapi.assembling import Unserved, find_operations, let_span, route, tell_apart
from openapi.checking import body_notices, document_notices
from openapi.document import Library, read_document
from openapi.errors import ContractError, Notice, Place, nearest
from openapi.escapes import plain
from openapi.folders import document_files, document_names, read_folder
from openapi.profiles import PROFILES, overlaid, packaged_documents, read_overlays
from openapi.routing import Match, Router
from openapi.schema import Schemas
from openapi.told import Told
from openapi.troubles import find_troubles
from openapi.versions import Rules, new_words, rules_of
from openapi.wrong_examples import example_notices, sample_notices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from openapi.document import Document
    from openapi.operation import Operation

__all__ = [
    "PROFILES",
    "Contract",
    "Unserved",
    "compile_contract",
    "document_files",
    "document_names",
    "load_contract",
    "packaged_contract",
]

LARGE = 1_000_000
"""From this many bytes on, documents are not looked through before they are served; `Contract.verify` does it."""


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
        for compiler in () if judged else dict.fromkeys(one.compiler for one in self.operations):
            compiler.mend()
        find_troubles(self.operations)
        troubled = [one for one in self.operations if one.trouble is not None]
        self.operations = tuple(one for one in self.operations if one.trouble is None)
        for one in troubled:
            assert one.trouble is not None
            self.unserved += (Unserved(one.method, one.base_paths[0] + one.path, one.trouble),)
        for operation in self.operations:
            self._said += [*body_notices(operation), *example_notices(operation)]
        if not judged:
            self._look_through()
        self.__dict__.pop("_by_name", None)

    def _look_through(self) -> None:
        """Find what is wrong in the documents beside their operations."""
        from openapi.oddities import dead_ends, field_notices  # 3 ms that a start on the packaged contract does not pay

        told = Told([*self.notices, *(one.reason for one in self.unserved)])
        for document in self.documents:
            said = document_notices(self._library, document, rules_of(document))
            said += sample_notices(self._library, document)
            told.add(said)
            more = [*dead_ends(self._library, document, told), *field_notices(document, told)]
            told.add(more)
            self._said += [*said, *more]

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
    def has_path_parameters(self) -> bool:
        """Whether the path of any operation has a parameter: then what was encoded in a path matters."""
        return any("{" in one.path for one in self.operations)

    @property
    def first(self) -> Operation:
        """The first operation that can be read: to show how one is called. A large document is not verified yet."""
        return next((one for one in self.operations if one.compiles), self.operations[0])

    def find(self, path: str) -> Match | None:
        """Find the operations at a request path (decoded, perhaps `protected`, with the server's base path)."""
        found = self._router.find(path)
        return found if found is not None or path.isascii() else self._router.find(plain(path))

    def fitting(self, path: str) -> list[Match]:
        """Find all operations at a request path, the most specific first: for a method that the first has not."""
        found = list(self._router.fitting(path))
        return found if found or path.isascii() else list(self._router.fitting(plain(path)))

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


def _hides_operations(notice: Notice) -> bool:
    """Tell whether a notice says why no operation is found: a method, or `paths`, that is misspelled."""
    within = notice.place.pointer.startswith("/paths/")
    return notice.code == "field-unknown" and (within or "'paths'" in notice.remedy)


def _why_nothing(contract: Contract) -> ContractError:
    """Say why no operation of a contract can be served."""
    if contract.unserved:
        return contract.unserved[0].reason
    slip = next((one for one in contract.notices if _hides_operations(one)), None)
    if slip is not None:
        return ContractError(f"No operation is defined. {slip.what}", slip.place, slip.remedy)
    place = contract.documents[0].place() if contract.documents else Place("the contract")
    if any(document.tree.get("webhooks") for document in contract.documents):
        what = "Only webhooks are described: requests that the provider sends, none that it answers."
        return ContractError(what, place, "Serve it once it has a path with a method under 'paths'.")
    return ContractError("No operation is defined.", place, "Add a path with a method under 'paths'.")


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
        for document in read_folder(source, notices, schemas) if source.is_dir() else [read_document(source)]:
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
    makers = {rules: Schemas(library, rules) for rules in get_args(Rules)}
    for document in documents:
        said += new_words(document)
        for doubt in document.doubts:
            place = doubt.place or document.place()
            said.append(Notice("warning", "basis-unknown", doubt.what, place, doubt.remedy))
        for operation in find_operations(document, library, makers[rules_of(document)], unserved):
            lost = route(router, operation, document)
            if lost is not None:
                unserved.append(Unserved(operation.method, operation.base_paths[0] + operation.path, lost))
                continue
            let_span(router, operation)
            tell_apart(by_id, operation)
            operations.append(operation)
    library.load_references()
    for one in tuple(library.documents.values()):
        library.spread(one)
    contract = Contract(documents, operations, router, library, profile, said, unserved)
    if sum(len(document.raw) for document in library.documents.values()) < LARGE:
        contract.verify(judged=bool(profile) and not overlays)
    if not contract.operations:
        raise _why_nothing(contract)
    return contract
