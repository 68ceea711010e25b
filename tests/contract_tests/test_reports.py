"""The reports of real runs: all at once, with one worker or several, broken off, and where they cannot be written."""

from __future__ import annotations

import functools
import json
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from tests.contract_tests.standing_in import Ran, StandIn, environment, left_behind, run_suite, standing_in
from tests.contract_tests.test_writers import Page, conforms, holds

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"--contract-report": "out/r.json", "--contract-html": "out/r.html", "--contract-har": "out/r.har"}
ALL = (*(f"{option}={name}" for option, name in FILES.items()), "--junitxml=out/junit.xml", "--contract-github=on")


def run(folder: Path, host: StandIn, *arguments: str) -> Ran:
    summary = str(folder / "summary.md")
    return run_suite(folder, "-q", "--contract-target", host.url, *ALL, *arguments, GITHUB_STEP_SUMMARY=summary)


def read(folder: Path) -> dict[str, Any]:
    return conforms((folder / FILES["--contract-report"]).read_text(encoding="utf-8"))


def test_a_run_against_our_mock_writes_every_report(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, "-q", *ALL, key="")
    assert ran.status == 0, ran.out
    made = read(tmp_path)
    assert (made["run"]["verdict"], made["run"]["exit_status"], made["run"]["interrupted"]) == ("passed", 0, False)
    assert made["target"] | {"url": ""} == {
        "url": "",
        "is_mock": True,
        "loopback": True,
        "compared_with": "",
    }
    assert made["counts"]["items"]["passed"] == len(made["items"]) > 60
    assert made["counts"]["requests"]["sent"] == len(made["exchanges"]) > 50
    assert {one["group"] for one in made["items"]} >= {"auth", "body", "invariant", "journey"}
    names = {one["name"] for one in made["exchanges"]}
    assert [one["id"] for one in made["items"] if not set(one["exchanges"]) <= names] == []
    statuses = {(one["operation"], one["name"]): one for one in made["coverage"] if one["kind"] == "status"}
    assert all(statuses["createVisualValidateSession", name]["asserted"] > 0 for name in ("200", "400", "401"))
    assert statuses["getVisualValidateResult", "200"]["asserted"] > 0
    entries = json.loads((tmp_path / FILES["--contract-har"]).read_text(encoding="utf-8"))["log"]["entries"]
    assert [holds("entry", entry)["comment"] for entry in entries] == [one["name"] for one in made["exchanges"]]
    page = " ".join(Page((tmp_path / FILES["--contract-html"]).read_text(encoding="utf-8")).texts)
    assert "The target keeps the contract in all" in page
    for name in FILES.values():
        assert ran.out.count(f"report    {name}") == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["junit.xml", "r.har", "r.html", "r.json"]
    assert "::" not in ran.out.replace("::test_", "")
    assert left_behind(tmp_path) == []


def test_a_wrong_host_is_in_every_report_with_code_basis_and_curl(tmp_path: Path) -> None:
    with standing_in("open") as host:
        ran = run(tmp_path, host)
    assert ran.status == 1, ran.out
    made = read(tmp_path)
    (failed,) = [one for one in made["items"] if one["name"] == "missing"]
    finding = failed["findings"][0]
    assert (failed["verdict"], failed["code"], failed["cost"]) == ("failed", "AFC501", "free")
    assert {name: finding[name] for name in ("weight", "code", "basis", "group", "expected", "received")} == {
        "weight": "failed", "code": "AFC113", "basis": "documented", "group": "AFC501", "expected": "401",
        "received": "200",
    }  # fmt: skip
    (sent,) = [one for one in made["exchanges"] if one["name"] == finding["exchange"]]
    assert sent["curl"].startswith("curl -i -X POST")
    assert sent["paid"]
    html = " ".join(Page((tmp_path / FILES["--contract-html"]).read_text(encoding="utf-8")).texts)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    for said in (html, summary):
        assert "AFC113" in said
        assert "Without a credential" in said
        assert "curl -i -X POST" in said
    assert re.search(r"^::error title=AFC113 failed%3A createVisualValidateSession/auth/", ran.out, re.MULTILINE)
    assert (
        "breaks the contract" in json.loads((tmp_path / FILES["--contract-har"]).read_text("utf-8"))["log"]["comment"]
    )


