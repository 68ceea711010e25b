"""Each reader takes its seeds, what was found before, pieces of them and anything else, and keeps its promise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.readers import READERS, seeds

CHEAP = sorted(set(READERS) - {"documents", "overlays"})


@pytest.mark.parametrize("reader", READERS)
def test_reader_takes_its_seeds_and_what_was_found(reader: str) -> None:
    found = seeds(reader)
    assert found
    for data in found:
        READERS[reader](data)


@pytest.mark.parametrize("reader", READERS)
def test_reader_refuses_what_was_damaged_as_it_promises(reader: str) -> None:
    chance = random.Random(reader)  # noqa: S311 - the same damage each time
    for data in seeds(reader):
        for _ in range(40 if reader in CHEAP else 6):
            damaged = bytearray(data[: chance.randrange(len(data)) + 1] if chance.random() < 0.3 else data)
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(len(damaged))] = (
                    chance.choice(b"\x00\xff{}[]:,&*!|>'\"\n\t -0%~") if damaged else 0
                )
            READERS[reader](bytes(damaged))


@pytest.mark.parametrize("reader", READERS)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=60)
def test_reader_takes_anything(reader: str, data: bytes) -> None:
    READERS[reader](data)
