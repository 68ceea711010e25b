"""Compare the mock with Prism, and with a bare constant under the same server, in one interleaved run.

`python -m benchmarks --help`; README.md beside this file says how to read the result.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.installing import CannotInstall, npm_binaries
from benchmarks.loading import load, require_wrk
from benchmarks.peers import BARE, OURS, PRISM, Peer
from benchmarks.reporting import Figures, machine, markdown, measured, save
from benchmarks.running import WrongAnswer, started

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

CONNECTIONS = (2, 32)
RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, measure, print, save; return 0, or 1 when something is missing or a server answered wrongly."""
    options = _parser().parse_args(arguments)
    peers = [OURS, PRISM] if options.without_bare else [OURS, PRISM, BARE]
    try:
        require_wrk()
        binaries = {peer.name: _installed(peer) for peer in peers}
        about = {"began": "", **machine(), "order_seed": str(options.order_seed)}
        when = datetime.now(timezone.utc)
        about["began"] = when.isoformat(timespec="seconds")
        figures = measure(peers, binaries, options)
    except (CannotInstall, WrongAnswer) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    about["load_average_at_the_end"] = machine()["load_average"]
    text = markdown(figures, CONNECTIONS if options.load_rounds else (), about)
    print(text)
    saved = save(options.output, "", text, {"about": about, "servers": measured(figures)}, when)
    print(f"Saved: {saved}, and the same as JSON")
    return 0


def measure(peers: Sequence[Peer], binaries: dict[str, Path], options: argparse.Namespace) -> list[Figures]:
    """Start each server once in each round, in an order drawn anew, and load it in the first rounds.

    Only one of them runs at a time. What they print goes to a file, theirs and ours alike, as in CI.
    Raises `WrongAnswer`: a server that answers wrongly has no speed.
    """
    order = random.Random(options.order_seed)  # noqa: S311 - an order, not a secret
    found = {peer.name: Figures(peer) for peer in peers}
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        for peer in order.sample(peers, len(peers)):
            with tempfile.TemporaryFile() as log, started(peer, binaries[peer.name], log) as running:
                found[peer.name].cold_starts.append(running.cold_start)
                if number < options.load_rounds:
                    for connections in CONNECTIONS:
                        found[peer.name].loads.append(load(running, connections, options.seconds, options.warm_up))
    return list(found.values())


def _installed(peer: Peer) -> Path:
    if not peer.package:
        return Path()
    manifest = json.dumps({"private": True, "dependencies": {peer.package: peer.version}}, indent=2)
    return npm_binaries(peer.name, manifest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Compare the mock with Prism in one run.")
    parser.add_argument("--rounds", type=int, default=9, help="cold starts of each server")
    parser.add_argument("--load-rounds", type=int, default=3, help="rounds with load; 0 for cold starts alone")
    parser.add_argument("--seconds", type=int, default=6, help="length of each stretch of load")
    parser.add_argument("--warm-up", type=int, default=2, help="seconds of load that do not count")
    parser.add_argument("--without-bare", action="store_true", help="leave the bare constant out")
    parser.add_argument("--order-seed", type=int, default=1, help="of the order of the servers in the rounds")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
