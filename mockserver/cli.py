"""The command `mockserver` and the list of its commands: each is a module, imported when it is called.

Exit codes: 0 done, 1 the workers keep dying, there is no session or the mock is not ready, 2 usage, 3 the contract
cannot be used, 4 the port is taken. `exec` gives those of its command.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from mockserver import __version__

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "check": "Check documents and overlays before they are served.",
    "contract": "Import the vendor's pages, export what they come to.",
    "exec": "Run a command beside a mock of its own.",
    "overlay": "Print what an OpenAPI Overlay makes of a document.",
    "request": "Ask the mock one thing in this process, without a server.",
    "routes": "List the operations and what answers each.",
    "serve": "Serve documents, or the packaged contract when none is named.",
    "session": "Ask a running mock for a session.",
    "wait": "Wait until a mock is ready.",
}
"""By name, what each command does, in a line of 80 columns: so that `--help` imports none of them.

The name is also that of the module in `mockserver/commands/` that has the `command`.
"""


class _Commands(click.Group):
    """A group that serves when it is given no command, and names the nearest one for a command it does not have."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mockserver.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from openapi.errors import nearest

            hint = nearest(args[0], COMMANDS)
            if Path(args[0]).suffix in (".yaml", ".yml", ".json") or (not hint and Path(args[0]).exists()):
                hint = f"To serve a document: mockserver serve {args[0]}"
            ctx.fail(f"There is no command {args[0]!r}. {hint}".rstrip())
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  mockserver                       the packaged contract, on 127.0.0.1:8080
  mockserver --port 0              on a free port
  mockserver --profile observed    as clients of the real host saw it
  mockserver serve api.yaml        another document
  mockserver exec -- pytest        tests beside a mock of their own
  mockserver wait                  until the mock answers
  mockserver request POST /volc/asset/CreateVisualValidateSession --json '{}'
  mockserver session new --qr      a session of the running mock, for a phone

Without a command it serves; 'mockserver serve --help' lists the options.""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """A mock of Anyfast's real-person verification API, built from the vendor's OpenAPI document."""
