"""The request pipeline, in the order of a request's life (ARCHITECTURE.md has the same list).

Takes and returns small values and knows no framework. Whatever a client sends, the answer is a refusal in the vendor's
shape or a documented status, never a stack trace.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.asking import CHANNELS, Asking
from mockserver.behaviours import Call, registered
from mockserver.behaviours.default import answer_from_document
from mockserver.bodies import read_body
from mockserver.clock import ShiftedClock, SystemClock
from mockserver.credentials import Credential, Keyring, Refusal, challenge
from mockserver.exchange import Answer
from mockserver.faults import NO_WISH, Wish
from mockserver.identifiers import Identifiers
from mockserver.journal import Journal
from mockserver.negotiation import choose, named
from mockserver.offering import in_range, json_media, offered
from mockserver.replies import EXTENSION
from mockserver.sessions import InMemory, Keeper, StoreUnavailable
from mockserver.writer import JSON, Decision, Writer, header_text
from openapi.document import DOCUMENTED
from openapi.errors import ContractError
from openapi.parameters import Texts
from openapi.samples import Missing
from openapi.schema import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockserver.behaviours import Behaviour
    from mockserver.clock import Clock
    from mockserver.exchange import Request, Response
    from mockserver.fault_queue import FaultQueue
    from mockserver.generating.answering import Answers
    from mockserver.sessions import Store
    from mockserver.settings import Settings
    from mockserver.writer import Observer
    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json
    from openapi.routing import Match
    from openapi.schema import Schema

__all__ = ["Engine"]


class Engine:
    """Answers the requests of one contract."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        clock: Clock | None = None,
        observe: Observer | None = None,
        store: Store | None = None,
        worker: int = 0,
    ) -> None:
        """Make the engine of one process.

        clock: the machine's by default; what `/_mock/clock` and `settings.frozen_at` do to it lies in the store. store:
        in memory by default, and then this engine's own. worker: tells apart the request ids of several processes.
        """
        self.settings = settings
        if store is None:
            store = InMemory(settings.most_sessions)
            store.set_clock(settings.clock_at_start)
        shifted = ShiftedClock(store.clock, clock or SystemClock(), StoreUnavailable)
        identifiers = Identifiers(shifted, settings.seed, worker)
        self.sessions = Keeper(store, identifiers, shifted, settings.session_life, settings.auto_complete)
        self._identifiers = identifiers
        self._observe = observe
        self.journal = Journal(self.sessions.store, contract, settings.journal)
        self._keyring = Keyring(settings.tokens, accept_any=settings.accept_any_token)
        self._take(contract)

    def with_contract(self, contract: Contract) -> Engine:
        """Make an engine of another contract that shares everything else with this one: sessions, clock, log."""
        other = copy.copy(self)
        other._take(contract)  # noqa: SLF001 - it is one of our own kind
        return other

    def _take(self, contract: Contract) -> None:
        """Set all that hangs on the contract."""
        self.contract = contract
        self.journal = self.journal.of(contract)
        self._made_answers: Answers | None = None
        self._writer = Writer(contract, self._identifiers, self.journal.beside(self._observe), self._make_error)
        self._asking = Asking(contract, self.sessions.store, self._writer.status_of, self._answers)
        self._plans: dict[int, _Plan] = {}

    def _answers(self) -> Answers:
        """Give what answers from the document; 3 ms to import, and the vendor's operations have behaviours."""
        if self._made_answers is None:
            from mockserver.generating.answering import Answers

            self._made_answers = Answers(self._identifiers)
        return self._made_answers

    def _make_error(self, operation: Operation, status: int, media: MediaType) -> Json | Missing:
        """Make the body of a documented error."""
        return self._answers().error(operation, status, media)

    @property
    def faults(self) -> FaultQueue:
        """What the next requests are answered with: `engine.faults.add("code=429", times=3)`."""
        return self._asking.queue

    def answer(self, request: Request) -> Response:
        """Answer a request. Raises nothing."""
        try:
            match = self.contract.find(request.route)
        except Exception as error:  # noqa: BLE001 - as below
            return self.own_fault(request, type(error).__name__)
        return self.answer_at(match, request)

    def answer_at(self, match: Match | None, request: Request) -> Response:
        """Answer a request whose path has been looked up already. Raises nothing."""
        try:
            return self._answer(match, request)
        except Exception as error:  # noqa: BLE001 - the last net: a bug of ours names itself and shows no stack trace
            operation = match.operations.get(request.method) if match else None
            what = str(error) if isinstance(error, ContractError | AssertionError) else type(error).__name__
            return self._writer.own_fault(request, operation.name if operation else request.method, what)

    def refuse_page_method(self, request: Request, allowed: Iterable[str]) -> Response:
        """Refuse a wrong method on a page that is no contract operation, or answer OPTIONS. Raises nothing."""
        allow = ("Allow", ", ".join(sorted({*allowed, "OPTIONS"})))
        if request.method == "OPTIONS":
            return self._writer.send(request, Decision("route.options", "rfc"), Answer(204, None), extra=(allow,))
        refusal = Refusal("route.method", f"This path takes {allow[1]}.")
        return self._writer.refuse(request, None, refusal, extra=(allow,))

    def own_fault(self, request: Request, what: str) -> Response:
        """Answer for a bug of a page. Raises nothing."""
        return self._writer.own_fault(request, request.path, what)

    def _answer(self, match: Match | None, request: Request) -> Response:  # noqa: C901, PLR0912 - one list of steps
        # 1. Match path and method.
        if match is None:
            return self._refuse_path(request)
        operation = match.operations.get(request.method)
        if operation is None and request.method == "HEAD":
            operation = match.operations.get("GET")
        if operation is None:
            found = self._find_method(request)
            if found is None:
                return self._refuse_method(match, request)
            match, operation = found
        plan = self._plans.get(id(operation))  # not by its name: documents with other base paths may have the same
        if plan is None:
            if operation.trouble is not None:
                return self._refuse_unserved(request, operation.trouble)
            plan = self._plans[id(operation)] = _plan(operation, registered().get(operation.id))
        request.operation = operation
        # 2. Read what the caller asks the mock to do.
        prefer = request.headers.get("prefer")
        wish = NO_WISH if prefer is None else self._asking.by_header(request, prefer)
        if isinstance(wish, Refusal):
            return self._writer.refuse(request, operation, wish)
        if wish is not NO_WISH and wish.refuses:
            return self._send_error_asked_for(request, operation, wish)
        # 3. Authenticate.
        credential = self._keyring.authenticate(operation, request)
        if isinstance(credential, Credential) and plan.group and credential.group not in (plan.group, ""):
            credential = Refusal("auth.group", f"This key is of another group; {plan.group} is asked for.")
        if isinstance(credential, Refusal):
            return self._writer.refuse(request, operation, credential, wish)
        request.key = credential.sandbox
        # 4. Read the body, within the limit.
        read = read_body(operation, request, self.settings.body_limit)
        if isinstance(read, Refusal):
            return self._writer.refuse(request, operation, read, wish)
        body, schema, wrong = read
        # 5. Validate against the compiled operation.
        values: Mapping[str, Json] = {}
        violations: tuple[Violation, ...] = ()
        if operation.parameters:
            values, violations = operation.check_parameters(_texts(operation, match, request))
        violations += wrong or _check_body(operation, body, schema)
        if violations:
            return self._refuse_violation(request, operation, violations[0], wish)
        # 6. Read what the request asks for without a header, and what is queued for it.
        if wish is NO_WISH and self._asking.may_ask(credential, body):
            wish = self._asking.elsewhere(request, operation, credential, body)
            if isinstance(wish, Refusal):
                return self._writer.refuse(request, operation, wish)
            if wish.refuses:
                return self._send_error_asked_for(request, operation, wish)
        # 7. See whether the caller accepts the type of the answer: the plan's, or that of the answer asked for.
        decision, choices = plan.decision, plan.media_types
        if wish.chooses:
            decision, choices = _ASKED, offered(operation, wish.code) if wish.code else choices
        accept = request.headers.get("accept")
        media_type: str | None = JSON  # of what has no content, nobody asks
        if choices:
            media_type = choose(accept, choices) or in_range(operation, wish.code or plan.status, named(accept))
        if media_type is None:
            listed = f"{choices[0]}, the only type there is" if len(choices) == 1 else " and ".join(choices)
            return self._writer.refuse(
                request, operation, Refusal("accept", f"The Accept header rules out {listed}."), wish
            )
        # 8. Behave, and check what the behaviour made of it when told to.
        call = Call(operation, credential, body, values, self.sessions, self.settings, media_type)
        answer = self._behave(plan, call, wish)
        if isinstance(answer, Refusal):
            impossible = answer.rule == "request.fault"  # then nothing of the wish is done
            return self._writer.refuse(request, operation, answer, NO_WISH if impossible else wish)
        # 9. Send the answer, and tell the log and the journal.
        decision = decision if answer.basis is None else Decision(f"{decision.rule}.{answer.rule}", answer.basis)
        return self._writer.send(request, decision, answer, media_type, wish)

    def _behave(self, plan: _Plan, call: Call, wish: Wish) -> Answer | Refusal:
        operation = call.operation
        if wish.chooses:
            return self._asking.answer(operation, wish, call)
        try:
            if plan.behaviour is None:
                return answer_from_document(call, self._answers())
            answer = plan.behaviour.function(call)
        except StoreUnavailable as error:
            return Refusal("mock.store", str(error))
        if isinstance(answer, Refusal):
            return answer
        if self.settings.check_answers:
            _check_answer(operation, answer)
        return answer

    def _send_error_asked_for(self, request: Request, operation: Operation, wish: Wish) -> Response:
        """Answer with the error that was asked for, in the shape that the contract has for it."""
        rule = self._asking.rule(operation, wish)
        if rule:
            refusal = Refusal(rule, f"This status was asked for by the {CHANNELS[wish.channel]}.")
            extra = (("Retry-After", "1"),) if wish.fault == "429-retry-after" else ()
            return self._writer.refuse(request, operation, refusal, wish, because="asked", extra=extra)
        choices = offered(operation, wish.code or 200)
        accept = request.headers.get("accept")
        media_type = choose(accept, choices) or next(iter(choices), JSON)  # an error is told all the same
        answer = self._asking.answer(operation, wish, media_type=media_type)
        if isinstance(answer, Refusal):
            return self._writer.refuse(request, operation, answer)
        extra = (("WWW-Authenticate", challenge(operation, "")),) if answer.status == 401 else ()
        return self._writer.send(request, _ASKED, answer, media_type, wish, extra)

    def reset(self, credential: str | None) -> int:
        """Forget the sessions and the queue of a credential, or of all, and the clock's changes; count the sessions.

        Raises `StoreUnavailable`.
        """
        self.faults.clear(credential)
        gone = self.sessions.forget(credential)
        if credential is None:
            self.sessions.store.set_clock(self.settings.clock_at_start)
        return gone

    def _refuse_path(self, request: Request) -> Response:
        nearest = ", ".join(self.contract.nearest_operations(request.path))
        what, also = f"There is no such path; nearest: {nearest or 'none'}.", f'; nearest="{header_text(nearest)}"'
        return self._writer.refuse(request, None, Refusal("route.path", what, also), because="rfc")

    def _refuse_unserved(self, request: Request, trouble: ContractError) -> Response:
        """Refuse an operation whose description cannot be read; the reason names the place in the document."""
        return self._writer.refuse(request, None, Refusal("mock.unserved", f"This operation is not served. {trouble}"))

    def _find_method(self, request: Request) -> tuple[Match, Operation] | None:
        """Find the operation of another path that fits as well: `GET /pets/{id}` where `/pets/new` takes PUT alone."""
        fitting = self.contract.fitting(request.route)
        for method in (request.method, *(["GET"] if request.method == "HEAD" else [])):
            for one in fitting:
                if method in one.operations:
                    return one, one.operations[method]
        return None

    def _refuse_method(self, match: Match, request: Request) -> Response:
        known = {*match.operations}.union(*(one.operations for one in self.contract.fitting(request.route)))
        allowed = {*known, "OPTIONS"} | ({"HEAD"} if "GET" in known else set())
        allow = ("Allow", ", ".join(sorted(allowed)))
        if request.method == "OPTIONS":
            return self._writer.send(request, Decision("route.options", "rfc"), Answer(204, None), extra=(allow,))
        operation = next((one for one in match.operations.values() if one.trouble is None), None)
        return self._writer.refuse(
            request, operation, Refusal("route.method", f"This path takes {allow[1]}."), extra=(allow,)
        )

    def _refuse_violation(self, request: Request, operation: Operation, violation: Violation, wish: Wish) -> Response:
        rule = "request.parameter"
        if violation.place == "body":
            rule = "body.required" if violation.keyword == "required" else "body.schema"
        what = f"Invalid value for {_named(violation, operation)}: expected {violation.expected}, "
        what += f"received {violation.received}."
        because = operation.origin(violation.clause).basis
        return self._writer.refuse(request, operation, Refusal(rule, what), wish, violation.field, because)


