"""A Redis server of the tests' own: on a free port, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSTALL = "apt-get install redis-server"


def require_redis_server() -> str:
    """Give the command. Without it a test is skipped, but fails where CI promises that nothing is left out."""
    command = shutil.which("redis-server")
    if command is not None:
        return command
    if os.environ.get("CI"):
        pytest.fail(INSTALL, pytrace=False)
    pytest.skip(INSTALL)


class RedisServer:
    """One server that can be stopped, started again on the same port, made to hang, and asked directly."""

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        """Make one that is not started. keeps: what it answered is there again after it was killed."""
        self._command = require_redis_server()
        self._keeps = "yes" if keeps else "no"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers; another program may take the free port first, so try several."""
        for _ in range(5):
            port = self.port or _free_port()
            # With its default, everysec, Redis may answer before it has written: a kill then takes what was answered.
            keeping = ["--save", "", "--appendonly", self._keeps, "--appendfsync", "always"]
            options = ["--port", str(port), "--bind", "127.0.0.1", *keeping]
            self._process = subprocess.Popen(
                [self._command, *options, "--dir", str(self._folder)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if _answers(self._process, port):
                self.port = port
                return
            self.stop()
        pytest.fail("redis-server does not start")

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """Make it hang: connections stay, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def configured(self, **values: str) -> Iterator[None]:
        """Configure it for a while."""
        with self.client() as client:
            before = {name: str(client.config_get(name)[name]) for name in values}
            for name, value in values.items():
                client.config_set(name, value)
            try:
                yield
            finally:
                for name, value in before.items():
                    client.config_set(name, value)

    def client(self) -> redis.Redis:
        """Give a client beside the store's own; close it."""
        return redis.Redis(port=self.port)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    limit = time.monotonic() + 20
    with redis.Redis(port=port) as client:
        while process.poll() is None and time.monotonic() < limit:
            try:
                if client.info("server")["process_id"] == process.pid:
                    return True
            except redis.RedisError:
                pass
            time.sleep(0.02)
    return False
