"""What is sent to the server to break it, by family: raw bytes, some of it no HTTP at all.

Each is followed by the end of the sending side, so whatever was left open has to be answered or closed. What an answer
has to look like is in the transcripts of tests/wire; here any refusal will do.
"""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from typing import TYPE_CHECKING

from mockserver.credentials import WORKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CREATE", "FAMILIES", "half_sent", "request"]

CREATE = b"/volc/asset/CreateVisualValidateSession"
RESULT = b"/volc/asset/GetVisualValidateResult"
LINK = b"/en/liveness-face-manage/authorization"
KEY = b"Authorization: Bearer " + WORKING.encode()
JSON = b"Content-Type: application/json"
HOST = b"Host: mock"


def request(
    body: bytes = b"{}",
    *headers: bytes,
    method: bytes = b"POST",
    target: bytes = CREATE,
    version: bytes = b"HTTP/1.1",
    length: bool = True,
) -> bytes:
    """Write a request that is right, but for what is given; with no header given it has a key and a type."""
    fields = [HOST, *(headers or (KEY, JSON)), *([b"Content-Length: %d" % len(body)] if length else [])]
    return b"\r\n".join([b" ".join((method, target, version)), *fields, b"", body])


def half_sent(body: bytes = b'{"Callback') -> bytes:
    """Write a request whose body goes on after what is sent."""
    return request(body, KEY, JSON, b"Content-Length: 400", length=False)


def _lines() -> Iterable[bytes]:
    """Request lines and heads that are none."""
    yield from (
        b"",
        b"\r\n\r\n",
        b"\n\n\n",
        b"\x00" * 500,
        b"GET",
        b"GET /",
        b"GET / HTTP/1.1",
        b" GET / HTTP/1.1\r\n\r\n",
    )
    for line in (
        b"GET  / HTTP/1.1",
        b"GET\t/ HTTP/1.1",
        b"/ GET HTTP/1.1",
        b"GET / HTTP/9.9",
        b"GET / HTTP/1.",
        b"GET / HTTP/1.1.1",
        b"GET / http/1.1",
        b"GET / FTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\r/ HTTP/1.1",
        b"G\x00T / HTTP/1.1",
        b"\xff\xfe / HTTP/1.1",
        "GÉT / HTTP/1.1".encode(),
        b"A" * 70_000 + b" / HTTP/1.1",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"CONNECT mock:443 HTTP/1.1",
        b"CONNECT / HTTP/1.1",
        b"TRACE / HTTP/1.1",
        b"TRACE " + CREATE + b" HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET * HTTP/1.1",
        b"M-SEARCH * HTTP/1.1",
        b"PATCH " + CREATE + b" HTTP/1.0",
        b"GET " + CREATE,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x7f" * 32,
        b"*1\r\n$4\r\nPING",
    ):
        yield line + b"\r\n" + HOST + b"\r\n\r\n"
        yield line + b"\n" + HOST + b"\n\n"


def _targets() -> Iterable[bytes]:
    """Targets: absolute, encoded oddly, leading out of every folder, long."""
    for target in (
        b"http://mock" + CREATE,
        b"https://user:word@mock:1/x",
        b"http://[::1" + CREATE,
        b"http:///" + CREATE,
        b"ftp://mock/",
        b"//mock" + CREATE,
        b"mock:80",
        b"?" + CREATE,
        b"#" + CREATE,
        CREATE + b"#fragment",
        CREATE + b"?" + b"&".join([b"a=%ff"] * 2000),
        CREATE + b"?a[]=1&a[b]=2&=&&&==;%",
        CREATE + b";jsessionid=1",
        b"%2Fvolc%2Fasset%2FCreateVisualValidateSession",
        b"/volc%2Fasset%2FCreateVisualValidateSession",
        b"/volc/asset/%43reateVisualValidateSession",
        b"/volc/asset/CreateVisualValidateSession%00.json",
        b"/volc/asset/CreateVisualValidateSession%0d%0aX-Injected:%201",
        b"/%",
        b"/%2",
        b"/%zz",
        b"/%u0041",
        b"/%c0%ae%c0%ae/",
        b"/%ff%fe%00",
        b"/%ed%a0%80",
        b"/" + b"%25" * 3000,
        b"/" + b"../" * 300 + b"etc/passwd",
        b"/" + b"..%2f" * 300 + b"etc%2fpasswd",
        b"/volc/../../../etc/passwd",
        b"/..\\..\\windows\\win.ini",
        b"/%5c..%5c..%5cetc",
        b"/static/../../../etc/passwd",
        b"/static/%2e%2e/%2e%2e/pyproject.toml",
        b"/_mock/../_mock/health",
        b"/_mock/requests/../../../etc/passwd",
        b"/_mock/requests/" + b"9" * 5000,
        b"/_mock/requests/-1",
        b"/_mock/requests?limit=" + b"9" * 5000,
        b"/_mock/requests?since=%00&status=zzz&path=**&number=1e999",
        b"/_mock/requests?limit=%EF%BC%91",
        LINK + b"?pl=&uid=",
        LINK + b"?pl=" + b"A" * 60_000,
        LINK + b"?pl=%3Cscript%3E&uid=%27%22&lng=..%2f..%2f",
        LINK + b"?pl[]=1&pl=%00&step=%0d%0a",
        b"/" * 5000,
        b"/" + b"a/" * 20_000,
        b"/" + b"a" * 65_000,
        b"/" + b"a" * 200_000,
        "/é/漢字".encode(),
        b"/\xf0\x28\x8c\x28",
        b"/a b",
        b'/"<>`{}|^',
    ):
        for method in (b"GET", b"POST", b"HEAD"):
            yield request(method=method, target=target)


