"""`/_mock/requests`: the journal of exchanges, to be found, counted, verified and cleared.

A credential comes in the body, never in a URL, and goes out in no answer: `sandbox` is its name here.
"""

from __future__ import annotations

import json
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import flask

from mockserver import __version__
from mockserver.clock import nanoseconds, read_rfc3339
from mockserver.control_access import json_answer, read_fields, read_query, wrong
from mockserver.expectations import Expectation
from mockserver.har import har
from mockserver.journal import Filter
from openapi.errors import ContractError
from openapi.samples import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.engine import Engine
    from mockserver.expectations import NearMiss, Verdict
    from mockserver.journal import Journal
    from openapi.reading import Json

__all__ = ["add_request_routes"]

_FILTERS: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "method": (str,),
    "path": (str,),
    "status": (str, int),
    "rule": (str,),
    "sandbox": (str,),
    "since": (str,),
    "after": (int,),
}
_PAGING: dict[str, tuple[type, ...]] = {"limit": (int,), "offset": (int,)}
_KEY: dict[str, tuple[type, ...]] = {"credential": (str,)}
_EXPECTED: dict[str, tuple[type, ...]] = {
    "json": (dict, list, str, int, float, bool, type(None)),
    "headers": (dict,),
    "query": (dict,),
    "exact": (bool,),
    "times": (int,),
}

_LARGEST = 1000
"""Exchanges in one answer."""


class _Unusable(Exception):
    """What was asked for cannot be; `answer` says why."""

    def __init__(self, answer: flask.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def add_request_routes(blueprint: flask.Blueprint, engine: Engine) -> None:
    """Add the routes of the journal to the blueprint of `/_mock`."""
    journal = engine.journal

    @blueprint.get("/requests")
    @_answered(journal)
    def requests() -> flask.Response:
        """List exchanges, the newest first; the query says which."""
        return _listed(journal, _from_query(_FILTERS | _PAGING))

    @blueprint.post("/requests/find")
    @_answered(journal)
    def find_requests() -> flask.Response:
        """List exchanges as above; the body says which, also by their credential."""
        return _listed(journal, _from_body(_FILTERS | _PAGING | _KEY))

    @blueprint.get("/requests/count")
    @_answered(journal)
    def count_requests() -> flask.Response:
        """Count exchanges; the query says which."""
        wanted = _filter(_from_query(_FILTERS))
        return json_answer({"count": journal.count(wanted), "dropped": journal.counts().dropped})

    @blueprint.post("/requests/verify")
    @_answered(journal)
    def verify_requests() -> flask.Response:
        """Hold an expectation against the exchanges: 200 when it is met, else 422 with the nearest exchange."""
        fields = _from_body(_FILTERS | _EXPECTED | _KEY)
        wanted = _filter({name: value for name, value in fields.items() if name != "operation"})
        times = fields.get("times")
        verdict = journal.verify(_expectation(fields), wanted, cast("int | None", times))
        return _judged(verdict)

    @blueprint.get("/requests.har")
    @_answered(journal)
    def requests_har() -> flask.Response:
        """Give exchanges as HAR 1.2; the query says which."""
        found = journal.find(_filter(_from_query(_FILTERS)))
        text = json.dumps(har(found, engine.settings.base_url), ensure_ascii=False, indent=1)
        answer = flask.Response(text + "\n", 200, mimetype="application/json")
        answer.headers["Content-Disposition"] = 'attachment; filename="anyfast-mock.har"'
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Mock-Version"] = __version__
        return answer

    @blueprint.get("/requests/<string(minlength=20):id>")  # shorter are the routes beside it, whose methods differ
    @_answered(journal)
    def one_request(id: str) -> flask.Response:  # noqa: A002 - the name in the URL
        """Show one exchange by its request id."""
        entry = journal.entry(id)
        if entry is None:
            return wrong(404, "request_unknown", "No exchange of this id is in the journal (any more).")
        return json_answer(entry.shown())

    @blueprint.delete("/requests")
    @_answered(journal)
    def clear_requests() -> flask.Response:
        """Forget exchanges: of a credential, named in the body, of a sandbox, named in the query, or all."""
        sandbox = _from_query({"sandbox": (str,)}).get("sandbox")
        key = _from_body(_KEY).get("credential")
        if sandbox is not None:
            return json_answer({"cleared": journal.clear(sandbox=str(sandbox))})
        return json_answer({"cleared": journal.clear(None if key is None else str(key))})


def _answered(journal: Journal) -> Callable[[Callable[..., flask.Response]], Callable[..., flask.Response]]:
    """Make answers of what can be wrong with every question."""

    def around(view: Callable[..., flask.Response]) -> Callable[..., flask.Response]:
        @wraps(view)
        def answer(**values: str) -> flask.Response:
            if not journal.most:
                return wrong(409, "journal_off", "No exchanges are kept: start the mock without --journal 0.")
            try:
                return view(**values)
            except _Unusable as error:
                return error.answer
            except ContractError as error:
                return wrong(400, "no_operation", str(error))

        return answer

    return around


# --- reading ----------------------------------------------------------------------------------------------------------


def _from_body(known: Mapping[str, tuple[type, ...]]) -> dict[str, Json]:
    fields = read_fields(known)
    if isinstance(fields, flask.Response):
        raise _Unusable(fields)
    return fields


def _from_query(known: Mapping[str, tuple[type, ...]]) -> dict[str, Json]:
    fields = read_query(known)
    if isinstance(fields, flask.Response):
        raise _Unusable(fields)
    for name, value in fields.items():
        if known[name] == (int,):
            if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16):
                raise _Unusable(wrong(400, "wrong_type", f"{name!r} is a whole number."))
            fields[name] = int(value)
    return fields


