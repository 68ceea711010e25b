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

from tests.browser.mock import running
from tests.browser.screenshots import keep, shot
from tests.browser.test_overview import CREATE, ask_around, send

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.mock import Mock

SIZE = {"width": 1180, "height": 760}
SCALE = 1.25


def main() -> int:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        with running(
            Path(folder), "--public-url", "http://127.0.0.1:8080", "--clock", "2026-07-02T22:15:26+08:00"
        ) as mock:
            for body in ({"CallbackURL": 7}, {}):
                send(mock, CREATE, body)
            send(mock, CREATE, {}, "Bearer sk-mock-expired")
            send(mock, "/volc/asset/CreateVisualValidateSesion", {})
            ask_around(mock)
            page = opened(browser, mock, "light")
            page.locator("#list tr").filter(has_text="auth.state.expired").locator(".open").click()
            page.wait_for_timeout(300)
            keep("overview.png", shot(page))
            page = opened(browser, mock, "dark")
            page.locator("[data-view=fidelity]").click()
            page.wait_for_timeout(300)
            keep("overview-fidelity.png", shot(page))
        browser.close()
    return 0


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
