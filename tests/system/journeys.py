"""Many verifications at once, their steps in a random order over random connections, and what has to hold of each."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from mockserver.credentials import WORKING
from tests.system.running import Client, all_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.system.running import Answer

__all__ = ["KEYS", "Journey", "travel"]

KEYS = [WORKING, *(f"{WORKING}-{number}" for number in range(6))]
"""Credentials that all work; each has its own sessions."""

WAYS = ["opened", "page", *["control"] * 14]
"""How a verification is ended: through `/_mock`, with its page open or not, or on the page, which takes longer."""

GROUP = re.compile(r"group-[0-9]{14}-[a-z0-9]{5}")


@dataclass(slots=True)
class Journey:
    """One verification on its way: what is known of it, and the steps that it still has to go."""

    key: str
    outcome: str
    way: str
    token: str = ""
    link: str = ""
    group: str = ""
    steps: list[Callable[[Client], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        ways = {
            "control": [self.complete],
            "opened": [self.open, self.be_opened, self.complete],
            "page": [self.open, self.tap],
        }
        self.steps = [self.create, self.look, self.be_hidden, *ways[self.way], self.look]

    def create(self, client: Client) -> None:
        self.token, self.link = client.create("https://app.example/done?user=7", self.key)

    def look(self, client: Client) -> None:
        """Ask for the result: that of this very journey, and an empty one before its end."""
        assert client.result(self.token, self.key) == (200, self.group)

    def be_hidden(self, client: Client) -> None:
        """Let somebody else ask."""
        assert client.result(self.token, next(key for key in KEYS if key != self.key)) == (404, "")

    def open(self, client: Client) -> None:
        assert client.open(self.link).status == 200

    def be_opened(self, client: Client) -> None:
        assert client.find(self.token).value["state"] == "opened"

    def complete(self, client: Client) -> None:
        self.end(client.complete(self.token, self.outcome))

    def tap(self, client: Client) -> None:
        """End it as a person does."""
        assert client.tap(self.link, self.outcome).status == 200
        self.end(client.find(self.token))

    def end(self, answer: Answer) -> None:
        assert answer.status == 200, answer
        assert answer.value["outcome"] == self.outcome
        self.group = answer.value["GroupId"]
        assert bool(GROUP.fullmatch(self.group)) is (self.outcome == "pass"), self.group


def travel(number: int, ports: Sequence[int], threads: int = 4, connections: int = 4) -> list[Journey]:
    """Make that many journeys, each step by whichever thread comes first, over one of its connections to each port."""
    journeys = [
        Journey(KEYS[one % len(KEYS)], "pass" if one % 3 else "fail", WAYS[one % len(WAYS)]) for one in range(number)
    ]
    waiting = list(journeys)
    lock = threading.Lock()

    def go(chance: random.Random) -> None:
        clients = [Client(port) for port in ports for _ in range(connections)]
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    at = chance.randrange(len(waiting))
                    waiting[at], waiting[-1] = waiting[-1], waiting[at]
                    journey = waiting.pop()
                journey.steps.pop(0)(chance.choice(clients))
                if journey.steps:
                    with lock:
                        waiting.append(journey)
        finally:
            for client in clients:
                client.close()

    all_at_once([partial(go, random.Random(seed)) for seed in range(threads)])  # noqa: S311 - no secret is made of it
    return journeys
