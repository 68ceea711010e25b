"""The runner is strict: what it cannot read, and every kind of wrong answer, is a failure that says where and what."""

from __future__ import annotations

import contextlib
import socket
import textwrap
import threading
from typing import TYPE_CHECKING

import pytest

from tests.wire import connection
from tests.wire.comparing import Expected, Mismatch, compare
from tests.wire.connection import play
from tests.wire.transcripts import TranscriptError, read_transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUEST = "> GET /a HTTP/1.1\n> Host: mock\n>\n\n"
ANSWER = "< HTTP/1.1 200 OK\n"
HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def write(folder: Path, text: str, head: str = "A title\n\n") -> Path:
    path = folder / "sample.txt"
    path.write_text(head + text, encoding="utf-8")
    return path


# --- reading


UNREADABLE = {
    "no title": ("", "== one\n" + REQUEST + ANSWER, ":1: the first line is the title"),
    "no exchange": ("A title\n", "", "there is no exchange"),
    "an unknown line in the head": ("A title\nserver --port 1\n", "== one\n", ":2: neither 'mockserver OPTIONS' nor"),
    "an unknown line in an exchange": ("A title\n", "== one\nGET / HTTP/1.1\n", ":3: unknown: 'GET / HTTP/1.1'"),
    "an unknown mark": ("A title\n", "== one\n>GET / HTTP/1.1\n", ":3: unknown: '>GET / HTTP/1.1'"),
    "an exchange without a title": ("A title\n", "==\n", ":2: an exchange has a title"),
    "a title twice": ("A title\n", f"== one\n{REQUEST}{ANSWER}\n== One!\n{REQUEST}{ANSWER}", ":9: the title 'One!' is"),
    "no expectation": ("A title\n", "== one\n" + REQUEST, ":2: 1 requests and 0 expected answers"),
    "no request": ("A title\n", "== one\n" + ANSWER, ":2: 0 requests and 1 expected answers"),
    "one answer for two requests": (
        "A title\n",
        f"== one\n{REQUEST}{REQUEST}{ANSWER}",
        ":2: 2 requests and 1 expected",
    ),
    "only an interim answer": ("A title\n", f"== one\n{REQUEST}< HTTP/1.1 100 Continue\n", ":2: 1 requests and 0"),
    "something after the end": ("A title\n", f"== one\n{REQUEST}{ANSWER}\nclosed\n{REQUEST}", ":10: nothing follows"),
    "an end before the request": ("A title\n", f"== one\nend\n\n{REQUEST}{ANSWER}", ":3: 'end' follows what is sent"),
    "bytes after the last answer": ("A title\n", f"== one\n{REQUEST}{ANSWER}\n>> x\n", ":9: what is sent last"),
    "headers without an end": (
        "A title\n",
        "== one\n> GET / HTTP/1.1\n\n" + ANSWER,
        ":3: the headers of a request end",
    ),
    "an answer without a status": ("A title\n", f"== one\n{REQUEST}< Content-Type: a\n", ":7: an answer starts with"),
    "a header without a value": ("A title\n", f"== one\n{REQUEST}{ANSWER}< Allow\n", ":8: neither '< Name: value' nor"),
    "an absent header with a value": (
        "A title\n",
        f"== one\n{REQUEST}{ANSWER}<! Allow: a\n",
        ":8: neither '< Name: va",
    ),
    "an unknown placeholder": (
        "A title\n",
        f"== one\n{REQUEST}{ANSWER}<\n< <tokn>\n",
        "no placeholder <tokn>; known: <tok",
    ),
    "an unknown word": ("A title\n", "== one\n> GET {{path}} HTTP/1.1\n>\n", ":3: {{path}} is neither a word of this"),
    "a word nobody uses": ("A title\nmockserver\n  a = b\n", f"== one\n{REQUEST}{ANSWER}", "nothing uses the words a"),
    "a word of one server only": (
        "A title\nmockserver\n  a = b\nmockserver --x\n",
        f"== one\n{REQUEST}{ANSWER}",
        "same w",
    ),
}


@pytest.mark.parametrize(("head", "text", "problem"), UNREADABLE.values(), ids=UNREADABLE)
def test_unclear_transcript_is_refused_with_its_place(tmp_path: Path, head: str, text: str, problem: str) -> None:
    path = write(tmp_path, text, head)
    with pytest.raises(TranscriptError) as refused:
        read_transcript(path)
    assert str(refused.value).startswith(f"{path}:")
    assert problem in str(refused.value)


