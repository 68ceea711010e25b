"""The judge of the suite and the validators of the mock share no code: fed the same exchanges, they agree.

What they disagree about stands in the table of `differences.py`. Run with `-s` to see the figures.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from openapi.contract import compile_contract, load_contract, packaged_contract
from openapi.errors import ContractError
from tests.agreement.differences import DIFFERENCES, Difference, disagreements, explains, unexplained
from tests.agreement.exchanges import Answered, Asked, exchanges
from tests.agreement.verdicts import Theirs, Wrong, ours
from tests.documents.making import document

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.reading import Json

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = ("published", "observed", "orders-3.0", "devices-3.0", "rules-3.1")
SEED = 20260702
EACH = 160
"""Tries for every request and every media type of a response; what comes out twice counts once."""

KEYWORDS = {
    "3.0": """additionalProperties allOf anyOf enum exclusiveMaximum exclusiveMinimum format items maxItems maxLength
        maxProperties maximum minItems minLength minProperties minimum multipleOf not nullable oneOf pattern properties
        readOnly required type uniqueItems writeOnly $ref""",
    "3.1": """additionalProperties allOf anyOf const contains dependentRequired dependentSchemas else enum
        exclusiveMaximum exclusiveMinimum format if items maxContains maxItems maxLength maxProperties maximum
        minContains minItems minLength minProperties minimum multipleOf not oneOf pattern patternProperties prefixItems
        properties propertyNames required then type unevaluatedItems unevaluatedProperties uniqueItems $ref""",
}
"""Schema keywords that have to decide at least one exchange: without the keyword it would get another verdict."""


def contract_named(name: str) -> Contract:
    return packaged_contract(name) if name in ("published", "observed") else load_contract([DOCUMENTS / f"{name}.yaml"])


Judged = tuple[Asked | Answered, Wrong, Wrong]


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return {name: contract_named(name) for name in NAMES}


@pytest.fixture(scope="module")
def judged(contracts: dict[str, Contract]) -> dict[str, list[Judged]]:
    """Every exchange with what each side finds wrong with it, by document."""
    found = {}
    for name, contract in contracts.items():
        theirs, random = Theirs(contract), Random(SEED)  # noqa: S311 - repeatable, no secret
        found[name] = [(one, ours(one), theirs(one)) for one in exchanges(contract, random, EACH)]
    return found


def test_both_sides_agree_on_thousands_of_exchanges(judged: dict[str, list[Judged]]) -> None:
    figures, wrong = [], []
    for name, judgements in judged.items():
        invalid = sum(1 for _, our, _ in judgements if our)
        requests = sum(isinstance(one, Asked) for one, _, _ in judgements)
        explained = sum(1 for _, our, their in judgements if disagreements(our, their))
        figures.append((name, len(judgements), requests, invalid, explained))
        for one, our, their in judgements:
            wrong += [(name, item, one.key) for item in unexplained(name, one.operation.id, our, their)]
    total, invalid = sum(one[1] for one in figures), sum(one[3] for one in figures)
    for name, count, requests, bad, explained in figures:
        print(f"{name:12} {count:5} exchanges ({requests} requests), {bad} invalid, {explained} explained differences")
    print(f"{'together':12} {total:5} exchanges, {invalid} invalid ({invalid / total:.0%})")
    assert wrong[:5] == []
    assert total >= 2000
    assert 0.4 <= invalid / total <= 0.8  # as many valid ones as it takes to notice a side that refuses too much


def test_every_part_of_an_exchange_is_reported_by_both_sides(judged: dict[str, list[Judged]]) -> None:
    places: Counter[str] = Counter()
    for judgements in judged.values():
        for _, our, their in judgements:
            places.update(at.partition("/")[0] for at in our.keys() & their.keys())
    assert places.keys() >= {"body", "path", "query", "header", "status", "media type"}
    assert min(places.values()) >= 3


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: f"{one.document}-{one.keyword}-{one.pointers}")
def test_explained_difference_is_still_there(difference: Difference, contracts: dict[str, Contract]) -> None:
    contract = contracts[difference.document]
    exchange = difference.witness.exchange(contract)
    found = disagreements(ours(exchange), Theirs(contract)(exchange))
    assert any(explains(difference, difference.document, item) for item in found), "it is no longer needed: remove it"


def test_difference_that_nobody_explained_is_noticed() -> None:
    assert unexplained("rules-3.1", "addRule", {"body": "type"}, {}) == [("ours", "body", "type")]
    assert unexplained("orders-3.0", "addOrder", {}, {"body/mood": "type"}) == [("theirs", "body/mood", "type")]
    assert unexplained("orders-3.0", "addOrder", {"body": "type"}, {}) == [("ours", "body", "type")]
    assert unexplained("orders-3.0", "changeOrder", {"body": "type"}, {}) == [("ours", "body", "type")]
    assert unexplained("orders-3.0", "changeOrder", {"body": "type"}, {"body/": "type"}) == []
    assert unexplained("orders-3.0", "addOrder", {"body/a": "type"}, {"body/a": "enum"}) == []


# --- which keywords decide --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", KEYWORDS)
def test_every_keyword_decides_an_exchange(
    version: str, contracts: dict[str, Contract], judged: dict[str, list[Judged]]
) -> None:
    decisive = set()
    for name in (one for one in NAMES if _version(contracts[one]) == version):
        trees = [one.tree for one in contracts[name].documents]
        verdicts = [bool(our) for _, our, _ in judged[name]]
        for keyword in KEYWORDS[version].split():
            if keyword not in decisive and _verdicts(trees, keyword, judged[name]) != verdicts:
                decisive.add(keyword)
    print(f"{version}: {len(decisive)} keywords decide: {' '.join(sorted(decisive))}")
    assert sorted(set(KEYWORDS[version].split()) - decisive) == []


def _version(contract: Contract) -> str:
    return str(contract.documents[0].tree["openapi"])[:3]


def _verdicts(trees: list[dict[str, Json]], keyword: str, judgements: list[Judged]) -> list[bool]:
    documents = [document(_without(tree, keyword), f"{index}.json") for index, tree in enumerate(trees)]
    try:
        contract = compile_contract(documents)
    except ContractError:  # such as a reference to what was removed
        return []
    by_id = {one.id: one for one in contract.operations}
    found = []
    for one, _, _ in judgements:
        operation = by_id[one.operation.id]
        if isinstance(one, Asked):
            again: Asked | Answered = Asked(operation, one.path, one.query, one.headers, one.body)
        else:
            again = Answered(operation, one.status, one.media_type, one.body)
        found.append(bool(ours(again)))
    return found


def _without(tree: dict[str, Json], keyword: str) -> dict[str, Json]:
    """Copy a document without a keyword in its schemas; properties and components of that name stay."""

    def copied(value: Json, *, schema: bool, names: bool = False) -> Json:
        if isinstance(value, list):
            return [copied(item, schema=schema) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {}
        for key, item in value.items():
            if schema and not names and key == keyword:
                continue
            inside = schema or key == "schema" or key in ("schemas", "$defs")
            listing = key in ("properties", "patternProperties", "dependentSchemas", "schemas", "$defs") and not names
            kept[key] = item if key in ("enum", "const", "example") else copied(item, schema=inside, names=listing)
        return kept

    found = copied(tree, schema=False)
    assert isinstance(found, dict)
    return found
