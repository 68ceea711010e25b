"""From the cases, checks and steps of a contract to the items that reports tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.cases import GROUPS, Case
from contract_tests.deviations import KNOWN, Deviation
from contract_tests.event_parts import Item
from contract_tests.fuzzing.fuzz import INVALID, VALID, Fuzz
from contract_tests.run import Check

if TYPE_CHECKING:
    from contract_tests.walk import Step

ENTRY = "The entry has not expired, and is about an item that there is."

__all__ = ["GROUP_TITLES", "item_of", "nothing_of"]

GROUP_TITLES = {
    **{
        name: GROUPS[name].title
        for name in ("auth", "body", "invalid", "media-type", "parameter", "method", "path", VALID, INVALID)
    },
    "invariant": "invariants",
    "journey": "journey",
    "deviation": "known deviations",
}
"""The groups of items and their titles, in the order in which reports have them."""


def item_of(found: Case | Check | Step | Deviation | Fuzz) -> Item:
    """Make the item of a case, an invariant of an operation, a step of the journey, a known deviation or a fuzz."""
    if isinstance(found, Deviation):
        return Item(found.id, KNOWN.code, "deviation", "", str(found.number), "free", "asked", ENTRY)
    if isinstance(found, Fuzz):
        told, operation = GROUPS[found.group].code, found.operation.id
        return Item(found.id, told.code, found.group, operation, "generated", found.cost, "documented", told.sentence)
    if isinstance(found, Case):
        code = GROUPS[found.group].code.code
        operation, cost = found.operation.id, found.cost
        return Item(found.id, code, found.group, operation, found.name, cost, found.basis, found.sentence)
    if isinstance(found, Check):
        one = found.invariant
        return Item(found.id, one.code, "invariant", found.operation.id, one.name, "free", one.basis, one.sentence)
    return Item(found.id, found.code, "journey", "", found.name, found.cost, found.basis, found.sentence)


def nothing_of(group: str) -> Item:
    """Make the item that stands for a group in which there is nothing to check."""
    code = GROUPS[group].code.code if group in GROUPS else ""
    return Item(f"{group}/all", code, group, "", "all", "free", "", "")
