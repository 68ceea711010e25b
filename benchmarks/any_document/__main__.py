"""Call every operation of many public documents, on our mock and on others, and judge each answer.

    python -m benchmarks.any_document [--folder DIR] [--only NAME ...] [--servers NAME ...]

Documents and other servers are downloaded into `.cache/`, once. Results go to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.any_document.servers import OURS, SERVERS
from benchmarks.any_document.sources import SOURCES, obtained
from benchmarks.any_document.tables import Row, markdown, unexplained
from benchmarks.any_document.trial import Miss, Played, Prepared, play
from benchmarks.installing import CannotInstall
from benchmarks.reporting import machine, save
from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.any_document.servers import Server

HEAD = """# Public documents, called

Written by `make documents ARGS="--page docs/any-document-figures.md"`. It downloads them, starts each server on each,
and sends it a valid request for every operation ([what is judged](any-document.md#measured)).
"""

RESULTS = Path(__file__).resolve().parent.parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, save; return 0, or 1 when something is missing or an answer of ours is wrong without a reason."""
    options = _parser().parse_args(arguments)
    servers = [server for server in SERVERS if server.name in options.servers]
    when = datetime.now(timezone.utc)
    about = {"began": when.isoformat(timespec="seconds"), **machine()}
    try:
        beside = _earlier(options.beside) if options.beside else {}
        tried = [one for document in _documents(options) for one in _try(*document, servers, beside)]
    except CannotInstall as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    about["load_average_at_the_end"] = machine()["load_average"]
    rows = [row for row, _ in tried]
    text = markdown(rows, about)
    print(text)
    details = [{**asdict(row), **notes} for row, notes in tried]
    saved = save(options.output, "-any-document", text, {"about": about, "documents": details}, when)
    print(f"Saved: {saved}, and the same as JSON")
    if options.page:
        options.page.write_text(f"{HEAD}\n{text}", "utf-8")
    return 1 if unexplained(rows) else 0


def _try(
    name: str, origin: str, path: Path, servers: Sequence[Server], beside: dict[str, tuple[Played, ...]]
) -> Iterator[tuple[Row, dict[str, object]]]:
    """Give what the servers did with a document, and what of its requests was odd; nothing if it cannot be read."""
    print(f"{name}: {path}", file=sys.stderr, flush=True)
    try:
        prepared = Prepared(path)
    except ContractError as error:
        print(f"  not read: {error}", file=sys.stderr)
        return
    played: list[Played] = []
    for server in servers:
        one = play(prepared, server)
        print(f"  {one.server}: {one.right} of {one.called} right {one.failure}", file=sys.stderr, flush=True)
        played.append(one)
    odd = (len(prepared.not_asked), len(prepared.doubts))
    calls, size = len(prepared.requests), path.stat().st_size
    together = (*played, *beside.get(name, ()))
    row = Row(name, origin, prepared.version, size, prepared.operations, calls, *odd, together)
    yield (
        row,
        {
            "doubts": prepared.doubts,
            "skipped": {one.operation.name: one.reason for one in prepared.not_asked},
        },
    )


def _earlier(result: Path) -> dict[str, tuple[Played, ...]]:
    """Read what other servers did in an earlier run, by document."""
    found: dict[str, tuple[Played, ...]] = {}
    for row in json.loads(result.read_text("utf-8"))["documents"]:
        others = [one for one in row["played"] if one["server"] != OURS.name]
        found[row["name"]] = tuple(
            Played(**{**one, "misses": [Miss(**miss) for miss in one["misses"]]}) for one in others
        )
    return found


def _documents(options: argparse.Namespace) -> Iterator[tuple[str, str, Path]]:
    """Give name, origin and file of each document."""
    if options.folder:
        for path in sorted(options.folder.rglob("*")):
            if path.suffix in (".json", ".yaml", ".yml"):
                yield str(path.relative_to(options.folder)), str(options.folder), path
        return
    for source in SOURCES:
        if not options.only or source.name in options.only:
            yield source.name, f"{source.package.name} {source.package.version}", obtained(source)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.any_document", description=(__doc__ or "").splitlines()[0]
    )
    names = [server.name for server in SERVERS]
    parser.add_argument("--folder", type=Path, help="take the documents in this folder instead")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the list, only these")
    parser.add_argument("--servers", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument(
        "--beside", type=Path, metavar="RESULT", help="take the other servers from an earlier run's JSON"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the tables there, too")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
