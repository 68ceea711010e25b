"""Wishes of callers that cannot add a header: at the end of the fake key, or as the host of the CallbackURL.

Both are made so that nothing real is ever meant: only keys of ours are looked at, and hosts below `mock.invalid`, which
no resolver knows (RFC 6761 section 6.4).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.credentials import ASKING
from mockserver.faults import NO_WISH, Wish, WrongWish, read_labels

if TYPE_CHECKING:
    from mockserver.faults import Channel
    from openapi.reading import Json
    from openapi.samples import Missing

__all__ = ["CALLBACK", "HOST", "asked_by_callback", "asked_by_key"]

CALLBACK = "CallbackURL"
"""Member of a body whose host is looked at."""

HOST = "mock.invalid"
"""What such a host ends with, in lower case: `https://delay-1.code-429.mock.invalid/done`."""

_URL = re.compile(r"https?://([^/?#@:\\]+)\.mock\.invalid\.?(?:[:/?#]|$)")


def asked_by_key(asks: str) -> Wish:
    """Read the end of a key from its `~~`: labels with `~` between them. Raises `WrongWish`."""
    return _read(asks.removeprefix(ASKING).split("~"), "key")


def asked_by_callback(body: Json | Missing) -> Wish:
    """Read the host of a body's CallbackURL; any other host, and none, ask for nothing. Raises `WrongWish`."""
    url = body.get(CALLBACK) if isinstance(body, dict) else None
    if not isinstance(url, str) or HOST not in url:
        return NO_WISH
    host = _URL.match(url)
    return NO_WISH if host is None else _read(host[1].split("."), "callback")


def _read(labels: list[str], channel: Channel) -> Wish:
    where = "end of the key" if channel == "key" else f"host of {CALLBACK}"
    try:
        wish = read_labels(labels)
    except WrongWish as error:
        raise WrongWish(f"The {where}: {error}") from None
    return replace(wish, channel=channel)
