"""What events fold to: the last verdict on each item, each finding once, and the verdict on the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.report import Report
from tests.contract_tests.making_events import a_run, exchange, noted, settled, started

if TYPE_CHECKING:
    from contract_tests.events import Event


def test_no_run_no_report() -> None:
    with pytest.raises(ValueError, match="did not start"):
        Report.of([settled()])


def test_later_verdict_on_an_item_counts() -> None:
    report = Report.of(a_run(settled("auth/x"), settled("auth/x", "failed", noted())))
    assert [one.verdict for one in report.items] == ["failed"]


def test_same_thing_in_several_items_is_one_issue_and_the_worst_comes_first() -> None:
    report = Report.of(
        a_run(
            settled("auth/a", "warned", noted("warned", "AFC205")),
            settled("auth/b", "failed", noted(received="200"), noted("reported", "AFC112")),
            settled("auth/c", "failed", noted(received="201"), noted(pointer="/x")),
            settled("auth/d", "failed", noted("broken", "AFC991")),
        )
    )
    assert [(one.weight, one.first.code, one.items) for one in report.issues] == [
        ("broken", "AFC991", ["op/auth/d"]),
        ("failed", "AFC113", ["op/auth/b", "op/auth/c"]),
        ("failed", "AFC113", ["op/auth/c"]),
        ("warned", "AFC205", ["op/auth/a"]),
        ("reported", "AFC112", ["op/auth/b"]),
    ]
    assert [noted.received for _, noted in report.issues[1].found] == ["200", "201"]


def test_only_what_left_for_the_target_is_counted() -> None:
    report = Report.of(
        a_run(exchange("a"), exchange("b", status=200), exchange("c", status=0), exchange("a", status=200))
    )
    assert (report.sent, report.paid) == (2, 1)


@pytest.mark.parametrize(
    ("events", "verdict", "words"),
    [
        ([settled("auth/a"), settled("auth/b", "failed", noted())], "failed", "1 of 2 items failed"),
        ([settled("auth/a"), settled("auth/b", "inconclusive")], "inconclusive", "1 of 2 items could not"),
        ([settled("auth/b", "inconclusive"), settled("auth/c", "failed", noted())], "failed", "1 of 1 items failed"),
        (
            [settled("auth/a", "failed", noted("broken"))],
            "failed",
            "The suite itself broke in 1 of 1 items: no verdict",
        ),
        ([settled("auth/a"), settled("auth/b", "not run")], "passed", "in all 1 items"),
        ([settled("auth/b", "not run")], "not run", "Nothing was checked"),
        ([settled("auth/a", "warned", noted("warned"))], "warned", "in all 1 items that were checked, 1 of them with"),
    ],
)
def test_worst_item_decides(events: list[Event], verdict: str, words: str) -> None:
    word, sentence = Report.of([started(), *events]).verdict
    assert word == verdict
    assert words in sentence