def test_junit_has_code_basis_cost_and_verdict_of_every_item(tmp_path: Path) -> None:
    with standing_in("open") as host:
        ran = run(tmp_path, host, "-k", "missing or documented or AFC113 or journey")
    assert ran.status == 1, ran.out
    suite = ET.fromstring((tmp_path / "out" / "junit.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own file
    found = {
        case.get("name"): {one.get("name"): one.get("value") for one in case.findall("./properties/property")}
        for case in suite.iter("testcase")
    }
    missing = found["test_credential[createVisualValidateSession/auth/missing]"]
    assert str(missing.pop("contract-failed")).startswith("AFC113 Without a credential the answer is 401.")
    assert missing == {
        "contract-verdict": "failed", "contract-code": "AFC501", "contract-basis": "documented",
        "contract-cost": "free",
    }  # fmt: skip
    documented = found["test_documented_request_is_accepted[createVisualValidateSession/body/documented]"]
    assert (documented["contract-verdict"], documented["contract-cost"]) == ("passed", "paid")


# --- distributed ------------------------------------------------------------------------------------------------------

WITHOUT_TIME = re.compile(
    r"http://127\.0\.0\.1:\d+|\b\d+\.\d+\b|\d{4}-\d\d-\d\dT[\d:.]+Z|20\d{12}[0-9A-F]*|[0-9A-Za-z_-]{24,}"
)


def without_time(made: dict[str, Any]) -> dict[str, Any]:
    """Take out what differs from run to run, and the order in which requests happened to be sent."""
    for one in (*made["items"], *made["exchanges"]):
        one["seconds"] = 0
    made["run"] |= {"seconds": 0, "started": ""}
    made["exchanges"].sort(key=lambda one: one["name"])
    for one in made["exchanges"]:
        one["started"] = ""
        one["answer"]["headers"] = [pair for pair in one["answer"]["headers"] if pair[0] != "Date"]
    return dict(json.loads(WITHOUT_TIME.sub("~", json.dumps(made))))


def test_a_distributed_run_writes_the_same_report(tmp_path: Path) -> None:
    made = []
    for number, workers in enumerate(((), ("-n2",))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with standing_in("open") as host:
            ran = run(folder, host, *workers)
        assert ran.status == 1, ran.out
        assert ran.out.count("report    out/r.json") == 1
        made.append(read(folder))
    for one in made:
        # Which of the items that look at an exchange sent it, and which were there to be compared first, is chance.
        for item in one["items"]:
            item["exchanges"] = sorted(item["exchanges"]) if item["group"] != "invariant" else []
    alone, distributed = map(without_time, made)
    assert [one["id"] for one in alone["items"]] == [one["id"] for one in distributed["items"]]
    assert alone == distributed


# --- broken off -------------------------------------------------------------------------------------------------------

SLOW = """
import time
def pytest_runtest_logfinish(nodeid):
    slow.append(nodeid)
    if len(slow) == 3:
        print("runs now", flush=True)
        time.sleep(30)
slow = []
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_writes_what_there_is(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-s", "-p", "slow", "--pyargs", "contract_tests", *ALL]
    awake = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with (
        standing_in() as host,
        subprocess.Popen(
            [*command, "--contract-target", host.url],
            cwd=tmp_path,
            env=environment(TMPDIR=str(tmp_path / "tmp"), PYTHONPATH=str(tmp_path)),
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=awake,  # noqa: PLW1509 - no thread runs yet
        ) as process,
    ):
        assert process.stdout is not None
        guard = threading.Timer(60, process.kill)
        guard.start()
        assert any("runs now" in line for line in process.stdout)
        process.send_signal(number)
        said = process.stdout.read()
        guard.cancel()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, said
    made = read(tmp_path)
    assert (made["run"]["interrupted"], made["run"]["exit_status"]) == (True, 2)
    assert made["counts"]["items"]["passed"] == made["counts"]["requests"]["sent"] == 3
    left = [one for one in made["items"] if one["verdict"] == "not run" and one["group"] != "journey"]
    assert {one["reason_code"] for one in left} == {"AFC923"}
    assert len(left) == len(made["items"]) - 4
    page = " ".join(Page((tmp_path / FILES["--contract-html"]).read_text(encoding="utf-8")).texts)
    assert "The run was interrupted." in page
    assert sorted(path.name for path in (tmp_path / "out").glob("r.*")) == ["r.har", "r.html", "r.json"]


# --- where they go ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", FILES)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(tmp_path: Path, option: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with standing_in() as host:
        for name in ("file/below/r.x", "folder"):
            ran = run_suite(tmp_path, "-q", "--contract-target", host.url, f"{option}={name}")
            assert (ran.status, host.connections) == (4, 0), ran.out
            assert f"{option} {name}: " in ran.out
            assert "Name a file that can be written." in ran.out
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["file", "folder", "tmp"]
    assert list((tmp_path / "folder").iterdir()) == []


def test_nothing_is_written_where_nothing_was_run(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run(tmp_path, host, "--collect-only")
    assert (ran.status, host.connections) == (0, 0), ran.out
    assert not (tmp_path / "out" / "r.json").exists()
    ran = run_suite(tmp_path, "-q", "--contract-target", "https://host.example", *ALL)
    assert ran.status == 14, ran.out
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name != "junit.xml"] == []


def test_an_older_report_is_replaced_whole_and_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("x" * 1_000_000, encoding="utf-8")
    (tmp_path / "link.json").symlink_to("old.json")
    with standing_in() as host:
        arguments = ["-q", "-k", "auth/missing", "--contract-target", host.url, "--contract-report=link.json"]
        ran = run_suite(tmp_path, *arguments, "--contract-har=/dev/null")
    assert ran.status == 0, ran.out
    assert (tmp_path / "link.json").is_symlink()
    assert len(conforms((tmp_path / "old.json").read_text(encoding="utf-8"))["items"]) == 1


def test_a_disk_that_fills_up_ends_with_a_word_and_a_status(tmp_path: Path) -> None:
    with standing_in() as host:
        arguments = ["-q", "-k", "auth/missing", "--contract-target", host.url, "--contract-report=/dev/full"]
        ran = run_suite(tmp_path, *arguments, "--contract-html=r.html")
    assert ran.status == 4, ran.out
    assert "--contract-report /dev/full: No space left on device." in ran.out
    assert (tmp_path / "r.html").exists(), "the others are written"


@pytest.mark.parametrize(
    ("inside", "arguments", "expected"),
    [
        ("true", (), True),
        ("", (), False),
        ("true", ("--contract-github=off",), False),
        ("", ("--contract-github=on",), True),
    ],
)
def test_github_is_told_inside_its_actions_or_when_asked_for(
    tmp_path: Path, inside: str, arguments: tuple[str, ...], expected: bool
) -> None:
    summary = tmp_path / "summary.md"
    with standing_in("open") as host:
        options = ["-q", "-k", "auth/missing", "--contract-target", host.url, *arguments]
        ran = run_suite(tmp_path, *options, GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS=inside)
    assert ran.status == 1, ran.out
    assert ("\n::error title=AFC113" in ran.out, summary.exists()) == (expected, expected)


# --- progress ---------------------------------------------------------------------------------------------------------

LONG = """
import contract_tests.progress as progress
progress.FIRST = progress.EVERY = 0.0
"""


@pytest.mark.parametrize("more", [(), ("-v",), ("-n2",)])
def test_a_long_run_shows_how_far_it_is_between_the_lines_of_pytest(tmp_path: Path, more: tuple[str, ...]) -> None:
    (tmp_path / "long.py").write_text(LONG, encoding="utf-8")
    with standing_in() as host:
        arguments = ["-p", "long", "-k", "auth/missing or auth/empty or auth/unknown", "--contract-target", host.url]
        ran = run_suite(tmp_path, *arguments, *more, PYTHONPATH=str(tmp_path))
    assert ran.status == 0, ran.out
    lines = [line for line in ran.out.splitlines() if line.startswith("contract: ")]
    told = [re.sub(r", about \d+ s left", "", line) for line in lines]
    expected = [f"contract: {number} of 3 items, {number} requests sent" for number in (1, 2)]
    if more == ("-n2",):  # two workers may be done at the same time
        assert told
        assert set(told) <= set(expected)
    else:
        assert told == expected
    assert "3 passed" in ran.out


def test_a_short_run_on_this_machine_says_nothing_of_progress(tmp_path: Path) -> None:
    with standing_in() as host:
        ran = run_suite(tmp_path, "-k", "auth/missing", "--contract-target", host.url)
    assert "contract: " not in ran.out


def test_a_run_against_another_host_says_first_what_it_will_do(tmp_path: Path) -> None:
    arguments = ["--contract-target", "https://host.example", "--contract-allow-host", "host.example"]
    with standing_in(502) as proxy:
        ran = run_suite(tmp_path, "-k", "auth/missing or body/documented", *arguments, "--contract-proxy", proxy.url)
    assert ran.status == 10, ran.out
    said = "contract: about 2 requests to https://host.example, 1 of them of a kind that costs; Ctrl-C stops"
    assert ran.out.count(said) == 1
    assert ran.out.index(said) < ran.out.index("test_authentication")
