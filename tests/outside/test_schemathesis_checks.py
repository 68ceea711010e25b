"""The invariants as checks in a real run of Schemathesis: silent about the mock, and awake before a wrong server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.invariants import INVARIANTS
from tests.outside.judging import CREDENTIAL, environment
from tests.wrong_servers.server import KEY, Host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.wrong_servers.server import Answer, Request, Serve

ROOT = Path(__file__).parents[2]
NAMES = [one.code.lower() for one in INVARIANTS if one.code != "AFC206"]
QUIET = "[output.truncation]\nenabled = true\nmax-payload-size = 1\n"
"""What keeps Schemathesis from printing answers, as docs/fuzzing.md says."""

CANARY = "20260702221526CA9A41CA9A41CA9A41CA"


def spoilt(request: Request, serve: Serve) -> Answer:
    """Break what five invariants hold: an echoed key, no challenge, one token for all, another member, an old date."""
    answer = serve(request)
    if answer.status == 401:
        return answer.having(www_authenticate=None)
    if answer.status == 200:
        return answer.saying({**answer.value(), "BytedToken": CANARY, "caller": KEY})
    return answer


def run(python_bin: Path, document: Path, url: str, credential: str, folder: Path) -> tuple[int, str]:
    """Run Schemathesis with our checks alone; give its exit status and what it said."""
    (folder / "schemathesis.toml").write_text(QUIET, encoding="utf-8")
    command = [str(python_bin / "schemathesis"), "run", str(document), "--url", url, "--no-color"]
    command += ["--header", f"Authorization: {credential}", "--checks", ",".join(NAMES), "--mode", "all"]
    command += ["--max-examples", "40", "--seed", "1", "--generation-database", "none"]
    hooks = {"SCHEMATHESIS_HOOKS": "contract_tests.schemathesis_checks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env={**environment(), **hooks}, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_no_invariant_is_broken_by_the_mock(
    profile: str, python_bin: Path, mocks: Mapping[str, str], documents: Mapping[str, Path], tmp_path: Path
) -> None:
    status, said = run(python_bin, documents[profile], mocks[profile], CREDENTIAL, tmp_path)
    assert status == 0, said
    cases = re.search(r"(\d+) generated", said)
    assert cases is not None, said
    assert int(cases[1]) >= 30, said


def test_a_wrong_server_is_found_out_and_no_secret_is_told(
    python_bin: Path, documents: Mapping[str, Path], tmp_path: Path
) -> None:
    with Host().running() as host, host.planting(spoilt) as url:
        status, said = run(python_bin, documents["published"], url, f"Bearer {KEY}", tmp_path)
    assert status == 1, said
    found = set(re.findall(r"Custom check failed: `(afc\d+)`", said))
    assert found == {"afc201", "afc202", "afc207", "afc304", "afc305"}, said
    assert [secret for secret in (KEY, CANARY) if secret in said] == []
