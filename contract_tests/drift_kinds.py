"""What can change without a word: the vendor's document, a host's answers, what overlays hang on. Their codes."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract_tests.codes import define

__all__ = [
    "DOCUMENT_CHANGED",
    "LIVE_CHANGED",
    "OVERLAY_STALE",
    "SHAPE_CHANGED",
    "STALE",
    "VENDOR_CHANGED",
    "Drift",
    "Told",
]

DOCUMENT_CHANGED, LIVE_CHANGED, OVERLAY_STALE = 11, 12, 13
"""The exit status of each kind."""

VENDOR_CHANGED = define(
    "AFC941", "vendor document changed", "The vendor's document is the one that was recorded.",
    why="The mock plays that document and the suite judges by it. When the vendor publishes another one, both are "
    "about something that is no longer promised.",
    silence="Take the new page in: `mockserver contract import PAGE`, then `make effective`.",
)  # fmt: skip
STALE = define(
    "AFC943", "overlay stale", "Every overlay action says something that the document does not say.",
    why="An action whose target is gone switches a rule off in silence, and one that changes nothing hides that the "
    "vendor says so itself now, which is a firmer basis than ours.",
    silence="Correct the target of the action that is named, or delete the action.",
)  # fmt: skip

SHAPE_CHANGED = define(
    "AFC942", "live shape changed", "The host answers in another shape than was recorded.",
    why="What no document promises may change without a word, and clients build on it all the same. The shapes that "
    "were recorded, which you commit, are what they saw.",
    silence="If the new shape is right, observe it: `contract-tests record` widens contract-shapes.json.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that changed. status: that of its kind. lines: more about it."""

    code: str
    status: int
    where: str
    what: str
    lines: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(slots=True)
class Drift:
    """What was found, and what was looked at."""

    told: list[Told] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    inconclusive: int = 0
