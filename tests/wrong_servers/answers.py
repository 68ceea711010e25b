"""Faults in statuses, media types, error bodies and routes, and on the wire."""

from __future__ import annotations

import codecs
import gzip
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.wrong_servers.faults import (
    ACCEPTED,
    FIRST,
    INVALID,
    MALFORMED,
    METHODS,
    NON_ASCII,
    NONE,
    NOT_UTF8,
    PATHS,
    REFUSED,
    STRANGERS,
    TYPES,
    fault,
)  # fmt: skip
from tests.wrong_servers.server import JSON, KEY, PATH, Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_servers.server import Request, Serve

PAGE = b"<!doctype html><title>Oops</title>"
TRACE = 'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in create\nValueError: no JSON'
ALLOWED, SLOW = 0.2, 0.25
"""Seconds that an answer may take where slowness is the fault, and seconds that it takes."""

PADDING = "-" * 32
"""Moves what is behind it to where a message cuts a header off."""


def when(status: int, answer: Answer, change: Callable[[Answer], Answer]) -> Answer:
    """Change an answer of one status."""
    return change(answer) if answer.status == status else answer


def having_status(status: int, answer: Answer, other: int) -> Answer:
    return when(status, answer, lambda answer: replace(answer, status=other))


# --- the status of a success ------------------------------------------------------------------------------------------


@fault(*ACCEPTED)
def created(request: Request, serve: Serve) -> Answer:
    """A session is answered 201."""
    return having_status(200, serve(request), 201)


@fault(*ACCEPTED)
def taken_on(request: Request, serve: Serve) -> Answer:
    """A session is answered 202."""
    return having_status(200, serve(request), 202)


@fault(*ACCEPTED)
def no_content(request: Request, serve: Serve) -> Answer:
    """A session is answered 204."""
    return when(200, serve(request), lambda _: Answer(204, {}))


@fault(NONE)
def no_content_for_no_body(request: Request, serve: Serve) -> Answer:
    """A request without a body is answered 204."""
    return serve(request) if request.body else when(200, serve(request), lambda _: Answer(204, {}))


@fault(*ACCEPTED)
def sent_to_the_page(request: Request, serve: Serve) -> Answer:
    """A session is answered 302 with the page as Location."""
    return when(200, serve(request), lambda answer: Answer(302, {"Location": answer.value()["H5Link"]}))


@fault(*ACCEPTED)
def moved_for_good(request: Request, serve: Serve) -> Answer:
    """A request is sent to another path with 308."""
    return when(200, serve(request), lambda _: Answer(308, {"Location": f"{PATH}/"}))


@fault(NONE)
def server_error_without_body(request: Request, serve: Serve) -> Answer:
    """A request without a body is answered 500."""
    return serve(request) if request.body else having_status(200, serve(request), 500)


@fault(NON_ASCII)
def server_error_for_non_ascii(request: Request, serve: Serve) -> Answer:
    """A CallbackURL beyond ASCII is answered 500."""
    return serve(request) if request.body.isascii() or request.value() is None else refusal(500, "oops")


# --- the status of a refusal ------------------------------------------------------------------------------------------


@fault(*REFUSED)
def unprocessable(request: Request, serve: Serve) -> Answer:
    """An invalid body is answered 422."""
    return having_status(400, serve(request), 422)


@fault(*REFUSED)
def server_error_for_invalid(request: Request, serve: Serve) -> Answer:
    """An invalid body is answered 500."""
    return having_status(400, serve(request), 500)


@fault(*REFUSED)
def success_with_error_for_invalid(request: Request, serve: Serve) -> Answer:
    """An invalid body is answered 200 with an error."""
    return having_status(400, serve(request), 200)


@fault(*MALFORMED, NOT_UTF8)
def server_error_for_malformed(request: Request, serve: Serve) -> Answer:
    """A body that is no JSON is answered 500."""
    malformed = request.body and request.value() is None and request.body != b"null"
    return having_status(400, serve(request), 500) if malformed else serve(request)


