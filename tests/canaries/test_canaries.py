"""The suite tells no secret: all that it can do is done at a host that tells all, and every file and stream is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.cli import COMMANDS as ALL_COMMANDS
from tests.canaries.running import COMMANDS, RUNS, Did, Place, hostile_host

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS = ("junit.xml", "report.json", "report.html", "report.har", "summary.md", "log.txt")
STATUS = {"a run": 1, "a distributed run": 1, "an interrupted run": 2, "a plan": 0, "no host": 10,
          "a password in the target": 14, "a password in no target": 14}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with hostile_host() as (url, hostile):
        yield Place(tmp_path_factory.mktemp("canaries"), url, hostile)


@pytest.fixture(scope="module")
def done(place: Place) -> dict[str, Did]:
    return {**{name: place.suite(name) for name in RUNS}, **{name: place.command(name) for name in COMMANDS}}


@pytest.mark.parametrize("name", [*RUNS, *COMMANDS])
def test_everything_is_done_and_tells_no_secret(done: dict[str, Did], name: str) -> None:
    did = done[name]
    assert did.status == STATUS.get(name, 0), did.out
    assert did.leaks() == []


def test_every_command_is_among_those_that_are_done() -> None:
    assert set(COMMANDS) == set(ALL_COMMANDS), "give the new command its line in tests/canaries/running.py"
