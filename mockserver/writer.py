"""Write answers and refusals as responses, with the headers that every one of them has, and tell the log.

It decides nothing: which rule, basis and status it writes is the engine's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mockserver import __version__
from mockserver.credentials import challenge
from mockserver.distorting import distorted, transport_of
from mockserver.exchange import Answer, Decision, Response
from mockserver.faults import NO_WISH, Wish
from mockserver.offering import BODILESS
from mockserver.replies import JSON, Replies, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.credentials import Refusal
    from mockserver.exchange import Request
    from mockserver.identifiers import Identifiers
    from mockserver.replies import Make
    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["JSON", "Decision", "Observer", "Writer", "header_text"]

Observer: TypeAlias = "Callable[[Request, Response, Decision], None]"
"""Told of every exchange once it is decided; it must not raise and must not take long."""


class Writer:
    """Turns what the engine decided into responses."""

    def __init__(
        self, contract: Contract, identifiers: Identifiers, observe: Observer, make: Make | None = None
    ) -> None:
        self._replies = Replies(contract, make)
        self._identifiers = identifiers
        self._observe = observe

    def send(
        self,
        request: Request,
        decision: Decision,
        answer: Answer,
        media_type: str = JSON,
        wish: Wish = NO_WISH,
        extra: tuple[tuple[str, str], ...] = (),
        request_id: str = "",
    ) -> Response:
        """Write an answer. `extra` headers stand before `X-Mock-Rule`, which is always the last."""
        headers = []
        body = b""
        status = answer.status
        delay = wish.delay
        transport = None
        media_type = answer.media_type or media_type
        if answer.raw is not None:
            body = answer.raw
        elif answer.body is None:
            media_type = ""
        else:
            body = encode(answer.body, pretty=(request.headers.get("user-agent") or "").startswith("curl/"))
        if wish is not NO_WISH and wish.marked:
            decision = _marked(decision, wish)
            if wish.fault:
                status, body, media_type = distorted(wish, status, body, media_type)
                transport = transport_of(wish)
                delay += wish.seconds if wish.fault == "no-answer" else 0
        if status in BODILESS:
            body, media_type = b"", ""
        if media_type:
            headers.append(("Content-Type", media_type))
        if status not in (204, 304):
            headers.append(("Content-Length", str(len(body))))
        request.id = request_id or self._identifiers.request_id()
        headers.append(("X-Oneapi-Request-Id", request.id))
        headers.append(("X-Mock-Version", __version__))
        if wish is not NO_WISH and wish.channel == "prefer" and wish.applied:
            headers.append(("Preference-Applied", wish.applied.encode("ascii", "replace").decode()))
        headers += answer.headers
        headers += extra
        headers.append(("X-Mock-Rule", f"{decision.rule}; basis={decision.basis}{decision.also}"))
        response = Response(status, headers, b"" if request.method == "HEAD" else body, delay, transport)
        self._observe(request, response, decision)
        return response

    def refuse(
        self,
        request: Request,
        operation: Operation | None,
        refusal: Refusal,
        wish: Wish = NO_WISH,
        field: str = "body",
        because: str = "",
        extra: tuple[tuple[str, str], ...] = (),
    ) -> Response:
        """Write a refusal in the shape that the contract has for its rule. `because` overrides the rule's own basis."""
        reply = self._replies.find(refusal.rule, operation)
        request_id = self._identifiers.request_id()
        values = {
            "detail": refusal.detail,
            "field": field,
            "request_id": request_id,
            "method": request.method,
            "path": request.path,
        }
        if reply.status == 401 and operation is not None:
            extra = (("WWW-Authenticate", challenge(operation, refusal.rule)), *extra)
        also = f"{refusal.also}; reply={reply.basis}"
        decision = Decision(refusal.rule, because or reply.because, refusal.detail, also)
        granted = wish.granted(reply.status)
        asked = because == "asked"
        if not asked and not reply.tells:
            extra = (*extra, ("X-Mock-Detail", header_text(refusal.detail)))
        answer = reply.answer(values, asked=asked)
        return self.send(request, decision, answer, reply.media_type, granted, extra, request_id)

    def status_of(self, rule: str, operation: Operation) -> int:
        """Tell which status the contract has for a rule."""
        return self._replies.find(rule, operation).status

    def own_fault(self, request: Request, name: str, what: str) -> Response:
        """Write the answer to a bug of the mock itself: it names the operation and shows no stack trace."""
        detail = f"The mock failed at {name}: {what}. This is a bug of the mock, not of the caller."
        error: Json = {"error": {"message": detail, "type": "mock_error", "code": "mock_bug"}}
        return self.send(request, Decision("mock.bug", "assumed", detail), Answer(500, error))


def header_text(text: str) -> str:
    """Write text as it may stand in quotes in a header: printable ASCII, the rest as `?`."""
    return "".join(mark if " " <= mark <= "~" and mark not in '"\\' else "?" for mark in text)


def _marked(decision: Decision, wish: Wish) -> Decision:
    """Say that the answer was asked for, by which channel, and which one it would be or is a variation of."""
    also = decision.also if decision.basis == "asked" else ""
    rule = f"fault.{wish.name}"
    answer = "" if decision.rule in (rule, "prefer") else f"; answer={decision.rule}"
    return Decision(rule, "asked", decision.detail, f"{also}; by={wish.channel}{answer}")
