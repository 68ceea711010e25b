"""The cases: variations of a request, derived from the document, each with what may be expected and why.

A case is small and named; nothing is random. It knows no target and sends nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from contract_tests.credentials import (
    accepted,
    is_credential,
    is_met,
    needed,
    refused,
    with_credentials,
    without_credentials,
)
from contract_tests.samples import broken_clauses, is_valid, valid_body
from contract_tests.targets import Ask
from openapi.document import Node
from openapi.overlay import BASES
from openapi.pointers import tokens
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json

__all__ = ["Case", "cases_of", "property_nodes"]

Expectation = Literal["accepted", "invalid", "unauthorized", "no_method", "no_path"]
JSON_TYPES: tuple[tuple[str, Json], ...] = (
    ("string", "{}"),  # text that a careless server reads as JSON once more
    ("integer", 7),
    ("number", 1.5),
    ("boolean", True),
    ("array", []),
    ("object", {}),
    ("null", None),
)
"""One value of each JSON type, by the name that it has in a case id."""

ACCEPT = ("Accept", "application/json")
UNKNOWN = "contract-unknown-path"
ASSEMBLED = "schema"
"""The name of the example that is put together from those of a schema's parts."""

LONG = 4000
"""Characters of a long text: beyond what a careless buffer holds, below what a server may refuse as too large."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request variation. cost: `paid` where success creates something. sent: the body as a value, if it is one."""

    operation: Operation
    group: str
    name: str
    ask: Ask
    expect: Expectation
    basis: str
    sentence: str
    sent: Json | Missing
    not_run: str = ""

    @property
    def id(self) -> str:
        """The stable id, such as `createVisualValidateSession/auth/missing`."""
        return f"{self.operation.id}/{self.group}/{self.name}"

    @property
    def cost(self) -> Literal["paid", "free"]:
        """Whether the contract expects the request to create something."""
        return "paid" if self.expect == "accepted" and self.operation.method != "GET" else "free"


def cases_of(contract: Contract) -> tuple[Case, ...]:
    """Derive every case of a contract, in the order of its operations; free cases and paid ones mixed.

    Reconstructed operations have none: nobody promised anything of them.
    """
    found: list[Case] = []
    for operation in contract.documented_operations:
        base = _base_case(operation)
        if base.not_run:
            found.append(base)
            continue
        for derive in (_bodies, _invalid_bodies, _media_types, _credentials, _methods):
            found += derive(operation, base)
    if contract.documented_operations:
        found += _unknown_paths(contract)
    return tuple(_told_apart(found))


def _told_apart(cases: Iterable[Case]) -> Iterator[Case]:
    """Number the cases whose id another one has already: names of properties and examples may be any."""
    known: set[str] = set()
    for case in cases:
        names = (f"{case.name}-{number}" for number in count(2))
        while case.id in known:
            case = replace(case, name=next(names))  # noqa: PLW2901 - the same case, under another name
        known.add(case.id)
        yield case


def _base_case(operation: Operation) -> Case:
    """Make the plainest valid request: the documented example, or the least that the schema accepts."""
    missing = Ask(operation.method, operation.path)
    path = _path(operation)
    body = valid_body(operation)
    media = operation.body[0] if operation.body else None
    why = ""
    if path is None:
        why = "a required parameter has no example; give it one with an overlay"
    elif media is not None and isinstance(body, Missing) and operation.body_required:
        why = "the required body has no example and none could be made; give it one with an overlay"
    ask = missing if path is None else with_credentials(Ask(operation.method, path, (ACCEPT,)), needed(operation))
    sentence = "A request as documented is answered as documented."
    basis = _basis(operation, operation.node.pointer)
    case = Case(operation, "body", "documented", ask, "accepted", basis, sentence, Missing(), why)
    return case if why or media is None or isinstance(body, Missing) else _with_body(case, media, body)


def _with_body(case: Case, media: MediaType, body: Json, content_type: str = "") -> Case:
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return replace(case, ask=_with_raw(case.ask, raw, content_type or media.name), sent=body)


def _with_raw(ask: Ask, raw: bytes, content_type: str) -> Ask:
    others = tuple(pair for pair in ask.headers if pair[0].lower() != "content-type")
    return replace(ask, headers=(*others, ("Content-Type", content_type)), body=raw)


