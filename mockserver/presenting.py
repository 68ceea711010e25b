"""What the commands print, apart from the start-up lines. Decides nothing."""

from __future__ import annotations

import io
import json
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from mockserver.behaviours import registered
from mockserver.engine import Engine
from mockserver.exchange import PlainHeaders, Request, reason
from openapi.checking import unsaid
from openapi.contract import document_names
from openapi.document import facts
from openapi.errors import shown
from openapi.provenance import BASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockserver.settings import Settings
    from openapi.contract import Contract
    from openapi.document import Document
    from openapi.editing import Action
    from openapi.importing import Imported

__all__ = ["check_report", "export_text", "import_report", "play_request", "routes_table", "unserved_lines"]


def routes_table(contract: Contract) -> None:
    """Print what each operation takes and what answers it: a line for each, or several in a terminal that is narrow."""
    rows = [tuple(map(shown, row)) for row in _routes(contract)]
    widths = [max(map(len, cells)) for cells in zip(_COLUMNS, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (_COLUMNS, *rows)]
    if sys.stdout.isatty() and len(lines[0]) > get_terminal_size().columns:
        for method, path, *cells in rows:
            click.secho(f"{method} {path}", bold=True)
            for column, cell in zip(_COLUMNS[2:], cells, strict=True):
                click.echo(f"  {column:<11}  {cell}")
    else:
        click.secho(lines[0].rstrip(), bold=True)
        for line in lines[1:]:
            click.echo(line.rstrip())
    for line in unserved_lines(contract):
        click.echo(line)


_COLUMNS = ("method", "path", "operation", "credential", "statuses", "answered by", "document")


def _routes(contract: Contract) -> Iterator[tuple[str, ...]]:
    behaviours = registered()
    names = {document.uri: name for name, document in document_names(contract.documents).items()}
    for operation in contract.operations:
        kinds = [" and ".join(scheme.kind for scheme in needed) or "none" for needed in operation.security]
        known = behaviours.get(operation.id)
        name = names.get(operation.node.document.uri, operation.node.document.name)
        yield (
            operation.method,
            operation.base_paths[0] + operation.path,
            operation.id,
            " or ".join(kinds) or "none",
            " ".join(response.status for response in operation.responses),
            known.function.__name__ if known else "its document",
            f"{name}, reconstructed" if operation.reconstructed else name,
        )


def unserved_lines(contract: Contract) -> list[str]:
    """Say which operations are not served, and why, a line for each."""
    lines = [f"  {one}" for one in contract.unserved]
    return ["not served, each by itself:", *lines] if lines else []


def check_report(contract: Contract, actions: Sequence[Action] = ()) -> None:
    """Print what was read, on which basis documents and overlays say it, what would be ignored and what is unsaid."""
    for document in contract.documents:
        mark = ", reconstructed: nobody documented it" if document.reconstructed else ""
        click.echo(
            f"{document.name}: OpenAPI {shown(str(document.tree.get('openapi')))}, sha256 {document.sha256}{mark}"
        )
    for document in contract.documents:
        if document.stated:
            click.echo(f"stated in {document.name}, the firmest basis first:")
        for fact in sorted(facts(document), key=lambda fact: BASES.index(fact.origin.basis)):
            click.echo(f"  {fact.origin.basis:<10}  {shown(fact.what)} ({fact.place.file}:{fact.place.line})")
    if actions:
        click.echo("added by overlays, the firmest basis first:")
    for action in sorted(actions, key=lambda action: BASES.index(action.basis)):
        place = f"{action.place.file}:{action.place.line}"
        click.echo(f"  {action.basis:<10}  {action.description or action.target} ({place})")
    for notice in contract.notices:
        click.echo(str(notice))
    _tell_unsaid(contract)


def _tell_unsaid(contract: Contract) -> None:
    notes = [note for operation in contract.operations for note in unsaid(operation)]
    if notes:
        click.echo("left unsaid, and so not checked and not promised:")
    for note in notes:
        click.echo(f"  {note.place}: {shown(note.what)} [{note.code}]")
    for line in unserved_lines(contract):
        click.echo(line)
    warnings = sum(notice.level == "warning" for notice in contract.notices)
    lost = f" ({len(contract.unserved)} more not served)" if contract.unserved else ""
    counted = (
        _some(len(contract.operations), "operation") + lost,
        _some(warnings, "warning"),
        _some(len(notes), "place"),
    )
    click.echo(f"{', '.join(counted)} left unsaid.")


def play_request(
    contract: Contract,
    settings: Settings,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes | None,
) -> None:
    """Ask the engine, and print the answer as it would go over the wire."""
    sent = dict(headers)
    if body is not None:
        sent["Content-Length"] = str(len(body))
    path, _, query = target.partition("?")
    incoming = Request(method, unquote(path), query, PlainHeaders(sent), io.BytesIO(body or b"").read)
    incoming.raw_path = path if "%" in path else ""
    response = Engine(contract, settings).answer(incoming)
    click.echo(f"HTTP/1.1 {reason(response.status)}")
    for name, value in response.headers:
        click.echo(f"{name}: {value}")
    click.echo()
    if response.body:
        try:
            click.echo(json.dumps(json.loads(response.body), ensure_ascii=False, indent=2))
        except ValueError:  # spoiled, as it was asked for
            click.echo(response.body.decode("utf-8", "replace"))
    if response.transport is not None:
        click.echo(f"A server would send this with the fault {response.transport.kind}.", err=True)


def export_text(document: Document, server: str | None, style: str) -> str:
    """Write an effective document as JSON or YAML."""
    tree = {**document.tree, "servers": [{"url": server}]} if server else document.tree
    if style == "json":
        return json.dumps(tree, ensure_ascii=False, indent=2) + "\n"
    import yaml

    class Plain(yaml.SafeDumper):
        """Repeats shared values instead of writing aliases, and quotes what YAML 1.1 and 1.2 read differently."""

        def ignore_aliases(self, _: object) -> bool:
            return True

        def text(self, value: str) -> yaml.ScalarNode:
            quoted = _is_number(value) or not value.replace("\n", "").isprintable()
            return self.represent_scalar("tag:yaml.org,2002:str", value, style='"' if quoted else None)

    Plain.add_representer(str, Plain.text)
    text: str = yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True, width=110)
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.startswith(("0o", "0x"))
    return True


def import_report(imported: Imported) -> None:
    """Print where a page went and what it changed for a caller."""
    click.echo(f"{imported.path}: sha256 {imported.after}")
    if not imported.before:
        click.echo("  a new document")
    elif imported.before == imported.after:
        click.echo("  unchanged, byte for byte")
    for change in imported.changes:
        mark = "BREAKING    " if change.breaking else "not breaking"
        click.echo(f"  {mark}  {change.operation}  {change.what}")


def _some(number: int, name: str) -> str:
    """Write a number of things: `1 warning`, `2 warnings`."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
