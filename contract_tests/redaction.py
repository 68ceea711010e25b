"""Keep secrets out of everything that is shown: by their value, once they are known, and by the place they stand in.

A value is known when it is ours, or when the target told it in a secret place: then it is masked everywhere, in every
form and in parts. A received value is shown only when we sent it ourselves or when it is too short to be a secret.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contract_tests.escapes import in_words, plain, readings
from contract_tests.places import holds_secret, secret_spans, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.reading import Json

__all__ = ["CONTROL_VARIABLE", "KEY_VARIABLE", "MASK", "OTHER_KEY_VARIABLE", "Redactor"]

KEY_VARIABLE = "ANYFAST_API_KEY"
OTHER_KEY_VARIABLE = "ANYFAST_API_KEY_2"
"""The key of another caller of the same target."""

CONTROL_VARIABLE = "ANYFAST_MOCK_CONTROL_TOKEN"
"""What `/_mock` of a mock may ask for."""

MASK = "***"

SHORT = 12
"""Text up to this length is shown as it is, and a part of a secret from this length on is one itself."""

SHORTEST = 6
"""A value that a target told is a secret from this length on: below, it would be masked inside of words."""

FACTOR, LONGEST = 8, 4096
"""Of a text that is to be cut, so many times more is read: masked and unescaped, it gets shorter."""

LEARNED = 1_000_000
"""Bytes of an answer that are searched for what it tells."""

_TOKEN = re.compile(r"[0-9]{14}[0-9A-Fa-f]{20}")
"""A BytedToken, as the example has it [V]."""

_WORD = re.compile(rf"[a-z_.-]{{{SHORT},}}")
"""A long word, in small letters: no digits are in it."""

_VARIABLES = frozenset({f"${name}" for name in (KEY_VARIABLE, OTHER_KEY_VARIABLE, CONTROL_VARIABLE)})


class Redactor:
    """Shows values without their secrets. `sent` are texts of ours that may be shown.

    others: further secrets, each with the variable that is shown in its place. public: words that no secret is,
    whatever a target calls them.
    """

    def __init__(
        self,
        key: str,
        sent: frozenset[str] = frozenset(),
        others: Iterable[tuple[str, str]] = (),
        public: Iterable[str] = (),
    ) -> None:
        known = [(_folded(text), f"${name}") for name, text in ((KEY_VARIABLE, key), *others) if text]
        self._labels = {form: name for text, name in reversed(known) for form in (text, plain(text))}
        self._sent = sent
        self._public = "\n".join(dict.fromkeys(map(_folded, (*sent, *public))))
        words = dict.fromkeys(found[0] for found in _WORD.finditer(self._public))
        self._public_parts = {part for word in words for part in _parts_of(word)}
        self._whole: dict[str, str] = dict(self._labels)  # what is masked as a whole, and by what
        self._parts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for text in self._labels:
            self._add(text, name=self._labels[text])

    # --- what is known ------------------------------------------------------------------------------------------------

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these texts from now on, whatever they look like."""
        for text in secrets:
            if text:
                for form in {_folded(text), _folded(plain(text))}:
                    self._add(form)

    def learn_from(self, headers: Iterable[tuple[str, str]], body: bytes) -> list[str]:
        """Mask from now on what an answer tells in secret places: a token, the parameters of a link, a cookie.

        Returns it, for others who have not seen the answer.
        """
        said = body[:LEARNED].decode("utf-8", "replace")
        found = [text for text in set(told(headers, said)) if self._is_secret(text)]
        self.learn(found)
        return found

    def _is_secret(self, text: str) -> bool:
        """Tell a secret from a word that happens to stand in a secret place."""
        if len(text) < SHORTEST or re.search(r"\s", text) or _folded(text) in self._public or text.startswith("$"):
            return False
        return len(text) >= SHORT or re.search(r"[0-9]", text) is not None

    def _add(self, text: str, name: str = MASK) -> None:
        if len(text) < SHORT or text.isdigit() or name != MASK:
            self._pattern = None
            self._whole.setdefault(text, name)
        # Digits alone are a date, as a token begins with one: others begin with it as well. And a secret may begin with
        # a word that everybody sees, such as the name of its kind in a path.
        known = self._public_parts if name == MASK else ()
        self._parts.update(part for part in _parts_of(text) if not part.isdigit() and part not in known)

    # --- what is shown ------------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """Mask every secret inside a text that is otherwise shown, however it is escaped there."""
        found = [
            (*reading.span(begin, end), by)
            for reading in readings(text)
            for begin, end, by in (*self._by_value(reading.text), *_by_place(reading.text))
        ]
        if not found:
            return text
        shown, at = [], 0
        for begin, end, by in _merged(found):
            shown += [text[at:begin], by]
            at = end
        return "".join([*shown, text[at:]])

    def short(self, text: str, most: int) -> str:
        """Mask a text, then cut it to so many characters: cut first, the part of a secret that is left would stay."""
        return self.text(text[: FACTOR * (most + LONGEST)])[:most]

    def header(self, name: str, value: str) -> tuple[str, str]:
        """Mask a header that was received: all of its value where its name says that it is secret."""
        return self.text(name), MASK if holds_secret(name) else self.text(value)

    @contextmanager
    def sealed(self) -> Iterator[None]:
        """Let no exception out of a block but one with a masked sentence: tracebacks show what functions were given."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, its frames hold raw values
            raise RuntimeError(self.short(f"{type(error).__name__}: {error}", 400)) from None

    def value(self, value: Json) -> str:
        """Describe a received value: its type and length, and the value itself only where it can be no secret."""
        if isinstance(value, str):
            known = value in self._sent or len(value) <= SHORT
            return repr(self.short(value, 200)) if known else f"a string of {len(value)} characters"
        if isinstance(value, int) and abs(value) >= 10**SHORT:
            return f"an integer beyond {SHORT} digits"
        if value is None or isinstance(value, bool | int | float):
            return self.text(repr(value))
        if isinstance(value, list):
            return f"an array of {len(value)} items"
        return "an object with " + (", ".join(repr(self.short(name, 40)) for name in list(value)[:12]) or "no members")

    def _by_value(self, text: str) -> Iterator[tuple[int, int, str]]:
        yield from self._known(text)
        if self._parts:
            for begin, end, decoded in in_words(text):
                if next(self._known(decoded, least=8), None) is not None:
                    yield begin, end, MASK

    def _known(self, text: str, least: int = 1) -> Iterator[tuple[int, int, str]]:
        """Find what is known by its value. least: characters that it has at least."""
        folded = _folded(text)
        if self._whole:
            if self._pattern is None:
                longest_first = sorted(self._whole, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))
            for found in self._pattern.finditer(folded):
                if len(found[0]) >= least:
                    yield (*found.span(), self._whole[found[0]])
        if self._parts:
            parts = self._parts
            for at in range(len(folded) - SHORT + 1):
                if folded[at : at + SHORT] in parts:
                    yield at, at + SHORT, MASK


def _parts_of(text: str) -> Iterator[str]:
    """Give the parts of a text that are as long as a secret is."""
    return (text[at : at + SHORT] for at in range(len(text) - SHORT + 1))


def _by_place(text: str) -> Iterator[tuple[int, int, str]]:
    yield from ((*found.span(), MASK) for found in _TOKEN.finditer(text))
    for begin, end in secret_spans(text):
        # A variable in the place of a secret is no secret: a curl line with it can be run.
        if text[begin:end].strip("\"';,") not in _VARIABLES:
            yield begin, end, MASK


def _merged(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Make one of places that lie over each other; a name stays where it covers all of them."""
    begin, end, by = -1, -1, MASK
    for one in sorted(found, key=lambda one: (one[0], -one[1], one[2] == MASK)):
        if one[0] >= end:
            if end > begin:
                yield begin, end, by
            begin, end, by = one
        elif one[1] > end:
            end, by = one[1], MASK
    if end > begin:
        yield begin, end, by


def _folded(text: str) -> str:
    """Give a text in small letters, each where it was."""
    folded = text.replace("\u03a3", "\u03c3").lower()  # the one letter whose small form depends on what is beside it
    if len(folded) == len(text):
        return folded
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
