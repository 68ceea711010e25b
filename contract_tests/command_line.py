"""What the commands that send share: the options of the suite that they take too, and what these come to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, cast

from contract_tests.budget import read_rate
from contract_tests.mock_process import MockDidNotStart
from contract_tests.parser import USAGE, Parser
from contract_tests.plugin import pytest_addoption
from contract_tests.preparing import CannotRun, Options
from contract_tests.report_files import CannotWrite
from contract_tests.targets import REFUSED as TARGET_REFUSED
from contract_tests.targets import RefusedTarget
from contract_tests.terms import UnusableFile

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    import pytest

__all__ = ["SENDING", "CommandParser", "carry_out", "options_of"]

INTERRUPTED, REFUSED = 2, 14
"""Exit statuses of every command that sends, beside 4."""

SENDING = (
    "--contract-document",
    "--contract-overlay",
    "--contract-operations",
    "--contract-allow-delete",
    "--contract-profile",
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
"""The options of the suite that a command takes which sends."""


class CommandParser(Parser):
    """A parser that has some options of the suite too, those of `shared`."""

    def __init__(self, name: str, description: str, shared: Sequence[str] = ()) -> None:
        super().__init__(name, description)
        self._shared, self._group = shared, self.add_argument_group("options of the suite")
        pytest_addoption(cast("pytest.Parser", self))

    def getgroup(self, *_: str) -> CommandParser:
        """Stand in for pytest's parser."""
        return self

    def addoption(self, name: str, **how: Any) -> None:  # noqa: ANN401 - passed on as it is
        """Take an option of the suite, if it is shared."""
        if name in self._shared:
            self._group.add_argument(name, **how)


def carry_out(command: str, run: Callable[[], int]) -> int:
    """Run a command; what ends it becomes a sentence and an exit status: 2 interrupted, 4 usage, 14 refused."""
    try:
        return run()
    except RefusedTarget as error:
        said, status = f"refused: {error} ({TARGET_REFUSED.code})", REFUSED
    except (CannotRun, CannotWrite, MockDidNotStart, UnusableFile) as error:
        said, status = str(error), USAGE
    except KeyboardInterrupt:
        said, status = "interrupted; what was sent may have cost something", INTERRUPTED
    print(f"contract-tests {command}: {said}", file=sys.stderr)  # noqa: T201 - what a command says
    return status


def options_of(asked: argparse.Namespace, target: str = "", profile: str | None = None) -> Options:
    """Give what the user asked of one target, '' for our mock. profile: of a mock, instead of that of the contract."""
    return Options(
        target=target,
        profile=asked.contract_profile if profile is None else profile,
        documents=tuple(asked.contract_document),
        overlays=tuple(asked.contract_overlay),
        operations=tuple(asked.contract_operations),
        allow_delete=asked.contract_allow_delete,
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
