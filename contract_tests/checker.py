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

__all__ = ["Checker"]


class Checker:
    """Checks items for the test functions and turns what they come to into pytest's outcomes."""

    def __init__(self, run: Run, node: pytest.Item) -> None:
        self._run = run
        self._node = node

    def case(self, case: Case) -> None:
        """Check one case."""
        __tracebackhide__ = True
        self._settle(lambda: self._run.check_case(case))

    def invariant(self, check: Check) -> None:
        """Check one invariant over all answers of its kind."""
        __tracebackhide__ = True
        self._settle(lambda: self._run.check_invariant(check))

    def _settle(self, check: Callable[[], Verdict]) -> None:
        __tracebackhide__ = True
        outcome, text = self._outcome(check)
        text = Redactor(self._run.target.key).text(text)
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
        except Exception as error:  # noqa: BLE001 - a bug of ours: pytest's traceback would show locals, the key among them
            said = Redactor(self._run.target.key).short(str(error), 200)
            self._note("broken", (f"{type(error).__name__}: {said}",))
            return "failed", f"The suite itself broke here, please report it.\n{traceback.format_exc()}"
        self._note("warned", ("\n".join(finding.lines()) for finding in verdict.warned))
        self._note("reported", ("\n".join(finding.lines()) for finding in verdict.reported))
        return "passed", ""

    def _note(self, kind: str, texts: Iterable[str]) -> None:
        redactor = Redactor(self._run.target.key)
        self._node.user_properties += [(f"contract-{kind}", redactor.text(text)) for text in texts]
