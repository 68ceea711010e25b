"""The summary: everything that matters, once."""

from __future__ import annotations

from contract_tests.summary import Facts, Record, contract_lines, summary
from openapi.contract import packaged_contract

FACTS = Facts(
    "https://host.example", is_mock=False, contract=("Title 1.0 (sha256 abc)",), profile="observed", sent=9, paid=3
)


def finding(code: str, received: str) -> str:
    return f"{code} A sentence. (basis: prose)\n    expected  this\n    received  {received}"


def text(*records: Record, facts: Facts = FACTS) -> str:
    return "\n".join(line.text for line in summary(facts, records))


def test_target_contract_profile_and_price_are_named() -> None:
    said = text(Record("op/auth/missing", "auth", "passed"))
    for part in ("https://host.example", "Title 1.0 (sha256 abc)", "observed", "9 sent, 3 of them may have cost"):
        assert part in said
    assert "our mock" not in said


def test_reconstructed_documents_are_named_only_where_they_were_checked() -> None:
    made = packaged_contract()
    vendors = f"Seedance 2.0 Asset — Create Visual Validate Session 1.0.0 (sha256 {made.documents[0].sha256[:12]})"
    ours = f"Get Visual Validate Result 1.0.0 (reconstructed, sha256 {made.documents[1].sha256[:12]})"
    assert contract_lines(made) == (vendors,)
    assert contract_lines(made, reconstructed=True) == (vendors, f"Seedance 2.0 Asset — {ours}")


def test_groups_are_counted_by_outcome() -> None:
    said = text(
        Record("op/auth/a", "auth", "passed"),
        Record("op/auth/b", "auth", "failed", findings=(("failed", finding("AFC1", "x")),)),
        Record("op/auth/c", "auth", "inconclusive", "the target answered 503"),
        Record("op/body/d", "body", "passed", findings=(("warned", finding("AFC2", "x")),)),
    )
    assert "  credentials          1 passed, 1 failed, 1 inconclusive" in said
    assert "  documented requests  1 passed, 1 warned" in said
    assert said.endswith("The target breaks the contract: 1 of 3 items failed.")


def test_the_same_finding_is_written_once_for_all_its_items() -> None:
    records = [
        Record(f"op/body/{number}", "body", "passed", findings=(("warned", finding("AFC2", f"that {number}")),))
        for number in range(7)
    ]
    said = text(*records)
    assert said.count("AFC2") == 1
    assert "op: body/0, body/1, body/2, body/3 and 3 more" in said


def test_different_findings_are_all_written() -> None:
    said = text(Record("op/x", "auth", "failed", findings=tuple(("failed", finding(f"AFC{n}", "x")) for n in range(3))))
    assert [f"AFC{number}" in said for number in range(3)] == [True] * 3


def test_what_was_not_run_is_said_with_the_reason() -> None:
    said = text(Record("op/x", "body", "not run", "no example"), Record("op/y", "body", "not run", "no example"))
    assert "not run: no example\n    in        op: x, y" in said
    assert said.endswith("Nothing was checked.")


def test_an_inconclusive_run_gives_no_verdict() -> None:
    said = text(Record("op/x", "body", "passed"), Record("op/y", "body", "inconclusive", "silent"))
    assert said.endswith("Inconclusive: 1 of 2 items could not be judged.")


def test_a_bug_of_the_suite_is_not_blamed_on_the_target() -> None:
    said = text(Record("op/x", "body", "failed", findings=(("broken", "TypeError: oh"),)))
    assert said.endswith("The suite itself broke in 1 of 1 items: no verdict.")


def test_operations_are_told_apart() -> None:
    records = [Record(f"{name}/x", "body", "inconclusive", "silent") for name in ("one", "two")]
    assert "in        one: x; two: x" in text(*records)
