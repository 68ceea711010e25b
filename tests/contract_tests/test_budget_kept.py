"""The budget as a host beyond this machine sees it: the requests that come are counted there."""

from __future__ import annotations

import functools
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from tests.contract_tests.far_host import far_host, planned
from tests.contract_tests.standing_in import environment, left_behind, run_suite, standing_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract_tests.far_host import Answer

ORDERED = ("-q", "-p", "no:randomly")
LEFT_OUT = 8
"""Documented requests of the vendor's document that the default budget has no room for."""

OPERATION = "createVisualValidateSession"
DOCUMENTED, NONE = f"{OPERATION}/body/documented", f"{OPERATION}/body/none"


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_default_budget_sends_the_documented_requests_that_tell_most(tmp_path: Path) -> None:
    with far_host(tmp_path) as host:
        ran = run_suite(tmp_path, *ORDERED, *host.options)
    assert ran.status == 0, ran.out
    assert host.paid == [DOCUMENTED, NONE]
    assert host.names[-2:] == host.paid, "what costs nothing came before"
    assert ran.line("requests") == "32 sent, 2 of them may have cost something"
    assert ran.line("budget") == f"2 of paid=2, 32 of total=40; {LEFT_OUT} requests left out"
    assert ran.line("documented requests") == "2 passed, 7 not run"
    assert "not run: no room in the budget paid=2,total=40 (paid); see --contract-budget" in ran.out
    assert "Invariants looked at the answers to what was sent." in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--contract-budget", "paid=4,total=20"),
        ("-k", "AFC201"),
        ("-k", "auth", "--randomly-seed=7"),
    ],
)
def test_plan_is_what_is_then_sent(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    chosen = ("-q", *arguments) if "--randomly-seed=7" in arguments else (*ORDERED, *arguments)
    with far_host(tmp_path) as host:
        plan = run_suite(tmp_path, *chosen, "--contract-plan", *host.options, key="")
        assert (plan.status, host.connections) == (0, 0), plan.out
        ran = run_suite(tmp_path, *chosen, *host.options)
    assert ran.status == 0, ran.out
    assert planned(plan.out) == host.names
    assert all(len(line) <= 80 for line in plan.out.splitlines()), plan.out


def test_plan_of_the_mock_starts_none_and_shows_the_journey(tmp_path: Path) -> None:
    plan = run_suite(tmp_path, *ORDERED, "-n2", "--contract-plan", key="")
    assert plan.status == 0, plan.out
    assert plan.out.startswith("plan      our mock; nothing is sent now\nbudget    none\n")
    assert len(planned(plan.out)) == 40 + len(re.findall(r"^ +[0-9]+ .* journey/", plan.out, re.MULTILINE))
    assert re.search(r"^ +41 paid documented journey/create$", plan.out, re.MULTILINE)
    assert left_behind(tmp_path) == []


def test_plan_counts_every_request_of_the_journey(tmp_path: Path) -> None:
    plan = run_suite(tmp_path, *ORDERED, "--contract-plan", key="")
    ran = run_suite(tmp_path, *ORDERED, key="")
    assert ran.status == 0, ran.out
    assert ran.line("requests").split()[0] == plan.line("requests").partition(":")[0]


def test_plan_of_a_refused_target_is_none(tmp_path: Path) -> None:
    plan = run_suite(tmp_path, "-q", "--contract-plan", "--contract-target", "http://www.anyfast.ai", key="")
    assert (plan.status, "over https only" in plan.out) == (14, True), plan.out


@pytest.mark.parametrize("text", ["paid", "paid=two", "paid=2,paid=3", "cost=2", "paid=2;total=3", "-1", ""])
def test_mistaken_budget_is_explained_before_anything_is_sent(tmp_path: Path, text: str) -> None:
    with far_host(tmp_path) as host:
        ran = run_suite(tmp_path, "-q", *host.options, f"--contract-budget={text}")
    assert (ran.status, host.connections) == (4, 0), ran.out
    assert "write paid=2, total=40, paid=2,total=40 or none" in ran.out


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_budget_that_allows_nothing_is_refused(tmp_path: Path, workers: tuple[str, ...]) -> None:
    with far_host(tmp_path) as host:
        ran = run_suite(tmp_path, "-q", *workers, *host.options, "--contract-budget", "total=0")
    assert (ran.status, host.connections) == (14, 0), ran.out
    assert "the budget total=0 allows none of the requests" in ran.out
    assert left_behind(tmp_path) == []


def test_host_on_this_machine_has_no_budget_unless_it_is_given(tmp_path: Path) -> None:
    with standing_in() as host:
        free = run_suite(tmp_path, *ORDERED, "--contract-target", host.url)
        sent = len(host.requests)
        bound = run_suite(tmp_path, *ORDERED, "--contract-target", host.url, "--contract-budget", "paid=1")
    assert (free.status, bound.status) == (0, 0), free.out + bound.out
    assert (sent, len(host.requests) - sent) == (40, 31)


# --- several workers, reruns, the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", ["paid=2,total=40", "paid=3,total=17", "total=9"])
def test_workers_keep_the_budget_exactly(tmp_path: Path, budget: str) -> None:
    with far_host(tmp_path) as host:
        ran = run_suite(tmp_path, "-q", "-n4", *host.options, "--contract-budget", budget)
    assert ran.status == 0, ran.out
    limits = {name: int(most) for name, _, most in (part.partition("=") for part in budget.split(","))}
    assert len(host.names) == len(set(host.names)) == min(limits["total"], 30 + limits.get("paid", 99)), host.names
    assert len(host.paid) <= limits.get("paid", 99)
    assert DOCUMENTED in host.paid
    assert ran.line("requests").startswith(f"{len(host.names)} sent")


RERUNNING = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
"""What plugins do that run a failed item again."""


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_item_that_is_run_again_sends_nothing_again(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "rerunning.py").write_text(RERUNNING, encoding="utf-8")
    with far_host(tmp_path, lambda name, _, right: (418, {}, {}) if "/body/" in name else right) as host:
        ran = run_suite(tmp_path, "-q", *workers, "-p", "rerunning", *host.options, PYTHONPATH=str(tmp_path))
    assert ran.status == 1, ran.out
    assert len(host.names) == len(set(host.names)) == 32


def test_failed_items_alone_are_planned_and_sent_again(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda name, _, right: (418, {}, {}) if name == NONE else right) as host:
        first = run_suite(tmp_path, *ORDERED, "-k", "auth or body/", *host.options)
        plan = run_suite(tmp_path, *ORDERED, "--lf", "--contract-plan", *host.options)
        host.names.clear()
        again = run_suite(tmp_path, *ORDERED, "--lf", *host.options)
    assert (first.status, plan.status, again.status) == (1, 0, 1), again.out
    assert planned(plan.out) == host.names == [NONE]
    assert again.line("budget") == "1 of paid=2, 1 of total=40"


def test_run_that_stops_at_the_first_failure_spends_no_more(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda name, _, right: (418, {}, {}) if name == DOCUMENTED else right) as host:
        ran = run_suite(tmp_path, *ORDERED, "-x", "-k", "auth or body/", *host.options)
    assert ran.status == 1, ran.out
    assert host.paid == [DOCUMENTED]
    assert ran.line("budget") == "1 of paid=2, 9 of total=40; 1 requests left out"


def test_paid_request_without_an_answer_is_spent_and_not_sent_again(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda name, _, right: None if name == DOCUMENTED else right) as host:
        fast = ("--contract-max-response-time", "0.2")
        ran = run_suite(tmp_path, *ORDERED, *fast, *host.options, "-k", "body or AFC3", "--contract-budget", "paid=1")
    assert ran.status == 10, ran.out
    assert host.names.count(DOCUMENTED) == len(host.paid) == 1
    assert "inconclusive: the target did not answer in time; the request may have cost something" in ran.out
    assert ran.line("budget").startswith("1 of paid=1")


KILLING = """
import os, pathlib
from contract_tests.sending import Sender
real = Sender.send
def send(self, ask):
    answer = real(self, ask)
    if ask.body == b"" or (ask.method == "POST" and ask.body is None and answer.status == 200):
        os._exit(3)
    return answer
Sender.send = send
"""


def test_worker_that_dies_in_a_paid_request_leaves_it_booked(tmp_path: Path) -> None:
    (tmp_path / "killing.py").write_text(KILLING, encoding="utf-8")
    with far_host(tmp_path) as host:
        arguments = ["-q", "-n2", "-p", "killing", *host.options]
        ran = run_suite(tmp_path, *arguments, PYTHONPATH=str(tmp_path))
    assert ran.status == 1, ran.out
    assert host.names.count(NONE) == 1
    assert len(host.paid) == 2
    assert ran.line("budget").startswith("2 of paid=2"), ran.out
    assert "1 paid without a known end: booked as spent." in ran.out


@pytest.mark.parametrize("workers", [(), ("-n2",)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_says_what_it_spent(tmp_path: Path, number: signal.Signals, workers: tuple[str, ...]) -> None:
    (tmp_path / "tmp").mkdir()
    arrived = threading.Event()

    def hang(name: str, _: int, right: Answer) -> Answer | None:
        if name == DOCUMENTED:
            arrived.set()
            return None
        return right

    awake = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with far_host(tmp_path, hang) as host:
        command = [sys.executable, "-m", "pytest", *ORDERED, *workers, "--pyargs", "contract_tests", *host.options]
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(TMPDIR=str(tmp_path / "tmp")),
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=awake,  # noqa: PLW1509 - the threads of the host do not touch signals
        ) as process:
            guard = threading.Timer(60, process.kill)
            guard.start()
            assert arrived.wait(60)
            time.sleep(0.1)
            process.send_signal(number)
            assert process.stdout is not None
            out = process.stdout.read()
            guard.cancel()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, out
    assert f"budget    {len(host.paid)} of paid=2" in out
    assert "1 paid without a known end: booked as spent." in out
    assert "not run: the run ended before" in out
    assert left_behind(tmp_path) == []


# --- what was to be free ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n4",)])
def test_success_that_was_not_expected_stops_its_group(tmp_path: Path, workers: tuple[str, ...]) -> None:
    def accepting(name: str, _: int, right: Answer) -> Answer:
        return (200, {}, {"BytedToken": "x", "H5Link": "https://a/?pl=1"}) if "/auth/" in name else right

    with far_host(tmp_path, accepting) as host:
        ran = run_suite(tmp_path, "-q", *workers, *host.options, "--contract-budget", "paid=5,total=40")
    assert ran.status == 1, ran.out
    assert sum("/auth/" in name and name not in host.paid for name in host.names) == 1
    assert ran.line("requests").startswith(f"{len(host.names)} sent, 5 of them")
    assert len(host.paid) == 4, "the fifth is what was to be free"
    assert f"{OPERATION}/auth is stopped: a request that was to be free was answered with success" in ran.out


def test_host_that_accepts_everything_gets_no_more_than_the_budget(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda *_: (200, {}, {})) as host:
        ran = run_suite(tmp_path, "-q", "-n4", *host.options)
    assert ran.status == 1, ran.out
    assert len([name for name in host.names if "/path/" not in name]) == 2
    assert ran.line("budget").startswith("2 of paid=2")


# --- a host that is busy ----------------------------------------------------------------------------------------------


def later() -> str:
    """Give a date a second from now or more: it has whole seconds, so that the one of the next may be over at once."""
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize("when", ["1", "date"])
def test_free_request_is_sent_again_when_the_host_asks_to_wait(tmp_path: Path, when: str) -> None:
    came: list[float] = []

    def busy(name: str, times: int, right: Answer) -> Answer:
        if name.endswith("auth/missing"):
            came.append(time.monotonic())
            return right if times else (429, {"Retry-After": later() if when == "date" else when}, {})
        return right

    with far_host(tmp_path, busy) as host:
        ran = run_suite(tmp_path, "-q", "-k", "auth/missing", *host.options)
    assert ran.status == 0, ran.out
    assert came[1] - came[0] >= 0.9
    assert ran.line("requests") == "2 sent"


@pytest.mark.parametrize("wait", ["3600", "soon", ""])
def test_host_that_asks_for_too_long_or_for_nothing_is_not_waited_for(tmp_path: Path, wait: str) -> None:
    with far_host(tmp_path, lambda *_: (429, {"Retry-After": wait} if wait else {}, {})) as host:
        ran = run_suite(tmp_path, "-q", "-k", "auth/missing", *host.options)
    assert (ran.status, len(host.names)) == (10, 1), ran.out


def test_wait_of_the_whole_run_is_bounded(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda *_: (429, {"Retry-After": "1"}, {})) as host:
        began = time.monotonic()
        ran = run_suite(tmp_path, "-q", "-k", "auth", *host.options, "--contract-max-wait", "2")
    assert ran.status == 10, ran.out
    assert len(host.names) == 9 - 1 + 2 + 1, "two were sent again"
    assert time.monotonic() - began < 20


def test_paid_request_is_not_sent_again_whatever_the_host_says(tmp_path: Path) -> None:
    with far_host(tmp_path, lambda *_: (429, {"Retry-After": "0"}, {})) as host:
        ran = run_suite(tmp_path, "-q", "-k", "body/documented", *host.options)
    assert (ran.status, host.names) == (10, [DOCUMENTED]), ran.out


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_rate_spaces_the_requests_of_all_workers(tmp_path: Path, workers: tuple[str, ...]) -> None:
    came: list[float] = []

    def note(_: str, __: int, right: Answer) -> Answer:
        came.append(time.monotonic())
        return right

    with far_host(tmp_path, note) as host:
        ran = run_suite(tmp_path, "-q", *workers, "-k", "auth", *host.options, "--contract-rate", "5/s")
    assert ran.status == 0, ran.out
    assert came[-1] - came[0] >= 0.2 * (len(came) - 1) - 0.05
