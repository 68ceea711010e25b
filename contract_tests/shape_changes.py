"""What of an answer is not as it was recorded: the live shape changed. It compares values and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_tests.drift_kinds import SHAPE_CHANGED
from contract_tests.events import DifferenceFound
from contract_tests.outcomes import case_of, documented_names, seen
from contract_tests.texts import wider
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_tests.outcomes import Seen
    from contract_tests.redaction import Redactor
    from contract_tests.shape_files import Recorded
    from contract_tests.shapes import Members, Shape
    from contract_tests.targets import Exchange
    from contract_tests.texts import Text
    from openapi.contract import Contract

__all__ = ["LEAST", "changed_since", "observed"]

LEAST = 3
"""So many observations, before lengths, characters and headers say anything: a random part may look alike twice."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A place in an answer, and what is there before and now."""

    place: str
    before: str
    now: str


def observed(
    exchanges: Iterable[Exchange], contract: Contract, redactor: Redactor, day: str
) -> Iterator[tuple[str, int, Seen]]:
    """Observe answers, each as case and status; what says nothing about the contract is left out."""
    known = documented_names(contract)
    for made in exchanges:
        if made.status and not made.inconclusive and "/_mock" not in made.ask.path:
            yield case_of(made), made.status, seen(made, day, known, redactor)


def changed_since(recorded: Recorded, now: Mapping[str, Mapping[int, Seen]], file: str) -> list[DifferenceFound]:
    """Tell what changed since it was recorded, in cases that were; left is then, right is now. file: of the record."""
    remedy = f"{file}: if this is right, `contract-tests record` adds it; else ask the vendor"
    return [
        DifferenceFound(case, one.place, one.before, one.now, remedy, SHAPE_CHANGED.code)
        for case, by_status in sorted(now.items())
        if case in recorded.cases
        for status, new in by_status.items()
        for one in _changes(recorded.cases[case], status, new)
    ]


def _changes(before: Mapping[int, Seen], status: int, now: Seen) -> Iterator[_Change]:
    known = before.get(status)
    if known is None:
        yield _Change("status", " or ".join(map(str, sorted(before))), str(status))
        return
    if not now.media_types <= known.media_types:
        yield _Change("media type", _listed(known.media_types), _listed(now.media_types))
    if not now.kinds <= known.kinds:
        yield _Change("body", _listed(known.kinds), _listed(now.kinds))
        return
    often = known.count >= LEAST
    there = dict(now.headers)
    for name, always in known.headers if often else ():
        if always and name not in there:
            yield _Change(f"header {name}", "always there", "missing")
    if "JSON" in now.kinds:
        yield from _shape_changes(known.shape, now.shape, "", often=often)


def _shape_changes(before: Shape, now: Shape, pointer: str, *, often: bool) -> Iterator[_Change]:
    strange = [name for name in now.types if name not in before.types]
    if strange:
        yield _Change(_at(pointer), _listed(before.types), _listed(strange))
    if before.text is not None and now.text is not None and often:
        yield from _text_changes(before.text, now.text, _at(pointer))
    if before.array is not None and now.array is not None and now.array.length[1] and before.array.length[1]:
        yield from _shape_changes(before.array.items, now.array.items, f"{pointer}/*", often=often)
    if before.members is not None and now.members is not None:
        yield from _member_changes(before.members, now.members, pointer, often=often)


def _member_changes(before: Members, now: Members, pointer: str, *, often: bool) -> Iterator[_Change]:
    old, new = before.by_name(), now.by_name()
    for name, (always, _) in old.items():
        if always and (name not in new or not new[name][0]):
            yield _Change(_at(child(pointer, name)), "always there", "missing" if name not in new else "missing once")
    for name, (_, shape) in new.items():
        if name not in old:
            yield _Change(_at(child(pointer, name)), "never there", _listed(shape.types))
        else:
            yield from _shape_changes(old[name][1], shape, child(pointer, name), often=often)
    if now.others is not None:
        if before.others is None:
            yield _Change(_at(f"{pointer}/*"), "never there", "members whose names are data")
        else:
            yield from _shape_changes(before.others[1], now.others[1], f"{pointer}/*", often=often)


def _text_changes(before: Text, now: Text, place: str) -> Iterator[_Change]:
    if before.form and now.form != before.form:
        yield _Change(place, before.form, now.form or now.pattern)
        return
    same = [part.kind for part in before.segments] == [part.kind for part in now.segments]
    parts = zip(before.segments, now.segments, strict=True) if same else ()
    apart = any(not new.classes <= old.classes or wider(new.length, old.length) for old, new in parts)
    rebuilt = not same and len(before.segments) > 1
    beyond = wider(now.length, before.length) or not now.classes <= before.classes
    if apart or rebuilt or beyond:
        yield _Change(place, _text(before), _text(now))


def _text(text: Text) -> str:
    low, high = text.length
    length = f"{low}" if low == high else f"{low} to {high}"
    return f"{text.pattern} ({length} characters)" if text.segments else "an empty string"


def _at(pointer: str) -> str:
    return f"body {pointer or '(root)'}"


def _listed(words: Iterable[str]) -> str:
    return " or ".join(sorted(words)) or "none"
