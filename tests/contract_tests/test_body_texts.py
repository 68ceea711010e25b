"""Bodies on the wire: a value for each media type, as its readers expect it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.body_texts import written_body
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.reading import Json


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("application/json", [1, {"a": "ü"}], b'[1, {"a": "\xc3\xbc"}]'),
        ("application/problem+json", {"a": 1}, b'{"a": 1}'),
        ("application/x-ndjson", [1, {"a": 2}], b'1\n{"a": 2}\n'),
        ("application/jsonl", {"a": 2}, b'{"a": 2}\n'),
        ("application/json-seq", [1, {"a": 2}], b'\x1e1\n\x1e{"a": 2}\n'),
        ("text/plain", "a b", b"a b"),
        ("text/plain", [1], None),
        ("application/octet-stream", "abc", b"abc"),
    ],
)
def test_value_is_written_as_the_media_type_has_it(name: str, value: Json, text: bytes | None) -> None:
    body: Json = {"content": {name: {"schema": {}}}}
    (operation,) = contract(operation_tree({"requestBody": body}, method="post")).operations
    written = written_body(operation.body[0], value)
    assert (None if written is None else written[1]) == text
