"""In which media types an operation can answer, and the one that an answer has when several would do.

It knows documents only: what the caller accepts is decided in `negotiation.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openapi.operation import MediaType, Operation

__all__ = ["concrete", "json_media", "media_of", "offered"]

_RANGES = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain",
           "image/*": "image/png", "audio/*": "audio/wav", "video/*": "video/mp4", "font/*": "font/woff2",
           "model/*": "model/stl", "message/*": "message/http", "multipart/*": "multipart/mixed"}  # fmt: skip
"""Range of media types -> the one that is sent for it."""


def concrete(name: str) -> str:
    """Give the media type that is sent for a documented one, which may be a range."""
    essence, _, parameters = name.partition(";")
    found = _RANGES.get(essence.strip().lower())
    if found is None and "*" in essence:  # `application/*+json` among others, which is no range of OpenAPI's
        found = essence.strip().replace("*", "x-example") if essence[:1] != "*" else "application/octet-stream"
    return found or (f"{essence.strip()};{parameters}" if parameters else essence.strip())


def offered(operation: Operation, status: int) -> tuple[str, ...]:
    """List the media types that a status can be answered with: those of JSON, then others, in document order."""
    response = operation.response(status)
    media_types = sorted(response.media_types, key=lambda one: not one.is_json) if response else []
    return tuple(dict.fromkeys(concrete(one.name) for one in media_types)) or ("application/json",)


def json_media(operation: Operation, status: int) -> MediaType | None:
    """Find the JSON media type of a documented response."""
    response = operation.response(status)
    media_types = response.media_types if response else ()
    return next((media for media in media_types if media.is_json or media.name in ("*/*", "application/*")), None)


def media_of(operation: Operation, status: int, wanted: str = "") -> MediaType | None:
    """Choose the media type of an answer: the wanted one, else JSON where there is any, else the first.

    None when it has no body.
    """
    response = operation.response(status)
    media_types = response.media_types if response else ()
    named = next((media for media in media_types if wanted and concrete(media.name) == wanted), None)
    return named or json_media(operation, status) or next(iter(media_types), None)
