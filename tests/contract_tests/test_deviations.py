"""Known deviations: an entry excuses what it is about, until its date, and no longer than it is needed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from contract_tests.deviations import Deviation, Deviations, weighed
from contract_tests.deviations_file import LONGEST, UnusableDeviations, read_deviations, utc_today
from contract_tests.failures import ContractFailure, Finding, Verdict
from contract_tests.preparing import CannotRun, Options, known_deviations
from tests.contract_tests.standing_in import KEY, run_suite, standing_in

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 7, 2)
WHOLE = """
[[deviation]]
case = "op/auth/*"
reason = "why"
owner = "who"
expires = 2026-07-02
"""


def entry(expires: date = TODAY, code: str = "", target: str = "", case: str = "op/auth/a") -> Deviation:
    return Deviation(1, "known.toml:7", case, "why", "who", expires, code, target)


def finding(code: str = "AFC113", group: str = "AFC501") -> Finding:
    return Finding(code, "documented", "A sentence.", "401", "200", "", group)


def failure(*codes: str, beside: Verdict | None = None) -> ContractFailure:
    return ContractFailure("op", "op/auth/a", tuple(finding(code) for code in codes), "curl x", beside)


def weigh(came: Verdict | ContractFailure, *entries: Deviation) -> tuple[list[str], bool]:
    """Give the codes that fail in the end, and whether an entry excuses the item."""
    made, excuse = weighed(came, entries, "op/auth/a", TODAY)
    codes = [one.code for one in made.findings] if isinstance(made, ContractFailure) else []
    return codes, excuse is not None


# --- what an entry makes of a verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "entries", "codes", "excused"),
    [
        (failure("AFC113"), [], ["AFC113"], False),
        (failure("AFC113"), [entry()], ["AFC113"], True),
        (failure("AFC113", "AFC106"), [entry()], ["AFC113", "AFC106"], True),
        (failure("AFC113"), [entry(code="AFC113")], ["AFC113"], True),
        (failure("AFC113"), [entry(code="AFC501")], ["AFC113"], True),
        (failure("AFC113", "AFC106"), [entry(code="AFC113")], ["AFC113", "AFC106"], False),
        (failure("AFC113", "AFC106"), [entry(code="AFC113"), entry(code="AFC106")], ["AFC113", "AFC106"], True),
        (failure("AFC106"), [entry(code="AFC113")], ["AFC106", "AFC933"], False),
        (failure("AFC113"), [entry(code="AFC113"), entry(code="AFC106")], ["AFC113", "AFC933"], False),
        (failure("AFC113"), [entry(TODAY - timedelta(days=1))], ["AFC113", "AFC932"], False),
        (Verdict(), [entry()], ["AFC933"], False),
        (Verdict(), [entry(TODAY - timedelta(days=1))], [], False),
        (Verdict(warned=[finding("AFC205")]), [entry()], [], False),
        (Verdict(reported=[finding("AFC205")]), [entry(code="AFC205")], [], False),
        (Verdict(warned=[finding("AFC205")]), [entry(code="AFC113")], ["AFC933"], False),
        (
            failure("AFC113", beside=Verdict([finding("AFC205")])),
            [entry(code="AFC113"), entry(code="AFC205")],
            ["AFC113"],
            True,
        ),
    ],
)
def test_an_item_is_excused_where_all_is_known_and_every_entry_is_needed(
    came: Verdict | ContractFailure, entries: list[Deviation], codes: list[str], excused: bool
) -> None:
    assert weigh(came, *entries) == (codes, excused)


def test_the_message_says_whose_entry_it_is_where_and_since_when() -> None:
    made, _ = weighed(failure("AFC113"), [entry(date(2026, 7, 1))], "op/auth/a", TODAY)
    assert "the entry of who at known.toml:7 has expired: its last day was 2026-07-01" in str(made)
    gone, _ = weighed(Verdict(), [entry()], "op/auth/a", TODAY)
    assert "remove or narrow the entry of who at known.toml:7" in str(gone)
    assert "try it" not in str(gone), "nothing was sent for the entry"


@pytest.mark.parametrize(
    ("target", "about"),
    [
        ("", True), ("host.example", True), ("*.example", True), ("HOST.example", True), ("host.example:8443", True),
        ("other.example", False), ("example", False), ("host.example:443", False),
    ],
)  # fmt: skip
def test_an_entry_is_about_the_hosts_that_it_names(target: str, about: bool) -> None:
    assert entry(target=target).is_about("https://host.example:8443/v1") is about


@pytest.mark.parametrize(
    ("case", "matches"),
    [("op/auth/a", True), ("op/*", True), ("*/a", True), ("AFC50?", True), ("op/auth", False), ("OP/auth/a", False)],
)
def test_an_entry_matches_ids_and_codes(case: str, matches: bool) -> None:
    assert entry(case=case).matches("op/auth/a", "AFC501") is matches


def test_an_entry_by_itself_fails_when_it_has_expired_or_matches_nothing() -> None:
    items = [("op/auth/a", "AFC501")]
    Deviations((), TODAY).check(entry(), items)
    for one, code in ((entry(TODAY - timedelta(days=1)), "AFC932"), (entry(case="op/auth/x"), "AFC934")):
        with pytest.raises(ContractFailure) as failed:
            Deviations((), TODAY).check(one, items)
        assert [found.code for found in failed.value.findings] == [code]


# --- the file ---------------------------------------------------------------------------------------------------------


def read(folder: Path, text: str) -> tuple[Deviation, ...]:
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return read_deviations(str(path), TODAY).entries


def test_a_file_is_read_with_the_line_of_each_entry(tmp_path: Path) -> None:
    first, second = read(
        tmp_path, WHOLE.replace('"why"', '"""\n[[deviation]]\n"""') + WHOLE.replace("auth", "body") + 'code = "AFC113"'
    )
    assert (first.case, first.reason, first.place) == ("op/auth/*", "[[deviation]]", f"{tmp_path / 'known.toml'}:2")
    assert (second.code, second.place, second.id) == ("AFC113", f"{tmp_path / 'known.toml'}:10", "deviation/2")
    inline = 'deviation = [{case = "a", reason = "b", owner = "c", expires = 2026-07-02}]'
    assert read(tmp_path, inline)[0].place.endswith("known.toml, entry 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE.replace('owner = "who"\n', ""), "known.toml:2: the entry has no 'owner'. Say who sees to it."),
        (WHOLE.replace("owner", "ownr"), "known.toml:5: there is no key 'ownr'. Did you mean 'owner'?"),
        (
            WHOLE.replace("2026-07-02", '"2026-07-02"'),
            "known.toml:6: 'expires' takes a date without quotes, such as 2026-09-30.",
        ),
        (WHOLE.replace("2026-07-02", "2026-07-02T00:00:00Z"), "known.toml:6: 'expires' takes a date"),
        (
            WHOLE.replace("2026-07-02", str(TODAY + LONGEST + timedelta(days=1))),
            "known.toml:6: 'expires' is more than a year ahead: 2027-07-03 is the latest.",
        ),
        (WHOLE.replace('"why"', "7"), "known.toml:4: 'reason' takes a text in quotes that is not empty."),
        (WHOLE.replace('"who"', '"  "'), "known.toml:5: 'owner' takes a text"),
        (WHOLE + 'code = "304"', "known.toml:7: 'code' takes the code of a finding"),
        (WHOLE + WHOLE, "known.toml:8: "),
        (
            WHOLE.replace("[[deviation]]", "[[deviations]]"),
            "known.toml: there is no table 'deviations'. Write [[deviation]]",
        ),
        (WHOLE.replace("[[deviation]]", "[deviation]"), "known.toml: 'deviation' is no list of entries."),
        (WHOLE.replace('"who"', "who"), "known.toml is not TOML: Invalid value (at line 5, column 9)."),
    ],
)
def test_an_error_in_the_file_is_told_with_its_line_and_the_remedy(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableDeviations) as told:
        read(tmp_path, text)
    assert said in str(told.value)


def test_the_latest_date_is_a_year_ahead(tmp_path: Path) -> None:
    (one,) = read(tmp_path, WHOLE.replace("2026-07-02", str(TODAY + LONGEST)))
    assert one.expires == date(2027, 7, 3)
    assert [one.has_expired(day) for day in (one.expires, one.expires + timedelta(days=1))] == [False, True]


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_deviations().entries == ()
    with pytest.raises(CannotRun, match=r"other\.toml: No such file"):
        known_deviations(Options(deviations="other.toml"))
    (tmp_path / "other.toml").write_bytes(b"\xff")
    with pytest.raises(CannotRun, match="save it as UTF-8"):
        known_deviations(Options(deviations="other.toml"))


def test_a_key_in_the_place_of_a_name_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text(f'{WHOLE}{KEY} = "x"\n', encoding="utf-8")
    with pytest.raises(CannotRun) as told:
        known_deviations(Options(deviations=str(path), key=KEY))
    assert KEY not in str(told.value)
    assert "ANYFAST_API_KEY" in str(told.value)


# --- in a run ---------------------------------------------------------------------------------------------------------

MISSING, LOWER = "createVisualValidateSession/auth/missing", "createVisualValidateSession/auth/lower-case-scheme"


def write(folder: Path, *entries: str) -> None:
    """Write the file; each entry is `case | expires in days`, with more lines behind a third bar."""
    lines = []
    for one in entries:
        case, days, more = (*one.split(" | "), "")[:3]
        lines += ["[[deviation]]", f'case = "{case}"', f'reason = "why {KEY}"', 'owner = "team"', more]
        lines.append(f"expires = {utc_today() + timedelta(days=int(days))}")
    (folder / "contract-deviations.toml").write_text("\n".join(lines), encoding="utf-8")


def test_a_known_deviation_fails_no_run_and_is_in_every_report(tmp_path: Path) -> None:
    write(tmp_path, f"{MISSING} | 1 | code = 'AFC113'", "*/elsewhere | -9 | target = 'other.example'")
    reports = ("--contract-report=r.json", "--contract-html=r.html", "--junitxml=r.xml", "--contract-github=on")
    with standing_in("open") as host:
        chosen = ("-q", "-x", "-n2", "-k", "auth/missing or deviation/", *reports)
        ran = run_suite(tmp_path, *chosen, "--contract-target", host.url)
    assert ran.status == 0, ran.out
    until = utc_today() + timedelta(days=1)
    assert ran.line("known deviation:") == f"why $ANYFAST_API_KEY (team, until {until})"
    assert ran.line("credentials") == "1 known deviation"
    assert ran.line("known deviations") == "1 passed, 1 not run"
    assert "::notice title=known deviation%3A contract-deviations.toml%3A1::" in ran.out
    made = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    (item,) = [one for one in made["items"] if one["id"] == MISSING]
    assert (item["verdict"], item["reason_code"], item["deviation"]["owner"]) == ("known deviation", "AFC931", "team")
    assert (made["run"]["verdict"], made["run"]["exit_status"]) == ("known deviation", 0)
    junit = (tmp_path / "r.xml").read_text(encoding="utf-8")
    assert 'type="pytest.xfail"' in junit
    assert 'name="contract-deviation" value="why $ANYFAST_API_KEY (team' in junit
    for name in ("r.json", "r.html", "r.xml"):
        assert KEY not in (tmp_path / name).read_text(encoding="utf-8")
    assert KEY not in ran.out


def test_an_entry_that_does_not_hold_fails_as_an_item(tmp_path: Path) -> None:
    write(tmp_path, f"{MISSING} | -1", f"{LOWER} | 9", "createVisualValidateSession/auth/no-such | 9", "*/body/* | 9")
    with standing_in("open") as host:
        chosen = ("-q", "-k", "auth/missing or auth/lower-case or deviation/", "--contract-target", host.url)
        ran = run_suite(tmp_path, *chosen)
        excused = run_suite(tmp_path, *chosen, "--runxfail")
    assert ran.status == 1, ran.out
    failed = [line for line in ran.out.splitlines() if line.startswith("FAILED")]
    assert len(failed) == 4, "the two items, the entry that has expired and the one about nothing"
    yesterday = utc_today() - timedelta(days=1)
    told = f"the entry of team at contract-deviations.toml:1 has expired: its last day was {yesterday}"
    body = ran.out.partition("short test summary")[0]  # in CI pytest says all of it there once more
    assert body.count(told) == 2, "of its item and of itself"
    assert "remove or narrow the entry of team at contract-deviations.toml:7" in ran.out
    assert "none, at contract-deviations.toml:13" in ran.out
    assert ran.line("known deviations") == "2 passed, 2 failed", "items that were not chosen are no reason"
    assert excused.line("known deviations") == "4 not run"
    assert excused.line("credentials") == "1 passed, 1 failed"


def test_a_file_with_an_error_ends_the_run_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(WHOLE.replace("owner", "ownr"), encoding="utf-8")
    with standing_in() as host:
        ran = run_suite(tmp_path, "-q", "--contract-target", host.url, "--contract-deviations", "mine.toml")
    assert (ran.status, host.connections) == (4, 0), ran.out
    assert "mine.toml:5: there is no key 'ownr'. Did you mean 'owner'?" in ran.out
