"""One request, one exchange: nothing read from the environment, nothing followed, kept or repeated, nothing raised.

The servers here are sockets that say byte for byte what a target may say.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests import sending, targets
from contract_tests.sending import Sender
from contract_tests.targets import (
    CONTROL_TOKEN,
    KEY,
    OTHER_KEY,
    SWAPPED_KEY,
    Ask,
    Exchange,
    RefusedTarget,
    Target,
    is_loopback,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "sk-42-SECRET+/="
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CLOSE = "close"
HOLD = "hold"


class Sockets:
    """A server that says the next of its lines to every request: bytes, `CLOSE`, or `HOLD` until the test is over."""

    def __init__(self, lines: tuple[bytes | str, ...]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._lines = list(lines)
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.02)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                self.connections += 1
                connection.settimeout(0.02)
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        while not self._over.is_set():
            request = self._read(connection)
            if request is None:
                return
            self.requests.append(request)
            said = self._lines.pop(0) if self._lines else OK
            if isinstance(said, bytes):
                connection.sendall(said)
                if b"Content-Length" in said or b"chunked" in said:
                    continue  # told in lower case, the length is no reason to keep the connection
                return
            if said == HOLD:
                self._over.wait()
            return

    def _read(self, connection: socket.socket) -> bytes | None:
        raw = b""
        while not self._over.is_set():
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return None
            raw += piece
            head, end, body = raw.partition(b"\r\n\r\n")
            length = next((int(one[15:]) for one in head.lower().split(b"\r\n") if one[:15] == b"content-length:"), 0)
            if end and len(body) >= length:
                return raw
            if not piece:
                return None
        return None

    def stop(self) -> None:
        """End the thread and close the door."""
        self._over.set()
        self._thread.join()
        self._socket.close()


@contextmanager
def target(*lines: bytes | str, key: str = SECRET, wait: float = 2.0) -> Iterator[tuple[Sockets, Sender]]:
    server = Sockets(lines)
    sender = Sender(Target(server.url, key, wait))
    try:
        yield server, sender
    finally:
        sender.close()
        server.stop()


@contextmanager
def talker(*pieces: bytes) -> Iterator[str]:
    """Run a server that talks to whoever comes, without listening, in pieces; gives its host and port."""
    over = threading.Event()

    def talk() -> None:
        connection, _ = door.accept()
        with connection, suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            while pieces[1:] and not over.wait(0.02):
                connection.sendall(pieces[-1])

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=talk)
        thread.start()
        yield f"127.0.0.1:{door.getsockname()[1]}"
        over.set()
        thread.join()


def sent(url: str, ask: Ask, wait: float = 0.2) -> Exchange:
    sender = Sender(Target(url, SECRET, wait))
    try:
        return sender.send(ask)
    finally:
        sender.close()


ASK = Ask("POST", "/a", (("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json")), b"{}")


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_request_is_sent_as_it_was_asked_for() -> None:
    with target() as (server, sender):
        exchange = sender.send(ASK)
    assert (exchange.status, exchange.body, exchange.error) == (200, b"{}", "")
    assert exchange.ask is ASK
    head, _, body = server.requests[0].decode().partition("\r\n\r\n")
    assert head.startswith("POST /a HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Bearer {SECRET}" in head
    assert body == "{}"


def test_key_in_the_path_is_percent_encoded() -> None:
    with target() as (server, sender):
        sender.send(Ask("GET", f"/a?token={KEY}&b=1"))
    assert server.requests[0].startswith(b"GET /a?token=sk-42-SECRET%2B%2F%3D&b=1 HTTP/1.1\r\n")


def test_request_without_body_has_no_content_type() -> None:
    with target() as (server, sender):
        sender.send(Ask("POST", "/a"))
    head = server.requests[0].lower()
    assert b"content-type" not in head
    assert b"content-length: 0" in head


def test_every_request_has_a_connection_of_its_own() -> None:
    with target() as (server, sender):
        assert [sender.send(ASK).status for _ in range(5)] == [200] * 5
    assert server.connections == len(server.requests) == 5


def test_cookie_is_not_kept() -> None:
    said = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n"
    with target(said) as (server, sender):
        sender.send(ASK)
        sender.send(ASK)
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


def test_netrc_and_proxy_variables_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login eve password hunter2\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with target() as (proxy, _), target() as (server, sender):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
            monkeypatch.setenv(name.lower(), proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert sender.send(Ask("GET", "/a")).status == 200
        assert sender.send(ASK).status == 200
    assert proxy.requests == []
    assert b"authorization" not in server.requests[0].lower()
    assert SECRET.encode() in server.requests[1]


def test_proxy_that_is_named_is_used() -> None:
    with target() as (proxy, _):
        sender = Sender(Target("http://127.0.0.1:9", SECRET), proxy=proxy.url)
        try:
            assert sender.send(ASK).status == 200
        finally:
            sender.close()
    assert proxy.requests[0].startswith(b"POST http://127.0.0.1:9/a HTTP/1.1\r\n")


@pytest.mark.parametrize("key", ["sk-x y", "sk-x\n", "\r\nX: y", "schlüssel", "\u200bsk", "sk-x\0"])
def test_key_that_no_header_holds_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(RefusedTarget) as caught:
        Sender(Target("http://127.0.0.1:9", key))
    assert key.strip() not in str(caught.value)
    assert "ANYFAST_API_KEY" in str(caught.value)


@pytest.mark.parametrize("more", [{"other_key": "sk-x y"}, {"control_token": "x\n"}])
def test_other_secret_that_no_header_holds_is_refused_by_its_variable(more: dict[str, str]) -> None:
    with pytest.raises(RefusedTarget, match=r"(_KEY_2|_CONTROL_TOKEN) holds") as caught:
        Sender(Target("http://127.0.0.1:9", SECRET, **more))  # type: ignore[arg-type]
    assert not [text for text in more.values() if text in str(caught.value)]


def test_every_secret_is_sent_where_its_place_is() -> None:
    ask = Ask("GET", f"/a?k={OTHER_KEY}", (("Authorization", f"Bearer {OTHER_KEY}"), ("X", f"{KEY} {CONTROL_TOKEN}")))
    with target() as (server, _):
        sender = Sender(Target(server.url, SECRET, other_key="sk-other/", control_token="control-1"))
        assert sender.send(ask).status == 200
        sender.close()
    assert server.requests[0].startswith(b"GET /a?k=sk-other%2F HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer sk-other/\r\n" in server.requests[0]
    assert f"\r\nX: {SECRET} control-1\r\n".encode() in server.requests[0]


# --- what comes back --------------------------------------------------------------------------------------------------

ANSWERS: dict[str, tuple[bytes | str, str]] = {
    "closed at once": (CLOSE, "broken"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", "broken"),
    "status without a number": (b"HTTP/1.1 abc OK\r\n\r\n", "broken"),
    "body shorter than announced": (b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}", "broken"),
    "body that ends with the connection": (b"HTTP/1.1 200 OK\r\n\r\n{}", ""),
    "broken chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "broken"),
    "broken gzip": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", "broken"),
    "line without an end": (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000, "broken"),
    "a thousand headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n", "broken"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "broken"),
    "never": (HOLD, "timeout"),
    "half a body, then silence": (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", "timeout"),
    "half a header, then silence": (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n", "timeout"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_trouble_with_an_answer_is_named_and_nothing_is_repeated(name: str) -> None:
    said, trouble = ANSWERS[name]
    with target(said, wait=0.05) as (server, sender):
        exchange = sender.send(ASK)
    assert exchange.error == trouble
    assert (exchange.status == 0) is bool(trouble)
    assert bool(exchange.trouble) is bool(exchange.inconclusive) is bool(trouble)
    assert len(server.requests) == 1
    assert exchange.seconds < 3


def test_body_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CONNECT", 0.1)
    with talker(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x") as host:
        exchange = sent(f"http://{host}", ASK, 0.05)
    assert exchange.error == "timeout"
    assert exchange.seconds < 2


def test_body_that_is_too_large_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LARGEST", 10_000)
    with target(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000) as (_, sender):
        assert sender.send(ASK).error == "broken"
        assert sender.send(ASK).status == 200


def test_gzip_is_unpacked() -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with target(head.encode() + packed) as (_, sender):
        assert sender.send(ASK).body == b'{"a": 1}'


def test_chunks_are_put_together() -> None:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1\r\n \r\n0\r\n\r\n"
    with target(said) as (_, sender):
        assert sender.send(ASK).body == b"{} "


def test_many_headers_come_back_by_name_in_any_case() -> None:
    many = b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(90))
    with target(b"HTTP/1.1 200 OK\r\n" + many + b"WWW-authenticate: Bearer\r\nContent-Length: 0\r\n\r\n") as (
        _,
        sender,
    ):
        exchange = sender.send(ASK)
    assert exchange.header("Www-Authenticate") == "Bearer"
    assert [exchange.header(f"x-{number}") for number in range(90)] == [str(number) for number in range(90)]
    assert exchange.header("X-90") is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["other", "/elsewhere", "http://[", "\\\\evil", "javascript:1", "//127.0.0.1:9/x"])
def test_redirect_is_not_followed_with_the_key(status: int, place: str) -> None:
    with target() as (elsewhere, _):
        where = elsewhere.url if place == "other" else place
        said = f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()
        with target(said) as (server, sender):
            exchange = sender.send(ASK)
    assert (exchange.status, exchange.header("location")) == (status, where)
    assert len(server.requests) == 1
    assert elsewhere.requests == []


def test_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    exchange = sent(f"http://127.0.0.1:{port}", ASK)
    assert (exchange.status, exchange.error) == (0, "unreachable")
    assert exchange.inconclusive == "the target cannot be reached"


def test_name_that_does_not_exist_is_unreachable() -> None:
    assert sent("http://does-not-exist.invalid", ASK).error == "unreachable"


def test_https_on_a_port_that_does_not_speak_it_is_untrusted() -> None:
    with talker(b"HTTP/1.1 400 Bad Request\r\n\r\n") as host:
        exchange = sent(f"https://{host}", ASK)
    assert (exchange.status, exchange.error) == (0, "untrusted")


def test_silent_target_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    sender = Sender(Target(f"http://127.0.0.1:{port}", SECRET))
    errors = [sender.send(ASK).error for _ in range(sending.GIVE_UP_AFTER + 1)]
    sender.close()
    assert errors[0] == "unreachable"
    assert errors[-1] == "not sent"


def test_target_that_answered_once_is_never_given_up() -> None:
    lines: tuple[bytes | str, ...] = (OK, *([CLOSE] * (sending.GIVE_UP_AFTER + 2)))
    with target(*lines) as (server, sender):
        errors = [sender.send(ASK).error for _ in lines]
    assert errors[1:] == ["broken"] * (len(lines) - 1)
    assert len(server.requests) == len(lines)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_transient_status_is_inconclusive(status: int) -> None:
    assert Exchange(ASK, status).inconclusive == f"the target answered {status}"
    assert Exchange(ASK, status).trouble == ""


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500, 501])
def test_other_status_is_conclusive(status: int) -> None:
    assert Exchange(ASK, status).inconclusive == ""


HEADERS = st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=4).map(tuple)


@given(st.binary() | st.none(), st.binary(), HEADERS, HEADERS, st.integers(0, 999))
def test_exchange_survives_the_way_to_another_worker(
    sent: bytes | None, got: bytes, asked: tuple[tuple[str, str], ...], told: tuple[tuple[str, str], ...], status: int
) -> None:
    exchange = Exchange(Ask("PUT", "/ä", asked, sent), status, told, got, 0.25, 1.5, "", paid=True)
    assert Exchange.from_json(json.loads(json.dumps(exchange.as_json()))) == exchange


def test_neither_target_nor_exchange_shows_secrets_when_printed() -> None:
    told = (("Set-Cookie", "sid=BytedToken"),)
    exchange = Exchange(replace(ASK, body=b"a BytedToken"), 200, told, body=b"BytedToken")
    target = Target("http://127.0.0.1:1", SECRET, other_key="sk-other", control_token="control-1")
    assert [text for text in (SECRET, "sk-other", "control-1") if text in repr(target) + repr(exchange)] == []
    assert "BytedToken" not in repr(exchange)


def test_http_client_prints_nothing_whatever_it_was_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    sockets = Sockets((OK, OK))
    sender = Sender(Target(sockets.url, SECRET))
    try:
        assert [sender.send(ASK).status for _ in range(2)] == [200, 200]
    finally:
        sender.close()
        sockets.stop()
    assert capsys.readouterr().out == ""


# --- loopback ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://127.8.9.1", "http://[::1]:80/x", "http://LOCALHOST", "http://a.localhost:8"],
)
def test_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(url)
    assert Target(url, "").loopback


@pytest.mark.parametrize(
    "url",
    [
        "https://www.anyfast.ai", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://0.0.0.0",
        "http://notlocalhost", "http://127.0.0.1@evil.example", "http://evil.example#127.0.0.1", "http://2130706433",
        "http://127.1", "http://[::2]", "http://[::1", "http://evil.example/127.0.0.1", "localhost", "", "http://0x7f.0.0.1",
    ],
)  # fmt: skip
def test_anything_else_is_not(url: str) -> None:
    assert not is_loopback(url)


# --- the curl line ----------------------------------------------------------------------------------------------------


def said_by_shell(line: str, folder: Path) -> list[str]:
    """Run a line with a `curl` that prints its arguments, and its input if there is any."""
    fake = folder / "curl"
    fake.write_text(
        f"#!{sys.executable}\nimport sys, json, select\n"
        "piped = sys.stdin.buffer.read().hex() if '@-' in sys.argv else ''\n"
        "print(json.dumps([*sys.argv[1:], piped]))\n",
        encoding="utf-8",
    )
    fake.chmod(0o755)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "ANYFAST_API_KEY": SECRET}
    done = subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stderr == b""
    found: list[str] = json.loads(done.stdout)
    return found


def test_curl_line_holds_the_key_as_a_variable(tmp_path: Path) -> None:
    line = ASK.curl("http://127.0.0.1:1")
    assert line.startswith('curl -i -X POST http://127.0.0.1:1/a -H "Authorization: Bearer $ANYFAST_API_KEY"')
    assert f"Authorization: Bearer {SECRET}" in said_by_shell(line, tmp_path)


def test_curl_line_holds_every_other_secret_as_its_variable() -> None:
    ask = Ask("GET", "/a", (("Authorization", f"Bearer {OTHER_KEY}"), ("X-Control", f"{CONTROL_TOKEN}x")))
    line = ask.curl("http://127.0.0.1:1", str.upper)
    assert '"AUTHORIZATION: BEARER $ANYFAST_API_KEY_2"' in line
    assert '"X-CONTROL: ${ANYFAST_MOCK_CONTROL_TOKEN}X"' in line


def test_curl_line_makes_the_key_in_the_other_case_of_its_variable(tmp_path: Path) -> None:
    line = Ask("GET", "/a", (("Authorization", f"Bearer {SWAPPED_KEY}"),)).curl("http://127.0.0.1:1", str.upper)
    assert SECRET.swapcase() not in line
    assert f"AUTHORIZATION: BEARER {SECRET.swapcase()}" in said_by_shell(line, tmp_path)


@pytest.mark.parametrize(("key", "other"), [("sk-Ab1", "SK-aB1"), ("12-34", "12-34x")])
def test_a_key_in_the_other_case_is_never_the_key(key: str, other: str) -> None:
    assert Target("", key).filled(f"Bearer {SWAPPED_KEY}") == f"Bearer {other}"


def test_curl_line_survives_a_shell(tmp_path: Path) -> None:
    nasty = "a'b\"c $HOME `id` $(id) \\ !x * ; & | > é 回"
    headers = (("X-Nasty", nasty), ("X-Key", f'"`id`$(id)\\{KEY}x{KEY} {KEY}'), ("X-Empty", ""))
    ask = Ask("POST", "/p?a[]={x}&b=1", (*headers, ("Content-Type", "text/plain")), nasty.encode())
    words = said_by_shell(ask.curl("http://127.0.0.1:1"), tmp_path)
    assert words[:5] == ["-i", "-g", "-X", "POST", "http://127.0.0.1:1/p?a[]={x}&b=1"]
    assert f"X-Nasty: {nasty}" in words
    assert f'X-Key: "`id`$(id)\\{SECRET}x{SECRET} {SECRET}' in words
    assert "X-Empty;" in words
    assert words[-3:] == ["--data-raw", nasty, ""]


def test_curl_line_of_bytes_that_are_no_text_pipes_them(tmp_path: Path) -> None:
    ask = Ask("POST", "/", (("Content-Type", "application/json"),), b'{"x": "\xff\xfe%s\\\'"}')
    words = said_by_shell(ask.curl("http://127.0.0.1:1"), tmp_path)
    assert words[-3:-1] == ["--data-binary", "@-"]
    assert bytes.fromhex(words[-1]) == b'{"x": "\xff\xfe%s\\\'"}'


def test_curl_line_sends_no_content_type_that_was_not_sent(tmp_path: Path) -> None:
    assert "Content-Type:" in said_by_shell(Ask("POST", "/", (), b"{}").curl("http://h"), tmp_path)
    assert "Content-Type:" not in said_by_shell(Ask("POST", "/").curl("http://h"), tmp_path)
    assert "-I" in said_by_shell(Ask("HEAD", "/").curl("http://h"), tmp_path)


def test_curl_line_masks_what_it_is_told_to(tmp_path: Path) -> None:
    ask = replace(ASK, path="/a?pl=secret", body=b'{"t": "secret"}')
    words = said_by_shell(ask.curl("http://h", lambda text: text.replace("secret", "***")), tmp_path)
    assert "http://h/a?pl=***" in words
    assert '{"t": "***"}' in words
    assert f"Authorization: Bearer {SECRET}" in words


def test_long_body_is_cut_in_the_curl_line(tmp_path: Path) -> None:
    words = said_by_shell(replace(ASK, body=b"'" * 5000).curl("http://h"), tmp_path)
    assert words[-2] == "'" * 400 + "..."


SHELL_TEXT = st.text(st.characters(exclude_characters="\0{}", exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(SHELL_TEXT, SHELL_TEXT), min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_any_text_is_one_word_for_a_shell(pairs: list[tuple[str, str]]) -> None:
    words = " ".join(targets._shell(before + KEY + after) for before, after in pairs)
    environment = {"PATH": os.environ["PATH"], "ANYFAST_API_KEY": SECRET}
    done = subprocess.run(["sh", "-c", f"printf '%s\\0' {words}"], env=environment, capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == [before + SECRET + after for before, after in pairs]
