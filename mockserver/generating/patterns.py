"""Texts for the patterns of ECMA 262: drawn from their trees, of about the wanted length.

Whether a text does match is for the validator's own engine to say, which bounds its backtracking; what is drawn is
bounded in length, so neither a pattern nor a text can take long.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mockserver.generating.automata import text_in
from mockserver.generating.pattern_tree import ENDLESS, Unreadable, read_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockserver.generating.dice import Dice
    from mockserver.generating.pattern_tree import Tree

__all__ = ["Unreadable", "is_readable", "matches", "text_for"]

_EXTRA = 8
"""Characters that a part without an upper bound has at most, beyond what is asked for."""

_TRIES = 40
_DRAWN = 6
"""Tries in which a text is drawn, before it is put together by automata: drawn ones read better, and are quicker."""

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_PLAIN = (_LOWER + "0123456789", _LOWER + _LOWER.upper() + "0123456789", " ", "".join(map(chr, range(0x21, 0x7F))))
"""Characters that read well; the first of these of which a class has any are enough."""


@lru_cache(maxsize=2000)
def _matcher(pattern: str) -> object:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text, as the validator does; one that it cannot read is found nowhere."""
    matcher = _matcher(pattern)
    return matcher is not None and matcher.is_valid(text)  # type: ignore[attr-defined]


def is_readable(pattern: str) -> bool:
    """Tell whether the validator can read a pattern; it leaves out one that it cannot."""
    return _matcher(pattern) is not None


@lru_cache(maxsize=2000)
def _tree(pattern: str) -> Tree:
    return read_pattern(pattern)


def text_for(
    dice: Dice, patterns: list[str], shortest: int = 0, longest: int | None = None, unlike: Sequence[str] = ()
) -> str | None:
    """Draw a text of a length within bounds in which all patterns are found, and none of `unlike`.

    None when none was found in some tries. Raises `Unreadable` for a pattern that is none.
    """
    trees = [_tree(one) for one in patterns]
    for attempt in range(_TRIES):
        if attempt == _DRAWN or not trees:
            try:
                text = _composed(dice, tuple(patterns), tuple(unlike), shortest, longest)
            except Unreadable:
                text = None
            else:
                if text is None:
                    return None  # there is none
        else:
            text = _draw(dice, trees[attempt % len(trees)], shortest, longest, plain=attempt < _TRIES // 2)
        if text is None or len(text) < shortest or (longest is not None and len(text) > longest):
            if not trees:
                return None
            continue
        if all(matches(one, text) for one in patterns) and not any(matches(one, text) for one in unlike):
            return text
    return None


def _composed(
    dice: Dice, patterns: tuple[str, ...], unlike: tuple[str, ...], shortest: int, longest: int | None
) -> str | None:
    return text_in(dice, patterns, unlike, (shortest, longest), lambda chars: dice.one_of(_plain(chars) or chars))


def _draw(dice: Dice, tree: Tree, shortest: int, longest: int | None, *, plain: bool) -> str | None:
    most = min(tree.most, ENDLESS if longest is None else longest)
    least = max(tree.least, shortest)
    if least > most:
        return None
    usual = min(most, max(least, tree.least + _EXTRA))
    wanted = dice.between(least, usual) if dice.below(4) else least
    return _Writer(dice, plain=plain).write(tree, wanted)


# --- drawing ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes one text by a tree."""

    def __init__(self, dice: Dice, *, plain: bool) -> None:
        self.dice = dice
        self.plain = plain
        self.groups: dict[int, str] = {}
        self.needed: list[tuple[int, str]] = []

    def write(self, tree: Tree, wanted: int) -> str:
        text = self._piece(tree, wanted)
        for start, piece in self.needed:  # what a lookahead asks for somewhere behind it
            if start + len(piece) > len(text):
                continue
            at = self.dice.between(start, len(text) - len(piece))
            text = text[:at] + piece + text[at + len(piece) :]
        return text

    def _piece(self, tree: Tree, wanted: int, at: int = 0) -> str:
        wanted = max(tree.least, min(tree.most, wanted))
        kind = tree.kind
        if kind == "chars":
            chars = tree.chars
            if self.plain:
                plain = _plain(chars)
                chars = plain or chars
            return self.dice.one_of(chars)
        if kind == "seq":
            return self._sequence(tree.inner, wanted, at)
        if kind == "alt":
            # `$` among others is most often for the last of several: one of the others can stand anywhere.
            options = [one for one in tree.inner if one.kind != "end"] if self.dice.below(4) else list(tree.inner)
            fitting = [one for one in options if one.least <= wanted <= one.most]
            return self._piece(self.dice.one_of(fitting or options or tree.inner), wanted, at)
        if kind == "group":
            text = self._piece(tree.inner[0], wanted, at)
            self.groups[tree.low] = text
            return text
        if kind == "repeat":
            return self._repeated(tree, wanted, at)
        if kind == "back":
            return self.groups.get(tree.low, "")
        if kind == "look" and not tree.negative:
            self._ahead(tree.inner[0], at)
        return ""

    def _ahead(self, tree: Tree, at: int) -> None:
        """Keep what a lookahead of the form `.*x` asks for, to be put anywhere behind it."""
        pieces = tree.inner if tree.kind == "seq" else (tree,)
        skip = 0
        while skip < len(pieces) and pieces[skip].kind == "repeat" and pieces[skip].least == 0:
            skip += 1
        wanted = [one for one in pieces[skip:] if one.kind not in ("start", "end", "edge", "look")]
        if wanted and skip:
            text = "".join(self._piece(one, one.least) for one in wanted)
            self.needed.append((at, text))

    def _sequence(self, pieces: tuple[Tree, ...], wanted: int, at: int) -> str:
        spare = wanted - sum(one.least for one in pieces)
        sizes = [one.least for one in pieces]
        room = [min(one.most - one.least, ENDLESS) for one in pieces]
        open_ = [index for index, some in enumerate(room) if some]
        for index in self.dice.shuffled(open_):
            more = min(spare, room[index])
            rest = sum(room[other] for other in open_ if other != index)
            take = self.dice.between(min(more, max(0, spare - rest)), more) if more > 0 else 0
            sizes[index] += take
            room[index] = 0
            spare -= take
        found: list[str] = []
        length = at
        for one, size in zip(pieces, sizes, strict=True):
            text = self._piece(one, size, length)
            found.append(text)
            length += len(text)
        return "".join(found)

    def _repeated(self, tree: Tree, wanted: int, at: int) -> str:
        inner = tree.inner[0]
        low, high = tree.low, tree.high
        high = min(high, wanted // inner.least) if inner.least else min(high, max(low, wanted))
        if inner.most and inner.most < ENDLESS:
            low = max(low, -(-wanted // inner.most))
        times = self.dice.between(low, high) if low < high else low
        if inner.least == inner.most == 1 and inner.kind == "chars" and times == wanted:
            chars = (_plain(inner.chars) or inner.chars) if self.plain else inner.chars
            return "".join(self.dice.one_of(chars) for _ in range(times))
        return self._sequence((inner,) * times, wanted, at)


@lru_cache(maxsize=500)
def _plain(chars: str) -> str:
    """Give the characters that read well, when there are any: no others are needed then."""
    for wanted in _PLAIN:
        found = "".join(one for one in wanted if one in chars)
        if found:
            return found
    return ""
