"""The run: by which document it judges an answer, and which request a failed invariant shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.run import Run
from contract_tests.sending import Sender
from contract_tests.targets import Exchange, Target
from openapi.contract import load_contract
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.targets import Ask
    from openapi.reading import Json


class Said:
    """A sender whose target says the same to everybody."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, ask: Ask) -> Exchange:
        return Exchange(ask, 200, (("Content-Type", "application/json"),), self.body)


def run(folder: Path, body: bytes) -> Run:
    item = {
        "get": {
            "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/S"}}}}}
        }
    }
    files = {
        "one.json": {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"$ref": "parts.json#/P"}},
        },
        "two.json": {
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "paths": {"/b": item},
            "S": {"type": "string"},
        },
        "parts.json": {"P": item, "S": {"type": ["integer", "null"]}},
    }
    for name, tree in files.items():
        (folder / name).write_text(json.dumps(tree), encoding="utf-8")
    loaded = load_contract([folder / "one.json", folder / "two.json"])
    return Run(loaded, Target("http://127.0.0.1:1", "sk-run-0123456789"), cast("Sender", Said(body)), MemoryExchanges())


@pytest.mark.parametrize(("body", "right"), [(b"7", "GET /a"), (b"null", "GET /a"), (b'"t"', "GET /b")])
def test_path_item_in_another_file_is_judged_by_the_document_that_names_it(
    tmp_path: Path, body: bytes, right: str
) -> None:
    made = run(tmp_path, body)
    plain = [case for case in made.cases if case.group == "body"]
    assert {case.operation.name for case in plain} == {"GET /a", "GET /b"}
    for case in plain:
        if case.operation.name == right:
            assert made.check_case(case).warned == []
        else:
            with pytest.raises(ContractFailure, match="AFC107"):
                made.check_case(case)


class SecondSlow(Sender):
    """Answers everything at once but the second example, which takes a minute."""

    def __init__(self) -> None:
        super().__init__(Target("http://127.0.0.1:9", "sk-Zq7xKw3vJm9pRt5y"))

    def send(self, ask: Ask) -> Exchange:
        return Exchange(ask, 200, seconds=60.0 if ask.body == b'{"a": 2}' else 0.0)


def test_failed_invariant_shows_the_request_of_its_first_finding_whatever_the_cases_are_called() -> None:
    # The id of one case is the beginning of that of the one which is slow.
    examples: Json = {"first": {"value": {"a": 1}}, "x": {"value": {"a": 3}}, "xy": {"value": {"a": 2}}}
    body: Json = {"content": {"application/json": {"examples": examples}}}
    sender = SecondSlow()
    made = Run(contract(operation_tree({"requestBody": body}, method="post")), sender.target, sender, MemoryExchanges())
    (check,) = (one for one in made.checks if one.invariant.code == "AFC206")
    with pytest.raises(ContractFailure) as failed:
        made.check_invariant(check)
    assert "body/example-xy" in failed.value.findings[0].received
    assert failed.value.curl.endswith("""--data-raw '{"a": 2}'""")
