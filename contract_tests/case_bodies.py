"""Cases by the body of the request: such that the document allows, such that it forbids, and other media types."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from contract_tests.body_texts import chosen, type_sent, written_body
from contract_tests.case import case_group
from contract_tests.samples import broken_clauses, is_valid
from openapi.overlay import BASES
from openapi.samples import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.case import Case
    from contract_tests.plain_request import Body
    from contract_tests.targets import Ask
    from openapi.document import Node
    from openapi.operation import MediaType, Operation
    from openapi.reading import Json

__all__ = ["allowed_bodies", "forbidden_bodies", "other_media_types", "property_nodes", "with_body"]

JSON_TYPES: tuple[tuple[str, Json], ...] = (
    ("string", "{}"),  # text that a careless server reads as JSON once more
    ("integer", 7),
    ("number", 1.5),
    ("boolean", True),
    ("array", []),
    ("object", {}),
    ("null", None),
)
"""One value of each JSON type, by the name that it has in a case id."""

ASSEMBLED = "schema"
"""The name of the example that is put together from those of a schema's parts."""

FEW, SOME = 8, 40
"""So many properties are varied in every way, and so many at least in one; more tell nothing new, and take long."""

LONG = 4000
"""Characters of a long text: beyond what a careless buffer holds, below what a server may refuse as too large."""


def with_body(case: Case, body: Body) -> Case:
    """Give a case the body of a plain request."""
    return replace(case, ask=_with_raw(case.ask, body.raw or b"", body.kind), sent=body.value)


def _with_json(case: Case, media: MediaType, body: Json, content_type: str = "") -> Case:
    """Give a case another body of JSON. content_type: other than that of the media type."""
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return replace(case, ask=_with_raw(case.ask, raw, content_type or type_sent(media)), sent=body)


def _with_raw(ask: Ask, raw: bytes, content_type: str) -> Ask:
    others = tuple(pair for pair in ask.headers if pair[0].lower() != "content-type")
    return replace(ask, headers=(*others, ("Content-Type", content_type)), body=raw)


@case_group("body", "AFC502", "documented requests")
def allowed_bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Requests that the document allows are accepted.

    Your client may send any of them: its example, no body or `{}` where it may be, long and non-ASCII texts, an unknown
    property, a charset. A host that refuses one, or that cuts, decodes or normalises a text, breaks a caller that did
    nothing wrong.
    """
    yield base
    media = chosen(operation.body)
    if media is None:
        return
    if not operation.body_required and base.ask.body is not None:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() not in ("content-type", "accept"))
        ask = replace(base.ask, headers=bare, body=None)
        sentence = "The body is optional, as any request's Accept is: a request without them is accepted."
        yield replace(base, name="none", ask=ask, sent=Missing(), sentence=sentence)
    if not media.is_json:
        return
    if is_valid(media, {}):
        yield replace(_with_json(base, media, {}), name="empty-object", sentence="An empty object is accepted.")
    yield from _examples(media, base)
    body = base.sent
    if not isinstance(body, dict):
        return
    texts = [(name, value) for name, value in body.items() if isinstance(value, str)][:SOME]
    for number, (name, value) in enumerate(texts):
        others = _other_texts(value)
        for label, text in others if number < FEW else others[number % len(others) :][:1]:
            varied = {**body, name: text}
            if is_valid(media, varied):
                sentence = f"A value of {name} that is {label} is accepted: the document sets no limit."
                yield replace(_with_json(base, media, varied), name=f"{name}-{label}", sentence=sentence)
    extra = {**body, "x-contract-unknown": "x"}
    if is_valid(media, extra):
        sentence = "An unknown property is accepted: the document does not forbid it."
        yield replace(_with_json(base, media, extra), name="unknown-property", sentence=sentence)
    charset = _with_json(base, media, body, f"{type_sent(media)};charset=UTF-8")  # as widespread clients write it
    yield replace(charset, name="charset", sentence="The media type may carry a charset.")


def _examples(media: MediaType, base: Case) -> Iterator[Case]:
    """Give the other examples of a body: those that the document gives whole, so none put together from parts."""
    known = {json.dumps(base.sent, sort_keys=True)} if not isinstance(base.sent, Missing) else set()
    for name, value in media.examples.items():
        written = json.dumps(value, sort_keys=True)
        if name != ASSEMBLED and written not in known and is_valid(media, value):
            known.add(written)
            sentence = f"The documented example {name} is accepted."
            yield replace(_with_json(base, media, value), name=f"example-{name}", sentence=sentence)


def _other_texts(value: str) -> tuple[tuple[str, str], ...]:
    """Give texts that careless code changes, cuts or refuses, by the name that each has in a case id."""
    return ("non-ascii", _non_ascii(value)), ("odd", _odd(value)), ("long", _long(value)), ("empty", "")


def _odd(value: str) -> str:
    """Make a text that no decoding, escaping, sorting or normalising leaves as it is; of a URL, another URL."""
    if not value.startswith("http"):
        return f"{value} %41+&amp;'<\"\\>"
    _, _, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    return f"http://{host.upper()}{slash}{path.partition('?')[0]}/%7Ea%2Fb/../+/?z=1&a=%20&a='#Top"


def _non_ascii(value: str) -> str:
    """Make a text of every kind of character: composed and decomposed, of two to four bytes, and JSON's own."""
    return f'{value}{"&" if "?" in value else "?" if value.startswith("http") else " "}q=é-e\u0301-回-🙂-"\\-+'


