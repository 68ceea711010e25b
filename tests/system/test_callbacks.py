"""Journeys without a person and without a browser: quick, and the mock visits the CallbackURL in its place."""

from __future__ import annotations

import socket
import statistics
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.system.receiver import integrator
from tests.system.running import Client, Mock, all_at_once, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = "2026-07-02T12:00:00+08:00"
ELSEWHERE = "198.51.100.7"
"""An address that no machine has (RFC 5737)."""


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """One mock of one worker, for the tests that leave it as it was."""
    with Mock(tmp_path_factory.mktemp("mock")) as running:
        yield running
        assert "Traceback" not in running.err


@pytest.fixture
def client(mock: Mock) -> Iterator[Client]:
    with mock.client() as client:
        client.control("reset", {})
        yield client


def visits(client: Client) -> list[dict[str, object]]:
    return [entry for entry in client.control("journal").value["entries"] if entry["event"] == "visit"]


def journey(client: Client, callback: str) -> None:
    """Go from the first request to the result, with a visit between."""
    token, _ = client.create(f"{callback}/done?user=7")
    assert client.result(token) == (200, "")
    done = client.complete(token, visit_callback=True)
    assert (done.status, done.value["state"], done.value["visit"]["status"]) == (200, "passed", 204)
    assert client.result(token) == (200, done.value["GroupId"])


def test_journey_with_a_visit_takes_less_than_a_second(client: Client) -> None:
    seconds = []
    with integrator() as receiver:
        for _ in range(5):
            began = time.monotonic()
            journey(client, receiver.url)
            seconds.append(time.monotonic() - began)
    assert statistics.median(seconds) < 1
    assert len(receiver.arrived) == 5
    for path in receiver.arrived:
        assert path.startswith("/done?user=7&bytedToken=")
        assert path.endswith("&resultCode=10000&algorithmBaseRespCode=0&reqMeasureInfoValue=1&verify_type=real_time")


def test_receivers_that_ask_the_mock_before_they_answer_get_the_result(client: Client, mock: Mock) -> None:
    with integrator(asks=mock.port) as receiver:
        tokens = [client.create(receiver.url)[0] for _ in range(8)]
        groups: dict[str, str] = {}

        def complete(token: str) -> None:
            with mock.client() as another:
                done = another.complete(token, visit_callback=True).value
            assert (done["visit"]["status"], done["visit"]["error"]) == (204, "")
            groups[token] = done["GroupId"]

        began = time.monotonic()
        all_at_once([partial(complete, token) for token in tokens])
        assert time.monotonic() - began < 5, "visits waited for each other until their time was over"
    assert receiver.results == {token: (200, groups[token]) for token in tokens}
    assert len(set(groups.values())) == 8


def test_failed_verification_is_told_to_the_callback_and_has_no_group(client: Client, mock: Mock) -> None:
    with integrator(asks=mock.port) as receiver:
        token, _ = client.create(receiver.url)
        assert client.complete(token, "fail", visit_callback=True).value["visit"]["status"] == 204
    assert "&resultCode=20001&algorithmBaseRespCode=0&reqMeasureInfoValue=0&" in receiver.arrived[0]
    assert receiver.results == {token: (200, "")}


def test_visit_that_was_put_off_waits_for_the_clock_of_the_mock(client: Client) -> None:
    with integrator() as receiver:
        client.control("clock", {"set": NOON, "freeze": True})
        token, _ = client.create(receiver.url)
        planned = client.complete(token, delay=60, visit_callback=True)
        assert (planned.status, planned.value["state"]) == (202, "created")
        assert planned.value["planned"]["at"] == "2026-07-02T04:01:00.000000Z"
        client.control("clock", {"advance": 59.9})
        time.sleep(0.3)
        assert (receiver.arrived, client.result(token)) == ([], (200, ""))
        client.control("clock", {"advance": 0.1})
        assert eventually(lambda: len(receiver.arrived) == 1, 3)
        assert eventually(lambda: len(visits(client)) == 1, 3)
        assert client.result(token)[1].startswith("group-20260702120100-")
        client.control("clock", {"advance": 60})
        time.sleep(0.2)
        assert len(receiver.arrived) == 1


def test_visit_that_was_put_off_comes_by_itself_when_the_clock_runs(client: Client) -> None:
    with integrator() as receiver:
        token, _ = client.create(receiver.url)
        began = time.monotonic()
        client.complete(token, "fail", delay=0.4, visit_callback=True)
        assert eventually(lambda: bool(receiver.arrived), 5)
        assert time.monotonic() - began >= 0.4
        assert eventually(lambda: len(visits(client)) == 1, 3)


def own_address() -> str:
    """Find an address of this machine that is no loopback one; nothing is sent. Without a network there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((ELSEWHERE, 9))
        except OSError:
            return ""
        address = str(asking.getsockname()[0])
    return "" if address.startswith("127.") else address


def test_callback_off_loopback_is_refused_and_told_and_the_session_ends_all_the_same(client: Client) -> None:
    for host in (ELSEWHERE, own_address() or ELSEWHERE):
        token, _ = client.create(f"http://{host}:8000/done?user=7")
        done = client.complete(token, visit_callback=True)
        assert (done.status, done.value["state"]) == (200, "passed")
        visit = done.value["visit"]
        assert (visit["status"], visit["address"]) == (0, "")
        assert f"http://{host}:8000 was not visited" in visit["error"]
        assert "--allow-callback-host" in visit["error"]
        assert visits(client)[0]["error"] == visit["error"]
        assert client.result(token) == (200, done.value["GroupId"])


def test_callback_off_loopback_is_visited_when_its_host_is_allowed(tmp_path: Path) -> None:
    host = own_address() or ELSEWHERE
    with Mock(tmp_path, "--allow-callback-host", host) as mock, mock.client() as client:
        if host == ELSEWHERE:  # no network here: it is tried, which is all that the option decides
            token, _ = client.create(f"http://{host}:8000/done")
            assert "was not visited" not in client.complete(token, visit_callback=True).value["visit"]["error"]
            return
        with integrator(host) as receiver:
            journey(client, receiver.url)
        assert len(receiver.arrived) == 1
        assert visits(client)[0]["address"] == host
        token, _ = client.create(f"http://{ELSEWHERE}:8000/done")
        assert "was not visited" in client.complete(token, visit_callback=True).value["visit"]["error"]


def threads_and_files(mock: Mock) -> tuple[int, int]:
    (worker,) = mock.workers
    status = Path(f"/proc/{worker}/status").read_text()
    threads = int(status.partition("Threads:")[2].split()[0])
    return threads, len(list(Path(f"/proc/{worker}/fd").iterdir()))


def test_two_hundred_visits_leave_no_thread_and_no_open_file_behind(mock: Mock) -> None:
    with integrator() as receiver:

        def complete(times: int) -> None:
            with mock.client() as client:
                for turn in range(times):
                    token, _ = client.create(receiver.url)
                    delay = 0.01 if turn % 4 == 0 else 0
                    assert client.complete(token, visit_callback=True, delay=delay).status in (200, 202)

        all_at_once([partial(complete, 1) for _ in range(24)])  # whatever is made once, threads too, is there now
        assert eventually(lambda: len(receiver.arrived) == 24, 5)
        time.sleep(0.3)
        before = threads_and_files(mock)
        all_at_once([partial(complete, 50) for _ in range(4)])
        assert eventually(lambda: len(receiver.arrived) == 224, 10)
    assert eventually(lambda: all(now <= then for now, then in zip(threads_and_files(mock), before, strict=True)), 5), (
        before,
        threads_and_files(mock),
    )
