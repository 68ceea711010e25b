"""Documents know their bytes and lines; references lead within and between files, and never to the network."""

from __future__ import annotations

import hashlib
import pickle
import time
from typing import TYPE_CHECKING

import pytest

from openapi.contract import load_contract
from openapi.document import DOCUMENTED, Document, Library, Node, Origin, read_document
from openapi.errors import ContractError, Notice, Place, nearest
from openapi.naming import Names
from openapi.pointers import child, parents, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json


def node(document: Document, pointer: str) -> Node:
    return Library().at(document, pointer, Node(document, "", document.tree), pointer)


def write(folder: Path, **texts: str) -> Document:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_document(folder / "main.yaml")


def refused(document: Document, pointer: str) -> ContractError:
    with pytest.raises(ContractError) as caught:
        Library([document]).follow(node(document, pointer))
    assert caught.value.remedy
    assert caught.value.place is not None
    assert caught.value.place.pointer == pointer
    return caught.value


def test_document_keeps_the_bytes_and_their_hash(tmp_path: Path) -> None:
    raw = b"openapi: 3.1.0  # spaces stay\r\n"
    (tmp_path / "main.yaml").write_bytes(raw)

    document = read_document(tmp_path / "main.yaml")

    assert document.raw == raw
    assert document.sha256 == hashlib.sha256(raw).hexdigest()
    assert document.uri == (tmp_path / "main.yaml").resolve().as_uri()


@pytest.mark.parametrize("raw", [b"- a\n", b"text\n", b"[1]", b"# nothing\n"])
def test_document_without_a_mapping_at_the_top_is_refused(raw: bytes) -> None:
    with pytest.raises(ContractError, match="does not hold a mapping"):
        Document.parse(raw, "main.yaml")


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ContractError, match="cannot be read"):
        read_document(tmp_path / name)


def test_place_names_the_line_of_the_value_or_of_what_encloses_it() -> None:
    document = Document.parse(b"openapi: 3.1.0\npaths:\n  /a:\n    get:\n      summary: x\n", "main.yaml")

    assert str(document.place("/paths/~1a/get/summary")) == "main.yaml:5 at /paths/~1a/get/summary"
    assert document.place("/paths/~1a/post").line == 4
    assert str(document.place()) == "main.yaml:1"


def test_place_without_a_line_is_given_where_the_file_is_json_that_yaml_cannot_read() -> None:
    document = Document.parse(b'{"a": "\\ud83d\\ude00"}', "main.json")

    assert document.place("/a").line in (None, 1)
    assert document.place("/a").pointer == "/a"


def test_origin_is_that_of_the_nearest_enclosing_value() -> None:
    document = Document.parse(b"a: {b: {c: 1}}\n", "main.yaml")
    observed = Origin("observed", "a client")

    overlaid = document.overlaid(document.tree, {"/a/b": observed})

    assert overlaid.origin("/a/b/c") == observed
    assert overlaid.origin("/a") == DOCUMENTED
    assert document.origin("/a/b/c") == DOCUMENTED
    assert overlaid.sha256 == document.sha256


def test_origins_of_an_overlaid_document_are_replaced_as_a_whole() -> None:
    document = Document.parse(b"a: 1\n", "main.yaml").overlaid({"a": 2}, {"/a": Origin("prose")})

    assert document.overlaid({}, {}).origins == {}


def test_reference_is_followed_within_the_file_and_through_others(tmp_path: Path) -> None:
    document = write(
        tmp_path,
        main="a: {$ref: '#/b'}\nb: {$ref: 'other.yaml#/x~1y/1'}\n",
        other="x/y: [0, {$ref: 'third.yaml'}]\n",
        third="end: true\n",
    )

    found = Library([document]).follow(node(document, "/a"))

    assert found.value == {"end": True}
    assert found.document.uri.endswith("/third.yaml")
    assert found.pointer == ""


