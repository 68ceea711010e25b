"""Faults that no fixed case meets: fuzzing finds them and makes the request as small as it can be."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.budget import Budget
from contract_tests.exchanges import FolderExchanges, MemoryExchanges
from contract_tests.fuzzing.fuzz import INVALID, VALID, fuzzes_of
from contract_tests.fuzzing.trial import check_fuzz
from contract_tests.ledger import Ledger
from contract_tests.run import Run
from contract_tests.spending import Spending
from contract_tests.verdicts import Inconclusive, NotRun
from openapi.contract import packaged_contract
from tests.contract_tests.fuzzing.faulty import (
    TARGET,
    InMemory,
    fuzz,
    orders,
    take_order,
    with_orders,
    with_sessions,
)
from tests.contract_tests.standing_in import environment
from tests.wrong_servers.server import KEY, Answer, Host, Request, refusal
from tests.wrong_servers.server import serve as serve_rightly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openapi.contract import Contract

    Serves = Callable[[Request], Answer]
    Fault = Callable[[Request], Answer | None]


def member(request: Request, name: str) -> Any:  # noqa: ANN401 - any JSON
    value = request.value()
    return value.get(name) if isinstance(value, dict) else None


def crashes_on_seven_astral_characters(request: Request) -> Answer | None:
    text = member(request, "CallbackURL")
    astral = isinstance(text, str) and len(text) >= 7 and all(ord(letter) > 0xFFFF for letter in text)
    return refusal(500, "oh") if astral else None


def breaks_off_before_an_unknown_null(request: Request) -> Answer | None:
    value = request.value()
    held = isinstance(value, dict) and any(name != "CallbackURL" and one is None for name, one in value.items())
    return Answer(200, {}, cut="closed") if held else None


def echoes_the_key_of_an_unknown_list(request: Request) -> Answer | None:
    value = request.value()
    held = isinstance(value, dict) and any(isinstance(one, list) and one for one in value.values())
    return serve_rightly(request).having(x_caller=KEY) if held and "authorization" in request.headers else None


def refuses_a_blue_gift(request: Request) -> Answer | None:
    order = request.value()
    blue = isinstance(order, dict) and order.get("gift") is not None and order.get("colour") == "blue"
    return refusal(400, "no") if blue and take_order(request).status == 201 else None


def takes_large_counts_as_text(request: Request) -> Answer | None:
    count = member(request, "count")
    if not isinstance(count, str) or not count.isdecimal() or not count.isascii() or int(count) <= 1000:
        return None
    return Answer(201, {"Content-Type": "application/json"}).saying({})


def fails_before_the_first_page(request: Request) -> Answer | None:
    answer = take_order(request)
    return refusal(500, "oh") if answer.status == 201 and "page=-" in request.target else None


def takes_any_colour_as_long_as_it_is_short(request: Request) -> Answer | None:
    order = request.value()
    if not isinstance(order, dict) or not isinstance(order.get("colour"), str) or len(order["colour"]) > 2:
        return None
    right = json.dumps({**order, "colour": "red"}).encode()
    other = Request(request.method, request.target, request.headers, right, request.spelled, request.memory)
    return take_order(other)


SMALLEST = "\U00010000"
FAULTS: list[tuple[Callable[[], Contract], Callable[[Fault], Serves], Fault, str, set[str], Any]] = [
    (packaged_contract, with_sessions, crashes_on_seven_astral_characters, VALID, {"AFC513", "AFC111", "AFC101"},
     {"CallbackURL": SMALLEST * 7}),
    (packaged_contract, with_sessions, breaks_off_before_an_unknown_null, VALID, {"AFC116"}, {"x-": None}),
    (packaged_contract, with_sessions, echoes_the_key_of_an_unknown_list, VALID, {"AFC201"}, {"x-": [None]}),
    (orders, with_orders, refuses_a_blue_gift, VALID, {"AFC111"}, {"count": 1, "gift": False, "colour": "blue"}),
    (orders, with_orders, takes_large_counts_as_text, INVALID, {"AFC112"}, {"count": "1001"}),
    (orders, with_orders, takes_any_colour_as_long_as_it_is_short, INVALID, {"AFC112"}, {"count": 1, "colour": ""}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "served", "fault", "group", "codes", "body"), FAULTS, ids=[one[2].__name__ for one in FAULTS]
)
def test_a_fault_that_no_case_meets_is_found_and_made_small(
    made: Callable[[], Contract],
    served: Callable[[Fault], Callable[[Request], Answer]],
    fault: Fault,
    group: str,
    codes: set[str],
    body: object,
) -> None:
    contract = made()
    run = Run(contract, TARGET, InMemory(served(fault)), MemoryExchanges())
    assert [run.check_case(case).warned for case in run.cases if case.cost == "paid"] != []
    found = fuzz(contract, served(fault), group)
    assert found.codes == codes, found.failure
    assert isinstance(smallest := found.body, dict)
    assert {re.sub("^x-.*", "x-", name): value for name, value in smallest.items()} == body


def test_a_wrong_parameter_is_the_only_one_in_the_smallest_request() -> None:
    found = fuzz(orders(), with_orders(fails_before_the_first_page), VALID)
    assert "AFC513" in found.codes
    assert (found.request.path, found.failure is not None) == ("/orders?page=-1", True)


@pytest.mark.parametrize("group", [VALID, INVALID])
def test_nothing_is_found_where_nothing_is_wrong(group: str) -> None:
    assert fuzz(orders(), take_order, group, each=200).failure is None
    assert fuzz(packaged_contract(), serve_rightly, group, each=200).failure is None


def test_tokens_that_come_twice_are_found_by_comparing_answers() -> None:
    def repeats(request: Request) -> Answer | None:
        answer = serve_rightly(request)
        if answer.status != 200:
            return answer
        known = request.memory.setdefault("token", answer.value()["BytedToken"])
        return answer.saying({**answer.value(), "BytedToken": known})

    found = fuzz(packaged_contract(), with_sessions(repeats), VALID, each=20)
    assert found.codes == {"AFC304"}


# --- what is shown, and how it is found again -------------------------------------------------------------------------


def test_the_same_seed_sends_the_same_requests_and_another_one_others() -> None:
    first, second, other = (fuzz(orders(), take_order, VALID, each=60, seed=seed).sender.sent for seed in (7, 7, 8))
    assert first == second
    assert first != other
    assert len(first) == 30


def test_the_failure_can_be_pasted_and_says_how_it_is_found_again() -> None:
    found = fuzz(packaged_contract(), with_sessions(crashes_on_seven_astral_characters), VALID)
    text = str(found.failure)
    assert KEY not in text
    assert "contract-tests --contract-fuzz 600 --contract-fuzz-seed 0 -k 'fuzz-valid'" in text
    curl = next(line for line in text.splitlines() if line.startswith("    curl "))
    with (
        Host().running() as host,
        host.planting(lambda asked, serve: crashes_on_seven_astral_characters(asked) or serve(asked)) as url,
    ):
        pasted = curl.strip().replace(TARGET.url, url)
        said = subprocess.run(
            ["bash", "-c", pasted], capture_output=True, text=True, env=environment(KEY), timeout=20, check=True
        )
    assert said.stdout.startswith("HTTP/1.1 500"), said.stdout


def test_what_an_answer_tells_to_one_worker_is_masked_by_the_others_too(tmp_path: Path) -> None:
    def tells(request: Request) -> Answer:
        return take_order(request).having(x_session_id="once-told-4711")

    contract = orders()
    here, there = (Run(contract, TARGET, InMemory(tells), FolderExchanges(tmp_path)) for _ in range(2))
    (subject,) = (one for one in fuzzes_of(contract, 10, 0) if one.group == VALID)
    check_fuzz(here, subject)
    said = "last seen: once-told-4711"
    assert (here.redactor.text(said), there.redactor.text(said)) == ("last seen: ***", said)
    there.learn()
    assert there.redactor.text(said) == "last seen: ***"


def test_a_fault_that_does_not_come_back_is_told_of_all_the_same() -> None:
    def once(request: Request) -> Answer | None:
        request.memory["asked"] = request.memory.get("asked", 0) + 1
        return refusal(500, "oh") if request.memory["asked"] == 12 else None

    found = fuzz(orders(), with_orders(once), VALID, each=60)
    assert "AFC513" in found.codes


def test_another_fault_in_the_way_does_not_change_what_is_shown() -> None:
    def two(request: Request) -> Answer | None:
        if isinstance(member(request, "count"), int) and member(request, "count") > 5000:
            return refusal(500, "oh")
        return refusal(400, "no") if member(request, "note") else None

    found = fuzz(orders(), with_orders(two), VALID)
    assert found.body == ({"count": 5001} if "AFC513" in found.codes else {"count": 1, "note": "0"})


# --- budget and silence -----------------------------------------------------------------------------------------------


def test_a_budget_of_the_user_holds_exactly() -> None:
    ledger = Ledger(Budget(total=17))
    found = fuzz(orders(), take_order, VALID, spending=lambda sender: Spending(sender, ledger))
    account = ledger.read()
    assert (found.failure, len(found.sender.sent), account.total, account.paid) == (None, 17, 17, 17)
    assert len(account.sent) == 0, "names of thousands of requests are not kept"


def test_a_budget_without_room_leaves_the_item_out() -> None:
    with pytest.raises(NotRun, match="the budget is spent: paid=0"):
        fuzz(orders(), take_order, VALID, spending=lambda sender: Spending(sender, Ledger(Budget(paid=0))))


def test_a_target_that_never_answers_is_no_fault() -> None:
    with pytest.raises(Inconclusive):
        fuzz(orders(), lambda _: Answer(200, {}, cut="closed"), VALID)


def test_making_a_failure_small_ends() -> None:
    def long(request: Request) -> Answer | None:
        return refusal(500, "oh") if len(request.body) > 200 else None

    found = fuzz(orders(), with_orders(long), VALID, each=400, seed=3)
    assert "AFC513" in found.codes
    assert len(found.sender.sent) <= 200 + 300
