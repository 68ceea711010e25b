"""The command `contract-tests`: the suite with a pytest configuration of its own, whatever the current folder has."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

__all__ = ["main"]

SETTINGS = "[pytest]\naddopts =\npython_files = test_*.py\nmarkers =\n    contract_cases: items of the contract suite\n"


def main() -> int:
    """Run the suite; arguments are pytest's. Exit status: pytest's, 10 inconclusive only, 14 target refused."""
    with TemporaryDirectory(prefix="contract-tests-") as folder:
        settings = Path(folder) / "pytest.ini"
        settings.write_text(SETTINGS, encoding="utf-8")
        here = Path(__file__).parent
        own = ["-c", str(settings), "--rootdir", str(here), "-p", "no:cacheprovider", str(here)]
        return int(pytest.main([*own, *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
