"""The command `contract-tests`: the suite with a pytest configuration of its own, whatever the current folder has.

A first word that is in COMMANDS calls another command; everything else goes to pytest.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["COMMANDS", "main"]

USAGE_ERROR = 4

COMMANDS: dict[str, tuple[str, str]] = {
    "strength": ("contract_tests.strength.command", "how many wrong answers the contract would notice; sends nothing"),
}
"""By their first word: the module that has `main(arguments: list[str]) -> int`, and what it does."""


def main() -> int:
    """Run the suite; arguments are pytest's. Exit status: pytest's, 10 inconclusive only, 14 target refused."""
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        return int(import_module(COMMANDS[sys.argv[1]][0]).main(sys.argv[2:]))
    try:
        import pytest
    except ModuleNotFoundError:
        print("The contract suite needs pytest: pip install 'anyfast-mockserver[contract]'.", file=sys.stderr)  # noqa: T201
        return USAGE_ERROR
    here = Path(__file__).parent
    with TemporaryDirectory(prefix="contract-tests-") as folder:
        settings = Path(folder) / "pytest.ini"
        settings.write_text(f"[pytest]\ncache_dir = {Path.cwd() / '.pytest_cache'}\n", encoding="utf-8")
        own = ["-c", str(settings), "--rootdir", str(here), "-p", "anyfast-contract", "--no-header", str(here)]
        return int(pytest.main([*own, *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
