"""What was said of documents already, so that nothing is said twice. Says nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi.pointers import parents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi.errors import ContractError, Notice, Place

__all__ = ["Told"]


class Told:
    """What was said of some documents, found by where it was said: a large one may have very much."""

    def __init__(self, said: Iterable[Notice | ContractError] = ()) -> None:
        self._words: dict[tuple[str, str], list[str]] = {}
        self.add(said)

    def add(self, said: Iterable[Notice | ContractError]) -> None:
        """Remember more; what has no place is not found again."""
        for one in said:
            if one.place is not None:
                self._words.setdefault((one.place.file, one.place.pointer), []).append(one.what)

    def has(self, file: str, pointer: str) -> bool:
        """Tell whether anything was said of a place itself."""
        return (file, pointer) in self._words

    def around(self, place: Place) -> Iterator[str]:
        """Give what was said of a place, and of those that it stands in."""
        for pointer in parents(place.pointer):
            yield from self._words.get((place.file, pointer), ())
