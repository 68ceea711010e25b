"""From the verdict on an item to an outcome of pytest, without a traceback and without a secret."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.deviations import KNOWN, weighed
from contract_tests.failures import ContractFailure, Verdict
from contract_tests.planning import item_of
from contract_tests.verdicts import Inconclusive, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from contract_tests.cases import Case
    from contract_tests.deviations import Deviation, Deviations
    from contract_tests.event_parts import Item
    from contract_tests.events import ItemSettled
    from contract_tests.fuzzing.fuzz import Fuzz
    from contract_tests.run import Check, Run
    from contract_tests.telling import Teller
    from contract_tests.walk import Step, Walk

__all__ = ["ATTRIBUTE", "EVENTS", "Checker"]

EVENTS = pytest.StashKey[list[dict[str, Any]]]()
"""The events of an item, as JSON, on their way to its report."""

ATTRIBUTE = "contract_events"
"""What they are called there."""


class Checker:
    """Checks items for the test functions and turns what they come to into pytest's outcomes.

    known: deviations, None where they excuse nothing. items: all that there are, each with its id and code.
    """

    def __init__(
        self,
        run: Run,
        walk: Walk,
        teller: Teller,
        node: pytest.Item,
        known: Deviations | None = None,
        items: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._run = run
        self._walk = walk
        self._teller = teller
        self._node = node
        self._known = known
        self._items = items

    def case(self, case: Case) -> None:
        """Check one case."""
        __tracebackhide__ = True
        self._settle(item_of(case), lambda: self._run.check_case(case))

    def invariant(self, check: Check) -> None:
        """Check one invariant over all answers of its kind."""
        __tracebackhide__ = True
        self._settle(item_of(check), lambda: self._run.check_invariant(check))

    def step(self, step: Step) -> None:
        """Check one step of the journey, walking as far as it needs."""
        __tracebackhide__ = True
        self._settle(item_of(step), lambda: self._walk.check(step))

    def deviation(self, entry: Deviation) -> None:
        """Check one known deviation by itself."""
        __tracebackhide__ = True
        self._settle(item_of(entry), lambda: self._check_entry(entry), entry)

    def fuzz(self, fuzz: Fuzz) -> None:
        """Check requests that are generated."""
        __tracebackhide__ = True
        from contract_tests.fuzzing.trial import check_fuzz

        self._settle(item_of(fuzz), lambda: check_fuzz(self._run, fuzz))

    def _check_entry(self, entry: Deviation) -> Verdict:
        if self._known is None or not entry.is_about(self._run.target.url):
            raise NotRun("the entry is about another target" if self._known else "--runxfail excuses nothing")
        self._known.check(entry, self._items)
        return Verdict()

    def _settle(self, item: Item, check: Callable[[], Verdict], entry: Deviation | None = None) -> None:
        __tracebackhide__ = True
        began = time.perf_counter()
        came: Verdict | Exception
        text = ""
        excused = False
        try:
            came = check()
        except KeyboardInterrupt:  # its frames hold what pytest shows with --full-trace
            raise KeyboardInterrupt from None
        except (ContractFailure, Inconclusive, NotRun) as error:
            came = error
        except Exception as error:  # noqa: BLE001 - a bug of ours: pytest's traceback would show locals, the key among them
            came, text = error, f"The suite itself broke here, please report it.\n{traceback.format_exc()}"
        if self._known is not None and entry is None and isinstance(came, Verdict | ContractFailure):
            about = self._known.about(self._run.target.url, item.id, item.code)
            came, entry = weighed(came, about, item.id, self._known.today)
            excused = entry is not None
        if isinstance(came, ContractFailure | Inconclusive | NotRun):
            text = str(came)
        with self._run.redactor.sealed():
            made, settled = self._teller.settled(item, came, began, entry, excused=excused)
            self._node.stash[EVENTS] = [event.as_json() for event in (*made, settled)]
            self._node.user_properties += properties(settled)
            text = self._run.redactor.text(text)
        if settled.verdict in ("inconclusive", "not run"):
            pytest.skip(f"{settled.verdict}: {text} ({settled.code})")
        if settled.verdict == "known deviation":
            pytest.xfail(f"known deviation: {settled.reason} ({KNOWN.code})")
        if settled.verdict == "failed":
            pytest.fail(text, pytrace=False)


def properties(settled: ItemSettled) -> Iterator[tuple[str, object]]:
    """Write what JUnit files have of an item, as properties of its test case."""
    item = settled.item
    yield "contract-verdict", settled.verdict
    yield "contract-code", item.code
    yield "contract-basis", item.basis
    yield "contract-cost", item.cost
    if settled.excuse is not None:
        yield "contract-deviation", f"{settled.excuse}, {settled.excuse.place}"
    for noted in settled.findings:
        yield f"contract-{noted.weight}", "\n".join(noted.lines())
