"""What a request to the phone page asks for, read from its query or form. It trusts nothing and looks for no session.

Whatever cannot be read counts as not given. `pl` is a secret: it is in no repr and no exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from mockserver.h5.texts import DEFAULT, TEXTS
from mockserver.sessions import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Asked", "read_asked"]

_MOST_FIELDS = 50
_LINK = {"pl": re.compile(r"[A-Za-z0-9_-]{1,2000}"), "uid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")}
"""The alphabets of both parts [U1, U2]: what does not fit is no link of ours, and no store has to look."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a link (both parts, or neither) in a language, and how far the person is on the page."""

    pl: str = field(repr=False)
    uid: str = field(repr=False)
    language: str
    step: str
    agreed: bool
    outcome: str
    """A name of `OUTCOMES`, or empty."""

    @property
    def link(self) -> Mapping[str, str]:
        """The fields of the link alone."""
        return {"pl": self.pl, "uid": self.uid} if self.pl else {}

    def query(self, *, language: str = "", place: bool = False) -> str:
        """Write a query that leads here again, in another language if one is named; `place` keeps the step."""
        fields = {**self.link, "lng": language or self.language}
        if place and self.step:
            fields["step"] = self.step
        if place and self.agreed:
            fields["agree"] = "yes"
        if place and self.outcome:
            fields["outcome"] = self.outcome
        return urlencode(fields)


def read_asked(text: str) -> Asked:
    """Read a query or an urlencoded form. Raises nothing."""
    given = _fields(text)
    pl, uid = given.get("pl", ""), given.get("uid", "")
    if not (_LINK["pl"].fullmatch(pl) and _LINK["uid"].fullmatch(uid)):
        pl = uid = ""
    language, outcome = given.get("lng", ""), given.get("outcome", "")
    return Asked(
        pl,
        uid,
        language if language in TEXTS else DEFAULT,
        given["step"] if given.get("step") in ("face", "result") else "",
        given.get("agree") == "yes",
        outcome if outcome in OUTCOMES else "",
    )


def _fields(text: str) -> dict[str, str]:
    """Read each field once; one that is given twice with two values is not given, as it may be of two links.

    Of `lng` the last counts: upstream's document says to append it [U1].
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = value if name == "lng" or found.get(name, value) == value else ""
    return found
