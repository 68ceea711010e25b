"""CPU time and memory of the processes of a server, from /proc. Linux only. Starts and ends nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["cpu_seconds", "members", "pss", "pss_of"]

PROC = Path("/proc")
_PSS = re.compile(r"^Pss: +(\d+) kB$", re.MULTILINE)


def members(session: int, proc: Path = PROC) -> list[int]:
    """List the processes of a session: all that came of a process that was started in one of its own."""
    return [int(place.name) for place, fields in _stats(proc) if int(fields[3]) == session]


def cpu_seconds(session: int, proc: Path = PROC) -> float:
    """Give the CPU time so far, user and system, of the living processes of a session."""
    ticks = sum(int(fields[11]) + int(fields[12]) for _, fields in _stats(proc) if int(fields[3]) == session)
    return ticks / os.sysconf("SC_CLK_TCK")


def pss(session: int, proc: Path = PROC) -> float:
    """Give the proportional memory of a session in MB (10^6 bytes): of a page that n processes share, each has 1/n."""
    return sum(pss_of(pid, proc) for pid in members(session, proc)) * 1024 / 1e6


def pss_of(pid: int, proc: Path = PROC) -> int:
    """Give the proportional memory of a process in KiB; 0 when it has ended or is about to."""
    try:
        found = _PSS.search((proc / str(pid) / "smaps_rollup").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _stats(proc: Path) -> list[tuple[Path, list[str]]]:
    """Give the folder of each living process and the fields of its stat behind the name, which may hold blanks."""
    found = []
    for stat in proc.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if fields[0] != "Z":
            found.append((stat.parent, fields))
    return found
