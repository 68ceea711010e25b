"""Who may use `/_mock`, and how its requests are read and answered.

On loopback it is open, but not to web pages: those can reach a loopback address too. Elsewhere it asks for a token.
"""

from __future__ import annotations

import hmac
import json
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import flask

from mockserver import __version__
from mockserver.bodies import parse_json
from mockserver.credentials import Refusal
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mockserver.settings import Settings
    from openapi.reading import Json

__all__ = ["guard", "json_answer", "read_fields", "read_limit", "read_query", "wrong"]

LARGEST = 65_536
"""Bytes of a body that is read."""


def guard(settings: Settings, request: flask.Request, harmless: Collection[str]) -> flask.Response | None:
    """Let a request pass (None), or say why not. `harmless` endpoints show no state and change none."""
    if settings.control_token:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = settings.control_token.encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), known):
            response = wrong(401, "control_token", "This mock asks for its control token: 'Authorization: Bearer ...'.")
            response.headers["WWW-Authenticate"] = 'Bearer realm="mock control"'
            return response
    elif request.endpoint not in harmless and not _is_ours(request.host, settings):
        # A page of another site whose name leads to this machine (DNS rebinding) may read and write what it likes.
        return wrong(403, "other_host", "The Host header names no loopback address; use one, or start with a token.")
    if request.method == "POST" and request.mimetype != "application/json":
        # A browser sends this type to another origin only after asking, and nobody here says yes.
        return wrong(415, "media_type", "Send 'Content-Type: application/json'.")
    return None


def _is_ours(host: str, settings: Settings) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    if name in ("localhost", urlsplit(settings.base_url).hostname) or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def read_fields(known: Mapping[str, tuple[type, ...]]) -> dict[str, Json] | flask.Response:
    """Read the JSON object of a request: members that are known, each of its types. Give what is wrong otherwise."""
    try:
        raw = flask.request.stream.read(LARGEST + 1)
    except OSError:
        return wrong(400, "incomplete", "The body broke off.")
    if len(raw) > LARGEST:
        return wrong(413, "too_large", f"The body is larger than {LARGEST} bytes.")
    value = parse_json(raw) if raw else {}
    if isinstance(value, Refusal):
        return wrong(400, "no_json", value.detail)
    if not isinstance(value, dict):
        return wrong(400, "no_object", "The body is not a JSON object.")
    for name, member in value.items():
        if name not in known:
            hint = nearest(name, known) or f"There are: {', '.join(known)}."
            return wrong(400, "unknown_member", f"There is no member {name[:40]!r}. {hint}")
        if not isinstance(member, known[name]) or (isinstance(member, bool) and bool not in known[name]):
            words = " or ".join(_WORDS[one] for one in known[name])
            return wrong(400, "wrong_type", f"{name!r} is {words}.")
    return value


def read_query(known: Collection[str]) -> dict[str, Json] | flask.Response:
    """Read the query of a request; say what is wrong with a name that is not known, with the nearest."""
    for name in flask.request.args:
        if name not in known:
            hint = nearest(name, known) or f"There are: {', '.join(known)}."
            return wrong(400, "unknown_parameter", f"There is no parameter {name[:40]!r}. {hint}")
    return dict(flask.request.args.items())


def read_limit() -> int:
    """Read how many entries are asked for by `?limit=`: 1 to 1000, 100 when nothing is said or it is no number."""
    return min(max(flask.request.args.get("limit", 100, int), 1), 1000)


_WORDS = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a string",
    type(None): "null",
}


def json_answer(value: Json, status: int = 200) -> flask.Response:
    """Answer with JSON, indented for a person."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    response = flask.Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Mock-Version"] = __version__
    return response


def wrong(status: int, code: str, message: str) -> flask.Response:
    """Answer with an error: what is wrong and how to mend it."""
    kind = "invalid_request_error" if status < 500 else "mock_error"
    return json_answer({"error": {"message": message, "type": kind, "code": code}}, status)
