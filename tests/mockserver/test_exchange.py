"""Requests and responses as values: what a WSGI environ says, and no more read from it than was announced."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import BodyError, EnvironHeaders, PlainHeaders, is_length, reason, request_of


def environ(**more: object) -> dict[str, object]:
    return {"REQUEST_METHOD": "POST", "PATH_INFO": "/a", "QUERY_STRING": "b=c", "wsgi.input": io.BytesIO(b"{}"), **more}


class Endless:
    """A socket: reading more than was sent waits for ever, which here is a failure."""

    def __init__(self, raw: bytes) -> None:
        self.left = raw

    def read(self, limit: int) -> bytes:
        assert limit <= len(self.left), "read beyond the announced length: a server would wait for ever"
        given_out, self.left = self.left[:limit], self.left[limit:]
        return given_out


def test_environ_is_read_as_a_request() -> None:
    found = request_of(environ(CONTENT_TYPE="application/json", CONTENT_LENGTH="2", HTTP_X_FORWARDED_FOR="1.2.3.4"))
    assert (found.method, found.path, found.query) == ("POST", "/a", "b=c")
    names = ("content-type", "content-length", "x-forwarded-for", "authorization")
    assert [found.headers.get(name) for name in names] == ["application/json", "2", "1.2.3.4", None]
    assert found.read(10) == b"{}"


def test_environ_without_a_query_has_an_empty_one() -> None:
    plain = environ()
    del plain["QUERY_STRING"]
    assert request_of(plain).query == request_of(environ(QUERY_STRING=None)).query == ""


@pytest.mark.parametrize(
    ("raw", "path"), [(b"/\xe5\x88\x9b", "/创"), (b"/\xff", "/\ufffd"), (b"/a%41", "/a%41"), (b"", "")]
)
def test_path_is_the_utf8_behind_the_latin_1_of_pep_3333(raw: bytes, path: str) -> None:
    assert request_of(environ(PATH_INFO=raw.decode("latin-1"))).path == path


@given(st.text())
def test_any_path_is_read_as_text_that_utf8_can_hold(path: str) -> None:
    found = request_of(environ(PATH_INFO=path)).path
    assert path.isascii() or found.encode("utf-8", "strict") is not None


def test_no_more_is_read_than_was_announced() -> None:
    found = request_of(environ(CONTENT_LENGTH="2", **{"wsgi.input": Endless(b"{}")}))
    assert found.read(1_000_001) == b"{}"


def test_input_that_ends_by_itself_is_read_to_its_end() -> None:
    found = request_of(environ(**{"wsgi.input_terminated": True, "CONTENT_LENGTH": "1"}))
    assert found.read(1_000_001) == b"{}"


@pytest.mark.parametrize("error", [OSError, ValueError, RuntimeError])
def test_body_that_breaks_off_is_told_in_one_way(error: type[Exception]) -> None:
    class Broken:
        def read(self, _: int) -> bytes:
            raise error

    with pytest.raises(BodyError, match=r"^The chunks of the body broke off\.$"):
        request_of(environ(**{"wsgi.input": Broken()})).read(5)
    with pytest.raises(BodyError, match=r"^The body ended before its announced length\.$"):
        request_of(environ(**{"wsgi.input": Broken(), "CONTENT_LENGTH": "2"})).read(5)


def test_header_of_another_type_than_text_is_none() -> None:
    assert EnvironHeaders({"HTTP_A": 5}).get("a") is None


def test_thousands_of_header_names_are_all_found() -> None:
    headers = EnvironHeaders({f"HTTP_X_{number}": f"{number}" for number in range(2000)})
    assert [headers.get(f"x-{number}") for number in range(2000)] == [f"{number}" for number in range(2000)]


def test_plain_headers_are_found_in_any_case() -> None:
    assert PlainHeaders({"Content-Type": "a", "X-B": "c"}).get("content-type") == "a"
    assert PlainHeaders({}).get("x-b") is None


@pytest.mark.parametrize(
    ("status", "line"),
    [(200, "200 OK"), (204, "204 No Content"), (413, "413 "), (418, "418 I'm a "), (599, "599 Unknown")],
)
def test_status_line_has_the_phrase_of_the_status(status: int, line: str) -> None:
    assert reason(status).startswith(line)
    assert reason(status) == reason(status)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", True),
        ("007", True),
        ("9" * 19, True),
        ("9" * 20, False),
        ("", False),
        ("-1", False),
        ("\u00b2", False),
        ("\u0661", False),
    ],
)
def test_length_is_ascii_digits(text: str, found: bool) -> None:
    assert is_length(text) is found
