"""A liveness session and what can happen to it, as values and pure functions. It knows no store and no clock.

Created, then opened, then passed or failed (it may also end unopened); each, once its life is over: expired.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from mockserver.sessions.outcomes import OUTCOMES, PASS
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NoSession", "Plan", "Session", "State", "finished", "opened", "planned", "polled", "settled"]

State: TypeAlias = Literal["created", "opened", "passed", "failed", "expired"]
Reason: TypeAlias = Literal["unknown", "expired", "other_caller", "used"]

_SENTENCES: dict[str, str] = {
    "unknown": "There is no session of this token or link.",
    "expired": "The session has expired.",
    "other_caller": "The session was made with another key.",
    "used": "The session has been used: one authentication per link.",
}


class NoSession(Exception):
    """A session cannot be used as asked; `reason` says why, `str()` in a sentence without any secret."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason

    def __str__(self) -> str:
        return _SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen to a session by itself: an outcome, `at_ns` or after `polls` looks at the result."""

    outcome: str
    at_ns: int | None = None
    polls: int | None = None


@dataclass(slots=True)
class Session:
    """One session. Its fields are never changed in place: a store compares versions.

    token: the BytedToken. link: digest of what makes its link, so that the link is kept nowhere. owner: digest of the
    credential that made it. life_ns: how long it lives, one object for all sessions of a mock. Other times are in
    nanoseconds since 1970. ended_ns: when it passed or failed. plan: what happens by itself. version: counts its
    changes, from 0.
    """

    token: str = field(repr=False)
    link: bytes = field(repr=False)
    owner: str = field(repr=False)
    callback_url: str | None = field(repr=False)
    created_ns: int
    life_ns: int
    opened_ns: int | None = None
    ended_ns: int | None = None
    outcome: str = ""
    group_id: str = ""
    polls: int = 0
    plan: Plan | None = None
    version: int = 0

    @property
    def expires_ns(self) -> int:
        """When its life is over."""
        return self.created_ns + self.life_ns

    def state(self, now_ns: int) -> State:
        """Tell the state at a time. A life that is over hides how it went: the result cannot be read [L, partial]."""
        if now_ns >= self.expires_ns:
            return "expired"
        if self.outcome:
            return "passed" if self.outcome == PASS else "failed"
        return "created" if self.opened_ns is None else "opened"


def opened(session: Session, now_ns: int) -> Session:
    """Open the link; again if nothing was decided yet. Raises `NoSession` for a used or expired one [U1]."""
    _usable(session, now_ns)
    return session if session.opened_ns is not None else _changed(session, opened_ns=now_ns)


def finished(session: Session, outcome: str, now_ns: int, group: Callable[[Session, int], str]) -> Session:
    """End the verification: the person tapped Complete.

    A pass creates the group at this moment [L, C3]; `group` makes its id. Raises `NoSession` as `opened` does.
    """
    if outcome not in OUTCOMES:
        hint = nearest(outcome, OUTCOMES) or f"There are: {', '.join(OUTCOMES)}."
        raise ValueError(f"There is no outcome {outcome[:40]!r}. {hint}")
    _usable(session, now_ns)
    made = group(session, now_ns) if outcome == PASS else ""
    return _changed(session, outcome=outcome, ended_ns=now_ns, group_id=made, plan=None)


def settled(session: Session, now_ns: int, group: Callable[[Session, int], str]) -> Session:
    """Let happen what was planned for a time that is over; at that time, not now."""
    plan = session.plan
    if plan is None or plan.at_ns is None or session.outcome or plan.at_ns > now_ns or plan.at_ns >= session.expires_ns:
        return session
    return finished(session, plan.outcome, plan.at_ns, group)


def planned(session: Session, plan: Plan, now_ns: int) -> Session:
    """Plan what happens by itself, instead of what was planned before. Raises `NoSession` as `opened` does."""
    _usable(session, now_ns)
    return _changed(session, plan=plan)


def polled(session: Session, now_ns: int, group: Callable[[Session, int], str]) -> Session:
    """Count a look at the result, if something is planned for a number of them, and let it happen."""
    plan = session.plan
    if plan is None or plan.polls is None or session.outcome:
        return session
    if session.polls < plan.polls:
        return _changed(session, polls=session.polls + 1)
    return finished(session, plan.outcome, now_ns, group)


def _usable(session: Session, now_ns: int) -> None:
    state = session.state(now_ns)
    if state == "expired":
        raise NoSession("expired")
    if state in ("passed", "failed"):
        raise NoSession("used")


def _changed(session: Session, **fields: object) -> Session:
    return replace(session, version=session.version + 1, **fields)  # type: ignore[arg-type]
