"""The invariants one by one: which answers they look at, what they allow, and what they take."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contract_tests.cases import cases_of
from contract_tests.invariants import INVARIANTS, Observation, View
from contract_tests.redaction import Redactor
from contract_tests.targets import Exchange, Target
from openapi.contract import packaged_contract
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from openapi.contract import Contract
    from openapi.reading import Json

HOST = Target("http://127.0.0.1:8080", "sk-Zq7xKw3vJm9pRt5y")

THING: Json = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
NAMED: Json = {"type": "object", "properties": {"name": {"type": "string", "example": "x"}}}
FAULT: Json = {"type": "object", "properties": {"id": {"type": "string"}}}


def json_of(schema: Json) -> dict[str, Json]:
    return {"description": "x", "content": {"application/json": {"schema": schema}}}


@pytest.fixture(scope="module")
def making() -> Contract:
    """An operation that answers 201 with a thing, 202 with another, and 409 with one that has an id, too."""
    responses: Json = {"201": json_of(THING), "202": json_of(NAMED), "400": {"description": "x"}, "409": json_of(FAULT)}
    body: Json = {"content": {"application/json": {"schema": NAMED}}}
    return contract(operation_tree({"requestBody": body, "responses": responses}, method="post"))


def found(code: str, case: Case, *answers: tuple[int, Json], target: Target = HOST) -> list[str]:
    """Let one invariant look at answers to a case; give what it received."""
    seen = [
        Observation.of(
            case, Exchange(case.ask, status, (("Content-Type", "application/json"),), json.dumps(body).encode())
        )
        for status, body in answers
    ]
    (invariant,) = (one for one in INVARIANTS if one.code == code)
    return [finding.received for finding, _ in invariant.findings(View(seen, target, Redactor(target.key)))]


def case_of(made: Contract, name: str = "body/documented") -> Case:
    return next(case for case in cases_of(made) if case.id.endswith(f"/{name}"))


# --- what is a success ------------------------------------------------------------------------------------------------


def test_any_documented_2xx_is_a_success(making: Contract) -> None:
    case = case_of(making)
    assert found("AFC207", case, (201, {"id": "1", "name": "x"})) == []
    assert found("AFC207", case, (201, {"id": "1", "more": 1})) == ["'more', in the answer to " + case.id]
    assert found("AFC208", case, (201, {"name": "x"})) == ["an object with 'name', in the answer to " + case.id]


def test_each_2xx_is_held_to_its_own_members(making: Contract) -> None:
    case = case_of(making)
    assert found("AFC208", case, (202, {})) == []
    assert found("AFC207", case, (202, {"id": "1"})) != []


def test_undocumented_2xx_is_no_success(making: Contract) -> None:
    assert found("AFC207", case_of(making), (200, {"more": 1})) == []


def test_result_of_a_documented_2xx_stands_in_no_error(making: Contract) -> None:
    case = case_of(making, "invalid/truncated")
    assert found("AFC205", case, (201, {"id": "1"}), (400, {"name": "echoed"})) == []
    assert found("AFC205", case, (400, {"id": "1"})) == ["id, with status 400, in the answer to " + case.id]
    assert found("AFC205", case, (409, {"id": "what is documented of this error"})) == []


def test_error_may_tell_of_a_thing_where_its_own_schema_has_a_place_for_it() -> None:
    about: Json = {"type": "object", "properties": {"about": {"type": "array", "items": {"allOf": [THING]}}}}
    tree = operation_tree({"responses": {"200": json_of(THING), "409": json_of(about)}})
    case = replace(cases_of(contract(tree))[0], expect="invalid")
    assert found("AFC205", case, (409, {"about": [{"id": "1"}]})) == []
    assert found("AFC205", case, (409, {"about": [], "id": None})) == []
    strays: list[Json] = [{"id": "1"}, {"about": [{"x": {"id": "1"}}]}]
    for stray in strays:
        assert found("AFC205", case, (409, stray)) == ["id, with status 409, in the answer to " + case.id], stray


# --- H5Link -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "link", "right"),
    [
        ("http://localhost:8080", "http://127.0.0.1:8080/h5?pl=1", True),
        ("http://127.0.0.1:8080", "http://localhost:8080/h5?pl=1", True),
        ("http://[::1]:8080", "http://127.0.0.2:8080/h5?pl=1", True),
        ("http://localhost", "http://127.0.0.1:80/h5?pl=1", True),
        ("http://localhost:8080", "http://localhost:8081/h5?pl=1", False),
        ("http://localhost:8080", "http://localhost/h5?pl=1", False),
        ("http://localhost:8080", "http://h5.example:8080/h5?pl=1", False),
        ("http://localhost:8080", "https://h5.example/h5?pl=1", True),
        ("https://api.example:8443", "http://API.example:8443/h5?pl=1", True),
        ("https://api.example", "http://api.example/h5?pl=1", False),
        ("https://api.example:8443", "http://127.0.0.1:8443/h5?pl=1", False),
        ("http://localhost:8080", "http://localhost:port/h5?pl=1", False),
    ],
)
def test_http_link_is_right_where_it_leads_back_to_the_target(target: str, link: str, right: bool) -> None:
    case = case_of(packaged_contract())
    assert (found("AFC306", case, (200, {"H5Link": link}), target=Target(target, HOST.key)) == []) is right


@pytest.mark.parametrize(
    ("link", "right"),
    [
        ("https://h5.example/a?pl=1&uid=2&lng=en", True),
        ("https://192.0.2.1/a?pl=1", True),
        ("https://[2001:db8::1]/a?pl=1", True),
        ("https://gateway/a?pl=1", False),
        ("https://me@h5.example/a?pl=1", False),
        ("https://h5.example/a?pl=undefined", False),
        ("https://h5.example/a?pl=1&uid=%7Buid%7D", False),
        ("https://h5.example/a?pl=1&amp;uid=2", False),
        ("https://h5.example/a?pl=nullable", True),
    ],
)
def test_link_is_right_when_a_phone_can_open_it(link: str, right: bool) -> None:
    assert (found("AFC306", case_of(packaged_contract()), (200, {"H5Link": link})) == []) is right


def test_link_to_the_target_may_have_a_host_without_a_dot() -> None:
    case = case_of(packaged_contract())
    target = Target("https://gateway:8443", HOST.key)
    assert found("AFC306", case, (200, {"H5Link": "https://gateway:8443/a?pl=1"}), target=target) == []


@pytest.mark.parametrize(("code", "name"), [("AFC304", "BytedToken"), ("AFC307", "H5Link")])
def test_text_that_comes_twice_names_the_call_that_had_it_first(code: str, name: str) -> None:
    case = case_of(packaged_contract())
    assert found(code, case, (200, {name: "a"}), (200, {name: "b"}), (400, {name: "a"}), (200, {name: None})) == []
    assert found(code, case, (200, {name: "a"}), (200, {name: "a"})) == [
        f"that of {case.id}, in the answer to {case.id}"
    ]


# --- secrets ----------------------------------------------------------------------------------------------------------

WRITTEN = {
    "as it is": HOST.key,
    "percent-encoded": "".join(f"%{ord(letter):02x}" for letter in HOST.key),
    "percent-encoded twice": "".join(f"%25{ord(letter):02x}" for letter in HOST.key),
    "escaped": "".join(f"\\u{ord(letter):04X}" for letter in HOST.key),
    "base64": base64.b64encode(f"user:{HOST.key}".encode()).decode(),
    "base64 of URLs": base64.urlsafe_b64encode(f"?{HOST.key}>".encode()).decode(),
    "hexadecimal": HOST.key.encode().hex(),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=list(WRITTEN))
def test_a_credential_is_found_however_it_is_written(text: str) -> None:
    case = case_of(packaged_contract(), "auth/missing")
    assert found("AFC201", case, (401, {"error": f"see https://x.example/a/{text} there"})) != []


def test_the_key_in_the_other_case_is_a_credential_that_was_sent() -> None:
    case = case_of(packaged_contract(), "auth/other-case")
    assert found("AFC201", case, (401, {"error": HOST.key.swapcase()})) != []
    assert found("AFC201", case_of(packaged_contract()), (200, {"error": HOST.key.swapcase()})) == []


def test_what_the_request_itself_holds_is_no_secret_of_another_session() -> None:
    case, other = case_of(packaged_contract()), case_of(packaged_contract(), "invalid/not-json")
    token = "20260702221526" + "80501D985EA34A3BE3D8"
    made = Exchange(case.ask, 200, (), json.dumps({"BytedToken": token}).encode())
    said = Exchange(other.ask, 400, (), f'{{"error": "{token} is unknown"}}'.encode())
    asked = replace(said, ask=replace(other.ask, body=token.encode()))
    (invariant,) = (one for one in INVARIANTS if one.code == "AFC308")
    for exchange, told in ((said, 1), (asked, 0)):
        view = View([Observation.of(case, made), Observation.of(other, exchange)], HOST, Redactor(""))
        assert len(list(invariant.findings(view))) == told


# --- stack traces -----------------------------------------------------------------------------------------------------

TRACES = {
    "Node": "Error: no\n    at create (/srv/app.js:12:3)",
    "Node, further down": "Error: no\n    at async /srv/app.js:3\n    at Object.<anonymous> (/srv/app.js:12:3)",
    "Java": "java.lang.Error: no\r\n\tat com.example.App.main(App.java:7)",
    "C": "no\n  at main (main.c:3)",
    "Python": 'Traceback (most recent call last):\n  File "/srv/app.py", line 1, in create',
    "Go": "goroutine 1 [running]:",
    "PHP": "thrown in /srv/app.php on line 3",
    "PHP, as its JSON has it": "thrown in \\/srv\\/app.php on line 3",
    ".NET": "at App.Create() in C:\\srv\\App.cs:line 3",
    "Ruby": "app.rb:3:in `create'",
    "Rust": "thread 'main' panicked at src/main.rs:3:5",
    "a database": "SQLSTATE[42S02]: no such table",
}


@pytest.mark.parametrize("name", TRACES)
def test_stack_trace_is_found_as_text_and_in_one_line_of_json(name: str) -> None:
    case = case_of(packaged_contract())
    assert found("AFC209", case, (500, {"error": TRACES[name]})) != []
    body = TRACES[name].encode()
    seen = View([Observation.of(case, Exchange(case.ask, 500, (), body))], HOST, Redactor(""))
    (invariant,) = (one for one in INVARIANTS if one.code == "AFC209")
    assert list(invariant.findings(seen)) != []


ORDINARY = [
    "Meet me at noon (see 12:30)",
    "at home (12:30)",
    "line\n at noon",
    "a\n\nat x (y)",
    "Unexpected token in JSON on line 1",
    "a comma in the body: line 3",
    "in /volc/asset there is no such thing",
]


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_are_no_stack_trace(words: str) -> None:
    assert found("AFC209", case_of(packaged_contract()), (400, {"error": words})) == []


@pytest.mark.parametrize(
    "run",
    [
        " ",
        "\n",
        "\n ",
        "\t",
        "\\",
        "\n at a(",
        "\n at (:1",
        ":1",
        'File "',
        "a",
        "in /",
        " in C:x",
        "thread '",
        "%41",
        "\\u0041",
        "YWJj+/",
        "4a",
    ],
)
def test_a_megabyte_of_anything_is_searched_in_time(run: str) -> None:
    case = case_of(packaged_contract())
    body = run * (2**20 // len(run))
    began = time.perf_counter()
    assert found("AFC209", case, (400, {"error": body}), (400, body)) == []
    assert found("AFC201", case, (400, {"error": body}), (400, body)) == []
    assert time.perf_counter() - began < 5
