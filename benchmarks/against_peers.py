"""Compare the mock with mock servers of others, and with a bare constant under its own server, in one interleaved run.

`python -m benchmarks --help`; README.md beside this file says how to read the result.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.drawing import drawn
from benchmarks.figures import CONNECTIONS, Figures, Growth, Result, from_json, to_json
from benchmarks.growing import full_store, many_operations
from benchmarks.installing import CannotInstall, require
from benchmarks.loading import load
from benchmarks.peers import OURS, chosen
from benchmarks.probing import probed
from benchmarks.reporting import machine, save
from benchmarks.running import WrongAnswer, started
from benchmarks.tables import markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers import Peer

__all__ = ["main", "measure"]

RESULTS = Path(__file__).resolve().parent / "results"
TRIES = 2
"""Times that a turn is taken at most: on a busy machine a connection may break once without anybody's fault."""

IDLE = 0.5
"""Seconds after the first right answer at which the memory of an idle server is looked at."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, measure, print, save; return 0, or 1 when a server that was asked for could not be measured."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        peers = chosen(options.only)
        if options.redraw:
            _show(from_json(options.redraw.read_text(encoding="utf-8")), options)
            return 0
        if options.load_rounds:
            require("wrk", "wrk")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    except CannotInstall as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    when = datetime.now(timezone.utc)
    installed, servers = _installed(peers)
    about = {"began": when.isoformat(timespec="seconds"), **machine(), "order_seed": str(options.order_seed)}
    measure(peers, installed, servers, options)
    growth = _grown(installed, servers) if options.load_rounds and not options.without_growth else []
    about["load_average_at_the_end"] = machine()["load_average"]
    result = Result(about, list(servers.values()), growth or [])
    saved = save(options.output, "", markdown(result), to_json(result), when)
    saved.with_suffix(".svg").write_text(drawn(result), encoding="utf-8")
    _show(result, options)
    print(f"Saved: {saved}, and the same as JSON and SVG")
    missing = [one for one in servers.values() if one.why_not]
    for one in missing:
        print(f"benchmarks: no figures of {one.title}: {one.why_not}", file=sys.stderr)
    return 1 if missing or growth is None else 0


def _installed(peers: Sequence[Peer]) -> tuple[dict[str, Path], dict[str, Figures]]:
    """Install all that can be; give the folders of those, and for each server a place for its figures."""
    folders, servers = {}, {}
    for peer in peers:
        servers[peer.name] = Figures(peer.name, peer.version, peer.role, peer.does)
        try:
            if peer.command[0] == "java":
                require("java", "openjdk-17-jre-headless")
            folders[peer.name] = peer.source.install(peer.name) if peer.source else Path()
        except CannotInstall as error:
            servers[peer.name].why_not = str(error)
    return folders, servers


def measure(
    peers: Sequence[Peer], installed: dict[str, Path], servers: dict[str, Figures], options: argparse.Namespace
) -> None:
    """Start each server once in each round, in an order drawn anew, and load it in the first rounds.

    Only one of them runs at a time. A turn in which one answers wrongly is repeated; one that does so again loses its
    figures and its further turns.
    """
    order = random.Random(options.order_seed)  # noqa: S311 - an order, not a secret
    for number in range(options.rounds):
        for peer in order.sample(peers, len(peers)):
            figures = servers[peer.name]
            if not figures.why_not:
                loaded = number < options.load_rounds
                _take_turn(peer, installed[peer.name], figures, options, loaded=loaded)
                print(f"round {number + 1} of {options.rounds}: {_last(figures, loaded=loaded)}", file=sys.stderr)


def _take_turn(peer: Peer, installed: Path, figures: Figures, options: argparse.Namespace, *, loaded: bool) -> None:
    reason = ""
    for _ in range(TRIES):
        try:
            figures.take(_turn(peer, installed, options, loaded=loaded))
        except WrongAnswer as error:
            reason = str(error)
            figures.slips.append(reason.partition("\n")[0])
        else:
            return
    figures.give_up(reason)


def _turn(peer: Peer, installed: Path, options: argparse.Namespace, *, loaded: bool) -> Figures:
    turn = Figures(peer.name, peer.version, peer.role, peer.does)
    with started(peer, installed) as running:
        turn.cold_starts.append(running.cold_start)
        turn.probes = probed(running.port)
        if loaded:
            time.sleep(IDLE)
            turn.idle.append(running.pss())
            load(running, CONNECTIONS[-1], options.warm_up, 0)  # compilers in time need that
            for connections in CONNECTIONS:
                turn.loads.append(load(running, connections, options.seconds, 1))
            turn.after.append(running.pss())
    return turn


def _grown(installed: dict[str, Path], servers: dict[str, Figures]) -> list[Growth] | None:
    """Measure what ours costs as it grows, when it is among those that are measured; None when it cannot be told."""
    ours = servers.get(OURS.name)
    if ours is None or ours.why_not:
        return []
    print("a full store, and many operations", file=sys.stderr)
    try:
        return [full_store(OURS, installed[OURS.name], 3, 1), many_operations(3)]
    except WrongAnswer as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return None


def _show(result: Result, options: argparse.Namespace) -> None:
    """Print the tables, and write the picture where it is asked for."""
    print(markdown(result))
    if options.picture:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        options.picture.write_text(drawn(result), encoding="utf-8")


def _last(figures: Figures, *, loaded: bool) -> str:
    """Say in a line what a turn gave."""
    if figures.why_not:
        return f"{figures.title}: {figures.why_not}"
    speeds = [f"{figures.at(count, 'per_second')[-1]:.0f}/s" for count in CONNECTIONS if loaded]
    return ", ".join([figures.title, f"{figures.cold_starts[-1]:.3f} s", *speeds])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Compare the mock with other mock servers.")
    parser.add_argument("--only", default="", metavar="NAME,NAME", help="these servers alone")
    parser.add_argument("--rounds", type=int, default=7, help="cold starts of each server")
    parser.add_argument("--load-rounds", type=int, default=3, help="rounds with load; 0 for cold starts alone")
    parser.add_argument("--seconds", type=int, default=4, help="length of each stretch of load")
    parser.add_argument("--warm-up", type=int, default=2, help="seconds of load at first that do not count")
    parser.add_argument("--without-growth", action="store_true", help="leave out what a full store costs")
    parser.add_argument("--order-seed", type=int, default=1, help="of the order of the servers in the rounds")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="write the picture there as well")
    parser.add_argument(
        "--redraw", type=Path, metavar="FILE.json", help="table and picture of a result; measure nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
