"""Exchanges of the journal as HAR 1.2, for the tools that read such files. No secret is in it.

Sizes and times that the mock does not know are written as the format has it: -1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from mockserver import __version__
from mockserver.exchange import reason
from mockserver.recording import ENCODED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.recording import Entry
    from openapi.reading import Json

__all__ = ["har"]

_UNKNOWN = -1


def har(entries: Iterable[Entry], base_url: str) -> dict[str, Json]:
    """Write exchanges, given the newest first, as a HAR log, the oldest first. base_url: where the mock is reached."""
    made = [_entry(one.shown(), base_url) for one in entries]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "anyfast-mockserver", "version": __version__},
            "pages": [],
            "entries": cast("list[Json]", made[::-1]),
            "comment": "Secrets are masked.",
        }
    }


def _entry(one: dict[str, Any], base_url: str) -> dict[str, Json]:
    milliseconds = round((one["seconds"] + one["delay"]) * 1000, 3)
    decision = one["decision"]
    return {
        "startedDateTime": one["time"],
        "time": milliseconds,
        "request": _request(one["request"], base_url),
        "response": _response(one["response"]),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{decision['rule']}; basis={decision['basis']}",
        "_id": one["id"],
        "_operation": one["operation"],
        "_detail": decision["detail"],
    }


def _request(came: dict[str, Any], base_url: str) -> dict[str, Json]:
    query = [(name, value) for name, value in came["query"]]
    safe = "/*:@!$&'()+,;=~"
    path = quote(came[ENCODED], safe=f"{safe}%") if ENCODED in came else quote(came["path"], safe=safe)
    url = base_url + path + (f"?{urlencode(query, safe='*')}" if query else "")
    body = came["body"]
    made: dict[str, Json] = {
        "method": came["method"],
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(came["headers"].items()),
        "queryString": _pairs(query),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if body["size"] is None else body["size"],
    }
    if body["size"]:
        made["postData"] = {"mimeType": came["headers"].get("content-type", ""), **_text(body)}
    return made


def _response(went: dict[str, Any]) -> dict[str, Json]:
    headers = {name.lower(): value for name, value in went["headers"]}
    kind = headers.get("content-type", "x-unknown")
    return {
        "status": went["status"],
        "statusText": reason(went["status"]).partition(" ")[2],
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(went["headers"]),
        "content": {"size": went["body"]["size"], "mimeType": kind, **_text(went["body"])},
        "redirectURL": headers.get("location", ""),
        "headersSize": _UNKNOWN,
        "bodySize": went["body"]["size"],
    }


def _text(body: dict[str, Any]) -> dict[str, Json]:
    text = json.dumps(body["json"], ensure_ascii=False) if "json" in body else body.get("text", "")
    return {"text": text, **({"comment": body["note"]} if "note" in body else {})}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]
