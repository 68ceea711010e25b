"""The JSON Schema 2020-12 suite: its tests as bodies of requests, and its schemas as those of answers.

The suite comes with the source archive of the `jsonschema` package (MIT).
"""

from __future__ import annotations

import sys
import tarfile
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from benchmarks.installing import CannotInstall, cache_folder, run_installer
from tests.openapi.json_schema_suite import answer_all, ask_all

if TYPE_CHECKING:
    from pathlib import Path

MISSES = {"format": 19}
"""File of the suite -> tests that the mock decides otherwise, and why.

format: to the suite a format is a note; an OpenAPI document means it, so the mock refuses what is none.
"""


@pytest.fixture(scope="module")
def suite() -> Path:
    """The folder of the suite's tests of 2020-12."""
    name = f"jsonschema-{version('jsonschema')}"
    folder = cache_folder("json-schema-suite")
    if not (folder / name).is_dir():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        try:
            run_installer([*pip, "--no-deps", "--no-binary", ":all:", "--dest", str(folder), name.replace("-", "==")])
        except CannotInstall as error:
            pytest.fail(str(error), pytrace=False)
        with tarfile.open(folder / f"{name}.tar.gz") as archive:
            archive.extractall(folder, [one for one in archive if f"{name}/json/" in one.name], filter="data")
    return folder / name / "json" / "tests" / "draft2020-12"


def test_mock_decides_as_the_suite_asks_but_for_the_misses_that_are_explained(suite: Path) -> None:
    cases = list(ask_all(suite))
    assert len(cases) > 1_200
    missed = [case for case in cases if not case.agrees]
    assert {file: sum(case.file == file for case in missed) for file in {case.file for case in missed}} == MISSES, (
        missed
    )


UNANSWERED = {"optional/cross-draft": 1}
"""File of the suite -> groups with a value of which the mock makes none, and why.

cross-draft: it refers to a schema of another draft, which is not beside it.
"""


@pytest.mark.parametrize("part", ["", "optional", "optional/format"])
def test_mock_answers_each_schema_that_has_a_value_with_one(suite: Path, part: str) -> None:
    groups = list(answer_all(suite / part))
    assert len(groups) > 20
    wrong = [group for group in groups if not group.right]
    assert {f"{part}/{group.file}": 1 for group in wrong} == {
        name: count for name, count in UNANSWERED.items() if name.rpartition("/")[0] == part
    }, wrong
