"""A session as one text, for stores that keep texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mockserver.clock import ClockState
from mockserver.recording import Entry
from mockserver.sessions.model import Plan, Session

if TYPE_CHECKING:
    from mockserver.recording import Recorded
    from openapi.reading import Json

__all__ = [
    "clock_from_text",
    "clock_text",
    "entry_from_text",
    "entry_text",
    "exchange_from_text",
    "exchange_text",
    "session_from_text",
    "session_text",
]

_LINK, _PLAN = 1, 11
"""Where the fields of a session stand that JSON cannot write as they are."""

_dumps = json.JSONEncoder(separators=(",", ":")).encode  # ASCII: a lone surrogate of a caller survives it


def session_text(session: Session) -> str:
    """Write a session."""
    plan = session.plan
    return _dumps(
        [
            session.token,
            session.link.hex(),
            session.owner,
            session.callback_url,
            session.created_ns,
            session.life_ns,
            session.opened_ns,
            session.ended_ns,
            session.outcome,
            session.group_id,
            session.polls,
            None if plan is None else [plan.outcome, plan.at_ns, plan.polls],
            session.version,
        ]
    )


def session_from_text(text: str | bytes) -> Session:
    """Read what `session_text` wrote."""
    fields = json.loads(text)
    fields[_LINK] = bytes.fromhex(fields[_LINK])
    fields[_PLAN] = None if fields[_PLAN] is None else Plan(*fields[_PLAN])
    return Session(*fields)


def clock_text(state: ClockState) -> str:
    """Write the state of a clock."""
    return _dumps([state.frozen_ns, state.offset_ns])


def clock_from_text(text: str | bytes | None) -> ClockState:
    """Read what `clock_text` wrote; nothing means that nothing was done to the clock."""
    return ClockState() if text is None else ClockState(*json.loads(text))


def entry_text(entry: dict[str, Json]) -> str:
    """Write an entry of the journal."""
    return _dumps(entry)


def entry_from_text(text: str | bytes) -> dict[str, Json]:
    """Read what `entry_text` wrote."""
    entry: dict[str, Json] = json.loads(text)
    return entry


def exchange_text(exchange: Recorded) -> str:
    """Write an exchange, without its secrets."""
    return _dumps(exchange.sealed())


def exchange_from_text(number: int, text: str | bytes) -> Entry:
    """Read what `exchange_text` wrote, kept under a number."""
    return Entry(number, sealed=json.loads(text))
