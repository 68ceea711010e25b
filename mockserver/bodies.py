"""Read a request body: within the limit, of a documented media type, as strict JSON (RFC 8259). Judges no schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.credentials import Refusal
from mockserver.exchange import BodyError, is_length
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from mockserver.exchange import Request
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json

__all__ = ["MAX_DEPTH", "parse_json", "read_body"]

MAX_DEPTH = 100
"""Deepest nesting of a JSON body."""

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
# RFC 9110 8.3.1. Blanks can match in one place only, so that no header makes it search for long.
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}(?:[ \t]*;(?:[ \t]*{_WORD}=(?:{_WORD}|{_QUOTED}))?)*[ \t]*")
_CHARSET = re.compile(r';[ \t]*charset="?([^";\s]+)', re.IGNORECASE)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')


NO_BODY: tuple[Missing, None] = (MISSING, None)


def read_body(
    operation: Operation, request: Request, limit: int
) -> tuple[Json, MediaType] | tuple[Missing, None] | Refusal:
    """Read the body of a request: its value and media type, `NO_BODY` when there is none, or why it is refused.

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
    if not raw or not operation.body:
        return NO_BODY
    media = _media_type(operation, request.headers.get("content-type"))
    if isinstance(media, Refusal):
        return media
    if "json" in (request.headers.get("content-type") or "").partition(";")[0].lower():
        value = parse_json(raw)
        return value if isinstance(value, Refusal) else (value, media)
    # A form or XML: what its schema says about the value cannot be held against its text.
    return raw.decode("utf-8", "replace"), media if media.is_text else replace(media, schema=None)


def parse_json(raw: bytes) -> Json | Refusal:
    """Parse strict JSON: UTF-8 without a mark, no duplicate keys, finite numbers, whole characters, bounded depth."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in raw[:4]:
        return Refusal("body.encoding", "The body is UTF-16 or UTF-32; JSON is UTF-8 (RFC 8259 8.1).")
    if raw[:3] == b"\xef\xbb\xbf":
        return Refusal("body.encoding", "The body starts with a byte order mark, which JSON does not have.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal("body.encoding", f"The body is not UTF-8: byte {error.start} does not belong.")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return Refusal("body.depth", f"The body nests deeper than {MAX_DEPTH} levels.")
    try:
        value: Json = _decode(text)
    except json.JSONDecodeError as error:
        return Refusal("body.json", f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.")
    except _NotStrict as error:
        return Refusal(error.rule, error.detail)
    except ValueError:
        return Refusal("body.number", "The body holds a number that is too large.")
    if b"\\" in raw and _SURROGATE.search(raw):
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            return Refusal("body.encoding", "The body holds half of a surrogate pair, which is no character.")
    return value


class _NotStrict(Exception):
    """Python's reader would take this; RFC 8259 or common sense does not."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule = rule
        self.detail = detail


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotStrict("body.duplicate", "The body holds a key twice in one object.")
    return value


def _constant(word: str) -> Json:
    raise _NotStrict("body.number", f"The body holds {word}, which is no JSON number.")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _NotStrict("body.number", "The body holds a number that is too large.")
    return number


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float).decode


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _media_type(operation: Operation, header: str | None) -> MediaType | Refusal:
    wanted = " or ".join(media.name for media in operation.body)
    if header is None or not header.strip():
        return Refusal("body.media_type", f"The body has no Content-Type; send {wanted}.")
    if header == "application/json" and operation.body[0].name == header:
        return operation.body[0]
    if not _MEDIA_TYPE.fullmatch(header.strip()):
        return Refusal("body.media_type", f"The Content-Type is malformed; send {wanted}.")
    media = operation.body_type(header.partition(";")[0].strip().lower())
    if media is None:
        return Refusal("body.media_type", f"The Content-Type is not one that is documented; send {wanted}.")
    charset = _CHARSET.search(header)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        return Refusal("body.encoding", "The charset is not UTF-8, the one that JSON has (RFC 8259 8.1).")
    return media


def _too_large(limit: int) -> Refusal:
    return Refusal("body.size", f"The body is larger than {limit} bytes.")
