"""The summary: everything that matters, once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from contract_tests.deviations import Deviation
from contract_tests.event_parts import DocumentRead
from contract_tests.planning import item_of
from contract_tests.report import Report, contract_lines
from contract_tests.run import checks_of
from contract_tests.summary import Line, fitted, named, summary
from openapi.contract import packaged_contract
from tests.contract_tests.making_events import a_known_deviation, a_run, exchange, noted, settled, started

if TYPE_CHECKING:
    from contract_tests.events import Event


def text(*events: Event) -> str:
    return "\n".join(line.text for line in summary(Report.of(a_run(*events))))


def test_target_contract_profile_and_price_are_named() -> None:
    said = text(exchange(), exchange("op/body/x", status=200), exchange("op/body/y", status=0), settled())
    for part in ("https://host.example", "Title 1.0 (sha256 abcabcabcabc)", "observed", "2 sent, 1 of them may have"):
        assert part in said
    assert "our mock" not in said


def test_reconstructed_documents_are_named_only_where_they_were_checked() -> None:
    read = (DocumentRead("T", "1", "a" * 64, reconstructed=False), DocumentRead("R", "", "b" * 64, reconstructed=True))
    start = started(documents=read)
    vendors, ours = f"T 1 (sha256 {'a' * 12})", f"R (reconstructed, sha256 {'b' * 12})"
    assert contract_lines(Report.of([start, settled()])) == [vendors]
    assert contract_lines(Report.of([start, settled("journey/create", "not run", operation="")])) == [vendors]
    assert contract_lines(Report.of([start, settled("journey/create", operation="")])) == [vendors, ours]


def test_groups_are_counted_by_outcome() -> None:
    said = text(
        settled("auth/a"),
        settled("auth/b", "failed", noted()),
        settled("auth/c", "inconclusive", reason="the target answered 503"),
        settled("body/d", "warned", noted("warned")),
    )
    assert "  credentials          1 passed, 1 failed, 1 inconclusive" in said
    assert "  documented requests  1 passed, 1 warned" in said
    assert said.endswith("The target breaks the contract: 1 of 3 items failed.")


def test_the_same_finding_is_written_once_for_all_its_items() -> None:
    said = text(
        *(settled(f"body/{number}", "warned", noted("warned", "AFC2", f"that {number}")) for number in range(7))
    )
    assert said.count("warned: AFC2") == 1
    assert "op: body/0, body/1, body/2, body/3 and 3 more" in said


def test_a_known_deviation_is_told_once_with_its_owner_and_its_date() -> None:
    said = text(settled(), a_known_deviation("x"), a_known_deviation("x", "auth/other"))
    assert "  credentials          1 passed, 2 known deviation" in said
    assert "known deviation: x for now (team x, until 2026-12-31, https://issues.example/x)" in said
    assert said.count("    AFC114   A sentence.") == 1
    assert "    in        op: auth/known, auth/other" in said
    assert said.endswith("keeps the contract but for 2 known deviations, in 1 other items that were checked.")


def test_only_entries_that_do_not_hold_are_no_breach_of_the_contract() -> None:
    gone = settled("auth/x", "failed", noted(code="AFC933"))
    assert text(settled(), gone).endswith("Known deviations have to be looked at: 1 of 2 items failed.")
    both = text(gone, settled("auth/y", "failed", noted()))
    assert both.endswith("The target breaks the contract: 2 of 2 items failed.")


def test_different_findings_are_all_written() -> None:
    said = text(settled("auth/x", "failed", *(noted(code=f"AFC{number}") for number in range(3))))
    assert [f"failed: AFC{number}" in said for number in range(3)] == [True] * 3


def test_what_was_not_run_is_said_with_the_reason_and_its_code() -> None:
    said = text(*(settled(f"body/{name}", "not run", reason="no example") for name in "xy"))
    assert "not run: no example (AFC923)\n    in        op: body/x, body/y" in said
    assert said.endswith("Nothing was checked.")


def test_an_inconclusive_run_gives_no_verdict() -> None:
    said = text(settled("body/x"), settled("body/y", "inconclusive", reason="silent"))
    assert said.endswith("Inconclusive: 1 of 2 items could not be judged.")


def test_a_warning_is_in_the_verdict() -> None:
    said = text(settled("body/x"), settled("body/y", "warned", noted("warned")))
    assert said.endswith("The target keeps the contract in all 2 items that were checked, 1 of them with a warning.")


def test_command_that_explains_is_named_where_something_failed() -> None:
    assert "contract-tests explain AFC113 says what that means" in text(settled("auth/x", "failed", noted()))
    assert "explain" not in text(settled("auth/x", "passed", noted("reported")))


def test_a_bug_of_the_suite_is_not_blamed_on_the_target() -> None:
    said = text(settled("body/x", "failed", noted("broken", "AFC991", "TypeError: oh")))
    assert "broken: AFC991 TypeError: oh" in said
    assert said.endswith("The suite itself broke in 1 of 1 items: no verdict.")


def test_operations_are_told_apart() -> None:
    said = text(*(settled("body/x", "inconclusive", reason="silent", operation=name) for name in ("one", "two")))
    assert "in        one: body/x; two: body/x" in said


@pytest.mark.parametrize("name", ["actions/get-run", "GET /a/{b}/c", "poi#list"])
@pytest.mark.parametrize("item", ["body/documented", "invalid/a/b-missing", "AFC205/errors_hold_no_result"])
def test_operation_whose_name_has_slashes_is_named_whole(name: str, item: str) -> None:
    assert named([f"{name}/{item}", f"{name}/auth/missing"]) == f"{name}: {item}, auth/missing"


def test_lines_are_broken_for_a_terminal_and_go_on_below_their_text() -> None:
    text = "    in        op: body/one, body/two, body/three, body/four and 3 more"
    assert [line.text for line in fitted(Line(text, "bad"), 44)] == [
        "    in        op: body/one, body/two,",
        "              body/three, body/four and 3",
        "              more",
    ]
    assert fitted(Line(text, "bad"), 44)[2].style == "bad"
    assert fitted(Line(""), 80) == [Line("")]
    for line in summary(Report.of(a_run(settled("auth/x", "failed", noted(received="x " * 90))))):
        assert all(len(part.text) <= 80 for part in fitted(line, 80))


def test_every_group_of_items_has_a_title_and_its_place() -> None:
    from contract_tests.cases import cases_of
    from contract_tests.fuzzing.fuzz import fuzzes_of
    from contract_tests.planning import GROUP_TITLES
    from contract_tests.steps import STEPS

    made = packaged_contract()
    entry = Deviation(1, "x.toml:1", "*", "why", "who", date(2026, 12, 31))
    fuzzes = fuzzes_of(made, each=2, seed=0)
    items = [*map(item_of, cases_of(made)), *map(item_of, checks_of(made)), *map(item_of, STEPS), item_of(entry)]
    items += map(item_of, fuzzes)
    assert {one.group for one in items} | {"parameter"} == set(GROUP_TITLES)  # the vendor's operations have no query
    assert all(one.code.startswith("AFC") and one.sentence and one.name in one.id for one in items)
