"""The effective documents: the packaged documents with their profile's overlays applied, made ahead of time.

A normal start reads them as JSON and checks by hash that nothing they were made from has changed; when something has,
the overlays are applied afresh. `python -m openapi.profiles` writes them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

from openapi.checking import document_notices
from openapi.document import Document, Library, read_document
from openapi.errors import ContractError, Notice, Place
from openapi.pointers import child
from openapi.provenance import BASIS, DOCUMENTED, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openapi.editing import Action
    from openapi.overlay import Overlay
    from openapi.reading import Json

__all__ = [
    "PROFILES",
    "actions",
    "build_effective",
    "overlaid",
    "packaged_documents",
    "packaged_sources",
    "profile_overlays",
    "read_overlays",
]

HOME = Path(__file__).parent
RECONSTRUCTED = "reconstructed/"
"""Folder of the documents that we wrote from evidence. Nothing in one of them is documented by anybody."""

_PUBLISHED = ("gateway-published.yaml", "published.yaml", "result-published.yaml")
_OBSERVED = ("gateway-observed.yaml", "observed.yaml", "result-observed.yaml")
PROFILES = {"published": _PUBLISHED, "observed": _PUBLISHED + _OBSERVED}
"""Profile -> its overlays in `openapi/overlays/`, applied in this order."""


def packaged_documents(profile: str, home: Path = HOME) -> tuple[tuple[Document, ...], tuple[Notice, ...]]:
    """Give the effective documents of a profile, and what is to be said about them.

    Raises `ContractError` when they have to be made afresh and an overlay no longer fits.
    """
    sources = _sources(home)
    try:
        made = json.loads((home / "effective" / f"{profile}.json").read_bytes())
    except (OSError, ValueError):
        made = {}
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in sources.items()}
    if isinstance(made, dict) and made.get("inputs") == hashes:
        documents = tuple(
            Document(
                entry["name"],
                (home / entry["name"]).as_uri(),
                sources[entry["name"]],
                entry["tree"],
                _origins(entry["origins"]),
                _origins(entry["stated"]),
                reconstructed=entry["reconstructed"],
            )
            for entry in made["documents"]
        )
        return documents, tuple(Notice(**{**one, "place": Place(**one["place"])}) for one in made["notices"])
    documents, notices = make_effective(profile, home)
    what = "The packaged contract was changed: its overlays were applied afresh."
    again = Notice("note", "effective-documents-stale", what, Place("openapi/effective"), "Run 'make effective'.")
    return documents, (*notices, again)


def make_effective(profile: str, home: Path = HOME) -> tuple[tuple[Document, ...], tuple[Notice, ...]]:
    """Apply the overlays of a profile to the packaged documents.

    Raises `ContractError` when one does not fit, and when a clause of a reconstructed one would count as documented.
    """
    documents = packaged_sources(home)
    for document in documents:
        if document.reconstructed:
            _refuse_promises(document)
    documents, notices = overlaid(documents, profile_overlays(profile, home), every=True)
    library = Library(documents)
    for document in documents:
        notices += tuple(document_notices(library, document, str(document.tree.get("openapi"))[:3]))
    return documents, notices


def packaged_sources(home: Path = HOME) -> tuple[Document, ...]:
    """Read the packaged documents as they are published, without any overlay."""
    return tuple(_read(home, name) for name in _sources(home) if not name.startswith("overlays/"))


def actions(profile: str, home: Path = HOME) -> tuple[Action, ...]:
    """Give every overlay action of a profile in the order of application, read afresh; `place` tells its overlay.

    Raises `ContractError` when an overlay is not in order.
    """
    return tuple(action for overlay in profile_overlays(profile, home) for action in overlay.actions)


def profile_overlays(profile: str, home: Path = HOME) -> list[Overlay]:
    """Read the overlays of a profile in the order of application. Raises `ContractError` when one is not in order."""
    from openapi.overlay import read_overlay

    return [read_overlay(_read(home, f"overlays/{name}")) for name in PROFILES[profile]]


def _read(home: Path, name: str) -> Document:
    # Named by folder and file, not by where this machine keeps them: the names end up in the effective documents.
    path = home / name
    return Document.parse(path.read_bytes(), name, path.as_uri(), reconstructed=name.startswith(RECONSTRUCTED))


def _refuse_promises(document: Document) -> None:
    """Refuse a reconstructed document in which a clause would count as documented, or stands without evidence."""
    if "" not in document.stated:
        what = "A reconstructed document names no basis at its top."
        raise ContractError(what, document.place(), "Add 'x-basis: assumed' and 'x-evidence' there.")
    for pointer, origin in document.stated.items():
        if origin.basis == DOCUMENTED.basis or not origin.evidence:
            what = "This is documented by nobody." if origin.evidence else "This basis stands without evidence."
            remedy = f"Give it another 'x-basis' than {DOCUMENTED.basis!r}, and say in 'x-evidence' how it is known."
            raise ContractError(what, document.place(child(pointer, BASIS)), remedy)


def read_overlays(paths: Sequence[Path]) -> list[Overlay]:
    """Read overlay documents. Raises `ContractError`."""
    from openapi.overlay import read_overlay  # with the JSONPath library 26 ms, and not needed on a normal start

    return [read_overlay(read_document(path)) for path in paths]


def overlaid(
    documents: tuple[Document, ...], overlays: Iterable[Overlay], *, every: bool = False
) -> tuple[tuple[Document, ...], tuple[Notice, ...]]:
    """Apply each overlay to the document that it extends, or, if it names none, to every document that it fits.

    Raises `ContractError` when an overlay fits no document; with `every`, when one that names none does not fit them
    all.
    """
    from openapi.overlay import apply_overlay, extends

    notices: list[Notice] = []
    for overlay in overlays:
        changed: dict[str, Document] = {}
        misfit: ContractError | None = None
        named = [document for document in documents if extends(overlay, document)]
        for document in named:
            try:
                changed[document.uri], new = apply_overlay(document, overlay)
                notices += new
            except ContractError as error:
                misfit = error
                if every or overlay.extends or len(named) == 1:
                    raise
        if not changed:
            what = f"This overlay extends {overlay.extends!r}, which is not among the documents served."
            raise misfit or ContractError(what, overlay.document.place("/extends"), "Correct 'extends' or drop it.")
        documents = tuple(changed.get(document.uri, document) for document in documents)
    return documents, tuple(notices)


def build_effective(home: Path = HOME) -> dict[str, str]:
    """Make the text of every file in `openapi/effective/`, by file name."""
    inputs: dict[str, Json] = {name: hashlib.sha256(raw).hexdigest() for name, raw in _sources(home).items()}
    files = {}
    for profile in PROFILES:
        documents, notices = make_effective(profile, home)
        made: dict[str, Json] = {
            "inputs": inputs,
            "documents": [
                {
                    "name": document.name,
                    "tree": document.tree,
                    "reconstructed": document.reconstructed,
                    "origins": {at: [one.basis, one.evidence] for at, one in document.origins.items()},
                    "stated": {at: [one.basis, one.evidence] for at, one in document.stated.items()},
                }
                for document in documents
            ],
            "notices": [cast("dict[str, Json]", asdict(notice)) for notice in notices],
        }
        files[f"{profile}.json"] = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    return files


def _origins(made: Mapping[str, Sequence[str]]) -> dict[str, Origin]:
    return {pointer: Origin(*origin) for pointer, origin in made.items()}


def _sources(home: Path) -> dict[str, bytes]:
    folders = ("vendor", "reconstructed", "overlays")
    paths = [path for folder in folders for path in sorted((home / folder).glob("*.yaml"))]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


if __name__ == "__main__":
    (HOME / "effective").mkdir(exist_ok=True)
    for file_name, text in build_effective().items():
        (HOME / "effective" / file_name).write_text(text, encoding="utf-8")
