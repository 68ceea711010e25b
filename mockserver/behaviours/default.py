"""The behaviour of an operation that has none of its own: it answers from the examples of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.exchange import Answer

if TYPE_CHECKING:
    from mockserver.behaviours import Call
    from openapi.operation import MediaType, Operation

__all__ = ["answer_from_document", "json_media"]


def answer_from_document(call: Call) -> Answer | None:
    """Answer with the lowest documented success and its first example that is valid; None when there is none."""
    chosen = call.operation.success()
    if chosen is None:
        return None
    status, response = chosen
    if not response.media_types:
        return Answer(status, None)
    media = json_media(call.operation, status)
    for example in media.examples.values() if media else ():
        if media is not None and (media.schema is None or not media.schema.check(example)):
            return Answer(status, example)
    return None


def json_media(operation: Operation, status: int) -> MediaType | None:
    """Find the JSON media type of a documented response."""
    response = operation.response(status)
    media_types = response.media_types if response else ()
    return next((media for media in media_types if "json" in media.name or media.name == "*/*"), None)
