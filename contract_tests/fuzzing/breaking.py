"""Breaks a valid value in one place, and asks the validator of `samples.py` whether exactly one clause is broken.

What it tries is a guess by what the schemas say; what the validator says of the result is what counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import assume
from hypothesis import strategies as st

from contract_tests.fuzzing.schemas import gather, kind_of
from contract_tests.fuzzing.values import ANY_TEXT, any_json
from contract_tests.samples import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hypothesis.strategies import SearchStrategy

    from contract_tests.fuzzing.schemas import Said
    from openapi.document import Library, Node
    from openapi.reading import Json
    from openapi.schema import Schema

    Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]
    Path: TypeAlias = tuple[str | int, ...]
    Breaks: TypeAlias = "SearchStrategy[Json]"

__all__ = ["broken"]

_ANY = any_json(texts=st.text(ANY_TEXT[0], max_size=6))

_MANY, _DEEPEST = 100, 4
"""Places of a schema that are broken, and levels of them."""


def broken(draw: Draw, schema: Schema, value: Json, texts: SearchStrategy[str] | None = None) -> tuple[Json, str, str]:
    """Draw a change of a valid value that breaks one clause; give the wrong value, the clause and the place.

    texts: stand for values of another type where a value is sent as text.
    Gives the example up where what it drew breaks none, or more than one.
    """
    path, here, said = _chosen(draw, schema, value)
    ways = list(_ways(here, said, texts))
    new = draw(ways[draw(st.integers(0, len(ways) - 1))])
    assume(new is not None or not ("enum" in said.keywords and True in said.keywords.get("nullable", ())))  # disputed
    wrong = _replaced(value, path, new)
    found = violations(schema, wrong)
    assume(len(found) == 1)
    clause, place = found[0]
    return wrong, clause, place


def _chosen(draw: Draw, schema: Schema, value: Json) -> tuple[Path, Json, Said]:
    """Draw a place of a value: a place of its schema, or the next one that the value has.

    So the number that is drawn means the same when hypothesis takes other members away.
    """
    library, version = schema.schemas.library, schema.schemas.version
    known = list(dict.fromkeys(_known([schema.node], library, version, ())))[:_MANY]
    places = list(_places(value, [schema.node], library, version, ()))
    spots = [tuple(part if isinstance(part, str) else "*" for part in path) for path, _, _ in places]
    first = draw(st.integers(0, len(known) - 1))
    for spot in (*known[first:], *known[:first]):
        found = [place for place, own in zip(places, spots, strict=True) if own == spot]
        if found:
            return found[draw(st.integers(0, len(found) - 1))]
    return places[0]


def _known(nodes: Sequence[Node], library: Library, version: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give the places that schemas speak of, `*` for each item of an array."""
    yield path
    if len(path) == _DEEPEST:
        return
    said = gather(nodes, library, version, lambda some: some)
    for name, members in said.properties.items():
        yield from _known(members, library, version, (*path, name))
    items = [*said.items, *(one for some in said.prefix for one in some)]
    if items:
        yield from _known(items, library, version, (*path, "*"))


