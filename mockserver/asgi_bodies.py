"""Bodies of requests as granian's ASGI interface has them: gathered as they come, or read by who waits for them.

No thread of granian's ever waits here.
"""

from __future__ import annotations

import io
import time
from functools import partial
from typing import TYPE_CHECKING

from mockserver import intake
from mockserver.asgi_objects import GONE, received, takes_time, wait_for
from mockserver.errands import Errands
from mockserver.wsgi_bridge import give_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from mockserver.asgi_objects import Awaited, Proto
    from mockserver.intake import Timers
    from mockserver.wsgi_bridge import Exchange

__all__ = ["Coming", "Gathering", "Gatherings"]

LOOK = 0.25
"""Seconds between two looks at the bodies that are being gathered, as long as there are any."""


class Gathering:
    """One body on its way."""

    __slots__ = ("_left", "_pieces", "_proto", "exchange", "go_on", "since")

    def __init__(self, proto: Proto, exchange: Exchange, length: int, go_on: Callable[[bytes], None]) -> None:
        self.since = time.monotonic()
        self.exchange = exchange
        self.go_on = go_on
        self._proto = proto
        self._left = length
        self._pieces: list[bytes] = []

    def ask(self) -> Awaited | None:
        """Ask for pieces; give the first that is not there yet, or None when there is nothing to ask for any more."""
        while self._left > 0:
            awaited = self._proto.receive()
            if takes_time(awaited):
                return awaited
            self.take(awaited)
        return None

    def take(self, awaited: Awaited) -> None:
        """Take a piece that was asked for."""
        piece, more = _piece(awaited)
        self._pieces.append(piece)
        self._left = self._left - len(piece) if more else 0

    @property
    def body(self) -> bytes:
        """What came: shorter than announced, when the client left."""
        return b"".join(self._pieces)


class Gatherings:
    """Bodies on their way, however many: they hold no thread. Those that take too long are given up."""

    def __init__(self, timers: Timers, report: Callable[[str], None]) -> None:
        self._timers = timers
        self._report = report
        self._open: dict[int, Gathering] = {}
        self._ends = Errands("given-up")
        self._looking = False

    def begin(self, gathering: Gathering) -> None:
        """Gather a body, and go on with it in whichever thread has its last piece."""
        self._open[id(gathering)] = gathering
        if not self._looking:
            self._looking = True
            self._timers.add(LOOK, self._look)
        self._ask(gathering)

    def _ask(self, gathering: Gathering) -> None:
        awaited = gathering.ask()
        if awaited is not None:  # nobody may keep it: it would keep us, and granian both
            awaited.add_done_callback(partial(self._came, gathering))
        elif self._open.pop(id(gathering), None) is not None:
            gathering.go_on(gathering.body)

    def _came(self, gathering: Gathering, awaited: Awaited) -> None:
        gathering.take(awaited)
        self._ask(gathering)

    def _look(self) -> None:
        overdue = time.monotonic() - intake.BODY_TIME
        for mark, gathering in list(self._open.items()):
            if gathering.since <= overdue and self._open.pop(mark, None) is not None:
                self._ends.add(partial(self._give_up, gathering, gathering.body))
        self._looking = False  # before looking whether anybody is there: who comes from here on starts the next look
        if self._open and not self._timers.ended:
            self._looking = True
            self._timers.add(LOOK, self._look)

    def _give_up(self, gathering: Gathering, body: bytes) -> None:
        give_up(gathering.exchange, self._report)
        gathering.go_on(body)  # as where a body is read: its answer is too late, but the log and the journal have it


class Coming(io.RawIOBase):
    """A body as it comes, for who waits for it in a thread of ours."""

    def __init__(self, proto: Proto) -> None:
        self._proto = proto
        self._piece = memoryview(b"")
        self._more = True

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what there is, at least an octet unless it is at its end.

        Raises `OSError` when it broke off: the client is gone, or what it sent is no chunk.
        """
        room = memoryview(buffer)
        while self._more and not self._piece:
            awaited = self._proto.receive()
            wait_for(awaited)
            piece, self._more = _piece(awaited)
            if received(awaited) == GONE:
                raise OSError("the body broke off")  # of one in chunks nobody else could tell
            self._piece = memoryview(piece)
        taken = self._piece[: len(room)]
        room[: len(taken)] = taken
        self._piece = self._piece[len(taken) :]
        return len(taken)


def _piece(awaited: Awaited) -> tuple[bytes, bool]:
    """Read what was received: a piece of the body, and whether more may follow; nothing when the client is gone."""
    message = received(awaited)
    return message.get("body", b""), message.get("more_body", False)
