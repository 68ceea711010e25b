"""The suite inside pytest: items, outcomes, summary, exit status. Registered by the plugin once an item of ours is met.

In a distributed run every worker collects and checks; the controller alone admits the target, starts the mock, sums up.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from contract_tests.cases import cases_of
from contract_tests.checker import Checker
from contract_tests.exchanges import FolderExchanges, MemoryExchanges
from contract_tests.journey import STEPS, steps_of
from contract_tests.mock_process import MockDidNotStart, MockProcess, unwind_on_sigterm
from contract_tests.person import AtTerminal
from contract_tests.preparing import CannotRun, admitted_target, make_run, mask_logs, read_contract
from contract_tests.run import checks_of
from contract_tests.summary import Facts, Record, contract_lines, summary
from contract_tests.targets import RefusedTarget
from contract_tests.traveller import Traveller
from contract_tests.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from pluggy import Result

    from contract_tests.cases import Case
    from contract_tests.preparing import Options
    from contract_tests.run import Check, Run
    from contract_tests.summary import Outcome
    from contract_tests.traveller import Person
    from contract_tests.walk import Step
    from openapi.contract import Contract

__all__ = ["INCONCLUSIVE", "REFUSED", "ContractModule", "Suite"]

INCONCLUSIVE, REFUSED = 10, 14
"""Exit statuses beside pytest's own 0 to 5."""

MARKER = "contract_cases"
NOTHING, OFF = "the document gives nothing of this kind to check", "say --contract-journey to walk it at this target"
ITEMS, TARGET = "items.json", "target.json"
"""What a worker tells the controller, and the controller the workers, in the folder of a distributed run."""


class ContractModule(pytest.Module):
    """A test module of the suite, collected by our names whatever the user's settings call tests."""

    def funcnamefilter(self, name: str) -> bool:
        """Tell whether a function is a test."""
        return name.startswith("test_")

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002 - pytest's signature
        """Tell whether a class holds tests: none does."""
        return False


