"""Put the schemas of the JSON Schema suite into OpenAPI documents, as bodies of requests and answers, and ask the mock.

Run it alone for figures: `python -m tests.openapi.json_schema_suite FOLDER`, where FOLDER is `tests/draft2020-12` of
https://github.com/json-schema-org/JSON-Schema-Test-Suite or `json/tests/draft2020-12` of jsonschema's source archive,
or `optional` or `optional/format` in it.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from contract_tests.dialect import format_checker, validator_class
from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request
from mockserver.settings import Settings
from openapi.contract import compile_contract
from openapi.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

__all__ = ["Answered", "Case", "answer_all", "ask_all"]


class Case(NamedTuple):
    """One test of the suite, and what the mock made of it: the status that it answered."""

    file: str
    group: str
    test: str
    valid: bool
    status: int

    @property
    def agrees(self) -> bool:
        """Whether the mock takes what is valid and refuses what is not."""
        return self.status == (200 if self.valid else 400)


class Answered(NamedTuple):
    """One group of the suite, and what the mock made of its schema as an answer.

    satisfiable: whether any test of the group has a value that the schema allows. verdict: `valid`, `refused`, what is
    wrong with the value, or why nobody could judge it.
    """

    file: str
    group: str
    satisfiable: bool
    verdict: str

    @property
    def right(self) -> bool:
        """Whether a valid value was made, or none where there is none."""
        return self.verdict == "valid" or (self.verdict == "refused" and not self.satisfiable)


def ask_all(folder: Path) -> Iterator[Case]:
    """Ask the mock each required test of a draft's folder; one document for each file, one operation for each group."""
    remotes = list(_remotes(_top(folder) / "remotes"))
    for file in sorted(folder.glob("*.json")):
        groups = json.loads(file.read_text(encoding="utf-8"))
        engine = Engine(compile_contract([_document(file, groups)], schemas=remotes), Settings())
        for index, group in enumerate(groups):
            for test in group["tests"]:
                status = _status(engine, f"/{index}", test["data"])
                yield Case(file.stem, group["description"], test["description"], test["valid"], status)


def answer_all(folder: Path, count: int = 3) -> Iterator[Answered]:
    """Let the mock answer some times by the schema of each group; python-jsonschema judges, formats included."""
    judging = _judging()
    remotes = list(_remotes(_top(folder) / "remotes"))
    known: Registry[Any] = Registry().with_resources(
        (one.uri, Resource.from_contents(one.tree, default_specification=DRAFT202012)) for one in remotes
    )
    for file in sorted(folder.glob("*.json")):
        groups = json.loads(file.read_text(encoding="utf-8"))
        engine = Engine(compile_contract([_document(file, groups, "get")], schemas=remotes), Settings(seed="suite"))
        for index, group in enumerate(groups):
            satisfiable = any(test["valid"] for test in group["tests"])
            judge = judging(group["schema"], registry=known, format_checker=format_checker())
            verdicts = [_verdict(engine, f"/{index}", judge) for _ in range(count)]
            wrong = next((one for one in verdicts if one != "valid"), "valid")
            yield Answered(file.stem, group["description"], satisfiable, wrong)


def _judging() -> Any:  # noqa: ANN401 - jsonschema makes classes at run time
    """Give python-jsonschema's validator, which reads patterns as ECMA 262 has them."""
    ours = validator_class("3.1", "response").VALIDATORS
    words = ("pattern", "patternProperties", "additionalProperties")
    return extend(Draft202012Validator, {word: ours[word] for word in words})


def _verdict(engine: Engine, path: str, judge: Any) -> str:  # noqa: ANN401 - jsonschema makes classes at run time
    answer = engine.answer(Request("GET", path, "", PlainHeaders({}), io.BytesIO().read))
    if answer.status != 200:
        return "refused"
    error = next(judge.iter_errors(json.loads(answer.body)), None)
    return "valid" if error is None else str(error.message)


def _top(folder: Path) -> Path:
    """Give the folder of the suite that has its remotes."""
    return next(one for one in folder.resolve().parents if (one / "remotes").is_dir())


def _remotes(folder: Path) -> Iterator[Document]:
    """Read the files that the suite refers to by the address of a server: they are given, nothing is fetched."""
    for file in sorted(folder.rglob("*.json")):
        address = f"http://localhost:1234/{file.relative_to(folder).as_posix()}"
        if "draft" not in address or "draft2020-12" in address:
            yield Document.parse(file.read_bytes(), file.name, address)


def _document(file: Path, groups: list[dict[str, Json]], method: str = "post") -> Document:
    paths: dict[str, Json] = {
        f"/{index}": {method: _operation(group["schema"], method)} for index, group in enumerate(groups)
    }
    paths["/"] = {"get": {"responses": {"200": {"description": "one that every document can serve"}}}}
    tree: dict[str, Json] = {"openapi": "3.1.0", "info": {"title": file.stem, "version": "1"}, "paths": paths}
    return Document.parse(json.dumps(tree).encode(), file.name, f"file:///suite/{file.name}")


def _operation(schema: Json, method: str) -> Json:
    content: Json = {"application/json": {"schema": schema}}
    if method == "get":
        return {"responses": {"200": {"description": "made", "content": content}}}
    return {"requestBody": {"required": True, "content": content}, "responses": {"200": {"description": "taken"}}}


def _status(engine: Engine, path: str, value: Json) -> int:
    body = json.dumps(value).encode()
    headers = PlainHeaders({"Content-Type": "application/json", "Content-Length": str(len(body))})
    return engine.answer(Request("POST", path, "", headers, io.BytesIO(body).read)).status


def main() -> None:
    """Print the misses and the sum."""
    cases = list(ask_all(Path(sys.argv[1])))
    for case in cases:
        if not case.agrees:
            print(f"{case.status}  {case.file}: {case.group}: {case.test}")
    print(f"{sum(case.agrees for case in cases)} of {len(cases)} tests")
    groups = list(answer_all(Path(sys.argv[1])))
    for group in groups:
        if not group.right:
            print(f"{group.file}: {group.group}: {group.verdict}")
    valid = sum(group.verdict == "valid" for group in groups)
    refused = sum(group.verdict == "refused" and not group.satisfiable for group in groups)
    print(f"{valid} of {len(groups)} schemas answered, {refused} have no value")


if __name__ == "__main__":
    main()
