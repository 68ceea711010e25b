"""A Redis of a test's own, on loopback, which can be killed, held still and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.system.running import PATIENCE, eventually

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RedisServer"]

MISSING = "redis-server is not installed: apt-get install redis-server"


class RedisServer:
    """`redis-server` with its data in a folder: each answered command survives its death (append-only file)."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("redis-server")
        if program is None:
            if os.environ.get("CI"):
                pytest.fail(MISSING, pytrace=False)
            pytest.skip(MISSING)
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        self._command = [
            program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder), "--save", "",
            "--appendonly", "yes", "--logfile", str(folder / "redis.log"), *options,
        ]  # fmt: skip
        self.start()

    def __enter__(self) -> RedisServer:  # noqa: PYI034 - typing.Self came with Python 3.11
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, with the data that it has."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        assert eventually(lambda: self.ask(b"PING").startswith((b"+PONG", b"-NOAUTH"))), "Redis does not answer"

    def ask(self, line: bytes) -> bytes:
        """Send one inline command; give what came back, nothing when it does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
                connection.sendall(line + b"\r\n")
                return connection.recv(65536)
        except OSError:
            return b""

    def hold(self) -> None:
        """Let it take connections and answer nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it, as a crash would."""
        self.process.kill()
        self.process.wait(PATIENCE)
