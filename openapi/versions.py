"""Which version of OpenAPI a document is written in, and by the rules of which it is read.

3.2 is read as 3.1, of which it is an extension; what is new in it and means something else then is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from openapi.errors import ContractError, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Document, Node
    from openapi.reading import Json

__all__ = ["Rules", "later_operations", "new_words", "rules_of"]

Rules = Literal["3.0", "3.1"]

_NEW = {
    "$self": "References start from where the file lies: write them relative to it.",
    "itemEncoding": "Parts are read by their schema and their own types.",
    "prefixEncoding": "Parts are read by their schema and their own types.",
    "defaultMapping": "The schemas of the choices decide.",
    "dataValue": "The example is not used: write it as 'value'.",
    "serializedValue": "The example is not used: write it as 'value'.",
    "deviceAuthorization": "Any bearer token of the mock is taken.",
}
"""Keyword of 3.2 -> what happens where it is used."""


def rules_of(document: Document) -> Rules:
    """Tell by which rules a document is read: by those of 3.1 if it has paths, and does not say clearly by which.

    Raises `ContractError`, with what to do, for a version that is not supported, and for what is no document.
    """
    version = document.tree.get("openapi")
    known = _minor(version)
    if known is not None:
        return "3.0" if known == "0" else "3.1"
    if _is_guessed(document):
        return "3.1"
    if "swagger" in document.tree:
        what, remedy = "This is a Swagger 2.0 document.", "Convert it to OpenAPI 3, for instance with swagger2openapi."
    elif version is None:
        what, remedy = "The document has no 'openapi' version.", "Add 'openapi: 3.1.0' at its top."
    else:
        what, remedy = (
            f"{version!r} is not a supported OpenAPI version.",
            "Write 3.0.x, 3.1.x or 3.2.x, in quotes if it is a number.",
        )
    raise ContractError(what, document.place("/openapi" if version is not None else ""), remedy)


_VERSION = re.compile(r"3\.([012])(?![0-9]).*")


_WRITTEN = re.compile(r"3\.[012]\.[0-9]")


def _is_short(version: Json) -> bool:
    """Tell whether it is `3.0` and the like, text or number, of which everybody knows what it means."""
    return str(version) in ("3.0", "3.1", "3.2")


def _minor(version: Json) -> str | None:
    """Read the digit after `3.`; None where the version is not one that is known."""
    found = (
        _VERSION.fullmatch(str(version).strip().lower().removeprefix("v")) if isinstance(version, str | float) else None
    )
    return None if found is None else found[1]


def _is_guessed(document: Document) -> bool:
    """Tell whether a document has paths, and a version that is missing or could not be told from one of 3.1."""
    version, paths = document.tree.get("openapi"), document.tree.get("paths")
    if "swagger" in document.tree or not isinstance(paths, dict) or not paths or _minor(version) is not None:
        return False
    return not isinstance(version, str | int | float) or re.match(r"[12456789]", str(version)) is None


def _is_later(document: Document) -> bool:
    return _minor(document.tree.get("openapi")) == "2"


def new_words(document: Document) -> list[Notice]:
    """Say that a document is read as 3.1 that is not, and which words of 3.2 are not understood."""
    version = document.tree.get("openapi")
    if not (isinstance(version, str) and _WRITTEN.match(version)) and not _is_short(version):
        what = f"{version!r} is not a version that is known; the document is read as {rules_of(document)}."
        if version is None:
            what = f"The document has no 'openapi' version; it is read as {rules_of(document)}."
        place = document.place("/openapi" if "openapi" in document.tree else "")
        return [Notice("warning", "openapi-version", what, place, "Write 3.0.4, 3.1.1 or 3.2.0.")]
    if not _is_later(document):
        return []
    place = document.place("/openapi")
    used = [word for word in _NEW if f'"{word}"'.encode() in document.raw or f"{word}:".encode() in document.raw]
    found = [("openapi-3.2", "OpenAPI 3.2 is read as 3.1.", "Look at the operations that are not served.")]
    ignored = "The keyword {!r} of OpenAPI 3.2 is not understood."
    found += [("openapi-3.2-ignored", ignored.format(word), _NEW[word]) for word in used]
    return [Notice("warning", code, what, place, remedy) for code, what, remedy in found]


def later_operations(item: Node) -> Iterator[tuple[str, ContractError]]:
    """Give the operations of a path item that only OpenAPI 3.2 has, by method, and why each is not served."""
    if not _is_later(item.document):
        return
    remedy = "Describe it under another method, in an overlay if the file is not yours."
    query = item.get("query")
    if query is not None:
        yield "QUERY", ContractError("The method QUERY is new in OpenAPI 3.2 and is not served.", query.place, remedy)
    more = item.get("additionalOperations")
    for method, node in more.members() if more is not None and isinstance(more.value, dict) else []:
        what = "'additionalOperations' is new in OpenAPI 3.2 and is not served."
        yield method.upper(), ContractError(what, node.place, remedy)
