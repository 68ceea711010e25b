"""A shape: what the schemas that hold of one value say together, as a normal form to make values by.

It is no judge: it may allow what a schema forbids, and the validator has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.generating.patterns import matches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from mockserver.generating.parts import Part
    from openapi.document import Node
    from openapi.reading import Json

__all__ = ["KINDS", "Choice", "Fence", "Row", "Shape"]

KINDS = ("object", "string", "integer", "number", "array", "boolean", "null")
"""JSON types, those first that a schema without a type is most likely meant for."""


@dataclass(slots=True)
class Choice:
    """Options of which one has to hold.

    key: tells it from other choices, once it is settled. strict: the same options, each with what rules out the others
    (`oneOf`). last: what hardly any value needs: options of which several hold at once (`anyOf`), and the strict ones
    without their tags. tagged: whether a discriminator tells them apart, which no validator asks for. against: the
    schema that every option breaks.
    """

    key: tuple[int, str]
    options: list[tuple[Part, ...]]
    strict: list[tuple[Part, ...]] = field(default_factory=list)
    last: list[tuple[Part, ...]] = field(default_factory=list)
    tagged: bool = False
    against: Part | None = None

    @property
    def untagged(self) -> list[tuple[Part, ...]]:
        """The options without the values that name them."""
        return [option[:1] for option in self.options] if self.tagged else self.options


@dataclass(slots=True)
class Fence:
    """What one schema says of members that it does not name itself."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    rule: Part


@dataclass(slots=True)
class Row:
    """What one schema says of items: the first ones by their place, then all others."""

    prefix: tuple[Part, ...]
    rest: Part | None


@dataclass(slots=True)
class Shape:
    """All that is said of one value. `hard`: whether a value made by it may well break it, and should be checked."""

    parts: list[Part] = field(default_factory=list)
    kinds: tuple[str, ...] = KINDS
    typed: bool = False
    hinted: set[str] = field(default_factory=set)
    listed: list[Json] | None = None
    excluded: list[Json] = field(default_factory=list)
    examples: list[Json] = field(default_factory=list)
    defaults: list[Json] = field(default_factory=list)
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    steps: list[Fraction] = field(default_factory=list)
    unlike_steps: list[Fraction] = field(default_factory=list)
    shortest: int = 0
    longest: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    unlike: list[Json] = field(default_factory=list)
    media: str = ""
    encoding: str = ""
    rows: list[Row] = field(default_factory=list)
    fewest_items: int = 0
    most_items: int | None = None
    unique: bool = False
    same: bool = False
    contains: list[tuple[Part, int, int | None]] = field(default_factory=list)
    properties: dict[str, list[Part]] = field(default_factory=dict)
    required: dict[str, bool] = field(default_factory=dict)
    """Name of a member that has to be there -> whether a schema in a document says so."""
    patterned: list[tuple[str, Part]] = field(default_factory=list)
    some: list[tuple[Part, Part]] = field(default_factory=list)
    """Members that there have to be, whatever they are called: what holds of the name, and what of the value."""
    fences: list[Fence] = field(default_factory=list)
    names: list[Part] = field(default_factory=list)
    fewest: int = 0
    most: int | None = None
    dependent: dict[str, list[str]] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    unevaluated: list[Part] = field(default_factory=list)
    unevaluated_items: list[Part] = field(default_factory=list)
    hidden: bool = False
    hard: bool = False
    title: str = ""
    why: str = ""
    """Why a type is ruled out, if one is by its bounds."""
    dead: bool | None = None
    """Whether nothing can be made of it, once that was looked at."""

    members: dict[str, tuple[Part, ...] | None] = field(default_factory=dict)
    apart: dict[tuple[Part, ...], bool] = field(default_factory=dict)
    """Schemas -> whether nothing of this shape satisfies them, once that was looked at."""

    @property
    def ends_unevaluated(self) -> bool:
        """Whether no member may be left that no schema evaluates; one that has a rule for all others leaves none."""
        if any(fence.rule.real and fence.rule.value is not False for fence in self.fences):
            return False
        return any(rule.value is False for rule, _ in _innermost(self.unevaluated))

    def member(self, name: str) -> tuple[Part, ...] | None:
        """Give the schemas that hold of a member of that name; None when there may be none."""
        if name not in self.members:
            self.members[name] = self._member(name)
        return self.members[name]

    def _member(self, name: str) -> tuple[Part, ...] | None:
        found = list(self.properties.get(name, ()))
        found += [part for pattern, part in self.patterned if matches(pattern, name)]
        for fence in self.fences:
            if name not in fence.names and not any(matches(one, name) for one in fence.patterns):
                found.append(fence.rule)
        found += _left_to(self.unevaluated, found)
        if any(part.value is False for part in found):
            return None
        return tuple(dict.fromkeys(found))

    def item(self, index: int, contained: Sequence[Part] = ()) -> tuple[Part, ...] | None:
        """Give the schemas that hold of the item at a place; None when there may be none.

        contained: what `contains` asks of it, which counts as evaluated then.
        """
        found = []
        for row in self.rows:
            if index < len(row.prefix):
                found.append(row.prefix[index])
            elif row.rest is not None:
                found.append(row.rest)
        if self.unevaluated_items:
            found += _left_to(self.unevaluated_items, [*found, *contained])
            if self.contains and any(part.value is False for part in found):
                found = [part for part, _, _ in self.contains[:1]]
        if any(part.value is False for part in found):
            return None
        return tuple(dict.fromkeys(found))


def _left_to(rules: list[Part], found: list[Part]) -> list[Part]:
    """Give the rules for what is not evaluated that hold of that for which some parts were found.

    What breaks another schema is no schema of a document, and evaluates nothing.
    """
    if not rules:
        return []
    evaluating = [part.node for part in found if part.real]
    return [rule for rule, holder in _innermost(rules) if not any(_sees(rule.node, holder, one) for one in evaluating)]


def _innermost(rules: list[Part]) -> list[tuple[Part, str]]:
    """Give the rules within which there is no other, which would have evaluated all there is; each with its schema."""
    holders = [rule.node.pointer.rpartition("/")[0] for rule in rules]
    return [
        (rule, holder)
        for rule, holder in zip(rules, holders, strict=True)
        if not any(one.startswith(f"{holder}/") for one in holders)
    ]


def _sees(rule: Node, holder: str, node: Node) -> bool:
    """Tell whether what a schema says counts for another: one that holds it, or may well refer to it.

    It does not count for one within it, nor for one beside that.
    """
    pointer = node.pointer
    if pointer.startswith(f"{holder}/") or "/$defs/" in pointer or "/definitions/" in pointer:
        return True
    return node.document is not rule.document or node.document.schema_at(pointer) != rule.document.schema_at(holder)
