"""The TOML file that has the defaults of a command's options: the option that names it, and what it says of a contract.

How such a file is read is decided in `mockserver/configuration.py`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockserver.commands.contracts import DEFAULT_PROFILE
from mockserver.commands.options import FILE
from mockserver.configuration import DEFAULT_FILE, ConfigurationError, read_configuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.configuration import Kind
    from mockserver.watching import Asked, Sources
    from openapi.contract import Contract

__all__ = ["config_option", "sources"]

Command = TypeVar("Command", bound="Callable[..., Any]")

_PATH = f"{__name__}.path"
"""Where a context keeps the path of the TOML file that was read, or None."""
_BY_DEFAULT, _BY_FILE = click.core.ParameterSource.DEFAULT, click.core.ParameterSource.DEFAULT_MAP


def config_option(but: str = "") -> Callable[[Command], Command]:
    """Make the option `--config`. but: the parameter whose default is no affair of the file."""
    return click.option(
        "--config", type=FILE, metavar="FILE", envvar="ANYFAST_MOCK_CONFIG", show_envvar=True, is_eager=True,
        expose_value=False, callback=partial(_take, but=but),
        help=f"Read options from TOML.  [default: ./{DEFAULT_FILE} if there]",
    )  # fmt: skip


def _take(ctx: click.Context, _: click.Parameter, value: Path | None, *, but: str) -> Path | None:
    """Make a TOML file the defaults of the command."""
    path = value or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    ctx.meta[_PATH] = path
    if path is not None:
        try:
            ctx.default_map = read_configuration(path, _known(ctx.command))
        except ConfigurationError as error:
            raise click.UsageError(str(error)) from None
        ctx.default_map.pop(but, None)
    return path


def _known(command: click.Command) -> dict[str, Kind]:
    return {str(one.name): _kind(one) for one in command.params if one.name not in ("config", "help")}


def _kind(parameter: click.Parameter) -> Kind:
    if parameter.multiple or parameter.nargs == -1:
        return "list"
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return "switch"
    if isinstance(parameter.type, click.FloatRange):
        return "decimal"
    return "number" if isinstance(parameter.type, click.IntRange) else "text"


def sources(ctx: click.Context, contract: Contract) -> Sources:
    """Say where the contract is read from: what the configuration file says of it may change."""
    from mockserver.watching import Asked, Sources

    config: Path | None = ctx.meta[_PATH]
    names = ("documents", "overlay", "profile")
    from_file = [name for name in names if ctx.get_parameter_source(name) in (_BY_DEFAULT, _BY_FILE)]
    known = _known(ctx.command)

    def read() -> Asked:
        table = read_configuration(config, known) if config is not None else {}
        said = {name: table.pop(name, None) for name in names}
        given = {name: said[name] if name in from_file else ctx.params[name] for name in names}
        documents, overlays = (tuple(map(Path, given[name] or ())) for name in names[:2])
        return Asked(documents, overlays, given["profile"] or DEFAULT_PROFILE, table)

    return Sources.of(contract, read, config)
