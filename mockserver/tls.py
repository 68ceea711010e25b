"""The certificate that the mock shows: checks one of the user's own, or makes one that lives as long as the server.

Knows files, certificates and what clients think of them; knows neither sockets nor the server behind them. Nothing of a
key leaves its file. `ssl` and `cryptography` are imported where they are needed: a start without TLS pays for neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from cryptography.x509 import DNSName, IPAddress

__all__ = ["Certificate", "Choice", "UnusableCertificate", "own_certificate", "refusal", "self_made", "verify_maker"]

Choice: TypeAlias = Literal["auto"] | tuple[Path, Path] | None
"""What a user may ask for: a certificate made for this start, files of certificate and key, or no TLS."""

LIFE = timedelta(days=90)
"""How long a certificate of ours is valid: Apple's systems refuse more than 825 days, and a start needs far less."""

_CERTIFICATE = re.compile(rb"^-----BEGIN CERTIFICATE-----\r?\n.*?^-----END CERTIFICATE-----", re.MULTILINE | re.DOTALL)
_KEY = re.compile(rb"^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----", re.MULTILINE)

_VERSION_3 = bytes.fromhex("a003020102")
_SERVED_KEYS = tuple(
    bytes.fromhex(identifier)
    for identifier in (
        "06092a864886f70d010101",  # RSA
        "06082a8648ce3d030107",  # ECDSA on P-256
        "06052b81040022",  # ECDSA on P-384
        "06032b6570",  # Ed25519
    )
)
"""Object identifiers, in DER, of the keys that the server's TLS (rustls with ring) signs with."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, each a PEM file. `sha256`: the fingerprint as browsers and phones show it."""

    file: Path
    key: Path
    sha256: str
    self_made: bool = False


