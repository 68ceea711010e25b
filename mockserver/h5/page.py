"""The phone page: which step a request sees, and what Complete does. Reading and rendering are its neighbours' part.

The steps go by GET and change nothing but created -> opened; Complete is a POST and ends the session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import flask

from mockserver.behaviours.visual_validate import H5_PATH
from mockserver.callback import returned_url
from mockserver.exchange import BodyError, request_of
from mockserver.h5.links import read_asked
from mockserver.h5.qr import is_loopback, qr_code
from mockserver.h5.rendering import Renderer
from mockserver.h5.texts import TEXTS
from mockserver.sessions import OUTCOMES, NoSession, StoreUnavailable, callback_parameters, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.engine import Engine
    from mockserver.h5.links import Asked
    from mockserver.sessions import Keeper, Session

__all__ = ["STATIC_PATH", "h5"]

STATIC_PATH = H5_PATH.rpartition("/")[0] + "/static/"

_MOST_FORM = 8192
"""Bytes of a form that are read; ours has about 1,000."""

_SHOWN = 200
"""Characters of a CallbackURL that are shown."""

_ENDS = {
    "unknown": (404, "session.unknown; basis=assumed"),
    "expired": (410, "session.expired; basis=assumed"),
    "used": (409, "session.used; basis=assumed"),
    "broken": (400, "h5.broken; basis=assumed"),
    "store": (503, "mock.store; basis=assumed"),
}
"""Where the way ends: status, and rule with its basis. One authentication per link, and 30 minutes, is upstream's rule
[U1]; how its page shows that is not known.

The statuses are those of `/_mock/sessions/complete`, so that both ways of ending a session tell the same.
"""


def h5(engine: Engine) -> flask.Blueprint:
    """Make the blueprint of the phone page."""
    blueprint = flask.Blueprint("h5", __name__)
    phone_page = _PhonePage(engine)

    @blueprint.get(H5_PATH)
    def look() -> flask.Response:
        """Show a step."""
        return phone_page.look(read_asked(_query()))

    @blueprint.post(H5_PATH)
    def complete() -> flask.Response:
        """End the verification."""
        return phone_page.complete()

    @blueprint.get(f"{STATIC_PATH}<name>")
    def asset(name: str) -> flask.Response:
        """Serve a static file."""
        found = phone_page.renderer.asset(name)
        if found is None:
            flask.abort(404)
        return found

    return blueprint


class _PhonePage:
    def __init__(self, engine: Engine) -> None:
        self.renderer = Renderer()
        self._keeper: Keeper = engine.sessions
        self._base_url = engine.settings.base_url

    def look(self, asked: Asked) -> flask.Response:
        """Show the step that is asked for; the first look opens the session."""
        try:
            session = self._seen(asked)
        except (NoSession, StoreUnavailable) as error:
            return self._end(error, asked)
        if asked.step == "result" and asked.agreed and asked.outcome:
            return self._step("result", asked, session, self._result(asked, session))
        if asked.step and asked.agreed:
            return self._step("face", asked, session, {"outcomes": OUTCOMES})
        return self._step("consent", asked, session, {"phone": self._phone(asked)})

    def complete(self) -> flask.Response:
        """End the session as the form says, and send the browser to the CallbackURL."""
        try:
            asked = _read_form()
        except _BrokenForm as error:
            return self._ending("broken", read_asked(_query()), error.status)
        try:
            session = self._keeper.finish(asked.uid, asked.pl, asked.outcome)
        except (NoSession, StoreUnavailable) as error:
            return self._end(error, asked)
        texts = TEXTS[asked.language]
        url = _returned(session, asked.outcome)
        if url is not None:
            return self.renderer.page("leaving", texts, {"url": url}, rule="h5.callback; basis=observed")
        refused = {"refused": _shown(session.callback_url)}
        return self.renderer.page("closing", texts, refused, rule="h5.closing; basis=assumed")

    def _seen(self, asked: Asked) -> Session:
        if not asked.pl:
            raise NoSession("unknown")
        if flask.request.method != "HEAD":
            return self._keeper.open(asked.uid, asked.pl)
        session = self._keeper.at_link(asked.uid, asked.pl)  # whoever asks for the headers alone is no person
        state = session.state(self._keeper.clock.now_ns())
        if state in ("created", "opened"):
            return session
        raise NoSession("expired" if state == "expired" else "used")

    def _step(self, name: str, asked: Asked, session: Session, values: Mapping[str, object]) -> flask.Response:
        left_ns = max(0, session.expires_ns - self._keeper.clock.now_ns())
        frozen = self._keeper.clock.state().frozen_ns is not None
        values = {**values, "step": name, "asked": asked, "left_ms": left_ns // 1_000_000, "frozen": frozen}
        return self.renderer.page(name, TEXTS[asked.language], values, rule=f"h5.{name}; basis=assumed", script=True)

    def _result(self, asked: Asked, session: Session) -> dict[str, object]:
        return {
            "parameters": callback_parameters(shown(session.token), asked.outcome),
            "callback_url": _shown(session.callback_url),
            "goes": _returned(session, asked.outcome) is not None,
            "again": replace(asked, step="face", outcome="").query(place=True),
        }

    def _phone(self, asked: Asked) -> dict[str, object]:
        """Give what a desktop shows: the code of this link, as the settings name it and never the Host header."""
        parts = urlsplit(self._base_url)
        return {
            "code": qr_code(f"{self._base_url}{H5_PATH}?{asked.query()}"),
            "host": parts.netloc if is_loopback(self._base_url) else "",
            "port": parts.port,
            "secure": parts.scheme == "https",
        }

    def _end(self, error: NoSession | StoreUnavailable, asked: Asked) -> flask.Response:
        if isinstance(error, StoreUnavailable):
            return self._ending("store", asked)
        return self._ending(error.reason, asked)

    def _ending(self, name: str, asked: Asked, status: int = 0) -> flask.Response:
        usual, rule = _ENDS[name]
        values = {"end": name, "asked": asked}
        response = self.renderer.page("end", TEXTS[asked.language], values, rule=rule, status=status or usual)
        if name == "store":
            response.headers["Retry-After"] = "5"
        return response


def _query() -> str:
    return request_of(flask.request.environ).query


class _BrokenForm(Exception):
    """What was posted is no form of this page."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


def _read_form() -> Asked:
    """Read the form of Complete. Raises `_BrokenForm`: no outcome, another type, too large, broken off, another site.

    The Origin header says nothing here: with our referrer policy, browsers send `null` even to ourselves.
    """
    request = request_of(flask.request.environ)
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise _BrokenForm(403)
    content_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise _BrokenForm
    try:
        body = request.read(_MOST_FORM + 1)
    except BodyError:
        raise _BrokenForm from None
    if len(body) > _MOST_FORM:
        raise _BrokenForm(413)
    asked = read_asked(body.decode("utf-8", "replace"))
    if not asked.outcome:
        raise _BrokenForm
    return asked


def _returned(session: Session, outcome: str) -> str | None:
    if not session.callback_url:
        return None
    return returned_url(session.callback_url, callback_parameters(session.token, outcome))


def _shown(callback_url: str | None) -> str:
    text = (callback_url or "").encode("utf-8", "replace").decode("utf-8")  # JSON may hold half a surrogate pair
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
