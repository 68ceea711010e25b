"""Schemathesis judges the mock by the exported document: right data, wrong data, every check it has."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.outside.judging import CREDENTIAL, PROFILES, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHECKS = frozenset(
    {
        "allow_header_conformance",
        "content_type_conformance",
        "ensure_resource_availability",
        "ignored_auth",
        "missing_required_header",
        "negative_data_rejection",
        "not_a_server_error",
        "object_level_authorization",
        "positive_data_acceptance",
        "response_headers_conformance",
        "response_schema_conformance",
        "status_code_conformance",
        "unsupported_method",
        "use_after_free",
    }
)
"""Every check of Schemathesis 4.32. Some have nothing to bite on in a document with one operation."""

EXAMPLES = 400
FEWEST_CASES = 300


@dataclass(frozen=True)
class Verdict:
    """What one run found. `checks`: (check, outcome) -> how often; `answers`: status -> how often."""

    exit_code: int
    output: str
    phases: Mapping[str, str]
    cases: int
    failures: int
    checks: Counter[tuple[str, str]]
    answers: Counter[int]


@pytest.fixture(scope="module", params=PROFILES)
def verdict(
    request: pytest.FixtureRequest,
    python_bin: Path,
    mocks: Mapping[str, str],
    documents: Mapping[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Verdict:
    """The verdict on each profile, by its own exported document."""
    profile: str = request.param
    return run_schemathesis(python_bin, documents[profile], mocks[profile], tmp_path_factory.mktemp("schemathesis"))


def test_no_check_finds_the_mock_to_differ_from_its_exported_document(verdict: Verdict) -> None:
    assert verdict.exit_code == 0, verdict.output
    assert verdict.failures == 0, verdict.output
    assert {outcome for _, outcome in verdict.checks} == {"success"}
    assert verdict.phases == {
        "examples": "success",
        "coverage": "success",
        "fuzzing": "success",
        "stateful": "skip not_applicable",  # one operation and no links: there is no sequence to try
    }


def test_enough_was_tried_for_the_verdict_to_mean_something(verdict: Verdict) -> None:
    assert verdict.cases >= FEWEST_CASES
    used = {name: count for (name, _), count in verdict.checks.items()}
    assert used.keys() >= CHECKS
    assert min(used[name] for name in CHECKS) >= FEWEST_CASES
    assert verdict.answers[200] >= 100  # right data
    assert verdict.answers[400] >= 50  # wrong data
    assert verdict.answers[401] >= 2  # the credential taken away or spoilt
    assert verdict.answers[405] >= 5  # each other method


def test_mock_of_another_profile_is_found_out(
    python_bin: Path, mocks: Mapping[str, str], documents: Mapping[str, Path], tmp_path: Path
) -> None:
    # The observed mock demands a CallbackURL, which the published document leaves out: the judge must see it.
    verdict = run_schemathesis(python_bin, documents["published"], mocks["observed"], tmp_path)
    assert verdict.exit_code == 1, verdict.output
    assert ("positive_data_acceptance", "failure") in verdict.checks


def run_schemathesis(python_bin: Path, document: Path, base_url: str, folder: Path) -> Verdict:
    """Run it with all checks and phases, right and wrong data, and read its own reports."""
    command = [str(python_bin / "schemathesis"), "run", str(document), "--url", base_url, "--no-color"]
    command += ["--header", f"Authorization: {CREDENTIAL}", "--checks", "all", "--mode", "all"]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES), "--seed", "1"]
    command += ["--generation-database", "none", "--report", "json,ndjson"]
    command += ["--report-json-path", "report.json", "--report-ndjson-path", "events.ndjson"]
    # In an empty folder: it would read a schemathesis.toml and leave its reports and examples there.
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    output = done.stdout + done.stderr
    assert (folder / "report.json").is_file(), output
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    checks: Counter[tuple[str, str]] = Counter()
    answers: Counter[int] = Counter()
    for line in (folder / "events.ndjson").read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for results in recorder.get("checks", {}).values():
            checks.update((result["name"], result["status"]) for result in results)
        for exchange in recorder.get("interactions", {}).values():
            answers[exchange["response"]["status_code"] if exchange["response"] else 0] += 1
    return Verdict(
        exit_code=done.returncode,
        output=output,
        phases={
            name: " ".join(filter(None, (phase["status"], phase["skip_reason"])))
            for name, phase in report["phases"].items()
        },
        cases=report["test_cases"]["generated"],
        failures=len(report["failures"]) + len(report["errors"]),
        checks=checks,
        answers=answers,
    )
