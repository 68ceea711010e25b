"""The suite on documents of others: what it sends without knowing their data, what it leaves, and what it notices."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import yaml

from contract_tests import examples
from contract_tests.body_texts import BOUNDARY
from contract_tests.cases import cases_of
from contract_tests.exchanges import MemoryExchanges
from contract_tests.expectations import expectation
from contract_tests.failures import ContractFailure
from contract_tests.plan import make_plan, plan_lines
from contract_tests.preparing import CannotRun, Options, read_contract
from contract_tests.run import Run, checks_of
from contract_tests.targets import KEY, Ask, Exchange, Target
from contract_tests.verdicts import ABSENT, KEPT, UNKNOWN, NotRun
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from contract_tests.case import Case
    from openapi.contract import Contract
    from openapi.reading import Json

BEARER: Json = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
SHOP: dict[str, Json] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/orders": {
            "post": {
                "operationId": "createOrder",
                "tags": ["orders"],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["title", "amount", "when"],
                                "properties": {
                                    "title": {"type": "string", "minLength": 3},
                                    "amount": {"type": "integer", "minimum": 5},
                                    "when": {"type": "string", "format": "date"},
                                },
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "made"}},
            }
        },
        "/orders/{orderId}": {
            "get": {
                "operationId": "getOrder",
                "tags": ["orders"],
                "parameters": [{"name": "orderId", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "x",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {"id": {"type": "integer"}},
                                }
                            }
                        },
                    }
                },
            },
            "delete": {
                "operationId": "deleteOrder",
                "parameters": [
                    {"name": "orderId", "in": "path", "required": True, "schema": {"type": "integer"}, "example": 7}
                ],
                "responses": {"204": {"description": "gone"}},
            },
        },
    },
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump(SHOP, sort_keys=False), encoding="utf-8")
    return path


@dataclass
class Sending:
    """A sender whose target answers as a function says; it keeps what was sent."""

    answer: Callable[[Ask], Exchange]
    sent: list[Ask] = field(default_factory=list)

    def send(self, ask: Ask) -> Exchange:
        self.sent.append(ask)
        return self.answer(ask)


def run_of(made: Contract, answer: Callable[[Ask], Exchange], url: str = "http://127.0.0.1:9") -> Run:
    return Run(made, Target(url, "sk-any-document-0123456789"), Sending(answer), MemoryExchanges())


def case_of(made: Contract, name: str) -> Case:
    return next(case for case in cases_of(made) if case.id.endswith(name))


def with_body(content: Json) -> Contract:
    return contract(operation_tree({"requestBody": {"required": True, "content": content}}, method="post"))


# --- what only the user knows -----------------------------------------------------------------------------------------


def test_id_without_an_example_is_not_sent_and_the_overlay_that_is_shown_lets_it_run(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = read_contract(Options(documents=(str(shop),)))
    lacking = case_of(made, "getOrder/body/documented")
    assert [case.id for case in cases_of(made) if case.operation.id == "getOrder"] == [lacking.id]
    assert "getOrder" not in {check.operation.id for check in checks_of(made)}
    with pytest.raises(NotRun, match="the path parameter orderId: give an example, in an overlay") as left:
        run_of(made, lambda ask: Exchange(ask, 200)).check_case(lacking)
    assert left.value.code == UNKNOWN.code
    pasted = f"overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{left.value.remedy}\n"
    for text in (pasted, printed(shop, capsys)):
        overlay = shop.with_name("examples.yaml")
        overlay.write_text(text.replace("example: 1", "example: 4711"), encoding="utf-8")
        given = read_contract(Options(documents=(str(shop),), overlays=(str(overlay),)))
        assert case_of(given, "getOrder/body/documented").ask.path == "/orders/4711"


def printed(shop: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert examples.main(["--contract-document", str(shop)]) == 0
    return capsys.readouterr().out


def test_one_action_gives_all_operations_below_a_path_their_id(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = json.loads(json.dumps(SHOP))
    del tree["paths"]["/orders/{orderId}"]["delete"]["parameters"][0]["example"]
    shop.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    overlay = shop.with_name("examples.yaml")
    overlay.write_text(printed(shop, capsys), encoding="utf-8")
    assert overlay.read_text(encoding="utf-8").count("target:") == 1
    given = read_contract(Options(documents=(str(shop),), overlays=(str(overlay),)))
    assert not [case.id for case in cases_of(given) if case.not_run]


def test_path_parameter_that_nobody_declared_gets_its_example_from_the_overlay(tmp_path: Path) -> None:
    path, overlay = tmp_path / "api.yaml", tmp_path / "overlay.yaml"
    tree = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, **operation_tree({}, path="/things/{name}")}
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    made = read_contract(Options(documents=(str(path),)))
    with pytest.raises(NotRun) as left:
        run_of(made, lambda ask: Exchange(ask, 200)).check_case(cases_of(made)[0])
    text = f"overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{left.value.remedy}\n"
    overlay.write_text(text, encoding="utf-8")
    given = read_contract(Options(documents=(str(path),), overlays=(str(overlay),)))
    assert cases_of(given)[0].ask.path == "/things/contract"


def test_body_that_refers_to_what_exists_is_not_made_up() -> None:
    schema: Json = {"type": "object", "required": ["customer_id"], "properties": {"customer_id": {"type": "string"}}}
    (case,) = (one for one in cases_of(with_body({"application/json": {"schema": schema}})) if one.not_run)
    assert "the body: customer_id" in case.not_run
    assert json.loads(case.gaps[0].sample) == {"customer_id": "contract"}
    assert case.gaps[0].target == "$.paths['/thing'].post.requestBody.content['application/json']"


@pytest.mark.parametrize("status", [404, 410])
def test_id_that_is_not_there_says_nothing_of_the_contract(shop: Path, status: int) -> None:
    made = read_contract(Options(documents=(str(shop),)))
    case = case_of(made, "deleteOrder/body/documented")
    with pytest.raises(NotRun, match=f"answered {status}: it has nothing of the id in the path") as left:
        run_of(made, lambda ask: Exchange(ask, status)).check_case(case)
    assert left.value.code == ABSENT.code
    assert "example: 7" in left.value.remedy


def test_404_without_an_id_in_the_path_fails() -> None:
    made = contract(operation_tree({}))
    with pytest.raises(ContractFailure):
        run_of(made, lambda ask: Exchange(ask, 404)).check_case(cases_of(made)[0])


# --- refusals that no document names ----------------------------------------------------------------------------------


def test_401_that_security_asks_for_and_no_response_names_is_a_gap_of_the_document() -> None:
    made = contract({**operation_tree({"security": [{"key": []}]}), "components": BEARER})
    verdict = run_of(made, lambda ask: Exchange(ask, 401)).check_case(case_of(made, "auth/missing"))
    assert [one.code for one in verdict.reported] == ["AFC117"]
    with pytest.raises(ContractFailure) as failed:
        run_of(made, lambda ask: Exchange(ask, 200)).check_case(case_of(made, "auth/missing"))
    assert [one.code for one in failed.value.findings] == ["AFC113"]


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_form_is_made_from_its_schema_and_lacks_a_field_in_turn(shop: Path) -> None:
    made = read_contract(Options(documents=(str(shop),)))
    case = case_of(made, "createOrder/body/documented")
    assert case.ask.body == b"title=contract&amount=5&when=2026-07-02"
    assert case_of(made, "createOrder/invalid/amount-missing").ask.body == b"title=contract&when=2026-07-02"


def test_multipart_has_files_and_fields_and_text_is_text() -> None:
    binary: Json = {"type": "string", "format": "binary"}
    form: Json = {
        "type": "object", "required": ["file", "note"], "properties": {"file": binary, "note": {"type": "string"}},
    }  # fmt: skip
    case = cases_of(with_body({"multipart/form-data": {"schema": form}}))[0]
    body = (case.ask.body or b"").decode()
    assert case.ask.header("content-type") == f"multipart/form-data; boundary={BOUNDARY}"
    assert 'name="file"; filename="contract.bin"\r\nContent-Type: application/octet-stream' in body
    assert 'name="note"\r\n\r\ncontract\r\n' in body
    text = cases_of(with_body({"text/plain": {"schema": {"type": "string"}}}))[0]
    assert (text.ask.header("content-type"), text.ask.body) == ("text/plain", b"contract")


def test_body_that_cannot_be_written_is_not_run_with_its_reason() -> None:
    schema: Json = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    (case,) = (one for one in cases_of(with_body({"application/xml": {"schema": schema}})) if one.not_run)
    assert case.not_run.startswith("bodies of type application/xml are not made")
    shown = cases_of(with_body({"application/xml": {"example": "<a/>"}}))[0]
    assert (shown.ask.header("content-type"), shown.ask.body) == ("application/xml", b"<a/>")


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ({"style": "pipeDelimited", "explode": False, "schema": {"type": "array", "example": ["a", "b"]}}, "p=a%7Cb"),
        ({"style": "deepObject", "schema": {"type": "object", "example": {"k": "v"}}}, "p[k]=v"),
        ({"schema": {"type": "array", "items": {"enum": ["x", "y"]}}}, "p=x"),
        ({"content": {"application/json": {"schema": {"example": {"a": 1}}}}}, "p=%7B%22a%22%3A%201%7D"),
        ({"schema": {"type": "string", "format": "date"}}, "p=2026-07-02"),
        ({"examples": {"one": {"value": "shown"}}, "schema": {"type": "string"}}, "p=shown"),
    ],
)
def test_required_parameter_is_written_in_its_style(parameter: dict[str, Json], query: str) -> None:
    listed: Json = [{"name": "p", "in": "query", "required": True, **parameter}]
    case = cases_of(contract(operation_tree({"parameters": listed})))[0]
    assert case.ask.path == f"/thing?{query}"


def test_basic_credential_is_user_and_password_or_the_key_as_a_user() -> None:
    schemes: Json = {"securitySchemes": {"key": {"type": "http", "scheme": "basic"}}}
    made = contract({**operation_tree({"security": [{"key": []}]}), "components": schemes})
    (sent,) = (value for name, value in cases_of(made)[0].ask.headers if name == "Authorization")
    for key, pair in (("user:word", b"user:word"), ("sk_test", b"sk_test:")):
        assert Target("http://127.0.0.1:9", key).filled(sent) == f"Basic {base64.b64encode(pair).decode()}"


def test_two_credentials_in_one_place_are_not_sent() -> None:
    schemes: Json = {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer"},
            "other": {"type": "apiKey", "in": "header", "name": "Authorization"},
        }
    }
    made = contract({**operation_tree({"security": [{"key": [], "other": []}]}), "components": schemes})
    assert "two credentials in one place" in cases_of(made)[0].not_run


def test_method_that_another_template_has_is_not_tried() -> None:
    shown: Json = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "7"}]
    answers: Json = {"200": {"description": "x"}}
    tree: dict[str, Json] = {
        "paths": {
            "/things/search": {"get": {"responses": answers}},
            "/things/{id}": {"put": {"parameters": shown, "responses": answers}},
        }
    }
    tried = {case.id for case in cases_of(contract(tree)) if case.group == "method"}
    assert "GET /things/search/method/put" not in tried
    assert {"GET /things/search/method/patch", "PUT /things/{id}/method/patch"} <= tried


def test_hundreds_of_properties_are_varied_in_part() -> None:
    members: Json = {f"m{number}": {"type": "integer"} for number in range(300)}
    made = with_body({"application/json": {"schema": {"type": "object", "properties": members}, "example": {}}})
    assert len(cases_of(made)) < 120


# --- which operations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("getOrder", {"getOrder"}),
        ("DELETE /orders/*", {"deleteOrder"}),
        ("orders", {"createOrder", "getOrder"}),
        ("*", {"createOrder", "getOrder", "deleteOrder"}),
    ],
)
def test_operations_are_chosen_by_id_path_or_tag(shop: Path, pattern: str, named: set[str]) -> None:
    made = read_contract(Options(documents=(str(shop),), operations=(pattern,)))
    assert {case.operation.id for case in cases_of(made)} == named


def test_pattern_that_names_no_operation_is_refused_with_the_nearest(shop: Path) -> None:
    with pytest.raises(CannotRun, match=r"'getOrders' names no operation.*getOrder"):
        read_contract(Options(documents=(str(shop),), operations=("getOrders",)))


def test_delete_is_held_back_beyond_this_machine(shop: Path) -> None:
    made = read_contract(Options(documents=(str(shop),)))
    cases = cases_of(made)
    deleting = {case.id for case in cases if case.ask.method == "DELETE" and not case.not_run}
    assert {name.rpartition("/")[2] for name in deleting} >= {"documented", "delete"}
    allowance = Options(target="https://shop.example", budget="none").allowance
    far = make_plan(cases, cases, "https://shop.example", allowance)
    assert {name for name, why in far.left_out.items() if why == KEPT} == deleting
    for plan in (make_plan(cases, cases, "", allowance), make_plan(cases, cases, far.target, allowance, delete=True)):
        assert plan.left_out == {}


def test_plan_of_many_requests_tells_of_operations() -> None:
    item: Json = {"get": {"responses": {"200": {"description": "x"}}}}
    made = contract({"paths": {f"/things{number}": item for number in range(120)}})
    plan = make_plan(cases_of(made), cases_of(made), "", Options().allowance)
    lines = list(plan_lines(plan))
    assert len(plan.requests) > 400
    assert len(lines) < 130
    assert "    4     0         0  GET /things7" in lines
    assert len(list(plan_lines(plan, detailed=True))) > 400


def documented(operation: dict[str, Json]) -> Case:
    made = cases_of(contract(operation_tree(operation)))
    return next(one for one in made if one.name == "documented")


def test_list_in_a_cookie_is_sent_where_it_has_one_form_and_told_where_it_has_none() -> None:
    cookie: dict[str, Json] = {
        "name": "ids", "in": "cookie", "required": True,
        "schema": {"type": "array", "items": {"type": "integer"}, "example": [3, 4]},
    }  # fmt: skip
    assert documented({"parameters": [{**cookie, "explode": False}]}).ask.header("Cookie") == "ids=3,4"
    assert "give it 'explode: false'" in documented({"parameters": [cookie]}).not_run


def test_redirection_is_accepted_where_the_document_has_no_other_success() -> None:
    moved: Json = {"description": "x"}
    for responses, status, wrong in (
        ({"302": moved}, 302, False),
        ({"302": moved, "200": moved}, 302, True),
        ({"302": moved}, 303, True),
        ({"302": moved, "default": moved}, 302, False),
    ):
        case = documented({"responses": responses})
        assert bool(list(expectation(case, Exchange(case.ask, status)))) is wrong, (responses, status)


# --- faults of the target ---------------------------------------------------------------------------------------------

PETS: dict[str, Json] = {
    "components": BEARER,
    **operation_tree(
        {
            "security": [{"key": []}],
            "responses": {
                "200": {
                    "description": "x",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["id", "name"],
                                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
                            }
                        }
                    },
                }
            },
        },
        path="/pets",
    ),
}


def pets(ask: Ask) -> Exchange:
    """Answer as a right server."""
    if ask.header("authorization") != f"Bearer {KEY}" and ask.header("authorization") != f"bearer {KEY}":
        return Exchange(ask, 401, (("WWW-Authenticate", "Bearer"),))
    if ask.method != "GET":
        return Exchange(ask, 405, (("Allow", "GET"),))
    if ask.path.partition("?")[0] != "/pets":
        return Exchange(ask, 404)
    return Exchange(ask, 200, (("Content-Type", "application/json"),), b'{"id": 7, "name": "Rex"}')


def spoiled(**parts: object) -> Callable[[Ask], Exchange]:
    """Answer rightly but for some parts of each success."""
    return lambda ask: replace(made, **parts) if (made := pets(ask)).status == 200 else made  # type: ignore[arg-type]


def open_to_all(ask: Ask) -> Exchange:
    """Answer everybody."""
    return pets(replace(ask, headers=(("Authorization", f"Bearer {KEY}"),)))


FAULTS: dict[str, tuple[Callable[[Ask], Exchange], set[str]]] = {
    "none": (pets, set()),
    "another status": (spoiled(status=204, body=b""), {"AFC101", "AFC111"}),
    "a lost member": (spoiled(body=b'{"id": 7}'), {"AFC107"}),
    "another type": (spoiled(body=b'{"id": "7", "name": "Rex"}'), {"AFC107"}),
    "another content type": (spoiled(headers=(("Content-Type", "text/html"),)), {"AFC106"}),
    "no 401": (open_to_all, {"AFC113"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_of_a_target_is_noticed_and_a_right_one_raises_no_alarm(name: str) -> None:
    answer, wanted = FAULTS[name]
    run = run_of(contract(PETS), answer)
    found: set[str] = set()
    for case in run.cases:
        try:
            run.check_case(case)
        except ContractFailure as failure:
            found |= {one.code for one in failure.findings}
    assert found == wanted
