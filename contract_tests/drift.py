"""`contract-tests drift`: what changed since it was recorded, in three messages that are never mixed up.

The vendor's document, what an overlay says about it, and what a host answers. It sends only where a target is named.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.command_line import SENDING, CommandParser, carry_out, options_of
from contract_tests.drift_kinds import (
    DOCUMENT_CHANGED,
    LIVE_CHANGED,
    OVERLAY_STALE,
    SHAPE_CHANGED,
    STALE,
    VENDOR_CHANGED,
)
from contract_tests.failures import ContractFailure
from contract_tests.outcomes import together
from contract_tests.plan import plan_lines
from contract_tests.preparing import CannotRun, read_contract
from contract_tests.report_files import ReportFile
from contract_tests.shape_changes import changed_since, observed
from contract_tests.shape_files import SHAPES_FILE, recorded_for
from contract_tests.sides import opened, plan_for, send_all, walk_journey
from contract_tests.summary import named
from contract_tests.terms import CONFIRMED_FILE, Terms, read_terms
from contract_tests.verdicts import Inconclusive, NotRun

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from contract_tests.failures import Finding, Verdict
    from contract_tests.run import Run
    from openapi.document import Document
    from openapi.importing import Renewed
    from openapi.overlay import Overlay

__all__ = ["main", "worst"]

INCONCLUSIVE = 10
PRECEDENCE = (LIVE_CHANGED, DOCUMENT_CHANGED, OVERLAY_STALE, INCONCLUSIVE)
"""Which status a run ends with that has several: the first. A host that answers otherwise already hurts."""

OWN = "yours"
SURE = frozenset({"example", "prose", "rfc", "asked"})
"""The bases that a confirmation may have made binding; what is documented fails in a run of the suite."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that changed. status: that of its kind. lines: more about it."""

    code: str
    status: int
    where: str
    what: str
    lines: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(slots=True)
class Drift:
    """What was found, and what was looked at."""

    told: list[Told] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    inconclusive: int = 0


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
        _overlays(asked, _documents(asked, found), found)
        if asked.target:
            _live(asked, found)
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


# --- the document and the overlays ------------------------------------------------------------------------------------


def _documents(asked: argparse.Namespace, found: Drift) -> tuple[Renewed, ...]:
    """Compare documents with what is recorded of them."""
    from openapi.errors import ContractError
    from openapi.importing import changed_documents
    from openapi.profiles import HOME

    recorded = asked.recorded or HOME / "vendor"
    sources = [recorded, *([asked.document] if asked.document else [])]
    try:
        renewed = [one for source in sources for one in changed_documents(source, recorded)]
    except ContractError as error:
        raise CannotRun(str(error)) from None
    found.looked_at.append(f"document  {asked.document or 'as it is recorded'}")
    for one in renewed:
        breaking = sum(change.breaking for change in one.changes)
        lines = tuple(
            f"{'breaking' if change.breaking else 'harmless'}  {change.operation or 'the document'}: {change.what}"
            for change in sorted(one.changes, key=lambda change: not change.breaking)
        )
        what = f"{len(one.changes)} changes, {breaking} of them breaking" if lines else "other bytes, the same contract"
        if not one.name:
            what = f"new, {what}"
        hashes = f"sha256 {one.before[:12] or 'none'} was recorded, {one.after[:12]} is there"
        by_hand = one.source == str(recorded / one.name)
        remedy = "restore the file: it is the vendor's" if by_hand else f"mockserver contract import {one.source}"
        found.told.append(
            Told(VENDOR_CHANGED.code, DOCUMENT_CHANGED, one.name or one.source, f"{what}; {hashes}", lines, remedy)
        )
    return tuple(renewed)


def _overlays(asked: argparse.Namespace, renewed: tuple[Renewed, ...], found: Drift) -> None:
    """Apply every overlay to the documents as they are now."""
    from openapi.authorship import author
    from openapi.errors import ContractError

    stale: dict[str, Told] = {}
    try:
        for title, documents, overlays in _applied(asked):
            label = "openapi/" * (title != OWN)
            new = {one.document.uri: one.document for one in renewed}
            now = [_instead(one, new.get(one.uri)) for one in documents]
            for one in author(now, overlays, every=title != OWN)[1]:
                place = f"{label}{one.place.file}:{one.place.line}" if one.place.line else f"{label}{one.place}"
                stale[f"{place} {one.what}"] = Told(STALE.code, OVERLAY_STALE, place, one.what, (), one.remedy)
            names = " ".join(Path(one.document.name).stem for one in overlays)
            found.looked_at.append(f"overlays  {title}: {names}")
    except ContractError as error:
        raise CannotRun(str(error)) from None
    found.told += stale.values()


