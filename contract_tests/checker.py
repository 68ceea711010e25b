"""From the verdict on an item to an outcome of pytest, without a traceback and without a secret."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from contract_tests.failures import ContractFailure
from contract_tests.redaction import Redactor
from contract_tests.run import Inconclusive, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contract_tests.cases import Case
    from contract_tests.run import Check, Run, Verdict
    from contract_tests.summary import Outcome
    from contract_tests.walk import Step, Walk

__all__ = ["Checker"]


class Checker:
    """Checks items for the test functions and turns what they come to into pytest's outcomes."""

    def __init__(self, run: Run, walk: Walk, node: pytest.Item) -> None:
        self._run = run
        self._walk = walk
        self._node = node
        self._redactor = Redactor(run.target.key, others=run.target.other_secrets)

    def case(self, case: Case) -> None:
        """Check one case."""
        __tracebackhide__ = True
        self._settle(lambda: self._run.check_case(case))

    def invariant(self, check: Check) -> None:
        """Check one invariant over all answers of its kind."""
        __tracebackhide__ = True
        self._settle(lambda: self._run.check_invariant(check))

    def step(self, step: Step) -> None:
        """Check one step of the journey, walking as far as it needs."""
        __tracebackhide__ = True
        self._settle(lambda: self._walk.check(step))

    def _settle(self, check: Callable[[], Verdict]) -> None:
        __tracebackhide__ = True
        outcome, text = self._outcome(check)
        text = self._redactor.text(text)
        if outcome in ("inconclusive", "not run"):
            pytest.skip(f"{outcome}: {text}")
        if outcome == "failed":
            pytest.fail(text, pytrace=False)

    def _outcome(self, check: Callable[[], Verdict]) -> tuple[Outcome, str]:
        try:
            verdict = check()
        except ContractFailure as failure:
            self._note("failed", ("\n".join(finding.lines()) for finding in failure.findings))
            return "failed", str(failure)
        except Inconclusive as error:
            return "inconclusive", str(error)
        except NotRun as error:
            return "not run", str(error)
        except KeyboardInterrupt:  # its frames hold what pytest shows with --full-trace
            raise KeyboardInterrupt from None
        except Exception as error:  # noqa: BLE001 - a bug of ours: pytest's traceback would show locals, the key among them
            said = self._redactor.short(str(error), 200)
            self._note("broken", (f"{type(error).__name__}: {said}",))
            return "failed", f"The suite itself broke here, please report it.\n{traceback.format_exc()}"
        self._note("warned", ("\n".join(finding.lines()) for finding in verdict.warned))
        self._note("reported", ("\n".join(finding.lines()) for finding in verdict.reported))
        return "passed", ""

    def _note(self, kind: str, texts: Iterable[str]) -> None:
        self._node.user_properties += [(f"contract-{kind}", self._redactor.text(text)) for text in texts]
