"""`python -m benchmarks`: the comparison with other mock servers."""

from __future__ import annotations

import sys

from benchmarks.against_peers import main

sys.exit(main())
