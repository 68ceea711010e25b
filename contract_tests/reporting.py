"""The reports inside pytest: collects the events of a run, in the one process that has them all, and writes them.

Registered once a run is prepared. What a report looks like is the business of its writer.
"""

from __future__ import annotations

import platform
import re
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.checker import ATTRIBUTE
from contract_tests.codes import define
from contract_tests.drift_kinds import LIVE_CHANGED
from contract_tests.event_travel import from_json, masked
from contract_tests.events import ItemSettled, RunEnded
from contract_tests.progress import Progress
from contract_tests.report import Report
from contract_tests.report_files import CannotWrite
from contract_tests.report_github import annotate, job_summary
from contract_tests.summary import fitted, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from contract_tests.event_parts import Item
    from contract_tests.events import Event
    from contract_tests.mock_process import MockProcess
    from contract_tests.receiver import Callback
    from contract_tests.report_files import ReportFile
    from contract_tests.run import Run
    from contract_tests.telling import Teller
    from contract_tests.writers import Writer

__all__ = ["INCONCLUSIVE", "Outlets", "Reporter", "versions"]

INCONCLUSIVE, CANNOT_WRITE = 10, 4
"""Exit statuses beside those of pytest: nothing failed and something was inconclusive; a report was not written."""

ENDED = define(
    "AFC923", "run ended", "The run ended before the item.",
    why="Somebody stopped it, or -x or --maxfail did; nothing is known of what came after.",
    silence="Run the suite again, with --lf for what failed or without -x.",
)  # fmt: skip

QUIET = -2
"""Of pytest's verbosity: -qq writes no lines of progress."""

MARKUP = {"good": {"green": True}, "bad": {"red": True}, "unclear": {"yellow": True}, "": {}}
_CODE = re.compile(r" \((AFC[0-9]{3})\)\Z")


