"""The page at `/_mock/`: axe finds nothing, it fits, a keyboard is enough, and it shows what happens as it happens."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.mock import KEY, running
from tests.browser.test_looks import AXE, RUN_AXE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.mock import Mock
    from tests.browser.phone import Phones

CREATE = "/volc/asset/CreateVisualValidateSession"
HOSTILE = "<img src=x onerror=alert(1)>"
VIEWS = ["requests", "sessions", "fidelity"]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """Run a mock of this module's own, that was asked a few things."""
    with running(tmp_path_factory.mktemp("busy")) as mock:
        ask_around(mock)
        yield mock


@pytest.fixture
def look(busy: Mock, phones: Phones) -> Page:
    """Open the page on a desktop."""
    phones.origins.add(busy.url)
    page = phones.open(desktop=True)
    page.goto(f"{busy.url}/_mock/")
    expect(page.locator("#live")).to_have_text("Live")
    return page


def ask_around(mock: Mock) -> None:
    made = mock.create("https://shop.example/verified?order=7")
    mock.group(made.token)
    mock.create(None)
    mock.post("/_mock/sessions/complete", {"BytedToken": made.token})
    send(mock, CREATE, {}, "Bearer sk-live-unknown")
    send(mock, CREATE, {"CallbackURL": [HOSTILE]})
    send(mock, f"/nowhere/{quote(HOSTILE)}", {})


def send(mock: Mock, path: str, body: object, authorization: str = f"Bearer {KEY}") -> int:
    """Send a request whatever comes back; give the status."""
    parts = urlsplit(mock.url)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        return connection.getresponse().status


def open_first(page: Page) -> None:
    page.locator("#list .open:visible").first.click()
    expect(page.locator("#detail")).to_be_visible()


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE)
    return found


