"""The command `contract-tests`: the suite with a pytest configuration of its own, whatever the current folder has."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["main"]

USAGE_ERROR = 4

COMMANDS = {"confirm": ("contract_tests.confirm", "write down what several runs against a host agreed on")}
"""What the first word may be, else pytest has all of them: the module, imported when called, and what it does."""


def main() -> int:
    """Run the suite, or the command that the first word names; all other arguments are pytest's.

    Exit status of the suite: pytest's, 10 inconclusive only, 14 target refused.
    """
    if command := COMMANDS.get(next(iter(sys.argv[1:]), "")):
        return int(import_module(command[0]).main(sys.argv[2:]))
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