def _instead(known: Document, new: Document | None) -> Document:
    """Put the new words in the place of a document, under its name."""
    from openapi.document import Document

    return (
        known if new is None else Document(known.name, known.uri, new.raw, new.tree, reconstructed=known.reconstructed)
    )


def _applied(asked: argparse.Namespace) -> Iterator[tuple[str, list[Document], list[Overlay]]]:
    """Give documents with the overlays that are meant for them: by the name of a profile, and the user's own."""
    from openapi.document import read_document
    from openapi.profiles import PROFILES, packaged_sources, profile_overlays, read_overlays

    if asked.recorded is None:
        for profile in [asked.contract_profile] if asked.contract_profile else PROFILES:
            if profile not in PROFILES:
                raise CannotRun(f"There is no profile {profile!r}: choose one of {', '.join(PROFILES)}.")
            yield profile, list(packaged_sources()), profile_overlays(profile)
    if asked.overlay:
        names = [asked.recorded] if asked.recorded else []
        found = [
            path for folder in names for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml", ".json")
        ]
        own = [read_document(path) for path in found] or list(packaged_sources())
        yield OWN, own, read_overlays(asked.overlay)


# --- the host ---------------------------------------------------------------------------------------------------------


def _live(asked: argparse.Namespace, found: Drift) -> None:
    """Ask a host, within plan and budget of the suite, and compare with what is recorded and confirmed of it."""
    options = options_of(asked, asked.target)
    contract = read_contract(options)
    plan = plan_for(options, contract)
    recorded = recorded_for(plan.target, asked.shapes)
    hashes = [document.sha256 for document in contract.documents if not document.reconstructed]
    terms = read_terms(plan.target, hashes, contract.profile, named=asked.contract_confirmed)
    if recorded is None and not terms.confirmed:
        why = f"Nothing is recorded of {plan.target}: run `contract-tests record --target {plan.target}` first."
        raise CannotRun(f"{why} {terms.warning}".rstrip())
    with opened(contract, [(asked.target, options, plan.left_out)]) as (side,):
        send_all([side])
        if asked.contract_journey:
            walk_journey(side, contract)
        run = side.run
        made = list(run.exchanges.all().values())
        today = datetime.now(timezone.utc).date().isoformat()
        now = together(observed(made, contract, run.redactor, today))
        # The suite's own judgement of the same answers; nothing more is sent for it.
        broken = list(_unkept(run, terms))
        sent = len(run.spending.ledger.read().sent)
    found.inconclusive = sum(bool(one.inconclusive) and not one.left_out for one in made)
    found.looked_at.append(f"host      {plan.target}: {sent} requests, {found.inconclusive} inconclusive")
    if recorded is not None:
        for one in changed_since(recorded, now, asked.shapes or SHAPES_FILE):
            line = f"{one.place}: {one.left} was recorded, {one.right} came"
            found.told.append(Told(SHAPE_CHANGED.code, LIVE_CHANGED, one.case, line, (), one.remedy))
    found.told += broken


def _unkept(run: Run, terms: Terms) -> Iterator[Told]:
    """Tell what was confirmed of a host and is no longer kept."""
    for item, check in _judged(run):
        found = _findings(check) if item in terms.confirmed else []
        for finding in {finding.code: finding for finding in found[::-1]}.values():
            if finding.basis in SURE and finding.code not in terms.confirmed[item]:
                what = f"{finding.code} {finding.sentence} Expected {finding.expected}, received {finding.received}."
                remedy = "ask the vendor; if it is right, confirm anew"
                yield Told(SHAPE_CHANGED.code, LIVE_CHANGED, item, f"confirmed, and no longer kept: {what}", (), remedy)


def _judged(run: Run) -> Iterator[tuple[str, Callable[[], Verdict]]]:
    yield from ((case.id, lambda case=case: run.check_case(case)) for case in run.cases)
    yield from ((check.id, lambda check=check: run.check_invariant(check)) for check in run.checks)


def _findings(check: Callable[[], Verdict]) -> list[Finding]:
    try:
        verdict = check()
    except ContractFailure as failure:
        return [*failure.findings, *failure.beside.warned]
    except (Inconclusive, NotRun):
        return []
    return verdict.warned


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
