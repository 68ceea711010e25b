"""Start the mock: port, certificate, store, workers. What it then says is in `announcing.py`."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from mockserver.announcing import is_unspecified, reachable, startup_lines
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.lane import Lane
from mockserver.log import RequestLog
from mockserver.readiness import Ready, told, try_to_write
from mockserver.serving import Manner, report_to_stderr, reserve, serve
from mockserver.sessions.opening import open_store, prepared_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Literal

    from _typeshed.wsgi import WSGIApplication

    from mockserver.serving import Address, Reservation
    from mockserver.sessions.opening import PreparedStore
    from mockserver.settings import Settings
    from mockserver.tls import Choice
    from mockserver.watching import Sources
    from openapi.contract import Contract

__all__ = ["Start", "start"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where and how to serve.

    public_url: how clients reach the mock when that is not the bound address. store: as written after `--store`; empty:
    memory for one worker, a temporary SQLite file for several. watch: where to read the contract again when its files
    change. api_key: the fake credential that is told to programs. on_ready: called with what they need, control token
    included, which is then told to nobody else. quiet: say nothing but warnings and what goes wrong.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    port_file: Path | None = None
    ready_file: Path | None = None
    public_url: str | None = None
    workers: int = 1
    store: str = ""
    log_format: Literal["text", "json"] = "text"
    tls: Choice = None
    watch: Sources | None = None
    api_key: str = WORKING
    on_ready: Callable[[Ready], None] | None = None
    quiet: bool = False


def start(contract: Contract, settings: Settings, options: Start) -> int:
    """Serve a contract until the process is told to stop; return its exit status.

    Raises `PortTaken`, `CannotBind`, `CannotServe`, `UnusableFile`, `UnusableStore` or `UnusableCertificate` before
    anything is printed.
    """
    for what, path in (("port file", options.port_file), ("ready file", options.ready_file)):
        if path is not None:
            try_to_write(what, path)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # until the server has handlers of its own
            signal.signal(number, _leave)
    with _reserved(options) as reservation:
        return _serve_on(reservation, contract, settings, options)


def _leave(*_: object) -> None:
    """End in order, so that temporary files go."""
    raise SystemExit(0)


def _serve_on(reservation: Reservation, contract: Contract, settings: Settings, options: Start) -> int:
    made_token = ""
    if not settings.control_token and not _is_loopback(reservation.address):
        from secrets import token_urlsafe  # with what it brings 8 ms, and most mocks listen on loopback

        made_token = token_urlsafe(24)
    settings = replace(
        settings,
        base_url=options.public_url or reachable(reservation.address),
        control_token=settings.control_token or made_token,
    )
    with prepared_store(options.store, options.workers, settings.frozen_at) as store:
        lines = partial(
            startup_lines,
            contract,
            settings,
            style=options.log_format,
            store=store,
            certificate=reservation.certificate,
            made_token="" if options.on_ready else made_token,
        )
        return _serve(contract, settings, options, reservation, store, lines)


def _serve(
    contract: Contract,
    settings: Settings,
    options: Start,
    reservation: Reservation,
    store: PreparedStore,
    lines: Callable[[Address], list[str]],
) -> int:
    def load(number: int) -> Lane:
        # In the worker: a connection, the key of the identifiers and the log's thread belong to one process.
        opened = open_store(store.text, settings.most_sessions) if store.is_shared else None
        worker = int.from_bytes(os.urandom(6), "big") if store.is_shared else 0
        log = None if options.quiet else RequestLog(options.log_format)
        lane = Lane(Engine(contract, settings, observe=log, store=opened, worker=worker), _pages)
        if options.watch is not None:
            from mockserver.watching import watch

            # One worker speaks for all: they read the same files, each for itself.
            watch(options.watch, lane.exchange_contract, report_to_stderr if number == 1 else None)
        return lane

    port_file = told("port file", options.port_file, 0o666)
    ready_file = told("ready file", options.ready_file, 0o600)

    def tell(address: Address) -> None:
        for line in lines(address):
            if not options.quiet or line.startswith("  warning: "):
                click.echo(line)
        port.tell(f"{address.port}\n")
        certificate = reservation.certificate
        ready = Ready(
            reachable(address),
            os.getpid(),
            options.api_key,
            settings.control_token,
            str(certificate.file) if certificate else "",
        )
        ready_told.tell(ready.as_text())
        if options.on_ready is not None:
            options.on_ready(ready)

    manner = Manner(
        workers=options.workers,
        blocking_threads=_threads(store),
        raw_paths=contract.has_path_parameters or options.watch is not None,  # what it becomes nobody knows yet
        body_limit=settings.body_limit,
    )
    with port_file as port, ready_file as ready_told:
        return serve(reservation, load, manner, on_ready=tell)


def _threads(store: PreparedStore) -> int:
    """Tell how many requests a worker works on at once: two where one waits for its store, else one."""
    return 2 if store.is_shared else 1


def _pages(engine: Engine) -> WSGIApplication:
    from mockserver.app import create_app  # Flask is imported when the first page is asked for, not before

    return create_app(engine=engine).dispatching


@contextlib.contextmanager
def _reserved(options: Start) -> Iterator[Reservation]:
    """Hold the port, with the certificate to serve on it: one of the user's is checked before, ours is made after."""
    if options.tls is None:
        with reserve(options.host, options.port) as reservation:
            yield reservation
        return
    from mockserver import tls

    own = None
    if options.tls == "auto":
        tls.verify_maker()
    else:
        own = tls.own_certificate(*options.tls)
    with contextlib.ExitStack() as ending:
        reservation = ending.enter_context(reserve(options.host, options.port))
        hosts = _hosts(options, reservation.address)
        reservation.secure(own or ending.enter_context(tls.self_made(hosts, datetime.now(timezone.utc))))
        yield reservation


def _hosts(options: Start, address: Address) -> list[str]:
    """Name the hosts by which clients may call the server; 'all of this machine' is none."""
    public = urlsplit(options.public_url or "").hostname
    hosts = [public, options.host, address.host, "localhost", "127.0.0.1", "::1"]
    return [host for host in hosts if host and not is_unspecified(host)]


def _is_loopback(address: Address) -> bool:
    return ip_address(address.host).is_loopback  # of an address that we listen on, so one in figures
