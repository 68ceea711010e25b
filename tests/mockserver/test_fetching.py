"""One GET over one connection: answers that are slow, endless, cut off or no HTTP, and TLS."""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.callback import read_url
from mockserver.fetching import BODY_LIMIT, Deadline, Fetched, Stopped, fetch
from mockserver.visiting import AllowList, Visit, visit
from tests.mockserver.receiver import CERTIFICATE, Receiver, answer, dripping

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.mockserver.receiver import Play


def go(
    url: str, *, deadline: float = 1.5, ca_bundle: str | None = None, addresses: Sequence[str] = ("127.0.0.1",)
) -> Visit:
    return visit(url, AllowList(), deadline=deadline, ca_bundle=ca_bundle, resolve=lambda _host: addresses)


# --- the deadline -----------------------------------------------------------------------------------------------------

LATE = "The visit was given up: it was not done within 0.25 s."


@pytest.mark.parametrize(
    ("play", "status", "size"),
    [
        pytest.param(dripping(b"", b""), 0, 0, id="nothing"),
        pytest.param(dripping(b"HTTP/1.1 2", b"0"), 0, 0, id="status-line"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: ", b"a"), 0, 0, id="header"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"), 0, 0, id="headers"),
        pytest.param(dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), 0, 0, id="continue"),
        pytest.param(dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), 0, 0, id="early-hints"),
        pytest.param(dripping(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b""), 0, 0, id="switching"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nab", b""), 200, 2, id="body-stalls"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\n\r\nab", b""), 200, 2, id="no-close"),
    ],
)
def test_an_answer_that_drips_is_given_up_at_the_deadline(play: Play, status: int, size: int) -> None:
    with Receiver(play) as receiver:
        began = time.monotonic()
        result = go(receiver.url(), deadline=0.25)
        took = time.monotonic() - began
    assert (result.status, result.size, result.error, result.refused) == (status, size, LATE, False)
    assert 0.25 <= result.seconds <= took < 1


@pytest.mark.parametrize("headers", ["Content-Length: 9999", "X: until the connection closes"])
def test_a_body_that_drips_is_given_up_at_the_deadline(headers: str) -> None:
    with Receiver(dripping(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode(), b"a")) as receiver:
        result = go(receiver.url(), deadline=0.25)
    assert (result.status, result.error) == (200, LATE)
    assert 2 < result.size < 100
    assert result.seconds < 1


