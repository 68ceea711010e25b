"""The server as its users meet it: real processes, real sockets, real signals."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockserver import serving
from mockserver.intake import BODY_TIME, SLOW_BODIES
from mockserver.serving import Address, CannotBind, CannotServe, PortTaken, reserve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 15.0
"""Seconds a test waits for something that takes milliseconds on an idle machine."""


class Server:
    """A server in a process of its own, in a group of its own as in a terminal, and what it printed."""

    def __init__(self, **options: bool | float | str) -> None:
        root = str(Path(serving.__file__).parents[1])
        search = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
        self.tells_raw_paths = bool(options.get("raw_paths"))
        self.lines: list[str] = []
        self._more = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(Path(__file__).with_name("serving_app.py")), json.dumps(options)],
            env={**os.environ, "PYTHONPATH": search, "HTTP_AUTHORIZATION": "Bearer from-the-environment"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()

    def wait_for(self, start: str, times: int = 1) -> list[str]:
        """Wait until that many lines with this beginning were printed; return what follows it in each."""
        with self._more:
            enough = self._more.wait_for(lambda: sum(line.startswith(start) for line in self.lines) >= times, PATIENCE)
        assert enough, (start, self.lines, self.process.poll())
        return [line[len(start) :].strip() for line in self.lines if line.startswith(start)]

    def ready(self) -> Server:
        self.wait_for("ready")
        return self

    @property
    def port(self) -> int:
        return int(self.wait_for("reserved")[0].split()[0])

    @property
    def workers(self) -> list[int]:
        return [int(line) for line in self.wait_for("worker")]

    def get(self, target: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(sent)
        return connection

    def exchange(self, sent: bytes) -> bytes:
        """Send bytes and give everything that came until the server closed."""
        with self.connect(sent) as connection:
            return receive_all(connection)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Send a signal; return the exit status, the seconds it took, and stderr."""
        started = time.monotonic()
        self.process.send_signal(number)
        return self.ended(started)

    def ended(self, started: float) -> tuple[int, float, str]:
        status = self.process.wait(PATIENCE)
        seconds = time.monotonic() - started
        assert self.process.stderr is not None
        return status, seconds, self.process.stderr.read()

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # nobody of the group is left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test."""
    servers: list[Server] = []

    def start_one(**options: bool | float | str) -> Server:
        servers.append(Server(**options))
        return servers[-1]

    yield start_one
    for server in servers:
        server.close()


FRONTS = pytest.mark.parametrize("raw_paths", [False, True], ids=["wsgi", "asgi"])
"""The two interfaces of granian that we serve through: what stands behind them must not feel which one it is."""


