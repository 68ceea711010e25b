"""Fixtures for every test: so far the leak detector alone.

It must not know the packages under test, so that it cannot be fooled by them.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("ours", deadline=None)  # a busy machine is no defect
settings.load_profile("ours")

GRACE_SECONDS = 1.0
"""How long something may take to end after its test: a joined thread is still listed for a moment."""

POOL_THREADS = ("ThreadPoolExecutor-", "asyncio_", "execnet-", "pydevd")
"""Names of daemon threads that live in pools of other libraries and end with the process."""


@pytest.fixture(autouse=True)
def leak_detector() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind.

    What a fixture of a wider scope started is there before the test and therefore no leak.
    """
    threads_before = set(threading.enumerate())
    children_before = _children()
    yield
    deadline = time.monotonic() + GRACE_SECONDS
    while leaks := _leaked_threads(threads_before) + _leaked_children(children_before):
        if time.monotonic() > deadline:
            pytest.fail("the test left behind: " + ", ".join(leaks), pytrace=False)
        time.sleep(0.01)


def _leaked_threads(before: set[threading.Thread]) -> list[str]:
    return [
        f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if thread not in before and not (thread.daemon and thread.name.startswith(POOL_THREADS))
    ]


def _leaked_children(before: set[int]) -> list[str]:
    return [f"process {pid}" for pid in sorted(_children() - before)]


def _children() -> set[int]:
    """Return the ids of this process's children, dead ones that nobody awaited included.

    Elsewhere than on Linux these are only the ones that multiprocessing knows.
    """
    children = {child.pid for child in multiprocessing.active_children() if child.pid is not None}
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            children.update(map(int, listing.read_text(encoding="ascii").split()))
        except OSError:  # the thread ended while we looked
            continue
    return children
