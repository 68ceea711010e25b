"""Plays every transcript of this folder against a running mock, over a raw socket, one test for each exchange."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.wire.comparing import Expected
from tests.wire.connection import play, serving
from tests.wire.transcripts import Exchange, read_transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

FILES = sorted(Path(__file__).parent.glob("*.txt"))
EXCHANGES = [one for file in FILES for one in read_transcript(file)]


@pytest.fixture(scope="session")
def ports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, ...], int]]:
    """One mock for each set of options that the tests of this run ask for: its port by the options.

    All are started before the first test, so that none counts as left behind by it.
    """
    with contextlib.ExitStack() as stack:
        yield {
            options: stack.enter_context(serving(options, tmp_path_factory.mktemp("mock")))
            for options in sorted(_options(request.session.items))
        }


def _options(items: list[pytest.Item]) -> set[tuple[str, ...]]:
    played = [item.callspec.params.get("exchange") for item in items if _takes_ports(item)]
    return {one.options for one in played if isinstance(one, Exchange)}


def _takes_ports(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and "ports" in item.fixturenames


@pytest.mark.parametrize("exchange", [pytest.param(one, id=one.id) for one in EXCHANGES])
def test_transcript_is_what_happens(ports: dict[tuple[str, ...], int], exchange: Exchange) -> None:
    play(exchange, ports[exchange.options])


def test_no_transcript_expects_a_server_error() -> None:
    wanted = [step for one in EXCHANGES for step in one.steps if isinstance(step, Expected)]
    assert not [step for step in wanted if step.status.split(" ")[1] >= "500"]
