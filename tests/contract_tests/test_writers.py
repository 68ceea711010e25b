"""The writers: of events made by hand, everything is in each report, and nothing breaks out of any."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from contract_tests import plugin, report_har, report_html, report_json
from contract_tests.event_parts import DocumentRead
from contract_tests.progress import EVERY, FIRST, Progress
from contract_tests.report import Report
from contract_tests.report_github import MOST, annotate, job_summary
from contract_tests.writers import WRITERS, writer_of
from tests.contract_tests.making_events import (
    AT,
    HOSTILE,
    a_run,
    everything,
    exchange,
    item,
    noted,
    settled,
    started,
)

if TYPE_CHECKING:
    from contract_tests.events import Event
    from contract_tests.writers import Writer

SCHEMA = Path(report_json.__file__).with_name("report-schema.json")


def test_every_option_for_a_file_has_its_writer() -> None:
    assert set(plugin.REPORTS) == set(WRITERS)
    for option in WRITERS:
        assert writer_of(option)(everything())


@pytest.mark.parametrize("write", [report_json.write, report_html.write, report_har.write])
def test_nothing_but_the_start_is_enough_for_a_report(write: Writer) -> None:
    assert write([started()])


# --- JSON -------------------------------------------------------------------------------------------------------------


def conforms(text: str) -> dict[str, Any]:
    """Hold a report against the committed schema."""
    made: dict[str, Any] = json.loads(text)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(made)] == []
    return made


def with_sha(events: list[Event]) -> list[Event]:
    first = started(*(one.item for one in Report.of(events).items))
    documents = (DocumentRead("T", "1", "0a" * 32, reconstructed=False),)
    return [started(*first.items, documents=documents), *events[1:]]


@pytest.mark.parametrize("text", ["x", HOSTILE])
def test_json_conforms_to_its_schema(text: str) -> None:
    made = conforms(report_json.write(with_sha(everything(text))))
    assert (made["format"], made["version"]) == ("anyfast-contract-report", 1)
    assert made["run"]["verdict"] == "failed"
    assert made["counts"] == {
        "items": {"passed": 3, "failed": 2, "known deviation": 1, "warned": 1, "inconclusive": 1, "not run": 1},
        "requests": {"sent": 2, "paid": 1},
    }
    assert made["items"][0]["findings"][0]["received"] == text
    assert made["exchanges"][0]["answer"]["body"]["text"] == text
    assert [one["answer"] for one in made["exchanges"]][-1] is None
    assert len(made["differences"]) == 1
    (excused,) = [one["deviation"] for one in made["items"] if one["deviation"]]
    assert (excused["owner"], excused["expires"], excused["place"]) == (f"team {text}", "2026-12-31", "known.toml:7")
    assert {one["kind"] for one in made["coverage"]} >= {"status", "property", "enum value"}


def test_schema_forbids_what_no_report_has() -> None:
    made = json.loads(report_json.write(with_sha(everything())))
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    made["items"][0]["verdict"] = "ok"
    del made["exchanges"][0]["curl"]
    assert len(list(validator.iter_errors(made))) == 2


def test_every_member_of_the_schema_is_described_on_the_page() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    page = (SCHEMA.parents[1] / "docs" / "reports.md").read_text(encoding="utf-8")
    named = set(schema["properties"])
    for part in schema["$defs"].values():
        named |= set(part.get("properties", ()))
    for part in schema["properties"].values():
        named |= set(part.get("properties", ()))
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


# --- HTML -------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in ("style", "script") else ""
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes nothing that is open"
        self._inside = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        else:
            self.texts.append(data)


def test_html_is_one_page_that_needs_nothing_else() -> None:
    text = report_html.write(everything())
    page = Page(text)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"img", "iframe", "link", "object", "embed", "base", "form", "audio", "video"})
    links = [str(found.get("href")) for tag, found in page.tags if tag == "a"]
    identifiers = {found["id"] for _, found in page.tags if "id" in found}
    assert [link for link in links if not link.startswith("#") or link[1:] not in identifiers] == []
    assert [found for _, found in page.tags if "src" in found or "style" in found] == []
    assert [name for _, found in page.tags for name in found if name.startswith("on")] == []
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]


def test_html_allows_its_own_style_and_script_and_nothing_else() -> None:
    page = Page(report_html.write(everything()))
    policies = [str(found["content"]) for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    rules = dict(part.strip().split(" ", 1) for part in policies[0].split(";"))
    for name in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        assert rules.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_hostile_text_stays_text_in_html() -> None:
    tame, hostile = Page(report_html.write(everything("x"))), Page(report_html.write(everything(HOSTILE)))
    assert [tag for tag, _ in tame.tags] == [tag for tag, _ in hostile.tags]
    assert hostile.raw["script"] == tame.raw["script"]
    shown = "\n".join(hostile.texts)
    assert shown.count("<img src=x onerror=alert(1)>") > 8


def test_html_says_every_verdict_in_words_and_shows_all_of_it() -> None:
    shown = " ".join(" ".join(Page(report_html.write(everything("some text"))).texts).split())
    for words in (
        "The suite itself broke in 1 of 9 items: no verdict.",
        "https://host.example",
        "observed",
        "AFC113",
        "expected 401",
        "received some text",
        "curl -i -X POST https://host.example/thing",
        "What AFC501 means, and how to silence it",
        "the target answered some text (AFC912)",
        "requested",
        "1 of 1",
        "0 of 1",
        'request enum value /name = "a"',
        "some text.yaml",
        "Bearer $ANYFAST_API_KEY",
        "the target cannot be reached",
        "sha256 abcabc",
        "The journey",
        "some text for now",
        "team some text",
        "2026-12-31",
        "known.toml:7",
    ):
        assert words in shown, words
    for verdict in ("passed", "failed", "known deviation", "warned", "inconclusive", "not run"):
        assert shown.count(verdict) >= 2, verdict


def test_html_of_an_interrupted_run_says_so() -> None:
    shown = " ".join(Page(report_html.write(a_run(settled(), status=2, interrupted=True))).texts)
    assert "The run was interrupted." in shown


def test_html_puts_many_operations_into_tables_of_a_few() -> None:
    events = [settled("auth/missing", operation=f"op{number}") for number in range(12)]
    events.append(settled("auth/empty", "failed", noted(), operation="op11"))
    page = Page(report_html.write(a_run(*events)))
    tables = [found for tag, found in page.tags if tag == "details" and "matrix" in str(found.get("class"))]
    assert ["open" in found for found in tables] == [True, False, True]


def test_html_of_thousands_of_exchanges_has_those_of_what_did_not_pass_and_counts_the_rest() -> None:
    names = [f"op{number}" for number in range(report_html.LARGE + 1)]
    events: list[Event] = [settled("auth/a", operation=name) for name in names[1:]]
    events += [exchange(f"{name}/auth/a", text=f"said by {name}.") for name in names]
    events.append(settled("auth/a", "failed", noted(exchange="op0/auth/a"), operation="op0"))
    events.append(settled("body/a", "passed", noted("reported", exchange="op7/auth/a"), operation="op7"))
    text = report_html.write(a_run(*events))
    page = Page(text)
    opened = [found for tag, found in page.tags if tag == "details"]
    assert [found["data-name"] for found in opened if "matrix" in str(found.get("class"))] == ["op0"]
    assert len([found for found in opened if found.get("class") == "exchange"]) == 2
    assert ("said by op0." in text, "said by op7." in text, "said by op8." in text) == (True, True, False)
    links = {str(found["href"]).removeprefix("#") for tag, found in page.tags if tag == "a"}
    assert links <= {str(found.get("id")) for _, found in page.tags}
    assert text.count("1 passed") == len(names) - 2


# --- HAR --------------------------------------------------------------------------------------------------------------

REQUIRED = {
    "log": {"version", "creator", "entries"},
    "creator": {"name", "version"},
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
    "response": {
        "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize",
        "bodySize",
    },
    "content": {"size", "mimeType"},
    "postData": {"mimeType", "text"},
    "timings": {"send", "wait", "receive"},
}  # fmt: skip
"""What HAR 1.2 asks for (http://www.softwareishard.com/blog/har-12-spec/)."""

OPTIONAL = {
    "log": {"pages", "comment"},
    "entry": {"comment"},
    "request": {"postData"},
    "content": {"text", "comment"},
    "postData": {"comment"},
}


def holds(kind: str, made: dict[str, Any]) -> dict[str, Any]:
    """Hold a part against the format: all that is required, and nothing else but what begins with an underscore."""
    names = {name for name in made if not name.startswith("_")}
    assert REQUIRED[kind] <= names <= REQUIRED[kind] | OPTIONAL.get(kind, set()), kind
    return made


@pytest.mark.parametrize("text", ["x", HOSTILE])
def test_har_has_what_the_format_asks_for(text: str) -> None:
    log = holds("log", json.loads(report_har.write(everything(text)))["log"])
    assert log["version"] == "1.2"
    holds("creator", log["creator"])
    assert [one["comment"] for one in log["entries"]] == ["op/auth/missing", "op/body/documented"]
    for entry in log["entries"]:
        holds("entry", entry)
        request, response = holds("request", entry["request"]), holds("response", entry["response"])
        holds("postData", request["postData"])
        holds("content", response["content"])
        assert entry["time"] == sum(holds("timings", entry["timings"]).values()) == 125.0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["startedDateTime"])
        assert urlsplit(request["url"]).netloc == "host.example"
        assert request["queryString"] == [{"name": "a", "value": "1"}, {"name": "b", "value": " "}]
        for pair in (*request["headers"], *response["headers"]):
            assert set(pair) == {"name", "value"}
        assert response["content"]["text"] == text
        assert (response["status"], response["statusText"]) in ((401, "Unauthorized"), (200, "OK"))