def test_request_is_sent_to_the_byte_with_words_repeats_and_escapes(tmp_path: Path) -> None:
    head = "A title\nmockserver --profile observed\n  path = /b\n"
    text = """
        == one
        > POST {{path}} HTTP/1.1
        >  Odd :  {{"xy" * 3}}\\x09
        >
        > {"a": "\\u00e9é\\xff\\n"}
        >
        > {{'"' * 2}}

        < HTTP/1.1 200 OK
        """
    (exchange,) = read_transcript(write(tmp_path, textwrap.dedent(text), head))
    sent = exchange.steps[0]
    body = b'{"a": "\\u00e9\xc3\xa9\xff\\n"}\n\n""'
    assert not isinstance(sent, Expected)
    assert sent.data == b"POST /b HTTP/1.1\r\n Odd :  xyxyxy\t\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert (exchange.id, exchange.options) == ("sample/one/profile-observed", ("--profile", "observed"))


@pytest.mark.parametrize("header", ["Content-Length: 7", "content-length:7", "Transfer-Encoding: chunked"])
def test_length_that_is_written_down_is_left_alone(tmp_path: Path, header: str) -> None:
    text = f"== one\n> POST / HTTP/1.1\n> {header}\n>\n> abc\n\n< HTTP/1.1 200 OK\n"
    (exchange,) = read_transcript(write(tmp_path, text))
    sent = exchange.steps[0]
    assert not isinstance(sent, Expected)
    assert sent.data == f"POST / HTTP/1.1\r\n{header}\r\n\r\nabc".encode()


# --- comparing


def expect(*headers: tuple[str, str | None], body: str | None = None, exact: bool = False) -> Expected:
    return Expected(1, "HTTP/1.1 200 OK", headers, body, exact)


RIGHT = [
    (expect(), [], b""),
    (expect(("allow", "GET, ...")), [("Allow", "GET, POST")], b""),
    (expect(("allow", None)), [("Content-Type", "a")], b""),
    (expect(("a", "1"), ("a", "2")), [("A", "1"), ("B", "x"), ("a", "2")], b""),
    (expect(body='{"a": [1, "..."], "b": "..."}'), [], b'{"b": {"c": 1}, "a": [1, "x"]}'),
    (expect(body='{"a": "<token>"}'), [], b'{"a": "2026070222152680501D985EA34A3BE3D8"}'),
    (expect(body=r'{"a": "\<token> \..."}'), [], b'{"a": "<token> ..."}'),
    (expect(("x", "<number>"), body="<number> apples", exact=True), [("X", "5")], b"5 apples"),
]


@pytest.mark.parametrize(("expected", "headers", "body"), RIGHT)
def test_right_answer_passes(expected: Expected, headers: list[tuple[str, str]], body: bytes) -> None:
    compare(expected, "HTTP/1.1 200 OK", headers, body)


def test_wrong_status_is_told() -> None:
    with pytest.raises(Mismatch, match=r"status: expected 'HTTP/1.1 200 OK', received 'HTTP/1.1 500 Internal Server"):
        compare(expect(), "HTTP/1.1 500 Internal Server Error", [], b"")


