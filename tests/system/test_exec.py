"""`mockserver exec` as a shell and a CI job see it: what the command gets, what comes back, and that nothing stays."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver.credentials import WORKING
from mockserver.serving import reserve
from tests.system.running import PATIENCE, eventually, is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEARDOWN = """
import os, pathlib, signal, sys, time, urllib.request
caught = []
def end(number, frame):
    caught.append(number)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
pathlib.Path("url").write_text(os.environ["ANYFAST_BASE_URL"])
pathlib.Path("url").rename("began")
while not caught:
    time.sleep(0.01)
time.sleep(0.2)
with urllib.request.urlopen(os.environ["ANYFAST_BASE_URL"] + "/_mock/health") as answer:
    print(len(caught), "signal, then", answer.status, flush=True)
sys.exit(5)
"""
"""A command that catches signals, waits for a second one, calls the mock once more, and ends with 5."""

SITTING = "echo $ANYFAST_BASE_URL > url; mv url began; exec sleep 60"


class Exec:
    """`mockserver exec` with a mark in its environment, by which all that comes of it is found."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        terminal: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self._mark = f"EXEC_MARK={uuid.uuid4().hex}"
        name, _, value = self._mark.partition("=")
        kept = {key: text for key, text in os.environ.items() if not key.startswith("ANYFAST_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "exec", *arguments],
            cwd=folder,
            env={**kept, **(environment or {}), name: value, "TMPDIR": str(folder)},
            stdin=subprocess.PIPE if terminal is None else terminal,
            stdout=subprocess.PIPE if terminal is None else terminal,
            stderr=subprocess.PIPE if terminal is None else terminal,
            text=True,
            start_new_session=True,
            preexec_fn=None if terminal is None else partial(_own_terminal, terminal),  # noqa: PLW1509 - no threads
        )

    def processes(self) -> list[int]:
        """All that carries the mark and lives."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                marked = self._mark.encode() in (folder / "environ").read_bytes()
            except OSError:  # somebody else's, or ended while we looked
                continue
            if marked and not is_gone(int(folder.name)):
                found.append(int(folder.name))
        return found

    def began(self) -> str:
        """Wait until the command runs; give the mock's URL as it was told."""
        assert eventually((self.folder / "began").exists)
        return (self.folder / "began").read_text(encoding="utf-8").strip()

    def children(self) -> list[int]:
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in listing.read_text(encoding="ascii").split()]

    def end(self, stdin: str = "") -> tuple[int, str, str]:
        """Wait for the end; give the exit code, and what was printed."""
        out, err = self.process.communicate(stdin, timeout=PATIENCE)
        return self.process.returncode, out, err

    def leaves_nothing(self) -> bool:
        """Whether every process of it is gone, within a time in which a mock ends in order."""
        return eventually(lambda: not self.processes(), 4)


def _own_terminal(terminal: int) -> None:
    """Make a terminal the one that sends Ctrl-C to this process and its group."""
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


@pytest.fixture
def running() -> Iterator[list[Exec]]:
    """Runs that a test started; what is left of one that failed is killed."""
    started: list[Exec] = []
    yield started
    for one in started:
        for pid in one.processes():
            os.kill(pid, signal.SIGKILL)
        one.process.communicate()


def is_free(url: str) -> bool:
    with reserve("127.0.0.1", int(url.rpartition(":")[2])):
        return True


# --- the command --------------------------------------------------------------------------------------------------


