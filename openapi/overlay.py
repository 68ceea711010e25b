"""Overlay documents (OpenAPI Overlay 1.1, and 1.0): read them strictly, apply them, and remember who put what where.

Every action may carry `x-basis` and `x-evidence`: on which ground it says what it says. Nothing here knows which
overlays exist or which belong to a profile, and a document that is passed in is never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from openapi.document import Node
from openapi.editing import Action, Edit, Kind, canonical, compile_path
from openapi.errors import ContractError, Notice, nearest
from openapi.pointers import child
from openapi.provenance import BASES, BASIS, EVIDENCE, basis_of
from openapi.reading import MAX_DEPTH, deeper_than

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.document import Document
    from openapi.errors import Place

__all__ = ["BASES", "Action", "Overlay", "apply_overlay", "extends", "is_remote", "read_overlay"]

_VERSION = re.compile(r"1\.([01])\.[0-9]+")
_MODIFIERS = ("update", "remove", "copy")


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay document that was found to be in order. `extends` is as written, or empty."""

    title: str
    version: str
    extends: str
    actions: tuple[Action, ...]
    document: Document


def read_overlay(document: Document, *, lenient: bool = False) -> Overlay:
    """Read an overlay document, 1.1 or 1.0 (without `copy`; its targets are objects and arrays; else as 1.1).

    Stricter than the specification where a slip would pass unseen: an action has to do something, and `update` beside
    `copy`, which cancel each other, is refused. Beside `remove: true` the specification ignores both, and so do we.
    lenient: as strict as the specification and no stricter; `apply_overlay` then tells what does nothing.
    Raises `ContractError` with file, line and pointer for all it forbids, and for a basis that is not in `BASES`.
    """
    root = Node(document, "", document.tree)
    _refuse_unknown_fields(root, "an overlay", ("overlay", "info", "extends", "actions"))
    number = _VERSION.fullmatch(_text(root, "overlay", "overlay: 1.1.0"))
    if number is None:
        raise ContractError(
            f"Overlay {root.mapping['overlay']!r} is not supported.",
            document.place("/overlay"),
            "Write 1.1.0 or 1.0.0.",
        )
    info = root.get("info")
    if info is None:
        raise ContractError("The overlay has no 'info'.", root.place, "Add 'info' with 'title' and 'version'.")
    _refuse_unknown_fields(info, "'info'", ("title", "version", "description"))
    _text(info, "description", default="")
    actions = root.get("actions")
    if actions is None or not actions.items():
        raise ContractError("The overlay has no actions.", (actions or root).place, "List at least one in 'actions'.")
    modifiers = _MODIFIERS if number[1] == "1" else _MODIFIERS[:2]
    _refuse_repeated(actions.items())
    return Overlay(
        _text(info, "title", "title: What this overlay is for"),
        _text(info, "version", "version: 1.0.0"),
        _text(root, "extends", default=""),
        tuple(_read_action(node, modifiers, lenient=lenient) for node in actions.items()),
        document,
    )


def _read_action(node: Node, modifiers: tuple[str, ...], *, lenient: bool) -> Action:
    if "copy" in node.mapping and "copy" not in modifiers:
        raise ContractError("'copy' came with Overlay 1.1.", _at(node, "copy"), "Write 'overlay: 1.1.0' at the top.")
    _refuse_unknown_fields(node, "an action", ("target", "description", *modifiers))
    target = _text(node, "target", "target: $.info")
    compile_path(target, _at(node, "target"))
    kind = _kind(node, lenient=lenient)
    if kind == "copy":
        compile_path(_text(node, "copy"), _at(node, "copy"))
    basis = basis_of(_text(node, BASIS, default="assumed"), lambda: _at(node, BASIS))
    return Action(
        target,
        kind,
        node.mapping[kind] if kind in ("update", "copy") else None,
        _text(node, "description", default=""),
        basis,
        _text(node, EVIDENCE, default=f"overlay {Path(node.document.name).name}"),
        node.place,
    )


def _kind(node: Node, *, lenient: bool) -> Kind:
    remove = node.mapping.get("remove", False)
    if not isinstance(remove, bool):
        raise ContractError("'remove' is neither true nor false.", _at(node, "remove"), "Write 'remove: true'.")
    if remove:
        return "remove"
    if lenient and ("update" in node.mapping) == ("copy" in node.mapping):
        if "copy" in node.mapping:
            compile_path(_text(node, "copy"), _at(node, "copy"))
        return "nothing"
    if "update" in node.mapping and "copy" in node.mapping:
        what = "The action has both 'update' and 'copy', and each switches the other off."
        raise ContractError(what, node.place, "Make two actions of it.")
    if "copy" in node.mapping:
        return "copy"
    if "update" in node.mapping:
        return "update"
    raise ContractError("The action does nothing.", node.place, "Give it 'update', 'copy' or 'remove: true'.")