class Suite:
    """The hooks and fixtures of a pytest run in which an item of ours was met.

    folder: what the processes of a distributed run share; the controller has made none yet.
    """

    def __init__(self, config: pytest.Config, options: Options, folder: Path | None) -> None:
        self._config = config
        self._options = options
        self._folder = folder
        self._is_worker = hasattr(config, "workerinput")
        self._contract: Contract | None = None
        self._trouble: CannotRun | None = None
        self._run: Run | None = None
        self._walk: Walk | None = None
        self._mock: MockProcess | None = None
        self._groups: dict[str, str] = {}  # of our items, by node id
        self._records: dict[str, Record] = {}

    # --- collection ---------------------------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item of each case, and of each invariant of an operation."""
        marker = metafunc.definition.get_closest_marker(MARKER)
        if marker is None or metafunc.definition.getparent(ContractModule) is None:
            return
        name = next(one for one in ("check", "step", "case") if one in metafunc.fixturenames)
        found: Sequence[Case | Check | Step] = ()
        if (contract := self._read()) is not None:
            cases = (case for case in cases_of(contract) if case.group in marker.args)
            steps = steps_of(contract) if self._options.with_journey else ()
            found = {"check": checks_of(contract), "step": steps, "case": list(cases)}[name]
        if found:
            metafunc.parametrize(name, found, ids=[one.id for one in found])
        else:
            off = name == "step" and not self._options.with_journey
            why = str(self._trouble or (OFF if off else NOTHING))
            skipped = pytest.mark.skip(f"not run: {why}")
            metafunc.parametrize(name, [pytest.param(None, marks=skipped, id=f"{marker.args[0]}/all")])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run what costs nothing first, what looks at all answers last; items of others stay where they are."""
        ours = [index for index, item in enumerate(items) if _group(item)]
        ranked = sorted((items[index] for index in ours), key=_rank)
        for index, item in zip(ours, ranked, strict=True):
            items[index] = item

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Prepare the run now that its items are known; a worker tells the controller which ones are ours."""
        self._groups = {item.nodeid: group for item in session.items if (group := _group(item))}
        if self._is_worker:
            if self._folder is not None and (self._groups or self._trouble):
                self._folder.mkdir(mode=0o700, exist_ok=True)
                _write(self._folder / ITEMS, self._groups)
        elif self._trouble is not None:
            raise pytest.UsageError(str(self._trouble))
        elif self._groups and not self._config.getoption("collectonly"):
            self._prepare()

    def prepare_for_workers(self) -> None:
        """Prepare a distributed run, in the controller, if workers have collected items of ours."""
        if self._run is None and self._folder is not None and (self._folder / ITEMS).exists():
            self._config.add_cleanup(lambda: shutil.rmtree(str(self._folder), ignore_errors=True))
            self._groups = json.loads((self._folder / ITEMS).read_text(encoding="utf-8"))
            run = self._prepare()
            _write(self._folder / TARGET, {"url": run.target.url})

    def _read(self) -> Contract | None:
        if self._contract is None and self._trouble is None:
            try:
                self._contract = read_contract(self._options)
            except CannotRun as error:
                self._trouble = error
        return self._contract

    def _prepare(self) -> Run:
        """Admit the target or start the mock. Ends the session when neither can be; nothing was sent then."""
        contract = self._read()
        if contract is None:
            raise pytest.UsageError(str(self._trouble))
        try:
            url = admitted_target(self._options, contract) or self._start_mock()
            self._run = self._made_run(contract, url)
        except RefusedTarget as error:
            pytest.exit(f"refused: {error}", returncode=REFUSED)
        except (CannotRun, MockDidNotStart) as error:
            raise pytest.UsageError(str(error)) from None
        return self._run

    def _asked_person(self) -> Person | None:
        """Find the terminal on which a person is asked to come, if that was asked for."""
        if not self._options.interactive or "journey" not in self._groups.values():
            return None
        if self._folder is not None:
            raise CannotRun("--contract-interactive waits at one terminal: leave -n out.")
        capture = self._config.pluginmanager.getplugin("capturemanager")
        return AtTerminal(self._options.interactive_wait, capture.global_and_fixture_disabled)

    def _start_mock(self) -> str:
        documents = [Path(name).absolute() for name in self._options.documents]
        self._config.add_cleanup(unwind_on_sigterm())
        self._mock = MockProcess(documents, self._options.profile or "published")
        self._config.add_cleanup(self._mock.stop)
        try:
            return self._mock.wait()
        except MockDidNotStart as error:
            raise MockDidNotStart(f"The mock did not start: {error}") from None

    def _made_run(self, contract: Contract, url: str) -> Run:
        exchanges = MemoryExchanges() if self._folder is None else FolderExchanges(self._folder)
        run = make_run(self._options, contract, url, exchanges)
        self._config.add_cleanup(mask_logs(run.target.key, run.target.other_secrets))
        self._walk = Walk(Traveller(run, own_mock=not self._options.target, person=self._asked_person()))
        return run

    # --- items --------------------------------------------------------------------------------------------------------

    @pytest.fixture
    def contract_checker(self, request: pytest.FixtureRequest) -> Checker:
        """Give what checks one case or invariant."""
        if self._run is None:
            contract = self._read()
            target = None if self._folder is None else self._folder / TARGET
            if contract is None or target is None or not target.exists():
                pytest.fail("The controller of this run shares no folder with its workers.", pytrace=False)
            self._run = self._made_run(contract, json.loads(target.read_text(encoding="utf-8"))["url"])
        assert self._walk is not None
        return Checker(self._run, self._walk, cast("pytest.Item", request.node))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Result[pytest.TestReport], None]:
        """Say the first finding in pytest's one-line summary, and show no traceback, whatever was asked for."""
        outcome = yield
        if not _group(item):
            return
        report = outcome.get_result()
        texts = [text for name, text in report.user_properties if name in ("contract-failed", "contract-broken")]
        crash = getattr(report.longrepr, "reprcrash", None)
        if report.failed and crash is not None and call.excinfo is not None:
            lines = [" ".join(line.split()) for line in str(texts[0]).splitlines()] if texts else [crash.message]
            crash.message = "; ".join(lines)
            if self._config.getoption("fulltrace", default=False):
                report.longrepr = str(call.excinfo.value)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what each of our items came to."""
        group = self._groups.get(report.nodeid)
        if group is None or (report.when in ("setup", "teardown") and report.passed):
            return
        item = report.nodeid.partition("[")[2].rpartition("]")[0] or report.nodeid
        reason, outcome = "", cast("Outcome", report.outcome)
        if report.skipped:
            skipped = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
            word, _, reason = skipped.removeprefix("Skipped: ").partition(": ")
            outcome = "inconclusive" if word == "inconclusive" else "not run"
        findings = tuple(
            (name.removeprefix("contract-"), str(text))
            for name, text in report.user_properties
            if name.startswith("contract-")
        )
        if report.failed and not findings:
            findings = (("broken", str(report.longrepr).strip().partition("\n")[0]),)
        known = self._records.get(report.nodeid)
        if known is None or known.outcome != "failed":
            self._records[report.nodeid] = Record(item, group, outcome, reason, findings)

    # --- the end ------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Turn a run whose only trouble is inconclusive items into exit status 10."""
        if exitstatus == 0 and any(one.outcome == "inconclusive" for one in self._records.values()):
            session.exitstatus = INCONCLUSIVE

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Say in ten seconds what was checked, against what, what was not and why."""
        if self._run is None or not self._records:
            return
        markup = {"good": {"green": True}, "bad": {"red": True}, "unclear": {"yellow": True}, "": {}}
        terminalreporter.ensure_newline()
        terminalreporter.section("contract")
        for line in summary(self._facts(self._run), self._all_records()):
            terminalreporter.write_line(line.text, **markup[line.style])
        if self._mock is not None and not self._mock.alive and exitstatus != pytest.ExitCode.INTERRUPTED:
            terminalreporter.write_line(f"The mock ended during the run: {self._mock.said()}", red=True)

    def _all_records(self) -> list[Record]:
        unreached = [
            Record(nodeid.partition("[")[2].rpartition("]")[0] or nodeid, group, "not run", "the run ended before")
            for nodeid, group in self._groups.items()
            if nodeid not in self._records
        ]
        return [*self._records.values(), *unreached]

    def _facts(self, run: Run) -> Facts:
        sent = [
            one for one in run.exchanges.all().values() if one.error not in ("not sent", "unreachable", "untrusted")
        ]
        paid = sum(one.paid for one in sent)
        walked = any(one.group == "journey" and one.outcome in ("passed", "failed") for one in self._records.values())
        lines = contract_lines(run.contract, reconstructed=walked)
        return Facts(run.target.url, self._mock is not None, lines, run.contract.profile, len(sent), paid)


def _group(item: pytest.Item) -> str:
    """Name the group of an item of ours, '' for others."""
    marker = item.get_closest_marker(MARKER)
    if marker is None or item.getparent(ContractModule) is None:
        return ""
    return str(getattr(_params(item).get("case"), "group", marker.args[0]))


def _rank(item: pytest.Item) -> tuple[int, int]:
    params = _params(item)
    if "step" in params:
        return 3, STEPS.index(params["step"]) if params["step"] in STEPS else 0
    if "check" in params:
        return 2, 0
    return int(getattr(params.get("case"), "cost", "free") == "paid"), 0


def _params(item: pytest.Item) -> dict[str, object]:
    return dict(getattr(getattr(item, "callspec", None), "params", {}))


def _write(path: Path, value: object) -> None:
    """Write JSON so that a reader finds all of it or nothing; several workers may write the same."""
    import os

    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(value), encoding="utf-8")
    part.replace(path)