def test_har_says_where_no_answer_came_and_what_is_left_out() -> None:
    from dataclasses import replace

    from contract_tests.event_parts import Content

    broken = replace(exchange("a", status=0), sent=True, trouble="the connection broke")
    binary = replace(exchange("b", status=599), body=Content("", 9, "no text"), request_body=None)
    first, second = json.loads(report_har.write(a_run(broken, binary)))["log"]["entries"]
    assert (first["response"]["status"], first["response"]["_error"]) == (0, "the connection broke")
    assert "left out" in second["response"]["content"]["comment"]
    assert "postData" not in second["request"]
    assert second["response"]["statusText"] == ""


# --- GitHub -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["x", HOSTILE, "100%,:\r\n::set-output name=x::y"])
def test_annotations_are_one_line_each_and_nothing_becomes_a_command(text: str) -> None:
    lines = annotate(everything(text))
    assert len(lines) == 7
    for line in lines:
        assert line == line.splitlines()[0]
        command, title, message = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line).groups()  # type: ignore[union-attr]
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", title)
        assert not re.search(r"%(?!25|0A|0D)", message)
        assert command
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 2 + ["::warning"] * 3 + ["::notice"] * 2
    assert sum(text in decoded(line) for line in lines) >= 6


def decoded(line: str) -> str:
    """Read an annotation as the runner does."""
    for code, letter in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        line = line.replace(code, letter)
    return line


