"""Documents broken in a place or in several: all else is served as before, and what is wrong is told at its place.

`MUTANTS=5000` makes more of each; `python -m tests.fuzz mutants` goes on with others for as long as it is told.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.mutants import DOCUMENTS, damaged, whole

if TYPE_CHECKING:
    from pathlib import Path

MUTANTS = int(os.environ.get("MUTANTS", "60"))


@pytest.mark.parametrize("places", [1, 3])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_broken_takes_out_no_more_than_itself_and_is_told(path: Path, places: int) -> None:
    made = whole(path)
    assert {status for status, _ in made.answers.values()} & {200, 201}
    for number in range(MUTANTS // places):
        what, faults = damaged(made, f"{path.name} {places} {number}", places)
        assert faults == [], what
