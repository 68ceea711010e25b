"""`/_mock`: what the mock tells about itself, and how a test steers it. Holds no state of its own.

Who may: `control_access.py`. The sessions, the faults and the journal of exchanges have modules of their own:
`control_sessions.py`, `control_faults.py`, `control_requests.py`.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import flask

from mockserver import __version__
from mockserver.clock import ClockState, nanoseconds, read_rfc3339, rfc3339
from mockserver.control_access import guard, json_answer, read_fields, read_limit, wrong
from mockserver.control_faults import add_fault_routes
from mockserver.control_requests import add_request_routes
from mockserver.control_sessions import add_session_routes
from mockserver.known import known
from mockserver.sessions import StoreUnavailable
from openapi.contract import document_names
from openapi.relocating import served_at

if TYPE_CHECKING:
    from mockserver.engine import Engine
    from mockserver.sessions import Keeper
    from openapi.reading import Json

__all__ = ["control"]

OPEN = frozenset({f"control.{name}" for name in ("health", "ready", "openapi_json", "fidelity", "control_yaml")})
"""Routes that show nothing but the contract: they ask for the control token, and for nothing more."""


def control(engine: Engine) -> flask.Blueprint:
    """Make the blueprint of `/_mock`."""
    blueprint = flask.Blueprint("control", __name__, url_prefix="/_mock")
    blueprint.before_request(lambda: guard(engine.settings, flask.request, OPEN))
    blueprint.register_error_handler(StoreUnavailable, _store_unavailable)
    _add_about_routes(blueprint, engine)
    _add_state_routes(blueprint, engine)
    add_session_routes(blueprint, engine)
    add_request_routes(blueprint, engine)
    add_fault_routes(blueprint, engine)
    return blueprint


def _store_unavailable(error: StoreUnavailable) -> flask.Response:
    return wrong(503, "store_unavailable", str(error))


# --- what the mock is -------------------------------------------------------------------------------------------------


def _add_about_routes(blueprint: flask.Blueprint, engine: Engine) -> None:
    contract = engine.contract
    names = document_names(contract.documents)

    @blueprint.get("/health")
    def health() -> flask.Response:
        """Say that the process answers, what it serves and how its store and journal do: 200 also without a store."""
        served: dict[str, Json] = {"sha256": contract.sha256, "operations": len(contract.operations)}
        told: dict[str, Json] = {"status": "ok", "version": __version__, "contract": served}
        return json_answer({**told, "store": _store(engine.sessions), "journal": _journal(engine)})

    @blueprint.get("/ready")
    def ready() -> flask.Response:
        """Say what is served. It answers only when the contract is compiled, so an answer means ready."""
        engine.sessions.store.counts()  # without its store the mock is not ready
        documents: list[Json] = [
            {
                "name": name,
                "info": document.tree.get("info"),
                "sha256": document.sha256,
                "reconstructed": document.reconstructed,
            }
            for name, document in names.items()
        ]
        return json_answer(
            {
                "status": "ready",
                "version": __version__,
                "profile": contract.profile or None,
                "operations": [operation.name for operation in contract.operations],
                "documents": documents,
            }
        )

    @blueprint.get("/openapi.json")
    def openapi_json() -> flask.Response:
        """Give the effective document, its server being this mock; `?document=NAME` chooses among several."""
        name = flask.request.args.get("document", next(iter(names)))
        if name not in names:
            return wrong(404, "no_document", f"There is no document of that name; there are: {', '.join(names)}.")
        return json_answer(served_at(names[name], engine.settings.base_url))

    @blueprint.get("/fidelity")
    def fidelity() -> flask.Response:
        """Tell what is documented, what was observed and what is assumed."""
        return json_answer(known(contract))

    @blueprint.get("/control.yaml")
    def control_yaml() -> flask.Response:
        """Give the document of these routes."""
        response = flask.Response(resources.files("mockserver").joinpath("control.yaml").read_bytes(), 200)
        response.headers.update({"Content-Type": "application/yaml", "X-Content-Type-Options": "nosniff"})
        response.headers["X-Mock-Version"] = __version__
        return response


def _store(sessions: Keeper) -> dict[str, Json]:
    try:
        counts = sessions.store.counts()
    except StoreUnavailable as error:
        return {"kind": error.kind, "available": False, "reason": str(error)}
    return {
        "kind": sessions.store.kind,
        "available": True,
        "sessions": counts.sessions,
        "most": counts.most,
        "evicted": counts.evicted,
    }


def _journal(engine: Engine) -> dict[str, Json]:
    """Count the exchanges that are kept, and those that are not: dropped for newer ones, or lost with the store."""
    try:
        counts = engine.journal.counts()
    except StoreUnavailable:
        return {"most": engine.journal.most, "lost": engine.journal.lost}
    return {
        "entries": counts.entries,
        "most": engine.journal.most,
        "bytes": counts.bytes,
        "dropped": counts.dropped,
        "lost": engine.journal.lost,
    }


# --- its time, its memory ---------------------------------------------------------------------------------------------


def _add_state_routes(blueprint: flask.Blueprint, engine: Engine) -> None:
    sessions = engine.sessions

    @blueprint.get("/clock")
    def clock() -> flask.Response:
        """Tell the mock's time, and whether it stands."""
        return json_answer(_clock(sessions))

    @blueprint.post("/clock")
    def change_clock() -> flask.Response:
        """Set, advance, freeze or resume the mock's time: in this order, when several are asked for."""
        fields = read_fields({"set": (str,), "advance": (int, float), "freeze": (bool,), "reset": (bool,)})
        if isinstance(fields, flask.Response):
            return fields
        return _change_clock(sessions, fields)

    @blueprint.get("/journal")
    def journal() -> flask.Response:
        """Tell what happened to sessions, the newest first. No entry holds a secret."""
        return json_answer({"entries": list(sessions.store.journal(read_limit()))})

    @blueprint.post("/reset")
    def reset() -> flask.Response:
        """Forget what is of one credential, its queued faults too; or of all, the journal, and the clock's changes."""
        fields = read_fields({"credential": (str,)})
        if isinstance(fields, flask.Response):
            return fields
        credential = fields.get("credential")
        return json_answer({"sessions": engine.reset(None if credential is None else str(credential))})