def test_more_annotations_than_github_shows_end_with_a_count() -> None:
    found = [settled(f"auth/{number}", "failed", noted(code=f"AFC{number:03}")) for number in range(MOST + 3)]
    lines = annotate(a_run(*found))
    assert len(lines) == MOST
    assert lines[-1] == "::error title=contract::4 more, see the summary of the job"


def test_job_summary_tells_everything() -> None:
    said = job_summary(everything("some text"))
    for part in (
        "## ❌ The suite itself broke",
        "- target: `https://host.example`",
        "| credentials | 1 | 1 |",
        "failed: AFC113",
        "- received: `some text`",
        "~~~sh\ncurl -i -X POST",
        "inconclusive: the target answered some text (AFC912)",
        "#### 📌 known deviation: some text for now",
        "- owner: team some text, until 2026-12-31",
        "- entry: `known.toml:7`",
        "- found: AFC114",
        "AFC942 `op: body/documented`, `/some text`: `some text`, then `some text`; some text.yaml",
    ):
        assert part in said, part


def test_hostile_text_stays_text_in_markdown() -> None:
    hostile = "`` ~~~ ~~~~ </details> | [a](http://x) ![i](x) @me #1 <b>\n## heading\n::error::x"
    said = job_summary(everything(hostile))
    unfenced = re.sub(r"^(~{3,})sh\n.*?^\1$", "", said, flags=re.DOTALL | re.MULTILINE)
    outside = re.sub(r"(`+) ?.*?(?<!`)\1(?!`)", "", unfenced)
    assert "## heading" not in outside.replace("\\#\\# heading", "")
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not re.search(r"<(?!/?(?:details|summary)>)", outside)
    assert outside.count("</details>") == outside.count("<details>")
    assert re.search(r"^~~~~~sh$", said, re.MULTILINE), "the fence is longer than any in the text"


def test_job_summary_stays_below_the_limit_of_github() -> None:
    long = "x" * 99_999
    found = [settled(f"auth/{n}", "failed", noted(code=f"AFC{n:03}", received=long)) for n in range(99)]
    said = job_summary(a_run(*found))
    assert len(said.encode()) < 1024 * 1024
    assert "left out" in said


# --- progress ---------------------------------------------------------------------------------------------------------


def test_a_long_run_is_told_of_now_and_then() -> None:
    items = [item(f"auth/{number}") for number in range(4)] + [item("invariant/x")]
    progress = Progress(started(*items, loopback=True))
    assert progress.opening() == ""
    assert progress.line(AT + FIRST - 0.1) == ""
    for number in range(2):
        progress.take(exchange(f"op/auth/{number}", status=200))
        progress.take(settled(f"auth/{number}"))
    assert progress.line(AT + 4) == "2 of 5 items, 2 requests sent, 2 may have cost something, about 4 s left"
    assert progress.line(AT + 4 + EVERY - 0.1) == ""
    for number in range(2, 4):
        progress.take(settled(f"auth/{number}"))
    assert progress.line(AT + 4 + EVERY) == "4 of 5 items, 2 requests sent, 2 may have cost something"
    progress.take(settled("invariant/x"))
    assert progress.line(AT + 60) == ""


def test_a_run_against_another_host_says_first_what_it_will_do() -> None:
    from dataclasses import replace

    progress = Progress(started(item("auth/a"), replace(item("body/b"), cost="paid"), item("invariant/x")))
    said = progress.opening()
    assert said == "about 2 requests to https://host.example, 1 of them of a kind that costs; Ctrl-C stops"
    assert progress.opening() == ""
