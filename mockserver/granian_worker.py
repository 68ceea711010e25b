"""Everything that touches granian: the process that watches the workers, and what a worker does before it serves.

It leans on private parts of the pinned granian; `RELIED_ON` lists them, docs/decisions/0004 says why.
Imported only when serving starts. It must not know what application it serves.
"""

# mypy: allow-untyped-calls
# granian ships its annotations, but not on every method that we call.

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import resource
import signal
import socket
import sys
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from granian import _granian, _signals
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.server import mp

from mockserver.intake import SLOW_BODIES
from mockserver.kinship import die_with_parent
from mockserver.serving import CannotServe
from mockserver.wsgi_bridge import Delays, answer_through

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from mockserver.serving import Address, Manner, Reservation

__all__ = ["GRANIAN", "RELIED_ON", "Supervisor", "verify_granian"]

GRANIAN = "2.8.7"
CALL_WRAP = "_wsgi_call_wrap"
"""What granian calls in a worker to put itself around the application; `answer_through` takes its place."""

RELIED_ON = {
    "granian.server.mp": (
        CALL_WRAP,
        "WSGIWorker",
        "_new_cbscheduler",
        "MPServer._serve",
        "MPServer._serve_loop",
        "MPServer._spawn_wsgi_worker",
        "MPServer._spawn_workers",
        "MPServer._respawn_workers",
        "MPServer.signal_handler_reload",
    ),
    "granian._signals": ("set_sync_signals",),
    "granian._granian": (
        "ASGIWorker.serve_mtr",
        "BUILD_GIL",
        "CallbackScheduler._loop",
        "CallbackScheduler._schedule_fn",
    ),
}
RELIED_ON_IN_SERVER = ("main_loop_interrupt", "interrupt_signal", "interrupt_children", "wrks")

CRASH_LOOP = 5.5
"""Seconds that a replacement has to live; the same worker dying sooner ends the server. granian has the same limit."""

CONNECTIONS = 4096
"""Connections a worker keeps open at once, where the limit on open files allows."""

COLLECTING = (700, 10, 50)
"""Thresholds of the garbage collector in a worker. A full collection takes some 4 ms when the store is full, and
answers wait for it; Python's own third threshold is 10."""

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked up here, bound nowhere
"""Where a server that listens on all addresses is asked whether it is ready."""

HEADER_TIME = 75.0
"""Seconds a client may take to send its header; in hyper also the life of an idle kept-alive connection."""


def verify_granian() -> None:
    """Raise `CannotServe` when the installed granian lacks a part that we rely on, or Python runs without its lock."""
    for module, names in RELIED_ON.items():
        for name in names:
            part: Any = importlib.import_module(module)
            for attribute in name.split("."):
                part = getattr(part, attribute, None)
            if part is None:
                raise _other_granian(f"{module}.{name}")
    if not _granian.BUILD_GIL:
        raise CannotServe("free-threaded Python is not supported", "Use an ordinary build of Python.")


def _other_granian(missing: str) -> CannotServe:
    return CannotServe(
        f"the installed granian {_granian.__version__} has no {missing}, which the server relies on",
        f"Install granian=={GRANIAN}.",
    )


# The parent: starts the workers, replaces the dead, ends the rest.


class Alarm:
    """Stands in for the `threading.Event` that wakes granian's main loop, and may be set by a signal handler.

    An Event may not: its lock is taken when the signal comes at a bad moment, and the handler waits for it for ever.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[None] = SimpleQueue()  # the one queue that is made to be used in signal handlers

    def set(self) -> None:
        """Wake who waits, and whoever will until it is cleared."""
        self._calls.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for so many seconds; tell whether it is set."""
        try:
            self._calls.get(timeout=timeout)
        except Empty:
            return False
        self._calls.put(None)
        return True

    def clear(self) -> None:
        """Forget that it was set."""
        with suppress(Empty):
            while True:
                self._calls.get_nowait()


