"""Compare the contract suite with other judges on the same hosts: faults noticed, right hosts blamed, requests, time.

`python -m benchmarks.against_contract_tools --help`; README.md beside this file says how to read the result.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.contract_tools import Tool, tools
from benchmarks.reporting import machine, save
from benchmarks.running import DOCUMENT
from benchmarks.wrong_hosts import bare, generated, written_by_hand
from tests.right_servers.test_right_servers import serving
from tests.wrong_servers.server import Host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.wrong_hosts import WrongHost
    from tests.wrong_servers.server import Answer, Plant, Request, Serve

__all__ = ["Verdicts", "main", "markdown"]

RESULTS = Path(__file__).resolve().parent.parent / "benchmarks" / "results"
RIGHT = {"raw sockets": ("raw", ""), "raw sockets, errors in JSON": ("raw", "vendor-errors"), "node": ("node", ""),
         "node, other order and headers": ("node", "reversed extra-headers lower-names charset")}  # fmt: skip
"""Right hosts beside our own, by name: which of `tests/right_servers/`, and what is varied."""


@dataclass(slots=True)
class Verdicts:
    """What one judge came to. noticed: by group, one entry for each host. seconds, requests: of hosts of ours."""

    name: str
    why_not: str = ""
    noticed: dict[str, dict[str, bool]] = field(default_factory=dict)
    blamed: dict[str, bool] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, judge, print, save."""
    options = _parser().parse_args(arguments)
    when = datetime.now(timezone.utc)
    wrong = [*generated(DOCUMENT, options.generated, options.seed), *written_by_hand(options.by_hand, options.seed)]
    judges = tools()
    about = {"began": when.isoformat(timespec="seconds"), **machine(), "seed": str(options.seed)}
    found = {tool.name: Verdicts(tool.name, tool.why_not) for tool in judges}
    ready = [tool for tool in judges if not tool.why_not]
    with tempfile.TemporaryDirectory() as folder, Host().running() as host:
        for number, (name, group, url, asked) in enumerate(_hosts(host, wrong), 1):
            print(f"{number}: {name}", file=sys.stderr)
            for tool in ready:
                asked.clear()
                _judge(tool, found[tool.name], name, group, url, asked, Path(folder))
    about["load_average_at_the_end"] = machine()["load_average"]
    text = markdown(list(found.values()), about)
    print(text)
    content = {"about": about, "judges": [asdict(one) for one in found.values()]}
    print(f"Saved: {save(options.output, '-contract-tools', text, content, when)}, and the same as JSON")
    return 0


def _hosts(host: Host, wrong: Iterable[WrongHost]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Serve one host after another: its name, its group ('' for a right one), its URL, and what it was asked."""
    asked: list[str] = []
    with host.planting(_counting(bare, asked)) as url:
        yield "ours", "", url, asked
    for name, (kind, varied) in RIGHT.items():
        with serving(kind, varied) as url:
            yield name, "", url, []
    for one in wrong:
        with host.planting(_counting(one.plant, asked)) as url:
            yield one.name, one.group, url, asked


def _counting(plant: Plant, asked: list[str]) -> Plant:
    def counted(request: Request, serve: Serve) -> Answer:
        asked.append(request.method)
        return plant(request, serve)

    return counted


def _judge(tool: Tool, verdicts: Verdicts, name: str, group: str, url: str, asked: list[str], folder: Path) -> None:
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        began = time.perf_counter()
        blames = tool.blames(url, work)
        seconds = time.perf_counter() - began
    if group:
        verdicts.noticed.setdefault(group, {})[name] = blames
    else:
        verdicts.blamed[name] = blames
    if asked:
        verdicts.seconds.append(seconds)
        verdicts.requests.append(len(asked))


def markdown(verdicts: Sequence[Verdicts], about: dict[str, str]) -> str:
    """Write the table, and the ratios of each other judge to the first."""
    groups = list(dict.fromkeys(group for one in verdicts for group in one.noticed))
    lines = ["| judge | " + " | ".join(groups) + " | right hosts blamed | requests | seconds |"]
    lines.append("|---" * (len(groups) + 4) + "|")
    for one in verdicts:
        if one.why_not:
            lines.append(f"| {one.name} | could not be run: {one.why_not} |" + " |" * (len(groups) + 2))
            continue
        cells = [f"{sum(one.noticed[group].values())} of {len(one.noticed[group])}" for group in groups]
        blamed = f"{sum(one.blamed.values())} of {len(one.blamed)}"
        lines.append(
            f"| {one.name} | {' | '.join(cells)} | {blamed} | {median(one.requests):g} | {median(one.seconds):.2f} |"
        )
    lines += ["", "Requests and seconds are medians over the hosts of ours.", ""]
    lines += ["| of the first judge's, each other one | noticed | requests | seconds |", "|---|---|---|---|"]
    first = verdicts[0]
    for other in verdicts[1:]:
        if not other.why_not:
            shares = [_all(other) / _all(first), _share(other.requests, first.requests)]
            shares.append(_share(other.seconds, first.seconds))
            lines.append(f"| {other.name} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")
    lines += ["", "- " + ", ".join(f"{key} {value}" for key, value in about.items())]
    return "\n".join(lines) + "\n"


def _all(verdicts: Verdicts) -> int:
    return sum(noticed for group in verdicts.noticed.values() for noticed in group.values())


def _share(values: Sequence[float], of: Sequence[float]) -> float:
    return median(values) / median(of)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.against_contract_tools", description="Compare judges of a host.")
    parser.add_argument("--generated", type=int, default=60, help="mutants of the vendor's document that are served")
    parser.add_argument("--by-hand", type=int, default=30, help="servers of tests/wrong_servers/ that are served")
    parser.add_argument("--seed", type=int, default=1, help="of the choice among them")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
