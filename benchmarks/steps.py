"""Where a request to ours spends its time: the steps of the pipeline, each without those inside it, in this process.

    python -m benchmarks.steps

It calls what the server calls for each request, so everything is in it but granian, the kernel and the network. Times
are medians; what taking the time itself costs is measured and left out.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

from benchmarks.asking import BODY, KEY, PATH
from mockserver import engine, identifiers, journal, lane, log, writer, wsgi_bridge
from mockserver.credentials import Keyring
from mockserver.sessions import InMemory, Keeper
from mockserver.settings import Settings
from openapi.contract import packaged_contract
from openapi.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, REQUESTS = 60, 200

STEPS: tuple[tuple[object, str, str], ...] = (
    (lane, "request_of", "read the head"),
    (Keyring, "authenticate", "authenticate"),
    (engine, "read_body", "read the body, as strict JSON"),
    (Schema, "check", "validate the body"),
    (engine, "choose", "negotiate the media type"),
    (identifiers.Identifiers, "session", "make token and link"),
    (Keeper, "create", "make the session, digest its link"),
    (InMemory, "next", "count the caller's sessions"),
    (InMemory, "add", "keep the session"),
    (identifiers.Identifiers, "request_id", "make the request id"),
    (writer, "encode", "write the answer as JSON"),
    (writer.Writer, "send", "make the answer's head"),
    (journal.Journal, "record", "take it down in the journal"),
    (InMemory, "record", "keep it, drop the oldest"),
    (log.RequestLog, "__call__", "hand it to the log"),
    (engine.Engine, "answer_at", "the pipeline between these"),
    (lane.Lane, "__call__", "from WSGI and back"),
)
"""Where a step is looked up, its name there, and what it does."""


class Watch:
    """Takes the time of steps within steps."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}
        self._inside = [0.0]

    def over(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that does the same, and is timed without the steps inside it."""
        self.times.setdefault(what, 0.0)

        def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the step takes and gives
            self._inside.append(0.0)
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                passed = time.perf_counter() - began
                self.times[what] += passed - self._inside.pop()
                self._inside[-1] += passed

        return timed


class _Client:
    """Takes the answer, as granian's exchange does."""

    def response_bytes(self, status: int, headers: object, body: bytes) -> None:
        assert status == 200, (headers, body)

    def response_iter(self, status: int, headers: object, body: object) -> None:
        raise AssertionError((status, headers, body))


def main() -> int:
    """Measure and print a table."""
    ask = _asking()
    whole = [_microseconds(ask) for _ in range(ROUNDS)]
    watch, taken = Watch(), dict[str, list[float]]()
    with ExitStack() as patches:
        for where, name, what in STEPS:
            patches.enter_context(mock.patch.object(where, name, watch.over(what, getattr(where, name))))
        own = _own_cost()
        for _ in range(ROUNDS):
            watch.times.update(dict.fromkeys(watch.times, 0.0))
            _microseconds(ask)
            for what, seconds in watch.times.items():
                taken.setdefault(what, []).append(max(0.0, seconds / REQUESTS * 1e6 - own))
    steps = {what: statistics.median(times) for what, times in taken.items()}
    print("| step | us | share |\n| --- | --- | --- |")
    for what, step in steps.items():
        print(f"| {what} | {step:.1f} | {step / sum(steps.values()):.0%} |")
    print(f"| a request, when no step is timed | {statistics.median(whole):.1f} | |")
    return 0


def _asking() -> Callable[[], None]:
    """Make what sends one request through everything that is ours of the server."""
    made = engine.Engine(packaged_contract("published"), Settings(), observe=log.RequestLog("text", io.StringIO()))
    application = lane.Lane(made, lambda _: lambda _environ, _start: ())
    answer = wsgi_bridge.answer_through(
        application, wsgi_bridge.Delays(), sys.exit, multiprocess=False, threads=(1, 17)
    )
    body = BODY.encode()
    head = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {KEY}",
        "HTTP_HOST": "127.0.0.1:8080",
        "wsgi.url_scheme": "http",
    }
    client = _Client()
    return lambda: answer(client, {**head, "wsgi.input": io.BytesIO(body)})


def _microseconds(ask: Callable[[], None]) -> float:
    began = time.perf_counter()
    for _ in range(REQUESTS):
        ask()
    return (time.perf_counter() - began) / REQUESTS * 1e6


def _own_cost() -> float:
    """Measure what a step that does nothing seems to take."""
    watch = Watch()
    timed = watch.over("", int)
    for _ in range(10_000):
        timed()
    return watch.times[""] / 10_000 * 1e6


if __name__ == "__main__":
    sys.exit(main())
