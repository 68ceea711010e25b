"""Runs a command beside a mock: its environment, its signals, its exit status, and an end that leaves nothing behind.

Three processes. This one only waits. The mock is a child in a process group of its own, so that Ctrl-C does not reach
it while the command still tidies up. The command is a child in our own group, so that a terminal treats it as if it had
been started without us. Both are tied to this process: they end with it, even when it is killed.

It knows no contract and no option of the mock: what serves is handed in.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from mockserver.credentials import WORKING
from mockserver.kinship import die_with_parent
from mockserver.readiness import Ready, UnusableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Serve = Callable[[Callable[[Ready], None]], int]

__all__ = ["open_log", "own_api_key", "run_beside"]

NOT_FOUND, NOT_EXECUTABLE, BY_SIGNAL = 127, 126, 128
"""Exit statuses as shells give them; the last one is added to the number of a signal."""

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
LAST_WORDS = 2000
"""Bytes of the mock's log that are shown when it ends before its time."""

PATIENCE = 5.0
"""Seconds that the mock may take to end; it gives requests in flight 0.8 of them."""

LOOK = 0.02
"""Seconds between two looks at signals while the mock starts, and at the mock while it ends."""


def own_api_key(seed: str | None) -> str:
    """Make a fake credential that works and is a sandbox of its own for this run; with a seed, the same one again."""
    from hashlib import sha256

    raw = os.urandom(16) if seed is None else seed.encode("utf-8", "surrogateescape")
    return f"{WORKING}-{sha256(raw).hexdigest()[:10]}"


def open_log(path: Path | None) -> BinaryIO:
    """Open the file that the mock writes its log to, at its end; without one, a file that nobody sees.

    Raises `UnusableFile`.
    """
    if path is None:
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("anyfast-mock-log"), "w+b")
        import tempfile  # on macOS; with what it brings 8 ms

        return tempfile.TemporaryFile(prefix="anyfast-mock-")
    try:
        return path.open("a+b")
    except OSError as error:
        raise UnusableFile("log file", path, error.strerror or type(error).__name__) from None


