"""What an item says of itself: to pytest, to JUnit and to the stream, and no part of the key anywhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from contract_tests.cases import cases_of
from contract_tests.checker import EVENTS, Checker
from contract_tests.exchanges import MemoryExchanges
from contract_tests.run import Run
from contract_tests.targets import Exchange, Target
from contract_tests.telling import Teller
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from contract_tests.cases import Case
    from contract_tests.sending import Sender
    from contract_tests.targets import Ask
    from contract_tests.walk import Walk

KEY = "sk-Zq7xKw3vJm9pRt5y"
CONTRACT = packaged_contract()
CASES = {case.id.partition("/")[2]: case for case in cases_of(CONTRACT)}


class Answering:
    """A sender that answers everything alike, or breaks."""

    def __init__(self, answer: int | Exception) -> None:
        self.answer = answer

    def send(self, ask: Ask) -> Exchange:
        if isinstance(self.answer, Exception):
            raise self.answer
        return Exchange(ask, self.answer, (), b"", 0.5, 1.0)


def check(case: Case, answer: int | Exception, target: str = "http://127.0.0.1:9") -> tuple[str, dict[str, Any], Any]:
    """Check a case; give what pytest is told, the properties, and the events."""
    run = Run(CONTRACT, Target(target, KEY), cast("Sender", Answering(answer)), MemoryExchanges())
    node = SimpleNamespace(user_properties=[], stash=pytest.Stash())
    checker = Checker(run, cast("Walk", None), Teller(run, in_detail=True), cast("pytest.Item", node))
    said = ""
    try:
        checker.case(case)
    except (pytest.fail.Exception, pytest.skip.Exception) as outcome:
        said = f"{type(outcome).__name__}: {outcome}"
    return said, dict(node.user_properties), node.stash[EVENTS]


def test_a_bug_is_told_of_without_any_part_of_the_key() -> None:
    said, properties, (event,) = check(CASES["auth/missing"], LookupError("." * 180 + KEY))
    assert properties["contract-broken"] == f"AFC991 LookupError: {'.' * 180}$ANYFAS"
    assert (properties["contract-verdict"], event["verdict"]) == ("failed", "failed")
    assert said.startswith("Failed: The suite itself broke here")
    assert KEY[:8] not in f"{said}{properties}{event}"


def test_a_failure_names_the_code_of_the_check_and_that_of_the_case() -> None:
    said, properties, (made, event) = check(CASES["auth/missing"], 200)
    assert "AFC113 Without a credential the answer is 401. (basis: documented; case: AFC501)" in said
    kept = {name: value for name, value in properties.items() if name != "contract-failed"}
    assert kept == {
        "contract-verdict": "failed",
        "contract-code": "AFC501",
        "contract-basis": "documented",
        "contract-cost": "free",
    }
    assert (made["event"], made["name"], made["status"]) == ("exchange-made", event["item"]["id"], 200)
    codes = {one["code"]: one for one in event["findings"]}
    assert codes["AFC113"]["weight"] == "failed"
    assert codes["AFC113"]["exchange"] == made["name"]
    assert event["judged"] == event["exchanges"] == (made["name"],)


def test_what_an_item_found_beside_failing_is_told_too() -> None:
    _, properties, (_, event) = check(CASES["path/unknown"], 201, "https://host.example")
    assert event["verdict"] == "warned"
    assert "AFC115" in properties["contract-warned"]
    _, _, (_, event) = check(CASES["body/documented"], 500, "https://host.example")
    weights = {one["weight"] for one in event["findings"]}
    assert weights == {"failed"}
    _, _, (_, event) = check(CASES["auth/lower-case-scheme"], 401, "https://host.example")
    assert {(one["code"], one["weight"]) for one in event["findings"]} >= {("AFC111", "warned")}


def test_what_cannot_be_judged_is_skipped_with_its_code() -> None:
    said, properties, (_, event) = check(CASES["auth/missing"], 503)
    assert said == "Skipped: inconclusive: the target answered 503 (AFC912)"
    assert (event["verdict"], event["code"], event["reason"]) == (
        "inconclusive", "AFC912", "the target answered 503",
    )  # fmt: skip
    assert properties["contract-verdict"] == "inconclusive"
