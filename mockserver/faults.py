"""What a caller may ask the mock to do, by the `Prefer` header (RFC 7240): `code=`, `example=`, `delay=`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockserver.credentials import Refusal

__all__ = ["LONGEST_DELAY", "NO_WISH", "Wish", "read_prefer"]

LONGEST_DELAY = 60.0
"""Longest deliberate delay, in seconds."""

_PREFERENCE = re.compile(r'\s*([A-Za-z0-9_.-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;]*))?[^,]*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `code`: a status, `example`: the name of an example, `delay`: seconds."""

    code: int | None = None
    example: str | None = None
    delay: float = 0.0

    @property
    def chooses(self) -> bool:
        """Whether it names the answer, rather than only when it comes."""
        return self.code is not None or self.example is not None

    def granted(self, status: int) -> Wish:
        """What of it a refusal with a status grants: the delay, and the code if it is that one."""
        return self if self is NO_WISH else Wish(self.code if self.code == status else None, None, self.delay)

    @property
    def applied(self) -> str:
        """The value of the `Preference-Applied` header (RFC 7240 section 3)."""
        parts = []
        if self.code is not None:
            parts.append(f"code={self.code}")
        if self.example is not None:
            parts.append(f'example="{self.example}"')
        if self.delay:
            parts.append(f"delay={self.delay:g}")
        return ", ".join(parts)


NO_WISH = Wish()


def read_prefer(header: str) -> Wish | Refusal:
    """Read a `Prefer` header. Unknown preferences are ignored (RFC 7240); a known one with a bad value is refused."""
    found: dict[str, str] = {}
    for name, value in _PREFERENCE.findall(header[:2000]):
        found.setdefault(name.lower(), value.strip('"'))
    code, delay = found.get("code"), found.get("delay")
    if code is not None and not re.fullmatch(r"[2-5][0-9]{2}", code):
        return Refusal("request.prefer", "Prefer: code= takes a status from 200 to 599.")
    if delay is not None and not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", delay):
        return Refusal("request.prefer", "Prefer: delay= takes seconds, such as 1.5.")
    seconds = float(delay) if delay else 0.0
    if seconds > LONGEST_DELAY:
        return Refusal("request.prefer", f"Prefer: delay= is at most {LONGEST_DELAY:g} seconds.")
    example = found.get("example")
    if example is not None and not re.fullmatch(r"[A-Za-z0-9._ -]{1,100}", example):
        return Refusal("request.prefer", "Prefer: example= takes the name of an example.")
    return Wish(int(code) if code else None, example, seconds)