def _headers() -> Iterable[bytes]:
    """Header floods, folds, bytes that have no place in a header."""
    yield request(b"{}", KEY, JSON, *(b"X-%d: %d" % (number, number) for number in range(99)))
    yield request(b"{}", KEY, JSON, *(b"X-%d: %d" % (number, number) for number in range(5000)))
    yield request(b"{}", KEY, JSON, *([b"Cookie: a=b"] * 90))
    yield request(b"{}", KEY, JSON, *([b"Authorization: Bearer x"] * 90))
    for line in (
        b"X: " + b"a" * 400_000,
        b"X: " + b"a" * 2_000_000,
        b"A" * 70_000 + b": 1",
        b"X" * 8000 + b": " + b"y" * 60_000,
        b": no name",
        b"no colon",
        b"X : space before",
        b" X: fold at the start",
        b"X: fold\r\n\tgoes on",
        b"X: fold\r\n goes on",
        b"X: a\x00b",
        b"X\x00Y: ab",
        b"X: a\rb",
        b"X: a\nY: b",
        b"X: \x7f\x01\x02",
        b"X: \xff\xfe\xfd",
        "X: é漢".encode(),
        "Ünï: 1".encode(),
        b"X_Y: 1\r\nX-Y: 2",
        b"Host: other",
        b"Host:",
        b"Host: [::1\r\nHost: a b",
        b"Host: mock\x00",
        b"Host: " + b"h" * 60_000,
        b"Connection: close, keep-alive, upgrade, Content-Length",
        b"Connection: Authorization, Content-Type",
        b"Keep-Alive: timeout=999999999999999999999",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==",
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        b"Upgrade: TLS/1.0, HTTP/2.0, \x01",
        b"Expect: 100-continue",
        b"Expect: 200-ok",
        b"Expect: " + b"1" * 9000,
        b"TE: trailers, deflate;q=0.5",
        b"Range: bytes=0-,1-,2-," + b"0-," * 5000,
        b"If-None-Match: *\r\nIf-Modified-Since: never",
        b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher",
        b"X-HTTP-Method-Override: DELETE",
        b"Accept: " + b"a/b;q=0.1," * 9000,
        b"Accept: application/json;q=1e999",
        b"Accept: */",
        b"Accept: \x01",
        b"Accept-Language: " + b"zh;q=0." * 9000,
        b"Prefer: " + b"code=200," * 9000,
        b'Prefer: example="' + b"\\" * 9000,
        b"Prefer: delay=-1",
        b"Prefer: delay=nan",
        b"Prefer: delay=1e999",
        b"Prefer: code=0200",
        "Prefer: code=٢٠٠".encode(),
    ):
        yield request(b"{}", KEY, JSON, line)
        yield request(b"", KEY, line, method=b"GET", target=b"/_mock/health")
        yield request(b"", KEY, line, method=b"GET", target=LINK + b"?pl=a&uid=b")


