"""One operation, compiled when it is first used: how its request is read, what it may answer, who may call it.

What is wrong with it and does not stop it from being served becomes a notice of the library; what does is its
`trouble`. Works on values only; it knows no server, no client and no profile.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openapi.document import DOCUMENTED, Node
from openapi.errors import ContractError, nearest
from openapi.parameters import Parameter, Texts, compile_parameter, undeclared
from openapi.pointers import child
from openapi.samples import MISSING, Missing, media_examples

if TYPE_CHECKING:
    from openapi.document import Library, Origin
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas, Violation

__all__ = ["METHODS", "MediaType", "Operation", "Response", "SecurityScheme", "essence"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """One way to authenticate. `kind`: bearer, basic, apiKey; `place` and `parameter` are for apiKey."""

    name: str
    kind: str
    place: str = "header"
    parameter: str = "authorization"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a body: its range as written, its schema if any, and its examples by name."""

    name: str
    schema: Schema | None
    examples: dict[str, Json]

    @property
    def is_json(self) -> bool:
        """Whether its values are JSON: they are read as such and checked against the schema."""
        return "json" in self.name.lower()

    def valid_example(self) -> Json | Missing:
        """Choose the first example that the schema allows; `MISSING` when there is none."""
        wanted = self.examples.values()
        return next((one for one in wanted if self.schema is None or not self.schema.check(one)), MISSING)

    def verify(self) -> None:
        """Compile the schema; when that cannot be done, warn instead, and find any value in order."""
        if self.schema is not None:
            try:
                self.schema.validator  # noqa: B018 - compiling it is what this is for
            except ContractError as error:
                what = f"{error.what} Any value is taken in its place."
                self.schema.give_up(what, error.remedy)

    @property
    def is_text(self) -> bool:
        """Whether its schema asks for text, which a body of any type is."""
        if self.schema is None:
            return False
        schema = self.schema.schemas.library.follow(self.schema.node).value
        return isinstance(schema, dict) and schema.get("type") == "string"


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer. `status`: three digits, a range such as `4XX`, or `default`."""

    status: str
    description: str
    headers: tuple[str, ...]
    media_types: tuple[MediaType, ...]
    node: Node


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
        "_item", "_parts", "_root", "_schemas", "_sound", "_trouble", "base_paths", "document", "id", "library",
        "method", "node", "path", "summary",
    )  # fmt: skip

    def __init__(
        self, schemas: Schemas, root: Node, method: str, path: str, item: Node, base_paths: tuple[str, ...]
    ) -> None:
        """Find an operation in a path item. Raises `ContractError` when it is no mapping.

        `root` is the document that the path stands in, which may be another than that of the path item: security
        schemes are looked up there.
        """
        self.node = Node(item.document, child(item.pointer, method), item.mapping[method])
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
        self._item = item
        self.document = root.document
        self._parts: _Parts | None = None
        self._sound = False
        self._trouble: ContractError | None = None

    def _compiled(self) -> _Parts:
        if self._parts is None:
            if self._trouble is not None:
                raise self._trouble
            try:
                self._parts = _compile(self, self._schemas, self._root, self._item)
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
        found = set()
        for owner in (self._item, self.node):
            listed = owner.mapping.get("parameters")
            for index in range(len(listed) if isinstance(listed, list) else 0):
                with suppress(ContractError):
                    pointer = child(owner.pointer, "parameters", index)
                    value = self.library.follow(Node(owner.document, pointer, listed[index])).mapping  # type: ignore[index]
                    schema = value.get("schema")
                    pattern = schema.get("pattern") if isinstance(schema, dict) else None
                    if value.get("in") == "path" and (value.get("allowReserved") is True or "/" in str(pattern or "")):
                        found.add(str(value.get("name")))
        return found

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
        found = [*(one.schema for one in media), *(one.schema for one in self.parameters)]
        return [schema for schema in found if schema is not None]

    def vouch(self) -> None:
        """Take note that all of its schemas compile."""
        self._sound = True

    def compile_schemas(self) -> None:
        """Compile its schemas. Raises `ContractError` for one of a request or of the success.

        One of another response is given up with a warning.
        """
        parts, chosen = self._compiled(), self.success()
        bodies = [*parts.body, *(chosen[1].media_types if chosen else ())]
        for schema in (*(one.schema for one in bodies), *(one.schema for one in parts.parameters)):
            if schema is not None:
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
        wanted = (str(status), f"{status // 100}XX", "default")
        return next((one for key in wanted for one in self.responses if one.status == key), None)

    def success(self) -> tuple[int, Response] | None:
        """Choose the answer to a valid request, as a careful person would; None when nothing is documented.

        The lowest 2xx, else `2XX` as 200, else the same of 3xx, else `default` as 200: beside a redirection it is the
        errors. Else the lowest status there is. No 1xx, which is no answer (RFC 9110 15.2).
        """
        by_status = {one.status: one for one in self.responses if one.status[:1] != "1"}
        exact = sorted(status for status in by_status if status.isdigit())
        for kind in "23":
            status = next((one for one in exact if one[0] == kind), f"{kind}XX")
            if status in by_status:
                return int(status.replace("XX", "00")), by_status[status]
        status = next(iter(sorted(exact) or sorted(by_status)), "")
        if "default" in by_status:
            return 200, by_status["default"]
        return (int(status.replace("XX", "00")), by_status[status]) if status else None

    def body_type(self, media_type: str) -> MediaType | None:
        """Find the body's declaration for a media type (lower case, no parameters), the most specific range first."""
        major = media_type.partition("/")[0]
        for wanted in (media_type, f"{major}/*", "*/*"):
            for one in self.body:
                if essence(one.name) == wanted:
                    return one
        return None

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


