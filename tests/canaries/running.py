"""Everything that the suite can be asked to do, one line each, done with marked secrets at a hostile host.

A new command of `contract-tests` gets its line in COMMANDS; a test fails while it has none.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tests.canaries.hostile import Hostile, canary
from tests.canaries.scanning import Leak, files_below, leaks
from tests.contract_tests.standing_in import environment
from tests.wrong_servers import server
from tests.wrong_servers.mock import OTHER_KEY, serve_mock
from tests.wrong_servers.server import Host

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["COMMANDS", "RUNS", "SECRETS", "Did", "Place", "hostile_host"]

SECRETS = {
    "the API key": canary("sk"),
    "the second key": canary("second"),
    "the control token": canary("control"),
    "the password of the proxy": canary("proxy"),
    "the password in the target": canary("userinfo"),
}
"""Ours; those that the host gives out come with each run."""

PLUGIN = """
import http.client, os, stat, tempfile
http.client.HTTPConnection.debuglevel = 1
seen = []
def pytest_runtest_logfinish(nodeid):
    import pathlib
    for folder in pathlib.Path(tempfile.gettempdir()).glob("contract-*"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    seen.append(nodeid)
    if os.environ.get("STOP_AFTER") == str(len(seen)):
        os.kill(os.getpid(), 2)
"""
"""Prints whatever http.client would, looks whether the folder of the run is for its user alone, and presses Ctrl-C."""

LEAKING = """
import gzip, logging, os, pathlib, sys, tempfile, warnings
key = os.environ["ANYFAST_API_KEY"]
def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line("printed " + key)
    print("error " + key[3:20], file=sys.stderr)
def pytest_unconfigure():
    places = {"report.json": key, "log.txt": key.swapcase(), ".pytest_cache/kept": key.encode().hex()}
    for name, text in places.items():
        path = pathlib.Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text("leaked " + text)
    pathlib.Path("packed.gz").write_bytes(gzip.compress(key.encode()))
    pathlib.Path.home().joinpath(".remembered").write_text(key)
    pathlib.Path(tempfile.gettempdir(), "named-" + key).touch()
"""
"""Plants a leak in each kind of place."""

LOUD = ("-vv", "-rA", "--tb=long", "--showlocals", "--log-level=DEBUG", "--log-file=log.txt", "-p", "loud")
WRITTEN = ("--junitxml=junit.xml", "-o", "junit_logging=all", "--contract-report=report.json",
           "--contract-html=report.html", "--contract-har=report.har", "--contract-github=on")  # fmt: skip
AT = ("--contract-target", "{host}", "--contract-proxy", "http://ann:{password}@{authority}")
NOWHERE = ("--contract-target", "http://127.0.0.1:9", "--contract-proxy", "http://ann:{password}@127.0.0.1:9")

RUNS: dict[str, tuple[str, ...]] = {
    "a run": (*AT, *LOUD, *WRITTEN),
    "a journey": (*AT[:2], "--contract-journey", "-k", "journey", "--full-trace", "--debug=debug.txt", *LOUD, *WRITTEN),
    "a distributed run": (*AT, "-n2", "--setup-show", *LOUD, *WRITTEN),
    "an interrupted run": (*AT, "-n2", "--full-trace", *LOUD, *WRITTEN),
    "a plan": (*AT, "--contract-plan"),
    "a fuzzed run": (*AT, "--contract-fuzz", "20", "-k", "generated", *LOUD, *WRITTEN),
    "a run with known deviations": (*AT, "--contract-deviations", "../known.toml", *LOUD, *WRITTEN),
    "planted leaks": (*AT, "-k", "auth/missing", "-p", "leaking", "--contract-report=report.json"),
    "no host": (*NOWHERE, "-k", "auth", *LOUD, *WRITTEN),
    "a password in the target": ("--contract-target", "http://ann:{userinfo}@{authority}", *LOUD, *WRITTEN),
    "a password in no target": ("--contract-target", "http://ann:{userinfo}@[::1", *LOUD, *WRITTEN),
}
"""Runs of the suite, by what they are."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "confirm": ("../a run/report.json", "--observations", "1", "--output", "confirmed.json"),
    "examples": ("--all",),
    "explain": ("AFC201",),
    "parity": (
        "--left",
        "mock",
        "--right",
        "{host}",
        "--contract-journey",
        "--json",
        "parity.json",
        "--html",
        "parity.html",
    ),
    "record": ("--target", "{host}", "--output", "shapes.json"),
    "drift": ("--target", "{host}", "--shapes", "../record/shapes.json", "--json", "drift.json"),
    "strength": ("--help",),
}
"""Arguments of each command of `contract-tests`; they find what the runs wrote beside their own folder."""


