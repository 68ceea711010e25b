"""The command `mockserver`. Reads options and prints results; what they mean is decided elsewhere.

Exit codes: 0 done, 1 the workers keep dying, there is no session or the mock is not ready, 2 usage, 3 the contract
cannot be used, 4 the port is taken. `exec` gives those of its command.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from mockserver import __version__
from mockserver.configuration import DEFAULT_FILE, ConfigurationError, read_configuration
from mockserver.sessions import JOURNAL, LIFE, MOST_SESSIONS, AutoComplete
from openapi.errors import ContractError, nearest
from openapi.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockserver.configuration import Kind
    from mockserver.readiness import Ready
    from mockserver.settings import Settings
    from mockserver.starting import Start
    from mockserver.tls import Choice
    from mockserver.watching import Sources
    from openapi.contract import Contract
    from openapi.document import Document

__all__ = ["main"]

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_Result = TypeVar("_Result")

NO_SESSION, NOT_READY, USAGE, BAD_CONTRACT, PORT_TAKEN = 1, 1, 2, 3, 4
_FILE = click.Path(path_type=Path)
VENDOR = Path("openapi/vendor")
_DEFAULT_PROFILE = "published"


class _Exec(click.Command):
    """A command with another one behind it: what follows the first `--` is the parameter `command`, untouched."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        if not args[at + 1 :] and not ctx.resilient_parsing:
            ctx.fail("Say which command to run, after '--': mockserver exec -- pytest")
        ctx.params["command"] = args[at + 1 :]
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CMD [ARG]..."]


class _Commands(click.Group):
    """A group that serves when it is given no command, and names the nearest one for a command it does not have."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            hint = nearest(args[0], self.commands)
            if Path(args[0]).suffix in (".yaml", ".yml", ".json") or (not hint and Path(args[0]).exists()):
                hint = f"To serve a document: mockserver serve {args[0]}"
            ctx.fail(f"There is no command {args[0]!r}. {hint}".rstrip())
        return super().resolve_command(ctx, args)


def _configured(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Make a TOML file the defaults of the command."""
    path = value or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    ctx.meta[_CONFIG] = path
    if path is not None:
        try:
            ctx.default_map = read_configuration(path, _known(ctx.command))
        except ConfigurationError as error:
            raise click.UsageError(str(error)) from None
        if isinstance(ctx.command, _Exec):
            ctx.default_map.pop("port", None)  # of the mock that a person starts beside it
    return path


_CONFIG = f"{__name__}.config"
"""Where a context keeps the path of the TOML file that was read, or None."""


def _known(command: click.Command) -> dict[str, Kind]:
    return {str(one.name): _kind(one) for one in command.params if one.name not in ("config", "help")}


