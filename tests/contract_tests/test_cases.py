"""The cases that are derived from a document: examples, credentials of every kind, ids, and on which basis."""

from __future__ import annotations

import json
from collections import Counter
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from contract_tests.cases import cases_of
from contract_tests.exchanges import MemoryExchanges
from contract_tests.run import Run, checks_of
from contract_tests.sending import Sender
from contract_tests.targets import KEY, Ask, Exchange, Target
from openapi.contract import compile_contract, load_contract, packaged_contract
from openapi.document import Origin
from openapi.profiles import HOME
from tests.documents.making import contract, document, operation_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.cases import Case
    from openapi.contract import Contract
    from openapi.reading import Json

SECRET = "sk-Zq7xKw3vJm9pRt5y"

# --- scope ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_reconstructed_operations_of_the_packaged_contract_have_no_items(profile: str) -> None:
    made = packaged_contract(profile)
    assert len(made.operations) == 2
    assert {case.operation.id for case in cases_of(made)} == {"createVisualValidateSession"}
    assert {check.operation.id for check in checks_of(made)} == {"createVisualValidateSession"}


def test_packaged_contract_comes_to_40_requests_and_57_items() -> None:
    made = packaged_contract()
    assert (len(cases_of(made)), len(checks_of(made))) == (40, 17)


def test_document_of_ones_own_is_all_checked_though_it_states_how_sure_it_is() -> None:
    path = HOME / "reconstructed" / "get-visual-validate-result.yaml"
    cases = cases_of(load_contract([path]))
    assert {case.operation.id for case in cases} == {"getVisualValidateResult"}
    assert "documented" not in {case.basis for case in cases}


# --- bodies -----------------------------------------------------------------------------------------------------------


def with_body(media: dict[str, Json]) -> Contract:
    body: Json = {"required": True, "content": {"application/json": media}}
    responses: Json = {"200": {"description": "x"}, "400": {"description": "x"}}
    return contract(operation_tree({"requestBody": body, "responses": responses}, method="post"))


def by_name(made: Contract, group: str) -> dict[str, Case]:
    return {case.name: case for case in cases_of(made) if case.group == group}


def examples(made: Contract) -> dict[str, Json]:
    names = by_name(made, "body").items()
    return {name: json.loads(case.ask.body or b"null") for name, case in names if name.startswith(("doc", "exa"))}


def test_every_valid_example_is_a_case() -> None:
    schema: Json = {"type": "object", "properties": {"a": {"type": "integer", "example": 9}}}
    named: Json = {"bad": {"value": {"a": "x"}}, "one": {"value": {"a": 1}}, "two": {"value": {"a": 2}}}
    made = with_body({"schema": schema, "examples": named})
    assert examples(made) == {"documented": {"a": 1}, "example-two": {"a": 2}}
    assert by_name(made, "body")["example-two"].expect == "accepted"


def test_example_that_says_the_same_again_is_no_case() -> None:
    named: Json = {"one": {"value": {"a": 1, "b": 2}}, "same": {"value": {"b": 2, "a": 1}}, "true": {"value": True}}
    assert examples(with_body({"examples": named})) == {"documented": {"a": 1, "b": 2}, "example-true": True}


def test_example_put_together_from_parts_is_a_case_only_where_there_is_no_other() -> None:
    schema: Json = {"type": "object", "properties": {"a": {"type": "integer", "example": 9}}}
    assert examples(with_body({"schema": schema})) == {"documented": {"a": 9}}
    assert examples(with_body({"schema": schema, "example": {"a": 1}})) == {"documented": {"a": 1}}


