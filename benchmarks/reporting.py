"""What every comparison writes alike: medians with their range, ratios, the machine, the files. Measures nothing."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["cell", "machine", "ratio", "save"]


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
        "java": "".join(_said(["java", "--version"]).split()[1:2]),
        "wrk": "".join(_said(["wrk", "--version"]).split()[1:2]),
        "load_average": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }


def save(folder: Path, name: str, text: str, content: object, when: datetime) -> Path:
    """Write `<time><name>.md` and `<time><name>.json`; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{when:%Y-%m-%dT%H%M%SZ}{name}.md"
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    path.write_text(f"# {when:%Y-%m-%d %H:%M} UTC\n\n{text}", "utf-8")
    return path


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
