"""The camera: its picture is shown and goes nowhere; without one there is a drawing, and a sentence why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.phone import choose, consent, in_language, texts_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.mock import Mock
    from tests.browser.phone import Phones

FAKE_CAMERA = "--use-fake-device-for-media-stream"
ALLOW = "--use-fake-ui-for-media-stream"
REFUSE = "--use-fake-ui-for-media-stream=deny"

TEXTS = texts_of("en")


def look(page: Page, link: str) -> None:
    """Go to the circle."""
    page.goto(in_language(link, "en"))
    consent(page, TEXTS)
    expect(page.get_by_role("heading", level=1)).to_have_text(TEXTS.face_heading)


def test_camera_is_shown_and_nothing_of_it_is_sent(mock: Mock, phones: Phones) -> None:
    page = phones.open(FAKE_CAMERA, ALLOW)
    look(page, mock.create(None).link)
    expect(page.locator("video")).to_be_visible()
    expect(page.locator(".drawing")).to_be_hidden()
    expect(page.get_by_text(TEXTS.camera_live)).to_be_visible()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    tracks = page.evaluate("() => document.querySelector('video').srcObject.getTracks().map((track) => track.kind)")
    assert tracks == ["video"]
    before = len(phones.requests)
    page.wait_for_timeout(1000)
    assert len(phones.requests) == before
    for request in phones.requests:
        assert (request.method, request.post_data) == ("GET", None)
    choose(page, TEXTS, "pass")


def test_camera_is_let_go_when_the_page_is_left(mock: Mock, phones: Phones) -> None:
    page = phones.open(FAKE_CAMERA, ALLOW)
    look(page, mock.create(None).link)
    expect(page.locator("video")).to_be_visible()
    state = page.evaluate(
        """() => {
          const video = document.querySelector("video");
          const [track] = video.srcObject.getTracks();
          const before = track.readyState;
          dispatchEvent(new PageTransitionEvent("pagehide"));
          return [before, track.readyState, video.srcObject];
        }"""
    )
    assert state == ["live", "ended", None]


def test_camera_that_breaks_off_gives_way_to_the_drawing(mock: Mock, phones: Phones) -> None:
    page = phones.open(FAKE_CAMERA, ALLOW)
    look(page, mock.create(None).link)
    expect(page.locator("video")).to_be_visible()
    page.evaluate("() => document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".drawing")).to_be_visible()
    expect(page.get_by_text(TEXTS.camera_missing)).to_be_visible()


def refused(phones: Phones) -> Page:
    return phones.open(FAKE_CAMERA, REFUSE)


def missing(phones: Phones) -> Page:
    return phones.open()


def scriptless(phones: Phones) -> Page:
    return phones.open(FAKE_CAMERA, ALLOW, java_script_enabled=False)


@pytest.mark.parametrize(
    ("open_page", "sentence"),
    [
        (refused, TEXTS.camera_refused),
        (missing, TEXTS.camera_missing),
        (scriptless, TEXTS.camera_noscript),
    ],
)
def test_without_a_camera_there_is_a_drawing_and_a_sentence_why(
    mock: Mock, phones: Phones, open_page: object, sentence: str
) -> None:
    assert callable(open_page)
    page = open_page(phones)
    look(page, mock.create(None).link)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("img", name=TEXTS.drawing)).to_be_visible()
    expect(page.locator("video")).to_be_hidden()
    choose(page, TEXTS, "pass")


def test_page_that_is_not_secure_says_that_the_camera_needs_https(mock: Mock, phones: Phones) -> None:
    link = mock.create(None).link.replace("127.0.0.1", "mock.example")
    phones.origins.add(mock.url.replace("127.0.0.1", "mock.example"))
    page = phones.open(FAKE_CAMERA, ALLOW)
    look(page, link)
    expect(page.get_by_text(TEXTS.camera_insecure)).to_be_visible()
    expect(page.get_by_role("img", name=TEXTS.drawing)).to_be_visible()
    choose(page, TEXTS, "pass")
