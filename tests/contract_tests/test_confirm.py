"""Which findings fail at a host beyond this machine: what is documented, what was confirmed, or all with strictness."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import confirm
from contract_tests.terms import Terms, UnusableFile, host_of, read_terms
from openapi.contract import packaged_contract
from tests.contract_tests.far_host import HOST, far_host
from tests.contract_tests.standing_in import run_suite, standing_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contract_tests.far_host import Answer

PROMISED = [one.sha256 for one in packaged_contract().documents if not one.reconstructed]
ITEM = "createVisualValidateSession/AFC202/a_401_carries_a_challenge"
KEPT = {ITEM: (), "op/body/documented": (), "op/auth/missing": ("AFC113",)}


def report(folder: Path, number: int, items: dict[str, tuple[str, ...]] | None = None, **more: object) -> str:
    """Write a report of the suite, as far as confirmations read it."""
    found = [
        {
            "id": item,
            "verdict": "warned" if codes else "passed",
            "findings": [{"code": code, "basis": "rfc"} for code in codes],
        }
        for item, codes in (KEPT if items is None else items).items()
    ]
    made: dict[str, Any] = {
        "format": "anyfast-contract-report",
        "version": 1,
        "run": {"started": f"2026-01-0{number}T00:00:00Z", "interrupted": False},
        "target": {"url": f"https://{HOST}"},
        "contract": {
            "profile": "published",
            "documents": [{"sha256": one, "reconstructed": False} for one in PROMISED],
        },
        "items": found,
    }
    for name, value in more.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    path = folder / f"report-{number}.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    return str(path)


def confirmed(folder: Path, *reports: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Confirm reports and read what was written."""
    path = folder / "contract-confirmed.json"
    assert confirm.main([*reports, "--output", str(path), *more]) == 0
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return made


# --- confirm ----------------------------------------------------------------------------------------------------------


def test_what_all_runs_agreed_on_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = confirmed(tmp_path, *(report(tmp_path, number) for number in (1, 2, 3)))
    assert made == {
        "format": "anyfast-contract-confirmed",
        "version": 1,
        "host": HOST,
        "profile": "published",
        "contract": PROMISED,
        "observations": [f"2026-01-0{number}T00:00:00Z" for number in (1, 2, 3)],
        "confirmed": {ITEM: [], "op/auth/missing": ["AFC113"], "op/body/documented": []},
    }
    said = capsys.readouterr().out
    assert f"3 items of {HOST}, as 3 runs saw them" in said
    assert "not kept by the host, so not confirmed: 1 findings in 1 items" in said


def test_what_they_disagreed_on_is_said_and_not_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [{**KEPT, ITEM: ("AFC202",)}, KEPT, {ITEM: (), "op/auth/missing": ("AFC113",)}]
    made = confirmed(tmp_path, *(report(tmp_path, number, items) for number, items in enumerate(runs, start=1)))
    assert made["confirmed"] == {ITEM: ["AFC202"], "op/auth/missing": ["AFC113"]}
    said = capsys.readouterr().out
    assert f"disagreed, so not confirmed: {ITEM}: AFC202 in 1 of 3 runs" in said
    assert "disagreed, so not confirmed: op/body/documented: not judged, or failed, in some of the runs" in said


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "host": ({"target": {"url": "https://other.example"}}, "confirm one host"),
    "document": ({"contract": {"documents": []}}, "different documents"),
    "profile": ({"contract": {"profile": "observed"}}, "different documents or profiles"),
    "interrupted": ({"run": {"interrupted": True}}, "interrupted; leave it out"),
    "same run": ({"run": {"started": "2026-01-01T00:00:00Z"}}, "2 runs are not enough: 3 observations"),
    "version": ({"version": 2}, "no JSON report"),
    "format": ({"format": "other"}, "no JSON report"),
    "target": ({"target": None}, "no JSON report"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_reports_that_confirm_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    more, sentence = UNUSABLE[what]
    reports = [report(tmp_path, 1), report(tmp_path, 2), report(tmp_path, 3, **more)]
    output = tmp_path / "contract-confirmed.json"
    assert confirm.main([*reports, "--output", str(output)]) == 4
    assert sentence in capsys.readouterr().err
    assert not output.exists()


def test_fewer_runs_than_asked_for_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert confirm.main([report(tmp_path, 1), report(tmp_path, 2)]) == 4
    assert "2 runs are not enough: 3 observations are asked for" in capsys.readouterr().err
    assert confirmed(tmp_path, report(tmp_path, 1), more=("--observations", "1"))["confirmed"]


@pytest.mark.parametrize("arguments", [[], ["gone.json"], ["x", "--observations", "0"], ["x", "--observations", "no"]])
def test_mistaken_command_ends_with_the_status_of_usage(arguments: list[str]) -> None:
    assert confirm.main(arguments) == 4


def test_confirmation_of_another_host_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    confirmed(tmp_path, report(tmp_path, 1), more=("--observations", "1"))
    other = report(tmp_path, 2, target={"url": "https://other.example"})
    output = str(tmp_path / "contract-confirmed.json")
    assert confirm.main([other, "--observations", "1", "--output", output]) == 4
    assert f"confirms {HOST}: name another file with --output" in capsys.readouterr().err


def test_file_holds_no_secret_of_a_url(tmp_path: Path) -> None:
    seen = report(tmp_path, 1, target={"url": "https://me:hunter2@Host.Example:443/x"})
    made = confirmed(tmp_path, seen, more=("--observations", "1"))
    assert made["host"] == "host.example:443"
    assert host_of("https://host.example") == "host.example"


# --- the terms of a run -----------------------------------------------------------------------------------------------


def test_confirmed_code_of_an_item_counts_and_nothing_beside_it(tmp_path: Path) -> None:
    confirmed(tmp_path, *(report(tmp_path, number) for number in (1, 2, 3)))
    terms = read_terms(f"https://{HOST}", PROMISED, "published", named=str(tmp_path / "contract-confirmed.json"))
    assert terms.hold(ITEM, "AFC202")
    assert not terms.hold("op/auth/missing", "AFC113")
    assert not terms.hold("op/auth/empty", "AFC113")
    assert Terms(strict=True).hold("any", "any")
    assert not Terms().hold("any", "any")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "anyfast-contract-confirmed", "version": 1}', "nonsense"])
