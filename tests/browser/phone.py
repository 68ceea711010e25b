"""A phone (or a desktop) in Chromium that notes what its page asks for and complains about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from mockserver.h5.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

    from mockserver.h5.texts import Texts

PHONE = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 2}

LISTEN = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


class Phones:
    """Opens pages and watches them. problems: sentences about what no page of ours may do."""

    def __init__(self, launch: Callable[..., Browser], origins: set[str]) -> None:
        self._launch = launch
        self._contexts: list[BrowserContext] = []
        self.origins = origins
        self.requests: list[Request] = []
        self.problems: list[str] = []

    def open(self, *flags: str, desktop: bool = False, **options: Any) -> Page:  # noqa: ANN401 - Playwright's own
        """Open a page on a new phone: 360x640 with touch, or what `options` say."""
        context = self._launch(*flags).new_context(**{**(DESKTOP if desktop else PHONE), **options})
        self._contexts.append(context)
        context.add_init_script(LISTEN)
        context.on("request", self._note)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.problems.append(f"error: {error.error}"))
        return context.new_page()

    def close(self) -> None:
        """Close everything."""
        for context in self._contexts:
            context.close()

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" not in self.origins and parts.scheme != "data":
            self.problems.append(f"a request to {parts.scheme}://{parts.netloc}")

    def _listen(self, message: ConsoleMessage) -> None:
        told_by_status = message.text.startswith("Failed to load resource") and "authorization?" in (
            message.location.get("url", "") + "?"
        )
        if message.type in ("error", "warning") and not told_by_status:
            self.problems.append(f"{message.type}: {message.text}")


def texts_of(language: str | None) -> Texts:
    """Give the texts of a link's `lng`."""
    return TEXTS[language or "zh"]


def in_language(link: str, language: str | None) -> str:
    """Append `lng` to a link, as upstream's document says; None leaves the link as it is."""
    return link if language is None else f"{link}&lng={language}"


def consent(page: Page, texts: Texts) -> None:
    """Agree to the terms."""
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.consent_heading)
    page.get_by_role("checkbox", name=texts.agree).tap()
    page.get_by_role("button", name=texts.agree_button).tap()


def choose(page: Page, texts: Texts, outcome: str) -> None:
    """Choose an outcome at the circle."""
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.face_heading)
    page.locator(f"button[value={outcome}]").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts.outcomes[outcome].heading)


def complete(page: Page, texts: Texts) -> None:
    """Tap Complete."""
    page.get_by_role("button", name=texts.complete_button, exact=True).tap()
