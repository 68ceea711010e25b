"""Which items of pytest are ours, what each is about, and in which order they run. It sends and settles nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import pytest

from contract_tests.cases import Case, cases_of
from contract_tests.deviations import Deviation
from contract_tests.fuzzing.fuzz import Fuzz
from contract_tests.planning import item_of, nothing_of
from contract_tests.run import Check, checks_of
from contract_tests.steps import STEPS, steps_of
from contract_tests.walk import Step

if TYPE_CHECKING:
    from contract_tests.event_parts import Item
    from openapi.contract import Contract

__all__ = ["MARKER", "SUITE", "ContractModule", "Subject", "all_items", "rank", "subject_of", "suite_item"]

Subject: TypeAlias = "Case | Check | Step | Deviation | Fuzz"
"""What an item is about."""

MARKER, FUZZ = "contract_cases", "test_generated_requests"
SUITE = "anyfast-contract-suite"
"""The name of the plugin that a suite is registered as."""


class ContractModule(pytest.Module):
    """A test module of the suite, collected by our names whatever the user's settings call tests."""

    def funcnamefilter(self, name: str) -> bool:
        """Tell whether a function is a test; some are only where there is something for them."""
        suite = self.config.pluginmanager.getplugin(SUITE)
        if name == "test_known_deviation" and suite is not None and not suite.has_deviations:
            return False
        if name == "test_query_is_read_as_documented" and suite is not None and not suite.has_queries:
            return False
        return name.startswith("test_") and (name != FUZZ or bool(self.config.getoption("--contract-fuzz")))

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002 - pytest's signature
        """Tell whether a class holds tests: none does."""
        return False


def suite_item(item: pytest.Item) -> Item | None:
    """Give what an item of ours is about; None for those of others."""
    marker = item.get_closest_marker(MARKER)
    if marker is None or item.getparent(ContractModule) is None:
        return None
    found = subject_of(item)
    return nothing_of(str(marker.args[0])) if found is None else item_of(found)


def subject_of(item: pytest.Item) -> Subject | None:
    """Give what an item checks, None where there is nothing of ours."""
    kinds = Case | Check | Step | Deviation | Fuzz
    return next((one for one in _params(item).values() if isinstance(one, kinds)), None)


@cache
def all_items(contract: Contract) -> tuple[tuple[str, str], ...]:
    """Give all items that there can be, each with its id and code, whatever of them was chosen for this run."""
    found: list[Subject] = [*cases_of(contract), *checks_of(contract), *steps_of(contract)]
    return tuple((one.id, one.code) for one in map(item_of, found))


def rank(item: pytest.Item) -> tuple[int, int]:
    """Give the place of an item in the order of a run: what costs nothing first, generated requests last."""
    params = _params(item)
    if "fuzz" in params:
        return 4, 0
    if "step" in params:
        return 3, STEPS.index(params["step"]) if params["step"] in STEPS else 0
    if "check" in params:
        return 2, 0
    return int(getattr(params.get("case"), "cost", "free") == "paid"), 0


def _params(item: pytest.Item) -> dict[str, object]:
    return dict(getattr(getattr(item, "callspec", None), "params", {}))