def _places(
    value: Json, nodes: Sequence[Node], library: Library, version: str, path: Path
) -> Iterator[tuple[Path, Json, Said]]:
    """Give each place of a value, with all that any branch of its schemas says of it."""
    said = gather(nodes, library, version, lambda some: some)
    yield path, value, said
    if isinstance(value, dict):
        for name, member in value.items():
            inner = said.properties.get(name) or [one for one in said.others if isinstance(one.value, dict)]
            if inner:
                yield from _places(member, inner, library, version, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            inner = said.prefix[index] if index < len(said.prefix) else said.items
            if inner:
                yield from _places(item, inner, library, version, (*path, index))


def _replaced(value: Json, path: Path, new: Json) -> Json:
    """Give a copy of a value with another one at a place."""
    if not path:
        return new
    if isinstance(value, dict):
        name = str(path[0])
        return {**value, name: _replaced(value.get(name), path[1:], new)}
    assert isinstance(value, list)
    index = int(path[0])
    return [*value[:index], _replaced(value[index], path[1:], new), *value[index + 1 :]]


def _ways(value: Json, said: Said, texts: Breaks | None) -> Iterator[Breaks]:
    """Give ways to break a clause about a value: another type, another value, and what its type offers."""
    of_another_type = _retyped(value) if texts is None or isinstance(value, list | dict) else texts
    yield of_another_type
    yield of_another_type  # twice: it is what servers miss most
    if "enum" in said.keywords:
        yield _beside(value)
    if isinstance(value, str):
        yield from _texts(value, said)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _numbers(value, said)
    elif isinstance(value, list):
        yield from _arrays(value, said)
    elif isinstance(value, dict):
        yield from _objects(value, said)


def _retyped(value: Json) -> Breaks:
    """Give values of another type, those first that careless code takes for this one."""
    twins: list[Json] = [[value], None]
    if not isinstance(value, str):
        twins = [json.dumps(value, ensure_ascii=False), *twins]
    elif value.isascii() and value.isdigit() and value == str(int(value)):
        twins = [int(value), *twins]
    kind = kind_of(value)
    return st.one_of(st.just(twins[0]), st.sampled_from(twins), _ANY).filter(lambda one: kind_of(one) != kind)


def _beside(value: Json) -> Breaks:
    """Give other values of the same type."""
    if isinstance(value, str):
        near = st.sampled_from(["", value[:1], value[:-1], f"{value} ", value.swapcase(), value * 2])
        return st.one_of(near, st.text(ANY_TEXT[0], max_size=8))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return st.integers(-1000, 1000).map(lambda more: value + more)
    return st.none()


def _texts(value: str, said: Said) -> Iterator[Breaks]:
    least, most = said.least("minLength"), said.most("maxLength")
    if least:
        yield st.integers(0, least - 1).map(lambda size: value[:size])
    if most is not None:
        pad = value[-1:] or "x"
        yield st.integers(1, 40).map(lambda more: value + pad * (most + more - len(value)))
    if "pattern" in said.keywords or "format" in said.keywords:
        yield st.one_of(
            st.just(""), st.just(f"{value}\n"), st.just(value[1:]), st.just(f" {value}"),
            st.text(ANY_TEXT[0], max_size=12),
        )  # fmt: skip


def _numbers(value: float, said: Said) -> Iterator[Breaks]:
    steps = st.integers(0, 2**20)
    for low in said.numbers("minimum", "exclusiveMinimum"):
        yield steps.map(lambda more, low=low: low - more)  # type: ignore[misc]
    for high in said.numbers("maximum", "exclusiveMaximum"):
        yield steps.map(lambda more, high=high: high + more)  # type: ignore[misc]
    for step in said.numbers("multipleOf"):
        yield st.just(value + (1 if float(step).is_integer() and isinstance(value, int) else step / 2))
    if "integer" in said.kinds and "number" not in said.kinds:
        yield st.just(value + 0.5)


def _arrays(value: list[Json], said: Said) -> Iterator[Breaks]:
    least, most = said.least("minItems"), said.most("maxItems")
    if least:
        yield st.integers(0, least - 1).map(lambda size: value[:size])
    if most is not None and value:
        yield st.integers(1, 3).map(lambda more: (value * (most + more))[: most + more])
    if True in said.keywords.get("uniqueItems", ()) and value:
        yield st.just([*value, value[0]])


def _objects(value: dict[str, Json], said: Said) -> Iterator[Breaks]:
    present = [name for name in said.required if name in value]
    if present:
        yield st.sampled_from(present).map(lambda lost: {name: kept for name, kept in value.items() if name != lost})
    if said.closed:
        yield st.just({**value, "x-unknown": "x"})
    least, most = said.least("minProperties"), said.most("maxProperties")
    if least:
        yield st.integers(0, least - 1).map(lambda size: dict(list(value.items())[:size]))
    if most is not None:
        sample = next(iter(value.values()), 1)
        yield st.just({**value, **{f"x{number}": sample for number in range(most + 1 - len(value))}})
