"""`python -m tests.fuzz READER [--seconds 60]`: let atheris look for bytes that a reader was not made for.

`python -m tests.fuzz mutants` breaks documents instead, in one place or in three, and prints what is not as promised.

Needs atheris, which is no part of the development environment: `make fuzz` has it in one of its own. What it finds
goes to .cache/fuzz; as `tests/fuzz/found/READER-WHAT` it becomes a test.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

__all__ = ["main"]

MUTANTS = "mutants"

WORK = Path(__file__).parent.parent.parent / ".cache" / "fuzz"


def main() -> int:
    """Fuzz one reader; give the exit status, 77 for a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("reader", help="mutants, or a reader of tests/fuzz/readers.py")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    if options.reader == MUTANTS:
        from tests.fuzz.mutants import look_for_faults

        return 77 if look_for_faults(options.seconds) else 0
    import atheris  # type: ignore[import-untyped]

    with atheris.instrument_imports(include=["openapi", "mockserver"]):
        from tests.fuzz.readers import MOST_BYTES, READERS, seeds
    if options.reader not in READERS:
        parser.error(f"there are: {', '.join([MUTANTS, *sorted(READERS)])}")
    corpus = WORK / options.reader
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(options.reader)):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={options.seconds}", f"-max_len={MOST_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
    atheris.Setup(
        ["fuzz", str(corpus), *limits, f"-artifact_prefix={corpus.parent}/{options.reader}-"], READERS[options.reader]
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
