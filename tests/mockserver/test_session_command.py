"""`mockserver session new`: against the real mock, against servers that are none, and on terminals of every kind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import socket
import struct
import subprocess
import sys
import termios
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from click.testing import CliRunner

from mockserver import session_request
from mockserver.cli import main
from mockserver.credentials import WORKING
from mockserver.session_command import CannotDraw, Terminal, in_language, qr_lines
from mockserver.session_request import SessionRequest
from tests.mockserver.certificates import issue, write
from tests.mockserver.test_tls import Mock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

CALLBACK = "https://example.com/done?a=1"
LINK = "https://192.168.1.20:8080/en/liveness-face-manage/authorization?pl=" + "Ab1-_" * 180 + "&uid=" + "0" * 36


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    made = Mock(tmp_path_factory.mktemp("mock")).ready()
    yield made
    made.end()
    made.close()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    made = Mock(tmp_path_factory.mktemp("secure"), "--tls", "auto").ready()
    yield made
    made.end()
    made.close()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("ANYFAST_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def url_of(mock: Mock, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{mock.port}"


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["session", "new", *arguments], env=environment, catch_exceptions=False)


def refused(result: Result, code: int = 1) -> str:
    """Give the one sentence with which the command ends, without a session."""
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    lines = result.stderr.splitlines()
    if code == 1:
        assert len(lines) == 1
        assert lines[0].startswith("mockserver: ")
    return lines[-1]


# --- what is printed --------------------------------------------------------------------------------------------------


def test_session_is_printed_as_token_and_link(mock: Mock) -> None:
    result = run("--url", url_of(mock))
    assert result.exit_code == 0
    token, link = result.stdout.splitlines()
    assert re.fullmatch(r"BytedToken  \d{14}[0-9A-F]{20}", token)
    assert link.startswith(f"H5Link      {url_of(mock)}/en/liveness-face-manage/authorization?pl=")
    assert result.stderr == ""


def test_address_comes_from_the_environment_too(mock: Mock) -> None:
    assert run(ANYFAST_BASE_URL=url_of(mock) + "/").exit_code == 0


def test_answer_is_printed_as_json_for_a_program(mock: Mock) -> None:
    result = run("--url", url_of(mock), "--json", "--callback-url", f"{CALLBACK}&b=ü")
    body = json.loads(result.stdout)
    assert set(body) == {"BytedToken", "CallbackURL", "H5Link"}
    assert body["CallbackURL"] == f"{CALLBACK}&b=ü"
    assert result.stdout.isascii(), "a letter that a terminal or a pipe cannot take"


@pytest.mark.parametrize("style", [[], ["--json"]])
def test_language_is_added_to_the_link(mock: Mock, style: list[str]) -> None:
    text = run("--url", url_of(mock), "--lng", "zh-Hant", *style).stdout
    (link,) = re.findall(r'http://[^\s"]+', text)
    assert parse_qs(urlsplit(link).query)["lng"] == ["zh-Hant"]


@pytest.mark.parametrize(
    ("link", "language", "expected"),
    [
        ("https://a.example/x?pl=1", None, "https://a.example/x?pl=1"),
        ("https://a.example/x?pl=1", "en", "https://a.example/x?pl=1&lng=en"),
        ("https://a.example/x", "en", "https://a.example/x?lng=en"),
        ("https://a.example/x?pl=1#top?", "zh", "https://a.example/x?pl=1&lng=zh#top?"),
    ],
)
def test_language_keeps_what_the_link_has(link: str, language: str | None, expected: str) -> None:
    assert in_language(link, language) == expected


def test_mock_behind_a_base_path_is_asked_there() -> None:
    with Standing(200, SESSION, MOCK) as server:
        assert run("--url", f"{server.url}/base/").exit_code == 0
    assert [path for path, _ in server.seen] == ["/base/volc/asset/CreateVisualValidateSession"]


# --- what is sent -----------------------------------------------------------------------------------------------------

MOCK = {"X-Mock-Version": "0.1.0"}
SESSION = json.dumps({"BytedToken": "T", "H5Link": "https://mock.example/a?pl=b"}).encode()


class Standing:
    """A server that stands where the mock should, gives one answer to everything and notes what it was asked."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        seen: list[tuple[str, dict[str, str]]] = []

        class Handler(BaseHTTPRequestHandler):
            answers: ClassVar = headers

            def do_POST(self) -> None:
                seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                for name, value in self.answers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.seen = seen
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Standing:  # noqa: PYI034  # typing.Self came with Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def test_key_for_the_real_host_is_never_sent() -> None:
    with Standing(200, SESSION, MOCK) as server:
        assert run("--url", server.url, ANYFAST_API_KEY="sk-real", ANYFAST_MOCK_TOKEN="sk-other").exit_code == 0
    ((_, headers),) = server.seen
    assert headers["authorization"] == f"Bearer {WORKING}"
    assert "sk-" not in str({name: value for name, value in headers.items() if name != "authorization"})


