"""`python -m benchmarks`: the comparison with Prism."""

from __future__ import annotations

import sys

from benchmarks.against_prism import main

sys.exit(main())