class UnusableCertificate(Exception):
    """The server cannot show this certificate, or cannot make one; `str()` says why and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.reason}. {self.remedy}"


# One of the user's own.


def own_certificate(file: Path, key: Path) -> Certificate:
    """Check that a certificate and a key can be served.

    Raises `UnusableCertificate` when one cannot be read or is no PEM, when they do not belong together, when the key
    needs a pass phrase, and when the server's TLS does not know their kind.
    """
    import ssl

    found = _CERTIFICATE.search(_read(file, "certificate"))
    if found is None:
        raise UnusableCertificate(
            f"{file} holds no certificate in PEM",
            "It starts with -----BEGIN CERTIFICATE-----; 'openssl x509 -in FILE -out FILE.pem' converts other forms.",
        )
    if _KEY.search(_read(key, "key")) is None:
        raise UnusableCertificate(
            f"{key} holds no private key in PEM",
            "It has a line such as -----BEGIN PRIVATE KEY-----; 'openssl pkey -in FILE -out FILE.pem' converts others.",
        )
    try:
        _server_context(file, key)
        der = ssl.PEM_cert_to_DER_cert(found[0].decode("ascii"))
    except ssl.SSLError as error:
        raise _explained(error, file, key) from None
    if _VERSION_3 not in der[:16]:
        raise UnusableCertificate(
            f"{file} is an X.509 certificate of version 1, which today's clients refuse",
            "Make one with extensions: 'openssl req -x509' makes them by itself.",
        )
    if not any(identifier in der for identifier in _SERVED_KEYS):
        raise UnusableCertificate(
            f"The key of {file} is of a kind that the server's TLS does not know",
            "Use RSA from 2048 bits, ECDSA on P-256 or P-384, or Ed25519.",
        )
    return Certificate(file.absolute(), key.absolute(), _fingerprint(der))


def refusal(certificate: Certificate, host: str, *, by_file: bool) -> str:
    """Say why a client refuses the certificate when it calls the server by this name; '' when it does not.

    The client is OpenSSL as curl uses it; it trusts what this machine trusts, or only the certificate's own file.
    """
    import ssl

    client = ssl.create_default_context(cafile=str(certificate.file) if by_file else None)
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as curl: a certificate that is trusted needs no root,
    client.verify_flags &= ~ssl.VERIFY_X509_STRICT  # ... and RFC 5280 is not held to the letter, as Python 3.13 does
    server = _server_context(certificate.file, certificate.key)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        sides = (
            client.wrap_bio(down, up, server_hostname=host),
            server.wrap_bio(up, down, server_side=True),
        )
        for _ in range(3):  # hello, certificate, finished
            for side in sides:
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (ssl.SSLError, ValueError) as error:  # a name that is none, among others
        return str(error)
    return ""


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableCertificate(
            f"The {what} {path} cannot be read: {error.strerror}",
            "Name a PEM file that is there and that you may read.",
        ) from None


def _server_context(file: Path, key: Path) -> ssl.SSLContext:
    import ssl

    def refuse() -> str:
        raise UnusableCertificate(
            f"The key {key} needs a pass phrase, which a server cannot type",
            f"Take it off: openssl pkey -in {key} -out FILE.",
        )

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key, password=refuse)
    return context


def _explained(error: ssl.SSLError, file: Path, key: Path) -> UnusableCertificate:
    if error.reason == "KEY_VALUES_MISMATCH":
        return UnusableCertificate(
            f"The certificate {file} and the key {key} do not belong together",
            "Name the key that the certificate was made for.",
        )
    told = (error.reason or "not readable").lower().replace("_", " ")
    return UnusableCertificate(
        f"The certificate {file} with the key {key} cannot be used: {told}", "Copy them again, or make new ones."
    )


def _fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).digest().hex(":").upper()


# One that is made for this start.


def verify_maker() -> None:
    """Raise `UnusableCertificate` when the library that makes certificates is not installed."""
    try:
        import cryptography.x509  # noqa: F401 - whether it is there is all that counts
    except ImportError:
        raise UnusableCertificate(
            "--tls auto makes its certificate with the package cryptography, which is not installed",
            "pip install 'anyfast-mockserver[tls]', or bring your own with --tls-cert and --tls-key.",
        ) from None


@contextlib.contextmanager
def self_made(hosts: Iterable[str], now: datetime) -> Iterator[Certificate]:
    """Make a certificate that holds for these names and addresses; it is removed at the end, and its key with it.

    ECDSA on P-256, for 90 days from an hour before `now` (phones' clocks differ). Raises `UnusableCertificate` when a
    host can stand in no certificate.
    """
    names = list(dict.fromkeys(map(_name, hosts)))
    # Named before it is there: whenever a signal comes, what has to be removed is known.
    folder = Path(tempfile.gettempdir()) / f"anyfast-mock-tls-{secrets.token_hex(8)}"
    with _orderly_end():
        try:
            yield _written(folder, *_made(names, now))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _written(folder: Path, certificate: bytes, key: bytes, sha256: str) -> Certificate:
    """Write both files into a new folder, for our eyes only."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem", sha256, self_made=True)
    try:
        folder.mkdir(0o700)
        for path, content in ((made.file, certificate), (made.key, key)):
            path.touch(0o600, exist_ok=False)
            path.write_bytes(content)
    except OSError as error:
        raise UnusableCertificate(
            f"The certificate cannot be written to {folder.parent}: {error.strerror}",
            "Have TMPDIR name a folder that can be written.",
        ) from None
    return made


def _made(names: list[DNSName | IPAddress], now: datetime) -> tuple[bytes, bytes, str]:
    """Make a certificate and its key, both as PEM, and tell the certificate's fingerprint."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Anyfast mock server")])
    start = now - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        _fingerprint(certificate.public_bytes(Encoding.DER)),
    )


def _name(host: str) -> DNSName | IPAddress:
    from cryptography.x509 import DNSName, IPAddress

    try:
        return IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        return DNSName(host.encode("idna").decode("ascii"))
    except UnicodeError:
        raise UnusableCertificate(f"{host!r} is no host that a certificate can name", "Correct --public-url.") from None


@contextlib.contextmanager
def _orderly_end() -> Iterator[None]:
    """Let a signal that comes before the server minds signals end the process so that the key is removed."""
    numbers = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
