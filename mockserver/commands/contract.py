"""`mockserver contract`: a new page of the vendor comes in, the document of a profile goes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.commands.contracts import contract_options, documents, load, or_stop
from mockserver.commands.ending import USAGE, stop
from mockserver.commands.options import FILE

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.document import Document

__all__ = ["command"]

_VENDOR = Path("openapi/vendor")


@click.group("contract")
def command() -> None:
    """Import the vendor's pages, and export what they come to with the overlays."""


@command.command(
    "import",
    short_help="Take a new version of a page, and say what changed.",
    epilog="""\b
Examples:
  mockserver contract import page.md
  mockserver contract import https://docs.example.com/page.md --into documents

\b
Exit codes: 0 done, 2 usage, 3 the page cannot be used.""",
)
@click.argument("page", metavar="PAGE|URL")
@click.option("--into", type=FILE, metavar="FOLDER", help="Folder of the documents.  [default: ./openapi/vendor]")
def import_page(page: str, into: Path | None) -> None:
    """Take a saved page (Markdown with its YAML), a YAML or JSON file, or a URL; say what changed.

    The YAML is written byte for byte.
    """
    from datetime import datetime

    from mockserver.presenting import import_report
    from openapi.importing import import_contract

    folder = into or _VENDOR
    if into is None and not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder} here; name one with --into FOLDER.")
    or_stop(lambda: import_report(import_contract(page, folder, today=datetime.now().astimezone().date())))


@command.command(
    "export",
    epilog="""\b
Examples:
  mockserver contract export > api.yaml
  mockserver contract export --profile observed --format json -o api.json

\b
Exit codes: 0 done, 2 usage, 3 the contract cannot be used.""",
)
@documents
@contract_options
@click.option("--document", "name", metavar="NAME", help="Which one, by its file name.  [default: the vendor's]")
@click.option("--server", metavar="URL", help="Put this server into the document instead of the vendor's.")
@click.option("--format", "style", type=click.Choice(["json", "yaml"]), default="yaml", show_default=True)
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Write here instead of to standard output.")
def export_contract(
    documents: tuple[Path, ...],
    profile: str,
    overlay: tuple[Path, ...],
    name: str | None,
    server: str | None,
    style: str,
    output: Path | None,
) -> None:
    """Print the effective document of a profile, for other tools."""
    from mockserver.presenting import export_text

    document = _chosen(load(documents, profile, overlay), name)
    text = export_text(document, server, style)
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            stop(f"{output} cannot be written: {error.strerror}.", USAGE)


def _chosen(contract: Contract, name: str | None) -> Document:
    """Choose the document of a name, or the only one that is not reconstructed."""
    from openapi.contract import document_names
    from openapi.errors import nearest

    names = document_names(contract.documents)
    if name is not None:
        if name not in names:
            hint = nearest(name, names)
            raise click.UsageError(f"There is no document {name!r}; there are: {', '.join(names)}. {hint}".rstrip())
        return names[name]
    given = [one for one in contract.documents if not one.reconstructed] or contract.documents
    if len(given) > 1:
        raise click.UsageError(f"These are several documents ({', '.join(names)}); choose one with --document NAME.")
    return given[0]
