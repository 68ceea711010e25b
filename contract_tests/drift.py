"""`contract-tests drift`: what changed since it was recorded, in three messages that are never mixed up.

The vendor's document, what an overlay says about it, and what a host answers. It sends only where a target is named.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.command_line import SENDING, CommandParser, carry_out, options_of
from contract_tests.drift_kinds import DOCUMENT_CHANGED, LIVE_CHANGED, OVERLAY_STALE, Drift
from contract_tests.drift_live import ask_host
from contract_tests.drift_sources import documents, overlays
from contract_tests.plan import plan_lines
from contract_tests.preparing import read_contract
from contract_tests.report_files import ReportFile
from contract_tests.shape_files import SHAPES_FILE
from contract_tests.sides import plan_for
from contract_tests.summary import named
from contract_tests.terms import CONFIRMED_FILE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ["main", "worst"]

INCONCLUSIVE = 10
PRECEDENCE = (LIVE_CHANGED, DOCUMENT_CHANGED, OVERLAY_STALE, INCONCLUSIVE)
"""Which status a run ends with that has several: the first. A host that answers otherwise already hurts."""


def main(arguments: list[str]) -> int:
    """Tell what drifted. Exit status: 0 nothing, 11, 12, 13 by kind (12 before 11 before 13), 10, 14, 4, 2."""
    asked = _parser().parse_args(arguments)
    return carry_out("drift", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    if asked.target and asked.contract_plan:
        plan = plan_for(options_of(asked, asked.target), read_contract(options_of(asked)))
        print("\n".join(plan_lines(plan)))  # noqa: T201 - what a command says
        return 0
    found = Drift()
    with ExitStack() as stack:
        file = ReportFile(Path(asked.json), "--json") if asked.json else None
        if file is not None:
            stack.callback(file.discard)
        overlays(asked, documents(asked, found), found)
        if asked.target:
            ask_host(asked, found)
        status = worst(found)
        if file is not None:
            file.write(_as_json(found, status))
    print("\n".join(_lines(found)))  # noqa: T201 - what a command says
    return status


def worst(found: Drift) -> int:
    """Give the exit status of what was found: that of the kind that comes first in PRECEDENCE."""
    kinds = {one.status for one in found.told} | ({INCONCLUSIVE} if found.inconclusive else set())
    return next((status for status in PRECEDENCE if status in kinds), 0)


def _parser() -> CommandParser:
    parser = CommandParser(
        "drift", "Tell what changed: the vendor's document, what overlays say about it, a host's answers.", SENDING
    )
    add = parser.add_argument
    add(
        "--document",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="what the vendor publishes now: saved pages or documents",
    )
    add("--recorded", type=Path, metavar="FOLDER", help="the documents with their SOURCES.md (the packaged ones)")
    add("--overlay", action="append", default=[], type=Path, metavar="FILE", help="an overlay of yours on them")
    add("--target", "--contract-target", default="", metavar="URL", help="ask this host; its key in ANYFAST_API_KEY")
    add("--shapes", default="", metavar="FILE", help=f"what `record` wrote ({SHAPES_FILE}, if it is there)")
    add(
        "--contract-confirmed",
        default="",
        metavar="FILE",
        help=f"what `confirm` wrote ({CONFIRMED_FILE}, if it is there)",
    )
    add("--json", default="", metavar="FILE", help="write what was found for another program")
    return parser


# --- told -------------------------------------------------------------------------------------------------------------

_TITLES = {
    DOCUMENT_CHANGED: "the vendor's document changed",
    LIVE_CHANGED: "the live shape changed",
    OVERLAY_STALE: "an overlay is stale",
}


def _lines(found: Drift) -> Iterator[str]:
    yield from dict.fromkeys(found.looked_at)
    for status in PRECEDENCE:
        told = [one for one in found.told if one.status == status]
        if not told:
            continue
        yield ""
        yield f"{_TITLES[status]} ({told[0].code}, status {status})"
        same: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
        for one in told:
            same.setdefault((one.what, one.lines, one.remedy), []).append(one.where)
        for (what, lines, remedy), places in same.items():
            yield f"  {named(places) if status == LIVE_CHANGED else ', '.join(places)}"
            yield f"    {what}"
            yield from (f"    - {line}" for line in lines)
            yield f"    remedy: {remedy}"
    if not found.told:
        yield ""
        yield "Inconclusive: the host could not be asked." if found.inconclusive else "Nothing drifted."


def _as_json(found: Drift, status: int) -> str:
    made = {
        "format": "anyfast-contract-drift",
        "version": 1,
        "exit_status": status,
        "inconclusive": found.inconclusive,
        "drift": [asdict(one) for one in found.told],
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"