@pytest.fixture(scope="module", params=[False, True], ids=["wsgi", "asgi"])
def shared(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One server of each kind for the tests that leave it as it was."""
    server = Server(raw_paths=request.param).ready()
    yield server
    status, _, said = server.end()
    server.close()
    assert status == 0
    assert "Traceback" not in said


def receive_all(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def get(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: mock", "Connection: close", *headers, "", ""]).encode(
        "latin-1"
    )


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Tell whether a process ended, reaped or not: nobody may be there to reap an orphan."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # no /proc here, or it went between the two looks
        return Path("/proc/self").exists()


def is_free(port: int) -> bool:
    try:
        reserve("127.0.0.1", port).close()
    except PortTaken:
        return False
    return True


def is_answered(server: Server) -> bool:
    try:
        return server.get("/pid")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


# The port


def test_port_held_by_a_plain_listener_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} on 127.0.0.1 is already in use.*--port 0"):
            reserve("127.0.0.1", port)


def test_port_held_on_all_addresses_is_taken_on_one() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener, pytest.raises(PortTaken):
        reserve("127.0.0.1", listener.getsockname()[1])


def test_port_held_by_another_mock_server_is_taken(shared: Server, start: Callable[..., Server]) -> None:
    with pytest.raises(PortTaken):
        reserve("127.0.0.1", shared.port)
    second = start(port=shared.port)
    second.wait_for("taken")
    assert second.process.wait(PATIENCE) == 4


@pytest.mark.parametrize("first", [0, "fixed"])
def test_port_reserved_and_not_yet_served_is_taken(first: int | str) -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.address.port
    with reserve("127.0.0.1", 0 if first == 0 else port) as held, pytest.raises(PortTaken):
        reserve("127.0.0.1", held.address.port)


def test_port_reserved_cannot_be_bound_by_a_plain_socket() -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.address.port
    with reserve("127.0.0.1", port), socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            plain.bind(("127.0.0.1", port))


def test_port_given_back_is_free_again() -> None:
    with reserve("127.0.0.1", 0) as first:
        port = first.address.port
    with reserve("127.0.0.1", port) as second:
        assert second.address == Address("127.0.0.1", port)


def test_many_starts_at_once_on_one_port_have_one_winner() -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.address.port
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        winners = {race_for(port) for _ in range(100)}
    finally:
        sys.setswitchinterval(before)
    assert winners == {1}


def race_for(port: int) -> int:
    barrier = threading.Barrier(4)
    won: list[serving.Reservation] = []

    def run() -> None:
        barrier.wait(PATIENCE)
        try:
            won.append(reserve("127.0.0.1", port))
        except PortTaken:
            return

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for reservation in won:
        reservation.close()
    return len(won)


def test_two_servers_started_at_once_on_one_port_have_one_winner(start: Callable[..., Server]) -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.address.port
    servers = [start(port=port), start(port=port)]
    assert eventually(lambda: any("taken" in server.lines for server in servers))
    winner, loser = sorted(servers, key=lambda server: "taken" in server.lines)
    assert loser.process.wait(PATIENCE) == 4
    assert winner.ready().get("/pid")[0] == 200


def test_port_zero_is_known_before_the_workers_start(shared: Server) -> None:
    assert re.fullmatch(r"reserved [1-9]\d* with 1 threads", shared.lines[0])
    assert shared.lines[1:3] == [f"worker {shared.workers[0]}", f"ready http://127.0.0.1:{shared.port}"]


def test_port_with_connections_in_time_wait_is_free(start: Callable[..., Server]) -> None:
    server = start().ready()
    for _ in range(3):
        assert server.exchange(b"GET /closing HTTP/1.1\r\nHost: mock\r\n\r\n").endswith(b"ok")
    server.end()
    again = start(port=server.port).ready()
    assert again.get("/pid")[0] == 200


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("192.0.2.1", 8080, "does not have that address"),
        ("no-such-host.invalid", 8080, "cannot be resolved"),
        ("127.0.0.1", 70_000, "from 0 to 65535"),
        ("127.0.0.1", -1, "from 0 to 65535"),
        ("fe80::1%lo", 8080, "zone"),
    ],
)
def test_host_or_port_that_is_not_ours_is_refused_with_a_remedy(host: str, port: int, reason: str) -> None:
    with pytest.raises(CannotBind, match=rf"{reason}.*\. (Try|Use) "):
        reserve(host, port)


def test_privileged_port_names_the_remedy() -> None:
    refused = serving._explained(PermissionError(13, "Permission denied"), "127.0.0.1", 80)
    assert isinstance(refused, CannotBind)
    assert "choose a higher one" in str(refused)


def test_name_is_resolved_to_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0))
    four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: [six, four])
    with reserve("localhost", 0) as reservation:
        assert reservation.address.host == "127.0.0.1"


def test_url_of_an_ipv6_address_has_brackets() -> None:
    assert Address("::1", 8080).url == "http://[::1]:8080"
    assert Address("127.0.0.1", 8080).url == "http://127.0.0.1:8080"


# Parents and workers


@pytest.mark.parametrize("watch_parent", [False, True], ids=["asked-of-the-kernel", "watched"])
def test_parent_killed_leaves_no_worker(start: Callable[..., Server], watch_parent: bool) -> None:
    server = start(workers=2, watch_parent=watch_parent).ready()
    server.wait_for("worker", 2)
    server.process.kill()
    assert eventually(lambda: all(map(is_gone, server.workers)), 1.5)
    assert eventually(lambda: is_free(server.port), 1.5)


def test_parent_dead_before_the_worker_could_ask_ends_the_worker() -> None:
    code = "import os; from mockserver.kinship import die_with_parent as die; die(os.getppid() + 1); print('on')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=with_path())
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(serving.__file__).parents[1])}


@pytest.mark.parametrize("workers", [1, 2])
def test_worker_killed_is_replaced_at_once(start: Callable[..., Server], workers: int) -> None:
    server = start(workers=workers, raw_paths=workers == 1).ready()
    server.wait_for("worker", workers)
    victim = server.workers[0]
    os.kill(victim, signal.SIGKILL)
    server.wait_for("worker", workers + 1)
    killed = time.monotonic()
    assert eventually(lambda: is_answered(server))
    assert time.monotonic() - killed < 2
    status, _, said = server.end()
    assert status == 0
    assert re.fullmatch(
        rf"mockserver: worker [12] \(process {victim}\) was killed by SIGKILL; starting another one\n", said
    )


def test_all_workers_killed_at_once_are_all_replaced(start: Callable[..., Server]) -> None:
    server = start(workers=4).ready()
    server.wait_for("worker", 4)
    first = server.workers[:4]
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    server.wait_for("worker", 8)
    assert eventually(lambda: is_answered(server))
    status, _, said = server.end()
    assert (status, said.count("starting another one")) == (0, 4)


def test_worker_that_dies_again_at_once_ends_the_server(start: Callable[..., Server]) -> None:
    server = start().ready()
    os.kill(server.workers[0], signal.SIGKILL)
    server.wait_for("worker", 2)
    os.kill(server.workers[1], signal.SIGKILL)
    status, _, said = server.ended(time.monotonic())
    assert status == 1
    assert said.splitlines()[-1].endswith("was killed by SIGKILL within 5.5 s of its replacement; giving up")
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_application_that_cannot_be_loaded_ends_the_start(start: Callable[..., Server], workers: int) -> None:
    server = start(workers=workers, load_fails=True)
    status, _, said = server.ended(time.monotonic())
    assert status == 1
    assert "mockserver: the application could not be loaded: LookupError: no such contract\n" in said
    assert re.search(r"worker [12] \(process \d+\) ended with status 1 before it could serve; giving up\n$", said)
    assert len(said.splitlines()) <= workers + 1
    assert not any(line.startswith("ready") for line in server.lines)


def test_two_workers_that_fail_in_turn_end_the_server(start: Callable[..., Server], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    server = start(workers=2, load_fails_if=str(broken)).ready()
    server.wait_for("worker", 2)
    broken.touch()
    for pid in server.workers:
        os.kill(pid, signal.SIGKILL)
    status, _, said = server.ended(time.monotonic())
    assert status == 1
    assert said.count("giving up") == 1


def test_four_workers_all_answer_and_no_connection_is_swallowed(start: Callable[..., Server]) -> None:
    server = start(workers=4).ready()
    server.wait_for("worker", 4)
    answered: list[bytes] = []

    def every_worker_answered() -> bool:
        status, body = server.get("/pid")
        assert status == 200
        answered.append(body)
        return {int(pid) for pid in answered} == set(server.workers)

    assert eventually(every_worker_answered)
    assert [server.get("/pid")[0] for _ in range(200)] == [200] * 200


def test_server_is_ready_when_its_slowest_worker_is(start: Callable[..., Server]) -> None:
    server = start(workers=3, slow_worker=2).ready()
    assert [line.split()[0] for line in server.lines][-2:] == ["slow", "ready"]


@pytest.mark.parametrize("start_method", ["spawn", "forkserver"])
def test_start_method_of_the_process_does_not_matter(start: Callable[..., Server], start_method: str) -> None:
    assert start(start_method=start_method).ready().get("/pid")[0] == 200


def test_connections_beyond_the_limit_on_open_files_wait(start: Callable[..., Server]) -> None:
    server = start(open_files=96).ready()
    idle = [server.connect() for _ in range(150)]
    waiting = idle.pop()
    try:
        waiting.sendall(get("/pid"))
        waiting.settimeout(0.3)
        before = seconds_of_work(server.workers[0])
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        assert seconds_of_work(server.workers[0]) - before < 0.1, "accepting fails for want of files, and spins"
        for connection in idle:
            connection.close()
        waiting.settimeout(PATIENCE)
        assert b"200 OK" in receive_all(waiting)
    finally:
        for connection in [*idle, waiting]:
            connection.close()


def seconds_of_work(pid: int) -> float:
    stat = Path(f"/proc/{pid}/stat")
    ticks = stat.read_text().rsplit(")", 1)[1].split()[11:13] if stat.exists() else []
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def test_importing_the_module_does_not_import_granian() -> None:
    code = "import sys, mockserver.serving; print('granian' in sys.modules, 'asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=with_path())
    assert done.stdout.split() == ["False", "False"]


# Delayed answers


def test_three_hundred_delayed_answers_hold_up_nobody(shared: Server) -> None:
    with selectors.DefaultSelector() as selector:
        began = time.monotonic()
        for _ in range(300):
            selector.register(shared.connect(get("/later?1.5")), selectors.EVENT_READ)
        times = []
        for _ in range(20):
            asked = time.monotonic()
            assert shared.get("/pid")[0] == 200
            times.append(time.monotonic() - asked)
        assert time.monotonic() - began < 1.5, "too slow a machine to tell"
        assert statistics.median(times) < 0.1
        arrived = collect(selector, 300)
    assert all(moment - began >= 1.5 for moment in arrived)
    assert max(arrived) - began < 1.5 + 5


def collect(selector: selectors.BaseSelector, expected: int) -> list[float]:
    moments: list[float] = []
    deadline = time.monotonic() + PATIENCE
    while len(moments) < expected and time.monotonic() < deadline:
        for key, _ in selector.select(1):
            selector.unregister(key.fileobj)
            assert isinstance(key.fileobj, socket.socket)
            moments.append(time.monotonic())
            with key.fileobj as connection:
                answer = receive_all(connection)
            assert answer.startswith(b"HTTP/1.1 201 Created\r\n")
            assert answer.endswith(b"\r\n\r\nlate")
    assert len(moments) == expected
    return moments


def test_shorter_delay_asked_for_later_is_answered_first(shared: Server) -> None:
    with shared.connect(get("/later?30")) as long:
        assert shared.get("/pid")[0] == 200  # the long one was taken in before this one
        with shared.connect(get("/later?0.2")) as short:
            assert receive_all(short).endswith(b"late")
        long.setblocking(False)
        with pytest.raises(BlockingIOError):
            long.recv(1)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_delay_that_is_none_is_answered_at_once(shared: Server, seconds: str) -> None:
    assert shared.get(f"/later?{seconds}") == (201, b"late")


def test_delayed_answer_with_wrong_headers_is_a_500_and_later_ones_still_come(shared: Server) -> None:
    assert shared.get("/later-wrong")[0] == 500
    assert shared.get("/later?0.01") == (201, b"late")


# The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_idle_server_within_a_second_in_silence(start: Callable[..., Server], number: int) -> None:
    server = start(workers=2).ready()
    server.wait_for("worker", 2)
    with server.connect(b"GET /pid HTTP/1.1\r\nHost: mock\r\n\r\n") as kept_alive:
        assert kept_alive.recv(65536).startswith(b"HTTP/1.1 200")
        status, seconds, said = server.end(number)
        assert kept_alive.recv(1) == b""
    assert (status, said) == (0, "")
    assert seconds < 1


def test_ctrl_c_reaches_the_whole_group_and_is_no_crash(start: Callable[..., Server]) -> None:
    server = start(workers=2).ready()
    server.wait_for("worker", 2)
    began = time.monotonic()
    os.killpg(server.process.pid, signal.SIGINT)
    status, seconds, said = server.ended(began)
    assert (status, said) == (0, "")
    assert seconds < 1


def test_ctrl_c_that_reaches_a_worker_alone_is_left_to_its_parent(start: Callable[..., Server]) -> None:
    server = start().ready()
    os.kill(server.workers[0], signal.SIGINT)
    assert server.get("/pid") == (200, str(server.workers[0]).encode())
    assert server.end()[::2] == (0, "")


@FRONTS
@pytest.mark.parametrize("delay", ["3600", "inf"])
def test_signal_lets_delayed_answers_go_at_once(start: Callable[..., Server], delay: str, raw_paths: bool) -> None:
    server = start(raw_paths=raw_paths).ready()
    with server.connect(get(f"/later?{delay}")) as connection:
        assert server.get("/pid")[0] == 200  # the other one was taken in before this one
        status, seconds, said = server.end()
        assert receive_all(connection).endswith(b"late")
    assert (status, said) == (0, "")
    assert seconds < 1


@FRONTS
def test_request_in_flight_finishes_within_the_grace(start: Callable[..., Server], raw_paths: bool) -> None:
    server = start(raw_paths=raw_paths).ready()
    with server.connect(get("/sleep?0.3")) as connection:
        server.wait_for("sleeping")
        status, _, said = server.end()
        assert receive_all(connection).endswith(b"slept")
    assert (status, said) == (0, "")


def test_request_in_flight_beyond_the_grace_is_cut(start: Callable[..., Server]) -> None:
    server = start().ready()
    with server.connect(get("/sleep?30")) as connection:
        server.wait_for("sleeping")
        status, seconds, said = server.end()
        assert not connection.recv(1)
    assert (status, said) == (0, "")
    assert 0.7 < seconds < 1.2


def test_header_half_sent_does_not_hold_up_the_end(start: Callable[..., Server]) -> None:
    server = start().ready()
    with server.connect(b"GET /pid HTTP/1.1\r\nHo"):
        assert server.get("/pid")[0] == 200
        status, seconds, said = server.end()
    assert (status, said) == (0, "")
    assert seconds < 1.2


def test_alarm_may_be_set_by_a_signal_at_any_moment() -> None:
    program = (
        "import signal, time; from mockserver.granian_worker import Alarm; alarm = Alarm()\n"
        "calls = []\n"
        "signal.signal(signal.SIGALRM, lambda *_: calls.append(alarm.set()))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        "end = time.monotonic() + 0.5\n"
        "while time.monotonic() < end:\n"
        "    alarm.wait(0.000001); alarm.clear()\n"
        "signal.setitimer(signal.ITIMER_REAL, 0); alarm.clear()\n"
        "print(len(calls) > 10, alarm.wait(0.001), alarm.set(), alarm.wait(0), alarm.wait())\n"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=with_path())
    assert (run.stdout, run.stderr) == ("True False None True True\n", "")


def test_signal_while_loading_ends_the_start(start: Callable[..., Server]) -> None:
    server = start(load_seconds=60)
    server.wait_for("worker")
    status, seconds, said = server.end()
    assert (status, said) == (0, "")
    assert seconds < 0.7, "it was killed at the end of the grace"


# The last net


@pytest.mark.parametrize(
    ("route", "name"),
    [
        ("raise", "ValueError"),
        ("raise-generator", "ValueError"),
        ("exit", "SystemExit"),
        ("no-start", "RuntimeError"),
        ("status-99", "ValueError"),
        ("later-wrong", "TypeError"),
    ],
)
def test_exception_of_the_application_is_a_plain_500(start: Callable[..., Server], route: str, name: str) -> None:
    server = start().ready()
    assert server.get(f"/{route}") == (500, b'{"error":"internal server error"}\n')
    assert server.get("/pid")[0] == 200
    assert server.end()[::2] == (0, f"mockserver: the application raised {name}\n")


def test_exception_of_the_application_is_the_same_500_where_raw_paths_are_told(start: Callable[..., Server]) -> None:
    server = start(raw_paths=True).ready()
    routes = ["raise", "raise-generator", "exit", "no-start", "status-99", "later-wrong"]
    assert {server.get(f"/{route}") for route in routes} == {(500, b'{"error":"internal server error"}\n')}
    status, _, said = server.end()
    names = ["RuntimeError", "SystemExit", "TypeError", "ValueError", "ValueError", "ValueError"]
    assert (status, sorted(said.splitlines())) == (0, [f"mockserver: the application raised {name}" for name in names])


@FRONTS
def test_exception_in_the_middle_of_a_body_cuts_the_answer(start: Callable[..., Server], raw_paths: bool) -> None:
    server = start(raw_paths=raw_paths).ready()
    assert not server.exchange(get("/raise-middle")).endswith(b"1234567890")
    assert server.get("/pieces") == (200, b"abcdef")
    assert server.end()[::2] == (0, "mockserver: the application raised ValueError in the middle of its answer\n")


# What the engine may rely on: facts of the pinned granian


def environ_of(server: Server, sent: bytes) -> dict[str, str]:
    head, _, body = server.exchange(sent).partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")), head
    shown: dict[str, str] = json.loads(body)
    return shown


def post(body: str, *headers: str) -> bytes:
    return get("/x", *headers).replace(b"GET", b"POST", 1) + body.encode()


def test_variable_of_the_process_is_no_header(shared: Server) -> None:
    assert "HTTP_AUTHORIZATION" not in environ_of(shared, get("/x"))
    assert environ_of(shared, get("/x", "Authorization: Bearer a"))["HTTP_AUTHORIZATION"] == "Bearer a"


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        (["Authorization: Bearer a", "Authorization: Bearer b"], "Bearer a,Bearer b"),
        (["Authorization:", "Authorization: Bearer b"], ",Bearer b"),
        (["Authorization: Bearer a", "Authorization:"], "Bearer a,"),
        (["Authorization: Bearer \xe9"], ""),
        (["Authorization:  Bearer \t a "], "Bearer \t a"),
    ],
)
def test_authorization_several_times_is_joined_with_a_comma(shared: Server, headers: list[str], value: str) -> None:
    assert environ_of(shared, get("/x", *headers))["HTTP_AUTHORIZATION"] == value


def test_content_type_several_times_is_the_first(shared: Server) -> None:
    environ = environ_of(shared, get("/x", "Content-Type: a/b", "Content-Type: c/d", "Content_Type: e/f"))
    assert (environ["CONTENT_TYPE"], environ["HTTP_CONTENT_TYPE"]) == ("a/b", "e/f")


@pytest.mark.parametrize(
    ("target", "path", "query", "raw"),
    [
        ("/a%2Fb?c=%41", "/a/b", "c=%41", "/a%2Fb?c=%41"),
        ("/a%252Fb", "/a%2Fb", "", "/a%252Fb"),
        ("/%C3%A9%ff", "/\xc3\xa9\xff", "", "/%C3%A9%ff"),
        ("/\xc3\xa9?\xc3\xa9", "/\xc3\xa9", "\xc3\xa9", "/\xc3\xa9?\xc3\xa9"),
        ("/%zz%00%", "/%zz\x00%", "", "/%zz%00%"),
        ("/a/../b;c", "/a/../b;c", "", "/a/../b;c"),
        ("//a", "//a", "", "//a"),
        ("http://other:99/a?b", "/a", "b", "/a?b"),
        ("http://other:99", "/", "", "/"),
        ("*", "*", "", "*"),
    ],
)
def test_target_is_decoded_as_latin_1_and_kept_raw_where_that_is_asked_for(
    shared: Server, target: str, path: str, query: str, raw: str
) -> None:
    environ = environ_of(shared, get(target))
    assert (environ["PATH_INFO"], environ["QUERY_STRING"], environ["HTTP_HOST"]) == (path, query, "mock")
    assert environ.get("RAW_URI") == (raw if shared.tells_raw_paths else None)
    assert "REQUEST_URI" not in environ


def test_both_interfaces_make_the_same_environ_of_a_request(start: Callable[..., Server]) -> None:
    sent = post("hi", "Cookie: a=1", "X-A: 1", "cookie: b=2", "X-A: 2", "X-L: \xe9", "Content-Length: 2", "X-Read: 9")
    sent = sent.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Host: mock\r\n", b"")
    one, other = (environ_of(start(raw_paths=raw).ready(), sent) for raw in (False, True))
    assert other.pop("RAW_URI") == "/x"
    assert [other[name] for name in ("HTTP_COOKIE", "HTTP_X_A", "HTTP_X_L")] == ["a=1;b=2", "1,2", ""]
    assert {**one, "SERVER_PORT": ""} == {**other, "SERVER_PORT": ""}


def test_chunked_body_is_read_whole_and_has_no_length(shared: Server) -> None:
    sent = post("2\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "X-Read: 100")
    environ = environ_of(shared, sent)
    assert environ["body"] == "hiyou"
    assert "CONTENT_LENGTH" not in environ


def test_body_shorter_than_its_length_is_read_short(shared: Server) -> None:
    with shared.connect(post("hi", "Content-Length: 10", "X-Read: 100")) as connection:
        connection.shutdown(socket.SHUT_WR)
        environ = json.loads(receive_all(connection).partition(b"\r\n\r\n")[2])
    assert (environ["body"], environ["CONTENT_LENGTH"]) == ("hi", "10")


def test_client_that_asks_before_sending_is_told_to_go_on(shared: Server) -> None:
    with shared.connect(post("", "Content-Length: 2", "Expect: 100-continue", "X-Read: 100")) as connection:
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hi")
        assert json.loads(receive_all(connection).partition(b"\r\n\r\n")[2])["body"] == "hi"


def test_body_left_unread_does_not_spoil_the_next_request(shared: Server) -> None:
    small = b"POST /pid HTTP/1.1\r\nHost: mock\r\nContent-Length: 2\r\n\r\nhi" + get("/pid")
    assert shared.exchange(small).count(b"HTTP/1.1 200 OK") == 2


def test_requests_sent_at_once_are_answered_in_their_order(shared: Server) -> None:
    first = post("one", "Content-Length: 3", "X-Read: 9").replace(b"Connection: close\r\n", b"")
    chunked = post("3\r\ntwo\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "X-Read: 9")
    answer = shared.exchange(first + get("/pieces").replace(b"Connection: close\r\n", b"") + chunked)
    assert re.findall(rb'"body": "(\w+)"|(abcdef)', answer) == [(b"one", b""), (b"", b"abcdef"), (b"two", b"")]


def test_client_that_leaves_ends_the_body_that_nobody_reads(shared: Server) -> None:
    before = shared.lines.count("flood ended")
    clients = [shared.connect(get("/flood")) for _ in range(2)]
    assert all(client.recv(1) for client in clients)
    clients += [shared.connect(get("/flood").replace(b"GET", b"HEAD", 1))]
    assert shared.get("/pid")[0] == 200
    for client in clients:
        client.close()
    assert eventually(lambda: shared.lines.count("flood ended") == before + 3)


def test_long_body_comes_whole(shared: Server) -> None:
    sent = "x" * 200_000
    assert environ_of(shared, post(sent, f"Content-Length: {len(sent)}", "X-Read: 300000"))["body"] == sent


def test_head_has_the_length_and_no_body(shared: Server) -> None:
    answer = shared.exchange(get("/closing").replace(b"GET", b"HEAD", 1))
    assert b"content-length: 2\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_idle_and_half_sent_connections_end_after_the_header_time(start: Callable[..., Server]) -> None:
    server = start(header_time=0.3).ready()
    for sent in (b"", b"GET /pid HTTP/1.1\r\nHo", b"GET /pid HTTP/1.1\r\nHost: mock\r\n\r\n"):
        began = time.monotonic()
        server.exchange(sent)
        assert 0.25 < time.monotonic() - began < PATIENCE


# Bodies that are slow in coming

HALF_SENT = b"POST /read HTTP/1.1\r\nHost: mock\r\nX-Read: 9\r\nContent-Length: 9\r\n\r\nhal"
HALF_SENT_CHUNKS = b"POST /read HTTP/1.1\r\nHost: mock\r\nX-Read: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n"


@contextlib.contextmanager
def half_sent(server: Server, bodies: int, sent: bytes = HALF_SENT) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect(sent)) for _ in range(bodies)]


def seconds_for_a_body(server: Server, *, chunked: bool = False) -> float:
    began = time.monotonic()
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 5"
    answer = server.exchange(post("5\r\nready\r\n0\r\n\r\n" if chunked else "ready", length, "X-Read: 9"))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["body"] == "ready"
    return time.monotonic() - began


def test_half_sent_bodies_up_to_the_limit_hold_up_nobody_and_can_be_finished(shared: Server) -> None:
    with half_sent(shared, SLOW_BODIES) as slow:
        assert max(seconds_for_a_body(shared) for _ in range(5)) < BODY_TIME / 10
        assert shared.get("/pid")[0] == 200
        for one in slow:
            one.sendall(b"f here")
            assert one.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_half_sent_chunks_up_to_the_limit_hold_up_nobody_and_can_be_finished(shared: Server) -> None:
    with half_sent(shared, SLOW_BODIES, HALF_SENT_CHUNKS) as slow:
        assert max(seconds_for_a_body(shared, chunked=True) for _ in range(5)) < BODY_TIME / 10
        assert shared.get("/pid")[0] == 200
        for one in slow:
            one.sendall(b"6\r\nf here\r\n0\r\n\r\n")
            assert one.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_half_sent_bodies_after_a_rush_hold_up_nobody_for_long(shared: Server) -> None:
    whole = post("ready", "Content-Length: 5", "X-Read: 9").replace(b"Connection: close\r\n", b"")
    with contextlib.ExitStack() as stack:  # a rush: every thread is made, and those that are too many rest
        rush = [stack.enter_context(shared.connect(whole * 50)) for _ in range(32)]
        for one in rush:
            received = b""
            while received.count(b'"body": "ready"') < 50:
                received += one.recv(1 << 20)
    with half_sent(shared, SLOW_BODIES):
        assert seconds_for_a_body(shared) < BODY_TIME / 10
        assert max(seconds_for_a_body(shared) for _ in range(5)) < BODY_TIME / 10


@FRONTS
def test_half_sent_bodies_beyond_the_limit_are_given_up_and_whoever_waits_goes_on(
    start: Callable[..., Server], raw_paths: bool
) -> None:
    server = start(crowded_time=0.3, raw_paths=raw_paths).ready()
    with half_sent(server, 3 * SLOW_BODIES, HALF_SENT_CHUNKS):
        assert seconds_for_a_body(server, chunked=True) < BODY_TIME / 2
    status, _, said = server.end()
    assert (status, said) == (0, "")


@FRONTS
def test_body_that_does_not_come_is_answered_408_and_the_connection_ends(
    start: Callable[..., Server], raw_paths: bool
) -> None:
    server = start(body_time=0.3, raw_paths=raw_paths).ready()
    for sent in (HALF_SENT, HALF_SENT_CHUNKS):
        began = time.monotonic()
        head, _, body = server.exchange(sent).partition(b"\r\n\r\n")
        assert 0.25 < time.monotonic() - began < PATIENCE
        assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert body == b'{"error":"the body did not arrive in time"}'
    assert seconds_for_a_body(server) < PATIENCE


def test_half_sent_bodies_hold_no_thread_where_they_are_gathered(start: Callable[..., Server]) -> None:
    server = start(raw_paths=True).ready()
    with half_sent(server, 20 * SLOW_BODIES) as slow:
        assert seconds_for_a_body(server, chunked=True) < BODY_TIME / 10
        slow[0].sendall(b"f here")
        assert slow[0].recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_body_beyond_the_limit_is_for_the_application_to_refuse_unread(start: Callable[..., Server]) -> None:
    server = start(raw_paths=True, body_limit=8).ready()
    with server.connect(HALF_SENT.replace(b"/read", b"/closing").removesuffix(b"hal")) as connection:
        assert receive_all(connection).endswith(b"ok")


@FRONTS
def test_body_half_sent_does_not_hold_up_the_end_for_longer_than_the_grace(
    start: Callable[..., Server], raw_paths: bool
) -> None:
    server = start(raw_paths=raw_paths).ready()
    with half_sent(server, 5), half_sent(server, 5, HALF_SENT_CHUNKS):
        assert seconds_for_a_body(server) < PATIENCE
        status, seconds, _ = server.end()
    assert status == 0
    assert seconds < 2


def test_part_of_granian_that_is_missing_is_named_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    from granian.server import mp

    from mockserver.granian_worker import RELIED_ON, verify_granian

    verify_granian()
    assert "_wsgi_call_wrap" in RELIED_ON["granian.server.mp"]
    monkeypatch.delattr(mp, "_wsgi_call_wrap")
    with pytest.raises(CannotServe, match=r"no granian\.server\.mp\._wsgi_call_wrap.*Install granian==2\.8\.7"):
        verify_granian()


def test_ctrl_c_before_anything_was_started_is_a_quiet_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def press() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.granian_worker.verify_granian", press)
    reservation = reserve("127.0.0.1", 0)
    assert serving.serve(reservation, lambda _worker: lambda _environ, _start: []) == 0
    with reserve("127.0.0.1", reservation.address.port):
        pass


def test_platform_without_fork_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with reserve("127.0.0.1", 0) as reservation, pytest.raises(CannotServe, match="Linux, macOS or WSL"):
        serving.serve(reservation, lambda _worker: lambda _environ, _start: [])
