"""The writer of HAR 1.2: all requests and answers of a run, for the tools that read such files. No secret is in it.

What a run does not record is said as the format has it: -1 for sizes, no cookies, one time for all of the waiting.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from contract_tests.report import Report
from contract_tests.report_json import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contract_tests.event_parts import Content
    from contract_tests.events import Event, ExchangeMade
    from openapi.reading import Json

__all__ = ["write"]

UNKNOWN = -1
"""What the format writes for a size or a time that is not known."""

HTTP = "HTTP/1.1"


def write(events: Sequence[Event]) -> str:
    """Write the file. What never left for the target is not in it."""
    report = Report.of(events)
    versions = dict(report.started.versions)
    made = sorted((one for one in report.exchanges.values() if one.sent), key=lambda one: one.at)
    log: dict[str, Json] = {
        "version": "1.2",
        "creator": {"name": "anyfast-mockserver contract-tests", "version": versions.get("anyfast-mockserver", "")},
        "pages": [],
        "entries": [_entry(one) for one in made],
        "comment": f"{report.verdict[1]} Secrets are masked.",
    }
    return json.dumps({"log": log}, indent=1, ensure_ascii=False) + "\n"


def _entry(one: ExchangeMade) -> dict[str, Json]:
    milliseconds = round(one.seconds * 1000, 3)
    return {
        "startedDateTime": time_of(one.at),
        "time": milliseconds,
        "request": _request(one),
        "response": _response(one),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": one.name,
        "_paid": one.paid,
    }


def _request(one: ExchangeMade) -> dict[str, Json]:
    made: dict[str, Json] = {
        "method": one.method,
        "url": one.url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(one.request_headers),
        "queryString": _pairs(parse_qsl(urlsplit(one.url).query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": 0 if one.request_body is None else one.request_body.size,
    }
    if one.request_body is not None:
        made["postData"] = {"mimeType": _type(one.request_headers), **_text(one.request_body)}
    return made


def _response(one: ExchangeMade) -> dict[str, Json]:
    """Give the answer; status 0, as browsers write it, when none came."""
    content = {"size": one.body.size, "mimeType": _type(one.headers) or "x-unknown", **_text(one.body)}
    made: dict[str, Json] = {
        "status": one.status,
        "statusText": _phrase(one.status),
        "httpVersion": HTTP if one.status else "",
        "cookies": [],
        "headers": _pairs(one.headers),
        "content": content,
        "redirectURL": next((value for name, value in one.headers if name.lower() == "location"), ""),
        "headersSize": UNKNOWN,
        "bodySize": one.body.size if one.status else UNKNOWN,
    }
    if one.trouble:
        made["_error"] = one.trouble
    return made


def _text(body: Content) -> dict[str, Json]:
    """Give the text of a body, and say where it is not all of it."""
    said = {"cut": "The end is left out.", "no text": "What is no text in UTF-8 is left out: nobody can mask it."}
    return {"text": body.text, **({"comment": said[body.note]} if body.note else {})}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
