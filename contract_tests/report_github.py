"""The writers for GitHub Actions: annotations on standard output, and the summary of a job in Markdown.

Whatever stands in a finding stays text: it becomes neither a command of the runner nor markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contract_tests.planning import GROUP_TITLES
from contract_tests.report import VERDICTS, Report, contract_lines
from contract_tests.summary import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.event_parts import Weight
    from contract_tests.events import Event
    from contract_tests.report import Issue

__all__ = ["MARKS", "annotate", "job_summary"]

COMMANDS: dict[Weight, str] = {
    "broken": "error",
    "failed": "error",
    "known": "notice",
    "warned": "warning",
    "reported": "notice",
}
MARKS = {
    "passed": "✅",
    "failed": "❌",
    "known deviation": "📌",
    "warned": "⚠️",
    "inconclusive": "❔",
    "not run": "⚪",
}
"""The marks of verdicts; each stands beside the word."""

MOST = 10
"""Annotations of a kind that GitHub shows for a step; it drops the others without a word."""

MOST_ISSUES, MOST_CHARACTERS = 60, 900_000
"""What the summary holds at most: GitHub refuses one beyond a mebibyte."""


# --- annotations ------------------------------------------------------------------------------------------------------


def annotate(events: Sequence[Event]) -> list[str]:
    """Write a line for each thing that was found, and for each reason that left items open, the worst first."""
    report = Report.of(events)
    by_command: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for issue in report.issues:
        if issue.weight == "known":
            continue  # told once for each entry, below
        command = COMMANDS[issue.weight]
        by_command[command].append(_annotation(command, _title(issue), "\n".join(_said(issue))))
    for one, cases in report.apart:
        message = f"{one.place}: {one.left} was recorded, {one.right} came\nin {named(cases)}\n{one.remedy}"
        by_command["warning"].append(_annotation("warning", f"{one.code} changed: {cases[0]}", message))
    for reason, items in _open(report).items():
        title = f"{reason[0]}: {reason[2]}"
        by_command["warning"].append(_annotation("warning", title, f"{reason[1]}\nin {named(items)}"))
    for excuse, settled in report.excused.items():
        said = f"{excuse}\nin {named(one.item.id for one in settled)}"
        by_command["notice"].append(_annotation("notice", f"known deviation: {excuse.place}", said))
    lines = []
    for command, made in by_command.items():
        lines += made if len(made) <= MOST else made[: MOST - 1]
        if len(made) > MOST:
            more = f"{len(made) - MOST + 1} more, see the summary of the job"
            lines.append(_annotation(command, "contract", more))
    return lines


def _annotation(command: str, title: str, message: str) -> str:
    return f"::{command} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _title(issue: Issue) -> str:
    items = issue.items
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{issue.first.code} {issue.weight}: {items[0]}{more}"


def _said(issue: Issue) -> Iterator[str]:
    first = issue.first
    if issue.weight == "broken":
        yield first.received
        return
    yield f"{first.sentence} (basis: {first.basis})"
    yield f"expected {first.expected}"
    yield f"received {first.received}{f' at {first.pointer}' if first.pointer else ''}"


def _open(report: Report) -> dict[tuple[str, str, str], list[str]]:
    """Collect the items that came to no verdict of their own, by verdict, reason and code."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in report.items:
        if one.verdict == "inconclusive":
            found.setdefault((one.verdict, one.reason, one.code), []).append(one.item.id)
    return found


# --- the summary of a job ---------------------------------------------------------------------------------------------


def job_summary(events: Sequence[Event]) -> str:
    """Write the summary in Markdown."""
    report = Report.of(events)
    text = "\n".join(_lines(report)) + "\n\n"
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "\n\n(The rest is left out.)\n\n"