def essence(media_type: str) -> str:
    """Strip parameters and case: `Application/JSON; charset=utf-8` is `application/json`."""
    return media_type.partition(";")[0].strip().lower()


def _compile(operation: Operation, schemas: Schemas, root: Node, item: Node) -> _Parts:
    library, node = schemas.library, operation.node
    body_required, body = _body(library, schemas, node)
    return _Parts(
        parameters=_parameters(library, schemas, node, item, operation.path),
        body_required=body_required,
        body=body,
        responses=_responses(library, schemas, node),
        security=_security(library, node, root),
    )


def _parameters(library: Library, schemas: Schemas, node: Node, item: Node, path: str) -> tuple[Parameter, ...]:
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (item, node):
        listed = owner.get("parameters")
        for entry in _listed(library, listed):
            parameter = compile_parameter(library, schemas, entry)
            # OpenAPI: a header parameter of these names is ignored; other parts describe them
            ignored = parameter is None or (
                parameter.place == "header" and parameter.name.lower() in ("accept", "content-type", "authorization")
            )
            if parameter is not None and not ignored:
                found[parameter.place, parameter.name] = parameter
    templated = dict.fromkeys(part.partition("}")[0] for part in path.split("{")[1:])
    declared = [name for place, name in found if place == "path"]
    for name in declared:
        if name not in templated:
            what = f"The path {path} has no {{{name}}}: the path parameter {name!r} is ignored."
            remedy = nearest(name, templated) or "Remove the parameter or add it to the path."
            library.warn("path-parameter-ignored", what, found.pop(("path", name)).node, remedy)
    for name in templated:
        if name not in declared:
            what = f"The path names {{{name}}} and no path parameter of that name is declared; any text is taken."
            remedy = nearest(name, declared) or f"Add it to 'parameters' with 'in: path' and 'name: {name}'."
            library.warn("path-parameter-undeclared", what, node, remedy)
            found["path", name] = undeclared(name, node)
    asked = frozenset(name for place, name in found if place == "query")
    return tuple(
        replace(one, others=asked - {one.name}) if one.place == "query" and one.shape.rest is not None else one
        for one in found.values()
    )


def _listed(library: Library, node: Node | None) -> list[Node]:
    """Give the items of a list that may be missing; what is no list is passed over with a warning."""
    if node is None:
        return []
    if not isinstance(node.value, list):
        library.warn("not-a-list", "A list is expected here; this is ignored.", node, "Write a sequence.")
        return []
    return node.items()


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
    return request_body.mapping.get("required") is True, _media_types(library, schemas, content, "readOnly")