def test_token_that_is_named_is_sent_and_not_shown() -> None:
    with Standing(401, b'{"error":{"message":"No."}}', MOCK) as server:
        told = refused(run("--url", server.url, "--token", "sk-mine"))
    assert server.seen[0][1]["authorization"] == "Bearer sk-mine"
    assert "sk-mine" not in told
    assert "sk-mine" not in repr(SessionRequest(server.url, "sk-mine"))


def test_proxies_and_netrc_do_not_come_into_play(mock: Mock, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n", encoding="ascii")
    dead = "http://127.0.0.1:1"
    environment = {"HTTP_PROXY": dead, "http_proxy": dead, "ALL_PROXY": dead, "HOME": str(tmp_path)}
    assert run("--url", url_of(mock), **environment).exit_code == 0


# --- https ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_certificate_of_the_mock_is_trusted_by_its_file(secure: Mock, host: str) -> None:
    result = run("--url", url_of(secure, "https", host), "--ca-bundle", str(secure.certificate))
    assert result.exit_code == 0
    assert f"H5Link      {url_of(secure, 'https')}/" in result.stdout


def test_certificate_that_is_not_trusted_names_both_remedies(secure: Mock) -> None:
    told = refused(run("--url", url_of(secure, "https")))
    assert "is not trusted: self-signed certificate. " in told.replace("self signed", "self-signed")
    assert "--ca-bundle FILE" in told
    assert "--insecure" in told
    assert run("--url", url_of(secure, "https"), "--insecure").exit_code == 0


def test_certificate_for_another_name_is_not_trusted_by_its_file(tmp_path: Path) -> None:
    file, key = write(tmp_path, issue("mock.example"))
    other = Mock(tmp_path, "--tls-cert", str(file), "--tls-key", str(key)).ready()
    try:
        told = refused(run("--url", url_of(other, "https"), "--ca-bundle", str(file)))
    finally:
        other.end()
        other.close()
    assert "not valid for '127.0.0.1'. Name its file with --ca-bundle" in told


def test_scheme_that_is_the_wrong_one_is_told(mock: Mock, secure: Mock) -> None:
    assert refused(run("--url", url_of(mock, "https"))).endswith("If it speaks plain http, say http://.")
    assert "If it speaks TLS, say https://" in refused(run("--url", url_of(secure)))


# --- no session -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--token", "sk-unknown"], "refuses: 401 (auth.unknown), Invalid API key provided. Leave out --token "),
        (["--token", "sk-mock-aigc"], "refuses: 400 (auth.group), "),
    ],
)
def test_refusal_of_the_mock_is_told_in_its_words(mock: Mock, arguments: list[str], told: str) -> None:
    assert told in refused(run("--url", url_of(mock), *arguments))


def test_path_that_the_mock_does_not_have_is_told(mock: Mock) -> None:
    told = refused(run("--url", f"{url_of(mock)}/base"))
    assert "refuses: 404 (route.path)" in told
    assert told.endswith("start it without a document, or correct --url.")


REFUSED = b'{"error": {"message": "The required parameter CallbackURL is missing."}}'


@pytest.mark.parametrize(
    ("status", "body", "headers", "told"),
    [
        (302, b"", {"Location": "http://127.0.0.1:1/?secret", **MOCK}, "sends elsewhere (302), which is not followed."),
        (200, SESSION, {}, "answered 200 and is not this mock: there is no X-Mock-Version in its answer."),
        (404, b"<html>", {}, "answered 404 and is not this mock"),
        (400, REFUSED, MOCK, "refuses: 400, The required parameter CallbackURL is missing. Say --callback-url URL."),
        (503, b"busy", MOCK, "refuses: 503."),
        (500, b'{"error": []}', MOCK, "refuses: 500."),
        (200, b"[1]", MOCK, "answered 200 without a session"),
        (200, b"\xff", MOCK, "answered 200 without a session"),
        (200, b"[" * 100_000, MOCK, "answered 200 without a session"),
        (200, b'{"BytedToken": "T"}', MOCK, "answered 200 without a session"),
        (200, b'{"BytedToken": "T", "H5Link": "javascript:alert()"}', MOCK, "answered 200 without a session"),
        (200, b'{"BytedToken": "T", "H5Link": "https://[a"}', MOCK, "answered 200 without a session"),
        (200, b'{"BytedToken": "T\\u001b[2J", "H5Link": "https://a"}', MOCK, "answered 200 without a session"),
        (200, SESSION + b" " * (1 << 20), MOCK, "answered 200 without a session"),
    ],
)
def test_answer_without_a_session_is_one_sentence(status: int, body: bytes, headers: dict[str, str], told: str) -> None:
    with Standing(status, body, headers) as server:
        sentence = refused(run("--url", server.url))
    assert told in sentence
    assert sentence.startswith("mockserver: ")
    assert len(server.seen) == 1, "it was sent again"
    assert "secret" not in sentence


