"""Judges a request and an answer by a document: openapi-core as it comes, jsonschema, and RFC 9110 for what is around.

Both have to accept a body. Where one of the judges cannot read a media type, that is said, not passed over.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from benchmarks.any_document.asking import LEFT_OUT
from benchmarks.any_document.bodies import is_json
from benchmarks.any_document.description import Description, Unreadable, mapping
from benchmarks.any_document.quoting import said, without_discriminators
from benchmarks.any_document.schemas import Schemas, absolute
from benchmarks.any_document.xml_reading import read_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openapi_core import OpenAPI

    from benchmarks.any_document.asking import Asked
    from benchmarks.any_document.servers import Answer
    from openapi.reading import Json

__all__ = ["Judge", "Verdict"]

NO_DISCRIMINATORS = "(accepted once the document has no discriminators)"
"""How a verdict of openapi-core ends that a discriminator made."""

_BARE = (204, 205, 304)
_LINES = ("ndjson", "jsonl", "json-seq", "jsonlines")
"""Ends of media types that hold JSON in each line."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one answer. Each is '' when nothing is wrong.

    status: why it is no documented one, or refuses what is valid; core, schema: what openapi-core and jsonschema say
    of the body.
    """

    status: str = ""
    core: str = ""
    schema: str = ""

    @property
    def right(self) -> bool:
        """Tell whether nothing is wrong."""
        return not (self.status or self.core or self.schema)


class Judge:
    """Judges by one document."""

    def __init__(self, description: Description) -> None:
        self.description = Description(mapping(absolute(description.tree)))
        self._schemas = Schemas(self.description.tree, description.version)
        self._read_as: Json = {}
        self._tree = description.tree
        self._readers = {name: _reader(name, self._xml, self._words) for name in _media_types(description.tree)}
        self._api = self._opened(description.tree)

    @cached_property
    def _api_without_discriminators(self) -> OpenAPI:
        return self._opened(without_discriminators(self._tree))

    def _opened(self, tree: Json) -> OpenAPI:
        from openapi_core import Config, OpenAPI

        config = Config(
            spec_validator_cls=None,
            path_finder_cls=cast("Any", _finder()),
            extra_media_type_deserializers=self._readers,
        )
        return OpenAPI.from_dict(cast("Any", tree), config=config)

    def wrong_to_send(self, value: Json, schema: Json) -> str:
        """Say what jsonschema finds wrong with a value of a request, '' for nothing."""
        return self._schemas.wrong(value, schema, "request")

    def doubts(self, asked: Asked) -> str:
        """Say what openapi-core finds wrong with a request, '' for nothing."""
        body = self.description.resolved(asked.operation.node.get("requestBody", {}))
        self._read_as = mapping(mapping(body.get("content")).get(asked.media_type)).get("schema", {})
        found = self._errors(lambda: self._api.iter_request_errors(cast("Any", _Request(asked))))
        # Header parameters of these names are ignored (3.1.1, Parameter Object), which openapi-core does not know.
        return "; ".join(said(one) for one in found if str(getattr(one, "name", "")).lower() not in LEFT_OUT)[:400]

    def judge(self, asked: Asked, answer: Answer) -> Verdict:
        """Judge an answer: its status, its media type, and its body by both judges."""
        if not answer.status:
            return Verdict(status=answer.failure or "no answer")
        try:
            response = self.description.response(asked.operation, answer.status)
        except Unreadable as error:
            return Verdict(status=f"{answer.status}, whose reference {error} leads nowhere")
        if not asked.operation.node.get("responses") and answer.status < 400:
            return Verdict()  # nothing is promised
        if response is None or self._refuses(asked, answer.status):
            return Verdict(status=f"{answer.status}: {answer.text[:300]}")
        content = mapping(response.get("content"))
        if not content or answer.status in _BARE or asked.operation.method == "head":
            return Verdict(core=self._headers_by_core(asked, answer))
        media_type = _documented(content, answer.content_type)
        if not media_type:
            what = f"{answer.content_type or 'no media type'}, not {' or '.join(content)}"
            return Verdict(core=what, schema=what)
        node = self.description.resolved(content[media_type])
        schema = self._body(node, answer)
        self._read_as = node.get("schema", {})
        found = self._found(self._api, asked, answer)
        core = "; ".join(said(one, self._accepts) for one in found)[:400]
        if core and not schema and not self._found(self._api_without_discriminators, asked, answer):
            core = f"{core} {NO_DISCRIMINATORS}"
        return Verdict(core=core, schema=schema)

    def _refuses(self, asked: Asked, status: int) -> bool:
        """Tell whether a status refuses a request which is valid: an error, while the document has a success."""
        documented = mapping(asked.operation.node.get("responses"))
        success = any(key[:1] in ("2", "3") for key in documented)
        return status >= 400 and (success or str(status) not in documented)

    def _headers_by_core(self, asked: Asked, answer: Answer) -> str:
        from openapi_core.validation.response.exceptions import DataValidationError

        found = self._found(self._api, asked, answer)
        return "; ".join(said(one) for one in found if not isinstance(one, DataValidationError))[:400]

    def _body(self, node: dict[str, Json], answer: Answer) -> str:
        """Read a body by its media type and say what jsonschema finds wrong with it."""
        schema = node.get("schema")
        kind = answer.content_type.partition(";")[0].strip().lower()
        if is_json(kind):
            try:
                value = json.loads(answer.data)
            except ValueError as error:
                return f"not JSON: {error}"
            return self._schemas.wrong(value, schema, "response") if schema is not None else ""
        if schema is None:
            return ""
        if kind.endswith(("/xml", "+xml")) and not self._schemas.wrong("<a/>", schema, "response").startswith(
            "$: type"
        ):
            return ""  # the schema says text, or nothing
        if kind.endswith(("/xml", "+xml")):
            try:
                return self._schemas.wrong(read_xml(self.description, schema, answer.data), schema, "response")
            except ValueError as error:
                return f"not XML: {error}"
        if kind.startswith("text/") and kind != "text/event-stream":
            return self._text(schema, answer)
        if kind.endswith(_LINES):
            return self._lines(schema, answer)
        return ""  # bytes: nothing to compare

    def _lines(self, schema: Json, answer: Answer) -> str:
        """Judge each line of JSON, or all of them as a list: 3.1 does not say which of the two a schema speaks of."""
        try:
            values = [json.loads(line) for line in answer.data.splitlines() if line.strip()]
        except ValueError as error:
            return f"not JSON in each line: {error}"
        each = next(filter(None, (self._schemas.wrong(one, schema, "response") for one in values)), "")
        return each and self._schemas.wrong(values, schema, "response")

    def _text(self, schema: Json, answer: Answer) -> str:
        """Judge text as a string; where the schema wants no string, as JSON in a coat of text."""
        text = answer.data.decode("utf-8", "replace")
        found = self._schemas.wrong(text, schema, "response")
        try:
            return found and self._schemas.wrong(json.loads(text), schema, "response")
        except ValueError:
            return found

    def _xml(self, body: bytes) -> Json:
        try:
            return read_xml(self.description, self._read_as, body)
        except ValueError:
            return body.decode("utf-8", "replace")

    def _words(self, body: bytes) -> Json:
        """Read text as text, or as JSON where the schema wants no string."""
        text = body.decode("utf-8", "replace")
        if not self._schemas.wrong(text, self._read_as, "response"):
            return text
        return _json_or_text(body)

    def _accepts(self, value: Json, schema: Json) -> bool:
        return not self._schemas.wrong(value, absolute(schema), "response")

    def _found(self, api: OpenAPI, asked: Asked, answer: Answer) -> list[BaseException]:
        return self._errors(lambda: api.iter_response_errors(cast("Any", _Request(asked)), cast("Any", answer)))

    def _errors(self, errors: Callable[[], Iterable[BaseException]]) -> list[BaseException]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(errors())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever makes it stumble is told in the table, panics included
            return [GaveUp(f"{type(error).__name__}: {error}"[:200])]


class GaveUp(Exception):
    """openapi-core came to no verdict."""


def _documented(content: dict[str, Json], sent: str) -> str:
    """Find the media type that documents a body, parameters left aside; '' when there is none."""
    kind = sent.partition(";")[0].strip().lower()
    plain = {name.partition(";")[0].strip().lower(): name for name in content}
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if kind and name in plain:
            return plain[name]
    return ""


def _media_types(tree: Json) -> set[str]:
    """Find the media types of a document whose bodies openapi-core would leave as bytes, or as elements of XML."""
    found: set[str] = set()
    todo = [tree]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            named = (name.partition(";")[0].strip().lower() for name in mapping(value.get("content")))
            found |= {name for name in named if "form" not in name}
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return found


def _reader(name: str, xml: Callable[[bytes], Json], text: Callable[[bytes], Json]) -> Callable[..., Json]:
    """Give what reads a body for openapi-core: JSON, XML by the schema at hand, the first of many lines, else text."""
    if is_json(name):
        return lambda value, **_: cast("Json", json.loads(value))
    if name.endswith(_LINES):
        return lambda value, **_: cast("Json", json.loads(value.partition(b"\n")[0]))
    if "*" in name:
        return lambda value, **_: _json_or_text(value)
    if name.endswith(("/xml", "+xml")):
        return lambda value, **_: xml(value)
    return lambda value, **_: text(value)


def _json_or_text(value: bytes) -> Json:
    text = value.decode("utf-8", "replace")
    try:
        return cast("Json", json.loads(text))
    except ValueError:
        return text


def _finder() -> type:
    """Make what finds an operation by its own path template: base paths are the business of each server."""
    known: dict[str, Any] = {}

    class _ByTemplate:
        def __init__(self, spec: Any, base_url: str | None = None) -> None:  # noqa: ANN401, ARG002 - as it is called
            if not known:  # as items, since `/` would cut a path with a `#` in two
                known.update((spec / "paths").items())

        def find(self, method: str, name: str) -> Any:  # noqa: ANN401 - a named tuple without types
            from openapi_core.templating.datatypes import TemplateResult
            from openapi_core.templating.paths.datatypes import PathOperationServer

            return PathOperationServer(known[name], known[name] / method, None, TemplateResult(name, {}), {})

    return _ByTemplate


class _Request:
    """A request as openapi-core wants it."""

    host_url = ""

    def __init__(self, asked: Asked) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        headers = Headers(list(asked.headers))
        cookies = [part.strip().partition("=") for part in (headers.get("Cookie") or "").split(";") if part.strip()]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(asked.query, keep_blank_values=True)),
            header=headers,
            cookie=ImmutableMultiDict([(name, value) for name, _, value in cookies]),
            path=cast("Any", dict(asked.path_values)),
        )
        self.method = asked.operation.method
        self.path = asked.operation.path
        self.full_url_pattern = asked.operation.path
        self.content_type = asked.content_type or asked.media_type
        self.body = asked.body or None