def run_beside(command: Sequence[str], serve: Serve, log: BinaryIO, *, show: bool) -> int:
    """Start the mock, run a command while it serves, stop it; return the exit status of the command.

    That is 128 and the number of the signal when the command died of one, 127 or 126 when it could not be run, and the
    mock's own when the mock could not start. serve: serves until SIGTERM, calls what it is given when the mock answers,
    and returns an exit status. log: where the mock writes; when it dies, its end is shown. show: whether what it says
    until it is ready is shown too.

    A signal that a process sent to us goes to the command as well; one of the terminal reached it by itself. Call it
    from the main thread, with no other thread started.
    """
    signal.signal(signal.SIGCHLD, lambda *_: None)  # where a signal is ignored, nobody can wait for it
    awaited = {number for number in PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited | {signal.SIGCHLD})
    try:
        return _Pair(command, before, log, awaited | {signal.SIGCHLD}).run(serve, show=show)
    finally:
        while pending := signal.sigpending() & awaited:
            signal.sigwait(pending)  # it came when there was nobody left to pass it on to
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Pair:
    """The mock and the command, as this process knows them."""

    def __init__(self, command: Sequence[str], mask: set[int], log: BinaryIO, awaited: set[signal.Signals]) -> None:
        self._command = command
        self._mask = mask
        self._log = log
        self._told = os.fstat(log.fileno()).st_size
        self._awaited = awaited
        self._parent = os.getpid()
        self._mock = 0
        self._ended: dict[int, int] = {}
        self._mock_is_mourned = False

    def run(self, serve: Serve, *, show: bool) -> int:
        receiving, sending = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._mock = os.fork()
        if self._mock == 0:
            os.close(receiving)
            self._be_the_mock(serve, sending)
        os.close(sending)
        try:
            ready = self._wait_until_ready(receiving)
            if not isinstance(ready, Ready):
                return ready
            if show:
                self._show_last_words()
            return self._run_command(ready)
        finally:
            os.close(receiving)
            self._stop_mock()

    def _be_the_mock(self, serve: Serve, sending: int) -> NoReturn:
        os.setpgid(0, 0)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device, not a file of ours
            os.dup2(nothing.fileno(), 0)
        for stream in (1, 2):
            os.dup2(self._log.fileno(), stream)
        die_with_parent(self._parent, signal.SIGTERM)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

        def tell(ready: Ready) -> None:
            with os.fdopen(sending, "w", encoding="utf-8") as pipe:
                json.dump(asdict(ready), pipe)

        sys.exit(serve(tell))

    def _wait_until_ready(self, receiving: int) -> Ready | int:
        """Wait for what the mock tells; give an exit status when a signal or its death comes first."""
        told = b""
        while not _is_whole(told):
            for number in signal.sigpending() & (self._awaited - {signal.SIGCHLD}):
                return BY_SIGNAL + int(number)
            if not select.select([receiving], [], [], LOOK)[0]:
                continue
            piece = os.read(receiving, 65536)
            if not piece:
                break
            told += piece
        if _is_whole(told):
            return Ready(**json.loads(told))
        while not self._has_ended(self._mock):
            time.sleep(LOOK / 4)
        status = self._ended[self._mock]
        self._say(f"the mock could not start: it {_how(status)}", unless_it_said=status > 0)
        return max(status, 1)

    def _run_command(self, ready: Ready) -> int:
        told = {"ANYFAST_BASE_URL": ready.url, "ANYFAST_API_KEY": ready.api_key}
        told |= {"ANYFAST_MOCK_CONTROL_TOKEN": ready.control_token} if ready.control_token else {}
        told |= {"ANYFAST_MOCK_CERTIFICATE": ready.certificate} if ready.certificate else {}
        child = os.fork()
        if child == 0:
            self._be_the_command({**os.environ, **told})
        while not self._has_ended(child):
            self._mourn_the_mock()
            number, sent_by_a_process = _next_signal(self._awaited)
            if number != signal.SIGCHLD and sent_by_a_process:
                os.kill(child, number)
        self._mourn_the_mock()
        if self._mock_is_mourned:
            self._say("the command went on without the mock")
        code = self._ended[child]
        return code if code >= 0 else BY_SIGNAL - code

    def _be_the_command(self, environment: Mapping[str, str]) -> NoReturn:
        name = self._command[0]
        try:
            # Python ignores the first two, which other programs live by. A handler of ours must not run here any more.
            for number in (signal.SIGPIPE, signal.SIGXFSZ, *self._awaited):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent(self._parent, watch=False)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            os.execvpe(name, list(self._command), dict(environment))  # noqa: S606 - it is what was asked for
        except FileNotFoundError:
            _complain(f"there is no command {name!r}.", NOT_FOUND)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            _complain(f"the command {name!r} cannot be run: {why}.", NOT_EXECUTABLE)
        finally:
            os._exit(NOT_EXECUTABLE)  # whatever comes: what follows is the business of the parent

    def _mourn_the_mock(self) -> None:
        if self._has_ended(self._mock) and not self._mock_is_mourned:
            self._mock_is_mourned = True
            self._say(f"the mock {_how(self._ended[self._mock])} while the command runs")

    def _has_ended(self, child: int) -> bool:
        """Look what ended, and tell whether that child is among it. As process 1 of a container we have others' too."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                self._ended[pid] = os.waitstatus_to_exitcode(status)
        return child in self._ended

    def _stop_mock(self) -> None:
        """End the mock in order, so that its temporary files go; kill it when it does not."""
        for number, seconds in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, PATIENCE)):
            if self._has_ended(self._mock):
                return
            os.kill(self._mock, number)  # it is there until it has been waited for
            limit = time.monotonic() + seconds
            while not self._has_ended(self._mock) and time.monotonic() < limit:
                time.sleep(LOOK / 4)

    def _say(self, what: str, *, unless_it_said: bool = False) -> None:
        """Write to stderr what the mock wrote last, and what happened to it unless its own words will do."""
        if not (self._show_last_words() and unless_it_said):
            sys.stderr.write(f"mockserver: {what}.\n")
            sys.stderr.flush()

    def _show_last_words(self) -> bool:
        """Write to stderr what the mock wrote and was not shown yet; tell whether there was any."""
        size = os.fstat(self._log.fileno()).st_size
        words = os.pread(self._log.fileno(), LAST_WORDS, max(self._told, size - LAST_WORDS)).decode("utf-8", "replace")
        self._told = size
        if words.strip():
            sys.stderr.write(f"{words.rstrip()}\n")
            sys.stderr.flush()
        return bool(words.strip())


def _is_whole(told: bytes) -> bool:
    try:
        json.loads(told)
    except ValueError:
        return False
    return True


def _next_signal(awaited: set[signal.Signals]) -> tuple[signal.Signals, bool]:
    """Wait for a signal; tell also whether a process sent it to us, not the terminal to all of its processes."""
    if not hasattr(signal, "sigwaitinfo"):  # macOS: these two come from a terminal, as a rule
        number = signal.Signals(signal.sigwait(awaited))
        return number, number not in (signal.SIGINT, signal.SIGQUIT)
    found = signal.sigwaitinfo(awaited)
    return signal.Signals(found.si_signo), found.si_code <= 0  # SI_USER and its like; the kernel's own are positive


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _complain(what: str, status: int) -> NoReturn:
    os.write(2, f"mockserver: {what}\n".encode("utf-8", "replace"))
    os._exit(status)
