"""Keep secrets out of everything that is shown: the key by its value, session secrets by their shape and place.

A value is shown only when we sent it ourselves or when it is too short to be a secret; anything else is described.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi.reading import Json

__all__ = ["KEY_VARIABLE", "Redactor"]

KEY_VARIABLE = "ANYFAST_API_KEY"
SHORT = 12
"""Text up to this length is shown as it is."""

_TOKEN = re.compile(r"[0-9]{14}[0-9A-Fa-f]{20}")
_QUERY_SECRET = re.compile(r"\b(pl|uid|bytedToken|token|sign|secretAccessKey|sessionToken)=[^&\s\"']+", re.IGNORECASE)


class Redactor:
    """Shows values without their secrets. `sent` are texts of ours that may be shown."""

    def __init__(self, key: str, sent: frozenset[str] = frozenset()) -> None:
        self._key = key
        self._sent = sent

    def text(self, text: str) -> str:
        """Mask every secret inside a text that is otherwise shown."""
        if self._key:
            text = text.replace(self._key, f"${KEY_VARIABLE}")
        return _QUERY_SECRET.sub(lambda found: f"{found[1]}=***", _TOKEN.sub("***", text))

    def value(self, value: Json) -> str:
        """Describe a received value: its type and length, and the value itself only where it can be no secret."""
        if isinstance(value, str):
            known = value in self._sent or len(value) <= SHORT
            return repr(self.text(value)[:200]) if known else f"a string of {len(value)} characters"
        if value is None or isinstance(value, bool | int | float):
            return repr(value)
        if isinstance(value, list):
            return f"an array of {len(value)} items"
        return "an object with " + (", ".join(repr(self.text(name)[:40]) for name in list(value)[:12]) or "no members")
