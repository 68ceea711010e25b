"""Keep secrets out of everything that is shown: keys by their value, session secrets by their shape and place.

A value is shown only when we sent it ourselves or when it is too short to be a secret; anything else is described.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.reading import Json

__all__ = ["CONTROL_VARIABLE", "KEY_VARIABLE", "OTHER_KEY_VARIABLE", "Redactor"]

KEY_VARIABLE = "ANYFAST_API_KEY"
OTHER_KEY_VARIABLE = "ANYFAST_API_KEY_2"
"""The key of another caller of the same target."""

CONTROL_VARIABLE = "ANYFAST_MOCK_CONTROL_TOKEN"
"""What `/_mock` of a mock may ask for."""

SHORT = 12
"""Text up to this length is shown as it is."""

_TOKEN = re.compile(r"[0-9]{14}[0-9A-Fa-f]{20}")
"""A BytedToken, as the example has it [V]."""

_ESCAPES = r"\\{0,8}"
"""The backslashes before a character: JSON within JSON doubles them. Bounded: a long run costs no time."""

_IS = rf"(?:=|{_ESCAPES}u003[dD]|%(?:25)*3[dD])"
"""An equals sign, as it is, as JSON may escape it, and as URLs do, within other URLs again and again."""

_START = r"(?:(?<![A-Za-z])|(?<=[0-9][A-Fa-f])|(?<=%[A-Fa-f]{2}))"
"""The start of a word; the mark before it may be escaped and end in a letter, such as %3F and u003f."""

_NAMES = r"pl|uid|[a-z]*token|[a-z]*key|sign(?:ature)?"
_QUERY_SECRET = re.compile(
    rf"{_START}({_NAMES})({_IS})(\"[^\"]*\"?|[^&\s\"<>]+)|\"({_NAMES})\"\s*:\s*\"(?:[^\"\\]|\\.)*\"?",
    re.IGNORECASE,
)
"""A parameter of a link or form, or a member of JSON text, whose value lets its holder in."""


_VARIABLES = frozenset({f"${name}" for name in (KEY_VARIABLE, OTHER_KEY_VARIABLE, CONTROL_VARIABLE)})


class Redactor:
    """Shows values without their secrets. `sent` are texts of ours that may be shown.

    others: further secrets, each with the variable that is shown in its place.
    """

    def __init__(self, key: str, sent: frozenset[str] = frozenset(), others: Iterable[tuple[str, str]] = ()) -> None:
        # The longest first: one may begin with another.
        known = sorted(
            ((text, name) for name, text in ((KEY_VARIABLE, key), *others) if text), key=lambda one: -len(one[0])
        )
        self._names = [name for _, name in known]
        patterns = ("".join(map(_any_form, text)) for text, _ in known)
        self._secrets = re.compile("|".join(f"({one})" for one in patterns), re.IGNORECASE) if known else None
        self._sent = sent

    def text(self, text: str) -> str:
        """Mask every secret inside a text that is otherwise shown, however it is escaped there."""
        if self._secrets is not None:
            text = self._secrets.sub(lambda found: f"${self._names[(found.lastindex or 1) - 1]}", text)
        return _QUERY_SECRET.sub(_masked, _TOKEN.sub("***", text))

    def short(self, text: str, most: int) -> str:
        """Mask a text, then cut it to so many characters: cut first, the part of a secret that is left would stay."""
        return self.text(text)[:most]

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


def _masked(found: re.Match[str]) -> str:
    if found[4]:
        return f'"{found[4]}": "***"'
    # A variable in the place of a secret is no secret: a curl line with it can be run.
    return found[0] if found[3] in _VARIABLES else f"{found[1]}{found[2]}***"


def _any_form(letter: str) -> str:
    """Write a pattern for one character of the key: as it is, percent-encoded once or more, or escaped as in JSON."""
    encoded = "".join(f"%(?:25)*{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
    escaped = "".join(
        rf"\\{{1,8}}u{letter.encode('utf-16-be', 'surrogatepass')[at : at + 2].hex()}"
        for at in range(0, len(letter.encode("utf-16-be", "surrogatepass")), 2)
    )
    return rf"(?:{_ESCAPES}{re.escape(letter)}|{encoded}|{escaped})"
