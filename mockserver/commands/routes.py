"""`mockserver routes`: the operations of a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.commands.contracts import contract_options, documents, load

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command(
    "routes",
    epilog="""\b
Examples:
  mockserver routes
  mockserver routes api.yaml

\b
Exit codes: 0 done, 2 usage, 3 the contract cannot be used.""",
)
@documents
@contract_options
def command(documents: tuple[Path, ...], profile: str, overlay: tuple[Path, ...]) -> None:
    """List the operations and what answers each; those that cannot be served, and why."""
    from mockserver.presenting import routes_table

    loaded = load(documents, profile, overlay)
    loaded.verify()
    routes_table(loaded)
