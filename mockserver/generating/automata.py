"""Texts in which some patterns are found and others are not: the automata of all, walked through together.

It reads what a pattern's tree says, and its characters are those that the tree knows; what no finite automaton can tell
(a backreference, the edge of a word) it refuses. Whether a text does match is for the validator's engine to say.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from mockserver.generating.pattern_tree import ANYTHING, ENDLESS, Tree, Unreadable, ends_text, read_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.generating.dice import Dice

    States: TypeAlias = frozenset[int]

__all__ = ["text_in"]

_MOST_STATES = 4_000
"""States of one automaton; a pattern that counts further is refused."""

_MOST_TOGETHER = 6_000
"""States of all automata together, which are kept."""

_WORK = 200_000
"""Steps of one search, a tenth of a second or two."""

_MOST_UNSURE = 2
"""Searches of one kind that may end too early to know; others would, too, and take as long."""

_NARROW = 12
"""States of all automata together that are kept of each length at least, when a text has to be long."""

_TOO_OPEN = "patterns that leave too much open together"

_LONGER = 8
"""Characters beyond the first length at which a text ends that are looked at, so that texts differ."""


def text_in(
    dice: Dice,
    patterns: tuple[str, ...],
    unlike: tuple[str, ...],
    lengths: tuple[int, int | None],
    choose: Callable[[str], str],
) -> str | None:
    """Find a text in which all of some patterns are found, and none of others; None when there is none.

    lengths: least and most characters. choose: one of some characters. Raises `Unreadable` for a pattern that cannot
    be read, or that no automaton can tell, and when the search ends too early to know.
    """
    together = _together(patterns, unlike)
    with together.lock:  # states get their numbers, and what follows them, while it walks
        if lengths in together.without:
            return None
        if together.unsure.get(lengths, 0) >= _MOST_UNSURE:
            raise Unreadable(_TOO_OPEN)
        try:
            found = _walk(dice, together, lengths, choose)
        except Unreadable:
            together.unsure[lengths] = together.unsure.get(lengths, 0) + 1
            raise
        if found is None:
            together.without.add(lengths)
        return found


class _Machine:
    """The automaton of one pattern, or of one lookahead of it. every: all characters that there may be.

    of: number of the pattern. wanted: whether it has to be found. needed: whether a text without it is none.
    """

    def __init__(self, tree: Tree, every: str, of: int, *, wanted: bool, needed: bool) -> None:
        self.of = of
        self.wanted = wanted
        self.needed = needed
        self._every = every
        self.steps: list[list[tuple[str, int]]] = [[]]
        self.free: list[list[tuple[str, int]]] = [[]]
        self._known: dict[tuple[States, int], States] = {}
        self.last = self._add(tree, 0)

    def begin(self) -> States:
        """Give the states before the first character."""
        return self._closed({0}, ("", "start"))

    def after(self, states: States, char: str, number: int) -> States:
        """Give the states after a character; number: of its class, by which the answer is kept."""
        key = (states, number)
        if key not in self._known:
            reached = {to for one in states for chars, to in self.steps[one] if char in chars}
            self._known[key] = self._closed(reached, ("",))
        return self._known[key]

    def ends(self, states: States) -> bool:
        """Tell whether a text may end here, as far as this pattern is asked."""
        return (self.last in self._closed(set(states), ("", "end"))) == self.wanted

    def _closed(self, states: set[int], open_: tuple[str, ...]) -> States:
        waiting = list(states)
        while waiting:
            for kind, to in self.free[waiting.pop()]:
                if kind in open_ and to not in states:
                    states.add(to)
                    waiting.append(to)
        return frozenset(states)

    def _new(self) -> int:
        if len(self.steps) >= _MOST_STATES:
            raise Unreadable("a pattern that counts too far")
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def _add(self, tree: Tree, at: int) -> int:
        """Add a piece that begins at a state; give the state at its end."""
        if tree.kind in ("start", "end", "chars"):
            to = self._new()
            # Of what matches anything the tree has some characters, which is too few for what must not be found.
            chars = self._every if tree.chars == ANYTHING.inner[0].chars and not self.needed else tree.chars
            (self.steps if tree.kind == "chars" else self.free)[at].append((chars or tree.kind, to))
            return to
        if tree.kind in ("seq", "group"):
            for piece in tree.inner:
                at = self._add(piece, at)
            return at
        if tree.kind == "alt":
            to = self._new()
            for option in tree.inner:
                begin = self._new()
                self.free[at].append(("", begin))
                self.free[self._add(option, begin)].append(("", to))
            return to
        if tree.kind == "repeat":
            return self._add_repeated(tree, at)
        raise Unreadable(f"no automaton knows {tree.kind}")

    def _add_repeated(self, tree: Tree, at: int) -> int:
        (inner,) = tree.inner
        for _ in range(tree.low):
            at = self._add(inner, at)
        if tree.high >= ENDLESS:
            begin = self._new()
            self.free[at].append(("", begin))
            self.free[self._add(inner, begin)].append(("", begin))
            return begin
        to = self._new()
        self.free[at].append(("", to))
        for _ in range(tree.high - tree.low):
            at = self._add(inner, at)
            self.free[at].append(("", to))
        return to


def _conditions(tree: Tree) -> Iterator[tuple[Tree, bool]]:
    """Give what a pattern asks for all at once, its lookaheads at the beginning each for itself."""
    looks: list[Tree] = []
    pieces = list(tree.inner)
    if tree.kind == "seq" and pieces and pieces[0].kind == "start":
        while len(pieces) > 1 and pieces[1].kind == "look":
            looks.append(pieces.pop(1))
    yield (replace(tree, inner=tuple(pieces)) if looks else tree), True
    for look in looks:
        behind = look.inner if ends_text(look.inner[0]) else (*look.inner, ANYTHING)
        yield Tree("seq", 0, ENDLESS, (pieces[0], *behind)), not look.negative


class _Together:
    """Automata that are walked through at once. States of all are numbered as they are reached.

    wanted: whether each pattern has to be found. without: lengths of which there is no text. unsure: how often a search
    for one of some lengths ended too early. lock: held by the one thread that walks.
    """

    def __init__(self, machines: list[_Machine], wanted: list[bool]) -> None:
        self.lock = threading.Lock()
        self.machines = machines
        self.wanted = wanted
        self.without: set[tuple[int, int | None]] = set()
        self.unsure: dict[tuple[int, int | None], int] = {}
        self.classes = _classes(machines)
        self._numbers: dict[tuple[States, ...], int] = {}
        self._states: list[tuple[States, ...]] = []
        self._next: dict[int, list[tuple[int, int]]] = {}
        self._ends: dict[int, bool] = {}
        self.first = self._number(tuple(one.begin() for one in machines))

    def next(self, state: int) -> list[tuple[int, int]]:
        """List what can follow a state: the number of a class of characters, and the state after one of them."""
        known = self._next.get(state)
        if known is None:
            known = self._next[state] = []
            for number, chars in enumerate(self.classes):
                pairs = zip(self.machines, self._states[state], strict=True)
                after = tuple(machine.after(states, chars[0], number) for machine, states in pairs)
                if all(states or not one.needed for one, states in zip(self.machines, after, strict=True)):
                    known.append((number, self._number(after)))
        return known

    def ends(self, state: int) -> bool:
        """Tell whether a text may end here."""
        if state not in self._ends:
            found = [True] * len(self.wanted)
            for machine, states in zip(self.machines, self._states[state], strict=True):
                found[machine.of] = found[machine.of] and machine.ends(states)
            self._ends[state] = found == self.wanted
        return self._ends[state]

    def _number(self, states: tuple[States, ...]) -> int:
        number = self._numbers.setdefault(states, len(self._states))
        if number == len(self._states):
            if number >= _MOST_TOGETHER:
                raise Unreadable(_TOO_OPEN)
            self._states.append(states)
        return number


def _classes(machines: list[_Machine]) -> list[str]:
    """Group the characters that all automata have alike."""
    sets = list(dict.fromkeys(chars for one in machines for steps in one.steps for chars, _ in steps))
    within: dict[str, list[int]] = {}
    for number, chars in enumerate(sets):
        for char in dict.fromkeys(chars):
            within.setdefault(char, []).append(number)
    found: dict[tuple[int, ...], list[str]] = {}
    for char, numbers in within.items():
        found.setdefault(tuple(numbers), []).append(char)
    return ["".join(chars) for chars in found.values()]


@lru_cache(maxsize=50)
def _together(patterns: tuple[str, ...], unlike: tuple[str, ...]) -> _Together:
    asked = [(read_pattern(one), True) for one in patterns] + [(read_pattern(one), False) for one in unlike]
    if not patterns:
        asked.append((ANYTHING, True))  # for the characters that a text is made of
    every = "".join(dict.fromkeys("".join(_characters(tree) for tree, _ in asked)))
    machines = [
        _Machine(piece, every, number, wanted=found, needed=found and wanted)
        for number, (tree, wanted) in enumerate(asked)
        for piece, found in _conditions(tree)
    ]
    return _Together(machines, [wanted for _, wanted in asked])


def _characters(tree: Tree) -> str:
    return tree.chars + "".join(map(_characters, tree.inner))


_Layers: TypeAlias = "list[dict[int, list[tuple[int, int]]]]"


def _walk(dice: Dice, together: _Together, lengths: tuple[int, int | None], choose: Callable[[str], str]) -> str | None:
    """Go one character on at a time, with all states at once; then back from one at which a text may end."""
    layers, ends = _forward(dice, together, lengths)
    if not ends:
        return None
    length, state = dice.one_of(ends)
    chars: list[str] = []
    for layer in reversed(layers[1 : length + 1]):
        state, number = dice.one_of(layer[state])
        chars.append(choose(together.classes[number]))
    return "".join(reversed(chars))


def _forward(dice: Dice, together: _Together, lengths: tuple[int, int | None]) -> tuple[_Layers, list[tuple[int, int]]]:
    """Find the states of each length, with the ways to them, and where a text may end: its length and the state."""
    shortest, longest = lengths
    widest = max(_NARROW, _WORK // (len(together.classes) + 1) // (shortest + 1))
    layers: _Layers = [{together.first: []}]
    seen: set[int] = set()
    ends: list[tuple[int, int]] = []
    work, whole = 0, True
    while layers[-1]:
        length = len(layers) - 1
        here = list(layers[-1])
        if length >= shortest:
            ends += [(length, state) for state in here if together.ends(state)]
            if seen.issuperset(here):
                break  # every state was here before, and so will be all that follow
            seen.update(here)
        whole = whole and work <= _WORK and len(here) <= widest
        if length == longest or work > _WORK or (ends and length >= ends[0][0] + _LONGER):
            break
        after: dict[int, list[tuple[int, int]]] = {}
        for state in here if len(here) <= widest else dice.shuffled(here)[:widest]:
            for number, to in together.next(state):
                work += 1
                after.setdefault(to, []).append((state, number))
        layers.append(after)
    if not ends and not whole:
        raise Unreadable(_TOO_OPEN)
    return layers, ends
