"""Make the pictures of docs/journal.md: `python -m tests.browser.overview_pictures`. Look at them before they are kept.

The requests of a busy mock, with one of them in full, in the light; its fidelity, in the dark.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.mock import KEY, running
from tests.browser.screenshots import keep, shot
from tests.browser.test_overview import CREATE, send

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.mock import Mock

RESULT = "/volc/asset/GetVisualValidateResult"
SIZE = {"width": 1280, "height": 700}
SCALE = 1.15


def main() -> int:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        with running(Path(folder), "--public-url", "http://127.0.0.1:8080", "--seed", "picture") as mock:
            ask(mock)
            page = opened(browser, mock, "light")
            page.locator("#list tr").filter(has_text="body.schema").locator(".open").click()
            page.wait_for_timeout(300)
            keep("overview.png", shot(page))
            page = opened(browser, mock, "dark")
            page.locator("[data-view=fidelity]").click()
            page.wait_for_timeout(300)
            keep("overview-fidelity.png", shot(page))
        browser.close()
    return 0


def ask(mock: Mock) -> None:
    """Ask what an integrator asks in an hour."""
    made = mock.create("https://shop.example/verified?order=7")
    mock.group(made.token)
    send(mock, "/volc/asset/CreateVisualValidateSesion", {})
    send(mock, CREATE, {}, "Bearer sk-mock-expired")
    send(mock, CREATE, {}, "Basic YW5u")
    send(mock, RESULT, {"BytedToken": made.token}, f"Bearer {KEY}-bert")
    send(mock, CREATE, {"CallbackURL": 7})
    mock.post("/_mock/sessions/complete", {"BytedToken": made.token})
    mock.group(made.token)
    mock.create(None)


def opened(browser: Browser, mock: Mock, scheme: str) -> Page:
    """Open the page, with no animation under way."""
    context = browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type]
        device_scale_factor=SCALE,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{mock.url}/_mock/")
    page.wait_for_selector("[data-state=live]")
    return page


if __name__ == "__main__":
    sys.exit(main())