def known_deviations() -> str:
    """Excuse every failure of the host for today, in words with the key in them."""
    today, key = datetime.now(timezone.utc).date(), SECRETS["the API key"]
    about = f'case = "*"\nreason = "it tells {key}"\nowner = "{key}"\nexpires = {today}\n'
    return f"[[deviation]]\n{about}"


@dataclass(frozen=True, slots=True)
class Did:
    """What was done to its end. folder: with all that was written, the home and the temporary files included."""

    status: int
    out: str
    folder: Path
    secrets: dict[str, str]

    def leaks(self) -> list[Leak]:
        """Find the secrets in every stream and file."""
        return leaks({"output": self.out, **files_below(self.folder)}, self.secrets)


@contextmanager
def hostile_host() -> Iterator[tuple[str, Hostile]]:
    """Run the host."""
    keys = {SECRETS["the API key"]: server.KEY, SECRETS["the second key"]: OTHER_KEY}
    hostile = Hostile(keys, SECRETS["the control token"])
    with ExitStack() as stack:
        host = stack.enter_context(Host(serve_mock).running())
        yield stack.enter_context(host.planting(hostile)), hostile


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is done. folder: each run gets one of its own below it."""

    folder: Path
    host: str
    hostile: Hostile

    def tell(self, *, behind_proxy: bool, on_journey: bool) -> None:
        """Let the host tell what the next run knows to be secret: a run behind no proxy has no password of one."""
        names = {"the API key", "the second key", "the control token"}
        names |= {"the password of the proxy"} if behind_proxy else set()
        self.hostile.known = {SECRETS[name] for name in names}
        self.hostile.on_journey = on_journey

    def suite(self, name: str) -> Did:
        """Do one of RUNS."""
        self.tell(behind_proxy="--contract-proxy" in RUNS[name], on_journey=name == "a journey")
        return self._do(name, RUNS[name], STOP_AFTER="12" if name == "an interrupted run" else "")

    def command(self, name: str) -> Did:
        """Do one of COMMANDS."""
        self.tell(behind_proxy=False, on_journey=name == "parity")
        return self._do(name, (name, *COMMANDS[name]))

    def _do(self, name: str, arguments: Sequence[str], **variables: str) -> Did:
        folder = self.folder / name
        for one in (folder, folder / "home", folder / "tmp"):
            one.mkdir()
        (folder / "loud.py").write_text(PLUGIN, encoding="utf-8")
        (folder / "leaking.py").write_text(LEAKING, encoding="utf-8")
        (self.folder / "known.toml").write_text(known_deviations(), encoding="utf-8")
        more = {
            "HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(folder),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "PYTHONDONTWRITEBYTECODE": "1",
            "ANYFAST_API_KEY_2": SECRETS["the second key"], "ANYFAST_MOCK_CONTROL_TOKEN": SECRETS["the control token"],
        }  # fmt: skip
        places = {
            "host": self.host, "authority": self.host.removeprefix("http://"),
            "password": SECRETS["the password of the proxy"], "userinfo": SECRETS["the password in the target"],
        }  # fmt: skip
        command = [sys.executable, "-m", "contract_tests.cli", *(one.format(**places) for one in arguments)]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=environment(SECRETS["the API key"], **more, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread yet
        ) as process:
            guard = threading.Timer(100, os.killpg, (process.pid, signal.SIGKILL))
            guard.start()
            out = process.communicate()[0].decode("utf-8", "surrogateescape")
            guard.cancel()
            guard.join()
        return Did(process.returncode, out, folder, {**SECRETS, **self.hostile.given})
