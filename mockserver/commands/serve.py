"""`mockserver serve`: serve documents until a signal comes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mockserver.commands.contracts import contract_options, documents
from mockserver.commands.defaults_file import config_option
from mockserver.commands.options import FILE, moment, option
from mockserver.commands.preparing import prepared, start_or_stop
from mockserver.sessions import JOURNAL, LIFE, MOST_SESSIONS, AutoComplete

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


def _auto_complete(_: click.Context, __: click.Parameter, value: str | None) -> AutoComplete | None:
    try:
        return None if value is None else AutoComplete.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    "serve",
    epilog="""\b
Each option can also be set in the environment, by the name beside it, and in
a TOML file:
  # anyfast-mock.toml
  port = 9000
  profile = "observed"
The command line wins over the environment, the environment over the file.

\b
Exit codes: 0 stopped by a signal, 1 the workers keep dying, 2 usage,
3 the contract cannot be used, 4 the port is taken.""",
)
@documents
@config_option()
@option("--host", default="127.0.0.1", help="Address to listen on.")
@option("--port", default=8080, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@option("--port-file", type=FILE, metavar="FILE", help="Write the port here once requests are answered.")
@option("--ready-file", type=FILE, metavar="FILE", help="Write URL and credential here, once all workers answer.")
@option("--public-url", metavar="URL", help="How clients reach the mock; H5Links start with it.")
@contract_options
@option("--watch", is_flag=True, help="Serve the contract anew when its files change; sessions stay.")
@option("--seed", metavar="TEXT", help="Make tokens and links reproducible but for their time.")
@option("--clock", metavar="TIME", callback=moment, help="Freeze the time, e.g. 2026-07-02T22:15:26+08:00.")
@option("--workers", default=1, type=click.IntRange(1, 64), help="Worker processes.")
@option("--accept-any-token", is_flag=True, help="Take any well-formed credential.")
@option("--token", multiple=True, metavar="VALUE", help="Take this credential too; may be repeated.")
@option("--store", metavar="STORE", help="Keep sessions in memory, sqlite:FILE or redis://host:port/0.")
@option("--session-life", default=LIFE, type=click.FloatRange(0.001, 1e8), metavar="SECONDS", help="Of a BytedToken.")
@option("--max-sessions", default=MOST_SESSIONS, type=click.IntRange(1), help="Kept at once; the oldest go first.")
@option(
    "--auto-complete",
    metavar="OUTCOME[:WHEN]",
    callback=_auto_complete,
    help="End every session by itself: pass, fail, pass:5s, pass:3polls.",
)
@option("--allow-callback-host", multiple=True, metavar="HOST", help="The mock may visit callbacks there too.")
@option("--control-token", metavar="VALUE", help="What /_mock asks for; made at start beyond loopback.")
@option("--journal", default=JOURNAL, type=click.IntRange(0, 10_000), help="Exchanges kept to be looked at; 0: none.")
@option("--h5-links", type=click.Choice(["mock", "vendor"]), default="mock", help="Where H5Links lead.")
@option("--body-limit", default=1_048_576, type=click.IntRange(1, 1 << 30), metavar="BYTES", help="Largest body.")
@option("--check-answers", is_flag=True, help="Check each answer against the contract; 500 for a bug of the mock.")
@option("--tls-cert", type=FILE, metavar="FILE", help="Serve https with this certificate (PEM).")
@option("--tls-key", type=FILE, metavar="FILE", help="Its private key, in PEM and without a pass phrase.")
@option("--tls", type=click.Choice(["auto"]), help="Serve https with a certificate made for this start.")
@option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Of start-up and request lines.")
@click.pass_context
def command(ctx: click.Context, /, documents: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401 - click checked
    """Serve documents, or the packaged contract when none is named."""
    sys.exit(start_or_stop(*prepared(ctx, documents, options)))
