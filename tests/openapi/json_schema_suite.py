"""Put the tests of the JSON Schema suite into OpenAPI documents, as bodies of requests, and ask the mock.

Run it alone for figures: `python -m tests.openapi.json_schema_suite FOLDER`, where FOLDER is `tests/draft2020-12` of
https://github.com/json-schema-org/JSON-Schema-Test-Suite or `json/tests/draft2020-12` of jsonschema's source archive.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request
from mockserver.settings import Settings
from openapi.contract import compile_contract
from openapi.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

__all__ = ["Case", "ask_all"]


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


def ask_all(folder: Path) -> Iterator[Case]:
    """Ask the mock each required test of a draft's folder; one document for each file, one operation for each group."""
    remotes = list(_remotes(folder.parent.parent / "remotes"))
    for file in sorted(folder.glob("*.json")):
        groups = json.loads(file.read_text(encoding="utf-8"))
        engine = Engine(compile_contract([_document(file, groups)], schemas=remotes), Settings())
        for index, group in enumerate(groups):
            for test in group["tests"]:
                status = _status(engine, f"/{index}", test["data"])
                yield Case(file.stem, group["description"], test["description"], test["valid"], status)


def _remotes(folder: Path) -> Iterator[Document]:
    """Read the files that the suite refers to by the address of a server: they are given, nothing is fetched."""
    for file in sorted(folder.rglob("*.json")):
        address = f"http://localhost:1234/{file.relative_to(folder).as_posix()}"
        if "draft" not in address or "draft2020-12" in address:
            yield Document.parse(file.read_bytes(), file.name, address)


def _document(file: Path, groups: list[dict[str, Json]]) -> Document:
    paths: dict[str, Json] = {
        f"/{index}": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": group["schema"]}}},
                "responses": {"200": {"description": "taken"}},
            }
        }
        for index, group in enumerate(groups)
    }
    paths["/"] = {"get": {"responses": {"200": {"description": "one that every document can serve"}}}}
    tree: dict[str, Json] = {"openapi": "3.1.0", "info": {"title": file.stem, "version": "1"}, "paths": paths}
    return Document.parse(json.dumps(tree).encode(), file.name, f"file:///suite/{file.name}")


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
    print(f"{sum(case.agrees for case in cases)} of {len(cases)}")


if __name__ == "__main__":
    main()
