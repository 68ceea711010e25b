"""Makes a valid request for each operation and each media type that its body can have, as a client would write it.

What is written here is proved elsewhere: values by jsonschema, whole requests by openapi-core.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from benchmarks.any_document.bodies import NotWritten, kept, unfit, written
from benchmarks.any_document.description import Unreadable, mapping
from benchmarks.any_document.values import Unmakeable, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.any_document.description import Description, Operation
    from openapi.reading import Json

__all__ = ["KEY", "LEFT_OUT", "Asked", "Asking", "NotAsked"]

KEY = "sk-mock-byteplus-direct"
"""The fake credential that our mock takes; the others take anything."""

LEFT_OUT = frozenset(
    [
        "accept", "content-type", "authorization", "content-length", "content-encoding", "transfer-encoding",
        "connection", "host", "expect", "upgrade", "te",
    ]
)  # fmt: skip
"""Header parameters that a document cannot define (3.1.1, Parameter Object), and those that HTTP itself reads."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED = ":/?#[]@!$&'()*+,;="


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. path: without the base path of the server, encoded; path_values: decoded, by name."""

    operation: Operation
    base_path: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    media_type: str = ""
    body: bytes = b""
    path_values: dict[str, str] = field(default_factory=dict)
    content_type: str = ""

    @property
    def name(self) -> str:
        """Give method, path template and the media type of the body."""
        return f"{self.operation.name} {self.media_type}".strip()


@dataclass(frozen=True, slots=True)
class NotAsked:
    """An operation for which no valid request was found, and why."""

    operation: Operation
    reason: str


class Asking:
    """Makes the requests of one document. wrong: says what is wrong with a value by a schema, '' for nothing."""

    def __init__(self, description: Description, wrong: Callable[[Json, Json], str]) -> None:
        self._description = description
        self._values = Values(description)
        self._wrong = wrong

    def requests(self, operation: Operation, *, optional: bool = True) -> Iterator[Asked | NotAsked]:
        """Make a request for each media type; optional: whether parameters that may be left out are sent."""
        try:
            draft = _Draft(operation.path)
            for parameter in self._description.parameters(operation):
                if optional or parameter.get("required") is True or parameter.get("in") == "path":
                    self._add(draft, parameter)
            self._sign(draft, operation)
            base = self._description.base_path(operation)
            body = self._description.resolved(operation.node.get("requestBody", {}))
            content = mapping(body.get("content"))
        except (Unmakeable, Unreadable) as error:
            yield NotAsked(operation, str(error))
            return
        if not content:
            yield draft.asked(operation, base)
        reasons = []
        for media_type, node in content.items():
            if "/" not in media_type:
                reasons.append(f"{media_type}: no media type")
                continue
            try:
                value = self._body(media_type, self._description.resolved(node))
                content_type, raw = written(self._description, media_type, self._description.resolved(node), value)
                yield draft.asked(operation, base, media_type, content_type, raw)
            except (Unmakeable, Unreadable, NotWritten) as error:
                reasons.append(f"{media_type}: {error}")
        if content and len(reasons) == len(content) and body.get("required") is not True:
            yield draft.asked(operation, base)
        elif content and len(reasons) == len(content):
            yield NotAsked(operation, "; ".join(reasons))

    def _body(self, media_type: str, node: dict[str, Json]) -> Json:
        schema = node.get("schema", {})

        def wrong(value: Json) -> str:
            sent = kept(media_type, value)
            return self._wrong(sent, schema) or unfit(media_type, sent)

        return kept(media_type, self._values.value(schema, self._examples(node), wrong))

    def _examples(self, node: dict[str, Json]) -> list[Json]:
        found = [node["example"]] if "example" in node else []
        for one in mapping(node.get("examples")).values():
            try:
                found += [self._description.resolved(one)["value"]]
            except (KeyError, Unreadable):
                continue
        return found

    # --- parameters ---

    def _add(self, draft: _Draft, parameter: dict[str, Json]) -> None:
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        if place == "header" and (name.lower() in LEFT_OUT or not _TOKEN.fullmatch(name)):
            return  # no header that could be sent
        content = mapping(parameter.get("content"))
        node = self._description.resolved(next(iter(content.values()))) if content else parameter
        schema = node.get("schema", {})
        examples = [*self._examples(parameter), *self._examples(node)]
        try:
            value = self._values.value(
                schema,
                examples,
                lambda one: (
                    _unfit(place, one) or ("" if content else _unwritten(one, parameter)) or self._wrong(one, schema)
                ),
            )
        except Unmakeable as error:
            if parameter.get("required") is True or place == "path":
                raise Unmakeable(f"{place} parameter {name}: {error}") from None
            return
        if content:
            value = json.dumps(value) if "json" in next(iter(content)) else value
            parameter = {**parameter, "style": None, "explode": None}
        if place == "path":
            draft.path_values[name] = _simple_text(value, parameter)
            draft.path = draft.path.replace(f"{{{name}}}", _path_text(name, value, parameter))
        elif place == "query":
            draft.query += _query(name, value, parameter)
        elif place == "header":
            draft.headers.append((name, _header_text(value, parameter)))
        elif place == "cookie":
            draft.cookies += _query(name, value, {**parameter, "style": "form"})

    def _sign(self, draft: _Draft, operation: Operation) -> None:
        alternatives = self._description.security(operation)
        for scheme in alternatives[0] if alternatives else []:
            kind, place, name = scheme.get("type"), scheme.get("in"), str(scheme.get("name"))
            if kind == "apiKey" and place == "query":
                draft.query.append((quote(name, safe=""), quote(KEY)))
            elif kind == "apiKey" and place == "cookie":
                draft.cookies.append((name, KEY))
            elif kind == "apiKey":
                draft.headers.append((name, KEY))
            elif kind == "http" and str(scheme.get("scheme")).lower() == "basic":
                draft.headers.append(("Authorization", "Basic " + base64.b64encode(f"any:{KEY}".encode()).decode()))
            else:
                draft.headers.append(("Authorization", f"Bearer {KEY}"))


class _Draft:
    """A request in the making."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.path_values: dict[str, str] = {}
        self.query: list[tuple[str, str]] = []
        self.headers: list[tuple[str, str]] = []
        self.cookies: list[tuple[str, str]] = []

    def asked(
        self, operation: Operation, base: str, media_type: str = "", content_type: str = "", body: bytes = b""
    ) -> Asked:
        """Finish it. Each header is sent once."""
        headers = {name.lower(): (name, value) for name, value in self.headers}
        if self.cookies:
            headers["cookie"] = ("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies))
        query = "&".join(f"{name}={value}" for name, value in dict.fromkeys(self.query))
        path = quote(self.path, safe="/%:@!$&'()*+,;=~.-_")  # what no path may hold, above all a `#`
        sent = tuple(headers.values())
        values = self.path_values
        return Asked(operation, base, path, query, sent, media_type, body, values, content_type)


def _unfit(place: str, value: Json) -> str:
    """Say why a value cannot stand in a place, '' if it can: an empty segment, a slash or a dot name another path."""
    text = value if isinstance(value, str) else "a"
    if place == "path" and (text in ("", ".", "..") or "/" in text or value in ([], {})):
        return "it does not fit into a segment"
    if place == "header" and not (text.isascii() and text.isprintable()):
        return "it does not fit into a header"
    if place in ("query", "cookie") and value in ([], {}, ""):
        return "nothing would be sent"
    return ""


def _unwritten(value: Json, parameter: dict[str, Json]) -> str:
    """Say why no style writes a value, '' if one does: only `deepObject` has a place for what is nested."""
    members = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    nested = any(isinstance(one, (dict, list)) for one in members)
    return "no style writes what is nested" if nested and parameter.get("style") != "deepObject" else ""


def _plain(value: Json) -> str:
    """Write a scalar as parameters have it."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if value is not None else ""


def _encoded(value: Json, parameter: dict[str, Json]) -> str:
    safe = (
        _RESERVED.replace("&", "").replace("#", "").replace("+", "") if parameter.get("allowReserved") is True else ""
    )
    return quote(_plain(value), safe=safe)


def _members(value: dict[str, Json], between: str, sign: str) -> str:
    return between.join(f"{quote(name, safe='')}{sign}{quote(_plain(one), safe='')}" for name, one in value.items())


def _path_text(name: str, value: Json, parameter: dict[str, Json]) -> str:
    style, explode = parameter.get("style") or "simple", parameter.get("explode") is True
    before = {"label": ".", "matrix": ";"}.get(str(style), "")
    between = {"label": ".", "matrix": ";"}.get(str(style), ",") if explode else ","
    named = f"{quote(name, safe='')}=" if style == "matrix" else ""
    if isinstance(value, dict):
        text = _members(value, between, "=" if explode else ",")
        return before + ("" if explode else named) + text
    if isinstance(value, list):
        items = [quote(_plain(one), safe="") for one in value]
        return before + (between.join(named + one for one in items) if explode else named + ",".join(items))
    return before + named + quote(_plain(value), safe="")


def _simple_text(value: Json, parameter: dict[str, Json]) -> str:
    """Write a path value decoded, as openapi-core wants to see it."""
    from urllib.parse import unquote

    return unquote(_path_text(str(parameter.get("name")), value, parameter))


def _header_text(value: Json, parameter: dict[str, Json]) -> str:
    if isinstance(value, dict):
        sign = "=" if parameter.get("explode") is True else ","
        return ",".join(f"{name}{sign}{_plain(one)}" for name, one in value.items())
    return ",".join(map(_plain, value)) if isinstance(value, list) else _plain(value)


def _query(name: str, value: Json, parameter: dict[str, Json]) -> list[tuple[str, str]]:
    style = str(parameter.get("style") or "form")
    explode = parameter.get("explode", style in ("form", "deepObject")) is True
    key = quote(name, safe="")
    if isinstance(value, (dict, list)) and style == "deepObject":
        return [(quote(path, safe=""), text) for path, text in _deep(name, value, parameter)]
    if isinstance(value, dict) and explode:
        return [(quote(member, safe=""), _encoded(one, parameter)) for member, one in value.items()]
    if isinstance(value, dict):
        return [(key, _members(value, ",", ","))]
    if isinstance(value, list) and explode:
        return [(key, _encoded(one, parameter)) for one in value]
    if isinstance(value, list):
        between = {"spaceDelimited": "%20", "pipeDelimited": "|"}.get(style, ",")
        return [(key, between.join(_encoded(one, parameter) for one in value))]
    return [(key, _encoded(value, parameter))]


def _deep(path: str, value: Json, parameter: dict[str, Json]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _deep(f"{path}[{name}]", one, parameter)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _deep(f"{path}[{number}]", one, parameter)
    else:
        yield path, _encoded(value, parameter)
