"""The sessions of the model provider: who opened them, whether a person came, what the controls of a mock do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from contract_tests.strength.answers import Answer, written

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["CLOCK", "COMPLETE", "LIFE", "Sessions"]

CLOCK, COMPLETE = "/_mock/clock", "/_mock/sessions/complete"
"""The control routes that the journey uses."""

LIFE = timedelta(minutes=30)
"""How long a token lives [U1]."""

JSON = (("Content-Type", "application/json"),)


@dataclass(slots=True)
class _Session:
    owner: str
    opened: datetime
    ended: datetime | None = None
    group: str = ""


class Sessions:
    """All sessions of one provider. Times are handed in; `ahead` is by how much its clock was moved."""

    def __init__(self) -> None:
        self._by_token: dict[str, _Session] = {}
        self.ahead = timedelta()

    def open(self, token: str, owner: str, now: datetime) -> None:
        """Note a session. owner: what its maker authenticates with."""
        self._by_token[token] = _Session(owner, now)

    def group(self, token: Json, owner: str, now: datetime) -> str | None:
        """Give the group that a session came to, '' before; None for a token that its caller must not know."""
        session = self._by_token.get(token) if isinstance(token, str) else None
        if session is None or session.owner != owner or now > session.opened + LIFE:
            return None
        return session.group

    def control(self, path: str, asked: dict[str, Json], now: datetime) -> Answer:
        """Do what a control route is asked for."""
        if path == CLOCK:
            advance = asked.get("advance")
            self.ahead += timedelta(seconds=advance if isinstance(advance, int | float) else 0)
            return Answer(200, JSON, written({"now": now.isoformat()}))
        session = self._by_token.get(str(asked.get("BytedToken")))
        if session is None or session.ended is not None:
            return Answer(404 if session is None else 409, JSON, written({"error": "no such session, or it has ended"}))
        session.ended = now
        if asked.get("outcome") == "pass":
            local = now + timedelta(hours=8)
            end = hashlib.sha256(str(asked["BytedToken"]).encode()).hexdigest()[:5]
            session.group = f"group-{local:%Y%m%d%H%M%S}-{end}"
        return Answer(200, JSON, written({"ended": now.isoformat()}))
