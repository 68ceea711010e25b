"""Starts our mock as a user would, by its command, and stops it. Imports nothing of the mock."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MOCK_KEY", "MOCK_OTHER_KEY", "MockDidNotStart", "MockProcess", "unwind_on_sigterm"]

MOCK_KEY, MOCK_OTHER_KEY = "sk-mock-byteplus-direct", "sk-mock-byteplus-direct-contract-other"
"""The mock's documented fake credential, and one of another caller: whatever follows is a sandbox of its own."""

START_SECONDS = 20.0
STOP_SECONDS = 3.0


class MockDidNotStart(Exception):
    """The mock ended before it served, or took too long; `str()` has what it said."""


class MockProcess:
    """Our mock in a process of its own, on a free port of this machine.

    documents: what it serves instead of the packaged contract, as absolute paths. overlays: likewise, what is applied
    to it. Whoever makes one calls `stop`.
    """

    def __init__(self, documents: Sequence[Path], profile: str, overlays: Sequence[Path] = ()) -> None:
        # An empty folder of its own: the mock would take settings from a file in the current one.
        self._folder = Path(tempfile.mkdtemp(prefix="contract-mock-"))
        self._port_file, self._log = self._folder / "port", self._folder / "log"
        command = [sys.executable, "-m", "mockserver", "serve", *map(str, documents)]
        command += ["--port", "0", "--port-file", str(self._port_file)]
        if not documents:
            command += ["--profile", profile]
        for overlay in overlays:
            command += ["--overlay", str(overlay)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYFAST_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=kept, cwd=self._folder
            )

    def wait(self) -> str:
        """Give the base URL once the mock answers. Raises `MockDidNotStart`."""
        limit = time.monotonic() + START_SECONDS
        while not (port := self._port()):
            if self._process.poll() is not None or time.monotonic() > limit:
                raise MockDidNotStart(self.said() or f"no port after {START_SECONDS:g} s")
            time.sleep(0.01)
        return f"http://127.0.0.1:{port}"

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def said(self) -> str:
        """Give the last lines that the mock printed."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        return "\n".join(text.strip().splitlines()[-10:])

    def stop(self) -> None:
        """End the process and remove its folder; a second call does nothing."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _port(self) -> str:
        return self._port_file.read_text(encoding="ascii").strip() if self._port_file.exists() else ""


def unwind_on_sigterm() -> Callable[[], None]:
    """Let SIGTERM and SIGHUP end the run as Ctrl-C does, so that the mock is stopped. Gives what undoes it.

    Whoever handles these signals already keeps them.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    taken = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)

    def undo() -> None:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)

    return undo
