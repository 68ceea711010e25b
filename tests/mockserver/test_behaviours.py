"""Behaviours: registered once, checked when told to, and a bug in one names the operation and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mockserver import behaviours
from mockserver.behaviours import Call, behaviour, registered
from mockserver.engine import Engine
from mockserver.exchange import Answer
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from tests.documents.making import ask, contract, header, operation_tree

if TYPE_CHECKING:
    from openapi.reading import Json

CONTENT: Json = {"application/json": {"schema": {"type": "object", "required": ["a"]}}}
MADE = contract(
    {
        **operation_tree({"operationId": "thing", "responses": {"200": {"description": "", "content": CONTENT}}}),
        "x-mock-replies": {"body": {"status": 400, "body": {"secret": "{detail}"}}},
    }
)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviours, "_BEHAVIOURS", dict(registered()))


def answered(*, check_answers: bool = False) -> tuple[int, Json, str]:
    response = ask(Engine(MADE, Settings(check_answers=check_answers)), "GET", "/thing")
    return response.status, json.loads(response.body), header(response, "X-Mock-Rule") or ""


def test_every_registered_behaviour_belongs_to_an_operation_of_the_packaged_contract() -> None:
    made = packaged_contract()
    assert set(registered()) <= {operation.id for operation in made.operations}
    assert set(registered()) >= {operation.id for operation in made.documented_operations}
    assert all(one.sentence.endswith(".") and one.basis for one in registered().values())


def test_behaviour_answers_its_operation_with_its_basis() -> None:
    @behaviour("thing", basis="assumed")
    def give(call: Call) -> Answer:
        """Give a thing."""
        return Answer(200, {"a": call.operation.id})

    assert answered() == (200, {"a": "thing"}, "thing; basis=assumed")
    assert registered()["thing"].sentence == "Give a thing."


def test_second_behaviour_of_an_operation_is_refused_naming_both() -> None:
    @behaviour("thing", basis="assumed")
    def first(_: Call) -> Answer:
        return Answer(200, {})

    with pytest.raises(ValueError, match="'thing' has two behaviours") as caught:

        @behaviour("thing", basis="assumed")
        def second(_: Call) -> Answer:
            return Answer(200, {})

    for function in (".first", ".second"):
        assert f"{__name__}.test_second_behaviour_of_an_operation_is_refused_naming_both.<locals>{function}" in str(
            caught.value
        )


@pytest.mark.parametrize("error", [ValueError("sk-secret"), KeyError("sk-secret"), RecursionError("sk-secret")])
def test_behaviour_that_raises_is_a_bug_of_the_mock_that_names_the_operation(error: Exception) -> None:
    @behaviour("thing", basis="assumed")
    def fail(_: Call) -> Answer:
        raise error

    status, body, rule = answered()
    assert (status, rule) == (500, "mock.bug; basis=assumed")
    assert body == {
        "error": {
            "message": f"The mock failed at GET /thing: {type(error).__name__}. "
            "This is a bug of the mock, not of the caller.",
            "type": "mock_error",
            "code": "mock_bug",
        }
    }


@pytest.mark.parametrize("wrong", [Answer(200, {"b": "sk-secret"}), Answer(200, "sk-secret"), Answer(404, {"a": 1})])
def test_wrong_answer_is_caught_when_answers_are_checked(wrong: Answer) -> None:
    @behaviour("thing", basis="assumed")
    def answer(_: Call) -> Answer:
        return wrong

    assert answered()[0] == wrong.status
    status, body, rule = answered(check_answers=True)
    assert (status, rule.partition(";")[0]) == (500, "mock.bug")
    assert "GET /thing: answered" in json.dumps(body)
    assert "sk-secret" not in json.dumps(body)


def test_answer_that_no_json_can_hold_is_a_bug_of_the_mock() -> None:
    @behaviour("thing", basis="assumed")
    def answer(_: Call) -> Answer:
        return Answer(200, {"a": "\ud800"})

    assert answered()[2].startswith("mock.bug")
