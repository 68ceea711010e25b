"""Writes what was found as Markdown: a row for each document, and the servers beside each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.any_document.trial import Played

__all__ = ["Row", "markdown"]


@dataclass(frozen=True, slots=True)
class Row:
    """A document and what each server did with it. version: of OpenAPI; size in bytes."""

    name: str
    origin: str
    version: str
    size: int
    operations: int
    not_asked: int
    doubted: int
    played: tuple[Played, ...]


def markdown(rows: Sequence[Row], about: dict[str, str]) -> str:
    """Write the table of documents, the table of servers, and what was not right, by kind."""
    servers = [one.server for one in rows[0].played] if rows else []
    lines = ["| document | OpenAPI | MB | operations | calls |" + "".join(f" {name} |" for name in servers)]
    lines.append("|---|---|---|---|---|" + "---|" * len(servers))
    for row in rows:
        calls = max((one.called for one in row.played), default=0)
        cells = [row.name, row.version, f"{row.size / 1e6:.2f}", str(row.operations), str(calls)]
        lines.append("| " + " | ".join([*cells, *map(_cell, row.played)]) + " |")
    lines += ["", "right by both judges of the calls, and the seconds until the first right answer.", ""]
    lines += [
        "| server | documents served | operations' calls | documented status | body right by both | median s until the first right answer |"
    ]
    lines.append("|---|---|---|---|---|---|")
    calls = sum(max((one.called for one in row.played), default=0) for row in rows)
    for number, name in enumerate(servers):
        mine = [row.played[number] for row in rows]
        ready = sorted(one.ready for one in mine if one.ready is not None)
        cells = [
            name,
            f"{sum(1 for one in mine if not one.failure)} of {len(rows)}",
            str(calls),
            _share(sum(one.documented for one in mine), calls),
            _share(sum(one.right for one in mine), calls),
            f"{ready[len(ready) // 2]:.2f}" if ready else "-",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for number, name in enumerate(servers):
        kinds = Counter(miss.kind for row in rows for miss in row.played[number].misses)
        lines.append(
            f"- {name}: " + (", ".join(f"{count} x {kind}" for kind, count in kinds.most_common()) or "all right")
        )
        lines += [
            f"  - did not start on {row.name}: {row.played[number].failure}"
            for row in rows
            if row.played[number].failure
        ]
    total = sum(row.operations for row in rows)
    skipped, doubted = sum(row.not_asked for row in rows), sum(row.doubted for row in rows)
    lines.append(f"- {len(rows)} documents with {total} operations; no valid request was found for {skipped} of them.")
    lines.append(f"- openapi-core refuses {doubted} of the requests.")
    lines.append("- " + ", ".join(f"{key} {value}" for key, value in about.items()))
    return "\n".join(lines) + "\n"


def _cell(played: Played) -> str:
    if played.failure:
        return "did not start"
    ready = f", {played.ready:.2f} s" if played.ready is not None else ""
    return f"{played.right}{ready}"


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f} %)" if whole else "-"
