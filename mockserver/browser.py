"""Plays the browser of a person whose verification has ended: goes to the CallbackURL, now or when it is due.

What came of a visit is in the journal. It ends no session: that is the model's part.
"""

from __future__ import annotations

import heapq
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from mockserver.callback import returned_url
from mockserver.clock import rfc3339
from mockserver.errands import Errands
from mockserver.sessions import NoSession, StoreUnavailable, callback_parameters, shown
from mockserver.visiting import visit

if TYPE_CHECKING:
    from mockserver.addresses import AllowList
    from mockserver.sessions import Keeper, Session
    from openapi.reading import Json

__all__ = ["Browser"]

LOOK = 0.05
"""Seconds between two looks at the mock's clock while a visit is due later."""


class Browser:
    """Visits CallbackURLs of ended sessions, to hosts that are allowed."""

    def __init__(self, sessions: Keeper, allowed: AllowList) -> None:
        self._sessions = sessions
        self._allowed = allowed
        self._due: list[tuple[int, str]] = []
        self._lock = threading.Lock()
        self._waiting = False
        self._errands = Errands("visit")

    def visit(self, session: Session) -> dict[str, Json]:
        """GET the CallbackURL of an ended session with the five parameters; give what came of it."""
        url = returned_url(session.callback_url or "", callback_parameters(session.token, session.outcome))
        if url is None:
            why = "the CallbackURL is no http(s) address" if session.callback_url else "the session has no CallbackURL"
            result: dict[str, Json] = {"error": f"not visited: {why}"}
        else:
            made = visit(url, self._allowed)
            result = {
                "url": made.url,
                "status": made.status,
                "address": made.address,
                "hops": made.hops,
                "seconds": round(made.seconds, 3),
                "bytes": made.size,
                "error": made.error,
            }
        with suppress(StoreUnavailable):  # it has happened, whether it can be written down or not
            self._sessions.note("visit", session, **result)
        return result

    def visit_when_due(self, token: str, due_ns: int) -> None:
        """Visit once the mock's clock shows `due_ns`, if the session ended at that moment and not before."""
        with self._lock:
            heapq.heappush(self._due, (due_ns, token))
            if not self._waiting:
                self._waiting = True
                threading.Thread(target=self._wait, name="visits-due", daemon=True).start()

    def _wait(self) -> None:
        """Look at the clock as long as something is due; it may stand, or be moved at any time."""
        while True:
            with self._lock:
                if not self._due:
                    self._waiting = False
                    return
                now = self._sessions.clock.now_ns()
                while self._due and self._due[0][0] <= now:
                    due_ns, token = heapq.heappop(self._due)
                    self._errands.add(partial(self._visit_due, token, due_ns))
            time.sleep(LOOK)

    def _visit_due(self, token: str, due_ns: int) -> None:
        try:
            session = self._sessions.find(token)
            if session.outcome and session.ended_ns == due_ns:  # else a person was quicker, with a browser of his own
                self.visit(session)
            elif session.state(self._sessions.clock.now_ns()) == "expired":
                self._note_failure(token, str(NoSession("expired")))
        except (NoSession, StoreUnavailable) as error:
            self._note_failure(token, str(error))

    def _note_failure(self, token: str, what: str) -> None:
        moment = rfc3339(self._sessions.clock.now_ns())
        try:
            self._sessions.store.note(
                {"time": moment, "event": "visit", "session": shown(token), "error": f"not made: {what}"}
            )
        except StoreUnavailable:
            return  # nowhere to tell it
