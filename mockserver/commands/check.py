"""`mockserver check`: what is wrong with documents and overlays, and what the documents leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockserver.commands.contracts import contract_options, documents, load
from mockserver.commands.ending import BAD_CONTRACT, stop

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command(
    "check",
    epilog="""\b
Exit codes: 0 it can be served, 2 usage, 3 it cannot; with --strict also 3 for
a warning, or an operation that is not served.""",
)
@documents
@contract_options
@click.option("--strict", is_flag=True, help="End with 3 when anything is wrong, however little.")
def command(documents: tuple[Path, ...], profile: str, overlay: tuple[Path, ...], strict: bool) -> None:  # noqa: FBT001 - click
    """Check documents and overlays, and say what the documents leave unsaid."""
    from mockserver.presenting import check_report
    from openapi.profiles import actions, read_overlays

    loaded = load(documents, profile, overlay)
    loaded.verify()
    packaged = () if documents else actions(profile)
    check_report(loaded, [*packaged, *(action for one in read_overlays(overlay) for action in one.actions)])
    wrong = len(loaded.unserved) + sum(notice.level == "warning" for notice in loaded.notices)
    if strict and wrong:
        stop(f"{wrong} {'place is' if wrong == 1 else 'places are'} wrong, and --strict takes none.", BAD_CONTRACT)
