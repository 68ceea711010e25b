"""Where secrets stand, whatever they look like: headers, parameters and members whose names say so.

It tells of places only. What a secret is by its value, and what is shown in its stead, is the redactor's business.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from contract_tests.escapes import readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.reading import Json

__all__ = ["holds_secret", "secret_spans", "told"]

_NAMES = r"pl|uid|[a-z_-]{0,40}(?:tokens?|key|secret|password|passwd|credentials?|session_?id|jwt|signature)|sign"
_NAME, _LINK = re.compile(_NAMES, re.IGNORECASE), re.compile(r"[a-z0-9_-]*(?:link|url|uri)", re.IGNORECASE)

_HEADER = re.compile(
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|(?:.*[-_])?(?:token|secret|api-?key|key|password|credential|signature|jwt)s?"
    r"|(?:.*[-_])?session(?:[-_]?id)?",
    re.IGNORECASE,
)
_START = r"(?<![A-Za-z])"

_PLACES = re.compile(
    # a parameter of a link or a form, or an attribute
    rf"{_START}(?:{_NAMES})=(?P<parameter>\"[^\"]*\"?|[^&\s\"<>]+)"
    # a member of JSON, or of what Python and JavaScript write alike
    rf"|\"(?:{_NAMES})\"\s*:\s*(?P<member>\"(?:[^\"\\]|\\.)*\"?|-?[0-9][0-9.eE+]{{5,}})"
    rf"|'(?:{_NAMES})'\s*:\s*(?P<other>'(?:[^'\\]|\\.)*'?)"
    # XML, and the field of a form
    rf"|<(?:{_NAMES})>(?P<element>[^<]+)"
    rf"|\bname=[\"']?(?:{_NAMES})[\"']?\s[^<>]{{0,200}}?\bvalue=[\"']?(?P<field>[^\"'<>\s]+)"
    # a line of YAML, or of a header
    rf"|{_START}(?:{_NAMES}):[ \t]*(?P<line>[^\s\"'<>,;]{{0,400}}?[0-9][^\s\"'<>,;]*)",
    re.IGNORECASE,
)
"""Values that let their holder in, by the name before them."""

_BEARER = re.compile(r"\b(?:bearer|basic|token)\s+([A-Za-z0-9._~+/-]{8,}=*)", re.IGNORECASE)
_COOKIE = re.compile(r"\s*[^=;,\s]+=\"?([^;\"]*)")


def holds_secret(header: str) -> bool:
    """Tell whether a header is one whose value is shown to nobody, by its name."""
    return _HEADER.fullmatch(header.strip()) is not None


def secret_spans(text: str) -> Iterator[tuple[int, int]]:
    """Find the values that stand in secret places of a text, which is plain: its escapes are undone."""
    for found in _PLACES.finditer(text):
        begin, end = found.span(found.lastgroup or 0)
        if found.lastgroup in ("member", "other") and text[begin] in "\"'":
            begin, end = begin + 1, end - (text[end - 1] == text[begin] and end - begin > 1)
        yield begin, end


def told(headers: Iterable[tuple[str, str]], body: str) -> Iterator[str]:
    """Give what an answer tells in secret places: values of which nobody needs to know more than that they are there.

    Links count as well, in members that are named for one: their parameters, and the parts of a path that are no words.
    """
    for name, value in headers:
        if holds_secret(name):
            cookies = (
                [found[1] for found in _COOKIE.finditer(value.partition(";")[0])] if "cookie" in name.lower() else []
            )
            yield from cookies or [value, *re.split(r"[\s,;=]+", value)]
        yield from _in_text(value)
        if name.lower() in ("location", "content-location", "refresh", "link"):
            yield from _in_link(value)
    yield from _in_text(body)
    try:
        yield from _in_value(json.loads(body), secret=False)
    except (ValueError, RecursionError):
        return


def _in_text(text: str) -> Iterator[str]:
    for reading in readings(text):
        yield from (reading.text[begin:end].strip("\"'`;,.") for begin, end in secret_spans(reading.text))
        yield from (found[1] for found in _BEARER.finditer(reading.text))


def _in_value(value: Json, *, secret: bool) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _in_value(one, secret=secret)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and _LINK.fullmatch(name):
                yield from _in_link(one)
            yield from _in_value(one, secret=secret or _NAME.fullmatch(name) is not None)
    elif secret and value is not None and not isinstance(value, bool):
        yield str(value)


def _in_link(link: str) -> Iterator[str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return
    for text in (parts.query, parts.fragment):
        for _, value in parse_qsl(text):
            yield value
    yield from (part for part in map(unquote, parts.path.split("/")) if len(part) >= 16 and re.search("[0-9]", part))
