"""`mockserver exec`: a command beside a mock of its own. `exec_command.py` keeps what is promised of it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mockserver.commands import serve
from mockserver.commands.defaults_file import config_option
from mockserver.commands.ending import USAGE, stop
from mockserver.commands.options import FILE
from mockserver.commands.preparing import prepared, start_or_stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockserver.readiness import Ready

__all__ = ["command"]


class _Beside(click.Command):
    """A command with another one behind it: what follows the first `--` is the parameter `command`, untouched."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        if not args[at + 1 :] and not ctx.resilient_parsing:
            ctx.fail("Say which command to run, after '--': mockserver exec -- pytest")
        ctx.params["command"] = args[at + 1 :]
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CMD [ARG]..."]


@click.command(
    "exec",
    cls=_Beside,
    epilog="""\b
Examples:
  mockserver exec -- pytest
  mockserver exec --profile observed --log-file mock.log -- npm test
  mockserver exec -- sh -c 'curl -i "$ANYFAST_BASE_URL/_mock/ready"'

\b
Exit codes: those of CMD; 128 + N when signal N ended it, 127 there is no such
command, 126 it cannot be run. When the mock cannot start, CMD is not run:
2 usage, 3 the contract cannot be used, 4 the port is taken.""",
)
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--log-file", type=FILE, metavar="FILE", help="Write the mock's start-up and log lines here.")
@config_option(but="port")  # that is the port of the mock which a person starts beside it
@click.pass_context
def command(ctx: click.Context, /, command: list[str], log_file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked
    """Run a command beside a mock of its own, and end with its exit code.

    The mock takes a free port. Once it answers, CMD runs with ANYFAST_BASE_URL and ANYFAST_API_KEY in its environment
    (a fake credential with a sandbox of its own) and with this terminal as it is; when CMD ends, so does the mock.
    All options of 'mockserver serve' may stand before the '--'.
    """
    if not hasattr(os, "fork"):
        stop("exec needs os.fork, which this platform lacks. Run it under Linux, macOS or WSL.", USAGE)
    from mockserver.exec_command import open_log, own_api_key, run_beside
    from mockserver.readiness import UnusableFile

    contract, settings, start = prepared(ctx, options.pop("documents"), options)
    try:
        log = open_log(log_file)
    except UnusableFile as error:
        stop(str(error), USAGE)
    start = replace(start, api_key=own_api_key(settings.seed), quiet=log_file is None)

    def serve_and(tell: Callable[[Ready], None]) -> int:
        return start_or_stop(contract, settings, replace(start, on_ready=tell))

    with log:
        sys.exit(run_beside(command, serve_and, log, show=start.quiet))


_OWN = {one.name for one in command.params} | {"config"}
command.params += [one for one in serve.command.params if one.name not in _OWN]
