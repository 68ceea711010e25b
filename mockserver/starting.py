"""Start the mock: contract, port, workers, and the lines that tell a person what runs."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from ipaddress import ip_address
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import quote as url_quote
from urllib.parse import urlencode, urlsplit

import click

from mockserver import __version__
from mockserver.credentials import WORKING
from mockserver.engine import Engine
from mockserver.lane import Lane
from mockserver.log import RequestLog
from mockserver.replies import encode
from mockserver.serving import Address, reserve, serve
from openapi.samples import schema_example

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Literal

    from _typeshed.wsgi import WSGIApplication

    from mockserver.serving import Reservation
    from mockserver.settings import Settings
    from mockserver.tls import Certificate, Choice
    from openapi.contract import Contract
    from openapi.operation import Operation
    from openapi.parameters import Parameter
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["Start", "UnusablePortFile", "curl", "start", "startup_lines"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where and how to serve. `public_url`: how clients reach the mock when that is not the bound address."""

    host: str = "127.0.0.1"
    port: int = 8080
    port_file: Path | None = None
    public_url: str | None = None
    workers: int = 1
    log_format: Literal["text", "json"] = "text"
    tls: Choice = None


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

    Raises `PortTaken`, `CannotBind`, `CannotServe`, `UnusablePortFile` or `UnusableCertificate` before anything is
    printed.
    """
    if options.port_file is not None:
        _try_to_write(options.port_file)
    with _reserved(options) as reservation:
        return _serve_on(reservation, contract, settings, options)


def _serve_on(reservation: Reservation, contract: Contract, settings: Settings, options: Start) -> int:
    if options.port_file is not None:
        options.port_file.unlink(missing_ok=True)  # of a run that was killed: nobody must read its port
    settings = replace(settings, base_url=options.public_url or _reachable(reservation.address))

    def load() -> Lane:
        # In the worker: the key of the identifiers and the log's thread must not be shared by several workers.
        engine = Engine(contract, settings, observe=RequestLog(options.log_format))

        def pages() -> WSGIApplication:
            from mockserver.app import create_app  # Flask is imported when the first page is asked for, not before

            return create_app(engine=engine).dispatching

        return Lane(engine, pages)

    def tell(address: Address) -> None:
        for line in startup_lines(contract, settings, options, address, reservation.certificate):
            click.echo(line)
        if options.port_file is not None:
            _write_port(options.port_file, address.port)

    try:
        return serve(reservation, load, workers=options.workers, on_ready=tell)
    finally:
        if options.port_file is not None:
            with contextlib.suppress(OSError):
                options.port_file.unlink()


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
    return [host for host in hosts if host and not _unspecified(host)]


def startup_lines(
    contract: Contract, settings: Settings, options: Start, address: Address, certificate: Certificate | None = None
) -> list[str]:
    """Say what runs, where, and how to call it."""
    if options.log_format == "json":
        line: dict[str, Json] = {
            "event": "started",
            "url": settings.base_url,
            "address": address.url,
            "version": __version__,
            "profile": contract.profile or None,
            "documents": [{"name": one.name, "sha256": one.sha256} for one in contract.documents],
            "notices": [str(notice) for notice in contract.notices],
        }
        if certificate is not None:
            line["certificate"] = {"file": str(certificate.file), "sha256": certificate.sha256}
        return [encode(line).decode("utf-8")]
    lines = [f"Anyfast mock server {__version__}, at {settings.base_url}"]
    if settings.base_url != address.url:
        lines.append(f"  listening   {address.url}")
    for document in contract.documents:
        info = document.tree.get("info")
        title = " ".join(str(info.get(key, "")) for key in ("title", "version")) if isinstance(info, dict) else ""
        lines.append(f"  contract    {title.strip() or document.name} (sha256 {document.sha256[:12]})")
    if contract.profile:
        lines.append(f"  profile     {contract.profile}; X-Mock-Rule says what is documented and what is assumed")
    seed = settings.seed
    lines.append(f"  seed        {'none, so tokens differ with every start' if seed is None else seed}")
    lines.append(f"  credential  {WORKING}")
    trust: list[str] = []
    if certificate is not None:
        told, trust = _certificate_lines(certificate, settings.base_url)
        lines += told
    lines += [f"  {notice}" for notice in contract.notices if notice.level == "warning"]
    if _unspecified(address.host) and not options.public_url:
        phone = f"{address.scheme}://<this host>:{address.port}"
        lines.append(f"  warning: links point to {settings.base_url}; for a phone, say --public-url {phone}")
    lines.append("  try")
    lines.append(f"    {curl(contract.operations[0], settings.base_url, trust)}")
    return lines


def _certificate_lines(certificate: Certificate, base_url: str) -> tuple[list[str], list[str]]:
    """Say what stands behind https; and give the words by which curl accepts it, however it has to."""
    from mockserver.tls import refusal

    made = ", made for this start and removed at its end" if certificate.self_made else ""
    lines = [f"  certificate {certificate.file}{made}", f"  sha256      {certificate.sha256}"]
    url = urlsplit(base_url)
    if url.scheme != "https":
        return [*lines, f"  warning: links start with {base_url}, and this server speaks https alone"], []
    host = url.hostname or ""
    if not certificate.self_made and not refusal(certificate, host, by_file=False):
        return lines, []
    refused = refusal(certificate, host, by_file=True)
    if not refused:
        return lines, ["--cacert", quote(str(certificate.file))]
    return [*lines, f"  warning: clients that call {host} refuse this certificate: {refused.rstrip('.')}"], ["-k"]


def curl(operation: Operation, base_url: str, trust: Sequence[str] = ()) -> str:
    """Write a command that calls an operation: with the fake credential, and with examples of what it requires.

    trust: options, quoted, by which curl accepts the certificate of the server.
    """
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
    return " ".join(["curl", *trust, "-X", operation.method, quote(url), *options])


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
    return replace(address, host="127.0.0.1").url if _unspecified(address.host) else address.url


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
