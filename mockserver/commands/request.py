"""`mockserver request`: one request, answered in this process."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from mockserver.commands.contracts import contract_options, load
from mockserver.commands.options import FILE, moment

__all__ = ["command"]


@click.command(
    "request",
    epilog="""\b
Examples:
  mockserver request POST /volc/asset/CreateVisualValidateSession --json '{}'
  mockserver request POST /volc/asset/CreateVisualValidateSession --no-token
  mockserver request GET /pets --document pets.yaml

\b
Exit codes: 0 answered, whatever the status, 2 usage, 3 the contract cannot
be used.""",
)
@click.argument("method")
@click.argument("path")
@click.option("--json", "json_text", metavar="TEXT", help="Send this JSON; '-' reads it from standard input.")
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Send a header; may be repeated."
)
@click.option("--token", metavar="VALUE", help="Credential to send.  [default: the fake one that works]")
@click.option("--no-token", is_flag=True, help="Send no credential.")
@click.option(
    "--document", "documents", multiple=True, type=FILE, metavar="FILE", help="Of this document; may be repeated."
)
@click.option("--seed", metavar="TEXT", help="Make tokens and links reproducible.")
@click.option("--clock", metavar="TIME", callback=moment, help="Freeze the time.")
@contract_options
def command(method: str, path: str, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Ask the mock one thing in this process, without a server: prints status, headers and body."""
    from mockserver.credentials import WORKING
    from mockserver.presenting import play_request
    from mockserver.settings import Settings

    headers = []
    for line in options["headers"]:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise click.UsageError("A header is written 'Name: value'; one of those given has no colon.")
        headers.append((name.strip(), value.strip()))
    text = options["json_text"]
    body = None if text is None else os.fsencode(text)
    if text == "-":
        body = sys.stdin.buffer.read()
    if body is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    contract = load(options["documents"], options["profile"], options["overlay"])
    key = None if options["no_token"] else options["token"] or WORKING
    if key is not None and not any(name.lower() == "authorization" for name, _ in headers):
        headers.append(("Authorization", f"Bearer {key}"))
    play_request(
        contract, Settings(seed=options["seed"], frozen_at=options["clock"]), method.upper(), path, headers, body
    )
