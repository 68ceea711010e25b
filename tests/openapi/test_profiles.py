"""Profiles: the effective documents are those of their inputs, a change is noticed, and every clause has its basis."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from openapi.contract import packaged_contract
from openapi.errors import ContractError
from openapi.profiles import HOME, PROFILES, actions, build_effective, make_effective, packaged_documents
from tests.documents.making import CREATE, at

ROOT = Path(__file__).parents[2]
POST = "/paths/~1volc~1asset~1CreateVisualValidateSession/post"
VENDOR = "vendor/create-visual-validate-session.yaml"
RECONSTRUCTED = "reconstructed/get-visual-validate-result.yaml"
RESULT = "/paths/~1volc~1asset~1GetVisualValidateResult/post"
CAUGHT_UP = "actions:\n  - {target: $.info, update: {version: 1.0.0}}\n"
"""The first lines of an overlay whose first action says what the document says already."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    copied = tmp_path / "openapi"
    for folder in ("vendor", "reconstructed", "overlays", "effective"):
        shutil.copytree(HOME / folder, copied / folder)
    return copied


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_effective_documents_are_up_to_date() -> None:
    made = {path.name: path.read_text(encoding="utf-8") for path in (HOME / "effective").glob("*.json")}
    assert made == build_effective(), "run: make effective"


def test_effective_documents_hold_nothing_of_the_machine_that_made_them(home: Path) -> None:
    change(home / "overlays" / "published.yaml", "actions:\n", CAUGHT_UP)
    text = build_effective(home)["published.json"]
    assert "overlay-action-changes-nothing" in text
    assert str(home) not in text


@pytest.mark.parametrize("profile", PROFILES)
def test_effective_document_is_what_applying_the_overlays_gives(profile: str, home: Path) -> None:
    kept, notices = packaged_documents(profile, home)
    fresh, same = make_effective(profile, home)
    assert notices == same == ()
    assert [_said(one) for one in kept] == [_said(one) for one in fresh]


def _said(document: object) -> dict[str, object]:
    return {name: value for name, value in vars(document).items() if not name.startswith("_")}


@pytest.mark.parametrize(
    ("file", "keyword", "before", "after"),
    [
        (VENDOR, "example", "2026070222152680501D985EA34A3BE3D8", "2026070222152680501D985EA34A3BE3D9"),
        ("overlays/published.yaml", "pattern", "^[0-9]{14}[0-9A-F]{20}$", "^[0-9A-F]{34}$"),
    ],
)
def test_changed_file_is_noticed_and_the_overlays_are_applied_afresh(
    home: Path, file: str, keyword: str, before: str, after: str
) -> None:
    change(home / file, before, after)
    (document, _), notices = packaged_documents("published", home)
    token = at(document, f"{POST}/responses/200/content/application~1json/schema/properties/BytedToken")
    assert token.mapping[keyword] == after
    assert [(one.level, one.code) for one in notices] == [("note", "effective-documents-stale")]
    assert "make effective" in notices[0].remedy


def test_new_file_is_noticed_too(home: Path) -> None:
    shutil.copy(home / VENDOR, home / "vendor" / "second.yaml")
    documents, notices = packaged_documents("published", home)
    assert [one.name for one in documents] == [VENDOR, "vendor/second.yaml", RECONSTRUCTED]
    assert "x-mock-replies" in documents[1].tree, "the gateway's refusals are those of every document"
    assert "x-mock-group" not in at(documents[1], POST).mapping, "an overlay was applied that extends another document"
    assert notices[-1].code == "effective-documents-stale"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"inputs": {}}', "\x00"])
def test_damaged_effective_document_is_made_afresh(home: Path, text: str) -> None:
    (home / "effective" / "published.json").write_text(text, encoding="utf-8")
    documents, notices = packaged_documents("published", home)
    assert [one.tree for one in documents] == [one.tree for one in packaged_documents("published")[0]]
    assert [one.code for one in notices] == ["effective-documents-stale"]


def test_missing_effective_document_is_made_afresh(home: Path) -> None:
    shutil.rmtree(home / "effective")
    assert [one.code for one in packaged_documents("observed", home)[1]] == ["effective-documents-stale"]


def test_overlay_whose_target_the_vendor_renamed_is_an_error_at_its_line(home: Path) -> None:
    change(home / VENDOR, "BytedToken:", "ByteToken:")
    with pytest.raises(ContractError, match="matches nothing") as caught:
        packaged_documents("published", home)
    assert caught.value.place is not None
    assert caught.value.place.file == "overlays/published.yaml"
    assert caught.value.place.line
    assert "'ByteToken'" in caught.value.what


def test_action_that_the_vendor_caught_up_with_is_a_warning(home: Path) -> None:
    change(home / "overlays" / "published.yaml", "actions:\n", CAUGHT_UP)
    notices = packaged_documents("published", home)[1]
    assert [(one.level, one.code) for one in notices][:1] == [("warning", "overlay-action-changes-nothing")]


def test_keyword_that_a_new_vendor_document_uses_in_vain_is_said(home: Path) -> None:
    change(home / VENDOR, "description: Optional", "nullable: true\n                  description: Optional")
    assert "schema-keyword-ignored" in [one.code for one in packaged_documents("published", home)[1]]


