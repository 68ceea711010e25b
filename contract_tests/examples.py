"""The command `contract-tests examples`: the overlay for what only the user of a document knows. It sends nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote

from contract_tests.cases import cases_of
from contract_tests.command_line import CommandParser, carry_out
from contract_tests.gaps import overlay_lines
from contract_tests.plain_request import data_of
from contract_tests.preparing import CannotRun, Options, read_contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.gaps import Gap
    from openapi.contract import Contract

__all__ = ["gaps_of", "main"]

SHARED = ("--contract-document", "--contract-profile", "--contract-overlay", "--contract-operations")


def main(arguments: Sequence[str]) -> int:
    """Print the overlay. Exit status: 0 printed or nothing lacks, 4 usage."""
    description = (
        "Print an overlay with an example for everything that only you know, for you to fill in. Sends nothing."
    )
    parser = CommandParser("examples", description, SHARED)
    parser.add_argument(
        "--all", action="store_true", help="also of path parameters that have an example, which need not exist"
    )
    asked = parser.parse_args(arguments)

    def print_overlay() -> int:
        contract = read_contract(
            Options(
                documents=tuple(asked.contract_document),
                profile=asked.contract_profile,
                overlays=tuple(asked.contract_overlay),
                operations=tuple(asked.contract_operations),
            )
        )
        gaps = list(gaps_of(contract, every=asked.all))
        if not gaps:
            print("contract-tests examples: the document lacks nothing.", file=sys.stderr)  # noqa: T201 - what a command says
            return 0
        names = sorted({gap.document for gap in gaps})
        if len(names) > 1:
            listed = ", ".join(unquote(name.removeprefix("file://")) for name in names)
            raise CannotRun(
                f"More than one file lacks examples, and an overlay is about one: take them in turn, {listed}."
            )
        title = "Examples of what exists: replace the values, then apply it with --contract-overlay"
        print("\n".join(overlay_lines(gaps, title)))  # noqa: T201 - what a command says
        return 0

    return carry_out("examples", print_overlay)


def gaps_of(contract: Contract, *, every: bool = False) -> Iterator[Gap]:
    """Give what a contract lacks; every: also what its paths have examples of, which need not exist at a target."""
    for case in cases_of(contract):
        yield from case.gaps
    for operation in contract.documented_operations if every else ():
        yield from data_of(operation)
