"""A small right mock: sessions and their results, and as much of `/_mock` as the journey of the suite asks for.

It is written from the documents alone, on the server of this folder, and shares no code with our mock.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from tests.wrong_servers.server import JSON, KEY, PATH, Answer, serve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.wrong_servers.server import Request

RESULT = "/volc/asset/GetVisualValidateResult"
COMPLETE, CLOCK, READY = "/_mock/sessions/complete", "/_mock/clock", "/_mock/ready"
OTHER_KEY = "sk-mock-byteplus-direct-contract-other"
LIFE = 1800.0
VERSION = "x_mock_version"


def serve_mock(request: Request) -> Answer:
    """Answer as a mock of this project; its state is the memory of the request."""
    if request.path.startswith("/_mock/"):
        return serve_control(request).having(**{VERSION: "1"})
    return serve_host(request)


def serve_host(request: Request) -> Answer:
    """Answer as a host that has both operations and no controls."""
    if request.path == RESULT:
        return result(request)
    who = caller(request)
    answer = serve(request.having(authorization=f"Bearer {KEY}") if who else request)
    if answer.status == 200:
        token = answer.value()["BytedToken"]
        asked = request.value()
        callback = asked.get("CallbackURL", "") if isinstance(asked, dict) else ""
        known = {"owner": who, "created": now(request), "ended": 0.0, "group": "", "callback": callback}
        sessions(request)[token] = known
    return answer


def sessions(request: Request) -> dict[str, dict[str, Any]]:
    """Give the sessions by token."""
    known: dict[str, dict[str, Any]] = request.memory.setdefault("sessions", {})
    return known


def now(request: Request) -> float:
    """Give the time that the mock shows."""
    return time.time() + float(request.memory.get("ahead", 0.0))


def caller(request: Request) -> str:
    """Give the key of a caller; empty for a stranger."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" and key in (KEY, OTHER_KEY) else ""


def result(request: Request) -> Answer:
    """Answer GetVisualValidateResult."""
    if request.method != "POST":
        return refusal(405, "no such method").having(allow="POST")
    who = caller(request)
    if not who:
        return refusal(401, "who are you").having(www_authenticate="Bearer")
    asked = request.value()
    if not isinstance(asked, dict) or not isinstance(asked.get("BytedToken"), str):
        return refusal(400, "no token")
    session = sessions(request).get(asked["BytedToken"])
    if session is None or session["owner"] != who or now(request) > session["created"] + LIFE:
        return refusal(404, "there is no session of this token")
    return ok({"GroupId": session["group"]})


def serve_control(request: Request) -> Answer:
    """Answer under `/_mock`."""
    if request.path == READY:
        return ok({"operations": [f"POST {PATH}", f"POST {RESULT}"]})
    asked = request.value()
    if request.path == CLOCK:
        request.memory["ahead"] = request.memory.get("ahead", 0.0) + asked["advance"]
        return ok({})
    session = sessions(request).get(asked["BytedToken"])
    if request.path != COMPLETE or session is None:
        return refusal(404, "there is no session of this token")
    if session["ended"]:
        return refusal(409, "the session has been used")
    finish(session, now(request), passed=asked["outcome"] == "pass")
    if asked.get("visit_callback"):
        browse(request, asked["BytedToken"])
    moment = datetime.fromtimestamp(session["ended"], timezone.utc)
    return ok({"state": "passed", "ended": moment.isoformat()})


def finish(session: dict[str, Any], moment: float, *, passed: bool = True) -> None:
    """End a session: the person is done."""
    session["ended"] = moment
    session["group"] = group_id(moment) if passed else ""


# --- the browser ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """What a browser does: a request, and the fragment that its page sees."""

    parts: SplitResult
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"


def visit_of(request: Request, token: str) -> Visit:
    """Say where the browser goes at the end of a session."""
    session = sessions(request)[token]
    code, billed = ("10000", "1") if session["group"] else ("20001", "0")
    brought = f"bytedToken={token}&resultCode={code}&algorithmBaseRespCode=0&reqMeasureInfoValue={billed}"
    parts = urlsplit(session["callback"])
    return Visit(parts._replace(query="&".join(filter(None, (parts.query, f"{brought}&verify_type=real_time")))))


def browse(request: Request, token: str) -> None:
    """Go to the CallbackURL of a session; a fault may have another idea of that."""
    visits = request.memory.get("browser", lambda visit: [visit])(visit_of(request, token))
    for visit in visits:
        parts = visit.parts
        asked: list[tuple[str, str, dict[str, str], str | None]]
        asked = [(visit.method, urlunsplit(("", "", parts.path, parts.query, "")), visit.headers, None)]
        asked += [("POST", f"{parts.path}/fragment", {}, f"#{parts.fragment}" if parts.fragment else "")]
        for method, target, headers, body in asked:
            connection = HTTPConnection(parts.netloc, timeout=5)
            try:
                connection.request(method, target, body, headers)
                connection.getresponse().read()
            finally:
                connection.close()


def group_id(moment: float) -> str:
    """Make a group id of a time, in seconds since 1970."""
    there = datetime.fromtimestamp(moment, timezone.utc) + timedelta(hours=8)
    letters = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(5))
    return f"group-{there:%Y%m%d%H%M%S}-{letters}"


def refusal(status: int, words: str) -> Answer:
    """Make an error, in the envelope of the vendor's 401."""
    said = {"error": {"message": words, "type": "invalid_request_error", "code": "not_found"}}
    return Answer(status, {"Content-Type": JSON}, json.dumps(said).encode())


def ok(value: Mapping[str, object]) -> Answer:
    """Make a 200."""
    return Answer(200, {"Content-Type": JSON}, json.dumps(value).encode())
