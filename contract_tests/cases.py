"""The cases: variations of a request, derived from the document, each with what may be expected and why.

A case is small and named; nothing is random. It knows no target and sends nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from contract_tests.case import ACCEPT, GROUPS, Case, case_group
from contract_tests.case_bodies import (
    allowed_bodies,
    forbidden_bodies,
    other_media_types,
    property_nodes,
    with_body,
)
from contract_tests.case_parameters import query_parameters
from contract_tests.credentials import (
    accepted,
    beside,
    crowded,
    is_met,
    needed,
    refused,
    with_credentials,
    without_credentials,
)
from contract_tests.parameter_texts import template_text
from contract_tests.plain_request import plain_request
from contract_tests.targets import Ask
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contract_tests.gaps import Gap
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["ACCEPT", "GROUPS", "Case", "cases_of", "property_nodes"]

UNKNOWN = "contract-unknown-path"


def cases_of(contract: Contract) -> tuple[Case, ...]:
    """Derive every case of a contract, in the order of its operations; free cases and paid ones mixed.

    Reconstructed operations have none: nobody promised anything of them.
    """
    known = _known.get(contract)
    if known is None or known[0] != contract.documented_operations:
        known = _known[contract] = contract.documented_operations, tuple(_told_apart(_derived(contract)))
    return known[1]


_known: WeakKeyDictionary[Contract, tuple[tuple[Operation, ...], tuple[Case, ...]]] = WeakKeyDictionary()
"""What was derived already: items, plan and run ask for the same."""


def _derived(contract: Contract) -> Iterator[Case]:
    others = _OtherPaths(contract)
    for operation in contract.documented_operations:
        base = _base_case(operation)
        taken = others.holder(base)
        if not base.not_run and taken:
            why = f"its example leads to {taken}: give its path parameters another one, in an overlay"
            base = replace(base, not_run=why)
        if base.not_run:
            yield base
            continue
        for derive in (allowed_bodies, forbidden_bodies, other_media_types, query_parameters, _credentials):
            yield from derive(operation, base)
        yield from _methods(base, others)
    if contract.documented_operations:
        yield from _unknown_paths(contract, others)


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
    plain = plain_request(operation)
    sentence = "A request as documented is answered as documented."
    basis = _basis(operation, operation.node.pointer)
    if plain.gaps or plain.why:
        why = plain.why or f"only you know {_named(plain.gaps)}: give an example, in an overlay"
        ask = Ask(operation.method, operation.path)
        return Case(operation, "body", "documented", ask, "accepted", basis, sentence, Missing(), why, plain.gaps)
    if crowded(needed(operation)):
        why = "its security asks for two credentials in one place, where no request has both: correct it, in an overlay"
        return Case(operation, "body", "documented", plain.ask, "accepted", basis, sentence, Missing(), why)
    success = operation.success()
    if success is None or success[0] >= 400:
        why = "the document names no success of it: document what a right request is answered with, in an overlay"
        return Case(operation, "body", "documented", plain.ask, "accepted", basis, sentence, Missing(), why)
    ask = with_credentials(plain.ask, needed(operation))
    case = Case(operation, "body", "documented", ask, "accepted", basis, sentence, Missing())
    return case if plain.body.raw is None else with_body(case, plain.body)


def _named(gaps: Sequence[Gap]) -> str:
    return " and ".join(filter(None, (", ".join(one.what for one in gaps[:-1]), gaps[-1].what)))


@case_group("auth", "AFC501", "credentials")
def _credentials(operation: Operation, base: Case) -> Iterator[Case]:
    """A credential counts as the document says, and nothing else does.

    Each security alternative is missed in every way that careless code forgives: missing, empty, unknown, under another
    scheme, with something behind it, in another place. Who gets in without the right key pays with yours. Each further
    alternative is met once, where that costs nothing; only you know whether your key is one of its kind, so what
    refuses it is reported and fails nothing.
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
            others = with_credentials(stranger, beside(scheme, schemes))
            which = prefix if len(schemes) == 1 else f"{prefix}{scheme.name}-"
            for name, ask, sentence in refused(scheme, others):
                # Without any credential all alternatives are missed at once; what misses one may meet another.
                if ask not in asked and not any(is_met(other, ask) for other in alternatives):
                    asked.add(ask)
                    yield replace(base, name=which + name, ask=ask, sentence=sentence)
            # Of which alternative the user's key is, the document does not say: another one is told of, not failed.
            basis = "rfc" if schemes == needed(operation) else "assumed"
            for name, ask, sentence in accepted(scheme, others):
                yield replace(base, name=which + name, ask=ask, sentence=sentence, basis=basis, expect="accepted")
        if base.cost == "free" and schemes != needed(operation) and not crowded(schemes):
            sentence = f"The credentials of {' and '.join(scheme.name for scheme in schemes)} are enough."
            ask = with_credentials(stranger, schemes)
            if ask not in asked:
                asked.add(ask)
                yield replace(
                    base, name=f"{prefix}alone", ask=ask, sentence=sentence, basis="assumed", expect="accepted"
                )


