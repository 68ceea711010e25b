"""Who wrote what of an effective document: the line of the vendor's file or of the overlay action; and stale actions.

Overlays are applied afresh here, so that every place is known; a normal start needs none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from openapi.editing import Edit
from openapi.errors import ContractError, Place
from openapi.overlay import extends
from openapi.pointers import parents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.document import Document
    from openapi.editing import Action
    from openapi.overlay import Overlay

__all__ = ["Authored", "Stale", "author"]


@dataclass(frozen=True, slots=True)
class Stale:
    """An action that no longer does anything: its target is gone, or the document says the same by itself.

    place: of the action.
    """

    why: Literal["matches nothing", "changes nothing"]
    what: str
    remedy: str
    place: Place


@dataclass(slots=True)
class Authored:
    """A document with its overlays applied. places: where each change was written, by JSON pointer."""

    document: Document
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, pointer: str) -> Place:
        """Tell where the value at a pointer was written: in the nearest enclosing action, else in the document."""
        known = next((self.places[one] for one in parents(pointer) if one in self.places), None)
        return known or self.document.place(pointer)


def author(
    documents: Iterable[Document], overlays: Iterable[Overlay], *, every: bool = True
) -> tuple[list[Authored], list[Stale]]:
    """Apply overlays action by action, each to the documents that it is meant for, and go on after one that fits none.

    every: an overlay that names no document is meant for all of them; otherwise for those that it fits, or fits best.
    Gives the documents, and the actions that are stale: that match nothing in one of these, or change nothing in any.
    """
    authored = [Authored(one) for one in documents]
    stale: list[Stale] = []
    for overlay in overlays:
        meant = [one for one in authored if extends(overlay, one.document)]
        if not meant:
            what = f"The overlay extends {overlay.extends!r}, which is not among the documents."
            stale.append(Stale("matches nothing", what, "Correct 'extends'.", overlay.document.place("/extends")))
        if not (every or overlay.extends):
            misfits = [_misfits(overlay, one) for one in meant]
            meant = [one for one, count in zip(meant, misfits, strict=True) if count == min(misfits)]
        for action in overlay.actions:
            found = [_apply(action, one) for one in meant]
            idle = [one for one in found if one is not None]
            if idle and len(idle) == len(meant):
                stale.append(idle[0])
            else:
                stale += [one for one in idle if one.why == "matches nothing"]
    return authored, stale


def _misfits(overlay: Overlay, to: Authored) -> int:
    """Count the actions that match nothing in a document, on a copy of it."""
    copy = Authored(to.document)
    found = [_apply(action, copy) for action in overlay.actions]
    return sum(one is not None and one.why == "matches nothing" for one in found)


def _apply(action: Action, to: Authored) -> Stale | None:
    edit = Edit(to.document)
    try:
        edit.apply(action)
    except ContractError as error:
        return Stale("matches nothing", error.what, error.remedy, action.place)
    to.document = to.document.overlaid(edit.tree, edit.origins, edit.locate)
    to.places.update(edit.places)
    if edit.changed and not edit.repeated:
        return None
    what = f"The action on {action.target} changes nothing: {to.document.name} says so already."
    return Stale("changes nothing", what, "The vendor caught up: delete the action.", action.place)
