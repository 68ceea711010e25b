"""Whatever a schema says: what is made of it is valid to another validator, and what is refused nobody finds either.

`python -m tests.mockserver.generating.test_random_schemas FIRST LAST` tries more of them, and deeper ones.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from contract_tests.dialect import format_checker, validator_class
from mockserver.generating.circumstances import NoValue
from openapi.errors import ContractError
from tests.mockserver.generating.random_schemas import random_components, random_schema
from tests.mockserver.generating.searching import found_by_search
from tests.mockserver.generating.test_making import circumstances, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openapi.reading import Json

COUNT = 150
"""Schemas of each kind; a run of 20,000 found nothing more."""


def wrong(seed: int, version: str, depth: int, tries: int) -> str | None:
    """Tell what is wrong with what is made of one random schema, None if nothing is."""
    random = Random(seed)  # noqa: S311 - the same schemas each time
    components = random_components(random, old=version == "3.0")
    schema = random_schema(random, depth, old=version == "3.0")
    allowed = judge(schema, version, components)
    maker = plan(schema, version, **components)
    try:
        for number in range(2):
            value = maker.value(circumstances(number)).value
            if not allowed(value):
                return f"{seed}: made {json.dumps(value)} for {json.dumps(schema)}"
    except NoValue as error:
        parts = tuple(made_of_parts(schema, version, components))
        found = found_by_search(random, [schema, components], allowed, tries, parts)
        if found is not None:
            return f"{seed}: {error}, but {json.dumps(found[0])} is allowed by {json.dumps(schema)}"
    return None


def judge(schema: dict[str, Json], version: str, components: dict[str, Json]) -> Callable[[Json], bool]:
    whole: Json = {"allOf": [schema], "components": {"schemas": components}}
    if version != "3.0":
        whole = {**schema, "components": {"schemas": components}}
    validator = validator_class(version, "response")(whole, format_checker=format_checker())
    return lambda value: bool(validator.is_valid(value))


def made_of_parts(schema: Json, version: str, components: dict[str, Json]) -> Iterator[Json]:
    """Yield values for the schemas within a schema: they may be what a value of the whole is made of."""
    inner = list(schema.values()) if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    for one in inner:
        if isinstance(one, dict):
            with suppress(NoValue, ContractError):  # a mapping of schemas, a constant
                yield plan(one, version, **components).value(circumstances()).value
        yield from made_of_parts(one, version, components)


@pytest.mark.parametrize(("version", "depth"), [("3.1", 1), ("3.1", 2), ("3.0", 2)])
def test_random_schema_gets_valid_values_or_has_none_that_a_search_finds(version: str, depth: int) -> None:
    assert [told for seed in range(COUNT) if (told := wrong(seed, version, depth, 40))] == []


def main() -> None:
    """Print what is wrong with the schemas of some seeds."""
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        for version, depth in (("3.1", 1), ("3.1", 2), ("3.1", 3), ("3.0", 1), ("3.0", 2), ("3.0", 3)):
            told = wrong(seed, version, depth, 400)
            if told:
                print(version, depth, told)


if __name__ == "__main__":
    main()
