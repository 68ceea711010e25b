"""Which option asks for which report. Each writer is a module of its own with one function, `write`, of the events."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.events import Event

__all__ = ["WRITERS", "Writer", "writer_of"]

WRITERS = {
    "--contract-report": "contract_tests.report_json",
    "--contract-html": "contract_tests.report_html",
    "--contract-har": "contract_tests.report_har",
}


class Writer(Protocol):
    """Writes a report of a run as text."""

    def __call__(self, events: Sequence[Event]) -> str:
        """Write the report."""


def writer_of(option: str) -> Writer:
    """Give what writes the report of an option; only what is asked for is imported."""
    return cast("Writer", import_module(WRITERS[option]).write)
