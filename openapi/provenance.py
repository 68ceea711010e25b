"""Who says what stands in a document, and how sure that is: the words for it, and where a document itself says so.

Works on values. It reads no file and knows of no overlay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openapi.errors import ContractError, nearest
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Callable

    from openapi.errors import Place
    from openapi.reading import Json

__all__ = ["BASES", "BASIS", "DOCUMENTED", "EVIDENCE", "Origin", "basis_of", "stated_origins"]

BASES = ("documented", "example", "prose", "rfc", "elsewhere", "observed", "assumed")
"""Grounds that `x-basis` may name, the firmest first."""

BASIS, EVIDENCE = "x-basis", "x-evidence"


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a value stands in the effective document: its basis (see docs/FIDELITY.md) and the evidence for it."""

    basis: str
    evidence: str = ""


DOCUMENTED = Origin("documented")

_DATA = frozenset(["const", "default", "enum", "example", "examples", "mapping", "scopes", "security"])
"""Members whose values are not the document's own words: a name such as `x-basis` in them means nothing here."""

_NAMED = frozenset(
    [
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "dependentSchemas",
        "encoding",
        "headers",
        "links",
        "parameters",
        "pathItems",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
        "variables",
    ]
)
"""Mappings whose keys are names that somebody chose: a property may be called `default`."""


def stated_origins(
    tree: Json, locate: Callable[[str], Place], wrong: list[ContractError] | None = None
) -> dict[str, Origin]:
    """Find the mappings of a document that name their basis in `x-basis`, with the evidence in `x-evidence` beside it.

    Gives JSON pointer -> `Origin` in document order; it holds for the mapping and for all in it. Data (examples,
    defaults and the like) and the contents of other extensions are passed over. Raises `ContractError`, with the place
    that `locate` gives for a pointer, when a basis is not in `BASES`; where `wrong` is given, it goes there instead.
    """
    found: dict[str, Origin] = {}
    waiting: list[tuple[str, Json, bool]] = [("", tree, False)]
    while waiting:
        pointer, value, named = waiting.pop()
        if isinstance(value, list):
            waiting += [(child(pointer, index), value[index], False) for index in range(len(value) - 1, -1, -1)]
        elif isinstance(value, dict):
            # A schema under that name, or `true`, is a property or a header that is called so.
            if BASIS in value and not isinstance(value[BASIS], dict | bool):
                try:
                    found[pointer] = _stated(value, pointer, locate)
                except ContractError as error:
                    if wrong is None:
                        raise
                    wrong.append(error)
            waiting += [
                (child(pointer, name), item, name in _NAMED and not named)
                for name, item in reversed(value.items())
                if named or not (name in _DATA or name.startswith("x-"))
            ]
    return found


def basis_of(value: Json, locate: Callable[[], Place]) -> str:
    """Read a basis. Raises `ContractError` naming the nearest when it is none."""
    if isinstance(value, str) and value in BASES:
        return value
    hint = nearest(value, BASES) if isinstance(value, str) else ""
    raise ContractError(f"{value!r} is no basis.", locate(), f"{hint} Known are: {', '.join(BASES)}.".strip())


def _stated(mapping: dict[str, Json], pointer: str, locate: Callable[[str], Place]) -> Origin:
    basis = basis_of(mapping[BASIS], lambda: locate(child(pointer, BASIS)))
    evidence = mapping.get(EVIDENCE, "")
    if not isinstance(evidence, str):
        place = locate(child(pointer, EVIDENCE))
        raise ContractError(f"{EVIDENCE!r} is not text.", place, "Write text, in quotes where it looks like a list.")
    return Origin(basis, evidence)
