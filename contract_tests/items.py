"""The suite inside pytest: its items, and what they need to run. Registered by the plugin once an item of ours is met.

In a distributed run every worker collects and checks; the controller alone admits the target, starts the mock, reports.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from contract_tests.cases import Case, cases_of
from contract_tests.checker import ATTRIBUTE, EVENTS, Checker
from contract_tests.event_parts import Item
from contract_tests.fuzzing.fuzz import Fuzz, fuzzes_of
from contract_tests.mock_process import MockDidNotStart, MockProcess, unwind_on_sigterm
from contract_tests.person import AtTerminal
from contract_tests.plan import Plan, make_plan, plan_lines
from contract_tests.preparing import (
    CannotRun,
    admitted_target,
    callback_receiver,
    known_deviations,
    make_run,
    read_contract,
)
from contract_tests.quiet_logs import mask_logs
from contract_tests.receiver import Callback
from contract_tests.report_files import CannotWrite, ReportFile
from contract_tests.reporting import Outlets, Reporter
from contract_tests.run import Check, checks_of
from contract_tests.steps import steps_of
from contract_tests.subjects import MARKER, ContractModule, Subject, all_items, rank, subject_of, suite_item
from contract_tests.targets import REFUSED as TARGET_REFUSED
from contract_tests.targets import RefusedTarget
from contract_tests.telling import Teller
from contract_tests.traveller import Traveller
from contract_tests.verdicts import NOTHING_TO_SEND, UNMET
from contract_tests.walk import Step, Walk
from contract_tests.writers import writer_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from pluggy import Result

    from contract_tests.deviations import Deviations
    from contract_tests.preparing import Options
    from contract_tests.receiver import Receiver
    from contract_tests.run import Run
    from contract_tests.traveller import Person
    from openapi.contract import Contract

__all__ = ["REFUSED", "Suite"]

REFUSED = 14
"""The exit status of a run that was refused, beside pytest's own 0 to 5."""

NOTHING, OFF = "the document gives nothing of this kind to check", "say --contract-journey to walk it at this target"

ITEMS, TARGET, NOTHING_ALLOWED = "items.json", "target.json", "nothing-allowed.json"
"""What a worker tells the controller, and the controller the workers, in the folder of a distributed run."""


class _Refused(pytest.exit.Exception):  # type: ignore[name-defined, misc]
    """Ends a run that was refused."""


_Refused.__module__, _Refused.__qualname__ = "builtins", "refused"  # pytest shows a type by its whole name


