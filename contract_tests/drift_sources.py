"""Drift of what stands in files: the vendor's document against what is recorded of it, overlays against the document.

It reads files and sends nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.drift_kinds import DOCUMENT_CHANGED, OVERLAY_STALE, STALE, VENDOR_CHANGED, Told
from contract_tests.preparing import CannotRun

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from contract_tests.drift_kinds import Drift
    from openapi.document import Document
    from openapi.importing import Renewed
    from openapi.overlay import Overlay

__all__ = ["documents", "overlays"]

OWN = "yours"


def documents(asked: argparse.Namespace, found: Drift) -> tuple[Renewed, ...]:
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


def overlays(asked: argparse.Namespace, renewed: tuple[Renewed, ...], found: Drift) -> None:
    """Apply every overlay to the documents as they are now."""
    from openapi.authorship import author
    from openapi.errors import ContractError

    stale: dict[str, Told] = {}
    try:
        for title, known, actions in _applied(asked):
            label = "openapi/" * (title != OWN)
            new = {one.document.uri: one.document for one in renewed}
            now = [_instead(one, new.get(one.uri)) for one in known]
            for one in author(now, actions, every=title != OWN)[1]:
                place = f"{label}{one.place.file}:{one.place.line}" if one.place.line else f"{label}{one.place}"
                stale[f"{place} {one.what}"] = Told(STALE.code, OVERLAY_STALE, place, one.what, (), one.remedy)
            names = " ".join(Path(one.document.name).stem for one in actions)
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
