"""Turn measurements into medians, ratios, a table, and files. Measures nothing."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from benchmarks.loading import Load
    from benchmarks.peers import Peer

__all__ = ["Figures", "cell", "machine", "markdown", "measured", "ratio", "save"]


@dataclass(slots=True)
class Figures:
    """What was measured of one server; one entry for each round. Cold starts in seconds."""

    peer: Peer
    cold_starts: list[float] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    def at(self, connections: int, what: str) -> list[float]:
        """Give one column of the loads: `per_second`, `p50`, `p99` or `cpu`."""
        return [getattr(one, what) for one in self.loads if one.connections == connections]


def machine() -> dict[str, str]:
    """Say on what it was measured. No name of a person or of the machine."""
    model = next(
        (line.partition(":")[2].strip() for line in _read("/proc/cpuinfo").splitlines() if "model name" in line), ""
    )
    return {
        "processor": f"{os.cpu_count()} x {model or platform.machine()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "node": _said(["node", "--version"]),
        "wrk": "".join(_said(["wrk", "--version"]).split()[1:2]),
        "load_average": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }


def markdown(figures: Sequence[Figures], connections: Sequence[int], about: dict[str, str]) -> str:
    """Write the table and the ratios."""
    lines = ["| server | cold start s |", "|---|---|"]
    for count in connections:
        lines[0] += f" {count}c requests/s | {count}c p50 ms | {count}c p99 ms | {count}c CPU us/request |"
        lines[1] += "---|---|---|---|"
    for one in figures:
        cells = [f"{one.peer.name} {one.peer.version}".strip(), cell(one.cold_starts, 3)]
        for count in connections:
            cells += [cell(one.at(count, what), digits) for what, digits in _COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Median (lowest to highest) of the rounds.", ""]
    lines += _ratios(figures, connections)
    lines.append("")
    lines += [f"- {one.peer.name} {one.peer.version}".rstrip() + f": {one.peer.does}" for one in figures]
    lines.append("- " + ", ".join(f"{key} {value}" for key, value in about.items()))
    return "\n".join(lines) + "\n"


def measured(figures: Sequence[Figures]) -> list[dict[str, object]]:
    """Give everything that was measured as plain values."""
    return [
        {
            "name": one.peer.name,
            "version": one.peer.version,
            "command": one.peer.command,
            "cold_start_seconds": one.cold_starts,
            "loads": [asdict(each) for each in one.loads],
        }
        for one in figures
    ]


def save(folder: Path, name: str, text: str, content: object, when: datetime) -> Path:
    """Write `<time><name>.md` and `<time><name>.json`; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{when:%Y-%m-%dT%H%M%SZ}{name}.md"
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    path.write_text(f"# {when:%Y-%m-%d %H:%M} UTC\n\n{text}", "utf-8")
    return path


_COLUMNS = (("per_second", 0), ("p50", 3), ("p99", 2), ("cpu", 0))


def _ratios(figures: Sequence[Figures], connections: Sequence[int]) -> list[str]:
    """Compare the first server with each other one, always so that above 1 means that the first is better."""
    ours = figures[0]
    lines = ["| ratio of medians, above 1: the first is better | cold start |", "|---|---|"]
    for count in connections:
        lines[0] += f" {count}c requests/s | {count}c p99 | {count}c CPU |"
        lines[1] += "---|---|---|"
    for other in figures[1:]:
        cells = [f"{ours.peer.name} / {other.peer.name}", ratio(other.cold_starts, ours.cold_starts)]
        for count in connections:
            cells.append(ratio(ours.at(count, "per_second"), other.at(count, "per_second")))
            cells += [ratio(other.at(count, what), ours.at(count, what)) for what in ("p99", "cpu")]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def ratio(above: Sequence[float], below: Sequence[float]) -> str:
    """Write the ratio of two medians; nothing where one of them is missing or zero."""
    if not above or not below or not median(below):
        return ""
    return f"{median(above) / median(below):.2f}"


def cell(values: Sequence[float], digits: int) -> str:
    """Write the median and the range."""
    if not values:
        return ""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
