"""The vendor's refusals, as data from the contract, rendered by one function.

`x-mock-replies` of a document names, by rule, the status and the body of a refusal. A rule without its own entry uses
that of the rule before its last dot. A document that has none answers with the example it documents for the status,
else with a body made from the schema that it documents, else with problem details (RFC 9457).
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mockserver.exchange import Answer
from openapi.document import DOCUMENTED, Node
from openapi.errors import ContractError
from openapi.media_types import essence, fits
from openapi.pointers import child
from openapi.samples import MISSING, Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openapi.contract import Contract
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

    Make = Callable[[Operation, int, MediaType], Json | Missing]
    """Makes the body of a documented response."""

__all__ = ["EXTENSION", "Replies", "Reply", "encode"]

EXTENSION = "x-mock-replies"
JSON = "application/json"
"""Content-Type of JSON answers, as documented. The gateway family adds a charset [G], which JSON does not have."""

_PLACEHOLDER = re.compile(r"\{(detail|field|request_id|method|path)\}")
STATUS = {
    "mock": 501,
    "mock.store": 503,
    "auth": 401,
    "route.path": 404,
    "route.method": 405,
    "accept": 406,
    "body.size": 413,
    "body.media_type": 415,
    "session": 404,
}
"""Rule -> status for a document that says nothing; everything else is 400."""

MESSAGES = ("message", "detail", "error_description", "errorMessage", "description", "reason", "title", "error")
"""Members of an error that a person reads, by how plainly they are named so."""

_MAY_BE_CODES = ("title", "error", "reason")
_DEEPEST_WORDS = 3
"""Levels of an error at which its words are looked for: `{"errors": [{"message": ...}]}` has them at the third."""

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(body: Json, *, pretty: bool = False) -> bytes:
    """Write JSON as UTF-8: compact, or indented for a person."""
    return (json.dumps(body, ensure_ascii=False, indent=2) + "\n" if pretty else _dumps(body)).encode("utf-8")


@dataclass(frozen=True, slots=True)
class Reply:
    """How a rule is answered. `because`: basis of the refusal; `basis`: that of the status and words.

    `fill`: whether the body is a template with placeholders; what a document gives is none. `told`: where in such a
    body the words for a person stand, which are then what was wrong; () when there are none.
    """

    status: int
    body: Json
    because: str
    basis: str
    media_type: str = JSON
    fill: bool = True
    told: tuple[str | int, ...] = ()

    def answer(self, values: Mapping[str, str], *, asked: bool = False) -> Answer:
        """Make the answer, the placeholders of its body filled. asked: whether somebody wanted to see the error."""
        if self.fill:
            return Answer(self.status, _fill(self.body, values))
        return Answer(self.status, self.body if asked else _with(self.body, self.told, values["detail"]))

    @property
    def tells(self) -> bool:
        """Whether its body has a place for what was wrong, or words of its own."""
        return self.fill or bool(self.told)


class Replies:
    """The refusals of a contract."""

    def __init__(self, contract: Contract, make: Make | None = None) -> None:
        self._make = make
        self._by_document = {
            document.uri: _declared(Node(document, "", document.tree)) for document in contract.documents
        }
        self._shared: dict[str, Reply] = {}
        for declared in self._by_document.values():
            self._shared = {**declared, **self._shared}
        self._bodies: dict[tuple[str, str], Json | Missing] = {}  # by their schema: most errors of a document share one
        self._found: dict[tuple[str, int], Reply] = {}

    def find(self, rule: str, operation: Operation | None) -> Reply:
        """Find the reply to a rule, for an operation or for a request that belongs to none."""
        key = (rule, id(operation))
        reply = self._found.get(key)
        if reply is None:
            reply = self._found[key] = _grounded(self._choose(rule, operation), operation)
        return reply

    def _choose(self, rule: str, operation: Operation | None) -> Reply:
        table = self._shared
        if operation is not None:  # a document without replies does not get those of another vendor
            table = self._by_document.get(operation.node.document.uri, self._shared)
        name = rule
        while name:
            if name in table:
                return table[name]
            name = name.rpartition(".")[0]
        return _documented(rule, operation) or self._made(rule, operation) or _problem(rule, operation)

    def _made(self, rule: str, operation: Operation | None) -> Reply | None:
        """Make a JSON body that the document's schema for the status allows; its message says what was wrong."""
        found = _described(rule, operation)
        media = next((one for one in found.media_types if _as_json(one)), None) if found else None
        if media is None or operation is None:
            return None
        if media.schema is None:
            return replace(_problem(rule, operation), media_type=_as_json(media))
        status = _status(rule, operation)
        schema = media.schema.schemas.library.reached(media.schema.node) or media.schema.node
        if schema.spot not in self._bodies:
            self._bodies[schema.spot] = self._make(operation, status, media) if self._make is not None else MISSING
        body = self._bodies[schema.spot]
        if isinstance(body, Missing):
            return None
        told = _words_of(body, media)
        return Reply(status, body, "documented", "documented", _as_json(media), fill=False, told=told)


