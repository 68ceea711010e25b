"""The suite under pytest-xdist: one mock, every request once, the same verdicts, a complete summary."""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from contract_tests.exchanges import FolderExchanges
from contract_tests.targets import Ask, Exchange
from tests.contract_tests.standing_in import left_behind, run_suite, standing_in

if TYPE_CHECKING:
    from pathlib import Path

MODES = ["load -n4", "each -n2", "loadscope -n2", "worksteal -n2"]


def test_workers_share_one_mock_that_ends_with_the_run(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, "-q", "-n2", "-k", "AFC20")
    assert ran.status == 0, ran.out
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+, our mock", ran.line("target")), ran.out
    assert "keeps the contract" in ran.out
    assert left_behind(tmp_path) == []


def test_a_distributed_run_is_the_same_run(tmp_path: Path) -> None:
    runs, seen = [], []
    for workers in ((), ("-n2",)):
        with standing_in("open") as host:
            runs.append(run_suite(tmp_path, "-q", *workers, "--contract-target", host.url))
        seen.append(host.requests)
    alone, distributed = runs
    assert alone.status == distributed.status == 1, distributed.out
    assert [len(set(requests)) for requests in seen] == [len(requests) for requests in seen]
    assert len(seen[0]) == len(seen[1])
    for start in ("requests", "credentials", "documented requests", "invalid bodies", "invariants", "The target"):
        assert alone.line(start) == distributed.line(start), start


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_distribution_sends_every_request_once(tmp_path: Path, mode: str) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "-k", "AFC20", "--dist", *mode.split(), "--contract-target", host.url)
    assert ran.status == 0, ran.out
    assert len(host.requests) == len(set(host.requests)) > 30
    assert ran.line("requests").startswith(f"{len(host.requests)} sent")
    assert ran.line("invariants").endswith(" passed"), ran.out


def test_mistakes_are_said_once_and_nothing_is_left(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, "-q", "-n2", "--contract-profile", "publisht")
    assert (ran.status, ran.out.count("Did you mean 'published'?")) == (4, 1), ran.out
    assert left_behind(tmp_path) == []


def test_a_refused_target_gets_not_a_byte(tmp_path: Path) -> None:
    with standing_in() as proxy:
        arguments = ["--contract-target", "http://www.anyfast.ai", "--contract-proxy", proxy.url]
        ran = run_suite(tmp_path, "-q", "-n2", *arguments)
    assert (ran.status, proxy.connections) == (14, 0), ran.out
    assert "over https only" in ran.out
    assert left_behind(tmp_path) == []


def test_an_inconclusive_run_ends_with_its_status(tmp_path: Path) -> None:
    with standing_in(503) as host:
        ran = run_suite(tmp_path, "-q", "-n2", "-k", "AFC202", "--contract-target", host.url)
    assert ran.status == 10, ran.out


def test_somebody_elses_distributed_run_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n", encoding="utf-8")
    ran = run_suite(tmp_path, "-q", "-n2", "test_mine.py", program=(sys.executable, "-m", "pytest"))
    assert ran.status == 0, ran.out
    assert "target" not in ran.out
    assert left_behind(tmp_path) == []


DYING = """
import os, pathlib
from contract_tests.sending import Sender
once = pathlib.Path(os.environ["TMPDIR"]).parent / "died"
real = Sender.send
def send(self, ask):
    answer = real(self, ask)
    try:
        once.touch(exist_ok=False)
    except FileExistsError:
        return answer
    os._exit(3)
Sender.send = send
"""


def test_a_worker_that_dies_in_a_request_hangs_nobody_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text(DYING, encoding="utf-8")
    with standing_in() as host:
        arguments = ["-q", "-n2", "-p", "dying", "--contract-target", host.url]
        ran = run_suite(tmp_path, *arguments, PYTHONPATH=str(tmp_path))
    assert ran.status == 1, ran.out
    assert (tmp_path / "died").exists()
    assert len(host.requests) == len(set(host.requests))
    assert re.search(r"broken: AFC991 worker 'gw\d' crashed while running", ran.out)
    assert left_behind(tmp_path) == []


# --- the folder of exchanges ------------------------------------------------------------------------------------------


def made(status: int) -> Exchange:
    return Exchange(
        Ask("POST", "/x", (("a", "b"),), b"\xff"), status, (("c", "d"),), b"\x00\xff", 0.5, 1.0, "", paid=True
    )


def test_an_exchange_survives_the_way_to_another_process(tmp_path: Path) -> None:
    here, there = FolderExchanges(tmp_path), FolderExchanges(tmp_path)
    name = "opération/" + "long" * 100
    first = here.once(name, lambda: made(200))
    assert there.once(name, lambda: made(500)) == first == made(200)
    assert there.all() == {name: first}
    assert here.fresh() == there.fresh() == [first]
    assert here.fresh() == []
    second = there.once("another", lambda: made(401))
    assert here.fresh() == [second]


def test_secrets_of_answers_that_are_not_kept_are_told_to_every_worker_once(tmp_path: Path) -> None:
    here, there = FolderExchanges(tmp_path), FolderExchanges(tmp_path)
    here.tell(["sécret-1\n", "secret-2"])
    assert there.told() == ["sécret-1\n", "secret-2"]
    here.tell([])
    assert there.told() == here.told() == []
    here.tell(["secret-3"])
    there.tell(["secret-4"])
    assert (there.told(), here.told()) == (["secret-3"], ["secret-4"])


def test_what_a_dead_worker_had_begun_is_lost_and_not_sent_again(tmp_path: Path) -> None:
    def die() -> Exchange:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FolderExchanges(tmp_path).once("x", die)
    exchange = FolderExchanges(tmp_path).once("x", lambda: made(200))
    assert (exchange.status, exchange.error) == (0, "lost")
    assert "died" in exchange.inconclusive


def test_whoever_is_alone_waits_for_the_others_and_they_for_them(tmp_path: Path) -> None:
    here, there = FolderExchanges(tmp_path), FolderExchanges(tmp_path)
    order: list[str] = []
    sending, go_on = threading.Event(), threading.Event()

    def slow() -> Exchange:
        sending.set()
        assert go_on.wait(5)
        order.append("slow")
        return made(200)

    def later() -> Exchange:
        order.append("later")
        return made(200)

    def stay_alone() -> None:
        with here.alone():
            order.append("alone")
            there_too.start()
            there_too.join(0.1)
            here.once("mine", lambda: made(200))
            order.append("still alone")

    before = threading.Thread(target=there.once, args=("slow", slow))
    alone, there_too = threading.Thread(target=stay_alone), threading.Thread(target=there.once, args=("later", later))
    before.start()
    assert sending.wait(5)
    alone.start()
    alone.join(0.1)
    go_on.set()
    for thread in (before, alone, there_too):
        thread.join(5)
    assert order == ["slow", "alone", "still alone", "later"]
