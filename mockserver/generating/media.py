"""Write values as bodies of other media types than JSON: text, forms, XML, and small files that are what they say."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from mockserver.generating.dice import Dice
    from openapi.operation import MediaType
    from openapi.reading import Json

__all__ = ["concrete", "is_file", "written"]

_RANGES = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain",
           "image/*": "image/png", "audio/*": "audio/wav", "video/*": "video/mp4", "font/*": "font/woff2",
           "model/*": "model/stl", "message/*": "message/http", "multipart/*": "multipart/mixed"}  # fmt: skip
"""Range of media types -> the one that is sent for it."""

_FILES = {
    "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "image/gif": "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "image/bmp": "Qk06AAAAAAAAADYAAAAoAAAAAQAAAAEAAAABABgAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAA////AA==",
    "image/webp": "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
    "image/jpeg": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP////////////////////////////////////////////////////////"
    "//////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AR//Z",
    "application/zip": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==",
    "application/gzip": "H4sIAAAAAAAC/wMAAAAAAAAAAAA=",
    "audio/wav": "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=",
}  # fmt: skip
"""Media type -> the smallest file of it, in base64."""

_TEXTS = {
    "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "application/pdf": "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "text/html": "<!doctype html>\n<title>Example</title>\n<p>Example</p>\n",
    "text/css": "body { margin: 0 }\n",
    "text/csv": "id,name\r\n1,amber\r\n2,basil\r\n",
    "text/calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//mock//EN\r\nEND:VCALENDAR\r\n",
    "application/yaml": "example: true\n",
    "application/javascript": "export {};\n",
}
"""Media type -> the smallest text of it; a schema that says more than `string` comes first."""

_ALSO_CALLED = {
    "image/jpg": "image/jpeg",
    "image/x-png": "image/png",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "application/x-zip-compressed": "application/zip",
    "application/x-gzip": "application/gzip",
    "text/x-yaml": "application/yaml",
    "text/yaml": "application/yaml",
    "application/x-yaml": "application/yaml",
    "text/javascript": "application/javascript",
}
"""Media type -> the name that the tables above have for it."""


def concrete(name: str) -> str:
    """Give the media type that is sent for a documented one, which may be a range."""
    essence, _, parameters = name.partition(";")
    found = _RANGES.get(essence.strip().lower())
    if found is None and "*" in essence:  # `application/*+json` among others, which is no range of OpenAPI's
        found = essence.strip().replace("*", "x-example") if essence[:1] != "*" else "application/octet-stream"
    return found or (f"{essence.strip()};{parameters}" if parameters else essence.strip())


def is_file(media: MediaType) -> bool:
    """Whether a body of that type is a file rather than a value: the schema says no more than that it is text."""
    if media.schema is None:
        return True
    node = media.schema.schemas.library.follow(media.schema.node)
    if not isinstance(node.value, dict):
        return True
    says = node.value.keys() - {
        "type",
        "format",
        "description",
        "title",
        "contentMediaType",
        "contentEncoding",
        "nullable",
    }
    return not any(not word.startswith("x-") for word in says) and node.value.get("type", "string") in (
        "string",
        "file",
    )


def _is_encoded(media: MediaType) -> bool:
    """Whether a body is base64 of a file, by its `format` (3.0) or `contentEncoding` (3.1)."""
    if media.schema is None:
        return False
    said = media.schema.schemas.library.follow(media.schema.node).mapping
    return said.get("format") in ("byte", "base64") or said.get("contentEncoding") == "base64"


def written(media: MediaType, value: Json, dice: Dice) -> tuple[bytes, str]:
    """Write a value as a body of a documented media type; give it with the Content-Type that it goes by."""
    name = concrete(media.name)
    essence = name.partition(";")[0].lower()
    essence = _ALSO_CALLED.get(essence, essence)
    if is_file(media) and _is_encoded(media) and essence != "text/plain":  # whose value is made, and so encoded
        file = _FILES.get(essence)
        return file.encode() if file else base64.b64encode(_TEXTS.get(essence, str(value)).encode()), name
    if essence == "application/x-www-form-urlencoded":
        return _form(value), name
    if essence.startswith("multipart/"):
        return _multipart(value, name, dice)
    if is_file(media) and essence in _FILES:
        return base64.b64decode(_FILES[essence]), name
    if is_file(media) and essence in _TEXTS:
        return _TEXTS[essence].encode(), name
    if essence.endswith(("/xml", "+xml")) and media.schema is not None:
        from mockserver.generating.xml import xml_text  # few answers are

        return xml_text(media.schema, value).encode(), name
    if essence == "text/event-stream":
        return "".join(f"data: {line}\n" for line in _text(value).splitlines() or [""]).encode() + b"\n", name
    return _text(value).encode(), name


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _form(value: Json) -> bytes:
    """Write an object as `form` with `explode` does (3.1.1, 4.8.14.4): lists by repeating, objects as JSON."""
    pairs: list[str] = []
    for name, member in value.items() if isinstance(value, dict) else ():
        some = member if isinstance(member, list) else [member]
        pairs += [f"{quote_plus(name)}={quote_plus(_text(one))}" for one in some if one is not None]
    return "&".join(pairs).encode()


def _multipart(value: Json, name: str, dice: Dice) -> tuple[bytes, str]:
    boundary = dice.letters(24)
    lines: list[str] = []
    form = name.lower().startswith("multipart/form-data")
    members = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [value])
    for key, member in members:
        for one in member if isinstance(member, list) else [member]:
            lines.append(f"--{boundary}")
            if form:
                lines.append(f'Content-Disposition: form-data; name="{_quoted(str(key))}"')
            kind = "application/json" if isinstance(one, dict) else "text/plain; charset=utf-8"
            lines += [f"Content-Type: {kind}", "", _text(one)]
    lines += [f"--{boundary}--", ""]
    return "\r\n".join(lines).encode(), f"{name.partition(';')[0]}; boundary={boundary}"


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
