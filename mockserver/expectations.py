"""What a test expected to be sent, held against what was: which exchanges meet it, and what the nearest one lacks.

It compares with sealed values, so it says the same whatever store they come from, and its words hold no secret.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mockserver.redaction import is_sealed, same_text, seal_header, seal_json, seal_text, unsealed
from openapi.errors import nearest
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from mockserver.recording import Entry
    from openapi.reading import Json

__all__ = ["Difference", "Expectation", "NearMiss", "Verdict", "differences", "verify"]

_FAR = 100
"""What another operation counts, in differences: an exchange of the right one is always nearer."""

_NO_BODY = 10
"""What a body counts of which no member can be compared."""

_SHOWN = 120
"""Characters that are shown of a value."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A request that was expected. What is not said does not matter.

    operation: operationId or `METHOD /path`. json: the body; members that are not named do not matter unless `exact`.
    headers: by name in any case. query: by name; a list where a name comes several times.
    """

    operation: str | None = None
    json: Json | Missing = field(default=MISSING, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str | list[str]] = field(default_factory=dict, repr=False)
    exact: bool = False

    def named(self, operation: str | None) -> Expectation:
        """Give the same with the operation's own name."""
        return replace(self, operation=operation)

    def __str__(self) -> str:
        said = [
            *(["this JSON"] if not isinstance(self.json, Missing) else []),
            *(["these headers"] if self.headers else []),
            *(["this query"] if self.query else []),
        ]
        return f"to {self.operation or 'any operation'}" + (f" with {' and '.join(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected; no secret is in it.

    place: `operation`, `body`, `header`, `query`. pointer: JSON pointer in the body, or a name. hint: a nearer name.
    """

    place: str
    pointer: str
    expected: str
    received: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.place} {self.pointer}".rstrip()
        return f"{where}: expected {self.expected}, received {self.received}{'. ' if self.hint else ''}{self.hint}"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The exchange that comes nearest to an expectation, and what it lacks."""

    entry: Entry
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a comparison. times: so often it was expected, None: at least once. dropped: exchanges not seen."""

    expected: Expectation
    times: int | None
    matches: tuple[Entry, ...]
    looked_at: int
    nearest: NearMiss | None
    dropped: int = 0

    @property
    def holds(self) -> bool:
        """Whether it is as expected."""
        return bool(self.matches) if self.times is None else len(self.matches) == self.times

    def __str__(self) -> str:
        often = "at least 1 request" if self.times is None else f"{self.times} request{'' if self.times == 1 else 's'}"
        lines = [f"Expected {often} {self.expected}; {len(self.matches)} of {self.looked_at} in the journal match."]
        if not self.holds and self.matches:
            lines += [f"  matches: {_line(one)}" for one in self.matches[:5]]
        elif not self.holds and self.nearest is not None:
            lines.append(f"The nearest is {_line(self.nearest.entry)}")
            lines += [f"  {one}" for one in self.nearest.differences]
        elif not self.holds and not self.looked_at:
            lines.append("Nothing was received: does the client call this mock, with the key that is looked for?")
        if self.dropped:
            lines.append(f"{self.dropped} older exchanges had to go: the journal keeps no more (--journal).")
        return "\n".join(lines)


def verify(expected: Expectation, entries: Sequence[Entry], times: int | None, dropped: int = 0) -> Verdict:
    """Hold exchanges, the newest first, against an expectation."""
    compared = [(one, tuple(differences(expected, one))) for one in entries]
    matches = tuple(one for one, lacking in compared if not lacking)
    missed = [(sum(_weight(each) for each in lacking), one, lacking) for one, lacking in compared if lacking]
    best = min(missed, key=lambda one: one[0], default=None)
    near = None if best is None else NearMiss(best[1], best[2])
    return Verdict(expected, times, matches, len(entries), near, dropped)


def differences(expected: Expectation, entry: Entry) -> Iterator[Difference]:
    """Tell what is not as expected about an exchange, field by field."""
    if expected.operation is not None and entry.operation != expected.operation:
        received = entry.operation or f"{entry.method} {entry.shown_path}, which is no operation"
        yield Difference("operation", "", expected.operation, received)
    request: Any = entry.sealed["request"]
    if not isinstance(expected.json, Missing):
        yield from _body(expected.json, request["body"], exact=expected.exact)
    for name, value in expected.headers.items():
        received = request["headers"].get(name.lower())
        if received is None:
            hint = nearest(name.lower(), {*request["headers"]} - {one.lower() for one in expected.headers})
            yield Difference("header", name.lower(), _shown(seal_header(name, value)), "nothing", hint)
        elif not same_text(value, received):
            yield _different("header", name.lower(), seal_header(name, value), received)
    for name, given in expected.query.items():
        wanted = [given] if isinstance(given, str) else given
        found = [text for known, text in request["query"] if same_text(name, known)]
        if len(found) != len(wanted) or not all(map(same_text, wanted, found)):
            others = {str(unsealed(known)) for known, _ in request["query"]} - {*expected.query}
            hint = "" if found else nearest(name, others)
            sealed: list[Json] = [seal_text(one, name) for one in wanted]
            yield _different("query", name, sealed[0] if len(sealed) == 1 else sealed, _one_or_all(found), hint)


def _one_or_all(found: list[Any]) -> Json | Missing:
    return MISSING if not found else found[0] if len(found) == 1 else found


def _body(expected: Json, body: Any, *, exact: bool) -> Iterator[Difference]:  # noqa: ANN401 - our own shape
    if "json" in body:
        yield from _value(expected, body["json"], "", "", exact=exact)
        return
    received = "nothing"
    if body.get("size"):
        received = f"{body['size']} bytes that are no JSON"
    elif body.get("size") is None:
        received = "a body that was not read, because the request was decided before"
    yield Difference("body", "", _shown(seal_json(expected)), received)


def _value(expected: Json, sealed: Json, pointer: str, name: str, *, exact: bool) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(sealed, dict):
        yield from _object(expected, sealed, pointer, exact=exact)
    elif isinstance(expected, list) and isinstance(sealed, list) and len(expected) == len(sealed):
        for number, (one, other) in enumerate(zip(expected, sealed, strict=True)):
            yield from _value(one, other, f"{pointer}/{number}", name, exact=exact)
    elif not _same(expected, sealed):
        yield _different("body", pointer, seal_json(expected, "", name), sealed)


def _object(
    expected: Mapping[str, Json], sealed: Mapping[str, Json], pointer: str, *, exact: bool
) -> Iterator[Difference]:
    left = dict(sealed)
    for name, value in expected.items():
        known = name if name in left else next((one for one in left if same_text(name, one)), None)
        here = f"{pointer}/{_escaped(name)}"
        if known is None:
            hint = nearest(name, {str(unsealed(one)) for one in sealed} - {*expected})
            yield Difference("body", here, _shown(seal_json(value, "", name)), "nothing", hint)
        else:
            yield from _value(value, left.pop(known), here, name, exact=exact)
    if exact:
        for name, value in left.items():
            yield Difference("body", f"{pointer}/{_escaped(name)}", "nothing", _shown(value))


def _same(expected: Json, sealed: Json) -> bool:
    if isinstance(expected, str) and isinstance(sealed, str):
        return same_text(expected, sealed)
    if isinstance(expected, bool) or isinstance(sealed, bool):
        return expected is sealed
    return not isinstance(expected, dict | list) and expected == sealed


def _different(place: str, pointer: str, expected: Json, received: Json | Missing, hint: str = "") -> Difference:
    """Say what differs; where both look the same without their secrets, say that they are not."""
    if isinstance(received, Missing):
        return Difference(place, pointer, _shown(expected), "nothing", hint)
    wanted, came = _shown(expected), _shown(received)
    if isinstance(expected, list) and isinstance(received, list) and len(expected) != len(received):
        wanted, came = f"{len(expected)} items", f"{len(received)} items"
    elif wanted == came:
        came = f"another one that is shown as {came}" if _is_masked(received) else f"{came} of another type"
    return Difference(place, pointer, wanted, came, hint)


def _is_masked(value: Json) -> bool:
    return isinstance(value, str) and is_sealed(value)


def _shown(sealed: Json) -> str:
    text = json.dumps(unsealed(sealed), ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _escaped(name: str) -> str:
    return str(unsealed(seal_text(name))).replace("~", "~0").replace("/", "~1")


def _weight(one: Difference) -> float:
    if one.place == "operation":
        return _FAR
    if (one.place, one.pointer) == ("body", ""):
        return _NO_BODY
    return 0.9 if one.hint else 1  # a name that is only misspelt is nearer than none


def _line(entry: Entry) -> str:
    return f"{entry.method} {entry.shown_path}, answered {entry.status} by {entry.rule} at {entry.time} (id {entry.id})"
