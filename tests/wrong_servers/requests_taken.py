"""Faults in what is taken: requests that the document allows and the server refuses, and the other way round."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from tests.wrong_servers.faults import (
    BLANK,
    CHARSET,
    EMPTY,
    FIRST,
    INVALID,
    LONG,
    LOWER,
    MALFORMED,
    NON_ASCII,
    NONE,
    NOT_UTF8,
    ODD,
    TYPES,
    UNKNOWN,
    WRONG_BODIES,
    WRONG_CALLBACKS,
    fault,
)  # fmt: skip
from tests.wrong_servers.server import JSON, refusal

if TYPE_CHECKING:
    from tests.wrong_servers.server import Answer, Request, Serve


def taken(request: Request, serve: Serve, value: Any) -> Answer:  # noqa: ANN401 - any JSON
    """Let the right server see another JSON body."""
    return serve(replace(request.having(content_type=JSON), body=json.dumps(value).encode()))


def is_called_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith(JSON)


def callback_of(request: Request) -> Any:  # noqa: ANN401 - any JSON
    value = request.value()
    return value.get("CallbackURL") if isinstance(value, dict) else None


def refused_if(condition: object, request: Request, serve: Serve) -> Answer:
    """Refuse what the right server accepts, if a condition holds."""
    answer = serve(request)
    return refusal(400, "not as we like it") if condition and answer.status == 200 else answer


# --- refused though allowed -------------------------------------------------------------------------------------------


@fault(NONE)
def no_body_refused(request: Request, serve: Serve) -> Answer:
    """A request without a body is refused."""
    return refused_if(not request.body, request, serve)


@fault(EMPTY)
def empty_object_refused(request: Request, serve: Serve) -> Answer:
    """An empty object is refused."""
    return refused_if(request.value() == {}, request, serve)


@fault(NONE, EMPTY)
def callback_required(request: Request, serve: Serve) -> Answer:
    """A request without CallbackURL is refused."""
    return refused_if(callback_of(request) is None, request, serve)


@fault(UNKNOWN)
def unknown_property_refused(request: Request, serve: Serve) -> Answer:
    """A property that the document does not name is refused."""
    value = request.value()
    return refused_if(isinstance(value, dict) and set(value) - {"CallbackURL"}, request, serve)


@fault(CHARSET)
def charset_refused(request: Request, serve: Serve) -> Answer:
    """A media type with a charset is refused."""
    return refused_if("charset" in request.headers.get("content-type", ""), request, serve)


@fault(NON_ASCII)
def non_ascii_refused(request: Request, serve: Serve) -> Answer:
    """A body that is not ASCII is refused."""
    return refused_if(not request.body.isascii(), request, serve)


@fault(LONG)
def long_callback_refused(request: Request, serve: Serve) -> Answer:
    """A CallbackURL of more than 2,048 characters is refused."""
    return refused_if(len(str(callback_of(request))) > 2048, request, serve)


@fault(LONG)
def long_body_too_large(request: Request, serve: Serve) -> Answer:
    """A body of more than 1,024 bytes is answered 413."""
    return refusal(413, "too large") if len(request.body) > 1024 else serve(request)


@fault(BLANK)
def empty_callback_refused(request: Request, serve: Serve) -> Answer:
    """An empty CallbackURL is refused; the document sets no least length."""
    return refused_if(callback_of(request) == "", request, serve)


@fault(ODD)
def http_callback_refused(request: Request, serve: Serve) -> Answer:
    """A CallbackURL that is http is refused."""
    return refused_if(str(callback_of(request)).startswith("http:"), request, serve)


@fault(ODD)
def percent_in_callback_refused(request: Request, serve: Serve) -> Answer:
    """A CallbackURL with a percent sign is refused, as by a filter for attacks."""
    return refused_if("%" in str(callback_of(request)), request, serve)


@fault(FIRST, NON_ASCII, ODD, LONG, UNKNOWN, CHARSET, LOWER)
def callback_refused(request: Request, serve: Serve) -> Answer:
    """Every CallbackURL is refused."""
    return refused_if(callback_of(request), request, serve)


@fault(UNKNOWN, CHARSET, LOWER)
def same_callback_refused(request: Request, serve: Serve) -> Answer:
    """A CallbackURL that was used before is answered 409."""
    answer, url = serve(request), callback_of(request)
    if answer.status != 200 or not url:
        return answer
    seen = request.memory.setdefault("seen", set())
    if url in seen:
        return refusal(409, "used before")
    seen.add(url)
    return answer


@fault(LOWER)
def header_of_type_compared_with_case(request: Request, serve: Serve) -> Answer:
    """The media type counts only in "Content-Type"."""
    return refused_if(request.body and "Content-Type" not in request.spelled, request, serve)


@fault(NONE)
def accept_required(request: Request, serve: Serve) -> Answer:
    """A request without Accept is refused."""
    return refused_if("accept" not in request.headers, request, serve)


@fault(NON_ASCII)
def quotes_in_callback_refused(request: Request, serve: Serve) -> Answer:
    """A CallbackURL with a quotation mark is refused, as by a filter for attacks."""
    return refused_if('"' in str(callback_of(request)), request, serve)


# --- taken though forbidden -------------------------------------------------------------------------------------------


@fault(*WRONG_BODIES, *WRONG_CALLBACKS)
def nothing_validated(request: Request, serve: Serve) -> Answer:
    """Whatever is JSON is accepted."""
    answer = serve(request)
    is_json = request.body == b"null" or request.value() is not None
    return taken(request, serve, {}) if answer.status == 400 and is_json and is_called_json(request) else answer


@fault(*WRONG_BODIES, *WRONG_CALLBACKS, *MALFORMED, reports=(NOT_UTF8,))
def body_not_read(request: Request, serve: Serve) -> Answer:
    """A JSON body that the right server would refuse is taken for none."""
    answer = serve(request)
    return taken(request, serve, {}) if answer.status == 400 and is_called_json(request) else answer


@fault(*MALFORMED, reports=(NOT_UTF8,))
def malformed_taken_for_none(request: Request, serve: Serve) -> Answer:
    """A body that is no JSON is taken for none."""
    malformed = request.body and request.value() is None and request.body != b"null"
    return taken(request, serve, {}) if malformed and is_called_json(request) else serve(request)


@fault("invalid/trailing-comma")
def trailing_comma_accepted(request: Request, serve: Serve) -> Answer:
    """A comma before the closing brace is accepted."""
    return serve(replace(request, body=request.body.replace(b",}", b"}")))


@fault("invalid/not-json")
def form_text_as_json_accepted(request: Request, serve: Serve) -> Answer:
    """A form under the name of JSON is accepted."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    return taken(request, serve, form) if request.value() is None and "CallbackURL" in form else serve(request)


