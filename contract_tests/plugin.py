"""The pytest plugin of the suite: its options, its items, its summary. The only module that knows pytest.

It is loaded in every pytest run of an environment that has us installed, so it imports nothing of ours before one of
our items is collected.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.run import Run, Verdict

HERE = Path(__file__).parent
INCONCLUSIVE, REFUSED = 10, 14
"""Exit statuses beside pytest's own 0 to 5."""

MOCK_KEY = "sk-mock-byteplus-direct"
"""The mock's documented fake credential."""

_RUN = pytest.StashKey["Run"]()
_SHARED = pytest.StashKey["dict[str, str]"]()
_MOCK = pytest.StashKey["subprocess.Popen[bytes]"]()
_SEEN = pytest.StashKey["list[dict[str, Any]]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite; they do nothing in a run without our items."""
    group = parser.getgroup("contract", "contract suite of anyfast-mockserver")
    add = group.addoption
    add("--contract-target", metavar="URL", help="Host to check, with the key in ANYFAST_API_KEY; default: our mock.")
    add("--contract-profile", default="published", metavar="P", help="published (default) or observed.")
    add("--contract-document", action="append", metavar="FILE", help="Check another document; may be repeated.")
    add(
        "--contract-allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="Allow a host that is no documented server.",
    )
    add("--contract-max-response-time", type=float, default=2.0, metavar="S", help="Seconds an answer may take (2).")
    add("--contract-proxy", default="", metavar="URL", help="Send through this proxy; variables are not read.")
    add("--contract-ca-bundle", default="", metavar="FILE", help="Trust these certificate authorities.")


def pytest_configure(config: pytest.Config) -> None:
    """Register our marker, and take over what the controller of a distributed run has prepared."""
    config.addinivalue_line("markers", "contract_cases(*groups): items of the contract suite, by group of case")
    config.stash[_SEEN] = []
    shared = getattr(config, "workerinput", {}).get("contract_shared")
    if shared:
        config.stash[_SHARED] = json.loads(shared)


class _Distributed:
    """Hooks of pytest-xdist, registered only where it is installed."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist has no types for it
        """Give every worker the same mock and the same folder of exchanges."""
        if _is_asked_for(node.config):
            node.workerinput["contract_shared"] = json.dumps(_prepare_shared(node.config))


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Take part in distributed runs once pytest-xdist is there."""
    name = getattr(plugin, "__name__", "")
    if name == "xdist.plugin" and not manager.has_plugin("contract-distributed"):
        manager.register(_Distributed(), "contract-distributed")


def _is_asked_for(config: pytest.Config) -> bool:
    """Tell from the arguments whether our items may be collected."""
    for argument in config.args:
        path = argument.partition("::")[0]
        if path.startswith("contract_tests"):
            return True
        here = Path(path).absolute()
        if here == HERE or here in HERE.parents or HERE in here.parents:
            return True
    return False


def _prepare_shared(config: pytest.Config) -> dict[str, str]:
    """Start the mock if no target is named, and make the folder that workers share."""
    if _SHARED not in config.stash:
        url = config.getoption("--contract-target") or _start_mock(config)
        config.stash[_SHARED] = {"url": url, "folder": tempfile.mkdtemp(prefix="contract-")}
    return config.stash[_SHARED]


def _start_mock(config: pytest.Config) -> str:
    """Start our mock, by its public command, on a free port; stopped at the end of the run."""
    folder = Path(tempfile.mkdtemp(prefix="contract-mock-"))
    port_file = folder / "port"
    command = [sys.executable, "-m", "mockserver", "serve", *(config.getoption("--contract-document") or [])]
    command += ["--port", "0", "--port-file", str(port_file), "--profile", config.getoption("--contract-profile")]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANYFAST_MOCK_")}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, env=clean, cwd=folder)  # noqa: S603 - our own command
    log.close()
    config.stash[_MOCK] = process
    limit = time.monotonic() + 20
    while not port_file.exists():
        if process.poll() is not None or time.monotonic() > limit:
            said = (folder / "log").read_text(encoding="utf-8", errors="replace").strip()
            process.kill()
            raise pytest.UsageError(f"The mock did not start: {said or 'no port after 20 s'}")
        time.sleep(0.01)
    url = f"http://127.0.0.1:{port_file.read_text(encoding='ascii').strip()}"
    shutil.rmtree(folder, ignore_errors=True)
    return url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the mock and remove the shared folder."""
    process = config.stash.get(_MOCK, None)
    if process is not None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if not hasattr(config, "workerinput") and _SHARED in config.stash:
        shutil.rmtree(config.stash[_SHARED]["folder"], ignore_errors=True)


# --- items ------------------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item of each case, and of each invariant of an operation."""
    marker = metafunc.definition.get_closest_marker("contract_cases")
    if marker is None:
        return
    run = _the_run(metafunc.config)
    if "case" in metafunc.fixturenames:
        cases = [case for case in run.cases if case.group in marker.args]
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])
    elif "check" in metafunc.fixturenames:
        metafunc.parametrize("check", run.checks, ids=[check.id for check in run.checks])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what costs nothing first, what looks at all answers last; items of others stay where they are."""
    ours = [index for index, item in enumerate(items) if item.get_closest_marker("contract_cases")]
    ranked = sorted((items[index] for index in ours), key=_rank)
    for index, item in zip(ours, ranked, strict=True):
        items[index] = item


def _rank(item: pytest.Item) -> int:
    params = getattr(getattr(item, "callspec", None), "params", {})
    case = params.get("case")
    return 2 if case is None else int(case.cost == "paid")


@pytest.fixture(scope="session")
def contract_run(request: pytest.FixtureRequest) -> Run:
    """The run of the suite: contract, target and all exchanges."""
    return _the_run(request.config)


@pytest.fixture
def settle(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Turn what a check comes to into pytest's outcomes, and note it for the summary."""
    from contract_tests.run import Inconclusive, NotRun

    def settled(check: Any, subject: Any) -> None:  # noqa: ANN401 - a bound method and what it takes
        try:
            verdict: Verdict = check(subject)
        except Inconclusive as error:
            pytest.skip(f"inconclusive: {error}")
        except NotRun as error:
            pytest.skip(f"not run: {error}")
        for kind, findings in (("warned", verdict.warned), ("reported", verdict.reported)):
            for finding in findings:
                request.node.user_properties.append((f"contract-{kind}", "\n".join(finding.lines())))

    yield settled


