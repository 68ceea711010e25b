"""Parameters on the wire: a value as its `style` and `explode` write it. What has no form there is not written."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.parameters import Parameter
    from openapi.reading import Json

__all__ = ["Written", "has_no_form", "query_pairs", "readings", "template_text", "text_of", "written"]

Written = tuple[tuple[str, str], ...]
"""Pairs of name and text as they go over the wire; in a path and in headers one pair."""

_IN_PATHS = "/%:@!$&'()*+,;=~{}"

_READINGS = 64
"""So many readings of a text are compared at most."""


def written(parameter: Parameter, value: Json) -> Written | None:
    """Write a parameter; None where its style has no unambiguous form for the value."""
    if parameter.as_json:
        return ((parameter.name, _quoted(parameter, json.dumps(value, ensure_ascii=parameter.place != "query"))),)
    if has_no_form(parameter) and isinstance(value, list | dict):
        return None
    if not isinstance(value, list | dict):
        text = text_of(value)
        if text is None or (not text and parameter.place != "query"):
            return None
        if parameter.place == "path" and (text in (".", "..") or "/" in text):
            return None
        return ((parameter.name, _prefix(parameter) + _quoted(parameter, text)),)
    found = [text_of(part) for part in (value.values() if isinstance(value, dict) else value)]
    if not all(found):  # what is empty has no form that is read back
        return None
    texts = [_quoted(parameter, part) for part in found if part]
    if not texts or (parameter.place == "cookie" and any(mark in text for text in texts for mark in " ,;")):
        return None
    keys = [_quoted(parameter, name) for name in value] if isinstance(value, dict) else []
    if parameter.place == "query":
        return query_pairs(parameter.name, parameter.style, keys, texts, explode=parameter.explode)
    return _simple(parameter, keys, texts)


def template_text(path: str) -> str:
    """Write a path template for the wire: what no path may hold is escaped, a `#` above all; parameters stay."""
    parts = re.split(r"(\{[^/{}]*\})", path)
    return "".join(part if index % 2 else quote(part, safe=_IN_PATHS) for index, part in enumerate(parts))


def has_no_form(parameter: Parameter) -> bool:
    """Whether it is a list or an object in an exploded cookie, for which there is no form (3.1.1, Appendix D)."""
    kinds = parameter.shape.kinds
    exploded = parameter.place == "cookie" and parameter.explode and not parameter.as_json
    return exploded and bool(kinds) and kinds <= {"array", "object"}


def query_pairs(name: str, style: str, keys: list[str], texts: list[str], *, explode: bool) -> Written:
    """Write a list, or an object with such keys, of texts that are quoted, in a query or a form."""
    if style == "deepObject":
        return tuple((f"{name}[{key}]", text) for key, text in zip(keys, texts, strict=True))
    if explode:
        return tuple(zip(keys, texts, strict=True)) if keys else tuple((name, text) for text in texts)
    parts = [part for pair in zip(keys, texts, strict=True) for part in pair] if keys else texts
    return ((name, {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(style, ",").join(parts)),)


def _simple(parameter: Parameter, keys: list[str], texts: list[str]) -> Written:
    name, explode = parameter.name, parameter.explode
    separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",") if explode else ","
    if keys:
        pairs = list(zip(keys, texts, strict=True))
        parts = [f"{key}={text}" for key, text in pairs] if explode else [part for pair in pairs for part in pair]
    else:
        parts = [f"{name}={text}" for text in texts] if explode and parameter.style == "matrix" else texts
    prefix = ";" if parameter.style == "matrix" and explode else _prefix(parameter)
    return ((name, prefix + separator.join(parts)),)


def _prefix(parameter: Parameter) -> str:
    return {"label": ".", "matrix": f";{parameter.name}="}.get(parameter.style, "")


def _quoted(parameter: Parameter, text: str) -> str:
    return quote(text, safe="") if parameter.place in ("path", "query") else text


def text_of(value: Json) -> str | None:
    """Write a value that is no list and no object; None for null, which has no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else None


def readings(value: Json) -> Iterator[Json]:
    """Give every value that a parameter may be read as once it is text: `7` is a text and a number."""
    if isinstance(value, dict | list):
        parts = list(value.values()) if isinstance(value, dict) else value
        for number, found in enumerate(product(*(list(readings(part)) for part in parts))):
            if number == _READINGS:
                return
            yield dict(zip(value, found, strict=True)) if isinstance(value, dict) else list(found)
        return
    text = text_of(value)
    if text is None:
        yield value
        return
    yield text
    if re.fullmatch(r"[+-]?[0-9]+", text):
        yield int(text)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        yield float(text)
    if text.lower() in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        yield text.lower() in ("true", "1", "yes", "on")
    if text in ("", "null"):
        yield None
