"""What the options of `serve` come to: a contract, settings, and how to start; and the start itself, with its endings.

Both commands that serve stand on it, `serve` and `exec`. What cannot be is found before anything is read or bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mockserver.commands.contracts import load
from mockserver.commands.defaults_file import sources
from mockserver.commands.ending import PORT_TAKEN, USAGE, stop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mockserver.settings import Settings
    from mockserver.starting import Start
    from mockserver.tls import Choice
    from openapi.contract import Contract

__all__ = ["prepared", "start_or_stop"]


def prepared(
    ctx: click.Context, documents: tuple[Path, ...], options: Mapping[str, Any]
) -> tuple[Contract, Settings, Start]:
    """Make of the options what is served and how; end with the status of what cannot be."""
    from mockserver.settings import Settings
    from mockserver.starting import Start

    _refuse_unusable(ctx, documents, options)
    url = options["public_url"]
    contract = load(documents, options["profile"], options["overlay"])
    settings = Settings(
        seed=options["seed"],
        frozen_at=options["clock"],
        accept_any_token=options["accept_any_token"],
        tokens=options["token"],
        h5_links=options["h5_links"],
        body_limit=options["body_limit"],
        check_answers=options["check_answers"],
        session_life=options["session_life"],
        most_sessions=options["max_sessions"],
        auto_complete=options["auto_complete"],
        callback_hosts=options["allow_callback_host"],
        control_token=options["control_token"] or "",
        journal=options["journal"],
    )
    start = Start(
        host=options["host"],
        port=options["port"],
        port_file=options["port_file"],
        ready_file=options["ready_file"],
        public_url=url.rstrip("/") if url else None,
        workers=options["workers"],
        store=options["store"] or "",
        log_format=options["log_format"],
        tls=_tls(options),
        watch=sources(ctx, contract) if options["watch"] else None,
    )
    return contract, settings, start


def start_or_stop(contract: Contract, settings: Settings, options: Start) -> int:
    """Serve; return the exit status, or end with the one of what is wrong."""
    from mockserver.readiness import UnusableFile
    from mockserver.serving import CannotBind, CannotServe, PortTaken
    from mockserver.sessions.opening import UnusableStore
    from mockserver.starting import start

    try:
        return start(contract, settings, options)
    except PortTaken as error:
        stop(str(error), PORT_TAKEN)
    except (CannotBind, CannotServe, UnusableFile, UnusableStore) as error:
        stop(str(error), USAGE)
    except Exception as error:
        from mockserver.tls import UnusableCertificate  # only for a start that failed

        if isinstance(error, UnusableCertificate):
            stop(str(error), USAGE)
        raise


def _refuse_unusable(ctx: click.Context, documents: Sequence[Path], options: Mapping[str, Any]) -> None:
    """Find what of the options cannot be, before anything is read or started. Raises `click.UsageError`."""
    from mockserver.credentials import TOKEN
    from mockserver.sessions.opening import UnusableStore, check_store

    all_commands = ctx.find_root().command
    names = all_commands.list_commands(ctx) if isinstance(all_commands, click.Group) else []
    for document in documents:
        if str(document) in names and not document.exists():
            raise click.UsageError(f"Options go after the command: mockserver {document} ...")
    for token in options["token"]:
        if not TOKEN.fullmatch(token):
            raise click.UsageError(
                "--token takes one token of letters, digits and ._~+/- (RFC 6750); one given is none."
            )
    url = options["public_url"]
    if url is not None and (not url.startswith(("http://", "https://")) or set(url) & set("?# ")):
        raise click.UsageError(f"--public-url is an absolute URL without a query; {url!r} is none.")
    try:
        if options["store"]:
            check_store(options["store"])
        if options["allow_callback_host"]:
            from mockserver.addresses import AllowList

            AllowList.parse(options["allow_callback_host"])
    except (UnusableStore, ValueError) as error:
        raise click.UsageError(str(error)) from None
    if options["control_token"] and not TOKEN.fullmatch(options["control_token"]):
        raise click.UsageError("--control-token takes one token of letters, digits and ._~+/- (RFC 6750).")


def _tls(options: Mapping[str, Any]) -> Choice:
    """Read what was asked for; raise a usage error when it contradicts itself."""
    certificate, key, auto = options["tls_cert"], options["tls_key"], options["tls"]
    if auto and (certificate or key):
        raise click.UsageError("--tls auto makes a certificate; drop it, or drop --tls-cert and --tls-key.")
    if bool(certificate) != bool(key):
        given, missing = ("--tls-cert", "--tls-key") if certificate else ("--tls-key", "--tls-cert")
        raise click.UsageError(f"{given} needs {missing} beside it; --tls auto makes a certificate with its key.")
    return (certificate, key) if certificate else auto
