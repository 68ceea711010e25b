"""The pipeline: its order, its statuses, its shapes, and no request that brings it down or a secret out."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.clock import FrozenClock
from mockserver.credentials import FAKES, WORKING
from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request
from mockserver.log import RequestLog
from mockserver.settings import Settings
from openapi.contract import compile_contract, packaged_contract
from tests.documents.making import CREATE, ask, contract, document, header, operation_tree, read, request

if TYPE_CHECKING:
    from mockserver.exchange import Response
    from mockserver.writer import Decision
    from openapi.reading import Json

CONTRACTS = {profile: packaged_contract(profile) for profile in ("published", "observed")}
CLOCK = FrozenClock(1_783_001_726)


def engine(profile: str = "published", **options: object) -> Engine:
    return Engine(CONTRACTS[profile], Settings(**options), CLOCK)  # type: ignore[arg-type]


def create(asked: Engine, body: Json | bytes = b"", key: str | None = WORKING, **headers: str) -> Response:
    return ask(asked, "POST", CREATE, body, key, {name.replace("_", "-"): value for name, value in headers.items()})


def value(response: Response) -> dict[str, Json]:
    found = json.loads(response.body)
    assert isinstance(found, dict)
    return found


def error(response: Response) -> dict[str, Json]:
    found = value(response)["error"]
    assert isinstance(found, dict)
    return found


def rule(response: Response) -> str:
    return (header(response, "X-Mock-Rule") or "").partition(";")[0]


# --- the session ------------------------------------------------------------------------------------------------------


def test_session_is_answered_as_the_vendor_shows_it() -> None:
    response = create(engine(base_url="https://mock.example"), {"CallbackURL": "https://a.example/b?c=d"})
    body = value(response)
    assert response.status == 200
    assert list(body) == ["BytedToken", "CallbackURL", "H5Link"]
    assert re.fullmatch(r"20260702221526[0-9A-F]{20}", str(body["BytedToken"]))
    link = urlsplit(str(body["H5Link"]))
    assert (link.scheme, link.netloc, link.path) == ("https", "mock.example", "/en/liveness-face-manage/authorization")
    assert re.fullmatch(r"pl=[A-Za-z0-9_-]{900}&uid=[0-9a-f-]{36}", link.query)
    assert header(response, "Content-Type") == "application/json"
    assert header(response, "Content-Length") == str(len(response.body))
    assert re.fullmatch(r"[0-9]{23}[0-9A-Za-z]{8}", header(response, "X-Oneapi-Request-Id") or "")
    assert header(response, "X-Mock-Rule") == "createVisualValidateSession; basis=example"


@pytest.mark.parametrize(
    "url", ["", "x", "https://例え.example/?a=%20&b", "javascript:alert(1)", "\u0000\u2028", "a" * 9000]
)
def test_callback_url_comes_back_exactly_as_it_was_sent(url: str) -> None:
    for profile in CONTRACTS:
        assert value(create(engine(profile), {"CallbackURL": url}))["CallbackURL"] == url


@pytest.mark.parametrize("body", [b"", {}, {"Other": 1}])
def test_callback_url_that_was_not_sent_does_not_come_back(body: Json | bytes) -> None:
    assert list(value(create(engine(), body))) == ["BytedToken", "H5Link"]


def test_link_leads_to_the_vendor_when_told_so() -> None:
    link = str(value(create(engine(h5_links="vendor")))["H5Link"])
    assert link.startswith("https://www.byteplus.com/en/liveness-face-manage/authorization?pl=")


def test_link_never_follows_the_host_header() -> None:
    response = create(engine(), Host="evil.example", X_Forwarded_Host="evil.example")
    assert b"evil" not in response.body


def test_same_seed_gives_the_same_answers_again_for_each_credential() -> None:
    one, two = engine(seed="s"), engine(seed="s")
    create(two, key=f"{WORKING}-other")
    assert [create(one).body for _ in range(3)] == [create(two).body for _ in range(3)]
    assert create(one).body != create(engine(seed="t")).body


def test_answer_keeps_the_contract_in_both_profiles() -> None:
    for profile, made in CONTRACTS.items():
        for body in ({}, {"CallbackURL": "https://a.example"}):
            response = create(engine(profile, check_answers=True), dict(body))
            documented = made.operations[0].response(response.status)
            assert documented is not None
            schema = documented.media_types[0].schema
            assert schema is not None
            assert schema.check(value(response)) == ()


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", CONTRACTS)
@pytest.mark.parametrize(
    ("key", "wanted"),
    [*((key, fake.rule) for key, fake in FAKES.items() if fake.rule), (None, "auth.missing"), ("sk-x", "auth.unknown")],
)
def test_refused_credential_is_answered_in_the_vendors_shape(profile: str, key: str | None, wanted: str) -> None:
    response = create(engine(profile), {"CallbackURL": "https://a.example"}, key)
    forbidden = profile == "observed" and key == "sk-mock-banned"
    assert (response.status, rule(response)) == (403 if forbidden else 401, wanted)
    assert (header(response, "WWW-Authenticate") or "").startswith("Bearer") is not forbidden
    assert {"message", "type", "code"} <= set(error(response))


def test_401_of_both_profiles_has_the_words_of_its_source() -> None:
    assert error(create(engine(), key=None)) == {
        "message": "Invalid API key provided.", "type": "authentication_error", "code": "invalid_api_key",
    }  # fmt: skip
    response = create(engine("observed"), key=None)
    request_id = header(response, "X-Oneapi-Request-Id")
    assert error(response) == {
        "message": f"Invalid token (request id: {request_id})",
        "type": "new_api_error",
        "code": "",
    }


def test_key_of_another_group_is_refused_in_the_vendors_words() -> None:
    response = create(engine(), key="sk-mock-aigc")
    assert (response.status, rule(response)) == (400, "auth.group")
    assert error(response)["message"] == "GroupType must be one of [AIGC]"


def test_missing_callback_url_is_refused_only_where_it_was_observed() -> None:
    assert create(engine(), {}).status == 200
    bodies: list[Json | bytes] = [b"", {}]
    for body in bodies:
        response = create(engine("observed"), body)
        request_id = header(response, "X-Oneapi-Request-Id")
        assert (response.status, rule(response)) == (400, "body.required")
        assert "basis=observed" in (header(response, "X-Mock-Rule") or "")
        assert error(response)["message"] == (
            f"[***.CallbackURL] The required parameter CallbackURL is missing. (request id: {request_id})"
        )


def test_wrong_type_names_the_field_and_the_basis() -> None:
    response = create(engine(), {"CallbackURL": 5})
    assert (response.status, rule(response)) == (400, "body.schema")
    assert error(response)["message"] == "Invalid value for CallbackURL: expected string, received integer."
    assert header(response, "X-Mock-Rule") == "body.schema; basis=documented; reply=assumed"


@pytest.mark.parametrize(
    "path", ["/", "", CREATE + "/", CREATE.lower(), "/volc/asset", "/x" * 5000, "/\x00", "/创", "/\n"]
)
def test_unknown_path_is_404_with_the_nearest(path: str) -> None:
    response = engine().answer(Request("POST", path, "", PlainHeaders({}), io.BytesIO().read))
    assert (response.status, rule(response)) == (404, "route.path")
    assert error(response)["message"] == f"Invalid URL (POST {path})"
    told = header(response, "X-Mock-Rule") or ""
    assert told.isascii()
    assert told.isprintable()
    assert ("CreateVisualValidateSession" in told) is (path in (CREATE + "/", CREATE.lower()))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "post", "FOO", ""])
def test_wrong_method_is_405_with_allow(method: str) -> None:
    response = ask(engine(), method, CREATE)
    assert (response.status, rule(response), header(response, "Allow")) == (405, "route.method", "OPTIONS, POST")


def test_options_is_answered_with_allow_and_no_body() -> None:
    response = ask(engine(), "OPTIONS", CREATE)
    assert (response.status, response.body, header(response, "Allow")) == (204, b"", "OPTIONS, POST")
    assert header(response, "Content-Length") is None


def test_head_is_a_get_without_its_body() -> None:
    made = Engine(read("pets-3.0.yaml"), Settings())
    get, head = ask(made, "GET", "/v1/pets"), ask(made, "HEAD", "/v1/pets")
    assert (get.status, head.status, head.body) == (200, 200, b"")
    assert header(head, "Content-Length") == str(len(get.body))
    assert header(ask(made, "OPTIONS", "/v1/pets"), "Allow") == "GET, HEAD, OPTIONS, POST"


ORDER = [
    ("nothing", {}, b'{"CallbackURL": 5}', "body.schema"),
    ("and Accept", {"accept": "text/html"}, b'{"CallbackURL": 5}', "body.schema"),
    ("Accept alone", {"accept": "text/html"}, b"{}", "accept"),
    ("bad JSON", {"accept": "text/html"}, b"{", "body.json"),
    ("too large", {"content-type": "x"}, b"{" * 101, "body.size"),
    ("no key", {"authorization": ""}, b"{" * 101, "auth.empty"),
    ("other group", {"authorization": "Bearer sk-mock-aigc"}, b"{" * 101, "auth.group"),
    ("Prefer", {"authorization": "", "prefer": "code=abc"}, b"{" * 101, "request.prefer"),
]


@pytest.mark.parametrize(("headers", "body", "wanted"), [one[1:] for one in ORDER], ids=[one[0] for one in ORDER])
def test_what_is_looked_at_first_decides(headers: dict[str, str], body: bytes, wanted: str) -> None:
    assert rule(create(engine(body_limit=100), body, **headers)) == wanted


def test_pretty_answer_for_curl_is_the_same_value() -> None:
    one, two = create(engine(seed="s")), create(engine(seed="s"), User_Agent="curl/8.5.0")
    assert value(one) == value(two)
    assert two.body.count(b"\n") == 4
    assert header(two, "Content-Length") == str(len(two.body))


# --- Prefer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", CONTRACTS)
@pytest.mark.parametrize(("status", "wanted"), [(400, "body.schema"), (401, "auth.unknown")])
def test_status_that_was_asked_for_is_answered_in_the_contracts_shape(profile: str, status: int, wanted: str) -> None:
    response = create(engine(profile), key=None, Prefer=f"code={status}")
    assert (response.status, rule(response)) == (status, wanted)
    assert "basis=asked" in (header(response, "X-Mock-Rule") or "")
    assert header(response, "Preference-Applied") == f"code={status}"
    assert error(response)


def test_status_that_is_not_documented_is_refused() -> None:
    response = create(engine(), Prefer="code=418")
    assert (response.status, rule(response)) == (400, "request.prefer")
    assert "200, 400, 401" in str(error(response)["message"])


def test_example_and_success_are_given_only_to_who_may_call() -> None:
    assert create(engine(), key=None, Prefer="code=200").status == 401
    response = create(engine(), Prefer="code=200, example=schema")
    assert (response.status, header(response, "Preference-Applied")) == (200, 'code=200, example="schema"')
    assert value(response)["BytedToken"] == "2026070222152680501D985EA34A3BE3D8"
    assert "there are: schema" in str(error(create(engine(), Prefer="example=other"))["message"])


def test_delay_is_handed_to_the_server_and_not_slept() -> None:
    response = create(engine(), Prefer="delay=30")
    assert (response.status, response.delay, header(response, "Preference-Applied")) == (200, 30.0, "delay=30")


def test_unknown_preference_is_not_said_to_be_applied() -> None:
    assert header(create(engine(), Prefer="respond-async"), "Preference-Applied") is None


def test_error_that_was_asked_for_has_the_documented_media_type() -> None:
    response = ask(Engine(read("pets-3.1.yaml"), Settings()), "GET", "/pets/1", headers={"Prefer": "code=404"})
    assert (response.status, header(response, "Content-Type")) == (404, "application/problem+json")
    assert value(response) == {"title": "No {detail} here"}


@pytest.mark.parametrize("profile", ["published", "observed"])
def test_404_that_was_asked_for_is_that_of_the_operation_where_it_has_one(profile: str) -> None:
    served = Engine(packaged_contract(profile), Settings())
    paths = (CREATE, "/volc/asset/GetVisualValidateResult")
    session, result = (ask(served, "POST", path, {}, WORKING, {"Prefer": "code=404"}) for path in paths)
    assert (session.status, rule(session)) == (404, "route.path")
    assert (result.status, rule(result)) == (404, "prefer")
    assert b"Invalid URL" not in result.body
    assert b"found" in result.body


def test_answer_from_a_reconstructed_document_stands_on_the_basis_stated_there() -> None:
    content: Json = {"application/json": {"example": {"a": 1}}}
    stated: Json = {"200": {"description": "", "x-basis": "observed", "content": content}}
    plain: Json = {"200": {"description": "", "content": content}}
    for responses, basis in ((stated, "observed"), (plain, "example")):
        served = Engine(contract(operation_tree({"operationId": "thing", "responses": responses})), Settings())
        assert header(ask(served, "GET", "/thing"), "X-Mock-Rule") == f"thing; basis={basis}"


def test_status_without_a_valid_example_says_so() -> None:
    content: Json = {"application/json": {"schema": {"type": "object", "not": {}}, "example": 5}}
    made = contract(
        operation_tree({"responses": {"200": {"description": ""}, "503": {"description": "", "content": content}}})
    )
    response = ask(Engine(made, Settings()), "GET", "/thing", headers={"Prefer": "code=503"})
    assert (response.status, rule(response)) == (501, "mock.no_example")


# --- documents of the user's own --------------------------------------------------------------------------------------


def test_operation_without_a_behaviour_answers_from_its_valid_example() -> None:
    made = Engine(read("pets-3.0.yaml"), Settings(check_answers=True))
    response = ask(made, "GET", "/v1/pets?limit=5")
    assert (response.status, header(response, "X-Mock-Rule")) == (200, "listPets; basis=example")
    pets = json.loads(response.body)
    assert (pets[0]["name"], pets[0]["age"]) == ("Rex", 3)
    assert ask(made, "POST", "/v1/pets", {"name": "Rex", "kind": None}).status == 201


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "wanted"),
    [
        ("GET", "/v1/pets?limit=0", b"", 400, "request.parameter"),
        ("GET", "/v1/pets?limit=x", b"", 400, "request.parameter"),
        ("POST", "/v1/pets", b"", 400, "body.required"),
        ("POST", "/v1/pets", {"name": ""}, 400, "body.schema"),
        ("POST", "/v1/pets", {"name": "a", "age": 0}, 400, "body.schema"),
        ("POST", "/v1/pets", {"name": None}, 400, "body.schema"),
        ("GET", "/pets", b"", 404, "route.path"),
    ],
)
def test_wrong_request_to_any_document_is_refused(
    method: str, target: str, body: Json | bytes, status: int, wanted: str
) -> None:
    response = ask(Engine(read("pets-3.0.yaml"), Settings()), method, target, body)
    assert (response.status, rule(response)) == (status, wanted)


def test_document_without_replies_answers_with_problem_details() -> None:
    response = ask(Engine(read("pets-3.1.yaml"), Settings()), "GET", "/pets/x")
    assert (response.status, header(response, "Content-Type")) == (400, "application/problem+json")
    assert value(response) == {
        "type": "about:blank", "title": "Bad Request", "status": 400,
        "detail": "Invalid value for the path parameter id: expected integer, received string of 1 character.",
    }  # fmt: skip


def test_operation_that_no_value_satisfies_says_so() -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/A"}}}
    never: Json = {"type": "string", "enum": [5]}
    tree = operation_tree(
        {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}
    )
    response = ask(Engine(contract({**tree, "components": {"schemas": {"A": never}}}), Settings()), "GET", "/thing")
    assert (response.status, rule(response)) == (501, "mock.no_example")
    for said in ("GET /thing", "#/components/schemas/A", "overlay"):
        assert said in str(value(response)["detail"])


def test_operation_without_an_example_answers_from_its_schema() -> None:
    made = Engine(read("pets-3.1.yaml"), Settings())
    response = ask(made, "PUT", "/pets/1/photo", {})
    assert (response.status, header(response, "X-Mock-Rule")) == (200, "setPhoto.generated; basis=assumed")
    assert value(response)["url"]
    assert ask(made, "DELETE", "/pets/1").status == 204


def test_body_of_another_documented_type_is_taken() -> None:
    made = Engine(read("pets-3.1.yaml"), Settings())
    response = ask(made, "PUT", "/pets/1/photo", b"\x89PNG", headers={"Content-Type": "image/png"})
    assert response.status == 200, "it was not taken"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--X--',
            b"--X--",
        ),
        ("application/x-www-form-urlencoded", b"n=1", b"n=a"),
        ("application/xml", b"<r><n>1</n></r>", b"<r><n/></r>"),
        ("application/x-ndjson", b'{"n": 1}', b'{"n": 1}\n{"n": "a"}'),
    ],
)
def test_body_of_any_kind_is_judged_and_the_field_is_named(name: str, good: bytes, bad: bytes) -> None:
    schema: Json = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    content: Json = {name.partition(";")[0]: {"schema": schema}}
    made = Engine(
        contract(operation_tree({"requestBody": {"required": True, "content": content}}, method="post")), Settings()
    )
    assert ask(made, "POST", "/thing", good, headers={"Content-Type": name}).status == 200
    refused = ask(made, "POST", "/thing", bad, headers={"Content-Type": name})
    assert (refused.status, rule(refused)) == (400, "body.schema" if b"n" in bad else "body.required")
    assert "n in the body: expected" in str(value(refused)["detail"])
    assert rule(ask(made, "POST", "/thing", headers={"Content-Type": name})) == "body.required"


def test_method_that_the_concrete_path_lacks_is_that_of_a_templated_one() -> None:
    answers: Json = {"responses": {"204": {"description": ""}}}
    listed: Json = [{"name": "id", "in": "path", "required": True, "schema": {"enum": ["new", "old"]}}]
    paths: Json = {"/a/new": {"put": answers}, "/a/{id}": {"parameters": listed, "get": answers}}
    made = Engine(contract({"paths": paths}), Settings())
    assert [ask(made, method, "/a/new").status for method in ("GET", "PUT", "HEAD", "DELETE")] == [204, 204, 204, 405]
    assert ask(made, "GET", "/a/other").status == 400
    assert header(ask(made, "DELETE", "/a/new"), "Allow") == "GET, HEAD, OPTIONS, PUT"
    assert header(ask(made, "DELETE", "/a/old"), "Allow") == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("documented", "status"),
    [(["200"], 415), (["200", "400"], 400), (["200", "400", "415"], 415), (["200", "400", "default"], 415)],
)
def test_body_of_another_type_is_told_with_415_or_400_where_the_document_knows_that_alone(
    documented: list[str], status: int
) -> None:
    responses: Json = {one: {"description": ""} for one in documented}
    operation: Json = {"requestBody": {"content": {"application/xml": {}}}, "responses": responses}
    made = Engine(contract(operation_tree(operation, method="post")), Settings())  # type: ignore[arg-type]
    refused = ask(made, "POST", "/thing", b"{}")
    assert (refused.status, rule(refused)) == (status, "body.media_type")
    assert "application/xml" in str(value(refused)["detail"])


@pytest.mark.parametrize("identifier", ["创建会话", 'a"b\\c', "a\r\nX-Evil: 1", "é"])
def test_operation_id_of_any_characters_makes_a_header_that_can_be_sent(identifier: str) -> None:
    response = ask(Engine(contract(operation_tree({"operationId": identifier})), Settings()), "GET", "/thing")
    told = header(response, "X-Mock-Rule") or ""
    assert response.status == 200
    assert told.isascii()
    assert told.isprintable()


def test_operations_of_one_name_behind_two_base_paths_are_told_apart() -> None:
    def tree(base: str, example: int) -> dict[str, Json]:
        content: Json = {"application/json": {"example": example}}
        operation: dict[str, Json] = {"responses": {"200": {"description": "", "content": content}}}
        return {"openapi": "3.1.0", "servers": [{"url": base}], **operation_tree({**operation, "operationId": base})}

    made = Engine(compile_contract([document(tree(f"/v{n}", n), f"{n}.json") for n in (1, 2)]), Settings())
    for number in (1, 2):
        response = ask(made, "GET", f"/v{number}/thing")
        assert (response.body, rule(response)) == (b"%d" % number, f"/v{number}")


def test_keys_of_every_scheme_open_their_operation() -> None:
    made = Engine(read("keys.yaml"), Settings())
    for target, headers in (
        ("/bearer", {"Authorization": f"Bearer {WORKING}"}),
        ("/basic", {"Authorization": "Basic c2stbW9jay1ieXRlcGx1cy1kaXJlY3Q6"}),
        ("/header", {"X-Key": WORKING}),
        (f"/query?key={WORKING}", {}),
        ("/cookie", {"Cookie": f"session={WORKING}"}),
        ("/optional", {}),
        ("/open", {}),
    ):
        assert ask(made, "GET", target, headers=headers).status == 200
        without = ask(made, "GET", target.partition("?")[0])
        assert (without.status == 200) is (target in ("/optional", "/open"))
        assert (header(without, "WWW-Authenticate") is not None) is (without.status == 401)


# --- anything at all --------------------------------------------------------------------------------------------------

KEY, TOKEN = "sk-secret-9f8e7d", "20260702221526AAAABBBBCCCCDDDD0000"
latin = st.text(st.characters(max_codepoint=255), max_size=40)
header_values = st.one_of(
    latin,
    st.sampled_from(
        ["*/*", "application/json", "text/html", "code=404", "delay=1", "5", "chunked", f"Bearer {WORKING}"]
    ),
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "PUT", "TRACE", "X"]),
        "path": st.one_of(
            st.just(CREATE),
            st.just(CREATE),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map("/".__add__),
        ),
        "query": latin,
        "body": st.one_of(
            st.binary(max_size=60),
            st.recursive(st.none() | st.booleans() | st.text(max_size=9) | st.floats(), st.lists, max_leaves=4).map(
                lambda value: json.dumps({"CallbackURL": value}).encode()
            ),
        ),
        "headers": st.dictionaries(
            st.sampled_from(
                [
                    "authorization",
                    "content-type",
                    "content-length",
                    "accept",
                    "prefer",
                    "transfer-encoding",
                    "cookie",
                    "user-agent",
                    "expect",
                    "host",
                ]
            ),
            header_values,
            max_size=6,
        ),
        "authorised": st.booleans(),
    }
)


class Noted:
    """An engine, and what it told its observer."""

    def __init__(self, profile: str) -> None:
        self.seen: list[tuple[Response, Decision]] = []
        self.engine = Engine(CONTRACTS[profile], Settings(body_limit=50, check_answers=True), CLOCK, self.note)

    def note(self, _: Request, response: Response, decision: Decision) -> None:
        self.seen.append((response, decision))


NOTED = {profile: Noted(profile) for profile in CONTRACTS}


@settings(max_examples=400)
@given(requests, st.sampled_from(sorted(CONTRACTS)))
def test_any_request_gets_a_documented_status_and_the_vendors_shape(asked: dict[str, object], profile: str) -> None:
    noted = NOTED[profile]
    noted.seen.clear()
    body = asked["body"]
    assert isinstance(body, bytes)
    headers = {"content-length": str(len(body)), "content-type": "application/json", **asked["headers"]}  # type: ignore[dict-item]
    if asked["authorised"]:
        headers["authorization"] = f"Bearer {WORKING}"
    incoming = Request(
        str(asked["method"]), str(asked["path"]), str(asked["query"]), PlainHeaders(headers), io.BytesIO(body).read
    )
    response = noted.engine.answer(incoming)
    documented = {int(one.status) for one in CONTRACTS[profile].operations[0].responses}
    assert response.status in documented | {204, 404, 405, 406, 413}
    assert [told for told, _ in noted.seen] == [response]
    for _, text in response.headers:
        assert text.isascii()
        assert text.isprintable()
    assert header(response, "X-Mock-Rule")
    if incoming.method == "HEAD" or response.status == 204:
        assert response.body == b""
    elif response.status == 200:
        assert {"BytedToken", "H5Link"} <= set(value(response))
    else:
        assert {"message", "type", "code"} <= set(error(response))


def secrets_in(text: str, *secrets: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("profile", CONTRACTS)
@pytest.mark.parametrize(
    ("key", "body", "headers"),
    [
        (KEY, b"{}", {}),
        (WORKING + "-" + KEY, {"CallbackURL": "https://a.example/" + TOKEN}, {}),
        (WORKING + "-" + KEY, {"CallbackURL": [TOKEN]}, {}),
        (WORKING + "-" + KEY, json.dumps(TOKEN).encode(), {}),
        (WORKING + "-" + KEY, TOKEN.encode(), {}),
        (WORKING + "-" + KEY, b"{}", {"Content-Type": TOKEN}),
        (WORKING + "-" + KEY, b"{}", {"Content-Type": f"application/json; charset={TOKEN}"}),
        (WORKING + "-" + KEY, b"{}", {"Accept": f"text/{TOKEN}"}),
        (WORKING + "-" + KEY, b"{}", {"Prefer": f"code={TOKEN}"}),
        (None, b"{}", {"Authorization": f"Basic {KEY}"}),
        (None, b"{}", {"Authorization": f"Bearer {KEY} {KEY}"}),
        (None, b"{}", {"Authorization": KEY}),
    ],
)
def test_no_secret_is_in_a_header_a_decision_or_a_log_line(
    profile: str, key: str | None, body: Json | bytes, headers: dict[str, str]
) -> None:
    decisions: list[str] = []
    streams = io.StringIO(), io.StringIO()
    logs = RequestLog("text", streams[0]), RequestLog("json", streams[1])

    def note(incoming: Request, response: Response, decision: Decision) -> None:
        decisions.append(f"{decision!r} {decision}")
        for log in logs:
            log._started = True  # no thread: the test writes by hand
            log(incoming, response, decision)
            log.flush()

    made = Engine(CONTRACTS[profile], Settings(tokens=(KEY + "-2",)), CLOCK, note)
    response = ask(made, "POST", f"{CREATE}?token={KEY}", body, key, headers)
    lines = "".join(stream.getvalue() for stream in streams)
    assert lines.count("\n") == 2
    told = [text for name, text in response.headers if name != "Preference-Applied"]
    secrets = [KEY, TOKEN]
    if response.status == 200:
        found = value(response)
        secrets += [str(found["BytedToken"]), str(found["H5Link"])[-900:], unquote(str(found["H5Link"]))]
    assert secrets_in(f"{told} {decisions} {lines} {made.settings!r}", *secrets) == []
    assert response.status == 200 or secrets_in(response.body.decode(), *secrets) == []


def test_request_of_making_is_what_a_server_hands_over() -> None:
    asked = request("GET", "/a%20b?c=%20", b"{}", {"X-A": "1"})
    assert (asked.path, asked.query, asked.headers.get("content-length"), asked.headers.get("x-a")) == (
        "/a b",
        "c=%20",
        "2",
        "1",
    )


# --- documents that are wrong in places -------------------------------------------------------------------------------


def test_operation_that_cannot_be_served_is_answered_501_with_the_reason_and_the_others_are_served() -> None:
    body: Json = {"content": {"application/json": {"schema": {"$ref": "https://a.example/thing.json"}}}}
    lost: Json = {"requestBody": body, "responses": {"200": {"description": ""}}}
    whole: Json = {"responses": {"200": {"description": ""}}}
    engine = Engine(contract({"paths": {"/a": {"post": lost, "get": whole}}}), Settings())
    response = engine.answer(request("POST", "/a", b"{}"))
    assert response.status == 501
    assert b"/paths/~1a/post/requestBody" in response.body
    assert b"never fetched" in response.body
    assert dict(response.headers)["X-Mock-Rule"].startswith("mock.unserved;")
    assert engine.answer(request("GET", "/a")).status == 200
    assert engine.answer(request("PUT", "/a")).status == 405


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, ("application/json", b'{"kind":"plain"}')),
        ("application/json;q=0.1, application/vnd.a+json", ("application/vnd.a+json", b'{"kind":"vendor"}')),
        ("application/*;q=0.5", ("application/json", b'{"kind":"plain"}')),
    ],
)
def test_answer_is_of_the_media_type_that_the_caller_would_rather_have(
    accept: str | None, wanted: tuple[str, bytes]
) -> None:
    content: Json = {
        "application/json": {"example": {"kind": "plain"}},
        "application/vnd.a+json": {"example": {"kind": "vendor"}},
    }
    made = contract(operation_tree({"responses": {"200": {"description": "", "content": content}}}))
    response = Engine(made, Settings()).answer(
        request("GET", "/thing", headers={} if accept is None else {"Accept": accept})
    )
    assert (dict(response.headers)["Content-Type"], response.body) == wanted
