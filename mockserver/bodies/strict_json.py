"""Read strict JSON (RFC 8259): what Python's own reader would take and other readers would not is refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mockserver.credentials import Refusal

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["MAX_DEPTH", "parse_json"]

MAX_DEPTH = 100
"""Deepest nesting of a JSON body."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')


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
