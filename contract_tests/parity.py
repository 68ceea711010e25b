"""`contract-tests parity`: the same cases to two targets, and every difference with the file to open.

Each target is our mock, which is started for it, or a host; plan, budget and ledger are those of the suite.
"""

from __future__ import annotations

import re
import shutil
import textwrap
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.command_line import SENDING, CommandParser, carry_out, options_of
from contract_tests.comparing import DIFFERS, differences
from contract_tests.event_parts import Item
from contract_tests.events import DifferenceFound, ItemSettled, RunEnded
from contract_tests.outcomes import case_of, documented_names
from contract_tests.planning import item_of
from contract_tests.preparing import CannotRun, read_contract
from contract_tests.remedies import Remedies, rule_of
from contract_tests.report import Report
from contract_tests.report_files import ReportFile
from contract_tests.reporting import INCONCLUSIVE, versions
from contract_tests.sides import learn, opened, plan_for, send_all, walk_journey
from contract_tests.summary import named
from contract_tests.targets import is_loopback
from contract_tests.telling import Teller
from contract_tests.verdicts import LEFT_OUT, NOTHING_TO_SEND, inconclusive
from contract_tests.writers import writer_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from contract_tests.comparing import Apart
    from contract_tests.events import Event
    from contract_tests.preparing import Options
    from contract_tests.sides import Side
    from contract_tests.targets import Exchange
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["main"]

DIFFERENT = 1
"""The exit status of targets that differ."""