def test_reference_to_its_own_file_name_means_the_document_at_hand(tmp_path: Path) -> None:
    document = write(tmp_path, main="a: {$ref: 'main.yaml#/b'}\nb: 1\n")
    changed = document.overlaid({**document.tree, "b": 2}, {})

    assert Library([changed]).follow(node(changed, "/a")).value == 2
    assert Library().follow(node(changed, "/a")).value == 2


def test_file_addressed_in_two_ways_is_one_document(tmp_path: Path) -> None:
    (tmp_path / "with space.yaml").write_text("x: 1\n", encoding="utf-8")
    document = write(tmp_path, main="a: {$ref: 'with space.yaml'}\nb: {$ref: './with%20space.yaml'}\n")
    other = read_document(tmp_path / "with space.yaml")
    overlaid = other.overlaid({"x": 2}, {})
    library = Library([document, overlaid])

    assert library.follow(node(document, "/a")).value == {"x": 2}
    assert library.follow(node(document, "/b")).document is overlaid


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("#/schemas/Sesion", "there is no 'Sesion'"),
        ("#/list/2", "no '2'"),
        ("#/list/\u00b2", "no '\u00b2'"),
        ("#/list/01", "no '01'"),
        ("#schema", "not a JSON pointer"),
        ("missing.yaml", "not there"),
        ("https://example.com/a.yaml", "never fetched"),
        ("//example.com/a.yaml", "never fetched"),
        ("http://[broken", "not an address"),
    ],
)
def test_reference_that_leads_nowhere_is_refused_at_its_place(tmp_path: Path, reference: str, told: str) -> None:
    document = write(tmp_path, main=f"schemas: {{Session: 1}}\nlist: [1, 2]\nhere:\n  $ref: '{reference}'\n")

    error = refused(document, "/here")

    assert told in error.what
    assert error.place is not None
    assert error.place.line == 4


def test_reference_with_a_slip_names_the_nearest() -> None:
    document = Document.parse(b"schemas: {Session: 1}\nhere: {$ref: '#/schemas/Sesion'}\n", "main.yaml")

    assert refused(document, "/here").remedy == "Did you mean 'Session'?"


def test_reference_to_a_file_from_a_document_without_one_says_that_it_is_not_there() -> None:
    document = Document.parse(b"here: {$ref: 'other.yaml'}\n", "main.yaml")

    assert "not there" in refused(document, "/here").what


def test_references_in_a_circle_are_refused() -> None:
    document = Document.parse(b"a: {$ref: '#/b'}\nb: {$ref: '#/a'}\n", "main.yaml")

    assert "back to itself" in refused(document, "/a").what


def test_property_named_ref_is_no_reference() -> None:
    document = Document.parse(b"properties: {$ref: {type: string}}\n", "main.yaml")

    assert Library().follow(node(document, "/properties")).value == {"$ref": {"type": "string"}}


def test_node_of_another_kind_is_refused_with_its_place() -> None:
    document = Document.parse(b"a: text\n", "main.yaml")

    with pytest.raises(ContractError, match=r"main.yaml:1 at /a: An object is expected"):
        node(document, "/a").members()
    with pytest.raises(ContractError, match=r"main.yaml:1 at /a: A list is expected"):
        node(document, "/a").items()


def test_pointers_escape_and_come_back() -> None:
    pointer = child("", "paths", "/a~b/{id}", 0)

    assert pointer == "/paths/~1a~0b~1{id}/0"
    assert tokens(pointer) == ["paths", "/a~b/{id}", "0"]
    assert list(parents("/a/b")) == ["/a/b", "/a", ""]
    assert tokens("") == []
    assert tokens("/") == [""]


def test_error_survives_pickling_and_tells_what_where_and_how() -> None:
    error = ContractError("It is wrong.", Place("main.yaml", "/a", 3), "Correct it.")

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert str(again) == "main.yaml:3 at /a: It is wrong. Correct it."
    assert again.place == error.place