@fault(NOT_UTF8)
def server_error_for_not_utf8(request: Request, serve: Serve) -> Answer:
    """Bytes that are no UTF-8 are answered 500."""
    try:
        request.body.decode()
    except UnicodeDecodeError:
        return refusal(500, "oops")
    return serve(request)


@fault(*TYPES)
def unsupported_media_type(request: Request, serve: Serve) -> Answer:
    """Another media type is answered 415, which the document does not have."""
    kind = request.headers.get("content-type", JSON)
    return serve(request) if kind.startswith(JSON) else having_status(400, serve(request), 415)


@fault(*INVALID, reports=(NOT_UTF8,))
def invalid_taken_for_a_stranger(request: Request, serve: Serve) -> Answer:
    """An invalid body is answered 401."""
    return when(400, serve(request), lambda _: refusal(401, "no").having(www_authenticate="Bearer"))


# --- the media type ---------------------------------------------------------------------------------------------------


def typed(answer: Answer, kind: str | None, status: int = 200) -> Answer:
    return when(status, answer, lambda answer: answer.having(content_type=kind))


@fault(*ACCEPTED)
def no_content_type(request: Request, serve: Serve) -> Answer:
    """A session has no Content-Type."""
    return typed(serve(request), None)


@fault(*ACCEPTED)
def html_type(request: Request, serve: Serve) -> Answer:
    """A session is text/html."""
    return typed(serve(request), "text/html; charset=utf-8")


@fault(*ACCEPTED)
def text_type(request: Request, serve: Serve) -> Answer:
    """A session is text/plain."""
    return typed(serve(request), "text/plain")


@fault(*ACCEPTED)
def problem_type(request: Request, serve: Serve) -> Answer:
    """A session is application/problem+json."""
    return typed(serve(request), "application/problem+json")


@fault(*ACCEPTED)
def hal_type(request: Request, serve: Serve) -> Answer:
    """A session is application/hal+json."""
    return typed(serve(request), "application/hal+json")


@fault(*ACCEPTED)
def text_json_type(request: Request, serve: Serve) -> Answer:
    """A session is text/json."""
    return typed(serve(request), "text/json")


@fault(*ACCEPTED)
def longer_type(request: Request, serve: Serve) -> Answer:
    """A session is application/jsonp."""
    return typed(serve(request), "application/jsonp")


@fault(*ACCEPTED)
def latin_1_charset(request: Request, serve: Serve) -> Answer:
    """A session says that it is Latin-1."""
    return typed(serve(request), "application/json; charset=iso-8859-1")


@fault(NON_ASCII, "AFC208", "AFC301")
def written_in_gbk(request: Request, serve: Serve) -> Answer:
    """A session is written in GBK, which shows only beyond ASCII."""
    return when(200, serve(request), lambda answer: replace(answer, body=answer.body.decode().encode("gb18030")))


@fault("AFC204")
def html_errors(request: Request, serve: Serve) -> Answer:
    """A 400 and a 401 are pages of HTML."""
    answer = serve(request)
    return replace(answer, body=PAGE).having(content_type="text/html") if answer.status in (400, 401) else answer


@fault("AFC204")
def html_in_a_401(request: Request, serve: Serve) -> Answer:
    """A 401 is a page of HTML."""
    return when(401, serve(request), lambda answer: replace(answer, body=PAGE).having(content_type="text/html"))


@fault("AFC204")
def html_in_a_400(request: Request, serve: Serve) -> Answer:
    """A 400 is a page of HTML."""
    return when(400, serve(request), lambda answer: replace(answer, body=PAGE).having(content_type="text/html"))


@fault("AFC204")
def html_called_json(request: Request, serve: Serve) -> Answer:
    """A 400 is a page of HTML that says that it is JSON."""
    return when(400, serve(request), lambda answer: replace(answer, body=PAGE))


@fault("AFC204")
def text_errors(request: Request, serve: Serve) -> Answer:
    """A 401 is plain text."""
    return when(401, serve(request), lambda answer: replace(answer, body=b"no").having(content_type="text/plain"))


