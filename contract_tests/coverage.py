"""Which clauses of the contract a run went to: by operation, status, media type, property and enum value.

`requested` and `asserted` stay apart: that something was sent does not mean that anybody looked at what it led to.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from contract_tests.event_parts import Covered
from contract_tests.events import CoverageMeasured, ExchangeMade, ItemSettled
from contract_tests.expectations import expected_statuses
from contract_tests.judge import body_of
from openapi.errors import ContractError
from openapi.operation import essence
from openapi.pointers import child, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.cases import Case
    from contract_tests.events import Event
    from contract_tests.targets import Ask, Exchange
    from openapi.contract import Contract
    from openapi.document import Library, Node
    from openapi.operation import MediaType, Operation, Response
    from openapi.reading import Json

__all__ = ["KINDS", "clause_key", "clauses_of", "clauses_touched", "is_large", "measure"]

KINDS = ("operation", "parameter", "status", "media type", "property", "enum value")
"""The kinds of clauses, the widest first."""

LARGE = 40
"""With more operations, the properties of bodies are not counted: of some documents they are hundreds of thousands."""

MANY = 200
"""So many members of one body are told apart, and so many items of an array are looked at."""

MOST = 5000
"""So many values of one body are looked at."""

Side: TypeAlias = Literal["request", "answer"]
Members: TypeAlias = dict[str, tuple[str, ...]]
Clause: TypeAlias = tuple[Side, str, str]
"""A clause of an operation: side, kind and name."""


# --- what there is ----------------------------------------------------------------------------------------------------


def is_large(contract: Contract) -> bool:
    """Tell whether the clauses of a contract are counted without properties and their values."""
    return len(contract.documented_operations) > LARGE


@lru_cache(maxsize=4096)
def clauses_of(operation: Operation, *, shallow: bool = False) -> tuple[Clause, ...]:
    """Name the clauses of an operation, those of the request first, the widest kinds first.

    shallow: without properties and their values.
    """
    asked: list[Clause] = [("request", "operation", operation.name)]
    asked += [("request", "parameter", f"{one.name} ({one.place})") for one in operation.parameters]
    asked += _media_clauses("request", "", operation.body, operation.library, shallow=shallow)
    answered: list[Clause] = [("answer", "status", one.status) for one in operation.responses]
    for response in operation.responses:
        prefix = f"{response.status} "
        answered += _media_clauses("answer", prefix, response.media_types, operation.library, shallow=shallow)
    found = dict.fromkeys([*asked, *answered])
    return tuple(sorted(found, key=lambda clause: (clause[0] == "answer", KINDS.index(clause[1]))))


def _media_clauses(
    side: Side, prefix: str, media_types: Iterable[MediaType], library: Library, *, shallow: bool
) -> Iterator[Clause]:
    for media in media_types:
        yield side, "media type", f"{prefix}{media.name}"
        for pointer, values in () if shallow else _members(media, library).items():
            yield side, "property", f"{prefix}{pointer}"
            for value in values:
                yield side, "enum value", f"{prefix}{pointer} = {value}"


def _members(media: MediaType, library: Library) -> Members:
    """Name the members that a schema tells of, by JSON pointer with `*` for any name or index, with listed values."""
    found: Members = {}
    if media.schema is not None and media.is_json:
        _collect(media.schema.node, library, "", (), found)
    found.pop("", None)
    return found


def _collect(node: Node, library: Library, at: str, within: tuple[tuple[str, str], ...], found: Members) -> None:
    """Collect the members of a schema; a schema within itself is looked at once."""
    try:
        node = library.follow(node)
    except ContractError:  # nothing uses this part, or the contract could not have been read
        return
    if not isinstance(node.value, dict) or node.spot in within or len(found) > MANY:
        return
    within = (*within, node.spot)
    listed = node.value.get("enum", [node.value["const"]] if "const" in node.value else [])
    values = tuple(json.dumps(value, ensure_ascii=False) for value in (listed if isinstance(listed, list) else []))
    found[at] = tuple(dict.fromkeys((*found.get(at, ()), *values)))
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = node.get(keyword)
        for part in parts.items() if parts is not None and isinstance(parts.value, list) else ():
            _collect(part, library, at, within, found)
    properties = node.get("properties")
    for name, member in properties.members() if properties is not None and isinstance(properties.value, dict) else ():
        _collect(member, library, child(at, name), within, found)
    for keyword in ("items", "additionalProperties"):
        inner = node.get(keyword)
        if inner is not None and isinstance(inner.value, dict):
            _collect(inner, library, f"{at}/*", within, found)


# --- what an exchange goes to -----------------------------------------------------------------------------------------


def clauses_touched(
    operation: Operation, exchange: Exchange, case: Case | None = None, *, shallow: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the clauses that an exchange requested, and those that its answer had, each as `clause_key` writes it.

    case: what was sent, if it is one: what it expects is requested, too. Cases that look beside the operation go to
    none of its clauses. shallow: properties and their values are none.
    """
    if case is not None and case.group in ("method", "path"):
        return (), ()
    known = clauses_of(operation, shallow=shallow)
    asked = {("request", "operation", operation.name), *_asked(operation, exchange.ask, shallow=shallow)}
    if case is not None:
        aims = {one.status for status in expected_statuses(case) if (one := operation.response(status)) is not None}
        asked |= {one for one in known if one[0] == "answer" and one[2].partition(" ")[0] in aims}
    came = set(_answered(operation, exchange, shallow=shallow))
    if case is None:  # of what expects nothing, what came is what was gone for
        asked |= came
    return (
        tuple(clause_key(*one) for one in known if one in asked),
        tuple(clause_key(*one) for one in known if one in came),
    )


