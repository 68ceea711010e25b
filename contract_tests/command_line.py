"""What the commands beside the suite share: options of the suite that they take too, and the status of wrong ones."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn, cast

from contract_tests.budget import read_rate
from contract_tests.plugin import pytest_addoption
from contract_tests.preparing import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__all__ = ["FILES", "SENDING", "USAGE", "CommandParser", "options_of"]

USAGE = 4
"""The exit status that pytest has for wrong options."""

FILES = ("--contract-document", "--contract-profile")
SENDING = (
    *FILES,
    "--contract-allow-host",
    "--contract-budget",
    "--contract-rate",
    "--contract-max-wait",
    "--contract-max-response-time",
    "--contract-proxy",
    "--contract-ca-bundle",
    "--contract-journey",
    "--contract-plan",
)
"""The options of the suite that a command takes which reads a contract, and which also sends."""


class CommandParser(argparse.ArgumentParser):
    """A parser that ends with the status that pytest has for wrong options, as the rest of the command does.

    shared: the options of the suite that it has too.
    """

    def __init__(self, name: str, description: str, shared: Sequence[str] = ()) -> None:
        super().__init__(prog=f"contract-tests {name}", description=description, allow_abbrev=False)
        self._shared = shared
        pytest_addoption(cast("pytest.Parser", self))

    def error(self, message: str) -> NoReturn:
        """End with a sentence."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")

    def getgroup(self, *_: str) -> CommandParser:
        """Stand in for pytest's parser."""
        return self

    def addoption(self, name: str, **how: Any) -> None:  # noqa: ANN401 - passed on as it is
        """Take an option of the suite, if it is shared."""
        if name in self._shared:
            self.add_argument(name, **how)


def options_of(asked: argparse.Namespace, target: str = "", profile: str | None = None) -> Options:
    """Give what the user asked of one target, '' for our mock. profile: of a mock, instead of that of the contract."""
    return Options(
        target=target,
        profile=asked.contract_profile if profile is None else profile,
        documents=tuple(asked.contract_document),
        allowed_hosts=tuple(asked.contract_allow_host),
        max_response_time=asked.contract_max_response_time,
        proxy=asked.contract_proxy if target else "",
        ca_bundle=asked.contract_ca_bundle,
        key=os.environ.get("ANYFAST_API_KEY", ""),
        journey=asked.contract_journey,
        other_key=os.environ.get("ANYFAST_API_KEY_2", ""),
        control_token=os.environ.get("ANYFAST_MOCK_CONTROL_TOKEN", ""),
        budget=asked.contract_budget or "",
        rate=read_rate(asked.contract_rate) if asked.contract_rate else 0.0,
        max_wait=asked.contract_max_wait,
        plan=asked.contract_plan,
    )