def _lines(report: Report) -> Iterator[str]:
    started, ended = report.started, report.ended
    word, sentence = report.verdict
    yield f"## {MARKS[word]} {sentence}"
    yield ""
    yield f"- target: {_code(started.target)}{', our mock' if started.is_mock else ''}"
    for line in contract_lines(report):
        yield f"- contract: {_plain(line)}"
    if started.profile:
        yield f"- profile: {_plain(started.profile)}"
    yield f"- requests: {report.sent} sent, {report.paid} of a kind that costs"
    if ended is not None:
        yield f"- time: {ended.seconds:.1f} s{', interrupted' if ended.interrupted else ''}"
    yield ""
    yield from _table(report)
    issues = [issue for issue in report.issues if issue.weight != "known"]
    for issue in issues[:MOST_ISSUES]:
        yield ""
        yield from _issue(issue, report)
    if len(issues) > MOST_ISSUES:
        yield ""
        yield f"{len(issues) - MOST_ISSUES} more."
    for excuse, settled in report.excused.items():
        codes = dict.fromkeys(noted.code for one in settled for noted in one.findings if noted.weight == "known")
        yield ""
        yield f"#### {MARKS['known deviation']} known deviation: {_plain(excuse.reason)}"
        yield ""
        yield f"- owner: {_plain(excuse.owner)}, until {excuse.expires}"
        if excuse.issue:
            yield f"- issue: {_code(excuse.issue)}"
        yield f"- entry: {_code(excuse.place)}"
        yield f"- found: {', '.join(codes)}"
        yield f"- in: {_code(named(one.item.id for one in settled))}"
    for one, cases in report.apart[:MOST_ISSUES]:
        yield ""
        where = f"{one.code} {_code(named(cases))}, {_code(one.place)}"
        yield f"- {where}: {_code(one.left)}, then {_code(one.right)}; {_plain(one.remedy)}"
    for (verdict, reason, code), items in _open(report).items():
        yield ""
        yield f"#### {MARKS[verdict]} {verdict}: {_plain(reason)} ({code})"
        yield ""
        yield f"in {_code(named(items))}"


def _table(report: Report) -> Iterator[str]:
    yield f"| group | {' | '.join(VERDICTS)} |"
    yield f"|---|{'--:|' * len(VERDICTS)}"
    groups = [name for name in GROUP_TITLES if any(one.item.group == name for one in report.items)]
    for group in groups:
        verdicts = [one.verdict for one in report.items if one.item.group == group]
        counts = [str(verdicts.count(verdict) or "") for verdict in VERDICTS]
        yield f"| {GROUP_TITLES[group]} | {' | '.join(counts)} |"


def _issue(issue: Issue, report: Report) -> Iterator[str]:
    first = issue.first
    mark = {"broken": "❌", "failed": "❌", "warned": "⚠️", "reported": "💬"}[issue.weight]
    yield f"#### {mark} {issue.weight}: {first.code} {_plain(first.sentence)}"
    yield ""
    if issue.weight != "broken":
        yield f"- basis: {first.basis}"
        yield f"- expected: {_code(first.expected)}"
    yield f"- received: {_code(first.received)}"
    if first.pointer:
        yield f"- at: {_code(first.pointer)}"
    yield f"- in: {_code(named(issue.items))}"
    exchange = report.exchanges.get(first.exchange)
    if exchange is not None and exchange.curl:
        fence = "~" * max(3, *(len(run) + 1 for run in re.findall("~+", exchange.curl)), 3)
        yield ""
        yield f"<details><summary>Try it</summary>\n\n{fence}sh\n{exchange.curl}\n{fence}\n\n</details>"


def _plain(text: str) -> str:
    """Write a text so that Markdown shows it as it is."""
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~>:@-])", r"\\\1", flat)


def _code(text: str) -> str:
    """Write a text as code, between more backticks than it holds itself."""
    flat = " ".join(text.split()) or " "
    ticks = "`" * max([1, *(len(run) + 1 for run in re.findall("`+", flat))])
    pad = " " if "`" in flat else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"