def _bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies that the document allows."""
    yield base
    if not operation.body or "json" not in operation.body[0].name:
        return
    media = operation.body[0]
    if not operation.body_required:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() not in ("content-type", "accept"))
        ask = replace(base.ask, headers=bare, body=None)
        sentence = "The body is optional, as any request's Accept is: a request without them is accepted."
        yield replace(base, name="none", ask=ask, sent=Missing(), sentence=sentence)
    if is_valid(media, {}):
        yield replace(_with_body(base, media, {}), name="empty-object", sentence="An empty object is accepted.")
    yield from _examples(media, base)
    body = base.sent
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if not isinstance(value, str):
            continue
        for label, text in _other_texts(value):
            varied = {**body, name: text}
            if is_valid(media, varied):
                sentence = f"A value of {name} that is {label} is accepted: the document sets no limit."
                yield replace(_with_body(base, media, varied), name=f"{name}-{label}", sentence=sentence)
    extra = {**body, "x-contract-unknown": "x"}
    if is_valid(media, extra):
        sentence = "An unknown property is accepted: the document does not forbid it."
        yield replace(_with_body(base, media, extra), name="unknown-property", sentence=sentence)
    charset = _with_body(base, media, body, f"{media.name};charset=UTF-8")  # as widespread clients write it
    yield replace(charset, name="charset", sentence="The media type may carry a charset.")


def _examples(media: MediaType, base: Case) -> Iterator[Case]:
    """Give the other examples of a body: those that the document gives whole, so none put together from parts."""
    known = {json.dumps(base.sent, sort_keys=True)} if not isinstance(base.sent, Missing) else set()
    for name, value in media.examples.items():
        written = json.dumps(value, sort_keys=True)
        if name != ASSEMBLED and written not in known and is_valid(media, value):
            known.add(written)
            sentence = f"The documented example {name} is accepted."
            yield replace(_with_body(base, media, value), name=f"example-{name}", sentence=sentence)


def _other_texts(value: str) -> tuple[tuple[str, str], ...]:
    """Give texts that careless code changes, cuts or refuses, by the name that each has in a case id."""
    return ("non-ascii", _non_ascii(value)), ("odd", _odd(value)), ("long", _long(value)), ("empty", "")


def _odd(value: str) -> str:
    """Make a text that no decoding, escaping, sorting or normalising leaves as it is; of a URL, another URL."""
    if not value.startswith("http"):
        return f"{value} %41+&amp;'<\"\\>"
    _, _, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    return f"http://{host.upper()}{slash}{path.partition('?')[0]}/%7Ea%2Fb/../+/?z=1&a=%20&a='#Top"


def _non_ascii(value: str) -> str:
    """Make a text of every kind of character: composed and decomposed, of two to four bytes, and JSON's own."""
    return f'{value}{"&" if "?" in value else "?" if value.startswith("http") else " "}q=é-e\u0301-回-🙂-"\\-+'


def _long(value: str) -> str:
    joint = ("&" if "?" in value else "?") + "pad=" if value.startswith("http") else ""
    return value + joint + "x" * LONG