def test_names_of_examples_and_properties_do_not_make_two_cases_one() -> None:
    schema: Json = {"type": "object", "properties": {"body": {"type": "string"}, "example": {"type": "string"}}}
    named: Json = {"one": {"value": {"body": "x", "example": "x"}}, "odd": {"value": {"body": "y"}}}
    made = cases_of(with_body({"schema": schema, "examples": named}))
    assert [name for name, times in Counter(case.id for case in made).items() if times > 1] == []
    assert {"invalid/body-integer", "invalid/body-integer-2", "body/example-odd", "body/example-odd-2"} <= {
        f"{case.group}/{case.name}" for case in made
    }


def test_body_that_breaks_several_clauses_is_refused_on_the_best_basis() -> None:
    properties: Json = {"a": {"type": "string"}}
    schema: Json = {"type": "object", "required": ["a", "b"], "properties": properties}
    made = with_body({"schema": schema, "example": {"a": "abc", "b": 1}})
    tree = made.documents[0].tree
    at = "/paths/~1thing/post/requestBody/content/application~1json/schema"
    bases = {f"{at}/type": "assumed", f"{at}/required": "observed", f"{at}/properties/a/type": "rfc"}
    origins = {pointer: Origin(basis) for pointer, basis in bases.items()}
    cases = by_name(compile_contract([document(tree).overlaid(tree, origins)]), "invalid")
    assert cases["a-integer"].basis == "rfc"
    assert cases["body-string"].basis == "assumed"
    assert cases["body-object"].basis == "observed"
    assert cases["b-missing"].basis == "observed"


def test_the_vendors_document_takes_40_requests() -> None:
    made = cases_of(packaged_contract())
    assert (len(made), len({case.id for case in made})) == (40, 40)
    assert [case for case in made if case.not_run] == []


# --- credentials ------------------------------------------------------------------------------------------------------

BEARER: Json = {"type": "http", "scheme": "bearer"}
BASIC: Json = {"type": "http", "scheme": "basic"}
HEADER: Json = {"type": "apiKey", "in": "header", "name": "X-Key"}
QUERY: Json = {"type": "apiKey", "in": "query", "name": "api key"}
COOKIE: Json = {"type": "apiKey", "in": "cookie", "name": "session"}
SECOND: Json = {"type": "apiKey", "in": "cookie", "name": "other"}
TOKEN: Json = {"type": "apiKey", "in": "query", "name": "token"}
SCHEMES: dict[str, Json] = {
    "bearer": BEARER, "basic": BASIC, "header": HEADER, "query": QUERY, "cookie": COOKIE, "second": SECOND,
    "token": TOKEN,
}  # fmt: skip

ALTERNATIVES: dict[str, list[list[str]]] = {
    "a header": [["header"]],
    "the query": [["query"]],
    "a cookie": [["cookie"]],
    "a bearer": [["bearer"]],
    "a header or a bearer": [["header"], ["bearer"]],
    "a bearer or the query": [["bearer"], ["token"]],
    "a bearer or basic": [["bearer"], ["basic"]],
    "a cookie and the query": [["cookie", "query"]],
    "two cookies": [["cookie", "second"]],
    "a header and a cookie, or a bearer": [["header", "cookie"], ["bearer"]],
}