def _kind(parameter: click.Parameter) -> Kind:
    if parameter.multiple or parameter.nargs == -1:
        return "list"
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return "switch"
    if isinstance(parameter.type, click.FloatRange):
        return "decimal"
    return "number" if isinstance(parameter.type, click.IntRange) else "text"


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Read a time with its zone (RFC 3339) as seconds since 1970."""
    from mockserver.clock import read_rfc3339

    moment = None if value is None else read_rfc3339(value)
    if value is not None and moment is None:
        raise click.BadParameter(f"{value!r} is no time with a zone, such as 2026-07-02T22:15:26+08:00.")
    return moment


def _auto_complete(_: click.Context, __: click.Parameter, value: str | None) -> AutoComplete | None:
    try:
        return None if value is None else AutoComplete.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _option(name: str, **attributes: Any) -> Callable[[_Command], _Command]:  # noqa: ANN401 - passed on to click
    """An option that is also a variable `ANYFAST_MOCK_*`; the help text names it."""
    variable = "ANYFAST_MOCK_" + name.lstrip("-").upper().replace("-", "_")
    return click.option(name, envvar=variable, show_envvar=True, show_default=True, **attributes)


def _contract_options(command: _Command) -> _Command:
    for add in (
        _option(
            "--overlay", multiple=True, type=_FILE, metavar="FILE", help="Apply an OpenAPI Overlay; may be repeated."
        ),
        _option(
            "--profile", type=click.Choice(list(PROFILES)), default=_DEFAULT_PROFILE, help="Of the packaged contract."
        ),
    ):
        command = add(command)
    return command


def _tls_options(command: _Command) -> _Command:
    for add in (
        _option("--tls", type=click.Choice(["auto"]), help="Serve https with a certificate made for this start."),
        _option("--tls-key", type=_FILE, metavar="FILE", help="Its private key, in PEM and without a pass phrase."),
        _option("--tls-cert", type=_FILE, metavar="FILE", help="Serve https with this certificate (PEM)."),
    ):
        command = add(command)
    return command


def _tls(options: Mapping[str, Any]) -> Choice:
    """Read what was asked for; raise a usage error when it contradicts itself."""
    certificate, key, auto = options["tls_cert"], options["tls_key"], options["tls"]
    if auto and (certificate or key):
        raise click.UsageError("--tls auto makes a certificate; drop it, or drop --tls-cert and --tls-key.")
    if bool(certificate) != bool(key):
        given, missing = ("--tls-cert", "--tls-key") if certificate else ("--tls-key", "--tls-cert")
        raise click.UsageError(f"{given} needs {missing} beside it; --tls auto makes a certificate with its key.")
    return (certificate, key) if certificate else auto


def _documents(command: _Command) -> _Command:
    return click.argument("documents", nargs=-1, type=_FILE, metavar="[DOCUMENT|FOLDER]...")(command)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  mockserver                                  serve the packaged contract on 127.0.0.1:8080
  mockserver --port 0 --port-file port.txt    on a free port, told in a file
  mockserver --profile observed               as clients of the real host saw it
  mockserver serve api.yaml                   another document
  mockserver exec -- pytest                   a command beside a mock of its own
  mockserver wait                             until the mock answers
  mockserver request POST /volc/asset/CreateVisualValidateSession --json '{}'
  mockserver session new --qr                 a session of the mock that runs, for a phone

Without a command it serves; 'mockserver serve --help' lists the options.""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """A mock of Anyfast's real-person verification API, built from the vendor's OpenAPI document."""


@main.command(
    epilog="""\b
Each option can also be set in the environment (the name stands beside it) and in a TOML file:
  # anyfast-mock.toml
  port = 9000
  profile = "observed"
The command line wins over the environment, the environment over the file.

