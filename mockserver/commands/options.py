"""Options as several commands have them. It knows no contract: `contracts.py` has the options that choose one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FILE", "moment", "option", "trust_options"]

Command = TypeVar("Command", bound="Callable[..., Any]")

FILE = click.Path(path_type=Path)


def option(name: str, **attributes: Any) -> Callable[[Command], Command]:  # noqa: ANN401 - passed on to click
    """Make an option that is also a variable `ANYFAST_MOCK_*`; the help text names it."""
    variable = "ANYFAST_MOCK_" + name.lstrip("-").upper().replace("-", "_")
    return click.option(name, envvar=variable, show_envvar=True, show_default=True, **attributes)


def trust_options(command: Command) -> Command:
    """Add the options that say which certificates of a mock are trusted; only one of them may be used."""
    for add in (
        click.option("--insecure", is_flag=True, help="Trust any certificate."),
        click.option(
            "--ca-bundle", type=FILE, metavar="FILE", help="Trust the certificates in this PEM file, and no others."
        ),
    ):
        command = add(command)
    return command


def moment(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Read a time with its zone (RFC 3339) as seconds since 1970."""
    from mockserver.clock import read_rfc3339

    read = None if value is None else read_rfc3339(value)
    if value is not None and read is None:
        raise click.BadParameter(f"{value!r} is no time with a zone, such as 2026-07-02T22:15:26+08:00.")
    return read
