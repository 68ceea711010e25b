"""The command `contract-tests strength`: measures, prints, compares with a committed score. It sends nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.parser import USAGE, Parser
from contract_tests.preparing import CannotRun, Options, read_contract

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from contract_tests.strength.measuring import Measured
    from contract_tests.strength.scoring import Score

__all__ = ["main"]

FELL = 1
"""The exit status beside 0 and 4: the score fell or cannot be told."""


def main(arguments: Sequence[str]) -> int:
    """Measure the active contract. Exit status: 0, 1 when the score fell or cannot be told, 4 for wrong options."""
    from contract_tests.strength.provider import CannotAnswer
    from contract_tests.strength.scoring import NoScore

    options = _parser().parse_args(list(arguments))
    try:
        return _run(options)
    except (CannotRun, NoScore, OSError) as error:
        print(f"contract-tests strength: {error}", file=sys.stderr)  # noqa: T201 - what a command says
        return USAGE
    except CannotAnswer as error:
        print(f"contract-tests strength: {error}", file=sys.stderr)  # noqa: T201 - what a command says
        return FELL


def _run(options: argparse.Namespace) -> int:
    from contract_tests.strength.scoring import falls, read_scores, written_scores
    from contract_tests.strength.telling import every_mutant, told

    before = read_scores(options.check) if options.check else {}
    scores: dict[str, Score] = {}
    for name, score, measured in _measured(options):
        scores[name] = score
        print("\n".join([*told(name, measured), *(every_mutant(measured) if options.list else ()), ""]))  # noqa: T201
    for path in filter(None, (options.json, options.write)):
        path.write_text(written_scores(scores), encoding="utf-8")
    said = [f"{name}: {line}" for name in scores if name in before for line in falls(before[name], scores[name])]
    said += [f"{name}: {options.check} has no score of it" for name in scores if options.check and name not in before]
    for line in said:
        print(f"worse than {options.check}: {line}", file=sys.stderr)  # noqa: T201 - what a command says
    return FELL if said else 0


def _measured(options: argparse.Namespace) -> Iterator[tuple[str, Score, Measured]]:
    from contract_tests.strength.measuring import measure
    from contract_tests.strength.scoring import Score
    from openapi.profiles import PROFILES

    documents = tuple(options.contract_document)
    profiles = [options.contract_profile] if options.contract_profile or documents else list(PROFILES)
    for profile in profiles:
        contract = read_contract(Options(profile=profile, documents=documents))
        began = time.perf_counter()
        measured = measure(contract)
        name = contract.profile or "of your documents"
        print(f"{len(measured.fates)} mutants in {time.perf_counter() - began:.1f} s", file=sys.stderr)  # noqa: T201
        yield name, Score.of(contract, measured), measured


def _parser() -> Parser:
    parser = Parser(
        "strength", "Run wrong answers through the contract, in memory, and count what it notices. Sends nothing."
    )
    add = parser.add_argument
    add("--contract-profile", default="", metavar="NAME", help="one profile of the packaged contract; default: each")
    add("--contract-document", action="append", default=[], metavar="FILE", help="measure these documents instead")
    add("--check", type=Path, metavar="FILE", help="fail, status 1, if the score is worse than the one in this file")
    add("--write", type=Path, metavar="FILE", help="write the score, to be committed")
    add("--json", type=Path, metavar="FILE", help="write the score for another program")
    add("--list", action="store_true", help="print what every mutant came to")
    return parser
