"""Brings a person to a link: shows it, and its QR code, on the terminal, and asks for the result until it is there.

The link lets its holder in. It goes to the terminal and nowhere else: what pytest captures or reports never has it.
"""

from __future__ import annotations

import io
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from contract_tests.preparing import CannotRun
from contract_tests.targets import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from contract_tests.traveller import Secret

__all__ = ["INTERVAL", "AtTerminal"]

INTERVAL = 3.0
"""Seconds between two looks at the result: most clients ask every 3 to 5, and upstream takes 3 a second [U2, C]."""

TELL_EVERY = 30.0
"""Seconds between two lines where no bar can be drawn."""

BLOCKS = "█▀▄"
WHITE_ON_BLACK, AS_BEFORE = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
"""Colours that no theme of a terminal changes: the code is dark on light everywhere."""


class AtTerminal:
    """A person at the terminal that the suite runs in.

    limit: seconds to wait. uncaptured: opens a block in which `sys.stdout` is the real one.

    Raises `CannotRun` when there is no terminal.
    """

    def __init__(self, limit: float, uncaptured: Callable[[], AbstractContextManager[object]]) -> None:
        self.limit = limit
        self._uncaptured = uncaptured
        with self._uncaptured(), _terminal():
            pass

    def wait(self, link: Secret, poll: Callable[[], bool]) -> bool:
        """Show the link, and poll until that says that it is over (True) or the limit is reached (False)."""
        with self._uncaptured():
            with _terminal() as terminal:
                terminal.write("\n".join(["", *_invitation(link, terminal), ""]))
            print(f"Asking for the result every {INTERVAL:g} s, for {self.limit:g} s at most. Ctrl-C ends the run.")  # noqa: T201
            over = self._poll(poll)
            print("The person has finished." if over else "Nobody has finished.", flush=True)  # noqa: T201
            return over

    def _poll(self, poll: Callable[[], bool]) -> bool:
        began = time.monotonic()
        with _progress(self.limit) as tell:
            while not poll():
                left = began + self.limit - time.monotonic()
                if left <= 0:
                    return False
                tell(self.limit - left)
                time.sleep(min(INTERVAL, left))
        return True


@contextmanager
def _terminal() -> Iterator[TextIO]:
    """Open the terminal: standard output, or behind a pipe the one that controls this process."""
    if sys.stdout.isatty():
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        opened = open("/dev/tty", "w", encoding="utf-8")  # noqa: PTH123, SIM115 - a device; closed below
    except OSError:
        raise CannotRun("--contract-interactive shows a link to a person, and here is no terminal.") from None
    with opened:
        yield opened


def _invitation(link: Secret, terminal: TextIO) -> Iterator[str]:
    yield "A person is needed: open this link on a phone, pass the check, and tap Complete at its end."
    if is_loopback(link):
        yield "It leads to this machine, which a phone cannot reach by that name: open it in a browser here."
    yield ""
    yield from _code(link, terminal)
    yield ""
    yield str(link)
    yield ""


def _code(link: Secret, terminal: TextIO) -> Iterator[str]:
    """Draw a QR code in half blocks, or say why not."""
    import segno

    columns, lines = _size(terminal)
    try:
        code = segno.make_qr(link, error="l")
        BLOCKS.encode(terminal.encoding or "ascii")
    except (segno.DataOverflowError, UnicodeEncodeError):
        yield "(No QR code: the link is too long for one, or the terminal has no block letters.)"
        return
    border = 4 if code.symbol_size(border=4)[0] <= columns else 2  # the latter is what the readers of phones still take
    width = code.symbol_size(border=border)[0]
    if width > columns:
        yield f"(No QR code: it takes {width} columns and this terminal has {columns}.)"
        return
    if width // 2 >= lines:
        yield f"(The QR code takes {width // 2} lines and this terminal has {lines}: make its letters smaller.)"
    drawn = io.StringIO()
    code.terminal(drawn, border=border, compact=True)
    coloured = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    for line in drawn.getvalue().splitlines():
        yield f"{WHITE_ON_BLACK}{line}{AS_BEFORE}" if coloured else line


def _size(terminal: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(terminal.fileno())
    except OSError:
        return 80, 24
    return size.columns or 80, size.lines or 24


@contextmanager
def _progress(limit: float) -> Iterator[Callable[[float], None]]:
    """Show how much of the time has gone: as a bar, or as a line now and then. Gives what takes the seconds gone."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(file=sys.stdout)
    if not console.is_terminal or console.is_dumb_terminal:
        told = [0.0]

        def tell(gone: float) -> None:
            if gone - told[0] >= TELL_EVERY:
                told[0] = gone
                print(f"waiting for the person: {gone:.0f} s of {limit:g}", flush=True)  # noqa: T201

        yield tell
        return
    gone = TextColumn("{task.completed:.0f} s of {task.total:g}")
    columns = (TextColumn("waiting for the person"), BarColumn(), gone)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=limit)
        yield lambda gone: bar.update(task, completed=gone)
