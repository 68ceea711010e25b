"""Say which examples of a document their schemas do not allow. Refuses nothing: it returns notices."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from openapi.document import Node
from openapi.errors import Notice
from openapi.pointers import child
from openapi.walking import schema_starts, schemas_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.document import Document, Library
    from openapi.operation import Operation

__all__ = ["example_notices", "sample_notices"]


def example_notices(operation: Operation) -> Iterator[Notice]:
    """Say which examples of an operation's bodies their schemas do not allow: they are not served."""
    for media in (*operation.body, *(one for response in operation.responses for one in response.media_types)):
        for name, value in media.examples.items() if media.schema is not None and media.is_json else ():
            wrong = media.schema.check(value) if media.schema is not None and name != "schema" else ()
            if wrong:
                at = media.node
                pointer = child(at.pointer, *(("example",) if "example" in at.mapping else ("examples", name)))
                what = f"The example breaks its schema and is not used: {wrong[0]}."
                yield Notice("warning", "example-broken", what, at.document.place(pointer), "Correct one of the two.")


_TOLD = 10
"""Examples of schemas in a document that are told one by one; of more, the number."""

_OWN = ("type", "enum", "const", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern")
"""Keywords that judge a value without a look at any other schema, and mean the same in every version."""


def sample_notices(library: Library, document: Document) -> list[Notice]:
    """Say which `example`, `examples` and `default` of a document's schemas break what stands beside them."""
    seen: set[tuple[str, str]] = set()
    wrong = [
        (keyword, schema)
        for start in schema_starts(Node(document, "", document.tree))
        for schema in schemas_behind(library, start, seen)
        for keyword in ("example", "examples", "default")
        if keyword in schema.mapping and "$ref" not in schema.mapping and _is_broken(schema, keyword)
    ]
    found = []
    for index, (keyword, schema) in enumerate(wrong[:_TOLD], 1):
        more = f" So do {len(wrong) - _TOLD} more." if index == _TOLD and len(wrong) > _TOLD else ""
        what = f"What stands in {keyword!r} breaks the schema that it stands in.{more}"
        place = schema.document.place(child(schema.pointer, keyword))
        found.append(Notice("warning", "example-broken", what, place, "Correct one of the two."))
    return found


def _is_broken(schema: Node, keyword: str) -> bool:
    said = schema.mapping
    values = said[keyword]
    if keyword == "examples" and not isinstance(values, list):
        return False  # `checking.py` tells of it
    own = json.dumps({name: said[name] for name in _OWN if name in said}, default=str)
    return any(
        not (value is None and said.get("nullable") is True) and not _allows(own, json.dumps(value, default=str))
        for value in (values if keyword == "examples" and isinstance(values, list) else [values])
    )


@lru_cache(4096)
def _allows(schema: str, value: str) -> bool:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(json.loads(schema)).is_valid(json.loads(value))
    except ValueError:
        return True  # a keyword that is broken itself is told where it stands
