"""Make the pictures of docs/reports.md: `python -m tests.browser.report_pictures`. Look at them before they are kept.

The report on a host that is wrong in two ways: on a desktop, and on a phone in the dark.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.screenshots import SCALE, keep, shot, side_by_side
from tests.wrong_servers.bodies import callback_made_up
from tests.wrong_servers.server import KEY, Host

if TYPE_CHECKING:
    from PIL import Image
    from playwright.sync_api import Browser, Page

PHONE = {"width": 360, "height": 700}
DESKTOP = {"width": 1180, "height": 900}


def main() -> int:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "report.html"
        with Host().running() as host, host.planting(callback_made_up) as url:
            command = [sys.executable, "-m", "contract_tests.cli", "-q", "--contract-target", url]
            command.append(f"--contract-html={report}")
            key = {**os.environ, "ANYFAST_API_KEY": KEY}
            subprocess.run(command, env=key, stdout=subprocess.DEVNULL, check=False)
        report.write_text(report.read_text(encoding="utf-8").replace(url, "http://127.0.0.1:9000"), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        keep("report.png", shot(opened(browser, report, DESKTOP, "light", 1.25)))
        keep("report-phone.png", side_by_side(phones(browser, report)))
        browser.close()
    return 0


def opened(browser: Browser, report: Path, size: dict[str, int], scheme: str, scale: float) -> Page:
    """Open the report."""
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=scale)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(report.as_uri())
    return page


def phones(browser: Browser, report: Path) -> list[Image.Image]:
    """Take the head, the items, the coverage and an exchange on a phone."""
    page = opened(browser, report, PHONE, "dark", SCALE)
    found = [shot(page)]
    for place in ("#items", "#coverage", "#exchange-1"):
        page.evaluate("place => { location.hash = place; }", place)
        page.evaluate("place => document.querySelector(place).scrollIntoView({ behavior: 'instant' })", place)
        found.append(shot(page))
    return found


if __name__ == "__main__":
    sys.exit(main())
