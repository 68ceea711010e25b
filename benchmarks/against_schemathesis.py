"""Compare the contract suite with Schemathesis: how long each takes to judge one right host, and how often it asks.

`python -m benchmarks.against_schemathesis --help`; README.md beside this file says how to read the result. The host is
`tests/right_servers/raw_sockets.py`, which shares no code with either and counts what it is asked.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.installing import CannotInstall
from benchmarks.reporting import cell, machine, ratio, save
from benchmarks.running import DOCUMENT, PATIENCE, WrongAnswer
from tests.outside.judging import environment, python_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Judge", "main", "markdown"]

ROOT = Path(__file__).resolve().parent.parent
HOST = ROOT / "tests" / "right_servers" / "raw_sockets.py"
RESULTS = ROOT / "benchmarks" / "results"
KEY = "sk-right-key-0123456789abcdef"
LONGEST = 300.0
"""Seconds until a judge that has no verdict is given up."""


@dataclass(slots=True)
class Judge:
    """A command that judges a host, `{url}` in its words, and what came of it; one entry for each round."""

    name: str
    command: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, measure, print, save; return 0, or 1 when something is missing or a verdict is wrong."""
    options = _parser().parse_args(arguments)
    when = datetime.now(timezone.utc)
    try:
        judges = _judges(python_tools())
        about = {"began": when.isoformat(timespec="seconds"), **machine(), "order_seed": str(options.order_seed)}
        measure(judges, options.rounds, options.order_seed)
    except (CannotInstall, WrongAnswer) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    about["load_average_at_the_end"] = machine()["load_average"]
    text = markdown(judges, about)
    print(text)
    content = {"about": about, "judges": [asdict(one) for one in judges]}
    print(f"Saved: {save(options.output, '-schemathesis', text, content, when)}, and the same as JSON")
    return 0


def measure(judges: Sequence[Judge], rounds: int, seed: int) -> None:
    """Let each judge the host once in each round, in an order drawn anew, after one round that does not count.

    Each gets a host of its own. Raises `WrongAnswer`: a judge that finds fault with a right host has no speed.
    """
    order = random.Random(seed)  # noqa: S311 - an order, not a secret
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}" if number else "warming up", file=sys.stderr)
        for judge in order.sample(judges, len(judges)):
            seconds, requests = _judged(judge)
            if number:
                judge.seconds.append(seconds)
                judge.requests.append(requests)


def markdown(judges: Sequence[Judge], about: dict[str, str]) -> str:
    """Write the table and the ratios of each other judge to the first."""
    lines = ["| judge | wall time s | requests |", "|---|---|---|"]
    lines += [f"| {one.name} | {cell(one.seconds, 2)} | {cell(one.requests, 0)} |" for one in judges]
    lines += ["", "Median (lowest to highest) of the rounds.", ""]
    lines += ["| ratio of medians, above 1: the first needs less | wall time | requests |", "|---|---|---|"]
    ours = judges[0]
    for other in judges[1:]:
        times, counts = ratio(other.seconds, ours.seconds), ratio(other.requests, ours.requests)
        lines.append(f"| {ours.name} / {other.name} | {times} | {counts} |")
    lines += ["", "- " + ", ".join(f"{key} {value}" for key, value in about.items())]
    return "\n".join(lines) + "\n"


def _judges(binaries: Path) -> list[Judge]:
    """Make both: ours by its command, Schemathesis by its default run over every check that it has."""
    ours = (str(Path(sys.executable).parent / "contract-tests"), "--contract-target", "{url}")
    theirs = (str(binaries / "schemathesis"), "run", str(DOCUMENT), "--url", "{url}", "--checks", "all")
    version = subprocess.run([theirs[0], "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    return [
        Judge("contract-tests", ours, {"ANYFAST_API_KEY": KEY}),
        Judge(f"schemathesis {version}", (*theirs, "-H", f"Authorization: Bearer {KEY}")),
    ]


def _judged(judge: Judge) -> tuple[float, int]:
    """Run a judge to its end; give the seconds that it took and the requests that the host got."""
    with tempfile.TemporaryDirectory() as empty, _host(Path(empty) / "log") as (url, log):
        # In an empty folder: settings and examples of earlier runs would be read there.
        work = Path(empty) / "work"
        work.mkdir()
        command = [word.replace("{url}", url) for word in judge.command]
        began = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=work,
            env={**environment(), **judge.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        seconds = time.perf_counter() - began
        requests = len(log.read_text(encoding="ascii").splitlines()) - 1
    if done.returncode or not requests:
        raise WrongAnswer(f"{judge.name} ended with status {done.returncode}:\n{done.stdout[-2000:]}")
    return seconds, requests


@contextmanager
def _host(log: Path) -> Iterator[tuple[str, Path]]:
    """Serve with the right server, which writes its port into the log and then a line for each request."""
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, str(HOST), KEY, "counted"], stdout=output)
    try:
        limit = time.monotonic() + PATIENCE
        while not (port := log.read_text(encoding="ascii").partition("\n")[0]):
            if process.poll() is not None or time.monotonic() > limit:
                raise WrongAnswer(f"The host did not start: status {process.returncode}.")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.terminate()
        process.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.against_schemathesis", description="Compare two judges.")
    parser.add_argument("--rounds", type=int, default=5, help="verdicts of each judge")
    parser.add_argument("--order-seed", type=int, default=1, help="of the order of the judges in the rounds")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
