"""The invariants as checks of Schemathesis: SCHEMATHESIS_HOOKS=contract_tests.schemathesis_checks lets it find them.

Each is called by its code, `afc201` and so on. Schemathesis imports this module; nothing of ours does. Needs the extra
`schemathesis`, and neither openapi-core nor jsonschema.
"""

from __future__ import annotations

import json
import re
import time
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import schemathesis

from contract_tests.case import Case
from contract_tests.invariants import INVARIANTS, Observation, View
from contract_tests.redaction import Redactor
from contract_tests.targets import KEY, Ask, Exchange, Target
from openapi.contract import compile_contract
from openapi.document import Document
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.invariants import Invariant
    from openapi.contract import Contract
    from openapi.operation import Operation, SecurityScheme
    from openapi.reading import Json

__all__ = ["CHECKS", "LEFT_OUT"]

LEFT_OUT = frozenset({"AFC206"})
"""Invariants that Schemathesis has itself: the longest time of an answer is its --max-response-time."""

REMEMBERED = 200
"""So many answers of an operation are compared with each other."""

_GROUP = "schemathesis"
_lock = Lock()  # Schemathesis may have several workers, and they are threads
_contracts: dict[int, Contract] = {}
_seen: dict[str, dict[str, Observation]] = {}  # by operation, then by the id that Schemathesis gives a case


def _check(invariant: Invariant) -> str:
    """Register an invariant as a check; give its name."""

    def check(ctx: object, response: Any, case: Any) -> None:  # noqa: ANN401, ARG001 - as it is called
        operation = _operation(case)
        if operation is None or invariant.operation not in ("", operation.id):
            return
        if invariant.over != "all" and (invariant.over == "accepted") != (200 <= response.status_code < 300):
            return
        key = _credential(operation, response.request)
        seen = _observed(operation, response, case, key)
        target = Target("{0.scheme}://{0.netloc}".format(urlsplit(response.request.url)), key)
        redactor = Redactor(key, _texts(seen.case.sent))
        others = _remembered(operation, seen) if invariant.between else []
        for finding, about in invariant.findings(View([*others, seen], target, redactor)):
            if about is seen:
                raise AssertionError(redactor.text("\n".join(finding.lines())))

    check.__name__ = check.__qualname__ = invariant.code.lower()
    check.__doc__ = invariant.sentence
    schemathesis.check(check)
    return invariant.code.lower()


def _operation(case: Any) -> Operation | None:  # noqa: ANN401 - Schemathesis' own
    """Find the operation of a case, in the contract that its document makes. Raises `ContractError`."""
    schema = case.operation.schema
    with _lock:
        if id(schema) not in _contracts:
            raw = json.dumps(schema.raw_schema, default=str).encode("utf-8")
            where = str(schema.location or "schema.json")
            _contracts[id(schema)] = compile_contract([Document.parse(raw, "the document of Schemathesis", where)])
        known = _contracts[id(schema)].operations
    wanted = (str(case.operation.method).upper(), case.operation.path)
    return next((one for one in known if (one.method, one.path) == wanted), None)


def _observed(operation: Operation, response: Any, case: Any, key: str) -> Observation:  # noqa: ANN401
    """Make what an invariant sees; the key stands in it as its place."""
    request = response.request
    body = request.body.encode("utf-8") if isinstance(request.body, str) else request.body
    headers = tuple((str(name), _text(value)) for name, value in request.headers.items())
    hidden = tuple((name, value.replace(key, KEY) if key else value) for name, value in headers)
    path = request.path_url.replace(key, KEY) if key else request.path_url
    ask = Ask(str(request.method), path, hidden, body if isinstance(body, bytes) else None)
    pairs = tuple((name, value) for name, values in response.headers.items() for value in values)
    # What another method or a wrong request is answered is not what the document promises of this one.
    group = _GROUP if request.method == operation.method else "method"
    made = Case(operation, group, str(case.id), ask, "accepted", "", "", _sent(ask))
    sent_at = time.time() - response.elapsed  # it is looked at as soon as it is there
    exchange = Exchange(
        ask, response.status_code, pairs, response.content or b"", response.elapsed, sent_at, name=made.id
    )
    return Observation.of(made, exchange)


def _remembered(operation: Operation, seen: Observation) -> list[Observation]:
    """Give the answers before this one, and remember it."""
    with _lock:
        known = _seen.setdefault(operation.id, {})
        others = [one for name, one in known.items() if name != seen.case.name]
        if len(known) < REMEMBERED:
            known[seen.case.name] = seen
    return others


def _credential(operation: Operation, request: Any) -> str:  # noqa: ANN401 - of requests
    """Find the credential that a request was sent with, '' when it has none."""
    schemes = (scheme for alternative in operation.security for scheme in alternative)
    return next(filter(None, (_held(scheme, request) for scheme in schemes)), "")


def _held(scheme: SecurityScheme, request: Any) -> str:  # noqa: ANN401
    headers: Mapping[str, str] = {str(name).lower(): _text(value) for name, value in request.headers.items()}
    if scheme.place == "query":
        query = str(urlsplit(request.url).query)
        return dict(parse_qsl(query)).get(scheme.parameter, "")
    if scheme.place == "cookie":
        found = re.search(rf"(?:^|;\s*){re.escape(scheme.parameter)}=([^;]*)", headers.get("cookie", ""))
        return unquote(found[1]) if found else ""
    held = headers.get(scheme.parameter.lower(), "").split()
    return held[-1] if held else ""


def _sent(ask: Ask) -> Json | Missing:
    try:
        value: Json = json.loads(ask.body or b"")
    except (ValueError, RecursionError):
        return MISSING
    return value


def _texts(sent: Json | Missing) -> frozenset[str]:
    return frozenset(_strings(sent))


def _strings(sent: Json | Missing) -> Iterator[str]:
    if isinstance(sent, dict):
        yield from (value for value in sent.values() if isinstance(value, str))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


CHECKS = tuple(_check(one) for one in INVARIANTS if one.code not in LEFT_OUT)
"""The names of the checks."""
