"""`python -m benchmarks`: the comparison with other mock servers."""

from __future__ import annotations

import signal
import sys

from benchmarks.against_peers import main

# However it is ended, the server that runs is stopped: leaving it would spoil whatever is measured next.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit("benchmarks: interrupted; nothing was saved")
