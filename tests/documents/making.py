"""Makes small contracts, schemas and requests for unit tests; the documents beside it are read by name."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockserver.exchange import PlainHeaders, Request
from openapi.contract import Contract, compile_contract, load_contract
from openapi.document import Document, Library, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.engine import Engine
    from mockserver.exchange import Response
    from openapi.reading import Json

DOCUMENTS = Path(__file__).parent
CREATE = "/volc/asset/CreateVisualValidateSession"


def read(name: str) -> Contract:
    """Load a document of this folder."""
    return load_contract([DOCUMENTS / name])


def document(tree: Mapping[str, Json], name: str = "made.json") -> Document:
    """Make a document in memory, written as JSON."""
    return Document.parse(json.dumps(tree, indent=1).encode(), name, f"memory:{name}")


def contract(tree: Mapping[str, Json], version: str = "3.1.0") -> Contract:
    """Compile a contract from a tree; `openapi` and `info` are added."""
    return compile_contract([document({"openapi": version, "info": {"title": "Made", "version": "1"}, **tree})])


def operation_tree(operation: Mapping[str, Json], path: str = "/thing", method: str = "get") -> dict[str, Json]:
    """Make a tree with one operation, which answers 200 unless it says otherwise."""
    return {"paths": {path: {method: {"responses": {"200": {"description": "ok"}}, **operation}}}}


def root(made: Document) -> Node:
    """Give the top of a document."""
    return Node(made, "", made.tree)


def at(made: Document, pointer: str) -> Node:
    """Give the node at a pointer."""
    return Library([made]).at(made, pointer, root(made), pointer)


def request(method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Request:
    """Make a request as a server hands it over; a body brings its length and, unless told otherwise, JSON's type."""
    path, _, query = target.partition("?")
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if body is not None:
        sent = {"content-type": "application/json", "content-length": str(len(body)), **sent}
    made = Request(method, unquote(path), query, PlainHeaders(sent), io.BytesIO(body or b"").read)
    made.raw_path = path if "%" in path else ""
    return made


def ask(
    engine: Engine,
    method: str,
    target: str,
    body: Json | bytes = b"",
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Ask an engine; a body other than bytes is sent as JSON, no bytes as no body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {**({"authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
    return engine.answer(request(method, target, raw or None, sent))


def header(response: Response, name: str) -> str | None:
    """Give the value of a response header, or None."""
    return next((value for known, value in response.headers if known.lower() == name.lower()), None)
