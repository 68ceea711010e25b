"""Who is calling: reads the credential that an operation asks for and tells what it is worth.

The fake credentials are data; every one can be pasted into a client and plays one part. A credential never appears in
a message.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from mockserver.exchange import Request
    from openapi.operation import Operation, SecurityScheme

__all__ = ["ASKING", "FAKES", "TOKEN", "WORKING", "Credential", "Fake", "Keyring", "Refusal", "challenge", "owner_of"]

WORKING = "sk-mock-byteplus-direct"
"""The fake credential that works; `sk-mock-byteplus-direct-<anything>` works too and is its own sandbox.

Either may end with wishes behind `~~`: `sk-mock-byteplus-direct-ci-7~~code-429` is of the sandbox `...-ci-7`.
"""

ASKING = "~~"
"""What stands between a working fake credential and its wishes: nothing that a name of a job or a test is made of."""


@dataclass(frozen=True, slots=True)
class Fake:
    """A fake credential: the group it is of, the rule by which it is refused (or ''), and its part in a sentence."""

    group: str
    rule: str
    part: str


FAKES = {
    WORKING: Fake("Byteplus-Direct", "", "works"),
    "sk-mock-aigc": Fake("AIGC", "", "a key of another group"),
    "sk-mock-expired": Fake("Byteplus-Direct", "auth.state.expired", "a key that has expired"),
    "sk-mock-disabled": Fake("Byteplus-Direct", "auth.state.disabled", "a key that was switched off"),
    "sk-mock-exhausted": Fake("Byteplus-Direct", "auth.state.exhausted", "a key whose balance is used up"),
    "sk-mock-banned": Fake("Byteplus-Direct", "auth.state.banned", "a key of a banned user"),
}
"""Fake credential -> the part it plays. Anything else is unknown: 401."""


@dataclass(frozen=True, slots=True)
class Credential:
    """An accepted credential. `sandbox` keeps the state of one key apart from that of all others.

    asks: what the end of a fake credential asks the mock for, unread, its `~~` included; empty: nothing.
    """

    sandbox: str = field(repr=False)
    group: str
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the rule that decides, and a sentence for people without any secret in it.

    also: what `X-Mock-Rule` says beyond, as in a `Decision`.
    """

    rule: str
    detail: str
    also: str = ""


ANYONE = Credential("", "")
_ASKING_OR_SANDBOX = (WORKING + "-", WORKING + ASKING)
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 b64token


@lru_cache(1024)
def owner_of(key: str) -> str:
    """Give the digest under which a key owns sessions and exchanges: stores hold no key."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Keyring:
    """The credentials that this mock accepts."""

    def __init__(self, tokens: tuple[str, ...] = (), *, accept_any: bool = False) -> None:
        self._tokens = tuple(token.encode() for token in tokens)
        self._accept_any = accept_any
        self._working = Credential(WORKING, "Byteplus-Direct")

    def authenticate(self, operation: Operation, request: Request) -> Credential | Refusal:
        """Check a request against the security alternatives of an operation; the first that is met decides."""
        if not operation.security:
            return ANYONE
        first: Refusal | None = None
        for alternative in operation.security:
            result = self._meet(alternative, request)
            if isinstance(result, Credential):
                return result
            if first is None or first.rule == "auth.missing":
                first = result
        assert first is not None
        return first

    def _meet(self, alternative: tuple[SecurityScheme, ...], request: Request) -> Credential | Refusal:
        result: Credential | Refusal = ANYONE
        for scheme in reversed(alternative):
            key = _READERS[scheme.kind](scheme, request)
            if isinstance(key, Refusal):
                return key
            result = self.look_up(key)
            if isinstance(result, Refusal):
                return result
        return result

    def look_up(self, key: str) -> Credential | Refusal:
        """Tell what a key is worth."""
        if key == WORKING:
            return self._working
        if key.startswith(_ASKING_OR_SANDBOX) and len(key) <= 200:
            sandbox, mark, asks = key.partition(ASKING)
            return Credential(sandbox, "Byteplus-Direct", mark + asks)
        fake = FAKES.get(key)
        if fake is not None:
            return Refusal(fake.rule, f"This is {fake.part}.") if fake.rule else Credential(key, fake.group)
        given = key.encode("utf-8", "surrogatepass")
        if self._accept_any or any(hmac.compare_digest(given, token) for token in self._tokens):
            return Credential(key, "Byteplus-Direct")
        return Refusal("auth.unknown", "This key is unknown here; the start-up lines name one that works.")


def _bearer(_: SecurityScheme, request: Request) -> str | Refusal:
    header = request.headers.get("authorization")
    if header is None:
        return Refusal("auth.missing", "There is no Authorization header.")
    scheme, _space, key = header.strip(" \t").partition(" ")
    key = key.strip(" ")
    if not scheme:
        return Refusal("auth.empty", "The Authorization header is empty.")
    if scheme.lower() != "bearer":
        return Refusal("auth.scheme", "The Authorization header does not start with 'Bearer '.")
    if not key:
        return Refusal("auth.empty", "There is no key after 'Bearer'.")
    if not TOKEN.fullmatch(key):
        return Refusal("auth.malformed", "What follows 'Bearer' is not one token (RFC 6750).")
    return key


def _basic(_: SecurityScheme, request: Request) -> str | Refusal:
    header = request.headers.get("authorization")
    if header is None:
        return Refusal("auth.missing", "There is no Authorization header.")
    scheme, _space, text = header.strip(" \t").partition(" ")
    if scheme.lower() != "basic":
        rule = "auth.scheme" if scheme else "auth.empty"
        return Refusal(rule, "The Authorization header does not start with 'Basic '.")
    try:
        user, colon, password = base64.b64decode(text.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        colon = user = password = ""
    if not colon:
        return Refusal("auth.malformed", "What follows 'Basic' is not base64 of 'user:password' (RFC 7617).")
    return password or user


def _api_key(scheme: SecurityScheme, request: Request) -> str | Refusal:
    if scheme.place == "header":
        key = request.headers.get(scheme.parameter)
    elif scheme.place == "query":
        key = dict(parse_qsl(request.query, keep_blank_values=True)).get(scheme.parameter)
    else:
        cookies = (part.strip().partition("=") for part in (request.headers.get("cookie") or "").split(";"))
        key = {name: value for name, _, value in cookies}.get(scheme.parameter)
    if key is None:
        return Refusal("auth.missing", f"There is no {scheme.parameter!r} in the {scheme.place}.")
    key = key.strip(" \t")
    return key or Refusal("auth.empty", f"{scheme.parameter!r} in the {scheme.place} is empty.")


_READERS = {"bearer": _bearer, "basic": _basic, "apiKey": _api_key}


def challenge(operation: Operation, rule: str) -> str:
    """Write the WWW-Authenticate value for a 401 (RFC 9110 11.6.1; the error parameter is of RFC 6750 3.1)."""
    kinds = {scheme.kind: scheme for alternative in operation.security for scheme in alternative}
    parts = []
    if "bearer" in kinds:
        presented = rule not in ("auth.missing", "auth.scheme", "fault.401-no-token")
        parts.append('Bearer error="invalid_token"' if presented else "Bearer")
    if "basic" in kinds:
        parts.append('Basic realm="mock", charset="UTF-8"')
    return ", ".join(parts) or "ApiKey"
