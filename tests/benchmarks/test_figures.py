"""The arithmetic behind the published figures, and the file that keeps them."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import COLUMNS, Figures, from_json, in_order, to_json
from tests.benchmarks.making import figures, result


def test_ratios_are_of_medians_and_above_one_where_ours_is_better() -> None:
    ours, other = figures("anyfast-mockserver"), figures("prism", 4.0)
    assert {round(column.ratio(ours, other) or 0.0, 6) for column in COLUMNS} == {4.0}
    assert {round(column.ratio(other, ours) or 0.0, 6) for column in COLUMNS} == {0.25}


def test_ratio_with_what_was_not_measured_is_none() -> None:
    ours, other = figures("anyfast-mockserver"), Figures("prism", "5", "peer", "")
    assert {column.ratio(ours, other) for column in COLUMNS} == {None}
    other.cold_starts = [0.0]
    assert COLUMNS[0].ratio(ours, other) == 0.0
    assert COLUMNS[0].ratio(other, ours) is None


def test_best_has_most_requests_and_least_of_everything_else() -> None:
    fast, slow = figures("scalar"), figures("prism", 2.0)
    assert [column.best([slow, fast]) for column in COLUMNS] == [fast] * len(COLUMNS)
    assert COLUMNS[0].best([Figures("prism", "5", "peer", "")]) is None


def test_servers_stand_by_what_they_answer_with_limits_and_missing_ones_last() -> None:
    ours, slow, fast, limit = (
        figures(name, factor)
        for name, factor in (("anyfast-mockserver", 9.0), ("prism", 5.0), ("scalar", 3.0), ("bare-wsgi", 1.0))
    )
    missing = Figures("mockoon", "9", "peer", "", why_not="no npm")
    assert in_order([missing, limit, slow, fast, ours]) == [ours, fast, slow, limit, missing]


def test_file_gives_back_what_was_measured() -> None:
    whole = result()
    assert from_json(json.dumps(to_json(whole))) == whole


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"about": {}, "servers": [{"name": "x"}], "growth": []}'])
def test_other_file_is_no_result(text: str) -> None:
    with pytest.raises(ValueError, match="no result of this comparison"):
        from_json(text)