def secured(alternatives: list[list[str]]) -> Contract:
    security: Json = [{name: [] for name in needed} for needed in alternatives]
    responses: Json = {"200": {"description": "x"}, "401": {"description": "x"}}
    parameters: Json = [{"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "example": 1}}]
    tree = operation_tree({"security": security, "responses": responses, "parameters": parameters})
    return contract({**tree, "components": {"securitySchemes": SCHEMES}})


def admits(alternatives: list[list[str]], ask: Ask) -> bool:
    """Decide as a right server does, by what the standard library reads out of the request."""
    headers = {name.lower(): text.replace(KEY, SECRET) for name, text in ask.headers}
    assert len(headers) == len(ask.headers), "a header stands twice"
    query = parse_qs(urlsplit(ask.path.replace(KEY, SECRET)).query)
    cookies = {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    assert query["page"] == ["1"], "what is no credential stays"
    held = {
        "bearer": scheme.lower() == "bearer" and credential == SECRET,
        "basic": scheme.lower() == "basic" and credential == SECRET,
        "header": headers.get("x-key") == SECRET,
        "query": query.get("api key") == [SECRET],
        "token": query.get("token") == [SECRET],
        "cookie": cookies.get("session") == SECRET,
        "second": cookies.get("other") == SECRET,
    }
    return any(all(held[name] for name in needed) for needed in alternatives)


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_right_server_tells_callers_from_strangers_as_each_case_expects(name: str) -> None:
    alternatives = ALTERNATIVES[name]
    cases = [case for case in cases_of(secured(alternatives)) if case.group in ("auth", "body")]
    wrong = [case.id for case in cases if admits(alternatives, case.ask) != (case.expect == "accepted")]
    assert wrong == []
    asks = [case.ask for case in cases]
    assert len(set(asks)) == len(asks), "nothing is asked twice"


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("a header", ["missing", "empty", "unknown", "other-case", "in-query"]),
        ("the query", ["missing", "empty", "unknown", "other-case"]),
        ("a cookie", ["missing", "empty", "unknown", "other-case", "in-query"]),
        (
            "a cookie and the query",
            [f"cookie-{name}" for name in ("missing", "empty", "unknown", "other-case", "in-query")]
            + [f"query-{name}" for name in ("missing", "empty", "unknown", "other-case")],
        ),
    ],
)
def test_key_is_left_out_emptied_replaced_and_moved(name: str, labels: list[str]) -> None:
    assert list(by_name(secured(ALTERNATIVES[name]), "auth")) == labels


def test_key_of_the_query_is_moved_to_a_header_that_can_have_its_name() -> None:
    ask = by_name(secured([["token"]]), "auth")["in-header"].ask
    assert (ask.header("token"), "token" in ask.path) == (KEY, False)


FAULTS: dict[str, tuple[str, Callable[[Ask], bool], set[str]]] = {
    "any key": ("a header", lambda ask: bool(ask.header("x-key")), {"unknown", "other-case"}),
    "any header": ("a header", lambda ask: ask.header("x-key") is not None, {"empty", "unknown", "other-case"}),
    "a key of the query": ("a header", lambda ask: KEY in ask.path, {"in-query"}),
    "an empty cookie": (
        "a cookie",
        lambda ask: "session=" in (ask.header("cookie") or ""),
        {"empty", "unknown", "other-case"},
    ),
    "any cookie": ("a cookie", lambda ask: "session=s" in (ask.header("cookie") or ""), {"unknown"}),
    "a query with it": ("the query", lambda ask: "api%20key=" in ask.path, {"empty", "unknown", "other-case"}),
    "everybody": ("the query", lambda _: True, {"missing", "empty", "unknown", "other-case"}),
}
"""What a wrong server admits beside the right callers, and the cases that must fail for it."""


class Answering(Sender):
    """Answers 200 to whom a function admits, else 401."""

    def __init__(self, admitted: Callable[[Ask], bool]) -> None:
        super().__init__(Target("http://127.0.0.1:9", SECRET))
        self._admitted = admitted

    def send(self, ask: Ask) -> Exchange:
        if self._admitted(ask):
            return Exchange(ask, 200)
        return Exchange(ask, 401, (("WWW-Authenticate", "ApiKey"),))


@pytest.mark.parametrize("name", FAULTS)
def test_wrong_server_is_found_out_by_exactly_these_cases(name: str) -> None:
    where, more, expected = FAULTS[name]
    sender = Answering(lambda ask: admits(ALTERNATIVES[where], ask) or more(ask))
    run = Run(secured(ALTERNATIVES[where]), sender.target, sender, MemoryExchanges())
    failed = set()
    for case in run.cases:
        if case.group in ("auth", "body"):
            try:
                run.check_case(case)
            except AssertionError:
                failed.add(case.name)
    assert failed == expected
