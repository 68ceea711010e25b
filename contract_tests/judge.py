"""The judge: does an answer conform to a document? openapi-core decides, and is completed where it is lenient.

It is the one place that knows openapi-core. It shares no code with the validators of the mock: a bug would hide in both.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from contract_tests.failures import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.redaction import Redactor
    from contract_tests.targets import Exchange
    from openapi.document import Document
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["Judge", "body_of"]

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]+)", re.IGNORECASE)


def body_of(exchange: Exchange) -> Json:
    """Read the body as strict JSON. Raises `ValueError` when it is not: duplicate keys and NaN count as not."""

    def no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def no_constant(word: str) -> Json:
        raise ValueError(f"{word} is no JSON number")

    text = exchange.body.decode("utf-8")
    value: Json = json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant)
    return value


class Judge:
    """Judges answers against one document."""

    def __init__(self, document: Document, redactor: Redactor) -> None:
        from openapi_core import Config, OpenAPI

        # The server is replaced, in a copy: openapi-core matches the host too, and ours is another one.
        tree = {**document.tree, "servers": [{"url": "/"}]}
        formats = cast("dict[str, Callable[[Any], bool]]", FORMATS)
        config = Config(spec_validator_cls=None, extra_format_validators=formats)
        self._api = OpenAPI.from_dict(cast("Any", tree), config=config, base_uri=document.uri)
        self._document = document
        self._redactor = redactor

    def judge(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Yield everything in which an answer to an operation does not conform to the document."""
        response = operation.response(exchange.status)
        if response is None:
            known = ", ".join(one.status for one in operation.responses)
            sentence = "Only documented statuses are answered."
            yield Finding("AFC101", "documented", sentence, f"one of {known}", str(exchange.status))
            return
        if not response.media_types:
            return
        basis = self._document.origin(f"{response.node.pointer}/content").basis
        yield from self._judge_type(exchange, basis)
        if exchange.body:
            yield from self._judge_content(operation, exchange, response.node.pointer)
        else:
            sentence = "A documented body is sent."
            yield Finding("AFC102", basis, sentence, " or ".join(one.name for one in response.media_types), "no body")

    def _judge_type(self, exchange: Exchange, basis: str) -> Iterator[Finding]:
        header = exchange.header("content-type")
        if exchange.body and not header:
            yield Finding("AFC103", basis, "A body has a Content-Type.", "the documented media type", "none")
        charset = _CHARSET.search(header or "")
        if charset and "json" in (header or "") and charset[1].lower() not in ("utf-8", "utf8"):
            yield Finding(
                "AFC104", "rfc", "JSON is UTF-8 (RFC 8259 8.1).", "charset=utf-8", f"charset={charset[1][:20]}"
            )

    def _judge_content(self, operation: Operation, exchange: Exchange, pointer: str) -> Iterator[Finding]:
        from openapi_core.exceptions import OpenAPIError

        if "json" in (exchange.header("content-type") or ""):
            try:
                body_of(exchange)
            except (ValueError, RecursionError) as error:
                what = "not JSON" if isinstance(error, json.JSONDecodeError) else str(error)[:80]
                basis = self._document.origin(f"{pointer}/content").basis
                yield Finding("AFC105", basis, "The body is strict JSON (RFC 8259).", "JSON", what)
                return
        request, response = _Request(operation), _Response(exchange)
        try:
            errors = list(self._api.iter_response_errors(request, response))
        except (OpenAPIError, ValueError, TypeError, RecursionError) as error:
            errors = [error]
        for error in errors:
            yield from self._explain(error, operation, exchange, pointer)

    def _explain(self, error: Exception, operation: Operation, exchange: Exchange, pointer: str) -> Iterator[Finding]:
        cause: BaseException | None = error
        while cause is not None and not hasattr(cause, "schema_errors"):
            cause = cause.__cause__
        if cause is None and "Header" in type(error).__name__ + type(error.__cause__).__name__:
            basis = self._document.origin(f"{pointer}/headers").basis
            yield Finding("AFC108", basis, "The documented headers are sent.", "conforming headers", str(error)[:120])
            return
        if cause is None:
            content = self._document.origin(f"{pointer}/content").basis
            received = (exchange.header("content-type") or "none")[:80]
            response = operation.response(exchange.status)
            known = " or ".join(one.name for one in response.media_types) if response else ""
            yield Finding("AFC106", content, "The media type is a documented one.", known, received)
            return
        media = _media_name(operation, exchange)
        for wrong in cast("Any", cause).schema_errors:
            at = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in wrong.absolute_path)
            clause = "".join(f"/{part}" for part in wrong.absolute_schema_path)
            basis = self._basis(f"{pointer}/content/{media.replace('/', '~1')}/schema", clause)
            expected = f"{wrong.validator} {json.dumps(wrong.validator_value, default=str)[:120]}"
            received = self._redactor.value(wrong.instance)
            yield Finding("AFC107", basis, "The body conforms to its schema.", expected, received, at or "/")

    def _basis(self, schema: str, clause: str) -> str:
        """Find the basis of a clause; behind a reference its place is another, and the reference's own basis counts."""
        before = clause.partition("/$ref")[0]
        return self._document.origin(schema + before).basis


def _media_name(operation: Operation, exchange: Exchange) -> str:
    response = operation.response(exchange.status)
    essence = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    names = [one.name for one in response.media_types] if response else []
    return next(
        (name for name in names if name.partition(";")[0].strip().lower() == essence), names[0] if names else ""
    )


class _Request:
    """An operation as openapi-core wants a request: the path template stands for the path that was sent."""

    host_url = "http://contract.invalid"
    content_type = "application/json"
    body: bytes | None = None

    def __init__(self, operation: Operation) -> None:
        from openapi_core.datatypes import RequestParameters

        names = re.findall(r"\{([^}]*)\}", operation.path)
        self.parameters = RequestParameters(path=dict.fromkeys(names, "x"))
        self.method = operation.method.lower()
        self.path = re.sub(r"\{[^}]*\}", "x", operation.path)


class _Response:
    """An exchange as openapi-core wants a response."""

    def __init__(self, exchange: Exchange) -> None:
        from werkzeug.datastructures import Headers  # names in any case, as openapi-core's own adapters have them

        self.status_code = exchange.status
        self.headers = Headers(list(exchange.headers))
        self.data = exchange.body
        # A trailing ';' or a parameter without '=' makes openapi-core raise: only well-formed parameters are handed on.
        parts = (exchange.header("content-type") or "application/octet-stream").lower().split(";")
        self.content_type = ";".join([parts[0].strip(), *(part.strip() for part in parts[1:] if "=" in part)])


def _is_uri(text: object) -> bool:
    if not isinstance(text, str):
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not re.search(r"[\s<>\"{}|\\^`]", text)


FORMATS = {"uri": _is_uri}
"""Formats that openapi-core leaves unchecked and that our contract uses."""
