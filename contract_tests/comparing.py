"""Two answers to one request side by side, normalised: what differs beyond ids, moments, tokens and the order of keys.

What is shown holds no secret: of a text of success its classes of characters, of a refusal its words, masked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

from contract_tests.codes import define
from contract_tests.outcomes import headers_that_matter, kind_of, value_of
from contract_tests.shapes import shape_of
from contract_tests.texts import is_name, text_of
from openapi.operation import essence
from openapi.pointers import child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract_tests.targets import Exchange
    from contract_tests.texts import Text
    from openapi.reading import Json

__all__ = ["DIFFERS", "Apart", "differences"]

DIFFERS = define(
    "AFC944", "targets differ", "The two targets answer alike.",
    why="A mock is worth what its answers share with the host's. What differs beyond ids, moments and tokens lets a "
    "test pass here that fails there, or the other way round.",
    silence="Open the file that the difference names: an overlay action, a behaviour, or the vendor's document.",
)  # fmt: skip

What = Literal["status", "media type", "header", "body"]

SURE = 8
"""From this length on, a run of letters and digits shows of which it is made; a shorter one may lack some by chance."""

LONGEST = 70
"""Characters of a refusal's words that are shown."""

MOST_ITEMS = 5
"""So many items of an array are looked at."""

_CHANGING = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?=[A-Za-z]*[0-9])[0-9A-Za-z]{8,}|[0-9A-Za-z_=-]{24,}"
)
"""An id, a moment or a token within a text."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One way in which two answers differ. name: of a header; pointer: into the body, detail: within the text there."""

    what: What
    left: str
    right: str
    name: str = ""
    pointer: str = ""
    detail: str = ""

    @property
    def place(self) -> str:
        """Where in the answer it is, for a person."""
        parts = (self.what, self.name or (self.pointer or "(root)") * (self.what == "body"), self.detail)
        return " ".join(filter(None, parts))


class _Comparison:
    """Two answers. clean: masks the secrets of both sides. known: names that a document gives to members."""

    def __init__(self, left: Exchange, right: Exchange, known: frozenset[str], clean: Callable[[str], str]) -> None:
        self.left, self.right = left, right
        self._known = known
        self._clean = clean
        self._refused = left.status >= 400

    def run(self) -> Iterator[Apart]:
        left, right = self.left, self.right
        if left.status != right.status:
            yield Apart("status", str(left.status), str(right.status))
            return  # what else differs follows from that
        yield from self._headers()
        media = [essence(one.header("content-type") or "") for one in (left, right)]
        if media[0] != media[1]:
            yield Apart("media type", *(self._clean(one)[:LONGEST] or "none" for one in media))
        values = value_of(left), value_of(right)
        kinds = kind_of(left, values[0]), kind_of(right, values[1])
        if kinds[0] != kinds[1]:
            yield Apart("body", *kinds)
        elif kinds[0] == "JSON":
            yield from self._values(values[0], values[1], "")  # type: ignore[arg-type]  # JSON is not missing

    def _headers(self) -> Iterator[Apart]:
        names = [headers_that_matter(one) for one in (self.left, self.right)]
        for name in sorted({*names[0], *names[1]}):
            left, right = (self.left.header(name), self.right.header(name))
            if left is None or right is None:
                there = ["there" if one is not None else "missing" for one in (left, right)]
                yield Apart("header", there[0], there[1], name=self._clean(name))
            elif name == "allow" and _words(left) != _words(right):
                yield Apart("header", self._clean(left)[:LONGEST], self._clean(right)[:LONGEST], name=name)
            elif name == "www-authenticate" and left.split()[:1] != right.split()[:1]:
                shown = [" ".join(self._clean(one).split()[:1]) for one in (left, right)]
                yield Apart("header", shown[0], shown[1], name=name)

    def _values(self, left: Json, right: Json, pointer: str) -> Iterator[Apart]:
        types = [shape_of(one).types[0] for one in (left, right)]
        if types[0] != types[1]:
            yield self._apart(types, pointer)
        elif isinstance(left, dict) and isinstance(right, dict):
            yield from self._members(left, right, pointer)
        elif isinstance(left, list) and isinstance(right, list):
            if bool(left) != bool(right):
                yield self._apart(("items" if one else "an empty array" for one in (left, right)), pointer)
            for one, other in zip(left[:MOST_ITEMS], right, strict=False):
                yield from self._values(one, other, f"{pointer}/*")
        elif isinstance(left, str) and isinstance(right, str):
            yield from self._texts(left, right, pointer)
        elif self._refused and left != right:
            yield self._apart((self._clean(repr(one))[:LONGEST] for one in (left, right)), pointer)

    def _members(self, left: dict[str, Json], right: dict[str, Json], pointer: str) -> Iterator[Apart]:
        strange = [{name for name in one if not self._is_name(name)} for one in (left, right)]
        for name in dict.fromkeys((*left, *right)):
            if name in strange[0] | strange[1]:
                continue
            if name in left and name in right:
                yield from self._values(left[name], right[name], child(pointer, name))
            else:
                there = ["there" if name in one else "missing" for one in (left, right)]
                yield self._apart(there, child(pointer, name))
        if bool(strange[0]) != bool(strange[1]):
            there = ["members whose names are data" if one else "none" for one in strange]
            yield self._apart(there, f"{pointer}/*")

    def _is_name(self, name: str) -> bool:
        return name in self._known or (is_name(name) and self._clean(name) == name)

    def _texts(self, left: str, right: str, pointer: str) -> Iterator[Apart]:
        if left == right:
            return
        if self._refused:
            # Masked as a whole, then compared: what is left of an id is no word.
            words = [_CHANGING.sub("<id>", self._clean(one)) for one in (left, right)]
            if words[0] != words[1]:
                yield self._apart((_around(one, other) for one, other in (words, words[::-1])), pointer)
            return
        shapes = text_of(left), text_of(right)
        if shapes[0].form == shapes[1].form == "uri":
            yield from self._links(left, right, pointer)
        elif not _alike(*shapes):
            yield self._apart(map(_shown, shapes), pointer)

    def _links(self, left: str, right: str, pointer: str) -> Iterator[Apart]:
        """Compare links beyond scheme and host, which say where a target is."""
        try:
            parts = urlsplit(left), urlsplit(right)
        except ValueError:
            yield self._apart(("a link", "a link that cannot be read"), pointer)
            return
        paths = ["/".join(map(_word, one.path.rstrip("/").split("/"))) for one in parts]
        if paths[0] != paths[1]:
            yield self._apart((self._clean(one)[:LONGEST] or "none" for one in paths), pointer, "path")
        queries = [parse_qs(one.query, keep_blank_values=True, max_num_fields=1000) for one in parts]
        for name in dict.fromkeys((*queries[0], *queries[1])):
            detail = f"?{name}" if is_name(name) and self._clean(name) == name else "?*"
            if name not in queries[0] or name not in queries[1]:
                there = ["there" if name in one else "missing" for one in queries]
                yield self._apart(there, pointer, detail)
                continue
            shapes = text_of(queries[0][name][0]), text_of(queries[1][name][0])
            if not _alike(*shapes):
                yield self._apart(map(_shown, shapes), pointer, detail)

    def _apart(self, said: Iterable[str], pointer: str, detail: str = "") -> Apart:
        left, right = said
        return Apart("body", left, right, pointer=self._clean(pointer)[:200], detail=detail)


