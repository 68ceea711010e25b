"""What every comparison writes alike."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from benchmarks.reporting import cell, ratio, save

if TYPE_CHECKING:
    from pathlib import Path


def test_ratio_is_of_medians_and_empty_where_there_is_none() -> None:
    assert ratio([9.0, 1.0, 4.0], [2.0, 2.0, 100.0]) == "2.00"
    assert [ratio([], [1.0]), ratio([1.0], []), ratio([1.0], [0.0])] == ["", "", ""]


def test_cell_has_the_median_and_the_range() -> None:
    assert cell([3.0, 1.0, 20.0], 1) == "3.0 (1.0 to 20.0)"
    assert cell([], 1) == ""


def test_result_is_saved_as_a_table_and_as_json(tmp_path: Path) -> None:
    when = datetime(2026, 7, 2, 22, 15, 26, tzinfo=timezone.utc)
    saved = save(tmp_path / "results", "-x", "| table |\n", {"a": [0.2]}, when)
    assert saved.name == "2026-07-02T221526Z-x.md"
    assert saved.read_text("utf-8") == "# 2026-07-02 22:15 UTC\n\n| table |\n"
    assert json.loads(saved.with_suffix(".json").read_text("utf-8")) == {"a": [0.2]}
