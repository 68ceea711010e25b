"""Plays every transcript of this folder against a running mock, over a raw socket, one test for each exchange."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.wire.comparing import Expected
from tests.wire.connection import play, serving
from tests.wire.transcripts import Exchange, read_transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = sorted(Path(__file__).parent.glob("*.txt"))
# By server, so that each one is started once: a fixture with parameters lives until the parameter changes.
EXCHANGES = sorted((one for file in FILES for one in read_transcript(file)), key=lambda one: one.options)


@pytest.fixture(scope="session")
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a mock with the options that are the parameter."""
    with serving(request.param, tmp_path_factory.mktemp("mock")) as port:
        yield port


@pytest.mark.parametrize(
    ("port", "exchange"), [pytest.param(one.options, one, id=one.id) for one in EXCHANGES], indirect=["port"]
)
def test_transcript_is_what_happens(port: int, exchange: Exchange) -> None:
    play(exchange, port)


def test_no_transcript_expects_a_server_error() -> None:
    wanted = [step for one in EXCHANGES for step in one.steps if isinstance(step, Expected)]
    assert not [step for step in wanted if step.status.split(" ")[1] >= "500"]
