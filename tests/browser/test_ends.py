"""Where the way ends otherwise: nowhere to go back to, a link that is used, expired or broken, a countdown at zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.mock import running
from tests.browser.phone import choose, complete, consent, in_language, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.mock import Mock, Receiver
    from tests.browser.phone import Phones

LANGUAGES = ["zh", "en", "zh-Hant"]


def walk(page: Page, link: str, language: str, outcome: str = "pass") -> None:
    """Go through all steps to the end."""
    texts = texts_of(language)
    page.goto(in_language(link, language))
    consent(page, texts)
    choose(page, texts, outcome)
    complete(page, texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_callback_the_page_says_that_it_can_be_closed(mock: Mock, phones: Phones, language: str) -> None:
    made = mock.create(None)
    page = phones.open()
    walk(page, made.link, language)
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).closing_heading)
    expect(page.get_by_role("status")).to_have_text(texts_of(language).closing)
    expect(page.get_by_role("link")).to_have_count(0)
    assert mock.group(made.token).startswith("group-")


@pytest.mark.parametrize(
    "callback_url",
    ["javascript:document.title='owned'", "data:text/html,<script>alert(1)</script>", "//127.0.0.1:1/x", "intent:x"],
)
def test_callback_that_is_no_http_address_is_never_opened(mock: Mock, phones: Phones, callback_url: str) -> None:
    made = mock.create(callback_url)
    page = phones.open()
    walk(page, made.link, "en")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of("en").closing_heading)
    expect(page.get_by_text(texts_of("en").not_gone)).to_be_visible()
    expect(page.locator("code")).to_have_text(callback_url)
    expect(page.get_by_role("link")).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.url.startswith(mock.url)
    assert "owned" not in page.title()
    assert mock.group(made.token).startswith("group-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_used_link_says_so(mock: Mock, phones: Phones, language: str) -> None:
    made = mock.create(None)
    page = phones.open()
    walk(page, made.link, language, "fail")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).closing_heading)
    response = page.goto(in_language(made.link, language))
    assert response is not None
    assert response.status == 409
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).ends["used"].heading)


@pytest.mark.parametrize("language", LANGUAGES)
def test_link_that_is_cut_says_so(mock: Mock, phones: Phones, language: str) -> None:
    link = mock.create(None).link.replace("pl=", "pl=x")
    page = phones.open()
    response = page.goto(in_language(link, language))
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).ends["unknown"].heading)


@pytest.fixture
def timed(tmp_path: Path, phones: Phones) -> Iterator[Mock]:
    """Give a mock whose clock this test may turn."""
    with running(tmp_path) as started:
        phones.origins.add(started.url)
        yield started


@pytest.mark.parametrize("language", LANGUAGES)
def test_expired_link_says_so(timed: Mock, phones: Phones, language: str) -> None:
    made = timed.create(None)
    page = phones.open()
    page.goto(in_language(made.link, language))
    expect(page.get_by_role("timer")).to_contain_text(":")
    timed.post("/_mock/clock", {"advance": 1801})
    response = page.reload()
    assert response is not None
    assert response.status == 410
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).ends["expired"].heading)


def test_countdown_ticks_and_ends_on_the_page_of_an_expired_link(tmp_path: Path, phones: Phones) -> None:
    texts = texts_of("en")
    with running(tmp_path, "--session-life", "5") as mock:
        phones.origins.add(mock.url)
        page = phones.open()
        page.goto(in_language(mock.create(None).link, "en"))
        consent(page, texts)
        shown = page.get_by_role("timer").inner_text()
        expect(page.get_by_role("timer")).not_to_have_text(shown)
        expect(page.locator("[data-minute-left]")).to_have_text(texts.minute_left)
        expect(page.get_by_role("heading", level=1)).to_have_text(texts.ends["expired"].heading, timeout=10_000)
        expect(page.get_by_role("button")).to_have_count(0)


def test_countdown_stands_still_with_the_clock_of_the_mock(timed: Mock, phones: Phones) -> None:
    made = timed.create(None)
    timed.post("/_mock/clock", {"freeze": True})
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    shown = page.get_by_role("timer").inner_text()
    page.wait_for_timeout(1500)
    assert page.get_by_role("timer").inner_text() == shown
    expect(page.get_by_text(texts_of("en").frozen)).to_be_visible()


def test_page_that_was_left_open_beyond_its_time_does_not_complete(
    timed: Mock, receiver: Receiver, phones: Phones
) -> None:
    texts = texts_of("en")
    made = timed.create(f"{receiver.url}/late")
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    timed.post("/_mock/clock", {"advance": 1801})
    complete(page, texts)
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.ends["expired"].heading)
    assert not [visit for visit in receiver.visits if "/late" in visit[0]]
