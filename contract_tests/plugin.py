"""The pytest plugin of the suite: its options, and when to wake up. The entry point of every pytest run that has us.

It imports nothing of ours until a test module of the suite is collected: other people's runs pay for nothing.
"""

from __future__ import annotations

import argparse
import math
import os
import secrets
import tempfile
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pluggy import Result

    from contract_tests.items import Suite

HERE = Path(__file__).parent

MOST_GENERATED = 100_000
"""Requests that may be generated for one operation."""

REPORTS = {
    "--contract-report": "Write a report as JSON to this file.",
    "--contract-html": "Write a report as one page of HTML to this file.",
    "--contract-har": "Write all requests and answers, without secrets, to this HAR file.",
}
"""The reports that go to a file, by their option, with what it does."""

_FOLDER = pytest.StashKey["Path"]()
_DETAIL = pytest.StashKey[bool]()
_SUITE = pytest.StashKey["Suite"]()


class _Worker(Protocol):
    """What the hooks of pytest-xdist hand over, as far as we use it."""

    config: pytest.Config
    workerinput: dict[str, Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite; they do nothing in a run without its items."""
    group = parser.getgroup("contract", "contract suite of anyfast-mockserver")
    add = group.addoption
    add(
        "--contract-target",
        default="",
        metavar="URL",
        help="Check this host; its key in ANYFAST_API_KEY. Default: our mock.",
    )
    add(
        "--contract-profile",
        default="",
        metavar="NAME",
        help="Profile of the packaged contract: published (default) or observed.",
    )
    add(
        "--contract-document",
        action="append",
        default=[],
        metavar="FILE",
        help="Check against this OpenAPI document; may be repeated.",
    )
    add(
        "--contract-overlay",
        action="append",
        default=[],
        metavar="FILE",
        help="Apply this OpenAPI overlay to the documents, for examples of what exists; may be repeated.",
    )
    add(
        "--contract-operations",
        action="append",
        default=[],
        metavar="PATTERN",
        help="Check these operations only: operationId, 'GET /pets/*', path or tag, * for any text; may be repeated.",
    )
    add(
        "--contract-allow-delete",
        action="store_true",
        help="Send DELETE beyond this machine too: it destroys what has the id that is sent.",
    )
    add(
        "--contract-allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="Send the key to this host although no document names it.",
    )
    add(
        "--contract-max-response-time",
        type=_seconds(600),
        default=None,
        metavar="SECONDS",
        help="Longest time that an answer may take (2; 10 for our own mock).",
    )
    add(
        "--contract-proxy", default="", metavar="URL", help="Send through this proxy; the proxy variables are not read."
    )
    add("--contract-ca-bundle", default="", metavar="FILE", help="Trust these certificate authorities (PEM).")
    add(
        "--contract-journey",
        action="store_true",
        help="Walk the journey of a session at the target too; always done with our mock.",
    )
    add(
        "--contract-interactive",
        action="store_true",
        help="Show a person the link of the session and wait until they have finished.",
    )
    add(
        "--contract-interactive-wait",
        type=_seconds(3600),
        default=300.0,
        metavar="SECONDS",
        help="Longest time to wait for the person (300).",
    )
    add(
        "--contract-callback-url",
        default="",
        metavar="URL",
        help="What leads a phone's browser to this machine at the end of the journey, such as the URL of a tunnel.",
    )
    add(
        "--contract-callback-listen",
        default="",
        metavar="HOST:PORT",
        help="Where to receive it (127.0.0.1:8787 with --contract-callback-url, else a free port).",
    )
    for name, what in REPORTS.items():
        add(name, default="", metavar="FILE", help=what)
    add(
        "--contract-github",
        choices=("auto", "on", "off"),
        default="auto",
        help="Write annotations and the summary of the job; auto: inside GitHub Actions.",
    )
    add(
        "--contract-plan", action="store_true", help="Show which requests would be sent, and what they cost; send none."
    )
    add(
        "--contract-budget",
        type=_readable("read_budget"),
        default=None,
        metavar="LIMITS",
        help="Send at most so many requests: paid=N, total=N or both; none for no limit. Beyond this machine: "
        "paid=2,total=40, and total=70 with the journey.",
    )
    add(
        "--contract-rate",
        type=_readable("read_rate"),
        default=None,
        metavar="N/s",
        help="Send at most so many requests in a second (2/s) or a minute (30/m), over all workers.",
    )
    add(
        "--contract-max-wait",
        type=_seconds(3600),
        default=120.0,
        metavar="SECONDS",
        help="Longest time to wait, in the whole run, when the target says Retry-After (120).",
    )
    add(
        "--contract-fuzz",
        type=_count,
        default=0,
        metavar="N",
        help="Send N generated requests of each operation too, one half valid; to this machine only.",
    )
    add(
        "--contract-fuzz-seed",
        type=_seed,
        default=None,
        metavar="SEED",
        help="Generate the same requests again. Default: 0 where CI is set, else another one each time.",
    )
    add("--contract-strict", action="store_true", help="Judge every host as one on this machine.")
    add(
        "--contract-confirmed",
        default="",
        metavar="FILE",
        help="What the host was seen to keep fails (contract-confirmed.json, if it is there).",
    )
    add(
        "--contract-deviations",
        default="",
        metavar="FILE",
        help="What is known to fail fails no run until its date (contract-deviations.toml, if it is there).",
    )
    add(
        "--contract-shapes",
        default="",
        metavar="FILE",
        help="Tell where the host answers otherwise than recorded (contract-shapes.json, if it is there).",
    )


def _readable(reader: str) -> Callable[[str], str]:
    """Check a text with a function of `budget`, and keep it as a text: workers take no other values."""

    def read(text: str) -> str:
        from contract_tests import budget

        try:
            getattr(budget, reader)(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return read


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_GENERATED:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of requests from 1 to {MOST_GENERATED}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: write a whole number of up to 18 digits")
    return int(text)


def _seconds(most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0 and up to {most:g}")
        return value

    return read


def pytest_configure(config: pytest.Config) -> None:
    """Register our marker; a plan is made in one process, and shown alone."""
    if config.getoption("--contract-fuzz") and config.option.contract_fuzz_seed is None:
        # Here, and not where it is used: the workers of a distributed run take the options of the controller.
        config.option.contract_fuzz_seed = 0 if os.environ.get("CI") else secrets.randbelow(10**6)
    config.addinivalue_line("markers", "contract_cases(*groups): items of the contract suite, by group of case")
    if config.getoption("--contract-plan"):
        config.stash[_DETAIL] = config.option.verbose > 0
        config.option.verbose = -2
        if config.pluginmanager.hasplugin("xdist"):
            config.option.dist, config.option.tx = "no", []


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Show the plan instead of running anything, if that was asked for."""
    config = session.config
    if not config.getoption("--contract-plan"):
        return None
    if (suite := config.stash.get(_SUITE, None)) is not None:
        suite.show_plan()
    return True


# --- test modules of the suite ----------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, Result[list[pytest.Collector]], None]:
    """Collect our test modules even where the user's `python_files` says that tests have other names."""
    outcome = yield
    if _is_ours(file_path) and not outcome.get_result():
        module = parent.ihook.pytest_pycollect_makemodule(module_path=file_path, parent=parent)
        outcome.force_result([module])


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Wake up at the first test module of the suite."""
    if not _is_ours(module_path):
        return None
    from contract_tests.subjects import ContractModule

    _wake(parent.config)
    module: pytest.Module = ContractModule.from_parent(parent, path=module_path)
    return module


def _is_ours(path: Path) -> bool:
    return path.name.startswith("test_") and path.parent.name == HERE.name and path.parent.samefile(HERE)


def _wake(config: pytest.Config) -> Suite:
    """Register the hooks that do the work. A library that is missing is named when the contract is read."""
    if _SUITE not in config.stash:
        from contract_tests.budget import read_rate
        from contract_tests.items import Suite
        from contract_tests.preparing import Options
        from contract_tests.subjects import SUITE

        option = config.getoption
        options = Options(
            target=option("--contract-target"),
            profile=option("--contract-profile"),
            documents=tuple(option("--contract-document")),
            overlays=tuple(option("--contract-overlay")),
            operations=tuple(option("--contract-operations")),
            allow_delete=option("--contract-allow-delete"),
            allowed_hosts=tuple(option("--contract-allow-host")),
            max_response_time=option("--contract-max-response-time"),
            proxy=option("--contract-proxy"),
            ca_bundle=option("--contract-ca-bundle"),
            key=os.environ.get("ANYFAST_API_KEY", ""),
            journey=option("--contract-journey"),
            interactive=option("--contract-interactive"),
            interactive_wait=option("--contract-interactive-wait"),
            other_key=os.environ.get("ANYFAST_API_KEY_2", ""),
            control_token=os.environ.get("ANYFAST_MOCK_CONTROL_TOKEN", ""),
            github=option("--contract-github") == "on"
            or (option("--contract-github") == "auto" and os.environ.get("GITHUB_ACTIONS") == "true"),
            job_summary=os.environ.get("GITHUB_STEP_SUMMARY", ""),
            report_files=tuple((name, path) for name in REPORTS if (path := option(name))),
            budget=option("--contract-budget") or "",
            rate=read_rate(option("--contract-rate")) if option("--contract-rate") else 0.0,
            max_wait=option("--contract-max-wait"),
            plan=option("--contract-plan"),
            plan_in_detail=config.stash.get(_DETAIL, False),
            strict=option("--contract-strict"),
            confirmed=option("--contract-confirmed"),
            deviations=option("--contract-deviations"),
            callback_url=option("--contract-callback-url"),
            callback_listen=option("--contract-callback-listen"),
            shapes=option("--contract-shapes"),
            fuzz=option("--contract-fuzz"),
            fuzz_seed=option("--contract-fuzz-seed") or 0,
        )
        shared = getattr(config, "workerinput", {}).get("contract_folder")
        folder = Path(shared) if shared else config.stash.get(_FOLDER, None)
        terminal = config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None and config.rootpath == HERE:
            terminal.startpath = HERE  # the command's own run: where we are installed tells nobody anything
        config.stash[_SUITE] = Suite(config, options, folder)
        config.pluginmanager.register(config.stash[_SUITE], SUITE)
    return config.stash[_SUITE]


# --- distributed runs -------------------------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: _Worker) -> None:
    """Name the folder that the workers of this run share; it is made when an item of ours is collected."""
    stash = node.config.stash
    if _FOLDER not in stash:
        stash[_FOLDER] = Path(tempfile.gettempdir()) / f"contract-{secrets.token_hex(8)}"
        # It goes however the run ends, also before the first item: exchanges in it are raw.
        node.config.add_cleanup(lambda: rmtree(stash[_FOLDER], ignore_errors=True))
    node.workerinput["contract_folder"] = str(stash[_FOLDER])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: _Worker) -> None:
    """Prepare the run, before any item is handed out, if a worker has collected items of ours."""
    folder = node.config.stash.get(_FOLDER, None)
    if folder is not None and folder.exists():
        _wake(node.config).prepare_for_workers()
