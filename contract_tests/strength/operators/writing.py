"""Operators over the bytes of a body: what is no JSON any more, or only nearly."""

from __future__ import annotations

import codecs
import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.strength.answers import Answer, written
from contract_tests.strength.mutating import Kind, Mutation, operator
from contract_tests.strength.operators.changing import WHOLE, because, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.strength.rehearsing import Moment

PAGE = b"<!doctype html><html><head><title>Oops</title></head><body><h1>Oops</h1></body></html>"

TRACES = {
    "python": 'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in create\nKeyError: 0',
    "node": "TypeError: x is not a function\n    at create (/srv/app.js:12:3)\n    at next (/srv/router.js:4:1)",
    "java": "java.lang.NullPointerException\n\tat com.example.App.create(App.java:12)\n",
    "go": "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:12 +0x1d",
    "php": "PHP Fatal error:  Uncaught Error: x\nStack trace:\n#0 {main}\n  thrown in /srv/app.php on line 12",
    "ruby": "app.rb:12:in `create': undefined method `x' for nil:NilClass (NoMethodError)",
    "rust": "thread 'main' panicked at src/main.rs:12:5:\nindex out of bounds",
    "dotnet": "System.NullReferenceException: x\n   at App.Create(String url) in C:\\srv\\App.cs:line 12",
    "sql": "SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax",
}
"""What frameworks show of themselves when nobody stops them."""


def bytes_changed(kind: Kind, ways: dict[str, Callable[[bytes], bytes]]) -> Iterator[Mutation]:
    """Write each JSON body otherwise. On the client's side no JSON reader may take it: the RFC says what JSON is."""
    basis = because(kind) or "rfc"
    for label, way in ways.items() if kind.values else ():
        yield Mutation(label, WHOLE, basis, to_bytes(way))


@operator("cut")
def cut(kind: Kind) -> Iterator[Mutation]:
    """The JSON of a body ends too early."""
    return bytes_changed(kind, {"end": lambda body: body[:-1], "half": lambda body: body[: len(body) // 2]})


@operator("garble")
def garble(kind: Kind) -> Iterator[Mutation]:
    """A body is nearly JSON."""
    return bytes_changed(
        kind,
        {
            "twice": lambda body: body + body,
            "single-quotes": lambda body: body.replace(b'"', b"'"),
            "trailing-comma": lambda body: body[:-1] + b",}",
            "not-a-number": lambda body: body[:-1] + b', "Extra": NaN}',
            "repeated-member": lambda body: body[:-1] + b", " + body[1:],
            "function-call": lambda body: b"callback(" + body + b")",
            "prefix": lambda body: b")]}',\n" + body,
        },
    )


@operator("encode")
def encode(kind: Kind) -> Iterator[Mutation]:
    """A body is JSON in another coding than UTF-8, or compressed without saying so."""
    return bytes_changed(
        kind,
        {
            "byte-order-mark": lambda body: codecs.BOM_UTF8 + body,
            "utf-16": lambda body: body.decode().encode("utf-16"),
            "latin-1": lambda body: body.decode().encode("latin-1", "replace"),
            "gzip": gzip.compress,
        },
    )


@operator("html")
def page(kind: Kind) -> Iterator[Mutation]:
    """The body is a web page, and says so, or says that it is JSON."""
    for label, kind_of_body in (("as-html", "text/html; charset=utf-8"), ("as-json", "application/json")):

        def change(right: Answer, _: Moment, kind_of_body: str = kind_of_body) -> Answer:
            return replace(right.having("Content-Type", kind_of_body), body=PAGE)

        yield Mutation(label, WHOLE, because(kind) or "rfc", change)


@operator("insides")
def insides(kind: Kind) -> Iterator[Mutation]:
    """A body shows the insides of the server."""
    if kind.succeeds:
        return
    for label, trace in TRACES.items():

        def change(right: Answer, _: Moment, trace: str = trace) -> Answer:
            typed = right.having("Content-Type", "application/json")
            return replace(typed, body=written({"error": {"message": trace, "type": "x", "code": "x"}}))

        yield Mutation(label, "insides", "asked", change)
