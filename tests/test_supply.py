"""What we install: pinned with hashes, audited without a gap, reported to us in private."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
HASHES = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
PINNED = re.compile(rf"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==\S+(?: ; [^\\]+)? \\\n{HASHES}", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_lock_pins_every_package_with_its_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    named = [line.partition("==")[0] for line in text.splitlines() if line and line[0] not in " #"]
    assert named
    assert [match[1] for match in PINNED.finditer(text)] == named


@pytest.fixture
def audit(tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Run the audit with something that answers in pip-audit's place."""

    def run(answer: str) -> tuple[int, str]:
        stand_in = tmp_path / "pip-audit"
        stand_in.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n", encoding="utf-8")
        stand_in.chmod(0o755)
        command = [sys.executable, str(ROOT / ".ci" / "audit.py"), str(stand_in)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


CLEAN: dict[str, Any] = {"name": "click", "version": "8.1", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["8.2"]}
ANSWERS = [
    (json.dumps({"dependencies": [CLEAN]}), 0, f"{len(LOCKS)} locks, 0 findings"),
    (json.dumps({"dependencies": [CLEAN, {**CLEAN, "vulns": [HOLE]}]}), 1, "click 8.1 has PYSEC-1; mended in ['8.2']"),
    (json.dumps({"dependencies": [{"name": "click", "skip_reason": "not there"}]}), 1, "click was skipped: not there"),
    (json.dumps({"dependencies": []}), 1, "no package was looked at"),
    ("", 1, "told nothing that can be read; it said: nothing"),
]


@pytest.mark.parametrize(("answer", "status", "line"), ANSWERS, ids=["clean", "hole", "skipped", "empty", "broken"])
def test_audit_fails_on_a_hole_and_on_what_it_could_not_look_at(
    audit: Callable[[str], tuple[int, str]], answer: str, status: int, line: str
) -> None:
    code, told = audit(answer)
    assert code == status
    assert line in told


def test_audit_runs_where_a_change_lands_and_the_bill_of_materials_goes_with_a_release() -> None:
    workflows = ROOT / ".github" / "workflows"
    steps = {
        name: [
            step.get("run", "")
            for job in yaml.safe_load((workflows / name).read_text())["jobs"].values()
            for step in job.get("steps", [])
        ]
        for name in ("ci.yml", "release.yml")
    }
    assert "make audit" in steps["ci.yml"]
    assert any("make sbom" in step for step in steps["release.yml"])


# --- the threat model -------------------------------------------------------------------------------------------------


def named_tests(text: str) -> list[tuple[str, str]]:
    """List the tests that a page names: file and function."""
    return re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)


@pytest.mark.parametrize("page", ["security.md", "reliability.md"])
def test_every_test_that_a_page_names_exists(page: str) -> None:
    named = named_tests((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len(named) > 10
    for file, function in named:
        assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{function}"


@pytest.mark.parametrize(
    "threat",
    ["SSRF", "redirect", "XSS", "header injection", "ReDoS", "YAML", "zip", "JSON", "path traversal", "control API",
     "secret", "smuggling", "DNS rebinding"],
)  # fmt: skip
def test_threat_has_a_row_with_the_test_that_holds_it(threat: str) -> None:
    rows = [
        line for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines() if line[:1] == "|"
    ]
    assert any(threat.lower() in row.lower() and named_tests(row) for row in rows)


def test_way_to_report_a_hole_names_no_address_that_does_not_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in text
    assert "@" not in text