def clause_key(side: Side, kind: str, name: str) -> str:
    """Write a clause as one text."""
    return f"{side} {kind} {name}"


def _asked(operation: Operation, ask: Ask, *, shallow: bool) -> Iterator[Clause]:
    query = ask.path.partition("?")[2]
    given = {pair.partition("=")[0] for pair in query.split("&")}
    for one in operation.parameters:
        in_place = {"query": one.name in given, "path": True, "header": ask.header(one.name) is not None}
        if in_place.get(one.place, False):
            yield "request", "parameter", f"{one.name} ({one.place})"
    media = operation.body_type(essence(ask.header("content-type") or "")) if ask.body is not None else None
    if media is not None:
        yield "request", "media type", media.name
        if not shallow:
            yield from _found("request", "", _members(media, operation.library), _read(ask.body))


def _answered(operation: Operation, exchange: Exchange, *, shallow: bool) -> Iterator[Clause]:
    response = operation.response(exchange.status) if exchange.status else None
    if response is None:
        return
    yield "answer", "status", response.status
    media = _media(response, exchange.header("content-type") or "")
    if media is not None and exchange.body:
        yield "answer", "media type", f"{response.status} {media.name}"
        if shallow:
            return
        try:
            value = body_of(exchange)
        except (ValueError, RecursionError):
            return
        yield from _found("answer", f"{response.status} ", _members(media, operation.library), value)


def _media(response: Response, content_type: str) -> MediaType | None:
    wanted = essence(content_type)
    for name in (wanted, f"{wanted.partition('/')[0]}/*", "*/*"):
        for media in response.media_types:
            if essence(media.name) == name:
                return media
    return None


def _read(raw: bytes | None) -> Json:
    try:
        value: Json = json.loads(raw or b"null")
    except (ValueError, RecursionError):
        return None
    return value


def _found(side: Side, prefix: str, known: Members, value: Json) -> Iterator[Clause]:
    """Name the known members that a value has, and which of their listed values; of a very large one, the first."""
    inner: dict[str, list[tuple[str, str]]] = {}
    for pointer in known:
        parent, _, name = pointer.rpartition("/")
        inner.setdefault(parent, []).append((tokens(f"/{name}")[0], pointer))
    waiting = deque([("", value)])
    for _ in range(MOST):
        if not waiting:
            return
        at, value = waiting.popleft()
        if at:
            yield side, "property", f"{prefix}{at}"
        if known.get(at):
            yield side, "enum value", f"{prefix}{at} = {json.dumps(value, ensure_ascii=False)}"
        for name, pointer in inner.get(at, ()):
            if name == "*" and isinstance(value, dict | list):
                members = value.values() if isinstance(value, dict) else value
                waiting.extend((pointer, member) for member in islice(members, MANY))
            elif isinstance(value, dict) and name in value:
                waiting.append((pointer, value[name]))


# --- the measure ------------------------------------------------------------------------------------------------------


def measure(contract: Contract, events: Iterable[Event]) -> CoverageMeasured:
    """Count, for every clause, the requests that went to it and the answers about it that were judged.

    Of a large contract only operations that were gone to.
    """
    large = is_large(contract)
    requested: Counter[tuple[str, str]] = Counter()
    asserted: Counter[tuple[str, str]] = Counter()
    made: dict[str, ExchangeMade] = {}
    judged: set[str] = set()
    for event in events:
        if isinstance(event, ExchangeMade):
            made.setdefault(event.name, event)
        elif isinstance(event, ItemSettled) and event.verdict in ("passed", "failed", "warned"):
            judged |= set(event.judged)
    for name, one in made.items():
        if one.sent:
            requested.update((one.operation, key) for key in one.requested)
        if name in judged and one.status:
            of_request = (key for key in one.requested if key.startswith("request "))
            asserted.update((one.operation, key) for key in (*of_request, *one.answered))
    gone_to = {one.operation for one in made.values()}
    clauses = []
    chosen = set(contract.documented_operations)
    for operation in contract.operations:
        if operation.id not in gone_to and (large or operation not in chosen):
            continue  # nobody promised it, and nobody went there
        for side, kind, name in clauses_of(operation, shallow=large):
            key = (operation.id, clause_key(side, kind, name))
            clauses.append(Covered(operation.id, side, kind, name, requested[key], asserted[key]))
    return CoverageMeasured(tuple(clauses))
