"""Console blocks of Markdown pages: found, run against a live mock, and compared with the output they show.

A block is fenced as ```console. A line `$ COMMAND` starts a command (a trailing backslash continues it); the lines up
to the next one are its output. In the output `...` stands for anything, alone on a line for any number of lines.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PORT_ON_PAPER = "127.0.0.1:8080"
"""The address that pages show. What runs gets a free port, and its output is shown with this address again."""

ONE_SHOT = ("request", "routes", "check", "overlay", "contract", "session", "exec", "wait", "--help", "--version")
"""What makes a `mockserver` command end by itself; any other one starts a server."""

BIN = Path(sys.executable).parent
START_SECONDS = 20.0
QUIET_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page and the output that the page shows for it."""

    page: str
    line: int
    text: str
    output: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The command split as a shell would."""
        return shlex.split(self.text, comments=True)

    @property
    def starts_server(self) -> bool:
        """Whether this command keeps running: `mockserver` without one-shot words, or `make mock`."""
        words = self.words
        return words[:2] == ["make", "mock"] or (words[0] == "mockserver" and not set(words) & set(ONE_SHOT))


def find_commands(page: str, text: str) -> Iterator[Command]:
    """Give the commands of a page's console blocks in the order they stand."""
    for block in re.finditer(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        first = text.count("\n", 0, block.start(1)) + 1
        lines = block[1].splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            rest = start + 1
            command = lines[start][2:]
            while command.endswith("\\") and rest < end:
                command = f"{command[:-1]}{lines[rest].strip()}"
                rest += 1
            yield Command(page, first + start, command, tuple(lines[rest:end]))


def matches(shown: tuple[str, ...], real: str) -> bool:
    """Tell whether real output is what the page shows; trailing blanks and empty lines at the end do not count."""
    pattern = ""
    for line in "\n".join(shown).rstrip().splitlines():
        inner = ".*".join(map(re.escape, line.rstrip().split("...")))
        pattern += r"(?:.*\n)*" if line.strip() == "..." else f"{inner}\n"
    lines = "".join(f"{line.rstrip()}\n" for line in real.rstrip().splitlines())
    return re.fullmatch(pattern, lines) is not None


def environment(home: Path) -> dict[str, str]:
    """Give an environment in which only this checkout's commands and defaults count."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("ANYFAST_")}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    return {**kept, "HOME": str(home), "NO_COLOR": "1", "COLUMNS": "120", "PATH": f"{BIN}{os.pathsep}{kept['PATH']}"}


@dataclass(frozen=True, slots=True)
class LiveMock:
    """A running mock, as its pages see it."""

    folder: Path
    address: str
    """Host and port it really has."""
    said: list[str]
    """Its lines so far; grows while it runs."""

    @property
    def start_lines(self) -> str:
        """What it said so far, as a page would show it."""
        return self.on_paper("".join(self.said))

    def run(self, command: Command) -> str:
        """Run a command to its end; return its standard output, or its errors if it has none, as a page would."""
        run = subprocess.run(
            ["bash", "-c", command.text.replace(PORT_ON_PAPER, self.address)],
            cwd=self.folder,
            env={**environment(self.folder), "ANYFAST_BASE_URL": f"http://{self.address}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return self.on_paper(run.stdout or run.stderr)

    def on_paper(self, text: str) -> str:
        """Put the address that pages show in place of the real one."""
        return text.replace(self.address, PORT_ON_PAPER)


@contextmanager
def live_mock(folder: Path, *arguments: str) -> Iterator[LiveMock]:
    """Start the mock in a process of its own, on a free port, wait for its start-up lines and stop it at the end."""
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [str(BIN / "mockserver"), *arguments, "--port", "0", "--port-file", str(port_file)],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=_note_lines, args=(process.stdout, said))
    reader.start()
    try:
        port = _wait_for_port(process, port_file)
        assert port, f"mockserver {shlex.join(arguments)} did not start:\n{''.join(said)}"
        _wait_until_quiet(said)
        yield LiveMock(folder, f"127.0.0.1:{port}", said)
    finally:
        process.terminate()
        process.wait(timeout=10)
        reader.join()
        process.stdout.close()


def _wait_for_port(process: subprocess.Popen[str], port_file: Path) -> str:
    """Return the port once it is written, or nothing when the process ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if port_file.exists() and (port := port_file.read_text(encoding="ascii").strip()):
            return port
        time.sleep(0.02)
    return ""


def _note_lines(stream: Iterable[str], said: list[str]) -> None:
    for line in stream:
        said.append(line)  # noqa: PERF402  # one by one, for those who look while it goes on


def _wait_until_quiet(said: list[str]) -> None:
    known = -1
    while known != len(said):
        known = len(said)
        time.sleep(QUIET_SECONDS)


def server_arguments(command: Command) -> list[str]:
    """Give the mock's arguments of a command that starts it, the port left out: it runs on a free one.

    `make mock ARGS="--seed 1"` gives `--seed 1`.
    """
    words = [word for word in command.words if word != "&"]
    if words[0] == "make":
        given = [word.partition("=")[2] for word in words if word.startswith("ARGS=")]
        words = ["mockserver", *(shlex.split(given[0]) if given else [])]
    arguments = words[1:]
    for option in ("--port", "--port-file"):
        while option in arguments:
            at = arguments.index(option)
            del arguments[at : at + 2]
    return arguments


def differences(commands: list[Command], folder: Path) -> Iterator[str]:
    """Run a page's commands in their order, in a folder, and say where it shows something else than what happens.

    A command that starts the mock serves those after it, until the next one; before the first there is a plain mock.
    """
    for server, group in _served_groups(commands):
        with live_mock(folder, *(server_arguments(server) if server else [])) as mock:
            # A block may start the mock only to show what follows; what it does show has to be right.
            if server and server.output and not matches(server.output, mock.start_lines):
                yield _difference(server, mock.start_lines)
            for command in group:
                real = mock.run(command)
                if not matches(command.output, real):
                    yield _difference(command, real)


def _served_groups(commands: list[Command]) -> Iterator[tuple[Command | None, list[Command]]]:
    server: Command | None = None
    group: list[Command] = []
    for command in commands:
        if command.starts_server:
            if server or group:
                yield server, group
            server, group = command, []
        else:
            group.append(command)
    if server or group:
        yield server, group


def _difference(command: Command, real: str) -> str:
    shown = "\n".join(command.output)
    return f"{command.page}:{command.line}: $ {command.text}\n--- the page shows\n{shown}\n--- it really says\n{real}"
