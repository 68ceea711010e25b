"""What is generated: the mock's validators, which share no code with it, agree on what is valid and what is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from contract_tests.exchanges import MemoryExchanges
from contract_tests.fuzzing.fuzz import INVALID, VALID, fuzzes_of
from contract_tests.fuzzing.requests import CannotGenerate, requests_of
from contract_tests.fuzzing.trial import check_fuzz
from contract_tests.run import Run
from contract_tests.targets import Exchange, Target
from contract_tests.verdicts import NotRun
from openapi.contract import load_contract, packaged_contract
from openapi.operation import essence
from openapi.parameters import Texts
from tests.documents.making import contract, operation_tree
from tests.documents.making import read as read_document

if TYPE_CHECKING:
    from contract_tests.case import Case
    from contract_tests.targets import Ask
    from openapi.operation import Operation
    from openapi.reading import Json

DOCUMENTS = Path(__file__).parents[2] / "agreement" / "documents"
OPERATIONS = [
    *(one for path in sorted(DOCUMENTS.glob("*.yaml")) for one in load_contract([path]).documented_operations),
    *(one for name in ("pets-3.0.yaml", "keys.yaml") for one in read_document(name).documented_operations),
]
EACH = 12


def generated(operation: Operation, group: str, each: int = EACH) -> list[Case]:
    """Generate cases as a fuzz does."""
    found: list[Case] = []

    @seed(1)
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_of(operation, group))
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


def wrong(operation: Operation, ask: Ask) -> list[object]:
    """Ask the validators that the mock uses what is wrong with a request."""
    path, _, query = ask.path.partition("?")
    template = re.escape(operation.base_paths[0] + operation.path)
    parts = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", template), path)
    assert parts is not None, path
    headers = {name.lower(): value for name, value in ask.headers}
    texts = Texts({name: unquote(text) for name, text in parts.groupdict().items()}, query, headers.get)
    found: list[object] = list(operation.check_parameters(texts)[1])
    if ask.body is None:
        return [*found, "no body"] if operation.body_required else found
    media = operation.body_type(essence(headers["content-type"]))
    if media is None:
        return [*found, "media type"]
    if media.is_json:
        try:
            found += [] if media.schema is None else media.schema.check(json.loads(ask.body))
        except ValueError:
            found.append("no JSON")
    return found


@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.id for one in OPERATIONS])
def test_both_sides_agree_on_what_is_generated(operation: Operation) -> None:
    valid = generated(operation, VALID)
    assert valid
    assert [(case.ask, found) for case in valid if (found := wrong(operation, case.ask))] == []
    if operation.id in ("GET /optional", "GET /open"):  # nothing is forbidden there
        with pytest.raises(CannotGenerate, match="forbids nothing"):
            requests_of(operation, INVALID)
        return
    invalid = generated(operation, INVALID)
    assert len({case.ask for case in invalid}) > 3
    for case in invalid:
        found = wrong(operation, case.ask)
        assert len(found) == (case.expect != "unauthorized") or len({str(one) for one in found}) >= 1, case


def test_every_part_of_a_request_is_broken_in_turn() -> None:
    operation = next(one for one in OPERATIONS if one.id == "changeOrder")
    assert {case.name for case in generated(operation, INVALID, 150)} >= {"body", "path", "header"}
    (session,) = packaged_contract().documented_operations
    assert {case.name for case in generated(session, INVALID, 300)} == {"body", "credential"}


def test_texts_of_every_kind_and_length_are_made() -> None:
    media: Json = {"content": {"text/plain": {"schema": {"type": "string"}}}, "required": True}
    made = contract(operation_tree({"requestBody": media}, method="post"))
    texts = [(case.ask.body or b"").decode() for case in generated(made.operations[0], VALID, 300)]
    assert any(len(text) > 1000 for text in texts)
    assert any(text and all(letter > "\uffff" for letter in text) for text in texts)
    assert "" in texts
    assert set(texts) & {"null", "%00", "{}", "NaN", "1e309", "../", "%", "\t"}


# --- what cannot be made ----------------------------------------------------------------------------------------------

CANNOT: list[tuple[Json, str]] = [
    (
        {"requestBody": {"required": True, "content": {"image/png": {}}}},
        "the document has image/png",
    ),
    (
        {"parameters": [{"name": "a", "in": "query", "required": True, "content": {"text/plain": {}}}]},
        "the query parameter a has no schema",
    ),
    (
        {"parameters": [{"name": "a", "in": "query", "required": True, "schema": {"pattern": r"\p{L}"}}]},
        "no such request was found; give the parameters and the body examples",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "why"), CANNOT, ids=[why for _, why in CANNOT])
def test_what_cannot_be_generated_is_not_run_and_says_what_helps(operation: dict[str, Json], why: str) -> None:
    class Nobody:
        def send(self, ask: Ask) -> Exchange:
            raise AssertionError(ask)

    made = contract(operation_tree(operation, method="post"))
    run = Run(made, Target("http://127.0.0.1:9", "sk-fuzz-0123456789"), Nobody(), MemoryExchanges())
    with pytest.raises(NotRun, match=re.escape(why)) as raised:
        check_fuzz(run, fuzzes_of(made, each=10, seed=0)[0])
    assert raised.value.code == "AFC921"
