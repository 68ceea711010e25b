"""A vendor's page becomes the contract, byte for byte, and what changed is told with whom it hurts."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openapi import pages
from openapi.document import Document
from openapi.errors import ContractError
from openapi.importing import (
    Change,
    changed_documents,
    compare,
    extract_contract,
    fetch_page,
    import_contract,
    recorded_hashes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.reading import Json

VENDOR = Path(__file__).parents[2] / "openapi" / "vendor"
CONTRACT = VENDOR / "create-visual-validate-session.yaml"
PUBLISHED = "05f91a12e47fecd5b969ab765c3a77bf670bcdf380200639a26e03cc5f70216d"
TODAY = date(2026, 12, 1)


def page(contract: bytes, fence: bytes = b"````", info: bytes = b"yaml some/openapi.yaml POST /path") -> bytes:
    return b"# A page\n\nWords, and `code`.\n\n```bash\ncurl x\n```\n\n%s%s\n%s%s\n\nMore.\n" % (
        fence,
        info,
        contract,
        fence,
    )


# --- extracting ------------------------------------------------------------------------------------------------------


def test_packaged_contract_is_the_one_that_was_published() -> None:
    raw = CONTRACT.read_bytes()

    assert hashlib.sha256(raw).hexdigest() == PUBLISHED
    notes = (VENDOR / "SOURCES.md").read_text(encoding="utf-8")
    assert f"`{PUBLISHED}` ({len(raw)} bytes)" in notes


@pytest.mark.parametrize("fence", [b"```", b"````", b"~~~", b"~~~~~~"])
@pytest.mark.parametrize("info", [b"yaml", b"yml title=x", b" YAML a/b.yaml POST /x", b"openapi"])
def test_fenced_block_is_taken_byte_for_byte(fence: bytes, info: bytes) -> None:
    raw = CONTRACT.read_bytes()

    assert extract_contract(page(raw, fence, info), "page.md") == raw


def test_fenced_json_with_windows_line_ends_is_taken_byte_for_byte() -> None:
    raw = b'{"openapi": "3.1.0",\r\n "paths": {}}\r\n'

    assert extract_contract(b"Text\r\n```json\r\n" + raw + b"```\r\n", "page.md") == raw


def test_shorter_fence_inside_a_block_does_not_end_it() -> None:
    raw = b"openapi: 3.1.0\ninfo:\n  description: |\n    Text\n  x: |\n   ```json\n   {}\n   ```\npaths: {}\n"

    assert extract_contract(page(raw), "page.md") == raw


def test_indented_fence_loses_its_indentation_from_every_line() -> None:
    text = b"Text\n  ```yaml\n  openapi: 3.1.0\n  paths: {}\n  ```\n"

    assert extract_contract(text, "page.md") == b"openapi: 3.1.0\npaths: {}\n"


def test_block_with_openapi_at_its_top_is_chosen_among_others() -> None:
    other = b'```yaml\nsettings: {openapi: 3}\n```\n\n```json\n{"CallbackURL": 1}\n```\n'

    assert extract_contract(other + page(CONTRACT.read_bytes()) + other, "page.md") == CONTRACT.read_bytes()


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.yml", "openapi.json", "saved.txt"])
def test_yaml_file_is_passed_on_as_it_is(name: str) -> None:
    raw = b"openapi: 3.1.0\ninfo:\n  description: |\n   ```yaml\n   openapi: 3.0.0\n   ```\n"

    assert extract_contract(raw, name) == raw


@pytest.mark.parametrize("html", [b"<!DOCTYPE html>\n<html>", b"\n <html lang=en>", b"<!-- x -->\n<!doctype HTML>"])
def test_html_page_is_refused_and_the_markdown_version_named(html: bytes) -> None:
    with pytest.raises(ContractError, match="HTML") as caught:
        extract_contract(html + page(CONTRACT.read_bytes()), "page.html")

    assert "'.md' added" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"# Only words\n", "no fenced block"),
        (b"", "no fenced block"),
        (b"```python\nopenapi: 3.1.0\n```\n", "no fenced block"),
        (b"``` yaml `x`\nopenapi: 3.1.0\n", "no fenced block"),
        (b"    ```yaml\n    openapi: 3.1.0\n    ```\n", "no fenced block"),
        (b"```yaml\na: 1\n```\n\n```json\n{}\n```\n", "lines 1, 5"),
    ],
)
def test_page_without_a_contract_is_refused(text: bytes, told: str) -> None:
    with pytest.raises(ContractError, match=told) as caught:
        extract_contract(text, "page.md")

    assert caught.value.remedy


def test_page_with_two_contracts_is_refused_naming_their_lines() -> None:
    block = b"```yaml\nopenapi: 3.1.0\n```\n"

    with pytest.raises(ContractError, match=r"page.md:4: .*lines 1, 4"):
        extract_contract(block + block, "page.md")


def test_page_that_was_cut_off_is_refused() -> None:
    with pytest.raises(ContractError, match=r"page.md:3: .*never closed"):
        extract_contract(b"Text\n\n```yaml\nopenapi: 3.1.0\npaths:\n", "page.md")


def test_broken_contract_in_a_page_is_reported_as_broken_and_not_as_missing() -> None:
    broken = b"openapi: 3.1.0\npaths: {\n"

    assert extract_contract(page(broken), "page.md") == broken


# --- fetching --------------------------------------------------------------------------------------------------------


class Site:
    """A web server on the loopback interface that answers from a table and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = site.answers.get(self.path.partition("?")[0], (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def test_page_is_fetched_through_redirects_without_credentials(site: Site) -> None:
    site.answers = {"/a": (302, {"Location": "/b"}, b""), "/b": (200, {}, b"page")}

    assert fetch_page(f"{site.url}/a#part") == b"page"
    assert [path for path, _ in site.seen] == ["/a", "/b"]
    assert all("authorization" not in headers and "cookie" not in headers for _, headers in site.seen)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("file:///etc/hostname", "answered 301"),  # the library itself goes no further
        ("data:,x", "answered 301"),
        ("ftp://127.0.0.1/x", "leads to ftp"),
        ("http://user:word@127.0.0.1/", "carries a user name"),
    ],
)
def test_redirect_to_another_scheme_or_with_credentials_is_refused(site: Site, target: str, told: str) -> None:
    site.answers = {"/a": (301, {"Location": target}, b"")}

    with pytest.raises(ContractError, match=told) as caught:
        fetch_page(f"{site.url}/a")

    assert str(caught.value.place) == f"{site.url}/a"
    assert len(site.seen) == 1


