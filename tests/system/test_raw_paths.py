"""Paths as they were sent, through the server of `mockserver serve`: what was encoded divides nothing."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from mockserver.app import create_app
from openapi.contract import load_contract
from tests.system.running import PATIENCE, Mock, eventually
from tests.wire.test_faults import hear

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openapi.reading import Json
    from tests.system.running import Client

SENT = {
    "a%2Fb": "a/b",
    "a%2fb": "a/b",
    "%2F": "/",
    "a%2F%2Fb%2F": "a//b/",
    "a%252Fb": "a%2Fb",
    "a%00b": "a\0b",
    "a%zzb%": "a%zzb%",
    "a%FF%FEb%2F": "a\ufffd\ufffdb/",
    "%C3%A9%2F": "\u00e9/",
    "%E2%82": "\ufffd",
    "http:%2F%2Fh": "http://h",
    "x" * 60_000 + "%2F": "x" * 60_000 + "/",
}
"""What stands in a path, and the value that it is for the operation."""


def get(*parameters: Json) -> Json:
    content: Json = {"application/json": {"example": {"parameters": len(parameters)}}}
    return {"get": {"parameters": list(parameters), "responses": {"200": {"description": "", "content": content}}}}


def parameter(name: str, **schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **schema}}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document whose parameters each take one value, and one whose parameter says that it takes slashes."""
    paths: dict[str, Json] = {
        f"/is/{number}/{{value}}": get(parameter("value", enum=[value])) for number, value in enumerate(SENT.values())
    }
    paths["/files/{id}"] = get(parameter("id"))
    paths["/files/{id}/lines"] = get(parameter("id"))
    paths["/files/a/b"] = get()
    paths["/trees/{path+}"] = get(parameter("path+", enum=["a/b", "a/b/c"]))
    body: Json = {"content": {"application/json": {}}}
    noted: Json = {"201": {"description": ""}}
    paths["/notes/{id}"] = {"post": {"parameters": [parameter("id")], "requestBody": body, "responses": noted}}
    file = tmp_path_factory.mktemp("document") / "files.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Files", "version": "1"}, "paths": paths}))
    return file


@pytest.fixture(scope="module")
def mock(document: Path) -> Iterator[Mock]:
    with Mock(document.parent, "--workers", "2", str(document)) as running:
        yield running
        assert running.end() == 0
    assert "Traceback" not in running.err


@pytest.fixture
def client(mock: Mock) -> Iterator[Client]:
    with mock.client() as one:
        yield one


@pytest.mark.parametrize("number", range(len(SENT)), ids=[quote(sent[:12]) for sent in SENT])
def test_value_of_a_parameter_is_what_was_encoded(client: Client, number: int) -> None:
    answer = client.ask("GET", f"/is/{number}/{list(SENT)[number]}")
    assert (answer.status, answer.text) == (200, '{"parameters":1}')


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/files/a%2Fc", 200),
        ("/files/a/c", 404),
        ("/files/a/b", 200),
        ("/files/a%2Fb/lines", 200),
        ("/files/a/b/lines", 404),
        ("/files/a%2Flines", 200),
        ("/trees/a/b", 200),
        ("/trees/a%2Fb", 200),
        ("/trees/a/b%2Fc", 200),
        ("/trees/a%252Fb", 400),
        ("/files%2Fa", 200),  # no path has it, so it divides after all: some clients encode whole paths
        ("/files/" + "x" * 66_000, 414),
        ("http://elsewhere/files/a%2Fc?q=%2F", 200),
    ],
    ids=lambda value: str(value)[:20],
)
def test_slash_that_was_encoded_divides_nothing_and_one_that_was_not_does(
    document: Path, client: Client, target: str, status: int
) -> None:
    assert client.ask("GET", target).status == status
    if status != 414:  # the same under another server
        path = target.partition("elsewhere")[2] or target
        assert create_app(load_contract([document])).test_client().get(path).status_code == status


def test_octets_sent_as_they_are_count_as_encoded(client: Client) -> None:
    client._connection._encode_request = lambda request: request.encode("latin-1")  # type: ignore[attr-defined]
    answer = client.ask("GET", "/is/8/\xc3\xa9%2F")
    assert answer.status == 200


def test_faults_are_the_same_as_where_paths_are_not_raw(mock: Mock) -> None:
    slow, cut, none = (
        hear(mock.port, f"fault={fault}", target="GET /files/a%2Fb", body={})
        for fault in ("slow-body, lasting=0.3", "truncated-body", "no-answer, lasting=0.3")
    )
    assert (slow.status, slow.body, slow.pieces[0][1][-4:]) == (200, b'{"parameters":1}', b"\r\n\r\n")
    assert (len(slow.pieces) > 5, slow.pieces[-1][0] > 0.25) == (True, True)
    assert (cut.status, cut.body, cut.announced, cut.end) == (200, b'{"parame', 16, "closed")
    assert (none.status, none.pieces[0][0] > 0.25) == (504, True)


def test_journal_tells_slashes_that_were_encoded_apart(mock: Mock, client: Client) -> None:
    for path in ("/files/a%2Fb/lines", "/files/a/b"):
        client.ask("GET", path)
    found = [one["request"] for one in client.control("requests?limit=2").value["requests"]]
    assert [(one["path"], one.get("path_with_encoded_slashes")) for one in found] == [
        ("/files/a/b", None),
        ("/files/a/b/lines", "/files/a%2Fb/lines"),
    ]
    line = " GET /files/a%2Fb/lines 200 GET /files/{id}/lines\n"
    assert eventually(lambda: line in mock.err)


def test_long_body_that_nobody_reads_ends_its_connection(mock: Mock) -> None:
    with socket.create_connection(("127.0.0.1", mock.port), PATIENCE) as connection:
        connection.sendall(b"POST /no/such HTTP/1.1\r\nHost: mock\r\nContent-Length: 2000000\r\n\r\n" + bytes(10))
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.mark.parametrize(
    ("target", "status", "rule", "said"),
    [
        ("/notes/a%2Fb", 400, "body.incomplete", '"detail":"The chunks of the body broke off."'),
        ("/_mock/reset", 400, "", '"message": "The body broke off."'),
        ("/no/such", 404, "route.path", '"detail":"There is no such path;'),
    ],
)
@pytest.mark.parametrize(
    "chunks", [b"2\r\n{}\r\n", b"2\r\n{}XX0\r\n\r\n", b"zz\r\n"], ids=["short", "no-end", "no-size"]
)
def test_chunks_that_break_off_are_no_body(
    mock: Mock, target: str, status: int, rule: str, said: str, chunks: bytes
) -> None:
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", mock.port), PATIENCE) as connection:
        connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert f"x-mock-rule: {rule}" in head if rule else "x-mock-rule" not in head
    assert not body or said in body, "at times there is none: granian closes once it has seen the broken chunk itself"
