"""The behaviour of an operation that has none of its own: it answers from its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.credentials import Refusal
from mockserver.offering import media_of

if TYPE_CHECKING:
    from mockserver.behaviours import Call
    from mockserver.exchange import Answer
    from mockserver.generating.answering import Answers

__all__ = ["answer_from_document"]


def answer_from_document(call: Call, answers: Answers) -> Answer | Refusal:
    """Answer with the lowest documented success: an example of it that is valid, else what its schema allows."""
    operation = call.operation
    chosen = operation.success()
    if chosen is None:
        what = f"{operation.name} documents no success to answer with; document one with an overlay."
        return Refusal("mock.no_example", what)
    status = chosen[0]
    return answers.answer(operation, status, media_of(operation, status, call.media_type), call.parameters, call.body)