def test_address_with_credentials_is_refused_before_anything_is_sent(site: Site) -> None:
    with pytest.raises(ContractError, match="carries a user name"):
        fetch_page(site.url.replace("//", "//user:word@"))

    assert site.seen == []


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://example.com/x", "data:,x", "http://", "http://[x", "x"])
def test_address_of_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(ContractError, match="address"):
        fetch_page(url)


def test_secrets_in_an_address_are_refused_or_left_out_of_the_message(site: Site) -> None:
    for url in (f"{site.url}/x?signature=hush", site.url.replace("//", "//user:hush@"), f"{site.url}/a b?t=hush"):
        with pytest.raises(ContractError) as caught:
            fetch_page(url)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, b""), "answered 404"),
        ((500, {}, b"<html>"), "answered 500"),
        ((302, {"Location": "/page"}, b""), "answered 302"),
        ((200, {"Content-Length": "99"}, b"short"), "Only 5 of 99 bytes"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "compressed"),
    ],
)
def test_page_that_does_not_come_is_refused(site: Site, answer: tuple[int, dict[str, str], bytes], told: str) -> None:
    site.answers = {"/page": answer}

    with pytest.raises(ContractError, match=told) as caught:
        fetch_page(f"{site.url}/page")

    assert caught.value.remedy


def test_page_over_the_limit_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGE", 10)
    site.answers = {"/page": (200, {}, b"x" * 11), "/fits": (200, {}, b"x" * 10)}

    assert fetch_page(f"{site.url}/fits") == b"x" * 10
    with pytest.raises(ContractError, match="larger than 10 bytes"):
        fetch_page(f"{site.url}/page")


def test_server_that_is_not_there_is_refused(site: Site) -> None:
    site.server.server_close()

    with pytest.raises(ContractError, match="cannot be fetched"):
        fetch_page(site.url)


