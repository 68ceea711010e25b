"""The judge: does an answer conform to a document? openapi-core decides, and is completed where it is lenient.

With `oracle.py` the one place that knows openapi-core. It shares no code with the validators of the mock: a bug would
hide in both.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING, Any, NoReturn, cast

from contract_tests.codes import define
from contract_tests.failures import Finding
from contract_tests.oracle import Answered, AskedOperation, is_json, open_document
from openapi.operation import essence
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange
    from openapi.document import Document
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

__all__ = ["Judge", "body_of", "is_json", "open_document"]

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)
_BARE = frozenset({204, 205, 304})
"""Statuses whose answers have no body (RFC 9110 15.3.5, 15.3.6, 15.4.5)."""

STATUS = define(
    "AFC101", "status", "Only documented statuses are answered.",
    why="A client branches on the status. One that no page names meets no branch, or the wrong one.",
)  # fmt: skip
NO_BODY = define(
    "AFC102", "no body", "A documented body is sent.",
    why="What the document shows is what a client reads; where it is missing, the client reads nothing, or breaks.",
)  # fmt: skip
NO_TYPE = define(
    "AFC103", "no content type", "A body has a Content-Type.",
    why="Without one the reader has to guess what the body is (RFC 9110 8.3), and libraries guess differently.",
)  # fmt: skip
CHARSET = define(
    "AFC104", "charset", "JSON is UTF-8 (RFC 8259 8.1).", basis="rfc",
    why="A reader that believes another charset turns every letter beyond ASCII into something else.",
)  # fmt: skip
NOT_JSON = define(
    "AFC105", "not JSON", "The body is strict JSON (RFC 8259).",
    why="Half a text, a repeated key, NaN or bytes that are no UTF-8 are read by some libraries and refused by others.",
)  # fmt: skip
TYPE = define(
    "AFC106", "undocumented media type", "The media type is a documented one.",
    why="A client chooses its reader by the media type: JSON that comes as text/html is not even looked at by many.",
)  # fmt: skip
BODY = define(
    "AFC107", "body", "The body conforms to its schema.",
    why="A missing member, another type or a value beyond its bounds breaks the code that was written by the document.",
)  # fmt: skip
HEADERS = define(
    "AFC108", "headers", "The documented headers are sent.",
    why="What a client relies on may stand in a header: where to go on, how long to wait, which request it was.",
)  # fmt: skip
NOT_JUDGED = define(
    "AFC109", "not judged", "The body can be judged.",
    why="An answer that makes a validator give up, by its depth for instance, breaks other readers as well.",
)  # fmt: skip


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
            basis = operation.origin(child(operation.node.pointer, "responses")).basis
            yield Finding.of(STATUS, basis, f"one of {known}", str(exchange.status))
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
                    yield Finding.of(NOT_JSON, _basis(response, "content"), "JSON", broken)
        elif response.media_types and operation.method != "HEAD" and exchange.status not in _BARE:
            names = " or ".join(one.name for one in response.media_types)
            yield Finding.of(NO_BODY, _basis(response, "content"), names, "no body")
        yield from self._judge_parts(operation, response, exchange, media if readable else None)

    def _judge_type(self, response: Response, media: MediaType | None, exchange: Exchange) -> Iterator[Finding]:
        header = exchange.header("content-type") or ""
        basis = _basis(response, "content")
        shown = " ".join(self._redactor.text(header).split())[:80]  # on one line, whatever stands in it
        names = " or ".join(one.name for one in response.media_types)
        if not essence(header):
            yield Finding.of(NO_TYPE, basis, names, "none")
        elif media is None:
            yield Finding.of(TYPE, basis, names, shown)
        charset = _CHARSET.search(header)
        if charset and is_json(header) and charset[1].lower() not in ("utf-8", "utf8"):
            received = f"charset={self._redactor.text(charset[1])[:20]}"
            yield Finding.of(CHARSET, CHARSET.basis, "charset=utf-8", received)

    def _judge_parts(
        self, operation: Operation, response: Response, exchange: Exchange, media: MediaType | None
    ) -> Iterator[Finding]:
        """Judge the headers and, if a media type is given, the body."""
        from openapi_core.validation.response.exceptions import DataValidationError, HeaderValidationError

        given = Answered(exchange, _documented_key(operation, exchange.status), media.name if media else "")
        errors: list[Exception] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of deprecated headers: no fault of the answer
                errors += self._api.iter_response_errors(cast("Any", AskedOperation(operation)), cast("Any", given))
        except RecursionError:
            yield Finding.of(NOT_JUDGED, _basis(response, "content"), "JSON of a usual depth", "a deeper one")
        except Exception as error:  # noqa: BLE001 - whatever an answer makes a validator stumble over, the run goes on
            what = f"openapi-core gave up: {type(error).__name__}"
            yield Finding.of(NOT_JUDGED, "assumed", "a verdict", what)
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
        return Finding.of(HEADERS, _basis(response, "headers", name), expected, received, name)

    def _explain_body(self, error: Exception, response: Response, media: MediaType) -> Iterator[Finding]:
        for wrong in _schema_errors(error):
            at = child("", *wrong.absolute_path)
            # Behind a reference there is no such place, and the basis of the reference, the nearest above, counts.
            basis = _basis(response, "content", media.name, "schema", *map(str, wrong.absolute_schema_path))
            yield Finding.of(BODY, basis, _asked(wrong), self._redactor.value(wrong.instance), at)


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
    keys = list(responses.value) if responses is not None and isinstance(responses.value, dict) else []
    lower = f"{status // 100}xx"
    return str(status) if str(status) in keys else next((key for key in keys if key.lower() == lower), str(status))
