"""One caller's view of a mock, for tests: its key, its sessions, its requests, what it wants answered.

A sandbox is a credential of its own: two of them on one mock do not see each other. It knows no server and no pytest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from mockserver.addresses import AllowList
from mockserver.browser import Browser
from mockserver.expectations import Expectation, verify
from mockserver.faults import Wish
from mockserver.journal import Filter
from mockserver.recording import sandbox_of
from mockserver.sessions import PASS, owner_of
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.engine import Engine
    from mockserver.recording import Entry
    from mockserver.sessions import Session
    from mockserver.steering import SteeredClock
    from openapi.reading import Json

__all__ = ["LivenessSession", "Sandbox"]


@dataclass(frozen=True, slots=True)
class LivenessSession:
    """A session as it stood when it was asked for.

    state: created, opened, passed, failed or expired. outcome: what it ended with, or ''. group_id: '' until it passed.
    """

    token: str = field(repr=False)
    state: str
    outcome: str
    group_id: str
    callback_url: str | None = field(repr=False)
    created: datetime
    expires: datetime


class Sandbox:
    """What a test does with a mock.

    base_url: what to give the client under test, without a slash at the end. api_key: a fake key that works and is its
    own. clock: the time of the mock, which all of its sandboxes share.
    """

    def __init__(self, engine: Engine, base_url: str, api_key: str, clock: SteeredClock) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.clock = clock
        self._engine = engine
        self._since = engine.journal.counts().newest

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url} of {self.api_key}>"

    # --- sessions

    @property
    def sessions(self) -> list[LivenessSession]:
        """The sessions that were made with this key, the newest first; at most the newest thousand."""
        keeper = self._engine.sessions
        return [self._view(one) for one in keeper.store.newest(owner_of(self.api_key), 1000)]

    def complete(self, token: str, outcome: str = PASS, *, visit_callback: bool = False) -> LivenessSession:
        """End the verification of a BytedToken, as a person on a phone would; the group is made at this moment [L].

        outcome: `pass`, `fail` or `server-error`. visit_callback: also GET the CallbackURL with the result, as the
        browser of that person would, where it is on this machine. Raises `NoSession`: unknown, expired or used.
        """
        keeper = self._engine.sessions
        session = keeper.complete(token, outcome)
        if visit_callback:
            Browser(keeper, AllowList.parse(self._engine.settings.callback_hosts)).visit(session)
        return self._view(session)

    # --- requests

    @property
    def requests(self) -> list[Entry]:
        """What came with this key, or was refused for another one, since this was made or reset; the oldest first."""
        journal = self._engine.journal
        mine = sandbox_of(owner_of(self.api_key))
        found = journal.find(Filter(after=self._since))
        return [one for one in reversed(found) if one.sandbox == mine or one.rule.startswith("auth.")]

    def assert_called_once_with(
        self,
        operation: str,
        *,
        json: Json | Missing = MISSING,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | list[str]] | None = None,
    ) -> None:
        """Fail unless exactly one request came to an operation, and had all this.

        operation: operationId or `METHOD /path`; an unknown one is a `ContractError`. json: the body, which may have
        further members. The failure shows the nearest request and what it lacks, without secrets.
        """
        __tracebackhide__ = True
        self._assert(Expectation(operation), 1)
        self._assert(Expectation(operation, json, headers or {}, query or {}), 1)

    def assert_not_called(self, operation: str | None = None) -> None:
        """Fail if a request came: at all, or to an operation."""
        __tracebackhide__ = True
        self._assert(Expectation(operation), 0)

    def _assert(self, expected: Expectation, times: int) -> None:
        __tracebackhide__ = True
        if expected.operation is not None:
            expected = expected.named(self._engine.contract.operation(expected.operation).id)
        verdict = verify(expected, self.requests[::-1], times)
        if not verdict.holds:
            raise AssertionError(str(verdict))

    # --- answers

    def respond_next(
        self,
        status: int | None = None,
        *,
        example: str | None = None,
        fault: str = "",
        delay: float = 0.0,
        lasting: float | None = None,
        times: int = 1,
        operation: str | None = None,
    ) -> None:
        """Choose how the next request is answered, or the next few; further calls queue up behind.

        status: one that the operation documents, or one that a gateway sends. example: a named one of the document.
        fault: a word of docs/faults.md. delay: seconds before the answer. lasting: seconds that `slow-body` or
        `no-answer` takes; None: the usual ones. Raises `ValueError` for what cannot be had.
        """
        wish = Wish(status, example, delay, fault, lasting)
        self._engine.faults.add(wish.applied, times=times, credential=self.api_key, operation=operation)

    def reset(self) -> None:
        """Forget the sessions, the requests and the planned answers of this sandbox; others keep theirs."""
        self._engine.reset(self.api_key)
        self._since = self._engine.journal.counts().newest

    def _view(self, session: Session) -> LivenessSession:
        now = self._engine.sessions.clock.now_ns()
        return LivenessSession(
            token=session.token,
            state=session.state(now),
            outcome=session.outcome,
            group_id=session.group_id,
            callback_url=session.callback_url,
            created=_moment(session.created_ns),
            expires=_moment(session.expires_ns),
        )


def _moment(ns: int) -> datetime:
    return datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=ns // 1000)
