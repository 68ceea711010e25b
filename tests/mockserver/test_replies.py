"""Refusals are data of the contract: by rule, else by the rule above, else an example, else problem details."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mockserver.clock import FrozenClock
from mockserver.engine import Engine
from mockserver.replies import Replies, encode
from mockserver.settings import Settings
from openapi.contract import compile_contract, packaged_contract
from openapi.errors import ContractError
from tests.documents.making import ask, contract, document, header, operation_tree, read

if TYPE_CHECKING:
    from mockserver.exchange import Response
    from openapi.reading import Json

VALUES = {"detail": "why", "field": "CallbackURL", "request_id": "R1", "method": "POST", "path": "/p"}


def reply(replies: Json, rule: str, **operation: Json) -> tuple[int, Json, str]:
    made = contract({**operation_tree(operation), "x-mock-replies": replies})
    found = Replies(made).find(rule, made.operations[0])
    answer = found.answer(VALUES)
    return answer.status, answer.body, found.media_type


def test_rule_without_its_own_reply_uses_that_above_its_last_dot() -> None:
    replies: Json = {"auth": {"status": 401, "body": 1}, "auth.state": {"status": 402, "body": 2}}
    found = [reply(replies, rule)[:2] for rule in ("auth", "auth.missing", "auth.state", "auth.state.banned")]
    assert found == [(401, 1), (401, 1), (402, 2), (402, 2)]


def test_placeholders_are_filled_everywhere_and_only_those_that_exist() -> None:
    body: Json = {"a": ["{detail} {field}", {"{path}": "{method} {request_id}"}], "n": 1, "b": "{other} {} {"}
    assert reply({"body": {"status": 400, "body": body}}, "body.json")[1] == {
        "a": ["why CallbackURL", {"{path}": "POST R1"}],
        "n": 1,
        "b": "{other} {} {",
    }


def test_value_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    made = contract({**operation_tree({}), "x-mock-replies": {"body": {"status": 400, "body": "{detail}"}}})
    found = Replies(made).find("body", made.operations[0])
    assert found.answer({**VALUES, "detail": "{request_id}"}).body == "{request_id}"


@pytest.mark.parametrize("status", [None, "400", True, 399, 600, 200, 400.0])
def test_reply_without_an_error_status_is_refused_at_its_place(status: Json) -> None:
    with pytest.raises(ContractError, match="status") as caught:
        reply({"body": {"status": status, "body": {}}}, "body")
    assert caught.value.place is not None
    assert caught.value.place.pointer == "/x-mock-replies/body"


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("auth.missing", 401), ("auth.state.banned", 401), ("auth.group", 401), ("route.path", 404),
        ("route.method", 405), ("accept", 406), ("body.size", 413), ("body.json", 400), ("request.parameter", 400),
        ("mock.no_example", 501), ("mock.store", 503), ("session.unknown", 404),
    ],
)  # fmt: skip
def test_document_without_replies_answers_with_problem_details(rule: str, status: int) -> None:
    found, body, media_type = reply({}, rule)
    assert (found, media_type) == (status, "application/problem+json")
    assert isinstance(body, dict)
    assert (body["type"], body["status"], body["detail"]) == ("about:blank", status, "why")


EXAMPLES = [
    pytest.param("400", "application/json", {"example": {"m": "{detail}"}}, True, id="exact"),
    pytest.param("4XX", "application/problem+json", {"example": {"m": "{detail}"}}, True, id="range"),
    pytest.param("default", "application/json", {"example": {"m": "{detail}"}}, True, id="default"),
    pytest.param("400", "text/plain", {"example": {"m": "{detail}"}}, False, id="not-json"),
    pytest.param("403", "application/json", {"example": {"m": "{detail}"}}, False, id="another-status"),
    pytest.param(
        "400", "application/json", {"schema": {"type": "array"}, "example": {"m": "{detail}"}}, False, id="invalid"
    ),
]


@pytest.mark.parametrize(("status", "media_type", "media", "used"), EXAMPLES)
def test_documented_example_is_answered_as_it_is(status: str, media_type: str, media: Json, used: bool) -> None:
    responses: Json = {"200": {"description": "ok"}, status: {"description": "", "content": {media_type: media}}}
    found = reply({}, "body.json", responses=responses)
    if used:
        assert found == (400, {"m": "{detail}"}, media_type)
    else:
        assert found[2] == "application/problem+json"


def test_default_that_is_the_only_response_describes_the_success_and_no_refusal() -> None:
    content: Json = {"application/json": {"example": {"pet": "Rex"}}}
    assert reply({}, "body", responses={"default": {"description": "", "content": content}})[2].startswith(
        "application/problem"
    )


def test_document_without_replies_does_not_get_those_of_another() -> None:
    head: dict[str, Json] = {"openapi": "3.1.0"}
    replies_of_one: Json = {"body": {"status": 422, "body": "theirs"}}
    one: dict[str, Json] = {**head, **operation_tree({}, "/one"), "x-mock-replies": replies_of_one}
    two: dict[str, Json] = {**head, **operation_tree({}, "/two")}
    made = compile_contract([document(one, "one.json"), document(two, "two.json")])
    replies = Replies(made)
    assert [replies.find("body", operation).status for operation in made.operations] == [422, 400]
    assert replies.find("body", None).status == 422


def test_operations_of_one_name_behind_two_base_paths_keep_their_own_replies() -> None:
    documents = [
        document(
            {
                "openapi": "3.1.0",
                "servers": [{"url": f"/{number}"}],
                **operation_tree({}),
                "x-mock-replies": {"body": {"status": number, "body": None}},
            },
            f"{number}.json",
        )
        for number in (422, 409)
    ]
    made = compile_contract(documents)
    replies = Replies(made)
    assert [replies.find("body", operation).status for operation in made.operations] == [422, 409]


RULES = ["auth.missing", "auth.unknown", "auth.state.expired", "auth.state.exhausted", "auth.state.banned",
         "auth.group", "body.json", "body.required", "body.schema", "body.size", "request.parameter", "accept",
         "route.path", "route.method", "mock.store"]  # fmt: skip
OF_THE_SESSION = ["session.unknown", "session.expired", "session.other_caller"]
PACKAGED = [
    (profile, operation)
    for profile in ("published", "observed")
    for operation in ("createVisualValidateSession", "getVisualValidateResult")
]


@pytest.mark.parametrize(("profile", "name"), PACKAGED)
def test_every_refusal_of_the_packaged_contract_is_of_the_vendors_envelope(profile: str, name: str) -> None:
    made = packaged_contract(profile)
    operation = made.operation(name)
    documented = {int(response.status) for response in operation.responses}
    for rule in RULES + (OF_THE_SESSION if name == "getVisualValidateResult" else []):
        found = Replies(made).find(rule, None if rule == "route.path" else operation)
        body = found.answer(VALUES).body
        assert isinstance(body, dict)
        assert isinstance(body["error"], dict)
        assert {"message", "type", "code"} <= set(body["error"])
        assert "{" not in json.dumps(body["error"]["message"])
        assert found.status in documented | {404, 405, 406, 413, 503}
        assert found.basis in ("elsewhere", "assumed", "rfc", "observed")


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_no_refusal_of_a_reconstructed_operation_is_documented_or_said_in_its_document(profile: str) -> None:
    made = packaged_contract(profile)
    session, result = made.operations
    found = {rule: Replies(made).find(rule, result).because for rule in RULES + OF_THE_SESSION}
    assert set(found.values()) <= {"elsewhere", "observed", "assumed", "rfc"}
    assert found["auth.missing"] == "elsewhere"
    assert found["auth.group"] == "assumed"
    assert Replies(made).find("auth.missing", session).because == "documented"
    assert Replies(made).find("auth.group", session).because == "prose"


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_unknown_expired_and_foreign_tokens_are_refused_in_the_same_words(profile: str) -> None:
    made = packaged_contract(profile)
    operation = made.operation("getVisualValidateResult")
    answers = [Replies(made).find(rule, operation).answer({**VALUES, "detail": rule}) for rule in OF_THE_SESSION]
    assert [(one.status, one.body) for one in answers] == [(404, answers[0].body)] * 3


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_store_that_is_gone_is_told_in_the_sentence_of_whoever_noticed(profile: str) -> None:
    made = packaged_contract(profile)
    for operation in made.operations:
        answer = Replies(made).find("mock.store", operation).answer({**VALUES, "detail": "No store."})
        assert answer.status == 503
        assert "No store." in json.dumps(answer.body)


def test_example_of_a_default_response_is_used_for_the_pets() -> None:
    made = read("pets-3.0.yaml")
    found = Replies(made).find("request.parameter", made.operation("listPets"))
    assert (found.status, found.body, found.basis) == (400, {"title": "wrong"}, "example")


def test_json_is_written_compact_or_for_a_person_and_never_as_escapes() -> None:
    assert encode({"a": ["ä", None]}) == '{"a":["ä",null]}'.encode()
    assert encode({"a": 1}, pretty=True) == b'{\n  "a": 1\n}\n'


def test_refusal_in_a_media_type_without_a_schema_has_problem_details_there() -> None:
    responses: Json = {"200": {"description": "ok"}, "400": {"description": "", "content": {"application/json": {}}}}
    status, body, media_type = reply({}, "body.json", responses=responses)
    assert (status, media_type) == (400, "application/json")
    assert isinstance(body, dict)
    assert body["detail"] == "why"


def test_refusal_is_made_from_the_schema_that_documents_it() -> None:
    problem: Json = {
        "type": "object", "required": ["code", "message"],
        "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    }  # fmt: skip
    answers: Json = {
        "200": {"description": "x"},
        "422": {"description": "x", "content": {"application/json": {"schema": problem}}},
    }
    parameter: Json = {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}
    made = contract(operation_tree({"parameters": [parameter], "responses": answers}))
    answer = ask(Engine(made, Settings(), FrozenClock(0)), "GET", "/thing", key=None)
    body = json.loads(answer.body)
    assert (answer.status, header(answer, "Content-Type")) == (422, "application/json")
    assert body["message"] == "Invalid value for the query parameter page: expected a value, received nothing."
    assert isinstance(body["code"], int)


def refused(content: Json, status: str = "400", prefer: str = "", **headers: str) -> Response:
    """Refuse a request, of a parameter that is no number, by a document that has something for the status."""
    answers: Json = {"200": {"description": ""}, status: {"description": "", "content": content}}
    parameter: Json = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    made = contract(operation_tree({"parameters": [parameter], "responses": answers}))
    sent = {**({"prefer": prefer} if prefer else {}), **headers}
    return ask(Engine(made, Settings(), FrozenClock(0)), "GET", "/thing?page=x", headers=sent)


WRONG = "Invalid value for the query parameter page: expected integer, received string of 1 character."


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ({"code": 7, "message": "Bad"}, {"code": 7, "message": WRONG}),
        ({"error": {"type": "bad_request", "message": "no"}}, {"error": {"type": "bad_request", "message": WRONG}}),
        ({"errors": [{"detail": "One."}, {"detail": "Two."}]}, {"errors": [{"detail": WRONG}, {"detail": "Two."}]}),
        ({"error": "It is wrong", "path": "{path}"}, {"error": WRONG, "path": "{path}"}),
    ],
)
def test_words_of_a_documented_error_say_what_was_wrong(example: Json, told: Json) -> None:
    answer = refused({"application/json": {"example": example}})
    assert (answer.status, json.loads(answer.body)) == (400, told)
    assert header(answer, "X-Mock-Detail") is None


@pytest.mark.parametrize(
    "media",
    [
        {"example": {"error": "invalid_request"}},
        {"example": ["wrong"]},
        {"example": {"message": "Bad"}, "schema": {"properties": {"message": {"enum": ["Bad"]}}}},
        {"schema": {"type": "object", "required": ["code"], "properties": {"code": {"const": 7}}}},
    ],
)
def test_documented_error_without_room_for_words_stays_and_a_header_says_them(media: Json) -> None:
    answer = refused({"application/json": media})
    assert isinstance(media, dict)
    assert json.loads(answer.body) == media.get("example", {"code": 7})
    assert header(answer, "X-Mock-Detail") == WRONG


@pytest.mark.parametrize("status", ["400", "401", "404", "4XX", "default"])
def test_documented_error_that_was_asked_for_is_as_documented(status: str) -> None:
    code = status if status.isdigit() else "400"
    answer = refused({"application/json": {"example": {"message": "Bad"}}}, status, f"code={code}")
    assert (answer.status, json.loads(answer.body)) == (int(code), {"message": "Bad"})
    assert header(answer, "X-Mock-Detail") is None
    assert (header(answer, "WWW-Authenticate") is not None) is (code == "401")


def test_error_that_was_asked_for_is_of_the_type_that_is_accepted() -> None:
    content: Json = {"application/json": {"example": 1}, "text/plain": {"example": "wrong"}}
    found = [refused(content, "404", "code=404", accept=one) for one in ("text/plain", "application/json", "image/png")]
    assert [one.body for one in found] == [b"wrong", b"1", b"1"]
    assert header(found[0], "Content-Type") == "text/plain"


def test_example_whose_name_is_no_ascii_is_asked_for_in_octets() -> None:
    content: Json = {"application/json": {"examples": {"Gr\u00fcn": {"value": 1}, "a/b": {"value": 2}}}}
    green = refused(content, "404", "code=404, example=" + "Gr\u00fcn".encode().decode("latin-1"))
    assert green.body == b"1"
    assert (header(green, "Preference-Applied") or "").isascii()
    assert refused(content, "404", 'code=404, example="a/b"').body == b"2"
