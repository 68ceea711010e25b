"""Cases by the parameters of a query and by further credentials; and paths that hold any character."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.cases import cases_of
from contract_tests.failures import ContractFailure
from contract_tests.targets import KEY, Ask, Exchange
from contract_tests.verdicts import NotRun
from tests.contract_tests.test_any_document import case_of, run_of, with_body
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.reading import Json

BARE: Json = {"description": "x"}
REFUSING: Json = {"200": BARE, "400": BARE}


def asking(*parameters: Json, method: str = "get", responses: Json = REFUSING) -> dict[str, str]:
    """Give the cases of an operation with some query parameters: what each sends, by its name."""
    listed: Json = [{"in": "query", **one} for one in parameters if isinstance(one, dict)]
    made = contract(operation_tree({"parameters": listed, "responses": responses}, method=method))
    return {case.name: case.ask.path for case in cases_of(made) if case.group == "parameter"}


def test_optional_parameter_is_sent_once_with_a_value_that_the_document_shows() -> None:
    assert asking(
        {"name": "state", "schema": {"type": "string", "enum": ["open", "closed"]}},
        {"name": "q", "example": "a b", "schema": {"type": "string"}},
        {"name": "labels", "schema": {"type": "array", "items": {"enum": ["x", "y"]}}},
        {"name": "any", "schema": {"type": "string"}},
        responses={"200": BARE},
    ) == {"state-sent": "/thing?state=open", "q-sent": "/thing?q=a%20b", "labels-sent": "/thing?labels=x"}


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "customer_id", "example": "7", "schema": {"type": "string"}},
        {"name": "page_token", "example": "abc", "schema": {"type": "string"}},
        {"name": "alt", "schema": {"type": "string", "enum": ["json", "media"]}},
        {"name": "old", "deprecated": True, "schema": {"type": "string", "enum": ["a"]}},
        {"name": "n", "example": "no number", "schema": {"type": "integer"}},
    ],
)
def test_parameter_that_points_somewhere_or_changes_the_kind_of_answer_is_not_sent(parameter: Json) -> None:
    assert asking(parameter, responses={"200": BARE}) == {}


def test_valid_parameter_is_sent_only_where_the_request_costs_nothing() -> None:
    assert asking({"name": "s", "schema": {"enum": ["a"], "type": "string"}}, method="post") == {
        "s-wrong": "/thing?s=contract-unknown"
    }


def test_wrong_and_missing_parameters_are_sent_where_the_document_has_a_refusal() -> None:
    limit: Json = {"name": "limit", "schema": {"type": "integer"}}
    since: Json = {"name": "size", "required": True, "schema": {"type": "integer", "example": 3}}
    assert asking(limit, since) == {
        "size-missing": "/thing",
        "limit-wrong": "/thing?size=3&limit=contract-unknown",
        "size-wrong": "/thing?size=contract-unknown",
    }
    assert asking(limit, since, responses={"200": BARE, "404": BARE}) == {}


@pytest.mark.parametrize(
    "schema", [{"type": ["integer", "string"]}, {"type": "array", "items": {"type": "integer"}}, {"type": "string"}, {}]
)
def test_parameter_that_takes_any_text_is_never_wrong(schema: Json) -> None:
    assert asking({"name": "p", "schema": schema}) == {}


def test_parameter_that_is_refused_or_taken_wrongly_fails() -> None:
    listed: Json = [{"name": "n", "in": "query", "example": 3, "schema": {"type": "integer"}}]
    made = contract(operation_tree({"parameters": listed, "responses": REFUSING}))
    for name, right, wrong in (("n-sent", 200, 400), ("n-wrong", 400, 200)):
        case = case_of(made, f"parameter/{name}")
        assert run_of(made, lambda ask, status=right: Exchange(ask, status)).check_case(case).reported == []  # type: ignore[misc]
        with pytest.raises(ContractFailure):
            run_of(made, lambda ask, status=wrong: Exchange(ask, status)).check_case(case)  # type: ignore[misc]


# --- credentials ------------------------------------------------------------------------------------------------------


def secured(alternatives: Json) -> Contract:
    schemes: Json = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "one": {"type": "oauth2", "flows": {}},
        "two": {"type": "oauth2", "flows": {}},
    }
    tree = operation_tree({"security": alternatives, "responses": {"200": BARE}})
    return contract({**tree, "components": {"securitySchemes": schemes}})


def test_further_alternative_is_met_once_and_a_refusal_of_it_is_reported() -> None:
    made = secured([{"key": []}, {"one": []}])
    case = case_of(made, "auth/one-alone")
    assert (case.ask.header("Authorization"), case.ask.header("X-Key")) == (f"Bearer {KEY}", None)
    verdict = run_of(made, lambda ask: Exchange(ask, 401)).check_case(case)
    assert {one.code for one in verdict.reported} == {"AFC111", "AFC117"}
    assert run_of(made, lambda ask: Exchange(ask, 200)).check_case(case).reported == []
    assert not [one.id for one in cases_of(secured([{"key": []}])) if one.id.endswith("alone")]


def test_one_token_stands_for_two_schemes_that_ask_for_it_in_one_place() -> None:
    made = secured([{"one": [], "two": []}])
    assert [value for name, value in cases_of(made)[0].ask.headers if name == "Authorization"] == [f"Bearer {KEY}"]
    missing = case_of(made, "-missing")
    assert missing.ask.header("Authorization") is None
    assert missing.expect == "unauthorized"


# --- what a document says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/#Action=x", "/%23Action=x"),
        ("/a#b/c", "/a%23b/c"),
        ("/a~1b~0", "/a~1b~0"),
        ("/x?fixed=1", "/x%3Ffixed=1"),
        ("/größe/mit raum", "/gr%C3%B6%C3%9Fe/mit%20raum"),
        ("/v1.0/100%/%20", "/v1.0/100%/%20"),
        ("/a#{id}", "/a%237"),
    ],
)
def test_path_of_any_characters_is_sent_and_its_answer_is_judged(path: str, sent: str) -> None:
    schema: Json = {"type": "object", "required": ["n"]}
    shown: Json = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 7}]
    content: Json = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
    operation: dict[str, Json] = {"responses": content, **({"parameters": shown} if "{" in path else {})}
    made = contract(operation_tree(operation, path=path))
    case = case_of(made, "body/documented")
    assert case.ask.path == sent
    for body, codes in ((b'{"n": 1}', []), (b"{}", ["AFC107"])):
        answer = Exchange(case.ask, 200, (("Content-Type", "application/json"),), body)
        judged = run_of(made, lambda ask: Exchange(ask, 200)).judged(case.operation, answer)
        assert [one.code for one in judged] == codes


def test_operation_without_a_documented_success_is_not_run() -> None:
    made = contract(operation_tree({"responses": {"400": BARE}}))
    (case, *others) = [one for one in cases_of(made) if one.group != "path"]
    assert others == []
    with pytest.raises(NotRun, match="names no success"):
        run_of(made, lambda ask: Exchange(ask, 200)).check_case(case)


def form(*names: str, encoding: Json, **members: Json) -> Ask:
    schema: Json = {"type": "object", "required": list(names), "properties": members}
    made = with_body({"application/x-www-form-urlencoded": {"schema": schema, "encoding": encoding}})
    return replace(cases_of(made)[0].ask)


def test_field_of_a_form_goes_as_its_encoding_says() -> None:
    deep: Json = {"style": "deepObject", "explode": True}
    line: Json = {"type": "object", "required": ["price"], "properties": {"price": {"type": "integer"}}}
    items: Json = {"type": "array", "items": line}
    assert form("items", encoding={"items": deep}, items=items).body == b"items[0][price]=1"
    assert form("items", encoding={"items": {"contentType": "application/json"}}, items=items).body == (
        b"items=" + b"%5B%7B%22price%22%3A%201%7D%5D"
    )
    assert form("line", encoding={"line": {"style": "form"}}, line=line).body == b"price=1"


def test_what_is_empty_in_a_form_gets_a_member_and_is_told_where_it_has_none() -> None:
    deep: Json = {"o": {"style": "deepObject", "explode": True}}
    member: Json = {"type": "object", "properties": {"on": {"type": "boolean"}}}
    assert form("o", encoding=deep, o=member).body == b"o[on]=false"
    schema: Json = {"type": "object", "required": ["o"], "properties": {"o": {"type": "object"}}}
    made = with_body({"application/x-www-form-urlencoded": {"schema": schema, "encoding": deep}})
    assert cases_of(made)[0].not_run.startswith("only you know the body")


def test_form_of_which_nothing_is_required_is_not_sent() -> None:
    media: Json = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {}}}}
    case = cases_of(contract(operation_tree({"requestBody": {"content": media}}, method="post")))[0]
    assert (case.ask.body, case.ask.header("Content-Type")) == (None, None)


def test_header_with_a_content_of_text_is_read() -> None:
    header: Json = {"content": {"text/plain": {"schema": {"type": "string", "enum": ["a"]}}}}
    made = contract(operation_tree({"responses": {"200": {"description": "x", "headers": {"X-A": header}}}}))
    case = cases_of(made)[0]
    for value, codes in (("a", []), ("b", ["AFC108"])):
        answer = Exchange(case.ask, 200, (("X-A", value),))
        judged = run_of(made, lambda ask: Exchange(ask, 200)).judged(case.operation, answer)
        assert [one.code for one in judged] == codes, value
