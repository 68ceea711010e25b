"""From creating a session to the caller's own page, by touch, in every language, with and without script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from mockserver.sessions import OUTCOMES
from tests.browser.mock import KEY
from tests.browser.phone import choose, complete, consent, in_language, texts_of

if TYPE_CHECKING:
    from tests.browser.mock import Mock, Receiver
    from tests.browser.phone import Phones

LANGUAGES = [None, "en", "zh-Hant"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("language", LANGUAGES, ids=["zh", "en", "zh-Hant"])
def test_person_walks_the_whole_way(
    mock: Mock, receiver: Receiver, phones: Phones, language: str | None, outcome: str, script: bool
) -> None:
    texts = texts_of(language)
    made = mock.create(f"{receiver.url}/back?order=7&sign=a%2Fb%20c#part")
    page = phones.open(java_script_enabled=script)
    page.goto(in_language(made.link, language))
    consent(page, texts)
    choose(page, texts, outcome)
    assert mock.group(made.token) == "", "nothing counts before Complete"
    complete(page, texts)
    page.wait_for_url(f"{receiver.url}/**")

    path, query, headers = receiver.last()
    one = OUTCOMES[outcome]
    assert path == "/back"
    assert query == [
        ("order", "7"),
        ("sign", "a/b c"),
        ("bytedToken", made.token),
        ("resultCode", str(one.code)),
        ("algorithmBaseRespCode", str(one.sub_code)),
        ("reqMeasureInfoValue", str(one.billed)),
        ("verify_type", "real_time"),
    ]
    assert page.url.endswith("#part")
    assert "sign=a%2Fb%20c&" in page.url, "the caller's own query stays as it was written"
    assert "referer" not in headers
    assert "cookie" not in headers
    group = mock.group(made.token)
    assert re.fullmatch(r"group-\d{14}-[a-z0-9]{5}", group) if outcome == "pass" else group == ""
    assert mock.group(made.token) == group


def test_going_back_and_completing_again_finds_the_link_used(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/once")
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    complete(page, texts)
    page.wait_for_url(f"{receiver.url}/**")
    visits = len(receiver.visits)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.ends["used"].heading)
    answer = page.request.post(
        made.link.partition("?")[0],
        data=f"{made.link.partition('?')[2]}&outcome=fail",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 409
    assert len(receiver.visits) == visits
    assert mock.group(made.token).startswith("group-")


def test_second_tap_on_complete_does_not_get_in_the_way(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/twice")
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    button = page.get_by_role("button", name=texts.complete_button, exact=True)
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    for _ in range(2):
        page.touchscreen.tap(place["x"] + 50, place["y"] + 20)
    page.wait_for_url(f"{receiver.url}/twice?**")
    assert [request.method for request in phones.requests].count("POST") == 1


def test_link_leads_on_where_the_browser_does_not_go_by_itself(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/slow")
    page = phones.open()
    page.route(f"{receiver.url}/**", lambda route: route.fulfill(status=204))
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    with page.expect_request(f"{receiver.url}/slow?**"):
        complete(page, texts)
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.leaving_heading)
    page.unroute(f"{receiver.url}/**")
    page.get_by_role("link", name=texts.continue_link).tap()
    page.wait_for_url(f"{receiver.url}/slow?**")
    assert "referer" not in receiver.last()[2]


def test_callback_in_a_window_of_its_own_still_knows_its_opener(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/popup")
    page = phones.open()
    page.goto(f"{receiver.url}/shop")
    with page.expect_popup() as opened:
        page.evaluate("(link) => { window.open(link); }", in_language(made.link, "en"))
    popup = opened.value
    consent(popup, texts)
    choose(popup, texts, "pass")
    complete(popup, texts)
    popup.wait_for_url(f"{receiver.url}/popup?**")
    assert popup.evaluate("() => window.opener !== null") is True


def test_another_result_can_be_chosen_on_the_way(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/other")
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "fail")
    page.get_by_role("link", name=texts.choose_again).tap()
    choose(page, texts, "pass")
    complete(page, texts)
    page.wait_for_url(f"{receiver.url}/other?**")
    assert mock.group(made.token).startswith("group-")


def test_language_can_be_changed_on_every_step(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    made = mock.create(f"{receiver.url}/polyglot")
    page = phones.open()
    page.goto(made.link)
    for step in ("consent", "face", "result"):
        for language in ("en", "zh-Hant", "zh"):
            page.get_by_role("link", name=texts_of(language).name, exact=True).tap()
            expect(page.locator("html")).to_have_attribute("lang", texts_of(language).tag)
        if step == "consent":
            consent(page, texts_of("zh"))
        elif step == "face":
            choose(page, texts_of("zh"), "fail")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts_of("zh").outcomes["fail"].heading)


def test_keyboard_is_enough(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/keys")
    page = phones.open(desktop=True)
    page.goto(in_language(made.link, "en"))

    def reach(name: str) -> None:
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.closest('label, button, a')?.textContent.trim()") == name:
                outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                assert outline == "solid", "focus can be seen"
                return
        pytest.fail(f"{name!r} cannot be reached")

    reach(texts.agree)
    page.keyboard.press("Space")
    reach(texts.agree_button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.face_heading)
    page.locator("button[value=pass]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.outcomes["pass"].heading)
    reach(texts.complete_button)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{receiver.url}/keys?**")


def test_consent_is_asked_for_by_the_browser_itself(mock: Mock, phones: Phones) -> None:
    texts = texts_of("en")
    page = phones.open()
    page.goto(in_language(mock.create(None).link, "en"))
    page.get_by_role("button", name=texts.agree_button).tap()
    assert page.evaluate("() => document.querySelector('input[name=agree]').validity.valueMissing") is True
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.consent_heading)


def test_no_request_of_ours_carries_a_key(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    made = mock.create(f"{receiver.url}/quiet")
    page = phones.open()
    page.goto(in_language(made.link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    ours = [request for request in phones.requests if request.url.startswith(mock.url)]
    assert len(ours) >= 6
    for request in ours:
        assert KEY not in str(request.all_headers())
        assert not request.all_headers().get("referer")
        assert "pl=" not in request.url or "/authorization?" in request.url
