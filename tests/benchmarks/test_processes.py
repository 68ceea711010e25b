"""CPU time and memory of a server, summed over its processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from benchmarks.processes import cpu_seconds, members, pss, pss_of

if TYPE_CHECKING:
    from pathlib import Path

SESSION = 50
TICK = os.sysconf("SC_CLK_TCK")


def process(
    proc: Path, pid: int, session: int, *, name: str = "server", state: str = "S", kib: int | None = 1000
) -> None:
    """Write what the kernel tells of a process; kib: None for one whose memory cannot be looked at any more."""
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(
        f"{pid} ({name}) {state} 1 {pid} {session} 0 -1 0 0 0 0 0 {2 * TICK} {TICK} 0 0 20 0 1 0"
    )
    if kib is not None:
        text = f"00-ff ---p 00000000 00:00 0 [rollup]\nRss: {9 * kib} kB\nPss:  {kib} kB\nPss_Anon:  {kib} kB\n"
        (folder / "smaps_rollup").write_text(text)


def test_processes_of_a_session_are_summed_and_no_others(tmp_path: Path) -> None:
    process(tmp_path, 50, SESSION)
    process(tmp_path, 51, SESSION, name="odd) name (", kib=250)
    process(tmp_path, 52, 999, kib=5000)
    assert sorted(members(SESSION, tmp_path)) == [50, 51]
    assert pss(SESSION, tmp_path) == 1.28
    assert cpu_seconds(SESSION, tmp_path) == 6.0


def test_process_that_ended_counts_nothing(tmp_path: Path) -> None:
    process(tmp_path, 50, SESSION, kib=None)
    process(tmp_path, 51, SESSION, state="Z")
    (tmp_path / "53").mkdir()
    assert members(SESSION, tmp_path) == [50]
    assert (pss(SESSION, tmp_path), pss_of(53, tmp_path)) == (0.0, 0)
    assert cpu_seconds(SESSION, tmp_path) == 3.0


def test_this_process_has_memory_and_cpu_time() -> None:
    assert os.getpid() in members(os.getsid(0))
    assert 5 < pss_of(os.getpid()) / 1024 < 5000
    assert cpu_seconds(os.getsid(0)) > 0