# --- who says what ----------------------------------------------------------------------------------------------------


def test_actions_of_a_profile_are_told_in_the_order_of_application() -> None:
    published, observed = actions("published"), actions("observed")
    assert observed[: len(published)] == published
    assert list(dict.fromkeys(one.place.file for one in observed)) == [
        f"overlays/{one}" for one in PROFILES["observed"]
    ]
    assert all(one.description and one.evidence and one.place.line for one in observed)


GROUP_ID = f"{RESULT}/responses/200/content/application~1json/schema/properties/GroupId"
ORIGINS = [
    ("published", f"{POST}/requestBody/content/application~1json/schema/properties/CallbackURL/type", "documented"),
    ("published", f"{POST}/responses/200/content/application~1json/schema/required", "example"),
    ("published", f"{POST}/responses/200/content/application~1json/schema/properties/BytedToken/pattern", "example"),
    ("published", f"{POST}/responses/200/content/application~1json/schema/properties/BytedToken/type", "documented"),
    ("published", f"{POST}/responses/200/content/application~1json/schema/properties/H5Link/format", "prose"),
    ("published", f"{POST}/x-mock-group", "prose"),
    ("published", f"{POST}/responses/401/headers/WWW-Authenticate", "rfc"),
    ("published", f"{POST}/responses/401/content/application~1json/schema", "elsewhere"),
    ("published", f"{POST}/responses/400/content/application~1json/schema", "assumed"),
    ("published", f"{POST}/requestBody/required", "documented"),
    ("observed", f"{POST}/requestBody/required", "observed"),
    ("observed", f"{POST}/requestBody/content/application~1json/schema/required", "observed"),
    ("observed", f"{POST}/responses/200/content/application~1json/schema/required", "example"),
    ("published", f"{RESULT}/requestBody/required", "elsewhere"),
    ("published", f"{RESULT}/responses/200/content/application~1json/schema/required", "observed"),
    ("published", f"{GROUP_ID}/type", "observed"),
    ("published", f"{GROUP_ID}/allOf/0/pattern", "assumed"),
    ("published", f"{RESULT}/x-mock-group", "assumed"),
    ("published", f"{RESULT}/responses/401/description", "elsewhere"),
    ("published", f"{RESULT}/responses/401/headers/WWW-Authenticate", "rfc"),
    ("published", f"{RESULT}/responses/400/content/application~1json/schema", "assumed"),
    ("published", f"{RESULT}/responses/404/content", "assumed"),
    ("published", "/info/title", "assumed"),
    ("observed", f"{RESULT}/responses/403", "assumed"),
    ("observed", "/x-mock-replies/session/body/error/message", "assumed"),
]


@pytest.mark.parametrize(("profile", "pointer", "basis"), ORIGINS)
def test_clause_stands_on_the_basis_of_who_wrote_it(profile: str, pointer: str, basis: str) -> None:
    vendors, ours = packaged_contract(profile).documents
    document = vendors if pointer.startswith(POST) else ours
    assert document.origin(pointer).basis == basis
    assert basis == "documented" or document.origin(pointer).evidence


def test_violation_leads_to_the_basis_of_the_clause_it_breaks() -> None:
    for profile, body, basis in (
        ("published", {"CallbackURL": 5}, "documented"),
        ("observed", {"CallbackURL": 5}, "documented"),
        ("observed", {}, "observed"),
    ):
        operation = packaged_contract(profile).operation(f"POST {CREATE}")
        assert operation.body[0].schema is not None
        (wrong,) = operation.body[0].schema.check(dict(body))
        assert operation.origin(wrong.clause).basis == basis


def test_violation_of_an_answer_leads_to_the_basis_of_the_overlay() -> None:
    response = (operation := packaged_contract().operation("createVisualValidateSession")).response(200)
    assert response is not None
    schema = response.media_types[0].schema
    assert schema is not None
    (wrong,) = schema.check({"BytedToken": "20260702221526", "H5Link": "https://a.example/b?c"})
    assert (wrong.field, wrong.keyword, operation.origin(wrong.clause).basis) == ("BytedToken", "pattern", "example")


# --- the start --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_normal_start_loads_no_yaml_no_jsonpath_and_no_flask(profile: str) -> None:
    program = (
        "import sys, openapi.contract as c\n"
        "from mockserver.engine import Engine; from mockserver.settings import Settings\n"
        f"contract = c.packaged_contract({profile!r}); Engine(contract, Settings())\n"
        "assert not contract.notices, contract.notices\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert "jsonschema_rs" in loaded
    assert (
        loaded & {"yaml", "jsonpath_rfc9535", "flask", "werkzeug", "rich", "click", "granian", "openapi_core"} == set()
    )


def test_module_writes_the_effective_documents(tmp_path: Path) -> None:
    for room in ("openapi", "mockserver"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    kept = json.loads((HOME / "effective" / "published.json").read_bytes())
    (tmp_path / "openapi" / "effective" / "published.json").unlink()
    command = [sys.executable, "-m", "openapi.profiles"]
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True)
    assert json.loads((tmp_path / "openapi" / "effective" / "published.json").read_bytes()) == kept
