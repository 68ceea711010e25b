"""Where the two sides may disagree, and why. What is not in this table fails the test, and so does an entry in vain.

Each entry names its document, the side that finds something wrong (`ours` or `theirs`), the keyword that it names, the
pointers, and an exchange that shows the difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.agreement.exchanges import Answered, Asked

if TYPE_CHECKING:
    from openapi.contract import Contract
    from tests.agreement.verdicts import Wrong

Side = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One explained difference. keyword, pointers: patterns for what only this side reports, and where."""

    reason: str
    document: str
    side: Side
    keyword: str
    pointers: str
    witness: Shown
    pointers_only: bool = False
    """Both sides refuse, for different reasons; it applies to the operation of its witness only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An exchange, told briefly: a request, or an answer where `status` is given."""

    operation: str
    body: str | None = None
    query: str = ""
    path: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 0

    def exchange(self, contract: Contract) -> Asked | Answered:
        """Make the exchange of a contract that it tells of."""
        operation = contract.operation(self.operation)
        raw = None if self.body is None else self.body.encode()
        if self.status:
            return Answered(operation, self.status, "application/json", raw or b"")
        return Asked(operation, self.path, self.query, self.headers, raw)


_BOOLEANS = "openapi-core reads 1, yes, on, t and the like as booleans; JSON Schema knows true and false only."
_EMPTY_ARRAY = "An empty text is an array without items for us, and for openapi-core one with an empty text in it."
_EMPTY_NAME = "jsonschema-rs leaves a member with an empty name out of the path: we point at the object around it."


def _readings(query: str = "", body: str | None = None) -> Shown:
    return Shown("addReadings", body, query, (("serial", "a1"),), (("X-Rate", "1"),))


def _list(query: str, *headers: tuple[str, str]) -> Shown:
    return Shown("listOrders", None, f"state=paid&{query}", headers=headers)


_NAMELESS = Shown("changeOrder", '{"": null}', "", (("id", "1"),), (("If-Match", "abcd"),))


def _rule(query: str, number: str = "1") -> Shown:
    return Shown("addRule", '{"kind": "simple", "name": "a"}', query, (("group", "red"), ("id", number)))


def _order(members: str) -> str:
    return '{"state": "open", "lines": [{"sku": "ab-1", "count": 1}], ' + members + "}"


DIFFERENCES = (
    Difference(_BOOLEANS, "devices-3.0", "ours", "type", "query/strict", _readings("strict=1")),
    Difference(_BOOLEANS, "orders-3.0", "ours", "type", "query/open", _list("open=no")),
    Difference(
        "int32 describes and is not checked by the mock; openapi-core checks the range.",
        "devices-3.0", "theirs", "format", "body/taken", Shown("addReadings", '{"taken": 2147483648}', status=202),
    ),
    Difference(_EMPTY_ARRAY, "orders-3.0", "theirs", "CastError", "query/ids", _list("ids=")),
    Difference(_EMPTY_ARRAY, "orders-3.0", "theirs", "CastError", "header/X-Parts", _list("", ("X-Parts", ""))),
    Difference(
        "We let null pass an enum that does not list it where `nullable` is true: nearly all authors mean that.",
        "orders-3.0", "theirs", "enum", r"body(/\d+)?(/part_of)*/mood",
        Shown("addOrder", _order('"password": "secret-1", "mood": null')),
    ),
    Difference(
        "A writeOnly property SHOULD NOT be in an answer: openapi-core refuses it, our schema lets it pass.",
        "orders-3.0", "theirs", "writeOnly", r"body(/\d+)?(/part_of)*/password",
        Shown("addOrder", _order('"id": 1, "password": "secret-1"'), status=201),
    ),
    Difference(_EMPTY_NAME, "orders-3.0", "ours", "type|exclusiveMaximum", "body", _NAMELESS, pointers_only=True),
    Difference(_EMPTY_NAME, "orders-3.0", "theirs", "type|maximum", "body/", _NAMELESS, pointers_only=True),
    Difference(
        "Where a referred schema is broken, openapi-core reports its members as unevaluated, too.",
        "rules-3.1", "theirs", "unevaluatedProperties", "body",
        Shown("addRule", '{"kind": "none", "name": "a", "version": 1}', status=200), pointers_only=True,
    ),
    Difference(
        "openapi-core reads numbers as Python does: digits of other scripts, white space and underscores included.",
        "rules-3.1", "ours", "type", "path/id|query/depth",
        _rule("depth=1", "\u0661"),
    ),
    Difference(
        "openapi-core refuses an empty text in the query without `allowEmptyValue`, which is deprecated and no part of "
        "a schema; for us it is a text like any other.",
        "rules-3.1", "theirs", "EmptyQueryParameterValue", "query/note",
        _rule("note="),
    ),
)  # fmt: skip


def unexplained(document: str, operation: str, ours: Wrong, theirs: Wrong) -> list[tuple[Side, str, str]]:
    """List what only one side finds wrong and no entry explains: side, pointer, keyword."""
    both = bool(ours and theirs)
    table = [one for one in DIFFERENCES if not one.pointers_only or (both and one.witness.operation == operation)]
    return [item for item in disagreements(ours, theirs) if not any(explains(one, document, item) for one in table)]


def disagreements(ours: Wrong, theirs: Wrong) -> list[tuple[Side, str, str]]:
    """List what only one side finds wrong: side, pointer, keyword."""
    found: list[tuple[Side, str, str]] = [("ours", at, ours[at]) for at in sorted(ours.keys() - theirs.keys())]
    return found + [("theirs", at, theirs[at]) for at in sorted(theirs.keys() - ours.keys())]


def explains(difference: Difference, document: str, item: tuple[Side, str, str]) -> bool:
    """Tell whether an entry of the table explains a disagreement."""
    side, pointer, keyword = item
    if (difference.document, difference.side) != (document, side):
        return False
    return bool(re.fullmatch(difference.keyword, keyword) and re.fullmatch(difference.pointers, pointer))
