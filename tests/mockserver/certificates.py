"""Certificates for the tests, made as a person would make them: good ones, and each with one thing wrong."""

from __future__ import annotations

import base64
import re
import textwrap
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

__all__ = ["Pair", "as_version_1", "issue", "write"]

CURVES: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, made but not written."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes


def issue(*names: str, kind: str = "P-256", ends: timedelta = timedelta(days=1), by: Pair | None = None) -> Pair:
    """Make a certificate for names and addresses, signed by itself or by another one; `kind`: a curve, or RSA."""
    key: CertificateIssuerPrivateKeyTypes
    key = rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(CURVES[kind])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test" if by else "an issuer")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(
        by.certificate.subject if by else own,
        own,
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=2),
        now + ends,
    ).add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
    return Pair(builder.sign(by.key if by else key, hashes.SHA256()), key)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def write(folder: Path, pair: Pair, *, pass_phrase: bytes | None = None) -> tuple[Path, Path]:
    """Write certificate and key as PEM; return the two files."""
    certificate, key = folder / "own.pem", folder / "own.key"
    certificate.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    encryption = BestAvailableEncryption(pass_phrase) if pass_phrase else NoEncryption()
    key.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return certificate, key


def as_version_1(pem: bytes) -> bytes:
    """Have a certificate say that it is of version 1, as those of `openssl x509 -req` without extensions are."""
    der = base64.b64decode(b"".join(re.findall(rb"^[A-Za-z0-9+/=]+$", pem, re.MULTILINE)))
    der = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020100"), 1)
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode()