class _OtherPaths:
    """Which operations a path may lead to, whichever of several fitting templates a router prefers."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._by_size: dict[int, list[tuple[re.Pattern[str], Operation]]] = {}
        self._seen: set[tuple[str, str]] = set()
        for one in contract.operations:
            for base in one.base_paths:
                path = base + template_text(one.path)
                pattern = re.compile(re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(path)))
                self._by_size.setdefault(path.count("/"), []).append((pattern, one))

    def holder(self, base: Case) -> str:
        """Name the operation with a concrete path that a request leads to in place of its own, '' for none."""
        path = base.ask.path.partition("?")[0]
        if "{" not in base.operation.path:
            return ""
        found = (one for pattern, one in self._fitting(path) if base.operation.method == one.method)
        return next((one.name for one in found if one is not base.operation and "{" not in one.path), "")

    def lead(self, path: str, method: str = "") -> bool:
        """Tell whether a path leads to an operation of a method, or to any."""
        return any(method in ("", one.method) for _, one in self._fitting(path))

    def is_new(self, path: str, method: str) -> bool:
        """Tell whether a method was not tried at a path before; from then on it was."""
        new = (path, method) not in self._seen
        self._seen.add((path, method))
        return new

    def _fitting(self, path: str) -> Iterator[tuple[re.Pattern[str], Operation]]:
        for pattern, one in self._by_size.get(path.count("/"), ()):
            if pattern.fullmatch(path):
                yield pattern, one


@case_group("method", "AFC505", "other methods")
def _methods(base: Case, others: _OtherPaths) -> Iterator[Case]:
    """Methods that the path does not document are refused.

    A typing error in a client shows as 405 at once. A host that answers another method with success does something that
    no document describes.
    """
    path = base.ask.path.partition("?")[0]
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        if not others.lead(path, method) and others.is_new(path, method):
            headers = tuple(pair for pair in base.ask.headers if pair[0].lower() != "content-type")
            ask = replace(base.ask, method=method, headers=headers, body=None)
            sentence = f"{method} is not documented here: 405."
            yield replace(
                base, group="method", name=method.lower(), ask=ask, expect="no_method", basis="rfc",
                sentence=sentence, sent=Missing(),
            )  # fmt: skip


@case_group("path", "AFC506", "unknown paths")
def _unknown_paths(contract: Contract, others: _OtherPaths) -> Iterator[Case]:
    """Paths that do not exist are answered 404.

    One stands beside those of the document, one below the first of them: many a router looks at beginnings only. A host
    that shows a web page there lets a wrong base URL look like an answer.
    """
    operation = contract.documented_operations[0]
    plain = plain_request(operation)
    path = re.sub(r"\{[^/]*?\}", "contract", template_text(operation.path))
    known = operation.base_paths[0] + path  # below nothing that exists
    below = f"{(known if plain.gaps else plain.ask.path.partition('?')[0]).rstrip('/')}/{UNKNOWN}"
    paths = {"unknown": f"{operation.base_paths[0]}/{UNKNOWN}", "below": below}
    method = "GET" if operation.method == "DELETE" else operation.method
    for name, path in paths.items():
        if others.lead(path):
            continue
        ask = with_credentials(Ask(method, path, (ACCEPT,)), needed(operation))
        sentence = "A path that does not exist is answered 404."
        yield Case(operation, "path", name, ask, "no_path", "rfc", sentence, Missing())


def _basis(operation: Operation, clause: str) -> str:
    return operation.origin(clause).basis
