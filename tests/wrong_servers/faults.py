"""What a fault is: a function that plants it, its sentence, and the items of the suite that must fail for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wrong_servers.server import Plant

FIRST, NONE, EMPTY = "body/documented", "body/none", "body/empty-object"
NON_ASCII, ODD, LONG, BLANK = (f"body/CallbackURL-{name}" for name in ("non-ascii", "odd", "long", "empty"))
UNKNOWN, CHARSET, LOWER = "body/unknown-property", "body/charset", "auth/lower-case-scheme"

WITH_BODY = (FIRST, EMPTY, NON_ASCII, ODD, LONG, BLANK, UNKNOWN, CHARSET, LOWER)
ACCEPTED = (NONE, *WITH_BODY)
"""Everything that is answered 200."""

WRONG_BODIES = tuple(f"invalid/body-{kind}" for kind in ("string", "integer", "boolean", "array", "null"))
WRONG_CALLBACKS = tuple(f"invalid/CallbackURL-{kind}" for kind in ("integer", "boolean", "array", "object", "null"))
MALFORMED = ("invalid/truncated", "invalid/not-json", "invalid/trailing-comma")
TYPES = ("media-type/text", "media-type/form")
INVALID = (*WRONG_BODIES, *WRONG_CALLBACKS, *MALFORMED, *TYPES)
"""Everything that must be answered 400. Not among it: bytes that are no UTF-8, which are only reported."""

NOT_UTF8 = "invalid/not-utf8"
REFUSED = (*INVALID, NOT_UTF8)
"""Everything that the right server answers 400."""

STRANGERS = tuple(
    f"auth/{name}"
    for name in ("missing", "empty", "other-scheme", "unknown", "longer", "other-case", "no-scheme", "elsewhere")
)
"""Everything that is answered 401."""

METHODS = ("method/get", "method/put", "method/delete", "method/patch")
PATHS = ("path/unknown", "path/below")

GENEROUS = 10.0
"""Seconds: no answer of this machine takes longer, however busy it is."""


@dataclass(frozen=True)
class Fault:
    """fails: ids of cases without the operation, and codes of invariants. reports: what is only told of.

    limit: seconds that an answer may take; small only where slowness is the fault, or a busy machine would be one.
    """

    name: str
    sentence: str
    plant: Plant
    fails: frozenset[str]
    reports: frozenset[str]
    limit: float


FAULTS: list[Fault] = []


def fault(*fails: str, reports: tuple[str, ...] = (), limit: float = GENEROUS) -> Callable[[Plant], Plant]:
    """Register a fault with exactly what must fail for it. Its docstring is its sentence."""

    def register(plant: Plant) -> Plant:
        sentence = (plant.__doc__ or "").strip()
        FAULTS.append(Fault(plant.__name__, sentence, plant, frozenset(fails), frozenset(reports), limit))
        return plant

    return register
