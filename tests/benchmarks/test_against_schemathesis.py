"""The figures of the two judges, and that no verdict counts which blames a right host."""

from __future__ import annotations

import sys

import pytest

from benchmarks.against_schemathesis import KEY, Judge, markdown, measure
from benchmarks.running import WrongAnswer

ASK = "import sys, urllib.request as u, urllib.error as e\nfor path in 'ab':\n try: u.urlopen(sys.argv[1] + '/' + path)"
ASKING = f"{ASK}\n except e.HTTPError as error: error.close()\n"
"""Asks a host twice for what it does not have."""


def test_ratios_are_of_medians_and_above_one_where_the_first_needs_less() -> None:
    ours = Judge("ours", (), seconds=[1.0, 9.0, 2.0], requests=[40, 40, 40])
    theirs = Judge("theirs", (), seconds=[4.0, 4.0, 5.0], requests=[100, 120, 500])
    lines = markdown([ours, theirs], {"python": "3"}).splitlines()
    assert "| ours | 2.00 (1.00 to 9.00) | 40 (40 to 40) |" in lines
    assert "| ours / theirs | 2.00 | 3.00 |" in lines
    assert lines[-1] == "- python 3"


def test_requests_are_counted_by_the_host_and_the_first_round_is_not() -> None:
    judge = Judge("asking", (sys.executable, "-c", ASKING, "{url}"), {"ANYFAST_API_KEY": KEY})
    measure([judge], 2, 1)
    assert judge.requests == [2, 2]
    assert len(judge.seconds) == 2


@pytest.mark.parametrize("program", [f"{ASKING}sys.exit('blamed')", "print('asked nothing')"])
def test_wrong_verdict_has_no_speed(program: str) -> None:
    with pytest.raises(WrongAnswer, match=r"blamed|asked nothing"):
        measure([Judge("wrong", (sys.executable, "-c", program, "{url}"))], 1, 1)
