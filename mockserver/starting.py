"""Start the mock: contract, store, port, workers, and the lines that tell a person what runs."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass, replace
from ipaddress import ip_address
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

import click

from mockserver import __version__
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.lane import Lane
from mockserver.log import RequestLog
from mockserver.replies import encode
from mockserver.serving import Address, reserve, serve
from mockserver.sessions.opening import IN_MEMORY, PreparedStore, open_store, prepared_store
from openapi.samples import schema_example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Literal

    from _typeshed.wsgi import WSGIApplication

    from mockserver.serving import Reservation
    from mockserver.settings import Settings
    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.parameters import Parameter
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["Start", "UnusablePortFile", "curl", "start", "startup_lines"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where and how to serve.

    public_url: how clients reach the mock when that is not the bound address. store: as written after `--store`; empty:
    memory for one worker, a temporary SQLite file for several.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    port_file: Path | None = None
    public_url: str | None = None
    workers: int = 1
    store: str = ""
    log_format: Literal["text", "json"] = "text"


class UnusablePortFile(Exception):
    """The port cannot be told in the file that was named; `str()` says why and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"The port file {self.path} cannot be written: {self.reason}. Name a file in a folder that is there."


def start(contract: Contract, settings: Settings, options: Start) -> int:
    """Serve a contract until the process is told to stop; return its exit status.

    Raises `PortTaken`, `CannotBind`, `CannotServe`, `UnusablePortFile` or `UnusableStore` before anything is printed.
    """
    if options.port_file is not None:
        _try_to_write(options.port_file)
    reservation = reserve(options.host, options.port)
    if options.port_file is not None:
        options.port_file.unlink(missing_ok=True)  # of a run that was killed: nobody must read its port
    settings = replace(
        settings,
        base_url=options.public_url or _reachable(reservation.address),
        control_token=settings.control_token
        or ("" if _is_loopback(reservation.address) else secrets.token_urlsafe(24)),
    )
    with reservation, prepared_store(options.store, options.workers, settings.frozen_at) as store:
        return _serve(contract, settings, options, reservation, store)


def _serve(
    contract: Contract, settings: Settings, options: Start, reservation: Reservation, store: PreparedStore
) -> int:
    def load() -> Lane:
        # In the worker: a connection, the key of the identifiers and the log's thread belong to one process.
        opened = open_store(store.text, settings.most_sessions) if store.is_shared else None
        worker = int.from_bytes(os.urandom(6), "big") if store.is_shared else 0
        engine = Engine(contract, settings, observe=RequestLog(options.log_format), store=opened, worker=worker)

        def pages() -> WSGIApplication:
            from mockserver.app import create_app  # Flask is imported when the first page is asked for, not before

            return create_app(engine=engine).dispatching

        return Lane(engine, pages)

    def tell(address: Address) -> None:
        for line in startup_lines(contract, settings, options, address, store):
            click.echo(line)
        if options.port_file is not None:
            _write_port(options.port_file, address.port)

    try:
        return serve(reservation, load, workers=options.workers, on_ready=tell)
    finally:
        if options.port_file is not None:
            with contextlib.suppress(OSError):
                options.port_file.unlink()


