"""Sessions, made short for tests."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.sessions import MOST_SESSIONS, Session

if TYPE_CHECKING:
    from mockserver.sessions import Store

CREATED = 1_783_001_726_250_000_000
"""2026-07-02 22:15:26.25 in UTC+8, the time of the vendor's example."""

SECOND = 1_000_000_000
LIFE = 1800 * SECOND


class OpenStore(Protocol):
    """Opens a store; a durable one opened twice in a test is the same store, as two processes see it."""

    def __call__(self, most: int = MOST_SESSIONS) -> Store: ...


def made(token: str, owner: str = "anna", **fields: Any) -> Session:  # noqa: ANN401 - of many types
    """Make a session that was just created; its link is that of its token."""
    session = Session(token, link_of(token), owner, "https://app.example/done", CREATED, LIFE)
    return replace(session, **fields)


def link_of(token: str) -> bytes:
    return blake2b(token.encode(), digest_size=16).digest()


def passed(session: Session, group_id: str) -> Session:
    """Give the next version of a session, which passed."""
    return replace(session, outcome="pass", group_id=group_id, ended_ns=CREATED + SECOND, version=session.version + 1)


def looked_at(session: Session) -> Session:
    """Give the next version of a session, with one more look at its result."""
    return replace(session, polls=session.polls + 1, version=session.version + 1)
