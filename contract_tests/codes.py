"""The codes that the suite shows: what each one means, why it is checked, on which basis, at which price.

They are defined beside the checks that show them, with the functions here; this module knows none of them.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CODES", "Code", "define", "define_by_docstring"]


@dataclass(frozen=True, slots=True)
class Code:
    """What one code means.

    name: in a few words. sentence: what has to hold, or what happened. why: what it is checked for. basis: '' where
    it is that of the clause that is broken, or where there is none. cost, silence: '' where those of all codes of its
    hundred say enough.
    """

    code: str
    name: str
    sentence: str
    why: str
    basis: str = ""
    cost: str = ""
    silence: str = ""


CODES: dict[str, Code] = {}
"""Every code whose check is imported."""


def define(
    code: str, name: str, sentence: str, *, why: str, basis: str = "", cost: str = "", silence: str = ""
) -> Code:
    """Define a code. Raises `ValueError` for one that is none, and naming both when one is defined twice."""
    if not re.fullmatch(r"AFC[0-9]{3}", code):
        raise ValueError(f"{code!r} of {name} is no code: AFC and three digits.")
    if code in CODES:
        raise ValueError(f"The code {code} belongs to {CODES[code].name} and to {name}.")
    CODES[code] = Code(code, name, sentence, why, basis, cost, silence)
    return CODES[code]


def define_by_docstring(code: str, function: Callable[..., object], *, basis: str = "", cost: str = "") -> Code:
    """Define the code of a check that is a function: the first paragraph of its docstring is what has to hold.

    The rest is why. Raises `ValueError` as `define` does.
    """
    sentence, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
    name = function.__name__.strip("_").replace("_", " ")
    return define(code, name, " ".join(sentence.split()), why=" ".join(why.split()), basis=basis, cost=cost)
