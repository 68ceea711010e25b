"""One operation, compiled when it is first used: how its request is read, what it may answer, who may call it.

What is wrong with it and does not stop it from being served becomes a notice of the library; what does is its
`trouble`. Works on values only; it knows no server, no client and no profile.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import DOCUMENTED, Node
from openapi.errors import ContractError
from openapi.media_types import MediaType, compile_media_types, essence, fits, specificity
from openapi.own_parameters import operation_parameters, spanning_names
from openapi.pointers import child
from openapi.responses import Response, compile_responses, find_response, find_success
from openapi.samples import MISSING, Missing
from openapi.security import SecurityScheme, compile_security

if TYPE_CHECKING:
    from openapi.document import Library, Origin
    from openapi.parameters import Parameter, Texts
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas, Violation

__all__ = ["METHODS", "MediaType", "Operation", "Response", "SecurityScheme", "essence"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


MOST_KNOWN_TYPES = 50
"""Content types of requests for which an operation remembers the declaration that they are of."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What of an operation is compiled."""

    parameters: tuple[Parameter, ...]
    body_required: bool
    body: tuple[MediaType, ...]
    responses: tuple[Response, ...]
    security: tuple[tuple[SecurityScheme, ...], ...]


class Operation:
    """One path and method of a document; `parameters`, `body`, `responses` and `security` are compiled on demand.

    `base_paths`: the path parts of its servers; '' when they have none. `document`: that its path stands in. Reading a
    part raises `ContractError` when the operation cannot be served; `trouble` tells that beforehand.
    """

    __slots__ = (
        "_by_type", "_items", "_parts", "_root", "_schemas", "_sound", "_trouble", "base_paths", "document", "id",
        "library", "method", "node", "path", "summary",
    )  # fmt: skip

    def __init__(
        self,
        schemas: Schemas,
        root: Node,
        method: str,
        path: str,
        item: Node,
        base_paths: tuple[str, ...],
        others: tuple[Node, ...] = (),
    ) -> None:
        """Find an operation in a path item. Raises `ContractError` when it is no mapping.

        `root` is the document that the path stands in, which may be another than that of the path item: security
        schemes are looked up there. others: what else describes the path, where one path item refers to another.
        """
        self.node = schemas.library.follow_anyway(
            Node(item.document, child(item.pointer, method), item.mapping[method])
        )
        mapping = self.node.mapping
        identifier = mapping.get("operationId")
        self.method = method.upper()
        self.path = path
        self.id = identifier if isinstance(identifier, str) and identifier else self.name
        self.summary = str(mapping.get("summary") or "")
        self.base_paths = base_paths
        self.library = schemas.library
        self._schemas = schemas
        self._root = root
        self._items = (*others, item)
        self.document = root.document
        self._parts: _Parts | None = None
        self._sound = False
        self._by_type: dict[str, MediaType | None] = {}
        self._trouble: ContractError | None = None

    def _compiled(self) -> _Parts:
        if self._parts is None:
            if self._trouble is not None:
                raise self._trouble
            try:
                self._parts = _compile(self, self._schemas, self._root, self._items)
            except ContractError as error:
                self._trouble = error
                raise
        return self._parts

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, those of its path item included."""
        return (self._parts or self._compiled()).parameters

    @property
    def body_required(self) -> bool:
        """Whether a request needs a body."""
        return (self._parts or self._compiled()).body_required

    @property
    def body(self) -> tuple[MediaType, ...]:
        """The media types that its body may have; none when it takes no body."""
        return (self._parts or self._compiled()).body

    @property
    def responses(self) -> tuple[Response, ...]:
        """Its documented answers, in document order."""
        return (self._parts or self._compiled()).responses

    @property
    def security(self) -> tuple[tuple[SecurityScheme, ...], ...]:
        """Alternatives, each a tuple of schemes that are all needed; an empty alternative lets anyone in."""
        return (self._parts or self._compiled()).security

    @property
    def trouble(self) -> ContractError | None:
        """Why it cannot be served: the first thing that makes its requests or its success unreadable, or None.

        Its schemas are compiled for it, once.
        """
        if not self._sound and self._trouble is None:
            try:
                self.compile_schemas()
            except ContractError as error:
                self._trouble = error
                self._parts = None
        return self._trouble

    @property
    def spanning(self) -> set[str]:
        """The path parameters that say they may hold a slash, found without compiling anything."""
        return spanning_names(self.library, self.path, (*self._items, self.node))

    @property
    def compiles(self) -> bool:
        """Whether it can be read at all; its schemas are not compiled for it."""
        if self._parts is None and self._trouble is None:
            with suppress(ContractError):
                self._compiled()
        return self._parts is not None

    @property
    def schemas(self) -> list[Schema]:
        """The schemas of its parameters, bodies and responses."""
        media = [*self.body, *(one for response in self.responses for one in response.media_types)]
        found = [schema for one in media for schema in one.schemas]
        return [*found, *(one.schema for one in self.parameters if one.schema is not None)]

    def schema_at(self, node: Node, absent: str) -> Schema:
        """Compile a schema that belongs to none of its bodies, such as that of a header. absent: see `Schemas.at`."""
        return self._schemas.at(node, absent)

    def vouch(self) -> None:
        """Take note that all of its schemas compile."""
        self._sound = True

    def compile_schemas(self) -> None:
        """Compile its schemas. Raises `ContractError` for one of a request or of the success.

        One of another response is given up with a warning.
        """
        parts, chosen = self._compiled(), self.success()
        bodies = [*parts.body, *(chosen[1].media_types if chosen else ())]
        own = [one.schema for one in parts.parameters if one.schema is not None]
        for schema in (*(schema for one in bodies for schema in one.schemas), *own):
            schema.validator  # noqa: B018 - compiling it is what this is for
        for response in parts.responses:
            for media in response.media_types:
                media.verify()
        self._sound = True

    @property
    def name(self) -> str:
        """Method and path template, as people write them: `POST /volc/asset/CreateVisualValidateSession`."""
        return f"{self.method} {self.path}"

    def response(self, status: int) -> Response | None:
        """Find what documents a status: itself, else its range, else `default`."""
        return find_response(self.responses, status)

    def success(self) -> tuple[int, Response] | None:
        """Choose the answer to a valid request, as a careful person would; None when nothing is documented.

        The lowest 2xx, else `2XX` as 200, else the same of 3xx, else `default` as 200: beside a redirection it is the
        errors. Else the lowest status there is. No 1xx, which is no answer (RFC 9110 15.2).
        """
        return find_success(self.responses)

    def body_type(self, media_type: str) -> MediaType | None:
        """Find the body's declaration for a media type, perhaps with parameters: the most specific one that fits.

        Of several with the same name, the one whose parameters are all there.
        """
        found = self._by_type.get(media_type, MISSING)
        if isinstance(found, Missing):
            found = self._find_type(media_type)
            if len(self._by_type) < MOST_KNOWN_TYPES:
                self._by_type[media_type] = found
        return found

    def _find_type(self, media_type: str) -> MediaType | None:
        sent, *more = (part.strip().lower() for part in media_type.split(";"))
        best: MediaType | None = None
        most = (-1, -1)
        for one in self.body:
            declared, *asked = (part.strip().lower() for part in one.name.split(";"))
            if fits(declared, sent):
                rank = (specificity(declared), len(asked) if set(asked) <= set(more) else -1)
                if rank > most:
                    best, most = one, rank
        return best

    def check_parameters(self, texts: Texts) -> tuple[dict[str, Json], tuple[Violation, ...]]:
        """Read and check all parameters: values by name (absent ones left out), and what is wrong."""
        values: dict[str, Json] = {}
        wrong: tuple[Violation, ...] = ()
        for parameter in self.parameters:
            value, violations = parameter.check(texts)
            wrong += violations
            if not isinstance(value, Missing):
                values[parameter.name] = value
        return values, wrong

    def origin(self, clause: str) -> Origin:
        """Tell on which basis a clause stands, in this document or, with its address in front of `#`, in another."""
        if clause[:1] in ("", "/"):
            return self.node.document.origin(clause)
        address, _, pointer = clause.partition("#")
        other = self.library.documents.get(address)
        return DOCUMENTED if other is None else other.origin(pointer)

    @property
    def reconstructed(self) -> bool:
        """Whether its document was written by us from evidence, so that nobody promised any of it."""
        return self.node.document.reconstructed

    def extension(self, name: str) -> Node | None:
        """Find a specification extension (`x-...`) on the operation, else at the top of its document."""
        return self.node.get(name) or Node(self.node.document, "", self.node.document.tree).get(name)


def _compile(operation: Operation, schemas: Schemas, root: Node, items: tuple[Node, ...]) -> _Parts:
    library, node = schemas.library, operation.node
    body_required, body = _body(library, schemas, node)
    return _Parts(
        parameters=operation_parameters(library, schemas, (*items, node), operation.path),
        body_required=body_required,
        body=body,
        responses=compile_responses(library, schemas, node),
        security=compile_security(library, node, root),
    )


def _body(library: Library, schemas: Schemas, node: Node) -> tuple[bool, tuple[MediaType, ...]]:
    request_body = node.get("requestBody")
    if request_body is None:
        return False, ()
    request_body = library.follow(request_body)
    content = request_body.get("content")
    if content is None or not isinstance(content.value, dict):
        what = "The requestBody has no 'content': a body is not read."
        library.warn("body-without-content", what, request_body, "Add a media type under 'content'.")
        return False, ()
    return request_body.mapping.get("required") is True, compile_media_types(library, schemas, content, "readOnly")
