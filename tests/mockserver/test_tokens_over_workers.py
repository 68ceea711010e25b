"""Tokens over real connections and worker processes: unique without a seed, the same again with one."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/volc/asset/CreateVisualValidateSession"
HEADERS = {"Authorization": "Bearer sk-mock-byteplus-direct"}


@contextmanager
def mock(folder: Path, *options: str) -> Iterator[int]:
    """Run the mock; give its port."""
    port_file = folder / "port"
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--port-file", str(port_file), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        limit = time.monotonic() + 20
        while not port_file.exists():
            assert process.poll() is None, "the mock ended"
            assert time.monotonic() < limit, "no port file"
            time.sleep(0.02)
        yield int(port_file.read_text(encoding="ascii"))
    finally:
        process.terminate()
        process.wait(10)


def call(port: int, times: int, into: list[str]) -> None:
    """Ask for sessions over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for _ in range(times):
        connection.request("POST", PATH, headers=HEADERS)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, body
        into.append(body["BytedToken"])
    connection.close()


def tokens_of(port: int, connections: int, times: int) -> list[str]:
    """Ask over several connections at once."""
    found: list[list[str]] = [[] for _ in range(connections)]
    threads = [threading.Thread(target=call, args=(port, times, into)) for into in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [token for into in found for token in into]


def test_ten_thousand_calls_over_four_workers_give_ten_thousand_tokens(tmp_path: Path) -> None:
    with mock(tmp_path, "--workers", "4") as port:
        tokens = tokens_of(port, connections=4, times=2500)
    assert len(tokens) == 10_000
    assert len(set(tokens)) == 10_000


def test_the_same_seed_and_time_give_the_same_tokens_again(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        with mock(tmp_path, "--seed", "42", "--clock", "2026-07-02T22:15:26+08:00") as port:
            runs.append(sorted(tokens_of(port, connections=4, times=250)))
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 1000


def test_the_same_seed_at_another_time_differs_in_the_time_only(tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        with mock(tmp_path, "--seed", "42") as port:
            runs.append(tokens_of(port, connections=1, times=50))
    assert [token[14:] for token in runs[0]] == [token[14:] for token in runs[1]]


def test_another_seed_gives_other_tokens(tmp_path: Path) -> None:
    runs = []
    for seed in ("42", "43"):
        with mock(tmp_path, "--seed", seed) as port:
            runs.append({token[14:] for token in tokens_of(port, connections=1, times=50)})
    assert not runs[0] & runs[1]
