"""A real Chromium, a phone in it that is watched, the mock, and the caller's web server."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.mock import receiving, running
from tests.browser.phone import Phones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright

    from tests.browser.mock import Mock, Receiver

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP mock.example 127.0.0.1",
)
"""Flags of Chromium. `mock.example` is a name for this machine that is no secure context, as a phone sees it."""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """Start a Chromium with more flags; the same one again for the same flags."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if path is None:
        pytest.fail("There is no Chromium: apt-get install chromium fonts-noto-cjk", pytrace=False)
    started: dict[tuple[str, ...], Browser] = {}

    def launch(*flags: str) -> Browser:
        if flags not in started:
            started[flags] = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *flags])
        return started[flags]

    yield launch
    for browser in started.values():
        browser.close()


@pytest.fixture(scope="session")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    with running(tmp_path_factory.mktemp("mock")) as started:
        yield started


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture
def phones(launch: Callable[..., Browser], mock: Mock, receiver: Receiver) -> Iterator[Phones]:
    """Give phones; at the end of the test none of them may have seen anything that it should not."""
    opened = Phones(launch, {mock.url, receiver.url})
    try:
        yield opened
        assert opened.problems == []
    finally:
        opened.close()