def _filter(fields: Mapping[str, Json]) -> Filter:
    values: dict[str, Any] = {name: value for name, value in fields.items() if name in _FILTERS and name != "since"}
    if "status" in values:
        values["status"] = str(values["status"])
    if "since" in fields:
        moment = read_rfc3339(str(fields["since"]).replace(" ", "+"))  # a plus sign of a query comes as a blank
        if moment is None:
            raise _Unusable(wrong(400, "no_time", "'since' is a time with a zone, such as 2026-07-02T22:15:26+08:00."))
        values["since_ns"] = nanoseconds(moment)
    wanted = Filter(**values)
    return wanted.of(str(fields["credential"])) if "credential" in fields else wanted


def _expectation(fields: Mapping[str, Json]) -> Expectation:
    headers, query = fields.get("headers", {}), fields.get("query", {})
    assert isinstance(headers, dict)  # read_fields saw to it
    assert isinstance(query, dict)
    several = [value if isinstance(value, list) else [value] for value in query.values()]
    if not all(isinstance(one, str) for one in chain(headers.values(), *several)):
        raise _Unusable(wrong(400, "wrong_type", "'headers' and 'query' have strings by name, 'query' also lists."))
    return Expectation(
        cast("str | None", fields.get("operation")),
        fields.get("json", MISSING),
        cast("dict[str, str]", headers),
        cast("dict[str, str | list[str]]", query),
        exact=bool(fields.get("exact")),
    )


# --- answering --------------------------------------------------------------------------------------------------------


def _listed(journal: Journal, fields: dict[str, Json]) -> flask.Response:
    limit, offset = fields.pop("limit", 100), fields.pop("offset", 0)
    assert isinstance(limit, int)
    assert isinstance(offset, int)
    wanted = _filter(fields)
    counts = journal.counts()  # before the search: what comes meanwhile is behind `newest`
    found = journal.find(wanted)
    shown = found[max(offset, 0) :][: min(max(limit, 0), _LARGEST)]
    return json_answer(
        {
            "requests": [one.shown() for one in shown],
            "total": len(found),
            "entries": counts.entries,
            "newest": counts.newest,
            "dropped": counts.dropped,
            **({"sandbox": wanted.sandbox} if wanted.sandbox is not None else {}),
        }
    )


def _judged(verdict: Verdict) -> flask.Response:
    told: dict[str, Json] = {
        "verified": verdict.holds,
        "count": len(verdict.matches),
        "looked_at": verdict.looked_at,
        "dropped": verdict.dropped,
        "matches": [one.id for one in verdict.matches[:100]],
    }
    if verdict.holds:
        return json_answer(told)
    error: Json = {"message": str(verdict), "type": "invalid_request_error", "code": "not_verified"}
    near = verdict.nearest
    return json_answer({"error": error, **told, "nearest": None if near is None else _near(near)}, 422)


def _near(near: NearMiss) -> Json:
    return {
        "differences": [
            {
                "place": one.place,
                "pointer": one.pointer,
                "expected": one.expected,
                "received": one.received,
                "hint": one.hint,
            }
            for one in near.differences
        ],
        "request": near.entry.shown(),
    }