def _grounded(reply: Reply, operation: Operation | None) -> Reply:
    """Let a refusal that the document asks for stand on what the document itself stands on there.

    That is the response with its status, if it has one, else the operation: of a reconstructed one nothing is
    documented.
    """
    if operation is None or reply.because != DOCUMENTED.basis:
        return reply
    response = operation.response(reply.status)
    node = operation.node if response is None else response.node
    return replace(reply, because=node.document.origin(node.pointer).basis)


def _declared(root: Node) -> dict[str, Reply]:
    table = root.get(EXTENSION)
    if table is None:
        return {}
    return {rule: _reply(rule, node) for rule, node in table.members()}


def _reply(rule: str, node: Node) -> Reply:
    mapping = node.mapping
    status = mapping.get("status")
    if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status <= 599:
        raise ContractError(f"The reply {rule!r} needs a 'status' from 400 to 599.", node.place, "Add 'status: 400'.")
    because = str(mapping.get("because", "assumed"))
    body = mapping.get("body")
    basis = node.document.origin(_first_words(child(node.pointer, "body"), body)).basis
    return Reply(status, body, because, basis)


def _first_words(pointer: str, body: Json) -> str:
    """Point at the first text of a body: an overlay may have replaced the words inside and not the body itself."""
    while isinstance(body, dict) and body:
        key, body = next(iter(body.items()))
        pointer = child(pointer, key)
    return pointer


def _documented(rule: str, operation: Operation | None) -> Reply | None:
    """Answer with the example that the document gives for the status, when it gives one as JSON."""
    response = _described(rule, operation)
    for media in response.media_types if response is not None else ():
        example = media.valid_example() if _as_json(media) else MISSING
        if not isinstance(example, Missing):
            status, told = _status(rule, operation), _words_of(example, media, example=True)
            return Reply(status, example, "documented", "example", _as_json(media), fill=False, told=told)
    return None


def _as_json(media: MediaType) -> str:
    """Name the type under which JSON goes as a media type: its own, or one in its range; '' where it is no JSON."""
    if media.is_json:
        return media.name
    return JSON if media.schema is not None and fits(essence(media.name), JSON) else ""


def _words_of(body: Json, media: MediaType, *, example: bool = False) -> tuple[str | int, ...]:
    """Find the words of an error that are for a person, where its schema allows others; () when there are none.

    example: whether a document gives it, so that a single word under `error` or `title` may well be a code.
    """
    level: list[tuple[tuple[str | int, ...], Json]] = [((), body)]
    for _ in range(_DEEPEST_WORDS):
        for path, value in level:
            members = value if isinstance(value, dict) else {}
            for name in MESSAGES:
                text = members.get(name)
                if not isinstance(text, str) or (example and name in _MAY_BE_CODES and " " not in text.strip()):
                    continue
                others = [_with(body, (*path, name), other) for other in ("x", "x" * 400)]
                if media.schema is None or not any(media.schema.check(other) for other in others):
                    return (*path, name)
        level = [((*path, step), inner) for path, value in level for step, inner in _inner(value)]
    return ()


def _inner(value: Json) -> list[tuple[str | int, Json]]:
    """Give what stands in a value: the members of an object, the first item of an array."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value[:1])) if isinstance(value, list) else []


def _with(body: Json, path: tuple[str | int, ...], text: str) -> Json:
    """Put a text at a place in a copy of a body; without a path, nothing is put anywhere."""
    if not path:
        return body
    copied = copy.deepcopy(body)
    holder = copied
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]
    holder[path[-1]] = text  # type: ignore[index]
    return copied


def _described(rule: str, operation: Operation | None) -> Response | None:
    """Find what the document says of the status; a `default` that is the only response describes the success."""
    if operation is None:
        return None
    response, success = operation.response(_status(rule, operation)), operation.success()
    return None if success is not None and response is success[1] else response


def _problem(rule: str, operation: Operation | None = None) -> Reply:
    from http import HTTPStatus  # 5 ms, and only for documents without replies

    status = _status(rule, operation)
    body: Json = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": "{detail}"}
    return Reply(status, body, "documented", "assumed", "application/problem+json")


def _status(rule: str, operation: Operation | None = None) -> int:
    """Give the status of a rule where no reply is declared: of 400, 415 and 422 one that the document knows."""
    status = _plain_status(rule)
    if status in (400, 415) and operation is not None and "fault" not in rule:
        documented = {one.status for one in operation.responses}
        if status == 415:
            return 400 if "400" in documented and not documented & {"415", "4XX", "default"} else 415
        return 422 if "422" in documented and "400" not in documented else 400
    return status


def _plain_status(rule: str) -> int:
    room, _, word = rule.partition(".")
    if room == "fault":
        return int(word[:3])  # an answer of the vocabulary of faults: its word begins with its status
    return STATUS.get(rule) or STATUS.get(room) or 400


def _fill(value: Json, values: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: values[found[1]], value) if "{" in value else value
    if isinstance(value, dict):
        return {key: _fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    return value