@fault("AFC204")
def errors_without_type(request: Request, serve: Serve) -> Answer:
    """A 400 has a body and no Content-Type."""
    return typed(serve(request), None, 400)


@fault("AFC204")
def lines_of_json_errors(request: Request, serve: Serve) -> Answer:
    """A 400 is application/jsonl, which is no JSON."""
    return typed(serve(request), "application/jsonl", 400)


@fault("AFC204")
def half_a_type_errors(request: Request, serve: Serve) -> Answer:
    """The media type of a 401 is "json"."""
    return typed(serve(request), "json", 401)


@fault("AFC204")
def two_types_errors(request: Request, serve: Serve) -> Answer:
    """A 400 has two media types."""
    return typed(serve(request), "application/json, text/html", 400)


@fault("AFC201", "AFC204")
def key_in_the_type(request: Request, serve: Serve) -> Answer:
    """A 400 names in Content-Type what was sent."""
    return when(400, serve(request), lambda answer: answer.having(content_type=f"text/plain; x={PADDING}{KEY}"))


@fault("AFC201", "AFC202")
def key_in_the_challenge(request: Request, serve: Serve) -> Answer:
    """A 401 names in WWW-Authenticate what was sent."""
    return when(401, serve(request), lambda answer: answer.having(www_authenticate=f"Basic x={PADDING}{KEY}"))


@fault("AFC209")
def trace_in_a_400(request: Request, serve: Serve) -> Answer:
    """A 400 shows a stack trace."""
    return when(400, serve(request), lambda answer: answer.saying({"error": TRACE}))


@fault("invalid/truncated", "AFC204", "AFC209")
def trace_in_a_500(request: Request, serve: Serve) -> Answer:
    """A truncated body is answered 500 with a stack trace."""
    if request.body.count(b"{") <= request.body.count(b"}"):
        return serve(request)
    return Answer(500, {"Content-Type": "text/plain"}, TRACE.encode())


INSIDES = {
    "php": "Uncaught Error: x in /srv/app.php:12\nStack trace:\n#0 {main}\n  thrown in /srv/app.php on line 12",
    "ruby": "app.rb:12:in `create': undefined method `x' for nil (NoMethodError)",
    "rust": "thread 'main' panicked at src/main.rs:12:5",
    "dotnet": "   at App.Create(String url) in C:\\srv\\App.cs:line 12",
    "sqlstate": "SQLSTATE[42S02]: Base table or view not found",
    "mysql": "You have an error in your SQL syntax; check the manual",
    "postgres": 'ERROR: syntax error at or near "x"',
    "oracle": "ORA-00942: table or view does not exist",
}


def _showing(name: str, words: str) -> None:
    def plant(request: Request, serve: Serve) -> Answer:
        return when(400, serve(request), lambda answer: answer.saying({"error": {"message": words}}))

    plant.__name__ = f"{name}_in_a_400"
    plant.__doc__ = f"A 400 shows what {name} says of itself."
    fault("AFC209")(plant)


for known, said in INSIDES.items():
    _showing(known, said)


# --- routes -----------------------------------------------------------------------------------------------------------


@fault("AFC203")
def no_allow(request: Request, serve: Serve) -> Answer:
    """A 405 has no Allow."""
    return serve(request).having(allow=None)


@fault("AFC203")
def wrong_allow(request: Request, serve: Serve) -> Answer:
    """A 405 allows GET alone."""
    return when(405, serve(request), lambda answer: answer.having(allow="GET"))


@fault("AFC203")
def allow_of_everything(request: Request, serve: Serve) -> Answer:
    """A 405 allows the method that it refuses."""
    return when(405, serve(request), lambda answer: answer.having(allow="GET, POST, PUT, DELETE, PATCH"))


@fault("AFC203")
def lower_case_allow(request: Request, serve: Serve) -> Answer:
    """A 405 allows "post", which is another method than POST."""
    return when(405, serve(request), lambda answer: answer.having(allow="post"))