\b
Exit codes: 0 stopped by a signal, 1 the workers keep dying, 2 usage,
3 the contract cannot be used, 4 the port is taken."""
)
@_documents
@click.option(
    "--config", type=_FILE, metavar="FILE", envvar="ANYFAST_MOCK_CONFIG", show_envvar=True, is_eager=True,
    expose_value=False, callback=_configured, help=f"Read options from TOML.  [default: ./{DEFAULT_FILE} if there]",
)  # fmt: skip
@_option("--host", default="127.0.0.1", help="Address to listen on.")
@_option("--port", default=8080, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@_option("--port-file", type=_FILE, metavar="FILE", help="Write the port here once requests are answered.")
@_option("--ready-file", type=_FILE, metavar="FILE", help="Write URL and credential here, once all workers answer.")
@_option("--public-url", metavar="URL", help="How clients reach the mock; H5Links start with it.")
@_contract_options
@_option("--watch", is_flag=True, help="Serve the contract anew when its files change; sessions stay.")
@_option("--seed", metavar="TEXT", help="Make tokens and links reproducible but for their time.")
@_option("--clock", metavar="TIME", callback=_moment, help="Freeze the time, e.g. 2026-07-02T22:15:26+08:00.")
@_option("--workers", default=1, type=click.IntRange(1, 64), help="Worker processes.")
@_option("--accept-any-token", is_flag=True, help="Take any well-formed credential.")
@_option("--token", multiple=True, metavar="VALUE", help="Take this credential too; may be repeated.")
@_option("--store", metavar="STORE", help="Keep sessions in memory, sqlite:FILE or redis://host:port/0.")
@_option("--session-life", default=LIFE, type=click.FloatRange(0.001, 1e8), metavar="SECONDS", help="Of a BytedToken.")
@_option("--max-sessions", default=MOST_SESSIONS, type=click.IntRange(1), help="Kept at once; the oldest go first.")
@_option(
    "--auto-complete",
    metavar="OUTCOME[:WHEN]",
    callback=_auto_complete,
    help="End every session by itself: pass, fail, pass:5s, pass:3polls.",
)
@_option("--allow-callback-host", multiple=True, metavar="HOST", help="The mock may visit callbacks there too.")
@_option("--control-token", metavar="VALUE", help="What /_mock asks for; made at start beyond loopback.")
@_option("--journal", default=JOURNAL, type=click.IntRange(0, 10_000), help="Exchanges kept to be looked at; 0: none.")
@_option("--h5-links", type=click.Choice(["mock", "vendor"]), default="mock", help="Where H5Links lead.")
@_option("--body-limit", default=1_048_576, type=click.IntRange(1, 1 << 30), metavar="BYTES", help="Largest body.")
@_option("--check-answers", is_flag=True, help="Check each answer against the contract; 500 for a bug of the mock.")
@_tls_options
@_option("--log-format", type=click.Choice(["text", "json"]), default="text", help="Of start-up and request lines.")
@click.pass_context
def serve(ctx: click.Context, /, documents: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401 - click checked
    """Serve documents, or the packaged contract when none is named."""
    sys.exit(_start(*_prepared(ctx, documents, options)))


def _start(contract: Contract, settings: Settings, options: Start) -> int:
    """Serve; return the exit status, or end with the one of what is wrong."""
    from mockserver.readiness import UnusableFile
    from mockserver.serving import CannotBind, CannotServe, PortTaken
    from mockserver.sessions.opening import UnusableStore
    from mockserver.starting import start
    from mockserver.tls import UnusableCertificate

    try:
        return start(contract, settings, options)
    except PortTaken as error:
        _stop(str(error), PORT_TAKEN)
    except (CannotBind, CannotServe, UnusableCertificate, UnusableFile, UnusableStore) as error:
        _stop(str(error), USAGE)


def _prepared(
    ctx: click.Context, documents: tuple[Path, ...], options: Mapping[str, Any]
) -> tuple[Contract, Settings, Start]:
    """Make of the options what is served and how; end with the status of what cannot be."""
    from mockserver.settings import Settings
    from mockserver.starting import Start

    _refuse_unusable(documents, options)
    url = options["public_url"]
    contract = _load(documents, options["profile"], options["overlay"])
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
    started = Start(
        host=options["host"],
        port=options["port"],
        port_file=options["port_file"],
        ready_file=options["ready_file"],
        public_url=url.rstrip("/") if url else None,
        workers=options["workers"],
        store=options["store"] or "",
        log_format=options["log_format"],
        tls=_tls(options),
        watch=_sources(ctx, contract) if options["watch"] else None,
    )
    return contract, settings, started


def _sources(ctx: click.Context, contract: Contract) -> Sources:
    """Say where the contract is read from: what the configuration file says of it may change."""
    from mockserver.watching import Asked, Sources

    config: Path | None = ctx.meta[_CONFIG]
    names = ("documents", "overlay", "profile")
    from_file = [name for name in names if ctx.get_parameter_source(name) in (_BY_DEFAULT, _BY_FILE)]
    known = _known(ctx.command)

    def read() -> Asked:
        table = read_configuration(config, known) if config is not None else {}
        said = {name: table.pop(name, None) for name in names}
        given = {name: said[name] if name in from_file else ctx.params[name] for name in names}
        documents, overlays = (tuple(map(Path, given[name] or ())) for name in names[:2])
        return Asked(documents, overlays, given["profile"] or _DEFAULT_PROFILE, table)

    return Sources.of(contract, read, config)


def _exec(ctx: click.Context, /, command: list[str], log_file: Path | None, **options: Any) -> None:  # noqa: ANN401
    """Run a command beside a mock of its own, and end with its exit code.

    The mock takes a free port. Once it answers, CMD runs with ANYFAST_BASE_URL and ANYFAST_API_KEY in its environment
    (a fake credential with a sandbox of its own) and with this terminal as it is; when CMD ends, so does the mock.
    All options of 'mockserver serve' may stand before the '--'.
    """
    if not hasattr(os, "fork"):
        _stop("exec needs os.fork, which this platform lacks. Run it under Linux, macOS or WSL.", USAGE)
    from mockserver.exec_command import open_log, own_api_key, run_beside
    from mockserver.readiness import UnusableFile

    contract, settings, started = _prepared(ctx, options.pop("documents"), options)
    try:
        log = open_log(log_file)
    except UnusableFile as error:
        _stop(str(error), USAGE)
    started = replace(started, api_key=own_api_key(settings.seed), quiet=log_file is None)

    def serve_and(tell: Callable[[Ready], None]) -> int:
        return _start(contract, settings, replace(started, on_ready=tell))

    with log:
        sys.exit(run_beside(command, serve_and, log, show=started.quiet))


main.add_command(
    _Exec(
        "exec",
        callback=click.pass_context(_exec),
        params=[
            click.Option(
                ["--port"], default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
            ),
            click.Option(
                ["--log-file"], type=_FILE, metavar="FILE", help="Write the mock's start-up and log lines here."
            ),
            *(one for one in serve.params if one.name != "port"),
        ],
        help=_exec.__doc__,
        epilog="""\b
