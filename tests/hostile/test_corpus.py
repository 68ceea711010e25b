"""The server, sent what nobody should send: it answers or closes, and goes on with the same workers."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.hostile.corpus import FAMILIES, half_sent, request
from tests.system.running import Mock

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 10.0
"""Seconds in which everything has to be answered or closed; it takes milliseconds on an idle machine."""

QUIET = 0.1
"""Seconds to wait for an answer before the sending side is ended."""

ENDED = (ConnectionResetError, BrokenPipeError)

LENGTH = re.compile(rb"^content-length: \d+\r\n(?:[^\r\n]+\r\n)*\r\n", re.MULTILINE | re.IGNORECASE)
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
OF_THE_SERVER = {b"400", b"408", b"413", b"414", b"431"}
"""What it may answer before the mock is asked, without a body."""


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    with Mock(tmp_path_factory.mktemp("hostile"), "--workers", "2", "--check-answers") as running:
        yield running
        assert running.end() == 0
        for sign in ("Traceback", "panicked", "mock.bug", "raised"):
            assert sign not in running.err, running.err[-3000:]


@pytest.fixture
def same_workers(mock: Mock) -> Iterator[None]:
    """See that no worker died, and that a right request is answered on a new connection."""
    workers = mock.workers
    assert len(workers) == 2
    yield
    with mock.client() as client:
        client.create()
    assert mock.workers == workers


def exchange(port: int, sent: bytes) -> bytes:
    """Send, wait for an answer, end the sending, and give what came until the server closed. Raises `TimeoutError`.

    The end of the sending side is what lets a half-sent request end; sent at once it makes the server drop what it has
    not answered yet.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as connection:
        received = b""
        with contextlib.suppress(*ENDED):  # refused in the middle: what counts is what it said before
            connection.sendall(sent)
        connection.settimeout(QUIET)
        with contextlib.suppress(TimeoutError, *ENDED):
            while not LENGTH.search(received) and (piece := connection.recv(1 << 20)):
                received += piece
        with contextlib.suppress(OSError):  # it may be ended already
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(LIMIT)
        with contextlib.suppress(*ENDED):
            while piece := connection.recv(1 << 20):
                received += piece
        return received


def wrong(answer: bytes) -> str:
    """Tell what an answer has that it must not have; nothing when it is in order."""
    statuses = STATUS.findall(answer)
    if answer and not answer.startswith(b"HTTP/1."):
        return "no HTTP"
    if any(status >= b"500" for status in statuses):
        return "a server error"
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"\r\nx-injected" in head.lower():
        return "a header that came in a value"
    for sign in (b"Traceback", b'File "', b"root:x:", b"[project]"):
        if sign in body:
            return f"{sign!r}"
    if (
        statuses
        and statuses[0] >= b"400"
        and statuses[0] not in OF_THE_SERVER
        and b"content-type: " not in head.lower()
    ):
        return "an empty refusal"
    return ""


@pytest.mark.usefixtures("same_workers")
@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_request_is_answered_or_closed_and_never_with_a_server_error(mock: Mock, family: str) -> None:
    sent = list(FAMILIES[family]())
    assert len(sent) > 30
    found = []
    for one in sent:
        try:
            problem = wrong(exchange(mock.port, one))
        except TimeoutError:
            problem = "no answer and no end"
        if problem:
            found.append((problem, one[:300]))
    assert found == []


@pytest.mark.usefixtures("same_workers")
def test_client_that_ends_its_sending_at_once_is_let_go_whatever_it_sent(mock: Mock) -> None:
    for one in [*FAMILIES["bodies"](), *FAMILIES["framing"]()]:
        with socket.create_connection(("127.0.0.1", mock.port), timeout=LIMIT) as connection:
            with contextlib.suppress(OSError):  # refused in the middle
                connection.sendall(one)
                connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(*ENDED):
                while connection.recv(1 << 20):
                    pass


@pytest.mark.usefixtures("same_workers")
def test_request_cut_anywhere_holds_up_nobody(mock: Mock) -> None:
    whole = request()
    for end in range(0, len(whole), 12):
        answer = exchange(mock.port, whole[:end])
        assert wrong(answer) == "", whole[:end]


@pytest.mark.usefixtures("same_workers")
def test_request_byte_by_byte_is_answered_while_others_are(mock: Mock) -> None:
    with socket.create_connection(("127.0.0.1", mock.port), timeout=LIMIT) as slow, mock.client() as client:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request():
            slow.sendall(bytes([byte]))
            time.sleep(0.001)
        client.create()
        assert slow.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("same_workers")
def test_two_hundred_half_sent_heads_and_sixteen_bodies_hold_up_nobody(mock: Mock) -> None:
    with contextlib.ExitStack() as stack:
        for sent in [*[request()[:60]] * 200, *[half_sent()] * 16]:
            stack.enter_context(socket.create_connection(("127.0.0.1", mock.port), timeout=LIMIT)).sendall(sent)
        began = time.monotonic()
        for _ in range(10):
            with mock.client() as client:
                client.create()
        assert time.monotonic() - began < LIMIT / 2


@pytest.mark.usefixtures("same_workers")
def test_clients_that_send_and_leave_without_reading_leave_nothing_behind(mock: Mock) -> None:
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", mock.port), timeout=LIMIT) as connection:
            connection.sendall(request() * 5)


@pytest.mark.usefixtures("same_workers")
def test_pipelined_requests_are_answered_in_order_each_once(mock: Mock) -> None:
    received = b""
    with socket.create_connection(("127.0.0.1", mock.port), timeout=LIMIT) as connection:
        connection.sendall((request() + request(b"{")) * 20)
        while len(STATUS.findall(received)) < 40:
            piece = connection.recv(1 << 20)
            assert piece, received[-500:]
            received += piece
    assert STATUS.findall(received) == [b"200", b"400"] * 20


def test_packed_body_is_refused_and_not_unpacked(mock: Mock) -> None:
    for sent in FAMILIES["bodies"]():
        if b"Content-Encoding: gzip" in sent:
            answer = exchange(mock.port, sent)
            assert answer.startswith(b"HTTP/1.1 400 "), answer
            assert b"x-mock-rule: body.encoding" in answer


def test_path_that_leads_out_of_every_folder_finds_nothing(mock: Mock) -> None:
    for folder in (b"/", b"/en/liveness-face-manage/static/", b"/_mock/static/"):
        for up in (b"../", b"..%2f", b"%2e%2e/", b"..%5c", b"....//", b"%252e%252e%252f"):
            for aim in (b"etc/passwd", b"pyproject.toml", b"mockserver/h5/page.py", b"page.py"):
                answer = exchange(mock.port, request(b"", method=b"GET", target=folder + up * 4 + aim))
                assert STATUS.findall(answer) in ([b"404"], [b"400"], [b"405"]), (folder, up, aim, answer[:200])
                assert b"root:" not in answer
                assert b"[project]" not in answer
                assert b"import" not in answer
