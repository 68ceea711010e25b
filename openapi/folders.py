"""Which files of a folder are documents, and what each document is called."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from openapi.document import read_document
from openapi.errors import ContractError, Notice, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from openapi.document import Document

__all__ = ["document_files", "document_names", "read_folder"]


def read_folder(folder: Path, notices: list[Notice], schemas: list[Document]) -> list[Document]:
    """Read the OpenAPI documents of a folder; files of schemas go to `schemas`, what is said of others to `notices`.

    Raises `ContractError` when there is none, or when a file cannot be read.
    """
    found = []
    for path in document_files(folder):
        document = read_document(path)
        if "openapi" in document.tree or "swagger" in document.tree:
            found.append(document)
        elif isinstance(document.tree.get("$id"), str):
            schemas.append(document)
        else:
            what = "This file has no 'openapi' at its top and is not served."
            notices.append(Notice("note", "file-passed-over", what, document.place()))
    if not found:
        raise ContractError("The folder holds no OpenAPI document.", Place(str(folder)), "Put one into it.")
    return found


def document_files(folder: Path) -> Iterator[Path]:
    """Give the files of a folder, and of those in it, that may be documents; what is hidden is passed over."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in (".yaml", ".yml", ".json") and path.is_file():
            yield path


def document_names(documents: Sequence[Document]) -> dict[str, Document]:
    """Name each document by as much of the end of its path as tells it from the others; the rest stays private."""
    paths = [unquote(document.uri).split("/") for document in documents]
    for length in range(1, max(map(len, paths)) + 1):
        names = {"/".join(path[-length:]): document for path, document in zip(paths, documents, strict=True)}
        if len(names) == len(documents):
            return names
    return {document.uri: document for document in documents}
