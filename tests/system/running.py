"""The real command in processes of its own, and a client that keeps its connection.

What a mock prints goes into files, so that no full pipe can stop it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockserver.credentials import WORKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

__all__ = ["PATIENCE", "Answer", "Client", "Mock", "all_at_once", "eventually", "is_gone"]

PATIENCE = 20.0
"""Seconds to wait for what takes milliseconds on an idle machine."""

CREATE = "/volc/asset/CreateVisualValidateSession"
RESULT = "/volc/asset/GetVisualValidateResult"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def value(self) -> dict[str, Any]:
        """The JSON object of the body."""
        value = json.loads(self.text)
        assert isinstance(value, dict), value
        return value

    @property
    def rule(self) -> str:
        """The rule that decided."""
        return self.headers["x-mock-rule"].partition(";")[0]


class Client:
    """One connection to a mock, kept between requests; not for several threads at once."""

    def __init__(self, port: int, key: str = WORKING, control_token: str = "", host: str = "127.0.0.1") -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        self.key = key
        self._control = {"Authorization": f"Bearer {control_token}"} if control_token else {}

    def __enter__(self) -> Client:  # noqa: PYI034 - typing.Self came with Python 3.11
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request once; a body goes out as JSON, text as it is. Raises what http.client does when that fails."""
        sent = dict(headers or {})
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        if data is not body:
            sent["Content-Type"] = "application/json"
        try:
            self._connection.request(method, target, data, sent)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the next request makes a new one
            raise
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    def call(self, target: str, body: object, key: str | None = None) -> Answer:
        """POST to an operation of the vendor, with a key."""
        return self.ask("POST", target, body, {"Authorization": f"Bearer {key or self.key}"})

    def create(self, callback: str | None = None, key: str | None = None) -> tuple[str, str]:
        """Make a session; give its token and its link."""
        answer = self.call(CREATE, {} if callback is None else {"CallbackURL": callback}, key)
        assert answer.status == 200, answer
        return str(answer.value["BytedToken"]), str(answer.value["H5Link"])

    def result(self, token: str, key: str | None = None) -> tuple[int, str]:
        """Ask for a result; give the status and the group id."""
        answer = self.call(RESULT, {"BytedToken": token}, key)
        return answer.status, str(answer.value.get("GroupId", ""))

    def control(self, route: str, body: object = None) -> Answer:
        """Ask a route of `/_mock`; with a body it is a POST."""
        return self.ask("GET" if body is None else "POST", f"/_mock/{route}", body, self._control)

    def complete(self, token: str, outcome: str = "pass", **more: object) -> Answer:
        """End a session through `/_mock`."""
        return self.control("sessions/complete", {"BytedToken": token, "outcome": outcome, **more})

    def open(self, link: str) -> Answer:
        """Open the page of a link, as a browser on this connection would."""
        parts = urlsplit(link)
        return self.ask("GET", f"{parts.path}?{parts.query}")

    def tap(self, link: str, outcome: str) -> Answer:
        """Tap Complete on the page of a link."""
        parts = urlsplit(link)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", parts.path, f"{parts.query}&outcome={outcome}", form)

    def find(self, token: str) -> Answer:
        """Ask `/_mock` for a session."""
        return self.control("sessions/find", {"BytedToken": token})

    def now(self) -> str:
        """Tell the mock's time."""
        return str(self.control("clock").value["now"])


class Mock:
    """`python -m mockserver` on a free port. Use it as a context manager: it is killed at the end if it still runs."""

    def __init__(
        self, folder: Path, *options: str, environment: Mapping[str, str] | None = None, port: int = 0
    ) -> None:
        number = len(list(folder.glob("*.out")))
        self._files = [folder / f"{number}.{name}" for name in ("out", "err", "port")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANYFAST_")}
        kept["TMPDIR"] = str(folder)  # what a killed mock leaves behind goes with the folder
        command = [sys.executable, "-m", "mockserver", "--port", str(port), "--port-file", str(self._files[2])]
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.process = subprocess.Popen(
                [*command, *options], cwd=folder, env={**kept, **(environment or {})}, stdout=out, stderr=err
            )

    def __enter__(self) -> Mock:  # noqa: PYI034 - typing.Self came with Python 3.11
        try:
            assert eventually(lambda: self._files[2].exists() or self.process.poll() is not None)
            assert self.process.poll() is None, (self.out, self.err)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def out(self) -> str:
        """What it printed on stdout so far."""
        return self._files[0].read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it printed on stderr so far: its log."""
        return self._files[1].read_text(encoding="utf-8")

    @property
    def port(self) -> int:
        return int(self._files[2].read_text(encoding="ascii"))

    @property
    def workers(self) -> list[int]:
        """The processes that serve, as the kernel lists them."""
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def client(self, key: str = WORKING, control_token: str = "") -> Client:
        return Client(self.port, key, control_token)

    def end(self) -> int:
        """Ask it to end; give its exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill it, and wait until its workers are gone too."""
        workers = self.workers if self.process.poll() is None else []
        self.process.kill()
        self.process.wait(PATIENCE)
        assert eventually(lambda: all(map(is_gone, workers)))

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return client.control("health").status in (200, 401)
        except (OSError, http.client.HTTPException):
            return False

    @contextlib.contextmanager
    def a_connection_to_each_worker(self) -> Iterator[list[Client]]:
        """Open connections until every worker has one: the kernel deals them out as it likes."""
        assert eventually(self._answers)
        idle = {worker: _sockets(worker) for worker in self.workers}
        clients: list[Client] = []
        try:
            while not all(_sockets(worker) > before for worker, before in idle.items()):
                assert len(clients) < 200, "some worker gets no connection"
                clients.append(self.client())
                assert clients[-1].control("health").status == 200
            yield clients
        finally:
            for client in clients:
                client.close()


def _sockets(pid: int) -> int:
    count = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed while we looked
            count += str(descriptor.readlink()).startswith("socket:")
    return count


def all_at_once(actions: list[Callable[[], None]]) -> None:
    """Run actions in threads that start together; raise the first thing that went wrong in one."""
    barrier = threading.Barrier(len(actions))
    wrong: list[BaseException] = []

    def run(action: Callable[[], None]) -> None:
        try:
            barrier.wait(PATIENCE)
            action()
        except BaseException as error:  # noqa: BLE001 - a thread must not end in silence
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something holds; tell whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Tell whether a process ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
