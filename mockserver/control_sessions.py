"""`/_mock/sessions`: look at sessions, and end one as a person on a phone would, without a person and a phone.

A BytedToken comes in the body, never in a URL, and goes out in no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

from mockserver.addresses import AllowList
from mockserver.browser import Browser
from mockserver.clock import rfc3339
from mockserver.control_access import json_answer, read_fields, read_limit, wrong
from mockserver.exchange import ELSEWHERE
from mockserver.recording import sandbox_of
from mockserver.sessions import OUTCOMES, NoSession, shown
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from _typeshed.wsgi import StartResponse

    from mockserver.engine import Engine
    from mockserver.sessions import Keeper, Session
    from openapi.reading import Json

__all__ = ["add_session_routes"]

LONGEST_DELAY = 86_400.0
"""Seconds that an outcome can be put off."""

_STATUS = {"unknown": 404, "expired": 410, "used": 409}


def add_session_routes(blueprint: flask.Blueprint, engine: Engine) -> None:
    """Add the routes of the sessions to the blueprint of `/_mock`."""
    sessions = engine.sessions
    browser = Browser(sessions, AllowList.parse(engine.settings.callback_hosts))

    @blueprint.get("/sessions")
    def listing() -> flask.Response:
        """List the newest sessions, without their tokens."""
        found = sessions.store.newest(None, read_limit())
        return json_answer({"sessions": [_described(sessions, one) for one in found]})

    @blueprint.post("/sessions/find")
    def find() -> flask.Response:
        """Tell the state of one session."""
        fields = read_fields({"BytedToken": (str,)})
        if isinstance(fields, flask.Response):
            return fields
        if "BytedToken" not in fields:
            return _no_token()
        return _answered(lambda: json_answer(_described(sessions, sessions.find(str(fields["BytedToken"])))))

    @blueprint.post("/sessions/complete")
    def complete() -> flask.Response:
        """End the verification of a session, now or after a delay, and visit its CallbackURL if that is asked for."""
        fields = read_fields(
            {"BytedToken": (str,), "outcome": (str,), "delay": (int, float), "visit_callback": (bool,)}
        )
        if isinstance(fields, flask.Response):
            return fields
        outcome, delay = str(fields.get("outcome", "pass")), fields.get("delay", 0)
        if outcome not in OUTCOMES:
            hint = nearest(outcome, OUTCOMES) or f"There are: {', '.join(OUTCOMES)}."
            return wrong(400, "no_outcome", f"There is no outcome {outcome[:40]!r}. {hint}")
        if not isinstance(delay, int | float) or not 0 <= delay <= LONGEST_DELAY:
            return wrong(400, "no_delay", f"'delay' is a number of seconds, at most {LONGEST_DELAY:g}.")
        if "BytedToken" not in fields:
            return _no_token()
        token, visiting = str(fields["BytedToken"]), bool(fields.get("visit_callback"))
        return _answered(lambda: _complete(sessions, browser, token, outcome, float(delay), visiting=visiting))


def _complete(
    sessions: Keeper, browser: Browser, token: str, outcome: str, delay: float, *, visiting: bool
) -> flask.Response:
    if delay:
        session = sessions.plan(token, outcome, delay)
        if visiting and session.plan is not None and session.plan.at_ns is not None:
            browser.visit_when_due(token, session.plan.at_ns)
        return json_answer(_described(sessions, session), 202)
    session = sessions.complete(token, outcome)
    if not visiting:
        return json_answer(_described(sessions, session))
    # The receiver may well call the mock before it answers: a visit must not hold the thread that serves it.
    return _Elsewhere(lambda: json_answer({**_described(sessions, session), "visit": browser.visit(session)}))


def _described(sessions: Keeper, session: Session) -> dict[str, Json]:
    """Tell about a session what is no secret."""

    def moment(ns: int | None) -> str | None:
        return None if ns is None else rfc3339(ns)

    plan = session.plan
    due: dict[str, Json] | None = None
    if plan is not None:
        due = {"outcome": plan.outcome, "at": moment(plan.at_ns), "after_polls": plan.polls}
    return {
        "session": shown(session.token),
        "sandbox": sandbox_of(session.owner),
        "state": session.state(sessions.clock.now_ns()),
        "outcome": session.outcome or None,
        "GroupId": session.group_id,
        "created": moment(session.created_ns),
        "opened": moment(session.opened_ns),
        "ended": moment(session.ended_ns),
        "expires": moment(session.expires_ns),
        "has_callback": session.callback_url is not None,
        "planned": due,
    }


def _no_token() -> flask.Response:
    return wrong(400, "no_token", 'Say which session: {"BytedToken": "..."}.')


def _answered(action: Callable[[], flask.Response]) -> flask.Response:
    try:
        return action()
    except NoSession as error:
        return wrong(_STATUS[error.reason], f"session_{error.reason}", str(error))


class _Elsewhere(flask.Response):
    """An answer that is made by a thread of its own where the server has such threads, and here elsewhere."""

    def __init__(self, make: Callable[[], flask.Response]) -> None:
        super().__init__()
        self._make = make

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI."""
        elsewhere = environ.get(ELSEWHERE)
        if elsewhere is None:
            return self._make()(environ, start_response)

        def work() -> tuple[str, list[tuple[str, str]], bytes]:
            made = self._make()
            return made.status, list(made.headers.items()), made.get_data()

        answer: Iterable[bytes] = elsewhere(work)
        return answer
