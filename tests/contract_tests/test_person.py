"""A person at a terminal: what is shown there and nowhere else, how long it is waited, how a run is ended meanwhile."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.contract_tests.standing_in import environment, left_behind
from tests.contract_tests.test_journey import Recorder, finishing
from tests.mockserver.test_session_command import COLOURED, read_code
from tests.wrong_servers.mock import RESULT, serve_host
from tests.wrong_servers.server import KEY, PATH, Answer, Host, Request, Serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAST = "import contract_tests.person as person\nperson.INTERVAL = 0.05\nperson.TELL_EVERY = 0.2\n"
FAST += "import contract_tests.receiver\ncontract_tests.receiver.PATIENCE = 0.1\n"
LINK = "https://www.byteplus.com/en/liveness-face-manage/authorization?pl=PL4242MARKED4242"
TOKEN = re.compile(r"[0-9]{14}[0-9A-F]{20}")


@pytest.fixture
def host() -> Iterator[Host]:
    with Host(serve_host).running() as running:
        yield running


@dataclass
class AtTerminal:
    """A run of the suite in a terminal of its own. piped: its output goes to a pipe, and the terminal is behind it."""

    folder: Path
    arguments: tuple[str, ...]
    piped: bool = False
    columns: int = 200
    shown: bytes = b""
    out: str = ""
    status: int = 0
    interrupt_at: str = ""
    master: int = -1
    variables: dict[str, str] = field(default_factory=dict)

    def run(self) -> AtTerminal:
        """Run to the end."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        (self.folder / "fast.py").write_text(FAST, encoding="utf-8")
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 100, self.columns, 0, 0))
        command = [sys.executable, "-m", "pytest", "--pyargs", "contract_tests", "-p", "fast", *self.arguments]
        more = {"PYTHONPATH": str(self.folder), "TMPDIR": str(self.folder / "tmp"), "TERM": "xterm-256color"}
        self.master = master
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment(KEY, **{**more, "PYTHONIOENCODING": "utf-8", **self.variables}),
            stdin=slave,
            stdout=subprocess.PIPE if self.piped else slave,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _take_terminal(slave),  # noqa: PLW1509 - nothing else happens in it
        ) as process:
            os.close(slave)
            guard = threading.Timer(60, process.kill)
            guard.start()
            reader = threading.Thread(target=self._read, args=(master,))
            reader.start()
            if process.stdout is not None:
                self.out = process.stdout.read().decode()
            self.status = process.wait()
            guard.cancel()
            guard.join()
            reader.join()
        os.close(master)
        return self

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self.master, b"\x03")

    def _read(self, master: int) -> None:
        interrupted = False
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other side is closed
                return
            self.shown += piece
            if self.interrupt_at and not interrupted and self.interrupt_at.encode() in self.shown:
                interrupted = True
                self.interrupt()

    @property
    def terminal(self) -> str:
        """What the terminal got, line ends as in a file."""
        return self.shown.decode().replace("\r\n", "\n")

    def written(self) -> dict[str, str]:
        """Give every file that the run left, by name."""
        found = {path.name: path for path in self.folder.rglob("*") if path.is_file()}
        return {name: path.read_bytes().decode("utf-8", "replace") for name, path in found.items()}


def _take_terminal(slave: int) -> None:
    """Belong to a terminal, and hear Ctrl-C there: who runs the tests in the background has that ignored."""
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def with_link(recorder: Recorder, link: str = LINK) -> Recorder:
    """Have sessions show a link that can be found again."""

    def plant(request: Request, serve: Serve) -> Answer:
        answer = recorder(request, serve)
        return answer if request.path != PATH else answer.saying({**answer.value(), "H5Link": link})

    return Recorder(plant)


INTERACTIVE = ("-k", "journey", "--contract-interactive")
REPORTS = ("-vv", "-rA", "--junitxml=report.xml", "-o", "junit_logging=all", "--log-level=DEBUG", "--log-file=log.txt")


def test_a_person_is_shown_the_link_and_waited_for(tmp_path: Path, host: Host) -> None:
    with host.planting(with_link(finishing(3))) as url:
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, *REPORTS)).run()
    said = ran.terminal
    assert ran.status == 0, said
    assert said.count(LINK) == 1
    assert "open this link on a phone" in said
    assert read_code(COLOURED.findall(said)) == LINK
    assert "waiting for the person" in said
    assert "The person has finished." in said
    assert "journey              11 passed, 14 not run, 1 reported" in said
    assert TOKEN.findall(said) == []
    assert KEY not in said
    files = ran.written()
    assert {"report.xml", "log.txt"} <= set(files)
    assert [name for name, text in files.items() if "4242MARKED" in text or TOKEN.search(text) or KEY in text] == []


