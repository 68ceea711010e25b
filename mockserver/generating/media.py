"""Write values as bodies of other media types than JSON: text, forms, XML, and small files that are what they say."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from mockserver.generating.nodes import schemas_of, schemas_of_member
from mockserver.generating.sequences import as_events, as_lines, as_table, as_text
from mockserver.offering import concrete
from openapi.media_types import kind_of

if TYPE_CHECKING:
    from mockserver.generating.dice import Dice
    from openapi.operation import MediaType
    from openapi.reading import Json

__all__ = ["is_file", "written"]

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

_DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}

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


def is_file(media: MediaType) -> bool:
    """Whether a body of that type is a file rather than a value: the schema says no more than that it is text."""
    says = media.said.keys() - {
        "type",
        "format",
        "description",
        "title",
        "contentMediaType",
        "contentEncoding",
        "nullable",
    }
    return not any(not word.startswith("x-") for word in says) and media.said.get("type", "string") in (
        "string",
        "file",
    )


def _is_encoded(media: MediaType) -> bool:
    """Whether a body is base64 of a file, by its `format` (3.0) or `contentEncoding` (3.1)."""
    return media.said.get("format") in ("byte", "base64") or media.said.get("contentEncoding") == "base64"


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
        return _multipart(value, name, dice, media)
    if is_file(media) and essence in _FILES:
        return base64.b64decode(_FILES[essence]), name
    if is_file(media) and essence in _TEXTS:
        return _TEXTS[essence].encode(), name
    if essence.endswith(("/xml", "+xml")) and media.schema is not None:
        from mockserver.generating.xml import xml_text  # few answers are

        return xml_text(media.schema, value).encode(), name
    return _plain(essence, value).encode(), name


def _plain(essence: str, value: Json) -> str:
    """Write a value as the text that a media type has for it, JSON where it has none."""
    if kind_of(essence) == "lines":
        return as_lines(value, "\x1e" if essence.endswith("json-seq") else "")
    if essence == "text/event-stream":
        return as_events(value)
    if essence in _DELIMITERS and isinstance(value, dict | list):
        return as_table(value, _DELIMITERS[essence])
    return as_text(value)


def _form(value: Json) -> bytes:
    """Write an object as `form` with `explode` does (3.1.1, 4.8.14.4): lists by repeating, objects as JSON."""
    pairs: list[str] = []
    for name, member in value.items() if isinstance(value, dict) else ():
        some = member if isinstance(member, list) else [member]
        pairs += [f"{quote_plus(name)}={quote_plus(as_text(one))}" for one in some if one is not None]
    return "&".join(pairs).encode()


def _multipart(value: Json, name: str, dice: Dice, media: MediaType) -> tuple[bytes, str]:
    boundary = dice.letters(24)
    lines: list[str] = []
    form = name.lower().startswith("multipart/form-data")
    members = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [value])
    for key, member in members:
        for one in member if isinstance(member, list) else [member]:
            lines.append(f"--{boundary}")
            kind, binary = _part_type(media, str(key), one)
            if form:
                file = f'; filename="{_quoted(str(key))}"' if binary else ""
                lines.append(f'Content-Disposition: form-data; name="{_quoted(str(key))}"{file}')
            lines += [f"Content-Type: {kind}", "", as_text(one)]
    lines += [f"--{boundary}--", ""]
    return "\r\n".join(lines).encode(), f"{name.partition(';')[0]}; boundary={boundary}"


def _part_type(media: MediaType, name: str, value: Json) -> tuple[str, bool]:
    """Give the media type of a part, and whether it is a file: `format: binary`, or text of another type."""
    schema, encoding = media.schema, media.encodings.get(name)
    if encoding is not None and encoding.content_types:
        kind = concrete(encoding.content_types[0])
        return kind, isinstance(value, str) and not kind.startswith("text/")
    if not isinstance(value, str):
        return ("application/json" if isinstance(value, dict) else "text/plain; charset=utf-8"), False
    library = schema.schemas.library if schema is not None else None
    nodes = schemas_of_member(library, schemas_of(library, schema.node), name) if library and schema else []
    nodes += [one for node in nodes for one in schemas_of(library, node.get("items"))] if library else []
    for node in nodes:
        said = node.mapping.get("contentMediaType")
        if isinstance(said, str):
            return said, True
        if node.mapping.get("format") == "binary":
            return "application/octet-stream", True
    return "text/plain; charset=utf-8", False


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
