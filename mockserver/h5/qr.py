"""What takes a link from a desktop to a phone: its QR code, and whether a phone could open it at all."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from markupsafe import Markup

__all__ = ["is_loopback", "qr_code"]


def qr_code(text: str) -> Markup | None:
    """Make the QR code of a text as an SVG element without a size, quiet zone included; None when it is too long.

    At the lowest error level: a screen is clean, and links are long.
    """
    import segno  # 20 ms, and not every page has a code

    try:
        code = segno.make(text, error="l", boost_error=False, micro=False)
    except segno.DataOverflowError:
        return None
    # Safe: an SVG of squares. The text is in it only as such.
    return Markup(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704


def is_loopback(url: str) -> bool:
    """Tell whether only this machine itself can open a URL."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