def refused(error: RefusedTarget) -> BaseException:
    """Make what ends a run that was refused, with the words that a person reads."""
    return _Refused(f"{error} ({TARGET_REFUSED.code})", returncode=REFUSED)


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
        self._known: Deviations | None = None
        self._run: Run | None = None
        self._walk: Walk | None = None
        self._mock: MockProcess | None = None
        self._receiver: Receiver | None = None
        self._plan = Plan("", options.allowance)
        self._teller: Teller | None = None
        self._items: dict[str, Item] = {}  # ours, by node id

    # --- collection ---------------------------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item of each case, and of each invariant of an operation."""
        marker = metafunc.definition.get_closest_marker(MARKER)
        if marker is None or metafunc.definition.getparent(ContractModule) is None:
            return
        name = next(one for one in ("check", "step", "fuzz", "case", "entry") if one in metafunc.fixturenames)
        found: Sequence[Subject] = ()
        if (contract := self._read()) is not None:
            cases = (case for case in cases_of(contract) if case.group in marker.args)
            steps = steps_of(contract) if self._options.with_journey else ()
            fuzzes = [one for one in fuzzes_of(contract, self._options.fuzz, self._options.fuzz_seed)
                      if one.group in marker.args]  # fmt: skip
            entries = self._known.entries if self._known else ()
            subjects: dict[str, Sequence[Subject]] = {
                "check": checks_of(contract), "step": steps, "fuzz": fuzzes, "case": list(cases), "entry": entries,
            }  # fmt: skip
            found = subjects[name]
        if found:
            metafunc.parametrize(name, found, ids=[one.id for one in found])
        else:
            off = name == "step" and not self._options.with_journey
            why = str(self._trouble or (OFF if off else NOTHING))
            code = (UNMET if off else NOTHING_TO_SEND).code
            skipped = pytest.mark.skip(f"not run: {why} ({code})")
            metafunc.parametrize(name, [pytest.param(None, marks=skipped, id=f"{marker.args[0]}/all")])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run what costs nothing first, what looks at all answers last; items of others stay where they are."""
        ours = [index for index, item in enumerate(items) if suite_item(item) is not None]
        ranked = sorted((items[index] for index in ours), key=rank)
        for index, item in zip(ours, ranked, strict=True):
            items[index] = item

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Prepare the run now that its items are known; a worker tells the controller which ones are ours."""
        self._items = {item.nodeid: ours for item in session.items if (ours := suite_item(item)) is not None}
        if (contract := self._read()) is not None and self._items:
            subjects = (subject_of(item) for item in session.items if suite_item(item))
            chosen = [one for one in subjects if isinstance(one, Case | Check | Step | Fuzz)]
            options = self._options
            self._plan = make_plan(
                chosen,
                cases_of(contract),
                options.target,
                options.allowance,
                person=options.interactive,
                callback=options.with_callback,
                delete=options.allow_delete,
            )
        if self._is_worker:
            if self._folder is not None and (self._items or self._trouble):
                self._folder.mkdir(mode=0o700, exist_ok=True)
                _write(self._folder / ITEMS, {nodeid: asdict(item) for nodeid, item in self._items.items()})
                if self._plan.allows_nothing:
                    _write(self._folder / NOTHING_ALLOWED, [])
        elif self._trouble is not None:
            raise pytest.UsageError(str(self._trouble))
        elif self._items and not self._options.plan and not self._config.getoption("collectonly"):
            self._prepare()

    def prepare_for_workers(self) -> None:
        """Prepare a distributed run, in the controller, if workers have collected items of ours."""
        if self._run is None and self._folder is not None and (self._folder / ITEMS).exists():
            items = json.loads((self._folder / ITEMS).read_text(encoding="utf-8"))
            self._items = {nodeid: Item(**item) for nodeid, item in items.items()}
            run = self._prepare()
            callback = "" if self._receiver is None else self._receiver.callback.base
            _write(self._folder / TARGET, {"url": run.target.url, "callback": callback})

    def _read(self) -> Contract | None:
        if self._contract is None and self._trouble is None:
            try:
                self._known = known_deviations(self._options)
                self._contract = read_contract(self._options)
            except CannotRun as error:
                self._trouble = error
        return self._contract

    @property
    def has_deviations(self) -> bool:
        """Whether there are known deviations to check."""
        return self._read() is not None and self._known is not None and self._known.entries != ()

    @property
    def has_queries(self) -> bool:
        """Whether there are cases by parameters of a query: the vendor's operations have none."""
        contract = self._read()
        return contract is not None and any(case.group == "parameter" for case in cases_of(contract))

    def _prepare(self) -> Run:
        """Admit the target or start the mock. Ends the session when neither can be; nothing was sent then."""
        contract = self._read()
        if contract is None:
            raise pytest.UsageError(str(self._trouble))
        self._config.add_cleanup(unwind_on_sigterm())
        try:
            url = admitted_target(self._options, contract)
            self._refuse_empty_budget()
            outlets = self._outlets()
            url = url or self._start_mock()
            self._run = self._made_run(contract, url, self._start_receiver())
        except RefusedTarget as error:
            raise refused(error) from None
        except (CannotRun, CannotWrite, MockDidNotStart) as error:
            raise pytest.UsageError(str(error)) from None
        assert self._teller is not None
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        callback = None if self._receiver is None else self._receiver.callback
        reporter = Reporter(self._run, self._teller, self._items, self._mock, outlets, terminal, callback)
        self._config.pluginmanager.register(reporter, "anyfast-contract-reporter")
        return self._run

    def _refuse_empty_budget(self) -> None:
        """Raise `RefusedTarget` when the budget leaves out all that was chosen."""
        by_workers = self._folder is not None and (self._folder / NOTHING_ALLOWED).exists()
        if self._plan.allows_nothing or by_workers:
            raise RefusedTarget(f"the budget {self._options.allowance} allows none of the requests that were chosen.")

    def show_plan(self) -> None:
        """Show what would be sent. Ends the session when the target is refused."""
        contract = self._read()
        if contract is None or not self._items:
            return
        try:
            admitted_target(self._options, contract)
        except RefusedTarget as error:
            raise refused(error) from None
        except CannotRun as error:
            raise pytest.UsageError(str(error)) from None
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        for line in plan_lines(self._plan, detailed=self._options.plan_in_detail):
            reporter.write_line(line)

    def _asked_person(self) -> Person | None:
        """Find the terminal on which a person is asked to come, if that was asked for."""
        if not self._options.interactive or all(item.group != "journey" for item in self._items.values()):
            return None
        if self._folder is not None:
            raise CannotRun("--contract-interactive waits at one terminal: leave -n out.")
        capture = self._config.pluginmanager.getplugin("capturemanager")
        return AtTerminal(self._options.interactive_wait, capture.global_and_fixture_disabled)

    def _outlets(self) -> Outlets:
        """Open the files that reports go to."""
        opened = []
        for option, name in self._options.report_files:
            file = ReportFile(Path(name), option)
            self._config.add_cleanup(file.discard)
            opened.append((file, writer_of(option)))
        job_summary = Path(self._options.job_summary) if self._options.github and self._options.job_summary else None
        return Outlets(opened, self._options.github, job_summary)

    def _start_receiver(self) -> Callback | None:
        """Receive the browser at the end of the journey, if that is walked and it can come here."""
        if not self._options.with_callback or all(item.group != "journey" for item in self._items.values()):
            return None
        self._receiver = callback_receiver(self._options, self._folder)
        self._config.add_cleanup(self._receiver.stop)
        return self._receiver.callback

    def _start_mock(self) -> str:
        documents = [Path(name).absolute() for name in self._options.documents]
        overlays = [Path(name).absolute() for name in self._options.overlays]
        self._mock = MockProcess(documents, self._options.profile or "published", overlays)
        self._config.add_cleanup(self._mock.stop)
        try:
            return self._mock.wait()
        except MockDidNotStart as error:
            raise MockDidNotStart(f"The mock did not start: {error}") from None

    def _made_run(self, contract: Contract, url: str, callback: Callback | None) -> Run:
        run = make_run(self._options, contract, url, self._folder, self._plan.left_out)
        self._config.add_cleanup(mask_logs(run))
        self._teller = Teller(run, in_detail=bool(self._options.report_files or self._options.github))
        own_mock = not self._options.target
        traveller = Traveller(run, own_mock=own_mock, person=self._asked_person(), callback=callback)
        if self._receiver is not None:
            self._receiver.on_arrival = traveller.at_arrival
        self._walk = Walk(traveller)
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
            told = json.loads(target.read_text(encoding="utf-8"))
            callback = Callback(told["callback"], self._folder) if told["callback"] else None
            self._run = self._made_run(contract, told["url"], callback)
        assert self._walk is not None
        assert self._teller is not None
        known = None if self._config.getoption("runxfail") else self._known
        node = cast("pytest.Item", request.node)
        return Checker(self._run, self._walk, self._teller, node, known, all_items(self._run.contract))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Result[pytest.TestReport], None]:
        """Say the first finding in pytest's one-line summary, and show no traceback, whatever was asked for."""
        outcome = yield
        if suite_item(item) is None:
            return
        report = outcome.get_result()
        if self._run is not None:
            redactor = self._run.redactor
            report.sections = [(name, redactor.text(text)) for name, text in report.sections]
        if call.when == "call":
            setattr(report, ATTRIBUTE, item.stash.get(EVENTS, []))  # attributes travel with the report of a worker
            item.stash[EVENTS] = []  # pytest keeps its items until the end
        texts = [text for name, text in report.user_properties if name in ("contract-failed", "contract-broken")]
        crash = getattr(report.longrepr, "reprcrash", None)
        if report.failed and crash is not None and call.excinfo is not None:
            lines = [" ".join(line.split()) for line in str(texts[0]).splitlines()] if texts else [crash.message]
            crash.message = "; ".join(lines)
            if self._config.getoption("fulltrace", default=False):
                report.longrepr = str(call.excinfo.value)


def _write(path: Path, value: object) -> None:
    """Write JSON so that a reader finds all of it or nothing; several workers may write the same."""
    import os

    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(value), encoding="utf-8")
    part.replace(path)
