"""The codes: each one that is shown is explained, each one that is explained can be shown, as the page says."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests import cli, drift, explain, parity
from contract_tests.budget import Budget
from contract_tests.cases import cases_of
from contract_tests.codes import CODES, define, define_by_docstring
from contract_tests.deviations import KNOWN, Deviation, Deviations, weighed
from contract_tests.exchanges import MemoryExchanges
from contract_tests.expectations import expectation
from contract_tests.failures import ContractFailure, Finding, Verdict
from contract_tests.fuzzing.fuzz import INVALID, VALID
from contract_tests.judge import Judge
from contract_tests.ledger import Ledger
from contract_tests.outcomes import Seen
from contract_tests.redaction import Redactor
from contract_tests.reporting import ENDED
from contract_tests.run import NotRun, Run
from contract_tests.shape_changes import changed_since
from contract_tests.shape_files import Recorded
from contract_tests.spending import Spending
from contract_tests.steps import STEPS
from contract_tests.targets import REFUSED, Ask, Exchange, Target
from contract_tests.telling import BROKEN
from contract_tests.verdicts import KEPT, NOTHING_TO_SEND, Inconclusive, inconclusive
from openapi.contract import packaged_contract
from tests.contract_tests.fuzzing.faulty import fuzz, with_sessions
from tests.contract_tests.standing_in import KEY, ROOT, run_suite, standing_in
from tests.documents.making import contract, operation_tree
from tests.wrong_servers import answers, bodies, callers, journey, requests_taken
from tests.wrong_servers.faults import FAULTS
from tests.wrong_servers.server import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json
    from tests.wrong_servers.server import Answer, Request

ALL = explain.all_codes()
SERVERS = (answers, bodies, callers, journey, requests_taken)


def source_codes() -> set[str]:
    """Find the codes that stand in the source of the suite, examples in docstrings of commands aside."""
    found: set[str] = set()
    for path in (ROOT / "contract_tests").rglob("*.py"):
        found |= set(re.findall(r"AFC[0-9]{3}", path.read_text(encoding="utf-8")))
    return found


def test_every_code_that_the_suite_knows_is_explained() -> None:
    assert source_codes() - {code.code for code in ALL} == set()
    for code in ALL:
        known = dict(explain.facts(code))
        assert all(known.values()), code
        assert code.sentence.endswith("."), code
        assert code.why.endswith((".", "]")), f"{code.code} says no why"
        assert {"basis", "cost", "silence"} <= set(known) or {"remedy"} <= set(known), code


# --- every code that is explained can be shown ------------------------------------------------------------------------


def judged(status: int = 200, body: bytes = b'{"a": "x"}', *headers: tuple[str, str]) -> set[str]:
    """Judge an answer to an operation that documents everything there is to document."""
    schema: Json = {"type": "object", "properties": {"a": {"type": "string"}}}
    answer: Json = {
        "description": "x",
        "headers": {"X-Must": {"required": True, "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": schema}},
    }
    made = contract(operation_tree({"responses": {"200": answer}}))
    exchange = Exchange(Ask("GET", "/thing"), status, headers, body)
    return {one.code for one in Judge(made.documents[0], Redactor("")).judge(made.operations[0], exchange)}


def codes_of_the_judge() -> Iterator[str]:
    json_type, must = ("Content-Type", "application/json"), ("X-Must", "x")
    assert judged(200, b'{"a": "x"}', json_type, must) == set()
    yield from judged(201, b"{}", json_type, must)
    yield from judged(200, b"", json_type, must)
    yield from judged(200, b"{}", must)
    yield from judged(200, b"{}", ("Content-Type", "application/json; charset=latin-1"), must)
    yield from judged(200, b"{", json_type, must)
    yield from judged(200, b"{}", ("Content-Type", "text/html"), must)
    yield from judged(200, b'{"a": 1}', json_type, must)
    yield from judged(200, b"{}", json_type)


def codes_of_what_cannot_be_judged() -> Iterator[str]:
    nested: Json = {"$ref": "#/components/schemas/Nested"}
    answer: Json = {"description": "x", "content": {"application/json": {"schema": nested}}}
    tree = operation_tree({"responses": {"200": answer}})
    made = contract({**tree, "components": {"schemas": {"Nested": {"items": nested}}}})
    depth = sys.getrecursionlimit() // 3
    typed = (("Content-Type", "application/json"),)
    exchange = Exchange(Ask("GET", "/thing"), 200, typed, b"[" * depth + b"]" * depth)
    judge = Judge(made.documents[0], Redactor(""))
    yield from (one.code for one in judge.judge(made.operations[0], exchange))


def codes_of_expectations() -> Iterator[str]:
    cases = cases_of(packaged_contract())
    for case in cases:
        for status in (0, 418):
            yield from (one.code for one in expectation(case, Exchange(case.ask, status, error="broken")))


def codes_of_data() -> Iterator[str]:
    """Show what a document with an id in its path comes to: without an example, with one that does not exist."""
    security: dict[str, Json] = {"components": {"securitySchemes": {"k": {"type": "http", "scheme": "bearer"}}}}
    parameter: dict[str, Json] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    target = Target("http://127.0.0.1:9", KEY)
    part: dict[str, Json] = {"security": [{"k": []}], "responses": {"200": {"description": "x"}}}
    lacking, whole = (
        contract({**operation_tree({**part, "parameters": [one]}, path="/things/{id}"), **security})
        for one in (parameter, {**parameter, "example": "7"})
    )
    for made in (lacking, whole):
        run = Run(made, target, Always(404), MemoryExchanges())
        with pytest.raises(NotRun) as missing:
            run.check_case(run.cases[0])
        yield missing.value.code
    run = Run(whole, target, Always(404), MemoryExchanges())
    missing_key = next(case for case in run.cases if case.group == "auth")
    refused = Run(whole, target, Always(401), MemoryExchanges()).check_case(missing_key)
    yield from (one.code for one in refused.reported)
    held = Spending(Silent(), left_out={run.cases[0].id: KEPT})
    with pytest.raises(NotRun) as kept:
        Run(whole, target, Silent(), MemoryExchanges(), held).check_case(run.cases[0])
    yield kept.value.code


def codes_of_cases() -> Iterator[str]:
    case = cases_of(packaged_contract())[0]
    groups = {one.group for one in cases_of(packaged_contract())}
    for name in groups | {"parameter"}:  # the vendor's operations have no query
        (finding,) = expectation(replace(case, group=name), Exchange(case.ask, 418))
        yield finding.group


def codes_of_generated_requests() -> Iterator[str]:
    def fails(_: Request) -> Answer | None:
        return refusal(500, "oh")

    for group in (VALID, INVALID):
        found = fuzz(packaged_contract(), with_sessions(fails), group, each=2).failure
        assert found is not None
        yield from (code for one in found.findings for code in (one.code, one.group))


@dataclass
class Always:
    """A sender whose target always answers alike, with nothing."""

    status: int

    def send(self, ask: Ask) -> Exchange:
        return Exchange(ask, self.status)


class Silent:
    """A sender whose target never answers."""

    def send(self, ask: Ask) -> Exchange:
        return Exchange(ask, 0, error="timeout")


def codes_of_a_budget() -> Iterator[str]:
    sender, made = Silent(), packaged_contract()
    spending = Spending(sender, Ledger(Budget(paid=1)))
    run = Run(made, Target("http://127.0.0.1:9", "sk-explain-0123456789"), sender, MemoryExchanges(), spending)
    first, second, *_ = (case for case in run.cases if case.cost == "paid")
    with pytest.raises(Inconclusive) as unknown:
        run.check_case(first)
    with pytest.raises(NotRun) as left_out:
        run.check_case(second)
    yield from (unknown.value.code, left_out.value.code)


def codes_of_known_deviations() -> Iterator[str]:
    today, yesterday = date(2026, 7, 2), date(2026, 7, 1)
    entry = Deviation(1, "known.toml:1", "op/*", "why", "who", today)
    failed = ContractFailure("op", "op/x", (Finding("AFC101", "documented", "It holds.", "x", "y"),), "")
    assert weighed(failed, [entry], "op/x", today) == (failed, entry)
    yield KNOWN.code
    for came, entries in ((Verdict(), [entry]), (failed, [replace(entry, expires=yesterday)])):
        made, _ = weighed(came, entries, "op/x", today)
        assert isinstance(made, ContractFailure)
        yield made.findings[-1].code
    with pytest.raises(ContractFailure) as stale:
        Deviations((entry,), today).check(entry, [("other/x", "AFC101")])
    yield stale.value.findings[0].code


def codes_of_the_run(folder: Path) -> Iterator[str]:
    ask = Ask("GET", "/")
    for status, error in ((0, "unreachable"), (503, ""), (0, "not sent"), (0, "lost")):
        yield inconclusive(Exchange(ask, status, error=error)).code
    yield Inconclusive("nobody came").code
    yield from codes_of_a_budget()
    yield from codes_of_known_deviations()
    yield from codes_of_data()
    yield NotRun("the step before failed").code
    yield NotRun("no example", NOTHING_TO_SEND).code
    refused = run_suite(folder, "-q", "--contract-target", "https://host.example")
    assert f"({REFUSED.code})" in refused.out
    (folder / "breaking.py").write_text("def pytest_runtest_call(item):\n    assert 0, 'broken'\n", encoding="utf-8")
    ended = run_suite(folder, "-q", "-x", "-k", "auth", "-p", "breaking", PYTHONPATH=str(folder))
    assert f"({ENDED.code})" in ended.out
    assert f"broken: {BROKEN.code}" in ended.out
    yield from (REFUSED.code, ENDED.code, BROKEN.code)


def codes_of_what_changed(folder: Path) -> Iterator[str]:
    page, report = folder / "page.yaml", folder / "found.json"
    vendor = ROOT / "openapi" / "vendor" / "create-visual-validate-session.yaml"
    page.write_text(vendor.read_text(encoding="utf-8").replace("BytedToken:", "ByteToken:"), encoding="utf-8")
    assert drift.main(["--document", str(page), "--json", str(report)]) == 11
    yield from (one["code"] for one in json.loads(report.read_text(encoding="utf-8"))["drift"])
    one = Seen(1, "", "", frozenset(), (), frozenset({"empty"}))
    before = Recorded("h", "", (), {"a": {200: one}})
    yield from (change.code for change in changed_since(before, {"a": {201: one}}, ""))
    with pytest.MonkeyPatch.context() as patch, standing_in() as left, standing_in("open") as right:
        patch.setenv("ANYFAST_API_KEY", KEY)
        assert parity.main(["--left", left.url, "--right", right.url, "--json", str(report)]) == 1
    yield from (change["code"] for change in json.loads(report.read_text(encoding="utf-8"))["differences"])


def test_every_code_that_is_explained_can_be_shown(tmp_path: Path) -> None:
    shown = {*codes_of_the_judge(), *codes_of_what_cannot_be_judged(), *codes_of_expectations(), *codes_of_cases()}
    shown |= {*codes_of_generated_requests(), *codes_of_the_run(tmp_path), *codes_of_what_changed(tmp_path)}
    # That each of these servers does fail the items listed for it is what tests/wrong_servers shows.
    shown |= {item for fault in FAULTS for item in fault.fails if item.startswith("AFC")}
    failing = {fault.fails for fault in journey.FAULTS}
    shown |= {step.code for step in STEPS if step.name in failing}
    assert {code.code for code in ALL} - shown == set()
    assert len(SERVERS) == 5


# --- the command and the page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["AFC304", "afc304", "304", "tokens_are_new_with_every_call"])
def test_a_code_is_found_by_what_people_write(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main([word]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for part in ("AFC304", "No two sessions share a BytedToken", "why", "prose: fails at the mock", "-k 'not AFC304'"):
        assert part in said


def test_a_group_of_cases_is_found_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(["media-type"]) == 0
    assert "AFC504" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "hint"), [("AFC3044", "Did you mean 'AFC304'?"), ("auht", "'auth'?"), ("%", "are listed")]
)
def test_a_wrong_code_is_answered_with_the_nearest(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main([word]) == 4
    captured = capsys.readouterr()
    assert (captured.out, hint in captured.err) == ("", True), captured.err


def test_without_a_code_all_are_listed_within_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert explain.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [code.code for code in ALL if not any(line.startswith(f"  {code.code}  ") for line in lines)] == []
    assert max(map(len, lines)) <= 80


def test_the_page_of_codes_is_up_to_date() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert page == explain.markdown(ALL), "run `make effective` and commit what it writes"


def test_the_command_hands_its_first_word_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["contract-tests", "explain", "AFC101"])
    assert cli.main() == 0
    assert "AFC101  status" in capsys.readouterr().out


def test_the_help_names_every_command() -> None:
    command = [str(Path(sys.executable).with_name("contract-tests")), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [word for word in cli.COMMANDS if f"  {word} " not in said] == []
    assert said.index("  explain ") < said.index("options of the suite")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [str(Path(sys.executable).with_name("contract-tests")), "explain", "--markdown"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert isinstance(process.stdout, io.BufferedReader)
        process.stdout.close()
        assert process.stderr.read() == b""


# --- definitions ------------------------------------------------------------------------------------------------------


def test_a_code_is_defined_once_and_is_one() -> None:
    with pytest.raises(ValueError, match="AFC101 belongs to status and to another"):
        define("AFC101", "another", "x", why="x")
    with pytest.raises(ValueError, match="'AFC1' of another is no code"):
        define("AFC1", "another", "x", why="x")


def test_a_check_is_defined_by_its_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    def it_holds() -> None:
        """It holds.

        Otherwise
        it breaks.
        """

    monkeypatch.delitem(CODES, "AFC999", raising=False)
    made = define_by_docstring("AFC999", it_holds, basis="rfc")
    monkeypatch.delitem(CODES, "AFC999")
    assert (made.name, made.sentence, made.why, made.basis) == ("it holds", "It holds.", "Otherwise it breaks.", "rfc")
