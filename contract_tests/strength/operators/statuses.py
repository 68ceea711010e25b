"""Operators over statuses: another one, a success where a refusal is due, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from contract_tests.strength.mutating import Kind, Mutation, firmest, operator
from contract_tests.strength.operators.changing import WHOLE, to_fixed, to_value
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.strength.answers import Answer
    from contract_tests.strength.rehearsing import Moment
    from openapi.reading import Json

STATUS = "status"

USUAL = (
    200,
    201,
    202,
    203,
    204,
    206,
    301,
    302,
    304,
    307,
    400,
    401,
    402,
    403,
    404,
    405,
    406,
    409,
    410,
    413,
    415,
    418,
    422,
    429,
)
BROKEN = (500, 501, 502, 503, 504)
BARE = (204, 304)
"""Statuses that have no body (RFC 9110 15.3.5, 15.4.5)."""

ERROR: dict[str, Json] = {"error": {"message": "busy", "type": "server_error", "code": "busy"}}


def why(kind: Kind) -> str:
    """Tell on which basis answers have the status that they have."""
    if kind.of_a_route:
        return "rfc"
    cases = [one.case.basis for one in kind.seen if one.case is not None]
    if not cases and kind.response is not None:
        cases = [kind.response.node.document.origin(kind.response.node.pointer).basis]
    return firmest(cases)


@operator("status")
def status(kind: Kind) -> Iterator[Mutation]:
    """The status is another one."""
    documented = {int(one.status) for one in kind.operation.responses if one.status.isdigit()}
    for other in sorted({*USUAL, *BROKEN, *documented} - {kind.status}):

        def change(right: Answer, _: Moment, other: int = other) -> Answer:
            changed = replace(right, status=other, body=b"" if other in BARE else right.body)
            return changed.having("Location", "/elsewhere") if other in (301, 302, 307) else changed

        yield Mutation(str(other), STATUS, why(kind), change)


def _success(kind: Kind) -> Answer | None:
    """Give a right success of the operation, if the run has one."""
    same = (other for other in kind.others if other.operation is kind.operation and other.succeeds)
    return next((other.seen[0].answer for other in same), None)


@operator("accept")
def accept(kind: Kind) -> Iterator[Mutation]:
    """One request that has to be refused is answered with a success."""
    success = _success(kind)
    if kind.succeeds or success is None:
        return
    for one in _requests(kind):
        yield Mutation(one.place, one.clause, one.basis, partial(_on, one, success))


@operator("refuse")
def refuse(kind: Kind) -> Iterator[Mutation]:
    """One request that is documented is refused."""
    refusals = [other for other in kind.others if other.operation is kind.operation and not other.succeeds]
    if not kind.succeeds:
        return
    for refusal in refusals:
        if not refusal.of_a_route:
            for one in _requests(kind):
                change = partial(_on, one, refusal.seen[0].answer)
                yield Mutation(f"{one.place}/{refusal.status}", one.clause, one.basis, change)


@dataclass(frozen=True, slots=True)
class _Request:
    """One request among those of a kind: by its case, or by its number where it has none."""

    place: str
    clause: str
    basis: str
    case: str
    number: int


def _requests(kind: Kind) -> Iterator[_Request]:
    known: set[str] = set()
    for number, one in enumerate(kind.seen):
        if one.case is None:
            yield _Request(f"answer-{number + 1}", "request", why(kind), "", number)
        elif one.case.id not in known:
            known.add(one.case.id)
            place = f"{one.case.group}/{one.case.name}"
            yield _Request(place, f"request {one.case.group}", one.case.basis, one.case.id, number)


def _on(request: _Request, other: Answer, right: Answer, moment: Moment) -> Answer:
    """Answer one request otherwise, and every other rightly."""
    case = moment.seen.case
    hit = case.id == request.case if case is not None else not request.case and moment.number == request.number
    return other if hit else right


@operator("success-in-error")
def success_in_error(kind: Kind) -> Iterator[Mutation]:
    """A refusal holds what a success holds: alone, or beside the error."""
    success = _success(kind)
    if kind.succeeds or success is None or not success.body:
        return

    held = success.value

    def beside(value: Json) -> Json:
        return value if isinstance(held, Missing) or not isinstance(value, dict) else {**value, "data": held}

    alone = replace(success, status=kind.status)
    yield Mutation("alone", WHOLE, "example", lambda right, _: replace(alone, headers=_joined(alone, right)))
    yield Mutation("beside", WHOLE, "example", to_value(beside))


def _joined(one: Answer, other: Answer) -> tuple[tuple[str, str], ...]:
    """Put the headers of two answers together, those of the first where both have one."""
    known = {name.lower() for name, _ in one.headers}
    return (*one.headers, *(pair for pair in other.headers if pair[0].lower() not in known))


@operator("error-in-success")
def error_in_success(kind: Kind) -> Iterator[Mutation]:
    """A success holds an error: alone, beside the result, or as a code of its own."""
    if not kind.succeeds or not kind.values:
        return

    def beside(value: Json) -> Json:
        return {**value, **ERROR} if isinstance(value, dict) else value

    coded: Json = {"code": 500, "message": "busy", "data": None}
    yield Mutation("alone", WHOLE, "example", to_value(to_fixed(ERROR)))
    yield Mutation("beside", WHOLE, "example", to_value(beside))
    yield Mutation("coded", WHOLE, "example", to_value(to_fixed(coded)))


@operator("error-as-200")
def error_as_200(kind: Kind) -> Iterator[Mutation]:
    """A refusal is sent with status 200, its body unchanged."""
    if not kind.succeeds:
        yield Mutation(STATUS, STATUS, why(kind), lambda right, _: replace(right, status=200))
