"""What is known about what the mock does, and how surely: for whoever asks a running mock.

Overlays are read when somebody asks and not before. `fidelity.py` writes the whole page from the same sources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.behaviours import registered
from openapi.document import facts
from openapi.profiles import profile_overlays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.contract import Contract
    from openapi.reading import Json

__all__ = ["BASES", "known"]

BASES = {
    "documented": "the vendor's document for this operation says so",
    "example": "an example in that document shows it",
    "prose": "a sentence in that document says so",
    "rfc": "an RFC asks for it",
    "elsewhere": "another page of the vendor says so",
    "observed": "clients of the real host saw it",
    "assumed": "nobody of the above; our best guess, and it may be wrong",
    "asked": "the caller asked the mock for it, in one of the ways of docs/faults.md",
}
"""Basis -> what it means, the firmest first."""


def known(contract: Contract) -> dict[str, Json]:
    """Give every rule of a contract with its basis, its evidence and where it stands; and what the bases mean."""
    rows: list[Json] = [
        {"what": " ".join(what.split()), "basis": basis, "evidence": " ".join(evidence.split()), "source": source}
        for what, basis, evidence, source in _rows(contract)
    ]
    return {"profile": contract.profile or None, "bases": dict(BASES), "rules": rows}


def _rows(contract: Contract) -> Iterator[tuple[str, str, str, str]]:
    served = {operation.id for operation in contract.operations}
    for operation in contract.documented_operations:
        what = f"{operation.name} {operation.summary}".strip()
        yield what, "documented", "Parameters, body, answers and security, as published.", operation.node.document.name
    for document in contract.documents:
        for fact in facts(document):
            yield fact.what, fact.origin.basis, fact.origin.evidence, document.name
    for overlay in profile_overlays(contract.profile) if contract.profile else ():
        for action in overlay.actions:
            yield action.description, action.basis, action.evidence, overlay.title
    for name, one in registered().items():
        if name in served:
            yield f"{name}: {one.sentence}", one.basis, "A behaviour of the mock.", "behaviours"