def _change_clock(sessions: Keeper, fields: dict[str, Json]) -> flask.Response:
    while True:
        known = sessions.store.clock()
        state = _changed(known, sessions.clock.base.now_ns(), fields)
        if isinstance(state, flask.Response):
            return state
        if sessions.store.set_clock(state, known):  # else somebody else changed it meanwhile
            return json_answer(_clock(sessions))


def _changed(known: ClockState, real: int, fields: dict[str, Json]) -> ClockState | flask.Response:
    """Work out the state of the clock that was asked for, when the machine's says `real`."""
    if not fields:
        return wrong(400, "nothing_asked", 'Say what to do: {"set": TIME}, {"advance": SECONDS}, {"freeze": true}.')
    state = ClockState() if fields.get("reset") else known
    if "set" in fields:
        moment = read_rfc3339(str(fields["set"]))
        if moment is None:
            return wrong(400, "no_time", "'set' is a time with a zone, such as 2026-07-02T22:15:26+08:00.")
        state = state.moved(nanoseconds(moment), real)
    if "advance" in fields:
        seconds = fields["advance"]
        if not isinstance(seconds, int | float) or abs(seconds) > _LONGEST_STEP:
            return wrong(400, "no_time", f"'advance' is at most {_LONGEST_STEP} seconds, forwards or backwards.")
        state = state.moved(state.apply(real) + nanoseconds(seconds), real)
    if "freeze" in fields:
        state = state.frozen(state.apply(real)) if fields["freeze"] else state.running(real)
    if not 0 <= state.apply(real) < _LATEST_NS:
        return wrong(400, "no_time", "The time would be before 1970 or beyond 2200.")
    return state


_LONGEST_STEP = 10 * 366 * 86400
_LATEST_NS = 7_258_118_400 * 1_000_000_000
"""2200-01-01: the 14 digits of a token hold four for the year, and 64 bits hold nanoseconds until 2262."""


def _clock(sessions: Keeper) -> dict[str, Json]:
    return {"now": rfc3339(sessions.clock.now_ns()), "frozen": sessions.clock.state().frozen_ns is not None}