def _media_types(library: Library, schemas: Schemas, content: Node | None, absent: str) -> tuple[MediaType, ...]:
    if content is None or not isinstance(content.value, dict):
        return ()
    found = []
    for name, entry in content.members():
        media = library.follow(entry)
        if not isinstance(media.value, dict):
            library.warn("media-type-empty", f"Nothing is said about {name}; any body of it conforms.", entry)
            media = Node(media.document, media.pointer, {})
        schema = media.get("schema")
        compiled = None if schema is None else schemas.at(schema, absent)
        found.append(MediaType(name, compiled, media_examples(library, media)))
    return tuple(found)


def _responses(library: Library, schemas: Schemas, node: Node) -> tuple[Response, ...]:
    responses = node.get("responses")
    found = []
    for status, entry in responses.members() if responses is not None and isinstance(responses.value, dict) else ():
        if status.startswith("x-"):
            continue
        key = status if status == "default" else status.upper()
        if key != "default" and not (len(key) == 3 and key[0] in "12345" and (key[1:] == "XX" or key[1:].isdigit())):
            library.warn("no-status", f"{status!r} is no status; it is ignored.", entry, "Write 200, 4XX or default.")
            continue
        try:
            found.append(_response(library, schemas, key, entry))
        except ContractError as error:
            if key[0] in "23d":
                raise
            library.warn("response-ignored", f"The response {status} is ignored: {error.what}", entry, error.remedy)
    if not found:
        what = "The operation documents no response; it answers 200 without a body."
        library.warn("no-responses", what, node, "Add 'responses' with at least one status.")
        return (Response("default", "", (), (), node),)
    return tuple(found)


def _response(library: Library, schemas: Schemas, status: str, entry: Node) -> Response:
    response = library.follow(entry)
    headers = response.get("headers")
    names = tuple(headers.value) if headers is not None and isinstance(headers.value, dict) else ()
    media = _media_types(library, schemas, response.get("content"), "writeOnly")
    return Response(status, str(response.mapping.get("description") or ""), names, media, response)


def _security(library: Library, node: Node, root: Node) -> tuple[tuple[SecurityScheme, ...], ...]:
    listed = node.get("security") or root.get("security")
    components = root.get("components")
    schemes = (
        components.get("securitySchemes") if components is not None and isinstance(components.value, dict) else None
    )
    known = dict(schemes.members()) if schemes is not None and isinstance(schemes.value, dict) else {}
    alternatives = []
    for entry in _listed(library, listed):
        needed = []
        if not isinstance(entry.value, dict):
            what = "A mapping of security schemes is expected here; nothing is asked for."
            library.warn("security-scheme-unknown", what, entry, "Write the name of a scheme with '[]'.")
        for name in entry.value if isinstance(entry.value, dict) else ():
            at = Node(entry.document, child(entry.pointer, name), None)
            if name in known:
                scheme = _scheme(library, name, library.follow(known[name]))
                needed += [scheme] if scheme is not None else []
            else:
                hint = nearest(name, known) or "Define it under components/securitySchemes."
                what = f"There is no security scheme {name!r}; nothing is asked for in its place."
                library.warn("security-scheme-unknown", what, at, hint)
        alternatives.append(tuple(needed))
    return tuple(alternatives)


def _scheme(library: Library, name: str, node: Node) -> SecurityScheme | None:
    mapping = node.value if isinstance(node.value, dict) else {}
    kind = mapping.get("type")
    scheme = str(mapping.get("scheme") or "").lower()
    if kind == "http" and scheme in ("bearer", "basic"):
        return SecurityScheme(name, scheme)
    if kind in ("oauth2", "openIdConnect"):
        return SecurityScheme(name, "bearer")  # both end as a bearer token on the wire (RFC 6750)
    if kind == "apiKey":
        place, parameter = mapping.get("in"), mapping.get("name")
        if place in ("header", "query", "cookie") and isinstance(parameter, str) and parameter:
            return SecurityScheme(name, "apiKey", str(place), parameter.lower() if place == "header" else parameter)
    what = f"The security scheme {name!r} cannot be played ({kind} {scheme}".rstrip() + "); nothing is asked for."
    remedy = "Played are http bearer, http basic, apiKey with 'in' and 'name', oauth2 and openIdConnect."
    library.warn("security-scheme-not-played", what, node, remedy)
    return None
