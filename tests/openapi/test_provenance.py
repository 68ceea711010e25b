"""Provenance inside a document: `x-basis` holds for its mapping down to the next one, and overlays stay on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from openapi.contract import load_contract
from openapi.document import Document
from openapi.errors import ContractError
from openapi.overlay import apply_overlay, read_overlay
from openapi.provenance import BASES, DOCUMENTED, Origin
from tests.documents.making import contract, document, operation_tree

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json

SCHEMA = "/components/schemas/Pet"


def pets(schema: str, top: str = "") -> Document:
    """Make a document whose one schema has these members, in YAML's flow style."""
    text = f"openapi: 3.1.0\n{top}components:\n  schemas:\n    Pet: {{{schema}}}\n"
    return Document.parse(text.encode(), "pets.yaml")


def overlaid(base: Document, *actions: str) -> Document:
    """Apply an overlay with these actions, in YAML's flow style."""
    listed = "".join(f"- {{{action}}}\n" for action in actions)
    text = f"overlay: 1.1.0\ninfo: {{title: t, version: '1'}}\nactions:\n{listed}"
    return apply_overlay(base, read_overlay(Document.parse(text.encode(), "change.yaml")))[0]


def test_basis_holds_for_its_mapping_and_all_inside_down_to_the_next_one() -> None:
    made = pets(
        "x-basis: prose, x-evidence: page 1, required: [a], properties: {a: {x-basis: observed, pattern: x}}",
        top="x-basis: assumed\nx-evidence: nobody knows\n",
    )

    assert made.origin("") == Origin("assumed", "nobody knows")
    assert made.origin("/components").basis == "assumed"
    assert made.origin(SCHEMA) == Origin("prose", "page 1")
    assert made.origin(f"{SCHEMA}/required/0").basis == "prose"
    assert made.origin(f"{SCHEMA}/properties/a/pattern") == Origin("observed")


def test_document_that_states_no_basis_is_documented() -> None:
    made = pets("type: object")

    assert made.stated == {}
    assert made.origin(SCHEMA) == DOCUMENTED


@pytest.mark.parametrize("basis", BASES)
def test_every_word_is_accepted(basis: str) -> None:
    assert pets(f"x-basis: {basis}").origin(SCHEMA).basis == basis


@pytest.mark.parametrize(
    ("schema", "told", "pointer", "remedy"),
    [
        ("x-basis: observd", "'observd' is no basis", "x-basis", "Did you mean 'observed'?"),
        ("x-basis: Documented", "'Documented' is no basis", "x-basis", "Did you mean 'documented'?"),
        ("x-basis: zzz", "'zzz' is no basis", "x-basis", "Known are: documented, example"),
        ("x-basis: null", "None is no basis", "x-basis", "Known are"),
        ("x-basis: [V1]", "no basis", "x-basis", "Known are"),
        ("x-basis: prose, x-evidence: [V1]", "'x-evidence' is not text", "x-evidence", "quotes"),
    ],
)
def test_word_that_is_no_basis_does_not_count_and_is_told_with_its_place(
    schema: str, told: str, pointer: str, remedy: str
) -> None:
    made = pets(schema)
    (doubt,) = made.doubts

    assert told in doubt.what
    assert str(doubt.place) == f"pets.yaml:4 at {SCHEMA}/{pointer}"
    assert remedy in doubt.remedy
    assert made.stated == {}
    changed = overlaid(made, "target: $.components.schemas.Pet, update: {title: Pet}")
    assert [one.what for one in changed.doubts] == [doubt.what]
    with pytest.raises(ContractError, match=r"basis|text"):
        Document.parse(made.raw, "ours.yaml", reconstructed=True)


@pytest.mark.parametrize(
    "schema",
    [
        "example: {x-basis: anything}",
        "examples: [{x-basis: anything}]",
        "default: {x-basis: anything}",
        "const: {x-basis: anything}",
        "enum: [{x-basis: anything}]",
        "x-mine: {x-basis: anything}",
        "properties: {x-basis: {type: string}}",
        "properties: {x-basis: true}",
        "discriminator: {propertyName: a, mapping: {x-basis: Dog}}",
    ],
)
def test_name_in_data_and_in_other_extensions_means_nothing(schema: str) -> None:
    assert pets(schema).stated == {}


@pytest.mark.parametrize("name", ["default", "example", "enum", "mapping", "x-y", "properties"])
def test_property_of_any_name_may_state_its_basis(name: str) -> None:
    made = pets(f"properties: {{{name}: {{properties: {{a: {{x-basis: prose}}}}}}}}")

    assert list(made.stated) == [f"{SCHEMA}/properties/{name}/properties/a"]


def test_response_for_all_other_statuses_may_state_its_basis() -> None:
    responses: dict[str, Json] = {"default": {"description": "x", "x-basis": "prose"}}
    made = document({"openapi": "3.1.0", **operation_tree({"responses": responses})})

    assert list(made.stated) == ["/paths/~1thing/get/responses/default"]


# --- under overlays ---------------------------------------------------------------------------------------------------


