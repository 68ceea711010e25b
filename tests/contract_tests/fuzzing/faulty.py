"""Servers with a fault that only some values bring about, asked in memory, and a way to fuzz them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.fuzzing.fuzz import fuzzes_of
from contract_tests.fuzzing.trial import check_fuzz
from contract_tests.run import Run
from contract_tests.targets import Exchange, Target
from tests.documents.making import contract
from tests.wrong_servers.server import KEY, Answer, Request, refusal
from tests.wrong_servers.server import serve as serve_rightly

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.spending import Spending
    from contract_tests.targets import Ask
    from openapi.contract import Contract
    from openapi.reading import Json

TARGET = Target("http://127.0.0.1:9", KEY)

PROPERTIES: dict[str, Json] = {
    "count": {"type": "integer", "minimum": 1, "maximum": 100_000},
    "note": {"type": "string"},
    "gift": {"type": "boolean"},
    "colour": {"type": "string", "enum": ["red", "blue"]},
}
ORDER: dict[str, Json] = {
    "type": "object",
    "required": ["count"],
    "additionalProperties": False,
    "properties": PROPERTIES,
}


def orders() -> Contract:
    """Make a contract with one operation that takes an order and a page."""
    answers: Json = {
        "201": {"description": "x", "content": {"application/json": {"schema": {"type": "object"}}}},
        "400": {"description": "x"},
        "401": {"description": "x"},
    }
    operation: Json = {
        "operationId": "addOrder",
        "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ORDER, "example": {"count": 1}}}},
        "responses": answers,
    }  # fmt: skip
    schemes: Json = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    return contract({"paths": {"/orders": {"post": operation}}, "security": [{"bearer": []}], "components": schemes})


def take_order(request: Request) -> Answer:
    """Answer an order rightly, by hand."""
    if request.path != "/orders":
        return refusal(404, "where")
    if request.method != "POST":
        return refusal(405, "how").having(allow="POST")
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or credential != KEY:
        return refusal(401, "who").having(www_authenticate="Bearer")
    page = parse_qs(urlsplit(request.target).query, keep_blank_values=True).get("page", ["0"])[0]
    if not page.removeprefix("-").isdecimal() or not page.isascii():
        return refusal(400, "page")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return refusal(400, "type")
    order = request.value()
    return Answer(201, {"Content-Type": "application/json"}).saying({}) if is_order(order) else refusal(400, "order")


def is_order(order: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a value is an order."""
    if not isinstance(order, dict) or not order.keys() <= PROPERTIES.keys():
        return False
    count = order.get("count")
    if not isinstance(count, int | float) or isinstance(count, bool):
        return False
    return (
        count == int(count)
        and 1 <= count <= 100_000
        and isinstance(order.get("note", ""), str)
        and isinstance(order.get("gift", True), bool)
        and order.get("colour", "red") in ("red", "blue")
    )


def with_sessions(fault: Callable[[Request], Answer | None]) -> Callable[[Request], Answer]:
    """Serve the vendor's document, with a fault."""
    return lambda request: fault(request) or serve_rightly(request)


def with_orders(fault: Callable[[Request], Answer | None]) -> Callable[[Request], Answer]:
    """Serve the orders, with a fault."""
    return lambda request: fault(request) or take_order(request)


@dataclass
class InMemory:
    """Sends to a server in memory. sent: the requests so far."""

    serve: Callable[[Request], Answer]
    sent: list[Ask] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    def send(self, ask: Ask) -> Exchange:
        """Send one request."""
        self.sent.append(ask)
        headers = {name.lower(): TARGET.filled(value) for name, value in ask.headers}
        target = TARGET.filled(ask.path, quoted=True)
        answer = self.serve(Request(ask.method, target, headers, ask.body or b"", frozenset(), self.memory))
        if answer.cut:
            return Exchange(ask, 0, error="broken")
        return Exchange(ask, answer.status, tuple(answer.headers.items()), answer.body, 0.001, time.time())


@dataclass(frozen=True)
class Found:
    """What a fuzz found. failure: None for nothing."""

    failure: ContractFailure | None
    sender: InMemory
    run: Run

    @property
    def codes(self) -> set[str]:
        """The codes of the findings."""
        return {one.code for one in self.failure.findings} if self.failure else set()

    @property
    def request(self) -> Ask:
        """The request that is shown."""
        (made,) = self.run.take_trace().made
        return made.ask

    @property
    def body(self) -> Json:
        """Its body as a value."""
        value: Json = json.loads(self.request.body or b"null")
        return value


def fuzz(
    made: Contract,
    serve: Callable[[Request], Answer],
    group: str,
    each: int = 600,
    seed: int = 0,
    spending: Callable[[InMemory], Spending] | None = None,
) -> Found:
    """Fuzz the first operation of a contract; `InMemory` keeps what was sent."""
    sender = InMemory(serve)
    run = Run(made, TARGET, sender, MemoryExchanges(), spending(sender) if spending else None)
    (subject,) = (one for one in fuzzes_of(made, each, seed) if one.group == group)
    try:
        check_fuzz(run, subject)
    except ContractFailure as failure:
        return Found(failure, sender, run)
    return Found(None, sender, run)