Examples:
  mockserver exec -- pytest
  mockserver exec --profile observed --log-file mock.log -- npm test
  mockserver exec -- sh -c 'curl -i "$ANYFAST_BASE_URL/_mock/ready"'

\b
Exit codes: those of CMD; 128 + N when signal N ended it, 127 there is no such command, 126 it cannot be run.
When the mock cannot start, CMD is not run: 2 usage, 3 the contract cannot be used, 4 the port is taken.""",
    )
)


_BY_DEFAULT, _BY_FILE = click.core.ParameterSource.DEFAULT, click.core.ParameterSource.DEFAULT_MAP


def _refuse_unusable(documents: Sequence[Path], options: Mapping[str, Any]) -> None:
    """Find what of the options cannot be, before anything is read or started. Raises `click.UsageError`."""
    from mockserver.credentials import TOKEN
    from mockserver.sessions.opening import UnusableStore, check_store

    for document in documents:
        if str(document) in main.commands and not document.exists():
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


@main.command(
    epilog="""\b
Examples:
  mockserver wait
  mockserver wait http://127.0.0.1:9000 --timeout 60
  mockserver wait --ready-file ready.json

\b
Exit codes: 0 the mock answers, 1 it does not, 2 usage."""
)
@click.argument("url", required=False, metavar="[URL]")
@click.option(
    "--ready-file", type=_FILE, metavar="FILE", help="Wait for this file of 'mockserver serve' and ask there."
)
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(0, 86400), metavar="SECONDS",
    help="Give up after this time; 0 asks once.",
)  # fmt: skip
@_option("--control-token", metavar="VALUE", help="What /_mock of that mock asks for.")
@click.option("--ca-bundle", type=_FILE, metavar="FILE", help="Trust the certificates in this PEM file, and no others.")
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
def wait(url: str | None, ready_file: Path | None, **options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Wait until a mock is ready: it answers, and so does its store.

    URL is ANYFAST_BASE_URL or http://127.0.0.1:8080 when none is given. No proxy is used.
    """
    from mockserver.session_request import UnusableRequest
    from mockserver.waiting import NotReady, Wait

    if url and ready_file:
        raise click.UsageError("A ready file says where to ask; drop the URL, or drop --ready-file.")
    if options["ca_bundle"] and options["insecure"]:
        raise click.UsageError("--ca-bundle and --insecure exclude each other; drop one.")
    asked = Wait(
        url or os.environ.get("ANYFAST_BASE_URL") or "http://127.0.0.1:8080",
        ready_file,
        options["control_token"] or "",
        options["ca_bundle"],
        insecure=options["insecure"],
    )
    try:
        click.echo(f"{asked.until_ready(options['timeout'])} is ready")
    except UnusableRequest as error:
        raise click.UsageError(str(error)) from None
    except NotReady as error:
        _stop(str(error), NOT_READY)


@main.command()
@_documents
@_contract_options
def routes(documents: tuple[Path, ...], profile: str, overlay: tuple[Path, ...]) -> None:
    """List the operations and what answers each; those that cannot be served, and why."""
    from mockserver.presenting import routes_table

    loaded = _load(documents, profile, overlay)
    loaded.verify()
    routes_table(loaded)


