"""HTTPS as its users meet it: the real command, a client that verifies, and files that cannot be served."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from mockserver import announcing, starting, tls
from mockserver.cli import main
from mockserver.credentials import WORKING
from tests.documents.making import CREATE
from tests.mockserver.certificates import as_version_1, issue, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

    from mockserver.starting import Start

PATIENCE = 15.0
NOW = datetime(2026, 7, 2, 14, 15, 26, tzinfo=timezone.utc)
HEALTH = "/_mock/health"


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have self-made certificates and settings under the test's own folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    for name in [name for name in os.environ if name.startswith("ANYFAST_MOCK_")]:
        monkeypatch.delenv(name)


class Mock:
    """The command, serving in a process of its own."""

    def __init__(self, folder: Path, *options: str, files: int | None = None) -> None:
        self.port_file = folder / "port"
        command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(self.port_file), *options]
        limit = ["bash", "-c", f'ulimit -S -n {files}; exec "$@"', "bash"] if files else []
        self.process = subprocess.Popen(
            [*limit, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)  # one by one, for those who look while it goes on

    def ready(self) -> Mock:
        assert eventually(lambda: self.port_file.exists() or self.process.poll() is not None)
        assert self.process.poll() is None, self.end()
        assert eventually(lambda: self.said[-1:] != [] and self.said[-1].startswith(("    curl", "{")))
        self.port = int(self.port_file.read_text(encoding="ascii"))
        return self

    @property
    def certificate(self) -> Path:
        (line,) = (line for line in self.said if line.startswith("  certificate "))
        return Path(line.removeprefix("  certificate ").partition(", ")[0].strip())

    def line(self, start: str) -> str:
        (line,) = (line for line in self.said if line.startswith(f"  {start}"))
        return line.removeprefix(f"  {start}").strip()

    @property
    def command(self) -> list[str]:
        return shlex.split(self.said[-1])

    def ask(self, host: str, trusting: ssl.SSLContext, method: str = "GET", path: str = HEALTH) -> bytes:
        connection = http.client.HTTPSConnection(host, self.port, timeout=PATIENCE, context=trusting)
        try:
            headers = {"Authorization": f"Bearer {WORKING}", "Content-Type": "application/json"}
            connection.request(method, path, "{}" if method == "POST" else None, headers)
            answer = connection.getresponse()
            assert answer.status == 200
            return answer.read()
        finally:
            connection.close()

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(sent)
        return connection

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Send a signal; return the exit status, the seconds it took, and stderr."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        seconds = time.monotonic() - began
        self._reader.join(PATIENCE)
        assert self.process.stderr is not None
        return status, seconds, self.process.stderr.read()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Mock]]:
    """Start mocks that end with the test."""
    mocks: list[Mock] = []

    def start_one(*options: str, files: int | None = None) -> Mock:
        mocks.append(Mock(tmp_path, *options, files=files))
        return mocks[-1]

    yield start_one
    for mock in mocks:
        mock.close()


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)


def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def folders(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "tmp").glob("anyfast-mock-tls-*"))


# --- a certificate made for this start --------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_client_that_verifies_connects_by_address_and_by_name(start: Callable[..., Mock], workers: str) -> None:
    mock = start("--tls", "auto", "--workers", workers).ready()
    client = trust(mock.certificate)
    for host in ("127.0.0.1", "localhost"):
        assert json.loads(mock.ask(host, client))["status"] == "ok"
    session = json.loads(mock.ask("127.0.0.1", client, "POST", CREATE))
    assert session["H5Link"].startswith(f"https://127.0.0.1:{mock.port}/")
    document = json.loads(mock.ask("127.0.0.1", client, path="/_mock/openapi.json"))
    assert document["servers"][0]["url"] == f"https://127.0.0.1:{mock.port}"
    status, seconds, said = mock.end()
    assert status == 0
    assert seconds < 1
    assert "Traceback" not in said
    assert not mock.port_file.exists()


def test_lines_at_the_start_name_address_file_and_fingerprint(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto").ready()
    assert mock.said[0].endswith(f"at https://127.0.0.1:{mock.port}\n")
    shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", mock.port)))
    assert mock.line("sha256") == x509.load_der_x509_certificate(shown).fingerprint(hashes.SHA256()).hex(":").upper()
    assert mock.line("certificate").endswith(", made for this start and removed at its end")
    assert not any("warning" in line for line in mock.said)


def test_one_line_of_json_names_the_certificate_too(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto", "--log-format", "json").ready()
    told = json.loads(mock.said[0])
    certificate = x509.load_pem_x509_certificate(Path(told["certificate"]["file"]).read_bytes())
    assert told["certificate"]["sha256"] == certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert (told["url"], told["address"]) == (f"https://127.0.0.1:{mock.port}", f"https://127.0.0.1:{mock.port}")


def test_key_is_private_removed_at_the_end_and_never_shown(start: Callable[..., Mock], tmp_path: Path) -> None:
    mock = start("--tls", "auto").ready()
    (folder,) = folders(tmp_path)
    key = (folder / "key.pem").read_text(encoding="ascii")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    mock.ask("localhost", trust(mock.certificate))
    _, _, said = mock.end()
    assert folders(tmp_path) == []
    secrets = [line for line in key.splitlines() if not line.startswith("-")]
    assert [line for line in secrets if line in "".join(mock.said) + said] == []
    assert "PRIVATE" not in "".join(mock.said) + said


@pytest.mark.parametrize(
    ("number", "statuses"), [(signal.SIGTERM, [0]), (signal.SIGHUP, [0]), (signal.SIGINT, [0, 1, -signal.SIGINT])]
)
def test_signal_before_it_serves_leaves_no_key_behind(
    start: Callable[..., Mock], tmp_path: Path, number: int, statuses: list[int]
) -> None:
    mock = start("--tls", "auto")
    assert eventually(lambda: bool(folders(tmp_path)))
    status, _, said = mock.end(number)
    assert folders(tmp_path) == []
    assert status in statuses, said
    assert "Traceback" not in said


def test_port_that_is_taken_makes_no_certificate(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        result = run("--tls", "auto", "--port", str(holder.getsockname()[1]))
    assert (result.exit_code, result.stdout, folders(tmp_path)) == (4, "", [])


def test_certificate_is_what_phones_accept() -> None:
    with tls.self_made(["mock.example", "192.168.1.20", "::1", "localhost", "localhost"], NOW) as made:
        certificate = x509.load_pem_x509_certificate(made.file.read_bytes())
        key = load_pem_private_key(made.key.read_bytes(), None)
        assert made.self_made
        assert tls.own_certificate(made.file, made.key).sha256 == made.sha256
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert certificate.public_key() == key.public_key()
    assert certificate.not_valid_before_utc == NOW - timedelta(hours=1)
    assert certificate.not_valid_after_utc == NOW - timedelta(hours=1) + timedelta(days=90)
    assert certificate.subject.rfc4514_string() == "CN=Anyfast mock server"
    find = certificate.extensions.get_extension_for_class
    names = find(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mock.example", "localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.20", "::1"]
    assert list(find(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not find(x509.BasicConstraints).value.ca


def test_certificate_names_the_public_host_and_no_address_that_means_all(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto", "--host", "0.0.0.0", "--public-url", "https://phone.example:8443").ready()
    names = (
        x509.load_pem_x509_certificate(mock.certificate.read_bytes())
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert names.get_values_for_type(x509.DNSName) == ["phone.example", "localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert mock.line("listening") == f"https://0.0.0.0:{mock.port}"
    assert mock.command[:3] == ["curl", "--cacert", str(mock.certificate)]


def test_public_host_that_no_certificate_can_name_ends_with_2(tmp_path: Path) -> None:
    result = run("--tls", "auto", "--port", "0", "--public-url", f"https://{'a' * 64}.example")
    assert (result.exit_code, result.stdout, folders(tmp_path)) == (2, "", [])
    assert "no host that a certificate can name. Correct --public-url." in result.stderr


def test_host_in_letters_beyond_ascii_is_named_as_clients_ask_for_it() -> None:
    with tls.self_made(["bücher.example"], NOW) as made:
        names = x509.load_pem_x509_certificate(made.file.read_bytes()).extensions
    found = names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert found == ["xn--bcher-kva.example"]


def test_temporary_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    result = run("--tls", "auto", "--port", "0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cannot be written to {tmp_path / 'nowhere'}: No such file or directory. Have TMPDIR name" in result.stderr


def test_links_that_say_http_are_warned_of(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto", "--public-url", "http://phone.example").ready()
    assert mock.line("warning:") == "links start with http://phone.example, and this server speaks https alone"
    assert mock.command[:2] == ["curl", "-X"]


def test_library_that_is_missing_is_named_with_the_line_that_installs_it() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = None; from mockserver.cli import main; "
        "main(['--tls', 'auto', '--port', '0'])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "pip install 'anyfast-mockserver[tls]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


# --- a certificate of the user's own ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
def test_own_certificate_is_served(start: Callable[..., Mock], tmp_path: Path, kind: str) -> None:
    file, key = write(tmp_path, issue("127.0.0.1", "localhost", kind=kind))
    mock = start("--tls-cert", file.name, "--tls-key", key.name).ready()
    mock.ask("localhost", trust(file))
    assert mock.certificate == file
    assert mock.command[:3] == ["curl", "--cacert", str(file)]


def test_version_of_tls_that_old_phones_speak_is_spoken(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto").ready()
    client = trust(mock.certificate)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with mock.connect() as plain, client.wrap_socket(plain, server_hostname="localhost") as connection:
        assert connection.version() == "TLSv1.2"


def test_paths_in_the_file_of_settings_start_from_its_folder(start: Callable[..., Mock], tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    file, key = write(tmp_path / "inner", issue("localhost"))
    (tmp_path / "inner" / "mock.toml").write_text(
        f'tls-cert = "{file.name}"\ntls-key = "{key.name}"\n', encoding="utf-8"
    )
    mock = start("--config", "inner/mock.toml").ready()
    mock.ask("localhost", trust(file))
    assert mock.certificate == file


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ((), {}, None),
        ((), {"ANYFAST_MOCK_TLS": "auto"}, "auto"),
        ((), {"ANYFAST_MOCK_TLS_CERT": "c", "ANYFAST_MOCK_TLS_KEY": "k"}, (Path("c"), Path("k"))),
        (("--tls-cert", "c"), {"ANYFAST_MOCK_TLS_CERT": "d", "ANYFAST_MOCK_TLS_KEY": "k"}, (Path("c"), Path("k"))),
    ],
)
def test_options_and_variables_say_what_is_served(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], environment: dict[str, str], expected: tls.Choice
) -> None:
    seen: list[tls.Choice] = []

    def note(_contract: object, _settings: object, options: Start) -> int:
        seen.append(options.tls)
        return 0

    monkeypatch.setattr(starting, "start", note)
    assert run(*arguments, **environment).exit_code == 0
    assert seen == [expected]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tls-cert", "c"], "--tls-cert needs --tls-key beside it"),
        (["--tls-key", "k"], "--tls-key needs --tls-cert beside it"),
        (["--tls", "auto", "--tls-cert", "c", "--tls-key", "k"], "drop --tls-cert and --tls-key"),
        (["--tls", "auto", "--tls-key", "k"], "drop --tls-cert and --tls-key"),
        (["--tls", "on"], "'on' is not"),
    ],
)
def test_options_that_contradict_each_other_end_with_2(arguments: list[str], told: str) -> None:
    result = run("serve", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("no-certificate", "The certificate none.pem cannot be read: No such file or directory."),
        ("no-key", "The key none.key cannot be read: No such file or directory."),
        ("folder", "The certificate . cannot be read: Is a directory."),
        ("der", "own.pem holds no certificate in PEM. "),
        ("swapped", "own.key holds no certificate in PEM. "),
        ("key-in-der", "own.key holds no private key in PEM. "),
        ("damaged", "The certificate own.pem with the key own.key cannot be used: "),
        ("damaged-key", "The certificate own.pem with the key own.key cannot be used: "),
        ("other-key", "The certificate own.pem and the key own.key do not belong together. Name the key "),
        ("pass-phrase", "The key own.key needs a pass phrase, which a server cannot type. Take it off: openssl pkey "),
        ("version-1", "own.pem is an X.509 certificate of version 1, which today's clients refuse. Make one "),
        ("P-521", "The key of own.pem is of a kind that the server's TLS does not know. Use RSA "),
    ],
)
def test_files_that_cannot_be_served_end_with_2_and_a_sentence(tmp_path: Path, wrong: str, told: str) -> None:
    pair = issue("localhost", kind="P-521" if wrong == "P-521" else "P-256")
    write(tmp_path, pair, pass_phrase=b"secret" if wrong == "pass-phrase" else None)
    file, key = Path("own.pem"), Path("own.key")
    if wrong in ("no-certificate", "folder"):
        file = Path("none.pem" if wrong == "no-certificate" else ".")
    elif wrong == "no-key":
        key = Path("none.key")
    elif wrong == "der":
        file.write_bytes(pair.certificate.public_bytes(Encoding.DER))
    elif wrong == "swapped":
        file, key = key, file
    elif wrong == "key-in-der":
        key.write_bytes(b"0\x81\x87")
    elif wrong.startswith("damaged"):
        damaged = key if wrong == "damaged-key" else file
        lines = damaged.read_text(encoding="ascii").splitlines()
        damaged.write_text("\n".join([lines[0], *lines[2:], ""]), encoding="ascii")
    elif wrong == "other-key":
        pair = issue("localhost")
        (tmp_path / "other").mkdir()
        key.write_bytes(write(tmp_path / "other", pair)[1].read_bytes())
    elif wrong == "version-1":
        file.write_bytes(as_version_1(file.read_bytes()))
    result = run("--port", "0", "--tls-cert", str(file), "--tls-key", str(key))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"mockserver: {told}")
    assert len(result.stderr.splitlines()) == 1
    assert "secret" not in result.stderr


def test_certificate_of_another_host_is_served_with_a_warning(start: Callable[..., Mock], tmp_path: Path) -> None:
    file, key = write(tmp_path, issue("mock.example"))
    mock = start("--tls-cert", str(file), "--tls-key", str(key)).ready()
    assert mock.line("warning:").startswith("clients that call 127.0.0.1 refuse this certificate: IP address mismatch")
    assert mock.command[:2] == ["curl", "-k"]


def test_certificate_that_has_expired_is_served_with_a_warning(start: Callable[..., Mock], tmp_path: Path) -> None:
    file, key = write(tmp_path, issue("127.0.0.1", ends=timedelta(days=-1)))
    mock = start("--tls-cert", str(file), "--tls-key", str(key)).ready()
    told = "clients that call 127.0.0.1 refuse this certificate: certificate has expired"
    assert mock.line("warning:").startswith(told)
    assert mock.command[:2] == ["curl", "-k"]


def test_certificate_that_this_machine_trusts_needs_no_word_about_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    issuer = issue()
    certificate = tls.own_certificate(*write(tmp_path, issue("mock.example", by=issuer)))
    assert tls.refusal(certificate, "mock.example", by_file=False).startswith("unable to get local issuer")
    assert tls.refusal(certificate, "mock.example", by_file=True) == ""
    (tmp_path / "roots.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    assert tls.refusal(certificate, "mock.example", by_file=False) == ""
    assert tls.refusal(certificate, "other.example", by_file=False).startswith("Hostname mismatch")
    assert tls.refusal(certificate, ".", by_file=False)
    lines, words = announcing._certificate_lines(certificate, "https://mock.example:8443/base")
    assert (len(lines), words) == (2, [])


@pytest.mark.parametrize("served", ["auto", "own", "own of another host"])
def test_command_at_the_start_works_when_it_is_pasted(start: Callable[..., Mock], tmp_path: Path, served: str) -> None:
    options = ["--tls", "auto"]
    if served != "auto":
        file, key = write(tmp_path, issue("mock.example" if served.endswith("host") else "127.0.0.1"))
        options = ["--tls-cert", str(file), "--tls-key", str(key)]
    mock = start(*options).ready()
    ran = subprocess.run(["bash", "-c", mock.said[-1]], capture_output=True, text=True, check=False, cwd="/")
    assert json.loads(ran.stdout)["H5Link"].startswith(f"https://127.0.0.1:{mock.port}/"), ran.stderr


# --- what must not hold up the server ---------------------------------------------------------------------------------

HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00"


def test_handshake_that_never_finishes_holds_up_nobody(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto", files=96).ready()
    client = trust(mock.certificate)
    with contextlib.ExitStack() as held:
        for number in range(150):
            held.enter_context(mock.connect(HALF_A_HELLO if number % 2 else b""))
        began = time.monotonic()
        for _ in range(5):
            mock.ask("localhost", client)
        assert time.monotonic() - began < 3
        status, seconds, said = mock.end()
    assert (status, "Traceback" in said) == (0, False)
    assert seconds < 1


def test_plain_http_on_the_port_is_closed_and_others_are_served(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto").ready()
    with mock.connect(b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n") as plain:
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := plain.recv(4096):
                received += piece
    assert b"HTTP" not in received
    assert len(received) < 10, "a TLS alert, and nothing else"
    mock.ask("localhost", trust(mock.certificate))


def test_client_that_refuses_the_certificate_does_no_harm(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto").ready()
    with pytest.raises(ssl.SSLCertVerificationError):
        mock.ask("localhost", ssl.create_default_context())
    mock.ask("localhost", trust(mock.certificate))
    assert mock.end()[0] == 0


def test_worker_that_is_replaced_speaks_tls_as_well(start: Callable[..., Mock]) -> None:
    mock = start("--tls", "auto").ready()
    children = Path(f"/proc/{mock.process.pid}/task/{mock.process.pid}/children")
    (worker,) = children.read_text(encoding="ascii").split()
    os.kill(int(worker), signal.SIGKILL)
    assert eventually(lambda: worker not in children.read_text(encoding="ascii").split())
    client = trust(mock.certificate)

    def answered() -> bool:
        try:
            mock.ask("localhost", client)
        except (OSError, http.client.HTTPException):
            return False
        return True

    assert eventually(answered)
