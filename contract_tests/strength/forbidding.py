"""What the document itself forbids of an answer, and on which basis: decided without the suite's judge and invariants.

It asks the validators of the lower room (`openapi/schema.py`), which the judge does not: that a mutant is wrong must
not be decided by what is to find it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.strength.mutating import Kind, firmest
from openapi.errors import ContractError
from openapi.operation import essence
from openapi.pointers import child
from openapi.reading import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.strength.answers import Answer
    from openapi.operation import MediaType, Response

__all__ = ["forbidden"]


def forbidden(kind: Kind, answers: Iterable[Answer]) -> str:
    """Give the firmest basis on which the document forbids any of these answers; '' when it forbids none."""
    return firmest(basis for answer in dict.fromkeys(answers) for basis in _forbidden(kind, answer))


def _forbidden(kind: Kind, answer: Answer) -> Iterator[str]:
    if answer.error or kind.of_a_route:
        return
    response = kind.operation.response(answer.status)
    if response is None:
        yield kind.operation.origin(child(kind.operation.node.pointer, "responses")).basis
        return
    yield from _missing_headers(kind, response, answer)
    if not response.media_types:
        return
    content = response.node.document.origin(child(response.node.pointer, "content")).basis
    if not answer.body:
        yield content
        return
    media = _media(response, answer)
    if media is None:
        yield content
    elif media.is_json:
        yield from _broken_clauses(kind, media, answer, content)


def _missing_headers(kind: Kind, response: Response, answer: Answer) -> Iterator[str]:
    headers = response.node.get("headers")
    for name, entry in headers.members() if headers is not None else []:
        required = kind.operation.library.follow(entry).mapping.get("required") is True
        if required and answer.header(name) is None:
            yield entry.document.origin(entry.pointer).basis


def _media(response: Response, answer: Answer) -> MediaType | None:
    wanted = essence(answer.header("content-type") or "")
    return next((media for media in response.media_types if essence(media.name) in (wanted, "*/*")), None)


def _broken_clauses(kind: Kind, media: MediaType, answer: Answer, content: str) -> Iterator[str]:
    try:
        value = read_json(answer.body.decode("utf-8"), "the answer")
    except (ContractError, ValueError):
        yield content
        return
    if media.schema is not None:
        yield from (kind.operation.origin(violation.clause).basis for violation in media.schema.check(value))