def startup_lines(
    contract: Contract, settings: Settings, options: Start, address: Address, store: PreparedStore = IN_MEMORY
) -> list[str]:
    """Say what runs, where, and how to call it."""
    if options.log_format == "json":
        line = {
            "event": "started",
            "url": settings.base_url,
            "address": address.url,
            "version": __version__,
            "profile": contract.profile or None,
            "documents": [
                {"name": one.name, "sha256": one.sha256, "reconstructed": one.reconstructed}
                for one in contract.documents
            ],
            "store": store.kind,
            "control_token": settings.control_token or None,
            "notices": [*(str(notice) for notice in contract.notices), *store.warnings],
        }
        return [encode(line).decode("utf-8")]  # type: ignore[arg-type]
    lines = [f"Anyfast mock server {__version__}, at {settings.base_url}"]
    if settings.base_url != address.url:
        lines.append(f"  listening   {address.url}")
    for document in contract.documents:
        info = document.tree.get("info")
        title = " ".join(str(info.get(key, "")) for key in ("title", "version")) if isinstance(info, dict) else ""
        mark = "reconstructed by us, " if document.reconstructed else ""
        lines.append(f"  contract    {title.strip() or document.name} ({mark}sha256 {document.sha256[:12]})")
    if contract.profile:
        lines.append(f"  profile     {contract.profile}; X-Mock-Rule says what is documented and what is assumed")
    seed = settings.seed
    lines.append(f"  seed        {'none, so tokens differ with every start' if seed is None else seed}")
    lines.append(f"  sessions    {store.where}")
    lines.append(f"  credential  {WORKING}")
    if settings.control_token:
        lines.append(f"  control     /_mock asks for 'Authorization: Bearer {settings.control_token}'")
    lines += [f"  {notice}" for notice in contract.notices if notice.level == "warning"]
    lines += [f"  warning: {warning}" for warning in store.warnings]
    if _unspecified(address.host) and not options.public_url:
        lines.append(f"  warning: links point to {settings.base_url}; for a phone, say --public-url http://<this host>")
    lines.append("  try")
    lines.append(f"    {curl(contract.operations[0], settings.base_url)}")
    return lines


def curl(operation: Operation, base_url: str) -> str:
    """Write a command that calls an operation: with the fake credential, and with examples of what it requires."""
    path = operation.base_paths[0] + operation.path
    options: list[str] = []
    query: list[tuple[str, str]] = []
    for place, name, text in _required(operation):
        if place == "path":
            path = path.replace(f"{{{name}}}", url_quote(text, safe=""))
        elif place == "query":
            query.append((name, text))
        elif place == "user":
            options += ["-u", quote(text)]
        else:
            options += ["-b", quote(f"{name}={text}")] if place == "cookie" else ["-H", quote(f"{name}: {text}")]
    url = f"{base_url}{path}?{urlencode(query)}" if query else base_url + path
    for media in operation.body[:1]:
        for example in list(media.examples.values())[:1]:
            options += ["-H", quote(f"Content-Type: {media.name}"), "-d", quote(encode(example).decode("utf-8"))]
    return " ".join(["curl", "-X", operation.method, quote(url), *options])


def _required(operation: Operation) -> Iterator[tuple[str, str, str]]:
    """Name what a call has to have, each with its place, name and text: credentials, then parameters."""
    for scheme in operation.security[0] if operation.security else ():
        if scheme.kind == "basic":
            yield "user", "", f"{WORKING}:"
        elif scheme.kind == "bearer":
            yield "header", "Authorization", f"Bearer {WORKING}"
        else:
            yield scheme.place, scheme.parameter, WORKING
    for parameter in operation.parameters:
        if parameter.required:
            yield parameter.place, parameter.name, _sample(parameter)


def _sample(parameter: Parameter) -> str:
    """Give an example of a parameter as text, or `1`, which is a number as well as text."""
    value: Json | Missing = parameter.node.mapping.get("example")
    if value is None and parameter.schema is not None:
        value = schema_example(parameter.schema.schemas.library, parameter.schema.node)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else "1"


def _reachable(address: Address) -> str:
    """Give a URL that opens: an address that means 'all of this machine' is none."""
    return Address("127.0.0.1", address.port).url if _unspecified(address.host) else address.url


def _is_loopback(address: Address) -> bool:
    return ip_address(address.host).is_loopback  # of an address that we listen on, so one in figures


def _unspecified(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _try_to_write(path: Path) -> None:
    """Find out before anything is started whether the port can be told. Raises `UnusablePortFile`."""
    temporary = _beside(path)
    try:
        temporary.touch()
        temporary.unlink()
    except OSError as error:
        raise UnusablePortFile(path, error.strerror or type(error).__name__) from None


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _write_port(path: Path, port: int) -> None:
    """Write the port in one step, so that nobody reads half of it."""
    temporary = _beside(path)
    try:
        temporary.write_text(f"{port}\n", encoding="ascii")
        temporary.replace(path)
    except OSError as error:
        click.echo(f"mockserver: the port file {path} cannot be written: {error.strerror}.", err=True)
