"""`mockserver wait`: return when a mock answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from mockserver.commands.ending import NOT_READY, stop
from mockserver.commands.options import FILE, option, trust_options

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command(
    "wait",
    epilog="""\b
Examples:
  mockserver wait
  mockserver wait http://127.0.0.1:9000 --timeout 60
  mockserver wait --ready-file ready.json

\b
Exit codes: 0 the mock answers, 1 it does not, 2 usage.""",
)
@click.argument("url", required=False, metavar="[URL]")
@click.option("--ready-file", type=FILE, metavar="FILE", help="Wait for this file of 'mockserver serve' and ask there.")
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(0, 86400), metavar="SECONDS",
    help="Give up after this time; 0 asks once.",
)  # fmt: skip
@option("--control-token", metavar="VALUE", help="What /_mock of that mock asks for.")
@trust_options
def command(url: str | None, ready_file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Wait until a mock is ready: it answers, and so does its store.

    URL is ANYFAST_BASE_URL or http://127.0.0.1:8080 when none is given. No proxy is used.
    """
    from mockserver.session_request import UnusableRequest
    from mockserver.waiting import NotReady, Wait

    if url and ready_file:
        raise click.UsageError("A ready file says where to ask; drop the URL, or drop --ready-file.")
    if options["ca_bundle"] and options["insecure"]:
        raise click.UsageError("--ca-bundle and --insecure exclude each other; drop one.")
    asked = Wait(
        url or os.environ.get("ANYFAST_BASE_URL") or "http://127.0.0.1:8080",
        ready_file,
        options["control_token"] or "",
        options["ca_bundle"],
        insecure=options["insecure"],
    )
    try:
        click.echo(f"{asked.until_ready(options['timeout'])} is ready")
    except UnusableRequest as error:
        raise click.UsageError(str(error)) from None
    except NotReady as error:
        stop(str(error), NOT_READY)
