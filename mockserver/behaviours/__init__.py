"""What operations do beyond their document: one small function for each operationId, registered by a decorator.

A module in this package is one vendor resource. An operation without a behaviour answers from its document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from mockserver.credentials import Credential, Refusal
    from mockserver.exchange import Answer
    from mockserver.sessions import Keeper
    from mockserver.settings import Settings
    from openapi.operation import Operation
    from openapi.reading import Json
    from openapi.samples import Missing

    Function: TypeAlias = Callable[["Call"], Answer | Refusal]

__all__ = ["Behaviour", "Call", "behaviour", "registered"]


@dataclass(slots=True)
class Call:
    """One valid request to an operation. `body` is `MISSING` when none was sent.

    media_type: that the caller would rather have of those that are documented; empty: any.
    """

    operation: Operation
    credential: Credential
    body: Json | Missing
    parameters: Mapping[str, Json]
    sessions: Keeper
    settings: Settings
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A registered behaviour: its function, and the basis of what it does beyond the document."""

    function: Function
    basis: str
    sentence: str


_BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(operation_id: str, *, basis: str) -> Callable[[Function], Function]:
    """Register a function as the behaviour of an operationId; it answers, or refuses by a rule of the contract.

    Raises `ValueError` naming both places of a duplicate.
    """

    def register(function: Function) -> Function:
        if operation_id in _BEHAVIOURS:
            first, second = _BEHAVIOURS[operation_id].function, function
            places = " and ".join(f"{one.__module__}.{one.__qualname__}" for one in (first, second))
            raise ValueError(f"The operation {operation_id!r} has two behaviours: {places}.")
        sentence = (function.__doc__ or "").strip().partition("\n")[0]
        _BEHAVIOURS[operation_id] = Behaviour(function, basis, sentence)
        return function

    return register


def registered() -> Mapping[str, Behaviour]:
    """Give all behaviours by operationId."""
    from mockserver.behaviours import visual_validate  # noqa: F401 - importing it registers its behaviours

    return _BEHAVIOURS
