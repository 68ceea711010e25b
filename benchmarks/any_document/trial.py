"""One document: its requests are made once, sent to each server, and every answer is judged the same way."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.any_document.asking import Asked, Asking, NotAsked
from benchmarks.any_document.description import Description
from benchmarks.any_document.judging import Judge
from benchmarks.any_document.servers import Answer, DidNotStart, started

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.any_document.judging import Verdict
    from benchmarks.any_document.servers import Server

FIRST = 50
"""Requests that are tried for the first right answer."""

MOST_SECONDS = 300.0
"""What the answers to one document may take of a server before the rest of the requests is not sent."""

GIVEN_UP = f"not sent: the answers before took {MOST_SECONDS:g} s"

__all__ = ["Miss", "Played", "Prepared", "play"]


@dataclass(frozen=True, slots=True)
class Miss:
    """A request whose answer was not right. kind: `status`, `body`, `openapi-core alone` or `jsonschema alone`."""

    request: str
    kind: str
    what: str
    status: int


@dataclass(slots=True)
class Played:
    """What a server did with a document.

    failure: why it did not start. ready: seconds, None when nothing was right. memory: of all its processes after the
    last request, proportional (PSS) in MB.
    """

    server: str
    version: str = ""
    failure: str = ""
    ready: float | None = None
    memory: float | None = None
    called: int = 0
    documented: int = 0
    right: int = 0
    misses: list[Miss] = field(default_factory=list)


class Prepared:
    """A document with its judge and its requests. doubts: requests that openapi-core refuses, with the reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        description = Description.read(path)
        self.judge = Judge(description)
        self.operations = len(self.judge.description.operations)
        self.version = description.version
        self.requests: list[Asked] = []
        self.not_asked: list[NotAsked] = []
        self.doubts: dict[str, str] = {}
        asking = Asking(self.judge.description, self.judge.wrong_to_send)
        for operation in self.judge.description.operations:
            self._prepare(asking.requests(operation), asking.requests(operation, optional=False))

    def _prepare(self, full: Iterable[Asked | NotAsked], plain: Iterable[Asked | NotAsked]) -> None:
        """Keep requests, without what may be left out if openapi-core takes them so only."""
        spare: dict[str, Asked] | None = None
        for asked in full:
            if isinstance(asked, NotAsked):
                self.not_asked.append(asked)
                continue
            doubt = self.judge.doubts(asked)
            kept = asked
            if doubt:
                if spare is None:
                    spare = {one.name: one for one in plain if isinstance(one, Asked)}
                other = spare.get(asked.name)
                if other is not None and not self.judge.doubts(other):
                    kept, doubt = other, ""
            if doubt:
                self.doubts[kept.name] = doubt
            self.requests.append(kept)


def play(prepared: Prepared, server: Server) -> Played:
    """Start a server on a document, send it every request and judge what comes back. Raises `CannotInstall`."""
    played = Played(server.name, server.version)
    judge = prepared.judge
    with tempfile.TemporaryFile() as log:
        try:
            with started(server, prepared.path, log) as running:
                first = prepared.requests[:FIRST]
                played.ready = running.ready(first, lambda asked, answer: judge.judge(asked, answer).right)
                spent = 0.0
                for asked in prepared.requests:
                    before = time.perf_counter()
                    answer = running.send(asked) if spent < MOST_SECONDS else Answer(0, failure=GIVEN_UP)
                    spent += time.perf_counter() - before
                    count(played, asked, answer, judge.judge(asked, answer))
                played.memory = round(running.pss(), 1)
        except DidNotStart as error:
            played.failure = str(error)
    return played


def count(played: Played, asked: Asked, answer: Answer, verdict: Verdict) -> None:
    """Add a verdict to what was played."""
    played.called += 1
    played.documented += not verdict.status
    played.right += verdict.right
    if verdict.right:
        return
    kind, what = "body", f"{verdict.core} | {verdict.schema}"
    if verdict.status:
        kind, what = "status", verdict.status
    elif not verdict.schema:
        kind, what = "openapi-core alone", verdict.core
    elif not verdict.core:
        kind, what = "jsonschema alone", verdict.schema
    played.misses.append(Miss(asked.name, kind, what, answer.status))