def versions() -> tuple[tuple[str, str], ...]:
    """Name what runs, by version."""
    found = [("python", platform.python_version())]
    for name in ("anyfast-mockserver", "pytest", "openapi-core"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:  # run from a folder that was never installed
            continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where reports go beside the terminal. files: each with what writes it. job_summary: a file to add to.

    annotations: whether those of GitHub are written on standard output.
    """

    files: Sequence[tuple[ReportFile, Writer]] = ()
    annotations: bool = False
    job_summary: Path | None = None


class Reporter:
    """Collects what each item came to, and reports at the end.

    items: those of the run, by node id.
    """

    def __init__(
        self,
        run: Run,
        teller: Teller,
        items: Mapping[str, Item],
        mock: MockProcess | None,
        outlets: Outlets,
        terminal: pytest.TerminalReporter | None = None,
        callback: Callback | None = None,
    ) -> None:
        self._run = run
        self._teller = teller
        self._items = items
        self._mock = mock
        self._outlets = outlets
        self._terminal = terminal
        self._callback = callback
        started = teller.started(items.values(), versions(), is_mock=mock is not None)
        self._progress = Progress(started)
        self._events: list[Event] = [started]
        self._settled: dict[str, ItemSettled] = {}  # by node id
        self._made: set[str] = set()
        self._written: list[str] = []
        self._notices: list[str] = []

    # --- while it runs ------------------------------------------------------------------------------------------------

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the events of an item; in a distributed run they came with the report of a worker."""
        item = self._items.get(report.nodeid)
        if item is None or (report.when in ("setup", "teardown") and report.passed):
            return
        told: list[dict[str, Any]] = report.__dict__.pop(ATTRIBUTE, [])  # pytest keeps its reports until the end
        for event in map(from_json, told):
            self._take(event, report.nodeid)
        if not told:
            self._take(self._without_events(item, report), report.nodeid)

    def _take(self, event: Event, nodeid: str) -> None:
        if isinstance(event, ItemSettled):
            known = self._settled.get(nodeid)
            if known is not None and (known.verdict == "failed" or event.verdict != "failed"):
                return  # the same item in another worker; a failure is not taken back
            self._settled[nodeid] = event
        else:
            name = getattr(event, "name", "")
            if name in self._made:
                return
            self._made.add(name)
        self._events.append(event)
        self._progress.take(event)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say what is about to be sent to another host, before the first item."""
        if nodeid in self._items:
            self._say(self._progress.opening())

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Say how far the run is, on a line of its own after what pytest writes."""
        if nodeid in self._items:
            self._say(self._progress.line(time.time()))

    def _say(self, text: str) -> None:
        """Write a line between those of pytest, which begins its own with a line end; that of pytest-xdist does not."""
        terminal = self._terminal
        if not text or terminal is None or terminal.verbosity <= QUIET:
            return
        terminal.ensure_newline()
        if terminal.config.get_terminal_writer().width_of_current_line:
            terminal.write("\n")
        distributed = terminal.config.pluginmanager.hasplugin("dsession")
        terminal.write(f"contract: {text}" + "\n" * distributed, flush=True)

    def _without_events(self, item: Item, report: pytest.TestReport) -> ItemSettled:
        """Say what an item came to that never got as far as being checked: skipped by a mark, or broken around it."""
        if report.skipped:
            skipped = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            reason = str(skipped).removeprefix("Skipped: ").removeprefix("not run: ")
            code = _CODE.search(reason)
            return ItemSettled(item, "not run", _CODE.sub("", reason), code[1] if code else "")
        said = str(report.longrepr).strip().partition("\n")[0]
        return ItemSettled(item, "failed", findings=(self._teller.broken(said),))

    # --- the end ------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """End the stream, settle the exit status, and write the reports, also of a run that was interrupted."""
        if not self._settled and exitstatus != pytest.ExitCode.INTERRUPTED:
            return  # nothing of ours was run
        for nodeid, item in self._items.items():
            if nodeid not in self._settled:
                self._take(ItemSettled(item, "not run", "the run ended before", ENDED.code), nodeid)
        with self._run.redactor.sealed():
            self._run.learn()
            # What one worker was told, another may have shown before it could know that it is secret.
            for number, event in enumerate(self._events):  # in place: of a large run there is no room for two streams
                self._events[number] = masked(event, self._run.redactor)
            for name, made in self._run.exchanges.all().items():
                if name not in self._made:
                    self._take(self._teller.exchange(made), "")
        if exitstatus == 0 and any(one.verdict == "inconclusive" for one in self._settled.values()):
            session.exitstatus = exitstatus = INCONCLUSIVE
        if self._callback is not None:
            self._events += self._teller.arrivals(self._callback)
        self._events += (changed := self._teller.changed())
        if changed and exitstatus in (0, INCONCLUSIVE):
            session.exitstatus = exitstatus = LIVE_CHANGED
        self._events.append(self._teller.spent())
        self._events += [self._teller.coverage(self._events), self._ended(int(exitstatus))]
        self._write(session)

    def _write(self, session: pytest.Session) -> None:
        for file, write in self._outlets.files:
            try:
                file.write(write(self._events))
                self._written.append(str(file.path))
            except CannotWrite as error:
                self._notices.append(str(error))
        if self._outlets.job_summary is not None:
            try:
                with self._outlets.job_summary.open("a", encoding="utf-8") as summary_of_job:
                    summary_of_job.write(job_summary(self._events))
            except OSError as error:
                self._notices.append(f"The summary of the job was not written: {error.strerror}.")
        if self._notices:
            session.exitstatus = session.exitstatus or CANNOT_WRITE

    def _ended(self, status: int) -> RunEnded:
        started = Report.of(self._events).started.at
        interrupted = status == pytest.ExitCode.INTERRUPTED
        said = ""
        if self._mock is not None and not self._mock.alive and not interrupted:  # Ctrl-C may have ended both
            said = self._run.redactor.text(self._mock.said())
        return RunEnded(time.time(), round(time.time() - started, 3), status, interrupted, said)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say in ten seconds what was checked, against what, what was not and why."""
        if not self._settled:
            return
        report = Report.of(self._events)
        terminalreporter.ensure_newline()
        terminalreporter.section("contract")
        width = terminalreporter.config.get_terminal_writer().fullwidth
        for line in summary(report):
            # For a person lines are broken where words end; in a file they stay whole, for whoever searches it.
            for part in fitted(line, width) if terminalreporter.isatty else [line]:
                terminalreporter.write_line(part.text, **MARKUP[part.style])
        if report.ended is not None and report.ended.said:
            terminalreporter.write_line(f"The mock ended during the run: {report.ended.said}", red=True)
        for path in self._written:
            terminalreporter.write_line(f"report    {path}")
        for notice in self._notices:
            terminalreporter.write_line(notice, red=True)
        for command in annotate(self._events) if self._outlets.annotations else ():
            terminalreporter.write_line(command)
