"""The suite against right servers that share no code with us or each other: none of their freedoms is an alarm."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests.exchanges import MemoryExchanges
from contract_tests.fuzzing.fuzz import fuzzes_of
from contract_tests.fuzzing.trial import check_fuzz
from contract_tests.run import Run
from contract_tests.sending import Sender
from contract_tests.targets import Target
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
GENEROUS = 10.0
"""Seconds that an answer may take: how busy this machine is says nothing about a server."""
KEY = "sk-right-key-0123456789abcdef"

VARIATIONS = {
    "plain": "",
    "errors as the vendor's": "vendor-errors",
    "errors of any JSON": "odd-errors",
    "other key order": "reversed",
    "further headers": "extra-headers",
    "pretty-printed": "pretty",
    "pretty-printed errors, too": "pretty vendor-errors",
    "beyond ASCII escaped": "escaped",
    "charset in the media type": "charset odd-errors",
    "lower-case header names": "lower-names vendor-errors",
    "chunked": "chunked",
    "chunked errors": "chunked odd-errors",
    "a connection per request": "closing",
    "a connection per request, unannounced": "hanging-up",
    "time in UTC": "utc",
    "link to itself": "own-link",
    "links with more parameters": "more-parameters",
    "errors of many words, ids and places": "wordy-errors",
    "empty CallbackURL left out": "blank-left-out",
    "all at once": "vendor-errors reversed extra-headers pretty escaped charset lower-names chunked utc blank-left-out",
}
"""What the vendor's document leaves open, by what a person calls it."""

REPORTED: dict[str, set[str]] = {"raw": set(), "asgi": set(), "node": {"invalid/not-utf8"}}
"""Cases in which another status than expected is told of."""


@contextmanager
def serving(kind: str, varied: str) -> Iterator[str]:
    """Serve with one of the three; gives the URL. Fails the test, with what to do, when Node is missing."""
    if kind == "node" and shutil.which("node") is None:
        pytest.fail("Node.js is missing; install it: apt-get install nodejs", pytrace=False)
    port = 0
    environment = {**os.environ, "RIGHT_KEY": KEY, "RIGHT_VARIED": varied}
    if kind == "asgi":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--log-level", "error"]
        command += ["asgi_app:app"]
    else:
        program = [sys.executable, "raw_sockets.py"] if kind == "raw" else ["node", "server.mjs"]
        command = [*program, KEY, *varied.split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=HERE) as process:
        try:
            assert process.stdout is not None
            port = port or int(process.stdout.readline())
            await_answers(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def await_answers(port: int) -> None:
    limit = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < limit, "the server did not start"
            time.sleep(0.02)
        else:
            return


def reported(url: str, profile: str) -> set[str]:
    """Run the whole suite, which must neither fail nor warn; give the cases whose status was told of."""
    target = Target(url, KEY, GENEROUS)
    sender = Sender(target)
    run = Run(packaged_contract(profile), target, sender, MemoryExchanges())
    told = set()
    try:
        for case in run.cases:
            verdict = run.check_case(case)
            assert verdict.warned == []
            if any(finding.code.startswith("AFC11") for finding in verdict.reported):
                told.add(case.id.partition("/")[2])
        for check in run.checks:
            assert run.check_invariant(check).warned == []
    finally:
        sender.close()
    return told


@pytest.mark.parametrize("varied", VARIATIONS.values(), ids=list(VARIATIONS))
@pytest.mark.parametrize("kind", REPORTED)
def test_a_right_server_raises_no_alarm(kind: str, varied: str) -> None:
    with serving(kind, varied) as url:
        assert reported(url, "published") == REPORTED[kind]


@pytest.mark.parametrize("kind", REPORTED)
def test_a_server_that_demands_the_callback_is_right_in_the_observed_profile(kind: str) -> None:
    with serving(kind, "callback-required") as url:
        assert reported(url, "observed") == REPORTED[kind]


@pytest.mark.parametrize("kind", REPORTED)
def test_what_was_only_observed_is_told_of_and_not_failed(kind: str) -> None:
    with serving(kind, "vendor-errors") as url:
        assert reported(url, "observed") == {"invalid/none", "invalid/body-object", *REPORTED[kind]}


@pytest.mark.parametrize("kind", REPORTED)
def test_a_link_back_to_a_host_that_was_asked_as_localhost_is_right(kind: str) -> None:
    with serving(kind, "own-link") as url:
        assert reported(url.replace("127.0.0.1", "localhost"), "published") == REPORTED[kind]


@pytest.mark.parametrize("kind", REPORTED)
def test_generated_requests_find_nothing_wrong_with_a_right_server(kind: str) -> None:
    contract = packaged_contract()
    with serving(kind, "plain") as url:
        target = Target(url, KEY, GENEROUS)
        run = Run(contract, target, Sender(target), MemoryExchanges())
        for fuzz in fuzzes_of(contract, each=100, seed=0):
            verdict = check_fuzz(run, fuzz)
            assert verdict.warned == []
            assert {finding.code for finding in verdict.reported} <= {"AFC102", "AFC103", "AFC106"}  # bodies of errors
            assert run.take_trace().generated == 50


def test_without_node_its_tests_fail_and_say_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(pytest.fail.Exception, match="apt-get install nodejs"), serving("node", ""):
        pass