def test_notice_reads_as_one_line_with_its_code() -> None:
    notice = Notice("warning", "some-code", "Look.", Place("main.yaml", line=2), "Do it.")

    assert str(notice) == "warning: main.yaml:2: Look. Do it. [some-code]"


def test_nearest_says_nothing_when_nothing_is_near() -> None:
    assert nearest("CallbackUrl", ["CallbackURL", "H5Link"]) == "Did you mean 'CallbackURL'?"
    assert nearest("zzz", ["CallbackURL"]) == ""


def test_file_of_parameters_is_no_schema_whatever_they_are_called(tmp_path: Path) -> None:
    broken = "required: yes please"  # what is broken has to be left out: of schemas, and of nothing else
    write(
        tmp_path,
        main="openapi: 3.0.3\npaths: {/a: {$ref: a.yaml}}\n",
        a="get:\n  parameters: [{$ref: 'more.yaml#/type'}]\n"
        "  responses: {200: {description: '', content: {application/json: {schema: {$ref: 'more.yaml#/one'}}}}}\n",
        more="type: {name: type, in: query, required: true, schema: {enum: [x]}}\n"
        f"one: {{type: integer, {broken}}}\n",
    )
    made = load_contract([tmp_path / "main.yaml"])
    assert not made.unserved
    (operation,) = made.operations
    (media,) = operation.responses[0].media_types
    assert media.schema is not None
    assert not media.schema.check(5)
    assert media.schema.check("5")
    assert "schema-keyword-broken" in {notice.code for notice in made.notices}


def test_reference_from_the_top_is_followed_in_a_schema_that_has_an_address_of_its_own() -> None:
    text = """
openapi: 3.1.0
components:
  schemas:
    Other: {type: integer}
    One: {$id: https://example.com/one, type: object, properties: {a: {$ref: '#/components/schemas/Other'}}}
"""
    made = Document.parse(text.encode(), "d.yaml")
    library = Library([made])
    origin = library.at(made, "/components/schemas/One/properties/a", Node(made, "", made.tree), "")
    assert library.follow(origin).value == {"type": "integer"}


def test_address_within_a_keyword_that_nobody_knows_is_no_name() -> None:
    text = """
openapi: 3.1.0
components:
  schemas:
    One:
      $defs:
        a: {not: {unknown: [{$id: https://example.com/one, type: 'null'}]}}
        b: {$id: https://example.com/one, type: string}
        c: {not: {unknown: {d: {$id: https://example.com/one, type: integer}}}}
      $ref: https://example.com/one
"""
    made = Document.parse(text.encode(), "d.yaml")
    library = Library([made])
    origin = library.at(made, "/components/schemas/One", Node(made, "", made.tree), "")
    assert library.follow(origin).pointer == "/components/schemas/One/$defs/b"


def test_nearest_name_is_sought_once_for_each_target_and_in_all_among_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi.document._MOST_COMPARED", 3)
    made = Document.parse(b"components: {schemas: {alpha: {}, beta: {}, gamma: {}}}\n", "main.yaml")
    library = Library([made])

    def remedy(name: str) -> str:
        with pytest.raises(ContractError) as caught:
            library.resolve(f"#/components/schemas/{name}", Node(made, "", made.tree))
        return caught.value.remedy

    unknown = "Define it or correct the reference."
    assert [remedy(name) for name in ("alpa", "bet", "alpa")] == [
        "Did you mean 'alpha'?",
        unknown,
        "Did you mean 'alpha'?",
    ]


def test_name_that_many_schemas_have_is_found_in_each_in_time_that_does_not_grow_with_them() -> None:
    count = 2000
    schemas: dict[str, Json] = {f"s{number}": {"properties": {"a": {"$anchor": "x"}}} for number in range(count)}
    names = Names("memory:a", {"components": {"schemas": schemas}})
    began = time.perf_counter()
    for one in schemas:
        within = f"/components/schemas/{one}/properties/a"
        assert names.find("memory:a", "x", f"/components/schemas/{one}/properties/b") == within
    assert time.perf_counter() - began < 1
