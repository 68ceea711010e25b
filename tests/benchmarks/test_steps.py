"""The profile of a request: every step once, none with the time of those inside it."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks import steps


def test_step_is_told_without_the_time_of_those_inside_it() -> None:
    watch = steps.Watch()
    inner = watch.over("inner", lambda: time.sleep(0.02))
    watch.over("outer", lambda: (inner(), inner()))()
    assert watch.times["inner"] >= 0.04
    assert watch.times["outer"] < 0.02


def test_time_counts_when_a_step_raises() -> None:
    watch = steps.Watch()

    def fail() -> None:
        time.sleep(0.01)
        raise LookupError

    try:
        watch.over("failing", fail)()
    except LookupError:
        assert watch.times["failing"] >= 0.01


def test_every_step_has_a_row_with_time_in_it() -> None:
    command = [sys.executable, "-m", "benchmarks.steps"]  # of its own: its threads would outlive the test
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split("|")[1:3] for line in said.splitlines()[2:]]
    assert [what.strip() for what, _ in rows[:-1]] == [what for _, _, what in steps.STEPS]
    assert all(float(microseconds) >= 0 for _, microseconds in rows)
    assert sum(float(microseconds) > 0 for _, microseconds in rows) > len(steps.STEPS) // 2