def _framing() -> Iterable[bytes]:
    """Two ideas of where a body ends: what smuggles a second request past a proxy."""
    second = b"GET /_mock/health HTTP/1.1\r\nHost: mock\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked"
    lengths = (
        b"2",
        b"02",
        b"+2",
        b"-2",
        b"2, 2",
        b"2,3",
        b"0x2",
        b"2 3",
        b"2.0",
        b"",
        b" ",
        b"\x0b2",
        b"9" * 19,
        b"9" * 40,
    )
    for length in (*lengths, "\uff12".encode(), "\u00b2".encode()):
        yield request(b"{}", KEY, JSON, b"Content-Length: " + length, length=False) + second
    for one, other in itertools.permutations(
        (b"Content-Length: 2", b"Content-Length: 40", b"content-length : 2", chunked), 2
    ):
        yield request(b"{}" + second, KEY, JSON, one, other, length=False)
        yield request(b"2\r\n{}\r\n0\r\n\r\n" + second, KEY, JSON, one, other, length=False)
    for coding in (
        b"Transfer-Encoding:chunked",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: identity",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding:\tchunked\t",
        b'Transfer-Encoding: "chunked"',
        b"Transfer-Encoding: CHUNKED",
        b"Transfer-Encoding:\r\n chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Transfer-Encoding:",
        b"X: y\nTransfer-Encoding: chunked",
        b"Transfer_Encoding: chunked",
    ):
        yield request(b"2\r\n{}\r\n0\r\n\r\n" + second, KEY, JSON, coding, length=False)
        yield request(b"2\r\n{}\r\n0\r\n\r\n" + second, KEY, JSON, coding, length=False, version=b"HTTP/1.0")
        yield request(b"2\r\n{}\r\n0\r\n\r\n" + second, KEY, JSON, coding)
    for body in (
        b"",
        b"0\r\n",
        b"2\r\n{}\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"2 \r\n{}\r\n0\r\n\r\n",
        b"2;a=b\r\n{}\r\n0\r\n\r\n",
        b'2;a="\r\n{}\r\n0\r\n\r\n',
        b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        b"2\r\n{}\r\n0\r\nContent-Length: 9\r\nAuthorization: x\r\n\r\n",
        b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 9000 + b"\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"000000000000000000000000000000000000002\r\n{}\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFF\r\n{}",
        b"10000000000000000\r\n{}",
        b"7FFFFFFFFFFFFFFF\r\n{}",
        b"1\r\n{\r\n" + b"1\r\n \r\n" * 20_000 + b"1\r\n}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\n\r\n" + second,
    ):
        yield request(body, KEY, JSON, chunked, length=False)
        yield request(body, b"Authorization: Bearer wrong", JSON, chunked, length=False)
        yield request(body, KEY, JSON, chunked, length=False, target=b"/_mock/reset")
    yield request() + second * 50
    yield request() * 40
    yield request(version=b"HTTP/1.0") * 3
    yield request(b"", KEY, b"Content-Length: 7", length=False) + second
    yield half_sent()
    yield half_sent(b"")
    yield request(b"", KEY, JSON, b"Expect: 100-continue", b"Content-Length: 9", length=False)
    yield request(b"x" * 10, KEY, JSON, b"Content-Length: 99999999999", length=False)


def _bodies() -> Iterable[bytes]:
    """Bodies that are large, deep, packed, or no JSON."""
    packed = gzip.compress(b" " * 10_000_000)
    for coding, body in (
        (b"gzip", packed),
        (b"gzip, gzip", gzip.compress(packed)),
        (b"deflate", zlib.compress(b"{" * 5_000_000)),
        (b"br", b"\x00\xff"),
        (b"identity", b"{}"),
        (b"x-unknown", b"{}"),
    ):
        yield request(body, KEY, JSON, b"Content-Encoding: " + coding)
    for text in (
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" * 99 + b"]" * 99,
        b"[" * 101 + b"]" * 101,
        b"[" + b"[]," * 300_000 + b"[]]",
        b'{"' + b"k" * 1_000_000 + b'":1}',
        json.dumps({f"k{number}": number for number in range(60_000)}).encode(),
        b'{"a":1,' * 20_000 + b"1" + b"}" * 20_000,
        b'{"CallbackURL":1,"CallbackURL":2}',
        b"9" * 900_000,
        b"-" * 900_000,
        b"1e" + b"9" * 900_000,
        b"0." + b"1" * 900_000,
        b"NaN",
        b"-Infinity",
        b"1e400",
        b'"' + b"\\u0000" * 100_000 + b'"',
        b'{"CallbackURL":"\\ud800"}',
        b'{"\\udfff":"\\ud800\\ud800"}',
        b'{"CallbackURL":"' + b"\\" * 99_999 + b'"}',
        b'{"CallbackURL":"https://' + b"a." * 200_000 + b'"}',
        b'{"CallbackURL":"https://a/\\r\\nSet-Cookie: x=1"}',
        b'{"CallbackURL":"//evil.example"}',
        b'{"CallbackURL":"javascript:alert(1)"}',
        b'{"CallbackURL":"https://[::1"}',
        b'{"CallbackURL":"https://~delay-.code-.mock.invalid/"}',
        b'{"__proto__":{"a":1},"constructor":null}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b"\x00{}",
        b"{}\x00",
        b"\xff" * 1000,
        b'{"a":"\xed\xa0\x80"}',
        b"{} {}",
        b"{}\x0c",
        b"null",
        b'""',
        b"",
        b" " * 1_048_576,
        b" " * 1_048_577,
        b"x" * 5_000_000,
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
        b"a=1&" * 100_000,
    ):
        yield request(text)
        yield request(text, target=RESULT)
        yield request(text, KEY, JSON, target=b"/_mock/sessions/complete")
        yield request(text, KEY, JSON, target=b"/_mock/faults")
        yield request(text, KEY, b"Content-Type: application/x-www-form-urlencoded", target=LINK)


