"""The liveness sessions: what one is, how it ends, and where it is kept.

Only this package knows a database; the rest of the mock talks to `Keeper`.
"""

from mockserver.credentials import owner_of
from mockserver.sessions.in_memory import InMemory
from mockserver.sessions.keeper import LIFE, AutoComplete, Keeper, shown
from mockserver.sessions.model import NoSession, Session
from mockserver.sessions.outcomes import OUTCOMES, PASS, callback_parameters
from mockserver.sessions.store import JOURNAL, MOST_SESSIONS, Counts, Store, StoreUnavailable

__all__ = [
    "JOURNAL",
    "LIFE",
    "MOST_SESSIONS",
    "OUTCOMES",
    "PASS",
    "AutoComplete",
    "Counts",
    "InMemory",
    "Keeper",
    "NoSession",
    "Session",
    "Store",
    "StoreUnavailable",
    "callback_parameters",
    "owner_of",
    "shown",
]
