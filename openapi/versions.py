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

__all__ = ["Rules", "later_operations", "new_words", "rules_of"]

Rules = Literal["3.0", "3.1"]

_KNOWN = re.compile(r"3\.([012])(?![0-9])")

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
    """Tell by which rules a document is read. Raises `ContractError`, with what to do, for a version that is not."""
    version = document.tree.get("openapi")
    known = _KNOWN.match(str(version)) if isinstance(version, str | float) else None
    if known:
        return "3.0" if known[1] == "0" else "3.1"
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


def _is_later(document: Document) -> bool:
    return str(document.tree.get("openapi")).startswith("3.2")


def new_words(document: Document) -> list[Notice]:
    """Say that a document of 3.2 is read as 3.1, and which of its words are not understood; of others, nothing."""
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