@main.command(
    epilog="""\b
Exit codes: 0 it can be served, 2 usage, 3 it cannot; with --strict also 3 for a warning or an
operation that is not served."""
)
@_documents
@_contract_options
@click.option("--strict", is_flag=True, help="End with 3 when anything is wrong, however little.")
def check(documents: tuple[Path, ...], profile: str, overlay: tuple[Path, ...], strict: bool) -> None:  # noqa: FBT001 - click
    """Check documents and overlays, and say what the documents leave unsaid."""
    from mockserver.presenting import check_report
    from openapi.profiles import actions, read_overlays

    loaded = _load(documents, profile, overlay)
    loaded.verify()
    packaged = () if documents else actions(profile)
    check_report(loaded, [*packaged, *(action for one in read_overlays(overlay) for action in one.actions)])
    wrong = len(loaded.unserved) + sum(notice.level == "warning" for notice in loaded.notices)
    if strict and wrong:
        _stop(f"{wrong} {'place is' if wrong == 1 else 'places are'} wrong, and --strict takes none.", BAD_CONTRACT)


@main.command(
    name="overlay",
    epilog="""\b
Examples:
  mockserver overlay api.yaml corrections.yaml > corrected.yaml

\b
Exit codes: 0 done, 2 usage, 3 the document or the overlay cannot be used.""",
)
@click.argument("document", type=_FILE)
@click.argument("overlay", type=_FILE)
def apply(document: Path, overlay: Path) -> None:
    """Print the document that an OpenAPI Overlay makes of DOCUMENT, as YAML or JSON like the document.

    It need not be an OpenAPI document that can be served. What the overlay would leave as it is is told on stderr.
    """
    from mockserver.presenting import export_text
    from openapi.document import read_document
    from openapi.overlay import apply_overlay, extends, read_overlay

    read, made = _report(lambda: (read_document(document), read_overlay(read_document(overlay))))
    if not extends(made, read):
        what = f"This overlay extends {made.extends!r}; {document} is another document."
        _stop(
            str(ContractError(what, made.document.place("/extends"), "Name that document, or correct it.")),
            BAD_CONTRACT,
        )
    changed, notices = _report(lambda: apply_overlay(read, made))
    for notice in notices:
        click.echo(f"mockserver: {notice}", err=True)
    is_json = read.raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    click.echo(export_text(changed, None, "json" if is_json else "yaml"), nl=False)


@main.command(
    epilog="""\b
Examples:
  mockserver request POST /volc/asset/CreateVisualValidateSession --json '{"CallbackURL": "https://example.com"}'
  mockserver request POST /volc/asset/CreateVisualValidateSession --no-token"""
)
@click.argument("method")
@click.argument("path")
@click.option("--json", "json_text", metavar="TEXT", help="Send this JSON; '-' reads it from standard input.")
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Send a header; may be repeated."
)
@click.option("--token", metavar="VALUE", help="Credential to send.  [default: the fake one that works]")
@click.option("--no-token", is_flag=True, help="Send no credential.")
@click.option("--document", "documents", multiple=True, type=_FILE, metavar="FILE", help="Of this document.")
@click.option("--seed", metavar="TEXT", help="Make tokens and links reproducible.")
@click.option("--clock", metavar="TIME", callback=_moment, help="Freeze the time.")
@_contract_options
def request(method: str, path: str, **options: Any) -> None:  # noqa: ANN401 - click checked the types
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
    contract = _load(options["documents"], options["profile"], options["overlay"])
    key = None if options["no_token"] else options["token"] or WORKING
    if key is not None and not any(name.lower() == "authorization" for name, _ in headers):
        headers.append(("Authorization", f"Bearer {key}"))
    play_request(
        contract, Settings(seed=options["seed"], frozen_at=options["clock"]), method.upper(), path, headers, body
    )


@main.group()
def contract() -> None:
    """Import the vendor's pages, and export what they come to with the overlays."""


@contract.command("import")
@click.argument("page", metavar="PAGE|URL")
@click.option("--into", type=_FILE, help="Folder of the documents.  [default: ./openapi/vendor]")
def import_page(page: str, into: Path | None) -> None:
    """Take a saved page (Markdown with its YAML), a YAML or JSON file, or a URL; say what changed.

    The YAML is written byte for byte.
    """
    from datetime import datetime

    from mockserver.presenting import import_report
    from openapi.importing import import_contract

    folder = into or VENDOR
    if into is None and not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder} here; name one with --into FOLDER.")
    _report(lambda: import_report(import_contract(page, folder, today=datetime.now().astimezone().date())))


