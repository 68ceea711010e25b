"""The writer of JSON: a documented, versioned report for programs (docs/reports.md, report-schema.json)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from contract_tests.report import VERDICTS, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.events import BrowserArrived, Event, ExchangeMade, ItemSettled
    from openapi.reading import Json

__all__ = ["FORMAT", "VERSION", "time_of", "write"]

FORMAT, VERSION = "anyfast-contract-report", 1
"""The name of the format; the version is raised when a reader of an older one would stumble."""


def write(events: Sequence[Event]) -> str:
    """Write the report."""
    return json.dumps(as_json(Report.of(events)), indent=1, ensure_ascii=False) + "\n"


def as_json(report: Report) -> dict[str, Json]:
    """Give the report as plain values."""
    started, ended = report.started, report.ended
    verdict, sentence = report.verdict
    made: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "run": {
            "verdict": verdict,
            "sentence": sentence,
            "started": time_of(started.at),
            "seconds": None if ended is None else ended.seconds,
            "exit_status": None if ended is None else ended.exit_status,
            "interrupted": ended is None or ended.interrupted,
            "mock_said": "" if ended is None else ended.said,
        },
        "target": {
            "url": started.target,
            "is_mock": started.is_mock,
            "loopback": started.loopback,
            "compared_with": started.compared_with,
        },
        "contract": {"profile": started.profile, "documents": [asdict(one) for one in started.documents]},
        "versions": dict(started.versions),
        "counts": {
            "items": {word: report.tally[word] for word in VERDICTS},
            "requests": {"sent": report.sent, "paid": report.paid},
        },
        "budget": _budget(report),
        "items": [_item(one) for one in report.items],
        "exchanges": [_exchange(one) for one in report.exchanges.values()],
        "arrivals": [_arrival(one) for one in report.arrivals],
        "coverage": [asdict(one) for one in report.coverage],
        "differences": [asdict(one) for one in report.differences],
    }
    return made


def _budget(report: Report) -> dict[str, Json] | None:
    spent = report.budget
    return None if spent is None else {**asdict(spent), "left_out": dict(spent.left_out)}


def time_of(at: float) -> str:
    """Write a moment in seconds since 1970 as people and programs do (RFC 3339), in UTC."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _item(one: ItemSettled) -> dict[str, Json]:
    return {
        **asdict(one.item),
        "verdict": one.verdict,
        "reason": one.reason,
        "reason_code": one.code,
        "remedy": one.remedy,
        "seconds": one.seconds,
        "findings": [asdict(noted) for noted in one.findings],
        "exchanges": list(one.exchanges),
        "judged": list(one.judged),
        "generated": one.generated,
        "seed": one.seed,
        "deviation": None if one.excuse is None else asdict(one.excuse),
    }


def _arrival(one: BrowserArrived) -> dict[str, Json]:
    return {
        "session": one.session,
        "arrived": time_of(one.at),
        "method": one.method,
        "target": one.target,
        "headers": [list(pair) for pair in one.headers],
        "size": one.body,
        "fragment": one.fragment,
    }


def _exchange(one: ExchangeMade) -> dict[str, Json]:
    answer: dict[str, Json] = {
        "status": one.status,
        "headers": [list(pair) for pair in one.headers],
        "body": asdict(one.body),
    }
    return {
        "name": one.name,
        "operation": one.operation,
        "started": time_of(one.at),
        "seconds": one.seconds,
        "sent": one.sent,
        "paid": one.paid,
        "curl": one.curl,
        "request": {
            "method": one.method,
            "url": one.url,
            "headers": [list(pair) for pair in one.request_headers],
            "body": None if one.request_body is None else asdict(one.request_body),
        },
        "answer": answer if one.status else None,
        "trouble": one.trouble,
    }
