"""Make a value for a schema: constructively from its normal form, with other choices where that was not enough.

It may make what a schema forbids; `Plan.value` gives only what the compiled validator allows.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mockserver.generating.arrays import array_of
from mockserver.generating.circumstances import Made, NoValue
from mockserver.generating.drafting import TOP, Draft, Exhausted, Impossible, blamed
from mockserver.generating.echoing import ready_values
from mockserver.generating.equality import same
from mockserver.generating.fitting import fits
from mockserver.generating.names import is_id, is_moment, plain_name
from mockserver.generating.numbers import fits_number, number_by
from mockserver.generating.objects import object_of
from mockserver.generating.settling import reason, settled_shapes
from mockserver.generating.texts import text_by, why_no_text
from openapi.errors import ContractError

if TYPE_CHECKING:
    from mockserver.generating.circumstances import Circumstances
    from mockserver.generating.drafting import Spot
    from mockserver.generating.joining import Shapes
    from mockserver.generating.parts import Part
    from mockserver.generating.shapes import Shape
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["Plan"]

_ROUNDS = 7
_EXHAUSTED = 5
_CHECKED = 3
"""The attempt from which on every part of a value is checked, those that look safe included."""

_DEEPEST = 40
_OPTIONS = 24
_WORK = 8_000
"""Work on one value in all rounds together: less than a second."""


class Plan:
    """How values of one schema are made. Shapes are kept, so a second value costs far less than the first."""

    def __init__(self, shapes: Shapes, schema: Schema) -> None:
        self.shapes = shapes
        self.schema = schema
        self.root = shapes.parts.at(schema.node)
        self._careful = False
        self._hopeless: NoValue | None = None

    def value(self, circumstances: Circumstances) -> Made:
        """Make a value that the schema allows. Raises `NoValue` when none was found within the bound of work."""
        with self.shapes.lock:
            return self._value(circumstances)

    def _value(self, circumstances: Circumstances) -> Made:
        if self._hopeless is not None:
            raise self._hopeless
        exhausted, work = 0, float(_WORK)
        why, part, tried = "no value was found within the bound of work", self.root, ""
        for attempt in range(_ROUNDS):
            careful = self._careful or attempt > 0
            maker = _Maker(self.shapes, circumstances, attempt, careful=careful, work=work)
            try:
                made = maker.make((self.root,), TOP)
            except Impossible as error:
                why, part = error.why, error.part or part
            except Exhausted:
                exhausted += 1
                if exhausted == _EXHAUSTED:
                    break
            except ContractError as error:
                raise NoValue(self.where(part), str(error)) from None
            else:
                if self.schema.validator.is_valid(made):
                    self._careful = self._careful or attempt > 0
                    return Made(made, maker.invented)
                # All that is wrong is asked for once: of unions in unions it is very much. A keyword that no validator
                # should have taken, such as a name that is required twice, may be said to be broken by nothing.
                wrong = () if tried else self.schema.check(made)
                tried = tried or f"a value was made that breaks it: {wrong[0] if wrong else 'nothing is said of how'}"
            work -= maker.spent
            if work <= 0:
                break
        # It is not sought again: another time would hardly find one, and would take as long.
        self._hopeless = NoValue(self.where(self.root), tried) if tried else NoValue(self.where(part), why)
        raise self._hopeless

    @staticmethod
    def where(part: Part) -> str:
        """Name where a part stands."""
        return f"{part.node.document.name}#{part.node.pointer}"


class _Maker(Draft):
    """Makes one value."""

    def make(self, given: tuple[Part, ...], spot: Spot) -> Json:
        """Make a value that some schemas allow together. Raises `Impossible`."""
        if spot.depth > _DEEPEST:
            raise Impossible(given[0] if given else None, "the schema has no end: it needs itself")
        shape = self.shape(given)
        spot = spot.under(given)
        why = reason(self, shape)
        tries = (4 if self.careful else 1) if shape.hard else 1
        checked = self.careful and (shape.hard or self.attempt >= _CHECKED)
        for again in range(tries):
            for final in islice(settled_shapes(self, shape, given, spot.depth), _OPTIONS):
                try:
                    made = self._value(final, spot, again + self.attempt)
                except Impossible as error:
                    why = error
                    continue
                if not checked or all(part.allows(made) for part in given):
                    self.made += 1
                    return made
        raise why

    def _value(self, shape: Shape, spot: Spot, again: int) -> Json:
        for wanted in ready_values(self, shape, spot, again):
            if fits(shape, wanted):
                return wanted
        if shape.listed is not None:
            for one in self._in_turn(shape.listed, again):
                if fits(shape, one):
                    return one
            raise Impossible(blamed(shape, "enum", "const"), "none of the listed values is allowed")
        why = Impossible(blamed(shape), "every value that was tried is ruled out")
        for kind in self._kinds(shape, spot, again):
            try:
                made = self._of_kind(kind, shape, spot, again)
            except Impossible as error:
                why = error
                continue
            if not any(same(made, one) for one in shape.excluded):
                return made
        raise why

    def _kinds(self, shape: Shape, spot: Spot, again: int) -> list[str]:
        """Order the types that are allowed: null last, unless the value should end here."""
        kinds = [kind for kind in shape.kinds if kind != "integer" or "number" not in shape.kinds]
        if again % 4 and len(kinds) > 1:
            return self.dice.shuffled(kinds)
        last = "null" if not self.crowded(shape, spot) else ""
        return sorted(kinds, key=lambda kind: (kind == last, kind != "null" and not last))

    def _in_turn(self, listed: list[Json], again: int) -> list[Json]:
        """Order listed values: the first one, in the second item of a list the second, and so on."""
        if again or not self.given.examples:
            return self.dice.shuffled(listed)
        first = self.index % len(listed) if listed else 0
        return listed[first:] + listed[:first]

    def _of_kind(self, kind: str, shape: Shape, spot: Spot, again: int) -> Json:
        if kind == "object":
            return object_of(self, shape, spot, again)
        if kind == "array":
            return array_of(self, shape, spot)
        self.invented = True
        if kind == "string":
            text = text_by(shape, spot.name, spot.owner, self.dice, self.moments)
            if text is None:
                raise Impossible(blamed(shape, "minLength", "maxLength", "pattern", "format"), why_no_text(shape))
            return text
        if kind in ("integer", "number"):
            return self._number(shape, spot.name, whole=kind == "integer")
        return None if kind == "null" else self.dice.chance(2)

    def _number(self, shape: Shape, name: str, *, whole: bool) -> Json:
        if (whole or not shape.steps) and is_id(name):
            unique = self.next_id()
            if fits_number(unique, shape):
                return unique
        if is_moment(name):
            moment = self.moments.seconds(plain_name(name), self.dice)
            if fits_number(moment, shape):
                return moment
        made = number_by(shape, name, self.dice, whole=whole)
        if made is None:
            raise Impossible(
                blamed(shape, "minimum", "maximum", "multipleOf"), "no number was found that fits all that is said"
            )
        return made