@contract.command("export")
@_documents
@_contract_options
@click.option("--document", "name", metavar="NAME", help="Which one, by its file name.  [default: the vendor's]")
@click.option("--server", metavar="URL", help="Put this server into the document instead of the vendor's.")
@click.option("--format", "style", type=click.Choice(["json", "yaml"]), default="yaml", show_default=True)
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="Write here instead of to standard output.")
def export_contract(
    documents: tuple[Path, ...],
    profile: str,
    overlay: tuple[Path, ...],
    name: str | None,
    server: str | None,
    style: str,
    output: Path | None,
) -> None:
    """Print the effective document of a profile, for other tools."""
    from mockserver.presenting import export_text

    document = _chosen(_load(documents, profile, overlay), name)
    text = export_text(document, server, style)
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            _stop(f"{output} cannot be written: {error.strerror}.", USAGE)


def _chosen(contract: Contract, name: str | None) -> Document:
    """Choose the document of a name, or the only one that is not reconstructed."""
    from openapi.contract import document_names

    names = document_names(contract.documents)
    if name is not None:
        if name not in names:
            hint = nearest(name, names)
            raise click.UsageError(f"There is no document {name!r}; there are: {', '.join(names)}. {hint}".rstrip())
        return names[name]
    given = [one for one in contract.documents if not one.reconstructed] or contract.documents
    if len(given) > 1:
        raise click.UsageError(f"These are several documents ({', '.join(names)}); choose one with --document NAME.")
    return given[0]


@main.group()
def session() -> None:
    """Ask a running mock for a session."""


@session.command(
    "new",
    epilog="""\b
Examples:
  mockserver session new --qr
  mockserver session new --url https://127.0.0.1:8080 --ca-bundle certificate.pem --lng en
  mockserver session new --json --callback-url https://example.com/done""",
)
@click.option(
    "--url", default="http://127.0.0.1:8080", envvar="ANYFAST_BASE_URL", show_envvar=True, show_default=True,
    metavar="URL", help="Of the mock.",
)  # fmt: skip
@click.option("--token", metavar="VALUE", help="Credential to send.  [default: the fake one that works]")
@click.option("--callback-url", metavar="URL", help="Where the browser goes at the end.")
@click.option("--lng", type=click.Choice(["zh", "en", "zh-Hant"]), help="Language of the page; added to the link.")
@click.option("--qr", is_flag=True, help="Draw the link as a QR code, for a phone.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, for a program.")
@click.option("--ca-bundle", type=_FILE, metavar="FILE", help="Trust the certificates in this PEM file, and no others.")
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
def new_session(**options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Ask a running mock for a session: prints its token and its link."""
    from mockserver.credentials import WORKING
    from mockserver.session_command import in_language, show_session
    from mockserver.session_request import NoSession, SessionRequest, UnusableRequest

    for one, other in (("as_json", "qr"), ("ca_bundle", "insecure")):
        if options[one] and options[other]:
            names = (f"--{name.removeprefix('as_').replace('_', '-')}" for name in (one, other))
            raise click.UsageError(f"{' and '.join(names)} exclude each other; drop one.")
    asked = SessionRequest(
        options["url"], options["token"] or WORKING, options["callback_url"], options["ca_bundle"], options["insecure"]
    )
    try:
        body = asked.send()
    except UnusableRequest as error:
        raise click.UsageError(str(error)) from None
    except NoSession as error:
        _stop(str(error), NO_SESSION)
    body["H5Link"] = in_language(str(body["H5Link"]), options["lng"])
    show_session(body, as_json=options["as_json"], qr=options["qr"])


def _load(documents: Sequence[Path], profile: str, overlays: Sequence[Path]) -> Contract:
    """Load a contract, or end with exit code 3."""
    from openapi.contract import load_contract, packaged_contract

    def load() -> Contract:
        return load_contract(documents, overlays) if documents else packaged_contract(profile, overlays)

    return _report(load)


def _report(action: Callable[[], _Result]) -> _Result:
    try:
        return action()
    except ContractError as error:
        _stop(str(error), BAD_CONTRACT)


def _stop(message: str, code: int) -> NoReturn:
    click.echo(f"mockserver: {message}", err=True)
    sys.exit(code)