class Supervisor(mp.MPServer):
    """granian's multi-process server, started quietly, with our workers and our idea of when to give up."""

    def __init__(
        self,
        reservation: Reservation,
        load: Callable[[int], WSGIApplication],
        manner: Manner,
        on_ready: Callable[[Address], None] | None,
        report: Callable[[str], None],
    ) -> None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        connections = CONNECTIONS if files == resource.RLIM_INFINITY else max(16, min(CONNECTIONS, files - 64))
        certificate = reservation.certificate
        super().__init__(
            "mockserver",
            address=reservation.address.host,
            port=reservation.address.port,
            interface=Interfaces.WSGI,
            workers=manner.workers,
            # Nobody waits in a thread of granian's where paths are raw: more of them would only wait for each other.
            blocking_threads=manner.blocking_threads + (0 if manner.raw_paths else SLOW_BODIES),
            loop=Loops.asyncio,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=int(HEADER_TIME * 1000)),
            websockets=False,
            backlog=CONNECTIONS,
            backpressure=connections,  # beyond it, accepting would fail for want of files and spin
            ssl_cert=None if certificate is None else certificate.file,
            ssl_key=None if certificate is None else certificate.key,
            ssl_protocol_min=SSLProtocols.tls12,  # phones that are ten years old; granian's default is 1.3
            log_enabled=False,
            workers_kill_timeout=max(manner.grace, 0.001),  # type: ignore[arg-type]  # handed to join(); 0 means for ever
        )
        for name in RELIED_ON_IN_SERVER:
            if not hasattr(self, name):
                raise _other_granian(f"MPServer().{name}")
        self.main_loop_interrupt = Alarm()  # type: ignore[assignment]  # it has all of an Event that granian uses
        self._address = reservation.address
        self._load = load
        self._on_ready = on_ready
        self._report = report
        self._manner = manner
        self._parent = os.getpid()
        self._threads = (manner.blocking_threads, manner.blocking_threads + SLOW_BODIES)
        self._replaced_at: dict[int, float] = {}

    def run(self) -> int:
        """Serve until a signal or until the workers keep dying; return the exit status."""
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # started under nohup: leave it so
            self.on_startup(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        # granian follows the default start method, which Python 3.14 made `forkserver`; the loader cannot be pickled.
        multiprocessing.set_start_method("fork", force=True)
        gc.freeze()  # what is loaded stays: no collection looks at it again, and the workers share it for longer
        gc.enable()  # a start may have switched it off
        status = 0
        try:
            self.serve(spawn_target=self._work, target_loader=self._load, wrap_loader=False)
        except SystemExit as exit_:
            status = 1 if exit_.code else 0
        return 0 if self.interrupt_signal else status

    def _serve(self, spawn_target: Any, target_loader: Any) -> None:
        try:
            self.startup(spawn_target, target_loader)
            if self._wait_until_ready():
                if self._on_ready is not None:
                    self._on_ready(self._address)
                self._serve_loop(spawn_target, target_loader)
        finally:  # granian's watching threads would keep a failed start alive for ever
            self.shutdown()

    def _wait_until_ready(self) -> bool:
        """Wait until every worker listens and one accepts; say no when a signal or a worker's death comes before."""
        host = LOOPBACK.get(self._address.host, self._address.host)
        while not self.main_loop_interrupt.wait(0.003):
            try:
                socket.create_connection((host, self._address.port), timeout=1).close()
            except OSError:
                continue
            if self.workers == 1 or _listeners(self._address.port) >= self.workers:
                return True
        if not self.interrupt_signal:
            self._report(f"{self._obituary(self.interrupt_children[0])} before it could serve; giving up")
        return False

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        # granian's own loop may overlook a death reported while it handles another one, and never gives up on two
        # workers that crash in turn.
        while True:
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()  # before looking: whatever is reported from here on wakes us again
            while self.interrupt_children and not self.interrupt_signal:
                index = self.interrupt_children[0]
                now = time.monotonic()
                if now - self._replaced_at.get(index, -CRASH_LOOP) < CRASH_LOOP:
                    self._report(f"{self._obituary(index)} within {CRASH_LOOP} s of its replacement; giving up")
                    return
                self._report(f"{self._obituary(index)}; starting another one")
                self._replaced_at[index] = now
                del self.interrupt_children[0]
                self._respawn_workers([index], spawn_target, target_loader)
            if self.interrupt_signal:
                return

    def _obituary(self, index: int) -> str:
        process = self.wrks[index].inner
        code = process.exitcode or 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        return f"worker {index + 1} (process {process.pid}) {how}"

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        with _forking_beside_watchers():
            super()._spawn_workers(spawn_target, target_loader)

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        with _forking_beside_watchers():
            super()._respawn_workers(workers, spawn_target, target_loader, delay)

    def signal_handler_reload(self, *_signal: object) -> None:
        """End the server on SIGHUP: the terminal is gone. granian would serve from two memories for a while."""
        self.signal_handler_interrupt()

    def _work(self, *arguments: Any) -> None:
        """Be a worker: what granian runs in the forked process."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent passes it on
        if self.interrupt_signal:  # the parent's handler, inherited, took a signal that was meant for us
            os._exit(0)
        die_with_parent(self._parent)
        _share_one_heap()
        delays = Delays()
        several = self.workers > 1
        wrap = partial(answer_through, delays=delays, report=self._report, multiprocess=several, threads=self._threads)
        call: Callable[[WSGIApplication], object] = wrap
        if self._manner.raw_paths:
            # A contract without path parameters is served without all this.
            from mockserver.asgi_bridge import answer_watchers
            from mockserver.asgi_worker import take_asgi

            readers, limit = self._threads[1], self._manner.body_limit
            call = lambda app: answer_watchers(wrap(app), delays, self._report, readers, limit)  # noqa: E731
            take_asgi()
        setattr(mp, CALL_WRAP, lambda app, *_: call(app))
        _signals.set_sync_signals = lambda: _stop_on_sigterm(delays)
        loader = 2  # worker number, process name, loader
        load = partial(self._load_or_say_why, arguments[0])
        arguments = (*arguments[:loader], load, *arguments[loader + 1 :])
        self._spawn_wsgi_worker(*arguments)

    def _load_or_say_why(self, worker: int) -> WSGIApplication:
        try:
            application = self._load(worker)
        except Exception as error:  # noqa: BLE001  # whatever it is, a person should read one line, not a traceback
            self._report(f"the application could not be loaded: {type(error).__name__}: {error}")
            raise SystemExit(1) from None
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        return application


class _forking_beside_watchers(warnings.catch_warnings):  # noqa: N801  # reads as a statement after `with`
    """Silence Python 3.12's warning about forking while threads exist.

    The only threads are granian's watchers. Each sits in waitpid and holds no lock that a worker would need.
    """

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", r".*multi-threaded, use of fork\(\)", DeprecationWarning)


def _listeners(port: int) -> int:
    """Count the sockets that listen on a port: one for each worker that is ready, where the kernel tells."""
    tables = [path for path in map(Path, ("/proc/net/tcp", "/proc/net/tcp6")) if path.exists()]
    if not tables:
        return sys.maxsize  # not Linux, where the workers share one socket: when one accepts, all are behind it
    local, state, listening = 1, 3, "0A"  # columns of the tables, and TCP_LISTEN
    here = f":{port:04X}"
    rows = [line.split(maxsplit=4) for path in tables for line in path.read_text(encoding="ascii").splitlines()]
    return sum(row[state] == listening and row[local].endswith(here) for row in rows)


# The worker: its memory and its signals.


def _share_one_heap() -> None:
    """Have all threads allocate from one heap, and large tables outside of it.

    glibc gives each thread a heap of its own, which stays when another thread takes over, and learns to put even the
    tables of a full store there, where they leave holes.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has none, nor what it is for
            most_heaps, large = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD in <malloc.h>
            libc.mallopt(most_heaps, 1)
            libc.mallopt(large, 256 * 1024)


def _stop_on_sigterm(delays: Delays) -> Any:
    """Stand in for granian's set_sync_signals: the same event on SIGTERM, after delayed answers were let go."""
    stopping = _granian.WorkerSignal()

    def stop(_number: int, _frame: object) -> None:
        delays.end()
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    return stopping