@fault("invalid/truncated")
def truncated_accepted(request: Request, serve: Serve) -> Answer:
    """Text whose braces are not closed is accepted."""
    return taken(request, serve, {}) if request.body.count(b"{") > request.body.count(b"}") else serve(request)


@fault(reports=(NOT_UTF8,))
def not_utf8_replaced(request: Request, serve: Serve) -> Answer:
    """Bytes that are not UTF-8 are replaced without a word, as most JSON readers do: told of, not failed."""
    return serve(replace(request, body=request.body.decode("utf-8", "replace").encode()))


@fault("invalid/body-array")
def array_accepted(request: Request, serve: Serve) -> Answer:
    """An array is accepted."""
    return taken(request, serve, {}) if isinstance(request.value(), list) else serve(request)


@fault("invalid/body-string")
def string_accepted(request: Request, serve: Serve) -> Answer:
    """A string is accepted."""
    return taken(request, serve, {}) if isinstance(request.value(), str) else serve(request)


@fault("invalid/body-string")
def string_read_as_json(request: Request, serve: Serve) -> Answer:
    """A string is read as JSON once more."""
    value = request.value()
    return serve(replace(request, body=value.encode())) if isinstance(value, str) else serve(request)


@fault("invalid/body-integer")
def number_accepted(request: Request, serve: Serve) -> Answer:
    """A number is accepted."""
    return taken(request, serve, {}) if type(request.value()) is int else serve(request)


@fault("invalid/body-boolean")
def boolean_accepted(request: Request, serve: Serve) -> Answer:
    """True is accepted."""
    return taken(request, serve, {}) if request.value() is True else serve(request)


@fault("invalid/body-null")
def null_accepted(request: Request, serve: Serve) -> Answer:
    """Null is taken for no body."""
    return taken(request, serve, {}) if request.body == b"null" else serve(request)


@fault("invalid/CallbackURL-integer", "invalid/CallbackURL-boolean")
def scalars_made_strings(request: Request, serve: Serve) -> Answer:
    """Numbers and booleans are made strings."""
    url = callback_of(request)
    return taken(request, serve, {"CallbackURL": str(url)}) if isinstance(url, int) else serve(request)


@fault("invalid/CallbackURL-integer")
def callback_number_accepted(request: Request, serve: Serve) -> Answer:
    """A number as CallbackURL is accepted."""
    return taken(request, serve, {}) if type(callback_of(request)) is int else serve(request)


@fault("invalid/CallbackURL-boolean")
def callback_boolean_accepted(request: Request, serve: Serve) -> Answer:
    """A boolean as CallbackURL is accepted."""
    return taken(request, serve, {}) if isinstance(callback_of(request), bool) else serve(request)


@fault("invalid/CallbackURL-array")
def callback_array_accepted(request: Request, serve: Serve) -> Answer:
    """An array as CallbackURL is accepted."""
    return taken(request, serve, {}) if isinstance(callback_of(request), list) else serve(request)


@fault("invalid/CallbackURL-object")
def callback_object_accepted(request: Request, serve: Serve) -> Answer:
    """An object as CallbackURL is accepted."""
    return taken(request, serve, {}) if isinstance(callback_of(request), dict) else serve(request)


@fault("invalid/CallbackURL-null")
def callback_null_accepted(request: Request, serve: Serve) -> Answer:
    """A null CallbackURL is taken for none."""
    value = request.value()
    null = isinstance(value, dict) and "CallbackURL" in value and value["CallbackURL"] is None
    return taken(request, serve, {}) if null else serve(request)


@fault(*TYPES)
def media_type_not_looked_at(request: Request, serve: Serve) -> Answer:
    """JSON under any media type is accepted."""
    return serve(request.having(content_type=JSON))


@fault("media-type/text")
def text_accepted(request: Request, serve: Serve) -> Answer:
    """JSON under text/plain is accepted."""
    plain = request.headers.get("content-type") == "text/plain"
    return serve(request.having(content_type=JSON)) if plain else serve(request)


@fault("media-type/form")
def form_accepted(request: Request, serve: Serve) -> Answer:
    """A form is accepted."""
    form = "urlencoded" in request.headers.get("content-type", "")
    return taken(request, serve, {}) if form else serve(request)


@fault(*TYPES)
def other_media_types_ignored(request: Request, serve: Serve) -> Answer:
    """A body of another media type is taken for none."""
    return serve(request) if is_called_json(request) else serve(replace(request, body=b""))


@fault(*INVALID, reports=(NOT_UTF8,))
def everything_accepted(request: Request, serve: Serve) -> Answer:
    """Every body is accepted."""
    answer = serve(request)
    return taken(request, serve, {}) if answer.status == 400 else answer
