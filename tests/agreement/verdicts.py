"""What each side finds wrong with an exchange: the validators of the mock, and openapi-core as the suite has it."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from contract_tests.judge import Judge, open_document
from contract_tests.redaction import Redactor
from contract_tests.targets import Ask, Exchange
from openapi.parameters import Texts
from openapi.pointers import child
from tests.agreement.exchanges import Answered, Asked

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.operation import MediaType
    from openapi.schema import Violation

Wrong = dict[str, str]
"""What is wrong: place and pointer (`body/a/0`, `query/limit`, `status`) -> keyword."""

ABOUT_MEMBERS = ("required", "additionalProperties", "unevaluatedProperties")
"""Keywords whose violations our side points at the member, and openapi-core at the object around it."""


def ours(exchange: Asked | Answered) -> Wrong:
    """Ask the validators that the mock uses."""
    if isinstance(exchange, Answered):
        response = exchange.operation.response(exchange.status)
        if response is None:
            return {"status": "status"}
        media = next((one for one in response.media_types if one.name == exchange.media_type), None)
        if media is None:
            return {"media type": "content"} if response.media_types else {}
        return _found(_body(media, exchange.body)) if media.is_json else {}
    headers = {name.lower(): value for name, value in exchange.headers}
    _, wrong = exchange.operation.check_parameters(Texts(dict(exchange.path), exchange.query, headers.get))
    if exchange.body is not None:
        wrong += _body(exchange.operation.body[0], exchange.body)
    return _found(wrong) | _missing_body(exchange)


def _missing_body(exchange: Asked) -> Wrong:
    return {"body": "required"} if exchange.body is None and exchange.operation.body_required else {}


def _body(media: MediaType, body: bytes) -> tuple[Violation, ...]:
    return () if media.schema is None else media.schema.check(json.loads(body))


def _found(violations: tuple[Violation, ...]) -> Wrong:
    found = {}
    for one in violations:
        pointer = one.pointer
        if one.place != "body":
            pointer = "/" + pointer.split("/")[1]
        elif one.keyword in ABOUT_MEMBERS:
            pointer = pointer.rpartition("/")[0]
        found[one.place + pointer] = one.keyword
    return found


class Theirs:
    """Asks openapi-core: requests directly, answers through the judge of the suite."""

    def __init__(self, contract: Contract) -> None:
        self._apis = {document.uri: open_document(document) for document in contract.documents}
        self._judges = {document.uri: Judge(document, Redactor("")) for document in contract.documents}

    def __call__(self, exchange: Asked | Answered) -> Wrong:
        return self._request(exchange) if isinstance(exchange, Asked) else self._answer(exchange)

    def _answer(self, exchange: Answered) -> Wrong:
        headers = (("Content-Type", exchange.media_type), ("X-Left", "1"), ("WWW-Authenticate", "Bearer"))
        seen = Exchange(Ask("POST", "/"), exchange.status, headers, exchange.body)
        found = {}
        judge = self._judges[exchange.operation.node.document.uri]
        for one in judge.judge(exchange.operation, seen):
            if one.code == "AFC107":
                found[f"body{one.pointer}"] = one.expected.partition(" ")[0]
            else:
                named = {"AFC101": ("status", "status"), "AFC106": ("media type", "content")}
                found[named[one.code][0]] = named[one.code][1]
        return found

    def _request(self, exchange: Asked) -> Wrong:
        found: Wrong = {}
        api = self._apis[exchange.operation.node.document.uri]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            errors = list(api.iter_request_errors(cast("Any", _Request(exchange))))
        for error in errors:
            inner = _schema_errors(error)
            name, place = getattr(error, "name", ""), getattr(error, "location", "")
            if place:
                found[f"{place}{child('', name)}"] = inner[0].validator if inner else _kind(error)
            elif inner:
                found.update({"body" + child("", *one.absolute_path): str(one.validator) for one in inner})
            else:
                found["body"] = _kind(error)
        return found


def _kind(error: BaseException) -> str:
    """Name a failure that no keyword is about: that a value is missing, or cannot be read."""
    name = type(error).__name__
    return "required" if "Missing" in name else type(error.__cause__ or error).__name__


def _schema_errors(error: BaseException | None) -> list[Any]:
    while error is not None:
        if hasattr(error, "schema_errors"):
            return list(error.schema_errors)
        error = error.__cause__
    return []


class _Request:
    """A request as openapi-core wants it, with every credential there may be."""

    host_url = ""
    content_type = "application/json"

    def __init__(self, exchange: Asked) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        credentials = [("Authorization", "Bearer x"), ("X-Key", "x")]
        self.parameters = RequestParameters(
            path=dict(exchange.path),
            query=ImmutableMultiDict(parse_qsl(exchange.query, keep_blank_values=True)),
            header=Headers([*credentials, *exchange.headers]),
        )
        self.method = exchange.operation.method.lower()
        self.path = exchange.operation.path
        self.body = exchange.body
