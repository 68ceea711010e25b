"""The schemas of a contract, each with a number, and which of them a reference means. Compiles nothing.

A schema here is one that stands in no other: under `schema`, in `components/schemas`, or a file of its own.
"""

from __future__ import annotations

import bisect
import itertools
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from openapi.errors import ContractError
from openapi.keywords import DATA
from openapi.mending import broken_keywords, without
from openapi.pointers import child, tokens

if TYPE_CHECKING:
    import jsonschema_rs

    from openapi.document import Library, Node
    from openapi.reading import Json

__all__ = ["Units", "is_annotation", "is_known", "refuse_dead_ends"]

_DYNAMIC = ("$dynamicRef", "$dynamicAnchor")
_MATTERS = (b"$dynamicRef", b"$vocabulary")
"""Without these words in a document it makes no difference to its schemas which resource they are part of."""

_ANNOTATIONS = frozenset(
    ["title", "description", "summary", "$comment", "default", "example", "examples", "externalDocs", "xml",
     "deprecated", "discriminator", "nullable", "readOnly", "writeOnly"]
)  # fmt: skip


class Units:
    """The schemas of one contract by number. `version` is `3.0` or `3.1`.

    Attributes: `places` (number -> where it stands), `mended` (whether broken keywords are left out by now).
    """

    def __init__(self, library: Library, version: str) -> None:
        self.library = library
        self.version = version
        self.places: dict[int, Node] = {}
        self.mended = False
        self._numbers: dict[tuple[str, str], int] = {}
        self._count = itertools.count()
        self._targets: dict[tuple[str, str], tuple[int, str] | None] = {}
        self._left_out: dict[str, list[str]] = {}
        self._apart: dict[int, bool] = {}
        self._own: dict[str, tuple[str, str]] = {}
        self._addresses: dict[int, str] = {}
        self._identified: set[str] = set()

    def find(self, node: Node) -> tuple[int, str]:
        """Give the number of the schema that a place stands in, and the pointer from there on."""
        start = node.document.schema_at(node.pointer)
        if start is None or any(is_annotation(name) or name in DATA for name in tokens(node.pointer[len(start) :])):
            start = node.pointer  # what is written where no schema is expected is one all the same, if one refers to it
        spot = (node.document.uri, start)
        known = self._numbers.get(spot)
        if known is None:
            number = next(self._count)
            self.places[number] = self.library.at(node.document, start, node, start)
            known = self._numbers.setdefault(spot, number)
        return known, node.pointer[len(start) :]

    def target(self, reference: str, origin: Node) -> tuple[int, str] | None:
        """Tell what a reference means, as `find` does; None when it leads nowhere."""
        key = (origin.document.uri, reference)
        if key in self._targets:
            return self._targets[key]
        try:
            found = self.find(self.library.resolve(reference, origin))
        except ContractError:
            found = None
        if origin.document.names is None:  # otherwise it may mean something else from another place
            self._targets[key] = found
        return found

    def value(self, number: int) -> Json:
        """Give a schema as it is to be compiled: without what was left out."""
        node = self.places[number]
        broken, before = self._left_out.get(node.document.uri, []), node.pointer + "/"
        first = bisect.bisect_left(broken, before)
        within = itertools.takewhile(lambda pointer: pointer.startswith(before), itertools.islice(broken, first, None))
        pointers = [pointer[len(node.pointer) :] for pointer in within]
        return without(node.value, pointers) if pointers and isinstance(node.value, dict) else node.value

    def mend(self) -> None:
        """Leave out what validators refuse, or misread, in all documents at once, with a warning for each."""
        self.mended = True
        for broken in broken_keywords(self.library, self.version):
            self._left_out.setdefault(broken.node.document.uri, []).append(broken.node.pointer)
            self.library.warn("schema-keyword-broken", broken.what, broken.node, broken.remedy)
        for pointers in self._left_out.values():
            pointers.sort()

    def is_apart(self, number: int) -> bool:
        """Tell whether a schema has to be a resource of its own.

        It has when it means by `$dynamicRef` what those before it say, or is such a one, or is of a dialect of its own.
        """
        if not self._some_apart:
            return False
        if number not in self._apart:
            self._apart[number] = _is_apart(self.places[number].value)
        return self._apart[number]

    @cached_property
    def _some_apart(self) -> bool:
        documents = tuple(self.library.documents.values())
        return self.version != "3.0" and any(word in one.raw or one.origins for one in documents for word in _MATTERS)

    def address(self, number: int) -> str:
        """Give the address of a schema that is a resource of its own: its `$id`, else its document's with a query."""
        if number not in self._addresses:
            self._addresses[number] = self._addressed(self.places[number])
        return self._addresses[number]

    def _addressed(self, node: Node) -> str:
        document, names = node.document, node.document.names
        if names is not None and document.uri not in self._identified:
            self._identified.add(document.uri)
            self._own.update({identifier: (document.uri, pointer) for identifier, pointer in names.ids.items()})
        own = document.uri if names is None else names.base(node.pointer)
        if own == document.uri and node.pointer:
            own = f"{document.uri}?{quote(node.pointer, safe='/~')}"
        self._own.setdefault(own, node.spot)
        return own

    def clause(self, error: jsonschema_rs.ValidationError) -> tuple[str, str]:
        """Tell where the keyword stands that a value breaks: address of the document and JSON pointer."""
        where = (error.absolute_keyword_location or "").partition("#")[0]
        path = error.schema_path
        if where in self._own:
            where, start = self._own[where]
            return where, start + child("", *path)
        if where:
            return where, child("", *path)
        node = self.places[int(path[0])]
        return node.document.uri, node.pointer + child("", *path[1:])


def is_annotation(name: str) -> bool:
    """Tell whether a keyword says nothing that a validator could hold a value to."""
    return name in _ANNOTATIONS or name.startswith("x-")


def is_known(reference: str) -> bool:
    """Tell whether a reference means one of the schemas of JSON Schema itself, which every validator knows."""
    return reference.startswith(("https://json-schema.org/draft/", "http://json-schema.org/draft-0"))


def refuse_dead_ends(library: Library, node: Node) -> None:
    """Raise the `ContractError` of a reference in or behind a schema that cannot be followed, at its place."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if node.spot in seen:
            continue
        seen.add(node.spot)
        if isinstance(node.value, dict):
            reference = node.value.get("$ref")
            if isinstance(reference, str) and not is_known(reference):
                waiting.append(library.follow(node))
            if isinstance(node.value.get("$dynamicRef"), str):
                waiting.append(library.resolve(str(node.value["$dynamicRef"]), node))
            waiting += [member for name, member in node.members() if name not in DATA]
        elif isinstance(node.value, list):
            waiting += node.items()


def _is_apart(schema: Json) -> bool:
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            dialect = value.get("$schema")
            if any(isinstance(value.get(keyword), str) for keyword in _DYNAMIC):
                return True
            if isinstance(dialect, str) and not is_known(dialect):
                return True
            waiting += [item for name, item in value.items() if name not in DATA]
        elif isinstance(value, list):
            waiting += value
    return False
