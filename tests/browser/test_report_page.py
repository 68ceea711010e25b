"""The report as a page: axe finds nothing, it fits a phone, asks nobody for anything, and hostile text does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from contract_tests import report_html
from tests.browser.test_looks import AXE, RUN_AXE
from tests.contract_tests.making_events import HOSTILE, a_run, everything, settled

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.phone import Phones


UNSURE = "th-has-data-cells"
"""Axe cannot tell whether a header over several rows, which has no cell beside it, has cells: it has those below it."""


@pytest.fixture
def page_of(tmp_path: Path, phones: Phones) -> str:
    """Write a report with everything in it; give its URL."""
    phones.origins.add("file://")
    path = tmp_path / "report.html"
    path.write_text(report_html.write(everything("some text of a target")), encoding="utf-8")
    return path.as_uri()


def open_all(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("desktop", [True, False])
def test_axe_finds_nothing(phones: Phones, page_of: str, scheme: str, desktop: bool) -> None:
    page = phones.open(desktop=desktop, color_scheme=scheme, bypass_csp=True)
    page.goto(page_of)
    page.evaluate(AXE)
    for step in ("as it opens", "with everything open"):
        faults = [one for one in page.evaluate(RUN_AXE) if not one.startswith(UNSURE)]
        assert faults == [], step
        open_all(page)


@pytest.mark.parametrize("width", [320, 390, 768])
def test_page_fits_and_what_is_wide_scrolls_by_itself(phones: Phones, page_of: str, width: int) -> None:
    page = phones.open(viewport={"width": width, "height": 700})
    page.goto(page_of)
    open_all(page)
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_page_asks_nobody_for_anything(phones: Phones, page_of: str) -> None:
    page = phones.open(desktop=True)
    page.goto(page_of)
    open_all(page)
    page.get_by_label("Show only what did not pass").check()
    assert [request.url for request in phones.requests] == [page_of]


def test_link_to_an_exchange_opens_it(phones: Phones, page_of: str) -> None:
    page = phones.open(desktop=True)
    page.goto(page_of)
    assert not page.get_by_text("Bearer $ANYFAST_API_KEY").first.is_visible()
    page.locator("#items").get_by_role("link", name="failed").first.click()
    expect(page.locator("#exchange-1")).to_be_visible()
    expect(page.locator("#exchange-2")).to_be_hidden()
    expect(page.locator("#exchange-1").get_by_text("Bearer $ANYFAST_API_KEY").first).to_be_visible()


def test_only_what_did_not_pass_is_shown_on_request(phones: Phones, page_of: str) -> None:
    page = phones.open(desktop=True)
    page.goto(page_of)
    rows = page.locator("#items .matrix tbody tr:not(.group)")
    before = rows.locator("visible=true").count()
    page.get_by_label("Show only what did not pass").check()
    left = rows.locator("visible=true")
    assert left.count() < before
    assert all("passed" not in text for text in left.all_inner_texts())


def test_request_is_copied(phones: Phones, page_of: str) -> None:
    page = phones.open(desktop=True, permissions=["clipboard-read", "clipboard-write"])
    page.goto(page_of)
    page.get_by_role("button", name="Copy the request of op/auth/missing").first.click()
    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == "curl -i -X POST https://host.example/thing --data-raw 'some text of a target'"


def test_hostile_text_does_nothing(phones: Phones, tmp_path: Path) -> None:
    phones.origins.add("file://")
    path = tmp_path / "report.html"
    path.write_text(report_html.write(everything(HOSTILE)), encoding="utf-8")
    page = phones.open(desktop=True)
    shown: list[str] = []
    page.on("dialog", lambda dialog: shown.append(dialog.message))
    page.goto(path.as_uri())
    open_all(page)
    assert (shown, page.locator("img").count()) == ([], 0)
    assert page.locator("body").inner_text().count("<img src=x onerror=alert(1)>") > 8


def test_everything_can_be_read_without_script(phones: Phones, page_of: str) -> None:
    page = phones.open(desktop=True, java_script_enabled=False)
    page.goto(f"{page_of}#exchange-1")
    expect(page.locator("#exchange-1")).to_be_visible()
    assert page.get_by_role("button").count() == 0
    expect(page.locator("#findings .curl").first).to_be_visible()


def test_run_without_findings_is_calm(phones: Phones, tmp_path: Path) -> None:
    phones.origins.add("file://")
    path = tmp_path / "report.html"
    path.write_text(report_html.write(a_run(settled(), status=0)), encoding="utf-8")
    page = phones.open()
    page.goto(path.as_uri())
    expect(page.get_by_text("Nothing was found.")).to_be_visible()
    expect(page.get_by_text("Nothing was sent.")).to_be_visible()
