"""What is known while one value is made: where its parts stand, what was spent, and how a dead end is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.generating.dice import Dice
from mockserver.generating.moments import Moments
from mockserver.generating.names import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.generating.circumstances import Circumstances
    from mockserver.generating.joining import Shapes
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json

__all__ = ["DEEP", "IN_LIST", "TOP", "Draft", "Exhausted", "Impossible", "Spot", "blamed", "sent_as"]

_WORK = 4_000
"""Values that one round may make, those included that are thrown away."""

_READ_AT_ONCE = 4
"""Schemas that are read into shapes in the time in which one value is made."""

_SPARE = 10_000
"""Work beyond that for values that are said to be large."""

_LOOKS = 600

_MANY = 300
"""Values in one answer beyond which only what has to be there is added."""

DEEP = 5
"""Levels below which only what has to be there is added."""

IN_LIST: dict[str, Json] = {}
"""What was sent for the items of a list that the caller did not send: nothing. It is told by identity."""


class Impossible(Exception):
    """These choices lead to no value. part: the schema that a person should look at."""

    def __init__(self, part: Part | None, why: str) -> None:
        super().__init__(why)
        self.part = part
        self.why = why


class Exhausted(Exception):
    """The bound of work is reached."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands in the whole.

    name: of the member that it is. owner: the plain name of the object around it. sent: what the caller sent for that
    object. above: the parts of the values around it.
    """

    name: str = ""
    owner: str = ""
    sent: Mapping[str, Json] | None = None
    depth: int = 0
    above: tuple[Part, ...] = ()

    def inside(self, name: str, owner: str, sent: Mapping[str, Json] | None) -> Spot:
        """Give the spot of a member or an item of the value here."""
        return Spot(name, owner, sent, self.depth + 1, self.above)

    def under(self, given: tuple[Part, ...]) -> Spot:
        """Give the same spot as those see it that stand in a value of some parts."""
        return Spot(self.name, self.owner, self.sent, self.depth, (*self.above, *given))


TOP = Spot()
"""Where the whole value stands."""


class Draft:
    """One attempt at one value. careful: whether parts of it are checked as they are made, and made again.

    make: makes a value that some schemas allow together, at a spot; raises `Impossible`. shapes: kept among attempts.
    work: how much of it is left for them all.
    """

    def __init__(
        self,
        shapes: Shapes,
        circumstances: Circumstances,
        attempt: int,
        *,
        careful: bool,
        work: float = _WORK,
    ) -> None:
        self.parts = shapes.parts
        self._shapes = shapes
        self.given = circumstances
        self.dice = Dice(circumstances.key + b"%d" % attempt)
        self.moments = Moments(circumstances.now_ns)
        self.careful = careful
        self.attempt = attempt
        self.work = self._begun = float(min(_WORK, work))
        self._spare = _SPARE
        self._looks = _LOOKS
        self.made = 0
        self.ids = 0
        self.invented = False
        self.index = 0
        self.root_depth = 1
        """Levels down to the id of what the answer is about: 2 where it is wrapped in something that has none."""

    def make(self, given: tuple[Part, ...], spot: Spot) -> Json:
        """Make a value that some schemas allow together. Raises `Impossible`."""
        raise NotImplementedError

    def shape(self, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...] = ()) -> Shape:
        """Give the shape of some parts; to make one is work. Raises `Exhausted`."""
        before = self._shapes.read
        found = self._shapes.of(given, settled)
        read = self._shapes.read - before
        if read:
            self.spend(read / _READ_AT_ONCE)
        return found

    def spend(self, work: float) -> None:
        """Count work: dead ends too, for there may be very many of them. Raises `Exhausted`."""
        self.work -= work
        if self.work < 0:
            raise Exhausted

    @property
    def spent(self) -> float:
        """What was spent of the work that there was, without what was granted."""
        return max(0.0, self._begun - max(0.0, self.work))

    def grant(self, work: int) -> None:
        """Allow more work for what is said to be large, in all of a value no more than a bound."""
        granted = min(work, self._spare)
        self._spare -= granted
        self.work += granted

    def look(self, count: int) -> int:
        """Count looks ahead, which save work and may not cost more; give how many of them there may be."""
        self._looks -= count
        return count if self._looks > 0 else 0

    def large(self, depth: int) -> bool:
        """Tell whether the answer is so deep or large already that it should end."""
        return depth > DEEP or self.made > _MANY

    def crowded(self, shape: Shape, spot: Spot) -> bool:
        """Tell whether only what has to be there should be added: a schema may also be in itself too often."""
        return self.large(spot.depth) or any(spot.above.count(part) > 1 for part in shape.parts)

    def next_id(self) -> int:
        """Give a number that identifies something new."""
        self.ids += 1
        return self.given.number * 1000 + self.ids


def blamed(shape: Shape, *keywords: str) -> Part | None:
    """Give the part that a person should look at: the last one that says one of some keywords, else the last."""
    real = [part for part in shape.parts if part.real]
    saying = [part for part in real if isinstance(part.value, dict) and any(word in part.value for word in keywords)]
    return next(reversed(saying or real or shape.parts), None)


def sent_as(name: str, sent: Mapping[str, Json] | None) -> Json:
    """Find what the caller sent under a name, written the same way or not."""
    if not name or not sent:
        return None
    if name in sent:
        return sent[name]
    plain = plain_name(name)
    return next((value for key, value in sent.items() if plain_name(key) == plain), None)
