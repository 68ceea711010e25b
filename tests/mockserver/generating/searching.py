"""Look for a value that a schema allows by putting together what it mentions: another way than the maker's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mockserver.generating.random_schemas import CONSTANTS, NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from openapi.reading import Json

__all__ = ["found_by_search"]

_TEXTS: tuple[Json, ...] = (
    "", "ab", "zz", "A1b", "123-x", "aaaaaaaa", "a" * 20, "2024-05-01", "12:00:00Z", "10.0.0.1", "2024-05-01T12:00:00Z",
    "P1D", "x@example.com", "example.com", "::1", "https://example.com/", "/a", "B7b", "7", "ba",
    "00000000-0000-4000-8000-000000000000",
)  # fmt: skip


def found_by_search(
    random: Random, schema: Json, allowed: Callable[[Json], bool], tries: int, parts: tuple[Json, ...] = ()
) -> tuple[Json] | None:
    """Look for a value that a judge allows; None when none was found. parts: values that may be in it, too."""
    atoms: list[Json] = [*CONSTANTS, *_TEXTS, *_mentioned(schema), *parts, *parts]
    for atom in atoms:
        if allowed(atom):
            return (atom,)
    for _ in range(tries):
        made = _put_together(random, atoms, 2)
        if allowed(made):
            return (made,)
    return None


def _mentioned(value: Json) -> Iterator[Json]:
    """Yield the constants of a schema, and what lies at and around its bounds."""
    if isinstance(value, bool | str) or value is None:
        yield value
    elif isinstance(value, int | float):
        yield from (value, value + 1, value - 1, value + 0.5, value * 2)
    elif isinstance(value, list):
        for one in value:
            yield from _mentioned(one)
    else:
        for name, one in value.items():
            if name == "const":
                yield one
            yield from _mentioned(one)


def _put_together(random: Random, atoms: list[Json], depth: int) -> Json:
    one = random.randrange(6)
    if one == 0 and depth:
        return [_put_together(random, atoms, depth - 1) for _ in range(random.randint(0, 4))]
    if one <= 2 and depth:
        names = [random.choice((*NAMES, "another", "zz")) for _ in range(random.randint(0, 4))]
        found = {name: _put_together(random, atoms, depth - 1) for name in names}
        base = random.choice(atoms)
        return {**base, **found} if isinstance(base, dict) and random.randrange(2) else found
    return random.choice(atoms)
