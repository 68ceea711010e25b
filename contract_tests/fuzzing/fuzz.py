"""What there is to fuzz: each operation, with requests that it allows and with such that it forbids; and the codes.

It generates nothing and needs no hypothesis, so that a run without --contract-fuzz pays for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract_tests.case import GROUPS, Group
from contract_tests.codes import define

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["INVALID", "SERVER_ERROR", "VALID", "Fuzz", "fuzzes_of"]

VALID, INVALID = "fuzz-valid", "fuzz-invalid"
"""The groups of the generated requests."""

_COST = (
    "Half of N requests of each operation with --contract-fuzz N, and up to 300 more to make a failure small; "
    "only to this machine."
)
_SILENCE = "Leave --contract-fuzz out, or the group with -k 'not {}'."

GROUPS[VALID] = Group(VALID, "fuzz, valid", define(
    "AFC511", "generated valid requests", "Generated requests that the document allows are accepted.",
    why="The cases send what people think of. What nobody thought of, a text of seven rare characters or one "
    "combination of optional members, is what a server meets in its second week.",
    cost=_COST, silence=_SILENCE.format(VALID),
))  # fmt: skip
GROUPS[INVALID] = Group(INVALID, "fuzz, invalid", define(
    "AFC512", "generated invalid requests", "Generated requests that break one clause of the document are refused.",
    why="A check that looks at one value of a kind is passed by code that handles just that one. Here the value is "
    "another one each time, and all else in the request is right, so that nothing else can be the reason to refuse it.",
    cost=_COST, silence=_SILENCE.format(INVALID),
))  # fmt: skip
SERVER_ERROR = define(
    "AFC513", "server error", "No generated request is answered with 5xx (RFC 9110 15.6).", basis="rfc",
    why="Whatever a client sends, 5xx says that the server did not expect it: an error that nobody handled, which "
    "leaves half-made things behind and can be brought about again.",
    cost=_COST, silence=_SILENCE.format("fuzz"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fuzz:
    """Requests of one operation that are to be generated. number: so many at most. seed: generates the same again.

    each: what the user asked for, requests of both groups together.
    """

    operation: Operation
    group: Literal["fuzz-valid", "fuzz-invalid"]
    number: int
    seed: int
    each: int

    @property
    def id(self) -> str:
        """The stable id, such as `createVisualValidateSession/fuzz-valid/generated`."""
        return f"{self.operation.id}/{self.group}/generated"

    @property
    def cost(self) -> Literal["paid", "free"]:
        """Whether the contract expects the requests to create something."""
        return "paid" if self.group == VALID and self.operation.method != "GET" else "free"

    @property
    def again(self) -> str:
        """Write the arguments that generate the same requests again."""
        return f"--contract-fuzz {self.each} --contract-fuzz-seed {self.seed} -k '{self.group}'"


def fuzzes_of(contract: Contract, each: int, seed: int) -> list[Fuzz]:
    """Give what is to be fuzzed: `each` requests of every documented operation, one half of each group."""
    halves = ((VALID, each - each // 2), (INVALID, each // 2))
    return [
        Fuzz(operation, group, number, seed, each)  # type: ignore[arg-type]  # the groups are constants
        for operation in contract.documented_operations
        for group, number in halves
        if number
    ]
