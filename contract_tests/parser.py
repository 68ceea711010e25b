"""The parser of every command beside the suite: wrong options end with the status that pytest has for them."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

__all__ = ["USAGE", "Parser"]

USAGE = 4


class Parser(argparse.ArgumentParser):
    """Reads the options of one command, by their whole names."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(prog=f"contract-tests {name}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """End with a sentence and the status of wrong usage."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")
