"""Dredd judges the mock by the exported document: each documented answer, brought about by a hook, is given.

Dredd knows OpenAPI 3.0 and says of 3.1 that it is not fully supported. So each profile is judged twice: by the exported
document as it is, and by a twin that differs in the version alone; both have to come to the same.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.outside.judging import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

HOOKS = Path(__file__).parent / "dredd" / "hooks.js"
ANSWERS = {"published": ["200", "400", "401"], "observed": ["200", "400", "401", "403"]}


@pytest.mark.parametrize("version", ["3.1.0", "3.0.3"])
@pytest.mark.parametrize("profile", list(ANSWERS))
def test_every_documented_answer_is_given(
    profile: str,
    version: str,
    dredd_command: Path,
    mocks: Mapping[str, str],
    documents: Mapping[str, Path],
    tmp_path: Path,
) -> None:
    exported = documents[profile].read_text(encoding="utf-8")
    assert exported.startswith("openapi: 3.1.0\n")
    document = tmp_path / "openapi.yaml"
    document.write_text(exported.replace("3.1.0", version, 1), encoding="utf-8")
    status, output = run_dredd(dredd_command, document, mocks[profile], "--hookfiles", str(HOOKS))
    assert status == 0, output
    assert re.findall(r"^pass: POST \((\d+)\)", output, re.MULTILINE) == ANSWERS[profile], output
    assert _counts(output) == [len(ANSWERS[profile]), 0, 0, 0, len(ANSWERS[profile])], output


def test_without_hooks_every_transaction_fails_so_the_judge_is_awake(
    dredd_command: Path, mocks: Mapping[str, str], documents: Mapping[str, Path], tmp_path: Path
) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_bytes(documents["observed"].read_bytes())
    key = "Authorization:Bearer sk-mock-byteplus-direct"
    status, output = run_dredd(dredd_command, document, mocks["observed"], "--header", key)
    assert status == 1, output
    assert _counts(output) == [1, 3, 0, 0, 4], output  # with a credential and nothing else, 200 is all there is


def run_dredd(command: Path, document: Path, base_url: str, *options: str) -> tuple[int, str]:
    """Run Dredd in the document's folder, where there is no dredd.yml, and return its status and output."""
    done = subprocess.run(
        [str(command), document.name, base_url, "--no-color", *options],
        cwd=document.parent,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _counts(output: str) -> list[int]:
    """Read passing, failing, errors, skipped, total."""
    found = re.search(r"(\d+) passing, (\d+) failing, (\d+) errors, (\d+) skipped, (\d+) total", output)
    assert found is not None, output
    return [int(number) for number in found.groups()]
