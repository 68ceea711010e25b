"""What a reader is given: a body, or a part of one, with what its document and its header say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from mockserver.bodies.strict_json import parse_json
from mockserver.credentials import Refusal
from openapi.media_types import essence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi.media_types import Encoding
    from openapi.reading import Json
    from openapi.shape import Shape

__all__ = ["MOST_FIELDS", "MOST_PARTS", "Part", "escaped"]

MOST_FIELDS = 10_000
"""Fields of a form, and lines of a body of JSON lines."""

MOST_PARTS = 1_000
"""Parts of a multipart body."""

_CHARSETS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "utf-8-sig",
    "ascii": "utf-8-sig",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
}
"""Charset of a header -> the codec that reads it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A body or one of its parts. shape: what the schema wants of it. what: its name at the start of a sentence.

    content_type: the whole header, '' when a part has none.
    """

    raw: bytes
    content_type: str
    shape: Shape
    what: str = "The body"
    encodings: Mapping[str, Encoding] = field(default_factory=dict)

    @property
    def essence(self) -> str:
        """The media type, without parameters and in lower case."""
        return essence(self.content_type)

    def parameter(self, name: str) -> str:
        """Give a parameter of the media type, such as `charset` or `boundary`; '' when there is none."""
        header = Message()
        header["content-type"] = self.content_type.replace("\r", " ").replace("\n", " ")
        value = header.get_param(name, "")
        return value if isinstance(value, str) else ""

    @property
    def is_binary(self) -> bool:
        """Whether the schema says that its octets count, not its characters."""
        return self.shape.says("format") == "binary" or (
            self.shape.says("contentMediaType") is not None and self.shape.says("contentEncoding") is None
        )

    def text(self) -> str | Refusal:
        """Decode it by its charset, UTF-8 if it names none."""
        charset = self.parameter("charset").lower()
        codec = _CHARSETS.get(charset or "utf-8")
        if codec is None:
            return Refusal("body.encoding", f"{self.what} has a charset that is not read; send UTF-8.")
        try:
            return self.raw.decode(codec)
        except UnicodeDecodeError as error:
            name = charset or "utf-8"
            return Refusal("body.encoding", f"{self.what} is not {name.upper()}: byte {error.start} does not belong.")

    def octets(self) -> str:
        """Give its bytes as a string of as many characters."""
        return self.raw.decode("latin-1")

    def json(self) -> Json | Refusal:
        """Read it as strict JSON."""
        value = parse_json(self.raw)
        if isinstance(value, Refusal):
            return Refusal(value.rule, value.detail.replace("The body", self.what, 1))
        return value


def escaped(name: str) -> str:
    """Write a name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
