"""--contract-fuzz as people use it: items, options, budget over workers, and what it must never do."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from contract_tests import preparing
from contract_tests.preparing import CannotRun, Options, admitted_target, read_contract
from contract_tests.targets import RefusedTarget
from openapi.contract import packaged_contract
from tests.contract_tests.standing_in import left_behind, run_suite, standing_in

if TYPE_CHECKING:
    from pathlib import Path

VALID, INVALID = (f"createVisualValidateSession/fuzz-{kind}/generated" for kind in ("valid", "invalid"))


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_nothing_is_found_on_the_mock(tmp_path: Path, profile: str) -> None:
    arguments = (
        "-q",
        "-k",
        "fuzz-",
        "--contract-fuzz",
        "40",
        "--contract-fuzz-seed",
        "3",
        "--contract-profile",
        profile,
    )
    ran = run_suite(tmp_path, *arguments, "--contract-report", "report.json", key="")
    assert ran.status == 0, ran.out
    assert ran.line("fuzz ") == "40 requests generated; --contract-fuzz-seed 3 generates them again"
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert {one["id"]: (one["generated"], one["seed"]) for one in report["items"]} == {VALID: (20, 3), INVALID: (20, 3)}
    assert report["exchanges"] == [], "thousands of right answers are counted, and not kept"
    assert report["counts"]["requests"]["sent"] == 40
    assert left_behind(tmp_path) == []
    assert not (tmp_path / ".hypothesis").exists()


def test_a_budget_holds_exactly_over_workers(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(
            tmp_path, "-q", "-n", "2", "-k", "fuzz-", "--contract-fuzz", "100", "--contract-budget", "total=12",
            "--contract-target", host.url,
        )  # fmt: skip
        assert len(host.requests) == 12, ran.out
    assert ran.status == 0, ran.out
    assert "12 of total=12" in ran.out


def test_a_failure_is_one_exchange_in_the_report_and_can_be_found_again(tmp_path: Path) -> None:
    with standing_in(500) as host:
        ran = run_suite(
            tmp_path, "-q", "-k", "fuzz-valid", "--contract-fuzz", "10", "--contract-target", host.url,
            "--contract-report", "report.json", CI="1",
        )  # fmt: skip
    assert ran.status == 1, ran.out
    assert "contract-tests --contract-fuzz 10 --contract-fuzz-seed 0 -k 'fuzz-valid'" in ran.out
    assert "AFC513 No generated request is answered with 5xx" in ran.out
    (made,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["exchanges"]
    assert (made["name"], made["request"]["body"], "$ANYFAST_API_KEY" in made["curl"]) == (VALID, None, True)


def test_the_plan_shows_what_is_generated_and_sends_nothing(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "--contract-plan", "--contract-fuzz", "50", "--contract-target", host.url)
        assert host.connections == 0
    assert "up to 50 more, and 300 to make a failure small" in ran.out
    assert f"  25 paid documented {VALID}" in ran.out


def test_another_host_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, "-q", "--contract-fuzz", "10", "--contract-target", "https://www.anyfast.ai")
    assert ran.status == 14, ran.out
    assert "--contract-fuzz sends generated requests to this machine only, and www.anyfast.ai is another" in ran.out
    options = Options("https://host.example", allowed_hosts=("host.example",), key="sk-fuzz-0123456789", fuzz=1)
    with pytest.raises(RefusedTarget, match=r"host\.example is another"):
        admitted_target(options, packaged_contract())


def test_a_normal_run_has_no_such_items_and_does_not_import_hypothesis(tmp_path: Path) -> None:
    (tmp_path / "watching.py").write_text(
        "import sys\ndef pytest_unconfigure(config):\n    print('imported:', 'hypothesis' in sys.modules)\n", "utf-8"
    )
    ran = run_suite(tmp_path, "-v", "-k", "auth or fuzz", "-p", "watching", PYTHONPATH=str(tmp_path))
    assert ran.status == 0, ran.out
    assert "imported: False" in ran.out
    assert "generated" not in ran.out


def test_without_hypothesis_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "find_spec", lambda name: None if name == "hypothesis" else find_spec(name))
    assert read_contract(Options()).operations
    with pytest.raises(CannotRun, match=r"pip install 'anyfast-mockserver\[contract,fuzz\]'"):
        read_contract(Options(fuzz=1))


@pytest.mark.parametrize(
    "arguments", [("--contract-fuzz", "0"), ("--contract-fuzz", "x"), ("--contract-fuzz-seed", "-1")]
)
def test_a_number_that_is_none_is_explained(arguments: tuple[str, str], pytestconfig: pytest.Config) -> None:
    with pytest.raises(pytest.UsageError, match=rf"'{arguments[1]}' is no (number of requests|seed)"):
        pytestconfig._parser.parse(list(arguments))
