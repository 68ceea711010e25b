"""What is measured of the packaged contract: nothing of it is given by hand, and a weaker suite shows at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests import invariants
from contract_tests.strength.equivalents import RULES
from contract_tests.strength.measuring import FLAKY, Measured, fate_of, measure, mutants_of
from contract_tests.strength.mutating import OPERATORS
from contract_tests.strength.rehearsing import Rehearsal
from contract_tests.strength.scoring import Score, falls, read_scores, written_scores
from openapi.contract import PROFILES, load_contract, packaged_contract

if TYPE_CHECKING:
    from contract_tests.strength.measuring import Fate
    from contract_tests.strength.mutating import Mutant

ROOT = Path(__file__).parent.parent.parent.parent
COMMITTED = ROOT / "contract_tests" / "strength.json"
WANTED = {"documented", "example", "prose", "rfc", "asked"}
"""The bases for which the suite may fail an item; of the others it tells."""


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    return {profile: measure(packaged_contract(profile)) for profile in PROFILES}


def test_the_committed_score_is_that_of_today(measured: dict[str, Measured]) -> None:
    now = {profile: Score.of(packaged_contract(profile), one) for profile, one in measured.items()}
    known = read_scores(COMMITTED)
    assert [line for profile in PROFILES for line in falls(known[profile], now[profile])] == []
    renew = "contract-tests strength --write contract_tests/strength.json"
    assert written_scores(now) == COMMITTED.read_text(encoding="utf-8"), renew


def test_the_right_answers_raise_no_alarm(measured: dict[str, Measured]) -> None:
    assert [one.left_out for one in measured.values()] == [{}, {}]


def test_there_are_enough_mutants_of_both_operations_in_both_profiles(measured: dict[str, Measured]) -> None:
    for one in measured.values():
        counted = Counter(mutant.kind.operation.id for mutant, _ in one.fates)
        assert counted.keys() == {"createVisualValidateSession", "getVisualValidateResult"}
        assert min(counted.values()) >= 120


def test_everything_that_may_fail_an_item_is_killed(measured: dict[str, Measured]) -> None:
    alive = [
        mutant.id
        for one in measured.values()
        for mutant, fate in one.fates
        if fate == "survived" or (fate == "told" and mutant.basis in WANTED - {"example"})
    ]
    assert alive == []


def test_every_mutant_has_an_id_of_its_own_and_a_basis_or_a_rule(measured: dict[str, Measured]) -> None:
    for one in measured.values():
        everything = [*(mutant for mutant, _ in one.fates), *one.equivalent]
        assert len({mutant.id for mutant in everything}) == len(everything)
        assert all(mutant.basis and not mutant.equivalent for mutant, _ in one.fates)
        assert {mutant.equivalent for mutant in one.equivalent} <= {rule.name for rule in RULES}


def test_every_operator_makes_mutants_and_most_rules_excuse_some(measured: dict[str, Measured]) -> None:
    everything: list[Mutant] = []
    for one in measured.values():
        everything += [*(mutant for mutant, _ in one.fates), *one.equivalent]
    assert {mutant.operator.name for mutant in everything} == {one.name for one in [*OPERATORS, FLAKY]}
    # The others are for documents of one's own: see test_other_documents_are_measured_too.
    assert {rule.name for rule in RULES} - {mutant.equivalent for mutant in everything} == {
        "any-success", "explicitly-open", "items", "open-body", "repeatable"
    }  # fmt: skip


def test_what_is_killed_on_any_host_is_what_the_document_forbids(measured: dict[str, Measured]) -> None:
    for one in measured.values():
        assert {fate for mutant, fate in one.fates if mutant.basis == "documented"} == {"killed"}


WEAKER = {
    "AFC304": "createVisualValidateSession/200/constant/BytedToken",
    "AFC305": "createVisualValidateSession/200/stale/BytedToken/day",
    "AFC201": "createVisualValidateSession/401/leak/header/base64",
    "AFC203": "createVisualValidateSession/405/missing-header/Allow",
    "AFC209": "createVisualValidateSession/400/insides/ruby",
    "AFC206": "getVisualValidateResult/200/delay/beyond",
}
"""Mutants that only one check notices."""


@pytest.mark.parametrize(("code", "mutant"), WEAKER.items())
def test_a_suite_without_a_check_lets_its_mutant_live(
    code: str, mutant: str, measured: dict[str, Measured], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [one for one in invariants.INVARIANTS if one.code != code]
    monkeypatch.setattr("contract_tests.run.INVARIANTS", kept)
    monkeypatch.setattr("contract_tests.manners.INVARIANTS", kept)
    contract = packaged_contract()
    rehearsal = Rehearsal(contract)
    one = next(one for one in mutants_of(rehearsal) if one.id == mutant)
    fate = fate_of(rehearsal, one)
    assert fate == "survived"

    before = Score.of(contract, measured["published"])
    fates: dict[str, Fate] = {**before.fates, mutant: fate}
    said = falls(before, Score(before.documents, fates, before.bases))
    assert said[0].startswith(f"{before.bases[mutant]}: ")
    assert said[1] == f"{mutant} was killed and survives now"


@pytest.mark.parametrize(
    "name", ["agreement/documents/orders-3.0.yaml", "documents/keys.yaml", "documents/pets-3.0.yaml"]
)
def test_other_documents_are_measured_too(name: str) -> None:
    one = measure(load_contract([ROOT / "tests" / name]))
    killed = sum(fate in ("killed", "warned") for _, fate in one.fates)
    assert len(one.fates) > 120
    assert killed > 0.8 * len(one.fates)
    assert {"any-success", "items", "open-body"} & {mutant.equivalent for mutant in one.equivalent}
