"""Reads and judges one body by a media type object, the way the engine does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mockserver.bodies import read_body
from mockserver.credentials import Refusal
from mockserver.exchange import PlainHeaders, Request
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.operation import Operation
    from openapi.reading import Json

LIMIT = 1_048_576


def taking(content: dict[str, Json], version: str = "3.1.0", schemas: Json = None) -> Operation:
    """Make an operation that takes a body of some media types."""
    tree = operation_tree({"requestBody": {"content": content}}, method="post")
    return contract({**tree, "components": {"schemas": schemas or {}}}, version).operations[0]


def judged(operation: Operation, raw: bytes | str, header: str) -> Json:
    """Give the value of a body; or, as a text that starts with `!`, the rule of its refusal or its first violation."""
    body = raw.encode() if isinstance(raw, str) else raw
    headers = PlainHeaders({"content-type": header, "content-length": str(len(body))})
    found = read_body(operation, Request("POST", "/", "", headers, io.BytesIO(body).read), LIMIT)
    if isinstance(found, Refusal):
        return f"!{found.rule}: {found.detail}"
    value, schema, wrong = found
    assert not wrong or schema is None
    wrong = wrong or (schema.check(value) if schema is not None else ())  # type: ignore[arg-type]
    return f"!{wrong[0].pointer} {wrong[0].keyword}" if wrong else value  # type: ignore[return-value]
