"""The arithmetic and the judgement behind the published figures."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from benchmarks.asking import CALLBACK, Answer
from benchmarks.loading import Load
from benchmarks.peers import OURS, PRISM
from benchmarks.reporting import Figures, markdown, measured, save

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = ("2026070222152680501D985EA34A3BE3D8", "2026070222152680501D985EA34A3BE3D9")


def test_ratios_are_of_medians_and_above_one_where_the_first_is_better() -> None:
    ours = Figures(OURS, [0.2, 9.0, 0.1], [Load(2, 9000.0, 0.1, 2.0, 50.0)])
    prism = Figures(PRISM, [2.0, 1.0, 3.0], [Load(2, 3000.0, 0.4, 5.0, 200.0)])
    lines = markdown([ours, prism], [2], {}).splitlines()
    assert "| anyfast-mockserver / prism | 10.00 | 3.00 | 2.50 | 4.00 |" in lines
    assert "| anyfast-mockserver | 0.200 (0.100 to 9.000) | 9000 (9000 to 9000) |" in lines[2]
    assert "| prism 5.14.2 | 2.000 (1.000 to 3.000) | 3000" in lines[3]


def test_without_load_only_cold_starts_are_compared() -> None:
    lines = markdown([Figures(OURS, [0.2]), Figures(PRISM, [1.0])], [2, 32], {}).splitlines()
    assert "| anyfast-mockserver / prism | 5.00 |  |  |  |  |  |  |" in lines


def test_two_sessions_with_different_tokens_are_right() -> None:
    assert OURS.fault(_session(TOKENS[0]), _session(TOKENS[1])) == ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Answer(0), Answer(0)),
        (Answer(200, b"{"), Answer(200, b"[]")),
        (Answer(401, b"{}"), Answer(401, b"{}")),
        ("2026070222152680501D985EA34A3BE3D8", "2026070222152680501D985EA34A3BE3D8"),
        (TOKENS[0], "2026070222152680501d985ea34a3be3d9"),
        (TOKENS[0], Answer(200, json.dumps({"BytedToken": TOKENS[1]}).encode())),
    ],
)
def test_wrong_answers_have_no_speed(first: str | Answer, second: str | Answer) -> None:
    assert OURS.fault(_session(first), _session(second))


def test_constant_example_is_right_for_prism_alone() -> None:
    example = _session(TOKENS[0])
    assert PRISM.fault(example, example) == ""
    assert PRISM.fault(example, _session(TOKENS[1]))
    assert PRISM.fault(Answer(0), example)


def _session(answer: str | Answer) -> Answer:
    if isinstance(answer, Answer):
        return answer
    return Answer(200, json.dumps({"BytedToken": answer, "CallbackURL": CALLBACK}).encode())


def test_result_is_saved_as_a_table_and_as_json(tmp_path: Path) -> None:
    when = datetime(2026, 7, 2, 22, 15, 26, tzinfo=timezone.utc)
    saved = save(tmp_path / "results", "-x", "| table |\n", {"servers": measured([Figures(OURS, [0.2])])}, when)
    assert saved.name == "2026-07-02T221526Z-x.md"
    assert saved.read_text("utf-8") == "# 2026-07-02 22:15 UTC\n\n| table |\n"
    (server,) = json.loads(saved.with_suffix(".json").read_text("utf-8"))["servers"]
    assert (server["name"], server["cold_start_seconds"], server["loads"]) == (OURS.name, [0.2], [])