WRONG = [
    (expect(("allow", "GET")), [("Allow", "POST")], b"", "header allow: expected 'GET', received 'POST'"),
    (expect(("allow", "GET")), [], b"", "header allow: expected 'GET', received none"),
    (expect(("allow", "GET")), [("Allow", "GET"), ("allow", "GET")], b"", "expected 'GET', received 'GET', 'GET'"),
    (expect(("allow", None)), [("Allow", "GET")], b"", "header allow: expected none, received 'GET'"),
    (expect(("x", "<token>")), [("X", "abc")], b"", "header x: expected '<token>', received 'abc'"),
    (expect(), [], b"x", "body: expected none, received 'x'"),
    (expect(body='{"a": 1}'), [], b"", "the received body is not JSON"),
    (expect(body='{"a": 1}'), [], b'{"a": 1, "a": 1}', "the received JSON has a key twice"),
    (expect(body='{"a": {"b": 1}}'), [], b'{"a": {"b": 2}}', "body at /a/b: expected '1', received '2'"),
    (expect(body='{"a": 1}'), [], b'{"a": true}', "body at /a: expected '1', received 'true'"),
    (expect(body='{"a": 1}'), [], b'{"a": 1.0}', "body at /a: expected '1', received '1.0'"),
    (expect(body='{"a": 1}'), [], b'{"a": 1, "b": 2}', "body at its root: expected '{\"a\": 1}'"),
    (expect(body="[1]"), [], b"[1, 2]", "body at its root: expected '[1]', received '[1, 2]'"),
    (expect(body='{"a": "<token>"}'), [], b'{"a": "<token>"}', "body at /a: expected '<token>', received '<token>'"),
    (expect(body=r'{"a": "\..."}'), [], b'{"a": "x"}', r"received 'x'"),
    (expect(body='{"a": 1}', exact=True), [], b'{"a":1}', "body: expected '{\"a\": 1}', received '{\"a\":1}'"),
    (expect(("x", "<number>"), body="<number>", exact=True), [("X", "5")], b"6", "body: expected '<number>', received"),
]


@pytest.mark.parametrize(("expected", "headers", "body", "problem"), WRONG)
def test_wrong_answer_is_told(expected: Expected, headers: list[tuple[str, str]], body: bytes, problem: str) -> None:
    with pytest.raises(Mismatch) as told:
        compare(expected, "HTTP/1.1 200 OK", headers, body)
    assert problem in str(told.value)


# --- playing


@contextlib.contextmanager
def canned(*answers: bytes, closes: bool = False) -> Iterator[int]:
    """Serve one connection: each time something comes, the next canned answer goes out."""

    def run() -> None:
        peer, _ = listener.accept()
        with peer:
            for answer in answers:
                peer.recv(65536)
                peer.sendall(answer)
            while not closes and peer.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def failure(folder: Path, text: str, *answers: bytes, closes: bool = False) -> str:
    (exchange,) = read_transcript(write(folder, text))
    with canned(*answers, closes=closes) as port, pytest.raises(AssertionError) as told:
        play(exchange, port)
    return str(told.value)


def test_right_exchange_passes_and_the_connection_is_used_once_more(tmp_path: Path) -> None:
    (exchange,) = read_transcript(write(tmp_path, f"== one\n{REQUEST}{ANSWER}"))
    with canned(HEALTHY, HEALTHY) as port:
        play(exchange, port)


def test_right_exchange_that_closes_passes(tmp_path: Path) -> None:
    (exchange,) = read_transcript(write(tmp_path, f"== one\n{REQUEST}{ANSWER}\nclosed\n"))
    with canned(HEALTHY, closes=True) as port:
        play(exchange, port)


def test_failure_shows_place_sent_expected_and_received(tmp_path: Path) -> None:
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}", b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
    assert told == textwrap.dedent(f"""\
        {tmp_path}/sample.txt:8: one
        status: expected 'HTTP/1.1 200 OK', received 'HTTP/1.1 404 Not Found'
        --- sent
        GET /a HTTP/1.1\r
        Host: mock\r
        \r

        --- received
        HTTP/1.1 404 Not Found
        Content-Length: 2

        no""")


def test_connection_that_ends_unexpectedly_is_told(tmp_path: Path) -> None:
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}", HEALTHY, closes=True)
    assert ":3: one\nthe connection is not usable afterwards" in told


def test_connection_that_stays_open_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}\nclosed\n", HEALTHY)
    assert "the connection stays open, expected: closed" in told


def test_answer_that_does_not_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}", b"")
    assert "no answer within 0.1 s" in told


def test_half_a_body_is_told(tmp_path: Path) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}", half, closes=True)
    assert "the connection ended, expected 5 bytes of body; received b'ab'" in told


def test_more_than_one_answer_is_told(tmp_path: Path) -> None:
    told = failure(tmp_path, f"== one\n{REQUEST}{ANSWER}", HEALTHY + b"HTTP/1.1 500")
    assert "more than was expected: b'HTTP/1.1 500'" in told


def test_body_in_answer_to_head_is_told(tmp_path: Path) -> None:
    text = f"== one\n{REQUEST.replace('GET', 'HEAD')}{ANSWER}"
    told = failure(tmp_path, text, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
    assert "more than was expected: b'no'" in told
