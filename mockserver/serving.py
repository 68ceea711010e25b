"""Reserves a port and serves a WSGI application on it until SIGTERM or SIGINT.

Knows sockets and exit codes; knows nothing of contracts, Flask or the command line. granian is imported inside
`serve` only: the import costs more than everything else a start does, and `reserve` must be able to refuse first.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

    from mockserver.tls import Certificate

__all__ = [
    "Address",
    "CannotBind",
    "CannotServe",
    "Manner",
    "PortTaken",
    "Reservation",
    "report_to_stderr",
    "reserve",
    "serve",
]

ATTEMPTS = 5
"""Times that `reserve` tries again when another start got in its way at the same moment."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: a numeric IPv4 or IPv6 address and a port that is never 0."""

    host: str
    port: int
    scheme: Literal["http", "https"] = "http"

    @property
    def url(self) -> str:
        """Give the base URL without a trailing slash, for instance `http://127.0.0.1:8080` or `https://[::1]:8080`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class PortTaken(Exception):
    """Somebody else holds the port: another program, or another mock server."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.host = host
        self.port = port

    def __str__(self) -> str:
        return (
            f"Port {self.port} on {self.host} is already in use. "
            f"Stop the program that holds it, choose another one with --port, or let --port 0 find a free one."
        )


class CannotBind(Exception):
    """The host or the port is not ours to listen on."""

    def __init__(self, host: str, port: int, reason: str, remedy: str) -> None:
        super().__init__(host, port, reason, remedy)
        self.host = host
        self.port = port
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot listen on {self.host} port {self.port}: {self.reason}. {self.remedy}"


class CannotServe(Exception):
    """This Python, platform or granian cannot run the server."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot serve: {self.reason}. {self.remedy}"


class Reservation:
    """A port that is held for us: bound, not listening, refused to everybody who does not set SO_REUSEPORT.

    Close it when it is not served after all; `serve` closes it at its end. Works as a context manager.
    """

    def __init__(self, address: Address, holder: socket.socket) -> None:
        self.address = address
        self.certificate: Certificate | None = None
        self._holder = holder

    def secure(self, certificate: Certificate) -> None:
        """Have the port served with TLS; from here on its address says https."""
        self.certificate = certificate
        self.address = replace(self.address, scheme="https")

    def close(self) -> None:
        """Give the port back. Closing twice does nothing."""
        self._holder.close()

    def __enter__(self) -> Reservation:  # noqa: PYI034  # typing.Self came with Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def reserve(host: str, port: int) -> Reservation:
    """Take a port before anything is started on it; port 0 takes a free one, known in the result's `address`.

    Of two processes that reserve the same port at the same time exactly one gets it (on Linux; elsewhere a start within
    the same millisecond may slip through). A name is resolved first and IPv4 preferred, as clients of `localhost` do.

    Raises `PortTaken` when anybody holds the port, `CannotBind` when the host or the port cannot be ours.
    """
    family, address = _resolve(host, port)
    try:
        holder = _claim(family, address)
    except OSError as error:
        raise _explained(error, host, port) from None
    bound: tuple[str, int] = holder.getsockname()[:2]
    return Reservation(Address(*bound), holder)


@dataclass(frozen=True, slots=True)
class Manner:
    """How requests are served.

    workers: processes. blocking_threads: how many requests a worker works on at once, those with bodies that are slow
    in coming aside; more than one only helps an application that waits for something, for they share one interpreter.
    grace: how many seconds a request in flight may still take after the signal. raw_paths: the environ has the target
    as it was sent, in `RAW_URI`; a request takes somewhat longer then. body_limit: octets beyond which the application
    refuses a body by its announced length, without reading any of it.
    """

    workers: int = 1
    blocking_threads: int = 1
    grace: float = 0.8
    raw_paths: bool = False
    body_limit: int = sys.maxsize


def serve(
    reservation: Reservation,
    load: Callable[[int], WSGIApplication],
    manner: Manner = Manner(),  # it is frozen
    *,
    on_ready: Callable[[Address], None] | None = None,
    report: Callable[[str], None] | None = None,
) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP; return the exit status: 0 after a signal, 1 when the workers keep dying.

    Call it once, from the main thread, with no other thread started: the workers are forked from here.
    `load` runs in every worker after the fork, with its number from 1 (a replacement has that of the dead one), and
    returns the WSGI callable. `on_ready` runs here as soon as every worker listens and a connection is accepted.
    `report` gets one line per event that a person should see (a worker died, an exception escaped), here and in the
    workers; the default writes to stderr.

    The WSGI environ carries `mockserver.later`, a callable `later(seconds, status, headers, body)`. An application that
    returns its result, without calling `start_response`, is answered after that time while its thread serves others.

    Raises `CannotServe` where there is no `fork`, or when the installed granian is not one that we know the inside of.
    """
    if not hasattr(os, "fork"):
        raise CannotServe("the workers need os.fork, which this platform lacks", "Run it under Linux, macOS or WSL.")
    try:
        from mockserver.granian_worker import Supervisor, verify_granian
    except ImportError as error:
        raise CannotServe(f"granian cannot be used ({error})", "Install granian==2.8.7.") from error
    try:
        verify_granian()
        supervisor = Supervisor(reservation, load, manner, on_ready, report or report_to_stderr)
        return supervisor.run()
    except KeyboardInterrupt:  # Ctrl-C before granian's own handlers are in place: nothing was started yet
        return 0
    finally:
        reservation.close()


