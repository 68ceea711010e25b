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

_MANY = 40
"""Places of a value that are looked at."""


def broken(draw: Draw, schema: Schema, value: Json, texts: SearchStrategy[str] | None = None) -> tuple[Json, str, str]:
    """Draw a change of a valid value that breaks one clause; give the wrong value, the clause and the place.

    texts: stand for values of another type where a value is sent as text.
    Gives the example up where what it drew breaks none, or more than one.
    """
    library, version = schema.schemas.library, schema.schemas.version
    places = list(_places(value, [schema.node], library, version, ()))[:_MANY]
    path, here, said = places[draw(st.integers(0, len(places) - 1))]
    ways = list(_ways(here, said, texts))
    new = draw(ways[draw(st.integers(0, len(ways) - 1))])
    assume(new is not None or not ("enum" in said.keywords and True in said.keywords.get("nullable", ())))  # disputed
    wrong = _replaced(value, path, new)
    found = violations(schema, wrong)
    assume(len(found) == 1)
    clause, place = found[0]
    return wrong, clause, place


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
    yield _retyped(value) if texts is None or isinstance(value, list | dict) else texts
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
    twins: list[Json] = [[value]]
    if isinstance(value, str):
        twins += [json.loads(value)] if value.isdigit() and value == str(int(value)) else []
    else:
        twins.append(json.dumps(value, ensure_ascii=False))
    kind = kind_of(value)
    others = _ANY.filter(lambda one: kind_of(one) != kind)
    return st.one_of(st.none(), st.sampled_from(twins), others) if value is not None else st.one_of(
        st.sampled_from(twins), others
    )  # fmt: skip


def _beside(value: Json) -> Breaks:
    if isinstance(value, str):
        return st.one_of(
            st.just(value.swapcase()), st.just(f"{value} "), st.just(value[:-1]), st.text(ANY_TEXT[0], max_size=8)
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        return st.integers(-1000, 1000).map(lambda more: value + more)
    return st.just(None)


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
