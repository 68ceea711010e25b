"""Contracts: one document or several, folders, versions, base paths, and what cannot be served side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.scale import made_document as document_of
from benchmarks.scale import microseconds
from mockserver.engine import Engine
from mockserver.settings import Settings
from openapi.contract import LARGE, compile_contract, load_contract, packaged_contract
from openapi.errors import ContractError
from openapi.relocating import served_at
from tests.documents.making import CREATE, DOCUMENTS, contract, document, operation_tree, read, request

if TYPE_CHECKING:
    from pathlib import Path

    from openapi.reading import Json

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
GET = "{get: {responses: {'200': {description: ok}}}}"


def write(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def refused(folder: Path, *texts: str) -> ContractError:
    paths = write(folder, **{f"d{number}": text for number, text in enumerate(texts)})
    with pytest.raises(ContractError) as caught:
        load_contract(paths)
    assert caught.value.place is not None
    assert caught.value.remedy
    return caught.value


# --- one document -----------------------------------------------------------------------------------------------------


def test_operations_stand_in_document_order_with_their_base_path() -> None:
    made = read("pets-3.0.yaml")
    assert [(one.id, one.name, one.base_paths) for one in made.operations] == [
        ("listPets", "GET /pets", ("/v1",)),
        ("addPet", "POST /pets", ("/v1",)),
    ]
    assert made.find("/pets") is None
    match = made.find("/v1/pets")
    assert match is not None
    assert set(match.operations) == {"GET", "POST"}


@pytest.mark.parametrize(
    ("text", "told", "pointer"),
    [
        ("swagger: '2.0'\npaths: {}\n", "Swagger 2.0", ""),
        ("openapi: 3.2.0\npaths: {}\n", "No operation", ""),
        ("openapi: 3.3.0\npaths: {}\n", "'3.3.0' is not a supported", "/openapi"),
        ("openapi: 3.10.0\npaths: {}\n", "'3.10.0' is not a supported", "/openapi"),
        ("openapi: 4.0.0\npaths: {}\n", "'4.0.0' is not a supported", "/openapi"),
        ("openapi: 3\npaths: {}\n", "3 is not a supported", "/openapi"),
        ("openapi: null\npaths: {}\n", "no 'openapi' version", ""),
        ("paths: {}\n", "no 'openapi' version", ""),
        (HEAD, "No operation", ""),
        (HEAD + "paths: {}\n", "No operation", ""),
        (HEAD + "paths: {/a: {}}\n", "No operation", ""),
        (HEAD + "paths:\n", "No operation", ""),
        (HEAD + "paths: [/a]\n", "No operation", ""),
        (HEAD + "webhooks: {paid: {post: {}}}\n", "Only webhooks", ""),
        (HEAD + "paths:\n  /a:\n", "object is expected", "/paths/~1a"),
        (HEAD + "paths: {/a: {get: }}\n", "object is expected", "/paths/~1a/get"),
        (HEAD + "paths: {/a: {$ref: '#/nowhere'}}\n", "leads nowhere", "/paths/~1a"),
        (HEAD + "paths: {/a: {$ref: '#/paths/~1a'}}\n", "back to itself", "/paths/~1a"),
    ],
)
def test_document_that_cannot_be_served_is_refused_at_its_place(
    tmp_path: Path, text: str, told: str, pointer: str
) -> None:
    error = refused(tmp_path, text)
    assert told in error.what
    assert error.place is not None
    assert (error.place.file, error.place.pointer) == (str(tmp_path / "d0.yaml"), pointer)
    assert error.place.line


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        (f"paths: {{a: {GET}}}\n", "path-without-slash", "/paths/a"),
        (f"servers: [{{url: '/{{v}}'}}]\npaths: {{/a: {GET}}}\n", "server-variable", "/servers/0"),
        (f"servers: [{{url: 'http://[a'}}]\npaths: {{/a: {GET}}}\n", "server-ignored", "/servers/0"),
        (f"servers: [5]\npaths: {{/a: {GET}}}\n", "server-ignored", "/servers/0"),
        ("paths: {/a: {get: {}}}\n", "no-responses", "/paths/~1a/get"),
        (
            "paths: {/a: {get: {parameters: {}, responses: {'200': {description: a}}}}}\n",
            "not-a-list",
            "/paths/~1a/get/parameters",
        ),
    ],
)
def test_document_that_is_wrong_in_a_place_is_served_with_a_warning_that_names_it(
    tmp_path: Path, text: str, code: str, pointer: str
) -> None:
    made = load_contract(write(tmp_path, made=HEAD + text))
    assert made.find("/a") is not None
    assert [(one.level, one.code, one.place.pointer) for one in made.notices] == [("warning", code, pointer)]
    assert made.notices[0].remedy


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("{$ref: '#/nowhere'}", "leads nowhere"),
        ("", "object is expected"),
        ("{get: }", "object is expected"),
        ("{get: {responses: {'200': {$ref: 'https://a.example/x.yaml'}}}}", "never fetched"),
        (
            "{get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/nowhere'}}}}}}}",
            "leads nowhere",
        ),
    ],
)
def test_operation_that_cannot_be_served_is_taken_out_alone_with_its_reason(
    tmp_path: Path, broken: str, told: str
) -> None:
    made = load_contract(write(tmp_path, made=f"{HEAD}paths:\n  /broken: {broken}\n  /whole: {GET}\n"))
    assert [one.path for one in made.operations] == ["/whole"]
    (lost,) = made.unserved
    assert lost.path == "/broken"
    assert told in lost.reason.what
    assert lost.reason.place is not None
    assert lost.reason.place.pointer.startswith("/paths/~1broken")


def test_paths_that_differ_in_names_alone_leave_the_first_and_tell_of_the_second(tmp_path: Path) -> None:
    made = load_contract(write(tmp_path, made=f"{HEAD}paths:\n  /a/{{b}}: {GET}\n  /a/{{c}}: {GET}\n"))
    assert [one.path for one in made.operations] == ["/a/{b}"]
    assert "No request can tell the two apart" in made.unserved[0].reason.what


def test_large_document_is_looked_through_when_it_is_asked_for_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openapi.contract.LARGE", 10)
    made = load_contract(write(tmp_path, made=f"{HEAD}paths:\n  /a: {GET}\n  /b: {{get: {{}}}}\n"))
    told = [[one.code for one in made.notices]]
    for _ in range(2):
        made.verify()
        told.append([one.code for one in made.notices])
    assert told == [[], ["no-responses"], ["no-responses"]]


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.1.0", "3.1.1", "3.1.0-rc1", "3.0", "3.1", "3.2.0"])
def test_supported_version_is_served(version: str) -> None:
    assert contract(operation_tree({}), version).operations


def test_document_of_3_2_is_read_as_3_1_and_what_is_new_in_it_is_told_and_left_out() -> None:
    answers: dict[str, Json] = {"responses": {"200": {"description": "ok"}}}
    lines: Json = {"application/jsonl": {"itemSchema": {"type": ["integer", "null"]}}}
    whole: Json = {"in": "querystring", "name": "q", "content": {"application/x-www-form-urlencoded": {}}}
    example: Json = {"200": {"description": "", "content": {"text/plain": {"examples": {"a": {"dataValue": 1}}}}}}
    paths: Json = {
        "/a": {"get": answers, "query": answers, "additionalOperations": {"COPY": answers}},
        "/b": {"post": {**answers, "requestBody": {"content": lines}}, "get": {**answers, "parameters": [whole]}},
        "/c": {"get": {"responses": example}},
    }
    made = contract({"paths": paths}, "3.2.0")
    assert [one.name for one in made.operations] == ["GET /a", "POST /b", "GET /c"]
    assert {(one.method, one.path) for one in made.unserved} == {("QUERY", "/a"), ("COPY", "/a"), ("GET", "/b")}
    assert all("3.2" in one.reason.what and one.reason.remedy and one.reason.place for one in made.unserved)
    assert [one.code for one in made.notices][:2] == ["openapi-3.2", "openapi-3.2-ignored"]
    assert "dataValue" in made.notices[1].what
    item = made.operations[1].body[0].item
    assert item is not None
    assert [item.check(value) == () for value in (5, None, "a")] == [True, True, False]


def test_own_address_of_3_2_is_told_to_mean_nothing() -> None:
    made = contract({"$self": "https://a.example/api.yaml", **operation_tree({})}, "3.2.0")
    assert "relative to it" in made.notices[1].remedy


def test_word_of_3_2_means_nothing_in_3_1() -> None:
    made = contract({"paths": {"/a": {"get": {"responses": {"200": {"description": ""}}}, "query": 5}}})
    assert not made.unserved
    assert not made.notices


def test_components_and_webhooks_alone_are_no_contract() -> None:
    with pytest.raises(ContractError, match="Only webhooks"):
        contract({"components": {}, "webhooks": {"a": {"post": {"responses": {}}}}})


def test_no_document_at_all_is_refused() -> None:
    with pytest.raises(ContractError, match="No operation"):
        compile_contract([])


def test_example_that_looks_like_a_broken_reference_does_not_stop_the_load() -> None:
    media: Json = {"application/json": {"example": {"$ref": "http://[not an address"}, "schema": {}}}
    assert contract(operation_tree({"responses": {"200": {"description": "", "content": media}}})).operations


# --- base paths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "paths"),
    [
        ([], ["/thing"]),
        ([{"url": "https://a.example"}], ["/thing"]),
        ([{"url": "https://a.example/"}], ["/thing"]),
        ([{"url": "/v1/"}], ["/v1/thing"]),
        ([{"url": "v1"}], ["/v1/thing"]),
        ([{"url": "https://a.example/my%20api"}], ["/my api/thing"]),
        ([{"url": "https://a.example/v1"}, {"url": "https://b.example/v1"}], ["/v1/thing"]),
        ([{"url": "/v1"}, {"url": "/v2"}], ["/v1/thing", "/v2/thing"]),
        (
            [{"url": "https://a.example/{v}/x", "variables": {"v": {"default": "v2", "enum": ["v1", "v2"]}}}],
            ["/v2/x/thing", "/v1/x/thing"],
        ),
        (
            [{"url": "{scheme}://{host}/{base}", "variables": {
                "scheme": {"default": "https"}, "host": {"default": "a.example"}, "base": {"default": "v3/x"}}}],
            ["/v3/x/thing"],
        ),
        ([{"url": "https://{tenant}.example/v1"}], ["/v1/thing"]),
        (
            [{"url": "https://a.example/{base}", "variables": {"base": {"default": "/api/v1"}}}],
            ["/api/v1/thing", "//api/v1/thing"],
        ),
    ],
)  # fmt: skip
def test_operations_are_served_behind_the_path_of_each_server(servers: Json, paths: list[str]) -> None:
    made = contract({**operation_tree({}), "servers": servers})
    assert [base + made.operations[0].path for base in made.operations[0].base_paths] == paths
    assert all(made.find(path) is not None for path in paths)


def test_path_parameters_are_known_of_a_contract_as_a_whole() -> None:
    assert not packaged_contract().has_path_parameters
    assert not contract(operation_tree({})).has_path_parameters
    assert contract(operation_tree({}, "/things/{id}")).has_path_parameters


def test_servers_of_the_operation_win_over_those_of_the_path_and_the_document() -> None:
    responses: Json = {"200": {"description": "ok"}}
    item: Json = {
        "servers": [{"url": "/item"}],
        "get": {"responses": responses, "servers": [{"url": "/own"}]},
        "post": {"responses": responses},
    }
    made = contract({"servers": [{"url": "/top"}], "paths": {"/a": item, "/b": {"get": {"responses": responses}}}})
    assert [one.base_paths for one in made.operations] == [("/own",), ("/item",), ("/top",)]


def test_document_that_is_served_elsewhere_keeps_its_base_paths() -> None:
    responses: Json = {"200": {"description": "ok"}}
    item: Json = {"get": {"responses": responses, "servers": [{"url": "https://a.example/own"}]}}
    tree: dict[str, Json] = {"servers": [{"url": "https://a.example/top/"}], "paths": {"/a": item}}
    made = contract(tree)
    moved = compile_contract([document(served_at(made.documents[0], "http://127.0.0.1:8080"))])
    assert moved.documents[0].tree["servers"] == [{"url": "http://127.0.0.1:8080/top"}]
    assert [one.base_paths for one in moved.operations] == [one.base_paths for one in made.operations] == [("/own",)]
    assert made.documents[0].tree["servers"] == tree["servers"], "the document itself was changed"


# --- several documents ------------------------------------------------------------------------------------------------


def test_documents_of_both_versions_are_served_together() -> None:
    made = load_contract([DOCUMENTS / "pets-3.0.yaml", DOCUMENTS / "pets-3.1.yaml"])
    assert len(made.operations) == 5
    by_id = {one.id: one for one in made.operations}
    pet: Json = {"name": "a", "kind": None}
    assert by_id["addPet"].body[0].schema is not None
    assert by_id["addPet"].body[0].schema.check(pet) == ()
    schema = by_id["getPet"].responses[0].media_types[0].schema
    assert schema is not None
    assert [one.pointer for one in schema.check({"name": None, "weight": 0})] == ["/weight"]


def test_same_path_in_two_documents_is_refused_naming_both(tmp_path: Path) -> None:
    text = f"{HEAD}paths:\n  /a: {GET}\n"
    error = refused(tmp_path, text, "# second\n" + text)
    assert error.what == f"GET /a is also defined at {tmp_path / 'd0.yaml'}:4 at /paths/~1a/get."
    assert error.place is not None
    assert (error.place.file, error.place.line) == (str(tmp_path / "d1.yaml"), 5)


def test_same_path_with_another_method_or_base_path_is_served(tmp_path: Path) -> None:
    one = f"{HEAD}paths: {{/a: {GET}}}\n"
    two = f"{HEAD}servers: [{{url: /v2}}]\npaths: {{/a: {GET}}}\n"
    three = f"{HEAD}paths: {{/a: {GET.replace('get', 'put')}}}\n"
    made = load_contract(write(tmp_path, one=one, two=two, three=three))
    assert len(made.operations) == 3


@pytest.mark.parametrize(("one", "two"), [("/a/{x}", "/a/{y}"), ("/a/{x}.json", "/a/{y}.json")])
def test_templates_that_differ_only_in_names_are_the_same_path(tmp_path: Path, one: str, two: str) -> None:
    def text(path: str) -> str:
        name = path.partition("{")[2].partition("}")[0]
        item = f"{{get: {{parameters: [{{name: {name}, in: path}}], responses: {{'200': {{description: ok}}}}}}}}"
        return f"{HEAD}paths: {{'{path}': {item}}}\n"

    assert "is also defined at" in refused(tmp_path, text(one), text(two)).what


@pytest.mark.parametrize("documents", [1, 2])
def test_operation_id_that_two_operations_have_stays_with_the_first(tmp_path: Path, documents: int) -> None:
    def item(path: str) -> str:
        return f"  {path}:\n    get:\n      operationId: same\n      responses: {{'200': {{description: ok}}}}\n"

    texts = [f"{HEAD}paths:\n{item('/a')}{item('/b')}"]
    if documents == 2:
        texts = [f"{HEAD}paths:\n{item('/a')}", f"{HEAD}paths:\n{item('/b')}"]
    made = load_contract(write(tmp_path, **{f"d{number}": text for number, text in enumerate(texts)}))
    assert [one.id for one in made.operations] == ["same", "GET /b"]
    (notice,) = made.notices
    assert notice.what == "The operationId 'same' of GET /b is also that of GET /a; it goes by its path."
    assert str(notice.place).endswith("at /paths/~1b/get/operationId")
    assert "overlay" in notice.remedy


def test_operations_without_an_id_do_not_clash(tmp_path: Path) -> None:
    one = f"{HEAD}paths: {{/a: {GET}}}\n"
    two = f"{HEAD}servers: [{{url: /v2}}]\npaths: {{/a: {GET}}}\n"
    assert [one.id for one in load_contract(write(tmp_path, one=one, two=two)).operations] == ["GET /a", "GET /a"]


def test_document_that_is_named_twice_is_served_once(tmp_path: Path) -> None:
    (path,) = write(tmp_path, one=f"{HEAD}paths: {{/a: {GET}}}\n")
    assert len(load_contract([path, tmp_path, path]).operations) == 1


def test_path_item_of_another_file_is_secured_by_the_document_that_refers_to_it(tmp_path: Path) -> None:
    main = (
        f"{HEAD}security: [{{bearer: []}}]\npaths: {{/a: {{$ref: 'item.yaml#/A'}}}}\n"
        "components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}\n"
    )
    write(tmp_path, item=f"A: {GET}\n")
    (operation,) = load_contract(write(tmp_path, main=main)).operations
    assert [[scheme.kind for scheme in needed] for needed in operation.security] == [["bearer"]]


# --- folders ----------------------------------------------------------------------------------------------------------


def test_folder_is_read_with_its_folders_and_says_what_it_passes_over(tmp_path: Path) -> None:
    text = f"{HEAD}paths: {{/%s: {GET}}}\n"
    write(tmp_path, b=text % "b", **{"inner/a": text % "a", "values": "a: 1\n"})
    (tmp_path / "c.JSON").write_text(
        json.dumps(
            {
                "openapi": "3.0.0",
                "info": {"title": "C", "version": "1"},
                "paths": {"/c": {"get": {"responses": {"200": {"description": ""}}}}},
            }
        ),
        encoding="utf-8",
    )
    (tmp_path / "notes.md").write_text("{", encoding="utf-8")
    made = load_contract([tmp_path])
    assert sorted(one.path for one in made.operations) == ["/a", "/b", "/c"]
    assert [(one.level, one.code, one.place.file) for one in made.notices] == [
        ("note", "file-passed-over", str(tmp_path / "values.yaml"))
    ]


def test_hidden_folders_and_node_modules_are_not_looked_into(tmp_path: Path) -> None:
    broken = {".git/x": "{", "node_modules/y/z": "{", ".hidden": "{"}
    write(tmp_path, a=f"{HEAD}paths: {{/a: {GET}}}\n", **broken)
    assert len(load_contract([tmp_path]).operations) == 1


def test_broken_file_in_a_folder_stops_the_load(tmp_path: Path) -> None:
    write(tmp_path, a=f"{HEAD}paths: {{/a: {GET}}}\n", b="a: [\n")
    with pytest.raises(ContractError, match="Not YAML"):
        load_contract([tmp_path])


def test_folder_without_a_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="holds no OpenAPI document") as caught:
        load_contract([tmp_path])
    assert str(caught.value.place) == str(tmp_path)


# --- looking up -------------------------------------------------------------------------------------------------------


def test_operation_is_given_by_id_or_name_and_the_nearest_is_named() -> None:
    made = read("pets-3.0.yaml")
    assert made.operation("addPet") is made.operation("POST /pets")
    with pytest.raises(ContractError, match="no operation 'addPat'") as caught:
        made.operation("addPat")
    assert "'addPet'" in caught.value.remedy


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/volc/asset/CreateVisualValidateSesion", f"POST {CREATE}"),
        ("/VOLC/asset/createvisualvalidatesession", f"POST {CREATE}"),
        ("/" + "x" * 100_000, None),
        ("", None),
    ],
)
def test_nearest_operations_are_those_whose_paths_look_alike(path: str, first: str | None) -> None:
    found = packaged_contract().nearest_operations(path)
    assert (found[0] if found else None) == first


def test_nearest_operations_are_named_with_their_base_path() -> None:
    assert read("pets-3.0.yaml").nearest_operations("/pets") == ["GET /v1/pets", "POST /v1/pets"]


# --- the user's overlays ----------------------------------------------------------------------------------------------

OVERLAY = "overlay: 1.1.0\ninfo: {title: o, version: '1'}\nactions: [{target: %s, update: {summary: changed}}]\n"


def test_overlay_is_applied_to_every_document_that_it_fits(tmp_path: Path) -> None:
    one, two, overlay = write(
        tmp_path, one=f"{HEAD}paths: {{/a: {GET}}}\n", two=f"{HEAD}paths: {{/b: {GET}}}\n",
        overlay=OVERLAY % "'$.paths[\"/b\"].get'",
    )  # fmt: skip
    made = load_contract([one, two], [overlay])
    assert [operation.summary for operation in made.operations] == ["", "changed"]
    assert made.operations[1].origin("/paths/~1b/get/summary").basis == "assumed"


def test_overlay_that_fits_no_document_is_refused(tmp_path: Path) -> None:
    one, overlay = write(tmp_path, one=f"{HEAD}paths: {{/a: {GET}}}\n", overlay=OVERLAY % "$.paths.nope")
    with pytest.raises(ContractError, match="matches nothing"):
        load_contract([one], [overlay])


def test_overlay_for_another_document_is_refused(tmp_path: Path) -> None:
    one, overlay = write(
        tmp_path, one=f"{HEAD}paths: {{/a: {GET}}}\n", overlay="extends: other.yaml\n" + OVERLAY % "$.info"
    )
    with pytest.raises(ContractError, match=r"'other\.yaml', which is not among"):
        load_contract([one], [overlay])


def test_overlay_is_applied_on_top_of_a_profile(tmp_path: Path) -> None:
    (overlay,) = write(tmp_path, overlay=OVERLAY % "'$.paths[*].post'")
    made = packaged_contract("published", [overlay])
    assert made.operations[0].summary == "changed"
    assert made.operations[0].extension("x-mock-group") is not None


def test_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(ContractError, match="no profile 'observd'") as caught:
        packaged_contract("observd")
    assert "'observed'" in caught.value.remedy


# --- schemas by their own names ---------------------------------------------------------------------------------------


def test_schema_is_found_by_the_id_of_a_file_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "thing.json").write_text(
        '{"$id": "https://a.example/thing", "type": "object", "properties": {"n": {"$ref": "#/$defs/n"}},'
        ' "$defs": {"n": {"type": "integer"}}}',
        encoding="utf-8",
    )
    body = "{requestBody: {content: {application/json: {schema: {$ref: 'https://a.example/thing'}}}}, responses: {}}"
    write(tmp_path, api=f"{HEAD}paths: {{/a: {{post: {body}}}}}\n")
    (operation,) = load_contract([tmp_path]).operations
    schema = operation.body[0].schema
    assert schema is not None
    assert schema.check({"n": 1}) == ()
    (wrong,) = schema.check({"n": "1"})
    assert (wrong.pointer, wrong.keyword) == ("/n", "type")
    assert wrong.clause.endswith("deep/thing.json#/$defs/n/type")


def test_reference_into_a_part_that_an_encoded_pointer_names_is_followed() -> None:
    tree = operation_tree({"requestBody": {"content": {"application/json": {"schema": {
        "$ref": "#/components/schemas/a%20b~1c%25"}}}}}, method="post")  # fmt: skip
    (operation,) = contract({**tree, "components": {"schemas": {"a b/c%": {"type": "integer"}}}}).operations
    schema = operation.body[0].schema
    assert schema is not None
    assert [one.keyword for one in schema.check("x")] == ["type"]


# --- size -------------------------------------------------------------------------------------------------------------


def test_large_document_compiles_an_operation_when_it_is_used_and_no_other(tmp_path: Path) -> None:
    made = document_of(1_000)
    (tmp_path / "large.json").write_text(made + " " * LARGE, encoding="utf-8")
    engine = Engine(load_contract([tmp_path / "large.json"]), Settings())
    for _ in range(2):
        assert engine.answer(request("POST", "/things500/5?tags=a", b'{"name": "a"}')).status == 200
    assert engine.answer(request("POST", "/things500/x", b'{"name": "a"}')).status == 400
    compiled = [one.path for one in engine.contract.operations if one._parts is not None]
    assert compiled == ["/things500/{id}"]


def test_first_operation_to_show_is_one_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi.contract.LARGE", 10)
    lost: Json = {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}
    whole: Json = {"get": {"responses": {"200": {"description": ""}}}}
    made = contract({"paths": {"/lost": lost, "/whole": whole}})
    assert [one.path for one in made.operations] == ["/lost", "/whole"]
    assert made.first.path == "/whole"


def test_request_costs_the_same_among_a_thousand_operations_as_alone(tmp_path: Path) -> None:
    engines = {}
    for operations in (1, 1_000):
        (tmp_path / f"{operations}.json").write_text(document_of(operations), encoding="utf-8")
        engines[operations] = Engine(load_contract([tmp_path / f"{operations}.json"]), Settings())
    times = {operations: float("inf") for operations in engines}
    for _ in range(4):  # in turn, so that what else the machine does falls to both
        for operations, engine in engines.items():
            took = microseconds(engine, f"/things{operations // 2}/5", rounds=75)
            times[operations] = min(times[operations], took)
    assert times[1_000] < times[1] * 2, times
