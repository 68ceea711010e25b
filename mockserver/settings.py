"""What a user may set for the mock, as one value. Where it comes from is the part of the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mockserver.clock import ClockState, nanoseconds
from mockserver.sessions import JOURNAL, LIFE, MOST_SESSIONS

if TYPE_CHECKING:
    from mockserver.sessions import AutoComplete

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the mock behaves.

    base_url: what H5Links start with, without a slash at the end. seed: makes tokens and links reproducible. frozen_at:
    a time in seconds since 1970 at which the clock stands still. tokens: keys that are accepted beside the fake ones.
    body_limit: in bytes. check_answers: the mock checks each answer against the contract before it is sent.

    session_life: seconds that a session lives. most_sessions: kept at once; beyond it the oldest go. auto_complete:
    what every session comes to by itself. callback_hosts: hosts, addresses and networks beside this machine that the
    mock may visit when it plays the browser. control_token: what `/_mock` asks for; empty: nothing. journal: exchanges
    that are kept to be looked at; 0: none.
    """

    base_url: str = "http://127.0.0.1:8080"
    seed: str | None = None
    frozen_at: float | None = None
    accept_any_token: bool = False
    tokens: tuple[str, ...] = field(default=(), repr=False)
    h5_links: Literal["mock", "vendor"] = "mock"
    body_limit: int = 1_048_576
    check_answers: bool = False
    session_life: float = LIFE
    most_sessions: int = MOST_SESSIONS
    auto_complete: AutoComplete | None = None
    callback_hosts: tuple[str, ...] = ()
    control_token: str = field(default="", repr=False)
    journal: int = JOURNAL

    @property
    def clock_at_start(self) -> ClockState:
        """What is done to the clock when the mock starts, and again when it is reset."""
        return ClockState() if self.frozen_at is None else ClockState(nanoseconds(self.frozen_at))

    @property
    def h5_base(self) -> str:
        """What H5Links start with: the mock itself, or the vendor's host, where nothing of ours opens."""
        return "https://www.byteplus.com" if self.h5_links == "vendor" else self.base_url
