"""One operation, compiled once: how its request is read and checked, what it may answer, who may call it.

Works on values only; it knows no server, no client and no profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.document import DOCUMENTED, Node
from openapi.errors import ContractError, nearest
from openapi.parameters import Parameter, Texts, compile_parameter
from openapi.pointers import child
from openapi.samples import MISSING, Missing, media_examples

if TYPE_CHECKING:
    from openapi.document import Library, Origin
    from openapi.reading import Json
    from openapi.schema import Schema, Schemas, Violation

__all__ = ["METHODS", "MediaType", "Operation", "Response", "SecurityScheme", "compile_operation", "essence"]

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
class Operation:
    """One path and method of a document.

    `security`: alternatives, each a tuple of schemes that are all needed; an empty alternative lets anyone in.
    `base_paths`: the path parts of its servers; '' when they have none.
    """

    id: str
    method: str
    path: str
    base_paths: tuple[str, ...]
    summary: str
    parameters: tuple[Parameter, ...]
    body_required: bool
    body: tuple[MediaType, ...]
    responses: tuple[Response, ...]
    security: tuple[tuple[SecurityScheme, ...], ...]
    node: Node
    library: Library

    @property
    def name(self) -> str:
        """Method and path template, as people write them: `POST /volc/asset/CreateVisualValidateSession`."""
        return f"{self.method} {self.path}"

    def response(self, status: int) -> Response | None:
        """Find what documents a status: itself, else its range, else `default`."""
        wanted = (str(status), f"{status // 100}XX", "default")
        return next((one for key in wanted for one in self.responses if one.status == key), None)

    def success(self) -> tuple[int, Response] | None:
        """Choose the answer to a valid request: the lowest 2xx, else `2XX` as 200, else `default` as 200."""
        exact = sorted(one.status for one in self.responses if one.status[0] == "2" and one.status.isdigit())
        status = int(exact[0]) if exact else 200
        found = self.response(status)
        return None if found is None else (status, found)

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


def compile_operation(
    library: Library, schemas: Schemas, root: Node, method: str, path: str, item: Node, base_paths: tuple[str, ...]
) -> Operation:
    """Compile the operation of one method in a path item. Raises `ContractError` with place and remedy.

    `root` is the document that the path stands in, which may be another than that of the path item: security schemes
    are looked up there.
    """
    node = Node(item.document, child(item.pointer, method), item.mapping[method])
    mapping = node.mapping
    identifier = mapping.get("operationId")
    body_required, body = _body(library, schemas, node)
    return Operation(
        id=identifier if isinstance(identifier, str) and identifier else f"{method.upper()} {path}",
        method=method.upper(),
        path=path,
        base_paths=base_paths,
        summary=str(mapping.get("summary") or ""),
        parameters=_parameters(library, schemas, node, item, path),
        body_required=body_required,
        body=body,
        responses=_responses(library, schemas, node),
        security=_security(library, node, root),
        node=node,
        library=library,
    )


def _parameters(library: Library, schemas: Schemas, node: Node, item: Node, path: str) -> tuple[Parameter, ...]:
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (item, node):
        listed = owner.get("parameters")
        for entry in listed.items() if listed is not None else []:
            parameter = compile_parameter(library, schemas, entry)
            ignored = parameter.place == "header" and parameter.name.lower() in (
                "accept",
                "content-type",
                "authorization",
            )
            if not ignored:  # OpenAPI: a header parameter of these names is ignored; other parts describe them
                found[parameter.place, parameter.name] = parameter
    templated = {part.partition("}")[0] for part in path.split("{")[1:]}
    declared = {name for place, name in found if place == "path"}
    for name in sorted(declared - templated):
        raise ContractError(
            f"The path {path} has no {{{name}}}, so its required path parameter {name!r} can never be sent.",
            found["path", name].node.place,
            nearest(name, templated) or "Remove the parameter or add it to the path.",
        )
    for name in sorted(templated - declared):
        raise ContractError(
            f"The path names {{{name}}} and no path parameter of that name is declared.",
            node.place,
            nearest(name, declared) or f"Add it to 'parameters' with 'in: path' and 'name: {name}'.",
        )
    return tuple(found.values())


def _body(library: Library, schemas: Schemas, node: Node) -> tuple[bool, tuple[MediaType, ...]]:
    request_body = node.get("requestBody")
    if request_body is None:
        return False, ()
    request_body = library.follow(request_body)
    content = request_body.get("content")
    if content is None:
        raise ContractError("A requestBody needs 'content'.", request_body.place, "Add a media type under 'content'.")
    return request_body.mapping.get("required") is True, _media_types(library, schemas, content, "readOnly")


def _media_types(library: Library, schemas: Schemas, content: Node | None, absent: str) -> tuple[MediaType, ...]:
    if content is None:
        return ()
    found = []
    for name, entry in content.members():
        media = library.follow(entry)
        schema = media.get("schema")
        compiled = None if schema is None else schemas.at(schema, absent)
        found.append(MediaType(name, compiled, media_examples(library, media)))
    return tuple(found)


def _responses(library: Library, schemas: Schemas, node: Node) -> tuple[Response, ...]:
    responses = node.get("responses")
    if responses is None or not responses.mapping:
        raise ContractError(
            "The operation documents no response.", node.place, "Add 'responses' with at least one status."
        )
    found = []
    for status, entry in responses.members():
        if status.startswith("x-"):
            continue
        key = status if status == "default" else status.upper()
        if key != "default" and not (len(key) == 3 and key[0] in "12345" and (key[1:] == "XX" or key[1:].isdigit())):
            raise ContractError(f"{status!r} is not a status.", entry.place, "Write 200, 4XX or default.")
        response = library.follow(entry)
        headers = response.get("headers")
        names = tuple(name for name, _ in headers.members()) if headers is not None else ()
        media = _media_types(library, schemas, response.get("content"), "writeOnly")
        found.append(Response(key, str(response.mapping.get("description") or ""), names, media, response))
    return tuple(found)


def _security(library: Library, node: Node, root: Node) -> tuple[tuple[SecurityScheme, ...], ...]:
    listed = node.get("security") or root.get("security")
    if listed is None:
        return ()
    components = root.get("components")
    schemes = components.get("securitySchemes") if components is not None else None
    known = dict(schemes.members()) if schemes is not None else {}
    alternatives = []
    for entry in listed.items():
        needed = []
        for name in entry.mapping:
            if name not in known:
                place = entry.document.place(child(entry.pointer, name))
                hint = nearest(name, known) or "Define it under components/securitySchemes."
                raise ContractError(f"There is no security scheme {name!r}.", place, hint)
            needed.append(_scheme(name, library.follow(known[name])))
        alternatives.append(tuple(needed))
    return tuple(alternatives)


def _scheme(name: str, node: Node) -> SecurityScheme:
    kind = node.mapping.get("type")
    scheme = str(node.mapping.get("scheme") or "").lower()
    if kind == "http" and scheme in ("bearer", "basic"):
        return SecurityScheme(name, scheme)
    if kind in ("oauth2", "openIdConnect"):
        return SecurityScheme(name, "bearer")  # both end as a bearer token on the wire (RFC 6750)
    if kind == "apiKey":
        place, parameter = node.mapping.get("in"), node.mapping.get("name")
        if place not in ("header", "query", "cookie") or not isinstance(parameter, str) or not parameter:
            raise ContractError("An apiKey scheme needs 'in' and 'name'.", node.place, "'in': header, query or cookie.")
        return SecurityScheme(name, "apiKey", str(place), parameter.lower() if place == "header" else parameter)
    raise ContractError(
        f"The security scheme {name!r} is of a kind that cannot be played: {kind} {scheme}.".replace(" .", "."),
        node.place,
        "Supported: http bearer, http basic, apiKey, oauth2, openIdConnect.",
    )
