"""What reads bytes of strangers, as functions of bytes: each may refuse in the one way that it promises, and no other.

`python -m tests.fuzz` lets atheris find new bytes, test_readers.py goes through the seeds and through every finding.
"""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.bodies import parse_json
from mockserver.clock import FrozenClock
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.exchange import LATER, request_of
from mockserver.lane import Lane
from mockserver.settings import Settings
from openapi.contract import compile_contract, packaged_contract
from openapi.document import Document, read_document
from openapi.errors import ContractError
from openapi.overlay import apply_overlay, read_overlay
from openapi.parameters import Texts
from openapi.reading import read_value
from tests.documents.making import CREATE, contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from openapi.reading import Json

__all__ = ["READERS", "seeds"]

OPENAPI = Path(__file__).parent.parent.parent / "openapi"
VENDOR = sorted((OPENAPI / "vendor").glob("*.yaml"))
PETS = Path(__file__).parent.parent / "documents"
MOST_BYTES = 65_536

OVERLAID = read_document(VENDOR[0])
SHAPES: list[Json] = [
    {"name": "plain", "in": "query", "schema": {"type": "integer", "minimum": 1}},
    {"name": "list", "in": "query", "schema": {"type": "array", "items": {"type": "number"}}},
    {"name": "pipes", "in": "query", "style": "pipeDelimited", "explode": False, "schema": {"type": "array"}},
    {"name": "deep", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
    {"name": "json", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
    {"name": "x-list", "in": "header", "schema": {"type": "array", "items": {"type": "boolean"}}},
    {"name": "chip", "in": "cookie", "schema": {"type": "string", "pattern": "^(a+)+$"}},
]
SHAPED = contract(
    {"paths": {"/at": {"get": {"parameters": SHAPES, "responses": {"200": {"description": "ok"}}}}}}
).operations[0]
PART: Json = {"type": "object", "properties": {"a": {"type": "integer", "xml": {"attribute": True}}}}
MEMBERS: dict[str, Json] = {
    "a": {"type": "integer"},
    "b": {"type": "array", "items": PART},
    "c": PART,
    "d": {"format": "binary"},
}
ENCODED: Json = {
    "b": {"contentType": "application/xml"},
    "c": {"style": "deepObject"},
    "d": {"contentType": "image/*", "headers": {"X-Size": {"schema": {"type": "integer"}}}},
}
MEDIA: Json = {"schema": {"type": "object", "properties": MEMBERS}, "encoding": ENCODED}
TAKING = Engine(
    contract({"paths": {"/at": {"post": {"requestBody": {"content": {"*/*": MEDIA}}, "responses": {"204": {}}}}}}),
    Settings(),
)
LANE = Lane(
    Engine(packaged_contract("observed"), Settings(check_answers=True), FrozenClock(1_783_001_726)), lambda _: _nothing
)


def _nothing(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("404 Not Found", [])
    return [b""]


def read_documents(data: bytes) -> None:
    """Read and compile a document, and answer a request by each of its first operations."""
    try:
        made = compile_contract([Document.parse(data, "fuzz.yaml")])
    except ContractError:
        return
    engine = Engine(made, Settings())
    for operation in made.operations[:3]:
        environ = environ_of(operation.method, operation.path, b"{}", {})
        assert engine.answer(request_of(environ)).status < 600


def read_values(data: bytes) -> None:
    """Read YAML or JSON; what was read can be written as JSON again."""
    try:
        value = read_value(data, "fuzz.yaml")
    except ContractError:
        return
    json.dumps(value)


def read_overlays(data: bytes) -> None:
    """Read an overlay, and apply it to the vendor's document."""
    with suppress(ContractError):
        apply_overlay(OVERLAID, read_overlay(Document.parse(data, "fuzz.yaml")))


def read_parameters(data: bytes) -> None:
    """Read parameters of every kind from a query, a header and a cookie."""
    query, _, rest = data.decode("latin-1").partition("\n")
    header, _, cookie = rest.partition("\n")
    SHAPED.check_parameters(Texts({}, query, {"x-list": header, "cookie": cookie}.get))


def read_bodies(data: bytes) -> None:
    """Read a body as JSON, and as that of a session."""
    parse_json(data)
    answer("POST", CREATE, data, {"HTTP_AUTHORIZATION": f"Bearer {WORKING}", "CONTENT_TYPE": "application/json"})


def read_forms(data: bytes) -> None:
    """Read a body of the type that its first line names: a form, parts, XML, lines, anything."""
    header, _, body = data.partition(b"\n")
    environ = environ_of("POST", "/at", body, {"CONTENT_TYPE": header.decode("latin-1")})
    assert TAKING.answer(request_of(environ)).status < 500


def read_authorization(data: bytes) -> None:
    """Read an Authorization header."""
    text = data.decode("latin-1")
    answer("POST", CREATE, b"{}", {"HTTP_AUTHORIZATION": text, "CONTENT_TYPE": "application/json"})
    answer("POST", CREATE, b"{}", {"HTTP_AUTHORIZATION": f"Bearer {WORKING}~~{text}", "HTTP_PREFER": text})


def read_requests(data: bytes) -> None:
    """Answer a request that is all of it strange: a line each for method, path, query and headers, then the body."""
    head, _, body = data.partition(b"\n\n")
    lines = head.decode("latin-1").split("\n")
    method, path, query, *headers = [*lines, "", "", ""][: max(3, len(lines))]
    fields = {name.upper().replace("-", "_"): value for name, _, value in (line.partition(":") for line in headers)}
    kept = {name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}": one for name, one in fields.items()}
    answer(method, path, body, {"QUERY_STRING": query, **kept})


def answer(method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
    """Ask the lane; see that it answers once, as it promises to."""
    started: list[str] = []

    def start(status: str, *_: object) -> Callable[[bytes], object]:
        started.append(status)
        return started.append  # type: ignore[return-value] # nobody writes

    def later(_seconds: float, status: str, _headers: object, body: bytes, _lasting: float = 0.0) -> list[bytes]:
        started.append(status)  # a delay that is asked for is not waited for
        return [body]

    answered = b"".join(LANE({**environ_of(method, path, body, headers), LATER: later}, start))
    assert len(started) == 1, started
    asked = "Prefer" in headers or "HTTP_PREFER" in headers or "~~" in headers.get("HTTP_AUTHORIZATION", "")
    assert started[0] < "500" or asked or b".mock.invalid" in body, started
    if started[0][0] in "24" and answered and not asked:
        json.loads(answered)


def environ_of(method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Write a WSGI environ."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **headers,
    }


READERS: dict[str, Callable[[bytes], None]] = {
    "documents": read_documents,
    "values": read_values,
    "overlays": read_overlays,
    "parameters": read_parameters,
    "bodies": read_bodies,
    "forms": read_forms,
    "authorization": read_authorization,
    "requests": read_requests,
}
"""Name -> what is fuzzed."""


PARTS = (
    b"multipart/form-data; boundary=X\n--X\r\nContent-Disposition: form-data; name=d; filename*=utf-8''%c3%a9\r\n"
    b"Content-Type: image/png\r\nX-Size: 1\r\n\r\n\x89\r\n--X\r\ncontent-disposition: form-data; name=b\r\n\r\n"
    b"<c a='1'/>\r\n--X--"
)


def seeds(name: str) -> list[bytes]:
    """Give what a reader is made for, to begin from, and what was found so far."""
    documents = [*VENDOR[:4], *sorted(PETS.glob("*.yaml"))]
    texts: dict[str, list[bytes]] = {
        "documents": [path.read_bytes() for path in documents],
        "values": [path.read_bytes() for path in documents[:3]]
        + [
            b'{"a": [1, 2.5, null, true, "\\u00e9"]}',
            b"a: &x [1, 2]\nb: *x\nc: !!str 5\nd: |\n  e\n",
            b"[{a: {b: c}}]",
        ],
        "overlays": [path.read_bytes() for path in sorted((OPENAPI / "overlays").glob("*.yaml"))],
        "parameters": [
            b"plain=1&list=1&list=2&pipes=a|b&deep[a]=1&json=%7B%7D\ntrue,false\nchip=aaaa; a=b",
            b"deep" + b"[a]" * 5000 + b"=1\n\n",
        ],
        "bodies": [
            b"{}",
            b'{"CallbackURL": "https://a.example/b?c=d"}',
            b'{"a": [1, -2.5e3, null, true, "\\ud83d\\ude00"]}',
        ],
        "forms": [
            b"application/x-www-form-urlencoded\na=1&b=%7B%7D&c[a]=2&d=%ff+",
            PARTS,
            b"multipart/mixed;boundary=X\n--X\r\nContent-Type: multipart/a;boundary=Y\r\n\r\n--Y\r\n\r\n--Y--\r\n--X--",
            b"application/xml\n<?xml version='1.0'?><r xmlns:p='u'><a>1</a><b a='1'/><p:c/><![CDATA[x]]></r>",
            b'application/x-ndjson\n{"a": 1}\n{"b": []}',
            b'application/json-seq\n\x1e{"a": 1}\n',
            b"text/plain; charset=utf-16\n\xff\xfea\x00",
            b"application/octet-stream\n\x00\xff",
        ],
        "authorization": [
            f"Bearer {WORKING}".encode(),
            b"Bearer x",
            b"Basic eDp5",
            b"code=429, delay=0",
            b"delay-0~code-429",
        ],
        "requests": [
            f"POST\n{CREATE}\na=b\nAuthorization: Bearer {WORKING}\nContent-Type: application/json\n\n{{}}".encode(),
            f"GET\n{CREATE}\n\nAccept: text/html\nPrefer: code=401\n\n".encode(),
        ],
    }
    return [*texts[name], *(path.read_bytes() for path in sorted((Path(__file__).parent / "found").glob(f"{name}-*")))]