@fault("AFC201", "AFC203")
def key_in_allow(request: Request, serve: Serve) -> Answer:
    """A 405 names in Allow what was sent, behind 60 characters, and not POST."""
    return when(405, serve(request), lambda answer: answer.having(allow=f"{'GET, ' * 12}{KEY}"))


def as_post(request: Request, serve: Serve, *methods: str) -> Answer:
    return serve(replace(request, method="POST")) if request.method in methods else serve(request)


@fault("method/get")
def get_creates(request: Request, serve: Serve) -> Answer:
    """GET creates a session too."""
    return as_post(request, serve, "GET")


@fault("method/put")
def put_creates(request: Request, serve: Serve) -> Answer:
    """PUT creates a session too."""
    return as_post(request, serve, "PUT")


@fault("method/delete")
def delete_answers(request: Request, serve: Serve) -> Answer:
    """DELETE is answered 204."""
    return Answer(204, {}) if request.method == "DELETE" else serve(request)


@fault("method/patch")
def patch_creates(request: Request, serve: Serve) -> Answer:
    """PATCH creates a session too."""
    return as_post(request, serve, "PATCH")


@fault(*METHODS)
def any_method_creates(request: Request, serve: Serve) -> Answer:
    """Every method creates a session."""
    return serve(replace(request, method="POST"))


@fault(*METHODS)
def other_methods_not_found(request: Request, serve: Serve) -> Answer:
    """Other methods are answered 404."""
    return when(405, serve(request), lambda _: refusal(404, "no"))


@fault(*METHODS)
def other_methods_not_implemented(request: Request, serve: Serve) -> Answer:
    """Other methods are answered 501."""
    return when(405, serve(request), lambda _: refusal(501, "no"))


@fault(*METHODS)
def other_methods_bad_requests(request: Request, serve: Serve) -> Answer:
    """Other methods are answered 400."""
    return when(405, serve(request), lambda _: refusal(400, "no"))


@fault(*PATHS)
def web_page_everywhere(request: Request, serve: Serve) -> Answer:
    """Unknown paths are answered 200 with a web page."""
    return when(404, serve(request), lambda _: Answer(200, {"Content-Type": "text/html"}, PAGE))


@fault("path/unknown")
def web_page_outside(request: Request, serve: Serve) -> Answer:
    """Unknown paths are answered 200 with a web page, but for those of the API."""
    return serve(request) if request.path.startswith("/volc") else web_page_everywhere(request, serve)


@fault("path/below")
def routed_by_the_beginning(request: Request, serve: Serve) -> Answer:
    """Every path that begins as the documented one creates a session."""
    return serve(replace(request, target=PATH)) if request.path.startswith(PATH) else serve(request)


@fault(*PATHS)
def one_operation_for_all(request: Request, serve: Serve) -> Answer:
    """Every path creates a session."""
    return serve(replace(request, target=PATH))


@fault(*PATHS)
def unknown_paths_crash(request: Request, serve: Serve) -> Answer:
    """Unknown paths are answered 500."""
    return when(404, serve(request), lambda _: refusal(500, "oops"))


# --- the wire ---------------------------------------------------------------------------------------------------------


@fault("AFC206", limit=ALLOWED)
def slow(request: Request, serve: Serve) -> Answer:
    """A session takes longer than allowed."""
    answer = serve(request)
    if answer.status == 200:
        time.sleep(SLOW)
    return answer


@fault("AFC206", limit=ALLOWED)
def slow_once(request: Request, serve: Serve) -> Answer:
    """The first answer takes longer than allowed."""
    if not request.memory.setdefault("warm", False):
        time.sleep(SLOW)
        request.memory["warm"] = True
    return serve(request)


@fault("AFC206", limit=ALLOWED)
def slow_refusal(request: Request, serve: Serve) -> Answer:
    """A stranger waits longer than allowed."""
    answer = serve(request)
    if answer.status == 401:
        time.sleep(SLOW)
    return answer


