"""The receiver of the suite at the end of the phone page: a browser tells it the fragment that no server is sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contract_tests.receiver import FRAGMENT, OWN_QUERY, Receiver
from tests.browser.phone import choose, complete, consent, in_language, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.browser.mock import Mock


def test_a_real_browser_brings_everything_once_and_tells_its_fragment(
    mock: Mock, launch: Callable[..., Browser]
) -> None:
    receiver = Receiver()
    callback, page = receiver.callback, launch().new_page(has_touch=True)
    groups: list[str] = []
    try:
        made = mock.create(callback.url("create"))
        receiver.on_arrival = lambda _: groups.append(mock.group(made.token))
        page.goto(in_language(made.link, "en"))
        texts = texts_of("en")
        consent(page, texts)
        choose(page, texts, "pass")
        complete(page, texts)
        page.wait_for_url(f"{callback.base}/**")
        end = time.monotonic() + 10
        while callback.fragment("create") is None and time.monotonic() < end:
            page.wait_for_timeout(20)
    finally:
        page.close()
        receiver.stop()
    (came,) = callback.all()
    assert (came.method, came.header("referer"), callback.fragment("create")) == ("GET", "", FRAGMENT)
    assert came.query.startswith(f"{OWN_QUERY}&bytedToken={made.token}&")
    assert groups[0].startswith("group-"), "the group is there while the browser waits"
