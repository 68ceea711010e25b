"""What of a wish can be granted: finds the wish of a request, and the rule or example that answers it.

The channels in their order: the Prefer header, the end of the key, the host of the CallbackURL, the queue. The first
that asks decides alone, and a request that asks by itself takes nothing from the queue.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mockserver.credentials import Refusal
from mockserver.fault_queue import FaultQueue
from mockserver.faults import CODES, NO_WISH, Wish, WrongWish, read_prefer
from mockserver.magic import CALLBACK, HOST, asked_by_callback, asked_by_key
from mockserver.offering import media_of
from mockserver.replies import EXTENSION
from mockserver.sessions import StoreUnavailable
from openapi.samples import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.behaviours import Call
    from mockserver.credentials import Credential
    from mockserver.exchange import Answer, Request
    from mockserver.faults import Channel
    from mockserver.generating.answering import Answers
    from mockserver.sessions import Store
    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["CHANNELS", "Asking"]

CHANNELS: dict[Channel, str] = {
    "prefer": "Prefer header",
    "key": "end of the key",
    "callback": "host of the CallbackURL",
    "queue": "queue",
}
"""Channel -> what it is called in a sentence."""

NO_RESET = (
    "fault=reset cannot be done here: this server gives nobody its connections. Ask for truncated-body or no-answer, "
    "or serve create_app() with Werkzeug."
)

_RULES = {400: "body.schema", 401: "auth.unknown", 403: "auth.state.banned", 404: "route.path", 413: "body.size"}
"""Status that was asked for -> the rule whose reply has the contract's shape for it."""


class Asking:
    """The wishes of the requests to one contract, and the queue of those to come."""

    def __init__(
        self,
        contract: Contract,
        store: Store,
        status_of: Callable[[str, Operation], int],
        answers: Callable[[], Answers],
    ) -> None:
        """Make it. `status_of` tells which status the contract has for a rule, at an operation."""
        self._answers = answers
        self._status_of = status_of
        self._queued = store.faults
        self.queue = FaultQueue(store, contract, self.refusal)

    def by_header(self, request: Request, header: str) -> Wish | Refusal:
        """Read the wish of a Prefer header, or say what is wrong with it."""
        return _possible(request, read_prefer(header))

    def may_ask(self, credential: Credential, body: Json | Missing) -> bool:
        """Tell, at the cost of three looks, whether there is anything to read for a request without a Prefer header."""
        url = body.get(CALLBACK) if isinstance(body, dict) else None
        if credential.asks or (isinstance(url, str) and HOST in url):
            return True
        try:
            return self._queued() != ""
        except StoreUnavailable:
            return True  # it is said there

    def elsewhere(
        self, request: Request, operation: Operation, credential: Credential, body: Json | Missing
    ) -> Wish | Refusal:
        """Find the wish of a request that has none in its header."""
        try:
            wish = asked_by_key(credential.asks) if credential.asks else asked_by_callback(body)
            return _possible(request, self.queue.take(credential.sandbox, operation) if wish is NO_WISH else wish)
        except WrongWish as error:
            return Refusal("request.fault", str(error))
        except StoreUnavailable as error:
            return Refusal("mock.store", str(error))

    def rule(self, operation: Operation, wish: Wish) -> str:
        """Find the rule whose reply is the error that was asked for; '' when the document describes it."""
        if wish.code is None:
            return f"fault.{wish.fault}"
        if wish.code in CODES:
            return "" if operation.response(wish.code) else f"fault.{wish.code}"
        rule = _RULES.get(wish.code, "")
        if operation.response(wish.code) and operation.extension(EXTENSION) is None:
            return ""
        if rule == "route.path" and any(one.status == "404" for one in operation.responses):
            return ""  # the operation has a 404 of its own, which is not that of an unknown path
        return rule if rule and self._status_of(rule, operation) == wish.code else ""

    def refusal(self, operation: Operation, wish: Wish) -> Refusal | None:
        """Say why an operation cannot give the answer that a wish names; None when it can."""
        if not wish.chooses or (wish.refuses and self.rule(operation, wish)):
            return None
        answer = self.answer(operation, wish)
        return answer if isinstance(answer, Refusal) else None

    def answer(
        self, operation: Operation, wish: Wish, call: Call | None = None, media_type: str = ""
    ) -> Answer | Refusal:
        """Answer with the status that was asked for, or with the success, by the example that was asked for, if any.

        Without one there is a valid example, or a value is made; `dynamic=true` makes it even so. media_type: that was
        negotiated, where there is no call.
        """
        chosen = operation.success()
        status = wish.code or (chosen[0] if chosen else 200)
        if operation.response(status) is None:
            known = ", ".join(response.status for response in operation.responses)
            others = ", ".join(map(str, self._undocumented(operation)))
            said = f"code={status} is not documented here; documented: {known}; of a gateway: {others}."
            return _refused(wish, said, "Prefer: ")
        media = media_of(operation, status, call.media_type if call is not None else media_type)
        if wish.example is not None:
            answer = self._answers().example(operation, status, media, _named(wish.example, media))
            return answer or _no_example(wish, status, media)
        sent, body = (call.parameters, call.body) if call is not None else ({}, MISSING)
        return self._answers().answer(operation, status, media, sent, body, dynamic=wish.dynamic)

    def _undocumented(self, operation: Operation) -> list[int]:
        """List the statuses that are answered at an operation although its document has none of them."""
        return [
            code
            for code in sorted({*CODES, *_RULES})
            if self.rule(operation, Wish(code)) and not operation.response(code)
        ]


def _possible(request: Request, wish: Wish | Refusal) -> Wish | Refusal:
    if isinstance(wish, Wish) and wish.fault == "reset" and not request.resettable:
        return Refusal("request.fault", NO_RESET)
    return wish


def _named(name: str, media: MediaType | None) -> str:
    """Give the name of an example as the document has it: what is no ASCII came through a header as octets."""
    if name.isascii() or media is None or name in media.examples:
        return name
    with suppress(UnicodeError):
        return name.encode("latin-1").decode("utf-8")
    return name


def _no_example(wish: Wish, status: int, media: MediaType | None) -> Refusal:
    known = ", ".join(media.examples if media else ()) or "none"
    return _refused(wish, f"There is no example {wish.example!r} for {status}; there are: {known}.")


def _refused(wish: Wish, detail: str, prefix: str = "") -> Refusal:
    if wish.channel == "prefer":
        return Refusal("request.prefer", prefix + detail)
    return Refusal("request.fault", f"The {CHANNELS[wish.channel]}: {detail}")
