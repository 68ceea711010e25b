"""Every format that both sides check, text by text: what passes and what does not. They do not differ."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from contract_tests.dialect import format_checker, validator_class
from openapi.checking import FORMATS
from openapi.document import Library
from openapi.schema import Schemas
from tests.documents.making import at, document

if TYPE_CHECKING:
    from openapi.schema import Schema

TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # format: texts that are one, texts that are none
    "date": (
        ("2026-07-02", "2024-02-29", "0001-01-01"),
        ("2026-02-30", "2026-7-2", "20260702", "2026-W01-1", "2026-07-02T00:00:00Z", "", "2026-07-02\n", "२०२६-07-02"),
    ),
    "time": (
        ("22:15:26Z", "22:15:26+08:00", "00:00:00.123Z", "22:15:26z", "23:59:60Z"),
        ("25:00:00Z", "22:15:26", "22:15Z", "22:60:00Z", "22:15:26+0800", "22:15:26+24:00", "", "22:15:26.Z"),
    ),
    "date-time": (
        ("2026-07-02T22:15:26+08:00", "2026-07-02t22:15:26z", "2026-07-02T22:15:26.5Z", "2026-12-31T23:59:60Z"),
        (
            "2026-07-02 22:15:26Z",
            "2026-07-02T22:15:26",
            "2026-02-30T22:15:26Z",
            "2026-07-02",
            "2026-07-02T24:00:00Z",
            "",
        ),
    ),
    "duration": (
        ("P1D", "PT1H30M", "P3Y6M4DT12H30M5S", "P2W", "PT0S"),
        ("P", "PT", "1D", "P1D2H", "P1.5D", "PT1D", "P1WT1H", "", "p1d", "-P1D"),
    ),
    "email": (
        ("ann@a.example", "a.b+c@a.example", '"a b"@a.example', "ann@localhost", "o'neil@a.example"),
        (
            "ann",
            "@a.example",
            "ann@",
            "a@b@c.example",
            "a b@c.example",
            "ann@-a.example",
            ".a@b.example",
            "a..b@c.example",
            "",
        ),
    ),
    "hostname": (
        ("a.example", "localhost", "xn--bcher-kva.example", "a-b.c1.example", "1.example", "x" * 63 + ".example"),
        ("-a.example", "a-.example", "a..example", ".a", "a_b.example", "a b", "x" * 64, "", "bücher.example"),
    ),
    "ipv4": (
        ("127.0.0.1", "255.255.255.255", "0.0.0.0"),
        ("256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "a", "", "1.2.3.4/8"),
    ),
    "ipv6": (
        ("::1", "::", "2001:db8::1", "::ffff:127.0.0.1", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7", "::g", ":::", "12345::", "127.0.0.1", "[::1]", "", "1::2::3", "fe80::1%eth0"),
    ),
    "uri": (
        (
            "https://a.example/b?c=d#e",
            "mailto:ann@a.example",
            "urn:isbn:1",
            "http://[::1]:80/",
            "a:",
            "file:///x",
            "https://a.example/%C3%A9",
            "https://ann:x@a.example:8443",
            "https://a.example?q=a/b?c",
        ),
        (
            "/b",
            "b",
            "//a.example",
            "https://a.example/a b",
            "https://a.example/é",
            "1a:b",
            "https://a.example/%zz",
            "",
            "https://a.example/a#b#c",
            "https://a.example/<b>",
            "https://a.example/a\\b",
            "https://a.example:port/",
            "https://[::1/",
            "https://a.example/{b}",
            "https://a.example/^",
            'https://a.example/"',
            "https://a.example/|",
        ),
    ),
    "uri-reference": (
        ("/b", "b/c", "", "#e", "?c", "//a.example/b", "https://a.example", "../b", "./a:b"),
        ("a b", "\\b", "é", "%zz", "a#b#c", "<", "1:b"),
    ),
    "iri": (
        ("https://a.example/é", "https://bücher.example", "https://a.example/回"),
        ("/é", "https://a.example/a b", "é:b", ""),
    ),
    "iri-reference": (("/é", "é", "", "#回"), ("a b", "\\é", "é<")),
    "uuid": (
        (
            "123e4567-e89b-42d3-a456-426614174000",
            "123E4567-E89B-42D3-A456-426614174000",
            "00000000-0000-0000-0000-000000000000",
        ),
        (
            "123e4567e89b42d3a456426614174000",
            "123e4567-e89b-42d3-a456-42661417400",
            "{123e4567-e89b-42d3-a456-426614174000}",
            "g23e4567-e89b-42d3-a456-426614174000",
            "",
            "123e-4567e89b-42d3-a456-426614174000",
        ),
    ),
    "json-pointer": (("", "/a", "/a/~1b/~0", "/", "//", "/é"), ("a", "/~", "/~2", "#/a", "/a/~")),
    "relative-json-pointer": (("0", "1/a", "2#", "10/~0"), ("", "a", "-1", "01", "/a", "1a", "0##")),
    "byte": (("YWJj", "", "YQ==", "+/+/"), ("YWJ*", "YQ=", "YWJj\n", "é", "YQ")),
    "regex": (("^a$", "", "[a-z]+", "a|b"), ("(", "[a", "a**", "(?")),
}


@cache
def _ours(version: str, name: str) -> Schema:
    made = document({"openapi": f"{version}.0", "components": {"schemas": {"S": {"type": "string", "format": name}}}})
    return Schemas(Library([made]), version).at(at(made, "/components/schemas/S"))


def _verdicts(version: str, name: str, text: str) -> tuple[bool, bool]:
    schema = {"type": "string", "format": name}
    theirs = validator_class(version, "request")(schema, format_checker=format_checker())
    return _ours(version, name).check(text) == (), theirs.is_valid(text)


CASES = [
    (version, name, text, good)
    for version in ("3.0", "3.1")
    for name, (right, wrong) in TEXTS.items()
    for good, texts in ((True, right), (False, wrong))
    for text in texts
]


@pytest.mark.parametrize(("version", "name", "text", "good"), CASES)
def test_both_sides_tell_what_is_of_a_format(version: str, name: str, text: str, good: bool) -> None:
    assert _verdicts(version, name, text) == (good, good)


def test_every_checked_format_is_compared() -> None:
    left_out = {"idn-email", "idn-hostname", "uri-template"}  # rare, and left to openapi-core as it is
    assert set(TEXTS) == set(FORMATS) - left_out
