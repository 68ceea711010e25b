"""Credentials in requests: where each security scheme has them, and requests that do not meet a scheme."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from contract_tests.targets import BASIC_KEY, KEY, SWAPPED_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.targets import Ask
    from openapi.operation import Operation, SecurityScheme

__all__ = [
    "accepted",
    "beside",
    "crowded",
    "is_credential",
    "is_met",
    "needed",
    "refused",
    "with_credentials",
    "without_credentials",
]

STRANGE = "sk-contract-unknown-0000000000000000"
"""A key that was never issued."""

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What may be the name of a header (RFC 9110 5.1)."""


def needed(operation: Operation) -> tuple[SecurityScheme, ...]:
    """Choose the first alternative that asks for something, and for no two things in one place."""
    asking = [one for one in operation.security if one]
    return next((one for one in asking if not crowded(one)), next(iter(asking), ()))


def crowded(schemes: Iterable[SecurityScheme]) -> bool:
    """Tell whether two schemes have credentials of two kinds in one place, where no request has both.

    Of one kind, one credential stands for both: two OAuth schemes ask for one bearer token.
    """
    kinds = {(_place_of(scheme), scheme.kind) for scheme in schemes}
    return len({place for place, _ in kinds}) < len(kinds)


def beside(scheme: SecurityScheme, schemes: Iterable[SecurityScheme]) -> list[SecurityScheme]:
    """Give the schemes of an alternative whose credentials have another place than that of one of them."""
    return [other for other in schemes if _place_of(other) != _place_of(scheme)]


def _place_of(scheme: SecurityScheme) -> tuple[str, str]:
    return scheme.place, scheme.parameter if scheme.place in ("query", "cookie") else scheme.parameter.lower()


def with_credentials(ask: Ask, schemes: Iterable[SecurityScheme]) -> Ask:
    """Put the key where each scheme has its place."""
    for scheme in schemes:
        if not _holds(ask, scheme):
            ask = _with_credential(ask, scheme, _key_of(scheme))
    return ask


def _key_of(scheme: SecurityScheme) -> str:
    return BASIC_KEY if scheme.kind == "basic" else KEY


def _with_credential(ask: Ask, scheme: SecurityScheme, value: str) -> Ask:
    """Put a credential where a scheme has its place; a second cookie stands in one header with the first."""
    if scheme.kind != "apiKey":
        return replace(ask, headers=(*ask.headers, ("Authorization", f"{scheme.kind.title()} {value}")))
    if scheme.place == "header":
        return replace(ask, headers=(*ask.headers, (scheme.parameter, value)))
    if scheme.place == "query":
        joint = "&" if "?" in ask.path else "?"
        return replace(ask, path=f"{ask.path}{joint}{quote(scheme.parameter, safe='')}={value}")
    others = tuple(pair for pair in ask.headers if pair[0] != "Cookie")
    before = "".join(f"{text}; " for name, text in ask.headers if name == "Cookie")
    return replace(ask, headers=(*others, ("Cookie", f"{before}{scheme.parameter}={value}")))


def without_credentials(ask: Ask, operation: Operation) -> Ask:
    """Take out what `with_credentials` put in for an operation."""
    schemes = needed(operation)
    names = {_header_of(scheme) for scheme in schemes} - {""}
    path, _, query = ask.path.partition("?")
    secret = {quote(scheme.parameter, safe="") for scheme in schemes if scheme.place == "query"}
    kept = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in secret)
    headers = tuple(pair for pair in ask.headers if pair[0].lower() not in names)
    return replace(ask, path=f"{path}?{kept}" if kept else path, headers=headers)


def is_met(schemes: Iterable[SecurityScheme], ask: Ask) -> bool:
    """Tell whether a request holds the key where each scheme has its place."""
    return all(_holds(ask, scheme) for scheme in schemes)


