"""One fuzz: sends what hypothesis generates, judges each answer as the run judges cases, and shrinks what fails.

The request that fails is made smaller by hypothesis as long as the same checks find the same fault in its answer.
"""

from __future__ import annotations

import tempfile
from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir, storage_directory
from hypothesis.errors import Unsatisfiable

from contract_tests.expectations import expectation, unanswered
from contract_tests.failures import ContractFailure, Finding, Verdict
from contract_tests.fuzzing.fuzz import SERVER_ERROR, VALID
from contract_tests.fuzzing.requests import CannotGenerate, requests_of
from contract_tests.invariants import INVARIANTS, View
from contract_tests.verdicts import LEFT_OUT, NOTHING_TO_SEND, NotRun, inconclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.case import Case
    from contract_tests.fuzzing.fuzz import Fuzz
    from contract_tests.invariants import Observation
    from contract_tests.run import Run
    from contract_tests.targets import Ask, Exchange

__all__ = ["check_fuzz"]

SHRINKING = 300
"""So many requests at most make a failure smaller."""

REMEMBERED = 200
"""So many answers are compared with each other at the end."""

_MOST = 5
"""So many findings that do not fail are told."""

_STATE = frozenset({404, 409, 410, 412})
"""Statuses that may answer a valid request where they are documented: about a state that no schema tells of."""


class _Stop(BaseException):
    """Ends a fuzz from inside: an `Exception` would be taken for a fault and be made smaller."""