def _types() -> Iterable[bytes]:
    """Content-Types of every kind."""
    for kind in (
        b"",
        b" ",
        b"/",
        b"application/",
        b"/json",
        b"application/json;",
        b"application/json;;;;",
        b"application/json; charset",
        b"application/json; charset=",
        b"application/json; charset=utf-8; charset=latin-1",
        b"application/json; charset=utf-16",
        b"application/json; charset=\xff",
        b"application/json; charset=idna",
        b"application/json; charset=unicode_escape",
        b'application/json; charset="',
        b'application/json; a="\\',
        b"application/json; boundary=" + b"x" * 9000,
        b"application/json, text/plain",
        b"application/json\x00",
        b"application/json\x0b",
        b"APPLICATION/JSON",
        b" \tapplication/json\t ",
        b"application/problem+json",
        b"application/*",
        b"*/*",
        b"text/plain",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=" + b"-" * 9000,
        b"application/x-www-form-urlencoded; charset=zlib",
        b"application/json" + b" " * 60_000,
        b"application/json;" + b' a="b";' * 9000,
        b"a" * 60_000 + b"/b",
        "application/jsön".encode(),
    ):
        for target in (CREATE, LINK, b"/_mock/reset", b"/_mock/sessions/complete"):
            yield request(b"{}", KEY, b"Content-Type: " + kind, target=target)
    yield request(b"{}", KEY)
    yield request(b"{}", KEY, JSON, JSON)
    yield request(b"{}", KEY, JSON, b"Content-Type: text/plain")


def _keys() -> Iterable[bytes]:
    """Authorization of every kind."""
    for key in (
        b"",
        b" ",
        b"Bearer",
        b"Bearer ",
        b"Bearer  x",
        b"bearer " + WORKING.encode(),
        b"BEARER\t" + WORKING.encode(),
        b"Bearer " + WORKING.encode() + b" ",
        b"Bearer " + WORKING.encode() + b"," + WORKING.encode(),
        b"Bearer " + WORKING.encode() + b"~~",
        b"Bearer " + WORKING.encode() + b"~~~~~~~~",
        b"Bearer " + WORKING.encode() + b"~~" + b"delay-0~" * 5000,
        b"Bearer " + WORKING.encode() + b"~~code-99999999999999999999",
        b"Bearer " + WORKING.encode() + b"-" + b"x" * 60_000,
        b"Bearer \x00",
        b"Bearer a\x00b",
        b"Bearer \xff\xfe",
        "Bearer ключ".encode(),
        b"Bearer " + b"x" * 400_000,
        b"Basic",
        b"Basic ====",
        b"Basic \xff",
        b"Basic " + b"QQ" * 60_000,
        b'Digest username="a", realm="\\',
        b"Negotiate " + b"A" * 60_000,
        b"x" * 60_000,
        b"Bearer Bearer Bearer",
        b"Bearer ../../etc/passwd",
        b"Bearer %0d%0aX: 1",
        b"Bearer {{7*7}}${jndi:ldap://a}",
        b",",
        b", Bearer a, ",
    ):
        yield request(b"{}", b"Authorization: " + key, JSON)
        yield request(b"{}", b"Authorization: " + key, JSON, target=RESULT)
        yield request(b"{}", b"Authorization: " + key, JSON, target=b"/_mock/reset")
    yield request(b"{}", KEY, KEY, JSON)
    yield request(b"{}", KEY, b"Authorization: Bearer other", JSON)


FAMILIES = {
    "lines": _lines,
    "targets": _targets,
    "headers": _headers,
    "framing": _framing,
    "bodies": _bodies,
    "types": _types,
    "keys": _keys,
}
"""Name -> what makes its requests."""
