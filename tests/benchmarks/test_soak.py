"""The soak: it can fail, and what it sends is answered as it expects."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmarks.soak import Sample, Soak, main, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


def samples(pss: Sequence[int], files: Sequence[int]) -> list[Sample]:
    return [Sample(float(at), at, *one, 20) for at, one in enumerate(zip(pss, files, strict=True))]


def test_memory_that_settles_is_no_growth() -> None:
    assert verdict(samples([10, 50, 90, 100, 101, 99, 103, 100, 102], [29] * 9)) == []


def test_memory_that_goes_on_growing_is_told() -> None:
    assert verdict(samples(range(100, 190, 10), [29] * 9)) == ["memory grew from 140 to 170 KiB"]


def test_files_that_stay_open_are_told() -> None:
    assert verdict(samples([100] * 9, [29] * 6 + [29, 30, 60])) == ["open files grew beyond 37"]


def test_token_that_comes_twice_is_told() -> None:
    soak = Soak(0, random.Random(1))  # noqa: S311 - a mixture, no secret
    for token in (b"one", b"other", b"one"):
        soak._take(token)
    assert soak.wrong == ["a token came twice"]


def test_short_soak_answers_every_request_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--requests", "3000"]) == 1
    told = capsys.readouterr().out
    assert "x 401" in told
    assert told.partition("Wrong:\n")[2] == "too short to tell whether anything grows\n"