def test_message_that_would_write_over_the_terminal_is_made_harmless() -> None:
    body = json.dumps({"error": {"message": "\x1b]0;title\x07\x9b2Jno\u202e" + "x" * 1000}}).encode()
    with Standing(400, body, MOCK) as server:
        sentence = refused(run("--url", server.url))
    assert sentence.isprintable()
    assert len(sentence) < 500


def test_nothing_that_listens_is_told_with_the_command_that_starts_a_mock() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = refused(run("--url", f"http://127.0.0.1:{port}"))
    assert told.startswith(f"mockserver: Nothing listens at http://127.0.0.1:{port}. Start the mock with 'mockserver'")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence_ends_after_a_time(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    assert session_request.PATIENCE == 10
    monkeypatch.setattr(session_request, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told = refused(run("--url", f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"))
    assert "did not answer within" in told


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx"]
)
def test_server_that_speaks_something_else_is_told(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        told = refused(run("--url", f"http://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()
    assert "does not answer in HTTP" in told


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64])
def test_host_that_is_not_there_is_told(host: str) -> None:
    assert refused(run("--url", f"http://{host}")).endswith("cannot be found. Correct --url.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--url", "127.0.0.1:8080"], "--url is an http or https URL"),
        (["--url", "ftp://a.example"], "--url is an http or https URL"),
        (["--url", "http://"], "--url is an http or https URL"),
        (["--url", "http://a.example:x"], "--url is an http or https URL"),
        (["--url", "http://user:secret@a.example"], "--url is an http or https URL"),
        (["--url", "http://a.example/?q=secret"], "--url is an http or https URL"),
        (["--url", "http://a.example/\r\nX: secret"], "--url is an http or https URL"),
        (["--token", "secret secret"], "--token takes one token"),
        (["--url", "https://a.example", "--ca-bundle", "none.pem"], "none.pem cannot be used: No such file"),
        (["--url", "https://a.example", "--ca-bundle", "."], ". cannot be used: Is a directory"),
        (["--url", "https://a.example", "--ca-bundle", os.devnull], "it holds no certificate in PEM"),
        (["--ca-bundle", "a", "--insecure"], "--ca-bundle and --insecure exclude each other"),
        (["--json", "--qr"], "--json and --qr exclude each other"),
        (["--lng", "fr"], "'fr' is not one of"),
    ],
)
def test_mistake_in_the_usage_ends_with_2_and_sends_nothing(arguments: list[str], told: str) -> None:
    sentence = refused(run(*arguments), code=2)
    assert told in sentence
    assert "secret" not in sentence


# --- the QR code ------------------------------------------------------------------------------------------------------


def read_code(lines: list[str]) -> str:
    """Scan what a terminal shows: half blocks, light where there is ink."""
    light = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [bytes(light[letter][half] for letter in line) for line in lines for half in (0, 1)]
    scale = 3
    picture = b"".join(bytes(value for value in row for _ in range(scale)) for row in rows for _ in range(scale))
    shape = (len(rows) * scale, len(rows[0]) * scale)
    codes = zxingcpp.read_barcodes(memoryview(picture).cast("B", shape))
    # One link in some thousands has stripes in it that are taken for a code of another kind.
    (found,) = (one for one in codes if one.format == zxingcpp.BarcodeFormat.QRCode)
    return found.text


COLOURED = re.compile("\x1b\\[38;5;231;48;5;16m([█▀▄ ]+)\x1b\\[0m")


def in_window(*arguments: str, columns: int, lines: int = 75, **environment: str) -> tuple[int, str]:
    """Run the command in a terminal of that size; return its exit status and all that the terminal was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "session", "new", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**kept, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip
    os.close(theirs)
    sent = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the last one hung up
            break
        if not piece:
            break
        sent += piece
    os.close(ours)
    return process.wait(15), sent.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("columns", "border"), [(200, 4), (117, 4), (116, 2), (113, 2)])
def test_code_in_a_terminal_is_the_link_in_colours_of_its_own(mock: Mock, columns: int, border: int) -> None:
    status, text = in_window("--url", url_of(mock), "--qr", "--lng", "en", columns=columns)
    (link,) = re.findall(r"^H5Link +(\S+)$", text, re.MULTILINE)
    lines = COLOURED.findall(text)
    assert (status, read_code(lines)) == (0, link)
    assert {len(line) for line in lines} == {109 + 2 * border}
    assert text.count("█") == sum(line.count("█") for line in lines), "some of it has the colours of the terminal"


@pytest.mark.parametrize(("no_color", "term"), [("1", "xterm"), ("", "dumb")])
def test_code_without_colours_has_no_escape_sequence(mock: Mock, no_color: str, term: str) -> None:
    _, text = in_window("--url", url_of(mock), "--qr", columns=130, NO_COLOR=no_color, TERM=term)
    assert "\x1b" not in text
    (link,) = re.findall(r"^H5Link +(\S+)$", text, re.MULTILINE)
    assert read_code(re.findall(r"^[█▀▄ ]{100,}$", text, re.MULTILINE)) == link


def test_code_in_a_narrow_terminal_is_replaced_by_a_sentence(mock: Mock) -> None:
    status, text = in_window("--url", url_of(mock), "--qr", columns=112)
    assert status == 0
    assert "█" not in text
    assert "No QR code: it takes 113 columns and this window has 112.\nWiden it" in text
    assert "H5Link      http://" in text


def test_code_in_a_low_terminal_is_drawn_and_its_height_told(mock: Mock) -> None:
    _, text = in_window("--url", url_of(mock), "--qr", columns=130, lines=24)
    assert "The code is 57 lines high and this window 24" in text
    assert len(COLOURED.findall(text)) == 57


@pytest.mark.parametrize(("lines", "drawn"), [(58, 57), (59, 57), (60, 59)])
def test_code_gets_the_border_that_the_window_has_room_for(mock: Mock, lines: int, drawn: int) -> None:
    _, text = in_window("--url", url_of(mock), "--qr", columns=130, lines=lines)
    assert len(COLOURED.findall(text)) == drawn
    assert "lines high" not in text


def test_code_in_a_pipe_is_whole_and_plain(mock: Mock) -> None:
    result = run("--url", url_of(mock), "--qr", COLUMNS="80")
    _, link, empty, *lines = result.stdout.splitlines()
    assert empty == ""
    assert read_code(lines) == link.split()[1]
    assert "\x1b" not in result.stdout


def test_encoding_without_block_letters_is_told(mock: Mock) -> None:
    _, text = in_window("--url", url_of(mock), "--qr", columns=130, PYTHONIOENCODING="latin-1")
    assert "No QR code: the output is in iso8859-1, which has no block letters. Use a locale with UTF-8." in text


def test_link_too_long_for_any_code_is_told() -> None:
    with pytest.raises(CannotDraw, match="a link of 3000 characters fits in none"):
        qr_lines("h" * 3000, Terminal(None, None, colours=False, encoding="utf-8"))


def test_code_of_a_typical_link_is_read_back_at_both_borders() -> None:
    for columns, border in ((117, 4), (113, 2)):
        lines = qr_lines(LINK, Terminal(columns, 60, colours=False, encoding="utf-8"))
        assert read_code(lines) == LINK
        assert set(lines[0]) == {"█"}
        assert len(lines[0]) == 109 + 2 * border


def test_phone_is_warned_of_a_link_to_this_machine(mock: Mock) -> None:
    told = run("--url", url_of(mock), "--qr").stderr
    assert "A phone cannot open this link: there, 127.0.0.1 is the phone itself." in told
    start = f"mockserver --host 0.0.0.0 --port {mock.port} --public-url"
    assert f"{start} http://<this host>:{mock.port}\n" in told
    assert f"{start} https://<this host>:{mock.port} --tls auto\n" in told


def test_mock_that_speaks_https_is_not_told_to_speak_http(secure: Mock) -> None:
    told = run("--url", url_of(secure, "https"), "--insecure", "--qr").stderr
    assert f"--public-url https://<this host>:{secure.port} --tls auto" in told
    assert "http://" not in told


@pytest.mark.parametrize(
    ("host", "warned"),
    [("localhost", True), ("mock.localhost", True), ("[::1]", True), ("127.9.9.9", True), ("192.168.1.20", False)],
)
def test_only_a_link_to_this_machine_is_warned_of(host: str, warned: bool) -> None:
    with Standing(
        200, json.dumps({"BytedToken": "T", "H5Link": f"http://{host}:8080/a?pl=b"}).encode(), MOCK
    ) as server:
        told = run("--url", server.url, "--qr").stderr
        plain = run("--url", server.url).stderr
    assert ("A phone cannot open this link" in told) is warned
    assert "--port" not in told
    assert plain == ""


def test_help_names_each_option_and_where_the_address_comes_from() -> None:
    text = CliRunner().invoke(main, ["session", "new", "--help"]).stdout
    for word in ("ANYFAST_BASE_URL", "--callback-url", "--qr", "--lng", "--ca-bundle", "--insecure", "--json"):
        assert word in text
    assert "ANYFAST_API_KEY" not in text