def test_file_that_is_no_confirmation_is_explained(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableFile, match="is no confirmation"):
        read_terms(f"https://{HOST}", PROMISED, named=str(path))
    with pytest.raises(UnusableFile, match="No such file"):
        read_terms(f"https://{HOST}", PROMISED, named=str(tmp_path / "gone.json"))


# --- in a run ---------------------------------------------------------------------------------------------------------

SHORT = ("-q", "-k", "auth/missing or auth/empty or AFC202", "--contract-budget", "paid=0")


def without_challenge(_: str, __: int, right: Answer) -> Answer:
    return (401, {}, {}) if right[0] == 401 else right


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_only_strictness_makes_a_warning_fail(tmp_path: Path, workers: tuple[str, ...]) -> None:
    with far_host(tmp_path, without_challenge) as host:
        mild = run_suite(tmp_path, *SHORT, *workers, *host.options, "--junitxml=report.xml")
        strict = run_suite(tmp_path, *SHORT, *workers, *host.options, "--contract-strict")
    assert (mild.status, strict.status) == (0, 1), mild.out + strict.out
    assert mild.line("invariants") == "1 passed, 1 warned"
    assert "warned: AFC202" in mild.out
    assert 'name="contract-warned" value="AFC202' in (tmp_path / "report.xml").read_text(encoding="utf-8")
    assert "failed: AFC202" in strict.out


def test_confirmed_finding_fails_at_its_host_alone(tmp_path: Path) -> None:
    made = confirmed(tmp_path, *(report(tmp_path, number) for number in (1, 2, 3)))
    path = tmp_path / "contract-confirmed.json"
    with far_host(tmp_path, without_challenge) as host:
        ran = run_suite(tmp_path, *SHORT, *host.options)
        assert (ran.status, "failed: AFC202" in ran.out) == (1, True), ran.out
        path.write_text(json.dumps({**made, "confirmed": {ITEM: ["AFC202"]}}), encoding="utf-8")
        assert run_suite(tmp_path, *SHORT, *host.options).status == 0
        path.write_text(json.dumps({**made, "host": "other.example"}), encoding="utf-8")
        assert run_suite(tmp_path, *SHORT, *host.options).status == 0
        named = run_suite(tmp_path, *SHORT, *host.options, "--contract-confirmed", "contract-confirmed.json")
        assert (named.status, named.line("confirmed")[-36:]) == (0, "other.example: it does not count here"[-36:])
        path.write_text(json.dumps({**made, "contract": ["0" * 64]}), encoding="utf-8")
        older = run_suite(tmp_path, *SHORT, *host.options)
        assert older.status == 0, older.out
        assert "confirms another document or profile: it does not count; confirm anew" in older.out


def test_confirmation_that_cannot_be_read_is_explained_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "contract-confirmed.json").write_text("{", encoding="utf-8")
    with far_host(tmp_path) as host:
        ran = run_suite(tmp_path, "-q", *host.options)
    assert (ran.status, host.connections) == (4, 0), ran.out
    assert "is no confirmation" in ran.out


def test_what_nobody_promised_is_only_reported_also_on_this_machine(tmp_path: Path) -> None:
    # A text that no decoder takes is accepted: of basis assumed, on every target.
    with standing_in("lenient") as host:
        ran = run_suite(tmp_path, "-q", "-k", "not-utf8", "--contract-target", host.url, "--contract-strict")
    assert ran.status == 0, ran.out
    assert "1 passed, 1 reported" in ran.out


def test_reports_of_real_runs_are_confirmed(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "contract_tests.cli")
    with far_host(tmp_path) as host:
        for number in range(3):
            ran = run_suite(tmp_path, *SHORT, *host.options, f"--contract-report={number}.json", program=command)
            assert ran.status == 0, ran.out
    done = run_suite(tmp_path, "confirm", "0.json", "1.json", "2.json", program=command)
    assert (done.status, done.out.strip()) == (
        0,
        f"contract-confirmed.json: 3 items of {HOST}, as 3 runs saw them",
    )
    with far_host(tmp_path, without_challenge) as host:
        ran = run_suite(tmp_path, *SHORT, *host.options, "--contract-report=after.json", program=command)
    assert (ran.status, "failed: AFC202" in ran.out) == (1, True), ran.out
    spent = json.loads((tmp_path / "after.json").read_text(encoding="utf-8"))["budget"]
    assert (spent["sent"], spent["paid"], spent["most_paid"]) == (len(host.names), 0, 0)
    assert list(spent["left_out"]) == ["createVisualValidateSession/method/delete"]
