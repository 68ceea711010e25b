"""The writer for whoever waits: a line now and then about how far a long run is. It knows no pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.events import ExchangeMade, ItemSettled

if TYPE_CHECKING:
    from contract_tests.events import Event, RunStarted

__all__ = ["EVERY", "Progress"]

FIRST, EVERY = 3.0, 5.0
"""Seconds until the first line, and between two."""

SENDING_NOTHING = ("invariant", "deviation")
"""Groups of items that send no requests of their own."""


class Progress:
    """Counts the events of a run and says now and then how far it is.

    A run against another host says at once what will be done there: it may cost money, and can still be stopped.
    """

    def __init__(self, started: RunStarted) -> None:
        self._began = started.at
        self._next = started.at + FIRST
        self._waiting = {one.id for one in started.items}
        self._own = {one.id for one in started.items if one.group not in SENDING_NOTHING}  # those that send something
        self._known = len(self._waiting)
        self._sending = len(self._own)
        self._sent = self._paid = 0
        self._opening = "" if started.loopback else _opening(started)

    def take(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, ItemSettled):
            self._waiting.discard(event.item.id)
            self._own.discard(event.item.id)
        elif isinstance(event, ExchangeMade) and event.sent:
            self._sent += 1
            self._paid += event.paid

    def opening(self) -> str:
        """Say what is about to be done, once; '' where that needs no word."""
        said, self._opening = self._opening, ""
        return said

    def line(self, now: float) -> str:
        """Say how far the run is at a moment, in seconds since 1970; '' when it was said just before, or at the end."""
        if now < self._next or not self._waiting:
            return ""
        self._next = now + EVERY
        done = self._known - len(self._waiting)
        price = f", {self._paid} may have cost something" if self._paid else ""
        return f"{done} of {self._known} items, {self._sent} requests sent{price}{self._left(now)}"

    def _left(self, now: float) -> str:
        """Estimate the rest from the items that send something: the others take no time."""
        done = self._sending - len(self._own)
        if not done or not self._own:
            return ""
        return f", about {max(1, round((now - self._began) / done * len(self._own)))} s left"


def _opening(started: RunStarted) -> str:
    sending = [one for one in started.items if one.group not in SENDING_NOTHING]
    paid = sum(one.cost == "paid" for one in sending)
    price = f", {paid} of them of a kind that costs" if paid else ""
    return f"about {len(sending)} requests to {started.target}{price}; Ctrl-C stops"
