"""What holds of every answer, asked of those of the journey too: the invariants, over answers that belong to no case.

It sends nothing. What it looks at was sent before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract_tests.cases import Case
from contract_tests.invariants import INVARIANTS, Observation, View
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.failures import Finding
    from contract_tests.run import Run
    from contract_tests.targets import Exchange
    from openapi.operation import Operation
    from openapi.reading import Json

__all__ = ["bad_manners"]

JOURNEY = "journey"


def bad_manners(run: Run) -> Iterator[tuple[Finding, Exchange]]:
    """Check the answers of the journey so far; give each finding with the exchange that it is about.

    Not asked are the invariants of refusals: the journey has steps for them.
    """
    seen = list(_observations(run))
    for one in INVARIANTS:
        if one.over == "refused":
            continue
        view = View([it for it in seen if _concerns(one.operation, one.over, it)], run.target, run.redactor)
        for finding, observation in one.findings(view):
            if observation.case.group == JOURNEY:
                yield finding, observation.exchange


def _concerns(operation: str, over: str, seen: Observation) -> bool:
    """Tell whether an invariant looks at an answer. One over all answers of an operation looks at the whole journey."""
    if over == "all":
        return operation != "" or seen.case.group == JOURNEY
    return operation in ("", seen.case.operation.id) and 200 <= seen.exchange.status < 300


def _observations(run: Run) -> Iterator[Observation]:
    """Give all that was answered by operations of the contract, of cases and of the journey."""
    known = {case.id: case for case in run.cases}
    paths = {one.base_paths[0] + one.path: one for one in run.contract.operations}
    for name, exchange in run.exchanges.all().items():
        operation = paths.get(exchange.ask.path.partition("?")[0])
        if exchange.inconclusive:
            continue
        if name in known:
            yield Observation.of(known[name], exchange)
        elif name.startswith(f"{JOURNEY}/") and operation is not None:
            yield Observation.of(_case(name, operation, exchange), exchange)


def _case(name: str, operation: Operation, exchange: Exchange) -> Case:
    """Make a case of an exchange that belongs to none."""
    step = name.removeprefix(f"{JOURNEY}/")
    sentence = "What holds of every answer holds of those of the journey."
    return Case(operation, JOURNEY, step, exchange.ask, "accepted", "rfc", sentence, _sent(exchange.ask.body))


def _sent(body: bytes | None) -> Json | Missing:
    try:
        value: Json = json.loads(body or b"")
    except ValueError:
        return Missing()
    return value
