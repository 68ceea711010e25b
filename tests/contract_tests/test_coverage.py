"""What of a contract was gone to: which clauses there are, and which of them an exchange goes to."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from contract_tests.cases import cases_of
from contract_tests.coverage import MANY, clauses_of, clauses_touched, measure
from contract_tests.targets import Ask, Exchange
from openapi.contract import packaged_contract
from tests.contract_tests.making_events import exchange, item, settled
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.reading import Json

KIND: Json = {"enum": ["big", "small"]}
TREE: Json = {
    "type": "object",
    "properties": {
        "kind": KIND,
        "inner": {"type": "array", "items": {"allOf": [{"properties": {"n": {"const": 1}}}, {"type": "object"}]}},
        "again": {"$ref": "#/components/schemas/Tree"},
        "any": {"additionalProperties": {"properties": {"x": {}}}},
    },
}


def json_of(schema: Json) -> dict[str, Json]:
    return {"description": "x", "content": {"application/json": {"schema": schema}}}


def made(**more: Json) -> Contract:
    responses: Json = {"200": json_of({"$ref": "#/components/schemas/Tree"}), "4XX": json_of({"type": "object"})}
    operation: dict[str, Json] = {
        "operationId": "op",
        "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": {"properties": {"kind": KIND}}}}},
        "responses": responses,
        **more,
    }
    tree = operation_tree(operation, method="post")
    return contract({**tree, "components": {"schemas": {"Tree": TREE}}})


def answer(body: Json, status: int = 200, sent: Json = None, path: str = "/thing") -> Exchange:
    typed = (("Content-Type", "application/json; charset=utf-8"),)
    ask = Ask("POST", path, typed, json.dumps({} if sent is None else sent).encode())
    return Exchange(ask, status, typed, json.dumps(body).encode())


def test_clauses_are_named_widest_first_and_a_schema_within_itself_once() -> None:
    (operation,) = made().operations
    assert [f"{side} {kind} {name}" for side, kind, name in clauses_of(operation)] == [
        "request operation POST /thing",
        "request parameter page (query)",
        "request media type application/json",
        "request property /kind",
        'request enum value /kind = "big"',
        'request enum value /kind = "small"',
        "answer status 200",
        "answer status 4XX",
        "answer media type 200 application/json",
        "answer media type 4XX application/json",
        "answer property 200 /kind",
        "answer property 200 /inner",
        "answer property 200 /inner/*",
        "answer property 200 /inner/*/n",
        "answer property 200 /any",
        "answer property 200 /any/*",
        "answer property 200 /any/*/x",
        'answer enum value 200 /kind = "big"',
        'answer enum value 200 /kind = "small"',
        "answer enum value 200 /inner/*/n = 1",
    ]


def test_exchange_goes_to_what_was_sent_and_comes_back_with_what_was_answered() -> None:
    (operation,) = made().operations
    body: Json = {"kind": "big", "inner": [{"n": 2}, {"n": 1}], "any": {"some": {"x": None}}, "unknown": 1}
    asked, answered = clauses_touched(operation, answer(body, sent={"kind": "small"}, path="/thing?page=1"))
    assert [one for one in asked if one.startswith("request")] == [
        "request operation POST /thing",
        "request parameter page (query)",
        "request media type application/json",
        "request property /kind",
        'request enum value /kind = "small"',
    ]
    assert answered == (
        "answer status 200",
        "answer media type 200 application/json",
        "answer property 200 /kind",
        "answer property 200 /inner",
        "answer property 200 /inner/*",
        "answer property 200 /inner/*/n",
        "answer property 200 /any",
        "answer property 200 /any/*",
        "answer property 200 /any/*/x",
        'answer enum value 200 /kind = "big"',
        "answer enum value 200 /inner/*/n = 1",
    )


def test_answer_that_no_clause_knows_comes_back_with_nothing() -> None:
    (operation,) = made().operations
    for broken in (answer({}, 500), answer({}, 0), replace(answer({}), body=b"{"), replace(answer({}), headers=())):
        assert [one for one in clauses_touched(operation, broken)[1] if "property" in one] == []
    assert clauses_touched(operation, answer({}, 404))[1] == (
        "answer status 4XX",
        "answer media type 4XX application/json",
    )


def test_a_case_requests_the_answer_that_it_expects() -> None:
    vendors = packaged_contract()
    by_name = {case.id.partition("/")[2]: case for case in cases_of(vendors)}
    missing = by_name["auth/missing"]
    asked, answered = clauses_touched(missing.operation, Exchange(missing.ask, 200), missing)
    assert {one for one in asked if "status" in one} == {"answer status 401"}
    assert {one for one in answered if "status" in one} == {"answer status 200"}
    assert clauses_touched(missing.operation, Exchange(missing.ask, 405), by_name["method/get"]) == ((), ())


def test_large_bodies_are_looked_at_in_time() -> None:
    (operation,) = made().operations
    body: Json = {"inner": [{"n": 1}] * 40_000, "any": {str(number): {"x": 1} for number in range(40_000)}}
    big = answer(body)
    began = time.perf_counter()
    clauses_touched(operation, big)
    assert time.perf_counter() - began < 5
    wide: Json = {"properties": {f"p{number}": {"type": "string"} for number in range(MANY * 5)}}
    (operation,) = made(responses={"200": json_of(wide)}).operations
    assert len(clauses_of(operation)) < MANY * 2


def test_requested_and_asserted_are_counted_apart() -> None:
    asked, came = ("request operation POST /thing", "answer status 200"), ("answer status 4XX",)
    sent = [replace(exchange(name), requested=asked, answered=came) for name in ("op/body/a", "op/body/b", "op/body/c")]
    not_sent = replace(exchange("op/body/d", status=0), requested=asked)
    looked = settled("body/c")
    verdicts = [settled("body/a"), settled("body/b", "inconclusive"), replace(looked, judged=())]
    counted = {
        (one.kind, one.name): (one.requested, one.asserted)
        for one in measure(made(), [*sent, not_sent, *verdicts]).clauses
    }
    assert counted["operation", "POST /thing"] == (3, 1)
    assert counted["status", "200"] == (3, 0)
    assert counted["status", "4XX"] == (0, 1)
    assert counted["property", "/kind"] == (0, 0)


def test_reconstructed_operations_are_named_once_somebody_went_there() -> None:
    vendors = packaged_contract()
    operations = {one.operation for one in measure(vendors, [exchange()]).clauses}
    assert operations == {"createVisualValidateSession"}
    walked = replace(exchange("journey/pending"), operation="getVisualValidateResult")
    assert {one.operation for one in measure(vendors, [walked, settled(), settled("journey/x")]).clauses} == {
        "createVisualValidateSession", "getVisualValidateResult",
    }  # fmt: skip
    assert item().operation == "op"