def _long(value: str) -> str:
    joint = ("&" if "?" in value else "?") + "pad=" if value.startswith("http") else ""
    return value + joint + "x" * LONG


@case_group("invalid", "AFC503", "invalid bodies")
def forbidden_bodies(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies that the document forbids are refused.

    A mistake of your client has to be told to it. A host that takes a wrong type, or half of a JSON text, hides the
    mistake until it costs something, and creates what nobody asked for.
    """
    media = chosen(operation.body)
    if media is None:
        return
    base = replace(base, group="invalid", expect="invalid")
    body = base.sent if isinstance(base.sent, dict) else {}
    for name, value in _wrong_values(media, body) if media.is_json else ():
        sentence = f"{name.replace('-', ' as ', 1)} is refused."
        bases = [operation.origin(clause).basis for clause in broken_clauses(media, value)]
        basis = min(bases, key=BASES.index, default="documented")  # the best reason that there is to refuse it
        yield replace(_with_json(base, media, value), name=name, sentence=sentence, basis=basis)
    if operation.body_required:
        bare = tuple(pair for pair in base.ask.headers if pair[0].lower() != "content-type")
        ask = replace(base.ask, headers=bare, body=None)
        clause = f"{operation.node.pointer}/requestBody/required"
        yield replace(
            base,
            name="none",
            ask=ask,
            sent=Missing(),
            sentence="The body is required.",
            basis=operation.origin(clause).basis,
        )
    if not media.is_json:
        yield from _lacking_fields(operation, media, base)
        return
    text = json.dumps(body or {"x": "x"}).encode("ascii")
    loose = text[:-1] + b",}"
    garbled = text[:-2] + b'\xff\xfe"}' if text.endswith(b'"}') else b'{"x": "\xff\xfe"}'
    malformed = (
        ("truncated", b'{"x": ', base.basis, "Text that ends before its JSON does is refused."),
        ("not-json", b"CallbackURL=x", base.basis, "Text that is not JSON is refused."),
        ("trailing-comma", loose, base.basis, "Text that only a loose reader takes for JSON is refused."),
        # Most JSON readers replace such bytes without a word: a server that does is told of, not failed.
        ("not-utf8", garbled, "assumed", "Bytes that are not UTF-8 are refused (RFC 8259 8.1)."),
    )
    for name, raw, basis, sentence in malformed:
        ask = _with_raw(base.ask, raw, type_sent(media))
        yield replace(base, name=name, ask=ask, sent=Missing(), sentence=sentence, basis=basis)


def _lacking_fields(operation: Operation, media: MediaType, base: Case) -> Iterator[Case]:
    """Give the forms that lack a field which is required: types are all texts there."""
    body = base.sent if isinstance(base.sent, dict) else {}
    for name in list(body)[:FEW] if len(body) > 1 else ():
        value: Json = {known: kept for known, kept in body.items() if known != name}
        raw = None if is_valid(media, value) else written_body(media, value)
        if raw is not None:
            clauses = [operation.origin(clause).basis for clause in broken_clauses(media, value)]
            basis = min(clauses, key=BASES.index, default="documented")
            ask = _with_raw(base.ask, raw[1], raw[0])
            sentence = f"{name} is required: a body without it is refused."
            yield replace(base, name=f"{name}-missing", ask=ask, sent=value, sentence=sentence, basis=basis)


def _wrong_values(media: MediaType, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for label, wrong in _wrong_types(media, lambda wrong: wrong):
        yield f"body-{label}", wrong
    listed = media.said.get("required")
    required = [str(one) for one in listed] if isinstance(listed, list) else []
    members = property_nodes(media)
    names = sorted(members, key=lambda name: name not in required)
    for number, name in enumerate(names[:SOME]):
        assert media.schema is not None
        reached = media.schema.schemas.library.reached(members[name])
        member = None if reached is None else reached.value
        nullable = isinstance(member, dict) and member.get("nullable") is True
        first = 0 if number < FEW else number
        found = _wrong_types(media, lambda wrong, name=name: {**body, name: wrong}, first, may_be_null=nullable)  # type: ignore[misc]
        for label, value in found if number < FEW else islice(found, 1):
            yield f"{name}-{label}", value
    for lost in required[:SOME]:
        lacking: Json = {known: kept for known, kept in body.items() if known != lost}
        if lacking and not is_valid(media, lacking):  # an empty object has its case already, as a wrong body
            yield f"{lost}-missing", lacking


def _wrong_types(
    media: MediaType, place: Callable[[Json], Json], first: int = 0, *, may_be_null: bool = False
) -> Iterator[tuple[str, Json]]:
    """Give a value of each JSON type that is wrong in its place; of 7 and 1.5, one type in JSON, one will do.

    first: the number of the type to begin with. may_be_null: `nullable: true` beside an enum without null is read in
    two ways, so it is not tried.
    """
    labels: set[str] = set()
    first %= len(JSON_TYPES)
    for label, wrong in (*JSON_TYPES[first:], *JSON_TYPES[:first]):
        if label == "null" and may_be_null:
            continue
        value = place(wrong)
        if not is_valid(media, value) and not (label == "number" and "integer" in labels):
            labels.add(label)
            yield label, value


def property_nodes(media: MediaType) -> dict[str, Node]:
    """Give the properties that the schema of a media type names at its top."""
    if media.schema is None:
        return {}
    schemas = media.schema.schemas
    node = schemas.library.reached(media.schema.node)
    properties = node.get("properties") if node is not None and isinstance(node.value, dict) else None
    return dict(properties.members()) if properties is not None and isinstance(properties.value, dict) else {}


@case_group("media-type", "AFC504", "other media types")
def other_media_types(operation: Operation, base: Case) -> Iterator[Case]:
    """Bodies under a media type that the document does not name are refused.

    A host that reads them all the same guesses at their meaning, and the next one guesses otherwise.
    """
    if not operation.body or not base.ask.body:
        return
    base = replace(base, group="media-type", expect="invalid")
    for name, media_type in (
        ("text", "text/plain"),
        ("form", "application/x-www-form-urlencoded"),
    ):
        if operation.body_type(media_type) is None:
            sentence = f"A body of type {media_type}, which is not documented, is refused."
            yield replace(base, name=name, ask=_with_raw(base.ask, base.ask.body or b"", media_type), sentence=sentence)
