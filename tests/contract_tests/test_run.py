"""The run chooses the judge by the document that names the path, wherever the path item itself stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.failures import ContractFailure
from contract_tests.run import Run
from contract_tests.targets import Exchange, Sender, Target
from openapi.contract import load_contract

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.targets import Ask


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
    contract = load_contract([folder / "one.json", folder / "two.json"])
    return Run(
        contract, Target("http://127.0.0.1:1", "sk-run-0123456789"), cast("Sender", Said(body)), MemoryExchanges()
    )


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
