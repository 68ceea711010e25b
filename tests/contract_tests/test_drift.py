"""Drift: the vendor's document, a host's answers and stale overlays are told apart, each with a status of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import drift, record
from contract_tests.terms import FORMAT, VERSION, host_of
from openapi.contract import packaged_contract
from openapi.profiles import HOME
from tests.contract_tests.far_host import HOST, far_host
from tests.contract_tests.standing_in import KEY, standing_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract_tests.far_host import Answer

VENDOR = HOME / "vendor" / "create-visual-validate-session.yaml"
SESSION = "createVisualValidateSession"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANYFAST_API_KEY", KEY)
    monkeypatch.delenv("ANYFAST_API_KEY_2", raising=False)
    monkeypatch.chdir(tmp_path)


def published(change: Callable[[str], str], name: str = "page.yaml") -> str:
    """Write what the vendor publishes now."""
    text = VENDOR.read_text(encoding="utf-8")
    assert change(text) != text or name == "same.yaml"
    Path(name).write_text(change(text), encoding="utf-8")
    return name


def confirmed(url: str, item: str) -> None:
    """Confirm one item of a host."""
    hashes = [one.sha256 for one in packaged_contract().documents if not one.reconstructed]
    made = {"format": FORMAT, "version": VERSION, "host": host_of(url), "profile": "published", "contract": hashes}
    Path("contract-confirmed.json").write_text(json.dumps({**made, "confirmed": {item: []}}), encoding="utf-8")


def told(status: int, *arguments: str) -> list[dict[str, Any]]:
    """Run the command and give what it found."""
    assert drift.main([*arguments, "--json", "drift.json"]) == status
    made: dict[str, Any] = json.loads(Path("drift.json").read_text(encoding="utf-8"))
    assert (made["format"], made["version"], made["exit_status"]) == ("anyfast-contract-drift", 1, status)
    found: list[dict[str, Any]] = made["drift"]
    return found


# --- 11: the vendor's document ----------------------------------------------------------------------------------------


def test_the_packaged_document_and_its_overlays_have_not_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(0) == []
    assert "Nothing drifted." in capsys.readouterr().out


def test_the_document_as_it_is_recorded_is_no_drift_whatever_it_is_saved_in() -> None:
    assert told(0, "--document", published(str, "same.yaml")) == []
    Path("page.md").write_text(f"# A page\n\n```yaml\n{VENDOR.read_text(encoding='utf-8')}```\n", encoding="utf-8")
    assert told(0, "--document", "page.md") == []


def test_a_changed_document_is_told_with_what_of_it_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    page = published(lambda text: text.replace("CallbackURL", "CallbackUrl"))
    (found,) = told(11, "--document", page)
    assert (found["code"], found["status"], found["where"]) == ("AFC941", 11, VENDOR.name)
    assert "2 of them breaking; sha256 05f91a12e47f was recorded" in found["what"]
    operation = "POST /volc/asset/CreateVisualValidateSession"
    assert found["lines"][0] == f"breaking  {operation}: request body: CallbackURL is gone."
    said = capsys.readouterr().out
    assert "the vendor's document changed (AFC941, status 11)" in said
    assert "remedy: mockserver contract import page.yaml" in said


def test_other_bytes_that_mean_the_same_are_told_as_such() -> None:
    (found,) = told(11, "--document", published(lambda text: f"{text}\n"))
    assert found["what"].startswith("other bytes, the same contract; sha256 ")


def test_a_folder_of_pages_is_looked_through_and_a_new_document_is_named() -> None:
    Path("pages").mkdir()
    published(lambda text: f"{text}\n", "pages/a.yaml")
    published(lambda text: text.replace("reateVisual", "reateOther"), "pages/b.yaml")
    found = told(11, "--document", "pages")
    assert [one["where"] for one in found] == [VENDOR.name, "pages/b.yaml"]
    assert found[1]["what"].startswith("new, ")


def test_a_recorded_file_that_was_edited_by_hand_is_found() -> None:
    folder = Path("vendor")
    folder.mkdir()
    for path in (VENDOR, VENDOR.with_name("SOURCES.md")):
        (folder / path.name).write_bytes(path.read_bytes())
    assert told(0, "--recorded", "vendor") == []
    (folder / VENDOR.name).write_bytes(VENDOR.read_bytes() + b"\n")
    (found,) = told(11, "--recorded", "vendor")
    assert found["remedy"] == "restore the file: it is the vendor's"


# --- 13: stale overlays -----------------------------------------------------------------------------------------------


def test_an_overlay_whose_target_the_vendor_renamed_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    page = published(lambda text: text.replace("BytedToken:", "ByteToken:"))
    document, stale = told(11, "--document", page)
    assert (document["code"], stale["code"], stale["status"]) == ("AFC941", "AFC943", 13)
    assert stale["where"].startswith("openapi/overlays/published.yaml:")
    assert "Did you mean 'ByteToken'?" in stale["what"]
    said = capsys.readouterr().out
    assert said.index("(AFC941, status 11)") < said.index("an overlay is stale (AFC943, status 13)")


def test_an_overlay_that_the_vendor_caught_up_with_is_stale() -> None:
    overlay = "overlay: 1.1.0\ninfo: {title: t, version: 1.0.0}\nactions:\n- {target: $.info, update: {title: %s}}\n"
    title = packaged_contract().documents[0].tree["info"]["title"]  # type: ignore[call-overload,index]
    Path("ours.yaml").write_text(overlay % "Another", encoding="utf-8")
    assert told(0, "--overlay", "ours.yaml") == []
    Path("ours.yaml").write_text(overlay % json.dumps(title), encoding="utf-8")
    vendor = str(VENDOR.parent)
    (found,) = told(13, "--recorded", vendor, "--overlay", "ours.yaml")
    assert (found["code"], found["where"]) == ("AFC943", "ours.yaml:4")
    assert found["remedy"] == "The vendor caught up: delete the action."


# --- 12: the host -----------------------------------------------------------------------------------------------------


def test_a_host_that_answers_as_recorded_has_not_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as host:
        for _ in range(3):
            assert record.main(["--target", host.url]) == 0
        before = len(host.requests)
        assert told(0, "--target", host.url) == []
        assert len(host.requests) == before + 40, "each case is sent once"
    assert f"host      {host.url}: 40 requests, 0 inconclusive" in capsys.readouterr().out


def test_a_changed_answer_comes_before_a_changed_document() -> None:
    with standing_in() as host:
        assert record.main(["--target", host.url]) == 0
        host.manner = "open"
        page = published(lambda text: text.replace("BytedToken:", "ByteToken:"))
        found = told(12, "--target", host.url, "--document", page)
    assert {one["status"] for one in found} == {11, 12, 13}
    (missing,) = [one for one in found if one["where"] == f"{SESSION}/auth/missing"]
    assert (missing["code"], missing["what"]) == ("AFC942", "status: 401 was recorded, 200 came")
    assert "contract-tests record" in missing["remedy"]


def test_what_was_confirmed_and_is_no_longer_kept_is_told(tmp_path: Path) -> None:
    def bare(name: str, _: int, right: Answer) -> Answer | None:
        return (401, {}, {}) if "/auth/" in name and right[0] == 401 else right

    folder = tmp_path / "far"
    folder.mkdir()
    confirmed(f"https://{HOST}", f"{SESSION}/AFC202/a_401_carries_a_challenge")
    with far_host(folder, bare) as far:
        (found,) = told(12, *far.options)
        sent = len(far.names)
    assert found["where"] == f"{SESSION}/AFC202/a_401_carries_a_challenge"
    assert found["what"].startswith("confirmed, and no longer kept: AFC202 ")
    assert sent == 31, "the judgement sends nothing more"
    with far_host(folder) as far:
        assert told(0, *far.options) == []


def test_a_host_of_which_nothing_is_recorded_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as host:
        assert drift.main(["--target", host.url]) == 4
        assert host.connections == 0
    assert f"run `contract-tests record --target {host.url}` first" in capsys.readouterr().err


def test_a_silent_host_is_inconclusive(capsys: pytest.CaptureFixture[str]) -> None:
    with standing_in() as host:
        assert record.main(["--target", host.url]) == 0
        host.manner = 503
        assert drift.main(["--target", host.url]) == 10
    assert "Inconclusive: the host could not be asked." in capsys.readouterr().out


REFUSED = {
    "host": (["--target", "https://other.example"], 14, "add --contract-allow-host other.example"),
    "document": (["--document", "none.yaml"], 4, "none.yaml: The page cannot be read"),
    "page": (["--document", "page.html"], 4, "This is an HTML page"),
    "folder": (["--recorded", "."], 4, "No SHA-256 of a document is recorded there"),
    "profile": (["--contract-profile", "publisht"], 4, "choose one of published, observed"),
    "overlay": (["--overlay", "none.yaml"], 4, "none.yaml"),
    "file": (["--json", "."], 4, "it is a folder"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_said(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.html").write_text("<html></html>", encoding="utf-8")
    arguments, status, said = REFUSED[name]
    assert drift.main(arguments) == status
    assert said in capsys.readouterr().err


def test_a_plan_of_what_would_be_asked_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert drift.main(["--target", "https://www.anyfast.ai", "--contract-plan"]) == 0
    assert "requests  31: 29 free, 2 paid; 9 left out" in capsys.readouterr().out