def _the_run(config: pytest.Config) -> Run:
    if _RUN not in config.stash:
        config.stash[_RUN] = _make_run(config)
    return config.stash[_RUN]


def _make_run(config: pytest.Config) -> Run:
    from contract_tests.exchanges import FolderExchanges, MemoryExchanges
    from contract_tests.run import Run
    from contract_tests.targets import RefusedTarget, Sender, Target
    from contract_tests.targeting import admit
    from openapi.contract import load_contract, packaged_contract
    from openapi.errors import ContractError

    documents = [Path(name) for name in config.getoption("--contract-document") or []]
    try:
        contract = load_contract(documents) if documents else packaged_contract(config.getoption("--contract-profile"))
    except ContractError as error:
        raise pytest.UsageError(str(error)) from None
    named = config.getoption("--contract-target")
    try:
        if named:
            named = admit(named, contract, config.getoption("--contract-allow-host"))
    except RefusedTarget as error:
        pytest.exit(str(error), returncode=REFUSED)
    shared = config.stash.get(_SHARED, None)
    if shared is None and not named:
        shared = _prepare_shared(config)
    key = os.environ.get("ANYFAST_API_KEY", "") if named else MOCK_KEY
    if named and not key:
        raise pytest.UsageError("The key of the target is missing: put it into ANYFAST_API_KEY.")
    url = named or (shared or {})["url"]
    target = Target(url, key, config.getoption("--contract-max-response-time"))
    sender = Sender(target, config.getoption("--contract-proxy"), config.getoption("--contract-ca-bundle"))
    distributed = hasattr(config, "workerinput") and shared is not None
    exchanges = FolderExchanges(Path(shared["folder"])) if distributed and shared else MemoryExchanges()
    return Run(contract, target, sender, exchanges)


# --- summary ----------------------------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401 - pytest hides its type
    """Say in ten seconds what was checked, what was not and why, and what was warned."""
    reports = [one for kind in terminalreporter.stats.values() for one in kind if _is_ours(one)]
    if not reports:
        return
    write = terminalreporter.write_line
    terminalreporter.section("contract")
    for line in _headline(config):
        write(line)
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    for report in reports:
        if report.when == "call" or report.outcome != "passed":
            outcomes[report.outcome] += 1
    write(f"checked {outcomes['passed'] + outcomes['failed']}: {outcomes['failed']} failed")
    for reason, items in _skipped(reports).items():
        write(f"{reason}: {len(items)} items, {', '.join(items[:3])}{', ...' if len(items) > 3 else ''}")
    for kind in ("warned", "reported"):
        found = [
            (report, text) for report in reports for name, text in report.user_properties if name == f"contract-{kind}"
        ]
        by_text: dict[str, list[str]] = {}
        for report, text in found:
            by_text.setdefault(text, []).append(_item(report))
        for text, items in by_text.items():
            write(f"{kind}, in {len(items)} items ({items[0]}{', ...' if len(items) > 1 else ''}):")
            for line in text.splitlines():
                write(f"  {line}")


def _headline(config: pytest.Config) -> list[str]:
    from contract_tests.exchanges import FolderExchanges

    run = config.stash.get(_RUN, None)
    shared = config.stash.get(_SHARED, None)
    if run is not None:
        made, url = run.exchanges.all(), run.target.url
    elif shared is not None:
        made, url = FolderExchanges(Path(shared["folder"])).all(), shared["url"]
    else:
        return []
    whose = "" if config.getoption("--contract-target") else ", our mock"
    paid = sum(one.paid for one in made.values())
    return [f"target {url}{whose}; {len(made)} requests sent, {paid} of them create something"]


def _skipped(reports: list[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for report in reports:
        if report.outcome == "skipped":
            reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
            found.setdefault(reason.removeprefix("Skipped: "), []).append(_item(report))
    return found


def _is_ours(report: object) -> bool:
    return "contract_cases" in getattr(report, "keywords", {})


def _item(report: Any) -> str:  # noqa: ANN401 - a report of any kind
    return str(report.nodeid).partition("[")[2].rstrip("]") or str(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note inconclusive items, here and in the controller of a distributed run."""
    if _is_ours(report) and report.skipped and "inconclusive: " in str(report.longrepr):
        _INCONCLUSIVE.append(report.nodeid)


_INCONCLUSIVE: list[str] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a run whose only trouble is inconclusive items into exit status 10."""
    if exitstatus in (0, pytest.ExitCode.OK) and _INCONCLUSIVE:
        session.exitstatus = INCONCLUSIVE