def test_behind_a_pipe_the_terminal_alone_shows_the_link(tmp_path: Path, host: Host) -> None:
    with host.planting(with_link(finishing(12))) as url:
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, "-rA"), piped=True).run()
    assert ran.status == 0, ran.out
    assert LINK in ran.terminal
    assert "4242MARKED" not in ran.out
    assert re.search(r"^waiting for the person: \d+ s of 300$", ran.out, re.MULTILINE), "lines, no bar"
    assert "\x1b[" not in ran.out
    assert "The person has finished." in ran.out


def test_a_person_who_never_comes_is_waited_for_as_long_as_was_said(tmp_path: Path, host: Host) -> None:
    arguments = ("--contract-interactive-wait", "0.6", "-q")
    with host.planting(with_link(finishing(999))) as url:
        began = time.monotonic()
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, *arguments)).run()
    assert ran.status == 10, ran.terminal
    assert time.monotonic() - began < 30
    assert "inconclusive: nobody finished within 0.6 s: GroupId stayed empty" in ran.terminal
    assert "not run: journey/complete was inconclusive" in ran.terminal


@pytest.mark.parametrize("more", [(), ("-l", "--full-trace")])
def test_ctrl_c_ends_the_wait_and_the_run(tmp_path: Path, host: Host, more: tuple[str, ...]) -> None:
    with host.planting(with_link(finishing(999))) as url:
        arguments = (*INTERACTIVE, "--contract-target", url, *more)
        ran = AtTerminal(tmp_path, arguments, interrupt_at="waiting for the person").run()
    said = ran.terminal
    assert ran.status == pytest.ExitCode.INTERRUPTED, said
    assert said.count("4242MARKED") == 1, "the link once, and in no traceback"
    assert TOKEN.findall(said) == []
    assert "not run: the run ended before" in said
    assert said.rfind("\x1b[?25h") >= said.rfind("\x1b[?25l"), "the cursor is there again"
    assert left_behind(tmp_path) == []


def test_ctrl_c_that_the_mock_hears_too_is_no_trouble_of_the_mock(tmp_path: Path) -> None:
    ran = AtTerminal(tmp_path, INTERACTIVE, interrupt_at="waiting for the person").run()
    assert ran.status == pytest.ExitCode.INTERRUPTED, ran.terminal
    assert "It leads to this machine" in ran.terminal
    assert "The mock ended" not in ran.terminal
    assert left_behind(tmp_path) == []


def test_ctrl_c_in_a_request_shows_nothing_of_it(tmp_path: Path, host: Host) -> None:
    polls = finishing(999)
    over = threading.Event()

    def slow(request: Request, serve: Serve) -> Answer:
        answer = polls(request, serve)
        if request.memory.get("polls", 0) > 1:
            ran.interrupt()
            over.wait(5)
        return answer

    with host.planting(with_link(Recorder(slow))) as url:
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, "-l", "--full-trace"))
        ran.run()
        over.set()
    assert ran.status == pytest.ExitCode.INTERRUPTED, ran.terminal
    assert KEY not in ran.terminal
    assert TOKEN.findall(ran.terminal) == []


def test_each_poll_is_counted(tmp_path: Path, host: Host) -> None:
    recorder = finishing(6)
    with host.planting(recorder) as url:
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, "-q")).run()
    assert len(recorder.places(RESULT)) == 9, "pending, six polls, read again, unknown"
    assert f"requests  {len(recorder.asked)} sent, 1 of them may have cost something" in ran.terminal


@pytest.mark.parametrize(("columns", "drawn"), [(100, False), (114, True), (130, True)])
def test_a_code_that_does_not_fit_is_not_drawn(tmp_path: Path, host: Host, columns: int, drawn: bool) -> None:
    with host.planting(with_link(finishing(1), f"{LINK}{'x' * 900}")) as url:  # as long as the vendor's
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url, "-q"), columns=columns).run()
    assert ran.status == 0, ran.terminal
    assert drawn is (re.search(r"[█▀▄]{20}", ran.terminal) is not None)
    assert drawn is (re.search(rf"it takes 1\d\d columns and this terminal has {columns}", ran.terminal) is None)


def test_a_terminal_without_block_letters_gets_the_link_alone(tmp_path: Path, host: Host) -> None:
    with host.planting(with_link(finishing(1))) as url:
        ran = AtTerminal(tmp_path, (*INTERACTIVE, "--contract-target", url), variables={"PYTHONIOENCODING": "ascii"})
        ran.run()
    assert ran.status == 0, ran.terminal
    assert "No QR code" in ran.terminal
    assert LINK in ran.terminal
