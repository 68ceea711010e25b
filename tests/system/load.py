"""Verifications without end, by clients that try again when a connection breaks, and what they were told meanwhile."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.system.journeys import KEYS
from tests.system.running import CREATE, RESULT, Client, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from tests.system.running import Answer

__all__ = ["Load", "Told"]

BROKEN = (OSError, http.client.HTTPException)
"""What a client sees of a server that is killed; it tries again. Nothing else may happen."""


@dataclass(slots=True)
class Told:
    """What was answered about one session."""

    key: str
    token: str
    passed: bool = False
    group: str = ""


@dataclass(slots=True)
class Load:
    """Threads that make and complete sessions until the end of the `with` block. 503 is an answer only where it may be.

    breaks: exchanges that broke off. refused: answers 503.
    """

    ports: Sequence[int]
    may_refuse: bool = False
    threads: int = 4
    told: list[Told] = field(default_factory=list)
    breaks: list[BaseException] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    wrong: list[object] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Load:  # noqa: PYI034 - typing.Self came with Python 3.11
        for number in range(self.threads):
            self._running.append(threading.Thread(target=self._run, args=(number,)))
            self._running[-1].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def go_on(self, sessions: int = 60) -> None:
        """Let that many more sessions be made."""
        enough = len(self.told) + sessions
        assert eventually(lambda: len(self.told) >= enough or bool(self.wrong)), "nothing goes on"

    def stop(self) -> None:
        """End the load, and wait until nobody asks any more."""
        self._over.set()
        for thread in self._running:
            thread.join()

    def _run(self, number: int) -> None:
        clients = [Client(port) for port in self.ports]
        turn = number
        try:
            while not self._over.is_set():
                turn += 1
                self._journey(lambda turn=turn: clients[turn % len(clients)], KEYS[turn % len(KEYS)])  # type: ignore[misc]
        except BaseException as error:  # noqa: BLE001 - a thread must not end in silence
            self.wrong.append(error)
        finally:
            for client in clients:
                client.close()

    def _journey(self, client: Callable[[], Client], key: str) -> None:
        made = self._insist(lambda: client().call(CREATE, {}, key))
        if made is None:
            return
        told = Told(key, str(made.value["BytedToken"]))
        self.told.append(told)
        done = self._insist(lambda: client().complete(told.token), also=409)  # 409: done by a try that broke off
        if done is None:
            return
        told.passed = True
        told.group = str(done.value.get("GroupId", ""))
        found = self._insist(lambda: client().call(RESULT, {"BytedToken": told.token}, key))
        if found is not None:
            group = str(found.value["GroupId"])
            if not group or told.group not in ("", group):
                self.wrong.append((told, group))
            told.group = group

    def _insist(self, ask: Callable[[], Answer], also: int = 200) -> Answer | None:
        """Ask until there is an answer that may be; None at the end of the load."""
        while not self._over.is_set():
            began = time.monotonic()
            try:
                answer = ask()
            except BROKEN as error:
                self.breaks.append(error)
                time.sleep(0.02)
                continue
            if answer.status == 503 and self.may_refuse:
                self.refused.append(time.monotonic() - began)
                time.sleep(0.02)
                continue
            if answer.status not in (200, also):
                self.wrong.append(answer)
            return answer
        return None

    def check(self, clients: Sequence[Client]) -> None:
        """Look whether everything that was answered still holds, and can go on, through each client."""
        assert self.wrong == [], self.wrong
        assert self.told
        for number, told in enumerate(self.told):
            client = clients[number % len(clients)]
            status, group = client.result(told.token, told.key)
            assert status == 200, "a session that was answered is lost"
            if told.passed:
                assert group, "a passed verification is lost"
                assert told.group in ("", group)
            elif not group:  # the load ended, or its try to complete was not answered
                answer = client.complete(told.token)
                assert answer.status == 200, answer
                assert client.result(told.token, told.key) == (200, answer.value["GroupId"])
