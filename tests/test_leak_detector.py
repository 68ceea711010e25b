"""The leak detector itself: runs small test files beside a copy of conftest.py."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent / "conftest.py"

THREAD_LEFT_BEHIND = """
    import threading
    def test_it():
        threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()
"""

PROCESS_LEFT_BEHIND = """
    import subprocess, sys
    kept = []
    def test_it():
        kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"], stdout=subprocess.DEVNULL))
"""

EVERYTHING_ENDED = """
    import subprocess, sys, threading
    def test_it():
        thread = threading.Thread(target=print)
        thread.start()
        thread.join()
        subprocess.run([sys.executable, "-c", ""], check=True)
"""

STARTED_BY_A_WIDER_FIXTURE = """
    import threading, pytest
    @pytest.fixture(scope="module")
    def server():
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        yield
        stop.set()
        thread.join()
    def test_it(server):
        pass
"""


def run_pytest(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "test_sample.py").write_text(textwrap.dedent(source), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=60)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        pytest.param(THREAD_LEFT_BEHIND, "thread 'forgotten'", id="thread"),
        pytest.param(
            PROCESS_LEFT_BEHIND,
            "process ",
            id="process",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc"),
        ),
    ],
)
def test_leaving_something_behind_fails_the_test(tmp_path: Path, source: str, named: str) -> None:
    run = run_pytest(tmp_path, source)
    assert run.returncode == 1, run.stdout
    assert f"the test left behind: {named}" in run.stdout


@pytest.mark.parametrize("source", [EVERYTHING_ENDED, STARTED_BY_A_WIDER_FIXTURE], ids=["ended", "wider-fixture"])
def test_leaving_nothing_behind_passes(tmp_path: Path, source: str) -> None:
    run = run_pytest(tmp_path, source)
    assert run.returncode == 0, run.stdout
