"""The comparison with other mock servers as Markdown: the table, the ratios of medians, what each server does."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import COLUMNS, CONNECTIONS, column, in_order
from benchmarks.probing import PROBES
from benchmarks.reporting import cell, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.figures import Column, Figures, Growth, Result

__all__ = ["markdown"]


HEADLINES: tuple[tuple[str, tuple[Column, ...]], ...] = (
    ("cold start s", (column("cold start s"),)),
    *(
        headline
        for count in CONNECTIONS
        for headline in (
            (f"{count}c requests/s", (column(f"{count}c requests/s"),)),
            (f"{count}c p50 / p99 ms", (column(f"{count}c p50 ms"), column(f"{count}c p99 ms"))),
        )
    ),
    (f"{CONNECTIONS[-1]}c CPU us/request", (column(f"{CONNECTIONS[-1]}c CPU us/request"),)),
    ("memory idle / after MB", (column("memory idle MB"), column("memory after MB"))),
)
"""The first table: title and what stands in a cell. The ratios are of the last figure in each."""


def markdown(result: Result) -> str:
    """Write all tables. A server without figures has a row that says why."""
    servers = in_order(result.servers)
    measured = [one for one in servers if not one.why_not]
    columns = [one for one in COLUMNS if any(one.values(server) for server in measured)]
    probes = [[one.title, *(one.probes.get(probe, "") for probe in PROBES)] for one in measured]
    ranges = [[one.title, *(cell(each.values(one), each.digits) for each in columns)] for one in measured]
    parts = [
        _medians(servers, columns),
        "Medians of the rounds; `c` means connections. Memory is proportional (PSS), of all processes of a server.",
        _ratios(measured, columns),
        _table(["what a server does: status of, or whether", *PROBES], probes),
        _growth(result.growth),
        _table(["median (lowest to highest)", *(one.title for one in columns)], ranges),
        "\n".join(f"- {one.title}: {one.does}" for one in servers),
        "\n".join(f"- a turn was repeated: {slip}" for one in measured for slip in one.slips),
        "- " + ", ".join(f"{key} {value}" for key, value in result.about.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _medians(servers: Sequence[Figures], columns: Sequence[Column]) -> str:
    shown = [(title, parts) for title, parts in HEADLINES if parts[-1] in columns]
    rows = []
    for one in servers:
        if one.why_not:
            rows.append([one.title, f"not measured: {_one_line(one.why_not)}", *[""] * (len(shown) - 1)])
        else:
            cells = (" / ".join(_median(part, one) for part in parts) for _, parts in shown)
            rows.append([one.title, *cells])
    return _table(["server", *(title for title, _ in shown)], rows)


def _median(part: Column, one: Figures) -> str:
    values = part.values(one)
    return f"{median(values):.{part.digits}f}" if values else ""


def _ratios(measured: Sequence[Figures], columns: Sequence[Column]) -> str:
    """Compare ours with each other one, and in each column with the best peer; nothing where there is nothing."""
    ours = next((one for one in measured if one.role == "ours"), None)
    others = [one for one in measured if one is not ours]
    if ours is None or not others:
        return ""
    shown = [parts[-1] for _, parts in HEADLINES if parts[-1] in columns]
    rows = []
    for other in others:
        found = [each.ratio(ours, other) for each in shown]
        rows.append([f"{ours.name} / {other.title}", *("" if one is None else f"{one:.2f}" for one in found)])
    peers = [one for one in others if one.role == "peer"]
    if peers:
        best = []
        for each in shown:
            first = each.best(peers)
            ahead = each.ratio(ours, first) if first else None
            best.append("" if first is None or ahead is None else f"{ahead:.2f} ({first.name})")
        rows.append([f"{ours.name} / the best peer of the column", *best])
    return _table(["ratio of medians, above 1: ours is better", *(one.title for one in shown)], rows)


def _growth(growth: Iterable[Growth]) -> str:
    rows = [
        [f"{one.small} -> {one.large}", cell(one.before, 1), cell(one.after, 1), ratio(one.after, one.before)]
        for one in growth
    ]
    return _table(["ours as it grows, CPU us/request", "before", "after", "after / before"], rows) if rows else ""


def _table(titles: list[str], rows: Iterable[list[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _one_line(text: str) -> str:
    """Give the first line, as a cell may hold it."""
    return text.strip().partition("\n")[0].replace("|", "\\|")