@fault("invalid/not-json")
def connection_closed(request: Request, serve: Serve) -> Answer:
    """One request is not answered: the connection is closed."""
    return Answer(0, {}, cut="closed") if request.body == b"CallbackURL=x" else serve(request)


@fault(NONE)
def connection_closed_without_body(request: Request, serve: Serve) -> Answer:
    """A request without a body is not answered: the connection is closed."""
    closed = not request.body and request.path == PATH and request.method == "POST"
    return Answer(0, {}, cut="closed") if closed else serve(request)


@fault(*ACCEPTED)
def half_a_body(request: Request, serve: Serve) -> Answer:
    """The connection is closed in the middle of a session."""
    return when(200, serve(request), lambda answer: replace(answer, cut="short"))


def rewritten(answer: Answer, change: Callable[[str], str]) -> Answer:
    return when(200, answer, lambda answer: replace(answer, body=change(answer.body.decode()).encode()))


@fault(*ACCEPTED, "AFC208", "AFC301")
def truncated_json(request: Request, serve: Serve) -> Answer:
    """The JSON of a session lacks its last character."""
    return rewritten(serve(request), lambda text: text[:-1])


@fault(*ACCEPTED, "AFC208", "AFC301")
def single_quotes(request: Request, serve: Serve) -> Answer:
    """A session is written with single quotes."""
    return rewritten(serve(request), lambda text: str(json.loads(text)))


@fault(*ACCEPTED, "AFC208", "AFC301")
def duplicate_members(request: Request, serve: Serve) -> Answer:
    """A member stands twice in a session."""
    return rewritten(serve(request), lambda text: f'{text[:-1]}, "H5Link": "https://x.example/?a=b"}}')


@fault(*ACCEPTED, "AFC208", "AFC301")
def not_a_number(request: Request, serve: Serve) -> Answer:
    """A session holds NaN."""
    return rewritten(serve(request), lambda text: f'{text[:-1]}, "Cost": NaN}}')


@fault(*ACCEPTED, "AFC208", "AFC301")
def two_values(request: Request, serve: Serve) -> Answer:
    """A session is followed by another JSON value."""
    return rewritten(serve(request), lambda text: f"{text}\n{text}")


@fault(*ACCEPTED, "AFC208", "AFC301")
def byte_order_mark(request: Request, serve: Serve) -> Answer:
    """A session begins with a byte order mark."""
    return when(200, serve(request), lambda answer: replace(answer, body=codecs.BOM_UTF8 + answer.body))


@fault(*ACCEPTED, "AFC208", "AFC301")
def utf_16(request: Request, serve: Serve) -> Answer:
    """A session is UTF-16."""
    return when(200, serve(request), lambda answer: replace(answer, body=answer.body.decode().encode("utf-16")))


@fault(*ACCEPTED, "AFC208", "AFC301")
def script_around(request: Request, serve: Serve) -> Answer:
    """A session is wrapped in a function call."""
    return rewritten(serve(request), lambda text: f"callback({text})")


@fault(*ACCEPTED)
def gzip_said_and_not_done(request: Request, serve: Serve) -> Answer:
    """A session says that it is compressed and is not."""
    return when(200, serve(request), lambda answer: answer.having(content_encoding="gzip"))


@fault(*ACCEPTED, "AFC208", "AFC301")
def gzip_done_and_not_said(request: Request, serve: Serve) -> Answer:
    """A session is compressed without saying so."""
    return when(200, serve(request), lambda answer: replace(answer, body=gzip.compress(answer.body)))


@fault(FIRST)
def first_call_fails(request: Request, serve: Serve) -> Answer:
    """The first call that is right is answered 500."""
    answer = serve(request)
    if answer.status == 200 and not request.memory.get("warm"):
        request.memory["warm"] = True
        return refusal(500, "warming up")
    return answer


@fault(*STRANGERS)
def strangers_not_answered(request: Request, serve: Serve) -> Answer:
    """A stranger's connection is closed without an answer."""
    return when(401, serve(request), lambda answer: replace(answer, cut="closed"))
