"""The judge: does an answer conform to a document? openapi-core decides, and is completed where it is lenient.

The one place that knows openapi-core. It shares no code with the validators of the mock: a bug would hide in both.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING, Any, NoReturn, cast

from contract_tests.dialect import format_checker, tree_for, validator_class
from contract_tests.failures import Finding
from openapi.operation import essence
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi_core import OpenAPI

    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange
    from openapi.document import Document
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

__all__ = ["Judge", "body_of", "is_json", "open_document"]

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)
_BARE = frozenset({204, 205, 304})
"""Statuses whose answers have no body (RFC 9110 15.3.5, 15.3.6, 15.4.5)."""


def body_of(exchange: Exchange) -> Json:
    """Read the body as strict JSON. Raises `ValueError` when it is not, `RecursionError` when it is too deep.

    Duplicate keys, NaN, numbers beyond all bounds, a byte order mark and half of a surrogate pair count as not JSON.
    """
    text = exchange.body.decode("utf-8")
    value: Json = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite)
    if "\\u" in text:
        _whole_characters(value)
    return value


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if abs(value) == float("inf"):
        raise ValueError("a number is beyond all bounds")
    return value


def _whole_characters(value: Json) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair is no character") from None


def is_json(media_type: str) -> bool:
    """Tell whether bodies of a media type are JSON: its subtype, or the suffix that says so (RFC 6839)."""
    subtype = essence(media_type).partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


class Judge:
    """Judges answers against one document."""

    def __init__(self, document: Document, redactor: Redactor) -> None:
        self._api = open_document(document)
        self._redactor = redactor

    def judge(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Yield everything in which an answer to an operation does not conform to the document, nothing twice.

        Never raises for what the answer holds. An exchange without an answer is not judged.
        """
        if exchange.status:
            yield from dict.fromkeys(self._judge(operation, exchange))

    def _judge(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        response = operation.response(exchange.status)
        if response is None:
            known = ", ".join(one.status for one in operation.responses)
            sentence = "Only documented statuses are answered."
            basis = operation.origin(child(operation.node.pointer, "responses")).basis
            yield Finding("AFC101", basis, sentence, f"one of {known}", str(exchange.status))
            return
        media, readable = None, False
        if exchange.body and response.media_types:
            media = _media(response, exchange)
            yield from self._judge_type(response, media, exchange)
            if media is not None:
                holds_json = is_json(essence(exchange.header("content-type") or "") or media.name)
                broken = _unreadable(exchange) if holds_json else ""
                # Forms, XML and the like are not read; nor is text under a range, where openapi-core would read JSON.
                readable = not broken if holds_json else media.is_text and "*" not in media.name
                if broken:
                    sentence = "The body is strict JSON (RFC 8259)."
                    yield Finding("AFC105", _basis(response, "content"), sentence, "JSON", broken)
        elif response.media_types and operation.method != "HEAD" and exchange.status not in _BARE:
            names = " or ".join(one.name for one in response.media_types)
            yield Finding("AFC102", _basis(response, "content"), "A documented body is sent.", names, "no body")
        yield from self._judge_parts(operation, response, exchange, media if readable else None)

    def _judge_type(self, response: Response, media: MediaType | None, exchange: Exchange) -> Iterator[Finding]:
        header = exchange.header("content-type") or ""
        basis = _basis(response, "content")
        shown = self._redactor.text(header)[:80]
        names = " or ".join(one.name for one in response.media_types)
        if not essence(header):
            yield Finding("AFC103", basis, "A body has a Content-Type.", names, "none")
        elif media is None:
            yield Finding("AFC106", basis, "The media type is a documented one.", names, shown)
        charset = _CHARSET.search(header)
        if charset and is_json(header) and charset[1].lower() not in ("utf-8", "utf8"):
            received = f"charset={self._redactor.text(charset[1])[:20]}"
            yield Finding("AFC104", "rfc", "JSON is UTF-8 (RFC 8259 8.1).", "charset=utf-8", received)

    def _judge_parts(
        self, operation: Operation, response: Response, exchange: Exchange, media: MediaType | None
    ) -> Iterator[Finding]:
        """Judge the headers and, if a media type is given, the body."""
        from openapi_core.validation.response.exceptions import DataValidationError, HeaderValidationError

        given = _Response(exchange, _documented_key(operation, exchange.status), media.name if media else "")
        errors: list[Exception] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of deprecated headers: no fault of the answer
                errors += self._api.iter_response_errors(cast("Any", _Request(operation)), cast("Any", given))
        except RecursionError:
            sentence = "The body can be judged."
            yield Finding("AFC109", _basis(response, "content"), sentence, "JSON of a usual depth", "a deeper one")
        except Exception as error:  # noqa: BLE001 - whatever an answer makes a validator stumble over, the run goes on
            what = f"openapi-core gave up: {type(error).__name__}"
            yield Finding("AFC109", "assumed", "The body can be judged.", "a verdict", what)
        for found in errors:
            if isinstance(found, HeaderValidationError):
                yield self._explain_header(found, response)
            elif media is not None and isinstance(found, DataValidationError):
                yield from self._explain_body(found, response, media)

    def _explain_header(self, error: Exception, response: Response) -> Finding:
        name = str(getattr(error, "name", ""))
        wrong = next(iter(_schema_errors(error)), None)
        expected, received = f"a conforming {name}", "text of another form"
        if "Missing" in type(error).__name__:
            expected, received = name, "none"
        elif wrong is not None:
            expected, received = _asked(wrong), self._redactor.value(wrong.instance)
        sentence = "The documented headers are sent."
        return Finding("AFC108", _basis(response, "headers", name), sentence, expected, received, name)

    def _explain_body(self, error: Exception, response: Response, media: MediaType) -> Iterator[Finding]:
        sentence = "The body conforms to its schema."
        for wrong in _schema_errors(error):
            at = child("", *wrong.absolute_path)
            # Behind a reference there is no such place, and the basis of the reference, the nearest above, counts.
            basis = _basis(response, "content", media.name, "schema", *map(str, wrong.absolute_schema_path))
            yield Finding("AFC107", basis, sentence, _asked(wrong), self._redactor.value(wrong.instance), at)


def _schema_errors(error: BaseException | None) -> list[Any]:
    while error is not None:
        if hasattr(error, "schema_errors"):
            return list(error.schema_errors)
        error = error.__cause__
    return []


def _asked(wrong: Any) -> str:  # noqa: ANN401 - jsonschema has no types
    """Say what a clause asks for, in the words of the document."""
    if not isinstance(wrong.validator, str):
        return "nothing here"  # the schema `false`
    return f"{wrong.validator} {json.dumps(wrong.validator_value, default=str)[:120]}"


def _basis(response: Response, *tokens: str) -> str:
    """Find on which basis a part of a documented response stands."""
    return response.node.document.origin(child(response.node.pointer, *tokens)).basis


def _media(response: Response, exchange: Exchange) -> MediaType | None:
    """Find what documents the body: the media type itself, else its range. Without a Content-Type, the first one."""
    wanted = essence(exchange.header("content-type") or "")
    if not wanted:
        return response.media_types[0]
    for name in (wanted, f"{wanted.partition('/')[0]}/*", "*/*"):
        for media in response.media_types:
            if essence(media.name) == name:
                return media
    return None


def _unreadable(exchange: Exchange) -> str:
    """Say why a body is no strict JSON; empty when it is. Quotes nothing of it."""
    try:
        body_of(exchange)
    except json.JSONDecodeError as error:
        return f"not JSON, from character {error.pos} on"
    except UnicodeDecodeError as error:
        return f"bytes that are not UTF-8, from byte {error.start} on"
    except RecursionError:
        return "JSON that is nested too deep"
    except ValueError as error:
        return str(error)[:80]
    return ""


def _documented_key(operation: Operation, status: int) -> str:
    """Give the status as openapi-core can find it: it knows `4XX` and not `4xx`."""
    responses = operation.node.get("responses")
    keys = list(responses.mapping) if responses is not None else []
    lower = f"{status // 100}xx"
    return str(status) if str(status) in keys else next((key for key in keys if key.lower() == lower), str(status))


# --- what openapi-core is given -----------------------------------------------------------------------------------


def open_document(document: Document) -> OpenAPI:
    """Open a document with openapi-core so that its known traps stay closed.

    It matches operations by their own path template, reads every body as what it is, and checks schemas as
    `contract_tests.dialect` says.
    """
    from openapi_core import Config, OpenAPI
    from openapi_core.validation.request.validators import V30RequestValidator, V31RequestValidator
    from openapi_core.validation.response.validators import V30ResponseValidator, V31ResponseValidator
    from openapi_core.validation.schemas.factories import SchemaValidatorsFactory

    version = str(document.tree.get("openapi"))[:3]
    old = version == "3.0"

    class _Factory(SchemaValidatorsFactory):
        def get_format_checker(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - theirs is copied for every call
            return format_checker()

    class _Asked(V30RequestValidator if old else V31RequestValidator):  # type: ignore[misc]
        schema_validators_factory = _Factory(validator_class(version, "request"))

    class _Answered(V30ResponseValidator if old else V31ResponseValidator):  # type: ignore[misc]
        schema_validators_factory = _Factory(validator_class(version, "response"))

    config = Config(
        spec_validator_cls=None,
        path_finder_cls=cast("Any", _ByTemplate),
        request_validator_cls=_Asked,
        response_validator_cls=_Answered,
        extra_media_type_deserializers=_Readers(),
    )
    tree = cast("Any", tree_for(version, document.tree))
    return OpenAPI.from_dict(tree, config=config, base_uri=document.uri)


class _ByTemplate:
    """Finds an operation by its own path template: openapi-core would match hosts, base paths and ends of paths."""

    def __init__(self, spec: Any, base_url: str | None = None) -> None:  # noqa: ANN401, ARG002 - as it is called
        self._paths = spec / "paths"

    def find(self, method: str, name: str) -> Any:  # noqa: ANN401 - a named tuple without types
        from openapi_core.templating.datatypes import TemplateResult
        from openapi_core.templating.paths.datatypes import PathOperationServer

        item = self._paths / name
        return PathOperationServer(item, item / method, None, TemplateResult(name, {}), {})


class _Readers(dict[str, Any]):
    """Reads a body by its media type: as JSON under any JSON type (a range is asked for JSON only), else as text."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a function, by openapi-core's own typing
        return _read_json if is_json(name) or "*" in name else _read_text

    def __bool__(self) -> bool:
        return True


def _read_json(body: bytes | str, **_: str) -> Json:
    """Read the bytes of a body, or the text of a parameter."""
    value: Json = json.loads(body if isinstance(body, str) else body.decode("utf-8"))
    return value


def _read_text(body: bytes, **_: str) -> str:
    return body.decode("utf-8", "replace")


class _Request:
    """An operation as openapi-core wants a request: the path template stands for the path that was sent."""

    host_url = ""
    content_type = "application/json"
    body: bytes | None = None

    def __init__(self, operation: Operation) -> None:
        from openapi_core.datatypes import RequestParameters

        self.parameters = RequestParameters()
        self.method = operation.method.lower()
        self.path = operation.path


class _Response:
    """An exchange as openapi-core wants a response, its media type by the name that the document gives it."""

    def __init__(self, exchange: Exchange, status: str, media_type: str) -> None:
        from werkzeug.datastructures import Headers  # names in any case, as openapi-core's own adapters have them

        self.status_code = status
        self.headers = Headers([(name, re.sub(r"[\r\n]", " ", value)) for name, value in exchange.headers])
        self.data = exchange.body
        self.content_type = media_type
