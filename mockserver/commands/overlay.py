"""`mockserver overlay`: what an OpenAPI Overlay makes of any document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.commands.contracts import or_stop
from mockserver.commands.ending import BAD_CONTRACT, stop
from mockserver.commands.options import FILE
from openapi.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command(
    "overlay",
    epilog="""\b
Examples:
  mockserver overlay api.yaml corrections.yaml > corrected.yaml

\b
Exit codes: 0 done, 2 usage, 3 the document or the overlay cannot be used.""",
)
@click.argument("document", type=FILE)
@click.argument("overlay", type=FILE)
def command(document: Path, overlay: Path) -> None:
    """Print the document that an OpenAPI Overlay makes of DOCUMENT, as YAML or JSON like the document.

    It need not be an OpenAPI document that can be served. What the overlay would leave as it is is told on stderr, a
    target that matches nothing included: only --overlay of the other commands refuses that.
    """
    from mockserver.presenting import export_text
    from openapi.document import read_document
    from openapi.overlay import apply_overlay, extends, is_remote, read_overlay

    read, made = or_stop(lambda: (read_document(document), read_overlay(read_document(overlay), lenient=True)))
    if not extends(made, read):
        if is_remote(made.extends):
            click.echo(f"mockserver: The overlay extends {made.extends}; {document} is taken for a copy.", err=True)
        else:
            what = f"This overlay extends {made.extends!r}; {document} is another document."
            wrong = ContractError(what, made.document.place("/extends"), "Name that document, or correct it.")
            stop(str(wrong), BAD_CONTRACT)
    changed, notices = or_stop(lambda: apply_overlay(read, made, lenient=True))
    for notice in notices:
        click.echo(f"mockserver: {notice}", err=True)
    is_json = read.raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    click.echo(export_text(changed, None, "json" if is_json else "yaml"), nl=False)