def check_fuzz(run: Run, fuzz: Fuzz) -> Verdict:
    """Check one fuzz. Raises `ContractFailure`, `Inconclusive` or `NotRun`; writes no files."""
    try:
        cases = requests_of(fuzz.operation, fuzz.group)
    except CannotGenerate as why:
        raise NotRun(f"not generated: {why}", NOTHING_TO_SEND) from None
    trial = _Trial(run, fuzz)

    def send(case: Case) -> None:
        trial.send(case)

    manner = settings(
        max_examples=fuzz.number,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    home = storage_directory(intent_to_write=False).path
    with tempfile.TemporaryDirectory(prefix="contract-fuzz-") as folder:
        set_hypothesis_home_dir(folder)  # it keeps tables of characters there
        try:
            seed(f"{fuzz.seed} {fuzz.id}")(manner(given(cases)(send)))()
        except (ContractFailure, _Stop):
            pass
        except Unsatisfiable:
            raise NotRun(
                "not generated: no such request was found; give the parameters and the body examples, with an overlay",
                NOTHING_TO_SEND,
            ) from None
        finally:
            set_hypothesis_home_dir(home)
    return trial.settled()


class _Trial:
    """What is known of one fuzz while it runs. failed: requests that failed, each with its failure and exchange."""

    def __init__(self, run: Run, fuzz: Fuzz) -> None:
        self._run = run
        self._fuzz = fuzz
        self._sent = 0
        self._shrinking = 0
        self._failed: dict[Ask, tuple[ContractFailure, Exchange]] = {}
        self._codes: frozenset[str] = frozenset()  # of the failure that is made smaller
        self._last: tuple[ContractFailure, Exchange] | None = None
        self._beside: dict[tuple[str, str, str], Finding] = {}
        self._seen: deque[Observation] = deque(maxlen=REMEMBERED)
        self._ended: Exception | None = None

    def send(self, case: Case) -> None:
        """Send a case and judge its answer. Raises `ContractFailure`, and `_Stop` when there is no use in going on."""
        known = self._failed.get(case.ask)
        if known is None and self._last is not None and self._shrinking >= SHRINKING:
            return
        if known is None:
            known = self._judged(case)
        if known is None:
            return
        if not self._codes <= _codes(known[0]):
            return  # another fault: making this one smaller goes on
        self._codes = self._codes or _codes(known[0])
        self._failed[case.ask] = self._last = known
        raise known[0].with_traceback(None)

    def _judged(self, case: Case) -> tuple[ContractFailure, Exchange] | None:
        exchange = self._exchanged(case)
        if exchange is None:
            return None
        seen = self._run.observed(case, exchange)
        try:
            verdict = self._run.settle(
                self._findings(case, seen), case.operation.name, self._fuzz.id, exchange, again=self._fuzz.again
            )
        except ContractFailure as failure:
            return failure, exchange
        if self._last is None:
            self._seen.append(replace(seen, case=replace(case, name=str(self._sent))))
            for one in (*verdict.warned, *verdict.reported):
                self._beside.setdefault((one.code, one.expected, one.received), one)
        return None

    def _exchanged(self, case: Case) -> Exchange | None:
        """Send a request; None where its answer says nothing."""
        run, paid = self._run, case.cost == "paid"
        self._sent += 1
        self._shrinking += self._last is not None
        name = f"{self._fuzz.id} {self._sent}"
        exchange = run.spending.send(name, lambda: case.ask, paid=paid, creates=True, keep=False)
        exchange = replace(
            exchange, name=self._fuzz.id, paid=exchange.was_sent and (paid or 200 <= exchange.status < 300)
        )
        run.learn_from(exchange)
        if exchange.left_out:
            self._sent -= 1
            self._ended = NotRun(exchange.left_out, LEFT_OUT)
            raise _Stop
        if exchange.status == 429 or (exchange.status == 0 and not self._is_fault(exchange)):
            if self._last is None:
                self._ended = inconclusive(exchange)
                raise _Stop
            return None
        return exchange

    def _is_fault(self, exchange: Exchange) -> bool:
        """Tell whether it is a fault that no answer came: of a target that has answered before, if it was reached."""
        reached = exchange.error not in ("unreachable", "untrusted", "lost", "not sent")
        return reached and (bool(self._seen) or self._run.has_answered)

    def _findings(self, case: Case, seen: Observation) -> Iterator[Finding]:
        exchange = seen.exchange
        status = exchange.status
        if status == 0:
            yield unanswered(exchange)
            return
        if 500 <= status < 600:
            yield Finding.of(SERVER_ERROR, SERVER_ERROR.basis, "no 5xx", str(status))
        # A wrong value in a path is as well one that leads nowhere.
        nowhere = status == 404 and case.name == "path"
        about_state = status in _STATE and case.expect == "accepted" and case.operation.response(status) is not None
        if not nowhere:
            if not about_state:
                yield from expectation(case, exchange)
            yield from self._run.judged(case.operation, exchange)
        view = View([seen], self._run.target, self._run.redactor)
        for one in INVARIANTS:
            if one.operation in ("", case.operation.id) and not one.between and _looks_at(one.over, case):
                yield from (finding for finding, _ in one.findings(view))

    def settled(self) -> Verdict:
        """Give the verdict. Raises `ContractFailure`, `Inconclusive` or `NotRun`."""
        self._run.count_generated(self._sent, self._fuzz.seed)
        if self._last is not None:
            failure, exchange = self._last
            self._run.keep(exchange)
            raise failure.with_traceback(None)
        found = self._between()
        if found:
            exchange = found[0][1].exchange
            self._run.keep(exchange)
            self._run.settle(
                (one for one, _ in found), self._fuzz.operation.name, self._fuzz.id, exchange, again=self._fuzz.again
            )
        if self._ended is not None and not self._seen:
            raise self._ended
        return Verdict([], list(islice(self._beside.values(), _MOST)))

    def _between(self) -> list[tuple[Finding, Observation]]:
        """Compare answers with each other, as the invariants do that look at several."""
        view = View(list(self._seen), self._run.target, self._run.redactor)
        found: list[tuple[Finding, Observation]] = []
        for one in INVARIANTS if self._fuzz.group == VALID else ():
            if one.between and one.operation in ("", self._fuzz.operation.id):
                found += islice(one.findings(view), 1)
        return found


def _looks_at(over: str, case: Case) -> bool:
    return over == "all" or (over == "accepted") == (case.expect == "accepted")


def _codes(failure: ContractFailure) -> frozenset[str]:
    return frozenset(one.code for one in failure.findings)
