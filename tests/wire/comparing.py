"""Compares an answer with what a transcript expects of it. Knows neither files nor sockets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MARKS", "PLACEHOLDERS", "Expected", "Mismatch", "compare", "shortened"]

PLACEHOLDERS = {
    "token": r"[0-9]{14}[0-9A-F]{20}",
    "h5link": r"https?://[^/?#\s]+/en/liveness-face-manage/authorization\?pl=[\w-]{900}&uid=[0-9a-f-]{36}",
    "request-id": r"[0-9]{14}[0-9]{9}[0-9A-Za-z]{8}",
    "version": r"[0-9]+\.[0-9]+\.[0-9]+",
    "number": r"[0-9]+",
    "sha256": r"[0-9a-f]{64}",
    "url": r"https?://[^/?#\s]+",
}
"""What `<name>` stands for in an expectation. One name in one expected answer is the same text wherever it stands."""

MARKS = re.compile(r"\\(?P<text>\.\.\.|<[a-z0-9-]+>)|(?P<any>\.\.\.)|<(?P<name>[a-z0-9-]+)>")
"""What means more than itself in an expectation: `<name>`, `...`, and each of them with a backslash: the text."""


class Mismatch(Exception):
    """An answer that is not the expected one; `str()` says what differs, on one line."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An answer: its status line, the headers that matter (value None: must be absent), and its body.

    body: as written, None when the answer must have none. exact: compared as text, else JSON as JSON.
    """

    line: int
    status: str
    headers: tuple[tuple[str, str | None], ...]
    body: str | None
    exact: bool

    @property
    def interim(self) -> bool:
        """Tell whether it is a 1xx, after which the answer itself is still to come."""
        return self.status.split(" ")[1].startswith("1")


def compare(expected: Expected, status: str, headers: Sequence[tuple[str, str]], body: bytes) -> None:
    """Compare an answer with what was expected of it. Raises `Mismatch` with the first difference."""
    bound: dict[str, str] = {}
    if status != expected.status:
        raise Mismatch(f"status: expected {expected.status!r}, received {status!r}")
    for name in dict(expected.headers):
        wanted = [value for one, value in expected.headers if one == name]
        received = [value for one, value in headers if one.lower() == name]
        if wanted == [None] and not received:
            continue
        matched = len(wanted) == len(received) and all(
            want is not None and _matches(want, have, bound) for want, have in zip(wanted, received, strict=True)
        )
        if not matched:
            raise Mismatch(f"header {name}: expected {_headers(wanted)}, received {_headers(received)}")
    text = body.decode("utf-8", "backslashreplace")
    if not expected.body:
        if body:
            raise Mismatch(f"body: expected none, received {shortened(text)}")
    elif not expected.exact and expected.body.lstrip()[:1] in ("{", "["):
        _compare_json(_json(expected.body, "expected"), _json(text, "received"), "", bound)
    elif not _matches(expected.body, text, bound):
        raise Mismatch(f"body: expected {shortened(expected.body)}, received {shortened(text)}")


def _headers(values: Sequence[str | None]) -> str:
    return ", ".join(map(repr, values)) if any(value is not None for value in values) else "none"


def _json(text: str, whose: str) -> object:
    """Read JSON in which the marks of an expectation may stand anywhere in a string."""

    def whole(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise Mismatch(f"body: the {whose} JSON has a key twice")
        return dict(pairs)

    if whose == "expected":
        text = re.sub(r"\\(\.\.\.|<[a-z0-9-]+>)", r"\\\\\1", text)  # the backslash of a mark has to survive JSON
    try:
        return json.loads(text, object_pairs_hook=whole)
    except ValueError as error:
        raise Mismatch(f"body: the {whose} body is not JSON: {error}: {shortened(text)}") from None


def _compare_json(wanted: object, received: object, place: str, bound: dict[str, str]) -> None:
    if isinstance(wanted, str) and isinstance(received, str):
        same = _matches(wanted, received, bound)
    elif isinstance(wanted, dict) and isinstance(received, dict):
        same = wanted.keys() == received.keys()
        for key in wanted if same else ():
            _compare_json(wanted[key], received[key], f"{place}/{key}", bound)
    elif isinstance(wanted, list) and isinstance(received, list):
        same = len(wanted) == len(received)
        for index, pair in enumerate(zip(wanted, received, strict=True) if same else ()):
            _compare_json(*pair, f"{place}/{index}", bound)
    else:
        same = type(wanted) is type(received) and wanted == received
        same = same or wanted == "..."
    if not same:
        raise Mismatch(f"body at {place or 'its root'}: expected {shortened(wanted)}, received {shortened(received)}")


def _matches(wanted: str, received: str, bound: dict[str, str]) -> bool:
    """Tell whether a text fits; `bound` keeps what each placeholder stood for so far in this answer."""
    pattern, names, end = "", set[str](), 0
    for mark in MARKS.finditer(wanted):
        pattern += re.escape(wanted[end : mark.start()])
        name = (mark["name"] or "").replace("-", "_")
        if mark["text"] or (mark["name"] and mark["name"] not in PLACEHOLDERS):
            pattern += re.escape(mark["text"] or mark[0])
        elif mark["any"]:
            pattern += ".*?"
        elif name in bound:
            pattern += re.escape(bound[name])
        elif name in names:
            pattern += f"(?P={name})"
        else:
            pattern += f"(?P<{name}>{PLACEHOLDERS[mark['name']]})"
            names.add(name)
        end = mark.end()
    found = re.fullmatch(pattern + re.escape(wanted[end:]), received, re.DOTALL)
    bound.update(found.groupdict() if found else {})
    return found is not None


def shortened(value: object, *, raw: bool = False) -> str:
    """Show a value in a message; of a long one its start, its end and its length."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > 2000:
        text = f"{text[:900]} ... {text[-300:]} ({len(text)} characters)"
    return text if raw else repr(text)