@dataclass(slots=True)
class _Plan:
    """What is known of an operation before its first request."""

    behaviour: Behaviour | None
    decision: Decision
    media_types: tuple[str, ...]
    group: str
    status: int


_ASKED = Decision("prefer", "asked")
"""The decision when the Prefer header named the answer."""


def _plan(operation: Operation, known: Behaviour | None) -> _Plan:
    group = operation.extension("x-mock-group")
    chosen = operation.success()
    status = chosen[0] if chosen else 200
    media_types = offered(operation, status)
    decision = Decision(header_text(operation.id), known.basis if known else _basis_of_example(operation))
    if known is not None:  # its answers are JSON
        media_types = tuple(name for name in media_types if "json" in name) or ("application/json",)
    return _Plan(known, decision, media_types, str(group.value) if group else "", status)


def _basis_of_example(operation: Operation) -> str:
    """Tell on which basis an answer from the document stands: its example, unless that has a basis of its own."""
    chosen = operation.success()
    stated = DOCUMENTED if chosen is None else chosen[1].node.document.origin(chosen[1].node.pointer)
    return "example" if stated == DOCUMENTED else stated.basis


def _named(violation: Violation, operation: Operation) -> str:
    """Name a value with its place; the replies of a document have words of their own, for bodies alone."""
    if violation.place != "body":
        return f"the {violation.place} parameter {violation.field}"
    if operation.extension(EXTENSION) is not None:
        return violation.field
    return f"{violation.field} in the body" if violation.pointer else "the body"


def _texts(operation: Operation, match: Match, request: Request) -> Texts:
    return Texts(match.values(operation), request.query, request.headers.get)


def _check_body(operation: Operation, body: Json | Missing, schema: Schema | None) -> tuple[Violation, ...]:
    if not isinstance(body, Missing):
        return schema.check(body) if schema is not None else ()
    if not operation.body_required:
        return ()
    schema = operation.body[0].schema
    required = schema.node.value.get("required") if schema and isinstance(schema.node.value, dict) else None
    named = [f"/{name}" for name in required] if isinstance(required, list) else []
    asked = {one.pointer for one in schema.check({}) if one.keyword == "required"} if schema and named else set()
    first = next((one for one in named if one in asked), "")  # what is readOnly is not asked for
    return (
        Violation("body", first, "required", "a value", "nothing", f"{operation.node.pointer}/requestBody/required"),
    )


def _check_answer(operation: Operation, answer: Answer) -> None:
    media = json_media(operation, answer.status)
    violations = media.schema.check(answer.body) if media and media.schema else ()
    if operation.response(answer.status) is None or violations:
        raise AssertionError(f"answered {answer.status} against its own contract ({'; '.join(map(str, violations))})")
