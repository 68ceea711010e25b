"""Make the pictures of docs/phone-page.md: `python -m tests.browser.screenshots`. Look at them before they are kept.

The steps of each language side by side, the ends, a failure in the dark, and a desktop; few colours, so that they are
small.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from tests.browser.mock import running
from tests.browser.phone import in_language

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.mock import Mock

FOLDER = Path(__file__).parents[2] / "docs" / "images"
CALLBACK = "https://shop.example/verified?order=7"
SIZE = {"width": 360, "height": 740}
SCALE = 2
GAP = 28 * SCALE
RADIUS = 22 * SCALE
GROUND = "#e4e9f0"
COLOURS = 256


def main() -> int:
    """Write the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        with running(Path(folder), "--public-url", "http://192.168.1.20:8080") as mock:
            for language in ("zh", "zh-Hant", "en"):
                keep(f"phone-page-{language}.png", side_by_side(steps(browser, mock, language)))
            keep("phone-page-ends.png", side_by_side(ends(browser, mock)))
            keep("phone-page-desktop.png", desktop(browser, mock))
        browser.close()
    return 0


def here(mock: Mock, callback_url: str | None, language: str) -> str:
    """Create a session and give its link, at the address where the mock listens."""
    link = in_language(mock.create(callback_url).link, language)
    return link.replace("http://192.168.1.20:8080", mock.url)


def phone(browser: Browser, scheme: str = "light") -> Page:
    """Open a phone whose callback leads nowhere, so that the page before it stays."""
    context = browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type]
        device_scale_factor=SCALE,
        is_mobile=True,
        has_touch=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.route("https://shop.example/**", lambda route: route.fulfill(status=204))
    return page


def shot(page: Page) -> Image.Image:
    """Take what the phone shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def steps(browser: Browser, mock: Mock, language: str) -> list[Image.Image]:
    """Go all the way and take each step."""
    page = phone(browser)
    found = []
    page.goto(here(mock, CALLBACK, language))
    page.get_by_role("checkbox").tap()
    page.evaluate("document.activeElement.blur()")
    found.append(shot(page))
    page.locator("form button").tap()
    page.wait_for_selector("[data-camera=missing]:not([hidden])")
    found.append(shot(page))
    page.locator("button[value=pass]").tap()
    page.wait_for_selector(".verdict")
    found.append(shot(page))
    page.locator("form button").tap()
    page.wait_for_selector(".spinner")
    found.append(shot(page))
    return found


def ends(browser: Browser, mock: Mock) -> list[Image.Image]:
    """Take a failure and the ends, in the dark."""
    page = phone(browser, "dark")
    found = []
    link = here(mock, None, "zh")
    page.goto(f"{link}&agree=yes&step=result&outcome=fail")
    found.append(shot(page))
    page.locator("form button").tap()
    page.wait_for_selector(".sign")
    page.goto(link)
    found.append(shot(page))
    page.goto(link.replace("pl=", "pl=x").replace("lng=zh", "lng=zh-Hant"))
    found.append(shot(page))
    late = here(mock, None, "en")
    mock.post("/_mock/clock", {"advance": 1801})
    page.goto(late)
    found.append(shot(page))
    return found


def desktop(browser: Browser, mock: Mock) -> Image.Image:
    """Take the first step on a desktop."""
    page = browser.new_context(viewport={"width": 1100, "height": 760}, device_scale_factor=1.5).new_page()
    page.goto(here(mock, CALLBACK, "en"))
    return shot(page)


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Put pictures next to each other, with round corners."""
    width, height = pictures[0].size
    whole = Image.new("RGB", (len(pictures) * (width + GAP) + GAP, height + 2 * GAP), GROUND)
    corner = Image.new("L", (width, height), 0)
    ImageDraw.Draw(corner).rounded_rectangle((0, 0, width - 1, height - 1), RADIUS, fill=255)
    for number, picture in enumerate(pictures):
        whole.paste(picture, (GAP + number * (width + GAP), GAP), corner)
    return whole


def keep(name: str, picture: Image.Image) -> None:
    """Write a picture in few colours."""
    small = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
