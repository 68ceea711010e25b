"""The behaviour of an operation that has none of its own: it answers from the examples of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.exchange import Answer
from openapi.samples import MISSING, Missing

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
    media = json_media(call.operation, status, call.media_type)
    example = MISSING if media is None else media.valid_example()
    return None if isinstance(example, Missing) else Answer(status, example)


def json_media(operation: Operation, status: int, wanted: str = "") -> MediaType | None:
    """Find the JSON media type of a documented response: the wanted one, else the first."""
    response = operation.response(status)
    media_types = response.media_types if response else ()
    named = next((media for media in media_types if media.name == wanted), None)
    return named or next(
        (media for media in media_types if media.is_json or media.name in ("*/*", "application/*")), None
    )
