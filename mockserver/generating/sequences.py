"""Write values that follow each other: a JSON value a line, events of a stream, rows of a table."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["as_events", "as_lines", "as_table", "as_text"]


def as_text(value: Json) -> str:
    """Write a text as it is, anything else as JSON without blanks."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_lines(value: Json, before: str = "") -> str:
    """Write each item of a list, or any other value alone, as JSON on a line of its own. before: stands before each."""
    values = value if isinstance(value, list) else [value]
    return "".join(f"{before}{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n" for one in values)


def as_events(value: Json) -> str:
    """Write each item of a list, or any other value alone, as an event of `text/event-stream` (HTML, 9.2)."""
    values = value if isinstance(value, list) else [value]
    return "".join(_event(as_text(one)) for one in values)


def _event(text: str) -> str:
    return "".join(f"data: {line}\n" for line in text.splitlines() or [""]) + "\n"


def as_table(value: Json, delimiter: str) -> str:
    """Write a list of objects, or one, as rows under their names (RFC 4180); what is nested is JSON in its cell."""
    rows = value if isinstance(value, list) else [value]
    names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    if names:
        writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names] if isinstance(row, dict) else row if isinstance(row, list) else [row]
        writer.writerow(["" if cell is None else as_text(cell) for cell in cells])
    return written.getvalue()
