"""What a case is: one variation of a request, with what may be expected of its answer and why; and its group.

The functions that derive cases register the groups; `cases.py` brings all cases together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from contract_tests.codes import define_by_docstring

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_tests.codes import Code
    from contract_tests.gaps import Gap
    from contract_tests.targets import Ask
    from openapi.operation import Operation
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["ACCEPT", "GROUPS", "Case", "Expectation", "Group", "case_group"]

Expectation = Literal["accepted", "invalid", "unauthorized", "no_method", "no_path"]
_Function = TypeVar("_Function", bound="Callable[..., object]")

ACCEPT = ("Accept", "application/json")


@dataclass(frozen=True, slots=True)
class Case:
    """One request variation. cost: `paid` where success creates something. sent: the body as a value, if it is one.

    not_run: why it cannot be sent. gaps: what only the user knows, for that.
    """

    operation: Operation
    group: str
    name: str
    ask: Ask
    expect: Expectation
    basis: str
    sentence: str
    sent: Json | Missing
    not_run: str = ""
    gaps: tuple[Gap, ...] = ()

    @property
    def id(self) -> str:
        """The stable id, such as `createVisualValidateSession/auth/missing`."""
        return f"{self.operation.id}/{self.group}/{self.name}"

    @property
    def cost(self) -> Literal["paid", "free"]:
        """Whether the contract expects the request to create something."""
        return "paid" if self.expect == "accepted" and self.operation.method != "GET" else "free"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of cases. title: for a person."""

    name: str
    title: str
    code: Code


GROUPS: dict[str, Group] = {}
"""The groups by name."""


def case_group(name: str, code: str, title: str) -> Callable[[_Function], _Function]:
    """Register the group of cases that a function derives; its docstring says what they are, and why they are sent."""

    def register(function: _Function) -> _Function:
        GROUPS[name] = Group(name, title, define_by_docstring(code, function))
        return function

    return register
