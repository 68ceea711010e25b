"""Bodies on the wire: a value as JSON, a form, multipart, text or bytes. What cannot be written is said so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.parameter_texts import query_pairs, text_of
from openapi.media_types import kind_of
from openapi.operation import essence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openapi.document import Node
    from openapi.media_types import Encoding
    from openapi.operation import MediaType
    from openapi.reading import Json

__all__ = ["BOUNDARY", "chosen", "is_written", "type_sent", "written_body"]

BOUNDARY = "contract-0f3b7a51c2d94e86"
"""What stands between the parts of a multipart body; no value of ours has it."""

FORM, MULTIPART, BYTES = "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"


def chosen(media_types: Sequence[MediaType]) -> MediaType | None:
    """Choose the media type that a body is sent under: JSON, else the first that can be written, else the first."""
    for wanted in (lambda one: one.is_json, is_written):
        for media in media_types:
            if wanted(media):
                return media
    return media_types[0] if media_types else None


def is_written(media: MediaType) -> bool:
    """Tell whether values become bodies of a media type without an example that has the text of one."""
    name = type_sent(media)
    return media.is_json or name in (FORM, MULTIPART, BYTES) or (name.startswith("text/") and name != "text/xml")


def type_sent(media: MediaType) -> str:
    """Name the type that a body is sent under: of a range, one in it."""
    name = essence(media.name)
    return media.name if "*" not in name or (media.is_json and name != "application/*+json") else {
        "multipart/*": MULTIPART, "text/*": "text/plain",
    }.get(name, "application/json")  # fmt: skip


def written_body(media: MediaType, value: Json) -> tuple[str, bytes] | None:
    """Write a body: its Content-Type and its bytes; None where a value has no form in the media type."""
    name = type_sent(media)
    kind = essence(name)
    if kind_of(kind) == "lines":
        before = "\x1e" if kind.endswith("json-seq") else ""  # RFC 7464
        values = value if isinstance(value, list) else [value]
        return name, "".join(f"{before}{json.dumps(one, ensure_ascii=False)}\n" for one in values).encode("utf-8")
    if kind_of(kind) == "json":
        return name, json.dumps(value, ensure_ascii=False).encode("utf-8")
    if kind == FORM and isinstance(value, dict):
        form = _form(media, value)
        return None if form is None else (name, form.encode("ascii"))
    if kind == MULTIPART and isinstance(value, dict):
        return f"{kind}; boundary={BOUNDARY}", _multipart(media, value)
    if isinstance(value, str):
        return name, value.encode("utf-8")
    text = text_of(value) if kind.startswith("text/") and not isinstance(value, list | dict) else None
    return None if text is None else (name, text.encode("utf-8"))


def _form(media: MediaType, value: dict[str, Json]) -> str | None:
    """Write a form, each field as its encoding says (OpenAPI 3.1.1, Encoding Object); None where one has no form."""
    fields = [list(_field(media.encodings.get(name), name, item)) for name, item in value.items()]
    return "&".join(pair for field in fields for pair in field) if all(fields) else None


def _field(encoding: Encoding | None, name: str, item: Json) -> Iterator[str]:
    """Write one field; nothing of what is empty where it would go by its members."""
    key, style = quote(name, safe=""), None if encoding is None else encoding.style
    as_json = encoding is not None and style is None and bool(encoding.content_types)
    if style == "deepObject" and isinstance(item, dict | list):
        if not _holds_nothing(item):
            yield from (f"{quote(at, safe='[]')}={quote(text, safe='')}" for at, text in _deep(name, item))
    elif encoding is not None and style is not None and isinstance(item, dict | list):
        keys = [quote(one, safe="") for one in item] if isinstance(item, dict) else []
        texts = [quote(_text(one), safe="") for one in (item.values() if isinstance(item, dict) else item)]
        yield from (f"{at}={text}" for at, text in query_pairs(key, style, keys, texts, explode=encoding.explode))
    elif isinstance(item, list) and not as_json:
        yield from (f"{key}={quote(_text(one), safe='')}" for one in item)
    else:
        yield f"{key}={quote(_text(item), safe='')}"


def _holds_nothing(value: Json) -> bool:
    """Tell whether a value is an empty list or object, or has one in it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (not inner or any(map(_holds_nothing, inner)))


def _deep(at: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in pairs:
            yield from _deep(f"{at}[{name}]", item)
    else:
        yield at, _text(value)


def _multipart(media: MediaType, value: dict[str, Json]) -> bytes:
    """Write the parts of a multipart body; what the schema calls binary goes as a file."""
    found = bytearray()
    for name, item in value.items():
        encoding = media.encodings.get(name)
        kinds = [] if encoding is None else [kind for kind in encoding.content_types[:1] if "*" not in kind]
        binary = _is_binary(media, name)
        for one in item if isinstance(item, list) else [item]:
            kind = kinds[0] if kinds else BYTES if binary else "application/json" if isinstance(one, dict) else ""
            safe = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            found += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{safe}"'.encode()
            found += b'; filename="contract.bin"' if binary else b""
            found += f"\r\nContent-Type: {kind}".encode() if kind else b""
            found += b"\r\n\r\n" + _text(one).encode("utf-8") + b"\r\n"
    return bytes(found) + f"--{BOUNDARY}--\r\n".encode()


def _text(value: Json) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return text_of(value) or ""


def _is_binary(media: MediaType, name: str) -> bool:
    if media.schema is None:
        return False
    library = media.schema.schemas.library
    properties = library.follow(media.schema.node).get("properties")
    named = properties is not None and isinstance(properties.value, dict)
    member: Node | None = properties.get(name) if named and properties is not None else None
    if member is None:
        return False
    schema = library.follow(member)
    if (items := schema.get("items")) is not None:
        schema = library.follow(items)
    return isinstance(schema.value, dict) and (
        schema.value.get("format") == "binary" or "contentMediaType" in schema.value
    )