def _invalid_bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies that the document forbids."""
    if not operation.body or "json" not in operation.body[0].name:
        return
    media = operation.body[0]
    base = replace(base, group="invalid", expect="invalid")
    body = base.sent if isinstance(base.sent, dict) else {}
    for name, value in _wrong_values(media, body):
        sentence = f"{name.replace('-', ' as ', 1)} is refused."
        bases = [operation.origin(clause).basis for clause in broken_clauses(media, value)]
        basis = min(bases, key=BASES.index, default="documented")  # the best reason that there is to refuse it
        yield replace(_with_body(base, media, value), name=name, sentence=sentence, basis=basis)
    if operation.body_required:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() != "content-type")
        ask = replace(base.ask, headers=bare, body=None)
        clause = f"{operation.node.pointer}/requestBody/required"
        yield replace(
            base,
            name="none",
            ask=ask,
            sent=Missing(),
            sentence="The body is required.",
            basis=_basis(operation, clause),
        )
    text = json.dumps(body or {"x": "x"}).encode("ascii")
    loose = text[:-1] + b",}"
    garbled = text[:-2] + b'\xff\xfe"}' if text.endswith(b'"}') else b'{"x": "\xff\xfe"}'
    malformed = (
        ("truncated", b'{"x": ', base.basis, "Text that ends before its JSON does is refused."),
        ("not-json", b"CallbackURL=x", base.basis, "Text that is not JSON is refused."),
        ("trailing-comma", loose, base.basis, "Text that only a loose reader takes for JSON is refused."),
        # Most JSON readers replace such bytes without a word: a server that does is told of, not failed.
        ("not-utf8", garbled, "assumed", "Bytes that are not UTF-8 are refused (RFC 8259 8.1)."),
    )
    for name, raw, basis, sentence in malformed:
        ask = _with_raw(base.ask, raw, media.name)
        yield replace(base, name=name, ask=ask, sent=Missing(), sentence=sentence, basis=basis)


def _wrong_values(media: MediaType, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for label, wrong in _wrong_types(media, lambda wrong: wrong):
        yield f"body-{label}", wrong
    for name in property_nodes(media):
        for label, value in _wrong_types(media, lambda wrong, name=name: {**body, name: wrong}):  # type: ignore[misc]
            yield f"{name}-{label}", value
    schema = media.schema.node.value if media.schema else None
    required = schema.get("required") if isinstance(schema, dict) else None
    for lost in required if isinstance(required, list) else ():
        lacking: Json = {known: kept for known, kept in body.items() if known != lost}
        if lacking and not is_valid(media, lacking):  # an empty object has its case already, as a wrong body
            yield f"{lost}-missing", lacking


def _wrong_types(media: MediaType, place: Callable[[Json], Json]) -> Iterator[tuple[str, Json]]:
    """Give a value of each JSON type that is wrong in its place; of 7 and 1.5, one type in JSON, one will do."""
    labels: set[str] = set()
    for label, wrong in JSON_TYPES:
        value = place(wrong)
        if not is_valid(media, value) and not (label == "number" and "integer" in labels):
            labels.add(label)
            yield label, value


def property_nodes(media: MediaType) -> dict[str, Node]:
    """Give the properties that the schema of a media type names at its top."""
    if media.schema is None:
        return {}
    schemas = media.schema.schemas
    node = schemas.library.follow(media.schema.node)
    properties = node.get("properties") if isinstance(node.value, dict) else None
    return dict(properties.members()) if properties is not None else {}


def _media_types(operation: Operation, base: Case) -> Iterator[Case]:
    """Media types that the document does not name."""
    if not operation.body or base.ask.body is None:
        return
    base = replace(base, group="media-type", expect="invalid")
    for name, media_type in (
        ("text", "text/plain"),
        ("form", "application/x-www-form-urlencoded"),
    ):
        if operation.body_type(media_type) is None:
            sentence = f"A body of type {media_type}, which is not documented, is refused."
            yield replace(base, name=name, ask=_with_raw(base.ask, base.ask.body or b"", media_type), sentence=sentence)


def _credentials(operation: Operation, base: Case) -> Iterator[Case]:
    """Each security alternative, not met in every way."""
    alternatives = [schemes for schemes in operation.security if schemes]
    if not alternatives or () in operation.security:
        return
    base = replace(base, group="auth", expect="unauthorized")
    stranger = without_credentials(base.ask, operation)
    asked: set[Ask] = set()
    for schemes in alternatives:
        prefix = "" if len(alternatives) == 1 else "+".join(scheme.name for scheme in schemes) + "-"
        for scheme in schemes:
            others = with_credentials(stranger, [other for other in schemes if other is not scheme])
            which = prefix if len(schemes) == 1 else f"{prefix}{scheme.name}-"
            for name, ask, sentence in refused(scheme, others):
                # Without any credential all alternatives are missed at once; what misses one may meet another.
                if ask not in asked and not any(is_met(other, ask) for other in alternatives):
                    asked.add(ask)
                    yield replace(base, name=which + name, ask=ask, sentence=sentence)
            for name, ask, sentence in accepted(scheme, others):
                yield replace(base, name=which + name, ask=ask, sentence=sentence, basis="rfc", expect="accepted")


def _methods(operation: Operation, base: Case) -> Iterator[Case]:
    """Methods that the path does not document."""
    item = Node(operation.node.document, operation.node.pointer.rpartition("/")[0], None)
    document: Json = operation.node.document.tree
    for token in tokens(item.pointer):
        document = document[token] if isinstance(document, dict) else None
    known = {method.upper() for method in document} if isinstance(document, dict) else set()
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        if method not in known:
            headers = tuple(pair for pair in base.ask.headers if pair[0].lower() != "content-type")
            ask = replace(base.ask, method=method, headers=headers, body=None)
            sentence = f"{method} is not documented here: 405."
            yield replace(
                base, group="method", name=method.lower(), ask=ask, expect="no_method", basis="rfc",
                sentence=sentence, sent=Missing(),
            )  # fmt: skip


def _unknown_paths(contract: Contract) -> Iterator[Case]:
    """Make a path beside those of the document, and one below its first: many a router looks at beginnings only."""
    operation = contract.documented_operations[0]
    below = f"{_path(operation) or operation.path}".partition("?")[0] + f"/{UNKNOWN}"
    known = [re.escape(one.base_paths[0] + one.path) for one in contract.operations]
    templates = [re.sub(r"\\{[^/]*\\}", "[^/]+", path) for path in known]
    paths = {"unknown": f"{operation.base_paths[0]}/{UNKNOWN}", "below": below}
    for name, path in paths.items():
        if any(re.fullmatch(template, path) for template in templates):
            continue
        ask = with_credentials(Ask(operation.method, path, (ACCEPT,)), needed(operation))
        sentence = "A path that does not exist is answered 404."
        yield Case(operation, "path", name, ask, "no_path", "rfc", sentence, Missing())


def _path(operation: Operation) -> str | None:
    """Fill the path and the required query with the examples of the parameters; None when one has none."""
    from openapi.samples import schema_example

    path = operation.base_paths[0] + operation.path
    query: list[str] = []
    for parameter in operation.parameters:
        if not parameter.required or is_credential(operation, parameter.place, parameter.name):
            continue
        value: Json | Missing = parameter.node.mapping.get("example", Missing())
        if isinstance(value, Missing) and parameter.schema is not None:
            value = schema_example(parameter.schema.schemas.library, parameter.schema.node)
        if isinstance(value, Missing | dict | list):
            return None
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", quote(text, safe=""))
        elif parameter.place == "query":
            query.append(f"{quote(parameter.name)}={quote(text, safe='')}")
        else:
            return None
    return path + ("?" + "&".join(query) if query else "")


def _basis(operation: Operation, clause: str) -> str:
    return operation.origin(clause).basis
