"""What ours costs as it grows: when a store counts as full, and one that never is."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import growing
from benchmarks.loading import Load
from benchmarks.peers import OURS
from benchmarks.running import WrongAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Filling:
    """A server whose store takes 40 more sessions with each stretch of load, and which costs more when it is full."""

    def __init__(self, most: int) -> None:
        self.sessions, self.most = 0, most

    @contextmanager
    def started(self, *_arguments: object) -> Iterator[Filling]:
        yield self

    def load(self, *_arguments: object) -> Load:
        full = self.sessions >= self.most
        self.sessions = min(self.sessions + 40, 100)
        return Load(32, 1.0, 1.0, 1.0, 60.0 if full else 50.0)

    def told(self, _running: object, method: str, _path: str) -> dict[str, dict[str, int]]:
        if method == "POST":
            self.sessions = 0
            return {}
        return {"store": {"sessions": self.sessions, "most": self.most}, "journal": {"entries": 10, "most": 10}}


def place(server: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, there in (("started", server.started), ("load", server.load), ("_told", server.told)):
        monkeypatch.setattr(growing, name, there)


def test_full_store_is_measured_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    place(Filling(100), monkeypatch)
    growth = growing.full_store(OURS, Path(), 2, 1)
    assert (growth.small, growth.large) == ("empty store", "100 sessions, 10 journal entries")
    assert (growth.before, growth.after) == ([50.0, 50.0], [60.0, 60.0])


def test_store_that_does_not_fill_has_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    place(Filling(101), monkeypatch)
    with pytest.raises(WrongAnswer, match="its store is not full after 120 s"):
        growing.full_store(OURS, Path(), 1, 1)


def test_operations_are_timed_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "OPERATIONS", (1, 3))
    monkeypatch.setattr(growing, "microseconds", lambda engine, _path, _rounds: float(len(engine.contract.operations)))
    growth = growing.many_operations(2)
    assert (growth.before, growth.after) == ([1.0, 1.0], [3.0, 3.0])
