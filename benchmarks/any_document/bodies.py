"""Writes the body of a request by its media type: JSON, forms, multipart, XML, text, bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from benchmarks.any_document.description import mapping
from benchmarks.any_document.xml_reading import together

if TYPE_CHECKING:
    from benchmarks.any_document.description import Description
    from openapi.reading import Json

__all__ = ["BOUNDARY", "NotWritten", "is_json", "kept", "unfit", "written"]

BOUNDARY = "part-of-the-request"
_STRUCTURED = ("urlencoded", "/xml", "+xml", "ndjson", "jsonl", "json-seq", "yaml")
_BYTES = b"\x00\x01 some bytes"


class NotWritten(Exception):
    """A value has no form in a media type; `str()` says why."""


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON by its subtype or its suffix (RFC 6839)."""
    subtype = media_type.partition(";")[0].strip().lower().partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def kept(media_type: str, value: Json) -> Json:
    """Give what arrives of a value in a media type: a form has no place for what is empty."""
    if "urlencoded" not in media_type.lower():
        return value
    if isinstance(value, dict):
        members = {name: kept(media_type, one) for name, one in value.items()}
        return {name: one for name, one in members.items() if one not in ({}, [])}
    if isinstance(value, list):
        return [one for one in (kept(media_type, item) for item in value) if one not in ({}, [])]
    return value


def unfit(media_type: str, value: Json) -> str:
    """Say why a value cannot be a body of a media type, '' if it can: no rule writes an object as bytes."""
    kind = media_type.partition(";")[0].strip().lower()
    if value == {} and ("urlencoded" in kind or kind.startswith("multipart/")):
        return "nothing would be sent"
    structured = is_json(kind) or "*" in kind or kind.startswith("multipart/") or kind.endswith(_STRUCTURED)
    if structured or not isinstance(value, (dict, list)):
        return ""
    return "no rule says how it is written in this media type"


def written(description: Description, media_type: str, node: dict[str, Json], value: Json) -> tuple[str, bytes]:
    """Give the Content-Type and the bytes of a body. node: the media type object. Raises `NotWritten`."""
    kind = media_type.partition(";")[0].strip().lower()
    concrete = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}.get(kind, "")
    if is_json(kind) or concrete == "application/json":
        return concrete or media_type, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    if kind == "application/x-www-form-urlencoded":
        return media_type, "&".join(_form(node, value)).encode("ascii")
    if kind.startswith("multipart/"):
        return f"{kind}; boundary={BOUNDARY}", _multipart(description, node, value)
    if kind in ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq"):
        return media_type, json.dumps(value).encode() + b"\n"
    if kind.endswith(("/xml", "+xml")) and not isinstance(value, str):
        return media_type, _document(description, node.get("schema", {}), value).encode("utf-8")
    if kind.startswith("text/") or kind.endswith(("/xml", "+xml", "yaml")):
        return concrete or media_type, (value if isinstance(value, str) else json.dumps(value)).encode("utf-8")
    if kind.endswith("/*"):
        return {"image": "image/png", "audio": "audio/mpeg", "video": "video/mp4"}[kind[:-2]], _BYTES
    return media_type, value.encode("utf-8") if isinstance(value, str) and value else _BYTES


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _pair(name: str, value: Json) -> str:
    return f"{quote(name, safe='')}={quote(_plain(value), safe='')}"


def _form(node: dict[str, Json], value: Json) -> list[str]:
    """Write the fields of a form as their encoding says: the style `form`, and JSON for what it cannot hold."""
    if not isinstance(value, dict):
        raise NotWritten("a form needs an object")
    found = []
    for name, one in value.items():
        encoding = mapping(mapping(node.get("encoding")).get(name))
        if encoding.get("style") == "deepObject" and isinstance(one, (dict, list)):
            found += _deep(name, one)
        elif isinstance(one, list) and encoding.get("explode", True) is True:
            found += [_pair(name, item) for item in one]
        elif isinstance(one, list):
            found.append(_pair(name, ",".join(map(_plain, one))))
        else:
            found.append(_pair(name, one))
    return found


def _deep(path: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        return [pair for name, one in value.items() for pair in _deep(f"{path}[{name}]", one)]
    if isinstance(value, list):
        return [pair for number, one in enumerate(value) for pair in _deep(f"{path}[{number}]", one)]
    return [_pair(path, value)]


def _multipart(description: Description, node: dict[str, Json], value: Json) -> bytes:
    if not isinstance(value, dict):
        raise NotWritten("multipart needs an object")
    properties = mapping(description.resolved(node.get("schema", {})).get("properties"))
    parts = []
    for name, one in value.items():
        schema = description.resolved(properties.get(name, {}))
        items = description.resolved(schema.get("items", {}))
        some, said = (one, items) if isinstance(one, list) else ([one], schema)
        parts += [_part(name, item, said, mapping(node.get("encoding"))) for item in some]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode("ascii")


def _part(name: str, value: Json, schema: dict[str, Json], encodings: dict[str, Json]) -> bytes:
    said = mapping(encodings.get(name)).get("contentType")
    disposition, kind = f'form-data; name="{name}"', "text/plain"
    if isinstance(value, (dict, list)):
        kind = "application/json"
    elif schema.get("format") == "binary" or "contentMediaType" in schema:
        disposition, kind = disposition + '; filename="file.bin"', "application/octet-stream"
    if isinstance(said, str):
        kind = said.partition(",")[0].strip().replace("image/*", "image/png").replace("*/*", kind)
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode("utf-8") + _plain(value).encode("utf-8") + b"\r\n"


# --- XML ---


def _document(description: Description, schema: Json, value: Json) -> str:
    name = description.reference(schema) or "root"
    return '<?xml version="1.0" encoding="UTF-8"?>' + "".join(_elements(description, name, schema, value))


def _elements(description: Description, name: str, schema: Json, value: Json) -> list[str]:
    """Write a value as the XML Object of its schema says: elements of one name, wrapped or not."""
    node = together(description, schema)
    said = mapping(node.get("xml"))
    property_name, name = name, _named(name, said)
    if isinstance(value, list):
        items = node.get("items", {})
        wrapped = said.get("wrapped") is True
        own = property_name  # beside the type `array`, the name counts for what wraps it only
        if wrapped and "name" in said:
            own = name
        found = [text for item in value for text in _elements(description, own, items, item)]
        return [f"<{name}>{''.join(found)}</{name}>"] if wrapped else found
    prefix = f":{said['prefix']}" if "prefix" in said else ""
    head = name + (f" xmlns{prefix}={quoteattr(str(said['namespace']))}" if "namespace" in said else "")
    if not isinstance(value, dict):
        return [f"<{head}>{escape(_plain(value) if value is not None else '')}</{name}>"]
    properties = mapping(node.get("properties"))
    inside = []
    for key, one in value.items():
        member = together(description, properties.get(key, {}))
        rules = mapping(member.get("xml"))
        if rules.get("attribute") is True:
            head += f" {_named(key, rules)}={quoteattr(_plain(one))}"
        else:
            inside += _elements(description, key, properties.get(key, {}), one)
    return [f"<{head}>{''.join(inside)}</{name}>"]


def _named(name: str, said: dict[str, Json]) -> str:
    own = str(said.get("name") or name)
    return f"{said['prefix']}:{own}" if "prefix" in said else own
