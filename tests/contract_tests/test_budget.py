"""What fits in a budget, what a ledger allows, and how long a target may make us wait."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.budget import UNLIMITED, Budget, Request, left_out, read_budget, read_rate
from contract_tests.ledger import FolderLedger, Ledger
from contract_tests.plan import budget_for
from contract_tests.spending import Spending, retry_after
from contract_tests.targets import Ask, Exchange

if TYPE_CHECKING:
    from pathlib import Path

ASK = Ask("POST", "/x")
FAR = "https://host.example"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [Budget(2, 40), Budget(paid=0), Budget(total=7), UNLIMITED])
def test_budget_is_read_as_it_is_written(budget: Budget) -> None:
    assert read_budget(str(budget)) == budget


@pytest.mark.parametrize(("text", "rate"), [("2/s", 2.0), ("30/m", 0.5), ("0.5/s", 0.5)])
def test_rate_is_read_as_requests_in_a_second(text: str, rate: float) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["0/s", "2", "2/h", "s", "-1/s", "1e3/s", "0.0/m"])
def test_mistaken_rate_is_explained(text: str) -> None:
    with pytest.raises(ValueError, match="write 2/s or 30/m"):
        read_rate(text)


def test_budget_holds_beyond_this_machine_and_where_it_is_asked_for() -> None:
    assert budget_for(FAR, "", journey=False) == Budget(2, 40)
    assert budget_for(FAR, "", journey=True) == Budget(2, 70)
    assert budget_for(FAR, "none", journey=False) == UNLIMITED
    assert budget_for("http://127.0.0.1:8080", "", journey=True) == budget_for("", "", journey=True) == UNLIMITED
    assert budget_for("", "total=3", journey=False) == Budget(total=3)


# --- what fits --------------------------------------------------------------------------------------------------------

GROUPS = ("op/body", "op/auth", "op/invalid", "other/body", "journey")
REQUESTS = st.lists(
    st.builds(
        Request,
        st.builds("{}/{}".format, st.sampled_from(GROUPS), st.sampled_from(["documented", "none", "a", "b", "c"])),
        st.sampled_from(["free", "paid"]),
        st.just("documented"),
    ),
    unique_by=lambda one: one.name,
)
LIMITS = st.none() | st.integers(0, 12)


@given(REQUESTS, st.builds(Budget, LIMITS, LIMITS))
def test_what_fits_breaks_no_limit_leaves_no_room_and_depends_on_no_order(
    requests: list[Request], budget: Budget
) -> None:
    out = left_out(requests, budget)
    kept = [one for one in requests if one.name not in out]
    paid = sum(one.cost == "paid" for one in kept)
    assert budget.total is None or len(kept) <= budget.total
    assert budget.paid is None or paid <= budget.paid
    for one in requests:
        if one.name in out:
            assert budget.refusal(paid, len(kept), is_paid=one.cost == "paid")
    assert left_out(requests[::-1], budget).keys() == out.keys()


def test_what_was_asked_for_by_name_goes_first() -> None:
    requests = [Request("journey/create", "paid", "documented"), Request("op/body/documented", "paid", "documented")]
    assert left_out(requests, Budget(paid=1)) == {"journey/create": "paid"}
    assert left_out(requests, Budget(paid=1), first=1) == {"op/body/documented": "paid"}


# --- the ledger -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "folder"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    budget = Budget(2, 4)
    return Ledger(budget) if request.param == "memory" else FolderLedger(tmp_path, budget)


def test_request_is_booked_before_its_end_is_known(ledger: Ledger) -> None:
    assert ledger.book("a/b/one", "a/b", paid=True) == ""
    assert (ledger.read().sent, ledger.read().paid) == ({"a/b/one": "begun"}, 1)
    ledger.settle("a/b/one", "a/b", was_sent=True, paid=True, expected=True)
    assert (ledger.read().sent, ledger.read().stopped) == ({"a/b/one": "paid"}, [])


def test_request_that_never_left_is_not_spent(ledger: Ledger) -> None:
    ledger.book("a/b/one", "a/b", paid=True)
    ledger.settle("a/b/one", "a/b", was_sent=False, paid=False, expected=True)
    assert (ledger.read().sent, ledger.room()) == ({}, 4)


def test_limits_are_kept_and_what_they_leave_out_is_noted(ledger: Ledger) -> None:
    said = [ledger.book(f"a/b/{number}", "a/b", paid=number < 3) for number in range(6)]
    assert [bool(why) for why in said] == [False, False, True, False, False, True]
    assert ("paid=2" in said[2], "total=4" in said[5]) == (True, True)
    assert list(ledger.read().left_out) == ["a/b/2", "a/b/5"]


def test_paid_request_whose_end_nobody_knows_is_not_booked_again(ledger: Ledger) -> None:
    ledger.book("a/b/one", "a/b", paid=True)
    assert "not sent again" in ledger.book("a/b/one", "a/b", paid=True)
    assert ledger.read().sent == {"a/b/one": "begun"}


def test_success_that_was_to_be_free_stops_its_group_where_a_budget_holds(ledger: Ledger) -> None:
    for one in (ledger, Ledger()):
        one.book("a/b/one", "a/b", paid=False)
        one.settle("a/b/one", "a/b", was_sent=True, paid=True, expected=False)
    assert "a/b is stopped" in ledger.book("a/b/two", "a/b", paid=False, creates=True)
    assert ledger.book("a/c/one", "a/c", paid=False, creates=True) == ""
    assert (ledger.read().paid, ledger.read().stopped) == (1, ["a/b"])


def test_processes_that_book_at_once_get_no_more_than_there_is(tmp_path: Path) -> None:
    def book(number: int) -> bool:
        return not FolderLedger(tmp_path, Budget(total=5)).book(f"a/b/{number}", "a/b", paid=False)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(book, range(40))) == 5


def test_rate_leaves_time_between_requests() -> None:
    ledger = Ledger(rate=20.0)
    began = time.monotonic()
    for number in range(5):
        ledger.book(f"a/b/{number}", "a/b", paid=False)
    assert time.monotonic() - began >= 4 / 20 - 0.01


# --- waiting ----------------------------------------------------------------------------------------------------------


class Busy:
    """A sender whose target is busy so many times."""

    def __init__(self, times: int, header: str) -> None:
        self.times, self.header, self.sent = times, header, 0

    def send(self, ask: Ask) -> Exchange:
        self.sent += 1
        busy = self.sent <= self.times
        return Exchange(ask, 429 if busy else 401, (("Retry-After", self.header),))


@pytest.mark.parametrize(("times", "sent", "status"), [(0, 1, 401), (1, 2, 401), (2, 3, 401), (3, 3, 429), (9, 3, 429)])
def test_free_request_is_sent_again_at_most_twice(times: int, sent: int, status: int) -> None:
    sender = Busy(times, "0")
    spending = Spending(sender)
    made = spending.send("a/b/one", lambda: ASK, paid=False, creates=True)
    assert (made.status, sender.sent, len(spending.ledger.read().sent)) == (status, sent, sent)


def test_request_that_is_sent_again_needs_room_as_any_other() -> None:
    sender = Busy(9, "0")
    made = Spending(sender, Ledger(Budget(total=2))).send("a/b/one", lambda: ASK, paid=False, creates=True)
    assert (made.status, sender.sent) == (429, 2)


def test_paid_request_is_sent_once_and_the_next_one_waits() -> None:
    sender = Busy(1, "1")
    spending = Spending(sender)
    began = time.monotonic()
    assert spending.send("a/b/one", lambda: ASK, paid=True, creates=True).status == 429
    assert sender.sent == 1
    spending.send("a/b/two", lambda: ASK, paid=False, creates=True)
    assert time.monotonic() - began >= 0.9


def test_wait_beyond_what_the_run_may_is_none() -> None:
    sender = Busy(9, "1")
    Spending(sender, max_wait=0.5).send("a/b/one", lambda: ASK, paid=False, creates=True)
    assert sender.sent == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0", 0.0), (" 12 ", 12.0), ("", None), ("soon", None), ("-3", None), ("1.5", None)],
)
def test_retry_after_is_read_in_seconds(text: str, seconds: float | None) -> None:
    assert retry_after(Exchange(ASK, 429, (("Retry-After", text),))) == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(30, 30.0), (-30, 0.0)])
def test_retry_after_is_read_as_a_date(ahead: int, seconds: float) -> None:
    when = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=ahead), usegmt=True)
    read = retry_after(Exchange(ASK, 429, (("retry-after", when),)))
    assert read is not None
    assert seconds - 2 <= read <= seconds
