"""In which media types an operation can answer, and the one that an answer has when several would do.

It knows documents only: what the caller accepts is decided in `negotiation.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openapi.media_types import essence, fits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openapi.operation import MediaType, Operation

__all__ = ["BODILESS", "concrete", "in_range", "json_media", "media_of", "offered"]

BODILESS = frozenset({204, 205, 304})
"""Statuses whose answers have no content, whatever a document says (RFC 9110 15.3.5, 15.3.6 and 15.4.5)."""

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
    """List the media types that a status can be answered with: those of JSON, then others, in document order.

    None where the answer has no content: there is nothing to negotiate.
    """
    response = operation.response(status)
    if response is None or status in BODILESS:
        return ()
    media_types = sorted(response.media_types, key=lambda one: not one.is_json)
    return tuple(dict.fromkeys(concrete(one.name) for one in media_types))


def in_range(operation: Operation, status: int, wanted: Iterable[str]) -> str | None:
    """Choose the first of the wanted media types that is of a range which the document names, such as `text/*`.

    One in which the schema of the range says nothing, such as HTML for an object, is not chosen.
    """
    response = operation.response(status)
    ranges = [media for media in (response.media_types if response else ()) if "*" in media.name]
    fitting = ((name, media) for name in wanted for media in ranges if fits(essence(media.name), name))
    return next((name for name, media in fitting if replace(media, name=name).is_judged), None)


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
    if named is None and wanted:
        of_range = (media for media in media_types if "*" in media.name and fits(essence(media.name), wanted))
        named = next((replace(media, name=wanted) for media in of_range), None)
    return named or json_media(operation, status) or next(iter(media_types), None)