def test_command_has_the_mock_its_key_and_the_users_streams_to_itself(tmp_path: Path, running: list[Exec]) -> None:
    program = (
        "import os, sys, urllib.request as r\n"
        "base, key = os.environ['ANYFAST_BASE_URL'], os.environ['ANYFAST_API_KEY']\n"
        "ask = r.Request(base + '/volc/asset/CreateVisualValidateSession', b'{}', method='POST')\n"
        "ask.add_header('Authorization', 'Bearer ' + key); ask.add_header('Content-Type', 'application/json')\n"
        "with r.urlopen(ask) as answer: print(answer.status, key, sys.stdin.read(), sys.argv[1:])\n"
        "print('for stderr', file=sys.stderr); sys.exit(7)"
    )
    real = {"ANYFAST_API_KEY": "sk-of-the-real-host", "ANYFAST_MOCK_PORT": "1"}
    one = Exec(tmp_path, "--", sys.executable, "-c", program, "--seed", "--", "x y", environment=real)
    running.append(one)
    code, out, err = one.end("typed")
    status, key, rest = out.split(" ", 2)
    assert (code, status, rest, err) == (7, "200", "typed ['--seed', '--', 'x y']\n", "for stderr\n")
    assert key.startswith(f"{WORKING}-")
    assert one.leaves_nothing()


def test_each_run_has_a_sandbox_and_a_seed_gives_the_same_again() -> None:
    from mockserver.credentials import Credential, Keyring
    from mockserver.exec_command import own_api_key

    keys = [own_api_key(None), own_api_key(None), own_api_key("a"), own_api_key("b")]
    assert len(set(keys)) == 4
    assert own_api_key("a") == keys[2]
    assert all(isinstance(Keyring().look_up(key), Credential) for key in keys)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--", "sh", "-c", "kill -9 $$"), 128 + 9, ""),
        (("--", "no-such-command"), 127, "mockserver: there is no command 'no-such-command'.\n"),
        (("--", "."), 126, "mockserver: the command '.' cannot be run: Permission denied.\n"),
        (("nowhere.yaml", "--", "touch", "began"), 3, "mockserver: nowhere.yaml: The file cannot be read: "),
        (("--host", "192.0.2.254", "--", "touch", "began"), 2, "mockserver: Cannot listen on 192.0.2.254"),
        (("--log-file", "no/log", "--", "touch", "began"), 2, "mockserver: The log file no/log cannot be written"),
        (("--port", "0"), 2, "Say which command to run, after '--': mockserver exec -- pytest"),
    ],
)
def test_exit_code_says_what_became_of_the_command(
    tmp_path: Path, running: list[Exec], arguments: tuple[str, ...], code: int, said: str
) -> None:
    one = Exec(tmp_path, *arguments)
    running.append(one)
    found, out, err = one.end()
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "began").exists()
    assert one.leaves_nothing()


def test_port_that_is_taken_is_said_and_the_command_is_not_run(tmp_path: Path, running: list[Exec]) -> None:
    (tmp_path / "anyfast-mock.toml").write_text("port = 1\nseed = 'of the file'\n", encoding="utf-8")
    with reserve("127.0.0.1", 0) as held:
        running.append(Exec(tmp_path, "--port", str(held.address.port), "--", "touch", "began"))
        code, out, err = running[0].end()
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert f"Port {held.address.port} on 127.0.0.1 is already in use." in err
    assert not (tmp_path / "began").exists()
    running.append(Exec(tmp_path, "--", "true"))
    assert running[1].end() == (0, "", ""), "the file's port is that of another mock"


def test_log_goes_to_a_file_and_the_control_token_to_the_command_alone(tmp_path: Path, running: list[Exec]) -> None:
    (tmp_path / "mock.log").write_text("of another run\n", encoding="utf-8")
    command = ("sh", "-c", "echo $ANYFAST_MOCK_CONTROL_TOKEN")
    running.append(Exec(tmp_path, "--host", "0.0.0.0", "--log-file", "mock.log", "--", *command))
    code, token, err = running[0].end()
    log = (tmp_path / "mock.log").read_text(encoding="utf-8")
    assert (code, len(token.strip()), err) == (0, 32, "")
    assert log.startswith("of another run\nAnyfast mock server")
    assert "/_mock asks for the token that was given" in log
    assert token.strip() not in log


# --- signals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_sent_to_it_reaches_the_command_which_ends_in_its_own_time(
    tmp_path: Path, running: list[Exec], number: signal.Signals
) -> None:
    one = Exec(tmp_path, "--", sys.executable, "-c", TEARDOWN)
    running.append(one)
    url = one.began()
    one.process.send_signal(number)
    assert one.end() == (5, "1 signal, then 200\n", "")
    assert one.leaves_nothing()
    assert is_free(url)


