"""What the rest of the mock does with sessions: make one, open its link, end it, ask for its result.

It joins the model, a store, the clock and the identifiers; it decides nothing that the model can decide.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from mockserver.clock import rfc3339
from mockserver.credentials import owner_of
from mockserver.sessions import model
from mockserver.sessions.model import NoSession, Plan, Session
from mockserver.sessions.outcomes import OUTCOMES, PASS
from mockserver.sessions.store import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from mockserver.clock import ShiftedClock
    from mockserver.identifiers import Identifiers, SessionIdentifiers
    from mockserver.sessions.store import Store
    from openapi.reading import Json

    _Group: TypeAlias = Callable[[Session, int], str]

__all__ = ["LIFE", "AutoComplete", "Keeper"]

LIFE = 1800.0
"""Seconds that a BytedToken lives: 30 minutes, one authentication [U1]; the vendor itself states none."""

_MOST_ATTEMPTS = 100
_WHEN = re.compile(r"(?P<polls>[0-9]{1,6})polls?|(?P<seconds>[0-9]{1,6}(\.[0-9]{1,6})?)s?")


class AutoComplete:
    """What happens to every session by itself: an outcome, after so many seconds or looks at the result."""

    def __init__(self, outcome: str = PASS, seconds: float | None = None, polls: int | None = None) -> None:
        self.outcome = outcome
        self.seconds = 0.0 if seconds is None and polls is None else seconds
        self.polls = polls

    @classmethod
    def parse(cls, text: str) -> AutoComplete:
        """Read `pass`, `fail`, `pass:5s` (or `pass:5`) or `pass:3polls`. Raises `ValueError` with the forms."""
        outcome, colon, when = text.partition(":")
        found = _WHEN.fullmatch(when)
        if outcome not in OUTCOMES or (colon and found is None):
            forms = "pass, pass:5s, pass:3polls"
            raise ValueError(f"{text[:40]!r} is not OUTCOME[:WHEN]: {forms}; outcomes are {', '.join(OUTCOMES)}.")
        if found is None:
            return cls(outcome)
        return cls(outcome, polls=int(found["polls"])) if found["polls"] else cls(outcome, float(found["seconds"]))

    def plan(self, now_ns: int) -> Plan:
        """Make the plan of a session that is made now."""
        if self.seconds is None:
            return Plan(self.outcome, polls=self.polls)
        return Plan(self.outcome, at_ns=now_ns + round(self.seconds * 1_000_000_000))


class Keeper:
    """Keeps the sessions of one mock. Every method may raise `StoreUnavailable`."""

    def __init__(
        self,
        store: Store,
        identifiers: Identifiers,
        clock: ShiftedClock,
        life: float = LIFE,
        auto_complete: AutoComplete | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self._identifiers = identifiers
        self._life_ns = round(life * 1_000_000_000)
        self._auto_complete = auto_complete

    def create(self, credential: str, callback_url: str | None) -> SessionIdentifiers:
        """Make a session of a credential; what is given back is its owner's secret."""
        owner = owner_of(credential)
        for _ in range(_MOST_ATTEMPTS):
            number, clock = self.store.next(owner)
            now = clock.apply(self.clock.base.now_ns())
            made = self._identifiers.session(credential, number, now)
            plan = None if self._auto_complete is None else self._auto_complete.plan(now)
            link = _link_of(made.uid, made.pl)
            if self.store.add(Session(made.token, link, owner, callback_url, now, self._life_ns, plan=plan)):
                return made
        raise RuntimeError("no token is free")  # with 80 bits of hash: the store says no to everything

    def result(self, credential: str, token: str) -> Session:
        """Look at the result of a session, as its owner. Raises `NoSession`: unknown, other_caller, expired."""
        session = self.store.find(token)
        if session is None:
            raise NoSession("unknown")
        if session.owner != owner_of(credential):
            raise NoSession("other_caller")

        def look(session: Session, now: int, group: _Group) -> Session:
            if session.state(now) == "expired":
                raise NoSession("expired")
            return model.polled(model.settled(session, now, group), now, group)

        return self._change(session, look)

    def find(self, token: str) -> Session:
        """Find a session by its token, as nobody in particular. Raises `NoSession`: unknown."""
        session = self.store.find(token)
        if session is None:
            raise NoSession("unknown")
        return self._change(session, model.settled)

    def at_link(self, uid: str, pl: str) -> Session:
        """Find the session of a link. Raises `NoSession`: unknown, also when uid and pl are not of one link."""
        session = self.store.find_link(_link_of(uid, pl))
        if session is None:
            raise NoSession("unknown")
        return self._change(session, model.settled)

    def open(self, uid: str, pl: str) -> Session:
        """Open a link: a person looks at the page. Raises `NoSession`: unknown, expired, used."""
        return self._change(self.at_link(uid, pl), lambda one, now, _: model.opened(one, now))

    def finish(self, uid: str, pl: str, outcome: str) -> Session:
        """End the verification of a link: the person tapped Complete. Raises `NoSession` as `open` does."""
        return self.end(self.at_link(uid, pl), outcome)

    def complete(self, token: str, outcome: str) -> Session:
        """End the verification of a token, without a person. Raises `NoSession`: unknown, expired, used."""
        return self.end(self.find(token), outcome)

    def end(self, session: Session, outcome: str) -> Session:
        """End the verification of a session. Raises `NoSession`: expired, used."""
        return self._change(session, lambda one, now, group: model.finished(one, outcome, now, group))

    def plan(self, token: str, outcome: str, seconds: float) -> Session:
        """Let the verification of a token end by itself after some time. Raises `NoSession` as `complete` does."""

        def schedule(session: Session, now: int, _: _Group) -> Session:
            return model.planned(session, Plan(outcome, at_ns=now + round(seconds * 1_000_000_000)), now)

        return self._change(self.find(token), schedule)

    def forget(self, credential: str | None) -> int:
        """Forget the sessions of a credential, or all; tell how many there were."""
        return self.store.reset(None if credential is None else owner_of(credential))

    def note(self, event: str, session: Session, **facts: Json) -> None:
        """Write what happened to a session into the journal; of its token only the time is shown."""
        moment = rfc3339(self.clock.now_ns())
        self.store.note({"time": moment, "event": event, "session": shown(session.token), **facts})

    def _change(self, session: Session, change: Callable[[Session, int, _Group], Session]) -> Session:
        """Change a session, again from the start when somebody else was quicker or a group id is taken."""
        taken = 0
        for _ in range(_MOST_ATTEMPTS):
            changed = change(session, self.clock.now_ns(), partial(self._group, taken))
            if changed is session:
                return session
            if self.store.replace(changed):
                self._note_change(session, changed)
                return changed
            found = self.store.find(session.token)
            if found is None:
                raise NoSession("unknown")
            taken += found.version == session.version
            session = found
        raise RuntimeError("the session changes all the time")

    def _note_change(self, before: Session, after: Session) -> None:
        with suppress(StoreUnavailable):  # it has happened, whether it can be written down or not
            if after.opened_ns != before.opened_ns:
                self.note("opened", after)
            if after.outcome != before.outcome:
                self.note("finished", after, outcome=after.outcome)

    def _group(self, attempt: int, session: Session, moment_ns: int) -> str:
        return self._identifiers.group(session.token, moment_ns, attempt)


def shown(token: str) -> str:
    """Show a token without the part that makes it a secret: its time."""
    return f"{token[:14]}***"


def _link_of(uid: str, pl: str) -> bytes:
    return blake2b(f"{uid} {pl}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
