"""What all judges from outside need: the running mock, the exported document, and a clean environment for their tools.

The tools are separate processes and share no code with us; neither does this module: it uses commands only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.installing import CannotInstall, cache_folder, run_installer

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILES = ("published", "observed")
CREDENTIAL = "Bearer sk-mock-byteplus-direct"
LOCK = Path(__file__).parents[2] / "requirements" / "outside.txt"
STARTING_SECONDS = 20.0


def environment(*, ours: bool = False) -> dict[str, str]:
    """Give the environment for a process that talks to loopback only: no proxies, no settings of the mock.

    The tools of others do not see our PYTHONPATH either; `ours` leaves it in.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith("ANYFAST_MOCK_")
        and (ours or name not in ("PYTHONPATH", "PYTHONHOME"))
    }


def python_tools() -> Path:
    """Make the virtual environment of the hashed lock `requirements/outside.txt`, once, and return its `bin`."""
    if not LOCK.is_file():
        raise CannotInstall(f"{LOCK} is missing; make it: make lock")
    wanted = f"{sys.version_info[:2]} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    folder = cache_folder("outside")
    stamp = folder / ".installed"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
        run_installer([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run_installer([*pip, "--require-hashes", "--requirement", str(LOCK)])
        stamp.write_text(wanted, encoding="ascii")
    return folder / "bin"


def export_document(profile: str, path: Path) -> Path:
    """Write the effective document of a profile to a file, by the command that people use."""
    command = [sys.executable, "-m", "mockserver", "contract", "export", "--profile", profile, "--output", str(path)]
    subprocess.run(command, check=True, env=environment(ours=True), timeout=60)
    return path


@contextmanager
def running_mock(profile: str, folder: Path) -> Iterator[str]:
    """Start the mock by its command on a free port, give its base URL, and stop it afterwards."""
    port_file = folder / "port"
    log = folder / "mock.log"
    command = [sys.executable, "-m", "mockserver", "--profile", profile, "--port", "0", "--port-file", str(port_file)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment(ours=True), cwd=folder)
    try:
        deadline = time.monotonic() + STARTING_SECONDS
        while not port_file.is_file():
            said = log.read_text(encoding="utf-8", errors="replace")
            assert process.poll() is None, f"the mock ended with status {process.returncode}:\n{said}"
            assert time.monotonic() < deadline, f"the mock is not ready after {STARTING_SECONDS} s:\n{said}"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{int(port_file.read_text(encoding='ascii'))}"
        assert process.poll() is None, f"the mock died with status {process.returncode}"
    finally:
        process.terminate()
        process.wait(timeout=10)
