"""Any request, by hypothesis, through the engine and the whole application: one answer, and never a server error."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.app import create_app
from mockserver.clock import FrozenClock
from mockserver.credentials import FAKES, WORKING
from mockserver.engine import Engine
from mockserver.exchange import LATER, request_of
from mockserver.settings import Settings
from openapi.contract import packaged_contract

ENGINE = Engine(packaged_contract("observed"), Settings(check_answers=True), FrozenClock(1_783_001_726))
APP = create_app(engine=ENGINE)
PATHS = [operation.path for operation in ENGINE.contract.operations]
PAGES = [
    "/",
    "/en/liveness-face-manage/authorization",
    "/_mock",
    "/_mock/health",
    "/_mock/requests",
    "/_mock/sessions/find",
]
STANDARD = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
ASKED = ("fault", "code", "delay", "example", "lasting", "~~", ".mock.invalid")
"""With one of these a request may ask for an error, and get it."""

text = st.text(st.characters(codec="latin-1"), max_size=40)
odd = st.sampled_from(["", " ", "\x00", "\r\nX-Injected: 1", "%", "\xff", "a" * 9000, ";", ",", '"', "\\", "*/*", "é"])
methods = st.sampled_from(sorted(STANDARD)) | st.sampled_from(["get", "BREW", "", "\xff", "PROPFIND"])
paths = st.sampled_from([*PATHS, *PAGES]) | text.map("/{}".format) | st.sampled_from(PATHS).flatmap(
    lambda path: odd.map(lambda more: path + more)
)  # fmt: skip
keys = (
    st.sampled_from([f"Bearer {WORKING}", f"Bearer {WORKING}-box", *(f"Bearer {key}" for key in FAKES), "Basic eDp5"])
    | text
    | odd
)
types = (
    st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data"]) | text
)
names = st.sampled_from(
    ["ACCEPT", "COOKIE", "EXPECT", "HOST", "IF_NONE_MATCH", "ORIGIN", "RANGE", "TE", "UPGRADE", "X_Y"]
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.just("CallbackURL"), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode())


@st.composite
def environs(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(bodies)
    headers = draw(st.dictionaries(names.map("HTTP_{}".format), text | odd, max_size=4))
    length = draw(st.sampled_from([str(len(body)), str(len(body)), str(len(body) + 5), "-1", "x", "", "9" * 30]))
    return {
        "REQUEST_METHOD": draw(methods),
        "PATH_INFO": draw(paths),
        "QUERY_STRING": draw(text | odd),
        "SERVER_NAME": "mock",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "HTTP_AUTHORIZATION": draw(keys),
        "CONTENT_TYPE": draw(types | odd),
        "CONTENT_LENGTH": length,
        **headers,
    }


def asks_for_an_error(environ: dict[str, Any]) -> bool:
    body = environ["wsgi.input"].getvalue().decode("latin-1")
    return any(word in f"{environ['HTTP_AUTHORIZATION']}{body}" for word in ASKED)


def judge(environ: dict[str, Any], status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    fields = {name.lower(): value for name, value in headers}
    assert 200 <= status < 500 or asks_for_an_error(environ), (status, body)
    assert "x-injected" not in fields
    assert not [value for value in fields.values() if any(sign in value for sign in "\r\n\x00")]
    if environ["REQUEST_METHOD"] != "HEAD" and body and "json" in fields.get("content-type", ""):
        json.loads(body)
    assert b"Traceback" not in body


@given(environ=environs())
@settings(max_examples=300)
def test_any_request_gets_an_answer_of_the_engine(environ: dict[str, Any]) -> None:
    response = ENGINE.answer(request_of(environ))
    judge(environ, response.status, response.headers, response.body)


@pytest.mark.parametrize("server", ["ours", "another"])
@given(environ=environs())
@settings(max_examples=300)
def test_any_request_gets_one_answer_of_the_whole_application(server: str, environ: dict[str, Any]) -> None:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:  # noqa: ANN401 - of WSGI
        started[:] = [(status, headers)]

    def later(_: float, status: str, headers: list[tuple[str, str]], body: bytes, _lasting: float = 0.0) -> list[bytes]:
        started[:] = [(status, headers)]
        return [body]

    ours = {LATER: later} if server == "ours" else {}
    body = b"".join(APP.wsgi_app({**environ, **ours}, start))
    ((status, headers),) = started
    judge(environ, int(status[:3]), headers, body)