def _refuse_unknown_fields(node: Node, owner: str, fields: tuple[str, ...]) -> None:
    for name in node.mapping:
        if name not in fields and not name.startswith("x-"):
            hint = nearest(name, fields) or "Remove it, or let its name begin with 'x-'."
            raise ContractError(f"{name!r} is no field of {owner}.", _at(node, name), hint)


def _refuse_repeated(actions: Iterable[Node]) -> None:
    seen: dict[str, Node] = {}
    for node in actions:
        first = seen.setdefault(canonical(node.value), node)
        if first is not node:
            raise ContractError(
                f"The action repeats {first.pointer} word for word.", node.place, "Remove one of the two."
            )


def _text(node: Node, name: str, sample: str = "", default: str | None = None) -> str:
    """Read a field that holds text; without a default it is required, and `sample` shows how to write it."""
    value = node.mapping.get(name, default)
    if value is None and name not in node.mapping:
        raise ContractError(f"{name!r} is missing.", node.place, f"Write '{sample}'.")
    if not isinstance(value, str):
        raise ContractError(
            f"{name!r} is not text.", _at(node, name), "Write text, in quotes where it looks like a number."
        )
    return value


def _at(node: Node, name: str) -> Place:
    return node.document.place(child(node.pointer, name))


def extends(overlay: Overlay, document: Document) -> bool:
    """Tell whether an overlay is meant for a document.

    It is when it names none, when its `extends`, resolved from where the overlay stands, is the document's address, or
    when it is just the document's file name, also at the end of an address in the network: nothing is fetched from
    there, so a file of that name is a copy of it.
    """
    name = Path(document.name).name
    if not overlay.extends or overlay.extends == name:
        return True
    try:
        address = urljoin(overlay.document.uri, overlay.extends)
        if is_remote(address):
            return unquote(urlsplit(address).path).rpartition("/")[2] == name
        return address == document.uri or (_file(address) or address) == _file(document.uri)
    except ValueError:
        return False


def is_remote(address: str) -> bool:
    """Tell whether an address leads into the network."""
    return address.partition(":")[0].lower() in ("http", "https")


def _file(address: str) -> Path | None:
    """Resolve a file address, so that links and escapes do not make two of one file."""
    from urllib.request import url2pathname  # 20 ms: it brings an HTTP client

    parts = urlsplit(address)
    return Path(url2pathname(parts.path)).resolve() if parts.scheme == "file" else None


def apply_overlay(
    document: Document, overlay: Overlay, *, lenient: bool = False
) -> tuple[Document, tuple[Notice, ...]]:
    """Apply the actions in order, each to the result of the one before it, and give the document that results.

    The result's origins name basis and evidence of what was added or changed: at the changed leaf of what was merged,
    at the root of what is new, where an `x-basis` inside says it more exactly. Nothing is recorded for what was
    removed: its parent's other members are still the document's own words. Raises `ContractError` for what the
    specification calls incompatible, and, stricter than it, for a target that matches nothing: a rename by the vendor
    must not switch a rule off unseen. lenient: such a target is told and passed over, see `Edit`.
    """
    edit = Edit(document, within=str(overlay.document.tree.get("overlay")).startswith("1.0."), lenient=lenient)
    notices: list[Notice] = []
    for action in overlay.actions:
        edit.apply(action)
        if edit.passed is not None:
            code, remedy = "overlay-target-is-primitive", edit.passed.remedy
            if not edit.changed:
                code, remedy = "overlay-target-matches-nothing", "Correct the target or delete the action."
            notices.append(Notice("warning", code, edit.passed.what, action.place, remedy))
        elif action.kind == "nothing":
            what, remedy = (
                f"The action on {action.target} does nothing.",
                "Give it one of 'update', 'copy' and 'remove'.",
            )
            notices.append(Notice("warning", "overlay-action-does-nothing", what, action.place, remedy))
        elif not edit.changed:
            what = f"The action on {action.target} changes nothing: {document.name} says so already."
            remedy = "The vendor caught up: delete the action."
            notices.append(Notice("warning", "overlay-action-changes-nothing", what, action.place, remedy))
        for pointer in edit.repeated:
            what = f"The action on {action.target} appends to {pointer} what that list holds already."
            remedy = "Delete the action, or what it repeats."
            notices.append(Notice("warning", "overlay-action-repeats-an-item", what, action.place, remedy))
    if deeper_than(edit.tree, MAX_DEPTH):
        what = f"With the overlay, {document.name} nests deeper than {MAX_DEPTH} levels."
        raise ContractError(what, overlay.document.place(), "Flatten what it adds.")
    return document.overlaid(edit.tree, edit.origins, edit.locate), tuple(notices)
