"""A pattern of ECMA 262 as a tree: what its pieces are, and how many characters each can have.

It reads what people write; what it cannot read it refuses, and what it makes of the rest is no judge of texts.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANYTHING", "ENDLESS", "Tree", "Unreadable", "ends_text", "read_pattern"]

ENDLESS = 10_000
"""Characters of a piece that has no upper bound."""

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_WORD = _LOWER + _UPPER + _DIGITS + "_"
_SPACE = " \t"
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE + "\n\r\f\v\u00a0\u2028\u2029\ufeff"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0", "b": "\b"}
_PROPERTIES = {
    "L": _LOWER + _UPPER + "\u00e4\u00e9\u03b1\u0434\u4e2d", "Letter": _LOWER + _UPPER, "Alphabetic": _LOWER + _UPPER,
    "Lu": _UPPER + "\u00c4", "Uppercase": _UPPER, "Ll": _LOWER + "\u00e4", "Lowercase": _LOWER, "N": _DIGITS,
    "Nd": _DIGITS, "Number": _DIGITS, "P": "!?.,;:-", "Punctuation": "!?.,;:-", "Z": " ", "Zs": " ", "S": "+<>=",
    "Sc": "$\u20ac\u00a3", "M": "\u0301", "Mn": "\u0301", "Lo": "\u4e2d\u6587", "Han": "\u4e2d\u6587",
    "Script=Latin": _LOWER, "Script=Han": "\u4e2d\u6587", "Script=Cyrillic": "\u0434\u0430", "Alpha": _LOWER + _UPPER,
    "Greek": "\u03b1\u03b2", "Script=Greek": "\u03b1\u03b2", "Latin": _LOWER, "Cyrillic": "\u0434\u0430",
    "ASCII": _PRINTABLE, "Pd": "-", "Emoji": "\u263a", "digit": _DIGITS, "Decimal_Number": _DIGITS,
    "Lm": "\u02b0", "Lt": "\u01c5", "Nl": "\u2160", "No": "\u00b2", "Cc": "\t", "Any": _PRINTABLE,
}  # fmt: skip
"""Unicode property -> some characters that have it."""


class Unreadable(ValueError):
    """A pattern that cannot be read."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A piece of a pattern. least, most: characters that it can have.

    kind: `chars` (one of `chars`), `seq`, `alt`, `repeat` (`inner[0]`, `low` to `high` times), `look` (`ahead`,
    `negative`), `start`, `end`, `edge`, `back` (group `low`), `group` (number `low`).
    """

    kind: str
    least: int
    most: int
    inner: tuple[Tree, ...] = ()
    chars: str = ""
    low: int = 0
    high: int = 0
    negative: bool = False


def read_pattern(pattern: str) -> Tree:
    """Read a pattern. Raises `Unreadable` for one that is none, or that uses what is not known here."""
    return _Reader(pattern).whole()


_EMPTY = Tree("seq", 0, 0)


def _seq(pieces: list[Tree]) -> Tree:
    if len(pieces) == 1:
        return pieces[0]
    most = min(ENDLESS, sum(one.most for one in pieces))
    return Tree("seq", sum(one.least for one in pieces), most, tuple(pieces))


def _alt(options: list[Tree]) -> Tree:
    if len(options) == 1:
        return options[0]
    least = min(one.least for one in options)
    return Tree("alt", least, max(one.most for one in options), tuple(options))


def _chars(chars: str) -> Tree:
    if not chars:
        raise Unreadable("a class of no characters")
    return Tree("chars", 1, 1, chars=chars)


ANYTHING = Tree("repeat", 0, ENDLESS, (_chars(_PRINTABLE),), low=0, high=ENDLESS)
"""What may stand before or behind a pattern that is not anchored."""


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.depth = 0

    def whole(self) -> Tree:
        options = self._options(top=True)
        if self.at < len(self.text):
            raise Unreadable(f"unexpected {self.text[self.at]!r}")
        return options

    def _peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def _options(self, *, top: bool = False) -> Tree:
        self.depth += 1
        if self.depth > 60:
            raise Unreadable("too many groups within each other")
        options = [self._sequence(top=top)]
        while self._peek() == "|":
            self.at += 1
            options.append(self._sequence(top=top))
        self.depth -= 1
        return _alt(options)

    def _sequence(self, *, top: bool) -> Tree:
        pieces: list[Tree] = []
        while self.at < len(self.text) and self._peek() not in ("|", ")"):
            pieces.append(self._quantified(self._atom()))
        if top:
            if not (pieces and _starts(pieces[0])):
                pieces.insert(0, ANYTHING)
            if not (pieces and ends_text(pieces[-1])):
                pieces.append(ANYTHING)
        return _seq(pieces)

    def _quantified(self, piece: Tree) -> Tree:
        while True:
            mark = self._peek()
            bounds = {"*": (0, ENDLESS), "+": (1, ENDLESS), "?": (0, 1)}.get(mark)
            if bounds is not None:
                self.at += 1
            elif mark == "{":
                bounds = self._counts()
            if bounds is None:
                return piece
            if self._peek() in ("?", "+") and self._peek():
                self.at += 1  # lazy or possessive: the same texts
            low, high = bounds
            if low > high:
                raise Unreadable("a repetition from more to fewer")
            low = min(low, ENDLESS)
            if piece.least * low > ENDLESS:
                raise Unreadable("a text that would be too long")
            piece = Tree("repeat", piece.least * low, min(ENDLESS, piece.most * high), (piece,), low=low, high=high)

    def _counts(self) -> tuple[int, int] | None:
        end = self.text.find("}", self.at)
        first, comma, second = self.text[self.at + 1 : end].partition(",")
        if end < 0 or not first.isdigit() or (second and not second.isdigit()):
            return None
        self.at = end + 1
        low = int(first)
        return low, (int(second) if second else ENDLESS) if comma else low

    def _atom(self) -> Tree:
        mark = self._peek()
        self.at += 1
        if mark == "(":
            return self._group()
        if mark == "[":
            return _chars(self._class())
        if mark == ".":
            return _chars(_PRINTABLE)
        if mark in ("^", "$"):
            return Tree("start" if mark == "^" else "end", 0, 0)
        if mark == "\\":
            return self._escape()
        if mark in ("*", "+", "?"):
            raise Unreadable("nothing to repeat")
        return _chars(mark)

    def _group(self) -> Tree:
        kind, negative = "group", False
        number = 0
        for opening, what, no in (
            ("?:", "", False), ("?=", "look", False), ("?!", "look", True), ("?<=", "behind", False),
            ("?<!", "behind", True),
        ):  # fmt: skip
            if self.text.startswith(opening, self.at):
                self.at += len(opening)
                kind, negative = what, no
                break
        else:
            self.groups += 1
            number = self.groups
            if self.text.startswith(("?<", "?P<"), self.at):
                start, end = self.text.index("<", self.at) + 1, self.text.find(">", self.at)
                self.names[self.text[start:end]] = number
                self.at = end + 1
            elif self._peek() == "?":
                raise Unreadable("a group of an unknown kind")
        inner = self._options()
        if self._peek() != ")":
            raise Unreadable("a group that is not closed")
        self.at += 1
        if kind == "look":
            return Tree("look", 0, 0, (inner,), negative=negative)
        if kind == "behind":
            return _EMPTY
        return Tree("group", inner.least, inner.most, (inner,), low=number) if kind else inner

    def _escape(self) -> Tree:
        mark = self._peek()
        if mark in ("b", "B"):
            self.at += 1
            return Tree("edge", 0, 0)
        if mark in ("A", "Z", "z"):
            self.at += 1
            return Tree("start" if mark == "A" else "end", 0, 0)
        if mark.isdigit() and mark != "0":
            self.at += 1
            return Tree("back", 0, 0, low=int(mark))
        if mark == "k" and self._peek(2) == "k<":
            end = self.text.find(">", self.at)
            name = self.text[self.at + 2 : end]
            self.at = end + 1
            return Tree("back", 0, 0, low=self.names.get(name, 0))
        return _chars(self._escaped())

    def _escaped(self) -> str:
        """Read what follows a backslash: the characters that it stands for."""
        mark = self._peek()
        self.at += 1
        if mark.lower() in _CLASSES and mark:
            chars = _CLASSES[mark.lower()]
            return chars if mark.islower() else _others(chars)
        if mark in ("p", "P"):
            return self._property(negated=mark == "P")
        if mark == "c":
            self.at += 1
            return chr(ord(self.text[self.at - 1]) % 32)
        if mark == "x":
            return self._code(2)
        if mark == "u":
            if self._peek() == "{":
                end = self.text.find("}", self.at)
                found = self.text[self.at + 1 : end]
                self.at = end + 1
                return _letter(found)
            high = self._code(4)
            if "\ud800" <= high <= "\udbff" and self._peek(2) == "\\u":
                self.at += 2
                low = self._code(4)
                return chr(0x10000 + ((ord(high) - 0xD800) << 10) + (ord(low) - 0xDC00))
            return high
        if not mark:
            raise Unreadable("a backslash at the end")
        return _CONTROLS.get(mark, mark)

    def _code(self, count: int) -> str:
        found = self._peek(count)
        self.at += count
        return _letter(found)

    def _property(self, *, negated: bool) -> str:
        if self._peek() == "{":
            end = self.text.find("}", self.at)
            name = self.text[self.at + 1 : end]
            self.at = end + 1
        else:
            name = self._peek()
            self.at += 1
        name = name.removeprefix("General_Category=").removeprefix("gc=").replace("sc=", "Script=")
        name = name.replace("Is", "") if name not in _PROPERTIES else name
        if name not in _PROPERTIES:
            raise Unreadable(f"an unknown property {name!r}")
        chars = _PROPERTIES[name]
        return _others(chars + _PROPERTIES.get(name[:1], "")) if negated else chars

    def _class(self) -> str:
        negated = self._peek() == "^"
        if negated:
            self.at += 1
        found: list[str] = []
        while self._peek() != "]":
            if self.at >= len(self.text):
                raise Unreadable("a class that is not closed")
            first = self._member()
            if self._peek() == "-" and self._peek(2) not in ("-]", "-") and len(first) == 1:
                self.at += 1
                last = self._member()
                if len(last) != 1 or last < first:
                    raise Unreadable("a range that is none")
                first = _range(first, last)
            found.append(first)
        self.at += 1
        chars = "".join(found)
        if negated:
            return _others(chars)
        if not chars:
            raise Unreadable("an empty class")
        return "".join(dict.fromkeys(chars))

    def _member(self) -> str:
        mark = self._peek()
        self.at += 1
        if mark == "[" and self._peek() == ":":
            end = self.text.find(":]", self.at)
            name = self.text[self.at + 1 : end]
            known = {"alpha": _LOWER + _UPPER, "digit": _DIGITS, "alnum": _LOWER + _UPPER + _DIGITS, "upper": _UPPER,
                     "lower": _LOWER, "space": _SPACE, "punct": "!?.,", "xdigit": _DIGITS + "abcdefABCDEF"}  # fmt: skip
            if end > 0 and name in known:
                self.at = end + 2
                return known[name]
        return self._escaped() if mark == "\\" else mark


def _starts(piece: Tree) -> bool:
    """Whether nothing can stand before a piece."""
    if piece.kind == "start":
        return True
    if piece.kind == "alt":
        return all(_starts(one) for one in piece.inner)
    return piece.kind in ("seq", "group") and bool(piece.inner) and _starts(piece.inner[0])


def ends_text(piece: Tree) -> bool:
    """Whether nothing can stand behind a piece."""
    if piece.kind == "end":
        return True
    if piece.kind == "alt":
        return all(ends_text(one) for one in piece.inner)
    return piece.kind in ("seq", "group") and bool(piece.inner) and ends_text(piece.inner[-1])


def _letter(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except ValueError:
        raise Unreadable(f"{digits!r} is no code of a character") from None


def _range(first: str, last: str) -> str:
    """Give the characters of a range: of a long one some, none of them half of a pair."""
    low, high = ord(first), ord(last)
    step = max(1, (high - low) // 200)
    found = [chr(code) for code in (*range(low, high + 1, step), high) if not 0xD800 <= code <= 0xDFFF]
    return "".join(found)


def _others(chars: str) -> str:
    known = frozenset(chars)
    found = "".join(one for one in _PRINTABLE + "\u00e4\u20ac\u4e2d\n" if one not in known)
    if not found:
        raise Unreadable("a class of no characters")
    return found
