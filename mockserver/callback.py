"""The caller's CallbackURL: read strictly, and completed with the parameters of a verification.

A URL passes only if every reader finds the same scheme and host in it: a browser (WHATWG URL), RFC 3986 and urllib.
It must never reach the network, nor import what does: the page and the control API pay for this import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urljoin

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HttpUrl", "join_url", "read_host", "read_url", "returned_url"]

_URL = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://"  # not by IGNORECASE, which takes the long s of Unicode for an s
    r"(?:(?P<userinfo>[!-Z^-~]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@\[\]]+)"
    r"(?::(?P<port>[0-9]*))?"
)
_PARTS = re.compile(r"(?P<origin>[^:/?#]+://[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.DOTALL)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]|\s")
"""Browsers drop some of these, trim others, take a backslash for a slash, and replace half a surrogate pair."""

_MISREAD = re.compile(r"///|https?:(?!//[^/])", re.IGNORECASE)
"""References in which browsers find a host where RFC 3986 finds none, or the other way round."""

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_PATH_SAFE = _PRINTABLE.translate(dict.fromkeys(map(ord, '"<>^`{}')))
_QUERY_SAFE = _PRINTABLE.translate(dict.fromkeys(map(ord, "\"<>'")))
"""What a browser leaves as it is; it percent-encodes the rest, as UTF-8 (WHATWG URL, percent-encode sets)."""

_ASCII_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0[Xx][0-9A-Fa-f]*")
_IGNORED = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that leave no trace in a host: a browser reads the name without them."""


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """An absolute http(s) URL in parts. All of it is ASCII, ready for the wire; `repr` shows no secret.

    host: lower-case, IPv6 without brackets. target: path and query as a browser requests them.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    has_userinfo: bool = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host, and the port unless it is the scheme's own: `https://[::1]:8443`."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORT[self.scheme] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, still encoded; empty if there is none."""
        return self.target.partition("?")[2]


_DEFAULT_PORT = {"http": 80, "https": 443}


def returned_url(callback_url: str, parameters: Sequence[tuple[str, str]]) -> str | None:
    """Give the URL that the browser goes to: the CallbackURL, character for character, with parameters in its query.

    They come last, before a fragment, percent-encoded [U1, I]. None if the browser must not be sent there: see
    `read_url`. The result may hold non-ASCII characters and characters that HTML has to escape.
    """
    if read_url(callback_url) is None:
        return None
    before, hash_sign, fragment = callback_url.partition("#")
    added = urlencode(parameters, quote_via=quote)
    if not added:
        return callback_url
    path, question_mark, query = before.partition("?")
    joint = "&" if query and not query.endswith("&") else ""
    return f"{path}{question_mark or '?'}{query}{joint}{added}{hash_sign}{fragment}"


def read_url(text: str) -> HttpUrl | None:
    """Read an absolute http(s) URL; None if it is none, or if two readers could take it for different places.

    Refused are: other schemes, a missing host, control characters, white space, backslashes, half surrogate pairs,
    port 0 and ports beyond 65535, and hosts that `read_host` refuses.
    """
    if _UNSAFE.search(text) is not None:
        return None
    parts = _PARTS.fullmatch(text)
    found = _URL.fullmatch(parts["origin"]) if parts is not None else None
    if parts is None or found is None:
        return None
    scheme = found["scheme"].lower()
    host = read_host(found["host"])
    port = _read_port(found["port"]) if found["port"] else _DEFAULT_PORT[scheme]
    if host is None or port is None:
        return None
    target = quote(parts["path"], safe=_PATH_SAFE) or "/"
    if parts["query"] is not None:
        target += "?" + quote(parts["query"], safe=_QUERY_SAFE)
    return HttpUrl(scheme, host, port, target, found["userinfo"] is not None)


def join_url(base: HttpUrl, reference: str) -> HttpUrl | None:
    """Read a reference, such as a redirect's Location, relative to a URL; None in the same cases as `read_url`."""
    if _UNSAFE.search(reference) is not None or _MISREAD.match(reference) is not None:
        return None
    try:
        return read_url(urljoin(base.origin + base.target, reference))
    except ValueError:  # brackets that hold no address
        return None


def _read_port(digits: str) -> int | None:
    number = digits.lstrip("0")
    return int(number) if 0 < len(number) <= 5 and int(number) < 65536 else None


def read_host(text: str) -> str | None:
    """Read the host of a URL (IPv6 in brackets) and write it in lower-case ASCII; None if it is none.

    Refused as well is what browsers read as something else than what stands there: `127.1`, `0x7f000001` and
    `0177.0.0.1` as 127.0.0.1, `%6c` as `l`, full-width letters and dots as plain ones.
    """
    if text.startswith("[") and text.endswith("]"):
        try:
            return str(IPv6Address(text[1:-1])) if "%" not in text else None
        except AddressValueError:
            return None
    if len(text) > 254:
        return None
    labels = [_read_label(label) for label in text.removesuffix(".").split(".")]
    if None in labels:
        return None
    name = ".".join(label for label in labels if label is not None)
    if _NUMBER.fullmatch(str(labels[-1])) is not None:
        return name if _is_ipv4(text) else None
    return name + "." * text.endswith(".") if len(name) <= 253 else None


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _read_label(label: str) -> str | None:
    """Write one label of a name in ASCII (IDNA); None unless every reader keeps each of its characters.

    Browsers map a name before they encode it (UTS 46), Python does so by older rules, so it has to be mapped already:
    a sharp s is refused, and capitals beyond A to Z. Such hosts can always be written in ASCII.
    """
    if label.isascii():
        return label.lower() if _ASCII_LABEL.fullmatch(label) else None
    from unicodedata import category, normalize  # 1 MB that hardly any host needs

    label = "".join(letter.lower() if letter.isascii() else letter for letter in label)
    kinds = [category(letter)[0] for letter in label if letter != "-"]
    if kinds[0] == "M" or not set(kinds) <= set("LMN") or _IGNORED.search(label):
        return None
    try:
        encoded = label.encode("idna")
        mapped = encoded.decode("idna")
    except UnicodeError:
        return None
    return encoded.decode("ascii") if label == mapped == normalize("NFKC", label).casefold() else None
