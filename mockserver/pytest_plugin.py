"""The pytest fixtures of the mock. The entry point of every pytest run that has us installed.

It imports nothing of ours until a fixture is used: other people's runs pay for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.settings import Settings
    from mockserver.steering import SteeredClock
    from mockserver.testing import AnyfastMock, AnyfastMockInProcess, Sandbox
    from openapi.contract import Contract


@pytest.fixture(scope="session")
def anyfast_mock_contract() -> Contract:
    """The contract that the mocks serve: the packaged one, profile `published`. Override it to serve another."""
    from openapi.contract import packaged_contract

    return packaged_contract()


@pytest.fixture(scope="session")
def anyfast_mock_settings() -> Settings:
    """The settings of the mocks. Override it to change them: `return Settings(session_life=60)`."""
    from mockserver.settings import Settings

    return Settings()


@pytest.fixture(scope="session")
def anyfast_mock_server(
    anyfast_mock_contract: Contract, anyfast_mock_settings: Settings, _anyfast_clock: SteeredClock
) -> Iterator[AnyfastMock]:
    """A mock on a free port, served by a thread: one for the whole run, or for each worker of pytest-xdist."""
    from mockserver.testing import AnyfastMock

    with AnyfastMock(anyfast_mock_contract, anyfast_mock_settings, _anyfast_clock) as mock:
        yield mock


@pytest.fixture
def anyfast_mock(anyfast_mock_server: AnyfastMock) -> Iterator[Sandbox]:
    """A sandbox of the live mock, with a key, sessions, requests and answers that are this test's alone."""
    sandbox = anyfast_mock_server.sandbox()
    yield sandbox
    sandbox.reset()


@pytest.fixture
def anyfast_mock_in_process(
    anyfast_mock_contract: Contract, anyfast_mock_settings: Settings, _anyfast_clock: SteeredClock
) -> Iterator[AnyfastMockInProcess]:
    """A mock that answers what `requests` sends to https://www.anyfast.ai, in process, for this test."""
    from mockserver.testing import AnyfastMockInProcess

    with AnyfastMockInProcess(anyfast_mock_contract, anyfast_mock_settings, _anyfast_clock) as mock:
        yield mock


@pytest.fixture(scope="session")
def _anyfast_clock() -> SteeredClock:
    from mockserver.steering import SteeredClock

    return SteeredClock()


@pytest.fixture
def frozen_clock(_anyfast_clock: SteeredClock) -> Iterator[SteeredClock]:
    """The clock of the mocks of this run, standing still until the test moves it: `tick(60)`, `move_to(...)`."""
    _anyfast_clock.freeze()
    yield _anyfast_clock
    _anyfast_clock.reset()
