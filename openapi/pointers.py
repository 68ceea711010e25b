"""JSON pointers (RFC 6901), as text and as tokens. Knows nothing of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["child", "parents", "tokens"]


def child(pointer: str, *names: str | int) -> str:
    """Append one token per name, escaped: `child("/paths", "/a/b")` is `/paths/~1a~1b`."""
    return pointer + "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


def tokens(pointer: str) -> list[str]:
    """Split a pointer into unescaped tokens; the empty pointer has none."""
    if not pointer:
        return []
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def parents(pointer: str) -> Iterator[str]:
    """Yield the pointer, then each enclosing one, the document root last."""
    while pointer:
        yield pointer
        pointer = pointer[: pointer.rindex("/")]
    yield ""
