"""What one sees: axe finds nothing, everything fits and can be tapped, motion can be stopped, a desktop has a code."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from mockserver.sessions import OUTCOMES
from tests.browser.mock import running
from tests.browser.phone import choose, complete, consent, in_language, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.mock import Mock, Receiver
    from tests.browser.phone import Phones

LANGUAGES = ["zh", "en", "zh-Hant"]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

RUN_AXE = """async () => {
  const result = await axe.run(document, { resultTypes: ["violations", "incomplete"] });
  const told = (one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target).join(", ")})`;
  return [...result.violations, ...result.incomplete].map(told);
}"""


def every_page(mock: Mock, receiver: Receiver, page: Page, language: str) -> Iterator[str]:
    """Show one of each page that a person can see, by name."""
    link = in_language(mock.create(f"{receiver.url}/back?order=7").link, language)
    step = f"{link}&agree=yes&step="
    for name, url in {"consent": link, "consent again": f"{link}&step=face", "face": f"{step}face"}.items():
        page.goto(url)
        yield name
    for outcome in OUTCOMES:
        page.goto(f"{step}result&outcome={outcome}")
        page.locator("summary").click()
        yield f"result {outcome}"
    page.route(f"{receiver.url}/**", lambda route: route.fulfill(status=204))
    complete(page, texts_of(language))
    expect(page.locator("meta[http-equiv]")).to_be_attached()
    yield "leaving"
    page.goto(link)
    yield "used"
    for callback_url in ("javascript:alert(1)", None):
        other = in_language(mock.create(callback_url).link, language)
        page.goto(f"{other}&agree=yes&step=result&outcome=pass")
        yield f"result with {callback_url}"
        complete(page, texts_of(language))
        expect(page.get_by_role("heading", level=1)).to_have_text(texts_of(language).closing_heading)
        yield f"closing with {callback_url}"
    page.goto(link.replace("pl=", "pl=x"))
    yield "unknown"
    late = in_language(mock.create(None).link, language)
    mock.post("/_mock/clock", {"advance": 1801})
    page.goto(late)
    yield "expired"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(mock: Mock, receiver: Receiver, phones: Phones, language: str, scheme: str) -> None:
    page = phones.open(color_scheme=scheme, bypass_csp=True)
    found = {}
    for name in every_page(mock, receiver, page, language):
        page.evaluate(AXE)
        if faults := page.evaluate(RUN_AXE):
            found[name] = faults
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_desktop(mock: Mock, phones: Phones, scheme: str) -> None:
    page = phones.open(desktop=True, color_scheme=scheme, bypass_csp=True)
    page.goto(in_language(mock.create(None).link, "en"))
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE) == []


def test_axe_would_find_something(phones: Phones) -> None:
    page = phones.open(bypass_csp=True)
    page.set_content("<html><title>x</title><body><img src='data:,'><button></button>")
    page.evaluate(AXE)
    assert {fault.partition(":")[0] for fault in page.evaluate(RUN_AXE)} >= {
        "image-alt",
        "button-name",
        "html-has-lang",
    }


@pytest.mark.parametrize("width", [320, 360, 768])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_every_target_can_be_tapped(
    mock: Mock, receiver: Receiver, phones: Phones, language: str, width: int
) -> None:
    page = phones.open(viewport={"width": width, "height": 640})
    for name in every_page(mock, receiver, page, language):
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, name
        small = page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, label")].filter((one) => {
              const box = one.getBoundingClientRect();
              return box.width < 44 || box.height < 44;
            }).map((one) => one.outerHTML)"""
        )
        assert small == [], name


def test_motion_stops_where_it_is_not_wanted(mock: Mock, phones: Phones) -> None:
    moving = {}
    for motion in ("no-preference", "reduce"):
        page = phones.open(reduced_motion=motion)
        page.goto(f"{in_language(mock.create(None).link, 'en')}&agree=yes&step=face")
        moving[motion] = page.evaluate("() => document.getAnimations().length")
    assert moving["no-preference"] > 0
    assert moving["reduce"] == 0


def test_desktop_shows_the_code_of_the_link_and_a_phone_does_not(tmp_path: Path, phones: Phones) -> None:
    texts = texts_of("en")
    with running(tmp_path, "--public-url", "http://192.0.2.7:8080/base") as mock:
        phones.origins.add(mock.url)
        made = mock.create(None)
        link = in_language(made.link, "en")
        assert link.startswith("http://192.0.2.7:8080/base/en/")
        here = link.replace("http://192.0.2.7:8080/base", mock.url)
        page = phones.open(desktop=True)
        page.goto(here)
        expect(page.get_by_role("heading", name=texts.phone_heading)).to_be_visible()
        picture = Image.open(io.BytesIO(page.get_by_role("img", name=texts.phone_code).screenshot()))
        (code,) = (one for one in zxingcpp.read_barcodes(picture) if one.format == zxingcpp.BarcodeFormat.QRCode)
        assert code.text == link
        expect(page.get_by_text("--public-url")).to_have_count(0)

        phone = phones.open()
        phone.goto(here)
        expect(phone.get_by_role("heading", level=1)).to_have_text(texts.consent_heading)
        expect(phone.get_by_text(texts.phone_heading)).to_be_hidden()


def test_desktop_says_that_a_phone_cannot_open_a_loopback_address(mock: Mock, phones: Phones) -> None:
    page = phones.open(desktop=True)
    page.goto(in_language(mock.create(None).link, "en"))
    host, port = mock.url.removeprefix("http://"), mock.url.rpartition(":")[2]
    expect(page.get_by_text(texts_of("en").phone_cannot.format(host=host))).to_be_visible()
    start = f"mockserver --host 0.0.0.0 --port {port} \\ --public-url"
    expect(page.locator(".phone code")).to_have_text(
        [f"{start} http://192.0.2.10:{port}", f"{start} https://192.0.2.10:{port} \\ --tls auto"]
    )


def test_desktop_can_go_all_the_way_too(mock: Mock, receiver: Receiver, phones: Phones) -> None:
    texts = texts_of("en")
    page = phones.open(desktop=True, has_touch=True)
    page.goto(in_language(mock.create(f"{receiver.url}/desk").link, "en"))
    consent(page, texts)
    choose(page, texts, "pass")
    complete(page, texts)
    page.wait_for_url(f"{receiver.url}/desk?**")
