"""The command `contract-tests`: the suite with a pytest configuration of its own, whatever the current folder has.

A first word that is in COMMANDS calls another command; everything else goes to pytest.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["COMMANDS", "main"]

USAGE_ERROR = 4

COMMANDS: dict[str, tuple[str, str]] = {
    "confirm": ("contract_tests.confirm", "write down what several runs against a host agreed on; sends nothing"),
    "drift": ("contract_tests.drift", "what changed: the document, an overlay's place, a host's answers"),
    "explain": ("contract_tests.explain", "what a code such as AFC304 means, and how to silence it"),
    "parity": ("contract_tests.parity", "the same requests to two targets, and every difference"),
    "record": ("contract_tests.record", "the shapes of a host's answers, without any value"),
    "strength": ("contract_tests.strength.command", "how many wrong answers the contract would notice; sends nothing"),
}
"""By their first word: the module that has `main(arguments: list[str]) -> int`, and what it does."""


def main() -> int:
    """Run the suite; arguments are pytest's. Exit status: pytest's, 10 inconclusive only, 14 target refused."""
    try:
        if sys.argv[1:2] and sys.argv[1] in COMMANDS:
            return int(import_module(COMMANDS[sys.argv[1]][0]).main(sys.argv[2:]))
        return _suite(sys.argv[1:])
    except BrokenPipeError:  # whoever read along has seen enough; Python would complain when it closes the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _suite(arguments: list[str]) -> int:
    try:
        import pytest
    except ModuleNotFoundError:
        print("The contract suite needs pytest: pip install 'anyfast-mockserver[contract]'.", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    if arguments in (["--help"], ["-h"]):
        from contract_tests.overview import overview

        print(overview(COMMANDS), end="")  # noqa: T201 - what a command says
        return 0
    here = Path(__file__).parent
    with TemporaryDirectory(prefix="contract-tests-") as folder:
        settings = Path(folder) / "pytest.ini"
        settings.write_text(f"[pytest]\ncache_dir = {Path.cwd() / '.pytest_cache'}\n", encoding="utf-8")
        own = ["-c", str(settings), "--rootdir", str(here), "-p", "anyfast-contract", "--no-header", str(here)]
        own += ["-p", "no:randomly"]  # the order is the suite's: a plan is what is then sent
        return int(pytest.main([*own, *arguments]))


if __name__ == "__main__":
    sys.exit(main())
