"""Has a worker of granian's for WSGI call us by its ASGI interface.

It leans on private parts; `granian_worker.RELIED_ON` lists them.
"""

# mypy: allow-untyped-calls
# granian ships its annotations, but not on every method that we call.

from __future__ import annotations

from typing import Any

from granian import _granian
from granian.server import mp

from mockserver.asgi_bridge import Immediately

__all__ = ["take_asgi"]


def take_asgi() -> None:
    """Have a worker of WSGI call us by granian's ASGI interface, in the same threads and without an event loop.

    granian hands each request to its scheduler in one of its blocking threads, and leaves to Python what that does.
    """

    def schedule(_loop: object, handle: object, **_: object) -> Any:
        make: Any = _granian.CallbackScheduler
        scheduler = make(Immediately(), handle, None, None, None)
        scheduler._schedule_fn = handle  # noqa: SLF001  # as granian's own do
        return scheduler

    private: Any = mp
    private._new_cbscheduler, private.WSGIWorker = schedule, _Worker  # noqa: SLF001  # what a worker makes


class _Worker:
    """granian's worker for ASGI, made and started as the one for WSGI is."""

    def __init__(self, *settings: Any) -> None:
        make: Any = _granian.ASGIWorker
        before, web_sockets = 11, False  # the one thing that it is asked beyond the other, and after how many
        self._worker = make(*settings[:before], web_sockets, *settings[before:])

    def serve_mtr(self, scheduler: Any, _loop: object, stopping: Any) -> None:
        self._worker.serve_mtr(scheduler, scheduler._loop, stopping)  # noqa: SLF001  # what `schedule` gave it