# --- comparing -------------------------------------------------------------------------------------------------------

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
servers: [{url: 'https://one.example'}]
security: [{key: []}]
paths:
  /pets:
    post:
      operationId: addPet
      summary: Add
      parameters:
        - {name: dry, in: query, schema: {type: boolean}}
        - {$ref: '#/components/parameters/Trace'}
      requestBody:
        required: false
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Pet'}
      responses:
        '200':
          description: fine
          headers:
            X-Left: {schema: {type: integer}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}
        '400': {description: bad}
components:
  parameters:
    Trace: {name: X-Trace, in: header, schema: {type: string}}
  securitySchemes:
    key: {type: http, scheme: bearer}
    other: {type: apiKey, in: header, name: X-Key}
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 10}
        kind: {type: string, enum: [cat, dog]}
        age: {type: integer, minimum: 0}
        tags: {type: array, items: {type: string}}
        mother: {$ref: '#/components/schemas/Pet'}
        any: {anyOf: [{type: string}, {type: integer}]}
        id: {type: string, readOnly: true}
        word: {type: string, writeOnly: true}
"""
POST = "POST /pets"


def pets() -> Document:
    return Document.parse(PETS.encode(), "pets.yaml")


def changed(edit: Callable[[dict[str, Json]], None]) -> tuple[Change, ...]:
    document = pets()
    tree = copy.deepcopy(document.tree)
    edit(tree)
    return compare(document, Document("pets.yaml", "memory:pets.yaml", b"", tree))


def put(pointer: str, value: Json) -> Callable[[dict[str, Json]], None]:
    """Make an edit that sets a value, or with Ellipsis deletes it; `-` appends to a list."""

    def edit(tree: dict[str, Json]) -> None:
        holder: Json = tree
        *steps, last = (step.replace("~1", "/") for step in pointer.split("/")[1:])
        for step in steps:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]  # type: ignore[index]
        if isinstance(holder, list):
            if last == "-":
                holder.append(value)
            else:
                holder[int(last)] = value
        else:
            assert isinstance(holder, dict)
            holder[last] = value
            if value is DELETED:
                del holder[last]

    return edit


DELETED = "\0deleted"
OPERATION = "/paths/~1pets/post"
PET = "/components/schemas/Pet"
PROPERTIES = f"{PET}/properties"


def test_same_document_has_no_changes() -> None:
    assert compare(pets(), pets()) == ()


@pytest.mark.parametrize(
    ("pointer", "value", "kind", "request_breaks", "response_breaks"),
    [
        # both directions see the schema: (kind, breaks in the request, breaks in the response)
        (f"{PROPERTIES}/age/type", "number", "type-widened", False, True),
        (f"{PROPERTIES}/age/type", ["integer", "null"], "type-widened", False, True),
        (f"{PROPERTIES}/age/type", "string", "type-changed", True, True),
        (f"{PROPERTIES}/age/type", DELETED, "type-widened", False, True),
        (f"{PROPERTIES}/tags/items", {"type": "string", "enum": ["a"]}, "enum-added", True, False),
        (f"{PROPERTIES}/tags/items", DELETED, "type-widened", False, True),
        (f"{PROPERTIES}/kind/enum", ["cat", "dog", "cow"], "enum-value-added", False, True),
        (f"{PROPERTIES}/kind/enum", ["cat"], "enum-value-removed", True, False),
        (f"{PROPERTIES}/kind/enum", DELETED, "enum-removed", False, True),
        (f"{PROPERTIES}/name/const", "x", "enum-added", True, False),
        (f"{PROPERTIES}/name/maxLength", 5, "limit-changed", True, False),
        (f"{PROPERTIES}/name/maxLength", 50, "limit-changed", False, True),
        (f"{PROPERTIES}/name/maxLength", DELETED, "limit-changed", False, True),
        (f"{PROPERTIES}/age/minimum", 1, "limit-changed", True, False),
        (f"{PROPERTIES}/age/minimum", -1, "limit-changed", False, True),
        (f"{PROPERTIES}/name/pattern", "^x", "assertion-changed", True, False),
        (f"{PROPERTIES}/name/format", "uri", "assertion-changed", True, False),
        (f"{PET}/required", ["name", "age"], "required-added", True, False),
        (f"{PET}/required", DELETED, "required-removed", False, True),
        (f"{PET}/additionalProperties", False, "schema-closed", True, False),
        (f"{PET}/additionalProperties", {"type": "string"}, "type-narrowed", True, False),
        (f"{PET}/patternProperties", {"^x": {}}, "keyword-changed", True, False),
        (f"{PET}/not", {"required": ["x"]}, "keyword-changed", True, False),
        (f"{PET}/allOf", [{"required": ["x"]}], "keyword-changed", True, False),
        (f"{PET}/unevaluatedProperties", False, "schema-closed", True, False),
        (f"{PET}/dependentRequired", {"age": ["name"]}, "keyword-changed", True, True),
        (f"{PROPERTIES}/new", {"type": "string"}, "property-added", False, False),
        (f"{PROPERTIES}/age", DELETED, "property-removed", True, True),
        (f"{PROPERTIES}/any/anyOf", [{"type": "integer"}], "branches-changed", True, False),
        (f"{PROPERTIES}/any/anyOf/-", {"type": "null"}, "branches-changed", False, True),
        (f"{PROPERTIES}/any/anyOf/1", {"type": "number"}, "type-widened", False, True),
        (f"{PROPERTIES}/name/default", "Rex", "default-changed", True, False),
        (f"{PROPERTIES}/name/description", "words", "text-changed", False, False),
        (f"{PROPERTIES}/name/example", "Rex", "text-changed", False, False),
        (f"{PROPERTIES}/name/x-order", 1, "text-changed", False, False),
        (f"{PET}/deprecated", True, "text-changed", False, False),
    ],
)
def test_schema_change_is_judged_by_direction(
    pointer: str, value: Json, kind: str, request_breaks: bool, response_breaks: bool
) -> None:
    found = changed(put(pointer, value))

    assert [(change.kind, change.operation) for change in found] == [(kind, POST)] * 2
    assert [change.what.partition(",")[0].partition(":")[0] for change in found] == ["request body", "200 response"]
    assert [change.breaking for change in found] == [request_breaks, response_breaks]


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        # (kind, breaking, words in the sentence)
        (
            f"{OPERATION}/parameters/0/required",
            True,
            [("parameter-required-changed", True, "query parameter dry is now")],
        ),
        (
            f"{OPERATION}/parameters/-",
            {"name": "n", "in": "query", "schema": {}},
            [("parameter-added", False, "query")],
        ),
        (
            f"{OPERATION}/parameters/-",
            {"name": "n", "in": "query", "required": True},
            [("parameter-added", True, "required")],
        ),
        (f"{OPERATION}/parameters", [{"$ref": "#/components/parameters/Trace"}], [("parameter-removed", True, "dry")]),
        (f"{OPERATION}/parameters/0/schema/type", "string", [("type-changed", True, "boolean and is string")]),
        (f"{OPERATION}/parameters/0/style", "form", [("parameter-style-changed", True, "style")]),
        ("/components/parameters/Trace/schema/maxLength", 3, [("limit-changed", True, "header parameter x-trace")]),
        ("/components/parameters/Trace/name", "x-trace", []),
        ("/paths/~1pets/parameters", [{"name": "p", "in": "query"}], [("parameter-added", False, "p is new")]),
        (f"{OPERATION}/requestBody/required", True, [("request-body-required-changed", True, "now required")]),
        (f"{OPERATION}/requestBody", DELETED, [("request-body-removed", True, "gone")]),
        (f"{OPERATION}/requestBody/content/text~1csv", {}, [("media-type-added", False, "text/csv")]),
        (f"{OPERATION}/requestBody/content", {}, [("media-type-removed", True, "application/json")]),
        (f"{OPERATION}/requestBody/description", "x", [("text-changed", False, "The request body")]),
        (f"{OPERATION}/responses/201", {"description": ""}, [("status-added", True, "201")]),
        (f"{OPERATION}/responses/429", {"description": ""}, [("status-added", False, "429")]),
        (f"{OPERATION}/responses/400", DELETED, [("status-removed", False, "400")]),
        (f"{OPERATION}/responses/200", DELETED, [("status-removed", True, "200")]),
        (f"{OPERATION}/responses/400/description", "x", [("text-changed", False, "400 response: description")]),
        (f"{OPERATION}/responses/200/headers/X-New", {"schema": {}}, [("header-added", False, "X-New")]),
        (f"{OPERATION}/responses/200/headers", {}, [("header-removed", True, "X-Left")]),
        (f"{OPERATION}/responses/200/headers/X-Left/schema/type", "number", [("type-widened", True, "header X-Left")]),
        (f"{OPERATION}/operationId", "createPet", [("operation-id-changed", False, "addPet and is createPet")]),
        (f"{OPERATION}/summary", "x", [("text-changed", False, "summary")]),
        (f"{OPERATION}/deprecated", True, [("text-changed", False, "deprecated")]),
        (f"{OPERATION}/callbacks", {"on": {}}, [("callbacks-changed", True, "callbacks is different")]),
        (f"{OPERATION}/security", [{"key": []}, {"other": []}], [("security-added", False, "by other")]),
        (
            f"{OPERATION}/security",
            [],
            [("security-added", False, "no credential"), ("security-removed", True, "by key")],
        ),
        (
            f"{OPERATION}/security",
            [{"key": [], "other": []}],
            [("security-added", False, "key with other"), ("security-removed", True, "by key")],
        ),
        ("/components/securitySchemes/key/scheme", "basic", [("security-changed", True, "key works differently")]),
        ("/components/securitySchemes/key/description", "x", [("text-changed", False, "security scheme key")]),
        (
            f"{OPERATION}/servers",
            [{"url": "/v2"}],
            [("server-added", False, "/v2"), ("server-removed", True, "one.example")],
        ),
        (
            "/servers",
            [{"url": "https://one.example"}, {"url": "https://two.example"}],
            [("server-added", False, "two")],
        ),
        ("/servers", DELETED, [("server-added", False, "server / is"), ("server-removed", True, "one")]),
        ("/info/version", "2", [("document-version-changed", False, '"1" and is "2"')]),
        ("/info/title", "x", [("text-changed", False, "title")]),
        ("/openapi", "3.1.1", [("openapi-version-changed", False, "3.1.1")]),
        ("/webhooks", {"w": {}}, [("webhooks-changed", True, "webhooks")]),
        ("/tags", [{"name": "x"}], [("text-changed", False, "tags")]),
        ("/components/schemas/Unused", {"type": "string"}, []),
        (OPERATION, DELETED, [("operation-removed", True, "POST /pets is gone")]),
        ("/paths/~1cats", {"get": {"responses": {}}}, [("operation-added", False, "GET /cats is new")]),
    ],
)
def test_change_outside_of_schemas_is_reported(
    pointer: str, value: Json, expected: list[tuple[str, bool, str]]
) -> None:
    found = changed(put(pointer, value))

    assert [(change.kind, change.breaking) for change in found] == [(kind, breaks) for kind, breaks, _ in expected]
    for change, (_, _, words) in zip(found, expected, strict=True):
        assert words in change.what
        assert change.what.endswith(".")


def test_new_required_property_breaks_requests_and_is_one_change() -> None:
    def edit(tree: dict[str, Json]) -> None:
        put(f"{PROPERTIES}/new", {"type": "string"})(tree)
        put(f"{PET}/required", ["name", "new"])(tree)

    assert [(change.kind, change.breaking) for change in changed(edit)] == [
        ("property-added", True),
        ("property-added", False),
    ]


def test_property_that_never_travels_in_a_direction_is_not_reported_there() -> None:
    removed = changed(put(f"{PROPERTIES}/id", DELETED))
    hidden = changed(put(f"{PROPERTIES}/word", DELETED))

    assert [change.what.partition(":")[0] for change in removed] == ["200 response"]
    assert [change.what.partition(":")[0] for change in hidden] == ["request body"]


def test_property_that_never_travels_in_a_direction_is_not_required_there() -> None:
    found = changed(put(f"{PET}/required", ["name", "id"]))

    assert [change.what for change in found] == ["200 response: id is now required."]


def test_schema_that_contains_itself_is_compared_once() -> None:
    found = changed(put(f"{PROPERTIES}/age/type", "string"))

    assert [change.what for change in found] == [
        "request body, age: the type was integer and is string.",
        "200 response, age: the type was integer and is string.",
    ]
    assert found[0].pointer == f"{PROPERTIES}/age"


def test_chain_of_references_longer_than_the_recursion_limit_is_compared() -> None:
    def chain(last: str) -> Document:
        schemas: dict[str, Json] = {
            f"S{index}": {"properties": {"next": {"$ref": f"#/components/schemas/S{index + 1}"}}}
            for index in range(2000)
        }
        schemas["S2000"] = {"type": last}
        content: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
        tree: dict[str, Json] = {
            "paths": {"/a": {"get": {"responses": {"200": {"content": content}}}}},
            "components": {"schemas": schemas},
        }
        return Document("chain.yaml", "memory:chain", b"", tree)

    assert [change.kind for change in compare(chain("string"), chain("integer"))] == ["type-changed"]


def test_operation_with_the_same_id_at_another_path_was_moved() -> None:
    def edit(tree: dict[str, Json]) -> None:
        paths = tree["paths"]
        assert isinstance(paths, dict)
        paths["/animals"] = paths.pop("/pets")
        put(f"{PROPERTIES}/age/type", "string")(tree)

    found = changed(edit)

    assert [change.kind for change in found] == ["operation-moved", "type-changed", "type-changed"]
    assert found[0].breaking
    assert found[0].what == "POST /pets is now POST /animals."


def test_rules_below_not_break_both_ways() -> None:
    document = pets()
    before, after = (document.overlaid(copy.deepcopy(document.tree), {}) for _ in range(2))
    put(f"{PET}/not", {"properties": {"age": {"type": "integer"}}})(before.tree)
    put(f"{PET}/not", {"properties": {"age": {"type": "number"}}})(after.tree)

    assert [(change.kind, change.breaking) for change in compare(before, after)] == [("type-widened", True)] * 2


def test_spelling_of_version_3_0_and_3_1_means_the_same() -> None:
    document = pets()
    before, after = (document.overlaid(copy.deepcopy(document.tree), {}) for _ in range(2))
    put(f"{PROPERTIES}/age", {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True})(before.tree)
    put(f"{PROPERTIES}/age", {"type": ["integer", "null"], "exclusiveMinimum": 0})(after.tree)

    assert compare(before, after) == ()


def test_branches_in_another_order_are_the_same() -> None:
    assert changed(put(f"{PROPERTIES}/any/anyOf", [{"type": "integer"}, {"type": "string"}])) == ()


def test_reference_that_leads_nowhere_stops_the_comparison() -> None:
    with pytest.raises(ContractError, match="leads nowhere"):
        changed(put(f"{PROPERTIES}/age", {"$ref": "#/components/schemas/None"}))


# --- importing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    into = tmp_path / "vendor"
    into.mkdir()
    for path in VENDOR.iterdir():
        (into / path.name).write_bytes(path.read_bytes())
    return into


def save(tmp_path: Path, contract: bytes, name: str = "page.md") -> str:
    path = tmp_path / name
    path.write_bytes(page(contract))
    return str(path)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_import_of_the_same_page_changes_the_date_alone(folder: Path, tmp_path: Path) -> None:
    before = content(folder)

    result = import_contract(save(tmp_path, CONTRACT.read_bytes()), folder, TODAY)

    after = content(folder)
    assert (result.changes, result.before, result.after) == ((), PUBLISHED, PUBLISHED)
    assert result.path == folder / CONTRACT.name
    assert after.keys() == before.keys()
    assert after[CONTRACT.name] == before[CONTRACT.name]
    assert after["SOURCES.md"] == before["SOURCES.md"].replace(b"Taken: 2026-11-22", b"Taken: 2026-12-01")


def test_import_replaces_the_document_with_the_same_operations_and_tells_what_changed(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "other.yaml").write_text(PETS, encoding="utf-8")
    (folder / "broken.yaml").write_text("a: [", encoding="utf-8")
    renewed = CONTRACT.read_bytes().replace(b"required: false", b"required: true")

    result = import_contract(save(tmp_path, renewed), folder, TODAY)

    assert result.path.read_bytes() == renewed
    assert result.path.name == CONTRACT.name
    assert [(change.kind, change.breaking) for change in result.changes] == [("request-body-required-changed", True)]
    assert result.breaking
    assert result.after == hashlib.sha256(renewed).hexdigest()
    notes = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert f"`{result.after}` ({len(renewed)} bytes)" in notes
    assert PUBLISHED not in notes
    assert "docs.anyfast.ai/llms.txt" in notes
    assert "Origin: <https://docs.anyfast.ai/" in notes


def test_import_of_a_new_contract_makes_a_file_named_after_its_operation(folder: Path, tmp_path: Path) -> None:
    result = import_contract(save(tmp_path, PETS.replace("addPet", "addHTTPPet2Home").encode()), folder, TODAY)

    assert result.path.name == "add-http-pet2-home.yaml"
    assert [change.kind for change in result.changes] == ["operation-added"]
    assert result.before == ""
    notes = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert notes.startswith((VENDOR / "SOURCES.md").read_text(encoding="utf-8"))
    assert "\n## add-http-pet2-home.yaml\n\n- Origin: the saved page page.md\n- Taken: 2026-12-01, the fenced" in notes
    assert str(tmp_path) not in notes


def test_import_into_a_folder_that_is_not_there_makes_it(tmp_path: Path) -> None:
    source = tmp_path / "pets.json"
    source.write_text(json.dumps(pets().tree), encoding="utf-8")

    result = import_contract(str(source), tmp_path / "new" / "folder", TODAY)

    assert result.path == tmp_path / "new" / "folder" / "add-pet.json"
    assert content(tmp_path / "new" / "folder").keys() == {"SOURCES.md", "add-pet.json"}
    assert b"as the file is" in (tmp_path / "new" / "folder" / "SOURCES.md").read_bytes()


def test_import_of_an_operation_without_an_id_is_named_after_method_and_path(tmp_path: Path) -> None:
    text = PETS.replace("      operationId: addPet\n", "").replace("/pets:", "/pets/{id}/../x:")

    assert import_contract(save(tmp_path, text.encode()), tmp_path / "into", TODAY).path.name == "post-pets-id-x.yaml"


def test_import_finds_its_document_again_when_the_path_or_the_operations_changed(tmp_path: Path) -> None:
    into = tmp_path / "into"
    first = import_contract(save(tmp_path, PETS.encode()), into, TODAY)

    moved = import_contract(save(tmp_path, PETS.replace("/pets:", "/animals:").encode()), into, TODAY)
    grown = PETS.replace("/pets:", "/animals:").replace("components:", "  /x: {get: {responses: {}}}\ncomponents:", 1)
    more = import_contract(save(tmp_path, grown.encode()), into, TODAY)

    assert first.path == moved.path == more.path
    assert [change.kind for change in moved.changes] == ["operation-moved"]
    assert [change.kind for change in more.changes] == ["operation-added"]


def test_import_from_an_address_records_it_without_its_query(folder: Path, site: Site) -> None:
    site.answers = {"/page.md": (200, {}, page(CONTRACT.read_bytes()))}

    import_contract(f"{site.url}/page.md?signature=hush", folder, TODAY)

    notes = (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert f"- Origin: <{site.url}/page.md>\n" in notes
    assert "hush" not in notes


def test_import_renews_the_section_of_its_file_alone(tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    notes = "# Own words\r\n\r\n## add-pet.yaml\r\n\r\n- Taken: long ago\r\n\r\nKeep.\r\n\r\n## z.yaml\r\n- Taken: then"
    (into / "SOURCES.md").write_bytes(notes.encode())
    (into / "add-pet.yaml").write_text(PETS, encoding="utf-8")

    import_contract(save(tmp_path, PETS.encode()), into, TODAY)

    lines = (into / "SOURCES.md").read_bytes().decode().splitlines()
    assert lines[:4] == ["# Own words", "", "## add-pet.yaml", ""]
    assert lines[4].startswith("- Taken: 2026-12-01")
    assert lines[5:7] == ["", "Keep."]
    assert lines[7].startswith("- Origin: the saved page")
    assert lines[8].startswith("- SHA-256: `")
    assert lines[9:] == ["", "## z.yaml", "- Taken: then"]


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        (b"openapi: 3.1.0\npaths: {\n", "Not YAML"),
        (b"swagger: '2.0'\npaths: {/a: {get: {}}}\n", "Swagger 2.0"),
        (b"openapi: 4.0.0\npaths: {/a: {get: {}}}\n", "'4.0.0'"),
        (b"openapi: 3.1\npaths: {/a: {get: {}}}\n", "3.1; 3.0 and 3.1 are supported"),
        (b"openapi: 3.1.0\npaths: {}\n", "no operations"),
        (b"openapi: 3.1.0\ninfo: {}\n", "no operations"),
        (PETS.replace("items: {type: string}", "items: {$ref: '#/none'}").encode(), "leads nowhere"),
    ],
)
def test_import_of_a_document_that_cannot_be_used_leaves_the_folder_untouched(
    folder: Path, tmp_path: Path, contract: bytes, told: str
) -> None:
    before = content(folder)

    with pytest.raises(ContractError) as caught:
        import_contract(save(tmp_path, contract), folder, TODAY)

    assert told in str(caught.value)
    assert content(folder) == before


def test_import_with_a_dead_reference_leaves_the_folder_untouched(folder: Path, tmp_path: Path) -> None:
    fine = b"CallbackURL:\n                  type: string"
    renewed = CONTRACT.read_bytes().replace(fine, fine.replace(b"type: string", b"$ref: '#/none'"), 1)
    before = content(folder)

    with pytest.raises(ContractError, match="leads nowhere"):
        import_contract(save(tmp_path, renewed), folder, TODAY)

    assert content(folder) == before


def test_import_that_fits_two_files_is_refused_and_names_them(folder: Path, tmp_path: Path) -> None:
    (folder / "copy.yaml").write_bytes(CONTRACT.read_bytes())

    with pytest.raises(ContractError, match=r"copy\.yaml and create-visual"):
        import_contract(save(tmp_path, CONTRACT.read_bytes()), folder, TODAY)


def test_import_never_replaces_an_unrelated_file(folder: Path, tmp_path: Path) -> None:
    (folder / "add-pet.yaml").write_text("mine: true\n", encoding="utf-8")

    with pytest.raises(ContractError, match="there already"):
        import_contract(save(tmp_path, PETS.encode()), folder, TODAY)

    assert (folder / "add-pet.yaml").read_text(encoding="utf-8") == "mine: true\n"


def test_import_of_a_missing_page_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read"):
        import_contract(str(tmp_path / "missing.md"), folder, TODAY)


def test_import_that_cannot_write_leaves_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(folder)

    def fail(_: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ContractError, match="No space left"):
        import_contract(save(tmp_path, CONTRACT.read_bytes()), folder, TODAY)

    assert content(folder) == before


# --- what is recorded ------------------------------------------------------------------------------------------------


def test_recorded_hashes_are_those_of_the_packaged_documents() -> None:
    assert recorded_hashes(VENDOR) == {CONTRACT.name: PUBLISHED}


def test_a_folder_without_sources_has_no_recorded_hashes(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="No SHA-256 of a document is recorded there"):
        recorded_hashes(tmp_path)


def test_what_was_imported_is_what_is_recorded_and_a_change_is_found(tmp_path: Path) -> None:
    into, page_file = tmp_path / "vendor", tmp_path / "page.md"
    page_file.write_bytes(page(CONTRACT.read_bytes()))
    import_contract(str(page_file), into, TODAY)
    assert changed_documents(page_file, into) == ()

    page_file.write_bytes(page(CONTRACT.read_bytes().replace(b"H5Link:", b"H5Url:")))
    (found,) = changed_documents(page_file, into)

    assert (found.before, found.name) == (PUBLISHED, "create-visual-validate-session.yaml")
    assert found.after == hashlib.sha256(CONTRACT.read_bytes().replace(b"H5Link:", b"H5Url:")).hexdigest()
    assert [one.what for one in found.changes if one.breaking] == ["200 response: H5Link is gone."]
    assert recorded_hashes(into) == {found.name: PUBLISHED}, "nothing is written"


def test_an_empty_folder_of_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="holds no document"):
        changed_documents(tmp_path, VENDOR)
