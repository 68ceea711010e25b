"""What is expected of the status of an answer: by each kind of case, and of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.cases import GROUPS
from contract_tests.codes import define
from contract_tests.failures import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.cases import Case
    from contract_tests.targets import Exchange

__all__ = ["expectation", "expected_statuses", "unanswered"]

ACCEPTED = define(
    "AFC111", "accepted", "A request that the document allows is answered with a documented 2xx.",
    why="The document says that it may be sent: a client that sends it is right, and gets nothing.",
)  # fmt: skip
INVALID = define(
    "AFC112", "invalid request", "A request that the document forbids is answered with 400, or the documented 4xx.",
    why="Success hides a mistake of the client; 500 says that the host did not expect it; 401 blames the key.",
)  # fmt: skip
UNAUTHORIZED = define(
    "AFC113", "unauthorized", "A request without a right credential is answered with 401.",
    why="Success lets anybody in. Another status leaves a client in the dark about what to change.",
)  # fmt: skip
NO_METHOD = define(
    "AFC114", "no such method", "A method that the path does not document is answered with 405.", basis="rfc",
    why="405 is what tells a wrong method from a wrong path (RFC 9110 15.5.6).",
)  # fmt: skip
NO_PATH = define(
    "AFC115", "no such path", "A path that does not exist is answered with 404.", basis="rfc",
    why="404 is what tells a wrong path from a wrong request (RFC 9110 15.5.5).",
)  # fmt: skip
NO_ANSWER = define(
    "AFC116", "no answer", "Every request is answered.", basis="documented",
    why="A connection that breaks, or an answer that never ends, keeps a client waiting until it gives up.",
)  # fmt: skip

_EXPECTED = {
    "accepted": (ACCEPTED, "a documented 2xx"),
    "invalid": (INVALID, "400, or the documented 4xx"),
    "unauthorized": (UNAUTHORIZED, "401"),
    "no_method": (NO_METHOD, "405"),
    "no_path": (NO_PATH, "404"),
}
_STATUS = {"unauthorized": 401, "no_method": 405, "no_path": 404}


def expectation(case: Case, exchange: Exchange) -> Iterator[Finding]:
    """Yield a finding when a case was not answered with the status that it expects."""
    if exchange.status == 0:
        yield unanswered(exchange)
    elif not _is_expected(case, exchange.status):
        code, expected = _EXPECTED[case.expect]
        group = GROUPS[case.group].code.code
        yield Finding(code.code, case.basis, case.sentence, expected, str(exchange.status), group=group)


def unanswered(exchange: Exchange) -> Finding:
    """Say that a request got no answer."""
    return Finding.of(NO_ANSWER, NO_ANSWER.basis, "an answer", exchange.trouble)


def _is_expected(case: Case, status: int) -> bool:
    if case.expect == "accepted":
        return 200 <= status < 300 and case.operation.response(status) is not None
    return status in (_refusals(case) if case.expect == "invalid" else {_STATUS[case.expect]})


def expected_statuses(case: Case) -> set[int]:
    """Give the statuses with which a case may be answered as it expects, as far as they are documented."""
    documented = {status for status in range(100, 600) if case.operation.response(status) is not None}
    return {status for status in documented if _is_expected(case, status)}


def _refusals(case: Case) -> set[int]:
    """Name the statuses that may refuse an invalid request.

    400, also 422 and, where the type of the body is what is wrong, 415, if they are documented (RFC 9110 15.5.16 and
    15.5.21). Where none of them is: what is documented of 4xx but 401, 403 and 404.
    """
    documented = {int(one.status) for one in case.operation.responses if one.status.isdigit()}
    meant = {400, 422} if case.ask.header("Content-Type") and case.group != "media-type" else {400, 415, 422}
    if not documented:
        return {400}
    others = {status for status in documented if 400 < status < 500 and status not in (401, 403, 404)}
    return documented & meant or others or {400, 422}
