"""What sentences and examples say of single members and no schema can: that one is new, dated, or a link.

Written from the document, not from the suite's checks: a trait that no check knows shows as a survivor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from contract_tests.traveller import CREATE, RESULT
from openapi.pointers import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Trait", "trait"]

Trait = Literal["new", "dated", "link"]
"""new: another one in every answer. dated: the time of the answer is in it. link: a person's phone opens it."""

_TRAITS: Mapping[str, Mapping[str, Mapping[Trait, str]]] = {
    CREATE: {
        # "Temporary validation token. Use it with GetVisualValidateResult"; the time is that of the example [V].
        "BytedToken": {"new": "prose", "dated": "example"},
        # "Mobile H5 page URL for liveness face verification"; "Open the returned H5Link on a phone".
        "H5Link": {"new": "prose", "link": "prose"},
    },
    RESULT: {
        # group-YYYYMMDDhhmmss-xxxxx in all four samples that are known [C2, C, I]; each session has one of its own.
        "GroupId": {"new": "assumed", "dated": "assumed"},
    },
}


def trait(operation: str, pointer: str, wanted: Trait) -> str | None:
    """Tell on which basis a member of a success has a trait; None when nobody says so."""
    names = tokens(pointer)
    return _TRAITS.get(operation, {}).get(names[0], {}).get(wanted) if len(names) == 1 else None
