"""Sends requests within a budget: books each before, keeps to a rate, and waits when a target asks for it.

What is left out is an exchange as well: one that was not sent, and says why.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from contract_tests.ledger import Ledger
from contract_tests.targets import LEFT_OUT, Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.targets import Ask

__all__ = ["LONGEST_WAIT", "Sends", "Spending", "retry_after"]

LONGEST_WAIT = 60.0
"""Seconds that we wait for one request in all when the target asks for it."""

TIMES = 3
"""So often is a free request sent at most."""


class Sends(Protocol):
    """What sends requests: `sending.Sender` over the network."""

    def send(self, ask: Ask) -> Exchange:
        """Send one request and give what came of it; never raises for what the target does."""


@dataclass(slots=True)
class Spending:
    """Sends what the ledger allows.

    left_out: requests that are not to be sent, by name, each with the reason. max_wait: seconds that the whole run
    waits when the target asks for it.
    """

    sender: Sends
    ledger: Ledger = field(default_factory=Ledger)
    left_out: Mapping[str, str] = field(default_factory=dict)
    max_wait: float = 120.0

    def send(self, name: str, ask: Callable[[], Ask], *, paid: bool, creates: bool, keep: bool = True) -> Exchange:
        """Send a request under a name, or give an exchange that says why it was not sent.

        paid: success is expected to create something. creates: whatever is answered with success has. keep: whether the
        ledger keeps the name, or counts the request only.
        """
        if why := self.left_out.get(name):
            self.ledger.leave_out(name, why)
            return Exchange(ask(), 0, error=LEFT_OUT + why)
        made = self._send(name, ask(), paid=paid, creates=creates, keep=keep)
        ready, again = time.monotonic() + LONGEST_WAIT, 1
        # What may have cost something is never sent again, whatever the answer says.
        while made.status == 429 and not paid and again < TIMES:
            seconds = retry_after(made)
            if seconds is None or time.monotonic() + seconds > ready or not self.ledger.wait(seconds, self.max_wait):
                break
            again += 1
            other = self._send(f"{name} ({again})", made.ask, paid=paid, creates=creates, keep=keep)
            if not other.was_sent:
                break
            made = other
        return made

    def _send(self, name: str, ask: Ask, *, paid: bool, creates: bool, keep: bool) -> Exchange:
        group = name.partition(" ")[0].rpartition("/")[0]
        with self.ledger.turn():
            if why := self.ledger.book(name, group, paid=paid, creates=creates):
                return Exchange(ask, 0, error=LEFT_OUT + why)
            made = self.sender.send(ask)
            cost = made.was_sent and (paid or (creates and 200 <= made.status < 300))
            self.ledger.settle(name, group, was_sent=made.was_sent, paid=cost, expected=paid, keep=keep)
        if paid and made.status == 429:  # not this one, but what comes next waits as it was asked to
            self.ledger.wait(min(retry_after(made) or 0.0, LONGEST_WAIT), self.max_wait)
        return made


def retry_after(exchange: Exchange) -> float | None:
    """Read how many seconds a target asks us to wait, from now, in either form (RFC 9110 10.2.3); None: not said."""
    text = (exchange.header("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, math.ceil(seconds))
