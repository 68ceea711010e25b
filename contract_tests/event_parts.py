"""What events are made of: documents, items, findings, bodies, as they may be shown.

Raw values get in through the `of` of each, which takes the redactor with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contract_tests.deviations import Deviation
    from contract_tests.failures import Finding
    from contract_tests.redaction import Redactor

__all__ = ["MOST", "Content", "Covered", "DocumentRead", "Excuse", "Item", "Noted", "Verdict", "Weight"]

Verdict = Literal["passed", "failed", "known deviation", "warned", "inconclusive", "not run"]
Weight = Literal["broken", "failed", "known", "warned", "reported"]
"""What a finding does: `broken` is a bug of the suite itself, `known` would fail if it were no known deviation."""

MOST = 8192
"""Characters of a body that an event keeps."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
"""What stands in no text that a person reads, but between the letters of one in UTF-16, secrets included."""


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document of the contract. sha256: of its file. reconstructed: written from evidence, so nobody promised it."""

    title: str
    version: str
    sha256: str
    reconstructed: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the suite. operation: its operationId, '' of the journey. code: of the check, or of the group."""

    id: str
    code: str
    group: str
    operation: str
    name: str
    cost: Literal["free", "paid"]
    basis: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding as it may be shown, and what it does. exchange: the name of the exchange that it is about."""

    weight: Weight
    code: str
    basis: str
    sentence: str
    expected: str
    received: str
    pointer: str = ""
    group: str = ""
    exchange: str = ""

    @classmethod
    def of(cls, weight: Weight, finding: Finding, redactor: Redactor) -> Noted:
        """Note a finding."""
        return cls(
            weight=weight,
            code=finding.code,
            basis=finding.basis,
            sentence=redactor.text(finding.sentence),
            expected=redactor.text(finding.expected),
            received=redactor.text(finding.received),
            pointer=redactor.text(finding.pointer),
            group=finding.group,
            exchange=finding.exchange,
        )

    def lines(self) -> list[str]:
        """Write the finding for a terminal."""
        about = f"; case: {self.group}" if self.group else ""
        where = f"\n    at        {self.pointer}" if self.pointer else ""
        if self.weight == "broken":
            return [f"{self.code} {self.received}"]
        return [
            f"{self.code} {self.sentence} (basis: {self.basis}{about})",
            f"    expected  {self.expected}",
            f"    received  {self.received}{where}",
        ]


@dataclass(frozen=True, slots=True)
class Excuse:
    """A known deviation as it may be shown. expires: its last day. place: where it is written down, file and line."""

    reason: str
    owner: str
    expires: str
    issue: str
    place: str

    @classmethod
    def of(cls, entry: Deviation, redactor: Redactor) -> Excuse:
        """Tell of an entry."""
        texts = (entry.reason, entry.owner, str(entry.expires), entry.issue, entry.place)
        return cls(*(" ".join(redactor.text(text).split()) for text in texts))

    def __str__(self) -> str:
        about = (self.owner, f"until {self.expires}", *([self.issue] if self.issue else []))
        return f"{self.reason} ({', '.join(about)})"


@dataclass(frozen=True, slots=True)
class Content:
    """A body as it may be shown. size: of all of it, in bytes. note: '', `cut`, or `no text` where nothing is shown."""

    text: str
    size: int
    note: Literal["", "cut", "no text"] = ""

    @classmethod
    def of(cls, raw: bytes, redactor: Redactor) -> Content:
        """Mask a body, then cut it: a secret that was cut first would not be found."""
        text = raw.decode("utf-8", "replace")
        if _NO_TEXT.search(text):
            return cls("", len(raw), "no text")
        shown = redactor.short(text, MOST + 1)
        return cls(shown[:MOST], len(raw), "cut" if len(shown) > MOST else "")


@dataclass(frozen=True, slots=True)
class Covered:
    """A clause of the contract, and how many exchanges went to it.

    kind: what it is. side: whether the request or the answer has it. requested: so many requests had it, or aimed at an
    answer with it. asserted: so many answers that had it, or answered a request that had it, were judged.
    """

    operation: str
    side: Literal["request", "answer"]
    kind: str
    name: str
    requested: int
    asserted: int
