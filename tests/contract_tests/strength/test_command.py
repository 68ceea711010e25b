"""The command: what it prints and writes, when it fails, and that it sends nothing."""

from __future__ import annotations

import json
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contract_tests import cli
from contract_tests.strength.command import main
from contract_tests.strength.scoring import NoScore, Score, falls, read_scores, written_scores

if TYPE_CHECKING:
    from contract_tests.strength.measuring import Fate

DOCUMENT = str(Path(__file__).parent.parent.parent / "documents" / "pets-3.1.yaml")


def test_the_first_word_of_the_command_calls_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["contract-tests", "strength", "--contract-document", DOCUMENT])
    assert cli.main() == 0
    assert "mutants" in capsys.readouterr().out


def test_no_socket_is_opened_and_no_process_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("not in memory")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)
    assert main(["--contract-document", DOCUMENT]) == 0


def test_tables_per_basis_and_clause_and_survivors_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--contract-document", DOCUMENT, "--list"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^  documented +\d+ +\d+ 100\.0 %", said, re.MULTILINE)
    assert re.search(r"^  secrecy +\d+ +\d+ 100\.0 %", said, re.MULTILINE)
    assert "survivors: 1\n    getPet/404/lying-header/Content-Encoding\n" in said
    assert "Would be killed by a check of the header Content-Encoding (basis: rfc)." in said
    assert re.search(r"^  still right  unchanged +getPet/", said, re.MULTILINE)
    assert re.search(r"^  SURVIVED +rfc +getPet/404/lying-header/Content-Encoding$", said, re.MULTILINE)


def test_a_score_is_written_and_not_worse_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    assert main(["--contract-document", DOCUMENT, "--write", str(path), "--json", str(tmp_path / "again.json")]) == 0
    assert path.read_bytes() == (tmp_path / "again.json").read_bytes()
    assert main(["--contract-document", DOCUMENT, "--check", str(path)]) == 0
    content = json.loads(path.read_text(encoding="utf-8"))
    counted = content["contracts"]["of your documents"]["score"]["rfc"]
    assert counted["mutants"] == counted["killed"] + counted["told"] + counted["survived"]


def test_a_better_score_before_fails_and_says_what_fell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "score.json"
    main(["--contract-document", DOCUMENT, "--write", str(path)])
    content = path.read_text(encoding="utf-8")
    name = '"getPet/404/lying-header/Content-Encoding"'
    moved = content.replace(f'"rfc": [\n      {name}\n     ]', "", 1)
    assert moved != content
    better = json.loads(moved)
    better["contracts"]["of your documents"]["mutants"]["warned"]["rfc"].append(json.loads(name))
    path.write_text(json.dumps(better), encoding="utf-8")
    assert main(["--contract-document", DOCUMENT, "--check", str(path)]) == 1
    said = capsys.readouterr().err
    assert "rfc: 41 of 42 are killed, which were 42 of 42" in said
    assert f"{json.loads(name)} was killed and survives now" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--check", "/no/such/file"], "--write /no/such/file makes it"),
        (["--check", DOCUMENT], "holds no scores of this command"),
        (["--contract-profile", "no"], "There is no profile 'no'"),
        (["--contract-document", "/no/such.yaml"], "/no/such.yaml"),
        (["--contract-profile", "observed", "--contract-document", DOCUMENT], "leave it out"),
        (["--json", "/no/such/folder/x.json", "--contract-document", DOCUMENT], "/no/such/folder/x.json"),
    ],
)
def test_what_cannot_be_used_ends_with_status_4(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 4
    assert words in capsys.readouterr().err


def test_an_unknown_option_ends_with_status_4(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--no-such"])
    assert ended.value.code == 4
    assert "--no-such" in capsys.readouterr().err


def test_a_score_of_another_contract_is_no_score_of_this_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "score.json"
    path.write_text(written_scores({}), encoding="utf-8")
    assert main(["--contract-document", DOCUMENT, "--check", str(path)]) == 1
    assert "has no score of it" in capsys.readouterr().err


def test_a_score_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    path.write_text('{"format": "anyfast-contract-strength", "version": 2, "contracts": {}}', encoding="utf-8")
    with pytest.raises(NoScore, match="another version"):
        read_scores(path)


FATES: dict[str, Fate] = {"a": "killed", "b": "warned", "c": "told"}
BASES = {"a": "documented", "b": "rfc", "c": "assumed"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"c": "warned"}, []),
        ({"b": "noted"}, ["b was killed and is only told of on another host now"]),
        ({"a": "warned"}, ["a was killed on any host and is only warned of on another host now"]),
        ({"c": "survived"}, ["c was told of and survives now"]),
        ({"b": "survived"}, ["rfc: 0 of 1 are killed, which were 1 of 1", "b was killed and survives now"]),
        ({"b": None}, ["rfc: 0 of 0 are killed, which were 1 of 1", "b is not made any more"]),
    ],
)
def test_what_fell_is_said(change: dict[str, Fate | None], said: list[str]) -> None:
    fates = {name: fate for name, fate in {**FATES, **change}.items() if fate is not None}
    assert falls(Score((), FATES, BASES), Score((), fates, BASES)) == said


def test_a_new_survivor_lowers_the_share() -> None:
    now = Score((), {**FATES, "d": "survived"}, {**BASES, "d": "rfc"})
    assert falls(Score((), FATES, BASES), now) == ["rfc: 1 of 2 are killed, which were 1 of 1"]


def test_an_item_that_is_newly_left_out_is_said() -> None:
    assert falls(Score((), FATES, BASES), Score((), FATES, BASES, {}, ("x/y/z",))) == ["x/y/z is left out"]