def _holds(ask: Ask, scheme: SecurityScheme) -> bool:
    if scheme.place == "query":
        return f"{quote(scheme.parameter, safe='')}={KEY}" in ask.path.partition("?")[2].split("&")
    held = ask.header(_header_of(scheme)) or ""
    if scheme.place == "cookie":
        return f"{scheme.parameter}={KEY}" in held.split("; ")
    return held.lower() == (KEY if scheme.kind == "apiKey" else f"{scheme.kind} {_key_of(scheme)}")


def _header_of(scheme: SecurityScheme) -> str:
    """Name the header that a credential stands in, in lower case; empty when it is none."""
    return {"query": "", "cookie": "cookie"}.get(scheme.place, scheme.parameter.lower())


def is_credential(operation: Operation, place: str, name: str) -> bool:
    """Tell whether a parameter is declared a second time, as a security scheme."""
    schemes = [scheme for scheme in needed(operation) if scheme.kind == "apiKey" and scheme.place == place]
    same = str.lower if place == "header" else str
    return any(same(scheme.parameter) == same(name) for scheme in schemes)


# --- variations -------------------------------------------------------------------------------------------------------


def refused(scheme: SecurityScheme, bare: Ask) -> Iterator[tuple[str, Ask, str]]:
    """Make each request that does not meet a scheme: its name, itself, and the sentence about it.

    `bare` holds no credential of this scheme, and those of all others that are needed beside it.
    """
    yield "missing", bare, "Without a credential the answer is 401."
    if scheme.kind == "apiKey":
        for label, value in (("empty", ""), ("unknown", STRANGE), ("other-case", SWAPPED_KEY)):
            sentence = "A key in the other case is refused." if value == SWAPPED_KEY else f"An {label} key is refused."
            yield label, _with_credential(bare, scheme, value), sentence
        elsewhere = replace(scheme, place="header" if scheme.place == "query" else "query")
        if elsewhere.place == "query" or HEADER_NAME.fullmatch(scheme.parameter):
            sentence = f"A key in the {elsewhere.place} does not count: its place is the {scheme.place}."
            yield f"in-{elsewhere.place}", _with_credential(bare, elsewhere, KEY), sentence
        return
    word = "Bearer" if scheme.kind == "bearer" else "Basic"
    other = f"Basic {KEY}" if word == "Bearer" else f"Bearer {KEY}"
    unknown = STRANGE if word == "Bearer" else "c2stY29udHJhY3Q6dW5rbm93bg=="
    whole = _key_of(scheme)
    for label, value, sentence in (
        ("empty", f"{word} ", "An empty credential is refused."),
        ("other-scheme", other, "The credential under the name of another scheme is refused."),
        ("unknown", f"{word} {unknown}", "A credential that was never issued is refused."),
        ("longer", f"{word} {whole}x", "The credential with something behind it is refused."),
        ("other-case", f"{word} {SWAPPED_KEY}", "The credential with its letters in the other case is refused."),
        ("no-scheme", whole, "A credential without its scheme is refused."),
    ):
        if scheme.kind == "basic" and label == "other-case":
            continue  # of base64 that is another text altogether
        yield label, replace(bare, headers=(*bare.headers, ("Authorization", value))), sentence
    if word == "Bearer":
        joint = "&" if "?" in bare.path else "?"
        query = f"{bare.path}{joint}access_token={KEY}&token={KEY}&api_key={KEY}&key={KEY}"
        others = tuple(pair for pair in bare.headers if pair[0].lower() not in ("x-api-key", "cookie"))
        more = (("X-API-Key", KEY), ("Cookie", f"access_token={KEY}; token={KEY}"))
        ask = replace(bare, path=query, headers=(*others, *more))
        yield "elsewhere", ask, "A credential in the query, in a cookie or in another header does not count."


def accepted(scheme: SecurityScheme, bare: Ask) -> Iterator[tuple[str, Ask, str]]:
    """Make each request that meets a scheme in another way than usual."""
    if scheme.kind == "bearer":
        names = tuple((name.lower(), text) for name, text in bare.headers)
        lower = replace(bare, headers=(*names, ("authorization", f"bearer {KEY}")))
        yield "lower-case-scheme", lower, "The names of the scheme and of all headers are case-insensitive."