@pytest.mark.parametrize("drop", [b"1\r\na\r\n", b"0"])
def test_chunks_that_drip_are_given_up_at_the_deadline(drop: bytes) -> None:
    with Receiver(dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", drop)) as receiver:
        result = go(receiver.url(), deadline=0.25)
    assert (result.status, result.error) == (200, LATE)
    assert result.seconds < 1


def test_the_deadline_is_one_for_all_redirects() -> None:
    def slowly(connection: socket.socket, _over: threading.Event) -> None:
        time.sleep(0.1)
        connection.sendall(answer("302 Found", "Location: /next", "Content-Length: 0"))

    with Receiver(slowly) as receiver:
        result = go(receiver.url(), deadline=0.45)
    assert (result.status, result.error) == (302, LATE.replace("0.25", "0.45"))
    assert 1 <= result.hops <= 4


def test_a_receiver_that_does_not_take_the_request_is_given_up_at_the_deadline() -> None:
    with Receiver(dripping(b"", b""), reads=False) as receiver:
        url = receiver.url("/" + "a" * 12_000_000, host="receiver.test")
        result = go(url, deadline=0.6, addresses=["127.0.0.1", "127.0.0.2"])
    assert result.error == "The visit was given up: it was not done within 0.6 s."
    assert 0.6 <= result.seconds < 1.5


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    with Receiver() as receiver:
        result = go(receiver.url(), deadline=0)
    assert (result.error, receiver.requests) == ("The visit was given up: it was not done within 0 s.", [])


# --- limits -----------------------------------------------------------------------------------------------------------


def endlessly(start: bytes, more: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Make a play that sends as fast as it is taken."""

    def play(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.is_set():
            connection.sendall(more * 1000)

    return play


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\n\r\n", b"abc"), id="until-close"),
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", b"abc"), id="announced"),
        pytest.param(
            endlessly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"40\r\n" + b"a" * 64 + b"\r\n"),
            id="chunked",
        ),
        pytest.param(answer(body=b"a" * (BODY_LIMIT + 1)), id="one-more"),
        pytest.param(answer(body=b"a" * BODY_LIMIT), id="just-as-much"),
    ],
)
def test_a_body_is_cut_at_the_limit_without_an_error(play: Play) -> None:
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert (result.status, result.size, result.error) == (200, BODY_LIMIT, "")


def test_a_body_of_tiny_chunks_is_cut_before_their_frames_outgrow_it() -> None:
    play = endlessly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n")
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (200, "")
    assert 20_000 < result.size < 24_000


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 1000 + b"\r\n"), id="headers"),
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\nX: ", b"a"), id="header"),
        pytest.param(endlessly(b"", b"a"), id="status-line"),
        pytest.param(endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue"),
        pytest.param(endlessly(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), id="early-hints"),
    ],
)
def test_headers_beyond_the_limit_end_the_visit(play: Play) -> None:
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (0, f"{receiver.url('')} sends more than 65536 bytes of headers.")


def test_more_header_fields_than_any_reader_takes_end_the_visit() -> None:
    with Receiver(answer("200 OK", *["X: a"] * 200)) as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (0, f"{receiver.url('')} does not answer in HTTP/1.1.")


# --- answers cut off, and answers that are none -----------------------------------------------------------------------


def reset(connection: socket.socket, _over: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_in_the_body(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nabc")
    time.sleep(0.1)
    reset(connection, over)


@pytest.mark.parametrize(
    "play",
    [
        b"",
        b"HTTP/1.1",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        reset,
    ],
)
def test_a_receiver_that_closes_before_the_end_of_its_headers_is_told(play: Play) -> None:
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert result.error == f"{receiver.url('')} closed the connection before the end of its headers."
    assert (result.status, result.address, result.refused) == (0, "127.0.0.1", False)


@pytest.mark.parametrize(
    ("play", "size"),
    [
        pytest.param(answer("200 OK", "Content-Length: 9", body=b"abc"), 3, id="length"),
        pytest.param(answer("200 OK", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n"), 3, id="chunks"),
        pytest.param(answer("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n"), 0, id="no-chunks"),
        pytest.param(answer("200 OK", "Transfer-Encoding: chunked", body=b"-5\r\nabc\r\n"), 0, id="negative-chunk"),
        pytest.param(
            answer("200 OK", "Transfer-Encoding: chunked", body=b"-1\r\nabc\r\n"), None, id="chunk-of-minus-1"
        ),
        pytest.param(
            answer("200 OK", "Transfer-Encoding: chunked", body=b"-1\r\n" + b"a" * 100_000),
            BODY_LIMIT,
            id="long-chunk-of-minus-1",
        ),
        pytest.param(
            answer("200 OK", "Transfer-Encoding: chunked", body=b"-FFFFFFFFFFFFFFFFF\r\nabc\r\n"),
            0,
            id="huge-negative-chunk",
        ),
        pytest.param(reset_in_the_body, 3, id="reset"),
    ],
)
def test_a_body_that_is_not_whole_is_told_with_its_status(play: Play, size: int | None) -> None:
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (200, f"{receiver.url('')} did not send the whole of its body.")
    assert size is None or result.size == size


@pytest.mark.parametrize(
    "play",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"-ERR unknown command\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"<html>hello</html>",
    ],
)
def test_an_answer_that_is_no_http_is_told(play: bytes) -> None:
    with Receiver(play + b"\r\n\r\n") as receiver:
        result = go(receiver.url())
    assert (result.status, result.error) == (0, f"{receiver.url('')} does not answer in HTTP/1.1.")


@pytest.mark.parametrize(
    "play",
    [
        b"HTTP/1.0 200 OK\r\n\r\nabc",
        b"HTTP/1.1 200\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
        b"HTTP/1.1 200 OK\nX: \xff\n\nabc",
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_an_answer_that_browsers_take_is_taken(play: bytes) -> None:
    with Receiver(play) as receiver:
        result = go(receiver.url())
    assert (result.status, result.size) == (200, 3)


class Bytes:
    """Stands for a socket that receives these bytes, some at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._rest = data
        self._step = step

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def send(self, data: memoryview) -> int:
        return len(data)

    def recv_into(self, room: memoryview) -> int:
        piece = self._rest[: min(self._step, len(room))]
        room[: len(piece)] = piece
        self._rest = self._rest[len(piece) :]
        return len(piece)


STARTS = [
    b"",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 302 Found\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
]
PIECES = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"HTTP/1.1 ",
        b"200 OK",
        b"100 Continue\r\n",
        b"X: y\r\n",
        b": y\r\n",
        b" z\r\n",
    ),
    *(b"Location: ", b"Location: /x\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"From x\r\n"),
    *(b"5", b"-1", b"1_0", b"+3", b"9" * 30, b"5\r\nhello\r\n", b"0\r\n\r\n", b"-1\r\n", b"-FFFFFFFFFFFFFFFFF\r\n"),
    *(b"FFFFFFFFFFFFFFFFF\r\n", b"5;a=b\r\n", b"a" * 70_000, b"\xff\xfe", b"\x00", b"=?utf-8?b?AAAA?="),
]


@given(
    st.sampled_from(STARTS), st.lists(st.sampled_from(PIECES) | st.binary(max_size=20)), st.sampled_from([1, 7, 9000])
)
def test_whatever_bytes_answer_a_request_it_ends_in_an_answer_or_in_words(
    start: bytes, pieces: list[bytes], step: int
) -> None:
    url = read_url("http://receiver.test/")
    assert url is not None
    data = start + b"".join(pieces)
    sock = cast("socket.socket", Bytes(data, step if len(data) < 9000 else 9000))
    sentence, fetched = "", Fetched(200)
    try:
        fetched = fetch(sock, url, Deadline(60))
    except Stopped as stopped:
        sentence = stopped.sentence
    assert (sentence or fetched.trouble or "http://receiver.test ").startswith("http://receiver.test ")
    assert 200 <= fetched.status <= 999
    assert 0 <= fetched.size <= BODY_LIMIT


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = go(f"http://receiver.test:{port}/back?bytedToken=secret")
    assert result.error == f"http://receiver.test:{port} was not reached at 127.0.0.1: Connection refused."
    assert (result.status, result.address, result.url) == (0, "", f"http://receiver.test:{port}/back")


# --- TLS --------------------------------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with Receiver(tls=True) as receiver:
        result = go(receiver.url(host="receiver.test"))
    assert receiver.requests == []
    assert (result.status, result.address) == (0, "127.0.0.1")
    start, _, end = result.error.partition("(")
    assert start == f"{receiver.url('', host='receiver.test')} was not visited: its certificate is not valid "
    assert end.partition("); ")[0].replace("-", " ") == "self signed certificate"
    assert end.endswith("give the certificate of the authority that issued it as CA bundle.")


@pytest.mark.parametrize("host", ["receiver.test", "localhost", "127.0.0.1", "Receiver.Test", "receiver.test."])
def test_a_certificate_of_the_given_bundle_is_accepted(host: str) -> None:
    with Receiver(answer(body=b"abc"), tls=True) as receiver:
        result = go(receiver.url(host=host), ca_bundle=CERTIFICATE)
    assert (result.status, result.size, result.error) == (200, 3, "")
    name = None if host == "127.0.0.1" else host.lower().removesuffix(".")
    assert receiver.names == [name]
    assert f"\r\nHost: {host.lower()}:{receiver.port}\r\n".encode() in receiver.requests[0]


@pytest.mark.parametrize(
    ("host", "message"), [("other.test", "Hostname mismatch"), ("[::ffff:127.0.0.1]", "IP address mismatch")]
)
def test_a_certificate_of_another_host_is_refused(host: str, message: str) -> None:
    with Receiver(tls=True) as receiver:
        result = go(receiver.url(host=host), ca_bundle=CERTIFICATE)
    assert receiver.requests == []
    assert f"its certificate is not valid ({message}" in result.error


def test_a_redirect_to_another_name_needs_a_certificate_of_that_name() -> None:
    with Receiver(tls=True) as receiver:
        receiver.plays = [answer("302 Found", f"Location: {receiver.url(host='other.test')}", "Content-Length: 0")]
        result = go(receiver.url(host="receiver.test"), ca_bundle=CERTIFICATE)
    assert (result.status, result.hops, len(receiver.requests)) == (302, 1, 1)
    assert "Hostname mismatch" in result.error


def test_a_receiver_without_tls_is_told() -> None:
    with Receiver(b"HTTP/1.1 400 Bad Request\r\n\r\n", reads=False) as receiver:
        result = go(receiver.url().replace("http:", "https:"))
    assert "was not visited: no TLS connection (" in result.error
    assert not result.refused


@pytest.mark.parametrize("play", [dripping(b"", b""), dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x03")])
def test_a_tls_handshake_that_hangs_or_drips_is_given_up_at_the_deadline(play: Play) -> None:
    with Receiver(play, reads=False) as receiver:
        url = receiver.url(host="receiver.test").replace("http:", "https:")
        result = go(url, deadline=0.25, addresses=["127.0.0.1", "127.0.0.2"])
    assert result.error == LATE
    assert 0.25 <= result.seconds < 1


def test_a_body_over_tls_that_drips_is_given_up_at_the_deadline() -> None:
    with Receiver(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"a"), tls=True) as receiver:
        result = go(receiver.url(host="localhost"), deadline=0.4, ca_bundle=CERTIFICATE)
    assert (result.status, result.error) == (200, LATE.replace("0.25", "0.4"))
    assert result.seconds < 1


@pytest.mark.parametrize("content", [None, "no certificate\n"])
def test_a_bundle_that_cannot_be_read_is_told(tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content, encoding="ascii")
    with Receiver(tls=True) as receiver:
        result = go(receiver.url(), ca_bundle=str(bundle))
    assert result.error.startswith(f"The CA bundle {bundle} cannot be read: ")
    assert receiver.requests == []
