"""The hosts that judges are given, what is counted of their verdicts, and the table."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from benchmarks.against_contract_tools import Verdicts, markdown
from benchmarks.contract_tools import Tool
from benchmarks.running import DOCUMENT
from benchmarks.wrong_hosts import KEY, bare, generated, written_by_hand
from contract_tests.sending import Sender
from contract_tests.targets import Ask, Target
from tests.wrong_servers.server import PATH, Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host().running() as running:
        yield running


def asked(url: str, method: str = "POST", key: str = KEY) -> tuple[int, bytes, bool]:
    """Ask a host; give status and body, and whether it named a media type."""
    sender = Sender(Target(url, key))
    answer = sender.send(Ask(method, PATH, (("Authorization", "Bearer {key}"),)))
    sender.close()
    return answer.status, answer.body, answer.header("content-type") is not None


def test_the_right_host_gives_errors_no_body(host: Host) -> None:
    with host.planting(bare) as url:
        assert asked(url)[::2] == (200, True)
        assert [asked(url, "POST", "x"), asked(url, "GET")] == [(401, b"", False), (405, b"", False)]
        assert asked(url, "TRACE")[0] == 405, "not 501, which would be no refusal of a method that exists"


def test_mutants_are_chosen_of_each_basis_and_again_the_same() -> None:
    hosts = generated(DOCUMENT, 40, 1)
    counted = Counter(one.group for one in hosts)
    assert counted.keys() == {"generated, documented", "generated, sense"}
    assert 38 <= len(hosts) <= 42
    assert [one.name for one in generated(DOCUMENT, 40, 1)] == [one.name for one in hosts]
    assert [one.name for one in generated(DOCUMENT, 40, 2)] != [one.name for one in hosts]


def test_a_mutant_that_is_served_is_wrong_as_its_name_says(host: Host) -> None:
    found = {one.name: one for one in generated(DOCUMENT, 10_000, 1)}
    with host.planting(found["createVisualValidateSession/200/status/201"].plant) as url:
        assert asked(url)[0] == 201
        assert asked(url, "POST", "x")[0] == 401
    with host.planting(found["createVisualValidateSession/200/drop/H5Link"].plant) as url:
        assert b"H5Link" not in asked(url)[1]
    with host.planting(found["createVisualValidateSession/200/constant/BytedToken"].plant) as url:
        assert asked(url)[1][:50] == asked(url)[1][:50]
    with host.planting(found["createVisualValidateSession/200/leak/H5Link/plain"].plant) as url:
        assert KEY.encode() in asked(url)[1]
    assert [name for name in found if "/accept/" in name or "/delay/" in name] == []


def test_a_server_written_by_hand_is_served_with_bare_errors(host: Host) -> None:
    found = {one.name: one for one in written_by_hand(10_000, 1)}
    with host.planting(found["anybody_admitted"].plant) as url:
        assert asked(url, "POST", "x")[0] == 200
    with host.planting(found["no_challenge"].plant) as url:
        assert asked(url, "POST", "x") == (401, b"", False)
    with host.planting(found["token_echoed_in_a_401"].plant) as url:
        assert b"unknown" in asked(url, "POST", "x")[1]


@pytest.mark.parametrize(("program", "blames"), [("import sys; sys.exit(3)", True), ("open('it').read()", False)])
def test_a_judge_blames_by_its_status_and_finds_its_files(program: str, blames: bool, tmp_path: Path) -> None:
    tool = Tool("one", (sys.executable, "-c", program, "{url}"), files={"it": "x"})
    assert tool.blames("http://127.0.0.1:9", tmp_path) is blames


def test_the_table_has_a_row_for_each_judge_also_for_one_that_cannot_run() -> None:
    ours = Verdicts("ours", "", {"a": {"x": True, "y": True}}, {"right": False}, [1.0, 3.0], [40, 40])
    theirs = Verdicts("theirs", "", {"a": {"x": True, "y": False}}, {"right": True}, [4.0, 4.0], [100, 120])
    lines = markdown([ours, theirs, Verdicts("third", "Java is missing")], {"seed": "1"}).splitlines()
    assert lines[0] == "| judge | a | right hosts blamed | requests | seconds |"
    assert "| ours | 2 of 2 | 0 of 1 | 40 | 2.00 |" in lines
    assert "| theirs | 1 of 2 | 1 of 1 | 110 | 4.00 |" in lines
    assert "| third | could not be run: Java is missing | | | |" in lines
    assert "| theirs | 0.50 | 2.75 | 2.00 |" in lines
    assert lines[-1] == "- seed 1"
