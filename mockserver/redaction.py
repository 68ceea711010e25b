"""What may be shown of an exchange: its texts without their secrets, each still comparable by a digest.

A *sealed* value is masked where it has to be, and ends in the digest of what it was. Sealed values may be stored;
`unsealed` ones may be shown. It knows texts and JSON, and nothing of exchanges.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Collection

    from openapi.reading import Json

__all__ = ["is_sealed", "same_text", "seal_header", "seal_json", "seal_query", "seal_text", "unsealed"]

_SEAL = re.compile("\0[0-9a-f]{16}$")

_SECRET_NAME = re.compile(
    r"token|secret|passw|api[-_]?key|^key$|authori[sz]ation|cookie|credential|signature|^(?:pl|uid)$", re.IGNORECASE
)
_URL_NAME = re.compile(r"ur[li]|link|callback|redirect|^(?:referer|origin|location)$", re.IGNORECASE)

_REQUEST_ID = r"[0-9]{9}[0-9A-Za-z]{8}(?![0-9A-Za-z])"
_TOKEN = re.compile(rf"(?<![0-9])([0-9]{{14}})(?!{_REQUEST_ID})[0-9A-Fa-f]{{8,}}")
"""A BytedToken, or enough of one to be a secret [V example, I]. A request id begins alike and is none."""

_KEY = re.compile(r"\bsk-[0-9A-Za-z._~+/-]{4,}=*")
_LONG = re.compile(r"[0-9A-Za-z_-]{48,}")
"""Whatever is random and long: the `pl` of a link has 900 such characters [U1]."""

_SUSPECT = re.compile(r"://|[=\"]|sk-|[0-9]{14}|[0-9A-Za-z_-]{48}")
"""What a text has in it that holds any of the secrets below."""

_SHORT = 400
"""Characters of what is sealed once for several exchanges: a caller may send thousands of a megabyte each."""

_URL = re.compile(r"(https?://)([^\s\"'<>\\?#]*)([?#][^\s\"'<>\\]*)?", re.IGNORECASE)
_PAIR = re.compile(
    r"(?<![A-Za-z])((?:[a-z_-]{0,30}(?:token|secret|key|signature)|pl|uid))(=)[^&\s\"'<>]+", re.IGNORECASE
)
_MEMBER = re.compile(r"(\"((?:[^\"\\]|\\.){1,80})\"\s*:\s*)\"(?:[^\"\\]|\\.)*\"?")


def seal_text(text: str, name: str = "", key: str = "") -> str:
    """Seal a text. name: of the member, header or parameter that holds it. key: the caller's own, masked anywhere."""
    return (_seal_known if max(map(len, (text, name, key))) <= _SHORT else _seal)(text, name, key)


def _seal(text: str, name: str, key: str) -> str:
    masked = _masked(text, name, key)
    return text if masked == text else f"{masked}\0{_digest(text)}"


_seal_known = lru_cache(4096)(_seal)  # exchanges are much alike


def seal_json(value: Json, key: str = "", name: str = "") -> Json:
    """Seal every text of a JSON value, and every name of a member. What a name says counts for all below it."""
    if isinstance(value, str):
        return seal_text(value, name, key)
    if isinstance(value, list):
        return [seal_json(one, key, name) for one in value]
    if isinstance(value, dict):
        return {
            seal_text(member, "", key): seal_json(one, key, member if _kind(member) else name)
            for member, one in value.items()
        }
    return value


def seal_header(name: str, value: str, key: str = "") -> str:
    """Seal the value of a header; of a credential its scheme is left."""
    if name.lower() not in ("authorization", "proxy-authorization"):
        return seal_text(value, name, key)
    scheme, space, _ = value.partition(" ")
    left = f"{scheme} ***" if space and scheme.isalpha() and len(scheme) <= 20 else "***"
    return f"{left}\0{_digest(value)}"


def seal_query(query: str, documented: Collection[str], key: str = "") -> list[Json]:
    """Seal a query string as pairs of name and value. What nobody documented may be anything, so no value is left."""
    found: list[Json] = []
    for name, value in parse_qsl(query[:16_384], keep_blank_values=True):
        known = name in documented or not value
        sealed = seal_text(value, name, key) if known else f"***\0{_digest(value)}"
        found.append([seal_text(name, "", key), sealed])
    return found


def unsealed(value: Json) -> Json:
    """Take the digests away: what is left may be shown."""
    if isinstance(value, str):
        return _SEAL.sub("", value)
    if isinstance(value, list):
        return [unsealed(one) for one in value]
    if isinstance(value, dict):
        return {_SEAL.sub("", name): unsealed(one) for name, one in value.items()}
    return value


def is_sealed(text: str) -> bool:
    """Tell whether something of a text was masked."""
    return _SEAL.search(text) is not None


def same_text(text: str, sealed: str) -> bool:
    """Tell whether a text is the one that was sealed."""
    found = _SEAL.search(sealed)
    return text == sealed if found is None else found[0][1:] == _digest(text)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _kind(name: str) -> str:
    """Tell what a name says about a value: that it is a secret, a URL, or nothing."""
    return (_known_kind if len(name) <= _SHORT else _kind_of)(name)


def _kind_of(name: str) -> str:
    return "secret" if _SECRET_NAME.search(name) else "url" if _URL_NAME.search(name) else ""


_known_kind = lru_cache(1024)(_kind_of)


def _masked(text: str, name: str, key: str) -> str:
    if not text:
        return text
    kind = _kind(name)
    if kind == "secret":
        found = _TOKEN.match(text)
        return f"{found[1]}***" if found else "***"
    if key and len(key) >= 4:
        text = text.replace(key, "***")
    if kind == "url":
        scheme, colon, _ = text.partition(":")
        if colon and scheme.lower() not in ("http", "https"):
            return f"{scheme[:20]}:***" if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) else "***"
        if not colon:
            text = re.sub(r"([?#]).+", r"\1***", text, flags=re.DOTALL)
    if not _SUSPECT.search(text):
        return text
    text = _URL.sub(_without_query, text)
    text = _MEMBER.sub(_member, text)
    text = _PAIR.sub(r"\1\2***", text)
    text = _KEY.sub("sk-***", text)
    text = _TOKEN.sub(r"\1***", text)
    return _LONG.sub("***", text)


def _without_query(found: re.Match[str]) -> str:
    """Leave of a URL what leads to its place: no user, no query, no fragment."""
    place = found[2].rpartition("@")[2]
    return f"{found[1]}{place}{found[3][0]}***" if found[3] else f"{found[1]}{place}"


def _member(found: re.Match[str]) -> str:
    return f'{found[1]}"***"' if _kind(found[2]) else found[0]
