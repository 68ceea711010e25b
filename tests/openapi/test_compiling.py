"""Schemas compiled alone and together: they judge alike, and neither takes more memory than the document is worth."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openapi.contract import compile_contract
from openapi.document import Library
from openapi.errors import ContractError
from openapi.memory import give_back
from openapi.schema import Schemas
from tests.documents.making import at, document

if TYPE_CHECKING:
    import jsonschema_rs

    from openapi.contract import Contract
    from openapi.reading import Json
    from openapi.schema import Schema
    from openapi.together import Shared


def paths_of(schemas: dict[str, Json]) -> dict[str, Json]:
    paths: dict[str, Json] = {}
    for name in schemas:
        content: Json = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        responses: Json = {"200": {"description": "ok", "content": content}}
        paths[f"/{name}"] = {"post": {"requestBody": {"content": content}, "responses": responses}}
    return {"paths": paths}


def users(schemas: dict[str, Json], version: str = "3.1.0") -> Contract:
    """Make a contract in which each schema is the body of a request and of an answer."""
    return compile_contract([document({"openapi": version, **paths_of(schemas), "components": {"schemas": schemas}})])


def bodies(contract: Contract, *, answers: bool = False) -> list[Schema]:
    media = [(one.responses[0].media_types if answers else one.body)[0] for one in contract.operations]
    return [one.schema for one in media if one.schema is not None]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("count", [1, 3, 16, 17, 300])
def test_schemas_that_are_compiled_together_judge_as_each_alone_does(
    monkeypatch: pytest.MonkeyPatch, version: str, count: int
) -> None:
    last = f"#/components/schemas/s{count - 1}"
    schemas: dict[str, Json] = {
        f"s{number}": {
            "type": "object", "required": ["a"], "additionalProperties": False,
            "properties": {"a": {"type": "integer", "minimum": number}, "0": {"$ref": last}},
        }
        for number in range(count)
    }  # fmt: skip
    values: list[Json] = [5, {}, {"a": -1}, {"a": count}, {"a": count, "b": 1}, {"a": count, "0": {"a": "x"}}]
    found = []
    for alone in (0, 10_000):
        monkeypatch.setattr("openapi.schema.MOST_ALONE", alone)
        contract = users(schemas, version)
        found.append([one.check(value) for one in bodies(contract) for value in values])
        assert len(bodies(contract)[0].schemas._together) == (alone == 0)
    assert found[0] == found[1]
    assert any(found[0])


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_both_directions_are_found_among_those_that_are_compiled_together(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr("openapi.schema.MOST_ALONE", 0)
    one: Json = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}
    contract = users({"a": one, "b": {"$ref": "#/components/schemas/a"}}, version)
    required = [bool(schema.check({})) for answers in (False, True) for schema in bodies(contract, answers=answers)]
    assert required == ([False, False, True, True] if version == "3.0.3" else [True] * 4)
    kinds = {type(schema.validator).__name__ for schema in [*bodies(contract), *bodies(contract, answers=True)]}
    assert kinds == {"Shared"}


def test_schemas_of_one_use_let_go_of_their_own_validators_once_all_are_compiled_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openapi.schema.MOST_ALONE", 3)
    contract = users({f"s{number}": {"minimum": number} for number in range(8)})
    schemas = bodies(contract)
    assert all(one.check(number - 1) and not one.check(number) for number, one in enumerate(schemas))
    maker = schemas[0].schemas
    assert not maker._alone
    assert maker._spent == 0
    assert [type(one.validator).__name__ for one in schemas] == ["Shared"] * 8


def test_schema_that_many_threads_use_first_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = document({"components": {"schemas": {"a": {"type": "integer"}}}})
    schema = Schemas(Library([made]), "3.1").at(at(made, "/components/schemas/a"))
    compiled: list[Schema] = []
    compile_ = Schemas.compile

    def slow(schemas: Schemas, one: Schema) -> jsonschema_rs.Validator | Shared:
        compiled.append(one)
        time.sleep(0.02)
        return compile_(schemas, one)

    monkeypatch.setattr(Schemas, "compile", slow)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda value: len(schema.check(value)), [1, "x", 2, "y"])) == [0, 1, 0, 1]
    assert compiled == [schema]


def test_where_nothing_can_be_compiled_together_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi.schema.MOST_ALONE", 3)
    made = document({"openapi": "3.1.0", "components": {"schemas": {f"s{n}": {"minimum": n} for n in range(20)}}})
    maker = Schemas(Library([made]), "3.1")
    schemas = [maker.at(at(made, f"/components/schemas/s{number}")) for number in range(20)]
    for _ in range(2):
        assert all(one.check(number - 1) and not one.check(number) for number, one in enumerate(schemas))
        assert [one._validator is not None for one in schemas] == [False] * 14 + [True] * 6


def test_one_schema_that_leads_nowhere_leaves_the_others_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi.schema.MOST_ALONE", 0)
    schemas: dict[str, Json] = {
        "good": {"type": "integer"},
        "bad": {"$ref": "#/components/schemas/none"},
        "worse": {"items": {"$ref": "#/components/schemas/bad"}},
    }
    made = document({"openapi": "3.1.0", **paths_of(schemas), "components": {"schemas": schemas}})
    maker = Schemas(Library([made]), "3.1")

    def body(name: str) -> Schema:
        content = f"/paths/~1{name}/post/requestBody/content/application~1json/schema"
        return maker.at(at(made, content), "readOnly")

    assert body("good").check("x")
    assert type(body("good").validator).__name__ == "Shared"
    for name in ("bad", "worse"):
        with pytest.raises(ContractError, match="leads nowhere"):
            body(name).check("x")


LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
LIBC.free.argtypes = [ctypes.c_void_p]


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(LIBC, "malloc_trim"), reason="only glibc keeps what was freed, and has a word for it")
def test_what_was_freed_between_things_that_stay_is_given_back() -> None:
    pieces = [LIBC.malloc(4000) for _ in range(16_000)]
    for piece in pieces:
        ctypes.memset(piece, 1, 4000)
    for piece in pieces[:-1]:
        LIBC.free(piece)
    before = resident()
    give_back()
    LIBC.free(pieces[-1])
    assert before - resident() > 32_000_000


GROWING = """
import json, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from openapi.contract import load_contract
(operation,) = load_contract([Path(sys.argv[1])]).operations
(schema,) = operation.schemas
wrong = schema.check({"a": {"b": {"n": "x"}}})
print(json.dumps([schema.check({"a": {"b": {}}}) == (), [one.clause for one in wrong]]))
"""


@pytest.mark.parametrize("layout", ["plain", "anchors", "ids", "files", "beside a dynamic one"])
def test_schemas_with_many_ways_between_them_are_compiled_once_each(tmp_path: Path, layout: str) -> None:
    def name(number: int) -> str:
        if layout == "files":
            return f"s{number}.json"
        return f"https://a.example/s{number}" if layout == "ids" else f"#/components/schemas/s{number}"

    schemas: dict[str, dict[str, Json]] = {
        f"s{number}": {
            "properties": {
                "a": {"$ref": name(number + 1)}, "b": {"$ref": name(number + 2)}, "c": {"$ref": name(number // 2)},
                "n": {"type": "integer"},
            }
        }
        for number in range(60)
    }  # fmt: skip
    schemas["s60"] = schemas["s61"] = {}
    if layout == "anchors":
        schemas["s3"]["$anchor"] = "three"
        schemas["s4"]["properties"] = {**schemas["s4"]["properties"], "d": {"$ref": "#three"}}  # type: ignore[dict-item]
    if layout == "ids":
        for number in range(62):
            schemas[f"s{number}"] = {"$id": name(number), **schemas[f"s{number}"]}
    if layout == "beside a dynamic one":
        schemas["s30"]["items"] = {"$ref": "#/components/schemas/tree"}
        schemas["tree"] = {"$dynamicAnchor": "node", "items": {"$dynamicRef": "#node"}}
    if layout == "files":
        for one, value in schemas.items():
            (tmp_path / f"{one}.json").write_text(json.dumps(value), encoding="utf-8")
    content: Json = {"application/json": {"schema": {"$ref": name(0)}}}
    tree: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}}},
        "components": {"schemas": {} if layout == "files" else {**schemas}},
    }  # fmt: skip
    (tmp_path / "api.json").write_text(json.dumps(tree), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", GROWING, str(tmp_path / "api.json")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-500:]
    valid, (clause,) = json.loads(run.stdout)
    assert valid
    assert clause.endswith("/properties/n/type")
    assert ("s3.json" if layout == "files" else "/schemas/s3/") in clause