def differences(
    left: Exchange, right: Exchange, known: frozenset[str], clean: Callable[[str], str]
) -> tuple[Apart, ...]:
    """Compare two answers to one request.

    known: names that a document gives to members. clean: masks the secrets of both sides.
    """
    return tuple(dict.fromkeys(_Comparison(left, right, known, clean).run()))


def _word(part: str) -> str:
    """Give a part of a path where it is made of words, and not an id."""
    return part if all(is_name(word) for word in re.split(r"[-.]", part)) or not part else "<id>"


def _words(text: str) -> set[str]:
    return {one.strip().upper() for one in text.split(",")}


def _alike(left: Text, right: Text) -> bool:
    """Tell whether two texts may be two ids of one kind: the same parts, each as long, of the same characters."""
    if [part.kind for part in left.segments] != [part.kind for part in right.segments]:
        return _is_mixed(left) and _is_mixed(right) and left.length == right.length
    pairs = zip(left.segments, right.segments, strict=True)
    return left.form == right.form and all(
        one.length == other.length and (one.length[0] < SURE or one.classes == other.classes) for one, other in pairs
    )


def _is_mixed(text: Text) -> bool:
    """Tell whether a text is of letters, digits and marks in no order, such as base64 for URLs."""
    return (text.length[0] >= SURE and len(text.segments) == 1) or len(text.segments) > 2


def _shown(text: Text) -> str:
    low, _ = text.length
    pattern = text.pattern if len(text.pattern) <= LONGEST else "text"
    return f"{pattern}, {low} characters" if low else "an empty string"


def _around(text: str, other: str) -> str:
    """Cut a text to where it begins to differ from another."""
    same = next((at for at, (one, two) in enumerate(zip(text, other, strict=False)) if one != two), 0)
    start = max(0, same - 20) if len(text) > LONGEST else 0
    cut = text[start : start + LONGEST]
    return repr(f"{'...' * (start > 0)}{cut}{'...' * (start + LONGEST < len(text))}")
