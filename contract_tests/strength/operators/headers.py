"""Operators over headers: media types, charsets, headers that are missing, wrong or too many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.operators.changing import because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.strength.answers import Answer
    from contract_tests.strength.rehearsing import Moment

TYPE = "Content-Type"
NOT_JSON = ("text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream", "multipart/form-data",
            "application/javascript", "application/jsonl", "json")  # fmt: skip
OTHER_JSON = ("application/problem+json", "application/hal+json", "text/json", "application/x-json")
SAME = {
    "charset": "application/json; charset=utf-8",
    "quoted": 'application/json;charset="UTF-8"',
    "upper-case": "Application/JSON",
}
"""Ways to write the media type of JSON that mean the same (RFC 9110 8.3.1)."""


def header(name: str, value: str | None, place: str, basis: str) -> Mutation:
    """Give all answers another value of a header, or none."""
    return Mutation(place, f"header {name}", basis, lambda right, _: right.having(name, value))


@operator("media-type")
def media_type(kind: Kind) -> Iterator[Mutation]:
    """The media type is another one."""
    if not kind.values:
        return
    for name in NOT_JSON:
        yield header(TYPE, name, name.replace("/", "-"), because(kind) or "rfc")
    for name in OTHER_JSON:
        yield header(TYPE, name, name.replace("/", "-"), because(kind))


@operator("same-type")
def same_type(kind: Kind) -> Iterator[Mutation]:
    """The media type is the same, written otherwise."""
    for label, text in SAME.items() if kind.values else ():
        yield header(TYPE, text, label, "")


@operator("charset")
def charset(kind: Kind) -> Iterator[Mutation]:
    """The charset is another one than that of JSON."""
    for name in ("iso-8859-1", "utf-16", "gbk", "ascii") if kind.values else ():
        yield header(TYPE, f"application/json; charset={name}", name, "rfc")


@operator("missing-header")
def missing_header(kind: Kind) -> Iterator[Mutation]:
    """A header is missing."""
    for name in dict.fromkeys(name for one in kind.seen for name, _ in one.answer.headers):
        basis = because(kind) or "rfc" if name == TYPE else "rfc"
        yield header(name, None, name, basis)


@operator("wrong-header")
def wrong_header(kind: Kind) -> Iterator[Mutation]:
    """A header has another value, or an empty one."""
    method = kind.operation.method
    wrong = {
        "WWW-Authenticate": {"empty": ""},
        "Allow": {"empty": "", "other-method": "TRACE", "lower-case": method.lower(),
                  "all": "GET, POST, PUT, PATCH, DELETE"},
        TYPE: {"empty": "", "half": "application", "list": "application/json, text/html"},
    }  # fmt: skip
    if any(scheme.kind != "apiKey" for needed in kind.operation.security for scheme in needed):
        wrong["WWW-Authenticate"] |= {"other-scheme": 'Digest realm="api"', "realm-alone": 'realm="api"'}
    for name in dict.fromkeys(name for one in kind.seen for name, _ in one.answer.headers):
        for label, text in wrong.get(name, {}).items():
            basis = because(kind) or "rfc" if name == TYPE else "rfc"
            yield header(name, text, f"{name}/{label}", basis)


@operator("lying-header")
def lying_header(kind: Kind) -> Iterator[Mutation]:
    """A header says of the body what is not so."""

    def change(right: Answer, _: Moment) -> Answer:
        return right.having("Content-Encoding", "gzip") if right.body else right

    if any(one.answer.body for one in kind.seen):
        yield Mutation("Content-Encoding", "header Content-Encoding", "rfc", change)


# --- what changes nothing ---------------------------------------------------------------------------------------------


@operator("extra-header")
def extra_header(_: Kind) -> Iterator[Mutation]:
    """There is a header more."""
    more = {"X-Request-Id": "8f14e45f", "Cache-Control": "no-store", "Server": "nginx", "Set-Cookie": "a=b; Path=/",
            "Access-Control-Allow-Origin": "*"}  # fmt: skip
    for name, text in more.items():
        yield header(name, text, name, "")


@operator("header-case")
def header_case(kind: Kind) -> Iterator[Mutation]:
    """The names of headers are in another case."""

    def change(right: Answer, _: Moment) -> Answer:
        return replace(right, headers=tuple((name.lower(), text) for name, text in right.headers))

    if any(one.answer.headers for one in kind.seen):
        yield Mutation("lower", "headers", "", change)
