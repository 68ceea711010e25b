"""Read a request body: within the limit, of a documented media type, as the value that its schema judges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from mockserver.bodies.strict_json import parse_json
from mockserver.credentials import Refusal
from mockserver.exchange import BodyError, is_length
from openapi.media_types import essence, kind_of
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from mockserver.exchange import Request
    from openapi.media_types import Kind, MediaType
    from openapi.operation import Operation
    from openapi.reading import Json
    from openapi.schema import Schema, Violation

__all__ = ["NO_BODY", "Body", "read_body"]

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
# RFC 9110 8.3.1. Blanks can match in one place only, so that no header makes it search for long.
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}(?:[ \t]*;(?:[ \t]*{_WORD}=(?:{_WORD}|{_QUOTED}))?)*[ \t]*")
_CHARSET = re.compile(r';[ \t]*charset="?([^";\s]+)', re.IGNORECASE)

Body: TypeAlias = "tuple[Json | Missing, Schema | None, tuple[Violation, ...]]"
"""The value of a body, the schema that has yet to judge it, if any, and what was found wrong on the way."""

NO_BODY: tuple[Missing, None, tuple[()]] = (MISSING, None, ())


def read_body(operation: Operation, request: Request, limit: int) -> Body | Refusal:
    """Read the body of a request; `NO_BODY` when there is none, or why it is refused.

    Reads no byte when the announced length is over the limit, and at most one more than the limit otherwise.
    """
    announced = request.headers.get("content-length")
    if announced is None and request.headers.get("transfer-encoding") is None:
        raw = request.body = b""
    else:
        length = int(announced) if announced is not None and is_length(announced) else None
        if length is not None and length > limit:
            return _too_large(limit)
        if length is None and announced is not None:
            return Refusal("body.incomplete", "The Content-Length is not a number.")
        try:
            raw = request.read(limit + 1)
        except BodyError as error:
            return Refusal("body.incomplete", str(error))
        request.body = raw
        if len(raw) > limit:
            return _too_large(limit)
        if length is not None and len(raw) < length:
            return Refusal("body.incomplete", "The body ended before its announced length.")
    header = request.headers.get("content-type")
    if (not raw and not _is_empty_form(operation, header)) or not operation.body:
        return NO_BODY
    media = _media_type(operation, header)
    if isinstance(media, Refusal):
        return media
    if header is None or header == "application/json" or _kind(header) == "json":
        value = parse_json(raw)
        return value if isinstance(value, Refusal) else (value, media.schema, ())
    from mockserver.bodies.by_kind import read_other  # most mocks never see another type

    return read_other(raw, header, media)


def _media_type(operation: Operation, header: str | None) -> MediaType | Refusal:
    wanted = " or ".join(media.name for media in operation.body)
    if header is None or not header.strip():
        return Refusal("body.media_type", f"The body has no Content-Type; send {wanted}.")
    if header == "application/json" and operation.body[0].name == header:
        return operation.body[0]
    if not _MEDIA_TYPE.fullmatch(header.strip()):
        return Refusal("body.media_type", f"The Content-Type is malformed; send {wanted}.")
    media = operation.body_type(header)
    if media is None:
        return Refusal("body.media_type", f"The Content-Type is not one that is documented; send {wanted}.")
    charset = _CHARSET.search(header)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii") and _kind(header) in ("json", "lines"):
        return Refusal("body.encoding", "The charset is not UTF-8, the one that JSON has (RFC 8259 8.1).")
    return media


def _too_large(limit: int) -> Refusal:
    return Refusal("body.size", f"The body is larger than {limit} bytes.")


def _kind(header: str) -> Kind:
    return kind_of(essence(header))


def _is_empty_form(operation: Operation, header: str | None) -> bool:
    """Whether no bytes are a body all the same: a form without fields, where the operation needs a body."""
    return operation.body_required and header is not None and _kind(header) == "form"
