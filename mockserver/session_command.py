"""What `mockserver session new` shows: the session, and its link as a QR code that a phone reads off the terminal.

Printing token and link is its purpose; nobody else of the mock does. It asks nobody anything.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["Terminal", "in_language", "qr_lines", "show_session"]

BORDERS = (4, 2)
"""Light modules around the code: what ISO/IEC 18004 asks for, and what the readers of phones still take."""

BLOCKS = "█▀▄"
WHITE_ON_BLACK, AS_BEFORE = "\x1b[38;5;231;48;5;16m", "\x1b[0m"
"""Colours that no theme of a terminal changes: the code is dark on light everywhere."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What can be drawn on. `columns`, `lines`: the window's, or None when no window limits the output."""

    columns: int | None
    lines: int | None
    colours: bool
    encoding: str

    @classmethod
    def of(cls, stream: TextIO) -> Terminal:
        """Look at a stream; NO_COLOR and TERM=dumb forbid colours (no-color.org)."""
        encoding = stream.encoding or "ascii"
        if not stream.isatty():
            return cls(None, None, colours=False, encoding=encoding)
        size = shutil.get_terminal_size()
        colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(size.columns, size.lines, colours, encoding)


def in_language(link: str, language: str | None) -> str:
    """Have the page of a link speak a language: `lng=` is added behind what its query has."""
    if language is None:
        return link
    before, mark, fragment = link.partition("#")
    return f"{before}{'&' if '?' in before else '?'}lng={language}{mark}{fragment}"


def show_session(body: dict[str, Json], *, as_json: bool, qr: bool) -> None:
    """Print a session: for a program as JSON, for a person as two lines, then the link as a QR code if asked."""
    if as_json:
        click.echo(json.dumps(body))
        return
    link = str(body["H5Link"])
    click.echo(f"BytedToken  {body['BytedToken']}")
    click.echo(f"H5Link      {link}")
    if qr:
        _show_code(link, Terminal.of(sys.stdout))


def _show_code(link: str, terminal: Terminal) -> None:
    notes = []
    try:
        lines = qr_lines(link, terminal)
    except CannotDraw as error:
        notes.append(f"No QR code: {error}")
    else:
        click.echo()
        for line in lines:
            click.echo(line, color=terminal.colours)
        if terminal.lines is not None and len(lines) >= terminal.lines:
            notes.append(
                f"The code is {len(lines)} lines high and this window {terminal.lines}: make its letters smaller."
            )
    notes += _loopback_note(link)
    if notes:
        click.echo("\n".join(["", *notes]), err=True)


class CannotDraw(Exception):
    """The link cannot become a QR code here; `str()` says why and what to do."""


def qr_lines(link: str, terminal: Terminal) -> list[str]:
    """Draw a QR code in half blocks, two modules on top of each other in a letter. Raises `CannotDraw`."""
    import segno

    try:
        code = segno.make_qr(link, error="l")
    except segno.DataOverflowError:
        raise CannotDraw(f"a link of {len(link)} characters fits in none.") from None
    try:
        BLOCKS.encode(terminal.encoding)
    except (UnicodeEncodeError, LookupError):
        raise CannotDraw(
            f"the output is in {terminal.encoding}, which has no block letters. Use a locale with UTF-8."
        ) from None
    widths = {border: code.symbol_size(border=border)[0] for border in BORDERS}
    fitting = [border for border, width in widths.items() if terminal.columns is None or width <= terminal.columns]
    if not fitting:
        raise CannotDraw(
            f"it takes {min(widths.values())} columns and this window has {terminal.columns}.\n"
            "Widen it or make its letters smaller, and ask again."
        )
    whole = [border for border in fitting if terminal.lines is None or (widths[border] + 1) // 2 < terminal.lines]
    drawn = io.StringIO()
    # Light modules are letters and dark ones their ground, as a dark terminal without colours needs it.
    code.terminal(drawn, border=(whole or fitting[-1:])[0], compact=True)
    lines = drawn.getvalue().splitlines()
    return [f"{WHITE_ON_BLACK}{line}{AS_BEFORE}" for line in lines] if terminal.colours else lines


def _loopback_note(link: str) -> list[str]:
    """Say how to start the mock when no phone can open the link."""
    parts = urlsplit(link)
    host, port = parts.hostname or "", parts.port
    if not _is_loopback(host):
        return []
    there = f"<this host>{f':{port}' if port else ''}"
    start = f"  mockserver --host 0.0.0.0{f' --port {port}' if port not in (None, 8080) else ''} --public-url"
    plain = [f"{start} http://{there}", "or, as phones give their camera to https alone:"]
    return [
        f"A phone cannot open this link: there, {host} is the phone itself.",
        "Start the mock with this machine's address in the phone's network:",
        *(plain if parts.scheme == "http" else ()),
        f"{start} https://{there} --tls auto",
    ]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
