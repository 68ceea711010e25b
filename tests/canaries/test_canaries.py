"""The suite tells no secret: all that it can do is done at a host that tells all, and every file and stream is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from contract_tests.cli import COMMANDS as ALL_COMMANDS
from tests.canaries.running import COMMANDS, RUNS, SECRETS, Did, Place, hostile_host
from tests.canaries.scanning import files_below, leaks
from tests.contract_tests.test_person import REPORTS as REPORTED
from tests.contract_tests.test_person import AtTerminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = "planted leaks"
REPORTS = ("junit.xml", "report.json", "report.html", "report.har", "summary.md", "log.txt")
STATUS = {"a run": 1, "a journey": 1, "a distributed run": 1, "an interrupted run": 2, "a plan": 0, "a fuzzed run": 1,
          "a run with known deviations": 1, "no host": 10, "a password in the target": 14,
          "a password in no target": 14, "drift": 12, "parity": 1}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with hostile_host() as (url, hostile):
        yield Place(tmp_path_factory.mktemp("canaries"), url, hostile)


@pytest.fixture(scope="module")
def done(place: Place) -> dict[str, Did]:
    return {**{name: place.suite(name) for name in RUNS}, **{name: place.command(name) for name in COMMANDS}}


@pytest.mark.parametrize("name", [*(name for name in RUNS if name != PLANTED), *COMMANDS])
def test_everything_is_done_and_tells_no_secret(done: dict[str, Did], name: str) -> None:
    did = done[name]
    assert did.status == STATUS.get(name, 0), did.out
    assert did.leaks() == []


def test_runs_go_everywhere_and_leave_their_reports_and_no_folder(done: dict[str, Did], place: Place) -> None:
    for name in ("a run", "a journey", "a distributed run", "an interrupted run"):
        did = done[name]
        written = {path.name: path.read_bytes() for path in did.folder.iterdir() if path.is_file()}
        assert [report for report in REPORTS if not written.get(report)] == []
        assert [path.name for path in (did.folder / "tmp").iterdir() if not path.name.startswith("pytest-of-")] == []
        assert b"***" in written["report.json"]
        assert b"$ANYFAST_API_KEY" in written["report.har"]
    passed = re.findall(r"PASSED \S*test_journey\[journey/([a-z-]+)\]", done["a journey"].out)
    assert {"create", "complete", "present", "no-leak"} <= set(passed)
    assert "send: b" not in done["a run"].out, "http.client was told to print, and did not"
    assert "Failed to parse headers" in done["a run"].out, "the libraries logged what is no header"
    assert place.hostile.count > 100
    assert len(place.hostile.given) > 50


def test_a_person_is_shown_the_link_and_nobody_else_is(place: Place, tmp_path: Path) -> None:
    variables = {
        "ANYFAST_API_KEY": SECRETS["the API key"],
        "ANYFAST_MOCK_CONTROL_TOKEN": SECRETS["the control token"],
        "HOME": str(tmp_path),
    }
    place.tell(behind_proxy=False, on_journey=True)
    asked = ("--contract-target", place.host, "--contract-interactive", "--contract-interactive-wait", "0.5")
    ran = AtTerminal(tmp_path, (*asked, "-k", "journey", *REPORTED), variables=variables).run()
    links = re.findall(r"https://h5\.example/s/\S+", ran.terminal)
    assert len(links) == 1, ran.terminal
    assert "Nobody has finished." in ran.terminal
    secrets = {**SECRETS, **place.hostile.given}
    shown = ran.terminal.replace(links[0], "")
    assert leaks({"terminal": shown, **files_below(tmp_path)}, secrets) == []


def test_planted_leaks_are_found_where_they_are(done: dict[str, Did]) -> None:
    did = done[PLANTED]
    assert did.status in (0, 1), did.out
    assert {(leak.where, leak.form) for leak in did.leaks() if leak.secret == "the API key"} >= {
        ("output", "as it is"), ("report.json", "as it is"), ("log.txt", "as it is"),
        (".pytest_cache/kept", "as it is, hexadecimal"), ("packed.gz", "gzip, as it is"),
        ("home/.remembered", "as it is"), ("names of files", "as it is"),
    }  # fmt: skip


def test_every_command_is_among_those_that_are_done() -> None:
    assert set(COMMANDS) == set(ALL_COMMANDS), "give the new command its line in tests/canaries/running.py"
