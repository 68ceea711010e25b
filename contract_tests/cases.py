"""The cases: variations of a request, derived from the document, each with what may be expected and why.

A case is small and named; nothing is random. It knows no target and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.case import ACCEPT, GROUPS, Case, case_group
from contract_tests.case_bodies import (
    allowed_bodies,
    forbidden_bodies,
    other_media_types,
    property_nodes,
    with_body,
)
from contract_tests.credentials import (
    accepted,
    is_credential,
    is_met,
    needed,
    refused,
    with_credentials,
    without_credentials,
)
from contract_tests.samples import valid_body
from contract_tests.targets import Ask
from openapi.document import Node
from openapi.pointers import tokens
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["ACCEPT", "GROUPS", "Case", "cases_of", "property_nodes"]

UNKNOWN = "contract-unknown-path"


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
        for derive in (allowed_bodies, forbidden_bodies, other_media_types, _credentials, _methods):
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
    return case if why or media is None or isinstance(body, Missing) else with_body(case, media, body)


@case_group("auth", "AFC501", "credentials")
def _credentials(operation: Operation, base: Case) -> Iterator[Case]:
    """A credential counts as the document says, and nothing else does.

    Each security alternative is missed in every way that careless code forgives: missing, empty, unknown, under another
    scheme, with something behind it, in another place. Who gets in without the right key pays with yours.
    """
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


@case_group("method", "AFC505", "other methods")
def _methods(operation: Operation, base: Case) -> Iterator[Case]:
    """Methods that the path does not document are refused.

    A typing error in a client shows as 405 at once. A host that answers another method with success does something that
    no document describes.
    """
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


@case_group("path", "AFC506", "unknown paths")
def _unknown_paths(contract: Contract) -> Iterator[Case]:
    """Paths that do not exist are answered 404.

    One stands beside those of the document, one below the first of them: many a router looks at beginnings only. A host
    that shows a web page there lets a wrong base URL look like an answer.
    """
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
