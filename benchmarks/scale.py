"""What a document costs by its size: reading it, the memory it takes, and a request among many operations.

    python -m benchmarks.scale [DOCUMENT]...

Without documents it makes some, of 1 to 10,000 operations. Times are the best of several; memory is what the process
grew by.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request
from mockserver.settings import Settings
from openapi.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MADE = (1, 100, 1_000, 10_000)


def made_document(operations: int) -> str:
    """Write a document with that many operations, each with a path parameter, a query parameter and a body."""
    item = {
        "post": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
            ],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
            "responses": {"200": {"description": "", "content": {"application/json": {"example": {"id": 1}}}}},
        }
    }
    thing = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 20}}}
    tree = {
        "openapi": "3.1.0",
        "info": {"title": f"{operations} operations", "version": "1"},
        "paths": {f"/things{number}/{{id}}": item for number in range(operations)},
        "components": {"schemas": {"Thing": thing}},
    }
    return json.dumps(tree)


@contextmanager
def engines(sizes: Sequence[int]) -> Iterator[dict[int, Engine]]:
    """Make an engine for a document of each size; their files go at the end."""
    with tempfile.TemporaryDirectory() as folder:
        yield {operations: Engine(load_contract([_written(folder, operations)]), Settings()) for operations in sizes}


def microseconds(engine: Engine, path: str, rounds: int = 2_000) -> float:
    """Time a valid request, in millionths of a second: the best of five rounds."""
    body = b'{"name": "a"}'
    headers = PlainHeaders({"Content-Type": "application/json", "Content-Length": str(len(body))})
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(rounds):
            response = engine.answer(Request("POST", path, "tags=a&tags=b", headers, io.BytesIO(body).read))
            assert response.status == 200, response
        best = min(best, (time.perf_counter() - start) / rounds)
    return best * 1e6


def _written(folder: str, operations: int) -> Path:
    path = Path(folder) / f"{operations}.json"
    path.write_text(made_document(operations), encoding="utf-8")
    return path


def _grown() -> float:
    """Give the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def _measure(path: Path) -> Engine:
    before, start = _grown(), time.perf_counter()
    engine = Engine(load_contract([path]), Settings())
    seconds, size = time.perf_counter() - start, path.stat().st_size / 1e6
    count, grown = len(engine.contract.operations), _grown() - before
    print(f"{path.name:40} {size:7.2f} MB {count:6} operations {seconds:6.2f} s to read {grown:6.0f} MB of memory")
    return engine


def main(names: list[str]) -> None:
    """Print a line for each document."""
    for name in names:
        _measure(Path(name))
    if names:
        return
    with tempfile.TemporaryDirectory() as folder:
        for operations in MADE:
            engine = _measure(_written(folder, operations))
            print(f"{'':40} {microseconds(engine, f'/things{operations // 2}/5'):7.1f} microseconds a request")


if __name__ == "__main__":
    main(sys.argv[1:])
