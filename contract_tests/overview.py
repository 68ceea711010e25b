"""What `contract-tests --help` says: the commands, the options of the suite, and which of pytest's many help most."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from contract_tests.command_line import CommandParser

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["overview"]

_EXAMPLES = """\
examples:
  contract-tests                                our mock, in every way
  contract-tests -k "auth or body/"             some of the items, by name
  contract-tests --contract-plan                only what would be sent
  contract-tests --contract-document api.yaml   a mock of this document
  contract-tests --contract-target http://127.0.0.1:8080

options of pytest that help here:
  -k WORDS            run only items whose names have these words
  -x, --maxfail=N     stop after the first failure, or after N
  --lf                run again what failed the last time
  -n N                in N processes (needs pytest-xdist)
  -v, -q              say more, say less
  --junit-xml=FILE    a report in the form of JUnit

'contract-tests --help -v' lists all of pytest's,
'contract-tests COMMAND --help' those of a command.
Exit codes: 0 the contract is kept, 1 it is not, 2 interrupted, 4 usage,
5 nothing selected, 10 inconclusive, 12 other shapes than recorded,
14 the target was refused.
"""


def overview(commands: Mapping[str, tuple[str, str]]) -> str:
    """Write the help of the suite. commands: by name, each with what it does behind its module."""
    words = "\n".join(f"  {word:<10}{what}" for word, (_, what) in commands.items())
    parser = _Suite(f"Check a target against its contract.\n\ncommands:\n{words}")
    return parser.format_help()


class _Suite(CommandParser):
    """A parser with all options of the suite, for its help alone."""

    def __init__(self, description: str) -> None:
        super().__init__("", description)
        self.prog, self.usage = "contract-tests", "contract-tests [COMMAND | options and arguments of pytest]"
        self.formatter_class, self.epilog = argparse.RawDescriptionHelpFormatter, _EXAMPLES

    def addoption(self, name: str, **how: object) -> None:
        """Take every option of the suite."""
        self._group.add_argument(name, **how)  # type: ignore[arg-type]
