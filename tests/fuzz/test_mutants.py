"""Documents broken in a place or in several: all else is served as before, and what is wrong is told at its place.

`MUTANTS=5000` makes more of each; `python -m tests.fuzz mutants` goes on for as long as it is told.
"""

from __future__ import annotations

import copy
import os
import random
from typing import TYPE_CHECKING, cast

import pytest

from openapi.reading import read_value
from tests.fuzz.mutants import Whole, broken
from tests.fuzz.readers import PETS, VENDOR

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json

MUTANTS = int(os.environ.get("MUTANTS", "60"))
DOCUMENTS = [*sorted(PETS.glob("pets-*.yaml")), VENDOR[0]]


def whole(path: Path) -> Whole:
    return Whole(path.name, cast("dict[str, Json]", read_value(path.read_bytes(), path.name)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_broken_takes_out_no_more_than_itself_and_is_told(path: Path) -> None:
    made = whole(path)
    assert {status for status, _ in made.answers.values()} & {200, 201}
    for seed in range(MUTANTS):
        chance = random.Random(f"{path.name} {seed}")  # noqa: S311 - the same damage each time
        tree = copy.deepcopy(made.tree)
        what, touched = broken(tree, chance)
        assert made.faults(tree, touched) == [], f"seed {seed}: {what}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_broken_in_several_places_is_served_or_refused_with_reasons(path: Path) -> None:
    made = whole(path)
    for seed in range(MUTANTS // 2):
        chance = random.Random(f"{path.name} {seed} several")  # noqa: S311 - as above
        tree = copy.deepcopy(made.tree)
        done = [broken(tree, chance) for _ in range(3) if tree]
        touched = [pointer for _, pointers in done for pointer in pointers]
        assert made.faults(tree, touched) == [], f"seed {seed}: {[what for what, _ in done]}"
