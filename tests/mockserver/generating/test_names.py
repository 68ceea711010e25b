"""What names of members and parameters are compared by."""

from __future__ import annotations

import tracemalloc

from mockserver.generating.names import plain_name


def test_long_names_are_plain_likewise_and_take_no_memory_once_they_were_compared() -> None:
    tracemalloc.start()
    try:
        for number in range(20):
            assert plain_name(f"{number}_A" + "x" * 50_000) == f"{number}a" + "x" * 50_000
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000