MOCK = "mock"
_DECIDED = re.compile(r" \(([a-zA-Z_.]+) decided\)")
FILES = {"json": "--contract-report", "html": "--contract-html"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A side as the user named it: our mock of a profile, or a host."""

    name: str
    options: Options

    @property
    def profile(self) -> str:
        """The profile of a mock."""
        return self.options.profile


def main(arguments: list[str]) -> int:
    """Compare two targets. Exit status: 0 alike, 1 they differ, 2 interrupted, 4 usage, 10 inconclusive, 14 refused."""
    asked = _parser().parse_args(arguments)
    return carry_out("parity", lambda: _run(asked))


def _parser() -> CommandParser:
    parser = CommandParser("parity", "Send the same cases to two targets and show every difference.", SENDING)
    where = f"{MOCK}, {MOCK}:PROFILE, or a URL whose key is in ANYFAST_API_KEY"
    parser.add_argument("--left", default=MOCK, metavar="TARGET", help=f"{where} ({MOCK})")
    parser.add_argument("--right", required=True, metavar="TARGET", help=where)
    parser.add_argument("--json", default="", metavar="FILE", help="write the report as JSON")
    parser.add_argument("--html", default="", metavar="FILE", help="write the report as one page of HTML")
    return parser


def _chosen(side: str, asked: argparse.Namespace) -> Chosen:
    """Read a side. Raises `CannotRun` for what is none, and for a mock of a profile that does not fit."""
    word = str(getattr(asked, side))
    kind, _, profile = word.partition(":")
    if kind != MOCK and "://" not in word:
        raise CannotRun(f"--{side} is neither {MOCK} nor {MOCK}:PROFILE nor a URL such as https://host.")
    if kind != MOCK:
        options = options_of(asked, word)
        return Chosen(word, replace(options, proxy="") if is_loopback(word) else options)
    if profile and asked.contract_document:
        raise CannotRun(f"{word}: a profile is one of the packaged contract; leave it out with --contract-document.")
    return Chosen(word, options_of(asked, "", profile or asked.contract_profile))


def _run(asked: argparse.Namespace) -> int:
    sides = [_chosen(side, asked) for side in ("left", "right")]
    for side in sides:  # a profile that is none is named before anything starts
        read_contract(side.options)
    contract = read_contract(options_of(asked))
    plans = [plan_for(side.options, contract) for side in sides]
    left_out = {**plans[0].left_out, **plans[1].left_out}
    if asked.contract_plan:
        from contract_tests.plan import plan_lines

        for side, plan in zip(sides, plans, strict=True):
            print("\n".join([f"{side.name}:", *plan_lines(plan), ""]))  # noqa: T201
        return 0
    with ExitStack() as stack:
        files = []
        for word, option in FILES.items():
            if name := getattr(asked, word):
                files.append((ReportFile(Path(name), f"--{word}"), writer_of(option)))
                stack.callback(files[-1][0].discard)
        began = time.time()
        with opened(contract, [(side.name, side.options, left_out) for side in sides]) as ready:
            send_all(ready)
            for one in ready if asked.contract_journey else ():
                walk_journey(one, contract)
            learn(ready)
            events = list(_events(contract, sides, ready))
        report = Report.of(events)
        status = {"failed": DIFFERENT, "passed": 0}.get(report.verdict[0], INCONCLUSIVE)
        events.append(RunEnded(time.time(), round(time.time() - began, 3), status))
        for file, write in files:
            file.write(write(events))
        report = Report.of(events)
        print("\n".join(_lines(report, ready, [str(file.path) for file, _ in files])))  # noqa: T201
    return status


# --- from exchanges to events -----------------------------------------------------------------------------------------


def _events(contract: Contract, sides: Sequence[Chosen], ready: Sequence[Side]) -> Iterator[Event]:
    """Tell of both sides: of the left one its exchanges, under names of their own, and of what differs."""
    left, right = ready
    tellers = [Teller(side.run, in_detail=True) for side in ready]
    made = [_by_name(side) for side in ready]
    known = documented_names(contract)
    compared = [
        *((item_of(case), case.id, case.operation, case.not_run) for case in right.run.cases),
        *(
            (_step(name), name, _operation(contract, one), "")
            for name, one in made[1].items()
            if name.startswith("journey/") and name in made[0]
        ),
    ]
    started = tellers[1].started([item for item, *_ in compared], versions(), is_mock=right.is_mock)
    yield replace(started, compared_with=left.name if left.is_mock else left.run.target.url)
    for number, side in enumerate(ready):
        for sent in side.run.exchanges.all().values():
            told = tellers[number].exchange(sent)
            yield told if number else replace(told, name=_left(sent.name))
    remedies = _Remedies(contract, sides)
    for item, name, operation, not_run in compared:
        one, other = made[0].get(name), made[1].get(name)
        if not_run or one is None or other is None:
            yield ItemSettled(item, "not run", not_run or "one of the targets was not asked", NOTHING_TO_SEND.code)
            continue
        if open_end := _open_end(item, one, other):
            yield open_end
            continue
        apart = differences(one, other, known, lambda text: right.run.redactor.text(left.run.redactor.text(text)))
        found = [
            DifferenceFound(
                name, each.place, each.left, each.right, remedies.of(each, one, other, operation), DIFFERS.code
            )
            for each in apart
        ]
        yield from found
        yield ItemSettled(item, "failed" if found else "passed", exchanges=(name, _left(name)))
    yield tellers[1].spent()


def _by_name(side: Side) -> dict[str, Exchange]:
    """Give the last exchange of each case: the one that was sent again where that was so."""
    return {case_of(one): one for one in side.run.exchanges.all().values() if "/_mock" not in one.ask.path}


def _left(name: str) -> str:
    return f"{name} (left)"


def _step(name: str) -> Item:
    short = name.removeprefix("journey/")
    return Item(name, DIFFERS.code, "journey", "", short, "free", "asked", "Both sides answer this step alike.")


def _operation(contract: Contract, made: Exchange) -> Operation | None:
    path = made.ask.path.partition("?")[0]
    return next((one for one in contract.operations if one.base_paths[0] + one.path == path), None)


def _open_end(item: Item, left: Exchange, right: Exchange) -> ItemSettled | None:
    """Say why two answers cannot be compared, if they cannot."""
    for where, one in (("left", left), ("right", right)):
        if one.left_out:
            return ItemSettled(item, "not run", one.left_out, LEFT_OUT.code)
        if one.inconclusive:
            return ItemSettled(item, "inconclusive", f"{where}: {one.inconclusive}", inconclusive(one).code)
    return None


class _Remedies:
    """The files to open at either side: those of each that is a mock of ours."""

    def __init__(self, contract: Contract, sides: Sequence[Chosen]) -> None:
        self._contract, self._sides = contract, sides
        self._made: dict[str, Remedies] = {}

    def of(self, apart: Apart, left: Exchange, right: Exchange, operation: Operation | None) -> str:
        """Name the files, once where both sides lead to the same."""
        pairs = ((self._sides[0], left, right), (self._sides[1], right, left))
        mocks = [(side, one, other) for side, one, other in pairs if rule_of(one)] or [pairs[0]]
        return "; ".join(
            dict.fromkeys(self._at(side.profile).of(apart, one, other, operation) for side, one, other in mocks)
        )

    def _at(self, profile: str) -> Remedies:
        if profile not in self._made:
            self._made[profile] = Remedies(self._contract, profile)
        return self._made[profile]


# --- told -------------------------------------------------------------------------------------------------------------


def _lines(report: Report, ready: Sequence[Side], files: Sequence[str]) -> Iterator[str]:
    for label, side in zip(("left", "right"), ready, strict=True):
        account = side.run.spending.ledger.read()
        at = "" if side.name == side.run.target.url else f" at {side.run.target.url}"
        price = f", {account.paid} of a kind that costs" if account.paid else ""
        yield f"{label:<10}{side.name}{at}: {len(account.sent)} requests{price}"
    tally = report.tally
    counts = [f"{tally['passed'] + tally['failed']} requests"]
    counts += [f"{tally[word]} {word}" for word in ("inconclusive", "not run") if tally[word]]
    yield f"{'compared':<10}{', '.join(counts)}"
    yield from _table(report)
    reasons: dict[str, list[str]] = {}
    for one in report.items:
        if one.verdict in ("inconclusive", "not run"):
            reasons.setdefault(f"{one.verdict}: {one.reason} ({one.code})", []).append(one.item.id)
    for reason, items in reasons.items():
        yield ""
        yield reason
        yield f"    in        {named(items)}"
    yield ""
    yield report.verdict[1]
    yield from (f"report    {name}" for name in files)


def _table(report: Report) -> Iterator[str]:
    """Write each difference once, with the cases that show it and the file to open below it."""
    same: dict[tuple[str, ...], list[DifferenceFound]] = {}
    for one in report.differences:
        pair = () if one.place.startswith("body /") else (one.left, one.right)  # words differ from field to field
        same.setdefault((one.place, _DECIDED.sub("", one.remedy), *pair), []).append(one)
    if not same:
        return
    width = max(60, min(160, shutil.get_terminal_size().columns))
    first = min(max(len(place) for place, *_ in same), 30)
    column = (width - first - 4) // 2
    yield ""
    yield f"{'place':<{first}}  {'left':<{column}}  right"
    yield f"{'-' * first}  {'-' * column}  {'-' * column}"
    for (place, remedy, *_), alike in same.items():
        left, right = alike[0].left, alike[0].right
        more = len({(one.left, one.right) for one in alike}) - 1
        rules = dict.fromkeys(rule for one in alike for rule in _DECIDED.findall(one.remedy))
        cells = [textwrap.wrap(text, size) or [""] for text, size in ((place, first), (left, column), (right, column))]
        for row in range(max(map(len, cells))):
            parts = [cell[row] if row < len(cell) else "" for cell in cells]
            yield f"{parts[0]:<{first}}  {parts[1]:<{column}}  {parts[2]}".rstrip()
        if more:
            yield f"{'':<{first}}  and {more} other pairs"
        yield f"    in    {named(one.case for one in alike)}"
        decided = f" (rule {', '.join(rules)})" if rules else ""
        yield f"    open  {remedy}{decided}"
