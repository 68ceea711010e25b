"""From what the user asked for to a run that can start: contract, target, key, sender. Sends nothing.

It knows no pytest. What cannot be used is said here, before the first request.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from contract_tests.deviations_file import UnusableDeviations, read_deviations
from contract_tests.exchanges import FolderExchanges, MemoryExchanges
from contract_tests.ledger import FolderLedger, Ledger
from contract_tests.mock_process import MOCK_KEY, MOCK_OTHER_KEY
from contract_tests.plan import budget_for
from contract_tests.redaction import CONTROL_VARIABLE, KEY_VARIABLE, OTHER_KEY_VARIABLE, Redactor
from contract_tests.sending import Sender
from contract_tests.shape_files import recorded_for
from contract_tests.spending import Spending
from contract_tests.targets import RefusedTarget, Target, is_loopback
from contract_tests.terms import UnusableFile, read_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_tests.budget import Budget
    from contract_tests.deviations import Deviations
    from contract_tests.receiver import Receiver
    from contract_tests.run import Run
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = [
    "CannotRun",
    "Options",
    "admitted_target",
    "callback_receiver",
    "known_deviations",
    "make_run",
    "read_contract",
    "target_of",
]

LISTEN = ("127.0.0.1", 8787)
"""Where a tunnel leads to, unless somebody says otherwise."""

LIBRARIES = ("openapi_core", "requests")

OF_HOSTS, OF_OUR_MOCK = 2.0, 10.0
"""Seconds that an answer may take, if nobody says otherwise: the first one of our mock compiles a large document."""


class CannotRun(Exception):
    """The options, the environment or the document cannot be used; `str()` says what and how to fix it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. target: '' for our mock. profile: '' for the default. key: of the target.

    overlays: files that are applied to the documents. operations: patterns of those to check; none for all.
    allow_delete: whether DELETE may be sent beyond this machine.

    other_key: of another caller of the target. control_token: of a mock. interactive_wait, max_wait: in seconds.
    report_files: the options that ask for a report, each with the file that it goes to. github: whether to write
    annotations and, to the file job_summary if there is one, the summary of a job. budget: as the user wrote it. rate:
    requests in a second, 0 for as many as go. plan: only show it, in detail each request. strict: judge any host as on
    loopback. confirmed: a file of `confirm`. deviations: a file of known ones. shapes: a file of `record`.
    callback_url: what leads from a browser to us. callback_listen: host and port to receive it at.
    fuzz: requests that are generated for each operation. fuzz_seed: what they are generated from.
    """

    target: str = ""
    profile: str = ""
    documents: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    max_response_time: float | None = None
    proxy: str = field(default="", repr=False)
    ca_bundle: str = ""
    key: str = field(default="", repr=False)
    journey: bool = False
    interactive: bool = False
    interactive_wait: float = 300.0
    other_key: str = field(default="", repr=False)
    control_token: str = field(default="", repr=False)
    report_files: tuple[tuple[str, str], ...] = ()
    github: bool = False
    job_summary: str = ""
    budget: str = ""
    rate: float = 0.0
    max_wait: float = 120.0
    plan: bool = False
    plan_in_detail: bool = False
    allow_delete: bool = False
    strict: bool = False
    confirmed: str = ""
    deviations: str = ""
    callback_url: str = ""
    callback_listen: str = ""
    shapes: str = ""
    fuzz: int = 0
    fuzz_seed: int = 0

    @property
    def with_journey(self) -> bool:
        """Whether the journey is walked: always with our mock, elsewhere if asked for."""
        return self.journey or self.interactive or not self.target

    @property
    def with_callback(self) -> bool:
        """Whether a browser can come to us at the end of the journey: from this machine always, else where told."""
        near = not self.target or is_loopback(self.target)
        return self.with_journey and (near or bool(self.callback_url))

    @property
    def allowance(self) -> Budget:
        """The budget that holds."""
        return budget_for(self.target, self.budget, journey=self.with_journey)


def read_contract(options: Options) -> Contract:
    """Read the contract to check. Raises `CannotRun`."""
    missing = [name.replace("_", "-") for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise CannotRun(
            f"The contract suite needs {' and '.join(missing)}: pip install 'anyfast-mockserver[contract]'."
        )
    if options.fuzz and find_spec("hypothesis") is None:
        raise CannotRun("--contract-fuzz needs hypothesis: pip install 'anyfast-mockserver[contract,fuzz]'.")
    from openapi.contract import load_contract, packaged_contract
    from openapi.errors import ContractError

    if options.documents and options.profile:
        raise CannotRun("--contract-profile is one of the packaged contract; leave it out with --contract-document.")
    try:
        if options.documents:
            contract = load_contract(
                [Path(name) for name in options.documents], [Path(name) for name in options.overlays]
            )
            contract.verify()  # of large documents too: a case of what cannot be read would fail in the midst
        else:
            contract = packaged_contract(options.profile or "published", [Path(name) for name in options.overlays])
        return _chosen(contract, options.operations)
    except ContractError as error:
        raise CannotRun(str(error)) from None


def _chosen(contract: Contract, patterns: tuple[str, ...]) -> Contract:
    """Leave the operations of a contract that one of the patterns names. Raises `CannotRun` when one names none."""
    for pattern in patterns:
        if not any(_is_named(one, pattern) for one in contract.documented_operations):
            from openapi.errors import nearest

            known = [name for one in contract.documented_operations for name in (one.id, one.name)]
            hint = nearest(pattern, known) or f"There are {len(contract.documented_operations)}, such as {known[0]}."
            raise CannotRun(f"--contract-operations {pattern!r} names no operation. {hint}")
    if patterns:
        contract.choose(lambda one: any(_is_named(one, pattern) for pattern in patterns))
    return contract


def _is_named(operation: Operation, pattern: str) -> bool:
    """Tell whether a pattern names an operation: by operationId, by `METHOD /path`, by path, or by tag."""
    tags = operation.node.mapping.get("tags")
    names = [operation.id, operation.name, operation.path, *(tags if isinstance(tags, list) else [])]
    return any(fnmatchcase(str(name), pattern) for name in names)


def known_deviations(options: Options) -> Deviations:
    """Read the known deviations. Raises `CannotRun`."""
    try:
        return read_deviations(options.deviations)
    except UnusableDeviations as error:
        secrets = ((OTHER_KEY_VARIABLE, options.other_key), (CONTROL_VARIABLE, options.control_token))
        raise CannotRun(Redactor(options.key, others=secrets).text(str(error))) from None


def admitted_target(options: Options, contract: Contract) -> str:
    """Give the base URL of the target, '' for our mock; a plan needs no key. Raises `RefusedTarget` and `CannotRun`."""
    from contract_tests.targeting import admit

    _check_ways(options)
    _check_callback(options)
    if not options.target:
        return ""
    url = admit(options.target, contract, options.allowed_hosts)
    if options.fuzz and not is_loopback(url):
        raise RefusedTarget(
            f"--contract-fuzz sends generated requests to this machine only, and {urlsplit(url).hostname} is another: "
            "they may cost money, and fill a host that others use. Leave it out, or name a host on loopback."
        )
    if options.plan:
        return url
    if options.proxy and urlsplit(url).scheme == "http" and not is_loopback(options.proxy):
        raise RefusedTarget(
            "The proxy is not this machine: it would see the key, which goes to an http target in clear."
        )
    if not options.key:
        mock = f" A mock of this project takes {MOCK_KEY}." if is_loopback(url) else ""
        raise CannotRun(f"The key of {url} is missing: put it into the variable {KEY_VARIABLE}.{mock}")
    _check_secrets(options)
    return url


def callback_receiver(options: Options, folder: Path | None) -> Receiver:
    """Start to listen for the browser at the end of the journey; whoever asked stops it. Raises `CannotRun`."""
    from contract_tests.receiver import CannotListen, Receiver

    address = LISTEN if options.callback_url else ("127.0.0.1", 0)
    if options.callback_listen:
        host, _, port = options.callback_listen.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()):
            raise CannotRun("--contract-callback-listen takes HOST:PORT, such as 127.0.0.1:8787.")
        address = host, int(port)
    try:
        return Receiver(address, options.callback_url, folder)
    except CannotListen as error:
        raise CannotRun(f"{error} --contract-callback-listen names another place.") from None


def _check_callback(options: Options) -> None:
    if not options.callback_url:
        return
    parts = urlsplit(options.callback_url)
    known = parts.scheme in ("http", "https") and parts.hostname
    if not known or parts.query or parts.fragment or parts.username is not None:
        raise CannotRun(
            "--contract-callback-url takes the URL of a tunnel to this machine, without query and fragment."
        )
    if not options.target:
        raise CannotRun("--contract-callback-url is for a host: our mock visits callbacks on this machine alone.")


def _check_secrets(options: Options) -> None:
    secrets = {
        KEY_VARIABLE: options.key,
        OTHER_KEY_VARIABLE: options.other_key,
        CONTROL_VARIABLE: options.control_token,
    }
    for name, text in secrets.items():
        if not text.isascii() or (text and not text.isprintable()) or " " in text:
            raise CannotRun(f"{name} holds characters that no key has, a blank or a line end for instance.")
    if options.other_key == options.key:
        raise CannotRun(f"{OTHER_KEY_VARIABLE} holds the key of {KEY_VARIABLE}: it is that of another caller.")


def _check_ways(options: Options) -> None:
    if options.proxy and (
        urlsplit(options.proxy).scheme not in ("http", "https") or not urlsplit(options.proxy).netloc
    ):
        raise CannotRun("--contract-proxy takes the URL of a proxy, such as http://127.0.0.1:3128.")
    if options.ca_bundle:
        try:
            ssl.create_default_context(cafile=options.ca_bundle)
        except OSError as error:
            raise CannotRun(
                f"--contract-ca-bundle {options.ca_bundle}: {error.strerror or 'no certificates in PEM form'}."
            ) from None


def make_run(
    options: Options,
    contract: Contract,
    url: str,
    folder: Path | None = None,
    left_out: Mapping[str, str] | None = None,
) -> Run:
    """Make the run against a base URL that `admitted_target` or our mock gave. Raises `CannotRun`.

    folder: what the processes of a distributed run share. left_out: requests that are not to be sent, and why.
    """
    from contract_tests.run import Run

    target = target_of(options, url)
    sender = Sender(target, options.proxy if options.target else "", options.ca_bundle)
    exchanges = MemoryExchanges() if folder is None else FolderExchanges(folder)
    budget, rate = options.allowance, options.rate
    ledger = Ledger(budget, rate) if folder is None else FolderLedger(folder, budget, rate)
    spending = Spending(sender, ledger, left_out or {}, options.max_wait)
    hashes = [document.sha256 for document in contract.documents if not document.reconstructed]
    try:
        terms = read_terms(url, hashes, contract.profile, strict=options.strict, named=options.confirmed)
        recorded = recorded_for(url, options.shapes) if options.target else None
    except UnusableFile as error:
        raise CannotRun(str(error)) from None
    run = Run(contract, target, sender, exchanges, spending, terms, recorded)
    run.redactor.learn((target.basic, *_of_proxy(options.proxy)))
    return run


def _of_proxy(url: str) -> Iterator[str]:
    """Give what of a proxy's URL is secret: its password, alone and as it is sent."""
    user, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    if password:
        yield from (password, f"{user}:{password}", unquote(f"{user}:{password}"))


def target_of(options: Options, url: str) -> Target:
    """Make the target at a base URL, with its secrets; those of a host are not sent to our mock."""
    usual = OF_HOSTS if options.target else OF_OUR_MOCK
    longest = usual if options.max_response_time is None else options.max_response_time
    if not options.target:
        return Target(url, MOCK_KEY, longest, MOCK_OTHER_KEY)
    other = options.other_key or (MOCK_OTHER_KEY if is_loopback(url) else "")  # it may be a mock of ours
    return Target(url, options.key, longest, other, options.control_token)