@pytest.mark.parametrize(("scheme", "desktop"), [("light", True), ("dark", True), ("dark", False)])
def test_axe_finds_nothing(busy: Mock, phones: Phones, scheme: str, desktop: bool) -> None:
    phones.origins.add(busy.url)
    page = phones.open(desktop=desktop, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    found = {}
    for view in VIEWS:
        page.goto(f"{busy.url}/_mock/#{view}")
        expect(page.locator(f"#view-{view} tbody tr").first).to_be_visible()
        found[view] = faults(page)
    page.goto(f"{busy.url}/_mock/#requests")
    open_first(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found["detail"] = faults(page)
    assert found == {name: [] for name in (*VIEWS, "detail")}


@pytest.mark.parametrize("width", [320, 768, 1100])
def test_every_view_fits(busy: Mock, phones: Phones, width: int) -> None:
    phones.origins.add(busy.url)
    page = phones.open(viewport={"width": width, "height": 700})
    for view in VIEWS:
        page.goto(f"{busy.url}/_mock/#{view}")
        expect(page.locator(f"#view-{view} tbody tr").first).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, view
    page.goto(f"{busy.url}/_mock/#requests")
    open_first(page)
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, "detail"


def test_mock_that_was_asked_nothing_says_what_to_do_then_shows_what_comes(tmp_path: Path, phones: Phones) -> None:
    with running(tmp_path) as mock:
        phones.origins.add(mock.url)
        page = phones.open(desktop=True, permissions=["clipboard-read", "clipboard-write"], bypass_csp=True)
        page.goto(f"{mock.url}/_mock/")
        expect(page.get_by_role("heading", name="Nothing was asked yet")).to_be_visible()
        assert faults(page) == []
        page.locator("[data-copy=curl]").click()
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied.startswith(f"curl -X POST {mock.url}{CREATE}")
        page.get_by_role("link", name="Sessions").click()
        expect(page.get_by_role("heading", name="There is no session yet")).to_be_visible()
        assert faults(page) == []
        mock.create(None)
        expect(page.locator("#sessions tbody tr")).to_have_count(1)
        page.locator("[data-view=requests]").click()
        expect(page.locator("#list tbody tr")).to_have_count(1)
        expect(page.locator("#empty")).to_be_hidden()
        mock.post("/_mock/reset", {})
        expect(page.locator("#list tbody tr")).to_have_count(0)
        expect(page.locator("#empty")).to_be_visible()


def test_new_request_appears_by_itself_at_the_top_and_leaves_the_focus(busy: Mock, look: Page) -> None:
    rows = look.locator("#list tbody tr")
    before = rows.count()
    look.locator("#list .open").nth(1).focus()
    focused = look.evaluate("() => document.activeElement.closest('tr').dataset.number")
    assert send(busy, CREATE, {}, "Bearer sk-mock-expired") == 401
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("auth.state.expired")
    assert look.evaluate("() => document.activeElement.closest('tr').dataset.number") == focused
    look.get_by_role("button", name="Pause").click()
    expect(look.locator("#live")).to_have_text("Paused")
    send(busy, CREATE, {})
    look.wait_for_timeout(1500)
    expect(rows).to_have_count(before + 1)
    look.get_by_role("button", name="Go on").click()
    expect(rows).to_have_count(before + 2)


def test_exchange_is_shown_with_the_reason_of_its_answer_and_no_secret(look: Page) -> None:
    look.get_by_label("Find").fill("sk-live auth.unknown")
    expect(look.get_by_role("heading", name="No request fits the filter")).to_be_visible()
    look.get_by_label("Find").fill("auth.unknown")
    expect(look.locator("#list tbody tr:visible")).to_have_count(1)
    open_first(look)
    detail = look.locator("#detail")
    expect(detail).to_be_focused()
    expect(detail.get_by_text("This key is unknown here")).to_be_visible()
    expect(detail.locator("code")).to_have_text("auth.unknown")
    detail.get_by_text("Headers:").first.click()
    expect(detail.get_by_text("Bearer ***")).to_be_visible()
    assert "sk-live" not in look.locator("body").inner_text()
    look.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    assert look.evaluate("() => document.activeElement.className") == "open"


def test_list_can_be_used_by_keyboard_alone(look: Page) -> None:
    look.locator("#list .open").first.focus()
    look.keyboard.press("ArrowDown")
    look.keyboard.press("Enter")
    expect(look.locator("#detail")).to_be_focused()
    number = look.locator("#list tr.chosen").get_attribute("data-number")
    assert look.locator("#list tbody tr").nth(1).get_attribute("data-number") == number
    expect(look.locator("#list tr.chosen button")).to_have_attribute("aria-expanded", "true")
    look.keyboard.press("Escape")
    look.keyboard.press("ArrowUp")
    assert look.evaluate("() => document.activeElement.closest('tr') === document.querySelector('#list tbody tr')")


def test_filters_narrow_and_can_be_dropped(look: Page) -> None:
    rows = look.locator("#list tbody tr:visible")
    everything = rows.count()
    look.get_by_label("Status").select_option("2xx answered")
    expect(rows.filter(has_text="200")).to_have_count(rows.count())
    assert 0 < rows.count() < everything
    expect(look.locator("#note")).to_contain_text(f"of {everything} are shown")
    look.get_by_label("Operation").select_option("none of the contract")
    look.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(everything)


def test_hostile_text_does_nothing(look: Page) -> None:
    shown: list[str] = []
    look.on("dialog", lambda dialog: shown.append(dialog.message))
    for word in ("route.path", "body.schema"):
        look.get_by_label("Find").fill(word)
        open_first(look)
        look.locator("#detail summary").first.click()
        expect(look.locator("#detail").get_by_text("onerror=alert(1)").first).to_be_visible()
    assert shown == []
    assert look.locator("main img").count() == 0


def test_fidelity_is_filtered_by_basis(look: Page) -> None:
    look.get_by_role("link", name="Fidelity").click()
    rows = look.locator("#rules tbody tr:visible")
    expect(rows.first).to_be_visible()
    everything = rows.count()
    button = look.locator("#bases [data-basis=assumed]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert 0 < rows.count() < everything
    assert set(rows.locator("td:first-child").all_inner_texts()) == {"assumed"}


def test_session_tells_its_state_and_the_life_that_is_left(look: Page) -> None:
    look.get_by_role("link", name="Sessions").click()
    row = look.locator("#sessions tbody tr").filter(has_text="passed")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("group-")
    first = row.locator("[data-left]").inner_text()
    assert first.startswith(("29:", "30:", "28:"))
    expect(row.locator("[data-left]")).not_to_have_text(first)


def test_exchanges_are_saved_as_har(look: Page) -> None:
    with look.expect_download() as download:
        look.get_by_role("button", name="Save as HAR").click()
    assert download.value.suggested_filename == "anyfast-mock.har"
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["log"]["entries"]


def test_mock_with_a_token_asks_for_it_and_remembers_it_for_this_tab(tmp_path: Path, phones: Phones) -> None:
    with running(tmp_path, "--control-token", "open-sesame") as mock:
        phones.origins.add(mock.url)
        page = phones.open(desktop=True, bypass_csp=True)
        page.goto(f"{mock.url}/_mock/")
        expect(page.get_by_label("This mock asks for its control token")).to_be_focused()
        assert faults(page) == []
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the token of this mock.")
        page.get_by_label("This mock asks for its control token").fill("open-sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#live")).to_have_text("Live")
        expect(page.locator("#token")).to_be_hidden()
        page.reload()
        expect(page.locator("#live")).to_have_text("Live")
        assert [one.url for one in phones.requests if "sesame" in one.url] == []
        phones.problems[:] = [one for one in phones.problems if "401" not in one]


def test_mock_that_is_gone_is_told_and_the_page_goes_on_when_it_is_back(look: Page, busy: Mock, phones: Phones) -> None:
    look.route(f"{busy.url}/_mock/**", lambda route: route.abort())
    expect(look.locator("#live")).to_have_text("The mock does not answer")
    look.unroute(f"{busy.url}/_mock/**")
    expect(look.locator("#live")).to_have_text("Live")
    phones.problems[:] = [one for one in phones.problems if "Failed to load" not in one]


def test_journal_that_is_off_is_told(tmp_path: Path, phones: Phones) -> None:
    with running(tmp_path, "--journal", "0") as mock:
        phones.origins.add(mock.url)
        page = phones.open(desktop=True)
        page.goto(f"{mock.url}/_mock/")
        expect(page.get_by_role("heading", name="No exchanges are kept")).to_be_visible()
        expect(page.locator("#live")).to_have_text("Live")
