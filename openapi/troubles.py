"""Find out which operations cannot be served, all at once, which takes no longer than a few of them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi.operation import Operation

__all__ = ["EAGER", "find_troubles"]

EAGER = 20
"""Up to this many operations, every schema gets its validator at the start; beyond it, when it is first used."""


def find_troubles(operations: Sequence[Operation]) -> None:
    """Compile every operation and find out which cannot be served; each then knows its `trouble`.

    Schemas are compiled together, which is quick; if there are few, each for its use as well.
    """
    compiled = [one for one in operations if one.compiles]
    _vouch(compiled)
    if len(operations) <= EAGER:
        for operation in compiled:
            if operation.trouble is None:
                operation.compile_schemas()


def _vouch(operations: Sequence[Operation]) -> None:
    """Find out of which operations all schemas compile, in halves where they do not."""
    if not operations:
        return
    found = [schema for operation in operations for schema in operation.schemas]
    if all(makers.verify([one for one in found if one.schemas is makers]) for makers in {one.schemas for one in found}):
        for operation in operations:
            operation.vouch()
    elif len(operations) > 1:
        middle = len(operations) // 2
        _vouch(operations[:middle])
        _vouch(operations[middle:])
