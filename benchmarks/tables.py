"""The comparison with other mock servers as Markdown: the table, the ratios of medians, what each server does."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import COLUMNS, in_order
from benchmarks.probing import PROBES
from benchmarks.reporting import cell, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.figures import Figures, Growth, Result

__all__ = ["markdown"]


def markdown(result: Result) -> str:
    """Write all tables. A server without figures has a row that says why."""
    servers = in_order(result.servers)
    columns = [column for column in COLUMNS if any(column.values(one) for one in servers)]
    medians, ranges, probes = [], [], []
    for one in servers:
        if one.why_not:
            medians.append([one.title, f"not measured: {_one_line(one.why_not)}", *[""] * (len(columns) - 1)])
            continue
        medians.append([one.title, *(f"{median(column.values(one)):.{column.digits}f}" for column in columns)])
        ranges.append([one.title, *(cell(column.values(one), column.digits) for column in columns)])
        probes.append([one.title, *(one.probes.get(probe, "") for probe in PROBES)])
    titles = [column.title for column in columns]
    parts = [
        _table(["server", *titles], medians),
        "Medians of the rounds; `c` means connections. Memory is proportional (PSS), of all processes of a server.",
        _ratios(servers),
        _table(["what a server does: status of, or whether", *PROBES], probes),
        _growth(result.growth),
        _table(["median (lowest to highest)", *titles], ranges),
        "\n".join(f"- {one.title}: {one.does}" for one in servers),
        "\n".join(f"- a turn was repeated: {slip}" for one in servers if not one.why_not for slip in one.slips),
        "- " + ", ".join(f"{key} {value}" for key, value in result.about.items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _ratios(servers: Sequence[Figures]) -> str:
    """Compare ours with each other one, and in each column with the best peer; nothing where there is nothing."""
    ours = next((one for one in servers if one.role == "ours" and not one.why_not), None)
    others = [one for one in servers if one is not ours and not one.why_not]
    if ours is None or not others:
        return ""
    columns = [column for column in COLUMNS if column.values(ours)]
    rows = []
    for other in others:
        found = [column.ratio(ours, other) for column in columns]
        rows.append([f"{ours.name} / {other.title}", *("" if one is None else f"{one:.2f}" for one in found)])
    peers = [one for one in others if one.role == "peer"]
    if peers:
        best = []
        for column in columns:
            first = column.best(peers)
            ahead = column.ratio(ours, first) if first else None
            best.append("" if first is None or ahead is None else f"{ahead:.2f} ({first.name})")
        rows.append([f"{ours.name} / the best peer of the column", *best])
    return _table(["ratio of medians, above 1: ours is better", *(column.title for column in columns)], rows)


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
