"""Why an item gives no verdict: what came back says nothing about the contract, or it was not run at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.codes import define

if TYPE_CHECKING:
    from contract_tests.codes import Code
    from contract_tests.targets import Exchange

__all__ = [
    "ABSENT", "AMBIGUOUS", "HELD_BACK", "KEPT", "LEFT_OUT", "NOTHING_TO_SEND", "UNKNOWN", "UNMET", "Inconclusive",
    "NotRun", "inconclusive", "left_out",
]  # fmt: skip

SILENT = define(
    "AFC911", "silent target", "The target could not be reached, or did not answer.",
    why="An answer that did not come says nothing about the contract. Once the target has answered anything, a request "
    "that it leaves without an answer fails (AFC116).",
    silence="See that the target runs and can be reached from here. --contract-ca-bundle names other certificate "
    "authorities, --contract-max-response-time lets it take longer.",
)  # fmt: skip
BUSY = define(
    "AFC912", "busy target", "The target answered 429, 502, 503 or 504.",
    why="Such an answer is about the way to the service or about its load, not about the contract.",
    silence="Run the suite again later.",
)  # fmt: skip
GIVEN_UP = define(
    "AFC913", "given up", "The request was not sent, because the target answered none of those before.",
    why="A target that is silent from the start is left alone: each further request would only take its time.",
    silence="See AFC911.",
)  # fmt: skip
LOST = define(
    "AFC914", "lost answer", "The worker that sent the request died before it kept the answer.",
    why="The request may have cost something, so it is not sent a second time.",
    silence="Run the suite again. What ends a worker is mostly the memory of the machine.",
)  # fmt: skip
UNDECIDED = define(
    "AFC915", "undecided", "What was seen decides nothing.",
    why="A person who did not come, or a second key that the target does not know, is no fault of the target.",
    silence="The reason says what was missing.",
)  # fmt: skip
AMBIGUOUS = define(
    "AFC916", "paid without an end", "Nobody knows how a request ended that may have cost something.",
    why="It may have created something, so it is booked as spent and never sent again in this run.",
    silence="Run the suite again later, with another budget if this one is spent.",
)  # fmt: skip
LEFT_OUT = define(
    "AFC924", "left out by the budget", "The request was not sent: the budget has no room for it.",
    why="Requests that create something may be charged, so beyond this machine only so many are sent: those that tell "
    "most. Where a request that was to be refused is answered with success, the rest of its group is not sent either.",
    silence="--contract-plan shows what is sent, --contract-budget sets another budget.",
)  # fmt: skip
NOTHING_TO_SEND = define(
    "AFC921", "nothing to send", "The document gives nothing to send or to check.",
    why="A request is only made from what the document shows: an invented value would judge the invention.",
    silence="Give the parameter or the body an example, with an overlay for instance.",
)  # fmt: skip
UNKNOWN = define(
    "AFC925", "data needed", "The request needs a value that only you know.",
    why="An id that is made up leads nowhere, and 404 would judge the invention. So nothing is sent for what names a "
    "thing that has to exist and has no example.",
    silence="Give it an example in an overlay: contract-tests examples writes one to fill in, and --contract-overlay "
    "applies it.",
)  # fmt: skip
ABSENT = define(
    "AFC926", "no such thing", "The target has nothing of the id that was sent, or not in the state for it.",
    why="The example of the document is not there: 404 or 410 for an operation with an id in its path, 409 or 412 where"
    " the document knows them, say something of the target's data and nothing of the contract. The answer was judged.",
    silence="Give the id an example that exists, in an overlay: contract-tests examples --all writes one.",
)  # fmt: skip
HELD_BACK = define(
    "AFC927", "held back", "DELETE is not sent beyond this machine without your word.",
    why="It destroys what has the id, also at a target that had to refuse it and errs.",
    silence="--contract-allow-delete lets it go, within the budget.",
)  # fmt: skip
UNMET = define(
    "AFC922", "condition not met", "The item needs something that this run does not have.",
    why="A step needs the one before it, a person, a mock or a second key. One cause is told once, where it is.",
    silence="The reason says what it needs.",
)  # fmt: skip


KEPT = "DELETE is sent beyond this machine with --contract-allow-delete only"
"""Why a request is held back."""


class Inconclusive(Exception):
    """The exchange says nothing about the contract; `str()` says why."""

    def __init__(self, why: str, code: Code = UNDECIDED) -> None:
        super().__init__(why, code)
        self.code = code.code

    def __str__(self) -> str:
        return str(self.args[0])


class NotRun(Exception):
    """The item was not run; `str()` says why and what would let it run. remedy: lines to paste, '' for none."""

    def __init__(self, why: str, code: Code = UNMET, remedy: str = "") -> None:
        super().__init__(why, code, remedy)
        self.code = code.code
        self.remedy = remedy

    def __str__(self) -> str:
        return str(self.args[0])


def left_out(exchange: Exchange) -> NotRun:
    """Say that a request was not to be sent, and why."""
    return NotRun(exchange.left_out, HELD_BACK if exchange.left_out == KEPT else LEFT_OUT)


def inconclusive(exchange: Exchange) -> Inconclusive:
    """Say that an exchange tells nothing, and why."""
    silent = {"lost": LOST, "not sent": GIVEN_UP}.get(exchange.error, SILENT)
    return Inconclusive(exchange.inconclusive, BUSY if exchange.status else silent)
