"""What granian hands out in its ASGI interface, and how to wait for it. Imports nothing of granian."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GONE", "Awaited", "Proto", "Watcher", "received", "takes_time", "wait_for"]


class Awaited(Protocol):
    """What granian will have done, or got; it is known by this method whether that may take time."""

    def add_done_callback(self, callback: Callable[[Awaited], object]) -> None:
        """Have the one function that is remembered called when it is done: at once when it is done already."""

    def done(self) -> bool:
        """Whether it is done."""

    def result(self) -> dict[str, Any]:
        """Give what was got, once it is done."""


class Proto(Protocol):
    """One request's two ways, as ASGI has them."""

    def receive(self) -> Awaited:
        """Have the next piece of the body read."""

    def send(self, message: dict[str, Any]) -> Awaited:
        """Send a piece of the answer."""


class Watcher(Protocol):
    """A request, as granian hands it to what it believes to be its scheduler."""

    scope: dict[str, Any]
    proto: Proto

    def done(self) -> None:
        """Have granian let go of what it still has of the request: answered it must be by now, or that is a 500."""


GONE: dict[str, Any] = {"type": "http.disconnect"}
"""What is received when the client is gone; granian says it with an object that cannot be asked when that was known."""


def received(awaited: Awaited) -> dict[str, Any]:
    """Give what was received."""
    return awaited.result() if hasattr(awaited, "result") else GONE


def takes_time(awaited: Awaited) -> bool:
    """Tell whether something is still to be done; what granian did at once has no such method."""
    return hasattr(awaited, "done") and not awaited.done()


def wait_for(awaited: Awaited) -> None:
    """Wait until granian has done something, in a thread of ours."""
    if takes_time(awaited):
        done = threading.Lock()
        done.acquire()
        awaited.add_done_callback(lambda _: done.release())
        done.acquire()
