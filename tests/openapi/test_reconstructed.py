"""The documents that we wrote from evidence: nothing in them counts as documented, and the vendor's own comes first."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from openapi.contract import compile_contract, load_contract, packaged_contract
from openapi.document import facts, read_document
from openapi.errors import ContractError
from openapi.pointers import child
from openapi.profiles import HOME, PROFILES, make_effective, packaged_documents
from tests.documents.making import at, root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openapi.document import Document
    from openapi.reading import Json

FILE = "get-visual-validate-result.yaml"
PATH = "/volc/asset/GetVisualValidateResult"
POST = child("/paths", PATH, "post")
SCHEMA = f"{POST}/responses/200/content/application~1json/schema"
DONE = "group-20260702221642-5czvq"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copied = tmp_path / "openapi"
    for folder in ("vendor", "reconstructed", "overlays"):
        shutil.copytree(HOME / folder, copied / folder)
    return copied


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def clauses(value: Json, pointer: str = "") -> Iterator[str]:
    """Give the pointer of every value in a tree."""
    yield pointer
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from clauses(member, child(pointer, name))


def reconstructed(profile: str) -> list[Document]:
    return [document for document in packaged_documents(profile)[0] if document.reconstructed]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_clause_has_another_basis_than_documented_and_an_evidence(profile: str) -> None:
    found = reconstructed(profile)
    assert [one.name for one in found] == [
        f"reconstructed/{path.name}" for path in (HOME / "reconstructed").glob("*.yaml")
    ]
    for document in found:
        for pointer in clauses(document.tree):
            origin = document.origin(pointer)
            assert origin.basis != "documented", pointer
            assert origin.evidence, pointer


def test_document_by_itself_has_no_clause_that_counts_as_documented() -> None:
    document = read_document(HOME / "reconstructed" / FILE)
    assert {document.origin(pointer).basis for pointer in clauses(document.tree)} == {
        "assumed",
        "elsewhere",
        "observed",
    }


def test_every_fact_is_told_in_words_of_its_own_with_its_line() -> None:
    (document,) = reconstructed("published")
    told = facts(document)
    assert len(told) == len(document.stated) > 10
    assert len({one.what for one in told}) == len(told)
    assert all(" " in one.what and one.place.line for one in told if one.what != "Unauthorized")
    assert [one.place.line for one in told][1:] == sorted(one.place.line or 0 for one in told)[1:]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("group", "conforms"),
    [
        ("", True),
        (DONE, True),
        ("group-20260702221642-5CZVQ", False),
        ("group-2026070222164-5czvq", False),
        (f"{DONE}x", False),
        ("assetgroup-20260702221642-5czvq", False),
        (None, False),
    ],
)
def test_group_is_empty_or_of_the_form_of_the_samples(profile: str, group: Json, conforms: bool) -> None:
    response = packaged_contract(profile).operation("getVisualValidateResult").response(200)
    assert response is not None
    schema = response.media_types[0].schema
    assert schema is not None
    assert (schema.check({"GroupId": group}) == ()) is conforms
    assert schema.check({}) != ()


def test_finished_is_the_example_that_answers_and_unfinished_can_be_asked_for() -> None:
    response = packaged_contract().operation("getVisualValidateResult").response(200)
    assert response is not None
    media = response.media_types[0]
    assert media.examples == {"finished": {"GroupId": DONE}, "unfinished": {"GroupId": ""}}
    assert media.valid_example() == {"GroupId": DONE}


def test_operation_has_server_security_and_statuses_of_the_session() -> None:
    session, result = packaged_contract("observed").operations
    assert (result.name, result.security, result.base_paths) == (f"POST {PATH}", session.security, session.base_paths)
    assert [one.status for one in result.responses] == ["200", "400", "401", "404", "403"]
    assert [one.reconstructed for one in (session, result)] == [False, True]


def test_document_served_by_its_path_is_whole() -> None:
    made = load_contract([HOME / "reconstructed" / FILE])
    assert made.notices == ()
    assert not made.documents[0].reconstructed, "the user named it: it is all there is"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("openapi: 3.1.0\nx-basis: assumed\n", "openapi: 3.1.0\n", "names no basis at its top"),
        ("x-basis: observed", "x-basis: documented", "documented by nobody"),
        ('x-evidence: "[L, C3, C4]; the flat', 'x-note: "[L, C3, C4]; the flat', "without evidence"),
    ],
)
def test_document_that_would_pass_for_the_word_of_the_vendor_is_refused(
    home: Path, before: str, after: str, told: str
) -> None:
    change(home / "reconstructed" / FILE, before, after)
    with pytest.raises(ContractError, match=told) as caught:
        make_effective("published", home)
    assert caught.value.place is not None
    assert caught.value.place.file == f"reconstructed/{FILE}"
    assert caught.value.place.line
    assert caught.value.remedy


# --- beside the vendor's ----------------------------------------------------------------------------------------------


def test_document_of_the_vendor_beside_it_is_refused_naming_both(home: Path) -> None:
    text = (home / "reconstructed" / FILE).read_text(encoding="utf-8")
    (home / "vendor" / FILE).write_text(text.replace("x-basis", "x-was"), encoding="utf-8")
    documents, _ = make_effective("published", home)
    with pytest.raises(ContractError) as caught:
        compile_contract(documents, profile="published")
    assert f"reconstructed/{FILE}" in str(caught.value)
    assert f"vendor/{FILE}" in str(caught.value)
    assert "Delete the reconstructed one" in caught.value.remedy


def test_document_of_the_vendor_takes_its_place_when_the_overlays_are_told(home: Path) -> None:
    text = (home / "reconstructed" / FILE).read_text(encoding="utf-8")
    (home / "reconstructed" / FILE).unlink()
    (home / "vendor" / FILE).write_text(text.replace("x-basis", "x-was"), encoding="utf-8")
    with pytest.raises(ContractError, match="which is not among the documents served"):
        make_effective("published", home)
    for name in ("result-published.yaml", "result-observed.yaml"):
        change(home / "overlays" / name, "extends: ../reconstructed/", "extends: ../vendor/")

    documents, notices = make_effective("observed", home)

    assert notices == ()
    assert [one.reconstructed for one in documents] == [False, False]
    assert documents[1].origin(f"{POST}/responses/200/description").basis == "documented"
    assert documents[1].origin(f"{POST}/x-mock-group").basis == "assumed"


# --- overlays of every operation --------------------------------------------------------------------------------------


def test_overlay_that_extends_nothing_has_to_fit_every_packaged_document(home: Path) -> None:
    text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/a: {$ref: 'b.yaml'}}\n"
    (home / "vendor" / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=r"matches nothing in vendor/odd\.yaml"):
        make_effective("published", home)


def test_status_that_a_new_document_of_the_vendor_lacks_is_added(home: Path) -> None:
    text = (home / "reconstructed" / FILE).read_text(encoding="utf-8").replace("x-basis", "x-was")
    cut = text[: text.index("        '400':")] + text[text.index("components:") :]
    cut = cut.replace("GetVisualValidateResult", "GetAsset").replace("getVisual", "getAsset")
    (home / "vendor" / "get-asset.yaml").write_text(cut, encoding="utf-8")

    documents, _ = make_effective("published", home)

    added = next(one for one in documents if one.name == "vendor/get-asset.yaml")
    responses = at(added, child("/paths", "/volc/asset/GetAsset", "post", "responses"))
    assert list(responses.mapping) == ["200", "401", "400"]
    assert all(member.mapping["description"] for _, member in responses.members())
    assert compile_contract(documents, profile="published").operation("getAssetValidateResult").response(401)


@pytest.mark.parametrize("profile", PROFILES)
def test_refusals_of_the_gateway_read_alike_for_both_operations(profile: str) -> None:
    session, result = (root(document).get("x-mock-replies") for document in packaged_documents(profile)[0])
    assert session is not None
    assert result is not None
    assert set(result.mapping) == {*session.mapping, "session"}
    for rule, reply in session.members():
        twin = result.get(rule)
        assert twin is not None
        assert {**reply.mapping, "because": ""} == {**twin.mapping, "because": ""}, rule
