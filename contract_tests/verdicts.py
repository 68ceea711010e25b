"""Why an item gives no verdict: what came back says nothing about the contract, or it was not run at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.codes import define

if TYPE_CHECKING:
    from contract_tests.codes import Code
    from contract_tests.targets import Exchange

__all__ = ["AMBIGUOUS", "LEFT_OUT", "NOTHING_TO_SEND", "UNMET", "Inconclusive", "NotRun", "inconclusive"]

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
UNMET = define(
    "AFC922", "condition not met", "The item needs something that this run does not have.",
    why="A step needs the one before it, a person, a mock or a second key. One cause is told once, where it is.",
    silence="The reason says what it needs.",
)  # fmt: skip


class Inconclusive(Exception):
    """The exchange says nothing about the contract; `str()` says why."""

    def __init__(self, why: str, code: Code = UNDECIDED) -> None:
        super().__init__(why, code)
        self.code = code.code

    def __str__(self) -> str:
        return str(self.args[0])


class NotRun(Exception):
    """The item was not run; `str()` says why and what would let it run."""

    def __init__(self, why: str, code: Code = UNMET) -> None:
        super().__init__(why, code)
        self.code = code.code

    def __str__(self) -> str:
        return str(self.args[0])


def inconclusive(exchange: Exchange) -> Inconclusive:
    """Say that an exchange tells nothing, and why."""
    silent = {"lost": LOST, "not sent": GIVEN_UP}.get(exchange.error, SILENT)
    return Inconclusive(exchange.inconclusive, BUSY if exchange.status else silent)
