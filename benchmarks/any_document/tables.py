"""Writes what was found as Markdown: the servers beside each other, each document, each exception explained."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.any_document.explanations import REASONS, reason_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.any_document.trial import Miss, Played

__all__ = ["Row", "markdown", "unexplained"]

_MOST = 20
"""Exceptions without an explanation that are listed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document and what each server did with it. version: of OpenAPI; size in bytes; calls: requests that were made.

    not_asked: operations for which no valid request was found; doubted: requests that openapi-core refuses.
    """

    name: str
    origin: str
    version: str
    size: int
    operations: int
    calls: int
    not_asked: int
    doubted: int
    played: tuple[Played, ...]


def unexplained(rows: Sequence[Row]) -> list[tuple[str, Miss]]:
    """List the answers of the first server that were not right for a reason that nobody has said."""
    return [(row.name, miss) for row in rows for miss in row.played[0].misses if reason_for(miss) is None]


def markdown(rows: Sequence[Row], about: dict[str, str]) -> str:
    """Write the servers, the documents and the exceptions of the first server."""
    lines = [*_servers(rows), "", *_documents(rows), "", *_exceptions(rows), ""]
    lines.append("Measured: " + ", ".join(f"{key} {value}" for key, value in about.items()) + ".")
    return "\n".join(lines) + "\n"


def _servers(rows: Sequence[Row]) -> Iterator[str]:
    calls = sum(row.calls for row in rows)
    yield f"{len(rows)} documents, {sum(row.operations for row in rows)} operations, {calls} calls."
    yield ""
    yield (
        "| server | documents served | documented status | and body right by both | s to the first right answer "
        "| MB at the end |"
    )
    yield "|---|---|---|---|---|---|"
    for number, first in enumerate(rows[0].played if rows else ()):
        mine = [row.played[number] for row in rows]
        ready = sorted(one.ready for one in mine if one.ready is not None)
        cells = [
            f"{first.server} {first.version}".strip(),
            f"{sum(1 for one in mine if not one.failure)} of {len(rows)}",
            _share(sum(one.documented for one in mine), calls),
            _share(sum(one.right for one in mine), calls),
            _spread(ready, ".2f"),
            _spread(sorted(one.memory for one in mine if one.memory is not None), ".0f"),
        ]
        yield "| " + " | ".join(cells) + " |"
    failed = [(row.name, one) for row in rows for one in row.played if one.failure]
    if failed:
        yield ""
    for name, one in failed:
        yield f"- {one.server} did not start on {name}: {_plain(one.failure)}"


def _documents(rows: Sequence[Row]) -> Iterator[str]:
    servers = [one.server for one in rows[0].played] if rows else []
    yield "| document | from | OpenAPI | MB | operations | calls |" + "".join(f" {name} |" for name in servers)
    yield "|---|---|---|---|---|---|" + "---|" * len(servers)
    for row in rows:
        numbers = [f"{row.size / 1e6:.2f}", str(row.operations), str(row.calls)]
        cells = [row.name, row.origin, row.version, *numbers, *map(_cell, row.played)]
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield (
        "A cell has the right answers, the seconds from the start of the process to the first of them, and the memory "
        "of all its processes after the last (PSS)."
    )


def _exceptions(rows: Sequence[Row]) -> Iterator[str]:
    named = {reason.name: reason for reason in REASONS}
    found: dict[str, Counter[str]] = {name: Counter() for name in named}
    for row in rows:
        for miss in row.played[0].misses if row.played else ():
            reason = reason_for(miss)
            if reason is not None:
                found[reason.name][row.name] += 1
    yield "| exceptions of ours | calls | whose mistake | why |"
    yield "|---|---|---|---|"
    for name, documents in found.items():
        if documents:
            where = ", ".join(f"{document} {count}" for document, count in documents.items())
            yield f"| {name} ({where}) | {documents.total()} | {named[name].whose} | {named[name].why} |"
    rest = unexplained(rows)
    for document, miss in rest[:_MOST]:
        yield f"| {document}: {miss.request.replace('|', '')} | 1 | ours | {_plain(miss.what)} |"
    if len(rest) > _MOST:
        yield f"| and more | {len(rest) - _MOST} | ours | |"
    skipped, doubted = sum(row.not_asked for row in rows), sum(row.doubted for row in rows)
    yield ""
    yield f"No valid request was found for {skipped} operations. openapi-core refuses {doubted} of the requests."


def _cell(played: Played) -> str:
    if played.failure:
        return "did not start"
    ready = f", {played.ready:.2f} s" if played.ready is not None else ""
    memory = f", {played.memory:.0f} MB" if played.memory is not None else ""
    return f"{played.right}{ready}{memory}"


def _spread(numbers: Sequence[float], form: str) -> str:
    """Write the median of sorted numbers, and between which they lie."""
    if not numbers:
        return "-"
    return f"{numbers[len(numbers) // 2]:{form}} ({numbers[0]:{form}} to {numbers[-1]:{form}})"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "-"


def _plain(text: str) -> str:
    """Write a text so that it fits into a cell and names no folder of this machine."""
    text = re.sub(r"(?:/[\w.@+-]+){3,}/", ".../", text)
    return " ".join(text.replace("|", "/").replace("<", "&lt;").split())[:240]