def test_ctrl_c_at_a_terminal_reaches_the_command_once_and_the_mock_not_before_it(
    tmp_path: Path, running: list[Exec]
) -> None:
    ours, theirs = pty.openpty()
    try:
        one = Exec(tmp_path, "--", sys.executable, "-c", TEARDOWN, terminal=theirs)
        running.append(one)
        one.began()
        os.write(ours, b"\x03")
        assert one.process.wait(PATIENCE) == 5
        assert b"1 signal, then 200" in os.read(ours, 4096)
        assert one.leaves_nothing()
    finally:
        os.close(ours)
        os.close(theirs)


def test_command_that_ignores_the_signal_keeps_its_mock_until_it_ends(tmp_path: Path, running: list[Exec]) -> None:
    one = Exec(tmp_path, "--", "sh", "-c", f"trap '' TERM; {SITTING}")
    running.append(one)
    url = one.began()
    for _ in range(2):
        one.process.terminate()
        time.sleep(0.1)
    assert len(one.children()) == 2
    one.process.kill()
    assert one.leaves_nothing()
    assert is_free(url)


# --- what is left -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["early", "mock", "command", "shutdown"])
def test_nothing_is_left_whenever_and_however_it_is_ended(
    tmp_path: Path, running: list[Exec], number: signal.Signals, moment: str
) -> None:
    command = "echo $ANYFAST_BASE_URL > url; mv url began" if moment == "shutdown" else SITTING
    one = Exec(tmp_path, "--workers", "2", "--", "sh", "-c", command)
    running.append(one)
    url = ""
    if moment == "early":
        time.sleep(0.05)
    elif moment == "mock":
        assert eventually(lambda: bool(one.children()) or one.process.poll() is not None)
    else:
        url = one.began()
        if moment == "shutdown":
            assert eventually(lambda: one.process.poll() is not None or len(one.children()) < 2)
    one.process.send_signal(number)
    code, _, err = one.end()
    assert one.leaves_nothing()
    assert moment == "early" or "Traceback" not in err  # Python's own, when it is still importing
    if moment in ("mock", "command"):
        assert code == (-9 if number is signal.SIGKILL else 128 + number)
    assert not url or is_free(url)
    if number is not signal.SIGKILL:
        assert not list(tmp_path.glob("anyfast-mock-*")), "the temporary store of two workers"


def test_mock_that_dies_is_told_of_and_the_command_goes_on(tmp_path: Path, running: list[Exec]) -> None:
    one = Exec(tmp_path, "--", "sh", "-c", "touch began; read line; exit 3")
    running.append(one)
    one.began()
    (mock,) = [pid for pid in one.children() if os.getpgid(pid) == pid]
    os.kill(mock, signal.SIGKILL)
    assert eventually(lambda: is_gone(mock))
    code, _, err = one.end("go on\n")
    assert (code, err.splitlines()) == (
        3,
        [
            "mockserver: the mock was killed by SIGKILL while the command runs.",
            "mockserver: the command went on without the mock.",
        ],
    )
    assert one.leaves_nothing()


def test_warning_is_shown_before_the_command_runs_and_goes_to_the_log_where_there_is_one(
    tmp_path: Path, running: list[Exec]
) -> None:
    store = ("--store", "redis://127.0.0.1:1/0")
    running.append(Exec(tmp_path, *store, "--", "sh", "-c", "echo the command >&2"))
    code, out, err = running[0].end()
    first, second = err.splitlines()
    assert (code, out, second) == (0, "", "the command")
    assert first.startswith("  warning: The redis store is not available")
    running.append(Exec(tmp_path, *store, "--log-file", "mock.log", "--", "true"))
    assert running[1].end() == (0, "", "")
    assert first in (tmp_path / "mock.log").read_text(encoding="utf-8")