def test_action_that_touches_a_place_inside_wins_there_and_nowhere_else() -> None:
    base = pets("x-basis: prose, x-evidence: page 1, type: object, properties: {a: {minLength: 1, maxLength: 9}}")

    changed = overlaid(
        base,
        "target: $.components.schemas.Pet, update: {properties: {a: {minLength: 2}, b: {type: string}}}, "
        "x-basis: observed, x-evidence: a client",
    )

    said = Origin("observed", "a client")
    assert changed.origin(f"{SCHEMA}/properties/a/minLength") == said
    assert changed.origin(f"{SCHEMA}/properties/b/type") == said
    assert changed.origin(f"{SCHEMA}/properties/a/maxLength").basis == "prose"
    assert changed.origin(f"{SCHEMA}/type").basis == "prose"


def test_basis_inside_what_an_action_adds_wins_for_its_part() -> None:
    changed = overlaid(
        pets("type: object"),
        "target: $.components.schemas, x-basis: observed, update: {Cat: {type: object, properties: "
        "{a: {x-basis: prose, x-evidence: page 2, type: string}}}, Dog: {x-basis: rfc, type: object}}",
    )

    assert changed.origin("/components/schemas/Cat/type").basis == "observed"
    assert changed.origin("/components/schemas/Cat/properties/a/type") == Origin("prose", "page 2")
    assert changed.origin("/components/schemas/Dog/type").basis == "rfc"
    assert changed.origin(f"{SCHEMA}/type") == DOCUMENTED


def test_later_action_wins_inside_what_an_earlier_one_added_with_a_basis_of_its_own() -> None:
    changed = overlaid(
        pets("type: object"),
        "target: $.components.schemas.Pet, x-basis: observed, update: {not: {x-basis: prose, minProperties: 1}}",
        "target: $.components.schemas.Pet.not, x-basis: assumed, update: {minProperties: 2}",
    )

    assert changed.origin(f"{SCHEMA}/not/minProperties").basis == "assumed"
    assert changed.origin(f"{SCHEMA}/not").basis == "prose"


def test_action_that_changes_a_stated_basis_changes_it_for_all_inside() -> None:
    base = pets("x-basis: assumed, x-evidence: a guess, type: object")

    changed = overlaid(
        base, "target: $.components.schemas.Pet, x-basis: rfc, update: {x-basis: observed, x-evidence: seen in May}"
    )

    assert changed.origin(f"{SCHEMA}/type") == Origin("observed", "seen in May")


def test_basis_that_an_action_removes_gives_way_to_that_of_what_encloses_it() -> None:
    base = pets("x-basis: assumed, type: object", top="x-basis: prose\n")

    assert overlaid(base, "target: \"$.components.schemas.Pet['x-basis']\", remove: true").origin(
        f"{SCHEMA}/type"
    ) == Origin("prose")


def test_origins_of_overlays_and_of_the_document_survive_another_overlay() -> None:
    first = overlaid(
        pets("x-basis: prose, type: object"), "target: $.components.schemas.Pet, x-basis: rfc, update: {title: Pet}"
    )

    second = overlaid(first, "target: $.components.schemas.Pet, x-basis: observed, update: {minProperties: 1}")

    found = {name: second.origin(f"{SCHEMA}/{name}").basis for name in ("type", "title", "minProperties")}
    assert found == {"type": "prose", "title": "rfc", "minProperties": "observed"}


@pytest.mark.parametrize(
    ("added", "spot"), [("Cat", "/actions/0/update/Cat/x-basis"), ("default", "/actions/0")], ids=["plain", "as-a-name"]
)
def test_word_that_is_no_basis_in_what_an_action_adds_is_refused_in_the_overlay(added: str, spot: str) -> None:
    with pytest.raises(ContractError, match="'obsrved' is no basis") as caught:
        overlaid(pets("type: object"), f"target: $.components.schemas, update: {{{added}: {{x-basis: obsrved}}}}")

    assert str(caught.value.place) == f"change.yaml:4 at {spot}"


# --- compiled ---------------------------------------------------------------------------------------------------------


def test_violation_leads_to_the_basis_that_the_document_states() -> None:
    schema: dict[str, Json] = {
        "x-basis": "elsewhere",
        "properties": {"a": {"type": "string", "allOf": [{"x-basis": "assumed", "pattern": "^x$"}]}},
    }
    body: dict[str, Json] = {"content": {"application/json": {"schema": schema}}}
    (operation,) = contract(operation_tree({"requestBody": body}, method="post")).operations
    compiled = operation.body[0].schema
    assert compiled is not None

    found = [operation.origin(wrong.clause).basis for value in (5, "y") for wrong in compiled.check({"a": value})]

    assert found == ["elsewhere", "assumed"]


def test_violation_of_a_clause_in_another_file_leads_to_the_basis_stated_there(tmp_path: Path) -> None:
    main = tmp_path / "main.yaml"
    main.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      requestBody:\n"
        "        content: {application/json: {schema: {$ref: 'other.yaml#/T'}}}\n"
        "      responses: {'200': {description: ok}}\n",
        encoding="utf-8",
    )
    (tmp_path / "other.yaml").write_text("T: {type: integer, x-basis: prose, x-evidence: page 3}\n", encoding="utf-8")
    (operation,) = load_contract([main]).operations
    compiled = operation.body[0].schema
    assert compiled is not None

    (wrong,) = compiled.check("x")

    assert operation.origin(wrong.clause) == Origin("prose", "page 3")
