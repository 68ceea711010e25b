"""All steps of the journey: those of its requests, and those of the callback at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests import callback, journey
from contract_tests.traveller import CREATE, RESULT
from contract_tests.walk import STEPS

if TYPE_CHECKING:
    from contract_tests.walk import Step
    from openapi.contract import Contract

__all__ = ["STEPS", "callback", "journey", "steps_of"]


def steps_of(contract: Contract) -> list[Step]:
    """Give the steps; none when the contract has not both operations of the journey."""
    return STEPS if {CREATE, RESULT} <= {operation.id for operation in contract.operations} else []