def report_to_stderr(line: str) -> None:
    """Write one line to stderr in one piece, so that the lines of several workers do not mix."""
    sys.stderr.write(f"mockserver: {line}\n")
    sys.stderr.flush()


def _resolve(host: str, port: int) -> tuple[int, tuple[str, int]]:
    if not 0 <= port <= 65535:
        raise CannotBind(host, port, "a port is a number from 0 to 65535", "Try --port 0.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise CannotBind(host, port, f"the host name cannot be resolved ({error})", "Try --host 127.0.0.1.") from None
    family, _, _, _, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    if len(place) == 4 and place[3]:
        raise CannotBind(host, port, "an IPv6 address with a zone is not supported", "Try --host ::1.")
    return family, (str(place[0]), port)


def _claim(family: int, address: tuple[str, int]) -> socket.socket:
    """Bind a socket that shuts out plain sockets and other mock servers, while granian's own sockets may join it."""
    if address[1] == 0:
        # The kernel never picks a port that somebody has, SO_REUSEPORT or not: nothing to fight for.
        return _bound(family, address, socket.SO_REUSEPORT)
    for _ in range(ATTEMPTS):
        # Without SO_REUSEADDR, connections of the last run in TIME_WAIT would count as a holder; with it, two bound
        # sockets may coexist, but the kernel lets only one of them listen: that decides between two starts at once.
        holder = _bound(family, address, socket.SO_REUSEADDR)
        try:
            holder.listen(1)
        except OSError:  # two that try in the same microsecond may both be refused: step back and try again
            holder.close()
            time.sleep(0.001 * (1 + os.getpid() % 16))
            continue
        return _silenced(holder, address)
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def _silenced(holder: socket.socket, address: tuple[str, int]) -> socket.socket:
    """Stop listening, so that no connection is swallowed, and keep the port."""
    if sys.platform == "linux":
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.shutdown(socket.SHUT_RDWR)
    else:  # there these options count only before bind
        holder.close()
        holder = _bound(holder.family, address, socket.SO_REUSEPORT)
    return holder


def _bound(family: int, address: tuple[str, int], option: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def _explained(error: OSError, host: str, port: int) -> PortTaken | CannotBind:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(host, port)
    if error.errno == errno.EADDRNOTAVAIL:
        remedy = "Use an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them."
        return CannotBind(host, port, "this machine does not have that address", remedy)
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotBind(host, port, "permission denied", "Ports below 1024 are privileged: choose a higher one.")
    return CannotBind(host, port, error.strerror or str(error), "Try --host 127.0.0.1.")
