"""Make a value for a schema: constructively from its normal form, with other choices where that was not enough.

It may make what a schema forbids; `Plan.value` gives only what the compiled validator allows.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

from mockserver.generating.circumstances import Made, NoValue
from mockserver.generating.dice import Dice
from mockserver.generating.moments import Moments
from mockserver.generating.names import NUMBERS, is_id, is_moment, is_plain_id, plain_name
from mockserver.generating.numbers import fits_number, number_for
from mockserver.generating.shapes import Shape, kind_of, same, shape_of
from mockserver.generating.texts import fits_text, text_by
from openapi.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.generating.circumstances import Circumstances
    from mockserver.generating.parts import Part, Parts
    from openapi.reading import Json
    from openapi.schema import Schema

__all__ = ["Plan"]

_ROUNDS = 7
_EXHAUSTED = 3
_WORK = 2_500
"""Values that one round may make, those included that are thrown away."""

_MANY = 300
"""Values in one answer beyond which only what has to be there is added."""

_DEEP = 5
"""Levels below which only what has to be there is added."""

_DEEPEST = 40
_OPTIONS = 24
_ITEMS = 2
"""Items of an array that says nothing of its length."""


class _Impossible(Exception):
    """These choices lead to no value."""

    def __init__(self, part: Part | None, why: str) -> None:
        super().__init__(why)
        self.part = part
        self.why = why


class _Exhausted(Exception):
    """The bound of work is reached."""


class Plan:
    """How values of one schema are made. Shapes are kept, so a second value costs far less than the first."""

    def __init__(self, parts: Parts, schema: Schema) -> None:
        self.parts = parts
        self.schema = schema
        self.root = parts.at(schema.node)
        self._shapes: dict[tuple[object, ...], Shape] = {}
        self._careful = False
        self._hopeless: NoValue | None = None

    def shape(self, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...] = ()) -> Shape:
        """Give the shape of some parts, made once."""
        key = (given, settled)
        found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) > 20_000:
                self._shapes.clear()
            found = self._shapes[key] = shape_of(self.parts, given, settled)
        return found

    def value(self, circumstances: Circumstances) -> Made:
        """Make a value that the schema allows. Raises `NoValue` when none was found within the bound of work."""
        if self._hopeless is not None:
            raise self._hopeless
        exhausted = 0
        why, part, tried = "no value was found within the bound of work", self.root, ""
        for attempt in range(_ROUNDS):
            maker = _Maker(self, circumstances, attempt, careful=self._careful or attempt > 0)
            try:
                made = maker.make((self.root,), "", "", None, 0, ())
            except _Impossible as error:
                why, part = error.why, error.part or part
            except _Exhausted:
                exhausted += 1
                if exhausted == _EXHAUSTED:
                    break
            except ContractError as error:
                raise NoValue(self.where(part), str(error)) from None
            else:
                violations = self.schema.check(made)
                if not violations:
                    self._careful = self._careful or attempt > 0
                    return Made(made, maker.invented)
                tried = tried or f"a value was made that breaks it: {violations[0]}"
        # It is not sought again: another time would hardly find one, and would take as long.
        self._hopeless = NoValue(self.where(self.root), tried) if tried else NoValue(self.where(part), why)
        raise self._hopeless

    @staticmethod
    def where(part: Part) -> str:
        """Name where a part stands."""
        return f"{part.node.document.name}#{part.node.pointer}"


class _Maker:
    """Makes one value. careful: whether parts of a value are checked as they are made, and made again."""

    def __init__(self, plan: Plan, circumstances: Circumstances, attempt: int, *, careful: bool) -> None:
        self.plan = plan
        self.given = circumstances
        self.dice = Dice(circumstances.key + b"%d" % attempt)
        self.moments = Moments(circumstances.now_ns)
        self.careful = careful
        self.attempt = attempt
        self.work = _WORK
        self.made = 0
        self.ids = 0
        self.invented = False
        self.index = 0

    # --- any value ----------------------------------------------------------------------------------------------------

    def make(
        self,
        given: tuple[Part, ...],
        name: str,
        owner: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
    ) -> Json:
        """Make a value that some schemas allow together. sent: what the caller sent for the object around it.

        above: the parts of the values around this one. Raises `_Impossible`.
        """
        if depth > _DEEPEST:
            raise _Impossible(given[0] if given else None, "the schema has no end: it needs itself")
        shape = self.plan.shape(given)
        why = _Impossible(_blamed(shape), "no value satisfies all that is said here")
        tries = (4 if self.careful else 1) if shape.hard else 1
        for again in range(tries):
            for final in islice(self._settled(shape, given, (), depth), _OPTIONS):
                try:
                    made = self._value(final, name, owner, sent, depth, (*above, *given), again + self.attempt)
                except _Impossible as error:
                    why = error
                    continue
                if not (self.careful and shape.hard) or all(part.allows(made) for part in given):
                    self.made += 1
                    return made
        raise why

    def _settled(
        self, shape: Shape, given: tuple[Part, ...], settled: tuple[tuple[int, str], ...], depth: int
    ) -> Iterator[Shape]:
        """Yield the shapes in which every choice is made, the likely ones first."""
        self.work -= 1 + len(shape.parts) // 2  # dead ends count, too: there may be very many of them
        if self.work < 0:
            raise _Exhausted
        if not shape.kinds or len(settled) > 40:
            return
        if not shape.choices:
            yield shape
            return
        choice = shape.choices[0]
        options = list(choice.options)
        if self.attempt % 4 != 1 or choice.key[1] != "not":
            options = self.dice.shuffled(options)  # else what breaks a schema goes by its likeliest way: another type
        options.sort(key=_is_null)
        if depth > _DEEP or self.made > _MANY:
            options.sort(key=self._weight)
        if self.careful and choice.strict:
            strict = {option[0]: option for option in choice.strict}
            options = [one for option in options for one in (option, strict.get(option[0], option))]
        else:
            options += self.dice.shuffled(choice.strict)
        for option in options:
            also = (*settled, choice.key)
            more = (*given, *(part for part in option if part not in given))
            yield from self._settled(self.plan.shape(more, also), more, also, depth)

    def _weight(self, option: tuple[Part, ...]) -> int:
        kinds = self.plan.shape(option).kinds[:1]
        shape = self.plan.shape(option)
        if kinds == ("object",):
            return 2 + len(shape.required)
        return 1 + bool(shape.fewest_items) if kinds == ("array",) else 0

    def _value(
        self,
        shape: Shape,
        name: str,
        owner: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
        again: int,
    ) -> Json:
        for wanted in self._ready(shape, name, sent, depth, again):
            if self._fits(shape, wanted):
                return wanted
        if shape.listed is not None:
            for one in self._in_turn(shape.listed, again):
                if self._fits(shape, one):
                    return one
            raise _Impossible(_blamed(shape, "enum", "const"), "none of the listed values is allowed")
        kinds = [kind for kind in shape.kinds if kind != "null"] or list(shape.kinds)
        if again and len(kinds) > 1:
            kinds = self.dice.shuffled(shape.kinds)
        for kind in kinds:
            made = self._of_kind(kind, shape, name, owner, sent, depth, above, again)
            if not any(same(made, one) for one in shape.excluded):
                return made
        raise _Impossible(_blamed(shape), "every value that was tried is ruled out")

    def _like(self, example: Json) -> Json:
        """Give another id of the form that one has: its letters and digits changed, behind its prefix."""
        if isinstance(example, str):
            start = max(example.rfind(mark) for mark in "_-:/.") + 1 if len(example) < 32 else 0
            return example[:start] + "".join(map(self._another_letter, example[start:]))
        if isinstance(example, int) and not isinstance(example, bool):
            self.ids += 1
            return example + self.given.number * 1000 + self.ids
        return example

    def _another_letter(self, letter: str) -> str:
        if letter in _HEXADECIMAL:
            return self.dice.one_of("0123456789" if letter.isdigit() else "abcdef" if letter.islower() else "ABCDEF")
        if "g" <= letter <= "z" or "G" <= letter <= "Z":
            other = self.dice.letters(1)
            return other if letter.islower() else other.upper()
        return letter

    def _in_turn(self, listed: list[Json], again: int) -> list[Json]:
        """Order listed values: the first one, in the second item of a list the second, and so on."""
        if again or not self.given.examples:
            return self.dice.shuffled(listed)
        first = self.index % len(listed) if listed else 0
        return listed[first:] + listed[:first]

    def _ready(
        self, shape: Shape, name: str, sent: Mapping[str, Json] | None, depth: int, again: int
    ) -> Iterator[Json]:
        """Yield values that need not be made: what the caller sent, and the examples of the schema."""
        if name and sent is not None:
            plain = plain_name(name)
            for key, value in sent.items():
                if plain_name(key) == plain and kind_of(value) not in ("object", "null"):
                    yield value
            if plain in self.given.sent and not (sent is _IN_LIST and is_id(name)):
                yield self.given.sent[plain]
            if self.given.root_id is not None and plain == "id" and sent is not _IN_LIST and depth <= 2:
                yield self.given.root_id
        if self.given.examples and again < 2:
            if is_plain_id(name) and ((sent is _IN_LIST and self.index) or (self.given.fresh and depth <= 2)):
                self.invented = True
                yield from (self._like(one) for one in shape.examples)
            yield from shape.examples
            if "object" not in shape.kinds[:1]:
                yield from shape.defaults

    def _fits(self, shape: Shape, value: Json) -> bool:
        kind = kind_of(value)
        if kind not in shape.kinds or any(same(value, one) for one in shape.excluded):
            return False
        if shape.listed is not None and not any(same(value, one) for one in shape.listed):
            return False
        if isinstance(value, str):
            return fits_text(value, shape)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return fits_number(value, shape)
        if isinstance(value, dict | list):
            return all(part.allows(value) for part in shape.parts)
        return True

    def _of_kind(  # noqa: PLR0913, PLR0917 - where a value stands is all that it goes by
        self,
        kind: str,
        shape: Shape,
        name: str,
        owner: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
        again: int,
    ) -> Json:
        if kind == "object":
            return self._object(shape, name, sent, depth, above, again)
        if kind == "array":
            return self._array(shape, name, sent, depth, above)
        self.invented = True
        if kind == "string":
            text = text_by(shape, name, owner, self.dice, self.moments)
            if text is None:
                raise _Impossible(_blamed(shape), "no text was found that fits all that is said")
            return text
        if kind in ("integer", "number"):
            return self._number(shape, name, whole=kind == "integer")
        return None if kind == "null" else self.dice.chance(2)

    def _number(self, shape: Shape, name: str, *, whole: bool) -> Json:
        plain = plain_name(name)
        if whole and is_id(name):
            self.ids += 1
            unique = self.given.number * 1000 + self.ids
            if fits_number(unique, shape):
                return unique
        if whole and is_moment(name):
            moment = self.moments.seconds(plain, self.dice)
            if fits_number(moment, shape):
                return moment
        usual = next(
            (size for end, size in NUMBERS if plain == end or (len(end) > 4 and plain.endswith(end))), (1, 1000)
        )
        made = number_for(self.dice, shape, whole=whole, usual=usual)
        if made is None:
            raise _Impossible(_blamed(shape), "no number was found that fits all that is said")
        return made

    # --- arrays -------------------------------------------------------------------------------------------------------

    def _array(
        self,
        shape: Shape,
        name: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
    ) -> Json:
        rest, items = self._sent_items(name, sent)
        least, most = shape.fewest_items, shape.most_items
        needed = [(part, count) for part, count, _ in shape.contains if count]
        size = self._size(shape, depth, above, len(items), sum(count for _, count in needed))
        if most is not None and least > most:
            raise _Impossible(_blamed(shape), "fewer items are allowed than are asked for")
        made: list[Json] = []
        known: set[str] = set()
        spots, outer = self._spots(shape, size, needed), self.index
        for index in range(size):
            parts = shape.item(index, contained=bool(spots.get(index)))
            if parts is None:
                break
            one = items[index] if index < len(items) else None
            inner = one if isinstance(one, dict) else rest
            wanted = spots.get(index, [])
            item = (*parts, *(part for part in wanted if part not in parts), *self._kept_out(shape, index, made, spots))
            self.index = index
            try:
                value = self._item(item, name, inner, depth, above, known if shape.unique else None)
            except _Impossible:
                if index < least or wanted:
                    raise
                break
            if shape.same and made:
                value = made[0]
            made.append(value)
        self.index = outer
        if len(made) < least:
            raise _Impossible(_blamed(shape), "too few items can be made")
        return made

    def _sent_items(self, name: str, sent: Mapping[str, Json] | None) -> tuple[Mapping[str, Json], list[Json]]:
        value = _sent_as(name, sent)
        return _IN_LIST, value if isinstance(value, list) else []

    def _size(self, shape: Shape, depth: int, above: tuple[Part, ...], sent: int, needed: int) -> int:
        least, most = shape.fewest_items, shape.most_items
        prefix = max((len(row.prefix) for row in shape.rows), default=0)
        if prefix and self._crowded(shape, depth, above):
            prefix = 0
        usual = 0 if self._crowded(shape, depth, above) else _ITEMS
        if self.given.most_items is not None and depth <= 1:
            usual = min(usual, self.given.most_items)
        size = max(least, sent or usual, prefix, needed)
        if needed and self.attempt % 2 == 0:
            size = max(size, prefix + needed)
        if shape.same:
            size = max(size, 2)
        return size if most is None else min(size, max(most, 0))

    def _crowded(self, shape: Shape, depth: int, above: tuple[Part, ...]) -> bool:
        """Tell whether only what has to be there should be added."""
        if depth > _DEEP or self.made > _MANY:
            return True
        return any(above.count(part) > 1 for part in shape.parts)

    def _spots(self, shape: Shape, size: int, needed: list[tuple[Part, int]]) -> dict[int, list[Part]]:
        """Choose the places of items that `contains` asks for: behind the prefix where that may be."""
        found: dict[int, list[Part]] = {}
        prefix = max((len(row.prefix) for row in shape.rows), default=0)
        places = [*range(prefix, size), *range(min(prefix, size))]
        if self.attempt % 2:
            places = self.dice.shuffled(range(size))
        for part, count in needed:
            for index in places[:count]:
                found.setdefault(index, []).append(part)
            if count < len(places) and self.attempt % 3 != 2:
                places = places[count:] + places[:count]
        return found

    def _kept_out(self, shape: Shape, index: int, made: list[Json], spots: dict[int, list[Part]]) -> Iterator[Part]:
        """Yield what keeps an item from being one too many of those that `contains` counts."""
        for part, _, most in shape.contains:
            if most is None or part in spots.get(index, ()):
                continue
            planned = sum(part in wanted for place, wanted in spots.items() if place > index)
            if planned + (sum(map(part.allows, made)) if part.real else 0) >= most:
                yield self.plan.parts.made(part, {"not": part.value}, "\0not")

    def _item(
        self,
        parts: tuple[Part, ...],
        name: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
        known: set[str] | None,
    ) -> Json:
        one = name.removesuffix("s")
        called, around = "", sent
        if self.plan.shape(parts).kinds[:1] not in (("object",), ("array",)):
            called, around = one, None  # it reads as its list is called, and is nothing that was sent
        if known is None:
            return self.make(parts, called, plain_name(one), around, depth + 1, above)
        for _ in range(12):
            value = self.make(parts, called, plain_name(one), around, depth + 1, above)
            key = _canonical(value)
            if key not in known:
                known.add(key)
                return value
        found = self._another(parts, known)
        if found is None:
            raise _Impossible(parts[0] if parts else None, "no more items can be told apart")
        return found[0]

    def _another(self, parts: tuple[Part, ...], known: set[str]) -> tuple[Json] | None:
        """Find a listed or a simple value that is not yet among some."""
        shape = self.plan.shape(parts)
        simple: list[Json] = [True, False, None, "", 0, 1, -1, [], {}]
        for value in [*(shape.listed or []), *simple]:
            key = _canonical(value)
            if key not in known and self._fits(shape, value) and all(part.allows(value) for part in parts):
                known.add(key)
                return (value,)
        return None

    # --- objects ------------------------------------------------------------------------------------------------------

    def _object(  # noqa: C901 - one list of what makes an object
        self,
        shape: Shape,
        name: str,
        sent: Mapping[str, Json] | None,
        depth: int,
        above: tuple[Part, ...],
        again: int,
    ) -> Json:
        inner = self._sent_members(name, sent, depth)
        required = self._required(shape)
        if shape.most is not None and len(required) > shape.most:
            raise _Impossible(_blamed(shape), "more members are required than are allowed")
        wanted = self._wanted(shape, required, depth, above, again)
        mine = plain_name(shape.title) or plain_name(shape.parts[-1].name if shape.parts else "") or plain_name(name)
        made: dict[str, Json] = {}
        for member in wanted:
            parts = shape.member(member)
            if parts is None or not self._named(shape, member):
                if member in required:
                    raise _Impossible(_blamed(shape), f"the member {member!r} is required and ruled out")
                continue
            if member not in required and self.plan.shape(parts).hidden:
                continue
            try:
                made[member] = self.make(parts, member, mine, inner, depth + 1, above)
            except _Impossible:
                if member in required:
                    raise
        for lacking in range(60):
            if len(made) >= shape.fewest:
                break
            self._add(shape, made, lacking, depth, above)
        if len(made) < shape.fewest:
            raise _Impossible(_blamed(shape), "too few members can be made")
        return {
            member: made[member] for member in sorted(made, key=list(dict.fromkeys([*shape.properties, *made])).index)
        }

    def _sent_members(self, name: str, sent: Mapping[str, Json] | None, depth: int) -> Mapping[str, Json]:
        if depth == 0:
            return self.given.body
        value = _sent_as(name, sent)
        if isinstance(value, dict):
            return value
        return sent if sent is not None else {}

    def _required(self, shape: Shape) -> dict[str, None]:
        required = dict(shape.required)
        waiting = list(required)
        while waiting:
            for other in shape.dependent.get(waiting.pop(), ()):
                if other not in required:
                    required[other] = None
                    waiting.append(other)
        return required

    def _wanted(
        self, shape: Shape, required: dict[str, None], depth: int, above: tuple[Part, ...], again: int
    ) -> list[str]:
        """Choose the members: all that are named, or fewer where that was not enough or would be too much."""
        optional = [name for name in shape.properties if name not in required]
        if self._crowded(shape, depth, above) or again % 3 == 1:
            optional = []
        elif again % 3 == 2:
            optional = [name for name in optional if self.dice.chance(2)]
        wanted = list(required)
        for name in optional:
            others = [one for one in self._implied(shape, name) if one not in wanted]
            if shape.most is not None and len(wanted) + len(others) > shape.most:
                continue
            wanted += others
        return wanted

    def _implied(self, shape: Shape, name: str) -> list[str]:
        found, waiting = [name], [name]
        while waiting:
            for other in shape.dependent.get(waiting.pop(), ()):
                if other not in found:
                    found.append(other)
                    waiting.append(other)
        return found

    def _named(self, shape: Shape, name: str) -> bool:
        """Whether a name is one that members may have."""
        return all(part.allows(name) for part in shape.names) and (
            not shape.names or self._fits(self.plan.shape(tuple(shape.names)), name) or bool(shape.choices)
        )

    def _add(self, shape: Shape, made: dict[str, Json], lacking: int, depth: int, above: tuple[Part, ...]) -> None:
        """Add a member that is not required, so that there are enough."""
        rest = [name for name in shape.properties if name not in made]
        name = rest[lacking % len(rest)] if rest and lacking < 2 * len(rest) else self._new_name(shape, lacking)
        parts = None if name is None else shape.member(name)
        if name is None or name in made or parts is None or not self._named(shape, name):
            return
        for other in self._implied(shape, name):
            inner = shape.member(other)
            if inner is None:
                return
            try:
                made[other] = self.make(inner, other, "", None, depth + 1, above)
            except _Impossible:
                return

    def _new_name(self, shape: Shape, lacking: int) -> str | None:
        if shape.names:
            found = self.make(tuple(shape.names), "", "", None, _DEEP, ())
            if isinstance(found, str):
                return found
        if shape.patterned and lacking % 4 != 3:
            from mockserver.generating.patterns import Unreadable, text_for

            try:
                return text_for(self.dice, [shape.patterned[lacking % len(shape.patterned)][0]])
            except Unreadable:
                return None
        return f"{text_by(Shape(), 'slug', '', self.dice, self.moments)}-{lacking}"


_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")

_IN_LIST: dict[str, Json] = {}
"""What was sent for the items of a list that the caller did not send: nothing. It is told by identity."""


def _blamed(shape: Shape, *keywords: str) -> Part | None:
    """Give the part that a person should look at: the last one that says one of some keywords, else the last."""
    real = [part for part in shape.parts if part.real]
    saying = [part for part in real if isinstance(part.value, dict) and any(word in part.value for word in keywords)]
    return next(reversed(saying or real or shape.parts), None)


def _sent_as(name: str, sent: Mapping[str, Json] | None) -> Json:
    """Find what the caller sent under a name, written the same way or not."""
    if not name or not sent:
        return None
    if name in sent:
        return sent[name]
    plain = plain_name(name)
    return next((value for key, value in sent.items() if plain_name(key) == plain), None)


def _is_null(option: tuple[Part, ...]) -> bool:
    value = option[0].value if option else None
    return isinstance(value, dict) and (value.get("type") == "null" or value.get("const", 0) is None)


def _canonical(value: Json) -> str:
    """Write a value so that equal ones are the same text: 1 is 1.0."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {name: _whole(one) for name, one in value.items()} if isinstance(value, dict) else value
