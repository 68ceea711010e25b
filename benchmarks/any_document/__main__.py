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

from benchmarks.any_document.servers import SERVERS
from benchmarks.any_document.sources import SOURCES, obtained
from benchmarks.any_document.tables import Row, markdown
from benchmarks.any_document.trial import Prepared, play
from benchmarks.installing import CannotInstall
from benchmarks.reporting import machine, save
from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RESULTS = Path(__file__).resolve().parent.parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, save; return 0, or 1 when something is missing or an answer of ours was wrong."""
    options = _parser().parse_args(arguments)
    servers = [server for server in SERVERS if server.name in options.servers]
    when = datetime.now(timezone.utc)
    about = {"began": when.isoformat(timespec="seconds"), **machine()}
    rows: list[Row] = []
    details: list[dict[str, object]] = []
    try:
        for name, origin, path in _documents(options):
            print(f"{name}: {path}", file=sys.stderr, flush=True)
            try:
                prepared = Prepared(path)
            except ContractError as error:
                print(f"  not read: {error}", file=sys.stderr)
                continue
            played = tuple(play(prepared, server) for server in servers)
            for one in played:
                print(f"  {one.server}: {one.right} of {one.called} right, {one.failure}", file=sys.stderr, flush=True)
            row = Row(
                name,
                origin,
                prepared.version,
                path.stat().st_size,
                prepared.operations,
                len(prepared.not_asked),
                len(prepared.doubts),
                played,
            )
            rows.append(row)
            skipped = {one.operation.name: one.reason for one in prepared.not_asked}
            details.append({**asdict(row), "doubts": prepared.doubts, "skipped": skipped})
    except CannotInstall as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    about["load_average_at_the_end"] = machine()["load_average"]
    text = markdown(rows, about)
    print(text)
    saved = save(options.output, "any-document", text, {"about": about, "documents": details}, when)
    print(f"Saved: {saved}, and the same as JSON")
    return 0 if all(one.right == one.called for row in rows for one in row.played[:1]) else 1


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
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
