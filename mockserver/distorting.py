"""What a fault makes of an answer that is ready to be sent: another body, another type, another status.

Which fault there is, and to which answer, is decided elsewhere; what happens on the way is done by who sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mockserver.exchange import Transport
from mockserver.faults import FAULTS, number
from mockserver.replies import encode

if TYPE_CHECKING:
    from typing import TypeAlias

    from mockserver.exchange import Kind
    from mockserver.faults import Wish
    from openapi.reading import Json

    Written: TypeAlias = tuple[int, bytes, str]

__all__ = ["distorted", "transport_of"]

HTML = b"""\
<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
</body>
</html>
"""
"""The page of a proxy that got no answer from what is behind it; a proxy in front of the vendor is inferred [I]."""


def distorted(wish: Wish, status: int, body: bytes, media_type: str) -> Written:
    """Make of an answer, its media type empty where it has no body, what the fault of a wish makes of it."""
    if status in (204, 304) and FAULTS[wish.fault].kind == "body":
        return status, body, media_type  # these have none, and what follows on the connection would be misread
    if wish.fault == "502-html":
        return status, HTML, "text/html"
    if wish.fault == "invalid-json":
        return status, body.rstrip()[:-1] or b"{", media_type or "application/json"
    if wish.fault == "empty-body":
        return status, b"", media_type
    if wish.fault == "wrong-content-type":
        return status, body, "text/plain"
    if wish.fault == "no-answer":
        detail = f"The mock held this request for {number(wish.seconds)} s, as it was asked to; nobody gave up."
        error: Json = {"error": {"message": detail, "type": "mock_error", "code": "no_answer"}}
        return 504, encode(error), "application/json"
    return status, body, media_type


def transport_of(wish: Wish) -> Transport | None:
    """Tell what has to happen on the answer's way."""
    if FAULTS[wish.fault].kind != "transport":
        return None
    return Transport(cast("Kind", wish.fault), wish.seconds)
