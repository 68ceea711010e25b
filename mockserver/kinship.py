"""Ties the life of a process to that of its parent: by the kernel on Linux, by watching elsewhere.

It knows no server: what is tied, and by which signal, is its caller's choice.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

__all__ = ["LOOK", "die_with_parent"]

LOOK = 0.2
"""Seconds between two looks at the parent, where the kernel does not tell of its death."""


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL, *, watch: bool = True) -> None:
    """Have this process get a signal when its parent dies, however that happens; end it at once when that is over.

    On Linux the kernel sends it, also after an `exec` of a program without set-user-id. Elsewhere a thread watches the
    parent; `watch=False` does without, for a process that is about to become another program.
    """
    if not (sys.platform == "linux" and _ask_for_death_signal(number)) and watch:
        threading.Thread(target=_watch_parent, args=(parent, number), name="parent-watch", daemon=True).start()
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def _ask_for_death_signal(number: int) -> bool:
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>
    return bool(ctypes.CDLL(None).prctl(set_parent_death_signal, number, 0, 0, 0) == 0)


def _watch_parent(parent: int, number: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), number)
