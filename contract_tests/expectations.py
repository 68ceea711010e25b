"""What is expected of the status of an answer: by each kind of case, and of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.cases import GROUPS
from contract_tests.codes import define
from contract_tests.failures import Finding
from contract_tests.judge import STATUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.cases import Case
    from contract_tests.targets import Exchange

__all__ = ["absent", "expectation", "expected_statuses", "unanswered", "unsaid"]

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

UNSAID = define(
    "AFC117", "undocumented refusal", "The document knows the refusal.", basis="assumed",
    why="What security asks for and a schema forbids is refused, whether or not the document lists the status: it need "
    "not cover all of them (OpenAPI 3.1.1, 4.8.16 Responses Object). So the target is right, and the document has a "
    "gap: clients that are generated from it do not know what came.",
    silence="Document the status, in an overlay for instance.",
)  # fmt: skip

_EXPECTED = {
    "accepted": (ACCEPTED, "a documented 2xx"),
    "invalid": (INVALID, "400, or the documented 4xx"),
    "unauthorized": (UNAUTHORIZED, "401"),
    "no_method": (NO_METHOD, "405"),
    "no_path": (NO_PATH, "404"),
}
_OTHERWISE = frozenset({401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 421, 423, 425, 426, 428, 429, 431, 451})
"""Statuses that refuse for another reason than what was sent."""

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


def absent(case: Case, exchange: Exchange) -> str:
    """Say that the target has nothing of the id that was sent, or not in the state for it; '' for all other answers."""
    status = exchange.status
    if case.expect not in ("accepted", "invalid") or _is_expected(case, status):
        return ""
    if status in (404, 410) and "{" in case.operation.path:
        return f"the target answered {status}: it has nothing of the id in the path; give one that exists"
    documented = {one.status for one in case.operation.responses}
    if status in (409, 412) and case.expect == "accepted" and str(status) in documented:
        return f"the target answered {status}, as documented: what it has is not in the state for this request"
    return ""


def unsaid(case: Case, exchange: Exchange, finding: Finding) -> Finding:
    """Make a gap of the document of a finding about its statuses, where it is right to answer this one."""
    if finding.code != STATUS.code:
        return finding
    refused = case.expect in ("unauthorized", "invalid") and _is_expected(case, exchange.status)
    unsure = case.group == "auth" and case.basis == "assumed" and exchange.status in (401, 403)
    if not refused and not unsure and not absent(case, exchange):
        return finding
    return Finding.of(UNSAID, UNSAID.basis, "a documented refusal", str(exchange.status))


def _is_expected(case: Case, status: int) -> bool:
    if case.expect == "accepted":
        return (200 <= status < 300 or _redirects(case, status)) and case.operation.response(status) is not None
    return status in (_refusals(case) if case.expect == "invalid" else {_STATUS[case.expect]})


def _redirects(case: Case, status: int) -> bool:
    """Whether a redirection is the success of an operation: it documents one, and no 2xx."""
    success = case.operation.success()
    return 300 <= status < 400 and success is not None and 300 <= success[0] < 400


def expected_statuses(case: Case) -> set[int]:
    """Give the statuses with which a case may be answered as it expects, as far as they are documented."""
    documented = {status for status in range(100, 600) if case.operation.response(status) is not None}
    return {status for status in documented if _is_expected(case, status)}


def _refusals(case: Case) -> set[int]:
    """Name the statuses that may refuse an invalid request.

    400, also 422 and, where the type of the body is what is wrong, 415, if they are documented (RFC 9110 15.5.16 and
    15.5.21); 400 beside 422 as well, and 415 for a type where `default` covers it or 400 is not known. Where none of
    them is: what is documented of 4xx, but for what refuses for another reason; and 400 and 422, for no document has to
    name each refusal.
    """
    documented = {int(one.status) for one in case.operation.responses if one.status.isdigit()}
    meant = {400, 422} if case.ask.header("Content-Type") and case.group != "media-type" else {400, 415, 422}
    if not documented:
        return {400}
    others = {status for status in documented if 400 < status < 500 and status not in _OTHERWISE}
    if known := documented & meant:
        typed = case.group == "media-type" and (400 not in known or case.operation.response(415) is not None)
        return known | ({400} if 422 in known else set()) | ({415} if typed else set())
    return others | meant
