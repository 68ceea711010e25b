"""The mock inside a test run: on a port of its own, or in process. What the pytest fixtures and unittest users hold.

with AnyfastMock() as mock:
    client = MyClient(mock.base_url, mock.api_key)
"""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.lane import Lane
from mockserver.sandbox import LivenessSession, Sandbox
from mockserver.settings import Settings
from mockserver.steering import SteeredClock
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    import responses
    from _typeshed.wsgi import WSGIApplication

    from openapi.contract import Contract

__all__ = ["AnyfastMock", "AnyfastMockInProcess", "LivenessSession", "Sandbox", "SteeredClock"]

VENDOR = "https://www.anyfast.ai"
"""The server that the vendor's document names [V1]."""

_numbers = itertools.count(1)


class _Mock(Sandbox, ABC):
    """What both forms of the mock have: an end, also that of a `with` block."""

    @abstractmethod
    def close(self) -> None:
        """End the mock. Closing twice does nothing."""

    def __enter__(self: _Self) -> _Self:  # noqa: PYI019 - typing.Self came with Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


_Self = TypeVar("_Self", bound=_Mock)


class AnyfastMock(_Mock):
    """A mock on a free port of 127.0.0.1, served by a thread of this process, until it is closed."""

    def __init__(
        self, contract: Contract | None = None, settings: Settings | None = None, clock: SteeredClock | None = None
    ) -> None:
        """Start serving.

        contract: the packaged one, profile `published`, by default; `packaged_contract("observed")` is the other one.
        settings: as for `mockserver serve`; its `base_url` is that of the port. clock: one that is held elsewhere.
        """
        from mockserver.live import LiveServer  # with werkzeug's server: who stays in process needs none

        clock = clock or SteeredClock()

        def serve(base_url: str) -> WSGIApplication:
            engine = _engine(contract, settings, clock, base_url)
            super(AnyfastMock, self).__init__(engine, base_url, _new_key(), clock)
            return Lane(engine, _pages)

        self._server = LiveServer(serve)

    def sandbox(self) -> Sandbox:
        """Give another caller of the same mock, with a key and therefore sessions, requests and answers of its own."""
        return Sandbox(self._engine, self.base_url, _new_key(), self.clock)

    def close(self) -> None:
        """Stop serving and give the port back. Closing twice does nothing."""
        self._server.close()


class AnyfastMockInProcess(_Mock):
    """A mock that answers what the `requests` library sends to the vendor's host, through `responses`; no socket.

    responses: the `RequestsMock` behind it. What a test registers there goes first; other hosts are refused as
    `responses` refuses them, unless they are registered or passed through.
    """

    responses: responses.RequestsMock

    def __init__(
        self,
        contract: Contract | None = None,
        settings: Settings | None = None,
        clock: SteeredClock | None = None,
        base_url: str = VENDOR,
    ) -> None:
        """Start answering; arguments as for `AnyfastMock`. base_url: what is answered, that and all below it."""
        from mockserver.in_process import responses_for  # needs requests and responses, which the server does not

        clock, base_url = clock or SteeredClock(), base_url.rstrip("/")
        engine = _engine(contract, settings, clock, base_url)
        super().__init__(engine, base_url, _new_key(), clock)
        self.responses = responses_for(engine, base_url)
        self.responses.start()
        self._is_answering = True

    def close(self) -> None:
        """Let calls go where they went before. Closing twice does nothing."""
        if self._is_answering:
            self._is_answering = False
            self.responses.stop(allow_assert=False)
            self.responses.reset()


def _engine(contract: Contract | None, settings: Settings | None, clock: SteeredClock, base_url: str) -> Engine:
    settings = replace(settings or Settings(), base_url=base_url)
    return Engine(contract or packaged_contract(), settings, clock)


def _pages(engine: Engine) -> WSGIApplication:
    from mockserver.app import create_app  # Flask is imported when the first page is asked for, not before

    return create_app(engine=engine).dispatching


def _new_key() -> str:
    """Name a sandbox that no other one has, in this process or in others that share a store with it."""
    return f"{WORKING}-test-{os.getpid()}-{next(_numbers)}"
