"""Known deviations: what a user wrote down about items that fail, and what that makes of a verdict.

They are values here; `deviations_file.py` reads them. This module knows no pytest and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_tests.codes import define
from contract_tests.failures import ContractFailure, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = ["EXPIRED", "GONE", "KNOWN", "STALE", "Deviation", "Deviations", "weighed"]

FILE = "the file of known deviations"
"""What fails where it is not the target."""

KNOWN = define(
    "AFC931", "known deviation", "The item deviates as contract-deviations.toml says.",
    why="Somebody has looked at it, owns it and has set a date; until then it fails no run. What else fails does.",
    silence="Mend the target, then remove the entry.",
)  # fmt: skip
EXPIRED = define(
    "AFC932", "expired deviation", "A known deviation does not outlive its date.",
    why="An excuse without an end becomes the contract. At its date somebody has to look again.",
    silence="Mend the target and remove the entry, or agree with its owner on another date.",
)  # fmt: skip
GONE = define(
    "AFC933", "deviation gone", "A known deviation is still there.",
    why="An entry that is no longer needed would hide the next failure of its item.",
    silence="Remove the entry, or narrow its pattern to what still fails. One about a single host names it as target.",
)  # fmt: skip
STALE = define(
    "AFC934", "stale deviation", "A known deviation is about an item that there is.",
    why="An entry that matches nothing excuses nothing: it has a typing error, or the document has changed.",
    silence="Correct the pattern, or remove the entry. `pytest --collect-only -q` lists the items.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deviation:
    """An entry of the file. case: a pattern over ids of items, and over their codes. code: of findings, '' for all.

    expires: the last day on which it holds. target: a pattern over hosts, '' for all. place: file and line.
    """

    number: int
    place: str
    case: str
    reason: str
    owner: str
    expires: date
    code: str = ""
    target: str = ""
    issue: str = ""

    @property
    def id(self) -> str:
        """The id of the item that stands for the entry itself: it shows no pattern, which might hold a secret."""
        return f"deviation/{self.number}"

    def is_about(self, url: str) -> bool:
        """Tell whether it is about the target at a base URL: by its host, or by host and port."""
        parts = urlsplit(url)
        names = (parts.hostname or "", parts.netloc.rpartition("@")[2].lower())
        return not self.target or any(fnmatchcase(name, self.target.lower()) for name in names)

    def matches(self, item: str, code: str) -> bool:
        """Tell whether it is about an item, by its id or its code."""
        return fnmatchcase(item, self.case) or fnmatchcase(code, self.case)

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding in an item that it is about is the one that is known."""
        return not self.code or self.code in (finding.code, finding.group)

    def has_expired(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return today > self.expires


@dataclass(frozen=True, slots=True)
class Deviations:
    """All entries, and the day on which they are judged."""

    entries: tuple[Deviation, ...]
    today: date

    def about(self, url: str, item: str, code: str) -> list[Deviation]:
        """Give the entries about an item of a target."""
        return [one for one in self.entries if one.is_about(url) and one.matches(item, code)]

    def check(self, entry: Deviation, items: Iterable[tuple[str, str]]) -> None:
        """Check an entry by itself: it has not expired, and matches one of the items, each an id and a code.

        Raises `ContractFailure`.
        """
        found = []
        if entry.has_expired(self.today):
            found.append(_expired(entry))
        if not any(entry.matches(*item) for item in items):
            found.append(Finding.of(STALE, "asked", "a pattern that matches an item", f"none, at {entry.place}"))
        if found:
            raise ContractFailure(FILE, entry.id, tuple(found), "")


def weighed(
    came: Verdict | ContractFailure, entries: Iterable[Deviation], item: str, today: date
) -> tuple[Verdict | ContractFailure, Deviation | None]:
    """Weigh what an item came to against the entries about it: give what it comes to now, and what entry excuses it.

    It is excused when every finding that fails is known and every entry is still needed. A finding that only warns or
    is reported shows that its entry is still needed, too.
    """
    failing = came.findings if isinstance(came, ContractFailure) else ()
    beside = came.beside if isinstance(came, ContractFailure) else came
    found = [*failing, *beside.warned, *beside.reported]
    live = [one for one in entries if not one.has_expired(today)]
    known = [next((one for one in live if one.covers(finding)), None) for finding in failing]
    over = [one for one in entries if one.has_expired(today)]
    more = [_gone(one) for one in live if not any(map(one.covers, found))]
    unknown = [finding for finding, entry in zip(failing, known, strict=True) if entry is None]
    more += [_expired(one) for one in over if any(map(one.covers, unknown))]
    if failing and not unknown and not more:
        return came, known[0]
    if not more:
        return came, None
    what, curl = (came.operation, came.curl) if isinstance(came, ContractFailure) else (FILE, "")
    return ContractFailure(what, item, (*failing, *more), curl, beside), None


def _expired(entry: Deviation) -> Finding:
    said = f"the entry of {entry.owner} at {entry.place} has expired: its last day was {entry.expires}"
    return Finding.of(EXPIRED, "asked", "an entry that holds", said)


def _gone(entry: Deviation) -> Finding:
    what = f"no {entry.code}" if entry.code else "nothing wrong"
    return Finding.of(
        GONE,
        "asked",
        "what the entry is about",
        f"{what}: remove or narrow the entry of {entry.owner} at {entry.place}",
    )
